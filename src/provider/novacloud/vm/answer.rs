//! A VM as the API describes it, decoded leniently.
//!
//! The load (`cpu_percent`, `ram_percent`) changes with every look and is left out; unknown fields
//! are ignored. An empty text means "none".

use jiff::Timestamp;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error;
use crate::api::lenient::{float, int, text, time};
use crate::api::resource_kind::{IdFormat, ResourceKind};
use crate::provider::life_cycle::phase::{Phase, Phases};
use crate::provider::life_cycle::remote::Answer;
use crate::provider::novacloud::routes;
use crate::provider::paging::{Element, Steps};

/// The status of a VM that was only just asked for.
pub(super) const CREATING: &str = "creating";

/// The statuses. The names are documented; what they mean is read from them and from the vendor's guides.
pub(super) const PHASES: Phases = &[
    ("running", Phase::Ready),
    // Its data is kept, and its storage is billed.
    ("stopped", Phase::Stopped),
    // It was taken back to be had by someone else. Its storage is billed.
    ("interrupted", Phase::Lost),
    // Its node cannot be reached ((assumed) meaning).
    ("offline", Phase::Held),
    // It will not run. It still needs destroying.
    ("failed", Phase::Failed),
    ("destroyed", Phase::Gone),
    (CREATING, Phase::Moving),
    ("starting", Phase::Moving),
    ("stopping", Phase::Moving),
];

/// A VM.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Vm {
    /// The id for the calls, a UUID.
    #[serde(deserialize_with = "text")]
    pub(crate) id: String,
    /// Number at the hypervisor.
    #[serde(deserialize_with = "int")]
    pub(crate) vmid: Option<i64>,
    #[serde(deserialize_with = "int")]
    pub(crate) user_id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub(crate) node: String,
    #[serde(deserialize_with = "text")]
    pub(crate) instance_label: String,
    /// Two spellings may mean the same one.
    #[serde(deserialize_with = "text")]
    pub(crate) gpu_type: String,
    #[serde(deserialize_with = "int")]
    pub(crate) gpu_count: Option<i64>,
    #[serde(deserialize_with = "int")]
    pub(crate) storage_gb: Option<i64>,
    #[serde(deserialize_with = "int")]
    pub(crate) ram_gb: Option<i64>,
    #[serde(deserialize_with = "int")]
    pub(crate) cpu_cores: Option<i64>,
    /// Empty until it is known, which may be after the VM runs.
    #[serde(deserialize_with = "text")]
    pub(crate) ip_address: String,
    /// See [`PHASES`].
    #[serde(deserialize_with = "text")]
    pub(crate) status: String,
    /// RFC 3339, as the other times.
    #[serde(deserialize_with = "text")]
    pub(crate) created_at: String,
    #[serde(deserialize_with = "text")]
    pub(crate) started_at: String,
    #[serde(deserialize_with = "text")]
    pub(crate) stopped_at: String,
    /// `on_demand`, `reserved` or `interruptible`.
    #[serde(deserialize_with = "text")]
    pub(crate) rental_type: String,
    #[serde(deserialize_with = "text")]
    pub(crate) reservation_id: String,
    pub(crate) auto_restart: Option<bool>,
    /// USD per hour, as the other rates.
    #[serde(deserialize_with = "float")]
    pub(crate) hourly_rate: Option<f64>,
    #[serde(deserialize_with = "float")]
    pub(crate) gpu_hourly_rate: Option<f64>,
    #[serde(deserialize_with = "float")]
    pub(crate) storage_hourly_rate: Option<f64>,
    #[serde(deserialize_with = "text")]
    pub(crate) cpu_model: String,
    #[serde(deserialize_with = "text")]
    pub(crate) pcie_gen: String,
}

/// How a VM is told from other things. Nova Cloud has no names for its errors.
pub(crate) const KIND: ResourceKind = ResourceKind {
    noun: "VM",
    words: &["vm", "machine", "instance"],
    not_found: &[],
    wrapper: None,
    is_listed: false,
    bare_id: false,
    id: IdFormat::Uuid,
};

impl Element for Vm {
    const KIND: &'static ResourceKind = &KIND;
    /// No page of the documentation shows one.
    const KEY: &'static str = "vms";

    fn id(&self) -> &str {
        &self.id
    }
}

impl Answer for Vm {
    const PHASES: Phases = PHASES;

    fn list() -> Steps<Self> {
        routes::list()
    }

