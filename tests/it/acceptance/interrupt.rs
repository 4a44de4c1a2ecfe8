//! Ctrl-C: a machine that is being made when the user gives up is not forgotten.

use super::{World, fills_in, machine, on_every_cli};

#[test]
fn demand_08_a_machine_made_when_the_user_gives_up_is_remembered() {
    on_every_cli(|cli| {
        // The image is pulled for ever, so the create waits until it is told to stop.
        let mut options = fills_in();
        options.pace.set("pulling", u32::MAX);
        let world = World::with(cli, &machine("this", &[]), options);
        let mut apply = world.workspace.spawn(&["apply", "-input=false", "-no-color", "-auto-approve"]);
        apply.wait_until("the provider looks at the machine it made", || {
            let requests = world.cloud.requests();
            requests.iter().filter(|it| it.method == "GET" && it.path.ends_with("/gpu/instance")).count() > 2
        });
        apply.interrupt();
        let output = apply.wait().failed();

        let id = world.attribute("this", "id");
        assert!(id.is_string(), "the machine was forgotten\n{output}");
        assert_eq!(world.changes(), ["/gpu/instance/create"], "giving up asks nothing of the cloud");
        assert_eq!(world.cloud.alive()[0].status, "pulling");

        world.workspace.destroy();
        assert_eq!(world.bodies("/gpu/instance/delete")[0]["instanceId"], id);
        assert!(world.cloud.alive().is_empty());
    });
}
