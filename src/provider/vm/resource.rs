//! `novacloud_vm`: a virtual machine with GPUs.
//!
//! Owns the model, the rules of its fields and the life cycle. The API changes nothing of a VM but its
//! power, and returns only a part of what was asked for.

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::api::client::Client;
use crate::api::error::{self, Error};
use crate::framework::attr::Attr;
use crate::framework::body;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::model::{Model, StringEnum};
use crate::framework::resource::{Changes, ImportId, Resource, Result, Rules, StateWriter};
use crate::framework::schema::{Schema, Timeouts};
use crate::provider::Cx;
use crate::provider::census::Listed;
use crate::provider::config::Clients;
use crate::provider::elsewhere::{self, Seat};
use crate::provider::error_context::{ErrorContext, not_switched, unfinished};
use crate::provider::instance::PowerState;
use crate::provider::paging::Steps;
use crate::provider::read_back::{read_back, read_back_text, text_or_null};
use crate::provider::roll::{Looks, wait_until_settled};
use crate::provider::vm::calls::answer::{self, canonical_gpu_type};
use crate::provider::vm::calls::waits::{After, wait_until_gone, wait_until_running, wait_until_stopped};
use crate::provider::vm::calls::{self, Class, status};
use crate::provider::vm::check;
use crate::provider::vm::lost::Shape;
use crate::provider::watch::{UNKNOWN_AT_FIRST, first_sight, last_status};

/// How a VM is rented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
#[string_enum(snake_case)]
pub(crate) enum RentalType {
    OnDemand,
    Reserved,
    Interruptible,
}

/// How one logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
#[string_enum(snake_case)]
pub(crate) enum AuthMethod {
    SshKey,
    Password,
}

