//! Jobs: saving the container of an instance as an image, and looking at how far that is.

use serde_json::{Value, json};

use super::Novita;
use super::instance::parse::text;
use super::instance::status;
use crate::answer::{Answer, Call, Refusal, Result};
use crate::clock::Time;
use crate::walk::{Pace, Walk};

/// A job that saves an image.
#[derive(Debug, Clone, Default)]
pub struct ImageJob {
    /// Identifier.
    pub id: String,
    /// The instance whose container is saved.
    pub instance_id: String,
    /// Address to which the image is pushed.
    pub image: String,
    /// `pulling`, `running`, `success`, `fail`.
    pub state: String,
    /// Why it failed.
    pub error_message: String,
    created_at: u64,
    walk: Walk,
}

impl ImageJob {
    pub(super) fn step(&mut self, pace: &Pace) {
        self.walk.step(&mut self.state, pace);
    }
}

impl Novita {
    /// Saves an image of a machine that runs or is stopped. The answer is the job's id.
    pub(super) fn save_image(&mut self, body: &Value, now: u64) -> Result<Answer> {
        let (instance_id, image) = (text(body, "instanceId"), text(body, "image"));
        self.existing_in(&instance_id, &[status::RUNNING, status::EXITED])?;
        if image.contains(char::is_whitespace) {
            return Err(Refusal::field("image", "must not contain white space"));
        }
        let auth = text(body, "registryAuthId");
        if !self.knows_auth(&auth) {
            return Err(Refusal::field("registryAuthId", "there is no such registry auth"));
        }
        let id = format!("job-{}", self.new_id());
        let end = if self.image_job_failure.is_empty() { "success" } else { "fail" };
        let error_message = self.image_job_failure.clone();
        let mut job = ImageJob {
            id: id.clone(),
            instance_id,
            image,
            error_message,
            created_at: now,
            ..Default::default()
        };
        job.walk.begin(&mut job.state, &["pulling", "running", end], &self.pace);
        self.image_jobs.push(job);
        Ok(Answer::json(200, &json!({ "jobId": id })))
    }

    /// All of them, or the page that is asked for.
    pub(super) fn list_jobs(&mut self, call: &Call, time: &mut Time) -> Answer {
        let answer = self.show_jobs(call);
        if time.read_moves() {
            self.image_jobs.iter_mut().for_each(|it| it.step(&self.pace));
        }
        answer
    }

    fn show_jobs(&self, call: &Call) -> Answer {
        let fitting: Vec<&ImageJob> =
            self.image_jobs.iter().filter(|it| self.matches(call, "jobId", &it.id)).collect();
        let page = self.page(call, "pageNum", &fitting);
        let items = page.iter().map(|it| show(it)).collect();
        Answer::json(200, &json!({"jobs": self.items(items), "total": fitting.len()}))
    }
}

fn show(it: &ImageJob) -> Value {
    let failed = it.state == "fail";
    json!({
        "Id": it.id, "user": "u-1", "type": "saveImage", "instanceId": it.instance_id, "envs": [],
        "state": {
            "state": it.state, "error": if failed { "SAVE_IMAGE_FAILED" } else { "" },
            "errorMessage": if failed { it.error_message.as_str() } else { "" },
        },
        "logAddress": "", "createdAt": it.created_at.to_string(),
    })
}
