//! `novita_template`: an image with its settings that is saved in the account.
//!
//! Owns the model and the calls. No create call of the API takes a template: it is for the console, and a source of
//! values for configurations.

pub(crate) mod answer;
pub(crate) mod list;
pub(crate) mod templates;
#[cfg(test)]
mod tests;

use serde_json::{Map as Members, Value as Json, json};
use tfplugin::attr::{Attr, Map, Set};
use tfplugin::body;
use tfplugin::check::Format;
use tfplugin::model::{Model, StringEnum as _};
use tfplugin::resource::{ImportId, Result, Rules};
use tfplugin::schema::{Schema, Timeouts};
use tfplugin::value::Value;

use crate::api::client::Client;
use crate::api::error::{self, Error};
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::life_cycle::by_name::ByName;
use crate::provider::life_cycle::change::{Change, Shows};
use crate::provider::life_cycle::remote::Remote;
use crate::provider::life_cycle::stored::Stored;
use crate::provider::novita::instance::answer::moment;
use crate::provider::novita::instance::ports::{self, PORT, Port, Protocol};
use crate::provider::novita::novita_id;
use crate::provider::novita::template::answer::KIND;
use crate::provider::read_back::{Origin, ReadBack, read_back, read_back_text};
use crate::provider::read_modify_write::{merged, shows};
use crate::provider::{envs, image};

/// Most ports of one kind.
const MOST_PORTS: usize = 10;

/// Template of Novita AI: an image with its settings, saved in the account and offered in the console.
///
/// Instances copy the settings of a template: changing or deleting it affects no instance. It is free of charge.
///
/// Vendor documentation: [Create template](https://novita.ai/docs/api-reference/gpu-instance-create-template).
#[derive(Clone, Model)]
pub(crate) struct Template {
    /// ID of the template.
    #[tf(computed, identity)]
    pub(crate) id: Attr<String>,
    /// Name, shown in the console.
    #[tf(required, len = 2..=255, via = "Changing it updates the template in place.")]
    pub(crate) name: Attr<String>,
    /// Purpose of the template. The API documents only `instance`.
    #[tf(optional, replace, default = "instance", canonical = str::to_lowercase, len = 1..=255)]
    pub(crate) r#type: Attr<String>,
    /// Visibility of the template. `private`: the account only. `community`: everyone. The API documents only
    /// `private`.
    #[tf(optional, replace, default = "private", canonical = str::to_lowercase, format = CHANNEL)]
    pub(crate) channel: Attr<String>,
    /// Image with registry and tag, such as `docker.io/acme/trainer:1.4`.
    #[tf(required, len = 1..=500, canonical = image::canonical, via = "Changing it updates the template in place.")]
    pub(crate) image: Attr<String>,
    /// ID of a registry login (`novita_registry_auth`), for a private image.
    #[tf(optional, len = 0..=255, wire = "imageAuth", via = "Changing it updates the template in place.")]
    pub(crate) image_auth_id: Attr<String>,
    /// Size of the system disk in GB.
    #[tf(required, range = 10..=i64::MAX, via = "Changing it updates the template in place.")]
    pub(crate) rootfs_size: Attr<i64>,
    /// Description in Markdown, shown in the console.
    #[tf(optional, len = 0..=102_400, via = "Changing it updates the template in place.")]
    pub(crate) readme: Attr<String>,
    /// Start command, overrides the command of the image.
    #[tf(optional, len = 0..=2047, via = "Changing it updates the template in place.")]
    pub(crate) start_command: Attr<String>,
    /// Entry point, overrides the entry point of the image.
    #[tf(optional, len = 0..=2047, via = "Changing it updates the template in place.")]
    pub(crate) entrypoint: Attr<String>,
    /// Ports to open, such as `22/tcp` or `8888/http`, in any order. At most 10 of each protocol; each port number
    /// only once.
    #[tf(optional, format = PORT, canonical = ports::canonical, wire_with = ports_to_wire,
         via = "Changing it updates the template in place.")]
    pub(crate) ports: Attr<Set<String>>,
    /// Environment variables. Together with `secret_envs`, at most 100.
    #[tf(optional, keys = 1..=511, len = 0..=4095, wire_with = envs::to_wire,
         via = "Changing it updates the template in place.")]
    pub(crate) envs: Attr<Map<String>>,
    /// Environment variables whose values are hidden in plans. They are stored in the state. A key must not be in
    /// `envs` as well.
    #[tf(optional, sensitive, keys = 1..=511, len = 0..=4095, wire = "envs", wire_with = envs::to_wire,
         via = "Changing it updates the template in place.")]
    pub(crate) secret_envs: Attr<Map<String>>,
    /// Minimum CUDA version of the machine, such as `12.4`.
    #[tf(optional, len = 0..=255, via = "Changing it updates the template in place.")]
    pub(crate) min_cuda_version: Attr<String>,
    /// Time of creation in RFC 3339 format.
    #[tf(computed)]
    pub(crate) created_at: Attr<String>,
}

