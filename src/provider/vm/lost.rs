//! A create call of a VM whose answer got lost: which VM did it make, if any?
//!
//! VMs have no name, so the list from before the call is compared with the list after it. A VM is taken
//! over only when no other can be meant: exactly one is new, of the shape that was asked for, made since,
//! and no other VM of that shape was being made by this process. The call is never repeated.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::api::call::Call;
use crate::api::error::Error;
use crate::api::transport::Client;
use crate::provider::vm::calls;
use crate::provider::vm::calls::answer::{self, same_gpu_type};

/// So often the list is looked at: a new VM may be listed late. A guess.
const LOOKS: u32 = 4;

/// Longest time for the list from before the call; without it nothing is taken over.
const LIST_WITHIN: Duration = Duration::from_secs(20);

/// The vendor's clock may go behind ours by so much.
const SKEW: SignedDuration = SignedDuration::from_secs(120);

/// What can be told of a VM before it exists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shape {
    pub(crate) node: String,
    pub(crate) gpu_type: String,
    pub(crate) gpu_count: i64,
    pub(crate) storage_gb: i64,
}

impl Shape {
    fn fits(&self, vm: &answer::Vm) -> bool {
        vm.node == self.node
            && same_gpu_type(&vm.gpu_type, &self.gpu_type)
            && vm.gpu_count.is_none_or(|it| it == self.gpu_count)
            && vm.storage_gb.is_none_or(|it| it == self.storage_gb)
    }
}

/// The creations that this process has under way.
#[derive(Default)]
pub(crate) struct Underway(Mutex<BTreeMap<Shape, Vec<Arc<AtomicBool>>>>);

/// A creation under way, until it is dropped.
pub(crate) struct Creation<'u> {
    underway: &'u Underway,
    shape: Shape,
    alone: Arc<AtomicBool>,
    /// Ids from before the call; none when they could not be listed.
    before: Option<Vec<String>>,
    since: Timestamp,
}

impl Underway {
    /// Notes a creation, and what there is before it.
    pub(crate) async fn begin(&self, client: &Client, call: &Call, shape: Shape) -> Creation<'_> {
        let alone = Arc::new(AtomicBool::new(true));
        {
            let mut shapes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let others = shapes.entry(shape.clone()).or_default();
            others.push(Arc::clone(&alone));
            if others.len() > 1 {
                others.iter().for_each(|it| it.store(false, Ordering::Relaxed));
            }
        }
        let mut creation = Creation { underway: self, shape, alone, before: None, since: client.now() };
        let listed = calls::list(client, &call.within(LIST_WITHIN)).await;
        creation.before = listed.ok().map(|it| it.into_iter().map(|vm| vm.id).collect());
        creation.since = client.now();
        creation
    }
}

impl Drop for Creation<'_> {
    fn drop(&mut self) {
        let mut shapes = self.underway.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(others) = shapes.get_mut(&self.shape) {
            others.retain(|it| !Arc::ptr_eq(it, &self.alone));
        }
    }
}

