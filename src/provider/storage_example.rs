//! `novita_network_storage`: a disk that instances of one cluster can mount.
//!
//! The worked example of CONTRIBUTING.md, which shows it piece by piece. It is compiled and tested here so that
//! it stays true, and stands in no table: the provider does not offer it.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::api::call::{Call, Intent};
use crate::api::client::Client;
use crate::api::error::{self, Details, Error};
use crate::api::lenient::{self, Ignored};
use crate::framework::attr::Attr;
use crate::framework::body;
use crate::framework::model::Model;
use crate::framework::resource::{Changes, ImportId, Resource, Result, StateWriter};
use crate::framework::schema::{Schema, Timeouts};
use crate::provider::config::Clients;
use crate::provider::error_context::ErrorContext;
use crate::provider::read_back::{read_back, read_back_text};
use crate::provider::{Cx, novita_id};

/// A network storage of Novita AI: a disk that instances of its cluster can mount.
#[derive(Model)]
pub(crate) struct Storage {
    /// Identifier of the storage.
    #[tf(computed)]
    id: Attr<String>,
    /// Name, shown in the console.
    #[tf(required, via = "Changing it renames the storage.", len = 1..=64, wire = "storageName")]
    name: Attr<String>,
    /// Cluster that holds the storage.
    #[tf(required, replace, len = 1..=255)]
    cluster_id: Attr<String>,
    /// Size in GB.
    #[tf(required, range = 10..=4096, wire = "storageSize",
         replace_if(shrinks, "A larger size is applied in place; a smaller one replaces the storage, and its data is lost."))]
    size: Attr<i64>,
}

fn shrinks(old: &i64, new: &i64) -> bool {
    new < old
}

/// A storage as the list shows it. Numbers may come as texts, and what is unknown is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Answer {
    #[serde(deserialize_with = "lenient::text")]
    storage_id: String,
    #[serde(deserialize_with = "lenient::text")]
    storage_name: String,
    #[serde(deserialize_with = "lenient::text")]
    cluster_id: String,
    #[serde(deserialize_with = "lenient::int")]
    storage_size: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    #[serde(deserialize_with = "lenient::or_default")]
    data: Vec<Answer>,
}

/// Makes a storage and returns its id, which is the whole answer.
async fn create(client: &Client, call: &Call, body: &Json) -> error::Result<String> {
    const PATH: &str = "/networkstorage/create";
    let answer: Json = client.post(call, PATH, body, Intent::Create).await?;
    let id = answer.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    id.ok_or_else(|| Error::Ambiguous(Details::new(PATH, "the answer has no id of the new storage").into()))
}

/// Reads a storage. There is no call for one, and the list's filter may be a fuzzy one (assumed).
async fn get(client: &Client, call: &Call, id: &str) -> error::Result<Answer> {
    const PATH: &str = "/networkstorages/list";
    let query = [("pageSize", "100"), ("pageNo", "1"), ("storageId", id)];
    let page: Page = client.get(call, PATH, &query).await?;
    let found = page.data.into_iter().find(|it| it.storage_id == id);
    found.ok_or_else(|| Error::gone(PATH, format!("there is no storage with the id {id:?} (any more)")))
}

impl Storage {
    /// Takes over what the API says. Without `..`: a new field asks what it means.
    fn refresh(&mut self, answer: Answer) {
        let Answer { storage_id, storage_name, cluster_id, storage_size } = answer;
        read_back_text(&mut self.id, storage_id);
        read_back_text(&mut self.name, storage_name);
        read_back_text(&mut self.cluster_id, cluster_id);
        read_back(&mut self.size, storage_size);
    }
}

impl Resource for Storage {
    type Data = Clients;

    const TYPE: &'static str = "novita_network_storage";
    const IMPORT_ID: ImportId = novita_id("st-51c0");
    const TIMEOUTS: Timeouts = Timeouts { create: 300, update: 300, delete: 300 };

