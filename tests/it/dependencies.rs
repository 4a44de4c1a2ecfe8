//! What a dependency may be: the lists of `deny.toml`, checked without cargo-deny and without the network.
//!
//! Sources and names are read from the lock files, licences from what cargo knows of the packages that this
//! platform needs. cargo-deny (`make deny`) looks at those of all platforms.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn text_of(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The texts in quotes that follow `before` on lines of a list of `deny.toml`.
fn listed(list: &str, before: &str) -> BTreeSet<String> {
    let text = text_of("deny.toml");
    let lines = text.lines().skip_while(|line| *line != format!("{list} = [")).skip(1);
    let lines = lines.take_while(|line| *line != "]").filter_map(|line| line.trim().strip_prefix(before));
    let found: BTreeSet<_> = lines.filter_map(|line| Some(line.split_once('"')?.0.to_owned())).collect();
    assert!(found.len() > 4, "deny.toml has hardly anything in its list {list}");
    found
}

/// The packages of a lock file: name, source, and whether it holds a checksum.
fn locked(file: &str) -> Vec<(String, Option<String>, bool)> {
    let text = text_of(file);
    let value = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
        line.map(|it| it.trim_end_matches('"').to_owned())
    };
    let packages = text.split("[[package]]").skip(1);
    packages
        .map(|it| {
            let name = value(it, "name").unwrap_or_default();
            (name, value(it, "source"), value(it, "checksum").is_some())
        })
        .collect()
}

#[test]
fn everything_comes_from_the_registry_with_a_checksum() {
    for file in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let packages = locked(file);
        assert!(packages.len() > 100, "{file} was not understood");
        let own = packages.iter().filter(|(_, source, _)| source.is_none()).count();
        assert!(own <= 9, "{file} has {own} packages without a source");
        for (name, source, has_checksum) in packages {
            let Some(source) = source else { continue };
            assert!(source == REGISTRY && has_checksum, "{file}: {name} comes from {source}");
        }
    }
}

#[test]
fn no_banned_crate_is_among_the_dependencies() {
    let banned = listed("deny", "{ crate = \"");
    assert!(banned.contains("openssl"));
    for file in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let names = locked(file).into_iter().map(|(name, ..)| name);
        let found: Vec<_> = names.filter(|it| banned.contains(it)).collect();
        assert!(found.is_empty(), "{file} holds banned crates: {found:?}");
    }
}

#[test]
fn every_licence_is_an_allowed_one() {
    let allowed = listed("allow", "\"");
    let refused: Vec<_> = licences()
        .into_iter()
        .filter(|(_, licence)| !is_allowed(licence, &allowed))
        .map(|(name, licence)| format!("{name}: {licence:?}"))
        .collect();
    assert!(refused.is_empty(), "licences that deny.toml does not allow: {refused:#?}");
}

/// Name and licence of every package that is needed on this platform.
fn licences() -> Vec<(String, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc");
    let version = String::from_utf8_lossy(&rustc.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline", "--filter-platform", host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "run `cargo fetch --locked` once, then again: {told}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON from cargo");
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100);
    packages.iter().map(|it| (text(&it["name"]), text(&it["license"]))).collect()
}

/// Whether an SPDX expression is met by allowed licences alone. `A/B` is an old way to write `A OR B`.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any(&tokens, &mut at, allowed);
    met && at == tokens.len()
}

fn any(tokens: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = all(tokens, at, allowed);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all(tokens, at, allowed);
    }
    met
}

fn all(tokens: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let mut met = one(tokens, at, allowed);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(tokens, at, allowed);
    }
    met
}

fn one(tokens: &[&str], at: &mut usize, allowed: &BTreeSet<String>) -> bool {
    let Some(token) = tokens.get(*at) else { return false };
    *at += 1;
    if *token == "(" {
        let met = any(tokens, at, allowed);
        *at += 1;
        return met;
    }
    let mut name = (*token).to_owned();
    if tokens.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", tokens.get(*at + 1).copied().unwrap_or_default());
        *at += 2;
    }
    allowed.contains(&name)
}

#[test]
fn a_licence_expression_is_read_as_spdx_means_it() {
    let allowed = BTreeSet::from(["MIT", "ISC", "Apache-2.0"].map(str::to_owned));
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("", false),
        ("MIT OR GPL-3.0-only", true),
        ("GPL-3.0-only/MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("MIT AND ISC", true),
        ("(MIT OR GPL-3.0-only) AND ISC", true),
        ("(MIT OR ISC) AND GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT AND ISC", true),
        ("Apache-2.0 WITH LLVM-exception", false),
        ("Apache-2.0 WITH LLVM-exception OR MIT", true),
        ("MIT ISC", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}
