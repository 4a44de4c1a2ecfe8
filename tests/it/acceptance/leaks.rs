//! Every byte that a user's secrets could get into, searched for each of them.
//!
//! A whole story is told at the highest level of the logs, with failures, refusals that repeat what was
//! sent, and a provider that is killed. All of it is searched: standard output and error, log files, plans
//! as text, reports of crashes. Left out is what the CLIs write in clear by design and say so: the state,
//! its backups and the plan file hold the values of ordinary sensitive attributes and variables (they are
//! searched for the keys and for write-only values, which must not be there), and `-json` output is not asked
//! for. The secrets come from the environment, so that the configuration itself holds none.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use mock_cloud::{Effect, Fault, Options, When};

use super::{World, block, fills_in, machine, on_every_cli};
use crate::cli::{Cli, Output};

/// Something that nobody may read.
struct Secret {
    name: &'static str,
    text: String,
    /// Whether state and plan file hold it, because the attribute is an ordinary one.
    stored: bool,
}

/// The variables that hold them: the names, the values, and whether they are ordinary ones. Each has characters
/// that other forms write otherwise, and no space at which a CLI could break the line.
const VARIABLES: [(&str, &str, bool); 6] = [
    ("image_auth", "robot:hunter-2a\"<&>\"é", true),
    ("image_auth_wo", "robot:hunter-2b\"<&>\"é", false),
    ("token", "hunter-2c\"<&>\"é", true),
    ("changed_token", "hunter-2d\"<&>\"é", true),
    ("password", "hunter-2e\"<&>\"é", true),
    ("password_wo", "hunter-2f\"<&>\"é", false),
];

#[test]
fn demand_14_no_secret_is_written_anywhere_in_a_whole_story() {
    on_every_cli(|cli| {
        let mut story = Story::begin(cli);
        story.all_four_are_made();
        story.a_plan_finds_nothing();
        story.a_change_is_refused_with_everything_repeated();
        story.a_refresh_is_refused_with_the_key_repeated();
        story.a_new_one_of_each_is_refused_with_everything_repeated();
        story.a_provider_is_killed();
        story.all_are_destroyed();
        story.is_silent();
    });
}

struct Story {
    world: World,
    secrets: Vec<Secret>,
    said: Vec<Output>,
}

