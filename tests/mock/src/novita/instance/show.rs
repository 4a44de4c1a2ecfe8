//! Get and list: an instance as answers show it, in the loose forms of the real ones.

use serde_json::{Value, json};

use super::{Instance, status};
use crate::answer::{Answer, Call};
use crate::clock::Time;
use crate::novita::Novita;
use crate::style::{Subject, Thing, fill};

/// Host of the proxies; nothing listens there.
const PROXY: &str = "proxy.example.net";

/// GB of disk that cost nothing, and days that a stopped machine's data is kept.
const FREE_STORAGE: u64 = 60;
const KEEP_DAYS: u64 = 7;

/// The platform's own port, which the list of ports shows too.
const PLATFORM_PORT: u16 = 2222;

impl Novita {
    pub(crate) fn get(&mut self, call: &Call, time: &mut Time) -> Answer {
        let id = call.parameter("instanceId").unwrap_or_default();
        let found = self.instances.iter().position(|it| it.id == id);
        let Some(at) = found else { return self.gone("RESOURCE_NOT_FOUND", "instance not found") };
        if self.instances[at].hidden_reads > 0 {
            self.instances[at].hidden_reads -= 1;
            return self.gone("RESOURCE_NOT_FOUND", "instance not found");
        }
        let answer = Answer::json(200, &self.show(&self.instances[at]));
        if time.read_moves() {
            self.instances[at].step(&self.pace, time.now());
            self.instances.retain(|it| !it.is_forgotten());
        }
        answer
    }

    pub(crate) fn list(&mut self, call: &Call, time: &mut Time) -> Answer {
        let wanted = |it: &Instance| {
            it.unlisted_reads == 0
                && self.matches(call, "name", &it.name)
                && self.matches(call, "productName", &it.product_name)
                && call.parameter("status").is_none_or(|status| status == it.status)
        };
        let listed = self.past_instances.listed(&self.platform, time.now(), &self.instances);
        let fitting: Vec<&Instance> = listed.iter().filter(|it| wanted(it)).collect();
        let page = self.page(call, "pageNum", &fitting);
        let mut body = json!({"instances": self.items(page.iter().map(|it| self.show_listed(it)).collect())});
        if !self.style.no_total {
            body["total"] = json!(self.total(call, fitting.len(), page.len()));
        }
        let shown: Vec<String> = page.iter().map(|it| it.id.clone()).collect();
        self.after_list(&shown, time);
        Answer::json(200, &body)
    }

    fn after_list(&mut self, shown: &[String], time: &mut Time) {
        let moves = time.read_moves();
        for instance in &mut self.instances {
            instance.unlisted_reads = instance.unlisted_reads.saturating_sub(1);
            if moves && shown.contains(&instance.id) {
                instance.step(&self.pace, time.now());
            }
        }
        self.instances.retain(|it| !it.is_forgotten());
    }

    /// The answer of get.
    fn show(&self, it: &Instance) -> Value {
        let mut shown = self.show_shared(it, true);
        let node = json!({"maxRootfsSize": it.max_rootfs_size, "maxLocalVolumeSize": 0});
        let jobs = it.jobs.iter().map(|job| json!(job)).collect();
        let rest = json!({
            "network": it.network,
            "node": if self.style.node_as_object { node } else { json!([node]) },
            "jobs": self.items(jobs),
            "freeStorageSize": FREE_STORAGE, "keepDataDay": KEEP_DAYS,
        });
        merge(&mut shown, rest);
        merge(&mut shown, connections(it));
        if self.style.get_without_product
            && let Some(members) = shown.as_object_mut()
        {
            for name in ["productId", "productName", "rootfsSize", "tools"] {
                members.remove(name);
            }
        }
        if self.style.extra_fields {
            merge(
                &mut shown,
                json!({"instancePrice": "35000", "gpuIds": [0], "templateId": "", "sshPassword": null}),
            );
        }
        fill(&self.platform, &mut shown, subject(it));
        shown
    }

    /// One item of a list.
    fn show_listed(&self, it: &Instance) -> Value {
        let mut shown = self.show_shared(it, false);
        fill(&self.platform, &mut shown, subject(it));
        shown
    }

