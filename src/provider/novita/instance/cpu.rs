//! `novita_cpu_instance`: a container on a machine without GPUs.
//!
//! Owns the one attribute that only such instances have. It is paid for by use, and its disk has the
//! product's size.

use tfplugin::attr::Attr;
use tfplugin::diagnostics::Diagnostics;
use tfplugin::model::Model;

use crate::provider::catalogue::known::Catalogue;
use crate::provider::clients::Cx;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::check;
use crate::provider::novita::instance::container::Container;
use crate::provider::novita::instance::kind::Kind;
use crate::provider::read_back::{Origin, ReadBack};

/// CPU instance of Novita AI: a container on a machine without GPUs, billed on demand.
///
/// Billing starts when the image pull begins, before the instance is running. The storage of a stopped instance is
/// still billed. A stop promises nothing about the data in `/` and `/workspace`: keep data on a network storage.
/// Recreating the container ends its processes; the provider asks the API to keep its data. There is no user data
/// (cloud-init): use `command` or the image.
///
/// Vendor documentation: [Create CPU
/// instance](https://novita.ai/docs/api-reference/gpu-instance-create-cpu-instance), [Upgrade
/// instance](https://novita.ai/docs/api-reference/gpu-instance-upgrade-instance), [Edit
/// instance](https://novita.ai/docs/api-reference/gpu-instance-edit-instance).
#[derive(Clone, Model)]
pub(crate) struct Cpu {
    #[tf(flatten)]
    pub(crate) container: Container,
    /// Mount path of the local disk.
    #[tf(optional, replace, not_returned, default = "/workspace", len = 1..=4095)]
    pub(crate) local_storage_mount_point: Attr<String>,
}

impl Kind for Cpu {
    const NAME: &'static str = "novita_cpu_instance";
    const KIND: &'static str = "cpu";
    const OTHER: &'static str = "novita_gpu_instance";
    const SHOWS: &'static str = "Get an existing CPU instance of Novita AI.\n\nVendor documentation: [Get instance](https://novita.ai/docs/api-reference/gpu-instance-get-instance).";
    const NOT_SHOWN: &'static [&'static str] = &[
        "image_auth",
        "image_auth_wo",
        "image_auth_wo_version",
        "secret_envs",
        "desired_status",
        "deletion_protection",
        "wait_for_ready",
        "store_ssh_password",
        "max_hourly_price",
        "product_ids",
        "cluster_ids",
        "capacity_timeout",
        "hourly_price",
    ];

    fn container(&self) -> &Container {
        &self.container
    }

    fn container_mut(&mut self) -> &mut Container {
        &mut self.container
    }

    async fn check_rest(cx: &Cx, prior: Option<&Self>, planned: &Self) -> Diagnostics {
        check::cpu(cx, prior, planned).await
    }

    fn take_over(&mut self, instance: Instance, origin: Origin) -> ReadBack {
        let mut back = ReadBack::of::<Self>(origin);
        let rest = self.container.read_back(instance, &mut back);
        // [assumed]: the mount of the type `local` is the one that the create call names.
        let mounted = rest.local_mount_path;
        back.learn("local_storage_mount_point", &mut self.local_storage_mount_point, mounted);
        back
    }

    fn is_incomplete(&self) -> bool {
        self.container.product_id.is_null()
    }

    async fn check_product(&self, cx: &Cx) -> Diagnostics {
        check::checked(cx, check::cpu_product(cx, &self.container.product_id).await)
    }

    async fn has_stock(&self, cx: &Cx, catalogue: &Catalogue) -> bool {
        check::cpu_stock(cx, catalogue, &self.container.product_id).await
    }

    async fn rate(&self, cx: &Cx, catalogue: &Catalogue) -> Option<f64> {
        check::cpu_price(cx, catalogue, &self.container.product_id).await
    }
}
