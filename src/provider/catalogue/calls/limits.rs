//! The bounds that the API gives for an endpoint's settings.

use serde::Deserialize;

use crate::api::lenient::{bound, int, texts};

/// Bounds of a number; what is missing, or 0, does not bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Least.
    pub(crate) min: Option<i64>,
    /// Most.
    pub(crate) max: Option<i64>,
}

impl Bounds {
    /// The bounds that an answer tells. The API writes 0 for "none", and bounds that contradict each other are none.
    pub(crate) fn told(min: Option<i64>, max: Option<i64>) -> Self {
        let (min, max) = (min.filter(|it| *it > 0), max.filter(|it| *it > 0));
        if min.zip(max).is_some_and(|(min, max)| min > max) { Self::default() } else { Self { min, max } }
    }

    /// Whether a value is within.
    pub(crate) fn hold(self, value: i64) -> bool {
        self.min.is_none_or(|it| it <= value) && self.max.is_none_or(|it| value <= it)
    }

    /// The bounds for a message; `unit` is in the plural.
    pub(crate) fn in_words(self, unit: &str) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{min} to {max} {unit}"),
            (Some(min), None) => format!("at least {min} {unit}"),
            (None, Some(max)) => format!("at most {max} {unit}"),
            (None, None) => format!("any number of {unit}"),
        }
    }

    /// The nearest value that is within.
    pub(crate) fn nearest(self, value: i64) -> i64 {
        let value = self.max.map_or(value, |it| value.min(it));
        self.min.map_or(value, |it| value.max(it))
    }
}

/// All bounds, as the API names them. Every one of them may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Limits {
    /// GB.
    #[serde(deserialize_with = "bound")]
    pub(crate) min_rootfs_size: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_rootfs_size: Option<i64>,
    /// GB that cost nothing.
    #[serde(deserialize_with = "int")]
    pub(crate) free_rootfs_size: Option<i64>,
    /// GB.
    #[serde(deserialize_with = "bound")]
    pub(crate) min_local_volume_size: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_local_volume_size: Option<i64>,
    /// GB that cost nothing.
    #[serde(deserialize_with = "int")]
    pub(crate) free_local_volume_size: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) min_worker_num: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_worker_num: Option<i64>,
    /// Seconds.
    #[serde(deserialize_with = "bound")]
    pub(crate) min_free_timeout: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_free_timeout: Option<i64>,
    /// Requests at a time and worker.
    #[serde(deserialize_with = "bound")]
    pub(crate) min_concurrency_num: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_concurrency_num: Option<i64>,
    /// Seconds; of the policy `queue`.
    #[serde(deserialize_with = "bound")]
    pub(crate) min_queue_wait_time: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_queue_wait_time: Option<i64>,
    /// Requests; of the policy `concurrency`.
    #[serde(deserialize_with = "bound")]
    pub(crate) min_request_num: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_request_num: Option<i64>,
    #[serde(rename = "minGPUNum", deserialize_with = "bound")]
    pub(crate) min_gpu_num: Option<i64>,
    #[serde(rename = "maxGPUNum", deserialize_with = "bound")]
    pub(crate) max_gpu_num: Option<i64>,
    /// Seconds. Seen in the console, not documented.
    #[serde(deserialize_with = "bound")]
    pub(crate) min_request_timeout: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_request_timeout: Option<i64>,
    /// Seen in the console, not documented; of endpoints with jobs.
    #[serde(deserialize_with = "bound")]
    pub(crate) min_async_request_num: Option<i64>,
    #[serde(deserialize_with = "bound")]
    pub(crate) max_async_request_num: Option<i64>,
    /// Empty = not told.
    #[serde(deserialize_with = "texts")]
    pub(crate) cuda_version_list: Vec<String>,
}

impl Limits {
    /// Of `rootfsSize`, in GB.
    pub(crate) fn rootfs_size(&self) -> Bounds {
        Bounds::told(self.min_rootfs_size, self.max_rootfs_size)
    }

    /// Of a local volume's `size`, in GB.
    pub(crate) fn local_volume_size(&self) -> Bounds {
        Bounds::told(self.min_local_volume_size, self.max_local_volume_size)
    }

