//! A made-up resource for tests, with an attribute of every kind, and the cloud it lives in.
//!
//! The framework's tests plan, apply and validate it; it shows the whole of what an author can write.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};

use crate::attr::{Attr, List, Map, Set};
use crate::body;
use crate::check::Format;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::{Model, StringEnum};
use crate::redact::Secrets;
use crate::resource::{Changes, Context, ImportId, Plan, ProviderData, Resource, Result, Rules, StateWriter};
use crate::schema::{Schema, Timeouts};
use crate::value::Value;

/// How fast a disk is.
#[derive(Clone, Copy, Debug, PartialEq, StringEnum)]
pub(crate) enum Speed {
    Slow,
    VeryFast,
    #[string_enum("FASTEST!")]
    Fastest,
}

/// A machine that mounts a disk.
#[derive(Debug, Model)]
pub(crate) struct Mount {
    /// Name of the machine.
    #[tf(required, via = "", len = 1..=8)]
    host: Attr<String>,
    /// Directory on it.
    #[tf(optional, default = "/data", via = "", wire = "dir")]
    path: Attr<String>,
}

/// Copies that are kept.
#[derive(Debug, Model)]
pub(crate) struct Backup {
    /// Hour of the day.
    #[tf(required, via = "", range = 0..=23)]
    hour: Attr<i64>,
    /// How many copies stay.
    #[tf(optional, computed, via = "", wire = "keepCopies")]
    keep: Attr<i64>,
    /// Where they are.
    #[tf(computed)]
    place: Attr<String>,
}

impl Backup {
    fn answered(&self, other: bool) -> Self {
        let hour = if other { Attr::from(0) } else { self.hour };
        Self { hour, keep: Attr::from(7), place: Attr::from("there".to_owned()) }
    }
}

/// Who may connect.
#[derive(Debug, Model)]
pub(crate) struct Rule {
    /// Port.
    #[tf(required, via = "", range = 1..=65535)]
    port: Attr<i64>,
    /// Protocol.
    #[tf(optional, default = "tcp", via = "")]
    protocol: Attr<String>,
}

/// A disk.
#[derive(Debug, Model)]
pub(crate) struct Disk {
    /// Identifier of the disk.
    #[tf(computed, identity)]
    id: Attr<String>,
    /// Zone that holds the disk.
    #[tf(required, replace, len = 1..=8, wire = "zoneName")]
    zone: Attr<String>,
    /// Name, chosen by the cloud when not set.
    #[tf(optional, computed, via = "Changing it renames the disk.", len = 1..=8)]
    name: Attr<String>,
    /// Size in GB.
    #[tf(required, replace_if(shrinks, "Larger: in place. Smaller: replaced."), range = 10..=4096)]
    size: Attr<i64>,
    /// Highest price in USD per hour.
    #[tf(optional, replace, range = 0..=10)]
    max_price: Attr<f64>,
    /// Number of copies.
    #[tf(optional, default = 1, replace, one_of = [1, 2, 4])]
    copies: Attr<i64>,
    /// Speed of the disk.
    #[tf(optional, default = "slow", via = "Changing it moves the disk.")]
    speed: Attr<Speed>,
    /// Labels.
    #[tf(optional, via = "Changing it labels anew.", items = 1..=2, keys = 1..=5, wire = "tags", wire_with = pairs)]
    labels: Attr<Map<String>>,
    /// Labels that nobody should read.
    #[tf(optional, sensitive, via = "Changing it labels anew.", wire = "tags", wire_with = pairs)]
    secret_labels: Attr<Map<String>>,
    /// Ports.
    #[tf(optional, via = "Changing it opens ports.", format = PORT, canonical = str::to_lowercase)]
    ports: Attr<Set<String>>,
    /// Other names, most important first.
    #[tf(optional, via = "Changing it renames the disk.", len = 1..=8, no_wire)]
    aliases: Attr<List<String>>,
    /// Password.
    #[tf(optional, sensitive, not_returned, replace)]
    password: Attr<String>,
    /// Password.
    #[tf(optional, write_only, replace, wire = "password")]
    password_wo: Attr<String>,
    /// Version of the password; a new one sends the password again.
    #[tf(optional, not_returned, replace, no_wire)]
    password_wo_version: Attr<i64>,
    /// Medium, which the cloud does not tell.
    #[tf(optional, default = "ssd", not_returned, replace)]
    medium: Attr<String>,
    /// Machines that mount it.
    #[tf(optional, via = "Changing it mounts anew.", items = 1..=3)]
    mounts: Attr<Set<Mount>>,
    /// Backups.
    #[tf(optional, via = "Changing it plans backups anew.")]
    backup: Attr<Backup>,
    /// Rules in the order in which they apply.
    #[tf(optional, via = "Changing it sets the rules.")]
    rules: Attr<List<Rule>>,
    /// Rules of each team.
    #[tf(optional, via = "Changing it sets the rules.")]
    teams: Attr<Map<Rule>>,
    /// Forbids destroying.
    #[tf(optional, default = false, deletion_protection, local)]
    deletion_protection: Attr<bool>,
    /// Whether to wait.
    #[tf(optional, default = true, local)]
    wait: Attr<bool>,
    /// Note.
    #[tf(optional, local, deprecated = "use `labels`.")]
    note: Attr<String>,
    /// Status.
    #[tf(computed, volatile)]
    status: Attr<String>,
    /// Time of creation.
    #[tf(computed)]
    created_at: Attr<String>,
}