impl Creation<'_> {
    /// The VM that the lost call has made.
    ///
    /// # Errors
    /// It cannot be told: what may exist and what to do about it, in full sentences.
    pub(crate) async fn find(&self, client: &Client, call: &Call) -> Result<answer::Vm, String> {
        let mut found = self.look(client, call).await;
        let sure = found.len() == 1 && self.alone.load(Ordering::Relaxed);
        if sure && let Some(vm) = found.pop() {
            log::warn!(target: "provider", id = vm.id.as_str(); "found the VM whose create answer was lost");
            return Ok(vm);
        }
        Err(self.unsure(&found))
    }

    async fn look(&self, client: &Client, call: &Call) -> Vec<answer::Vm> {
        let Some(before) = &self.before else { return Vec::new() };
        for _ in 0..LOOKS {
            if call.pause(client.poll_interval()).await.is_err() {
                break;
            }
            match calls::list(client, call).await {
                Ok(mut listed) => {
                    listed.retain(|it| !before.contains(&it.id) && self.shape.fits(it) && self.is_new(it));
                    if !listed.is_empty() {
                        return listed;
                    }
                }
                Err(Error::Stopped(_) | Error::TimedOut(_)) => break,
                Err(error) => log::warn!(target: "provider", "could not look for what was lost: {error}"),
            }
        }
        Vec::new()
    }

    /// Whether a VM was made since the call; one whose time is not told may have been.
    fn is_new(&self, vm: &answer::Vm) -> bool {
        vm.created_at
            .parse::<Timestamp>()
            .map_or(true, |made| made.saturating_add(SKEW).is_ok_and(|it| it >= self.since))
    }

    fn unsure(&self, found: &[answer::Vm]) -> String {
        let Shape { node, gpu_type, gpu_count, storage_gb } = &self.shape;
        let shape = format!("{gpu_count} × {gpu_type} and {storage_gb} GB on the node {node}");
        if found.is_empty() {
            return format!(
                "A VM with {shape} may have been made just now and may cost money. VMs have no name: look in the \
                 console for one of this shape and time, and remove it or import it with its id before you apply \
                 again."
            );
        }
        let ids: Vec<_> = found.iter().map(|it| it.id.as_str()).collect();
        format!(
            "New VMs with {shape} have appeared meanwhile: {}. Which of them this call has made cannot be told, since \
             VMs have no name and others may be making such ones too. Import the right one with its id, or remove it, \
             before you apply again: each costs money.",
            ids.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::dialect::Dialect;
    use crate::provider::loopback::serve;

    fn shape() -> Shape {
        Shape { node: "vm02".to_owned(), gpu_type: "6000pro".to_owned(), gpu_count: 1, storage_gb: 120 }
    }

    /// A VM of the shape, in the API's words; its model is spelt the other way.
    fn vm(id: &str, changes: &[(&str, serde_json::Value)]) -> serde_json::Value {
        let mut vm = json!({
            "id": id, "node": "vm02", "gpu_type": "pro6000", "gpu_count": 1, "storage_gb": 120, "status": "creating",
            "created_at": Timestamp::now().to_string(),
        });
        for (name, value) in changes {
            vm[*name] = value.clone();
        }
        vm
    }

    /// What is found when the list is `before` and then `after`; `others` are made at the same time.
    async fn find(
        before: serde_json::Value,
        after: serde_json::Value,
        others: usize,
    ) -> Result<String, String> {
        let lists = Mutex::new(vec![after]);
        let first = Mutex::new(Some(before));
        let (client, _) = serve(Dialect::NovaCloud, move |_| {
            let list = first.lock().unwrap().take().unwrap_or_else(|| lists.lock().unwrap()[0].clone());
            (200, list.to_string())
        })
        .await;
        let (underway, call) = (Underway::default(), Call::default());
        let creation = underway.begin(&client, &call, shape()).await;
        let mut meanwhile = Vec::new();
        for _ in 0..others {
            meanwhile.push(underway.begin(&client, &call, shape()).await);
        }
        drop(meanwhile);
        creation.find(&client, &call).await.map(|it| it.id)
    }

    #[tokio::test]
    async fn demand_27_the_one_new_vm_of_the_shape_is_taken_over() {
        let old = vm("old", &[]);
        assert_eq!(find(json!([old]), json!([old, vm("new", &[])]), 0).await, Ok("new".to_owned()));
    }

    #[tokio::test]
    async fn an_older_vm_and_one_of_another_shape_are_never_taken_over() {
        let long_ago = [("created_at", json!("2020-01-01T00:00:00Z"))];
        for stranger in [
            vm("listed late", &long_ago),
            vm("elsewhere", &[("node", json!("vm01"))]),
            vm("larger", &[("gpu_count", json!(2))]),
            vm("other model", &[("gpu_type", json!("5090"))]),
            vm("other disk", &[("storage_gb", json!(500))]),
        ] {
            let told = find(json!([]), json!([stranger]), 0).await.unwrap_err();
            assert!(told.contains("may have been made"), "{told}");
        }
        let there_before = vm("old", &[]);
        assert!(find(json!([there_before]), json!([there_before]), 0).await.is_err());
    }

    #[tokio::test]
    async fn what_cannot_be_told_apart_is_told() {
        let told = find(json!([]), json!([vm("one", &[]), vm("two", &[])]), 0).await.unwrap_err();
        assert!(told.contains("one, two") && told.contains("costs money"), "{told}");
        let told = find(json!([]), json!([vm("one", &[])]), 1).await.unwrap_err();
        assert!(told.contains("Which of them") || told.contains("have appeared"), "{told}");
    }
}
