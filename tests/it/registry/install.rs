//! A good release is installed and works.

use super::server::Registry;
use super::shelf::{MAINTAINER, SIGNED, Shelf, VERSION};
use super::{requires, workspace};
use crate::cli::{Cli, Workspace};

#[test]
fn init_installs_a_signed_release_that_then_works() {
    let registry = Registry::start(SIGNED.as_registry(&MAINTAINER));
    for cli in Cli::all() {
        let workspace = workspace(&cli, &registry);
        let signed = format!("key ID {}", MAINTAINER.id);
        let installed = format!("Installed novita/novita v{VERSION}");
        workspace.init().succeeded().says(&[&installed, &signed]);
        assert!(!workspace.installed().is_empty(), "what is installed was looked for in the wrong place");
        workspace.run(&["validate", "-no-color"]).succeeded().says(&["Success!"]);
    }
}

#[test]
fn the_second_address_needs_no_provider_argument() {
    let registry = Registry::start(SIGNED.as_registry(&MAINTAINER));
    for cli in Cli::all() {
        let workspace = workspace(&cli, &registry);
        let vm = "resource \"novacloud_vm\" \"one\" {\n  node = \"vm02\"\n  gpu_type = \"5090\"\n  gpu_count = 1\n  \
                  storage_gb = 120\n  template_vmid = 101\n}\n";
        workspace.write("main.tf", &format!("{}{vm}", requires("novacloud", "novita/novacloud")));
        workspace.init().succeeded().says(&[&format!("Installed novita/novacloud v{VERSION}")]);
        workspace.run(&["validate", "-no-color"]).succeeded().says(&["Success!"]);
        // Clients that know one prefix for each provider refuse a program with two.
        let schema = workspace.run(&["providers", "schema", "-json"]).succeeded();
        assert!(!schema.json().to_string().contains("\"novita_"), "a type of the other prefix is served");
    }
}

#[test]
fn lock_writes_the_hash_that_init_then_accepts() {
    let registry = Registry::start(SIGNED.as_registry(&MAINTAINER));
    for cli in Cli::all() {
        let workspace = workspace(&cli, &registry);
        let platform = format!("-platform={}", SIGNED.platform());
        workspace.run(&["providers", "lock", "-no-color", &platform]).succeeded();
        let locked = hashes(&workspace);
        assert!(locked.iter().any(|it| it.starts_with("h1:")), "{locked:?}");
        assert!(locked.iter().any(|it| it.starts_with("zh:")), "{locked:?}");
        workspace.run(&["init", "-no-color", "-lockfile=readonly"]).succeeded();
    }
}

#[test]
fn another_program_under_a_locked_version_is_refused() {
    let registry = Registry::start(SIGNED.as_registry(&MAINTAINER));
    let changed = Registry::start(Shelf::small(true).as_registry(&MAINTAINER));
    for cli in Cli::all() {
        let first = workspace(&cli, &registry);
        first.init().succeeded();
        let lock = std::fs::read_to_string(first.directory().join(".terraform.lock.hcl")).unwrap();
        let second = workspace(&cli, &changed);
        second.write(".terraform.lock.hcl", &lock);
        second.init().failed().says(&["checksums"]);
    }
}

/// The hashes in the lock file.
pub(super) fn hashes(workspace: &Workspace) -> Vec<String> {
    let text =
        std::fs::read_to_string(workspace.directory().join(".terraform.lock.hcl")).expect("a lock file");
    let quoted = text.lines().filter_map(|line| line.trim().strip_prefix('"'));
    quoted.filter_map(|line| Some(line.split_once('"')?.0.to_owned())).collect()
}
