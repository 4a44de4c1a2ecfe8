//! `novita_save_image`: keeps the container of an instance as an image.

use std::time::Duration;

use tfplugin::action::{Action, Progress};
use tfplugin::attr::Attr;
use tfplugin::check::Format;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::Model;
use tfplugin::resource::{Result, Rules};

use super::{failed, limit};
use crate::api::error::Error;
use crate::api::resource_kind::ResourceId;
use crate::provider::clients::{Clients, Cx, DURATION};
use crate::provider::life_cycle::pace::Pace;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::{Answer as _, Remote};
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::gpu::Gpu;
use crate::provider::novita::instance::job::{self, Job};
use crate::provider::novita::reject_instance_id;

static IMAGE: Format =
    Format { text: "an address without white space, with a path in lower case", reject: reject_image };

/// Save the container of an instance of Novita AI as an image in a registry.
///
/// The vendor recommends stopping the instance first. Bound to `before_destroy`, the action saves the container
/// before the instance is destroyed.
///
/// Vendor documentation: [Save image](https://novita.ai/docs/api-reference/gpu-instance-save-image).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct SaveImage {
    /// ID of the instance (`novita_gpu_instance` or `novita_cpu_instance`).
    #[tf(required)]
    instance_id: Attr<String>,
    /// Image to push, such as `ghcr.io/acme/trainer:2026-01-05`.
    #[tf(required, len = 1..=4095, format = IMAGE)]
    image: Attr<String>,
    /// ID of a registry login (`novita_registry_auth`). The console of the vendor requires one.
    #[tf(optional, len = 1..=255)]
    registry_auth_id: Attr<String>,
    /// Maximum duration of the action. Default: `1h`.
    #[tf(optional, format = DURATION)]
    timeout: Attr<String>,
}

fn reject_image(text: &str) -> Option<String> {
    let path = text.split_once('/').map_or(text, |(_, path)| path);
    let name = path.rsplit_once(':').map_or(path, |(name, _)| name);
    let fits = !text.contains(char::is_whitespace) && !name.contains(char::is_uppercase);
    (!fits).then(|| format!("{text:?} does not have this form."))
}

impl Action for SaveImage {
    type Data = Clients;

    const TYPE: &'static str = "novita_save_image";

    fn validate(&self, rules: &mut Rules) {
        reject_instance_id(rules, &self.instance_id);
    }

    fn limit(&self) -> Duration {
        limit(&self.timeout, 60)
    }

    async fn invoke(cx: &Cx, config: Self, progress: &Progress) -> Result<()> {
        let remote = Gpu::remote(cx)?;
        let id = config.instance_id.text_or_empty();
        let instance = remote.existing(id, "instance_id").await?;
        if instance.phase() != Phase::Stopped {
            let detail = format!(
                "The instance {id} is in the status {:?}. The vendor advises to save from a stopped one: what is being \
                 written may be missing in the image, or in part.",
                instance.status
            );
            cx.warn("Image is saved from an instance that is not stopped", detail);
        }
        let image = config.image.text_or_empty();
        let begun = job::save_image(&remote, id, image, config.registry_auth_id.text()).await;
        let costs =
            "An image may be being saved: look at the jobs in the vendor's console before you run it again.";
        let job = begun.map_err(|error| failed("save the image", costs, &error))?;
        progress.tell(format!("The job {job} saves the image {image}."));
        follow(&remote, &job, progress).await
    }
}

/// Follows a job to its end. No failed look ends it.
async fn follow(remote: &Remote<'_, Instance>, id: &ResourceId, progress: &Progress) -> Result<()> {
    let begin = tokio::time::Instant::now();
    let mut pace = Pace::new(remote.client.poll_interval());
    let mut state = String::new();
    loop {
        match job::get(remote, id).await {
            Ok(job) => {
                if job.state() != state {
                    job.state().clone_into(&mut state);
                    progress.tell(format!("The job {id} is {state}."));
                    pace.quicken();
                }
                match job.outcome() {
                    Some(true) => return Ok(()),
                    Some(false) => return Err(not_saved(&job)),
                    None => {}
                }
            }
            Err(error) => log::warn!(target: "provider", "a look at the job {id} failed: {}", error.gist()),
        }
        if let Err(why) = remote.call.pause(pace.pause(begin.elapsed())).await {
            let error = Error::interrupted(why, "", "waiting for the image to be saved", Some(state));
            let mut told = failed("wait for the image", "", &error);
            told.0.iter_mut().for_each(|it| {
                it.detail.push_str(&format!(" The job {id} goes on: look at it in the vendor's console."));
            });
            return Err(told);
        }
    }
}

fn not_saved(job: &Job) -> Diagnostics {
    let why = job.trouble().unwrap_or_else(|| "the API does not say why".to_owned());
    let log = match job.log_address.as_str() {
        "" => String::new(),
        address => format!(" Its log is at {address}."),
    };
    let detail =
        format!("The job {} ended with {:?}: {why}.{log} The instance is as it was.", job.id, job.state());
    Diagnostic::error("Image was not saved", detail).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_a_path_in_lower_case_and_no_blanks() {
        for fit in ["ghcr.io/acme/trainer:2026-01-05", "acme/trainer", "Registry.example.net/a/b:Tag-1"] {
            assert_eq!(reject_image(fit), None, "{fit}");
        }
        for unfit in ["ghcr.io/Acme/trainer:1", "ghcr.io/acme/tra iner"] {
            assert!(reject_image(unfit).is_some(), "{unfit}");
        }
    }
}