    fn show_shared(&self, it: &Instance, in_get: bool) -> Value {
        let cluster = self.clusters.iter().find(|cluster| cluster.id == it.cluster_id);
        let billing = match it.billing_mode.as_str() {
            "onDemand" if self.style.empty_billing_mode => "",
            mode => mode,
        };
        json!({
            "id": it.id, "name": it.name,
            "clusterId": it.cluster_id, "clusterName": cluster.map_or("", |it| it.name.as_str()),
            "status": self.style.unknown_status.as_ref().unwrap_or(&it.status),
            "statusError": it.status_error,
            "imageUrl": it.image_url, "imageAuthId": it.image_auth_id,
            "command": it.command, "entrypoint": it.entrypoint,
            "cpuNum": self.number(it.cpu_num), "memory": self.number(it.memory), "gpuNum": self.number(it.gpu_num),
            "kind": it.kind.as_str(), "billingMode": billing, "endTime": it.end_time.to_string(),
            "productId": it.product_id, "productName": it.product_name, "rootfsSize": it.rootfs_size,
            "portMappings": self.show_ports(it, in_get),
            "envs": self.show_envs(it),
            "tools": self.show_tools(it),
            "volumeMounts": self.show_mounts(it, in_get),
            "createdAt": it.created_at.to_string(), "lastStartedAt": it.last_started_at.to_string(),
            "lastStoppedAt": it.last_stopped_at.to_string(), "useTime": "0",
            "spotStatus": it.spot_status, "spotReclaimTime": it.spot_reclaim_time.to_string(),
        })
    }

    fn show_ports(&self, it: &Instance, in_get: bool) -> Value {
        let mut shown: Vec<Value> = Vec::new();
        if self.style.platform_ports {
            shown.push(json!({"port": PLATFORM_PORT, "endpoint": "", "type": "tcp"}));
        }
        for port in &it.ports {
            let mut one = json!({"port": port.port, "type": port.kind});
            if in_get {
                one["endpoint"] = json!(endpoint(it, &port.port.to_string(), &port.kind));
            }
            shown.push(one);
        }
        self.items(shown)
    }

    /// Last one first: the order is not promised.
    fn show_envs(&self, it: &Instance) -> Value {
        let mut shown: Vec<Value> = it.envs.iter().rev().map(|env| json!(env)).collect();
        if self.style.platform_envs {
            shown.push(json!({"key": "PLATFORM_REGION", "value": it.cluster_id}));
        }
        self.items(shown)
    }

    fn show_tools(&self, it: &Instance) -> Value {
        let show = |tool: &super::Tool| {
            let number = tool.port.parse::<u16>().ok().filter(|_| self.style.tool_port_as_number);
            let port = number.map_or_else(|| json!(tool.port), |it| json!(it));
            let endpoint = endpoint(it, &tool.port, &tool.kind);
            json!({"name": tool.name, "port": port, "type": tool.kind, "endpoint": endpoint})
        };
        self.items(it.tools.iter().map(show).collect())
    }

    /// A size is a number in get and text in a list; a local disk has no id.
    fn show_mounts(&self, it: &Instance, in_get: bool) -> Value {
        let show = |mount: &super::VolumeMount| {
            let size = if in_get { json!(mount.size) } else { json!(mount.size.to_string()) };
            json!({"type": mount.kind, "size": size, "id": mount.id, "mountPath": mount.mount_path})
        };
        self.items(it.volume_mounts.iter().map(show).collect())
    }
}

fn subject(it: &Instance) -> Subject<'_> {
    Subject { thing: Thing::Instance, id: &it.id, fresh: it.save.is_none() }
}

/// Where a port can be reached; empty while the machine does not run.
fn endpoint(it: &Instance, port: &str, kind: &str) -> String {
    match (it.status.as_str(), kind) {
        (status::RUNNING, "http") => format!("https://{}-{port}.example.net", it.id),
        (status::RUNNING, _) => {
            let mixed = port.parse::<u32>().unwrap_or(0) * 31 + u32::from(it.ssh_port);
            format!("{PROXY}:{}", 10_000 + mixed % 30_000)
        }
        _ => String::new(),
    }
}

/// The ways into a machine; texts are empty until it runs.
fn connections(it: &Instance) -> Value {
    let running = it.is_running();
    let only = |text: String| if running { text } else { String::new() };
    let jupyter = it.tools.iter().find(|tool| tool.name == "Jupyter");
    let jupyter_port = jupyter.and_then(|tool| tool.port.parse::<u16>().ok()).unwrap_or(0);
    let jupyter_address = jupyter.map(|tool| endpoint(it, &tool.port, &tool.kind)).unwrap_or_default();
    json!({
        "connectComponentSSH": {
            "sshCommand": only(format!("ssh -p {} root@{PROXY}", it.ssh_port)),
            "password": only(it.ssh_password.clone()),
            "isRunning": running,
        },
        "connectComponentWebTerminal": {"address": "", "username": "", "password": "", "isRunning": false},
        "connectComponentJupyter": {
            "port": jupyter_port,
            "address": jupyter_address,
            "isRunning": running && jupyter.is_some(),
        },
        "connectComponentLog": {
            "systemLogAddress": "", "instanceLogAddress": "", "isRunning": running,
        },
    })
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
