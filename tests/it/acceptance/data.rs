//! Data sources: what a configuration reads before it rents anything, and what exists already.

mod budget;
mod catalogue;
mod examples;
mod lookup;
mod refused;

use serde_json::Value;

use super::World;
use crate::cli::{Cli, Workspace};

/// A world that knows both vendors' APIs and has a key for each.
fn world(cli: &Cli, configuration: &str) -> World {
    let mut world = World::new(cli, configuration);
    know_nova_cloud(&mut world);
    world
}

fn know_nova_cloud(world: &mut World) {
    world.workspace.set("NOVACLOUD_BASE_URL", &world.cloud.novacloud_url());
    world.workspace.set("NOVACLOUD_API_KEY", world.cloud.novacloud_api_key());
}

/// Applies the configuration and returns its output `seen`.
#[track_caller]
fn seen(workspace: &Workspace) -> Value {
    workspace.apply();
    workspace.run(&["output", "-json", "seen"]).succeeded().json()
}

/// The attributes in the state of `data.KIND.NAME`.
fn found(workspace: &Workspace, kind: &str, name: &str) -> Value {
    let state = workspace.state();
    let resources = state["resources"].as_array().cloned().unwrap_or_default();
    let is_it = |it: &&Value| it["mode"] == "data" && it["type"] == kind && it["name"] == name;
    resources.iter().find(is_it).map_or(Value::Null, |it| it["instances"][0]["attributes"].clone())
}