static MADE_UP: AtomicUsize = AtomicUsize::new(0);

const PORT: Format = Format { text: "`PORT/tcp` or `PORT/http`", reject: reject_port };

fn reject_port(text: &str) -> Option<String> {
    let fits = text.split_once('/').is_some_and(|(_, protocol)| ["tcp", "http"].contains(&protocol));
    (!fits).then(|| "The protocol is missing.".to_owned())
}

fn shrinks(old: &i64, new: &i64) -> bool {
    new < old
}

fn pairs(value: &Value) -> Json {
    value.as_map().into_iter().flatten().map(|(key, it)| json!({"key": key, "value": it.as_str()})).collect()
}

/// The cloud of the demo: it remembers the calls and fails where it is told to.
#[derive(Default)]
pub(crate) struct Cloud {
    /// The call that fails; `panic` panics in the middle of waiting, or of a renaming to `panic`.
    pub(crate) fails: &'static str,
    /// The failure is a warning only.
    pub(crate) only_warns: bool,
    /// It gives another name and backup hour than was asked for.
    pub(crate) gives_other: bool,
    /// Deletion protection is ignored.
    pub(crate) ignores_protection: bool,
    /// The calls so far.
    pub(crate) calls: Mutex<Vec<String>>,
}

impl Cloud {
    fn call(&self, name: &str, argument: &str) -> Result<()> {
        self.calls.lock().unwrap().push(format!("{name} {argument}").trim().to_owned());
        let crashes = self.fails == "panic" && (name == "wait" || argument == "panic");
        assert!(!crashes, "the demo panics");
        match (name == self.fails, self.only_warns) {
            (false, _) => Ok(()),
            (true, false) => Err(Diagnostic::error("Call failed", name).into()),
            (true, true) => Err(Diagnostic::warning("Call failed", name).into()),
        }
    }
}

impl ProviderData for Cloud {
    const IGNORING_PROTECTION: &'static str = "say so to the cloud";

    fn ignores_deletion_protection(&self) -> bool {
        self.ignores_protection
    }

    fn secrets(&self) -> Arc<Secrets> {
        Arc::default()
    }
}

impl Resource for Disk {
    type Model = Self;
    type Data = Cloud;

    const TYPE: &'static str = "demo_disk";
    const VERSION: i64 = 1;
    const IMPORT_ID: ImportId = ImportId {
        text: "`disk-…`",
        example: "disk-1",
        found: "the vendor's console shows the id",
        fits: |id| id.starts_with("disk-"),
    };
    const TIMEOUTS: Option<Timeouts> = Some(Timeouts { create: 1800, update: 90, delete: 900 });

    fn validate(model: &Self, rules: &mut Rules) {
        let passwords = [("password", model.password.is_set()), ("password_wo", model.password_wo.is_set())];
        rules.exclusive(&passwords);
        rules.needs(("password_wo_version", &model.password_wo_version), ("password_wo", &model.password_wo));
    }

