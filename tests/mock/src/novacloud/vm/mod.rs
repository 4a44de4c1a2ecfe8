//! VMs: the record of one. The calls stand in the modules below.

mod create;
mod power;
mod show;
pub mod status;

use serde::{Deserialize, Serialize};

use super::style::AnswerStyle;
use super::{NovaCloud, not_found};
use crate::answer::{Refusal, Result};
use crate::style::{Listed, Style, Switch};
use crate::walk::{Pace, Walk};

/// A VM, as the mock remembers it. In JSON the names are those of the API where it has one; money is
/// counted in 1/1000000 USD and times in Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Vm {
    pub id: String,
    pub vmid: u64,
    pub node: String,
    pub instance_label: Option<String>,
    /// As sent.
    pub gpu_type: String,
    pub gpu_count: u64,
    pub storage_gb: u64,
    pub ram_gb: u64,
    pub cpu_cores: u64,
    pub ip_address: Option<String>,
    pub status: String,
    pub created_at: u64,
    pub started_at: Option<u64>,
    pub stopped_at: Option<u64>,
    pub rental_type: String,
    pub reservation_id: Option<String>,
    pub auto_restart: Option<bool>,
    pub gpu_hourly_rate: u64,
    pub storage_hourly_rate: u64,
    pub cpu_model: Option<String>,
    pub pcie_gen: Option<String>,
    /// Never shown.
    pub template_vmid: u64,
    /// Never shown.
    pub reservation_months: Option<u64>,
    /// Never shown.
    pub auth_method: String,
    /// The key that was taken, sent or not; never shown.
    pub ssh_key_id: Option<String>,
    /// Never shown.
    pub password: Option<String>,
    pub walk: Walk,
    /// Steps until the address is known.
    pub ip_steps_left: u32,
    /// Reads so far, which make the load move.
    pub reads: u64,
    /// Gets that do not find it yet.
    pub hidden_reads: u32,
    /// Lists that leave it out.
    pub unlisted_reads: u32,
    /// The status that it ends in instead of starting; empty for none.
    pub fails_as: String,
}

impl Default for Vm {
    /// A running VM with one GPU; what a seed leaves out.
    fn default() -> Self {
        Self {
            id: String::new(),
            vmid: 0,
            node: "vm02".to_owned(),
            instance_label: None,
            gpu_type: "5090".to_owned(),
            gpu_count: 1,
            storage_gb: 100,
            ram_gb: 64,
            cpu_cores: 16,
            ip_address: Some("203.0.113.200".to_owned()),
            status: status::RUNNING.to_owned(),
            created_at: 0,
            started_at: None,
            stopped_at: None,
            rental_type: "on_demand".to_owned(),
            reservation_id: None,
            auto_restart: None,
            gpu_hourly_rate: 600_000,
            storage_hourly_rate: 20_000,
            cpu_model: Some("Example CPU 9000".to_owned()),
            pcie_gen: Some("5.0".to_owned()),
            template_vmid: 101,
            reservation_months: None,
            auth_method: "ssh_key".to_owned(),
            ssh_key_id: None,
            password: None,
            walk: Walk::default(),
            ip_steps_left: 0,
            reads: 0,
            hidden_reads: 0,
            unlisted_reads: 0,
            fails_as: String::new(),
        }
    }
}

impl Vm {
    pub(crate) fn exists(&self) -> bool {
        self.status != status::DESTROYED
    }

    /// Whether its GPUs cannot be rented to others.
    pub(crate) fn holds_gpus(&self) -> bool {
        ![status::STOPPED, status::INTERRUPTED, status::DESTROYED].contains(&self.status.as_str())
    }

    /// In 1/1000000 USD.
    pub(crate) fn hourly_rate(&self) -> u64 {
        self.gpu_hourly_rate.saturating_add(self.storage_hourly_rate)
    }

    /// Begins a walk through these statuses.
    pub(crate) fn walk(&mut self, statuses: &[&str], pace: &Pace) {
        self.walk.begin(&mut self.status, statuses, pace);
    }

    /// One step: the status lasts one step less, or the next one begins.
    pub(crate) fn step(&mut self, pace: &Pace, style: &AnswerStyle, now: u64) {
        if self.status == status::CREATING && !self.fails_as.is_empty() {
            let failed = std::mem::take(&mut self.fails_as);
            self.walk(&[&failed], pace);
        } else if self.walk.step(&mut self.status, pace) {
            self.arrive(style, now);
        } else if self.ip_steps_left > 0 {
            self.ip_steps_left -= 1;
            self.learn_address();
        }
    }

    /// Destroyed, and served for long enough.
    pub(crate) fn is_forgotten(&self) -> bool {
        self.status == status::DESTROYED && self.walk.steps_left == 0
    }

    /// What a new status does to the rest.
    pub(crate) fn arrive(&mut self, style: &AnswerStyle, now: u64) {
        match self.status.as_str() {
            status::RUNNING => {
                (self.started_at, self.stopped_at) = (Some(now), None);
                if self.ip_address.is_none() {
                    self.ip_steps_left = style.late_ip_steps;
                    self.learn_address();
                }
            }
            status::STOPPED | status::INTERRUPTED => self.stopped_at = Some(now),
            _ => {}
        }
    }

    fn learn_address(&mut self) {
        if self.ip_steps_left == 0 && self.ip_address.is_none() {
            self.ip_address = Some(format!("203.0.113.{}", 1 + self.vmid % 199));
        }
    }
}

impl NovaCloud {
    /// The VM of an action, or the refusal that it does not exist.
    fn existing(&mut self, id: &str) -> Result<&mut Vm> {
        self.vms.iter_mut().find(|it| it.id == id && it.exists()).ok_or_else(|| not_found("VM not found"))
    }
}

impl Listed for Vm {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What a get says of a VM that is not there.
pub(crate) fn unknown(platform: &Style) -> Refusal {
    if platform.holds(Switch::GoneForThisUser, "") {
        return not_found("VM not found for this user or its API key");
    }
    not_found("VM not found")
}
