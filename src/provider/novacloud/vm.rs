//! `novacloud_vm`: a virtual machine with GPUs.
//!
//! Owns the model, the rules of its fields, and its calls. The API changes nothing of a VM but its power, and
//! returns only a part of what was asked for. VMs have no name.

pub(crate) mod answer;
mod check;
pub(crate) mod list;
pub(crate) mod restart;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::Value as Json;
use tfplugin::attr::{Attr, List};
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::model::{Model, StringEnum};
use tfplugin::path::Path;
use tfplugin::resource::{ImportId, Result, Rules};
use tfplugin::schema::{Difference, Timeouts};

use crate::api;
use crate::api::client::Client;
use crate::api::error::Error;
use crate::api::resource_kind::is_uuid;
use crate::provider::budget::{Budget, Cost};
use crate::provider::catalogue::alternatives::{self, Placement};
use crate::provider::catalogue::calls::offers::canonical_gpu_type;
use crate::provider::catalogue::cap::Cap;
use crate::provider::catalogue::known::Catalogue;
use crate::provider::clients::{Cx, DURATION, NOVACLOUD, READ_WITHIN, Vendors as _};
use crate::provider::life_cycle::by_name::ByName;
use crate::provider::life_cycle::change::Change;
use crate::provider::life_cycle::choice::{Candidate, Choice, Names};
use crate::provider::life_cycle::judge::UNKNOWN_AT_FIRST;
use crate::provider::life_cycle::phase::{Phase, spelled};
use crate::provider::life_cycle::remote::{Answer as _, Remote};
use crate::provider::life_cycle::rented::{PowerState, Rented, read_back_power};
use crate::provider::life_cycle::stored::{FOUND, Stored};
use crate::provider::novacloud::reservation_quote::{self as quote, Quote};
use crate::provider::novacloud::routes;
use crate::provider::offered::{self, Offered};
use crate::provider::read_back::{Origin, ReadBack, read_back, read_back_text, text_or_null};

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

