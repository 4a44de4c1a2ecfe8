//! Protected machines of all four types: replaced under `create_before_destroy`, by `-replace`, tainted by hand, and
//! after a first creation that failed. No way leads to two machines, or to a state that cannot be planned.

use mock_cloud::{Effect, Fault};

use super::four::{CPU, ENDPOINT, FOUR, GPU, VM, Whole};
use super::{PROVIDER, World, machine, on_every_cli};
use crate::cli::{Output, quoted};

const IGNORE: &str = "NOVITA_IGNORE_DELETION_PROTECTION";

/// A value that only another machine can have.
fn another(it: &Whole) -> (&'static str, &'static str) {
    match it.kind {
        "novita_gpu_instance" => ("gpu_num", "2"),
        "novita_cpu_instance" => ("local_storage_mount_point", "\"/elsewhere\""),
        "novita_endpoint" => ("product_ids", "[\"SL-serverless-3\"]"),
        _ => ("storage_gb", "200"),
    }
}

/// All four blocks, with `create_before_destroy`.
fn created_before(protected: bool, others: bool) -> String {
    blocks(protected, others, "  lifecycle {\n    create_before_destroy = true\n  }\n}\n")
}

fn blocks(protected: bool, others: bool, end: &str) -> String {
    let written = |it: &Whole| {
        let protected = if protected { "true" } else { "false" };
        let mut changes = vec![("deletion_protection", protected)];
        // Two at a time may not have the same one.
        changes.extend((it.kind == ENDPOINT.kind).then_some(("app_name", "null")));
        changes.extend(others.then(|| another(it)));
        let block = it.with(&changes);
        format!("{}{end}", block.strip_suffix("}\n").expect("a block"))
    };
    FOUR.iter().map(written).collect()
}

fn addresses() -> Vec<String> {
    FOUR.iter().map(|it| format!("{}.this", it.kind)).collect()
}

fn alive(world: &World) -> Vec<String> {
    let mut ids: Vec<String> = world.cloud.alive().into_iter().map(|it| it.id).collect();
    ids.sort();
    ids
}

/// The message names type and id of each of these machines.
fn names_all(output: &Output, ids: &[String]) {
    let words = output.words();
    for it in &FOUR {
        assert!(words.contains(&format!("`{}`", it.kind)), "{} is not named\n{output}", it.kind);
    }
    for id in ids {
        assert!(words.contains(&quoted(id)), "{id} is not named\n{output}");
    }
}

/// Four new machines, of those that there were none is left, and all is as configured.
fn all_are_others(world: &World, before: &[String]) {
    let now = alive(world);
    assert_eq!(now.len(), 4, "{now:?}");
    assert!(now.iter().all(|it| !before.contains(it)), "{now:?} {before:?}");
    world.workspace.assert_nothing_to_do();
}

fn replaced_by_request(world: &World) -> Output {
    let mut arguments = vec!["apply", "-input=false", "-no-color", "-auto-approve"];
    let requests: Vec<String> = addresses().iter().map(|it| format!("-replace={it}")).collect();
    arguments.extend(requests.iter().map(String::as_str));
    world.workspace.run(&arguments)
}

fn tainted_by_hand(world: &World) {
    for address in addresses() {
        world.workspace.run(&["taint", &address]).succeeded();
    }
}

