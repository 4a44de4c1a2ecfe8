//! Changing an instance in place: each difference by the one call that is made for it.
//!
//! Steps run in an order in which each can work: start first, since some calls want a running
//! instance, stop last. What a step has made true is saved before the next one is tried.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::api::call::Call;
use crate::api::client::Client;
use crate::api::error::{self, Error};
use crate::api::secret::Secret;
use crate::api::wait::{Verdict, poll};
use crate::framework::diagnostics::Diagnostics;
use crate::framework::equality::differ_in;
use crate::framework::model::StringEnum;
use crate::framework::resource::{Changes, Result, StateWriter};
use crate::framework::schema::Schema;
use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::instance::calls::answer::Env;
use crate::provider::instance::calls::waits::{After, wait_until_running};
use crate::provider::instance::calls::{self, Class, Instance, Upgrade};
use crate::provider::instance::container::Container;
use crate::provider::instance::life_cycle::{self, Kind};
use crate::provider::instance::ports::{self, Port, Protocol};
use crate::provider::instance::{PowerState, storages};
use crate::provider::roll::wait_until_settled;
use crate::provider::unclear::SecondLook;
use crate::provider::watch::Sight;
use crate::provider::{envs, image};

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
        let found = self.at_rest().await?;
        let (mut class, size) = (found.class(), found.rootfs_size);
        if class == Class::Exited
            && self.planned.container().desired_status.known() == Some(&PowerState::Running)
        {
            self.power(PowerState::Running).await?;
            class = Class::Running;
        }
        self.edit(class, size).await?;
        if self.upgrade().await? {
            class = Class::Running;
        }
        K::change_own(&mut self).await?;
        if class != Class::Exited
            && self.planned.container().desired_status.known() == Some(&PowerState::Stopped)
        {
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

    /// Ports and disk, by one call that takes the whole list of ports and the GB to add. `size` is what the
    /// disk really has, if the API tells: what an earlier call has added already is not added again.
    async fn edit(&mut self, class: Class, size: Option<i64>) -> Result<()> {
        let (old, new) =
            (ports::known(&self.now.container().ports), ports::known(&self.planned.container().ports));
        let sizes = self.now.rootfs_size().zip(self.planned.rootfs_size());
        let grows = sizes.is_some_and(|(old, new)| new > old);
        if old == new && !grows {
            return Ok(());
        }
        let missing = sizes.map_or(0, |(old, new)| (new - size.unwrap_or(old).max(old)).max(0));
        self.send_edit(&new, missing).await.map_err(|error| self.failed("edit ports and disk", &error))?;
        self.now.container_mut().ports = self.planned.container().ports.clone();
        self.now.take_edit(&self.planned);
        self.writer.save(&self.now);
        if class == Class::Running { self.edited(&new).await } else { Ok(()) }
    }

    /// Sends an edit. What it adds to the disk costs, so it is sent once, and after an unclear answer what
    /// it was to change must show, all of it.
    async fn send_edit(&self, ports: &[Port], growth: i64) -> error::Result<()> {
        let (client, call, id) = (self.client, &self.call, &self.id);
        let wire: Vec<_> = ports.iter().map(wire_port).collect();
        let edited = calls::edit(client, call, id, &wire, growth).await;
        let look = || async {
            let instance = calls::get(client, call, id).await?;
            if growth > 0 { calls::complete(client, call, instance).await } else { Ok(instance) }
        };
        let tools = ports::of_tools(&self.planned.container().tools);
        let size = self.planned.rootfs_size().filter(|_| growth > 0);
        let shows_all = |it: Instance| {
            shows(&it, ports, &tools, size)
                && size.is_none_or(|_| it.rootfs_size.is_some())
                && ports.iter().all(|port| has_protocol(&it, port))
        };
        SecondLook::patiently(client, call).forgive(edited, look, shows_all).await
    }

    /// Waits until the edit shows, so that a plan right after it is empty.
    async fn edited(&self, ports: &[Port]) -> Result<()> {
        let (client, call) = (self.client, self.call.within(EDIT_SHOWS_WITHIN));
        let tools = ports::of_tools(&self.planned.container().tools);
        let size = self.planned.rootfs_size();
        let judge = |sight: error::Result<Instance>| match sight {
            Ok(it) if shows(&it, ports, &tools, size) => Verdict::Done(()),
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
        if !differ_in(&SETTINGS, self.now.container(), self.planned.container()) {
            return Ok(false);
        }
        self.send_upgrade().await.map_err(|error| self.failed("upgrade the container", &error))?;
        self.now.container_mut().take_settings(self.planned.container());
        self.writer.save(&self.now);
        let looks = self.cx.data.rolls.instances.looks(self.client, &self.call);
        let running = wait_until_running(&looks, &self.id, After::Reset).await;
        self.now.refresh(running.map_err(|error| self.failed("see the container run again", &error))?);
        self.writer.save(&self.now);
        Ok(true)
    }

    async fn send_upgrade(&self) -> error::Result<()> {
        let (client, call, id) = (self.client, &self.call, &self.id);
        let (old, new) = (Settings::of(self.now.container()), Settings::of(self.planned.container()));
        let upgraded = calls::upgrade(client, call, id, &new.upgrade()).await;
        let look = || calls::get(client, call, id);
        SecondLook::soon(client, call).forgive(upgraded, look, |it| new.show_in(&it, &old)).await
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

/// Whether an answer shows these ports and, if it tells one, this disk size.
fn shows(instance: &Instance, wanted: &[Port], tools: &[i64], size: Option<i64>) -> bool {
    let numbers = instance.port_mappings.iter().filter_map(|it| it.port);
    let mut open: Vec<_> = numbers.filter(|it| ports::is_own(*it, tools)).collect();
    open.sort_unstable();
    let same_ports = open.iter().eq(wanted.iter().map(|it| &it.number));
    same_ports && instance.rootfs_size.zip(size).is_none_or(|(shown, wanted)| shown >= wanted)
}

/// Whether an answer shows this port with its protocol.
fn has_protocol(instance: &Instance, port: &Port) -> bool {
    let mut mappings = instance.port_mappings.iter();
    mappings.any(|it| it.port == Some(port.number) && Protocol::from_text(&it.kind) == Some(port.protocol))
}

/// The attributes that the upgrade call sets.
const SETTINGS: [&str; 7] =
    ["image_url", "image_auth_id", "envs", "secret_envs", "command", "entrypoint", "network_storages"];

/// What the upgrade call sets.
struct Settings<'c> {
    image_url: &'c str,
    image_auth_id: &'c str,
    envs: BTreeMap<&'c str, &'c str>,
    command: &'c str,
    entrypoint: &'c str,
    storages: Vec<(&'c str, &'c str)>,
}

impl<'c> Settings<'c> {
    fn of(it: &'c Container) -> Self {
        Self {
            image_url: it.image_url.text_or_empty(),
            image_auth_id: it.image_auth_id.text_or_empty(),
            envs: envs::merged(&it.envs, &it.secret_envs),
            command: it.command.text_or_empty(),
            entrypoint: it.entrypoint.text_or_empty(),
            storages: storages::known(&it.network_storages),
        }
    }

    /// Whether an answer shows a change from the `old` settings to these.
    fn show_in(&self, instance: &Instance, old: &Self) -> bool {
        let mounts = instance.volume_mounts.iter().filter(|it| it.kind == "network");
        let mut storages: Vec<_> = mounts.map(|it| (it.id.as_str(), it.mount_path.as_str())).collect();
        storages.sort_unstable();
        image::canonical(&instance.image_url) == image::canonical(self.image_url)
            && instance.image_auth_id == self.image_auth_id
            && instance.command == self.command
            && instance.entrypoint == self.entrypoint
            && storages == self.storages
            && envs::show(&instance.envs, &old.envs, &self.envs)
    }

    fn upgrade(&self) -> Upgrade {
        let env = |(key, value): (&&str, &&str)| Env { key: (*key).to_owned(), value: Secret::new(*value) };
        Upgrade {
            image_url: self.image_url.to_owned(),
            image_auth_id: self.image_auth_id.to_owned(),
            envs: self.envs.iter().map(env).collect(),
            command: self.command.to_owned(),
            entrypoint: self.entrypoint.to_owned(),
            network_storages: self
                .storages
                .iter()
                .map(|(id, path)| ((*id).to_owned(), (*path).to_owned()))
                .collect(),
        }
    }
}

impl Container {
    /// Takes over what an upgrade has set.
    fn take_settings(&mut self, planned: &Self) {
        self.image_url = planned.image_url.clone();
        self.image_auth_id = planned.image_auth_id.clone();
        self.envs = planned.envs.clone();
        self.secret_envs = planned.secret_envs.clone();
        self.command = planned.command.clone();
        self.entrypoint = planned.entrypoint.clone();
        self.network_storages = planned.network_storages.clone();
    }
}
