//! A configuration goes through equal forms, several at once: nothing is called, nothing becomes unknown, and what
//! hangs on the resources is not replaced.
//!
//! Which forms each attribute has is the business of `service::equality`.

use serde_json::Value;

use super::{World, block, on_every_cli};

/// Lines `attribute = value`.
type Lines = &'static [(&'static str, &'static str)];

/// A resource, and lines that take the place of others or are added: each time it means the same.
struct Forms {
    kind: &'static str,
    lines: Lines,
    /// Values written otherwise: a client keeps them as the state has them.
    respelled: Lines,
    /// Nothing, written otherwise, or left to the platform: a client stores it as it is written now.
    emptied: Lines,
    /// Variables in the other one of their two maps.
    moved: Lines,
    /// What is known after the creation alone.
    computed: &'static [&'static str],
}

const GPU: Forms = Forms {
    kind: "novita_gpu_instance",
    lines: &[
        ("name", "\"trainer\""),
        ("product_id", "\"4090.16c62g\""),
        ("gpu_num", "1"),
        ("rootfs_size", "60"),
        ("image_url", "\"ubuntu\""),
        ("ports", "[\"22/tcp\", \"8080/http\"]"),
        ("envs", "{ MODE = \"train\", TOKEN = \"invented\" }"),
        ("cluster_id", "\"7\""),
        ("network_storages", "[{ id = \"st-51c0\", mount_point = \"/data\" }, { id = \"st-51c1\" }]"),
    ],
    respelled: &[
        ("image_url", "\"docker.io/library/ubuntu:latest\""),
        ("ports", "[\"8080/http\", \"22/tcp\"]"),
        (
            "network_storages",
            "[{ id = \"st-51c1\", mount_point = \"/network\" }, { id = \"st-51c0\", mount_point = \"/data\" }]",
        ),
        ("billing_mode", "\"onDemand\""),
        ("month", "0"),
        ("auto_renew", "false"),
        ("wait_for_ready", "true"),
    ],
    emptied: &[
        ("name", "null"),
        ("cluster_id", "null"),
        ("command", "\"\""),
        ("entrypoint", "\"\""),
        ("image_auth", "\"\""),
        ("image_auth_id", "\"\""),
        ("network_id", "\"\""),
        ("min_cuda_version", "\"\""),
        ("desired_status", "\"\""),
        ("secret_envs", "{}"),
        ("tools", "[]"),
    ],
    moved: &[("envs", "{ MODE = \"train\" }"), ("secret_envs", "{ TOKEN = \"invented\" }")],
    computed: &["id", "status", "ssh_command", "port_mappings", "product_name", "hourly_price", "created_at"],
};

const CPU: Forms = Forms {
    kind: "novita_cpu_instance",
    lines: &[
        ("product_id", "\"cpu.4c8g\""),
        ("image_url", "\"acme/gateway:2\""),
        ("ports", "[\"22/tcp\", \"443/http\"]"),
        ("envs", "{ MODE = \"serve\" }"),
    ],
    respelled: &[
        ("image_url", "\"index.docker.io/acme/gateway:2\""),
        ("ports", "[\"443/http\", \"22/tcp\"]"),
        ("local_storage_mount_point", "\"/workspace\""),
        ("deletion_protection", "false"),
    ],
    emptied: &[
        ("command", "\"\""),
        ("image_auth", "\"\""),
        ("network_id", "\"\""),
        ("network_storages", "[]"),
        ("secret_envs", "{}"),
        ("tools", "[]"),
    ],
    moved: &[("envs", "{}"), ("secret_envs", "{ MODE = \"serve\" }")],
    computed: &["id", "status", "ssh_command", "port_mappings", "product_name", "hourly_price", "created_at"],
};

const ENDPOINT: Forms = Forms {
    kind: "novita_endpoint",
    lines: &[
        ("name", "\"llm\""),
        (
            "worker_config",
            "{ min_num = 0, max_num = 2, free_timeout = 300, max_concurrent = 1, gpu_num = 1 }",
        ),
        ("port", "8000"),
        ("policy", "{ type = \"queue\", value = 60 }"),
        ("image", "{ image = \"acme/llm\" }"),
        ("product_ids", "[\"SL-serverless-3\", \"SL-serverless-4\"]"),
        ("envs", "{ MODEL = \"demo\", TOKEN = \"invented\" }"),
        ("healthy", "{ path = \"/health\" }"),
    ],
    respelled: &[
        (
            "worker_config",
            "{ min_num = 0, max_num = 2, free_timeout = 300, max_concurrent = 1, gpu_num = 1, request_timeout = 600 }",
        ),
        ("image", "{ image = \"docker.io/acme/llm:latest\" }"),
        ("product_ids", "[\"SL-serverless-4\", \"SL-serverless-3\"]"),
        ("rootfs_size", "100"),
    ],
    emptied: &[
        ("name", "null"),
        (
            "worker_config",
            "{ min_num = 0, max_num = 2, free_timeout = 300, max_concurrent = 1, gpu_num = 1, cuda_version = \"\" }",
        ),
        ("image", "{ image = \"acme/llm\", auth_id = \"\", command = \"\" }"),
        ("volume_mounts", "[]"),
        ("secret_envs", "{}"),
    ],
    moved: &[("envs", "{ MODEL = \"demo\" }"), ("secret_envs", "{ TOKEN = \"invented\" }")],
    computed: &["id", "status", "url"],
};

