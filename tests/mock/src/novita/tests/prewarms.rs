//! Image prewarm: the rules of the four calls.

use serde_json::{Value, json};

use super::Bench;

fn wanted(image: &str) -> Value {
    json!({"imageUrl": image, "clusterId": "7", "productIds": ["4090.16c62g"], "note": "tonight"})
}

impl Bench {
    fn prewarm(&mut self, image: &str) -> String {
        self.post("/image/prewarm", &wanted(image)).unwrap()["id"].as_str().unwrap().to_owned()
    }

    fn prewarms(&mut self, query: &[(&str, &str)]) -> Vec<Value> {
        self.get("/image/prewarm", query).unwrap()["data"].as_array().unwrap().clone()
    }
}

#[test]
fn an_image_is_pulled_a_little_later() {
    let mut bench = Bench::new();
    let id = bench.prewarm("ghcr.io/acme/model:1");
    assert_eq!(bench.prewarms(&[])[0]["state"], "Pending");
    bench.settle();
    let expected = json!({
        "id": id, "imageName": "model", "imageUrl": "ghcr.io/acme/model:1", "repositoryAuth": "", "clusterId": "7",
        "clusterName": "EU-02 (Example)", "products": [{"productId": "4090.16c62g", "productName": "RTX 4090 24GB"}],
        "createTime": "1767225600", "completeTime": "1767225600", "imageSize": "8589934592", "state": "Succeeded",
        "note": "tonight", "reason": [],
    });
    assert_eq!(bench.prewarms(&[("page", "1"), ("pageSize", "10")]), [expected]);
    assert_eq!(bench.prewarms(&[("page", "2"), ("pageSize", "10")]), [Value::Null; 0]);
}

#[test]
fn a_pull_that_fails_says_why() {
    let mut bench = Bench::new();
    bench.core.novita.prewarm_failure = vec!["no such tag".to_owned()];
    bench.prewarm("ghcr.io/acme/model:1");
    bench.settle();
    let shown = bench.prewarms(&[("state", "Failed")]).remove(0);
    assert_eq!(shown["reason"], json!(["no such tag"]));
}

#[test]
fn five_are_under_way_at_most_and_a_login_must_exist() {
    let mut bench = Bench::new();
    bench.core.novita.pace.set("Pending", 1000);
    for number in 0..5 {
        bench.prewarm(&format!("acme/model:{number}"));
    }
    let refused = bench.post("/image/prewarm", &wanted("acme/model:5")).unwrap_err();
    assert!(refused.starts_with("400 IMAGE_PREWARM_NUM_LIMIT"), "{refused}");
    let mut private = wanted("acme/model:6");
    private["repositoryAuth"] = json!("auth-none");
    let refused = bench.post("/image/prewarm", &private).unwrap_err();
    assert!(refused.starts_with("400 IMAGE_URL_OR_AUTH_ERROR"), "{refused}");
}

#[test]
fn a_note_is_changed_and_a_task_deleted() {
    let mut bench = Bench::new();
    let id = bench.prewarm("acme/model:1");
    bench.post("/image/prewarm/edit", &json!({"id": id, "note": "kept"})).unwrap();
    assert_eq!(bench.prewarms(&[("name", "KEPT")])[0]["note"], "kept");
    let delete = |bench: &mut Bench| bench.post("/image/prewarm/delete", &json!({"ids": [id]}));
    assert_eq!(delete(&mut bench), Ok(json!({})));
    assert!(delete(&mut bench).unwrap_err().starts_with("400 RESOURCE_NOT_FOUND"));
}