static CHANNEL: Format = Format {
    text: "`private` or `community`",
    reject: |text| (!["private", "community"].contains(&text)).then(|| format!("{text:?} is neither.")),
};

/// The API's form of ports here: `[{type, ports}]`, one for each kind.
fn ports_to_wire(ports: &Value) -> Json {
    let elements = ports.as_slice().unwrap_or_default().iter().filter_map(Value::as_str);
    grouped(elements.filter_map(|it| ports::parse(it).ok()).collect())
}

fn grouped(mut ports: Vec<Port>) -> Json {
    ports.sort_unstable();
    let of = |kind: Protocol| {
        ports.iter().filter(|it| it.protocol == kind).map(|it| it.number).collect::<Vec<_>>()
    };
    let kinds = [Protocol::Http, Protocol::Tcp].map(|kind| (kind, of(kind)));
    let used = kinds.into_iter().filter(|(_, ports)| !ports.is_empty());
    used.map(|(kind, ports)| json!({"type": kind.as_str(), "ports": ports})).collect()
}

impl Stored for Template {
    const TYPE: &'static str = "novita_template";
    const THING: &'static str = "template";
    const BY_HAND: &'static str = "Look for this name in the console.";
    const IMPORT_ID: ImportId = novita_id("tpl-58b1e0");
    const TIMEOUTS: Timeouts = Timeouts { create: 300, update: 300, delete: 600 };
    const MATCH: &'static [&'static str] = &["channel", "image"];

    type Answer = answer::Template;

    fn client(cx: &Cx) -> Result<&Client> {
        cx.novita()
    }

    fn id(&self) -> &Attr<String> {
        &self.id
    }

    fn id_mut(&mut self) -> &mut Attr<String> {
        &mut self.id
    }

    fn name_mut(&mut self) -> Option<&mut Attr<String>> {
        Some(&mut self.name)
    }

    fn is_just_imported(&self) -> bool {
        self.image.is_null()
    }

    fn validate(&self, rules: &mut Rules) {
        envs::validate(rules, &self.envs, &self.secret_envs);
        let ports = ports::known(&self.ports);
        ports::reject_repeated(rules, "ports", &ports.iter().map(|it| it.number).collect::<Vec<_>>());
        for kind in [Protocol::Http, Protocol::Tcp] {
            let count = ports.iter().filter(|it| it.protocol == kind).count();
            if count > MOST_PORTS {
                let kind = kind.as_str();
                rules.reject(
                    "ports",
                    format!("There can be {MOST_PORTS} ports with `{kind}`. There are {count}."),
                );
            }
        }
    }

    async fn post(&self, remote: &Remote<'_, answer::Template>) -> error::Result<answer::Template> {
        let (path, body) = ("/template/create", json!({"template": self.body()}));
        let created = remote.client.create(&remote.call, &KIND, path, &body).await?;
        Ok(answer::Template { id: created.id.to_string(), ..created.shown() })
    }

    async fn change(step: &mut Change<'_, Self>) -> Result<()> {
        let (before, after) = (step.now.settings(), step.planned.settings());
        if before == after {
            return Ok(()); // a variable that became a secret one, or one that is none any more
        }
        let mut template = merged(step.found.settings(), &before, &after);
        template["Id"] = step.id.clone().into();
        if !step.planned.ports.is_null() {
            template["ports"] = after["ports"].clone();
        }
        let sent = step.remote.post_change("/template/update", &json!({"template": template})).await;
        let is_shown = move |it: &answer::Template| shows(&it.settings(), &before, &after);
        let changed = step.confirm(sent.map_err(not_offered), Shows::Soon, |it| is_shown(&it)).await;
        changed.map_err(|error| step.failed("change", &error))?;
        step.ends_when(is_shown);
        Ok(())
    }

    async fn remove(&self, remote: &Remote<'_, answer::Template>) -> error::Result<()> {
        let body = json!({"templateId": self.id.text_or_empty()});
        remote.post_removal("/template/delete", &body).await
    }

    /// Without `..`: a new field asks what it means.
    fn read_back(&mut self, answer: answer::Template, origin: Origin) -> ReadBack {
        let ports = answer.ports().iter().map(Port::to_string).collect();
        let answer::Template {
            id: _, // is the life cycle's matter
            name,
            kind,
            channel,
            image,
            image_auth,
            rootfs_size,
            readme,
            start_command,
            entrypoint,
            ports: _, // read above
            envs: variables,
            min_cuda_version,
            create_time,
            raw: _, // for the update
        } = answer;
        let mut back = ReadBack::of::<Self>(origin);
        read_back_text(&mut self.name, name);
        back.learn_text("type", &mut self.r#type, kind);
        back.learn_text("channel", &mut self.channel, channel);
        read_back_text(&mut self.image, image);
        back.optional_text(&mut self.image_auth_id, image_auth);
        read_back(&mut self.rootfs_size, rootfs_size);
        back.optional_text(&mut self.readme, readme);
        back.optional_text(&mut self.start_command, start_command);
        back.optional_text(&mut self.entrypoint, entrypoint);
        back.optional_set(&mut self.ports, ports);
        envs::read_back(&mut self.envs, &mut self.secret_envs, variables, origin);
        back.optional_text(&mut self.min_cuda_version, min_cuda_version);
        read_back(&mut self.created_at, moment(&create_time));
        back
    }
}

