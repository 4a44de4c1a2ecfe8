//! One thing that exists already: it is shown as its resource shows it, whatever it is found by.

use serde_json::{Value, json};

use super::super::{World, fills_in, on_every_cli};
use super::found;

/// One of each kind, with something in every attribute that the API gives back.
const MANAGED: &str = r#"
resource "novita_gpu_instance" "this" {
  name             = "trainer"
  product_id       = "4090.16c62g"
  gpu_num          = 2
  rootfs_size      = 80
  image_url        = "docker.io/acme/trainer:1.4"
  image_auth_id    = "auth-9f21"
  ports            = ["8080/http", "22/tcp"]
  envs             = { MODE = "train" }
  secret_envs      = { TOKEN = "hush-hush" }
  tools            = [{ name = "Jupyter", port = 8888, type = "http" }]
  command          = "python run.py"
  cluster_id       = "7"
  network_storages = [{ id = "st-51c0" }]
  network_id       = "vpc-83aa"
}

resource "novita_cpu_instance" "this" {
  name       = "gateway"
  product_id = "cpu.4c8g"
  image_url  = "docker.io/library/nginx:1.27"
  ports      = ["80/http"]
}

resource "novita_endpoint" "this" {
  name          = "llm"
  port          = 8000
  product_ids   = ["SL-serverless-3"]
  worker_config = { min_num = 0, max_num = 2, free_timeout = 300, max_concurrent = 1, gpu_num = 1 }
  policy        = { type = "queue", value = 60 }
  image         = { image = "docker.io/acme/llm:2" }
  volume_mounts = [{ type = "local", size = 30, mount_path = "/workspace" }]
  secret_envs   = { TOKEN = "hush-hush" }
  healthy       = { path = "/health" }
}

resource "novacloud_vm" "this" {
  provider = novita

  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 100
  template_vmid = 101
}

output "vm_id" {
  value = novacloud_vm.this.id
}
"#;

const LOOKED_UP: &str = r#"
data "novita_gpu_instance" "named" {
  name = "trainer"
}

data "novita_gpu_instance" "this" {
  id = data.novita_gpu_instance.named.id
}

data "novita_cpu_instance" "named" {
  name = "gateway"
}

data "novita_cpu_instance" "this" {
  id = data.novita_cpu_instance.named.id
}

data "novita_endpoint" "named" {
  name = "llm"
}

data "novita_endpoint" "this" {
  id = data.novita_endpoint.named.id
}

variable "vm_id" {
  type = string
}

data "novacloud_vm" "this" {
  provider = novita
  id       = var.vm_id
}
"#;

#[test]
fn what_exists_is_shown_as_its_resource_shows_it() {
    on_every_cli(|cli| {
        let managing = World::plain(cli, MANAGED);
        managing.workspace.apply();
        let made = managing.changes();
        let state = |kind: &str| managing.workspace.in_state(kind, "this")["attributes"].clone();
        let vm_id = state("novacloud_vm")["id"].as_str().expect("a VM has an id").to_owned();

        let mut looking = managing.another_workspace(cli, LOOKED_UP);
        looking.set("TF_VAR_vm_id", &vm_id);
        looking.apply();
        for kind in ["novita_gpu_instance", "novita_cpu_instance", "novita_endpoint", "novacloud_vm"] {
            check_same(kind, &state(kind), &found(&looking, kind, "this"));
        }
        for kind in ["novita_gpu_instance", "novita_cpu_instance", "novita_endpoint"] {
            assert_eq!(found(&looking, kind, "named"), found(&looking, kind, "this"), "{kind}");
        }
        let shown = looking.run(&["show", "-no-color"]).succeeded();
        assert!(!shown.words().contains("hush-hush"), "what may be a secret is hidden\n{shown}");
        let password = state("novita_gpu_instance")["ssh_password"].as_str().unwrap_or_default().to_owned();
        assert!(!password.is_empty() && !shown.words().contains(&password), "a password is hidden");
        looking.assert_nothing_to_do();
        assert_eq!(managing.changes(), made, "looking changes nothing");
    });
}

