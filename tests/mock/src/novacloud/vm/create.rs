//! The create call: the rules between its fields, and the VM that comes of it.

use serde_json::Value;

use super::super::catalogue::{STORAGE_PRICE, deposit, discount, offered_as};
use super::super::{NovaCloud, refused};
use super::{Vm, status};
use crate::answer::{Answer, Result};
use crate::core::Vendor as _;
use crate::openapi::Problem;

/// Hypervisor numbers begin above this one.
const FIRST_VMID: u64 = 2100;

/// CPU cores and GB of memory that come with a GPU.
const CORES: u64 = 16;
const RAM_GB: u64 = 64;

impl NovaCloud {
    /// Makes a VM, or says what is wrong.
    pub(crate) fn create_vm(&mut self, body: &Value, now: u64) -> Result<Answer> {
        check_fields(body)?;
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        let number = |name: &str| body[name].as_u64();
        let gpu_count = number("gpu_count").unwrap_or(1);
        let mut vm = Vm {
            node: text("node").unwrap_or_default(),
            gpu_type: text("gpu_type").unwrap_or_default(),
            gpu_count,
            storage_gb: number("storage_gb").unwrap_or_default(),
            ram_gb: RAM_GB * gpu_count,
            cpu_cores: CORES * gpu_count,
            ip_address: None,
            created_at: now,
            rental_type: text("rental_type").unwrap_or_else(|| "on_demand".to_owned()),
            template_vmid: number("template_vmid").unwrap_or_default(),
            reservation_months: number("reservation_months"),
            auth_method: text("auth_method").unwrap_or_else(|| "ssh_key".to_owned()),
            ssh_key_id: text("ssh_key_id"),
            password: text("password"),
            ..Vm::default()
        };
        self.choose_ssh_key(&mut vm)?;
        self.set_rates(&mut vm)?;
        let is_reserved = vm.rental_type == "reserved";
        let due = if is_reserved { deposit(vm.hourly_rate()) } else { vm.hourly_rate() };
        self.check_account(vm.hourly_rate(), due)?;
        vm.reservation_id = is_reserved.then(|| self.ids.uuid());
        (vm.id, vm.vmid) = (self.ids.uuid(), self.next_vmid());
        vm.storage_gb = self.platform.disk(&vm.id, vm.storage_gb);
        vm.walk(&status::CREATION_WALK, &self.pace);
        self.created += 1;
        let mut shown = self.show_vm(&vm);
        shown["id"] = Value::String(vm.id.clone());
        let answer = Answer::json(201, &shown);
        self.vms.push(vm);
        Ok(answer)
    }

    pub(crate) fn next_vmid(&self) -> u64 {
        self.vms.iter().map(|it| it.vmid).max().unwrap_or(0).max(FIRST_VMID) + 1
    }

    /// The named key, or the oldest one of the account.
    fn choose_ssh_key(&self, vm: &mut Vm) -> Result<()> {
        if vm.auth_method != "ssh_key" {
            return Ok(());
        }
        let key = match &vm.ssh_key_id {
            Some(id) => self.ssh_keys.iter().find(|it| it.id == *id),
            None => self.ssh_keys.iter().min_by_key(|it| it.created_at),
        };
        let key = key.ok_or_else(|| refused("No SSH key found. Add an SSH key to the account first"))?;
        vm.ssh_key_id = Some(key.id.clone());
        Ok(())
    }

    fn set_rates(&self, vm: &mut Vm) -> Result<()> {
        let wanted = offered_as(&vm.gpu_type);
        let node = self.nodes.iter().find(|it| it.id == vm.node && it.available && it.gpu_type == wanted);
        let node =
            node.ok_or_else(|| refused(&format!("Node {} is not available for {}", vm.node, vm.gpu_type)))?;
        if self.free_gpus(node) < vm.gpu_count {
            return Err(self.out_of_stock());
        }
        let (price, percent) = match vm.rental_type.as_str() {
            "interruptible" if node.interruptible_price == 0 => {
                return Err(refused(&format!("Node {} is not offered as interruptible", vm.node)));
            }
            "interruptible" => (node.interruptible_price, 100),
            "reserved" => (node.price, 100 - discount(vm.reservation_months.unwrap_or(0))),
            _ => (node.price, 100),
        };
        vm.gpu_hourly_rate = price * vm.gpu_count * percent / 100;
        // A disk of any size has a price: the account says that it is too much.
        let storage = u128::from(STORAGE_PRICE) * u128::from(vm.storage_gb) * u128::from(percent) / 100;
        vm.storage_hourly_rate = u64::try_from(storage).unwrap_or(u64::MAX);
        Ok(())
    }
}

/// Rules between fields, which the description cannot say; all that are broken are told.
fn check_fields(body: &Value) -> Result<()> {
    let mut problems = Vec::new();
    if body["rental_type"] == "reserved" && body["reservation_months"].is_null() {
        problems.push(Problem::new("body", "reservation_months", "is required for a reserved VM"));
    }
    if body["auth_method"] == "password" && body["password"].is_null() {
        problems.push(Problem::new("body", "password", "is required for auth_method password"));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}