impl Template {
    /// All that an update sets, as the state or the plan has it. An absent value is an empty one.
    fn settings(&self) -> Json {
        let mut body: Members<_, _> = body::body(&Schema::of::<Self>(), &self.to_object());
        for name in ["imageAuth", "readme", "startCommand", "entrypoint", "minCudaVersion"] {
            body.entry(name).or_insert_with(|| json!(""));
        }
        for name in ["ports", "envs"] {
            body.entry(name).or_insert_with(|| json!([]));
        }
        if let Some(envs) = body.get_mut("envs").and_then(Json::as_array_mut) {
            envs.sort_by_key(|it| it["key"].as_str().map(str::to_owned));
        }
        Json::Object(body)
    }
}

/// The update call stands in no page of this API; that it is there is (assumed), as one of the vendor's clients has it.
fn not_offered(error: Error) -> Error {
    if error.details().name != "API_NOT_FOUND" {
        return error;
    }
    error.described(
        "API cannot change a template in place",
        "The call is in no page of the API, and only some have it. Make another template in its place: \
         `terraform apply -replace=ADDRESS`.",
    )
}

impl ByName for Template {
    const ABOUT: &'static str = "Get an existing template of Novita AI: private, official or community.\n\nVendor documentation: [Get template](https://novita.ai/docs/api-reference/gpu-instance-get-template).";
    const KEYS: &'static [(&'static str, &'static str)] = &[("id", "ID of the template.")];
    const UNSEEN: &'static [&'static str] = &["secret_envs"];
    const SECRETS: &'static [(&'static str, &'static str)] = &[(
        "envs",
        "Environment variables. All are sensitive, because the API does not return which ones are secret.",
    )];
}
