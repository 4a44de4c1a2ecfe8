//! Stories told with real CLIs: each runs on every CLI of this machine, against the mock API.
//!
//! The platform that they meet does all of its own accord that the mock can do to what is shown: it fills in, rounds,
//! renames, and writes in other forms ([`fills_in`]). A story that is about what an answer says word for word has one that
//! echoes what it is asked ([`World::plain`]).
//!
//! What they look at is what a person sees: plans, diagnostics, the state, and which calls were made. How
//! the provider gets there is for the other tests.

mod access;
mod accounts;
mod action;
mod candidates;
mod clients;
mod companions;
mod complete;
mod data;
mod ends;
mod equal;
mod everything;
mod examples;
mod four;
mod generate;
mod hang_up;
mod identity;
mod import;
mod interrupt;
mod killed;
mod leaks;
mod life;
mod live;
mod moved;
mod plan;
mod policies;
mod protection;
mod query;
mod refused;
mod secrets;
mod storage;
mod suites;

use mock_cloud::{Group, MockCloud, Options, Style};

use crate::cli::{Cli, Workspace};

/// The type that these stories are about.
const TYPE: &str = "novita_gpu_instance";

/// What every configuration of these tests begins with. The mock answers at once, so waits are short.
const PROVIDER: &str = r#"
terraform {
  required_providers {
    novita = {
      source = "novita/novita"
    }
  }
}

provider "novita" {
  poll_interval           = "20ms"
  max_requests_per_minute = 0
}
"#;

/// One CLI with a configuration, and the cloud that it talks to.
struct World {
    cloud: MockCloud,
    workspace: Workspace,
}

impl World {
    /// A world of its own: nothing exists in its cloud. `resources` follows the provider's block.
    fn new(cli: &Cli, resources: &str) -> Self {
        Self::with(cli, resources, fills_in())
    }

    /// A world whose platform shows what it was asked for, and nothing else.
    fn plain(cli: &Cli, resources: &str) -> Self {
        Self::with(cli, resources, Options::default())
    }

    fn with(cli: &Cli, resources: &str, options: Options) -> Self {
        let cloud = MockCloud::start(options);
        let mut workspace = Workspace::new(cli, &format!("{PROVIDER}{resources}"));
        workspace.set("NOVITA_BASE_URL", &cloud.novita_url());
        workspace.set("NOVITA_API_KEY", cloud.api_key());
        workspace.set("NOVACLOUD_BASE_URL", &cloud.novacloud_url());
        workspace.set("NOVACLOUD_API_KEY", cloud.novacloud_api_key());
        Self { cloud, workspace }
    }

    /// Another directory with an empty state that talks to the same cloud.
    fn another_workspace(&self, cli: &Cli, resources: &str) -> Workspace {
        let mut workspace = Workspace::new(cli, &format!("{PROVIDER}{resources}"));
        workspace.set("NOVITA_BASE_URL", &self.cloud.novita_url());
        workspace.set("NOVITA_API_KEY", self.cloud.api_key());
        workspace.set("NOVACLOUD_BASE_URL", &self.cloud.novacloud_url());
        workspace.set("NOVACLOUD_API_KEY", self.cloud.novacloud_api_key());
        workspace
    }

    /// Replaces the resources of the configuration.
    fn configure(&self, resources: &str) {
        self.workspace.write("main.tf", &format!("{PROVIDER}{resources}"));
    }

    /// The calls that changed something, in order and without the base path: `/gpu/instance/create`.
    fn changes(&self) -> Vec<String> {
        let requests = self.cloud.requests();
        // One call asks by a body, and buys nothing.
        let asks =
            |it: &mock_cloud::Request| it.method == "GET" || it.path.ends_with("/reservations/calculate");
        let changes = requests.iter().filter(|it| !asks(it));
        changes.map(|request| below_base(&request.path)).collect()
    }

    /// The calls that changed something since there were `before` of them.
    fn changes_since(&self, before: usize) -> Vec<String> {
        self.changes().split_off(before)
    }

    /// The bodies sent to one call.
    fn bodies(&self, call: &str) -> Vec<serde_json::Value> {
        let requests = self.cloud.requests();
        let fitting = requests.iter().filter(|it| it.method == "POST" && below_base(&it.path) == call);
        fitting.map(|it| it.body.clone().unwrap_or_default()).collect()
    }

    /// An attribute in the state of `novita_gpu_instance.NAME`.
    fn attribute(&self, name: &str, attribute: &str) -> serde_json::Value {
        self.workspace.in_state(TYPE, name)["attributes"][attribute].clone()
    }
}

/// A platform with each behaviour of the group "fills in", for everything that it shows.
fn fills_in() -> Options {
    Options { platform: Style::all(Group::FillsIn), ..Options::default() }
}

/// The part of a path that the API's reference writes, without the prefix of the base URL.
fn below_base(path: &str) -> String {
    path.split_once("/openapi/v1").map_or(path, |(_, call)| call).to_owned()
}

/// Tells the story once on each CLI.
fn on_every_cli(story: impl Fn(&Cli)) {
    Cli::all().iter().for_each(story);
}

/// Tells the story on each CLI that has queries and actions.
fn on_newest_cli(story: impl Fn(&Cli)) {
    Cli::newest().iter().for_each(story);
}

/// A `novita_gpu_instance` block from lines `attribute = value`.
fn instance(name: &str, lines: &[(&str, &str)]) -> String {
    block(TYPE, name, lines)
}

/// The block of a resource from lines `attribute = value`.
fn block(kind: &str, name: &str, lines: &[(&str, &str)]) -> String {
    let body: String = lines.iter().map(|(attribute, value)| format!("  {attribute} = {value}\n")).collect();
    format!("resource \"{kind}\" \"{name}\" {{\n{body}}}\n")
}

/// The least that a machine needs, with `changes` put in place of it or added to it.
fn machine(name: &str, changes: &[(&str, &str)]) -> String {
    let least = [
        ("product_id", "\"4090.16c62g\""),
        ("gpu_num", "1"),
        ("rootfs_size", "60"),
        ("image_url", "\"docker.io/acme/trainer:1.4\""),
    ];
    let kept =
        least.into_iter().filter(|(attribute, _)| changes.iter().all(|(changed, _)| changed != attribute));
    let lines: Vec<(&str, &str)> = kept.chain(changes.iter().copied()).collect();
    instance(name, &lines)
}
