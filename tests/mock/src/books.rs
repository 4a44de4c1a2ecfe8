//! The handle's view of the books: what exists, and changes behind the API, for every kind of thing.
//!
//! Kinds are `gpu` and `cpu` (instances), `endpoint` and `vm`. Identifiers differ between all of them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cloud::{Machine, MockCloud};
use crate::novacloud::NovaCloud;
use crate::novita::Novita;
use crate::novita::ending::Ending;
use crate::novita::seed::Storage;
use crate::novita::template::Template;

impl MockCloud {
    /// Lets a status last so many steps from now on, at both vendors.
    pub fn set_pace(&self, status: &str, steps: u32) {
        let mut core = self.shared.core();
        core.novita.pace.set(status, steps);
        core.novacloud.pace.set(status, steps);
    }

    /// Gives everything that is sold so many GPUs, and the account no bounds.
    pub fn stock_up(&self, gpus: u64) {
        let mut core = self.shared.core();
        core.novita.products.iter_mut().for_each(|it| it.gpus = gpus);
        core.novacloud.nodes.iter_mut().for_each(|it| it.gpus = gpus);
        core.novacloud.account.max_vms = usize::MAX;
        core.novacloud.account.max_hourly_spend = u64::MAX;
    }

    /// Changes the price of all that Novita sells by this factor.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "prices"
    )]
    pub fn change_prices(&self, factor: f64) {
        let mut core = self.shared.core();
        let change = |price: &mut u64| *price = (*price as f64 * factor).max(1.0) as u64;
        for it in &mut core.novita.products {
            change(&mut it.price);
            change(&mut it.spot_price);
        }
    }

    /// The jobs that save images, in the order they were begun.
    pub fn image_jobs(&self) -> Vec<crate::novita::job::ImageJob> {
        self.shared.core().novita.image_jobs.clone()
    }

    /// Lets jobs that begin from now on fail with this text.
    pub fn fail_image_jobs(&self, why: &str) {
        why.clone_into(&mut self.shared.core().novita.image_job_failure);
    }

    /// Machines and endpoints of both vendors that exist and cost money.
    pub fn alive(&self) -> Vec<Machine> {
        self.shared.core().alive()
    }

    /// How much was made by create calls, what is gone included.
    pub fn created_count(&self) -> u64 {
        self.created_counts().values().sum()
    }

    /// The same for each kind; all four are in it.
    pub fn created_counts(&self) -> BTreeMap<&'static str, u64> {
        let core = self.shared.core();
        let created = core.novita.created;
        BTreeMap::from([
            ("gpu", created.gpu),
            ("cpu", created.cpu),
            ("endpoint", created.endpoint),
            ("vm", core.novacloud.created),
        ])
    }

    /// The whole record of an instance, with what answers never show.
    pub fn instance(&self, id: &str) -> Option<Value> {
        let mut core = self.shared.core();
        core.catch_up();
        core.novita.instance_record(id)
    }

    /// The whole record of an endpoint.
    pub fn endpoint(&self, id: &str) -> Option<Value> {
        let mut core = self.shared.core();
        core.catch_up();
        core.novita.endpoint_record(id)
    }

    /// The whole record of a VM, with what answers never show.
    pub fn vm(&self, id: &str) -> Option<Value> {
        let mut core = self.shared.core();
        core.catch_up();
        core.novacloud.record(id)
    }

    /// Puts an instance into the books as if it had always been there. What is left out is that of a
    /// small running machine of the `kind`. Answers its id, or what is wrong with the record.
    pub fn seed_instance(&self, record: Value) -> Result<String, String> {
        let mut core = self.shared.core();
        let now = core.time.now();
        core.novita.seed_instance(record, now)
    }

    /// The same for an endpoint; what is left out is that of a small serving one.
    pub fn seed_endpoint(&self, record: Value) -> Result<String, String> {
        let mut core = self.shared.core();
        let now = core.time.now();
        core.novita.seed_endpoint(record, now)
    }

    /// The same for a VM; what is left out is that of a running one with one GPU.
    pub fn seed_vm(&self, record: Value) -> Result<String, String> {
        let mut core = self.shared.core();
        let now = core.time.now();
        core.novacloud.seed(record, now)
    }

    /// Changes members of an instance's record behind everyone's back; lists are replaced as a whole.
    pub fn modify_instance(&self, id: &str, patch: Value) -> Result<(), String> {
        self.shared.core().novita.modify_instance(id, patch)
    }

    /// The same for an endpoint.
    pub fn modify_endpoint(&self, id: &str, patch: Value) -> Result<(), String> {
        self.shared.core().novita.modify_endpoint(id, patch)
    }

    /// The same for a VM.
    pub fn modify_vm(&self, id: &str, patch: Value) -> Result<(), String> {
        self.shared.core().novacloud.modify(id, patch)
    }

    /// Network storages that exist, those of the start included. They are in none of the lists and counts
    /// of machines.
    pub fn storages(&self) -> Vec<Storage> {
        self.shared.core().novita.storages.clone()
    }

    /// What stands beside machines at both vendors, what was there from the start included: storages, networks, logins,
    /// templates, prewarm tasks and SSH keys. A prewarm task has its image for a name, and a key its fingerprint.
    pub fn companions(&self) -> Vec<Machine> {
        let core = self.shared.core();
        let keys = core.novacloud.ssh_keys.iter().map(|it| Machine {
            id: it.id.clone(),
            name: it.fingerprint.clone(),
            vendor: "novacloud".to_owned(),
            kind: "ssh_key".to_owned(),
            status: String::new(),
        });
        core.novita.companions().into_iter().chain(keys).collect()
    }

    /// How many of them were made by create calls.
    pub fn created_companions(&self) -> u64 {
        let core = self.shared.core();
        core.novita.created.companion + core.novacloud.created_keys
    }

    /// Takes one of them out of the books at once; false when it is not in them.
    pub fn remove_companion(&self, id: &str) -> bool {
        self.shared.core().novita.remove_companion(id) || self.remove_ssh_key(id)
    }

    /// Templates that exist, the vendor's own included.
    pub fn templates(&self) -> Vec<Template> {
        self.shared.core().novita.templates.clone()
    }

    /// Changes settings of a template behind everyone's back; lists are replaced as a whole.
    pub fn modify_template(&self, id: &str, patch: Value) -> Result<(), String> {
        self.shared.core().novita.modify_template(id, patch)
    }

    /// Takes a template out of the books at once; false when it is not in them.
    pub fn remove_template(&self, id: &str) -> bool {
        self.shared.core().novita.remove_template(id)
    }

    /// SSH keys that exist at Nova Cloud, that of the start included.
    pub fn ssh_keys(&self) -> Vec<crate::novacloud::ssh_keys::SshKey> {
        self.shared.core().novacloud.ssh_keys.clone()
    }

    /// Changes members of a key's record behind everyone's back.
    pub fn modify_ssh_key(&self, id: &str, patch: Value) -> Result<(), String> {
        self.shared.core().novacloud.modify_ssh_key(id, patch)
    }

    /// Takes a key out of the books at once; false when it is not in them.
    pub fn remove_ssh_key(&self, id: &str) -> bool {
        let keys = &mut self.shared.core().novacloud.ssh_keys;
        let before = keys.len();
        keys.retain(|it| it.id != id);
        keys.len() < before
    }

    /// Lets an instance, endpoint, VM or storage go without a call, for this reason; false when it is not
    /// in the books.
    pub fn end(&self, id: &str, ending: Ending) -> bool {
        self.shared.core().end(id, ending)
    }

    /// Takes a product or a node out of the catalogue; what was made on it stays. False when there is none.
    pub fn withdraw(&self, id: &str) -> bool {
        self.shared.core().withdraw(id)
    }

    /// The same for a network storage.
    pub fn modify_storage(&self, id: &str, patch: Value) -> Result<(), String> {
        self.shared.core().novita.modify_storage(id, patch)
    }

    /// Takes an instance out of the books at once; false when it is not in them.
    pub fn remove_instance(&self, id: &str) -> bool {
        self.shared.core().novita.remove_instance(id)
    }

    /// The same for an endpoint.
    pub fn remove_endpoint(&self, id: &str) -> bool {
        self.shared.core().novita.remove_endpoint(id)
    }

    /// The same for a network storage.
    pub fn remove_storage(&self, id: &str) -> bool {
        self.shared.core().novita.remove_storage(id)
    }

    /// The same for a VM.
    pub fn remove_vm(&self, id: &str) -> bool {
        self.shared.core().novacloud.remove(id)
    }

    /// Puts an instance, endpoint or VM into a status, in which it stays; false when it is not in the
    /// books.
    pub fn set_status(&self, id: &str, status: &str) -> bool {
        self.shared.core().set_status(id, status)
    }

    /// Looks at or changes the rest of the Novita AI side: catalogue, storages, style, pace. Holds the
    /// mock's lock meanwhile, so `change` must not call this handle.
    pub fn with_novita<T>(&self, change: impl FnOnce(&mut Novita) -> T) -> T {
        change(&mut self.shared.core().novita)
    }

    /// The same for the Nova Cloud side: nodes, account, SSH keys, style, pace.
    pub fn with_novacloud<T>(&self, change: impl FnOnce(&mut NovaCloud) -> T) -> T {
        change(&mut self.shared.core().novacloud)
    }
}