/// A virtual machine with GPUs of Nova Cloud.
///
/// Stopping keeps the data, and its storage stays billed. Nothing but its power can be changed in place.
/// The type's prefix is not the provider's name, so a configuration of the provider `novita` writes
/// `provider = novita` on it.
#[derive(Model)]
#[tf(snake_case)]
pub(crate) struct Vm {
    /// Identifier of the VM, a UUID.
    #[tf(computed)]
    pub(crate) id: Attr<String>,
    /// Identifier of the node to run on, such as `vm02`; `novacloud_offers` lists them.
    #[tf(required, replace, len = 1..=i64::MAX)]
    pub(crate) node: Attr<String>,
    /// GPU model, such as `5090`, `4090` or `6000pro`.
    #[tf(required, replace, len = 1..=i64::MAX, canonical = canonical_gpu_type)]
    pub(crate) gpu_type: Attr<String>,
    /// Number of GPUs.
    #[tf(required, replace, one_of = [1, 2, 4, 8])]
    pub(crate) gpu_count: Attr<i64>,
    /// Size of the disk in GB.
    #[tf(required, replace, range = 50..=i64::MAX)]
    pub(crate) storage_gb: Attr<i64>,
    /// Number of the template to clone. The API does not return it.
    #[tf(required, replace, not_returned, range = 1..=i64::MAX)]
    pub(crate) template_vmid: Attr<i64>,
    /// How the VM is rented. An interruptible one is cheaper and can be taken back; a reserved one needs
    /// `reservation_months`, and cancelling it costs 25 %.
    #[tf(optional, replace, default = "on_demand")]
    pub(crate) rental_type: Attr<RentalType>,
    /// Months to reserve, with `rental_type = "reserved"`. The API does not return it.
    #[tf(optional, replace, not_returned, one_of = [1, 3, 6])]
    pub(crate) reservation_months: Attr<i64>,
    /// How to log in. The API does not return it.
    #[tf(optional, replace, not_returned, default = "ssh_key")]
    pub(crate) auth_method: Attr<AuthMethod>,
    /// Identifier of the SSH key; without one the account's oldest key is used. Only with the method
    /// `ssh_key`. The API does not return it.
    #[tf(optional, replace, not_returned, len = 1..=i64::MAX)]
    pub(crate) ssh_key_id: Attr<String>,
    /// Password, with `auth_method = "password"`. Prefer `password_wo`, which is not stored.
    #[tf(optional, sensitive, replace, not_returned, len = 12..=i64::MAX)]
    pub(crate) password: Attr<String>,
    /// As `password`, but kept out of plan and state.
    #[tf(optional, sensitive, write_only, replace, len = 12..=i64::MAX, wire = "password")]
    pub(crate) password_wo: Attr<String>,
    /// Version of `password_wo`, any number: a new one says that `password_wo` has changed.
    #[tf(optional, replace, not_returned, no_wire)]
    pub(crate) password_wo_version: Attr<i64>,
    /// Whether the VM is to run. Without a value its power is not managed.
    #[tf(optional, no_wire, via = "Changing it starts or stops the VM in place.")]
    pub(crate) desired_status: Attr<PowerState>,
    /// Whether destroying and replacing are refused.
    #[tf(optional, local, default = false, deletion_protection)]
    pub(crate) deletion_protection: Attr<bool>,
    /// Whether creating waits until the VM runs. With `false` it ends once the identifier is in the state.
    #[tf(optional, local, default = true)]
    pub(crate) wait_for_ready: Attr<bool>,
    /// Number of the VM on its hypervisor.
    #[tf(computed)]
    pub(crate) vmid: Attr<i64>,
    /// Number of the account.
    #[tf(computed)]
    pub(crate) user_id: Attr<i64>,
    /// Memory in GB.
    #[tf(computed)]
    pub(crate) ram_gb: Attr<i64>,
    /// Number of CPU cores.
    #[tf(computed)]
    pub(crate) cpu_cores: Attr<i64>,
    /// Label that the console shows.
    #[tf(computed, volatile)]
    pub(crate) instance_label: Attr<String>,
    /// Public address; null until it is known.
    #[tf(computed, volatile)]
    pub(crate) ip_address: Attr<String>,
    /// Status as the API names it, such as `running` or `stopped`.
    #[tf(computed, volatile)]
    pub(crate) status: Attr<String>,
    /// When the VM was created, in RFC 3339.
    #[tf(computed)]
    pub(crate) created_at: Attr<String>,
    /// When the VM was last started, in RFC 3339.
    #[tf(computed, volatile)]
    pub(crate) started_at: Attr<String>,
    /// When the VM was last stopped, in RFC 3339.
    #[tf(computed, volatile)]
    pub(crate) stopped_at: Attr<String>,
    /// Identifier of the reservation.
    #[tf(computed)]
    pub(crate) reservation_id: Attr<String>,
    /// Model of the processor.
    #[tf(computed, volatile)]
    pub(crate) cpu_model: Attr<String>,
    /// Generation of the PCI Express bus.
    #[tf(computed, volatile)]
    pub(crate) pcie_gen: Attr<String>,
    /// Whether the platform starts the VM again by itself.
    #[tf(computed, volatile)]
    pub(crate) auto_restart: Attr<bool>,
    /// Price in USD per hour at present, of GPUs and storage together.
    #[tf(computed, volatile)]
    pub(crate) hourly_rate: Attr<f64>,
    /// Price of the GPUs in USD per hour.
    #[tf(computed, volatile)]
    pub(crate) gpu_hourly_rate: Attr<f64>,
    /// Price of the storage in USD per hour.
    #[tf(computed, volatile)]
    pub(crate) storage_hourly_rate: Attr<f64>,
}

/// What a user should know before a reserved VM is removed.
const RESERVED: &str = "The VM is reserved for months, and cancelling a reservation costs 25 % of it.";

impl Resource for Vm {
    type Data = Clients;

    const TYPE: &'static str = "novacloud_vm";
    const IMPORT_ID: ImportId =
        ImportId { text: "a UUID", example: "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11", fits: is_uuid };
    const TIMEOUTS: Timeouts = Timeouts { create: 1800, update: 900, delete: 900 };

    fn validate(&self, rules: &mut Rules) {
        self.validate_rental(rules);
        self.validate_login(rules);
        if self.wait_for_ready.known() == Some(&false)
            && self.desired_status.known() == Some(&PowerState::Stopped)
        {
            rules.reject(
                "wait_for_ready",
                "A VM can be stopped only once it runs: with `desired_status = \"stopped\"` leave it at `true`.",
            );
        }
    }

