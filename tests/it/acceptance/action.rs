//! Actions: bound to what happens to a resource, and by themselves.

use mock_cloud::{Effect, Fault, Options, When};

use super::four::VM;
use super::{World, block, fills_in, machine, on_every_cli, on_newest_cli};
use crate::cli::{Cli, Output, Workspace};

/// An action block from lines of its configuration.
fn action(kind: &str, lines: &str) -> String {
    format!("action \"{kind}\" \"it\" {{\n  provider = novita\n  config {{\n{lines}  }}\n}}\n")
}

fn invoke(workspace: &Workspace, kind: &str) -> Output {
    let invoke = format!("-invoke=action.{kind}.it");
    workspace.run(&["apply", "-input=false", "-no-color", "-auto-approve", &invoke])
}

/// A world with a machine, and an action on it.
fn with_action(cli: &Cli, options: Options, lines: &[(&str, &str)], kind: &str, more: &str) -> World {
    let own = if kind.starts_with("novacloud") {
        "    vm_id = novacloud_vm.this.id\n"
    } else {
        "    instance_id = novita_gpu_instance.this.id\n"
    };
    let made = if kind.starts_with("novacloud") { VM.with(&[]) } else { machine("this", lines) };
    let world = World::with(cli, &made, options);
    world.workspace.apply();
    world.configure(&format!("{made}{}", action(kind, &format!("{own}{more}"))));
    world
}

#[test]
fn an_instance_is_restarted_and_watched() {
    on_newest_cli(|cli| {
        let kind = "novita_restart_instance";
        let world = with_action(cli, Options::default(), &[], kind, "    timeout = \"5m\"\n");
        let before = world.changes().len();
        let told = invoke(&world.workspace, kind).succeeded();
        assert_eq!(world.changes_since(before), ["/gpu/instance/restart"]);
        assert!(told.words().contains("The instance is restarting"), "{told}");
        assert_eq!(world.cloud.alive()[0].status, "running");
        world.workspace.plan(&[]);

        world.configure(&format!(
            "{}{}",
            machine("this", &[("desired_status", "\"stopped\"")]),
            action(kind, "    instance_id = novita_gpu_instance.this.id\n")
        ));
        world.workspace.apply();
        let before = world.changes().len();
        invoke(&world.workspace, kind)
            .failed()
            .says(&["Instance does not run", "desired_status = \"running\""]);
        assert_eq!(world.changes_since(before), Vec::<String>::new());
    });
}

#[test]
fn a_vm_is_restarted_and_a_call_that_does_not_exist_is_told() {
    on_newest_cli(|cli| {
        let kind = "novacloud_restart_vm";
        let world = with_action(cli, fills_in(), &[], kind, "");
        let before = world.changes().len();
        invoke(&world.workspace, kind).succeeded();
        assert_eq!(world.changes_since(before).len(), 1);
        let missing = Effect::Status { code: 404, reason: String::new(), message: "Not Found".to_owned() };
        world.cloud.faults().push(Fault::new("POST", "/restart", missing));
        invoke(&world.workspace, kind).failed().says(&["the call that was guessed does not exist"]);
    });
}

#[test]
fn a_prepaid_instance_is_renewed_once_and_another_not_at_all() {
    on_newest_cli(|cli| {
        let kind = "novita_renew_instance";
        let world = with_action(cli, fills_in(), &[("month", "1")], kind, "    months = 2\n");
        let before = world.changes().len();
        let told = invoke(&world.workspace, kind).succeeded();
        assert!(told.words().contains("Renewal costs money"), "{told}");
        assert!(told.words().contains("It is paid for 2 months more, until "), "{told}");
        assert_eq!(world.changes_since(before), ["/gpu/instance/renewInstance"]);
        world.workspace.assert_nothing_to_do();

        let hourly = with_action(cli, fills_in(), &[], kind, "    months = 2\n");
        let before = hourly.changes().len();
        invoke(&hourly.workspace, kind).failed().says(&["Instance is not prepaid"]);
        assert_eq!(hourly.changes_since(before), Vec::<String>::new());

        // An answer that was lost: it may have cost money, so nobody asks again.
        world.cloud.faults().push(Fault::new(
            "POST",
            "/gpu/instance/renewInstance",
            Effect::Drop(When::After),
        ));
        let before = world.changes().len();
        invoke(&world.workspace, kind).failed().says(&["may have been paid for"]);
        assert_eq!(world.changes_since(before), ["/gpu/instance/renewInstance"]);
    });
}

