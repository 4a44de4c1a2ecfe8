//! One configuration with every resource and every data source: applied, planned empty, changed in place, planned empty and
//! destroyed.

use std::collections::BTreeSet;

use mock_cloud::Options;
use serde_json::Value;

use super::{World, fills_in, on_every_cli};
use crate::cli::Cli;

/// A public key of which nobody has the other half.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What a change changes, with both values: each resource but the login has something that changes in place.
const CHANGES: [(&str, &str, &str); 9] = [
    ("STORAGE_SIZE", "100", "150"),
    ("NETWORK_NAME", "lab", "den"),
    ("TEMPLATE_SIZE", "60", "80"),
    ("NOTE", "for the night", "for the day"),
    ("SYSTEM_DISK", "false", "true"),
    ("MODE", "serve", "test"),
    ("MOST_WORKERS", "2", "3"),
    ("COMMENT", "me@laptop", "me@desktop"),
    ("POWER", "running", "stopped"),
];

/// The calls by which that happens; another comment is the same key.
const CALLS: [&str; 8] = [
    "/endpoint/update",
    "/gpu/instance/setAutoMigrate",
    "/gpu/instance/upgrade",
    "/image/prewarm/edit",
    "/network/update",
    "/networkstorage/update",
    "/stop",
    "/template/update",
];

const RESOURCES: &str = r#"
resource "novita_network_storage" "data" {
  cluster_id = "7"
  name       = "data"
  size       = STORAGE_SIZE
}

resource "novita_network" "lab" {
  cluster_id = "7"
  name       = "NETWORK_NAME"
}

resource "novita_registry_auth" "ghcr" {
  name     = "ghcr.io"
  username = "acme-bot"
  password = "hunter-3a"
}

resource "novita_template" "trainer" {
  name        = "trainer"
  image       = "ghcr.io/acme/trainer:1.4"
  rootfs_size = TEMPLATE_SIZE
  ports       = ["8080/http", "22/tcp"]
}

resource "novita_image_prewarm" "trainer" {
  cluster_id       = "7"
  image_url        = novita_template.trainer.image
  registry_auth_id = novita_registry_auth.ghcr.id
  note             = "NOTE"
}

resource "novita_gpu_instance" "trainer" {
  name                     = "trainer"
  product_id               = "4090.16c62g"
  gpu_num                  = 1
  rootfs_size              = 60
  image_url                = novita_image_prewarm.trainer.image_url
  image_auth_id            = novita_registry_auth.ghcr.id
  cluster_id               = novita_network.lab.cluster_id
  network_id               = novita_network.lab.id
  network_storages         = [{ id = novita_network_storage.data.id, mount_point = "/data" }]
  ports                    = novita_template.trainer.ports
  auto_migrate             = true
  auto_migrate_system_disk = SYSTEM_DISK
}

resource "novita_cpu_instance" "gateway" {
  name       = "gateway"
  product_id = "cpu.4c8g"
  image_url  = "docker.io/library/nginx:1.27"
  ports      = ["80/http"]
  envs       = { MODE = "MODE" }
}

resource "novita_endpoint" "llm" {
  name          = "llm"
  product_ids   = ["SL-serverless-3"]
  port          = 8000
  worker_config = { min_num = 0, max_num = MOST_WORKERS, free_timeout = 300, max_concurrent = 1, gpu_num = 1 }
  policy        = { type = "queue", value = 60 }
  image         = { image = "ghcr.io/acme/llm:2", auth_id = novita_registry_auth.ghcr.id }
  healthy       = { path = "/health" }
}

resource "novacloud_ssh_key" "ci" {
  provider   = novita
  public_key = "KEY COMMENT"
  label      = "ci"
}

resource "novacloud_vm" "trainer" {
  provider       = novita
  node           = "vm02"
  gpu_type       = "5090"
  gpu_count      = 1
  storage_gb     = 100
  template_vmid  = 101
  ssh_key_id     = novacloud_ssh_key.ci.id
  desired_status = "POWER"
}
"#;

