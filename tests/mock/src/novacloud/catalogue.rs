//! What can be rented: offers, prices, reservations. Money is counted in 1/1000000 USD.

use serde_json::{Map, Value, json};

use super::{NovaCloud, refused};
use crate::answer::{Answer, Result};

/// A node with GPUs of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub id: String,
    /// In the spelling of the offers.
    pub gpu_type: String,
    /// GPUs in all; what VMs hold is taken off.
    pub gpus: u64,
    /// Of one GPU.
    pub gpu_ram_mb: u64,
    /// One GPU for an hour, in 1/1000000 USD.
    pub price: u64,
    /// The same when it can be preempted; 0 when it cannot be had like that.
    pub interruptible_price: u64,
    /// Whether it can be used at all.
    pub available: bool,
    pub location: String,
}

/// One GB of disk for an hour.
pub(super) const STORAGE_PRICE: u64 = 200;

/// Hours of a month that is reserved.
const HOURS_IN_MONTH: u64 = 720;

/// Money as answers write it.
pub(super) fn dollars(micro: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "prices are far below the 2^53 at which it begins")]
    let whole = micro as f64;
    whole / 1e6
}

/// Per cent off for so many months. The document only says: up to 20.
pub(super) fn discount(months: u64) -> u64 {
    match months {
        0 => 0,
        1..=2 => 5,
        3..=5 => 10,
        _ => 20,
    }
}

/// What is paid up front: a month. The document does not say how much it is.
pub(super) fn deposit(hourly: u64) -> u64 {
    hourly.saturating_mul(HOURS_IN_MONTH)
}

/// The two spellings of one type are equal.
pub(super) fn offered_as(gpu_type: &str) -> &str {
    if gpu_type == "6000pro" { "pro6000" } else { gpu_type }
}

impl NovaCloud {
    /// Takes a node out of what can be rented; false when there is none.
    pub fn sell_out(&mut self, node: &str) -> bool {
        let node = self.nodes.iter_mut().find(|it| it.id == node);
        node.map(|it| it.available = false).is_some()
    }

    /// Takes a node out of the offers; false when there is none.
    pub(crate) fn withdraw(&mut self, node: &str) -> bool {
        let before = self.nodes.len();
        self.nodes.retain(|it| it.id != node);
        self.nodes.len() < before
    }

    /// GPUs of a node that no VM holds. A stopped VM holds none.
    pub(super) fn free_gpus(&self, node: &Node) -> u64 {
        let holders = self.vms.iter().filter(|it| it.node == node.id && it.holds_gpus());
        node.gpus.saturating_sub(holders.map(|it| it.gpu_count).sum())
    }

    /// One offer a node, with the GPUs that are free there, or all of them when none is.
    pub(super) fn search(&mut self) -> Answer {
        let offers: Vec<Value> = self.nodes.iter().map(|it| self.show_offer(it)).collect();
        self.move_prices();
        Answer::json(200, &Value::Array(offers))
    }

    pub(super) fn pricing(&mut self) -> Answer {
        let price = |it: &Node| (it.gpu_type.clone(), json!(dollars(it.price)));
        let gpus: Map<String, Value> = self.nodes.iter().map(price).collect();
        self.move_prices();
        Answer::json(200, &json!({"gpus": gpus}))
    }

    pub(super) fn calculate_reservation(&self, body: &Value) -> Result<Answer> {
        let number = |name: &str| body[name].as_u64().unwrap_or(0);
        let gpu_type = offered_as(body["gpu_type"].as_str().unwrap_or_default());
        let node = self.nodes.iter().find(|it| it.gpu_type == gpu_type);
        let node = node.ok_or_else(|| refused(&format!("Unknown GPU type {gpu_type}")))?;
        let full = node.price * number("gpu_count") + STORAGE_PRICE * number("storage_gb");
        let months = number("reservation_months");
        let hourly = full * (100 - discount(months)) / 100;
        let monthly = hourly * HOURS_IN_MONTH;
        Ok(Answer::json(
            200,
            &json!({
                "discount_percent": discount(months),
                "deposit_required": dollars(deposit(hourly)),
                "monthly_cost": dollars(monthly),
                "hourly_rate_after_discount": dollars(hourly),
                "cancellation_fee_25_percent": dollars(monthly * months / 4),
            }),
        ))
    }

    fn show_offer(&self, node: &Node) -> Value {
        let free = self.free_gpus(node);
        let mut offer = json!({
            "node": node.id, "gpu_type": node.gpu_type,
            "gpu_count": if free > 0 { free } else { node.gpus },
            "gpu_ram_mb": node.gpu_ram_mb,
            "gpu_price_hourly": dollars(node.price),
            "interruptible_rate": dollars(node.interruptible_price),
            "available": node.available && free > 0,
            "location": node.location,
        });
        if self.style.offers_without_node
            && let Some(members) = offer.as_object_mut()
        {
            members.remove("node");
        }
        offer
    }

    fn move_prices(&mut self) {
        let step = self.price_step;
        let prices = self.nodes.iter_mut().flat_map(|it| [&mut it.price, &mut it.interruptible_price]);
        // 0 says that there is no such price.
        prices.filter(|it| **it > 0).for_each(|it| *it = it.saturating_add_signed(step).max(1));
    }
}
