//! The bounds of what an endpoint may ask for, and the products that it may run on.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::Novita;
use crate::answer::Answer;

/// Bounds for create and update, both ends included. In JSON the names are those of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointLimit {
    pub min_rootfs_size: u64,
    pub max_rootfs_size: u64,
    pub free_rootfs_size: u64,
    pub min_local_volume_size: u64,
    pub max_local_volume_size: u64,
    pub free_local_volume_size: u64,
    pub min_worker_num: u64,
    pub max_worker_num: u64,
    pub min_free_timeout: u64,
    pub max_free_timeout: u64,
    pub min_concurrency_num: u64,
    pub max_concurrency_num: u64,
    pub min_queue_wait_time: u64,
    pub max_queue_wait_time: u64,
    pub min_request_num: u64,
    pub max_request_num: u64,
    #[serde(rename = "minGPUNum")]
    pub min_gpu_num: u64,
    #[serde(rename = "maxGPUNum")]
    pub max_gpu_num: u64,
    pub cuda_version_list: Vec<String>,
    /// One of the extras that only some answers have.
    pub min_request_timeout: u64,
    /// One of the extras that only some answers have.
    pub max_request_timeout: u64,
}

impl Default for EndpointLimit {
    fn default() -> Self {
        Self {
            min_rootfs_size: 100,
            max_rootfs_size: 100,
            free_rootfs_size: 100,
            min_local_volume_size: 30,
            max_local_volume_size: 30,
            free_local_volume_size: 30,
            min_worker_num: 0,
            max_worker_num: 10,
            min_free_timeout: 1,
            max_free_timeout: 3600,
            min_concurrency_num: 1,
            max_concurrency_num: 100,
            min_queue_wait_time: 1,
            max_queue_wait_time: 600,
            min_request_num: 1,
            max_request_num: 1000,
            min_gpu_num: 1,
            max_gpu_num: 8,
            cuda_version_list: ["12.4", "12.6"].map(str::to_owned).into(),
            min_request_timeout: 1,
            max_request_timeout: 3600,
        }
    }
}

impl EndpointLimit {
    /// The same after the platform has halved what one may ask for.
    pub(crate) fn lowered(&self) -> Self {
        Self {
            min_rootfs_size: self.min_rootfs_size / 2,
            max_rootfs_size: self.max_rootfs_size / 2,
            max_worker_num: self.max_worker_num / 2,
            max_free_timeout: self.max_free_timeout / 2,
            max_concurrency_num: self.max_concurrency_num / 2,
            max_queue_wait_time: self.max_queue_wait_time / 2,
            max_request_num: self.max_request_num / 2,
            max_gpu_num: self.max_gpu_num / 2,
            max_request_timeout: self.max_request_timeout / 2,
            ..self.clone()
        }
    }
}

/// A product for endpoints. No call of this API lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointProduct {
    pub id: String,
    pub name: String,
    /// Whether there is free hardware.
    pub available: bool,
    /// One GPU for an hour, in 1/100000 USD.
    pub price: u64,
}

/// The extras of the limits.
const EXTRAS: [&str; 2] = ["minRequestTimeout", "maxRequestTimeout"];

impl Novita {
    pub(crate) fn get_endpoint_limit(&self) -> Answer {
        let mut shown = json!(self.limits());
        if let Some(members) = shown.as_object_mut() {
            if self.style.extra_fields {
                members.extend([
                    ("minAsyncRequestNum".to_owned(), json!(1)),
                    ("maxAsyncRequestNum".to_owned(), json!(1000)),
                ]);
            } else {
                members.retain(|name, _| !EXTRAS.contains(&name.as_str()));
            }
            let cuda = self.items(self.endpoint_limit.cuda_version_list.iter().map(|it| json!(it)).collect());
            members.insert("cudaVersionList".to_owned(), cuda);
        }
        Answer::json(200, &shown)
    }
}

/// A whole number, or text that is one: working clients send either.
pub(super) fn loose_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}