impl Story {
    fn begin(cli: &Cli) -> Self {
        let options = Options {
            api_key: "sk-hunter-2g".to_owned(),
            novacloud_api_key: "nv-hunter-2h".to_owned(),
            ..fills_in()
        };
        let mut world = World::with(cli, &configuration("token"), options);
        world.workspace.note_providers();
        for (name, value) in [("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "TRACE"), ("TF_LOG_PATH", "all.log")] {
            world.workspace.set(name, value);
        }
        let mut secrets = vec![
            Secret { name: "Novita's key", text: world.cloud.api_key().to_owned(), stored: false },
            Secret {
                name: "Nova Cloud's key",
                text: world.cloud.novacloud_api_key().to_owned(),
                stored: false,
            },
        ];
        for (name, value, stored) in VARIABLES {
            world.workspace.set(&format!("TF_VAR_{name}"), value);
            secrets.push(Secret { name, text: value.to_owned(), stored });
        }
        Self { world, secrets, said: Vec::new() }
    }

    fn run(&mut self, arguments: &[&str]) -> &Output {
        self.said.push(self.world.workspace.run(arguments));
        &self.said[self.said.len() - 1]
    }

    #[track_caller]
    fn fails_with(&mut self, arguments: &[&str], words: &[&str]) {
        let output = self.run(arguments);
        assert_ne!(output.code(), Some(0), "expected a failure\n{output}");
        for expected in words {
            assert!(output.words().contains(expected), "expected to read {expected:?}\n{output}");
        }
    }

    #[track_caller]
    fn succeeds(&mut self, arguments: &[&str]) {
        let output = self.run(arguments);
        assert_eq!(output.code(), Some(0), "expected success\n{output}");
    }

    fn all_four_are_made(&mut self) {
        self.run(&["validate", "-no-color"]);
        self.succeeds(&["plan", "-input=false", "-no-color", "-out=plan.bin"]);
        self.succeeds(&["show", "-no-color", "plan.bin"]);
        self.succeeds(&["apply", "-input=false", "-no-color", "plan.bin"]);
        self.succeeds(&["show", "-no-color"]);
        for id in self.world.cloud.alive().into_iter().filter(|it| it.kind != "endpoint").map(|it| it.id) {
            let made =
                self.world.cloud.instance(&id).and_then(|it| it["sshPassword"].as_str().map(str::to_owned));
            self.secrets.extend(made.map(|text| Secret { name: "ssh_password", text, stored: true }));
        }
        let of_machines = self.secrets.iter().filter(|it| it.name == "ssh_password").count();
        assert_eq!(of_machines, 3, "each instance has a password of its own");
    }

    fn a_plan_finds_nothing(&mut self) {
        self.succeeds(&["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
    }

    /// The next such call is refused with what it was sent, in each form that is searched for.
    fn refuse(&self, call: &str, key: &str, variables: &[&str]) {
        let sent: Vec<_> = variables.iter().map(|it| value_of(it)).chain([key]).collect();
        let escaped = sent.iter().flat_map(|it| forms(it)).filter(|(name, _)| !name.contains("base64"));
        let encoded = sent.iter().flat_map(|it| [STANDARD.encode(it), URL_SAFE.encode(format!("me:{it}"))]);
        let all: Vec<_> = escaped.map(|(_, form)| form).chain(encoded).collect();
        let message = format!("what is this: {}", all.join(" "));
        let effect = Effect::Status { code: 400, reason: "SAID_TOO_MUCH".to_owned(), message };
        self.world.cloud.faults().push(Fault::new("POST", call, effect));
    }

    fn a_change_is_refused_with_everything_repeated(&mut self) {
        self.world.configure(&configuration("changed_token"));
        let key = self.world.cloud.api_key();
        for call in ["/gpu/instance/upgrade", "/gpu/instance/upgrade", "/endpoint/update"] {
            self.refuse(call, key, &["token", "changed_token"]);
        }
        self.fails_with(&["apply", "-input=false", "-no-color", "-auto-approve"], &["what is this"]);
        self.world.cloud.faults().clear();
        self.succeeds(&["apply", "-input=false", "-no-color", "-auto-approve"]);
    }

    fn a_refresh_is_refused_with_the_key_repeated(&mut self) {
        for (path, key) in [
            ("/gpu/instance", self.world.cloud.api_key()),
            ("/endpoint", self.world.cloud.api_key()),
            ("/vms/*", self.world.cloud.novacloud_api_key()),
        ] {
            for code in [403, 500] {
                let message = format!("what is this: {key}");
                let effect = Effect::Status { code, reason: "NO".to_owned(), message };
                self.world.cloud.faults().push(Fault::new("GET", path, effect));
            }
        }
        self.fails_with(&["plan", "-input=false", "-no-color"], &["what is this"]);
        self.world.cloud.faults().clear();
    }

    fn a_new_one_of_each_is_refused_with_everything_repeated(&mut self) {
        let before = self.world.cloud.created_count();
        let (novita, novacloud) =
            (self.world.cloud.api_key().to_owned(), self.world.cloud.novacloud_api_key().to_owned());
        let cases: [(&str, &str, &[&str]); 6] = [
            ("/gpu/instance/create", &novita, &["image_auth", "changed_token"]),
            ("/gpu/instance/create", &novita, &["image_auth_wo"]),
            ("/gpu/instance/create", &novita, &["image_auth", "changed_token"]),
            ("/endpoint/create", &novita, &["changed_token"]),
            ("/novacloud/vms", &novacloud, &["password"]),
            ("/novacloud/vms", &novacloud, &["password_wo"]),
        ];
        for ((call, key, variables), second) in cases.into_iter().zip(resources("second_", "changed_token")) {
            self.world.configure(&format!("{}{second}", configuration("changed_token")));
            self.refuse(call, key, variables);
            self.fails_with(&["apply", "-input=false", "-no-color", "-auto-approve"], &["what is this"]);
        }
        assert_eq!(self.world.cloud.created_count(), before);
    }

    fn a_provider_is_killed(&mut self) {
        self.world.configure(&format!("{}{}", configuration("changed_token"), machine("killed", &[])));
        self.world.cloud.faults().push(Fault::new("POST", "/gpu/instance/create", Effect::Hang(When::After)));
        let before = self.world.changes().len();
        let mut apply = self.world.workspace.spawn(&["apply", "-input=false", "-no-color", "-auto-approve"]);
        apply.wait_until("the create call is made", || self.world.changes().len() > before);
        self.world.workspace.kill_provider();
        let output = apply.wait();
        assert_ne!(output.code(), Some(0), "{output}");
        self.said.push(output);
        self.world.cloud.release();
    }

    fn all_are_destroyed(&mut self) {
        // Without a path the log goes to standard error.
        self.world.workspace.set("TF_LOG_PATH", "");
        self.succeeds(&["destroy", "-input=false", "-no-color", "-auto-approve"]);
    }

    /// Nothing of all that was written holds a secret.
    fn is_silent(&self) {
        let mut found = Vec::new();
        for (number, output) in self.said.iter().enumerate() {
            for (stream, written) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
                let place = format!("the {stream} of command {number}");
                found.extend(self.secrets.iter().flat_map(|it| it.found_in(&place, written)));
            }
        }
        let files = self.world.workspace.files();
        for expected in ["all.log", "terraform.tfstate", "plan.bin/tfplan"] {
            assert!(files.iter().any(|(name, _)| name == expected), "{expected} is missing");
        }
        let mut known = 0;
        for (name, bytes) in &files {
            let written = String::from_utf8_lossy(bytes);
            let is_kept_in_clear = name.starts_with("plan.bin/") || name.contains("tfstate");
            let (kept, searched): (Vec<_>, Vec<_>) =
                self.secrets.iter().partition(|it| is_kept_in_clear && it.stored);
            known += kept.iter().filter(|it| !it.found_in(name, &written).is_empty()).count();
            found.extend(searched.iter().flat_map(|it| it.found_in(name, &written)));
            assert!(name != "all.log" || written.contains("sent a request"), "the provider's log is on");
        }
        assert!(known > 4, "the search finds what is kept in clear");
        assert!(found.is_empty(), "{} secrets were written:\n{}", found.len(), found.join("\n"));
    }
}

impl Secret {
    /// Where it stands in some bytes, in whatever form.
    fn found_in(&self, place: &str, written: &str) -> Vec<String> {
        let found = forms(&self.text).into_iter().filter(|(_, form)| written.contains(form));
        found
            .map(|(form, text)| {
                let line = written.lines().find(|it| it.contains(&text)).unwrap_or_default();
                let line: String = line.chars().take(400).collect();
                format!("{} ({form}) in {place}: {line}", self.name)
            })
            .collect()
    }
}

/// The ways in which a program may write a text.
fn forms(text: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::json!(text).to_string();
    let json = json.trim_matches('"').to_owned();
    let of_go = json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
    let url: String = text
        .bytes()
        .map(|it| match it {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(it).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let mut forms = vec![
        ("as it is", text.to_owned()),
        ("as JSON", json.clone()),
        ("as JSON in JSON", serde_json::json!(json).to_string().trim_matches('"').to_owned()),
        ("as JSON of Go", of_go),
        ("in a URL", url.clone()),
        ("in a query", url.replace("%20", "+")),
    ];
    // In base64 a text looks differently by how many bytes are before it.
    for before in 0..3 {
        let bytes = [&[0; 2][..before], text.as_bytes()].concat();
        for (name, engine) in [("in base64", STANDARD), ("in base64 for URLs", URL_SAFE)] {
            let encoded = engine.encode(&bytes);
            let whole = bytes.len() / 3 * 4;
            let begin = [0, 2, 3][before];
            forms.push((name, encoded[begin..whole].to_owned()));
        }
    }
    forms
}

fn value_of(variable: &str) -> &'static str {
    VARIABLES.iter().find(|(name, ..)| *name == variable).map_or("", |(_, value, _)| value)
}

/// All four resources with every secret that each can have, in the form that is stored and in the one that
/// is not.
fn configuration(token: &str) -> String {
    let declared = VARIABLES.iter().map(|(name, _, stored)| {
        let kind = if *stored { "sensitive" } else { "ephemeral" };
        format!("variable \"{name}\" {{\n  type = string\n  {kind} = true\n}}\n")
    });
    declared.chain(resources("", token)).collect()
}

/// The blocks, their names with this prefix.
fn resources(prefix: &str, token: &str) -> [String; 6] {
    let name = |it: &str| format!("{prefix}{it}");
    let tokens = format!("{{ TOKEN = var.{token} }}");
    let stored = [("image_auth", "var.image_auth"), ("secret_envs", tokens.as_str())];
    let not_stored = [("image_auth_wo", "var.image_auth_wo"), ("image_auth_wo_version", "1")];
    let cpu = [
        ("product_id", "\"cpu.4c8g\""),
        ("image_url", "\"docker.io/acme/gateway:2\""),
        ("image_auth", "var.image_auth"),
        ("secret_envs", &tokens),
    ];
    let endpoint = [
        (
            "worker_config",
            "{ min_num = 0, max_num = 2, free_timeout = 300, max_concurrent = 1, gpu_num = 1, request_timeout = 60 }",
        ),
        ("port", "8000"),
        ("policy", "{ type = \"queue\", value = 60 }"),
        ("image", "{ image = \"docker.io/acme/llm:2\" }"),
        ("product_ids", "[\"SL-serverless-3\"]"),
        ("healthy", "{ path = \"/health\" }"),
        ("secret_envs", &tokens),
    ];
    let vm = [
        ("provider", "novita"),
        ("node", "\"vm02\""),
        ("gpu_type", "\"5090\""),
        ("gpu_count", "1"),
        ("storage_gb", "120"),
        ("template_vmid", "101"),
        ("auth_method", "\"password\""),
    ];
    let with = |more: &[(&'static str, &'static str)]| [&vm[..], more].concat();
    [
        machine(&name("stored"), &stored),
        machine(&name("not_stored"), &not_stored),
        block("novita_cpu_instance", &name("this"), &cpu),
        block("novita_endpoint", &name("this"), &endpoint),
        block("novacloud_vm", &name("stored"), &with(&[("password", "var.password")])),
        block(
            "novacloud_vm",
            &name("not_stored"),
            &with(&[("password_wo", "var.password_wo"), ("password_wo_version", "1")]),
        ),
    ]
}