    fn plan(plan: &mut Plan<Self>) {
        if plan.planned.zone.text() == Some("full") {
            plan.reject("zone", "Zone is full", "Take another.");
        }
        if plan.planned.note.text() == Some("remember") {
            // A name that is made up once, where the client keeps it.
            let name = plan.notes.get("name").and_then(|it| it.as_str().map(str::to_owned));
            let name = name.unwrap_or_else(|| format!("n-{}", MADE_UP.fetch_add(1, Ordering::Relaxed)));
            plan.notes.set("name", name.as_str());
            if plan.remembers && plan.planned.name.is_unknown() {
                plan.planned.name = Attr::from(name);
            }
        }
        if plan.planned.note.text() == Some("replace me") {
            plan.replace.push("note");
        }
    }

    async fn check_plan(cx: &Context<Cloud>, prior: Option<Self>, planned: Self) -> Diagnostics {
        let is_new = if prior.is_none() { "new" } else { "changed" };
        cx.data.call("check", &format!("{is_new} {}", planned.zone.text_or_empty())).err().unwrap_or_default()
    }

    fn plan_destroy(state: &Self) -> Diagnostics {
        match state.copies.known() {
            Some(4) => Diagnostic::warning("Four copies are destroyed", "All of them.").into(),
            _ => Diagnostics::default(),
        }
    }

    async fn create(cx: &Context<Cloud>, plan: Self, writer: &StateWriter<Self>) -> Result<()> {
        let schema = Schema::of::<Self>();
        let body = body::body(&schema, &plan.to_object());
        cx.data.call("post", &Json::Object(body).to_string())?;
        let mut disk = Self { id: Attr::from("disk-1".to_owned()), ..plan };
        writer.save(&disk);
        cx.data.call("wait", "")?;
        let name = disk.name.text().filter(|_| !cx.data.gives_other).unwrap_or("auto").to_owned();
        disk.name = Attr::from(name);
        disk.backup = Attr::from_option(disk.backup.known().map(|it| it.answered(cx.data.gives_other)));
        disk.status = Attr::from("ready".to_owned());
        writer.save(&disk);
        Ok(())
    }

    async fn read(cx: &Context<Cloud>, state: Self) -> Result<Option<Self>> {
        cx.data.call("get", state.id.text_or_empty())?;
        let gone = state.id.text() == Some("gone");
        Ok((!gone).then(|| Self { status: Attr::from("ready".to_owned()), ..state }))
    }

    async fn update(cx: &Context<Cloud>, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        let Changes { prior, planned } = changes;
        cx.data.call("rename", planned.name.text_or_empty())?;
        writer.save(&Self { name: Attr::from(planned.name.text_or_empty().to_owned()), ..prior });
        cx.data.call("resize", &format!("{:?}", planned.size.known()))?;
        writer.save(&Self { status: Attr::from("ready".to_owned()), ..planned });
        Ok(())
    }

    async fn delete(cx: &Context<Cloud>, state: Self) -> Result<()> {
        cx.warn("Deleting", "It takes a while.");
        cx.data.call("delete", state.id.text_or_empty())
    }

    fn upgrade(version: i64, mut state: Json) -> Result<Json> {
        if version != 0 {
            return Err(Diagnostic::error("State of an unknown schema version", "").into());
        }
        state["size"] = state["gb"].take();
        Ok(state)
    }
}

/// The state of a disk that was created with nothing but what is required, with these changes.
pub(crate) fn state(changes: Json) -> Json {
    let state = json!({
        "id": "disk-1", "zone": "a", "size": 20, "name": "auto", "copies": 1, "speed": "slow",
        "medium": "ssd", "deletion_protection": false, "wait": true, "status": "ready", "created_at": "now",
    });
    merged(state, changes)
}

/// A configuration of nothing but what is required, with these changes.
pub(crate) fn config(changes: Json) -> Json {
    merged(json!({"zone": "a", "size": 20}), changes)
}

fn merged(mut base: Json, changes: Json) -> Json {
    let Json::Object(changes) = changes else { panic!("changes are an object") };
    changes.into_iter().for_each(|(name, it)| base[name] = it);
    base
}