/// GPU virtual machine of Nova Cloud.
///
/// A stopped VM keeps its data, and its storage is still billed. Only the power state can be changed in place; any
/// other change replaces the VM. There is no user data (cloud-init): use provisioners or configuration management
/// over SSH. The API returns no login name for SSH; the console shows the login command. Set `provider = novita`,
/// because the prefix of the type is not the name of the provider.
///
/// Vendor documentation: [Create VM](https://docs.nova-cloud.ai/api-reference/virtual-machines/create-vm), [Rental
/// types](https://docs.nova-cloud.ai/guides/rental-types).
#[derive(Clone, Model)]
#[tf(snake_case)]
pub(crate) struct Vm {
    /// ID of the VM, a UUID.
    #[tf(computed, identity)]
    pub(crate) id: Attr<String>,
    /// ID of the node, such as `vm02`. `novacloud_offers` lists the nodes with free hardware. Set exactly one of
    /// `node` and `nodes`; with `nodes` it is the rented node.
    #[tf(optional, computed, replace, canonical = str::to_lowercase, len = 1..=i64::MAX)]
    pub(crate) node: Attr<String>,
    /// IDs of nodes in order of preference, from `novacloud_offers`. The first node with free hardware is rented;
    /// nodes that the offers show as free are tried first. If the list no longer contains the node in use, the VM is
    /// replaced.
    #[tf(optional, local, canonical = str::to_lowercase, len = 1..=i64::MAX, items = 1..=20)]
    pub(crate) nodes: Attr<List<String>>,
    /// How long to keep trying while no candidate has capacity, such as `2h`. If omitted, each candidate is tried
    /// once. The time counts towards `timeouts.create`.
    #[tf(optional, local, format = DURATION)]
    pub(crate) capacity_timeout: Attr<String>,
    /// GPU model, such as `5090`, `4090` or `6000pro`. `novacloud_offers` lists the models.
    #[tf(required, replace, len = 1..=i64::MAX, canonical = canonical_gpu_type)]
    pub(crate) gpu_type: Attr<String>,
    /// Number of GPUs.
    #[tf(required, replace, one_of = [1, 2, 4, 8])]
    pub(crate) gpu_count: Attr<i64>,
    /// Size of the disk in GB. A larger disk is not changed.
    #[tf(required, replace, at_least, range = 50..=i64::MAX)]
    pub(crate) storage_gb: Attr<i64>,
    /// Number of the template to clone: `100` Ubuntu 22.04, `101` Ubuntu 24.04 (both with NVIDIA drivers), `102`
    /// Stable Diffusion, `103` ComfyUI, `104` Linux desktop. The vendor may add or remove templates; its
    /// [documentation](https://docs.nova-cloud.ai/api-reference/virtual-machines/create-vm) lists them. The API does
    /// not return it.
    #[tf(required, replace, not_returned, range = 1..=i64::MAX)]
    pub(crate) template_vmid: Attr<i64>,
    /// Rental type. An `interruptible` VM is cheaper and can be preempted. A `reserved` VM requires
    /// `reservation_months`; cancelling it costs 25 %.
    #[tf(optional, replace, default = "on_demand")]
    pub(crate) rental_type: Attr<RentalType>,
    /// Term of the reservation in months. Required with `rental_type = "reserved"`. The API does not return it.
    #[tf(optional, replace, not_returned, one_of = [1, 3, 6])]
    pub(crate) reservation_months: Attr<i64>,
    /// Login method. The API does not return it.
    #[tf(optional, replace, not_returned, default = "ssh_key")]
    pub(crate) auth_method: Attr<AuthMethod>,
    /// ID of an SSH key (`novacloud_ssh_key`), for `auth_method = "ssh_key"`. If omitted, the oldest key of the
    /// account is used. The API does not return it.
    #[tf(optional, replace, not_returned, len = 1..=i64::MAX)]
    pub(crate) ssh_key_id: Attr<String>,
    /// Password, for `auth_method = "password"`. It is stored in the state; prefer `password_wo`.
    #[tf(optional, sensitive, replace, not_returned, len = 12..=i64::MAX)]
    pub(crate) password: Attr<String>,
    /// Same as `password`, but never stored.
    #[tf(optional, sensitive, write_only, replace, len = 12..=i64::MAX, wire = "password")]
    pub(crate) password_wo: Attr<String>,
    /// Change this number whenever `password_wo` changes.
    #[tf(optional, replace, not_returned, no_wire)]
    pub(crate) password_wo_version: Attr<i64>,
    /// Desired power state. If omitted, the provider never starts or stops the VM.
    #[tf(optional, no_wire, via = "Changing it starts or stops the VM in place.")]
    pub(crate) desired_status: Attr<PowerState>,
    /// Maximum price of the GPUs in USD per hour. A plan above it is an error. Nothing is created if the price is
    /// above it at that time or cannot be read.
    #[tf(optional, local, range = 0.0..=f64::INFINITY)]
    pub(crate) max_hourly_price: Attr<f64>,
    /// Refuse any plan that destroys or replaces the VM.
    #[tf(optional, local, default = false, deletion_protection)]
    pub(crate) deletion_protection: Attr<bool>,
    /// Wait until the VM is running. With `false`, creation ends as soon as the ID is stored in the state.
    #[tf(optional, local, default = true)]
    pub(crate) wait_for_ready: Attr<bool>,
    /// Number of the VM on its hypervisor.
    #[tf(computed)]
    pub(crate) vmid: Attr<i64>,
    /// Number of the account.
    #[tf(computed)]
    pub(crate) user_id: Attr<i64>,
    /// RAM in GB (not GPU memory).
    #[tf(computed)]
    pub(crate) ram_gb: Attr<i64>,
    /// Number of CPU cores.
    #[tf(computed)]
    pub(crate) cpu_cores: Attr<i64>,
    /// Label, shown in the console.
    #[tf(computed)]
    pub(crate) instance_label: Attr<String>,
    /// Public IP address. Null until it is assigned.
    #[tf(computed, volatile = is_switched)]
    pub(crate) ip_address: Attr<String>,
    /// Status as returned by the API, such as `running` or `stopped`.
    #[tf(computed)]
    pub(crate) status: Attr<String>,
    /// Time of creation in RFC 3339 format.
    #[tf(computed)]
    pub(crate) created_at: Attr<String>,
    /// Time of the last start in RFC 3339 format.
    #[tf(computed, volatile = is_switched)]
    pub(crate) started_at: Attr<String>,
    /// Time of the last stop in RFC 3339 format.
    #[tf(computed, volatile = is_switched)]
    pub(crate) stopped_at: Attr<String>,
    /// ID of the reservation.
    #[tf(computed)]
    pub(crate) reservation_id: Attr<String>,
    /// CPU model.
    #[tf(computed)]
    pub(crate) cpu_model: Attr<String>,
    /// PCI Express generation.
    #[tf(computed)]
    pub(crate) pcie_gen: Attr<String>,
    /// Whether the platform restarts the VM by itself.
    #[tf(computed)]
    pub(crate) auto_restart: Attr<bool>,
    /// Current price in USD per hour of GPUs and storage together.
    #[tf(computed)]
    pub(crate) hourly_rate: Attr<f64>,
    /// Price of the GPUs in USD per hour.
    #[tf(computed)]
    pub(crate) gpu_hourly_rate: Attr<f64>,
    /// Price of the storage in USD per hour.
    #[tf(computed)]
    pub(crate) storage_hourly_rate: Attr<f64>,
}

