//! What an instance uses by its id: whether the account has it, and whether it lies in the instance's cluster.
//!
//! For warnings of a plan: what a list lacks may be listed late, and clusters may have more than one name.

use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::path::Path;

use crate::provider::clients::Cx;
use crate::provider::error_context::capitalised;
use crate::provider::life_cycle::named::{Named, named};
use crate::provider::life_cycle::stored::Stored;
use crate::provider::novita::instance::container::Container;
use crate::provider::novita::instance::storages;
use crate::provider::novita::network::Network;
use crate::provider::novita::network_storage::NetworkStorage;
use crate::provider::novita::registry_auth::RegistryAuth;

/// Looks for what a plan brings to an instance, but for what it had before.
pub(crate) async fn check(cx: &Cx, prior: Option<&Container>, planned: &Container) -> Diagnostics {
    let mut found = Diagnostics::default();
    if prior.is_none_or(|it| it.network_storages != planned.network_storages) {
        for (id, _) in storages::known(&planned.network_storages) {
            let place = |it: &<NetworkStorage as Stored>::Answer| it.cluster_id.clone();
            found.append(one::<NetworkStorage>(cx, "network_storages", id, planned, place).await);
        }
    }
    let network = planned.network_id.text().filter(|_| prior.is_none());
    if let Some(id) = network.filter(|it| !it.is_empty()) {
        let place = |it: &<Network as Stored>::Answer| it.cluster_id.clone();
        found.append(one::<Network>(cx, "network_id", id, planned, place).await);
    }
    let login = planned.image_auth_id.text();
    let login = login.filter(|_| prior.is_none_or(|it| it.image_auth_id != planned.image_auth_id));
    if let Some(id) = login.filter(|it| !it.is_empty()) {
        found.append(one::<RegistryAuth>(cx, "image_auth_id", id, planned, |_| String::new()).await);
    }
    found
}

/// Looks for one thing. `place` is the cluster that it lies in; empty: anywhere.
async fn one<S: Stored>(
    cx: &Cx,
    attribute: &str,
    id: &str,
    planned: &Container,
    place: impl Fn(&S::Answer) -> String,
) -> Diagnostics {
    let thing = capitalised(S::THING);
    let (there, here) = match named::<S>(cx, id).await {
        Named::There(it) => (place(&it), planned.cluster_id.text_or_empty()),
        Named::Absent => {
            let detail = format!(
                "The account's list has no {} `{id}`, so that using it will probably fail. Check the id, and that the key \
                 belongs to the right account.",
                S::THING
            );
            let warning = Diagnostic::warning(format!("{thing} is not listed"), detail);
            return warning.at(Path::root(attribute)).into();
        }
        Named::NotTold => return Diagnostics::default(),
    };
    if there.is_empty() || here.is_empty() || there == here {
        return Diagnostics::default();
    }
    let detail = format!(
        "The {} `{id}` lies in the cluster `{there}`, and the instance is to run in `{here}`. It can be used in its own \
         cluster alone, so that creating will probably fail: set `cluster_id = \"{there}\"`, or use another one.",
        S::THING
    );
    let warning = Diagnostic::warning(format!("{thing} lies in another cluster"), detail);
    warning.at(Path::root(attribute)).into()
}