    async fn create(cx: &Cx, mut plan: Self, writer: &StateWriter<Self>) -> Result<()> {
        let (client, call) = (cx.novita()?, cx.call());
        let schema = Schema::of::<Self>();
        let body = Json::Object(body::body(&schema, &plan.to_object()));
        let created = create(client, &call, &body).await.map_err(|error| {
            let aftermath = match error {
                Error::Ambiguous(_) => "It may exist and cost money: look for its name in the console.",
                _ => "No storage was made.",
            };
            let what = "create the storage";
            ErrorContext { what, aftermath: aftermath.to_owned(), schema: Some(&schema) }.failed(&error)
        });
        plan.id = created?.into();
        writer.save(&plan); // it exists and costs money: remember it before anything can fail
        Ok(())
    }

    async fn read(cx: &Cx, mut state: Self) -> Result<Option<Self>> {
        match get(cx.novita()?, &cx.call(), state.id.text_or_empty()).await {
            Ok(found) => {
                state.refresh(found);
                Ok(Some(state))
            }
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(ErrorContext::to("read the storage").failed(&error)),
        }
    }

    async fn update(cx: &Cx, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        let (client, call, Changes { planned, .. }) = (cx.novita()?, cx.call(), changes);
        let (name, size) = (planned.name.text_or_empty(), planned.size.known());
        let body = json!({"storageId": planned.id.text_or_empty(), "storageName": name, "storageSize": size});
        let sent = client.post::<Ignored>(&call, "/networkstorage/update", &body, Intent::Change).await;
        let Ignored = sent.map_err(|error| ErrorContext::to("change the storage").failed(&error))?;
        writer.save(&planned);
        Ok(())
    }

    async fn delete(cx: &Cx, state: Self) -> Result<()> {
        let (client, call) = (cx.novita()?, cx.call());
        let body = json!({"storageId": state.id.text_or_empty()});
        match client.post::<Ignored>(&call, "/networkstorage/delete", &body, Intent::Remove).await {
            Ok(Ignored) | Err(Error::NotFound(_)) => Ok(()),
            Err(error) => Err(ErrorContext::to("destroy the storage").failed(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error_mapping::ErrorMapping;
    use crate::framework::erased::resource;
    use crate::framework::schema::lint::RESERVED_IN_RESOURCES;
    use crate::provider::loopback::play;

    #[test]
    fn clients_take_the_schema() {
        let faults = resource::<Storage>().schema().lint(RESERVED_IN_RESOURCES);
        assert!(faults.is_empty(), "{faults:#?}");
    }

    #[tokio::test]
    async fn the_id_is_the_whole_answer_to_a_create() {
        const SCRIPT: &[(u16, &str)] = &[(200, "\"st-1\""), (200, "{}")];
        let (client, requests) = play(ErrorMapping::Novita, SCRIPT).await;
        let body = json!({"clusterId": "7", "storageName": "data", "storageSize": 10});
        assert_eq!(create(&client, &Call::default(), &body).await.unwrap(), "st-1");
        assert!(matches!(create(&client, &Call::default(), &body).await, Err(Error::Ambiguous(_))));
        assert_eq!(requests.lock().unwrap()[0], format!("POST /networkstorage/create {body}"));
    }

    #[tokio::test]
    async fn a_storage_that_only_looks_similar_is_another_one() {
        const SCRIPT: &[(u16, &str)] =
            &[(200, r#"{"data":[{"storageId":"st-10"},{"storageId":"st-1","storageSize":"20"}]}"#)];
        let (client, _) = play(ErrorMapping::Novita, SCRIPT).await;
        assert_eq!(get(&client, &Call::default(), "st-1").await.unwrap().storage_size, Some(20));
        assert!(matches!(get(&client, &Call::default(), "st-2").await, Err(Error::NotFound(_))));
    }

    #[test]
    fn contributing_shows_this_very_code() {
        let (guide, code) = (include_str!("../../CONTRIBUTING.md"), include_str!("storage_example.rs"));
        let blocks: Vec<&str> =
            guide.split("```rust\n").skip(1).map(|it| it.split("```").next().unwrap_or_default()).collect();
        assert!(blocks.len() >= 4, "CONTRIBUTING.md shows only {} pieces of code", blocks.len());
        for block in blocks {
            assert!(
                code.replace("\r\n", "\n").contains(&block.replace("\r\n", "\n")),
                "not in the example:\n{block}"
            );
        }
    }
}