#[test]
fn a_migration_needs_consent_and_names_what_is_lost() {
    on_newest_cli(|cli| {
        let kind = "novita_migrate_instance";
        let world = with_action(cli, Options::default(), &[], kind, "    accept_data_loss = false\n");
        invoke(&world.workspace, kind).failed().says(&["loses the system disk and the local disk"]);
        let consent =
            action(kind, "    instance_id = novita_gpu_instance.this.id\n    accept_data_loss = true\n");
        world.configure(&format!("{}{consent}", machine("this", &[])));
        let before = world.changes().len();
        let told = invoke(&world.workspace, kind).succeeded();
        assert!(told.words().contains("Migration loses data"), "{told}");
        assert!(told.words().contains("The instance is migrating"), "{told}");
        assert_eq!(world.changes_since(before), ["/gpu/instance/migrate"]);
    });
}

#[test]
fn an_image_is_saved_and_a_job_that_fails_is_told() {
    on_newest_cli(|cli| {
        let kind = "novita_save_image";
        let image = "    image = \"ghcr.io/acme/trainer:kept\"\n";
        let world = with_action(cli, fills_in(), &[], kind, image);
        let told = invoke(&world.workspace, kind).succeeded();
        assert!(told.words().contains("is success"), "{told}");
        assert!(told.words().contains("not stopped"), "{told}");
        let jobs = world.cloud.image_jobs();
        assert_eq!((jobs.len(), jobs[0].image.as_str()), (1, "ghcr.io/acme/trainer:kept"));
        world.cloud.fail_image_jobs("denied: no right to push");
        invoke(&world.workspace, kind).failed().says(&["Image was not saved", "denied: no right to push"]);
        assert_eq!(world.cloud.image_jobs().len(), 2, "no job is begun twice");
    });
}

/// A world with a machine whose container is saved before it is destroyed, and the action for that.
fn with_kept_container(cli: &Cli) -> (World, String) {
    let save = action(
        "novita_save_image",
        "    instance_id = caller.id\n    image       = \"ghcr.io/acme/trainer:last\"\n",
    );
    let trigger = "  lifecycle {\n    action_trigger {\n      events  = [before_destroy]\n      actions = \
                   [action.novita_save_image.it]\n    }\n  }\n}\n";
    let kept = machine("this", &[]).trim_end().trim_end_matches('}').to_owned() + trigger;
    let world = World::new(cli, &format!("{kept}{save}"));
    world.workspace.apply();
    (world, save)
}

/// The container is kept before the machine goes, and the machine goes all the same.
#[test]
fn an_image_is_saved_before_the_instance_is_destroyed() {
    on_newest_cli(|cli| {
        let (world, _) = with_kept_container(cli);
        world.workspace.assert_nothing_to_do();
        let before = world.changes().len();
        world.workspace.destroy();
        assert_eq!(world.changes_since(before), ["/job/save/image", "/gpu/instance/delete"]);
        assert_eq!(world.cloud.image_jobs()[0].state, "success");
        assert!(world.cloud.alive().is_empty());
    });
}

/// What the guide on actions says about an image that cannot be saved.
#[test]
fn an_image_that_cannot_be_saved_holds_up_a_replacement_and_no_whole_destroy() {
    on_newest_cli(|cli| {
        let (world, save) = with_kept_container(cli);
        world.cloud.fail_image_jobs("denied: no right to push");
        let before = world.changes().len();
        let arguments =
            ["apply", "-input=false", "-no-color", "-auto-approve", "-replace=novita_gpu_instance.this"];
        world.workspace.run(&arguments).failed().says(&["Image was not saved"]);
        assert_eq!(world.changes_since(before), ["/job/save/image"]);
        world.workspace.assert_nothing_to_do();
        world.workspace.destroy().says(&["Warning: ", "Image was not saved"]);
        assert_eq!(world.changes_since(before + 1), ["/job/save/image", "/gpu/instance/delete"]);

        // A block that is taken out of the configuration takes its trigger along.
        world.workspace.apply();
        let before = world.changes().len();
        world.configure(&save.replace("caller.id", "\"6c1be0a94d27f3e8\""));
        world.workspace.apply();
        assert_eq!(world.changes_since(before), ["/gpu/instance/delete"]);
    });
}

#[test]
fn n17_each_action_ends_soon_after_ctrl_c_and_says_what_is_known() {
    on_newest_cli(|cli| {
        for (kind, more, path, status) in [
            ("novita_restart_instance", "", "/gpu/instance/restart", "restarting"),
            (
                "novita_migrate_instance",
                "    accept_data_loss = true\n",
                "/gpu/instance/migrate",
                "migrating",
            ),
            ("novita_save_image", "    image = \"ghcr.io/acme/a:1\"\n", "/job/save/image", "running"),
            ("novacloud_restart_vm", "", "/restart", "starting"),
        ] {
            let world = with_action(cli, fills_in(), &[], kind, more);
            world.cloud.set_pace(status, 100_000);
            world.cloud.clear_log();
            let invoke = format!("-invoke=action.{kind}.it");
            let mut apply =
                world.workspace.spawn(&["apply", "-input=false", "-no-color", "-auto-approve", &invoke]);
            apply.wait_until("the action was begun and looked at", || {
                let requests = world.cloud.requests();
                let begun = requests.iter().position(|it| it.method == "POST" && it.path.ends_with(path));
                begun.is_some_and(|at| requests.len() > at + 3)
            });
            apply.interrupt();
            let output = apply.wait().failed();
            assert!(output.words().contains("Stopped while"), "{kind}: {output}");
            assert_eq!(world.changes().len(), 1, "{kind}: nothing is done twice or undone");
        }
    });
}

