//! Changing an instance in place: each difference by the one call that is made for it.
//!
//! Steps run in an order in which each can work: start first, since some calls want a running
//! instance, stop last. What a step has made true is saved before the next one is tried.

use std::time::Duration;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{self, Error};
use crate::api::wait::{Verdict, poll};
use crate::framework::attr::{Attr, Set};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::model::StringEnum;
use crate::framework::resource::{Changes, Result, StateWriter};
use crate::framework::schema::Schema;
use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::instance::PowerState;
use crate::provider::instance::calls::waits::{After, wait_until_running};
use crate::provider::instance::calls::{self, Class, Instance};
use crate::provider::instance::life_cycle::{self, Kind};
use crate::provider::instance::ports::{self, Port, Protocol, Tool};
use crate::provider::instance::upgrade::Upgrade;
use crate::provider::life_cycle::change::refuse_shrinking;
use crate::provider::roll::wait_until_settled;
use crate::provider::unclear::SecondLook;
use crate::provider::watch::Sight;

/// An edit takes effect "within about a minute" (documentation of the edit call).
const EDIT_SHOWS_WITHIN: Duration = Duration::from_secs(120);

/// A change under way.
pub(crate) struct Update<'a, K: Kind> {
    cx: &'a Cx,
    pub(crate) client: &'a Client,
    pub(crate) call: Call,
    pub(crate) id: String,
    /// What is true by now.
    pub(crate) now: K,
    /// What is to become true.
    pub(crate) planned: K,
    pub(crate) writer: &'a StateWriter<K>,
}

impl<'a, K: Kind> Update<'a, K> {
    pub(crate) fn new(cx: &'a Cx, changes: Changes<K>, writer: &'a StateWriter<K>) -> Result<Self> {
        let Changes { prior: now, planned } = changes;
        let id = now.id().to_owned();
        Ok(Self { cx, client: cx.novita()?, call: cx.call(), id, now, planned, writer })
    }

    pub(crate) async fn run(mut self) -> Result<()> {
        let mut found = self.at_rest().await?;
        let was_stopped = found.class() == Class::Exited;
        let wanted = self.planned.container().desired_status;
        let starts = was_stopped && wanted.known() == Some(&PowerState::Running);
        if starts {
            self.power(PowerState::Running).await?;
            found = self.look().await?;
        }
        self.edit(&found).await?;
        let was_reset = self.upgrade().await?;
        K::change_own(&mut self).await?;
        let runs = !was_stopped || starts || was_reset;
        // A reset starts what was stopped. Where the power is not managed, it is to be as it was.
        let stops = wanted.known() == Some(&PowerState::Stopped) || (wanted.is_null() && was_stopped);
        if runs && stops {
            self.power(PowerState::Stopped).await?;
        }
        let instance = self.look().await?;
        self.planned.refresh(instance);
        self.writer.save(&self.planned);
        Ok(())
    }

    async fn power(&mut self, wanted: PowerState) -> Result<()> {
        let looks = self.cx.data.rolls.instances.looks(self.client, &self.call);
        life_cycle::power(&looks, &mut self.now, wanted).await?;
        self.writer.save(&self.now);
        Ok(())
    }

    /// The instance, once it is not on its way any more: a creation may have been stopped that it is still
    /// finishing, and the API changes nothing meanwhile.
    async fn at_rest(&self) -> Result<Instance> {
        let found = self.look().await?;
        if !found.is_moving() {
            return Ok(found);
        }
        let looks = self.cx.data.rolls.instances.looks(self.client, &self.call);
        let settled = wait_until_settled(&looks, "instance", &self.id).await;
        settled.map_err(|error| self.failed("wait for what is under way", &error))
    }

    async fn look(&self) -> Result<Instance> {
        let found = calls::get(self.client, &self.call, &self.id).await;
        found.map_err(|error| self.failed("read the instance", &error))
    }

    /// Ports and disk, by one call that takes the whole list of ports and the GB to add to the disk as it really is.
    async fn edit(&mut self, found: &Instance) -> Result<()> {
        let (old, new) =
            (ports::known(&self.now.container().ports), ports::known(&self.planned.container().ports));
        let sizes = self.now.rootfs_size().zip(self.planned.rootfs_size());
        if let Some((old, new)) = sizes.filter(|(old, new)| new < old) {
            // Only a size that was unknown in the plan gets here.
            return Err(refuse_shrinking("rootfs_size", &old.into(), &new.into()));
        }
        let size = sizes.filter(|(old, new)| new > old).map(|(_, new)| new);
        let missing = match size {
            Some(size) => (size - self.real_size(found).await?).max(0),
            None => 0,
        };
        if old != new || missing > 0 {
            let open = ports::open(found, &self.planned.container().tools, &old);
            let edit = Edit { ports: ports::changed(open, &old, &new), old, new, size };
            let sent = self.send_edit(&edit, missing).await;
            sent.map_err(|error| self.failed("edit ports and disk", &error))?;
            self.now.container_mut().ports = self.planned.container().ports.clone();
            self.now.take_edit(&self.planned);
            self.writer.save(&self.now);
            if found.class() == Class::Running {
                return self.edited(&edit).await;
            }
        }
        self.now.take_edit(&self.planned);
        Ok(())
    }

