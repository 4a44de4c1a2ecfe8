//! The list of what is inside the program: a software bill of materials in the form of CycloneDX.
//!
//! What the program is built from is asked of cargo, for all platforms at once as there is one list per
//! release; the checksums are those of the lock file. Packages that only tests and helpers need are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use semver::Version;
use serde_json::{Value, json};

use crate::{Problem, Result};

/// The package that the program is built from.
const ROOT: &str = "terraform-provider-novita";

/// The list for the program released as `name`, as the text of a JSON file.
pub fn list(root: &Path, name: &str, version: &Version, time: Timestamp) -> Result<String> {
    let metadata = metadata(root)?;
    let sums = checksums(root)?;
    let packages = needed(&metadata)?;
    let of_program = format!("terraform-provider-{name}@{version}");
    let reference =
        |id: &str| packages.get(id).map(|it| if it.is_root { of_program.clone() } else { purl(it) });
    let components: Vec<Value> =
        packages.values().filter(|it| !it.is_root).map(|it| component(it, &sums)).collect();
    let dependencies: Vec<Value> = packages
        .iter()
        .map(|(id, it)| {
            let on: BTreeSet<String> = it.needs.iter().filter_map(|id| reference(id)).collect();
            json!({ "ref": reference(id), "dependsOn": on })
        })
        .collect();
    let bill = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": time.to_string(),
            "component": {
                "type": "application",
                "bom-ref": of_program,
                "name": format!("terraform-provider-{name}"),
                "version": version.to_string(),
                "licenses": [{ "expression": "MPL-2.0" }],
            },
        },
        "components": components,
        "dependencies": dependencies,
    });
    serde_json::to_string_pretty(&bill).map(|it| it + "\n").map_err(Problem::while_doing("the list of parts"))
}

/// A package that the program is built from.
struct Package {
    name: String,
    version: String,
    licence: String,
    is_root: bool,
    /// Whether it is part of this tree.
    is_own: bool,
    /// The ids of those it needs itself.
    needs: Vec<String>,
}

/// Everything that the root package reaches without going through what only tests need, by id.
fn needed(metadata: &Value) -> Result<BTreeMap<String, Package>> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let array = |it: &Value| it.as_array().cloned().unwrap_or_default();
    let by_id = |list: &Value| -> BTreeMap<String, Value> {
        array(list).into_iter().map(|it| (text(&it["id"]), it)).collect()
    };
    let (packages, nodes) = (by_id(&metadata["packages"]), by_id(&metadata["resolve"]["nodes"]));
    let root = packages.iter().find(|(_, it)| it["name"] == ROOT).map(|(id, _)| id.clone());
    let root = root.ok_or_else(|| Problem::new(format!("cargo metadata does not know {ROOT}")))?;
    let mut found = BTreeMap::new();
    let mut left = vec![root.clone()];
    while let Some(id) = left.pop() {
        let (Some(package), false) = (packages.get(&id), found.contains_key(&id)) else { continue };
        let is_test = |it: &Value| array(&it["dep_kinds"]).iter().all(|kind| kind["kind"] == "dev");
        let dependencies = nodes.get(&id).map(|it| array(&it["deps"])).unwrap_or_default();
        let needs: Vec<String> =
            dependencies.iter().filter(|it| !is_test(it)).map(|it| text(&it["pkg"])).collect();
        left.extend(needs.iter().cloned());
        let package = Package {
            name: text(&package["name"]),
            version: text(&package["version"]),
            licence: text(&package["license"]).replace('/', " OR "),
            is_root: id == root,
            is_own: package["source"].is_null(),
            needs,
        };
        found.insert(id, package);
    }
    Ok(found)
}

fn component(it: &Package, sums: &BTreeMap<(String, String), String>) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": purl(it),
        "name": it.name,
        "version": it.version,
        "licenses": [{ "expression": it.licence }],
    });
    if !it.is_own {
        component["purl"] = json!(purl(it));
    }
    if let Some(sum) = sums.get(&(it.name.clone(), it.version.clone())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    component
}

fn purl(it: &Package) -> String {
    format!("pkg:cargo/{}@{}", it.name, it.version)
}

fn metadata(root: &Path) -> Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()
        .map_err(Problem::while_doing("cannot run cargo metadata"))?;
    if !output.status.success() {
        return Err(Problem::new(format!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    serde_json::from_slice(&output.stdout).map_err(Problem::while_doing("cargo metadata is not JSON"))
}

/// The checksums of the lock file by name and version.
fn checksums(root: &Path) -> Result<BTreeMap<(String, String), String>> {
    let text =
        std::fs::read_to_string(root.join("Cargo.lock")).map_err(Problem::while_doing("Cargo.lock"))?;
    let lock: toml::Table = text.parse().map_err(Problem::while_doing("Cargo.lock"))?;
    let packages = lock.get("package").and_then(toml::Value::as_array).cloned().unwrap_or_default();
    let of = |it: &toml::Value, key: &str| it.get(key)?.as_str().map(str::to_owned);
    let sum = |it: &toml::Value| Some(((of(it, "name")?, of(it, "version")?), of(it, "checksum")?));
    Ok(packages.iter().filter_map(sum).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill() -> Value {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let text = list(&root, "novita", &Version::new(1, 2, 3), Timestamp::UNIX_EPOCH).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn every_part_has_a_name_a_licence_and_a_checksum() {
        let bill = bill();
        let components = bill["components"].as_array().unwrap();
        assert!(components.len() > 80);
        for it in components {
            assert!(it["licenses"][0]["expression"].as_str().is_some_and(|it| !it.is_empty()), "{it}");
            let is_ours = it["name"].as_str().is_some_and(|it| it.starts_with("tfplugin"));
            assert!(is_ours || it["hashes"][0]["content"].is_string(), "{it}");
        }
    }

    #[test]
    fn what_only_tests_and_helpers_need_is_no_part() {
        let bill = bill();
        let names: Vec<_> = bill["components"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
        assert!(names.iter().any(|it| *it == "rustls") && names.iter().any(|it| *it == "tfplugin-derive"));
        for absent in
            ["expect-test", "mock-cloud", "pgp", "package", "proto-gen", "rsa", "terraform-provider-novita"]
        {
            assert!(!names.iter().any(|it| *it == absent), "{absent}");
        }
    }

    #[test]
    fn dependencies_name_parts_that_are_there() {
        let bill = bill();
        let dependencies = bill["dependencies"].as_array().unwrap();
        let known: BTreeSet<_> = dependencies.iter().filter_map(|it| it["ref"].as_str()).collect();
        assert!(known.contains("terraform-provider-novita@1.2.3"));
        for it in dependencies.iter().flat_map(|it| it["dependsOn"].as_array().unwrap()) {
            assert!(known.contains(it.as_str().unwrap()), "{it}");
        }
    }
}
