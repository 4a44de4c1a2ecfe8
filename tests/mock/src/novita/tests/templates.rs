//! Templates: what they may be, and that an update replaces all of one.

use serde_json::json;

use super::Bench;

fn settings(name: &str) -> serde_json::Value {
    json!({
        "name": name, "type": "instance", "channel": "private", "image": "docker.io/acme/trainer:1.4", "rootfsSize": 60,
        "ports": [{"type": "http", "ports": [8080]}, {"type": "tcp", "ports": [22]}], "envs": [{"key": "A", "value": "1"}],
    })
}

#[test]
fn a_template_is_made_read_changed_and_removed() {
    let mut bench = Bench::new();
    let made = bench.post("/template/create", &json!({"template": settings("mine")})).unwrap();
    let id = made["templateId"].as_str().unwrap().to_owned();
    let get = |bench: &mut Bench| bench.get("/template", &[("templateId", &id)]);
    let shown = get(&mut bench).unwrap();
    assert_eq!((&shown["template"]["Id"], &shown["template"]["readme"]), (&json!(id), &json!("")));
    assert_eq!(shown["template"]["ports"][1], json!({"type": "http", "ports": [8080]}));

    let change = json!({
        "Id": id, "name": "ours", "type": "instance", "channel": "private", "image": "nginx", "rootfsSize": 10,
    });
    bench.post("/template/update", &json!({"template": change})).unwrap();
    let shown = get(&mut bench).unwrap();
    assert_eq!((&shown["template"]["name"], &shown["template"]["envs"]), (&json!("ours"), &json!([])));
    bench.post("/template/delete", &json!({"templateId": id})).unwrap();
    assert_eq!(get(&mut bench).unwrap_err(), "400 TEMPLATE_NOT_FOUND: template not found");
}

#[test]
fn a_template_keeps_to_its_bounds() {
    let mut bench = Bench::new();
    for (name, value) in [
        ("ports", json!([{"type": "http", "ports": [22]}, {"type": "tcp", "ports": [22]}])),
        ("ports", json!([{"type": "tcp", "ports": [2222]}])),
        ("ports", json!([{"type": "udp", "ports": [53]}])),
        ("imageAuth", json!("auth-nobody")),
        ("channel", json!("official")),
        ("rootfsSize", json!(0)),
        ("name", json!("")),
        ("colour", json!("red")),
    ] {
        let mut template = settings("mine");
        template[name] = value;
        let refused = bench.post("/template/create", &json!({"template": template})).unwrap_err();
        assert!(refused.starts_with("400 VALIDATOR_PARAM"), "{name}: {refused}");
    }
}

#[test]
fn templates_are_filtered_by_channels_type_and_name() {
    let mut bench = Bench::new();
    bench.post("/template/create", &json!({"template": settings("mine")})).unwrap();
    let mut names = |query: &[(&str, &str)]| {
        let listed = bench.get("/templates", query).unwrap();
        let names =
            listed["template"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&[("channel", "official")]), ["PyTorch 2.7", "ComfyUI"]);
    assert_eq!(names(&[("channel", "official"), ("channel", "private"), ("name", "m")]), ["ComfyUI", "mine"]);
    assert_eq!(names(&[("type", "serverless")]), [""; 0]);
    assert_eq!(names(&[]).len(), 3);
}
