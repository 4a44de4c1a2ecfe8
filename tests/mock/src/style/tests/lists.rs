//! Lists that lag, pages and filters.

use serde_json::{Value, json};

use super::{Bench, plain};
use crate::Effect;
use crate::style::{Style, Switch};

const INSTANCES: &str = "/gpu/instances?pageSize=9&pageNum=1";

/// The ids and statuses of a list.
fn listed(bench: &Bench, target: &str) -> Vec<String> {
    let answer = bench.get(target);
    let items =
        answer.as_array().or_else(|| answer["instances"].as_array()).or_else(|| answer["data"].as_array());
    let items = items.or_else(|| answer["endpoints"].as_array()).unwrap_or_else(|| panic!("{answer}"));
    let line = |it: &Value| {
        let id = it.get("storageId").unwrap_or(&it["id"]).as_str().unwrap().to_owned();
        format!("{id} {}", it["status"].as_str().unwrap_or_default()).trim_end().to_owned()
    };
    items.iter().map(line).collect()
}

#[test]
fn a_new_thing_is_not_listed_for_the_seconds_of_the_lag() {
    let bench = Bench::new(Style::only(Switch::NewUnlisted));
    let id = plain(&bench.create_instance());
    assert_eq!(bench.get(&format!("/gpu/instance?instanceId={id}"))["status"], "toCreate");
    for _ in 0..19 {
        bench.pass(1);
        assert_eq!(listed(&bench, INSTANCES), [""; 0]);
    }
    bench.pass(1);
    assert_eq!(listed(&bench, INSTANCES), [format!("{id} running")]);
}

#[test]
fn a_thing_that_went_is_listed_as_it_was_for_the_seconds_of_the_lag() {
    let mut style = Style::only(Switch::RemovedListed);
    style.list_lag = Some(5);
    let bench = Bench::new(style);
    let id = plain(&bench.create_vm());
    bench.pass(9);
    assert_eq!(listed(&bench, "/vms"), [format!("{id} running")]);
    assert!(bench.0.remove_vm(&id));
    for _ in 0..5 {
        assert_eq!(listed(&bench, "/vms"), [format!("{id} running")]);
        assert_eq!(bench.send("GET", &format!("/vms/{id}"), &Value::Null).0, 404);
        bench.pass(1);
    }
    assert_eq!(listed(&bench, "/vms"), [""; 0]);
}

#[test]
fn lists_show_statuses_of_the_past() {
    let mut style = Style::only(Switch::StatusStale);
    style.list_lag = Some(2);
    let bench = Bench::new(style);
    let id = plain(&bench.create_instance());
    let statuses: Vec<String> = (0..6)
        .map(|_| {
            let shown = listed(&bench, INSTANCES).remove(0);
            bench.pass(1);
            shown
        })
        .collect();
    let expected = ["toCreate", "toCreate", "toCreate", "creating", "pulling", "running"];
    assert_eq!(statuses, expected.map(|it| format!("{id} {it}")));
}

#[test]
fn lists_of_every_kind_lag() {
    let bench = Bench::new(Style::only(Switch::NewUnlisted));
    bench.create_endpoint();
    bench.create_vm();
    let body = json!({"clusterId": "7", "storageName": "tf-data", "storageSize": 100});
    bench.post("/networkstorage/create", &body);
    let counts = || {
        ["/endpoints?pageSize=9&pageNum=1", "/vms", "/networkstorages/list"]
            .map(|it| listed(&bench, it).len())
    };
    assert_eq!(counts(), [0, 0, 3]);
    bench.pass(20);
    assert_eq!(counts(), [1, 1, 4]);
}

#[test]
fn page_0_is_refused() {
    let bench = Bench::new(Style::only(Switch::Page0Refused));
    let status = |target: &str| bench.send("GET", target, &Value::Null).0;
    assert_eq!(status("/gpu/instances?pageSize=9&pageNum=0"), 400);
    assert_eq!(status("/networkstorages/list?pageNo=0&pageSize=2"), 400);
    assert_eq!([status(INSTANCES), status("/networkstorages/list")], [200, 200]);
}

#[test]
fn the_total_is_wrong_by_seed() {
    let total = |seed: u64| {
        let mut style = Style::only(Switch::TotalWrong);
        style.seed = seed;
        let bench = Bench::new(style);
        bench.get("/networkstorages/list?pageNo=1&pageSize=2")["total"].as_u64().unwrap()
    };
    let mut totals: Vec<u64> = (0..16).map(total).collect();
    totals.sort_unstable();
    totals.dedup();
    assert_eq!(totals, [0, 1, 2], "there are three");
}

#[test]
fn filters_let_more_through_than_was_asked_for() {
    let target = "/networkstorages/list?storageId=st-51c0";
    assert_eq!(listed(&Bench::new(Style::default()), target), ["st-51c0"]);
    let fuzzy = Bench::new(Style::only(Switch::FiltersFuzzy));
    assert_eq!(listed(&fuzzy, target), ["st-51c0", "st-51c1", "st-77aa"]);
}

#[test]
fn a_page_behind_the_last_one_shows_the_last_one_again() {
    let bench = Bench::new(Style::only(Switch::PagesRepeat));
    let pages = ["1", "2", "3", "9"]
        .map(|page| listed(&bench, &format!("/networkstorages/list?pageSize=2&pageNo={page}")).join(" "));
    assert_eq!(pages, ["st-51c0 st-51c1", "st-77aa", "st-77aa", "st-77aa"]);
    let id = plain(&bench.create_vm());
    assert_eq!(listed(&bench, "/vms?limit=1&offset=7"), [format!("{id} creating")]);
}

#[test]
fn a_list_cannot_be_had_while_its_get_can() {
    let bench = Bench::new(Style::default());
    let id = plain(&bench.create_instance());
    let broken = Effect::Http5xx { code: 500, html: false };
    bench.0.faults().push(crate::Fault::new("GET", "/gpu/instances", broken).always());
    assert_eq!(bench.send("GET", INSTANCES, &Value::Null).0, 500);
    assert_eq!(bench.send("GET", &format!("/gpu/instance?instanceId={id}"), &Value::Null).0, 200);
}
