//! `novita_cpu_instance`: a container on a machine without GPUs.
//!
//! Owns the one attribute that only such instances have. It is paid for by use, and its disk has the
//! product's size.

use crate::framework::attr::Attr;
use crate::framework::diagnostics::Diagnostics;
use crate::framework::model::Model;
use crate::framework::resource::{Changes, ImportId, Plan, Resource, Result, Rules, StateWriter};
use crate::framework::schema::Timeouts;
use crate::provider::clients::Clients;
use crate::provider::clients::Cx;
use crate::provider::instance::calls::Instance;
use crate::provider::instance::check;
use crate::provider::instance::container::Container;
use crate::provider::instance::life_cycle::{self, INSTANCE_ID, Kind, TIMEOUTS};
use crate::provider::instance::update::Update;
use crate::provider::read_back::{Origin, ReadBack};

/// A CPU instance of Novita AI: a container on a machine without GPUs, billed by use.
///
/// Billing begins when the image is pulled. A stopped instance keeps its data for some days and is billed
/// for its storage.
#[derive(Model)]
pub(crate) struct Cpu {
    #[tf(flatten)]
    pub(crate) container: Container,
    /// Path at which the local disk is mounted. It survives a stop, but not the instance.
    #[tf(optional, replace, not_returned, default = "/workspace", len = 1..=4095)]
    pub(crate) local_storage_mount_point: Attr<String>,
}

impl Resource for Cpu {
    type Model = Self;
    type Data = Clients;

    const TYPE: &'static str = "novita_cpu_instance";
    const IMPORT_ID: ImportId = INSTANCE_ID;
    const TIMEOUTS: Timeouts = TIMEOUTS;

    fn validate(model: &Self, rules: &mut Rules) {
        model.container.validate(rules);
    }

    fn plan(plan: &mut Plan<Self>) {
        life_cycle::plan(plan);
    }

    fn plan_update(prior: &Self, planned: &Self) -> Diagnostics {
        life_cycle::plan_update(&prior.container, &planned.container)
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        check::cpu(cx, prior.as_ref(), &planned).await
    }

    async fn create(cx: &Cx, plan: Self, writer: &StateWriter<Self>) -> Result<()> {
        life_cycle::create(cx, plan, writer).await
    }

    async fn read(cx: &Cx, state: Self) -> Result<Option<Self>> {
        life_cycle::read(cx, state).await
    }

    async fn update(cx: &Cx, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        Update::new(cx, changes, writer)?.run().await
    }

    async fn delete(cx: &Cx, state: Self) -> Result<()> {
        life_cycle::delete(cx, &state.container).await
    }
}

impl Kind for Cpu {
    const KIND: &'static str = "cpu";
    const OTHER: &'static str = "novita_gpu_instance";

    fn container(&self) -> &Container {
        &self.container
    }

    fn container_mut(&mut self) -> &mut Container {
        &mut self.container
    }

    fn read_back(&mut self, instance: Instance, origin: Origin) -> ReadBack {
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

    async fn price(&self, cx: &Cx) -> Option<f64> {
        check::cpu_price(cx, &self.container.product_id).await
    }
}
