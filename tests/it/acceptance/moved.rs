//! Renaming in the configuration: a `moved` block takes the machine along.

use super::four::FOUR;
use super::{World, on_every_cli};

#[test]
fn what_is_renamed_with_a_moved_block_stays_the_same() {
    on_every_cli(|cli| {
        let all = |name: &str| -> String { FOUR.iter().map(|it| it.named(name, it.unread)).collect() };
        let world = World::new(cli, &all("this"));
        world.workspace.apply();
        let id = |kind, name| world.workspace.in_state(kind, name)["attributes"]["id"].clone();
        let ids = FOUR.map(|it| id(it.kind, "this"));
        let before = world.changes().len();

        let moved = |from: &str, to: &str| -> String {
            let block = |kind| format!("moved {{\n  from = {kind}.{from}\n  to   = {kind}.{to}\n}}\n");
            FOUR.iter().map(|it| block(it.kind)).collect()
        };
        world.configure(&(all("that") + &moved("this", "that")));
        world.workspace.apply().says(&["has moved to", "0 added, 0 changed, 0 destroyed"]);
        world.workspace.assert_nothing_to_do();
        assert_eq!(FOUR.map(|it| id(it.kind, "that")), ids);

        // Into a family of instances as well.
        let family = all("that").replace("\" {\n", "\" {\n  for_each = toset([\"one\"])\n");
        world.configure(&(family + &moved("that", "that[\"one\"]")));
        world.workspace.apply().says(&["has moved to", "0 added, 0 changed, 0 destroyed"]);
        world.workspace.assert_nothing_to_do();
        assert_eq!(FOUR.map(|it| id(it.kind, "that")), ids);
        assert_eq!(world.changes_since(before), Vec::<String>::new());
        world.workspace.destroy().says(&["4 destroyed"]);
    });
}