const VM: Forms = Forms {
    kind: "novacloud_vm",
    lines: &[
        ("provider", "novita"),
        ("node", "\"vm03\""),
        ("gpu_type", "\"6000pro\""),
        ("gpu_count", "1"),
        ("storage_gb", "120"),
        ("template_vmid", "101"),
    ],
    respelled: &[
        ("gpu_type", "\"RTX PRO 6000\""),
        ("rental_type", "\"on_demand\""),
        ("auth_method", "\"ssh_key\""),
    ],
    emptied: &[("ssh_key_id", "\"\""), ("password", "\"\""), ("desired_status", "\"\"")],
    moved: &[],
    computed: &["id", "status", "ip_address", "hourly_rate", "created_at"],
};

const STORAGE: Forms = Forms {
    kind: "novita_network_storage",
    lines: &[("cluster_id", "\"7\""), ("name", "\"data\""), ("size", "100")],
    respelled: &[("deletion_protection", "false")],
    emptied: &[("name", "null")],
    moved: &[],
    computed: &["id", "cluster_name"],
};

const FIVE: [Forms; 5] = [GPU, CPU, ENDPOINT, VM, STORAGE];

impl Forms {
    fn with(&self, changes: Lines) -> String {
        let kept = self.lines.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        block(self.kind, "this", &kept.chain(changes).copied().collect::<Vec<_>>())
    }
}

/// All five in one of their forms, and what hangs on each of them.
fn all(form: impl Fn(&Forms) -> Lines) -> String {
    let one = |it: &Forms| {
        let kind = it.kind;
        let computed: Vec<String> = it.computed.iter().map(|name| format!("{kind}.this.{name}")).collect();
        let triggers = format!("[{}]", computed.join(", "));
        it.with(form(it)) + &block("terraform_data", kind, &[("triggers_replace", &triggers)])
    };
    FIVE.iter().map(one).collect()
}

/// All five in a form that is stored as it is written now.
fn rewritten(form: impl Fn(&Forms) -> Lines) -> String {
    all(form).replace("\" \"this\" {\n", "\" \"this\" {\n  timeouts {}\n")
}

#[test]
fn what_hangs_on_a_resource_outlives_every_equal_form_of_it() {
    on_every_cli(|cli| {
        let world = World::new(cli, &all(|_| &[]));
        world.workspace.apply().says(&["10 added"]);
        world.workspace.assert_nothing_to_do();
        let ids = ids(&world);
        let before = world.changes().len();

        world.configure(&all(|it| it.respelled));
        world.workspace.assert_nothing_to_do();
        for form in [rewritten(|it| it.emptied), all(|it| it.moved), all(|it| it.respelled), all(|_| &[])] {
            world.configure(&form);
            assert_only_rewritten(&world.workspace.show_plan_json());
            world.workspace.apply().says(&["0 added", "0 destroyed"]);
            world.workspace.assert_nothing_to_do();
        }
        assert_eq!(world.changes_since(before), Vec::<String>::new(), "nothing was called");
        assert_eq!(self::ids(&world), ids);
        world.workspace.destroy().says(&["10 destroyed"]);
    });
}

/// The ids of all that there is.
fn ids(world: &World) -> Vec<Value> {
    let id = |kind: &str, name: &str| world.workspace.in_state(kind, name)["attributes"]["id"].clone();
    FIVE.iter().flat_map(|it| [id(it.kind, "this"), id("terraform_data", it.kind)]).collect()
}

/// The plan touches nothing that hangs on a resource, and of the resources only how they are written: all stays known.
#[track_caller]
fn assert_only_rewritten(plan: &Value) {
    let changes = plan["resource_changes"].as_array().expect("changes");
    assert_eq!(changes.len(), 2 * FIVE.len());
    for it in changes {
        let (address, change) = (&it["address"], &it["change"]);
        let action = change["actions"][0].as_str().unwrap_or_default();
        let allowed: &[&str] = if it["type"] == "terraform_data" { &["no-op"] } else { &["no-op", "update"] };
        assert!(allowed.contains(&action), "{address}: {change:#}");
        assert_eq!(change["actions"].as_array().map(Vec::len), Some(1), "{address}: {change:#}");
        assert!(!has_true(&change["after_unknown"]), "{address}: {change:#}");
    }
}

fn has_true(unknown: &Value) -> bool {
    match unknown {
        Value::Bool(it) => *it,
        Value::Array(members) => members.iter().any(has_true),
        Value::Object(members) => members.values().any(has_true),
        _ => false,
    }
}