/// Data sources that read the catalogue and the account, with what they need to be told.
const CATALOGUE: [(&str, &str); 11] = [
    ("novacloud_account", ""),
    ("novacloud_offers", ""),
    ("novacloud_pricing", ""),
    ("novita_balance", ""),
    ("novita_clusters", ""),
    ("novita_cpu_products", ""),
    ("novita_endpoint_limits", ""),
    ("novita_endpoint_products", ""),
    ("novita_gpu_products", ""),
    ("novita_templates", ""),
    (
        "novacloud_reservation_quote",
        "gpu_type = \"5090\"\n  gpu_count = 1\n  storage_gb = 100\n  reservation_months = 1",
    ),
];

/// Data sources that show one resource by its id.
const SINGULAR: [&str; 10] = [
    "novita_network_storage.data",
    "novita_network.lab",
    "novita_registry_auth.ghcr",
    "novita_template.trainer",
    "novita_image_prewarm.trainer",
    "novita_gpu_instance.trainer",
    "novita_cpu_instance.gateway",
    "novita_endpoint.llm",
    "novacloud_ssh_key.ci",
    "novacloud_vm.trainer",
];

/// Data sources that list resources: the type, what it lists, and the attribute that holds them.
const PLURAL: [(&str, &str, &str); 8] = [
    ("novita_network_storages", "novita_network_storage.data", "network_storages"),
    ("novita_networks", "novita_network.lab", "networks"),
    ("novita_registry_auths", "novita_registry_auth.ghcr", "registry_auths"),
    ("novita_image_prewarms", "novita_image_prewarm.trainer", "image_prewarms"),
    ("novita_gpu_instances", "novita_gpu_instance.trainer", "gpu_instances"),
    ("novita_cpu_instances", "novita_cpu_instance.gateway", "cpu_instances"),
    ("novita_endpoints", "novita_endpoint.llm", "endpoints"),
    ("novacloud_vms", "novacloud_vm.trainer", "vms"),
];

/// A data source that is read once all resources are as configured: what is rented takes stock and money.
fn data(kind: &str, body: &str) -> String {
    let all = SINGULAR.join(", ");
    format!("data \"{kind}\" \"this\" {{\n  provider = novita\n  depends_on = [{all}]\n  {body}\n}}\n")
}

/// All of it, before the change or after it.
fn configuration(changed: bool) -> String {
    let mut resources = RESOURCES.replace("KEY COMMENT", &format!("{KEY} COMMENT"));
    for (name, before, after) in CHANGES {
        // `MODE` is the name of the variable, too.
        let (from, to) = match name {
            "MODE" => (format!("\"{name}\""), format!("\"{}\"", if changed { after } else { before })),
            _ => (name.to_owned(), if changed { after } else { before }.to_owned()),
        };
        resources = resources.replace(&from, &to);
    }
    let catalogue = CATALOGUE.iter().map(|(kind, body)| data(kind, body));
    let singular =
        SINGULAR.iter().map(|it| data(it.split_once('.').expect("an address").0, &format!("id = {it}.id")));
    let plural = PLURAL.iter().map(|(kind, ..)| data(kind, ""));
    let listed = PLURAL.iter().map(|(kind, _, found)| {
        format!("    {kind} = {{ for it in data.{kind}.this.{found} : it.id => it }}\n")
    });
    let shown = SINGULAR.iter().map(|it| {
        let kind = it.split_once('.').expect("an address").0;
        format!("    {kind} = data.{kind}.this\n")
    });
    let read = CATALOGUE.iter().map(|(kind, _)| format!("    {kind} = data.{kind}.this\n"));
    let outputs = listed.chain(shown).chain(read).collect::<String>();
    let outputs = format!("output \"seen\" {{\n  sensitive = true\n  value = {{\n{outputs}  }}\n}}\n");
    resources + &catalogue.chain(singular).chain(plural).collect::<String>() + &outputs
}

