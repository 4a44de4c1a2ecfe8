//! The state of an instance, what an answer of the API means for it, and the request bodies made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use tf_provider::value::{Value, serde_as_vec};

use crate::duration;
use crate::instance::{Instance, RUNNING};

type Texts = BTreeMap<String, Value<String>>;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) id: Value<String>,
    pub(crate) name: Value<String>,
    pub(crate) product_id: Value<String>,
    pub(crate) gpu_num: Value<i64>,
    pub(crate) rootfs_size: Value<i64>,
    pub(crate) image_url: Value<String>,
    pub(crate) image_auth: Value<String>,
    pub(crate) image_auth_id: Value<String>,
    pub(crate) ports: Value<BTreeSet<Value<String>>>,
    pub(crate) envs: Value<Texts>,
    pub(crate) secret_envs: Value<Texts>,
    pub(crate) command: Value<String>,
    pub(crate) entrypoint: Value<String>,
    pub(crate) cluster_id: Value<String>,
    pub(crate) network_id: Value<String>,
    pub(crate) deletion_protection: Value<bool>,
    pub(crate) wait_for_ready: Value<bool>,
    pub(crate) billing_mode: Value<String>,
    pub(crate) month: Value<i64>,
    pub(crate) auto_renew: Value<bool>,
    pub(crate) auto_renew_month: Value<i64>,
    pub(crate) min_cuda_version: Value<String>,
    pub(crate) cluster_name: Value<String>,
    pub(crate) cpu_num: Value<i64>,
    pub(crate) created_at: Value<String>,
    pub(crate) end_time: Value<String>,
    pub(crate) hourly_price: Value<f64>,
    pub(crate) jupyter_url: Value<String>,
    pub(crate) memory: Value<i64>,
    pub(crate) network_ip: Value<String>,
    pub(crate) port_mappings: Value<Vec<PortMapping>>,
    pub(crate) product_name: Value<String>,
    pub(crate) spot_status: Value<String>,
    pub(crate) ssh_command: Value<String>,
    pub(crate) ssh_password: Value<String>,
    pub(crate) status: Value<String>,
    #[serde(with = "serde_as_vec")]
    pub(crate) timeouts: Value<Timeouts>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PortMapping {
    port: Value<i64>,
    r#type: Value<String>,
    endpoint: Value<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Timeouts {
    pub(crate) create: Value<String>,
    pub(crate) update: Value<String>,
    pub(crate) delete: Value<String>,
}

/// A text, or `""`.
pub(crate) fn text(value: &Value<String>) -> &str {
    match value {
        Value::Value(text) => text,
        Value::Null | Value::Unknown => "",
    }
}

/// The time-out that a configuration asks for, or the default in minutes.
pub(crate) fn limit(
    timeouts: &Value<Timeouts>,
    which: impl Fn(&Timeouts) -> &Value<String>,
    minutes: u64,
) -> Duration {
    let configured = match timeouts {
        Value::Value(timeouts) => duration::parse(text(which(timeouts))).ok(),
        Value::Null | Value::Unknown => None,
    };
    configured.unwrap_or(Duration::from_secs(minutes * 60))
}

impl State {
    /// Makes everything unknown that only the API can tell about a new instance.
    pub(crate) fn forget(&mut self) {
        self.id = Value::Unknown;
        self.cluster_name = Value::Unknown;
        self.cpu_num = Value::Unknown;
        self.created_at = Value::Unknown;
        self.hourly_price = Value::Unknown;
        self.memory = Value::Unknown;
        self.product_name = Value::Unknown;
        if self.name.is_null() {
            self.name = Value::Unknown;
        }
        if self.cluster_id.is_null() {
            self.cluster_id = Value::Unknown;
        }
        self.forget_volatile();
    }

    /// Makes everything unknown that may change with any other change.
    pub(crate) fn forget_volatile(&mut self) {
        self.end_time = Value::Unknown;
        self.jupyter_url = Value::Unknown;
        self.network_ip = Value::Unknown;
        self.port_mappings = Value::Unknown;
        self.spot_status = Value::Unknown;
        self.ssh_command = Value::Unknown;
        self.ssh_password = Value::Unknown;
        self.status = Value::Unknown;
    }

    /// Fills in what is neither configured nor told by the API.
    pub(crate) fn take_defaults(&mut self) {
        or(&mut self.deletion_protection, false);
        or(&mut self.wait_for_ready, true);
        or(&mut self.auto_renew, false);
        or(&mut self.month, 0);
    }

    /// The ways to pay, in the order: mode, months, renewal, months of renewal.
    pub(crate) fn billing(&self) -> (&Value<String>, &Value<i64>, &Value<bool>, &Value<i64>) {
        (&self.billing_mode, &self.month, &self.auto_renew, &self.auto_renew_month)
    }

    /// Takes over what the API says. An answer without a status is the one of the create call.
    pub(crate) fn refresh(&mut self, it: Instance) {
        let imported = self.image_url.is_null(); // required, so a state without it knows the id alone
        self.take_ports(&it, imported);
        self.take_envs(&it, imported);
        let billing_mode = match it.billing_mode.as_str() {
            "" if it.status.is_empty() => None,
            "" => Some("onDemand".to_owned()),
            other => Some(other.to_owned()),
        };
        self.id = Value::Value(it.id);
        take(&mut self.name, told(it.name));
        take(&mut self.product_id, told(it.product_id));
        take(&mut self.gpu_num, it.gpu_num);
        take(&mut self.rootfs_size, it.rootfs_size);
        take(&mut self.image_url, told(it.image_url));
        mirror(&mut self.image_auth_id, it.image_auth_id);
        mirror(&mut self.command, it.command);
        mirror(&mut self.entrypoint, it.entrypoint);
        take(&mut self.cluster_id, told(it.cluster_id));
        take(&mut self.cluster_name, told(it.cluster_name));
        mirror(&mut self.network_id, it.network.id);
        take(&mut self.billing_mode, billing_mode);
        take(&mut self.cpu_num, it.cpu_num);
        take(&mut self.memory, it.memory);
        take(&mut self.product_name, told(it.product_name));
        take(&mut self.created_at, it.created_at.and_then(moment));
        take(&mut self.hourly_price, None);
        self.end_time = told(it.end_time.and_then(moment).unwrap_or_default()).into();
        self.network_ip = told(it.network.ip).into();
        self.spot_status = told(it.spot_status).into();
        self.ssh_command = told(it.ssh.ssh_command).into();
        self.ssh_password = told(it.ssh.password).into();
        self.jupyter_url = told(it.jupyter.address).into();
        self.status = told(it.status).into();
    }

    /// An instance that does not run may show only some ports, so nothing is learnt of `ports` then.
    fn take_ports(&mut self, it: &Instance, imported: bool) {
        let mapping = |it: &crate::instance::PortMapping| PortMapping {
            port: Value::Value(it.port),
            r#type: Value::Value(it.protocol.clone()),
            endpoint: told(it.endpoint.clone()).into(),
        };
        let open = it.ports();
        self.port_mappings = Value::Value(open.iter().map(|it| mapping(it)).collect());
        let none_before = !matches!(&self.ports, Value::Value(it) if !it.is_empty());
        if (it.status == RUNNING || imported) && !(open.is_empty() && none_before) {
            let spelled = open.iter().map(|it| Value::Value(format!("{}/{}", it.port, it.protocol)));
            self.ports = Value::Value(spelled.collect());
        }
    }

    /// Takes over the variables that are configured; the platform may have added others. After an import all
    /// of them go to `envs`.
    fn take_envs(&mut self, it: &Instance, imported: bool) {
        let shown: BTreeMap<_, _> = it.envs.iter().map(|it| (it.key.clone(), it.value.clone())).collect();
        if imported && !shown.is_empty() {
            self.envs = Value::Value(shown.into_iter().map(|(key, it)| (key, Value::Value(it))).collect());
            return;
        }
        if it.status.is_empty() {
            return;
        }
        for envs in [&mut self.envs, &mut self.secret_envs] {
            if let Value::Value(envs) = envs {
                envs.retain(|key, _| shown.contains_key(key));
                for (key, value) in envs.iter_mut() {
                    *value = Value::Value(shown[key].clone());
                }
            }
        }
    }

    /// The ports as (number, protocol), in order.
    pub(crate) fn open_ports(&self) -> Vec<(i64, &str)> {
        let Value::Value(ports) = &self.ports else { return Vec::new() };
        let mut ports: Vec<_> = ports.iter().filter_map(|it| parse_port(text(it))).collect();
        ports.sort_unstable();
        ports
    }

    fn all_envs(&self) -> Json {
        let both = [&self.envs, &self.secret_envs].into_iter().filter_map(|it| match it {
            Value::Value(envs) => Some(envs),
            Value::Null | Value::Unknown => None,
        });
        both.flatten().map(|(key, value)| json!({"key": key, "value": text(value)})).collect()
    }

    /// What the create call takes.
    pub(crate) fn create_body(&self) -> Json {
        let ports: Vec<_> =
            self.open_ports().into_iter().map(|(port, protocol)| format!("{port}/{protocol}")).collect();
        let mut body = Map::new();
        for (name, value) in [
            ("name", &self.name),
            ("productId", &self.product_id),
            ("imageUrl", &self.image_url),
            ("imageAuth", &self.image_auth),
            ("imageAuthId", &self.image_auth_id),
            ("command", &self.command),
            ("entrypoint", &self.entrypoint),
            ("clusterId", &self.cluster_id),
            ("networkId", &self.network_id),
            ("billingMode", &self.billing_mode),
            ("minCudaVersion", &self.min_cuda_version),
        ] {
            if !text(value).is_empty() {
                body.insert(name.to_owned(), text(value).into());
            }
        }
        for (name, value) in [
            ("gpuNum", &self.gpu_num),
            ("rootfsSize", &self.rootfs_size),
            ("month", &self.month),
            ("autoRenewMonth", &self.auto_renew_month),
        ] {
            if let Value::Value(number) = value {
                body.insert(name.to_owned(), (*number).into());
            }
        }
        if self.auto_renew == Value::Value(true) {
            body.insert("autoRenew".to_owned(), true.into());
        }
        body.insert("ports".to_owned(), ports.join(", ").into());
        body.insert("envs".to_owned(), self.all_envs());
        body.insert("kind".to_owned(), "gpu".into());
        body.into()
    }

    /// What the upgrade call takes, which is everything that it can change.
    pub(crate) fn upgrade_body(&self) -> Json {
        json!({
            "instanceId": text(&self.id), "imageUrl": text(&self.image_url),
            "imageAuthId": text(&self.image_auth_id), "envs": self.all_envs(), "command": text(&self.command),
            "entrypoint": text(&self.entrypoint), "save": true, "networkVolume": {"volumeMounts": []},
        })
    }

    /// What the edit call takes: the whole list of ports, and the GB to add.
    pub(crate) fn edit_body(&self, growth: i64) -> Json {
        let ports = self.open_ports().into_iter();
        let ports: Vec<_> = ports.map(|(port, protocol)| json!({"port": port, "type": protocol})).collect();
        json!({"instanceId": text(&self.id), "ports": ports, "expandRootDisk": growth})
    }
}

/// Reads a port such as `8080/http`.
pub(crate) fn parse_port(text: &str) -> Option<(i64, &str)> {
    let (number, protocol) = text.split_once('/')?;
    let port: u16 = number.parse().ok()?;
    let fits = port > 0 && !(2222..=2224).contains(&port) && ["tcp", "http"].contains(&protocol);
    (fits && port.to_string() == number).then_some((port.into(), protocol))
}

fn or<T>(value: &mut Value<T>, default: T) {
    if value.is_null() {
        *value = Value::Value(default);
    }
}

/// The answer, where there is one.
fn take<T>(value: &mut Value<T>, answer: Option<T>) {
    match answer {
        Some(answer) => *value = Value::Value(answer),
        None if value.is_unknown() => *value = Value::Null,
        None => {}
    }
}

/// The answer, an empty one too; but `""` and null mean the same.
fn mirror(value: &mut Value<String>, answer: String) {
    if text(value) != answer {
        *value = told(answer).into();
    }
}

fn told(text: String) -> Option<String> {
    Some(text).filter(|it| !it.is_empty())
}

/// Seconds since 1970 in RFC 3339, by the count of days in the proleptic Gregorian calendar.
fn moment(seconds: i64) -> Option<String> {
    if seconds <= 0 {
        return None;
    }
    let (days, rest) = (seconds / 86400 + 719_468, seconds % 86400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // from March on
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + next;
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    Some(format!("{year:04}-{month:02}-{date:02}T{hours:02}:{minutes:02}:{seconds:02}Z"))
}
