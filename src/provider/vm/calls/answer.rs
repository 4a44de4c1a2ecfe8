//! A VM as the API describes it, decoded leniently.
//!
//! The load (`cpu_percent`, `ram_percent`) changes with every look and is left out; unknown fields
//! are ignored. An empty text means "none".

use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value as Json;

use crate::api::lenient::{Object, float, int, text};
use crate::provider::paging;
use crate::provider::vm::calls::Class;

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
    /// See [`same_gpu_type`].
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
    /// See [`Vm::class`].
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

impl Vm {
    /// What its status means.
    pub(crate) fn class(&self) -> Class {
        Class::of(&self.status)
    }
}

/// Whether two spellings mean the same GPU.
pub(crate) fn same_gpu_type(one: &str, other: &str) -> bool {
    canonical_gpu_type(one) == canonical_gpu_type(other)
}

/// The model of a GPU in one spelling: `RTX 5090` and `5090` are one, and the create call's page writes `6000pro`
/// where the price list writes `pro6000`.
pub(crate) fn canonical_gpu_type(text: &str) -> String {
    let text: String = text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let makers = ["nvidia", "geforce", "rtx"].iter();
    let model = makers.fold(text.as_str(), |text, it| text.strip_prefix(it).unwrap_or(text));
    if model == "pro6000" { "6000pro".to_owned() } else { model.to_owned() }
}

/// The answer to a create. Whatever else is wrong with it, the id is not lost.
pub(crate) struct Created(pub(crate) Vm);

impl<'de> Deserialize<'de> for Created {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let answer = Json::deserialize(input)?;
        let id = answer.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
        let whole = Object::deserialize(answer).ok().and_then(|Object(vm)| vm);
        Ok(Self(whole.unwrap_or_else(|| Vm { id, ..Vm::default() })))
    }
}

/// A page of the list: an array, or one in an object under a name that such APIs use, since no page
/// of the documentation shows it.
pub(crate) struct Page(Vec<Vm>);

impl<'de> Deserialize<'de> for Page {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let members = match Json::deserialize(input)? {
            Json::Object(mut wrapper) => {
                let inner = ["vms", "items", "data"].into_iter().find_map(|it| wrapper.remove(it));
                inner.ok_or_else(|| D::Error::custom("expected a list of VMs"))?
            }
            bare => bare,
        };
        Vec::deserialize(members).map(Self).map_err(D::Error::custom)
    }
}

impl paging::Page for Page {
    type Member = Vm;

    fn into_parts(self) -> (Vec<Vm>, Option<i64>) {
        (self.0, None)
    }

    fn id(member: &Vm) -> &str {
        &member.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!((it.class(), it), (Class::Running, expected));
    }

    #[test]
    fn everything_may_be_missing() {
        assert_eq!(serde_json::from_str::<Vm>("{}").unwrap(), Vm::default());
        let it: Vm = serde_json::from_str(r#"{"vmid":"12","gpu_type":5090,"auto_restart":true}"#).unwrap();
        assert_eq!((it.vmid, it.gpu_type.as_str(), it.auto_restart), (Some(12), "5090", Some(true)));
    }

    #[test]
    fn an_odd_answer_to_a_create_still_has_its_id() {
        for (json, id, status) in [
            (r#"{"id":"v","status":"creating"}"#, "v", "creating"),
            (r#"{"id":"v","status":"creating","gpu_count":"one"}"#, "v", ""),
            (r#"{"id":null}"#, "", ""),
            ("null", "", ""),
            ("[]", "", ""),
            ("\"v\"", "", ""),
        ] {
            let Created(it) = serde_json::from_str(json).unwrap();
            assert_eq!((it.id.as_str(), it.status.as_str()), (id, status), "{json}");
        }
    }

    #[test]
    fn a_page_is_an_array_or_holds_one() {
        for (json, count) in [
            (r#"[{"id":"a"},{"id":"b"}]"#, Some(2)),
            ("[]", Some(0)),
            (r#"{"vms":[{"id":"a"}]}"#, Some(1)),
            (r#"{"items":[],"total":0}"#, Some(0)),
            (r#"{"data":[{"id":"a"}]}"#, Some(1)),
            (r#"{"detail":"x"}"#, None),
            ("3", None),
        ] {
            let page = serde_json::from_str::<Page>(json).ok().map(|it| it.0.len());
            assert_eq!(page, count, "{json}");
        }
    }

    #[test]
    fn both_spellings_of_the_rtx_pro_6000_are_the_same() {
        for (one, other, same) in [
            ("6000pro", "pro6000", true),
            ("PRO6000", "6000pro", true),
            ("5090", "5090", true),
            ("H100", "h100", true),
            ("NVIDIA GeForce RTX 5090", "5090", true),
            ("RTX PRO 6000", "6000pro", true),
            ("A100-80GB", "a100 80gb", true),
            ("5090 Ti", "5090", false),
            ("5090", "4090", false),
            ("6000pro", "6000", false),
        ] {
            assert_eq!((same_gpu_type(one, other), same_gpu_type(other, one)), (same, same), "{one} {other}");
        }
    }
}