#[test]
fn everything_lives_in_one_configuration_on_a_plain_platform() {
    on_every_cli(|cli| live(cli, Options::default()));
}

#[test]
fn everything_lives_in_one_configuration_on_a_platform_that_fills_in() {
    on_every_cli(|cli| live(cli, fills_in()));
}

fn live(cli: &Cli, options: Options) {
    let is_plain = options.platform.is_plain();
    let world = World::with(cli, &configuration(false), options);
    has_every_type(&world, cli);
    let there = |world: &World| {
        let all = world.cloud.with_novita(|it| {
            [it.storages.len(), it.networks.len(), it.registry_auths.len(), it.prewarms.len()]
        });
        (all, world.cloud.templates().len(), world.cloud.ssh_keys().len())
    };
    let seeded = there(&world);
    world.workspace.apply().says(&["10 added, 0 changed, 0 destroyed"]);
    world.workspace.assert_nothing_to_do();
    shows_what_it_has(&world, is_plain);

    let before = world.changes().len();
    world.configure(&configuration(true));
    world.workspace.apply().says(&["0 added, 8 changed, 0 destroyed"]);
    world.workspace.assert_nothing_to_do();
    shows_what_it_has(&world, is_plain);
    let mut calls = world.changes_since(before);
    calls.sort_unstable();
    for (call, expected) in calls.iter().zip(CALLS) {
        assert!(call.ends_with(expected), "{calls:#?}");
    }
    assert_eq!(calls.len(), CALLS.len(), "{calls:#?}");

    world.workspace.destroy().says(&["10 destroyed"]);
    assert!(world.cloud.alive().is_empty());
    assert_eq!(there(&world), seeded);
}

/// Whoever adds a type adds it here.
fn has_every_type(world: &World, cli: &Cli) {
    let schemas = world.workspace.run(&["providers", "schema", "-json"]).succeeded().json();
    let schemas = &schemas["provider_schemas"][format!("{}/novita/novita", cli.default_host)];
    let types = |of: &str| schemas[of].as_object().expect("schemas").keys().cloned().collect::<BTreeSet<_>>();
    let configuration = configuration(false);
    let configured = |block: &str| {
        let lines = configuration.lines().filter_map(|it| it.strip_prefix(block));
        lines.filter_map(|it| it.split('"').nth(1)).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    assert_eq!(configured("resource "), types("resource_schemas"));
    assert_eq!(configured("data "), types("data_source_schemas"));
}

/// Each data source shows what the state has of the resource; a platform that fills in may show it in another form.
fn shows_what_it_has(world: &World, is_plain: bool) {
    let seen = world.workspace.run(&["output", "-json", "seen"]).succeeded().json();
    let state = |address: &str| {
        let (kind, name) = address.split_once('.').expect("an address");
        world.workspace.in_state(kind, name)["attributes"].clone()
    };
    for (kind, address, _) in PLURAL {
        let managed = state(address);
        let listed = &seen[kind][managed["id"].as_str().expect("an id")];
        agrees(&format!("an element of {kind}"), &managed, listed, is_plain);
    }
    for address in SINGULAR {
        let kind = address.split_once('.').expect("an address").0;
        agrees(address, &state(address), &seen[kind], is_plain);
    }
    assert!(!seen.to_string().contains("hunter-3a"), "the password is shown");
}

/// What is known of a resource is shown of it.
fn agrees(what: &str, managed: &Value, shown: &Value, is_plain: bool) {
    let shown = shown.as_object().unwrap_or_else(|| panic!("{what} is not shown"));
    for (name, value) in shown.iter().filter(|(name, _)| managed.get(*name).is_some_and(|it| !it.is_null())) {
        // An order is not promised, and a set of the resource may be a list here.
        let is_collection = value.is_array() || value.is_object();
        let is_same = !is_plain || is_collection || *value == managed[name];
        assert!(!value.is_null() && is_same, "{name} of {what}: {value} {}", managed[name]);
    }
}
