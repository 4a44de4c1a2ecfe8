//! Credentials: which are missing, which are shown, and which must never reach the state.

use serde_json::Value;

use super::{PROVIDER, World, machine, on_every_cli};
use crate::cli::Workspace;

#[test]
fn missing_credentials_are_one_error_when_a_call_is_needed() {
    on_every_cli(|cli| {
        let workspace = Workspace::new(cli, &format!("{PROVIDER}{}", machine("this", &[])));
        workspace.run(&["validate", "-no-color"]).succeeded();
        assert_eq!(workspace.plan(&[]).code(), Some(2), "planning something new needs no call");
        let output = workspace.run(&["apply", "-input=false", "-auto-approve", "-json"]).failed();
        let lines = output.json_lines();
        let errors: Vec<&Value> = lines.iter().filter(|it| it["diagnostic"]["severity"] == "error").collect();
        assert_eq!(errors.len(), 1, "expected one error\n{output}");
        for words in ["api_key", "NOVITA_API_KEY"] {
            assert!(
                errors[0]["diagnostic"].to_string().contains(words),
                "expected to read {words}\n{output}"
            );
        }
    });
}

#[test]
fn a_refused_key_is_named_and_never_shown() {
    on_every_cli(|cli| {
        let mut world = World::new(cli, &machine("this", &[]));
        world.workspace.set("NOVITA_API_KEY", "sk-wrong-0123456789");
        let output = world.workspace.try_apply().failed().says(&["NOVITA_API_KEY"]);
        assert!(!output.words().contains("sk-wrong"), "the key was printed\n{output}");
        assert!(world.cloud.alive().is_empty());
    });
}

#[test]
fn demand_22_a_key_that_is_known_at_apply_does_not_fail_the_plan() {
    on_every_cli(|cli| {
        let mut world = World::new(cli, "");
        let configuration = PROVIDER
            .replace("provider \"novita\" {", "provider \"novita\" {\n  api_key = terraform_data.key.output");
        let key =
            format!("resource \"terraform_data\" \"key\" {{\n  input = \"{}\"\n}}\n", world.cloud.api_key());
        world.workspace.set("NOVITA_API_KEY", "");
        world.workspace.write("main.tf", &format!("{configuration}{key}{}", machine("this", &[])));
        assert_eq!(world.workspace.plan(&[]).code(), Some(2));
        world.workspace.apply();
        world.workspace.assert_nothing_to_do();
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}

#[test]
fn demand_14_a_write_only_secret_is_sent_and_never_kept() {
    on_every_cli(|cli| {
        let with_version = |version| {
            machine("this", &[("image_auth_wo", "\"robot:hunter2\""), ("image_auth_wo_version", version)])
        };
        let world = World::new(cli, &with_version("1"));
        let plan = world.workspace.show_plan_json();
        assert_eq!(plan["resource_changes"][0]["change"]["after"]["image_auth_wo"], Value::Null);
        world.workspace.apply();
        assert_eq!(world.bodies("/gpu/instance/create")[0]["imageAuth"], "robot:hunter2");
        assert_eq!(world.attribute("this", "image_auth_wo"), Value::Null);
        assert!(!world.workspace.state().to_string().contains("hunter2"), "the secret is in the state");
        world.workspace.assert_nothing_to_do();

        world.configure(&with_version("2"));
        assert_eq!(world.workspace.planned_actions("novita_gpu_instance.this"), ["delete", "create"]);
    });
}

#[test]
fn a_sensitive_value_is_not_printed() {
    on_every_cli(|cli| {
        let secret = [("image_auth", "\"robot:hunter2\""), ("secret_envs", "{ TOKEN = \"hunter3\" }")];
        let mut world = World::new(cli, &machine("this", &secret));
        world.workspace.set("TF_LOG_PROVIDER", "trace");
        let output = world.workspace.apply();
        for value in ["hunter2", "hunter3", world.cloud.api_key()] {
            // The configuration and the values between the CLI and the provider are the CLI's to log.
            let shown = output.stdout.contains(value) || provider_log(&output.stderr).contains(value);
            assert!(!shown, "{value} was printed\n{output}");
        }
    });
}

/// The lines of a log that the provider itself wrote.
fn provider_log(log: &str) -> String {
    log.lines()
        .filter(|line| line.contains("provider.terraform-provider-novita"))
        .collect::<Vec<_>>()
        .join("\n")
}
