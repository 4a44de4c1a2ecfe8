//! A provider that is killed in the middle of a create call, as by a machine without memory.
//!
//! Nothing can be saved then. What is promised is that the machine is found in the console: it is one, and
//! it bears a name that nothing else has.

use std::collections::BTreeSet;

use mock_cloud::{Effect, Fault, When};

use super::{TYPE, World, machine, on_every_cli};

#[test]
fn demand_02_a_machine_whose_provider_was_killed_is_one_and_has_a_name_of_its_own() {
    on_every_cli(|cli| {
        let world = World::new(cli, &machine("this", &[]));
        world.workspace.note_providers();
        world.cloud.faults().push(Fault::new("POST", "/gpu/instance/create", Effect::Hang(When::After)));
        let mut apply = world.workspace.spawn(&["apply", "-input=false", "-no-color", "-auto-approve"]);
        apply.wait_until("the machine is made", || world.cloud.created_count() == 1);
        world.workspace.kill_provider();
        apply.wait().failed();
        world.cloud.release();

        assert!(world.workspace.in_state(TYPE, "this").is_null(), "nobody could tell the id");
        assert_eq!(world.changes(), ["/gpu/instance/create"]);
        let lost = world.cloud.alive().remove(0);
        assert!(lost.name.starts_with("tf-"), "{lost:?}");

        world.workspace.apply();
        let names: BTreeSet<_> = world.cloud.alive().into_iter().map(|it| it.name).collect();
        assert_eq!((names.len(), world.cloud.created_count()), (2, 2), "{names:?}");
        assert_ne!(world.attribute("this", "id"), lost.id.as_str());

        // Found by its name, it is taken over as any other machine is.
        let adopted = world.another_workspace(cli, &machine("this", &[]));
        let address = format!("{TYPE}.this");
        adopted.run(&["import", "-input=false", "-no-color", &address, &lost.id]).succeeded();
        adopted.destroy();
        world.workspace.destroy();
        assert!(world.cloud.alive().is_empty());
    });
}