    fn validate_creation(&self, rules: &mut Rules) {
        if self.rental_type.known() == Some(&RentalType::Reserved) && self.reservation_months.is_null() {
            rules.reject("rental_type", "A reserved VM needs `reservation_months`: set it to 1, 3 or 6.");
        }
    }

    fn plan_destroy(state: &Self) -> Diagnostics {
        match state.rental_type.known() {
            Some(RentalType::Reserved) => {
                Diagnostic::warning("Reserved VM would be removed", RESERVED).into()
            }
            _ => Diagnostics::default(),
        }
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        check::vm(cx, prior.as_ref(), &planned).await
    }

    async fn create(cx: &Cx, mut vm: Self, writer: &StateWriter<Self>) -> Result<()> {
        let (client, call) = (cx.novacloud()?, cx.call());
        let wanted = vm.desired_status;
        let body = Json::Object(body::body(&Schema::of::<Self>(), &vm.to_object()));
        let post = async {
            let created = calls::create(client, &call, &body).await;
            elsewhere::of_vm(client, &call, &vm.seat(), created).await
        };
        let created = cx.data.vms_underway.create(client, &call, vm.shape(), post).await;
        vm.refresh(created.map_err(|it| not_created(&it.error, it.aftermath))?);
        writer.save(&vm);
        if vm.wait_for_ready.known() == Some(&false) {
            return Ok(());
        }
        let looks = cx.data.rolls.vms.looks(client, &call);
        let running = wait_until_running(&looks, vm.id.text_or_empty(), After::Create).await;
        if let Err(error) = &running
            && let status @ Attr::Known(_) = last_status(error)
        {
            vm.status = status;
            writer.save(&vm);
        }
        vm.refresh(running.map_err(|error| unfinished("VM", vm.id.text_or_empty(), &error))?);
        writer.save(&vm);
        if wanted.known() == Some(&PowerState::Stopped) {
            let stopped = stopped(&looks, vm.id.text_or_empty()).await;
            vm.refresh(stopped.map_err(|error| unfinished("VM", vm.id.text_or_empty(), &error))?);
            writer.save(&vm);
        }
        Ok(())
    }

    async fn read(cx: &Cx, mut state: Self) -> Result<Option<Self>> {
        let (client, call) = (cx.novacloud()?, cx.call());
        let (id, census) = (state.id.text_or_empty(), &cx.data.censuses.vms);
        let is_known = !state.status.is_null() && !state.is_unseen(client);
        if is_known && let Some(found) = census.confirms(client, &call, id, &state).await {
            warn_of(cx, &found);
            return Ok(Some(state));
        }
        let get = || calls::get(client, &call, id);
        let seen = match state.is_unseen(client) {
            true => first_sight(client, &call, "the VM", get).await,
            false => get().await,
        };
        let found = match seen {
            Ok(found) => found,
            Err(Error::NotFound(_)) => return Ok(None),
            Err(error) => return Err(ErrorContext::to("read the VM").failed(&error)),
        };
        warn_of(cx, &found);
        census.note(&found);
        state.refresh(found);
        Ok(Some(state))
    }

    async fn update(cx: &Cx, changes: Changes<Self>, writer: &StateWriter<Self>) -> Result<()> {
        let (client, call) = (cx.novacloud()?, cx.call());
        let Changes { mut prior, mut planned } = changes;
        let look = async |id: &str| {
            let found = calls::get(client, &call, id).await;
            found.map_err(|error| ErrorContext::to("read the VM").failed(&error))
        };
        let id = planned.id.text_or_empty().to_owned();
        let looks = cx.data.rolls.vms.looks(client, &call);
        let mut class = look(&id).await?.class();
        if class == Class::Moving {
            // A creation may have been stopped that it is still finishing.
            let settled = wait_until_settled(&looks, "VM", &id).await;
            let failed = |error: Error| ErrorContext::to("wait for what is under way").failed(&error);
            class = settled.map_err(failed)?.class();
        }
        match (planned.desired_status.known().copied(), class) {
            (Some(PowerState::Running), Class::Stopped | Class::Interrupted) => {
                prior.power(&looks, PowerState::Running).await?;
                writer.save(&prior);
            }
            (Some(PowerState::Stopped), Class::Running) => {
                prior.power(&looks, PowerState::Stopped).await?;
                writer.save(&prior);
            }
            _ => {} // as wanted already, or offline, where nothing helps
        }
        planned.refresh(look(&id).await?);
        writer.save(&planned);
        Ok(())
    }

