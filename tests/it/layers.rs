//! The house rules that the compiler cannot see: which layer may name which, and the few names that only
//! one file may use. They are read from the source text, comments and strings left out.

mod source_text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::source_text::{tokens_of, without_comments_and_strings};

/// Layers, and for each the layers that it may name.
type Layers = &'static [(&'static str, &'static [&'static str])];

/// The layers of each crate, and for each the layers it may name besides itself. The root files start the program. That
/// `tfplugin` names nothing of this provider is for the compiler to say.
const ARROWS: [(&str, Layers); 2] = [
    (
        "src/",
        &[
            ("main", &["provider"]),
            ("provider", &["api"]),
            ("api", &[]),
            // Exists for tests and the fuzzer alone.
            ("fuzz_targets", &["provider", "api"]),
        ],
    ),
    // All but `plugin` is pure, and does not know who calls.
    ("framework/src/", &[("main", &["plugin"]), ("testing", &["plugin"]), ("plugin", &[])]),
];

/// What the API clients may name of the framework, since they know no Terraform; the last is for their tests.
const OF_TFPLUGIN_IN_API: [&str; 2] = ["redact", "testing"];

/// The floors of the provider: (a part of it, the parts that it must not name). A vendor's part builds on the life cycles,
/// these on what needs neither, and the vendors do not know each other.
const FLOORS: [(&str, &[&str]); 9] = [
    ("novita", &["novacloud"]),
    ("novacloud", &["novita"]),
    ("catalogue", &["novita", "novacloud", "life_cycle"]),
    ("life_cycle", &["novita", "novacloud", "catalogue"]),
    ("clients", &["novita", "novacloud", "life_cycle"]),
    ("error_context", &["novita", "novacloud", "life_cycle", "catalogue"]),
    ("read_back", &["novita", "novacloud", "life_cycle", "catalogue"]),
    ("paging", &["novita", "novacloud", "life_cycle", "catalogue", "clients"]),
    ("name", &["novita", "novacloud", "life_cycle", "catalogue", "clients"]),
];

/// Names with a home: (the word, the files or folders that may write it, the reason).
const HOMES: [(&str, &[&str], &str); 4] = [
    ("reqwest", &["src/api/http.rs"], "one file knows the HTTP library"),
    ("prost", &["framework/src/plugin/"], "the wire contract ends at the plugin layer"),
    ("tonic", &["framework/src/plugin/"], "the wire contract ends at the plugin layer"),
    (
        "proto",
        &[
            "framework/src/plugin/mod.rs",
            "framework/src/plugin/proto/",
            "framework/src/plugin/convert",
            "framework/src/plugin/rpc",
            "framework/src/plugin/serve.rs",
            "framework/src/plugin/aux_services.rs",
        ],
        "the generated types stay with the files that translate and serve them",
    ),
];

/// What a pure layer must not reach for.
const IMPURE: [&str; 6] = ["std::fs", "std::net", "std::env", "std::process", "std::thread", "std::io"];

#[test]
fn no_layer_names_a_layer_it_must_not_know() {
    check_sources(forbidden_arrows);
}

#[test]
fn no_part_of_the_provider_names_what_builds_on_it() {
    check_sources(forbidden_floors);
}

#[test]
fn names_with_a_home_stay_there() {
    check_sources(misplaced_names);
}

#[test]
fn the_framework_does_no_io() {
    let is_pure = |file: &str| {
        file.strip_prefix("framework/src/").is_some_and(|it| it != "lib.rs" && !it.starts_with("plugin/"))
    };
    check_sources(|file, code| if is_pure(file) { impure_names(file, code) } else { Vec::new() });
}

