//! The rules that create and update share, on top of the description.

use serde_json::Value;

use super::super::Novita;
use super::super::instance::parse::{elements, read_list, text};
use super::super::instance::ports::RESERVED;
use super::limit::loose_number;
use super::{Endpoint, EndpointImage, EndpointPort, Health, Policy, WorkerConfig};
use crate::answer::{Refusal, Result};
use crate::novita::instance::VolumeMount;

/// The body of a call, and how its fields are named in refusals.
pub(super) struct Sent<'a> {
    pub(super) body: &'a Value,
    /// `endpoint.` where the body is wrapped.
    pub(super) prefix: &'static str,
}

impl Sent<'_> {
    pub(super) fn wrong(&self, field: &str, text: &str) -> Refusal {
        Refusal::field(&format!("{}{field}", self.prefix), text)
    }

    /// The number at a dotted place, which must lie inside the bounds.
    fn number(&self, field: &str, (least, most): (u64, u64)) -> Result<u64> {
        let value = field.split('.').fold(self.body, |value, name| &value[name]);
        let number = loose_number(value).ok_or_else(|| self.wrong(field, "must be a whole number"))?;
        if (least..=most).contains(&number) {
            return Ok(number);
        }
        Err(self.wrong(field, &format!("must be from {least} to {most}")))
    }
}

impl Novita {
    /// What both calls set. What was left out gets its empty value: the whole object is replaced.
    pub(super) fn read_settings(&mut self, sent: &Sent<'_>, endpoint: &mut Endpoint) -> Result<()> {
        endpoint.name = text(sent.body, "name");
        endpoint.worker_config = self.read_workers(sent)?;
        endpoint.ports = vec![read_port(sent)?];
        endpoint.policy = self.read_policy(sent)?;
        endpoint.image = self.read_endpoint_image(sent)?;
        endpoint.envs = read_list(sent.body, "envs")?;
        let path = text(&sent.body["healthy"], "path");
        endpoint.healthy = Health { path: if path.is_empty() { "/".to_owned() } else { path } };
        let before = std::mem::take(&mut endpoint.volume_mounts);
        endpoint.volume_mounts = self.read_volumes(sent, &before)?;
        endpoint.cluster_id = text(sent.body, "clusterID");
        self.check_endpoint_cluster(sent, endpoint)
    }

    pub(super) fn read_rootfs(&self, sent: &Sent<'_>) -> Result<u64> {
        let limit = &self.limits();
        sent.number("rootfsSize", (limit.min_rootfs_size, limit.max_rootfs_size))
    }

    fn read_workers(&self, sent: &Sent<'_>) -> Result<WorkerConfig> {
        let limit = &self.limits();
        let count = (limit.min_worker_num, limit.max_worker_num);
        let number = |name: &str, bounds| sent.number(&format!("workerConfig.{name}"), bounds);
        let workers = WorkerConfig {
            min_num: number("minNum", count)?,
            max_num: number("maxNum", count)?,
            free_timeout: number("freeTimeout", (limit.min_free_timeout, limit.max_free_timeout))?,
            max_concurrent: number("maxConcurrent", (limit.min_concurrency_num, limit.max_concurrency_num))?,
            gpu_num: number("gpuNum", (limit.min_gpu_num, limit.max_gpu_num))?,
            request_timeout: number(
                "requestTimeout",
                (limit.min_request_timeout, limit.max_request_timeout),
            )?,
            cuda_version: text(&sent.body["workerConfig"], "cudaVersion"),
        };
        if workers.min_num > workers.max_num {
            return Err(sent.wrong("workerConfig.minNum", "must not be more than maxNum"));
        }
        let known = ["", "any"].contains(&workers.cuda_version.as_str())
            || limit.cuda_version_list.contains(&workers.cuda_version);
        if known { Ok(workers) } else { Err(sent.wrong("workerConfig.cudaVersion", "is not offered")) }
    }

    fn read_policy(&self, sent: &Sent<'_>) -> Result<Policy> {
        let limit = &self.limits();
        let kind = text(&sent.body["policy"], "type");
        let bounds = if kind == "queue" {
            (limit.min_queue_wait_time, limit.max_queue_wait_time)
        } else {
            (limit.min_request_num, limit.max_request_num)
        };
        Ok(Policy { kind, value: sent.number("policy.value", bounds)? })
    }

