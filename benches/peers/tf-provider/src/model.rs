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
    pub(crate) product_ids: Value<Vec<Value<String>>>,
    pub(crate) gpu_num: Value<i64>,
    pub(crate) rootfs_size: Value<i64>,
    pub(crate) image_url: Value<String>,
    pub(crate) image_auth: Value<String>,
    pub(crate) image_auth_wo: Value<String>,
    pub(crate) image_auth_wo_version: Value<i64>,
    pub(crate) image_auth_id: Value<String>,
    pub(crate) ports: Value<BTreeSet<Value<String>>>,
    pub(crate) envs: Value<Texts>,
    pub(crate) secret_envs: Value<Texts>,
    pub(crate) tools: Value<BTreeSet<Tool>>,
    pub(crate) command: Value<String>,
    pub(crate) entrypoint: Value<String>,
    pub(crate) cluster_id: Value<String>,
    pub(crate) cluster_ids: Value<Vec<Value<String>>>,
    pub(crate) capacity_timeout: Value<String>,
    pub(crate) network_storages: Value<BTreeSet<Storage>>,
    pub(crate) network_id: Value<String>,
    pub(crate) desired_status: Value<String>,
    pub(crate) max_hourly_price: Value<Price>,
    pub(crate) deletion_protection: Value<bool>,
    pub(crate) wait_for_ready: Value<bool>,
    pub(crate) store_ssh_password: Value<bool>,
    pub(crate) billing_mode: Value<String>,
    pub(crate) month: Value<i64>,
    pub(crate) auto_renew: Value<bool>,
    pub(crate) auto_renew_month: Value<i64>,
    pub(crate) auto_migrate: Value<bool>,
    pub(crate) auto_migrate_system_disk: Value<bool>,
    pub(crate) min_cuda_version: Value<String>,
    pub(crate) cluster_name: Value<String>,
    pub(crate) cpu_num: Value<i64>,
    pub(crate) created_at: Value<String>,
    pub(crate) end_time: Value<String>,
    pub(crate) hourly_price: Value<Price>,
    pub(crate) jupyter_url: Value<String>,
    pub(crate) memory: Value<i64>,
    pub(crate) network_ip: Value<String>,
    pub(crate) port_mappings: Value<Vec<PortMapping>>,
    pub(crate) product_name: Value<String>,
    pub(crate) spot_status: Value<String>,
    pub(crate) ssh_command: Value<String>,
    pub(crate) ssh_host: Value<String>,
    pub(crate) ssh_port: Value<i64>,
    pub(crate) ssh_user: Value<String>,
    pub(crate) ssh_password: Value<String>,
    pub(crate) status: Value<String>,
    #[serde(with = "serde_as_vec")]
    pub(crate) timeouts: Value<Timeouts>,
}

/// A price as clients send it: as a text where no float is exactly that decimal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Price {
    Whole(i64),
    Float(f64),
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Tool {
    name: Value<String>,
    port: Value<i64>,
    r#type: Value<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Storage {
    id: Value<String>,
    mount_point: Value<String>,
}

impl Storage {
    fn mount_point(&self) -> &str {
        Some(text(&self.mount_point)).filter(|it| !it.is_empty()).unwrap_or("/network")
    }
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
        for chosen in [&mut self.name, &mut self.product_id, &mut self.cluster_id] {
            if chosen.is_null() {
                *chosen = Value::Unknown;
            }
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
        self.ssh_host = Value::Unknown;
        self.ssh_port = Value::Unknown;
        self.ssh_user = Value::Unknown;
        self.ssh_password = Value::Unknown;
        self.status = Value::Unknown;
    }

    /// Fills in what is neither configured nor told by the API.
    pub(crate) fn take_defaults(&mut self) {
        or(&mut self.deletion_protection, false);
        or(&mut self.wait_for_ready, true);
        or(&mut self.store_ssh_password, true);
        or(&mut self.auto_renew, false);
        or(&mut self.month, 0);
    }

