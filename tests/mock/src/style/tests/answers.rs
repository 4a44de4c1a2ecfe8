//! Wrappers, keys and ids; odd answers; catalogues.

use serde_json::{Value, json};

use super::{Bench, plain};
use crate::odd::other_case;
use crate::style::{Style, Switch};
use crate::{CreatedId, Effect, Fault, Odd};

fn status_of(bench: &Bench, target: &str) -> (u16, Value) {
    bench.send("GET", target, &Value::Null)
}

#[test]
fn gets_come_in_envelopes() {
    for (switch, keys) in [
        (Switch::EnvelopeData, ["data", "data", "data"]),
        (Switch::EnvelopeKind, ["instance", "endpoint", "vm"]),
    ] {
        let bench = Bench::new(Style::only(switch));
        let ids = [bench.create_instance(), bench.create_endpoint(), bench.create_vm()].map(|it| plain(&it));
        let [instance, endpoint, vm] = &ids;
        let targets = [
            format!("/gpu/instance?instanceId={instance}"),
            format!("/endpoint?id={endpoint}"),
            format!("/vms/{vm}"),
        ];
        for ((target, key), id) in targets.iter().zip(keys).zip(&ids) {
            assert_eq!(bench.get(target)[key]["id"], json!(id), "{target}");
        }
        let (status, gone) = status_of(&bench, "/gpu/instance?instanceId=none");
        assert_eq!((status, &gone["reason"]), (400, &json!("RESOURCE_NOT_FOUND")));
    }
}

#[test]
fn creates_and_lists_come_in_envelopes() {
    let mut style = Style::only(Switch::EnvelopedCreates);
    style.turn_on(Switch::ListsUnderData);
    let bench = Bench::new(style);
    let body = json!({"clusterId": "7", "storageName": "tf-data", "storageSize": 100});
    let created = bench.post("/networkstorage/create", &body);
    let inner = created.get("data").unwrap_or(&created["storage"]);
    assert!(inner["storageId"].as_str().unwrap().starts_with("st-"), "{created}");
    for target in ["/gpu/instances?pageSize=9&pageNum=1", "/endpoints?pageSize=9&pageNum=1", "/vms"] {
        assert!(bench.get(target)["data"].is_array(), "{target}");
    }
}

#[test]
fn ids_are_shown_in_other_case_and_taken_in_either() {
    let bench = Bench::new(Style::only(Switch::IdsInOtherCase));
    let (instance, vm) = (plain(&bench.create_instance()), plain(&bench.create_vm()));
    for (target, id) in [
        (format!("/gpu/instance?instanceId={instance}"), &instance),
        (format!("/gpu/instance?instanceId={}", other_case(&instance)), &instance),
        (format!("/vms/{}", other_case(&vm)), &vm),
    ] {
        assert_eq!(bench.get(&target)["id"], json!(other_case(id)), "{target}");
    }
}

#[test]
fn a_storages_id_comes_in_three_forms() {
    let create = |style: Style| {
        let body = json!({"clusterId": "7", "storageName": "tf-data", "storageSize": 100});
        Bench::new(style).post("/networkstorage/create", &body)
    };
    let id = create(Style::default());
    assert!(id.is_string());
    assert_eq!(create(Style::only(Switch::StorageIdAsId)), json!({"id": id}));
    let object = json!({"storageId": id, "storageName": "tf-data", "clusterId": "7"});
    assert_eq!(create(Style::only(Switch::StorageIdInObject)), object);
}

#[test]
fn what_is_gone_is_not_found_for_this_user() {
    let bench = Bench::new(Style::only(Switch::GoneForThisUser));
    let (status, gone) = status_of(&bench, "/gpu/instance?instanceId=none");
    assert_eq!((status, &gone["reason"]), (400, &json!("RESOURCE_NOT_FOUND")));
    assert!(gone["message"].as_str().unwrap().starts_with("not found for this user"));
    let (status, gone) = status_of(&bench, "/vms/00000000-0000-4000-8000-000000000000");
    assert_eq!((status, &gone["detail"]), (404, &json!("VM not found for this user or its API key")));
}

#[test]
fn every_odd_answer_comes_once_and_the_thing_lives_on() {
    let bench = Bench::new(Style::default());
    let target = format!("/gpu/instance?instanceId={}", plain(&bench.create_instance()));
    for odd in Odd::ALL {
        let (status, body) = bench.send_with(Effect::OddInstead(odd), "GET", &target, &Value::Null);
        let shown = odd.answer();
        let expected = serde_json::from_str(&shown.body).unwrap_or(Value::String(shown.body.clone()));
        let expected = if shown.body.is_empty() { Value::Null } else { expected };
        assert_eq!((status, body), (shown.status, expected), "{odd:?}");
        assert_eq!(bench.get(&target)["status"], "toCreate");
    }
}

#[test]
fn an_odd_answer_comes_before_or_after_the_work() {
    let bench = Bench::new(Style::default());
    let body = json!({"name": "one", "productId": "cpu.4c8g", "imageUrl": "nginx", "kind": "cpu"});
    bench.send_with(Effect::OddInstead(Odd::ZeroBytes), "POST", "/gpu/instance/create", &body);
    assert_eq!(bench.0.created_count(), 0);
    let answer = bench.send_with(Effect::Odd(Odd::Html200), "POST", "/gpu/instance/create", &body);
    assert_eq!((answer.0, bench.0.created_count()), (200, 1));
}

