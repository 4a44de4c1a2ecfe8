//! `novita_network_storage`: a disk that instances and endpoints of one cluster can mount.
//!
//! Also the worked example of CONTRIBUTING.md, which shows it piece by piece.

pub(crate) mod list;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use tfplugin::attr::Attr;
use tfplugin::check::Format;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::Model;
use tfplugin::resource::{ImportId, Result};
use tfplugin::schema::Timeouts;

use crate::api::client::Client;
use crate::api::error;
use crate::api::lenient;
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::provider::clients::{Cx, Vendors as _};
use crate::provider::life_cycle::by_name::ByName;
use crate::provider::life_cycle::change::{Change, Shows, refuse_shrinking};
use crate::provider::life_cycle::remote::{Answer, Remote};
use crate::provider::life_cycle::stored::Stored;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::check::{Wants, checked, cluster};
use crate::provider::novita::novita_id;
use crate::provider::novita::users::users;
use crate::provider::paging::{Element, Steps};
use crate::provider::read_back::{Origin, ReadBack, read_back, read_back_text};

/// Network storage of Novita AI: a disk that instances and endpoints of its cluster can mount.
///
/// It is billed per GB and day, mounted or not: 0.002 USD according to the vendor. Destroying it deletes its data
/// permanently. The vendor deletes it too when the account has been in arrears for 3 days.
///
/// Vendor documentation: [Create network
/// storage](https://novita.ai/docs/api-reference/gpu-instance-create-network-storage).
#[derive(Clone, Model)]
pub(crate) struct NetworkStorage {
    /// ID of the storage.
    #[tf(computed, identity)]
    id: Attr<String>,
    /// ID of the cluster. Use a cluster of `novita_clusters` with `support_network_storage`.
    #[tf(required, replace, len = 1..=255)]
    cluster_id: Attr<String>,
    /// Name, shown in the console. If omitted, the provider generates a unique name with the prefix `tf-`.
    #[tf(optional, computed, via = "Changing it renames the storage in place.", len = 1..=i64::MAX,
         format = NAME, wire = "storageName")]
    name: Attr<String>,
    /// Size in GB. A larger storage is not changed.
    #[tf(required, at_least, range = 10..=i64::MAX, wire = "storageSize",
         via = "A larger size is applied in place; a smaller one is an error, because the data would be lost.")]
    size: Attr<i64>,
    /// Refuse any plan that destroys or replaces the storage.
    #[tf(optional, local, default = false, deletion_protection)]
    deletion_protection: Attr<bool>,
    /// Name of the cluster.
    #[tf(computed)]
    cluster_name: Attr<String>,
}

static NAME: Format = Format {
    text: "a name without spaces at its ends",
    reject: |text| (text.trim() != text).then(|| format!("{text:?} has some.")),
};

/// A storage as the list shows it. Numbers may come as texts, and what is unknown is ignored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Storage {
    #[serde(alias = "id", deserialize_with = "lenient::text")]
    storage_id: String,
    #[serde(deserialize_with = "lenient::text")]
    storage_name: String,
    #[serde(deserialize_with = "lenient::int")]
    storage_size: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    pub(crate) cluster_id: String,
    #[serde(deserialize_with = "lenient::text")]
    cluster_name: String,
}

/// How a storage is told from other things. A create is documented to answer with the id alone; clients saw an object.
const KIND: ResourceKind = ResourceKind {
    noun: "storage",
    words: &["storage", "network"],
    not_found: &["NETWORK_STORAGE_NOT_FOUND"],
    wrapper: None,
    is_listed: false,
    bare_id: true,
    id: IdFormat::Text,
};

impl Element for Storage {
    const KIND: &'static ResourceKind = &KIND;
    const KEY: &'static str = "data";

    fn id(&self) -> &str {
        &self.storage_id
    }
}

/// There is no call that reads one: it is looked for in the whole list, as its filters may be fuzzy.
impl Answer for Storage {
    fn list() -> Steps<Self> {
        Steps::by_number("/networkstorages/list").numbered_by("pageNo")
    }

    fn name(&self) -> &str {
        &self.storage_name
    }
}