    /// Takes the first candidates where nothing else is said: this peer tries no other ones.
    pub(crate) fn choose(&mut self) {
        for (one, many) in
            [(&mut self.product_id, &self.product_ids), (&mut self.cluster_id, &self.cluster_ids)]
        {
            if text(one).is_empty()
                && let Some(first) = items(many).next()
            {
                *one = first.clone();
            }
        }
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
        let had = self.rootfs_size.unwrap_or(i64::MAX);
        take(&mut self.rootfs_size, it.rootfs_size.filter(|it| *it < had)); // a larger disk is left alone
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
        if !self.hourly_price.is_value() {
            self.hourly_price = Value::Value(price(self.gpu_num.unwrap_or_default()));
        }
        self.end_time = told(it.end_time.and_then(moment).unwrap_or_default()).into();
        self.network_ip = told(it.network.ip).into();
        self.spot_status = told(it.spot_status).into();
        let target = ssh_target(&it.ssh.ssh_command);
        self.ssh_host = target.map(|(host, ..)| host.to_owned()).into();
        self.ssh_port = target.map(|(_, port, _)| port).into();
        self.ssh_user = target.map(|(.., user)| user.to_owned()).into();
        self.ssh_command = told(it.ssh.ssh_command).into();
        let stores = self.store_ssh_password != Value::Value(false);
        self.ssh_password = told(it.ssh.password).filter(|_| stores).into();
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
        let tools = self.tool_ports();
        let own: Vec<_> = open.iter().filter(|it| !tools.contains(&it.port)).collect();
        let none_before = !matches!(&self.ports, Value::Value(it) if !it.is_empty());
        if (it.status == RUNNING || imported) && !(own.is_empty() && none_before) {
            let spelled = own.iter().map(|it| Value::Value(format!("{}/{}", it.port, it.protocol)));
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
        let mut ports: Vec<_> = items(&self.ports).filter_map(|it| parse_port(text(it))).collect();
        ports.sort_unstable();
        ports
    }

    pub(crate) fn tool_ports(&self) -> Vec<i64> {
        items(&self.tools).map(|it| it.port.unwrap_or_default()).collect()
    }

    fn all_envs(&self) -> Json {
        items(&self.envs)
            .chain(items(&self.secret_envs))
            .map(|(key, value)| json!({"key": key, "value": text(value)}))
            .collect()
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
        let tool = |it: &Tool| {
            let port = it.port.unwrap_or_default().to_string();
            json!({"name": text(&it.name), "port": port, "type": text(&it.r#type)})
        };
        body.insert("tools".to_owned(), items(&self.tools).map(tool).collect());
        let storage = |it: &Storage| json!({"Id": text(&it.id), "mountPoint": it.mount_point()});
        body.insert("networkStorages".to_owned(), items(&self.network_storages).map(storage).collect());
        body.insert("kind".to_owned(), "gpu".into());
        body.into()
    }

    /// What the upgrade call takes, which is everything that it can change.
    pub(crate) fn upgrade_body(&self) -> Json {
        let mount =
            |it: &Storage| json!({"type": "network", "id": text(&it.id), "mountPath": it.mount_point()});
        let mounts: Json = items(&self.network_storages).map(mount).collect();
        json!({
            "instanceId": text(&self.id), "imageUrl": text(&self.image_url),
            "imageAuthId": text(&self.image_auth_id), "envs": self.all_envs(), "command": text(&self.command),
            "entrypoint": text(&self.entrypoint), "save": true, "networkVolume": {"volumeMounts": mounts},
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

/// The elements of a list, set or map; there are none when it is null or unknown.
pub(crate) fn items<T>(value: &Value<T>) -> impl Iterator<Item = <&T as IntoIterator>::Item>
where
    for<'a> &'a T: IntoIterator,
{
    match value {
        Value::Value(all) => Some(all),
        Value::Null | Value::Unknown => None,
    }
    .into_iter()
    .flatten()
}

/// Stands for a price of the catalogue, which this peer does not read.
fn price(gpus: i64) -> Price {
    let cents = 35 * gpus;
    Price::Text(format!("{}.{:02}", cents / 100, cents % 100))
}

/// Host, port and user of a command `ssh -p PORT USER@HOST`.
fn ssh_target(command: &str) -> Option<(&str, i64, &str)> {
    let (port, login) = command.strip_prefix("ssh -p ")?.split_once(' ')?;
    let (user, host) = login.split_once('@')?;
    Some((host, port.parse::<u16>().ok()?.into(), user))
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
