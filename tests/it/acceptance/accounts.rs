//! What belongs to an account besides machines: its money and limits, templates and keys, and what it may choose from.

use serde_json::json;

use super::{World, block, on_every_cli};

const MONEY: &str = r#"
data "novita_balance" "now" {}

check "money" {
  assert {
    condition     = data.novita_balance.now.available > 20
    error_message = "Only ${data.novita_balance.now.available} USD are left."
  }
}

data "novacloud_account" "mine" {
  provider = novita
}

output "mine" {
  value = data.novacloud_account.mine
}
"#;

#[test]
fn a_plan_warns_when_the_money_runs_low_and_goes_on() {
    on_every_cli(|cli| {
        let world = World::new(cli, MONEY);
        let applied = world.workspace.apply();
        assert!(!applied.words().contains("USD are left"), "{applied}");
        world.workspace.assert_nothing_to_do();
        let mine = world.workspace.run(&["output", "-json", "mine"]).succeeded().json();
        let expected = json!({
            "id": "77", "email": "dev@example.com", "email_verified": true, "tier": "standard", "status": "active",
            "max_vms": 3, "max_hourly_spend": 8, "credit_balance": 1000, "spend_per_hour": 0, "running_vms": 0,
        });
        assert_eq!(mine, expected);

        world.cloud.with_novita(|it| it.money.pending = 1_375_000);
        world.workspace.plan(&[]).succeeded().says(&["Warning", "Only 12.5 USD are left."]);
        assert_eq!(world.changes(), Vec::<String>::new());
    });
}

#[test]
fn money_is_looked_for_beside_the_base_url_alone() {
    on_every_cli(|cli| {
        let mut world = World::new(cli, "data \"novita_balance\" \"now\" {}\n");
        let elsewhere = world.cloud.origin();
        world.workspace.set("NOVITA_BASE_URL", &elsewhere);
        world.workspace.plan(&[]).failed().says(&[
            "Provider cannot call the API",
            "The base URL does not end with /gpu-instance/openapi/v1",
            "/openapi/v1 beside it",
        ]);
        assert_eq!(
            world.cloud.requests().into_iter().map(|it| it.path).collect::<Vec<_>>(),
            Vec::<String>::new()
        );
    });
}

/// A public key of which nobody has the other half.
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// All that an account has besides, and a VM with its key.
fn whole(rootfs_size: u32, comment: &str) -> String {
    let own = r#"
resource "novita_template" "trainer" {
  name        = "trainer"
  image       = "docker.io/acme/trainer:1.4"
  rootfs_size = SIZE
  ports       = ["8080/http", "22/tcp"]
  secret_envs = {
    TOKEN = "hunter2-token"
  }
}

resource "novacloud_ssh_key" "ci" {
  provider   = novita
  public_key = "KEY COMMENT"
  label      = "ci"
}

resource "novacloud_vm" "trainer" {
  provider      = novita
  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 100
  template_vmid = 101
  ssh_key_id    = novacloud_ssh_key.ci.id

  lifecycle {
    ignore_changes = [ssh_key_id]
  }
}

data "novita_template" "trainer" {
  id = novita_template.trainer.id
}

data "novita_templates" "official" {
  name = "pytorch"
}

data "novita_endpoint_products" "all" {}

data "novita_endpoint_products" "fitting" {
  gpu_name  = "rtx"
  region_id = "eu-02"
}

data "novita_network_storages" "fitting" {
  cluster_id = "7"
  name       = "checkpoints"
}

data "novacloud_ssh_key" "ci" {
  provider = novita
  id       = novacloud_ssh_key.ci.id
}

data "novacloud_reservation_quote" "vm" {
  provider           = novita
  gpu_type           = "5090"
  gpu_count          = 2
  storage_gb         = 100
  reservation_months = 6
}

output "seen" {
  value = {
    image       = data.novita_template.trainer.image
    official    = { for it in data.novita_templates.official.templates : it.name => it.ports }
    products    = data.novita_endpoint_products.all.products[*].id
    product     = data.novita_endpoint_products.fitting.products[0]
    storages    = data.novita_network_storages.fitting.network_storages
    fingerprint = data.novacloud_ssh_key.ci.fingerprint
    quote       = data.novacloud_reservation_quote.vm
  }
}
"#;
    let own = own.replace("SIZE", &rootfs_size.to_string()).replace("KEY", KEY).replace("COMMENT", comment);
    format!("{MONEY}{own}")
        .replace("value = data.novacloud_account.mine", "value = data.novacloud_account.mine.email")
}

