//! The example of a budget: by a precondition, by a check, and by a policy for plans that Open Policy Agent reads.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::{World, on_every_cli};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What the policy says of a plan.
fn judged(plan: &Value) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("plan.json");
    std::fs::write(&input, plan.to_string()).expect("a plan");
    let opa = file("tools/bin/opa");
    assert!(opa.exists(), "opa is missing: run `make tools`");
    let output = Command::new(opa)
        .args(["eval", "--data"])
        .arg(file("examples/policies/policy"))
        .arg("--input")
        .arg(&input)
        .arg("data.budget")
        .output()
        .expect("opa runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    answer["result"][0]["expressions"][0]["value"].clone()
}

#[test]
fn a_plan_above_the_budget_is_refused_by_the_precondition_and_by_the_policy() {
    on_every_cli(|cli| {
        let example = std::fs::read_to_string(file("examples/policies/main.tf")).expect("the example");
        let world = World::plain(cli, "");
        world.workspace.write("main.tf", &example);
        world.workspace.run(&["plan", "-input=false", "-no-color", "-out=saved.bin"]).succeeded();
        let mut plan = world.workspace.run(&["show", "-json", "saved.bin"]).succeeded().json();
        let said = judged(&plan);
        assert_eq!(said["deny"], json!([]), "{said}");
        if cli.is_newest {
            assert_eq!((&said["cost"], &said["unknown"]), (&json!(0.7), &json!([])));
            plan["variables"]["budget"]["value"] = json!(0.5);
            let refused = judged(&plan)["deny"][0].to_string();
            assert!(refused.contains("0.7 USD per hour") && refused.contains("0.5"), "{refused}");
        } else {
            let workers = ["novita_gpu_instance.worker[0]", "novita_gpu_instance.worker[1]"];
            assert_eq!(said["unknown"], json!(workers), "{said}");
        }
        world.workspace.plan(&["-var=budget=0.5"]).failed().says(&["above the budget of 0.5"]);
        assert_eq!(world.changes(), Vec::<String>::new());
    });
}