impl Stored for NetworkStorage {
    const TYPE: &'static str = "novita_network_storage";
    const THING: &'static str = "network storage";
    const BY_HAND: &'static str = "Look for this name in the console.";
    const IMPORT_ID: ImportId = novita_id("st-0c9e3a71");
    const TIMEOUTS: Timeouts = Timeouts { create: 300, update: 300, delete: 600 };
    const MATCH: &'static [&'static str] = &["cluster_id"];

    type Answer = Storage;

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
        self.cluster_id.is_null()
    }

    fn plan_update(&self, planned: &Self) -> Diagnostics {
        refuse_shrinking("size", &self.size, &planned.size)
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        let wants = Wants { storage: Some("cluster_id"), network: None, is_new: true };
        match prior {
            None => checked(cx, cluster(cx, &planned.cluster_id, wants).await),
            Some(_) => Diagnostics::default(),
        }
    }

    async fn post(&self, remote: &Remote<'_, Storage>) -> error::Result<Storage> {
        let (path, body) = ("/networkstorage/create", Json::Object(self.body()));
        let created = remote.client.create(&remote.call, &KIND, path, &body).await?;
        Ok(Storage { storage_id: created.id.to_string(), ..created.shown() })
    }

    async fn change(step: &mut Change<'_, Self>) -> Result<()> {
        // The size never goes down, whatever the state says.
        let size = step.planned.size.known().copied().max(step.found.storage_size);
        let name = step.planned.name.text_or_empty().to_owned();
        let body = json!({"storageId": step.id, "storageName": name, "storageSize": size});
        let sent = step.remote.post_change("/networkstorage/update", &body).await;
        let shows = move |it: &Storage| it.storage_name == name && it.storage_size >= size;
        let changed = step.confirm(sent, Shows::Soon, |it| shows(&it)).await;
        changed.map_err(|error| step.failed("change", &error))?;
        step.ends_when(shows);
        Ok(())
    }

    async fn remove(&self, remote: &Remote<'_, Storage>) -> error::Result<()> {
        let body = json!({"storageId": self.id.text_or_empty()});
        remote.post_removal("/networkstorage/delete", &body).await
    }

    /// Instances and endpoints that mount it.
    async fn users(cx: &Cx, id: &str) -> Vec<String> {
        let instance = |it: &Instance| it.volume_mounts.iter().any(|it| it.id == id);
        users(cx, instance, |it| it.volume_mounts.iter().any(|it| it.id == id)).await
    }

    /// Without `..`: a new field asks what it means.
    fn read_back(&mut self, answer: Storage, origin: Origin) -> ReadBack {
        let Storage { storage_id: _, storage_name, storage_size, cluster_id, cluster_name } = answer;
        let mut back = ReadBack::of::<Self>(origin);
        back.learn_text("cluster_id", &mut self.cluster_id, cluster_id);
        read_back_text(&mut self.name, storage_name);
        // More than asked for is as good.
        let asked = self.size.known().copied();
        read_back(&mut self.size, storage_size.filter(|it| asked.is_none_or(|asked| *it < asked)));
        read_back_text(&mut self.cluster_name, cluster_name);
        back
    }

    fn why_gone(&self) -> Option<Diagnostic> {
        let detail = format!(
            "The network storage {} does not exist any more: somebody has deleted it, or the vendor has, as it does when an \
             account has been in arrears for 3 days. The next apply creates an empty one.",
            self.id.text_or_empty()
        );
        Some(Diagnostic::warning("Network storage is gone, and its data with it", detail))
    }
}

impl ByName for NetworkStorage {
    const ABOUT: &'static str = "Get an existing network storage of Novita AI.\n\nVendor documentation: [List network storages](https://novita.ai/docs/api-reference/gpu-instance-list-network-storage).";
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("id", "ID of the storage. Set exactly one of `id` and `name`."),
        (
            "name",
            "Exact name of the storage. Set exactly one of `id` and `name`. A name that several storages have is an error.",
        ),
    ];
    const UNSEEN: &'static [&'static str] = &["deletion_protection"];
}

#[cfg(test)]
mod tests;
