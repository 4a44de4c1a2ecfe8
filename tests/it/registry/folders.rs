//! Folders of this machine: where `make install` puts the program, and development overrides.

use std::path::Path;

use package::platform::Platform;
use package::{install, version};

use super::requires;
use super::shelf::VERSION;
use crate::cli::{Cli, Workspace};

const PROGRAM: &str = env!("CARGO_BIN_EXE_terraform-provider-novita");

const VM: &str = "resource \"novacloud_vm\" \"one\" {\n  node = \"vm02\"\n  gpu_type = \"5090\"\n  gpu_count = 1\n  \
                  storage_gb = 120\n  template_vmid = 101\n}\n";

#[test]
fn what_make_install_installs_is_found_by_init() {
    for cli in Cli::all() {
        for name in package::NAMES {
            let workspace = Workspace::new(&cli, &requires(name, &format!("novita/{name}")));
            workspace.configure_cli("");
            let plugins = workspace.home().join(".terraform.d/plugins");
            let version = version::parse(VERSION).unwrap();
            let platform = Platform::of_this_machine().unwrap();
            // Twice: a program can be installed over an older one.
            for _ in 0..2 {
                install::into(&plugins, Path::new(PROGRAM), &version, &platform).unwrap();
            }
            workspace.init().succeeded().says(&[&format!("Installed novita/{name} v{VERSION}")]);
            workspace.run(&["providers", "schema", "-json"]).succeeded().says(&["novacloud_vm"]);
        }
    }
}

#[test]
fn what_make_install_says_to_write_is_a_configuration() {
    let version = version::parse(VERSION).unwrap();
    let text = install::how_to_use(Path::new("plugins"), &version);
    let (_, hcl) = text.split_once("\n\n").unwrap();
    let (hcl, _) = hcl.split_once("\n\n").unwrap();
    for cli in Cli::all() {
        let workspace = Workspace::new(&cli, hcl);
        workspace.run(&["validate", "-no-color"]).succeeded();
        workspace.run(&["fmt", "-check", "-no-color"]).succeeded();
    }
}

#[test]
fn development_overrides_work_for_the_second_address() {
    for cli in Cli::all() {
        let workspace = Workspace::new(&cli, &format!("{}{VM}", requires("novacloud", "novita/novacloud")));
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(PROGRAM, folder.path().join("terraform-provider-novacloud")).unwrap();
        workspace.configure_cli(&format!(
            "provider_installation {{\n  dev_overrides {{\n    \"novita/novacloud\" = \"{}\"\n  }}\n  direct {{}}\n}}\n",
            folder.path().display()
        ));
        workspace.run(&["validate", "-no-color"]).succeeded().says(&["novita/novacloud in", "Success!"]);
    }
}
