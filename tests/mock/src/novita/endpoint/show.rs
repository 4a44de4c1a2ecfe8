//! Get and list: an endpoint as answers show it, in the loose forms of the real ones.

use serde_json::{Value, json};

use super::super::Novita;
use super::{Endpoint, NOT_FOUND, WorkerState, status};
use crate::answer::{Answer, Call};
use crate::clock::Time;
use crate::novita::style::Gone;
use crate::style::{Subject, Thing, fill};

impl Novita {
    pub(crate) fn get_endpoint(&mut self, call: &Call, time: &mut Time) -> Answer {
        let id = call.parameter("id").unwrap_or_default();
        let Some(at) = self.endpoints.iter().position(|it| it.id == id) else { return self.no_endpoint() };
        if self.endpoints[at].hidden_reads > 0 {
            self.endpoints[at].hidden_reads -= 1;
            return self.no_endpoint();
        }
        let shown = self.show_endpoint(&self.endpoints[at], true);
        if time.read_moves() {
            self.endpoints[at].step(&self.pace);
            self.endpoints.retain(|it| !it.is_forgotten());
        }
        let body = if self.style.bare_endpoint { shown } else { json!({"endpoint": shown}) };
        Answer::json(200, &body)
    }

    pub(crate) fn list_endpoints(&mut self, call: &Call, time: &mut Time) -> Answer {
        let known = self.past_endpoints.listed(&self.platform, time.now(), &self.endpoints);
        let listed: Vec<&Endpoint> = known.iter().filter(|it| it.unlisted_reads == 0).collect();
        let page = self.page(call, "pageNum", &listed);
        let shown: Vec<String> = page.iter().map(|it| it.id.clone()).collect();
        let items = page.iter().map(|it| self.show_endpoint(it, false)).collect();
        let mut body = json!({"endpoints": self.items(items)});
        if !self.style.no_total {
            body["total"] = json!(self.total(call, listed.len(), page.len()));
        }
        let moves = time.read_moves();
        for endpoint in &mut self.endpoints {
            endpoint.unlisted_reads = endpoint.unlisted_reads.saturating_sub(1);
            if moves && shown.contains(&endpoint.id) {
                endpoint.step(&self.pace);
            }
        }
        self.endpoints.retain(|it| !it.is_forgotten());
        Answer::json(200, &body)
    }

    /// The get of something that is not there; its empty forms are inside the wrapper.
    pub(crate) fn no_endpoint(&self) -> Answer {
        match self.style.gone {
            Gone::Reason | Gone::Http404 => self.gone(NOT_FOUND, "endpoint not found"),
            Gone::EmptyObject => Answer::json(200, &json!({"endpoint": {}})),
            Gone::Null => Answer::json(200, &json!({"endpoint": null})),
        }
    }

    fn show_endpoint(&self, it: &Endpoint, in_get: bool) -> Value {
        let port = |port: u16| if in_get { json!(port) } else { json!(port.to_string()) };
        let envs = it.envs.iter().rev().map(|env| json!(env)).collect();
        let products: Vec<Value> =
            it.products.iter().map(|product| self.show_product_use(&product.id)).collect();
        let mut shown = json!({
            "id": it.id, "name": it.name, "appName": it.app_name,
            "url": format!("https://{}.example.net", it.app_name),
            "state": self.show_state(it),
            "workerConfig": self.show_workers_config(it, in_get),
            "policy": {"type": it.policy.kind, "value": self.number(it.policy.value)},
            "image": it.image,
            "rootfsSize": it.rootfs_size,
            "volumeMounts": self.items(it.volume_mounts.iter().map(|mount| json!(mount)).collect()),
            "envs": self.items(envs),
            "ports": it.ports.iter().map(|it| json!({"port": port(it.port)})).collect::<Vec<_>>(),
            "workers": show_workers(it),
            "products": products,
            "healthy": {
                "path": it.healthy.path, "initialDelay": 5, "period": 10, "timeout": 5,
                "successThreshold": 1, "failureThreshold": 3,
            },
            "clusterID": if it.has_network_volume() { it.cluster_id.as_str() } else { "" },
            "log": "",
        });
        if self.style.extra_fields
            && let Some(members) = shown.as_object_mut()
        {
            let clusters = if it.has_network_volume() { json!([it.cluster_id]) } else { Value::Null };
            members.insert("clusterIDs".to_owned(), clusters);
            members.insert("type".to_owned(), json!("sync"));
            members.insert("createdAt".to_owned(), json!(it.created_at.to_string()));
            members.insert("updatedAt".to_owned(), json!(it.updated_at.to_string()));
        }
        let subject = Subject { thing: Thing::Endpoint, id: &it.id, fresh: it.updates == 0 };
        fill(&self.platform, &mut shown, subject);
        shown
    }

    fn show_state(&self, it: &Endpoint) -> Value {
        let filler = if self.style.state_error_filler { "none" } else { "" };
        let error = if it.state.error.is_empty() { filler } else { it.state.error.as_str() };
        let state = self.style.unknown_status.as_ref().unwrap_or(&it.state.state);
        json!({"state": state, "error": error, "message": it.state.message})
    }

    fn show_workers_config(&self, it: &Endpoint, in_get: bool) -> Value {
        let config = &it.worker_config;
        let mut shown = json!({
            "minNum": config.min_num, "maxNum": config.max_num,
            "freeTimeout": self.number(config.free_timeout),
            "maxConcurrent": self.number(config.max_concurrent),
            "gpuNum": config.gpu_num, "cudaVersion": config.cuda_version,
        });
        if !in_get || !self.style.get_without_request_timeout {
            shown["requestTimeout"] = json!(config.request_timeout);
        }
        shown
    }

    fn show_product_use(&self, id: &str) -> Value {
        let name = self.endpoint_products.iter().find(|it| it.id == id).map(|it| it.name.as_str());
        match name.filter(|_| self.style.extra_fields) {
            Some(name) => json!({"id": id, "name": name}),
            None => json!({"id": id}),
        }
    }
}

/// As many workers as are always kept, and after an update one of the old ones; `null` for none.
fn show_workers(it: &Endpoint) -> Value {
    let state = match it.state.state.as_str() {
        status::SERVING | "running" => WorkerState::Running,
        status::FAILED | "error" => WorkerState::Failed,
        status::TERMINATING | status::STOPPED => WorkerState::Removed,
        _ => WorkerState::Pulling,
    };
    let worker = |generation: u64, number: u64, state: WorkerState| {
        json!({
            "id": format!("w-{generation}-{number}"),
            "state": {"state": state.as_str(), "error": "", "message": ""},
            "log": "", "metrics": "", "healthy": state == WorkerState::Running,
        })
    };
    let count = it.worker_config.min_num;
    let mut workers: Vec<Value> = (1..=count).map(|number| worker(it.updates, number, state)).collect();
    if count > 0 && it.updates > 0 {
        workers.push(worker(it.updates - 1, 1, WorkerState::Removed));
    }
    if workers.is_empty() { Value::Null } else { Value::Array(workers) }
}