    async fn delete(cx: &Cx, state: Self) -> Result<()> {
        let (client, call) = (cx.novacloud()?, cx.call());
        let id = state.id.text_or_empty();
        if state.is_unseen(client) {
            // What is not known yet cannot be removed yet. Whatever is wrong, the removal will tell.
            let _ = first_sight(client, &call, "the VM", || calls::get(client, &call, id)).await;
        }
        let removed = match calls::destroy(client, &call, id).await {
            Ok(()) => wait_until_gone(&cx.data.rolls.vms.looks(client, &call), id).await,
            Err(error) => Err(error),
        };
        let aftermath = format!("The VM {id} may still exist and cost money.");
        removed
            .map_err(|error| ErrorContext { what: "destroy the VM", aftermath, schema: None }.failed(&error))
    }
}

impl Listed for Vm {
    type Page = answer::Page;

    fn steps() -> Steps<Self::Page> {
        calls::steps()
    }

    fn read_back(&mut self, member: answer::Vm) {
        self.refresh(member);
    }
}

/// Whether a text has the form of a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<_> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-')
}

/// Warns of a VM that does not run and was not stopped by anyone.
fn warn_of(cx: &Cx, vm: &answer::Vm) {
    let id = &vm.id;
    match vm.class() {
        Class::Offline => cx.warn(
            "VM is offline",
            format!(
                "The node of the VM {id} cannot be reached. The VM is kept in the state as it is; nothing can be done \
                 about it from here."
            ),
        ),
        Class::Interrupted => cx.warn(
            "VM was interrupted",
            format!(
                "The hardware of the VM {id} was taken back, as it can be with `rental_type = \"interruptible\"`. The \
                 VM stays in the state; its disk is kept, and billed. To start it again when there is hardware, set \
                 `desired_status = \"running\"` and apply."
            ),
        ),
        Class::Running | Class::Stopped | Class::Failed | Class::Moving | Class::Gone => {}
    }
}

fn not_created(error: &Error, aftermath: String) -> Diagnostics {
    ErrorContext { what: "create the VM", aftermath, schema: Some(&Schema::of::<Vm>()) }.failed(error)
}

async fn started(looks: &Looks<'_, answer::Vm>, id: &str) -> error::Result<answer::Vm> {
    calls::start(looks.client, looks.call, id).await?;
    wait_until_running(looks, id, After::Start).await
}

async fn stopped(looks: &Looks<'_, answer::Vm>, id: &str) -> error::Result<answer::Vm> {
    calls::stop(looks.client, looks.call, id).await?;
    wait_until_stopped(looks, id).await
}

impl Vm {
    fn validate_rental(&self, rules: &mut Rules) {
        let reserved = self.rental_type.known() == Some(&RentalType::Reserved);
        if self.reservation_months.is_set() && !reserved && !self.rental_type.is_unknown() {
            rules.reject(
                "reservation_months",
                "It has a meaning only together with `rental_type = \"reserved\"`: set that, or leave this out.",
            );
        }
    }

    fn validate_login(&self, rules: &mut Rules) {
        rules.exclusive(&[("password", self.password.is_set()), ("password_wo", self.password_wo.is_set())]);
        rules.needs(("password_wo_version", &self.password_wo_version), ("password_wo", &self.password_wo));
        if self.auth_method.is_unknown() {
            return;
        }
        if self.auth_method.known() == Some(&AuthMethod::Password) {
            if self.password.is_null() && self.password_wo.is_null() {
                rules.reject("auth_method", "The method `password` needs `password` or `password_wo`.");
            }
            if self.ssh_key_id.is_set() {
                rules.reject(
                    "ssh_key_id",
                    "It has a meaning only with `auth_method = \"ssh_key\"`: leave it out.",
                );
            }
            return;
        }
        for (name, password) in [("password", &self.password), ("password_wo", &self.password_wo)] {
            if password.is_set() {
                rules.reject(
                    name,
                    "It has a meaning only together with `auth_method = \"password\"`: set that too.",
                );
            }
        }
    }

