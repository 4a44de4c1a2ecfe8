//! What a VM is known by when the answer to its create call is lost. VMs have no name.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::Result;
use crate::provider::lost;
use crate::provider::paging;
use crate::provider::vm::calls;
use crate::provider::vm::calls::answer::{Vm, same_gpu_type};

/// What can be told of a VM before it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    pub(crate) node: String,
    pub(crate) gpu_type: String,
    pub(crate) gpu_count: i64,
    pub(crate) storage_gb: i64,
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { node, gpu_type, gpu_count, storage_gb } = self;
        write!(out, "with {gpu_count} × {gpu_type} and {storage_gb} GB on the node {node}")
    }
}

impl lost::Shape for Shape {
    type Member = Vm;

    const THING: &'static str = "VM";
    const SEARCH: &'static str = "VMs have no name: look in the console for one of this shape and time.";

    /// Many VMs look alike, so nothing is to be made between the list and the call. Only where a list takes many
    /// requests is it kept, for a second each: so lists never take more than about one request in a second.
    fn list_age(members: usize) -> Duration {
        let more_pages = members / paging::LIMIT;
        Duration::from_secs(u64::try_from(more_pages).unwrap_or(u64::MAX))
    }

    fn is_unique(&self) -> bool {
        false
    }

    async fn list(client: &Client, call: &Call, _: Option<&Self>) -> Result<Vec<Vm>> {
        calls::list(client, call).await
    }

    fn id(vm: &Vm) -> &str {
        &vm.id
    }

    fn made(vm: &Vm) -> Option<Timestamp> {
        vm.created_at.parse().ok()
    }

    fn fits(&self, vm: &Vm) -> bool {
        vm.node == self.node
            && same_gpu_type(&vm.gpu_type, &self.gpu_type)
            && vm.gpu_count.is_none_or(|it| it == self.gpu_count)
            && vm.storage_gb.is_none_or(|it| it == self.storage_gb)
    }

    fn resembles(&self, other: &Self) -> bool {
        self.node == other.node && same_gpu_type(&self.gpu_type, &other.gpu_type)
    }
}
