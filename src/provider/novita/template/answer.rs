//! A template as get and list show it.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value as Json;
use tfplugin::model::StringEnum as _;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::Result;
use crate::api::lenient::{self, time};
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::provider::life_cycle::remote::Answer;
use crate::provider::novita::endpoint::answer::Raw;
use crate::provider::novita::instance::answer::Env;
use crate::provider::novita::instance::ports::{Port, Protocol};
use crate::provider::novita::template::grouped;
use crate::provider::paging::{Element, Steps};
use crate::provider::read_modify_write::Shown;

/// How a template is told from other things. Somebody else's private one is refused as such, and not gone.
pub(crate) const KIND: ResourceKind = ResourceKind {
    noun: "template",
    words: &["template"],
    not_found: &["TEMPLATE_NOT_FOUND"],
    wrapper: Some("template"),
    bare_id: false,
    id: IdFormat::Text,
    is_listed: false,
};

/// What a get shows and no update sets.
const NO_SETTINGS: [&str; 6] = ["Id", "id", "user", "logo", "tools", "createTime"];

/// A template. Numbers may come as texts, and what is unknown is ignored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Template {
    #[serde(alias = "Id", deserialize_with = "lenient::text")]
    pub(super) id: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) name: String,
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    pub(super) kind: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) channel: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) image: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) image_auth: String,
    #[serde(deserialize_with = "lenient::int")]
    pub(super) rootfs_size: Option<i64>,
    #[serde(deserialize_with = "lenient::lines")]
    pub(super) readme: String,
    #[serde(deserialize_with = "lenient::lines")]
    pub(super) start_command: String,
    #[serde(deserialize_with = "lenient::lines")]
    pub(super) entrypoint: String,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) ports: Vec<Ports>,
    #[serde(deserialize_with = "lenient::list")]
    pub(super) envs: Vec<Env>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) min_cuda_version: String,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) create_time: String,
    /// All of it, where a get has shown it.
    #[serde(skip)]
    pub(super) raw: Raw,
}

/// The ports of one kind.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ports {
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    kind: String,
    #[serde(deserialize_with = "lenient::texts")]
    ports: Vec<String>,
}

impl Template {
    /// Its ports, in a fixed order.
    pub(super) fn ports(&self) -> Vec<Port> {
        let of = |it: &Ports| {
            let protocol = Protocol::from_text(&it.kind);
            let numbers = it.ports.iter().filter_map(|it| it.parse().ok());
            numbers.filter_map(|number| Some(Port { number, protocol: protocol? })).collect::<Vec<_>>()
        };
        let mut ports: Vec<_> = self.ports.iter().flat_map(of).collect();
        ports.sort_unstable();
        ports
    }

    /// All that an update sets, as a get shows it; members that are not known here stay as they are.
    pub(super) fn settings(&self) -> Json {
        let mut members = self.raw.0.as_object().cloned().unwrap_or_default();
        members.retain(|name, _| !NO_SETTINGS.contains(&name.as_str()));
        members.insert("ports".to_owned(), grouped(self.ports()));
        Json::Object(members)
    }
}

impl Element for Template {
    const KIND: &'static ResourceKind = &KIND;
    const KEY: &'static str = "template";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Answer for Template {
    /// All templates, those of the vendor and of others too: filters prove no absence.
    fn list() -> Steps<Self> {
        Steps::by_number("/templates")
    }

    fn get<'a>(
        client: &'a Client,
        call: &'a Call,
        id: &'a str,
    ) -> Option<impl Future<Output = Result<Self>> + Send + 'a> {
        Some(async move {
            let Shown { it, raw } = client.read(call, &KIND, id, "/template", &[("templateId", id)]).await?;
            Ok(Self { raw: Raw(raw), ..it })
        })
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn created(&self) -> Option<Timestamp> {
        time(&self.create_time)
    }
}
