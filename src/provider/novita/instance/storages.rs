//! Network storages that an instance mounts.

use tfplugin::attr::{Attr, Set};
use tfplugin::model::Model;
use tfplugin::resource::Rules;

/// Where a storage is mounted unless told otherwise, from the create call's documentation.
pub(crate) const MOUNT_POINT: &str = "/network";

/// A network storage to mount.
#[derive(Clone, Debug, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct NetworkStorage {
    /// ID of the storage (`novita_network_storage`).
    #[tf(required, len = 1..=255, wire = "Id")]
    pub(crate) id: Attr<String>,
    /// Mount path in the instance.
    #[tf(optional, default = MOUNT_POINT, len = 1..=4095)]
    pub(crate) mount_point: Attr<String>,
}

/// The storages as (id, mount point), in a fixed order.
pub(crate) fn known(storages: &Attr<Set<NetworkStorage>>) -> Vec<(&str, &str)> {
    let elements = storages.known().into_iter().flat_map(Set::known);
    let mut elements: Vec<_> = elements.filter_map(|it| Some((it.id.text()?, mount_point(it)?))).collect();
    elements.sort_unstable();
    elements
}

fn mount_point(storage: &NetworkStorage) -> Option<&str> {
    if storage.mount_point.is_null() { Some(MOUNT_POINT) } else { storage.mount_point.text() }
}

/// Two storages cannot be mounted in one place.
pub(crate) fn validate(rules: &mut Rules, storages: &Attr<Set<NetworkStorage>>) {
    let elements = storages.known().into_iter().flat_map(Set::known);
    let mut paths: Vec<_> = elements.filter_map(mount_point).collect();
    paths.sort_unstable();
    if let Some(pair) = paths.windows(2).find(|it| it[0] == it[1]) {
        rules.reject("network_storages", format!("Two storages are mounted at {:?}.", pair[0]));
    }
}