static NODE: Names = Names {
    one: "node",
    many: "nodes",
    blamed: &["node", "gpu_type", "gpu_count", "rental_type"],
    noun: "node",
    is_needed: true,
};

/// What a user should know before a reserved VM is removed.
const RESERVED: &str = "The VM is reserved for months, and cancelling a reservation costs 25 % of it.";

fn is_switched(it: &Difference<'_>) -> bool {
    it.touches(&["desired_status"])
}

/// What the plans of this process take of the account's money.
#[derive(Default)]
struct Money(Budget);

/// Tells of what a reservation takes ahead, and warns when the account does not have what all plans so far take.
async fn afford(cx: &Cx, planned: &Vm) -> Diagnostics {
    let Ok(client) = cx.novacloud() else { return Diagnostics::default() };
    let call = cx.call().within(READ_WITHIN);
    let mut found = Diagnostics::default();
    let cost = match planned.reservation_months.known() {
        Some(months) if planned.rental_type.known() == Some(&RentalType::Reserved) => {
            let quote = quote::of_vm(cx, client, &call, planned).await;
            found.push(prepaid(*months, &quote));
            quote.deposit_required.map(Cost::Ahead)
        }
        _ => offered::only_price(cx, planned).await.map(Cost::Hourly),
    };
    let read = async { Ok(routes::owner(client, &call).await?.credit_balance) };
    found.append(cx.data.shared::<Money>().0.add(&NOVACLOUD, cost, read).await);
    found
}

fn prepaid(months: i64, quote: &Quote) -> Diagnostic {
    let usd = |it: Option<f64>| {
        it.map_or_else(|| "a sum that the API does not return".to_owned(), |it| format!("{it} USD"))
    };
    let detail = format!(
        "It takes a deposit of {} at once, and {} a month, for {months} {}. Nothing leads back but cancelling, which costs {}.",
        usd(quote.deposit_required),
        usd(quote.monthly_cost),
        if months == 1 { "month" } else { "months" },
        quote.cancellation_fee.map_or_else(|| "25 % of it".to_owned(), |it| format!("{it} USD")),
    );
    Diagnostic::warning("VM is reserved and paid for in advance", detail).at(Path::root("rental_type"))
}