#[test]
fn all_of_an_account_is_made_changed_and_removed() {
    on_every_cli(|cli| {
        let world = World::new(cli, &whole(60, "me@laptop"));
        let before = (world.cloud.templates(), world.cloud.ssh_keys());
        world.workspace.apply().says(&["3 added"]);
        world.workspace.assert_nothing_to_do();
        let state = |kind: &str, name: &str| world.workspace.in_state(kind, name)["attributes"].clone();
        let (vm, key) = (state("novacloud_vm", "trainer"), state("novacloud_ssh_key", "ci"));
        let made = world.cloud.vm(vm["id"].as_str().expect("an id")).expect("it exists");
        assert_eq!(made["ssh_key_id"], key["id"]);
        check_seen(&world.workspace.run(&["output", "-json", "seen"]).succeeded().json());

        // Another comment is the same key, and a template changes in place.
        let calls = world.changes().len();
        world.configure(&whole(80, "me@desktop"));
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        assert_eq!(world.changes_since(calls), ["/template/update"]);
        world.workspace.assert_nothing_to_do();

        // Somebody has put another key under this id: it is made anew, and the VM stays.
        let id = key["id"].as_str().expect("an id");
        world.cloud.modify_ssh_key(id, json!({"fingerprint": "SHA256:another"})).expect("it exists");
        world.workspace.apply().says(&["1 added, 0 changed, 1 destroyed"]);
        world.workspace.assert_nothing_to_do();
        assert_eq!(state("novacloud_vm", "trainer")["id"], vm["id"]);
        assert_ne!(state("novacloud_ssh_key", "ci")["id"], key["id"]);

        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty(), "{:?}", world.cloud.alive());
        assert_eq!((world.cloud.templates(), world.cloud.ssh_keys()), before);
    });
}

fn check_seen(seen: &serde_json::Value) {
    let expected = json!({
        "image": "docker.io/acme/trainer:1.4",
        "official": {"PyTorch 2.7": ["8888/http"]},
        "products": ["SL-serverless-3", "SL-serverless-4", "SL-serverless-7"],
        "product": {
            "id": "SL-serverless-3", "name": "RTX 4090 24GB", "gpu_name": "RTX 4090 24GB", "gpu_memory": 24,
            "max_gpus": 8, "available": 4, "price": 0.45, "spot_price": null, "region_ids": ["eu-02", "us-01"],
        },
        "fingerprint": "SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk",
        "quote": {
            "gpu_type": "5090", "gpu_count": 2, "storage_gb": 100, "reservation_months": 6, "discount_percent": 20,
            "deposit_required": 702.72, "monthly_cost": 702.72, "hourly_rate": 0.976, "cancellation_fee": 1054.08,
        },
    });
    for (name, value) in expected.as_object().expect("members") {
        assert_eq!(seen[name], *value, "{name}");
    }
    let ids: Vec<_> =
        seen["storages"].as_array().expect("a list").iter().map(|it| it["id"].clone()).collect();
    assert_eq!(ids, ["st-51c1"]);
}

#[test]
fn a_private_key_is_refused_and_not_shown() {
    on_every_cli(|cli| {
        let key = block(
            "novacloud_ssh_key",
            "ci",
            &[("provider", "novita"), ("public_key", "file(\"id_ed25519\")")],
        );
        let world = World::new(cli, &key);
        let text = "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\n";
        world.workspace.write("id_ed25519", text);
        let plan = world.workspace.plan(&[]).failed().says(&["It is a private key", "ends in `.pub`"]);
        assert!(!plan.words().contains("hunter2"), "{plan}");
        assert!(world.cloud.requests().is_empty());
    });
}
