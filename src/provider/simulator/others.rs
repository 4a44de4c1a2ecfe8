//! Who else works on the account: strangers with hands of their own, and the neighbour, who applies another
//! directory at the same times.

use fastrand::Rng;
use mock_cloud::Switch;
use serde_json::json;

use crate::provider::simulator::books::key;
use crate::provider::simulator::client::Terraform;
use crate::provider::simulator::mischief::Mischief;
use crate::provider::simulator::run::Run;
use crate::provider::simulator::wishes::Wish;

/// So often a neighbour tries to get rid of everything.
const TRIES: usize = 3;

impl Run {
    pub(super) fn remove(&self, id: &str) {
        let cloud = &self.world.cloud;
        let _ = cloud.remove_instance(id)
            || cloud.remove_endpoint(id)
            || cloud.remove_vm(id)
            || cloud.remove_companion(id);
    }

    /// What others do between two commands.
    pub(super) fn meddle(&mut self) {
        let ids: Vec<String> = self.client.state.borrow().values().map(|it| it.id.clone()).collect();
        let addresses: Vec<String> = self.client.state.borrow().keys().cloned().collect();
        if let (0, Some(address)) = (self.rng.u32(0..12), self.rng.choice(addresses)) {
            self.client.taint(&address, self.rng.bool());
        }
        match (self.rng.u32(0..8), self.rng.choice(ids)) {
            (0, Some(id)) => {
                self.world.tell(format_args!("{id} vanishes"));
                self.remove(&id);
            }
            (1, Some(id)) => {
                self.world.tell(format_args!("{id} is stopped by somebody"));
                let is_vm = self.world.cloud.vm(&id).is_some();
                if is_vm || self.world.cloud.instance(&id).is_some() {
                    self.world.cloud.set_status(&id, if is_vm { "stopped" } else { "exited" });
                }
            }
            (2 | 3, _) => self.stranger(),
            _ => {}
        }
    }

    /// Somebody else makes what somebody here may want too.
    fn stranger(&mut self) {
        let cloud = &self.world.cloud;
        let name = self.rng.choice(["alpha", "beta"]).unwrap_or("alpha");
        let instance = json!({
            "kind": "gpu", "name": name, "productId": "4090.16c62g", "imageUrl": "docker.io/acme/trainer:1",
            "createdAt": cloud.now(),
        });
        let vm = json!({"node": "vm02", "gpu_type": "5090", "gpu_count": 1, "storage_gb": 100});
        // VMs have no name: one that is made a second before ours and listed after it could not be told apart.
        let hides_new = self.draws.platform.odds(Switch::NewUnlisted).is_some();
        let made = match self.rng.u32(0..3) {
            0 => cloud.seed_instance(instance),
            2 if !hides_new => cloud.seed_vm(vm),
            _ => cloud.seed_endpoint(json!({"name": name})),
        };
        let id = made.expect("a record that fits");
        self.world.tell(format_args!("somebody makes {id}"));
        self.strangers.insert(key(&id));
    }

    /// What the neighbour wants by now.
    pub(super) fn change_neighbours_wishes(&mut self) {
        let Some(neighbour) = &mut self.neighbour else { return };
        change(neighbour, &mut self.rng);
    }

    /// The neighbour destroys everything, on a quiet network.
    pub(super) fn neighbour_leaves(&mut self) -> Result<(), String> {
        let Some(neighbour) = &mut self.neighbour else { return Ok(()) };
        for attempt in 0..TRIES {
            // A refresh plans as well, and a plan may be refused that the wishes deserve.
            neighbour.refreshes = attempt == 0;
            if self.world.process(Mischief::default(), neighbour.destroy()) == Some(true) {
                break;
            }
        }
        neighbour.wanted.clear();
        // What is prepaid stays until its term ends.
        let (prepaid, left): (Vec<_>, Vec<_>) =
            neighbour.state.borrow().values().cloned().partition(|it| it.prepaid);
        self.strangers.extend(prepaid.iter().map(|it| key(&it.id)));
        neighbour.state.borrow_mut().retain(|_, it| !it.prepaid);
        match left.first() {
            Some(it) => Err(format!("a neighbour cannot destroy {}", it.id)),
            None => Ok(()),
        }
    }
}

/// A neighbour with wishes.
pub(super) fn neighbour(mut client: Terraform, rng: &mut Rng) -> Terraform {
    for _ in 0..2 {
        want(&mut client, rng);
    }
    client
}

fn change(neighbour: &mut Terraform, rng: &mut Rng) {
    let addresses: Vec<String> = neighbour.wanted.keys().cloned().collect();
    for address in addresses {
        match rng.u32(0..4) {
            0 => drop(neighbour.wanted.remove(&address)),
            1 => {
                if let Some(wish) = neighbour.wanted.get_mut(&address) {
                    wish.vary(rng);
                    wish.set_apart();
                }
            }
            _ => {}
        }
    }
    if neighbour.wanted.len() < 2 {
        want(neighbour, rng);
    }
}

fn want(neighbour: &mut Terraform, rng: &mut Rng) {
    let wish = apart(rng);
    neighbour.wanted.insert(wish.address(rng), wish);
}

fn apart(rng: &mut Rng) -> Wish {
    let mut wish = Wish::new(rng);
    wish.set_apart();
    wish
}