    fn get<'a>(
        client: &'a Client,
        call: &'a Call,
        id: &'a str,
    ) -> Option<impl Future<Output = error::Result<Self>> + Send + 'a> {
        Some(routes::read(client, call, id))
    }

    fn created(&self) -> Option<Timestamp> {
        time(&self.created_at)
    }

    fn status(&self) -> &str {
        &self.status
    }

    fn loss(&self) -> Option<String> {
        let is_lost = self.phase() == Phase::Lost;
        is_lost.then(|| "its hardware was taken back (interruptible rental)".to_owned())
    }

    fn would_be_kept_by(&self) -> Option<&'static str> {
        self.rental_type.eq_ignore_ascii_case("interruptible").then_some("`rental_type = \"on_demand\"`")
    }

    fn advice(&self) -> String {
        let advice = match self.phase() {
            Phase::Lost => {
                "Its disk is kept, and billed. Start it again with `desired_status = \"running\"` when there is hardware, or \
                 rent with `rental_type = \"on_demand\"`."
            }
            Phase::Held => {
                "Nothing can be done about it from here: wait until the node is back, or take another `node`."
            }
            Phase::Stopped => "A stop for lack of credit is one possible cause: check the account's balance.",
            Phase::Ready | Phase::Moving | Phase::Failed | Phase::Leaving | Phase::Gone => {
                "Nova Cloud returns no reasons: look in its console, check `template_vmid` and `storage_gb`, or take another \
                 `node`."
            }
        };
        advice.to_owned()
    }

    /// The address may be told a little after the VM runs, or never.
    fn is_complete(&self) -> bool {
        !self.ip_address.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_phase() {
        for (status, phase, ahead) in [
            ("running", Phase::Ready, Phase::Ready),
            ("Stopped", Phase::Stopped, Phase::Stopped),
            ("interrupted", Phase::Lost, Phase::Lost),
            ("offline", Phase::Held, Phase::Held),
            ("FAILED", Phase::Failed, Phase::Failed),
            ("destroyed", Phase::Gone, Phase::Gone),
            ("creating", Phase::Moving, Phase::Ready),
            ("starting", Phase::Moving, Phase::Ready),
            ("stopping", Phase::Moving, Phase::Stopped),
            ("destroying", Phase::Leaving, Phase::Leaving),
            ("", Phase::Moving, Phase::Moving),
            ("a new one", Phase::Moving, Phase::Moving),
        ] {
            assert_eq!(
                (Phase::of(PHASES, status), Phase::ahead_of(PHASES, status)),
                (phase, ahead),
                "{status}"
            );
        }
    }

    const DOCUMENTED: &str = r#"{"id":"b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11","vmid":2104,"user_id":77,"node":"vm02",
        "instance_label":null,"gpu_type":"5090","gpu_count":1,"storage_gb":120,"ram_gb":64,"cpu_cores":16,
        "ip_address":"203.0.113.24","status":"running","created_at":"2026-01-05T10:00:00Z",
        "started_at":"2026-01-05T10:02:10Z","stopped_at":null,"rental_type":"on_demand","reservation_id":null,
        "auto_restart":null,"hourly_rate":0.62,"gpu_hourly_rate":0.6,"storage_hourly_rate":"0.02","cpu_percent":3.5,
        "ram_percent":11.2,"cpu_model":"Example CPU 9000","pcie_gen":"5.0","new":{}}"#;

    #[test]
    fn a_documented_answer_is_read() {
        let it: Vm = serde_json::from_str(DOCUMENTED).unwrap();
        let expected = Vm {
            id: "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11".into(),
            vmid: Some(2104),
            user_id: Some(77),
            node: "vm02".into(),
            instance_label: String::new(),
            gpu_type: "5090".into(),
            gpu_count: Some(1),
            storage_gb: Some(120),
            ram_gb: Some(64),
            cpu_cores: Some(16),
            ip_address: "203.0.113.24".into(),
            status: "running".into(),
            created_at: "2026-01-05T10:00:00Z".into(),
            started_at: "2026-01-05T10:02:10Z".into(),
            stopped_at: String::new(),
            rental_type: "on_demand".into(),
            reservation_id: String::new(),
            auto_restart: None,
            hourly_rate: Some(0.62),
            gpu_hourly_rate: Some(0.6),
            storage_hourly_rate: Some(0.02),
            cpu_model: "Example CPU 9000".into(),
            pcie_gen: "5.0".into(),
        };
        assert_eq!((it.phase(), it), (Phase::Ready, expected));
    }

    #[test]
    fn everything_may_be_missing() {
        assert_eq!(serde_json::from_str::<Vm>("{}").unwrap(), Vm::default());
        let it: Vm = serde_json::from_str(r#"{"vmid":"12","gpu_type":5090,"auto_restart":true}"#).unwrap();
        assert_eq!((it.vmid, it.gpu_type.as_str(), it.auto_restart), (Some(12), "5090", Some(true)));
    }
}
