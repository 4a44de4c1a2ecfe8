//! `novita_image_prewarm`: a task that pulls an image to the nodes of a cluster before anything runs it there.

pub(crate) mod list;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};
use tfplugin::attr::{Attr, Set};
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::Model;
use tfplugin::resource::{ImportId, Result};
use tfplugin::schema::Timeouts;

use crate::api::client::Client;
use crate::api::error;
use crate::api::lenient;
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::image;
use crate::provider::life_cycle::by_name::ByName;
use crate::provider::life_cycle::change::{Change, Shows};
use crate::provider::life_cycle::phase::{Phase, Phases, spelled};
use crate::provider::life_cycle::remote::{Answer, Remote, meaningful};
use crate::provider::life_cycle::stored::Stored;
use crate::provider::novita::instance::check::{Wants, checked, cluster};
use crate::provider::novita::novita_id;
use crate::provider::paging::{Element, Steps};
use crate::provider::read_back::{Origin, ReadBack, read_back, some_text};

/// Image prewarm of Novita AI: a task that pulls an image to the nodes of a cluster, so that instances there start
/// faster.
///
/// Many nodes pull at the same time, so the rate limit of a registry can slow the task down or make it fail. The
/// default quota is 5 tasks in progress and 100 GB per image. The vendor does not document how long nodes keep an
/// image, nor whether deleting the task removes it from them.
///
/// Vendor documentation: [Create image
/// prewarm](https://novita.ai/docs/api-reference/gpu-instance-create-image-prewarm), [Image
/// prewarm](https://novita.ai/docs/guides/gpu-image-prewarm).
#[derive(Clone, Model)]
pub(crate) struct ImagePrewarm {
    /// ID of the task.
    #[tf(computed, identity)]
    pub(crate) id: Attr<String>,
    /// Image to pull, with registry and tag or digest, such as `docker.io/vllm/vllm-openai:v0.8.5`.
    #[tf(required, replace, canonical = image::canonical, len = 1..=i64::MAX)]
    pub(crate) image_url: Attr<String>,
    /// ID of the cluster whose nodes pull the image. `novita_clusters` lists the IDs.
    #[tf(required, replace, len = 1..=255)]
    pub(crate) cluster_id: Attr<String>,
    /// IDs of the products whose nodes pull the image, from `novita_gpu_products`. If omitted, all nodes of the
    /// cluster.
    #[tf(optional, replace)]
    pub(crate) product_ids: Attr<Set<String>>,
    /// ID of a registry login (`novita_registry_auth`), for a private image.
    #[tf(optional, replace, len = 1..=255, wire = "repositoryAuth")]
    pub(crate) registry_auth_id: Attr<String>,
    /// Note, shown in the console.
    #[tf(optional, via = "Changing it updates the note in place.")]
    pub(crate) note: Attr<String>,
    /// Wait until the image is pulled. With `false`, creation ends as soon as the ID is stored in the state.
    #[tf(optional, local, default = true)]
    pub(crate) wait_for_ready: Attr<bool>,
    /// Status as returned by the API: `Pending`, `Running`, `Succeeded` or `Failed`.
    #[tf(computed)]
    pub(crate) status: Attr<String>,
    /// Size of the image in bytes.
    #[tf(computed)]
    pub(crate) image_size_bytes: Attr<i64>,
    /// Time of creation in RFC 3339 format.
    #[tf(computed)]
    pub(crate) created_at: Attr<String>,
    /// Time of completion in RFC 3339 format.
    #[tf(computed)]
    pub(crate) completed_at: Attr<String>,
}

/// A task as the list shows it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Task {
    #[serde(deserialize_with = "lenient::text")]
    id: String,
    #[serde(deserialize_with = "lenient::text")]
    image_url: String,
    #[serde(deserialize_with = "lenient::text")]
    repository_auth: String,
    #[serde(deserialize_with = "lenient::text")]
    cluster_id: String,
    #[serde(deserialize_with = "lenient::list")]
    products: Vec<Product>,
    #[serde(deserialize_with = "lenient::int")]
    image_size: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    create_time: String,
    #[serde(deserialize_with = "lenient::text")]
    complete_time: String,
    #[serde(deserialize_with = "lenient::text")]
    state: String,
    #[serde(deserialize_with = "lenient::text")]
    note: String,
    #[serde(deserialize_with = "reasons")]
    reason: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Product {
    #[serde(deserialize_with = "lenient::text")]
    product_id: String,
}

/// Several reasons in one text.
fn reasons<'de, D: Deserializer<'de>>(input: D) -> std::result::Result<String, D::Error> {
    lenient::texts(input).map(|it| it.join("; "))
}

const KIND: ResourceKind = ResourceKind {
    noun: "prewarm",
    words: &["prewarm", "task", "image"],
    not_found: &["IMAGE_PREWARM_NOT_FOUND"],
    wrapper: None,
    is_listed: false,
    bare_id: false,
    id: IdFormat::Text,
};

impl Element for Task {
    const KIND: &'static ResourceKind = &KIND;
    const KEY: &'static str = "data";

    fn id(&self) -> &str {
        &self.id
    }
}

/// No call reads one. The pages of this list are documented to begin at 1; should they begin at 0, none is left out.
impl Answer for Task {
    const PHASES: Phases = &[
        ("Pending", Phase::Moving),
        ("Running", Phase::Moving),
        ("Succeeded", Phase::Ready),
        ("Failed", Phase::Failed),
    ];

