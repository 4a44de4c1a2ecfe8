//! Calls without effect, and things that go by themselves.

use serde_json::{Value, json};

use super::{Bench, plain};
use crate::style::{Style, Switch};
use crate::{Effect, Ending, Fault, Ignored};

fn action(bench: &Bench, name: &str, id: &str) -> (u16, Value) {
    bench.send("POST", &format!("/gpu/instance/{name}"), &json!({"instanceId": id}))
}

fn status(bench: &Bench, id: &str) -> String {
    let record = bench.0.instance(id).or_else(|| bench.0.vm(id));
    record.map_or_else(|| "gone".to_owned(), |it| it["status"].as_str().unwrap().to_owned())
}

#[test]
fn an_accepted_removal_does_nothing_as_often_as_the_fault_says() {
    let bench = Bench::new(Style::default());
    let id = plain(&bench.create_instance());
    bench.pass(9);
    let faults = bench.0.faults();
    faults.push(Fault::new("POST", "/gpu/instance/delete", Effect::Ignored(Ignored::Quietly)));
    faults.push(Fault::new("POST", "/gpu/instance/delete", Effect::Ignored(Ignored::SuccessFalse)).after(1));
    assert_eq!(action(&bench, "delete", &id), (200, Value::Null));
    bench.pass(9);
    assert_eq!(status(&bench, &id), "running");
    assert_eq!(action(&bench, "delete", &id).1["success"], false);
    bench.pass(9);
    assert_eq!(status(&bench, &id), "running");
    action(&bench, "delete", &id);
    bench.pass(9);
    assert_eq!(status(&bench, &id), "gone");
}

#[test]
fn the_first_action_of_each_kind_on_each_thing_is_ignored() {
    let bench = Bench::new(Style::only(Switch::FirstActionIgnored));
    let (id, vm) = (plain(&bench.create_instance()), plain(&bench.create_vm()));
    bench.pass(9);
    for (name, before, after) in
        [("stop", "running", "exited"), ("start", "exited", "running"), ("delete", "running", "gone")]
    {
        action(&bench, name, &id);
        bench.pass(9);
        assert_eq!(status(&bench, &id), before, "{name}");
        action(&bench, name, &id);
        bench.pass(9);
        assert_eq!(status(&bench, &id), after, "{name}");
    }
    let destroy = || bench.send("DELETE", &format!("/vms/{vm}"), &Value::Null).0;
    assert_eq!((destroy(), status(&bench, &vm).as_str()), (204, "running"));
    assert_eq!((destroy(), status(&bench, &vm).as_str()), (204, "destroyed"));
}

#[test]
fn a_create_that_is_ignored_answers_an_id_that_never_is() {
    let bench = Bench::new(Style::default());
    let body = json!({"name": "one", "productId": "cpu.4c8g", "imageUrl": "nginx", "kind": "cpu"});
    let effect = Effect::Ignored(Ignored::Quietly);
    let (status, answer) = bench.send_with(effect, "POST", "/gpu/instance/create", &body);
    assert_eq!((status, answer["id"].is_string(), bench.0.created_count()), (200, true, 0));
}

#[test]
fn a_reclaimed_spot_machine_goes_or_stays() {
    for (style, end) in [(Style::default(), "gone"), (Style::only(Switch::ReclaimedStays), "exited")] {
        let bench = Bench::new(style);
        let id = bench.0.seed_instance(json!({"kind": "gpu", "billingMode": "spot"})).unwrap();
        assert!(bench.0.end(&id, Ending::Spot));
        bench.pass(9);
        assert_eq!(status(&bench, &id), end);
    }
    let bench = Bench::new(Style::only(Switch::ReclaimedStays));
    let id = bench.0.seed_instance(json!({"kind": "gpu", "billingMode": "spot"})).unwrap();
    bench.0.end(&id, Ending::Spot);
    bench.pass(99);
    let shown = bench.get(&format!("/gpu/instance?instanceId={id}"));
    assert_eq!((&shown["spotStatus"], &shown["status"]), (&json!("terminated"), &json!("exited")));
    assert!(shown["spotReclaimTime"].as_str().unwrap().parse::<u64>().unwrap() < bench.0.now());
}

#[test]
fn terms_end_and_accounts_fall_into_arrears() {
    let bench = Bench::new(Style::only(Switch::TermsEnd));
    let end = bench.0.now() + 3;
    let monthly = json!({"kind": "gpu", "billingMode": "monthly", "month": 1, "endTime": end});
    let id = bench.0.seed_instance(monthly).unwrap();
    bench.pass(2);
    assert_eq!(status(&bench, &id), "running");
    bench.pass(9);
    assert_eq!(status(&bench, &id), "gone");
    let id = bench.0.seed_instance(json!({"kind": "gpu"})).unwrap();
    let vm = plain(&bench.create_vm());
    let storage = bench.0.storages()[0].storage_id.clone();
    for it in [&id, &vm, &storage] {
        assert!(bench.0.end(it, Ending::Arrears));
    }
    assert_eq!((status(&bench, &id).as_str(), status(&bench, &vm).as_str()), ("freezing", "stopped"));
    bench.pass(9);
    assert_eq!((status(&bench, &id).as_str(), bench.0.storages().len()), ("gone", 2));
    assert!(!bench.0.end(&id, Ending::Term));
}

#[test]
fn a_sleeping_serverless_cluster_refuses_the_first_creates() {
    let bench = Bench::new(Style::only(Switch::ServerlessSleeps));
    let create = || bench.send("POST", "/endpoint/create", &json!({"endpoint": bench.endpoint()}));
    let refused = create();
    assert_eq!((refused.0, &refused.1["message"]), (400, &json!("serverless cluster is not active")));
    assert_eq!([create().0, create().0, create().0], [400, 200, 200]);
    let plain = Bench::new(Style::default());
    let body = json!({"endpoint": plain.endpoint()});
    let once = plain.send_with(Effect::ClusterNotActive, "POST", "/endpoint/create", &body);
    assert_eq!((once.0, &once.1["message"]), (400, &json!("serverless cluster is not active")));
    assert_eq!(plain.send("POST", "/endpoint/create", &body).0, 200);
}

#[test]
fn one_request_in_eight_goes_wrong() {
    for (switch, wrong) in
        [(Switch::Forgets, 400..=400), (Switch::TooManyRequests, 429..=429), (Switch::ProxyErrors, 502..=504)]
    {
        let bench = Bench::new(Style::default());
        let target = format!("/gpu/instance?instanceId={}", plain(&bench.create_instance()));
        bench.0.with_style(|it| it.turn_on(switch));
        let statuses: Vec<u16> = (0..160).map(|_| bench.send("GET", &target, &Value::Null).0).collect();
        let hits = statuses.iter().filter(|it| **it != 200).count();
        assert!((10..=32).contains(&hits), "{switch:?}: {hits} of 160");
        assert!(statuses.iter().all(|it| *it == 200 || wrong.contains(it)), "{statuses:?}");
    }
    let bench = Bench::new(Style::only(Switch::OddAnswers));
    let odd = (0..160).filter(|_| !bench.get("/clusters")["data"].is_array()).count();
    assert!((10..=32).contains(&odd), "{odd} of 160");
}