/// Each attribute of the data source has the resource's value; variables are all in one map.
fn check_same(kind: &str, managed: &Value, found: &Value) {
    let attributes = found.as_object().unwrap_or_else(|| panic!("{kind} is not in the state"));
    assert!(attributes.len() >= 15, "{kind} shows little: {found:#}");
    for (name, value) in attributes {
        let expected = match name.as_str() {
            "envs" => merged(&managed["envs"], &managed["secret_envs"]),
            _ => managed[name].clone(),
        };
        // What nobody configured stays null in the resource, where the data source shows that there is none.
        let is_none = |it: &Value| it.is_null() || it.as_array().is_some_and(Vec::is_empty);
        assert!(
            *value == expected || (is_none(value) && is_none(&expected)),
            "{name} of {kind}: {value} {expected}"
        );
    }
}

fn merged(one: &Value, other: &Value) -> Value {
    let members = [one, other].into_iter().filter_map(Value::as_object).flatten();
    let all: serde_json::Map<_, _> = members.map(|(key, it)| (key.clone(), it.clone())).collect();
    if all.is_empty() { Value::Null } else { Value::Object(all) }
}

#[test]
fn a_name_that_two_kinds_have_finds_the_right_one() {
    on_every_cli(|cli| {
        let world = World::new(cli, "data \"novita_cpu_instance\" \"this\" {\n  name = \"twin\"\n}\n");
        let seed = |kind: &str, name: &str| {
            world.cloud.seed_instance(json!({"kind": kind, "name": name})).expect("a good record")
        };
        let [_, cpu, _] = [seed("gpu", "twin"), seed("cpu", "twin"), seed("cpu", "twin-2")];
        world.workspace.apply();
        assert_eq!(found(&world.workspace, "novita_cpu_instance", "this")["id"], cpu.as_str());
    });
}

#[test]
fn what_the_get_call_leaves_out_is_looked_for_in_the_list() {
    on_every_cli(|cli| {
        let mut options = fills_in();
        let style = &mut options.style;
        (style.get_without_product, style.null_lists, style.empty_billing_mode) = (true, true, true);
        let both = "data \"novita_gpu_instance\" \"this\" {\n  name = \"trainer\"\n}\n\
                    data \"novita_gpu_products\" \"this\" {}\n";
        let world = World::with(cli, both, options);
        let record = json!({"kind": "gpu", "name": "trainer", "rootfsSize": 70});
        world.cloud.seed_instance(record).expect("a good record");
        world.workspace.apply();
        let instance = found(&world.workspace, "novita_gpu_instance", "this");
        let product = instance["product_id"].as_str().unwrap_or_default();
        assert!(product.eq_ignore_ascii_case("4090.16c62g"), "{product}");
        assert_eq!((&instance["rootfs_size"], &instance["billing_mode"]), (&json!(70), &json!("onDemand")));
        let products = found(&world.workspace, "novita_gpu_products", "this");
        assert_eq!(products["products"][0]["regions"], json!([]), "no list is an empty list");
        world.workspace.assert_nothing_to_do();
    });
}

#[test]
fn what_is_not_known_yet_is_read_by_apply() {
    on_every_cli(|cli| {
        let world = World::new(cli, "");
        let id = world.cloud.seed_instance(json!({"kind": "gpu", "name": "trainer"})).expect("a good record");
        world.configure(&format!(
            r#"
resource "terraform_data" "known_after_apply" {{
  input = {{ id = "{id}", name = "trainer", cluster = "7", gpu_type = "4090" }}
}}

locals {{
  later = terraform_data.known_after_apply.output
}}

data "novita_gpu_instance" "by_id" {{
  id = local.later.id
}}

data "novita_gpu_instance" "by_name" {{
  name = local.later.name
}}

data "novita_gpu_products" "here" {{
  cluster_id = local.later.cluster
}}

data "novacloud_offers" "these" {{
  provider = novita
  gpu_type = local.later.gpu_type
}}
"#
        ));
        let plan = world.workspace.plan(&[]);
        assert_eq!(plan.code(), Some(2), "{plan}");
        assert!(world.cloud.requests().is_empty(), "asked too early: {:?}", world.cloud.requests());

        world.workspace.apply();
        for name in ["by_id", "by_name"] {
            assert_eq!(found(&world.workspace, "novita_gpu_instance", name)["id"], id.as_str());
        }
        assert_eq!(found(&world.workspace, "novacloud_offers", "these")["offers"][0]["node"], "vm01");
        world.workspace.assert_nothing_to_do();
    });
}