#[test]
fn n17_a_renewal_that_is_stopped_says_that_it_may_have_been_paid() {
    on_newest_cli(|cli| {
        let kind = "novita_renew_instance";
        let world = with_action(cli, fills_in(), &[("month", "1")], kind, "    months = 2\n");
        world.cloud.faults().push(Fault::new(
            "POST",
            "/gpu/instance/renewInstance",
            Effect::Hang(When::After),
        ));
        world.cloud.clear_log();
        let invoke = format!("-invoke=action.{kind}.it");
        let mut apply =
            world.workspace.spawn(&["apply", "-input=false", "-no-color", "-auto-approve", &invoke]);
        apply.wait_until("the renewal was sent", || !world.changes().is_empty());
        apply.interrupt();
        let output = apply.wait().failed();
        world.cloud.release();
        assert!(output.words().contains("nobody knows whether it took effect"), "{output}");
        assert_eq!(world.changes(), ["/gpu/instance/renewInstance"]);
    });
}

#[test]
fn n26_actions_are_for_the_newest_client_and_disturb_no_other() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("this", &[]));
        world.workspace.apply();
        let lines = "    instance_id = novita_gpu_instance.this.id\n";
        world.configure(&format!("{}{}", machine("this", &[]), action("novita_restart_instance", lines)));
        let planned = world.workspace.plan(&[]);
        if cli.is_newest {
            assert_eq!(planned.code(), Some(0), "{planned}");
        } else {
            planned.failed().says(&["Unsupported block type"]);
        }
    });
}

/// No secret of a machine is in what actions print, log or leave behind.
#[test]
fn n18_actions_show_no_secret_at_trace() {
    on_newest_cli(|cli| {
        let secrets = [("secret_envs", "{ TOKEN = \"hunter2-in-env\" }"), ("ports", "[\"22/tcp\"]")];
        for (kind, more) in [
            ("novita_restart_instance", ""),
            ("novita_migrate_instance", "    accept_data_loss = true\n"),
            ("novita_save_image", "    image = \"ghcr.io/acme/a:1\"\n"),
        ] {
            let mut world = with_action(cli, fills_in(), &secrets, kind, more);
            let password = world.attribute("this", "ssh_password").as_str().expect("a password").to_owned();
            world.workspace.set("TF_LOG", "TRACE");
            world.workspace.set("TF_LOG_PATH", "trace.log");
            let output = invoke(&world.workspace, kind).succeeded();
            let log = std::fs::read_to_string(world.workspace.directory().join("trace.log")).unwrap();
            for text in [&output.stdout, &output.stderr, &log] {
                for secret in [password.as_str(), world.cloud.api_key()] {
                    assert!(!provider_lines(text).contains(secret), "{kind}");
                }
            }
        }
    });
}

/// The lines that the provider wrote; the client's own hold what it has in the state.
fn provider_lines(text: &str) -> String {
    text.lines().filter(|it| it.contains("terraform-provider-novita")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_wrong_configuration_of_an_action_is_told_before_any_call() {
    on_newest_cli(|cli| {
        let world = World::new(cli, &block("terraform_data", "none", &[]));
        for (kind, lines, words) in [
            ("novita_restart_instance", "    instance_id = null\n", "`instance_id` must be set"),
            ("novita_restart_instance", "    instance_id = \"two words\"\n", "without spaces"),
            ("novita_renew_instance", "    instance_id = \"i-1\"\n    months = 13\n", "Range: 1 to 12"),
            ("novita_save_image", "    instance_id = \"i-1\"\n    image = \"A B\"\n", "without white space"),
            ("novacloud_restart_vm", "    vm_id = \"vm-1\"\n", "UUID"),
        ] {
            world.configure(&action(kind, lines));
            invoke(&world.workspace, kind).failed().says(&[words]);
        }
        assert_eq!(world.cloud.requests().len(), 0);
        world.configure("action \"novita_restart_instance\" \"it\" {\n  provider = novita\n}\n");
        invoke(&world.workspace, "novita_restart_instance").failed().says(&["instance_id"]);
    });
}
