//! Jobs of the platform: what it does aside for an instance, such as saving an image.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::api::answer::List;
use crate::api::error::{Details, Error, Result};
use crate::api::lenient::{object, text, words};
use crate::api::resource_kind::{IdFormat, ResourceId, ResourceKind};
use crate::provider::life_cycle::remote::{Remote, meaningful};
use crate::provider::novita::instance::answer::Instance;

/// How a job is told from other things.
pub(crate) const KIND: ResourceKind = ResourceKind {
    noun: "job",
    words: &["job", "task"],
    not_found: &["JOB_NOT_FOUND"],
    wrapper: None,
    is_listed: false,
    bare_id: false,
    id: IdFormat::Text,
};

/// A job.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Job {
    #[serde(rename = "Id", alias = "id", deserialize_with = "text")]
    pub(crate) id: String,
    #[serde(deserialize_with = "object")]
    state: State,
    /// Where its log can be read.
    #[serde(rename = "logAddress", deserialize_with = "text")]
    pub(crate) log_address: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    #[serde(deserialize_with = "text")]
    state: String,
    #[serde(deserialize_with = "words")]
    error: String,
    #[serde(rename = "errorMessage", deserialize_with = "words")]
    error_message: String,
}

impl Job {
    /// Its state, as the API names it: `pulling`, `running`, `success`, `fail`, `break`.
    pub(crate) fn state(&self) -> &str {
        &self.state.state
    }

    /// Whether it has done what it was for; `None`: it is at it.
    pub(crate) fn outcome(&self) -> Option<bool> {
        match self.state().trim().to_ascii_lowercase().as_str() {
            "success" => Some(true),
            "fail" | "failed" | "break" => Some(false),
            _ => None,
        }
    }

    /// Why it failed, in the API's words.
    pub(crate) fn trouble(&self) -> Option<String> {
        let told = [&self.state.error_message, &self.state.error];
        told.into_iter().find_map(|it| meaningful(it)).map(str::to_owned)
    }
}

/// Saves the container of an instance as an image, and returns the job's id. Sent once.
///
/// # Errors
/// [`Error::Ambiguous`] when a job may have begun.
pub(crate) async fn save_image(
    remote: &Remote<'_, Instance>,
    id: &str,
    image: &str,
    registry_auth_id: Option<&str>,
) -> Result<ResourceId> {
    let mut body = json!({"instanceId": id, "image": image});
    if let Some(auth) = registry_auth_id {
        body["registryAuthId"] = Json::from(auth);
    }
    let created = remote.client.create(&remote.call, &KIND, "/job/save/image", &body).await?;
    Ok(created.id)
}

/// Reads a job. The list's filter may be fuzzy, so the id is compared.
///
/// # Errors
/// [`Error::Decode`] when the list does not show it; those of the call.
pub(crate) async fn get(remote: &Remote<'_, Instance>, id: &ResourceId) -> Result<Job> {
    let list: List<Job> =
        remote.client.list(&remote.call, "/jobs", &[("jobId", id.as_str())], "jobs").await?;
    list.elements.into_iter().find(|it| id.matches(&it.id)).ok_or_else(|| {
        Error::Decode(Details::new("GET /jobs", format!("the list does not show the job {id}")).into())
    })
}
