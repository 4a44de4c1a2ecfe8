//! Instances: the record of one machine. The calls stand in the modules below.
//!
//! The record keeps what was sent, also what no answer ever shows, so that tests can ask for it.

mod billing;
mod change;
mod create;
pub(crate) mod parse;
mod parts;
pub(crate) mod ports;
mod power;
mod show;
pub mod status;

use serde::{Deserialize, Serialize};

use super::Novita;
use crate::answer::{Refusal, Result};
use crate::walk::{Pace, Walk};
pub use parts::{Env, Job, Kind, NetworkUse, Port, StatusError, Tool, VolumeMount};

/// A machine, as the mock remembers it. In JSON the names are those of the API where it has one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Instance {
    pub id: String,
    pub name: String,
    pub kind: Kind,
    pub status: String,
    pub status_error: StatusError,
    pub cluster_id: String,
    pub product_id: String,
    pub product_name: String,
    pub gpu_num: u64,
    pub cpu_num: u64,
    pub memory: u64,
    pub rootfs_size: u64,
    /// How far the root disk can grow on this node, in GB.
    pub max_rootfs_size: u64,
    pub image_url: String,
    /// As sent; never shown.
    pub image_auth: String,
    pub image_auth_id: String,
    pub command: String,
    pub entrypoint: String,
    pub ports: Vec<Port>,
    /// The comma list as create sent it; never shown.
    pub ports_sent: String,
    pub envs: Vec<Env>,
    pub tools: Vec<Tool>,
    pub volume_mounts: Vec<VolumeMount>,
    /// As sent; shown as a volume mount.
    pub local_storage_mount_point: String,
    pub network: NetworkUse,
    pub billing_mode: String,
    /// Months paid for in all; never shown.
    pub month: u64,
    /// Never shown.
    pub auto_renew: bool,
    /// Never shown.
    pub auto_renew_month: u64,
    /// Unix seconds; -1 for none.
    pub end_time: i64,
    /// Never shown.
    pub min_cuda_version: String,
    /// Never shown.
    pub auto_migrate_open: bool,
    /// Never shown.
    pub auto_migrate_system_disk: bool,
    /// What the last upgrade said; never shown.
    pub save: Option<bool>,
    pub jobs: Vec<Job>,
    pub ssh_port: u16,
    pub ssh_password: String,
    pub created_at: u64,
    pub last_started_at: u64,
    pub last_stopped_at: u64,
    pub spot_status: String,
    pub spot_reclaim_time: u64,
    /// Whether it is only stopped when it is reclaimed.
    pub reclaim_stays: bool,
    pub walk: Walk,
    /// Gets that do not find it yet.
    pub hidden_reads: u32,
    /// Lists that leave it out.
    pub unlisted_reads: u32,
    /// What goes wrong when its image is pulled; empty for nothing.
    pub pull_error: String,
    /// The status in which that ends.
    pub pull_error_status: String,
}

impl Default for Instance {
    /// A running CPU machine of the first product; what a seed leaves out.
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            kind: Kind::Cpu,
            status: status::RUNNING.to_owned(),
            status_error: StatusError::default(),
            cluster_id: "7".to_owned(),
            product_id: "cpu.4c8g".to_owned(),
            product_name: "CPU 4C 8G".to_owned(),
            gpu_num: 0,
            cpu_num: 4,
            memory: 8,
            rootfs_size: 60,
            max_rootfs_size: 400,
            image_url: "docker.io/library/nginx:1.27".to_owned(),
            image_auth: String::new(),
            image_auth_id: String::new(),
            command: String::new(),
            entrypoint: String::new(),
            ports: Vec::new(),
            ports_sent: String::new(),
            envs: Vec::new(),
            tools: Vec::new(),
            volume_mounts: Vec::new(),
            local_storage_mount_point: String::new(),
            network: NetworkUse::default(),
            billing_mode: "onDemand".to_owned(),
            month: 0,
            auto_renew: false,
            auto_renew_month: 0,
            end_time: -1,
            min_cuda_version: String::new(),
            auto_migrate_open: false,
            auto_migrate_system_disk: false,
            save: None,
            jobs: Vec::new(),
            ssh_port: 0,
            ssh_password: String::new(),
            created_at: 0,
            last_started_at: 0,
            last_stopped_at: 0,
            spot_status: String::new(),
            spot_reclaim_time: 0,
            reclaim_stays: false,
            walk: Walk::default(),
            hidden_reads: 0,
            unlisted_reads: 0,
            pull_error: String::new(),
            pull_error_status: String::new(),
        }
    }
}