impl Stored for Vm {
    const TYPE: &'static str = "novacloud_vm";
    const THING: &'static str = "VM";
    const BY_HAND: &'static str = "VMs have no name: look in the console for one of this kind and time.";
    const IMPORT_ID: ImportId = ImportId {
        text: "a UUID",
        example: "b0c6e0a2-77f1-4b39-8a0d-1f6b1f0f5a11",
        found: FOUND,
        fits: is_uuid,
    };
    const TIMEOUTS: Timeouts = Timeouts { create: 1800, update: 900, delete: 900 };
    const MATCH: &'static [&'static str] = &["node", "gpu_type", "gpu_count", "storage_gb"];

    type Answer = answer::Vm;

    fn client(cx: &Cx) -> Result<&Client> {
        cx.novacloud()
    }

    fn id(&self) -> &Attr<String> {
        &self.id
    }

    fn id_mut(&mut self) -> &mut Attr<String> {
        &mut self.id
    }

    fn is_just_imported(&self) -> bool {
        self.node.is_null()
    }

    fn is_unseen(&self, now: Timestamp) -> bool {
        let made = self.created_at.text_or_empty().parse::<Timestamp>();
        let recently = made.is_ok_and(|it| now.duration_since(it).unsigned_abs() < UNKNOWN_AT_FIRST);
        recently && self.status.text_or_empty() == answer::CREATING
    }

    fn validate(&self, rules: &mut Rules) {
        self.validate_rental(rules);
        self.validate_login(rules);
    }

    fn validate_creation(&self, rules: &mut Rules) {
        if self.rental_type.known() == Some(&RentalType::Reserved) && self.reservation_months.is_null() {
            rules.lacks("rental_type", "`rental_type = \"reserved\"` needs `reservation_months`: 1, 3 or 6.");
        }
    }

    fn plan_destroy(&self) -> Diagnostics {
        match self.rental_type.known() {
            Some(RentalType::Reserved) => {
                Diagnostic::warning("Reserved VM would be removed", RESERVED).into()
            }
            _ => Diagnostics::default(),
        }
    }

    async fn check_plan(cx: &Cx, prior: Option<Self>, planned: Self) -> Diagnostics {
        match prior {
            None => {
                let mut found = offered::check(cx, &planned).await;
                found.append(afford(cx, &planned).await);
                found
            }
            // Nothing but the power changes, which needs no offer.
            Some(_) => Diagnostics::default(),
        }
    }

    fn choices(&mut self) -> Vec<Choice<'_>> {
        vec![Choice { names: &NODE, one: &mut self.node, many: &mut self.nodes }]
    }

    fn capacity_timeout(&self) -> Option<&Attr<String>> {
        Some(&self.capacity_timeout)
    }

    async fn weigh(
        cx: &Cx,
        candidates: Vec<Candidate<Self>>,
        is_first: bool,
    ) -> Result<Vec<Candidate<Self>>> {
        offered::weigh(cx, candidates, is_first).await
    }

    async fn advise(&self, remote: &Remote<'_, answer::Vm>, error: Error) -> Error {
        alternatives::of_vm(remote.client, &remote.call, &self.placement(), error).await
    }

    async fn post(&self, remote: &Remote<'_, answer::Vm>) -> api::error::Result<answer::Vm> {
        let created = routes::create(remote.client, &remote.call, &Json::Object(self.body())).await;
        created.map(|it| answer::Vm { id: it.id.to_string(), ..it.shown() })
    }

    /// Nothing but the power changes in place.
    async fn change(_: &mut Change<'_, Self>) -> Result<()> {
        Ok(())
    }

    async fn remove(&self, remote: &Remote<'_, answer::Vm>) -> api::error::Result<()> {
        routes::destroy(remote.client, &remote.call, self.id.text_or_empty()).await
    }

    /// Nothing but the power can be changed, so most of it is learnt.
    fn read_back(&mut self, vm: answer::Vm, origin: Origin) -> ReadBack {
        let mut back = ReadBack::of::<Self>(origin);
        let answer::Vm {
            id: _, // is the life cycle's matter
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
        read_back(&mut self.vmid, vmid);
        read_back(&mut self.user_id, user_id);
        back.learn_text("node", &mut self.node, node);
        back.learn_text("gpu_type", &mut self.gpu_type, gpu_type);
        back.learn("gpu_count", &mut self.gpu_count, gpu_count);
        back.learn_size("storage_gb", &mut self.storage_gb, storage_gb);
        back.learn("rental_type", &mut self.rental_type, RentalType::from_text(&rental_type));
        read_back(&mut self.ram_gb, ram_gb);
        read_back(&mut self.cpu_cores, cpu_cores);
        read_back_text(&mut self.created_at, created_at);
        read_back_text(&mut self.reservation_id, reservation_id);
        self.instance_label = text_or_null(instance_label);
        self.ip_address = text_or_null(ip_address);
        self.status = text_or_null(spelled(answer::PHASES, &status));
        self.started_at = text_or_null(started_at);
        self.stopped_at = text_or_null(stopped_at);
        self.cpu_model = text_or_null(cpu_model);
        self.pcie_gen = text_or_null(pcie_gen);
        self.auto_restart = Attr::from_option(auto_restart);
        self.hourly_rate = Attr::from_option(hourly_rate);
        self.gpu_hourly_rate = Attr::from_option(gpu_hourly_rate);
        self.storage_hourly_rate = Attr::from_option(storage_hourly_rate);
        read_back_power(&mut self.desired_status, answer::PHASES, self.status.text_or_empty());
        back
    }

    fn notice(vm: &answer::Vm) -> Option<Diagnostic> {
        let id = &vm.id;
        match vm.phase() {
            Phase::Held => Some(Diagnostic::warning(
                "VM is offline",
                format!(
                    "The node of the VM {id} cannot be reached. The VM is kept in the state as it is; nothing can be done \
                     about it from here."
                ),
            )),
            Phase::Lost => Some(Diagnostic::warning(
                "VM was interrupted",
                format!(
                    "The hardware of the VM {id} was taken back, as it can be with `rental_type = \"interruptible\"`. The \
                     VM stays in the state; its disk is kept, and billed. To start it again when there is hardware, set \
                     `desired_status = \"running\"` and apply."
                ),
            )),
            Phase::Failed => Some(Diagnostic::warning(
                "VM has failed",
                format!(
                    "The VM {id} is in the status `{}` and does not run any more. It stays in the state, and may cost money \
                     until it is destroyed. To get another one:\n\n  terraform apply -replace=ADDRESS",
                    vm.status
                ),
            )),
            Phase::Ready | Phase::Stopped | Phase::Moving | Phase::Leaving | Phase::Gone => None,
        }
    }

    fn why_gone(&self) -> Option<Diagnostic> {
        let is_cheap = self.rental_type.known() == Some(&RentalType::Interruptible);
        let detail = format!(
            "The VM {} does not exist any more. It was rented with `rental_type = \"interruptible\"`, so its hardware may \
             have been taken back.",
            self.id.text_or_empty()
        );
        is_cheap.then(|| Diagnostic::warning("Interruptible VM is gone", detail))
    }
}

