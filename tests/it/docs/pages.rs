//! The pages of `docs/` that `tfplugindocs` writes from the schema and from `examples/`. `make docs` runs these tests
//! with `UPDATE_EXPECT=1`, which writes the pages instead of comparing them.
//!
//! The schema is the one that the newest Terraform prints: no other CLI tells actions and list resources.
//!
//! The tool insists on types that begin with the provider's name, so each prefix has a run of its own on the
//! part of the schema that fits, and the pages are put together here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use serde_json::{Value, json};

use super::{entries, file, name_of, provider, read, schema};
use crate::cli::{Cli, Workspace};

/// The name that the pages show, and the prefix of the types whose pages are named without it.
const NAME: &str = "novita";
const PREFIXES: [&str; 2] = [NAME, "novacloud"];

/// The parts of the schema that have a page for each of their types, with the folders of these pages, which hold nothing
/// else.
const PARTS: [(&str, &str); 5] = [
    ("resource_schemas", "resources"),
    ("data_source_schemas", "data-sources"),
    ("ephemeral_resource_schemas", "ephemeral-resources"),
    ("list_resource_schemas", "list-resources"),
    ("action_schemas", "actions"),
];

/// The part of the schema that says by what resources are imported, which stands on their own pages.
const IDENTITIES: &str = "resource_identity_schemas";

#[test]
fn the_pages_are_what_tfplugindocs_makes_of_schema_and_examples() {
    let (kept, fresh) = (pages(&docs()), generate(&whole_schema()));
    let of = |name| (kept.get(name), fresh.get(name));
    let names: BTreeSet<_> = kept.keys().chain(fresh.keys()).collect();
    let stale: Vec<_> = names.into_iter().filter(|name| of(*name).0 != of(*name).1).collect();
    assert!(stale.is_empty(), "run `make docs` and commit what it writes; stale: {stale:?}");
}

/// So the pages are true for all of them.
#[test]
fn each_cli_prints_the_same_schema_of_what_it_knows() {
    let whole = whole_schema();
    for cli in Cli::all() {
        for (part, schemas) in schema(&cli).as_object().expect("the parts of the schema") {
            assert_eq!(*schemas, whole[part], "{cli:?}: {part}");
        }
    }
}

#[test]
fn tfplugindocs_validates_pages_and_guides() {
    docs();
    let temporary = tempfile::tempdir().expect("a temporary directory");
    let path = temporary.path().join("schema.json");
    write_schema(&path, NAME, &whole_schema());
    let root = file("");
    let output = tfplugindocs(&["validate", "--provider-name", NAME], &root, &path);
    for (name, _) in pages(&docs()) {
        let checked = format!("running file checks on docs/{name}");
        assert!(output.contains(&checked), "it has looked at {name}:\n{output}");
    }
}

#[test]
fn each_type_has_a_page_with_an_example() {
    let schema = whole_schema();
    for (part, folder) in PARTS {
        let types = schema[part].as_object().expect("types");
        assert!(!types.is_empty(), "{part}");
        for name in types.keys() {
            let text = read(&docs().join(format!("{folder}/{}.md", page_of(name))));
            assert!(text.contains("## Example Usage"), "the page of {name} in {folder} has no example");
        }
    }
}

#[test]
fn each_resource_page_tells_how_to_import_and_how_long_it_takes() {
    for path in entries(&docs().join("resources")) {
        let text = read(&path);
        for part in
            ["\nterraform import ", "\n  id = ", "\n  identity = {", "### Nested Schema for `timeouts`"]
        {
            assert!(text.contains(part), "{} lacks {:?}", name_of(&path), part.trim());
        }
    }
}

/// Machines are used in many ways, and their pages show some.
#[test]
fn the_page_of_a_machine_has_several_titled_examples() {
    for (page, least) in [("gpu_instance", 6), ("endpoint", 3), ("novacloud_vm", 5)] {
        let text = read(&docs().join(format!("resources/{page}.md")));
        let (_, examples) = text.split_once("## Example Usage").expect("examples");
        let examples = examples.split("<!-- schema").next().unwrap_or_default();
        let titles = examples.lines().filter(|it| it.starts_with("### ")).count();
        assert_eq!(titles, examples.matches("```terraform").count(), "{page}: each example has a title");
        assert!(titles >= least, "{page} has {titles} examples");
    }
}

#[test]
fn each_import_block_of_the_pages_is_valid() {
    for cli in Cli::all() {
        for folder in entries(&file("examples/resources")) {
            let workspace = Workspace::new(&cli, &provider());
            workspace.write("resource.tf", &read(&folder.join("resource.tf")));
            for import in ["import-by-string-id.tf", "import-by-identity.tf"] {
                if import.contains("identity") && !cli.keeps_identities {
                    continue;
                }
                workspace.write("import.tf", &read(&folder.join(import)));
                workspace.run(&["validate", "-no-color"]).succeeded();
            }
        }
    }
}

