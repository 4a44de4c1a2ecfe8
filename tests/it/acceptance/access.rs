//! Access to an instance without a trace in state or plan (`novita_instance_access`).

use super::{World, machine, on_every_cli};

const ACCESS: &str = r#"
ephemeral "novita_instance_access" "gpu" {
  instance_id = novita_gpu_instance.this.id
}

provider "novita" {
  alias   = "by_access"
  api_key = ephemeral.novita_instance_access.gpu.ssh_password
}

locals {
  port = ephemeral.novita_instance_access.gpu.port
}
"#;

/// Ephemeral resources came with Terraform 1.10 and OpenTofu 1.11, so every client here has them.
#[test]
fn a_password_is_read_when_needed_and_is_nowhere_afterwards() {
    on_every_cli(|cli| {
        let made = machine("this", &[("ports", "[\"22/tcp\"]"), ("store_ssh_password", "false")]);
        let mut world = World::new(cli, &format!("{made}{ACCESS}"));
        world.workspace.set("TF_LOG_PROVIDER", "TRACE");
        world.workspace.set("TF_LOG_PATH", "trace.log");
        world.workspace.apply();
        let id = world.attribute("this", "id");
        let password = world.cloud.instance(id.as_str().expect("an id")).expect("it exists");
        let password = password["sshPassword"].as_str().expect("a password").to_owned();
        assert!(!password.is_empty() && world.attribute("this", "ssh_password").is_null());
        assert!(world.attribute("this", "ssh_command").is_string());
        world.workspace.show_plan_json();
        world.workspace.assert_nothing_to_do();
        for (name, bytes) in world.workspace.files() {
            assert!(!String::from_utf8_lossy(&bytes).contains(&password), "{name} holds the password");
        }
        world.workspace.destroy();
    });
}

#[test]
fn a_switch_keeps_the_password_out_of_the_state_without_a_call() {
    on_every_cli(|cli| {
        let with = |store| machine("this", &[("ports", "[\"22/tcp\"]"), ("store_ssh_password", store)]);
        let world = World::new(cli, &with("true"));
        world.workspace.apply();
        assert!(world.attribute("this", "ssh_password").is_string());
        let before = world.changes().len();
        world.configure(&with("false"));
        world.workspace.apply().says(&["0 added, 1 changed, 0 destroyed"]);
        assert!(world.attribute("this", "ssh_password").is_null());
        world.workspace.assert_nothing_to_do();
        world.configure(&with("true"));
        world.workspace.apply();
        world.workspace.run(&["apply", "-refresh-only", "-auto-approve", "-no-color"]).succeeded();
        assert!(world.attribute("this", "ssh_password").is_string());
        world.workspace.assert_nothing_to_do();
        assert_eq!(world.changes_since(before), Vec::<String>::new());
    });
}

#[test]
fn n21_what_does_not_exist_or_does_not_run_is_told_or_null() {
    on_every_cli(|cli| {
        let access = |id: &str| {
            format!(
                "ephemeral \"novita_instance_access\" \"gpu\" {{\n  instance_id = {id}\n}}\n\nlocals {{\n  host = \
                 ephemeral.novita_instance_access.gpu.host\n}}\n\nprovider \"novita\" {{\n  alias    = \"other\"\n  \
                 base_url = local.host == null ? null : \"https://example.net\"\n}}\n"
            )
        };
        let world = World::new(cli, &access("\"6c1be0a94d27f3e8\""));
        world.workspace.plan(&[]).failed().says(&["No instance has this id"]);
        world.configure(&access("\"two words\""));
        world.workspace.plan(&[]).failed().says(&["without spaces and slashes"]);
        let stopped = machine("this", &[("desired_status", "\"stopped\"")]);
        world.configure(&stopped);
        world.workspace.apply();
        world.configure(&format!("{stopped}{}", access("novita_gpu_instance.this.id")));
        world.workspace.assert_nothing_to_do();
    });
}
