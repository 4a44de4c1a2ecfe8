//! Changing an instance in place: each difference by the one call that is made for it.
//!
//! What a step has made true is saved before the next one is tried. In which order start and stop come is the life
//! cycle's matter.

use std::time::Duration;

use tfplugin::attr::{Attr, Set};
use tfplugin::model::StringEnum;
use tfplugin::resource::Result;
use tokio::time::Instant;

use crate::api::error::{self, Error};
use crate::provider::life_cycle::change::{Change, Shows, refuse_shrinking};
use crate::provider::life_cycle::judge::{After, Goal};
use crate::provider::life_cycle::phase::Phase;
use crate::provider::novita::instance::answer::Instance;
use crate::provider::novita::instance::calls;
use crate::provider::novita::instance::kind::Kind;
use crate::provider::novita::instance::ports::{self, Port, Protocol, Tool};
use crate::provider::novita::instance::upgrade::Upgrade;

/// An edit takes effect "within about a minute" (documentation of the edit call).
const EDIT_SHOWS_WITHIN: Duration = Duration::from_secs(120);

/// Ports and disk, by one call that takes the whole list of ports and the GB to add to the disk as it really is.
pub(crate) async fn edit<K: Kind>(step: &mut Change<'_, K>) -> Result<()> {
    let (old, new) =
        (ports::known(&step.now.container().ports), ports::known(&step.planned.container().ports));
    let sizes = step.now.rootfs_size().zip(step.planned.rootfs_size());
    if let Some((old, new)) = sizes.filter(|(old, new)| new < old) {
        // Only a size that was unknown in the plan gets here.
        return Err(refuse_shrinking("rootfs_size", &old.into(), &new.into()));
    }
    let size = sizes.filter(|(old, new)| new > old).map(|(_, new)| new);
    let missing = match size {
        Some(size) => (size - real_size(step).await?).max(0),
        None => 0,
    };
    if old == new && missing == 0 {
        step.now.take_edit(&step.planned);
        return Ok(());
    }
    let open = ports::open(&step.found, &step.planned.container().tools, &old);
    let edit = Edit { ports: ports::changed(open, &old, &new), old, new, size };
    send_edit(step, &edit, missing)
        .await
        .map_err(|error| step.failed("change the ports or the disk of", &error))?;
    step.now.container_mut().ports = step.planned.container().ports.clone();
    step.now.take_edit(&step.planned);
    step.save();
    if step.phase() == Phase::Ready { edited(step, &edit).await } else { Ok(()) }
}

/// GB that the disk has, which may be more than was asked for.
async fn real_size<K: Kind>(step: &Change<'_, K>) -> Result<i64> {
    let complete = calls::complete(&step.remote, step.found.clone(), Instant::now()).await;
    let complete = complete.map_err(|error| step.failed("read the size of the disk of", &error))?;
    Ok(complete.rootfs_size.or(step.now.rootfs_size()).unwrap_or_default())
}

/// Sends an edit. What it adds to the disk costs, so it is sent once, and after an ambiguous answer what it was to
/// change must show, all of it.
async fn send_edit<K: Kind>(step: &Change<'_, K>, edit: &Edit, growth: i64) -> error::Result<()> {
    let remote = &step.remote;
    let wire: Vec<_> = edit.ports.iter().map(wire_port).collect();
    let edited = calls::edit(remote.client, &remote.call, &step.id, &wire, growth).await;
    let look = || async {
        let instance = remote.get(&step.id).await?;
        if growth > 0 { calls::complete(remote, instance, Instant::now()).await } else { Ok(instance) }
    };
    let tools = &step.planned.container().tools;
    let shows_all = |it: Instance| {
        edit.is_shown(&it, tools)
            && edit.size.is_none_or(|_| it.rootfs_size.is_some())
            && edit.new.iter().all(|port| has_protocol(&it, port))
    };
    remote.confirm(edited, Shows::Slowly, look, shows_all).await
}

/// Waits until the edit shows, so that a plan right after it is empty. A look that fails says nothing.
async fn edited<K: Kind>(step: &Change<'_, K>, edit: &Edit) -> Result<()> {
    let remote = step.remote.within(EDIT_SHOWS_WITHIN);
    let tools = &step.planned.container().tools;
    let doing = format!("waiting for the edit of instance {} to show", step.id);
    match remote.until(&step.id, &doing, |it| it.is_some_and(|it| edit.is_shown(it, tools))).await {
        Ok(()) => Ok(()),
        Err(Error::TimedOut(_)) => {
            let detail = "The API accepted the change of ports or disk but does not show it yet. If the next \
                plan lists it again, apply once more.";
            step.cx.warn("Change does not show yet", detail);
            Ok(())
        }
        Err(error) => Err(step.failed("confirm the new ports or disk of", &error)),
    }
}

/// Image, variables, commands and storages, by one call that takes all of them and resets the container.
pub(crate) async fn upgrade<K: Kind>(step: &mut Change<'_, K>) -> Result<()> {
    let Some(upgrade) = Upgrade::between(step.now.container(), step.planned.container()) else {
        return Ok(());
    };
    send_upgrade(step, &upgrade).await.map_err(|error| step.failed("upgrade the container of", &error))?;
    step.now.container_mut().take_settings(step.planned.container());
    step.save();
    step.settle(Goal::Ready(After::Change), "see the container run again in").await
}

async fn send_upgrade<K: Kind>(step: &Change<'_, K>, upgrade: &Upgrade) -> error::Result<()> {
    let (remote, id) = (&step.remote, &step.id);
    let shown = calls::get_shown(remote.client, &remote.call, id).await?;
    let upgraded = calls::upgrade(remote.client, &remote.call, &upgrade.body(id, &shown.raw)).await;
    let look = || calls::get_shown(remote.client, &remote.call, id);
    remote.confirm(upgraded, Shows::Soon, look, |it| upgrade.is_shown(&it.raw)).await
}

fn wire_port(port: &Port) -> calls::Port {
    calls::Port { port: port.number, kind: port.protocol.as_str().to_owned() }
}

/// A change of ports and disk.
struct Edit {
    /// All ports that are to be open.
    ports: Vec<Port>,
    /// The managed ports, before and after.
    old: Vec<Port>,
    new: Vec<Port>,
    /// GB that the disk is to have, where it grows.
    size: Option<i64>,
}

impl Edit {
    /// Whether an answer shows the ports and, if it tells one, the disk's size.
    fn is_shown(&self, instance: &Instance, tools: &Attr<Set<Tool>>) -> bool {
        let open = ports::open(instance, tools, &self.new);
        ports::show(&open, &self.old, &self.new)
            && instance.rootfs_size.zip(self.size).is_none_or(|(shown, wanted)| shown >= wanted)
    }
}

/// Whether an answer shows this port with its protocol.
fn has_protocol(instance: &Instance, port: &Port) -> bool {
    let mut mappings = instance.port_mappings.iter();
    mappings.any(|it| it.port == Some(port.number) && Protocol::from_text(&it.kind) == Some(port.protocol))
}
