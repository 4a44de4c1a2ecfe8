//! Offers, prices, reservations.

use serde_json::{Value, json};

use super::Bench;

fn offer(bench: &mut Bench, at: usize) -> Value {
    bench.get("/search", &[]).unwrap()[at].take()
}

#[test]
fn an_offer_tells_what_is_free() {
    let mut bench = Bench::new();
    let expected = json!({
        "node": "vm02", "gpu_type": "5090", "gpu_count": 8, "gpu_ram_mb": 32768, "gpu_price_hourly": 0.6,
        "interruptible_rate": 0.3, "available": true, "location": "EX",
    });
    assert_eq!(offer(&mut bench, 1), expected);
    assert_eq!(offer(&mut bench, 3)["available"], false);
    bench.make(json!({"gpu_count": 2})).unwrap();
    assert_eq!(offer(&mut bench, 1)["gpu_count"], 6);
    bench.core.novacloud.nodes[1].gpus = 2;
    let full = offer(&mut bench, 1);
    assert_eq!((&full["gpu_count"], &full["available"]), (&json!(2), &json!(false)));
    bench.core.novacloud.style.offers_without_node = true;
    assert!(offer(&mut bench, 1).get("node").is_none());
    assert!(bench.get("/search", &[("gpu_type", "5090")]).is_err(), "filters are not public");
}

#[test]
fn prices_are_a_map_and_can_move() {
    let mut bench = Bench::new();
    let prices = bench.get("/pricing", &[]).unwrap();
    assert_eq!((&prices["gpus"]["4090"], &prices["gpus"]["pro6000"]), (&json!(0.4), &json!(1.3)));
    bench.core.novacloud.price_step = 50_000;
    let mut price = || offer(&mut bench, 1)["gpu_price_hourly"].take();
    assert_eq!([price(), price()], [json!(0.6), json!(0.65)]);
    assert_eq!(offer(&mut bench, 2)["interruptible_rate"], json!(0.0), "what cannot be had gets no price");
}

#[test]
fn a_reservation_is_calculated_and_not_bought() {
    let mut bench = Bench::new();
    let body = json!({"gpu_type": "6000pro", "gpu_count": 2, "storage_gb": 500, "reservation_months": 6});
    let costs = bench.call("POST", "/reservations/calculate", Some(&body)).unwrap();
    let expected = json!({
        "discount_percent": 20, "deposit_required": 1555.2, "monthly_cost": 1555.2,
        "hourly_rate_after_discount": 2.16, "cancellation_fee_25_percent": 2332.8,
    });
    assert_eq!(costs, expected);
    assert_eq!(bench.core.alive(), []);
    let wrong = json!({"gpu_type": "tpu", "gpu_count": 2, "storage_gb": 500, "reservation_months": 6});
    let refusal = bench.call("POST", "/reservations/calculate", Some(&wrong)).unwrap_err();
    assert_eq!(refusal, "400 Unknown GPU type tpu");
    let wrong = json!({"gpu_type": "5090", "gpu_count": 2, "storage_gb": 500, "reservation_months": 2});
    let refusal = bench.call("POST", "/reservations/calculate", Some(&wrong)).unwrap_err();
    assert!(refusal.starts_with("422 body.reservation_months: "), "{refusal}");
}
