//! Registry auths: the rules of the three calls.

use serde_json::{Value, json};

use super::{Bench, gpu};
use crate::Switch;

fn wanted(name: &str) -> Value {
    json!({"name": name, "username": "bot", "password": "hunter2"})
}

impl Bench {
    fn auths(&mut self) -> Vec<Value> {
        self.get("/repository/auths", &[]).unwrap()["data"].as_array().unwrap().clone()
    }
}

#[test]
fn a_login_is_saved_without_an_id_in_the_answer_and_listed_with_its_password() {
    let mut bench = Bench::new();
    for _ in 0..2 {
        assert_eq!(bench.post("/repository/auth/save", &wanted("ghcr.io")), Ok(json!({})));
    }
    let auths = bench.auths();
    assert_eq!(auths.len(), 3, "twins are allowed");
    let id = auths[1]["id"].clone();
    assert_eq!(auths[1], json!({"id": id, "name": "ghcr.io", "username": "bot", "password": "hunter2"}));
    assert_ne!(id, auths[2]["id"]);
}

#[test]
fn a_login_needs_all_of_its_parts() {
    let mut bench = Bench::new();
    for part in ["name", "username", "password"] {
        let mut body = wanted("ghcr.io");
        body[part] = json!("");
        assert!(bench.post("/repository/auth/save", &body).unwrap_err().contains(part));
        body.as_object_mut().unwrap().remove(part);
        assert!(bench.post("/repository/auth/save", &body).unwrap_err().contains(part));
    }
    assert_eq!(bench.auths().len(), 1);
}

#[test]
fn a_login_in_use_is_not_deleted() {
    let mut bench = Bench::new();
    let delete = |bench: &mut Bench| bench.post("/repository/auth/delete", &json!({"id": "auth-9f21"}));
    let machine = bench.running(&gpu(json!({"imageAuthId": "auth-9f21"})));
    assert_eq!(delete(&mut bench).unwrap_err(), "400 IMAGE_AUTH_IN_USE: the registry auth is in use");
    bench.action("delete", &machine).unwrap();
    bench.settle();
    assert_eq!(delete(&mut bench), Ok(json!({})));
    assert_eq!(delete(&mut bench).unwrap_err(), "400 RESOURCE_NOT_FOUND: registry auth not found");
    assert_eq!(bench.auths().len(), 0);
}

#[test]
fn the_answer_to_a_save_and_the_password_in_the_list_come_in_other_forms() {
    let mut bench = Bench::new();
    bench.core.novita.platform.turn_on(Switch::AuthIdInAnswer);
    let answer = bench.post("/repository/auth/save", &wanted("a")).unwrap();
    assert_eq!(answer["id"], bench.auths()[1]["id"]);
    bench.core.novita.platform.turn_on(Switch::AuthSavedEmpty);
    let answer = bench.send("POST", "/repository/auth/save", &[], Some(&wanted("b")));
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    bench.core.novita.platform.turn_on(Switch::PasswordsMasked);
    assert_eq!(bench.auths()[2]["password"], "******");
}