#[test]
fn a_planted_arrow_is_found() {
    let check = |file: &str, code: &str, expected: &[&str]| {
        assert_eq!(forbidden_arrows(file, &without_comments_and_strings(code)), expected, "{file}: {code}");
    };
    check("src/api/retry.rs", "use crate::provider::Cx;", &["src/api/retry.rs:1: api → provider"]);
    check(
        "src/api/client.rs",
        "\nuse crate :: {\n  api::error::Error,\n  provider,\n};",
        &["src/api/client.rs:4: api → provider"],
    );
    check(
        "src/api/client/a.rs",
        "use super::super::super::provider::Cx;",
        &["src/api/client/a.rs:1: api → provider"],
    );
    check("src/api/mod.rs", "use super::provider::Value;", &["src/api/mod.rs:1: api → provider"]);
    check("src/main.rs", "use terraform_provider_novita::api;", &["src/main.rs:1: main → api"]);
    check("src/api/mod.rs", "use tfplugin::redact::Secrets;", &[]);
    check("src/api/mod.rs", "use tfplugin::value::Value;", &["src/api/mod.rs:1: api → tfplugin::value"]);
    check(
        "src/api/mod.rs",
        "use tfplugin::{redact, path::Path};",
        &["src/api/mod.rs:1: api → tfplugin::path"],
    );
    check("src/provider/a.rs", "use tfplugin::value::Value;", &[]);
    check(
        "framework/src/plan.rs",
        "fn f(_: &crate::plugin::Server) {}",
        &["framework/src/plan.rs:1: plan → plugin"],
    );
    check("framework/src/plugin/rpc.rs", "use crate::{value::{plugin, Value}, plan as provider};", &[]);
    check("src/provider/novita/gpu.rs", "use crate::api::{self, Error};\nuse super::super::network;", &[]);
    check(
        "src/api/mod.rs",
        "// use crate::provider;\n/* crate::provider:: */ const A: &str = \"crate::provider::\";",
        &[],
    );
    check(
        "src/api/mod.rs",
        "const A: &str = r#\"crate::provider::\"#; const B: char = '\"'; fn f<'a>() {}",
        &[],
    );
}

#[test]
fn a_planted_name_of_a_floor_above_is_found() {
    let check = |file: &str, code: &str, expected: &[&str]| {
        assert_eq!(forbidden_floors(file, &without_comments_and_strings(code)), expected, "{file}: {code}");
    };
    let life_cycle = ["src/provider/life_cycle/read.rs:1: life_cycle → novita"];
    check("src/provider/life_cycle/read.rs", "use crate::provider::novita::Storage;", &life_cycle);
    check("src/provider/life_cycle/read.rs", "use crate::provider::{clients::Cx, novita};", &life_cycle);
    check("src/provider/life_cycle/read.rs", "use super::super::novita::Storage;", &life_cycle);
    check("src/provider/life_cycle/read.rs", "use super::remote::novita;", &[]);
    check("src/provider/name.rs", "use super::clients::Cx;", &["src/provider/name.rs:1: name → clients"]);
    check("src/provider/novita/a.rs", "use crate::provider::life_cycle::stored::Stored;", &[]);
    check("src/provider/mod.rs", "use crate::provider::novita::Storage;", &[]);
}

#[test]
fn a_planted_name_is_found() {
    let check = |file: &str, code: &str, expected: usize| {
        assert_eq!(
            misplaced_names(file, &without_comments_and_strings(code)).len(),
            expected,
            "{file}: {code}"
        );
    };
    check("src/api/retry.rs", "use reqwest::Client;", 1);
    check("src/api/http.rs", "use reqwest::Client;", 0);
    check("framework/src/value.rs", "use prost::Message;", 1);
    check("framework/src/plugin/tls.rs", "use super::proto::tfplugin6;", 1);
    check("framework/src/plugin/aux_services.rs", "use crate::plugin::proto::plugin;", 0);
    check("src/api/retry.rs", "// reqwest\nfn reqwest_like() {}", 0);
}