#[test]
fn a17_lifting_the_protection_and_replacing_are_two_applies() {
    on_every_cli(|cli| {
        let world = World::new(cli, &created_before(true, false));
        world.workspace.apply();
        let (before, calls) = (alive(&world), world.changes().len());
        world.configure(&created_before(false, true));
        let refused = world.workspace.try_apply().failed();
        names_all(&refused.says(&["Deletion protection forbids replacing", "apply that alone"]), &before);
        assert_eq!(world.changes_since(calls), Vec::<String>::new());
        world.configure(&created_before(false, false));
        world.workspace.apply().says(&["0 added, 4 changed, 0 destroyed"]);
        world.configure(&created_before(false, true));
        world.workspace.apply().says(&["4 added, 0 changed, 4 destroyed"]);
        all_are_others(&world, &before);
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}

#[test]
fn p18_a_replacement_by_request_of_what_is_protected_is_refused() {
    on_every_cli(|cli| {
        for end in ["  lifecycle {\n    create_before_destroy = true\n  }\n}\n", "}\n"] {
            let world = World::new(cli, &blocks(true, false, end));
            world.workspace.apply();
            let (before, calls) = (alive(&world), world.changes().len());
            let refused = replaced_by_request(&world).failed();
            names_all(&refused.says(&["Deletion protection forbids replacing", "`-replace`"]), &before);
            assert_eq!(world.changes_since(calls), Vec::<String>::new());
            world.workspace.assert_nothing_to_do();
            world.configure(&blocks(false, false, end));
            world.workspace.apply();
            replaced_by_request(&world).succeeded().says(&["4 added, 0 changed, 4 destroyed"]);
            all_are_others(&world, &before);
        }
    });
}

#[test]
fn a17_what_a_failed_first_creation_left_is_replaced_though_it_was_to_be_protected() {
    on_every_cli(|cli| {
        let world = World::new(cli, &created_before(true, false));
        for (path, status, times) in
            [("/gpu/instance/create", "exited", 2), ("/endpoint/create", "failed", 1), ("/vms", "failed", 1)]
        {
            let broken = Effect::StatusError {
                message: "manifest unknown".to_owned(),
                status: Some(status.to_owned()),
            };
            world.cloud.faults().push(Fault::new("POST", path, broken).times(times));
        }
        world.workspace.try_apply().failed().says(&["manifest unknown"]);
        let before = alive(&world);
        assert_eq!(before.len(), 4);
        for it in [GPU, CPU, ENDPOINT, VM] {
            assert_eq!(world.workspace.in_state(it.kind, "this")["status"], "tainted", "{}", it.kind);
        }
        world.workspace.apply().says(&["4 added, 0 changed, 4 destroyed"]);
        all_are_others(&world, &before);
        world.workspace.try_destroy().failed().says(&["Deletion protection forbids destroying"]);
    });
}

#[test]
fn what_was_tainted_by_hand_while_protected_goes_once_protection_is_ignored() {
    on_every_cli(|cli| {
        // The old machines are destroyed first: nothing is made while that is refused.
        let mut world = World::new(cli, &blocks(true, false, "}\n"));
        world.workspace.apply();
        let (before, calls) = (alive(&world), world.changes().len());
        tainted_by_hand(&world);
        names_all(&world.workspace.try_apply().failed().says(&[IGNORE]), &before);
        assert_eq!(world.changes_since(calls), Vec::<String>::new());
        world.workspace.set(IGNORE, "1");
        world.workspace.apply().says(&["4 added, 0 changed, 4 destroyed"]);
        all_are_others(&world, &before);

        // The new ones are made first: the old ones are deposed, and every plan names the way out.
        let mut world = World::new(cli, &created_before(true, false));
        world.workspace.apply();
        let before = alive(&world);
        tainted_by_hand(&world);
        names_all(&world.workspace.try_apply().failed().says(&[IGNORE]), &before);
        let refused = world.workspace.plan(&[]).failed();
        names_all(&refused.says(&["tainted or deposed", "`ignore_deletion_protection = true`"]), &before);
        world.workspace.set(IGNORE, "1");
        world.workspace.apply().says(&["0 added, 0 changed, 4 destroyed", "Deletion protection is ignored"]);
        world.workspace.set(IGNORE, "");
        all_are_others(&world, &before);
    });
}

#[test]
fn protection_is_ignored_for_a_run_by_the_provider_block_too() {
    on_every_cli(|cli| {
        let world = World::new(cli, &blocks(true, false, "}\n"));
        world.workspace.apply();
        world.workspace.try_destroy().failed();
        let provider = PROVIDER
            .replace("provider \"novita\" {", "provider \"novita\" {\n  ignore_deletion_protection = true");
        world.workspace.write("main.tf", &format!("{provider}{}", blocks(true, false, "}\n")));
        world.workspace.destroy().says(&["4 destroyed", "Deletion protection is ignored"]);
        assert!(world.cloud.alive().is_empty());
    });
}

/// Terraform 1.16 crashes, and forgets what it has not written, when it has to write its state in the moment in which it takes
/// note of a creation that failed and left something.
#[test]
fn many_creations_that_fail_and_succeed_at_the_same_time_crash_no_client() {
    on_every_cli(|cli| {
        let many = machine("this", &[("count", "24"), ("deletion_protection", "false")]);
        let world = World::plain(cli, &many);
        let broken =
            Effect::StatusError { message: "manifest unknown".to_owned(), status: Some("exited".to_owned()) };
        world.cloud.faults().push(Fault::new("POST", "/gpu/instance/create", broken).times(12));
        let arguments = ["apply", "-input=false", "-no-color", "-auto-approve", "-parallelism=24"];
        world.workspace.run(&arguments).failed().says(&["manifest unknown"]);
        let state = world.workspace.state();
        let instances = state["resources"][0]["instances"].as_array().expect("they are in the state").clone();
        assert_eq!((instances.len(), world.cloud.alive().len()), (24, 24));
        assert_eq!(instances.iter().filter(|it| it["status"] == "tainted").count(), 12);
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}
