//! `novita_endpoint_limits`: the bounds that Novita AI sets to the settings of a serverless endpoint.

use tfplugin::attr::{Attr, List};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::catalogue::calls::{self, Limits};
use crate::provider::clients::Cx;
use crate::provider::clients::{Clients, Vendors as _};
use crate::provider::error_context::ErrorContext;

/// The bounds that Novita AI sets to the settings of a serverless endpoint. What it does not bound is null: it tells no
/// bound, or 0.
#[derive(Model)]
#[tf(settings)]
pub(crate) struct EndpointLimits {
    /// Least size of a worker's system disk in GB.
    #[tf(computed)]
    min_rootfs_size: Attr<i64>,
    /// Greatest size of a worker's system disk in GB.
    #[tf(computed)]
    max_rootfs_size: Attr<i64>,
    /// Size of a worker's system disk in GB that costs nothing.
    #[tf(computed)]
    free_rootfs_size: Attr<i64>,
    /// Least size of a worker's local disk in GB.
    #[tf(computed)]
    min_local_volume_size: Attr<i64>,
    /// Greatest size of a worker's local disk in GB.
    #[tf(computed)]
    max_local_volume_size: Attr<i64>,
    /// Size of a worker's local disk in GB that costs nothing.
    #[tf(computed)]
    free_local_volume_size: Attr<i64>,
    /// Least value of `min_num` and `max_num` of an endpoint.
    #[tf(computed)]
    min_worker_num: Attr<i64>,
    /// Greatest value of `min_num` and `max_num` of an endpoint.
    #[tf(computed)]
    max_worker_num: Attr<i64>,
    /// Least `free_timeout` in seconds.
    #[tf(computed)]
    min_free_timeout: Attr<i64>,
    /// Greatest `free_timeout` in seconds.
    #[tf(computed)]
    max_free_timeout: Attr<i64>,
    /// Least `max_concurrent`: requests that a worker handles at the same time.
    #[tf(computed)]
    min_concurrency_num: Attr<i64>,
    /// Greatest `max_concurrent`: requests that a worker handles at the same time.
    #[tf(computed)]
    max_concurrency_num: Attr<i64>,
    /// Least value of the policy `queue` in seconds.
    #[tf(computed)]
    min_queue_wait_time: Attr<i64>,
    /// Greatest value of the policy `queue` in seconds.
    #[tf(computed)]
    max_queue_wait_time: Attr<i64>,
    /// Least value of the policy `concurrency`: a number of requests.
    #[tf(computed)]
    min_request_num: Attr<i64>,
    /// Greatest value of the policy `concurrency`: a number of requests.
    #[tf(computed)]
    max_request_num: Attr<i64>,
    /// Least number of GPUs of a worker.
    #[tf(computed)]
    min_gpu_num: Attr<i64>,
    /// Greatest number of GPUs of a worker.
    #[tf(computed)]
    max_gpu_num: Attr<i64>,
    /// Least `request_timeout` in seconds.
    #[tf(computed)]
    min_request_timeout: Attr<i64>,
    /// Greatest `request_timeout` in seconds.
    #[tf(computed)]
    max_request_timeout: Attr<i64>,
    /// Least number of requests of an asynchronous endpoint.
    #[tf(computed)]
    min_async_request_num: Attr<i64>,
    /// Greatest number of requests of an asynchronous endpoint.
    #[tf(computed)]
    max_async_request_num: Attr<i64>,
    /// CUDA versions that `cuda_version` can name, as the API orders them.
    #[tf(computed)]
    cuda_version_list: Attr<List<String>>,
}

impl DataSource for EndpointLimits {
    type Data = Clients;

    const TYPE: &'static str = "novita_endpoint_limits";

    async fn read(cx: &Cx, _config: Self) -> Result<Self> {
        let limits = calls::endpoint_limits(cx.novita()?, &cx.call()).await;
        limits
            .map(Self::from_answer)
            .map_err(|error| ErrorContext::to("read the endpoint limits").failed(&error))
    }
}

impl EndpointLimits {
    fn from_answer(limits: Limits) -> Self {
        let Limits {
            min_rootfs_size,
            max_rootfs_size,
            free_rootfs_size,
            min_local_volume_size,
            max_local_volume_size,
            free_local_volume_size,
            min_worker_num,
            max_worker_num,
            min_free_timeout,
            max_free_timeout,
            min_concurrency_num,
            max_concurrency_num,
            min_queue_wait_time,
            max_queue_wait_time,
            min_request_num,
            max_request_num,
            min_gpu_num,
            max_gpu_num,
            min_request_timeout,
            max_request_timeout,
            min_async_request_num,
            max_async_request_num,
            cuda_version_list,
        } = limits;
        Self {
            min_rootfs_size: Attr::from_option(min_rootfs_size),
            max_rootfs_size: Attr::from_option(max_rootfs_size),
            free_rootfs_size: Attr::from_option(free_rootfs_size),
            min_local_volume_size: Attr::from_option(min_local_volume_size),
            max_local_volume_size: Attr::from_option(max_local_volume_size),
            free_local_volume_size: Attr::from_option(free_local_volume_size),
            min_worker_num: Attr::from_option(min_worker_num),
            max_worker_num: Attr::from_option(max_worker_num),
            min_free_timeout: Attr::from_option(min_free_timeout),
            max_free_timeout: Attr::from_option(max_free_timeout),
            min_concurrency_num: Attr::from_option(min_concurrency_num),
            max_concurrency_num: Attr::from_option(max_concurrency_num),
            min_queue_wait_time: Attr::from_option(min_queue_wait_time),
            max_queue_wait_time: Attr::from_option(max_queue_wait_time),
            min_request_num: Attr::from_option(min_request_num),
            max_request_num: Attr::from_option(max_request_num),
            min_gpu_num: Attr::from_option(min_gpu_num),
            max_gpu_num: Attr::from_option(max_gpu_num),
            min_request_timeout: Attr::from_option(min_request_timeout),
            max_request_timeout: Attr::from_option(max_request_timeout),
            min_async_request_num: Attr::from_option(min_async_request_num),
            max_async_request_num: Attr::from_option(max_async_request_num),
            cuda_version_list: Attr::Known(cuda_version_list.into_iter().collect()),
        }
    }
}
