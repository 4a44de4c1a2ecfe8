//! Data sources: what a configuration reads before it rents anything, and what exists already.

mod budget;
mod catalogue;
mod examples;
mod lookup;
mod plural;
mod refused;

use serde_json::Value;

use crate::cli::Workspace;

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