    fn shape(&self) -> Shape {
        Shape {
            node: self.node.text_or_empty().to_owned(),
            gpu_type: self.gpu_type.text_or_empty().to_owned(),
            gpu_count: self.gpu_count.known().copied().unwrap_or_default(),
            storage_gb: self.storage_gb.known().copied().unwrap_or_default(),
        }
    }

    /// What it runs on.
    fn seat(&self) -> Seat {
        Seat {
            node: self.node.text_or_empty().to_owned(),
            gpu_type: self.gpu_type.text_or_empty().to_owned(),
            gpus: self.gpu_count.known().copied().unwrap_or(1),
            interruptible: self.rental_type.known() == Some(&RentalType::Interruptible),
        }
    }

    /// Starts or stops the VM, waits for it, and takes over what it then is.
    async fn power(&mut self, looks: &Looks<'_, answer::Vm>, wanted: PowerState) -> Result<()> {
        let id = self.id.text_or_empty();
        let (what, done) = match wanted {
            PowerState::Running => {
                let started = started(looks, id).await;
                ("start the VM", elsewhere::of_vm(looks.client, looks.call, &self.seat(), started).await)
            }
            PowerState::Stopped => ("stop the VM", stopped(looks, id).await),
        };
        self.refresh(done.map_err(|error| not_switched(what, "VM", id, &error))?);
        Ok(())
    }

    /// Whether it was made a moment ago and nothing was seen of it since: an API that does not know it may
    /// not know it yet.
    fn is_unseen(&self, client: &Client) -> bool {
        let made = self.created_at.text_or_empty().parse::<Timestamp>();
        let recently = made.is_ok_and(|it| client.now().duration_since(it).unsigned_abs() < UNKNOWN_AT_FIRST);
        recently && self.status.text_or_empty() == status::CREATING
    }

    /// Takes over what the API says.
    pub(crate) fn refresh(&mut self, vm: answer::Vm) {
        let answer::Vm {
            id,
            vmid,
            user_id,
            node,
            instance_label,
            gpu_type,
            gpu_count,
            storage_gb,
            ram_gb,
            cpu_cores,
            ip_address,
            status,
            created_at,
            started_at,
            stopped_at,
            rental_type,
            reservation_id,
            auto_restart,
            hourly_rate,
            gpu_hourly_rate,
            storage_hourly_rate,
            cpu_model,
            pcie_gen,
        } = vm;
        self.id = id.into();
        read_back(&mut self.vmid, vmid);
        read_back(&mut self.user_id, user_id);
        read_back_text(&mut self.node, node);
        read_back_text(&mut self.gpu_type, gpu_type);
        read_back(&mut self.gpu_count, gpu_count);
        read_back(&mut self.storage_gb, storage_gb);
        read_back(&mut self.ram_gb, ram_gb);
        read_back(&mut self.cpu_cores, cpu_cores);
        read_back(&mut self.rental_type, RentalType::from_text(&rental_type));
        read_back_text(&mut self.created_at, created_at);
        read_back_text(&mut self.reservation_id, reservation_id);
        self.instance_label = text_or_null(instance_label);
        self.ip_address = text_or_null(ip_address);
        self.status = text_or_null(status);
        self.started_at = text_or_null(started_at);
        self.stopped_at = text_or_null(stopped_at);
        self.cpu_model = text_or_null(cpu_model);
        self.pcie_gen = text_or_null(pcie_gen);
        self.auto_restart = Attr::from_option(auto_restart);
        self.hourly_rate = Attr::from_option(hourly_rate);
        self.gpu_hourly_rate = Attr::from_option(gpu_hourly_rate);
        self.storage_hourly_rate = Attr::from_option(storage_hourly_rate);
        self.take_power(Class::ahead_of(self.status.text_or_empty()));
    }

    /// A managed power state shows what really is, or what it is about to be without us, so that a plan can
    /// set it right. An interrupted VM wants starting; about an offline one nothing can be done.
    fn take_power(&mut self, class: Class) {
        let power = match class {
            Class::Running => PowerState::Running,
            Class::Stopped | Class::Interrupted => PowerState::Stopped,
            _ => return,
        };
        if self.desired_status.is_set() {
            self.desired_status = power.into();
        }
    }
}