    fn read_endpoint_image(&self, sent: &Sent<'_>) -> Result<EndpointImage> {
        let image = &sent.body["image"];
        let auth_id = text(image, "authId");
        if !self.knows_auth(&auth_id) {
            let text = format!("{}image.authId: there are no such registry credentials", sent.prefix);
            return Err(Refusal::new(400, "IMAGE_URL_OR_AUTH_ERROR", &text));
        }
        Ok(EndpointImage { image: text(image, "image"), auth_id, command: text(image, "command") })
    }

    /// Local volumes get an identifier of their own, and keep it while they stay where they are.
    fn read_volumes(&mut self, sent: &Sent<'_>, before: &[VolumeMount]) -> Result<Vec<VolumeMount>> {
        let mut mounts: Vec<VolumeMount> = Vec::new();
        for (at, wanted) in elements(&sent.body["volumeMounts"]).enumerate() {
            let mut mount = if text(wanted, "type") == "local" {
                self.read_local(sent, at, wanted)?
            } else {
                self.read_network(sent, at, wanted)?
            };
            if mounts.iter().any(|it| it.mount_path == mount.mount_path) {
                return Err(sent.wrong("volumeMounts", "a mount path is used twice"));
            }
            if mount.kind == "local" {
                let old = before.iter().find(|it| it.kind == "local" && it.mount_path == mount.mount_path);
                mount.id = old.map_or_else(|| format!("lv-{}", &self.new_id()[..8]), |it| it.id.clone());
            }
            mounts.push(mount);
        }
        Ok(mounts)
    }

    fn read_local(&self, sent: &Sent<'_>, at: usize, wanted: &Value) -> Result<VolumeMount> {
        let limit = &self.limits();
        let (least, most) = (limit.min_local_volume_size, limit.max_local_volume_size);
        let size = loose_number(&wanted["size"]).unwrap_or(0);
        if !(least..=most).contains(&size) {
            let text = format!("must be from {least} to {most} for a local volume");
            return Err(sent.wrong(&format!("volumeMounts[{at}].size"), &text));
        }
        let id = String::new();
        Ok(VolumeMount { kind: "local".to_owned(), id, size, mount_path: text(wanted, "mountPath") })
    }

    fn read_network(&self, sent: &Sent<'_>, at: usize, wanted: &Value) -> Result<VolumeMount> {
        let id = text(wanted, "id");
        if id.is_empty() {
            return Err(sent.wrong(&format!("volumeMounts[{at}].id"), "is required for a network volume"));
        }
        if loose_number(&wanted["size"]).is_some_and(|it| it > 0) {
            return Err(sent.wrong(&format!("volumeMounts[{at}].size"), "is only for a local volume"));
        }
        let storage = self.storages.iter().find(|it| it.storage_id == id).ok_or_else(|| {
            Refusal::new(400, "NETWORK_STORAGE_NOT_FOUND", &format!("network storage {id} not found"))
        })?;
        let (kind, mount_path) = ("network".to_owned(), text(wanted, "mountPath"));
        Ok(VolumeMount { kind, id, size: storage.storage_size, mount_path })
    }

    fn check_endpoint_cluster(&self, sent: &Sent<'_>, endpoint: &Endpoint) -> Result<()> {
        let cluster = &endpoint.cluster_id;
        if cluster.is_empty() {
            let needed = endpoint.has_network_volume();
            return if needed {
                Err(sent.wrong("clusterID", "is required with a network volume"))
            } else {
                Ok(())
            };
        }
        if !self.clusters.iter().any(|it| it.id == *cluster) {
            return Err(sent.wrong("clusterID", "there is no such cluster"));
        }
        self.check_storage_cluster(&endpoint.volume_mounts, cluster)
    }
}

fn read_port(sent: &Sent<'_>) -> Result<EndpointPort> {
    let port = loose_number(&sent.body["ports"][0]["port"]).and_then(|it| u16::try_from(it).ok());
    match port {
        None | Some(0) => Err(sent.wrong("ports[0].port", "is not a port from 1 to 65535")),
        Some(port) if RESERVED.contains(&port) => {
            Err(sent.wrong("ports[0].port", &format!("{port} is reserved for the platform")))
        }
        Some(port) => Ok(EndpointPort { port }),
    }
}