#[test]
fn a_living_thing_is_forgotten_once_and_remembered() {
    let bench = Bench::new(Style::default());
    let endpoint = format!("/endpoint?id={}", plain(&bench.create_endpoint()));
    let (status, body) = bench.send_with(Effect::Forgotten, "GET", &endpoint, &Value::Null);
    assert_eq!((status, &body["reason"]), (400, &json!("SERVERLESS_ENDPOINT_NOT_FOUND")));
    assert_eq!(status_of(&bench, &endpoint).0, 200);
    let vm = format!("/vms/{}", plain(&bench.create_vm()));
    assert_eq!(bench.send_with(Effect::Forgotten, "GET", &vm, &Value::Null).0, 404);
    assert_eq!(status_of(&bench, &vm).0, 200);
}

#[test]
fn a_window_of_refusals_passes_with_the_mocks_clock() {
    let bench = Bench::new(Style::default());
    let limited = Effect::Http429 { retry_after: Some("0".to_owned()) };
    bench.0.faults().push(Fault::new("GET", "/clusters", limited).for_seconds(60));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(status_of(&bench, "/clusters").0);
        bench.pass(25);
    }
    assert_eq!(statuses, [429, 429, 429, 200]);
}

#[test]
fn the_id_in_the_answer_of_a_create_is_another_one() {
    let bench = Bench::new(Style::default());
    let known = plain(&bench.create_instance());
    let body = json!({
        "name": "one", "productId": "4090.16c62g", "gpuNum": 1, "rootfsSize": 60, "imageUrl": "nginx", "kind": "gpu",
    });
    let mut answers = Vec::new();
    for form in CreatedId::ALL.into_iter().chain([CreatedId::Exactly("i-7".to_owned())]) {
        let effect = Effect::CreatedId(form.clone());
        let (status, answer) = bench.send_with(effect, "POST", "/gpu/instance/create", &body);
        let real = bench.0.alive().pop().unwrap().id;
        assert_eq!(status, 200, "{form:?}");
        assert_ne!(answer["id"], json!(real), "{form:?}");
        if form == CreatedId::OtherCase {
            assert!(answer["id"].as_str().unwrap().eq_ignore_ascii_case(&real));
        }
        answers.push(answer["id"].clone());
    }
    assert_eq!(answers[11..], [json!(known), json!("i-7")]);
    assert_eq!(answers[2].as_str().map(str::len), Some(300));
    assert_eq!(bench.0.created_count(), 14, "each of them made a machine");
}

#[test]
fn an_answer_comes_late_by_the_mocks_clock() {
    let bench = Bench::new(Style::default());
    let before = bench.0.now();
    let body = json!({"name": "one", "productId": "cpu.4c8g", "imageUrl": "nginx", "kind": "cpu"});
    bench.send_with(Effect::Late { seconds: 300 }, "POST", "/gpu/instance/create", &body);
    assert_eq!((bench.0.now() - before, bench.0.alive()[0].status.as_str()), (300, "running"));
}

const CATALOGUE: [&str; 6] =
    ["/products", "/cpu/products", "/clusters", "/endpoint/limit", "/search", "/pricing"];

#[test]
fn the_catalogue_is_empty_reshaped_or_unreadable() {
    let answers = |switch: Switch| CATALOGUE.map(|it| Bench::new(Style::only(switch)).get(it));
    let empty = [json!({"data": []}), json!({"data": []}), json!({"data": []}), json!({}), json!([])];
    assert_eq!(answers(Switch::CatalogueEmpty)[..5], empty);
    assert_eq!(answers(Switch::CatalogueEmpty)[5], json!({"gpus": {}}));
    let usual = CATALOGUE.map(|it| Bench::new(Style::default()).get(it));
    for (reshaped, usual) in answers(Switch::CatalogueReshaped).iter().zip(&usual) {
        assert_eq!(reshaped["result"]["items"][0], *usual);
    }
    let unreadable = answers(Switch::CatalogueUnreadable);
    assert!(unreadable.iter().all(|it| it.as_str().is_some_and(|it| it.starts_with("<!DOCTYPE"))));
}

#[test]
fn sold_out_products_are_hidden() {
    let count = |style: Style| {
        let bench = Bench::new(style);
        ["/products", "/cpu/products", "/search"].map(|it| {
            let answer = bench.get(it);
            answer.as_array().or_else(|| answer["data"].as_array()).unwrap().len()
        })
    };
    assert_eq!(count(Style::default()), [5, 3, 4]);
    assert_eq!(count(Style::only(Switch::SoldOutHidden)), [4, 2, 3]);
}

#[test]
fn limits_are_zero_or_lower_than_before() {
    let zero = Bench::new(Style::only(Switch::ZeroLimits));
    let limit = zero.get("/endpoint/limit");
    assert_eq!((&limit["maxWorkerNum"], &limit["cudaVersionList"]), (&json!(0), &json!([])));
    assert_eq!(zero.get("/products")["data"][0]["maxRootFS"], 0);
    assert_eq!(zero.get("/auth/me")["max_vms"], 0);
    zero.create_endpoint();
    let lowered = Bench::new(Style::default());
    lowered.create_endpoint();
    lowered.0.with_style(|it| it.turn_on(Switch::LoweredLimits));
    assert_eq!(lowered.get("/endpoint/limit")["maxRootfsSize"], 50);
    let refused = lowered.send("POST", "/endpoint/create", &json!({"endpoint": lowered.endpoint()}));
    assert!(refused.0 == 400 && refused.1.to_string().contains("rootfsSize"), "{refused:?}");
}

#[test]
fn a_product_leaves_the_catalogue_while_its_machine_lives() {
    let bench = Bench::new(Style::default());
    let id = plain(&bench.create_instance());
    assert!(bench.0.withdraw("4090.16c62g") && bench.0.withdraw("vm02") && !bench.0.withdraw("vm02"));
    assert_eq!(bench.get("/products")["data"].as_array().unwrap().len(), 4);
    assert_eq!(bench.get(&format!("/gpu/instance?instanceId={id}"))["productId"], "4090.16c62g");
}