    /// Of `minNum` and `maxNum`.
    pub(crate) fn worker_num(&self) -> Bounds {
        Bounds::told(self.min_worker_num, self.max_worker_num)
    }

    /// Of `freeTimeout`, in seconds.
    pub(crate) fn free_timeout(&self) -> Bounds {
        Bounds::told(self.min_free_timeout, self.max_free_timeout)
    }

    /// Of `maxConcurrent`.
    pub(crate) fn concurrency_num(&self) -> Bounds {
        Bounds::told(self.min_concurrency_num, self.max_concurrency_num)
    }

    /// Of the value of the policy `queue`, in seconds.
    pub(crate) fn queue_wait_time(&self) -> Bounds {
        Bounds::told(self.min_queue_wait_time, self.max_queue_wait_time)
    }

    /// Of the value of the policy `concurrency`.
    pub(crate) fn request_num(&self) -> Bounds {
        Bounds::told(self.min_request_num, self.max_request_num)
    }

    /// Of `gpuNum`.
    pub(crate) fn gpu_num(&self) -> Bounds {
        Bounds::told(self.min_gpu_num, self.max_gpu_num)
    }

    /// Of `requestTimeout`, in seconds.
    pub(crate) fn request_timeout(&self) -> Bounds {
        Bounds::told(self.min_request_timeout, self.max_request_timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_documented_answer_is_read_and_nothing_is_required() {
        let it: Limits = serde_json::from_str(
            r#"{"minRootfsSize":100,"maxRootfsSize":"100","freeRootfsSize":100,"minLocalVolumeSize":30,
                "maxLocalVolumeSize":30,"freeLocalVolumeSize":30,"minWorkerNum":0,"maxWorkerNum":10,"minFreeTimeout":1,
                "maxFreeTimeout":3600,"minConcurrencyNum":1,"maxConcurrencyNum":100,"minQueueWaitTime":1,
                "maxQueueWaitTime":600,"minRequestNum":1,"maxRequestNum":1000,"minGPUNum":1,"maxGPUNum":8,
                "minRequestTimeout":10,"maxRequestTimeout":0,"minAsyncRequestNum":2,"maxAsyncRequestNum":3,
                "cudaVersionList":["12.4","12.6"],"new":1}"#,
        )
        .unwrap();
        for (bounds, min, max) in [
            (it.rootfs_size(), Some(100), 100),
            (it.local_volume_size(), Some(30), 30),
            (it.worker_num(), None, 10),
            (it.free_timeout(), Some(1), 3600),
            (it.concurrency_num(), Some(1), 100),
            (it.queue_wait_time(), Some(1), 600),
            (it.request_num(), Some(1), 1000),
            (it.gpu_num(), Some(1), 8),
        ] {
            assert_eq!(bounds, Bounds { min, max: Some(max) });
        }
        assert_eq!(it.request_timeout(), Bounds { min: Some(10), max: None });
        assert_eq!((it.free_rootfs_size, it.free_local_volume_size), (Some(100), Some(30)));
        assert_eq!((it.min_async_request_num, it.max_async_request_num), (Some(2), Some(3)));
        assert_eq!(it.cuda_version_list, ["12.4", "12.6"]);
        let nothing: Limits = serde_json::from_str(r#"{"cudaVersionList":null}"#).unwrap();
        assert_eq!(nothing, Limits::default());
    }

    #[test]
    fn a_missing_bound_does_not_bound() {
        let bounds = |min, max| Bounds { min, max };
        for (bounds, value, nearest) in [
            (bounds(None, None), 5, 5),
            (bounds(Some(6), None), 5, 6),
            (bounds(None, Some(4)), 5, 4),
            (bounds(Some(1), Some(9)), 5, 5),
            (bounds(Some(1), Some(5)), 5, 5),
            (Bounds::told(Some(0), Some(0)), 5, 5),
            (Bounds::told(Some(6), Some(0)), 5, 6),
            (Bounds::told(Some(9), Some(1)), 5, 5),
        ] {
            assert_eq!(
                (bounds.nearest(value), bounds.hold(value)),
                (nearest, nearest == value),
                "{bounds:?}"
            );
        }
    }
}