#[test]
fn nothing_in_the_lists_of_a_page_is_without_a_description() {
    let mute: Vec<_> = pages(&docs()).into_iter().flat_map(|(name, text)| mute(&name, &text)).collect();
    assert!(mute.is_empty(), "without a description:\n{}", mute.join("\n"));
    assert_eq!(
        mute_lines("- `a` (Set of Object, Sensitive)\n- `b` (String) What it is.\n"),
        ["- `a` (Set of Object, Sensitive)"]
    );
}

fn mute(name: &str, text: &str) -> Vec<String> {
    mute_lines(text).into_iter().map(|line| format!("{name}: {line}")).collect()
}

/// The lines about an attribute that say no more than its name and type.
fn mute_lines(text: &str) -> Vec<&str> {
    let (_, lists) = text.split_once("## Schema").unwrap_or(("", text));
    let lines = lists.lines().filter(|it| it.starts_with("- `"));
    lines
        .filter(|it| !it.split_once(") ").is_some_and(|(_, text)| text.contains(". ") || text.ends_with('.')))
        .collect()
}

/// The folder of the pages, which are written anew before the first test looks at them when that is asked for.
pub(super) fn docs() -> PathBuf {
    static WRITTEN: Once = Once::new();
    let docs = file("docs");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        WRITTEN.call_once(|| write(&docs, &generate(&whole_schema())));
    }
    docs
}

/// The name of a type's page, as registry and tool expect it.
fn page_of(name: &str) -> &str {
    name.strip_prefix("novita_").unwrap_or(name)
}

/// The whole schema.
///
/// # Panics
/// Without a Terraform that prints all of it: nothing could be compared, and a test that compares nothing must not pass.
pub(super) fn whole_schema() -> Value {
    let newest = Cli::newest();
    let cli =
        newest.first().expect("the pages need Terraform 1.16 or newer: run `make tools`, which builds it");
    schema(cli)
}

/// Every page as the tool writes it now, by its path below `docs/`.
fn generate(schema: &Value) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for prefix in PREFIXES {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        for folder in ["examples", "templates"] {
            copy(&file(folder), &temporary.path().join(folder));
        }
        let path = temporary.path().join("schema.json");
        write_schema(&path, prefix, &of_prefix(schema, prefix));
        let arguments = ["generate", "--provider-name", prefix, "--rendered-provider-name", NAME];
        tfplugindocs(&arguments, temporary.path(), &path);
        for (name, text) in pages(&temporary.path().join("docs")) {
            match name.split_once('/') {
                Some((folder, page)) if prefix != NAME => {
                    all.insert(format!("{folder}/{prefix}_{page}"), text)
                }
                // The page of the provider itself comes from the first run.
                None if prefix != NAME => None,
                _ => all.insert(name, text),
            };
        }
    }
    all
}

/// The schema without the types of other prefixes.
fn of_prefix(schema: &Value, prefix: &str) -> Value {
    let mut schema = schema.clone();
    for part in PARTS.map(|(part, _)| part).into_iter().chain([IDENTITIES]) {
        let types = schema[part].as_object_mut().expect("types");
        types.retain(|name, _| name.starts_with(&format!("{prefix}_")));
    }
    schema
}

/// Writes what `providers schema -json` would say about a provider of this name.
fn write_schema(path: &Path, name: &str, schema: &Value) {
    let schemas = json!({"format_version": "1.0", "provider_schemas": {name: schema}});
    std::fs::write(path, schemas.to_string()).expect("the schema is written");
}

/// Runs the tool that `make tools` builds, and fails the test when it fails. Returns what it said.
fn tfplugindocs(arguments: &[&str], folder: &Path, schema: &Path) -> String {
    let tool = file("tools/bin/tfplugindocs");
    assert!(tool.is_file(), "tfplugindocs is missing: run `make tools`, which builds it with Go");
    let mut command = Command::new(tool);
    command.args(arguments).arg("--provider-dir").arg(folder).arg("--providers-schema").arg(schema);
    let output = command.output().expect("tfplugindocs runs");
    let said = [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
    assert!(output.status.success(), "tfplugindocs {}\n{said}", arguments.join(" "));
    said
}

/// The pages of the tool below a folder, by their path in it: the guides are no such pages.
pub(super) fn pages(docs: &Path) -> BTreeMap<String, String> {
    let files = PARTS
        .iter()
        .flat_map(|(_, it)| entries(&docs.join(it)))
        .chain(std::iter::once(docs.join("index.md")));
    files.filter(|it| it.is_file()).map(|it| (below(docs, &it), read(&it))).collect()
}

fn below(docs: &Path, path: &Path) -> String {
    path.strip_prefix(docs).expect("a page").to_string_lossy().replace('\\', "/")
}

/// Puts these pages in the place of those that are there.
fn write(docs: &Path, fresh: &BTreeMap<String, String>) {
    for stale in pages(docs).keys().filter(|it| !fresh.contains_key(*it)) {
        std::fs::remove_file(docs.join(stale)).expect("a page is removed");
    }
    for (name, text) in fresh {
        let path = docs.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of a page");
        std::fs::write(path, text).expect("a page is written");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for path in entries(from) {
        let target: PathBuf = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("a copy");
        }
    }
}
