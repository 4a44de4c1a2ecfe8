//! What exists of a type, in a state or not: chosen by filters, in the order of the ids, for `for_each` and outputs.

use serde_json::{Value, json};

use super::super::{World, on_every_cli};
use super::seen;

const LISTED: &str = r#"
data "novita_gpu_instances" "all" {}

data "novita_gpu_instances" "training" {
  name_prefix = "train-"
}

data "novita_gpu_instances" "stopped" {
  status = "exited"
}

data "novita_gpu_instances" "spot" {
  billing_mode = "spot"
}

data "novita_cpu_instances" "gateways" {
  name_prefix = "gate"
  status      = "running"
}

data "novita_endpoints" "llm" {
  name_prefix = "llm"
}

data "novacloud_vms" "here" {
  provider = novita
  node     = "vm02"
}

data "novacloud_vms" "stopped" {
  provider = novita
  status   = "stopped"
}

data "novita_networks" "here" {
  cluster_id = "7"
}

data "novita_networks" "none" {
  cluster_id = "7"
  name_prefix = "no-such-"
}

data "novita_registry_auths" "all" {}

data "novita_network_storages" "named" {
  name_prefix = "check"
}

data "novita_image_prewarms" "ready" {
  status = "Succeeded"
}

resource "terraform_data" "each" {
  for_each = { for it in data.novita_gpu_instances.all.gpu_instances : it.id => it.name }
  input    = each.value
}

output "seen" {
  value = {
    all      = data.novita_gpu_instances.all.gpu_instances
    training = data.novita_gpu_instances.training.gpu_instances[*].name
    stopped  = data.novita_gpu_instances.stopped.gpu_instances[*].name
    spot     = data.novita_gpu_instances.spot.gpu_instances[*].name
    gateways = data.novita_cpu_instances.gateways.cpu_instances[*].name
    llm      = data.novita_endpoints.llm.endpoints[*].name
    here     = data.novacloud_vms.here.vms[*].ip_address
    halted   = data.novacloud_vms.stopped.vms[*].node
    networks = data.novita_networks.here.networks[*].id
    none     = data.novita_networks.none.networks
    logins   = data.novita_registry_auths.all.registry_auths
    storages = data.novita_network_storages.named.network_storages[*].id
    prewarms = data.novita_image_prewarms.ready.image_prewarms[*].image_url
    each     = { for id, it in terraform_data.each : id => it.output }
  }
}
"#;

#[test]
fn what_exists_is_listed_by_its_filters() {
    on_every_cli(|cli| {
        let world = World::plain(cli, LISTED);
        seed(&world);
        let seen = seen(&world.workspace);
        let names = ["train-b", "train-a", "idle", "cheap"];
        let ids = ["gpu-1", "gpu-2", "gpu-3", "gpu-4"];
        let all = seen["all"].as_array().expect("a list");
        let of = |name: &str| all.iter().map(|it| it[name].clone()).collect::<Vec<_>>();
        assert_eq!((of("id"), of("name")), (ids.map(Value::from).into(), names.map(Value::from).into()));
        assert_eq!(all[0]["status"], "running");
        assert_eq!((&all[0]["product_id"], &all[0]["gpu_num"]), (&json!("4090.16c62g"), &json!(2)));
        assert!(all[0]["hourly_price"].as_f64().is_some_and(|it| it > 0.0), "{:#}", all[0]);
        assert!(all[0].get("ssh_password").is_none() && all[0].get("envs").is_none());
        for (name, expected) in [
            ("training", json!(["train-b", "train-a"])),
            ("stopped", json!(["idle"])),
            ("spot", json!(["cheap"])),
            ("gateways", json!(["gateway"])),
            ("llm", json!(["llm-a"])),
            ("here", json!(["203.0.113.24"])),
            ("halted", json!(["vm01"])),
            ("networks", json!(["vpc-83aa"])),
            ("none", json!([])),
            ("storages", json!(["st-51c1"])),
            ("prewarms", json!(["acme/model:1"])),
            ("logins", json!([{"id": "auth-9f21", "name": "registry.example.com", "username": "ci"}])),
            ("each", json!({"gpu-1": "train-b", "gpu-2": "train-a", "gpu-3": "idle", "gpu-4": "cheap"})),
        ] {
            assert_eq!(seen[name], expected, "{name}");
        }
        world.workspace.assert_nothing_to_do();
        assert_eq!(world.changes(), Vec::<String>::new(), "looking changes nothing");
    });
}

fn seed(world: &World) {
    let instance = |record: Value| {
        world.cloud.seed_instance(record).expect("a good record");
    };
    let gpu = json!({"kind": "gpu", "productId": "4090.16c62g", "gpuNum": 2});
    let with = |changes: Value| {
        let mut record = gpu.as_object().expect("a record").clone();
        record.extend(changes.as_object().expect("members").clone());
        Value::Object(record)
    };
    instance(with(json!({"id": "gpu-2", "name": "train-a"})));
    instance(with(json!({"id": "gpu-1", "name": "train-b"})));
    instance(with(json!({"id": "gpu-3", "name": "idle", "status": "exited"})));
    instance(with(json!({"id": "gpu-4", "name": "cheap", "billingMode": "spot"})));
    instance(with(json!({"id": "gpu-5", "name": "train-gone", "status": "removing"})));
    instance(json!({"kind": "cpu", "name": "gateway"}));
    instance(json!({"kind": "cpu", "name": "gate-old", "status": "exited"}));
    for name in ["llm-a", "asr"] {
        world.cloud.seed_endpoint(json!({"name": name})).expect("a good record");
    }
    let vm = |record: Value| {
        world.cloud.seed_vm(record).expect("a good record");
    };
    vm(json!({"ip_address": "203.0.113.24"}));
    vm(json!({"node": "vm01", "status": "stopped"}));
    world.cloud.with_novita(|it| {
        for (id, state) in [("prewarm-1", "Succeeded"), ("prewarm-2", "Failed")] {
            let record = json!({"id": id, "imageUrl": "acme/model:1", "clusterId": "7", "state": state});
            it.prewarms.push(serde_json::from_value(record).expect("a good record"));
        }
    });
}
