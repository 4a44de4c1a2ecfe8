//! `novita_endpoint_limits`: the bounds that Novita AI sets to the settings of a serverless endpoint.

use tfplugin::attr::{Attr, List};
use tfplugin::data_source::DataSource;
use tfplugin::model::Model;
use tfplugin::resource::Result;

use crate::provider::catalogue::calls::{self, Limits};
use crate::provider::clients::Cx;
use crate::provider::clients::{Clients, Vendors as _};
use crate::provider::error_context::ErrorContext;

/// Limits for serverless endpoint settings.
///
/// A limit that the API does not set (missing or `0`) is null.
///
/// Vendor documentation: [Query endpoint
/// limit](https://novita.ai/docs/api-reference/serverless-query-endpoint-limit).
#[derive(Model)]
#[tf(settings)]
pub(crate) struct EndpointLimits {
    /// Minimum `rootfs_size` of an endpoint in GB.
    #[tf(computed)]
    min_rootfs_size: Attr<i64>,
    /// Maximum `rootfs_size` of an endpoint in GB.
    #[tf(computed)]
    max_rootfs_size: Attr<i64>,
    /// Size of the system disk of a worker in GB that is free of charge.
    #[tf(computed)]
    free_rootfs_size: Attr<i64>,
    /// Minimum size of a `local` volume of a worker in GB.
    #[tf(computed)]
    min_local_volume_size: Attr<i64>,
    /// Maximum size of a `local` volume of a worker in GB.
    #[tf(computed)]
    max_local_volume_size: Attr<i64>,
    /// Size of the `local` volume of a worker in GB that is free of charge.
    #[tf(computed)]
    free_local_volume_size: Attr<i64>,
    /// Minimum of `worker_config.min_num` and `worker_config.max_num`.
    #[tf(computed)]
    min_worker_num: Attr<i64>,
    /// Maximum of `worker_config.min_num` and `worker_config.max_num`.
    #[tf(computed)]
    max_worker_num: Attr<i64>,
    /// Minimum of `worker_config.free_timeout` in seconds.
    #[tf(computed)]
    min_free_timeout: Attr<i64>,
    /// Maximum of `worker_config.free_timeout` in seconds.
    #[tf(computed)]
    max_free_timeout: Attr<i64>,
    /// Minimum of `worker_config.max_concurrent`.
    #[tf(computed)]
    min_concurrency_num: Attr<i64>,
    /// Maximum of `worker_config.max_concurrent`.
    #[tf(computed)]
    max_concurrency_num: Attr<i64>,
    /// Minimum of `policy.value` in seconds for the policy `queue`.
    #[tf(computed)]
    min_queue_wait_time: Attr<i64>,
    /// Maximum of `policy.value` in seconds for the policy `queue`.
    #[tf(computed)]
    max_queue_wait_time: Attr<i64>,
    /// Minimum of `policy.value` for the policy `concurrency`.
    #[tf(computed)]
    min_request_num: Attr<i64>,
    /// Maximum of `policy.value` for the policy `concurrency`.
    #[tf(computed)]
    max_request_num: Attr<i64>,
    /// Minimum of `worker_config.gpu_num`.
    #[tf(computed)]
    min_gpu_num: Attr<i64>,
    /// Maximum of `worker_config.gpu_num`.
    #[tf(computed)]
    max_gpu_num: Attr<i64>,
    /// Minimum of `worker_config.request_timeout` in seconds.
    #[tf(computed)]
    min_request_timeout: Attr<i64>,
    /// Maximum of `worker_config.request_timeout` in seconds.
    #[tf(computed)]
    max_request_timeout: Attr<i64>,
    /// Minimum number of requests of an asynchronous endpoint.
    #[tf(computed)]
    min_async_request_num: Attr<i64>,
    /// Maximum number of requests of an asynchronous endpoint.
    #[tf(computed)]
    max_async_request_num: Attr<i64>,
    /// CUDA versions supported by `worker_config.cuda_version`, in the order of the API.
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
