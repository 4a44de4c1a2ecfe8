//! Lookups that cannot be done: the error says why, where, and what to do instead.

use serde_json::json;

use super::super::{World, on_every_cli};

/// Refused without a call: (type, attributes, words of the error).
const UNCALLED: &[(&str, &str, &[&str])] = &[
    ("novita_gpu_instance", "", &["Set one of `id` and `name`"]),
    ("novita_cpu_instance", "", &["Set one of `id` and `name`"]),
    ("novita_endpoint", "", &["Set one of `id` and `name`"]),
    ("novita_network_storage", "", &["Set one of `id` and `name`"]),
    ("novita_network", "", &["Set one of `id` and `name`"]),
    ("novita_network", "id = \"a b\"", &["The id is at most 255 characters"]),
    ("novita_registry_auth", "", &["Set one of `id` and `name`"]),
    ("novita_gpu_instance", "id = \"a\"\n  name = \"b\"", &["cannot be set together with `id`"]),
    ("novita_endpoint", "id = \"a\"\n  name = \"b\"", &["cannot be set together with `id`"]),
    ("novita_cpu_instance", "name = \"\"", &["leave it out"]),
    ("novacloud_vm", "provider = novita\n  id = \"42\"", &["The id is a UUID"]),
    ("novita_gpu_products", "gpu_num = 9", &["Range: 1 to 8", "This one is 9"]),
    ("novita_gpu_products", "billing_method = \"weekly\"", &["`onDemand`, `monthly`, `spot`"]),
    ("novita_cpu_products", "max_hourly_price = -1", &["at least 0", "This one is -1"]),
    ("novita_cpu_products", "min_cpu_num = 1.5", &["whole number"]),
    ("novacloud_offers", "provider = novita\n  min_gpu_count = 0", &["at least 1"]),
];

#[test]
fn a_lookup_that_cannot_be_meant_makes_no_call() {
    on_every_cli(|cli| {
        for (number, (kind, attributes, words)) in UNCALLED.iter().enumerate() {
            let block = format!("data \"{kind}\" \"n{number}\" {{\n  {attributes}\n}}\n");
            let world = World::new(cli, &block);
            world.workspace.plan(&[]).failed().says(words);
            assert!(world.cloud.requests().is_empty(), "{block} made a call");
        }
    });
}

#[test]
fn what_is_not_there_or_not_alone_is_an_error_that_says_so() {
    on_every_cli(|cli| {
        let world = World::new(cli, "");
        let seed = |kind: &str, name: &str| {
            world.cloud.seed_instance(json!({"kind": kind, "name": name})).expect("a good record")
        };
        let [twin_1, twin_2] = [seed("gpu", "twin"), seed("gpu", "twin")];
        let cpu = seed("cpu", "gateway");
        let leaving = seed("gpu", "leaving");
        assert!(world.cloud.set_status(&leaving, "removing"));
        let endpoint = |name: &str| world.cloud.seed_endpoint(json!({"name": name})).expect("a good record");
        let [llm_1, llm_2] = [endpoint("llm"), endpoint("llm")];

        let twins = sorted([&twin_1, &twin_2]);
        let llms = sorted([&llm_1, &llm_2]);
        let nobody = "00000000-0000-4000-8000-000000000000";
        let cases: Vec<(&str, String, Vec<String>)> = vec![
            ("novita_gpu_instance", key("id", "nobody"), words(&["No instance has this id", "\"nobody\""])),
            (
                "novita_gpu_instance",
                key("id", &leaving),
                words(&["No instance has this id", "being removed"]),
            ),
            ("novita_gpu_instance", key("name", "leaving"), words(&["No instance has this name"])),
            ("novita_gpu_instance", key("name", "twi"), words(&["No instance has this name", "\"twi\""])),
            (
                "novita_gpu_instance",
                key("name", "twin"),
                words(&["More than one instance has this name", &twins]),
            ),
            ("novita_gpu_instance", key("id", &cpu), words(&["Use `novita_cpu_instance`"])),
            ("novita_gpu_instance", key("name", "gateway"), words(&[&cpu, "Use `novita_cpu_instance`"])),
            ("novita_cpu_instance", key("id", &twin_1), words(&["Use `novita_gpu_instance`"])),
            ("novita_endpoint", key("id", "ep-nobody"), words(&["No endpoint has this id", "ep-nobody"])),
            ("novita_endpoint", key("name", "lm"), words(&["No endpoint has this name"])),
            ("novita_endpoint", key("name", "llm"), words(&["More than one endpoint has this name", &llms])),
            (
                "novacloud_vm",
                format!("provider = novita\n  {}", key("id", nobody)),
                words(&["No VM has this id", nobody]),
            ),
        ];
        for (kind, attributes, words) in &cases {
            world.configure(&format!("data \"{kind}\" \"this\" {{\n  {attributes}\n}}\n"));
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            world.workspace.plan(&[]).failed().says(&words);
        }
        assert!(world.changes().is_empty());
    });
}

fn key(name: &str, value: &str) -> String {
    format!("{name} = \"{value}\"")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|it| (*it).to_owned()).collect()
}

fn sorted(mut ids: [&String; 2]) -> String {
    ids.sort();
    format!("{}, {}", ids[0], ids[1])
}