impl Instance {
    pub(crate) fn is_running(&self) -> bool {
        self.status == status::RUNNING
    }

    pub(crate) fn is_monthly(&self) -> bool {
        self.billing_mode == "monthly"
    }

    /// Whether its GPUs are out of the stock.
    pub(crate) fn holds_hardware(&self) -> bool {
        self.status != status::EXITED && self.status != status::REMOVED
    }

    /// Begins a walk through these statuses.
    pub(crate) fn walk(&mut self, statuses: &[&str], pace: &Pace) {
        self.status_error = StatusError::default();
        self.walk.begin(&mut self.status, statuses, pace);
    }

    /// One step: the status lasts one step less, or the next one begins.
    pub(crate) fn step(&mut self, pace: &Pace, now: u64) {
        self.step_reclaim(pace);
        if self.status == status::PULLING && !self.pull_error.is_empty() {
            self.fail_pull();
        }
        if self.walk.step(&mut self.status, pace) {
            self.arrive(now);
        }
    }

    /// Removed, and served for long enough.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.status == status::REMOVED && self.walk.steps_left == 0
    }

    /// The owner of a spot machine's node wants it back.
    pub(crate) fn reclaim(&mut self, now: u64, stays: bool) {
        self.reclaim_stays = stays;
        self.spot_status = "notified".to_owned();
        self.spot_reclaim_time = now + 60;
    }

    /// What a new status does to the rest.
    fn arrive(&mut self, now: u64) {
        match self.status.as_str() {
            status::RUNNING => {
                self.last_started_at = now;
                self.jobs.clear();
                if self.billing_mode == "spot" && self.spot_status.is_empty() {
                    self.spot_status = "running".to_owned();
                }
            }
            status::EXITED => {
                self.last_stopped_at = now;
                self.jobs.clear();
            }
            _ => {}
        }
    }

    fn fail_pull(&mut self) {
        self.status_error =
            StatusError { state: "pull_failed".to_owned(), message: std::mem::take(&mut self.pull_error) };
        self.status = std::mem::take(&mut self.pull_error_status);
        self.walk.to_come.clear();
    }

    fn step_reclaim(&mut self, pace: &Pace) {
        match self.spot_status.as_str() {
            "notified" => "reclaiming".clone_into(&mut self.spot_status),
            "reclaiming" => {
                "terminated".clone_into(&mut self.spot_status);
                match self.reclaim_stays {
                    _ if status::is_leaving(&self.status) => {}
                    true => self.walk(&[status::EXITED], pace),
                    false => self.walk(&status::REMOVING_WALK, pace),
                }
            }
            _ => {}
        }
    }
}

impl Novita {
    /// The machine of an action, or the refusal that it does not exist.
    fn existing(&mut self, id: &str) -> Result<&mut Instance> {
        self.instances
            .iter_mut()
            .find(|it| it.id == id && it.status != status::REMOVED)
            .ok_or_else(|| Refusal::new(400, "RESOURCE_NOT_FOUND", "instance not found"))
    }

    /// The same, in one of these statuses.
    pub(crate) fn existing_in(&mut self, id: &str, statuses: &[&str]) -> Result<&mut Instance> {
        let instance = self.existing(id)?;
        if statuses.contains(&instance.status.as_str()) {
            return Ok(instance);
        }
        let text = format!("invalid state change: the instance is {}", instance.status);
        Err(Refusal::new(400, "CONFLICT", &text))
    }
}