impl Rented for Vm {
    fn status_mut(&mut self) -> &mut Attr<String> {
        &mut self.status
    }

    fn waits_for_ready(&self) -> bool {
        self.wait_for_ready.known() != Some(&false)
    }

    fn desired_status(&self) -> Attr<PowerState> {
        self.desired_status
    }

    async fn start(&self, remote: &Remote<'_, answer::Vm>) -> api::error::Result<()> {
        match routes::start(remote.client, &remote.call, self.id.text_or_empty()).await {
            Err(error) => Err(self.advise(remote, error).await),
            started => started,
        }
    }

    async fn stop(&self, remote: &Remote<'_, answer::Vm>) -> api::error::Result<()> {
        routes::stop(remote.client, &remote.call, self.id.text_or_empty()).await
    }
}

impl Offered for Vm {
    fn cap(&self, cx: &Cx) -> Option<Cap> {
        Cap::of("The VM", &self.max_hourly_price, cx.data.max_hourly_price)
    }

    async fn hourly_price(&self, cx: &Cx, catalogue: &Catalogue) -> Option<f64> {
        check::rate(cx, catalogue, self).await
    }

    async fn is_in_stock(&self, cx: &Cx, catalogue: &Catalogue) -> bool {
        check::is_free(cx, catalogue, self).await
    }

    async fn check(&self, cx: &Cx) -> Diagnostics {
        check::vm(cx, self).await
    }
}

impl ByName for Vm {
    const ABOUT: &'static str = "Get an existing virtual machine of Nova Cloud.\n\nSet `provider = novita`, because the prefix of the type is not the name of the provider.\n\nVendor documentation: [Get VM](https://docs.nova-cloud.ai/api-reference/virtual-machines/get-vm).";
    const KEYS: &'static [(&'static str, &'static str)] = &[("id", "ID of the VM, a UUID.")];
    const UNSEEN: &'static [&'static str] = &[
        "template_vmid",
        "reservation_months",
        "auth_method",
        "ssh_key_id",
        "password",
        "password_wo",
        "password_wo_version",
        "desired_status",
        "deletion_protection",
        "wait_for_ready",
        "max_hourly_price",
        "nodes",
        "capacity_timeout",
    ];
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
                rules.lacks("auth_method", "`auth_method = \"password\"` needs `password` or `password_wo`.");
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

    /// What it runs on.
    fn placement(&self) -> Placement {
        Placement {
            node: self.node.text_or_empty().to_owned(),
            gpu_type: self.gpu_type.text_or_empty().to_owned(),
            gpus: self.gpu_count.known().copied().unwrap_or(1),
            interruptible: self.rental_type.known() == Some(&RentalType::Interruptible),
        }
    }
}