    fn list() -> Steps<Self> {
        Steps::by_number("/image/prewarm").numbered_by("page")
    }

    fn created(&self) -> Option<Timestamp> {
        lenient::time(&self.create_time)
    }

    fn status(&self) -> &str {
        &self.state
    }

    fn trouble(&self) -> Option<&str> {
        meaningful(&self.reason)
    }

    fn advice(&self) -> String {
        "Check the address of the image, its login (`registry_auth_id`), and the limits of the registry."
            .to_owned()
    }
}

impl Stored for ImagePrewarm {
    const TYPE: &'static str = "novita_image_prewarm";
    const THING: &'static str = "image prewarm";
    const BY_HAND: &'static str = "Look for this image in the console.";
    const IMPORT_ID: ImportId = novita_id("prewarm-3f81b0c2");
    const TIMEOUTS: Timeouts = Timeouts { create: 7200, update: 300, delete: 600 };
    const COSTS: bool = false;
    const MATCH: &'static [&'static str] = &["image_url", "cluster_id"];

    type Answer = Task;

    fn client(cx: &Cx) -> Result<&Client> {
        cx.novita()
    }

    fn id(&self) -> &Attr<String> {
        &self.id
    }

    fn id_mut(&mut self) -> &mut Attr<String> {
        &mut self.id
    }

    fn is_just_imported(&self) -> bool {
        self.cluster_id.is_null()
    }

    fn is_waited_for(&self) -> bool {
        self.wait_for_ready.known() != Some(&false)
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        let wants = Wants { storage: None, network: None, is_new: true };
        match prior {
            None => checked(cx, cluster(cx, &planned.cluster_id, wants).await),
            Some(_) => Diagnostics::default(),
        }
    }

    async fn post(&self, remote: &Remote<'_, Task>) -> error::Result<Task> {
        let body = Json::Object(self.body());
        let created = remote.client.create(&remote.call, &KIND, "/image/prewarm", &body).await?;
        Ok(Task { id: created.id.to_string(), ..Task::default() })
    }

    async fn change(step: &mut Change<'_, Self>) -> Result<()> {
        let note = step.planned.note.text_or_empty().to_owned();
        if step.found.note == note || step.planned.note == step.now.note {
            return Ok(());
        }
        let body = json!({"id": step.id, "note": note});
        let sent = step.remote.post_change("/image/prewarm/edit", &body).await;
        let shows = move |it: &Task| it.note == note;
        let changed = step.confirm(sent, Shows::Soon, |it| shows(&it)).await;
        changed.map_err(|error| step.failed("change", &error))?;
        step.ends_when(shows);
        Ok(())
    }

    async fn remove(&self, remote: &Remote<'_, Task>) -> error::Result<()> {
        let body = json!({"ids": [self.id.text_or_empty()]});
        remote.post_removal("/image/prewarm/delete", &body).await
    }

    /// Without `..`: a new field asks what it means.
    fn read_back(&mut self, answer: Task, origin: Origin) -> ReadBack {
        let created = answer.created();
        let Task {
            id: _,
            image_url,
            repository_auth,
            cluster_id,
            products,
            image_size,
            create_time: _,
            complete_time,
            state,
            note,
            reason: _,
        } = answer;
        let mut back = ReadBack::of::<Self>(origin);
        back.learn_text("image_url", &mut self.image_url, image_url);
        back.learn_text("cluster_id", &mut self.cluster_id, cluster_id);
        // That those of the whole cluster are shown where none was asked for is (assumed).
        let products: Set<String> = products.into_iter().map(|it| it.product_id).collect();
        back.learn_optional(
            "product_ids",
            &mut self.product_ids,
            Some(products).filter(|it| !it.0.is_empty()),
        );
        back.learn_optional("registry_auth_id", &mut self.registry_auth_id, some_text(repository_auth));
        back.optional_text(&mut self.note, note);
        read_back(&mut self.status, some_text(spelled(Task::PHASES, &state)));
        read_back(&mut self.image_size_bytes, image_size);
        read_back(&mut self.created_at, created.map(|it| it.to_string()));
        read_back(&mut self.completed_at, lenient::time(&complete_time).map(|it| it.to_string()));
        back
    }

    fn notice(answer: &Task) -> Option<Diagnostic> {
        let detail = format!(
            "The image prewarm {} of {} has failed: {}. To try it again:\n\n  terraform apply -replace=ADDRESS",
            answer.id,
            answer.image_url,
            answer.trouble().unwrap_or("the API gave no reason")
        );
        let has_failed = answer.phase() == Phase::Failed;
        has_failed.then(|| Diagnostic::warning("Image prewarm has failed", detail))
    }
}

impl ByName for ImagePrewarm {
    const ABOUT: &'static str = "Get an existing image prewarm of Novita AI: a task that pulls an image to the nodes of a cluster.\n\nVendor documentation: [List image prewarms](https://novita.ai/docs/api-reference/gpu-instance-list-image-prewarm).";
    const KEYS: &'static [(&'static str, &'static str)] = &[("id", "ID of the task.")];
    const UNSEEN: &'static [&'static str] = &["wait_for_ready"];
}