    /// GB that the disk has, which may be more than was asked for.
    async fn real_size(&self, found: &Instance) -> Result<i64> {
        if let Some(size) = found.rootfs_size {
            return Ok(size);
        }
        let complete = calls::complete(self.client, &self.call, found.clone()).await;
        let complete = complete.map_err(|error| self.failed("read the size of the disk", &error))?;
        Ok(complete.rootfs_size.or(self.now.rootfs_size()).unwrap_or_default())
    }

    /// Sends an edit. What it adds to the disk costs, so it is sent once, and after an unclear answer what
    /// it was to change must show, all of it.
    async fn send_edit(&self, edit: &Edit, growth: i64) -> error::Result<()> {
        let (client, call, id) = (self.client, &self.call, &self.id);
        let wire: Vec<_> = edit.ports.iter().map(wire_port).collect();
        let edited = calls::edit(client, call, id, &wire, growth).await;
        let look = || async {
            let instance = calls::get(client, call, id).await?;
            if growth > 0 { calls::complete(client, call, instance).await } else { Ok(instance) }
        };
        let tools = &self.planned.container().tools;
        let shows_all = |it: Instance| {
            edit.is_shown(&it, tools)
                && edit.size.is_none_or(|_| it.rootfs_size.is_some())
                && edit.new.iter().all(|port| has_protocol(&it, port))
        };
        SecondLook::patiently(client, call).forgive(edited, look, shows_all).await
    }

    /// Waits until the edit shows, so that a plan right after it is empty.
    async fn edited(&self, edit: &Edit) -> Result<()> {
        let (client, call) = (self.client, self.call.within(EDIT_SHOWS_WITHIN));
        let tools = &self.planned.container().tools;
        let judge = |sight: error::Result<Instance>| match sight {
            Ok(it) if edit.is_shown(&it, tools) => Verdict::Done(()),
            Ok(it) => Verdict::Waiting(it.status),
            Err(error) => Verdict::Failed(error),
        };
        let what = format!("the edit of instance {} to show", self.id);
        let look = || calls::get(client, &call, &self.id);
        match poll(&call, client.poll_interval(), &what, look, judge).await {
            Ok(()) => Ok(()),
            Err(Error::TimedOut(_)) => {
                let detail = "The API accepted the change of ports or disk but does not show it yet. If the next \
                    plan lists it again, apply once more.";
                self.cx.warn("Change does not show yet", detail);
                Ok(())
            }
            Err(error) => Err(self.failed("see the edit of ports and disk", &error)),
        }
    }

    /// Image, variables, commands and storages, by one call that takes all of them and resets the
    /// container. Says whether it was made.
    async fn upgrade(&mut self) -> Result<bool> {
        let Some(upgrade) = Upgrade::between(self.now.container(), self.planned.container()) else {
            return Ok(false);
        };
        self.send_upgrade(&upgrade).await.map_err(|error| self.failed("upgrade the container", &error))?;
        self.now.container_mut().take_settings(self.planned.container());
        self.writer.save(&self.now);
        let looks = self.cx.data.rolls.instances.looks(self.client, &self.call);
        let running = wait_until_running(&looks, &self.id, After::Reset).await;
        self.now.refresh(running.map_err(|error| self.failed("see the container run again", &error))?);
        self.writer.save(&self.now);
        Ok(true)
    }

    async fn send_upgrade(&self, upgrade: &Upgrade) -> error::Result<()> {
        let (client, call, id) = (self.client, &self.call, &self.id);
        let shown = calls::get_shown(client, call, id).await?;
        let upgraded = calls::upgrade(client, call, &upgrade.body(id, &shown.raw)).await;
        let look = || calls::get_shown(client, call, id);
        SecondLook::soon(client, call).forgive(upgraded, look, |it| upgrade.is_shown(&it.raw)).await
    }

    pub(crate) fn failed(&self, what: &str, error: &Error) -> Diagnostics {
        let aftermath =
            format!("The instance {} goes on existing; the state holds what was done until now.", self.id);
        ErrorContext { what, aftermath, schema: Some(&Schema::of::<K>()) }.failed(error)
    }
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