/// Runs `check` on every source file of the product and fails with everything it found.
fn check_sources(check: impl Fn(&str, &str) -> Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for (folder, _) in ARROWS {
        let files = rust_files(&root.join(folder));
        assert!(files.len() > 5, "found hardly any source below {folder}");
        for path in files {
            let text = std::fs::read_to_string(&path).expect("a source file");
            let file = path.strip_prefix(root).expect("a file of this package");
            found.extend(check(
                &file.to_string_lossy().replace('\\', "/"),
                &without_comments_and_strings(&text),
            ));
        }
    }
    assert!(found.is_empty(), "the map of ARCHITECTURE.md does not allow:\n{}", found.join("\n"));
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a source folder") {
        let path = entry.expect("an entry of a source folder").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// A crate's layers, and the name of a file within the crate.
fn crate_of(file: &str) -> (Layers, &str) {
    let found = ARROWS.iter().find_map(|(folder, layers)| Some((*layers, file.strip_prefix(folder)?)));
    found.unwrap_or_else(|| panic!("{file} is in no crate"))
}

/// Every use of another layer that the table does not allow, as `file:line: from → to`.
fn forbidden_arrows(file: &str, code: &str) -> Vec<String> {
    let (layers, within) = crate_of(file);
    let from = match within.split_once('/') {
        Some((folder, _)) => folder,
        None if ["lib.rs", "main.rs"].contains(&within) => "main",
        None => within.trim_end_matches(".rs"),
    };
    let allowed = layers.iter().find(|(layer, _)| *layer == from).map_or(&[][..], |(_, allowed)| *allowed);
    let is_layer = |name: &str| name != "main" && layers.iter().any(|(layer, _)| *layer == name);
    let tokens = tokens_of(code);
    let mut found = BTreeSet::new();
    for at in 0..tokens.len() {
        if from == "api" && tokens[at].1 == "tfplugin" {
            let heads =
                heads_of_path(&tokens, at + 2).into_iter().filter(|it| !OF_TFPLUGIN_IN_API.contains(&it.1));
            found.extend(
                heads.map(|(line, name)| (line, format!("{file}:{line}: {from} → tfplugin::{name}"))),
            );
        }
        let Some(after_root) = after_crate_root(&tokens, at, depth_of(within)) else { continue };
        for (line, name) in heads_of_path(&tokens, after_root) {
            if is_layer(name) && name != from && !allowed.contains(&name) {
                found.insert((line, format!("{file}:{line}: {from} → {name}")));
            }
        }
    }
    found.into_iter().map(|(_, text)| text).collect()
}

/// Every use of a part of the provider that [`FLOORS`] does not allow, as `file:line: from → to`.
fn forbidden_floors(file: &str, code: &str) -> Vec<String> {
    // Tests of the life cycles play with a vendor's.
    if file.ends_with("tests.rs") {
        return Vec::new();
    }
    let part = file.strip_prefix("src/provider/").and_then(|it| it.split(['/', '.']).next());
    let Some((from, forbidden)) = FLOORS.iter().find(|(from, _)| part == Some(from)) else {
        return Vec::new();
    };
    let tokens = tokens_of(code);
    let heads = (0..tokens.len()).filter_map(|at| {
        let after = after_crate_root(&tokens, at, depth_of(crate_of(file).1) - 1)?;
        let is_from_root = tokens[at].1 != "super";
        let names_provider = tokens.get(after).is_some_and(|it| it.1 == "provider");
        match (is_from_root, names_provider) {
            (true, true) => Some(heads_of_path(&tokens, after + 2)),
            (true, false) => None,
            (false, _) => Some(heads_of_path(&tokens, after)),
        }
    });
    let found = heads.flatten().filter(|(_, name)| forbidden.contains(name));
    found.map(|(line, name)| format!("{file}:{line}: {from} → {name}")).collect()
}

/// How many `super` lead from the module of a file within a crate to its root.
fn depth_of(file: &str) -> usize {
    let folders = file.matches('/').count();
    if file.ends_with("/mod.rs") || folders == 0 { folders } else { folders + 1 }
}

/// If a path that starts at the crate's root begins at token `at`, the position of its first name.
/// `super` repeated reaches the root too; a module inside the file needs one more, hence "at least".
fn after_crate_root(tokens: &[(usize, &str)], at: usize, depth: usize) -> Option<usize> {
    let is_path_start = at == 0 || tokens[at - 1].1 != "::";
    match tokens[at].1 {
        "crate" | "terraform_provider_novita" if is_path_start => {
            (tokens.get(at + 1)?.1 == "::").then_some(at + 2)
        }
        "super" if is_path_start => {
            let mut next = at;
            while tokens.get(next)?.1 == "super" && tokens.get(next + 1)?.1 == "::" {
                next += 2;
            }
            ((next - at) / 2 >= depth).then_some(next)
        }
        _ => None,
    }
}

/// The first names of a path, or of each path of a `{…}` group, with their lines.
fn heads_of_path<'a>(tokens: &[(usize, &'a str)], start: usize) -> Vec<(usize, &'a str)> {
    let Some(&first) = tokens.get(start) else { return Vec::new() };
    if first.1 != "{" {
        return vec![first];
    }
    let mut heads = Vec::new();
    let (mut nesting, mut at_head) = (1, true);
    for &(line, text) in &tokens[start + 1..] {
        match text {
            "{" => nesting += 1,
            "}" => nesting -= 1,
            "," if nesting == 1 => at_head = true,
            _ if at_head && nesting == 1 => {
                heads.push((line, text));
                at_head = false;
            }
            _ => {}
        }
        if nesting == 0 {
            break;
        }
    }
    heads
}

fn misplaced_names(file: &str, code: &str) -> Vec<String> {
    let tokens = tokens_of(code);
    let mut found = Vec::new();
    for (name, homes, reason) in HOMES {
        if homes.iter().any(|home| file.starts_with(home)) {
            continue;
        }
        let uses = tokens.iter().filter(|(_, text)| *text == name);
        found.extend(uses.map(|(line, _)| format!("{file}:{line}: names {name}, but {reason}")));
    }
    found
}

fn impure_names(file: &str, code: &str) -> Vec<String> {
    let used = |name: &&&str| code.contains(**name);
    IMPURE.iter().filter(used).map(|name| format!("{file}: the framework uses {name}")).collect()
}
