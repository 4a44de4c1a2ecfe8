//! Folders of this machine: where `make install` puts the program, and development overrides.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use super::requires;
use super::shelf::VERSION;
use crate::cli::{Cli, Workspace};

const PROGRAM: &str = env!("CARGO_BIN_EXE_terraform-provider-novita");
/// Where `make install` keeps what is not finished.
const UNFINISHED: &str = ".terraform.d/plugins/.unfinished";

const VM: &str = "resource \"novacloud_vm\" \"one\" {\n  node = \"vm02\"\n  gpu_type = \"5090\"\n  gpu_count = 1\n  \
                  storage_gb = 120\n  template_vmid = 101\n}\n";

#[test]
fn what_make_install_installs_is_found_by_init() {
    for cli in Cli::all() {
        for name in package::NAMES {
            let workspace = Workspace::new(&cli, &requires(name, &format!("novita/{name}")));
            workspace.configure_cli("");
            // Twice: a program can be installed over an older one.
            for _ in 0..2 {
                installed(&workspace.home());
            }
            workspace.init().succeeded().says(&[&format!("Installed novita/{name} v{VERSION}")]);
            workspace.run(&["providers", "schema", "-json"]).succeeded().says(&["novacloud_vm"]);
        }
    }
}

#[test]
fn what_make_install_says_to_write_is_a_configuration() {
    let home = tempfile::tempdir().unwrap();
    let text = installed(home.path());
    let (_, hcl) = text.split_once("\n\n").unwrap();
    let (hcl, _) = hcl.split_once("\n\n").unwrap();
    for cli in Cli::all() {
        let workspace = Workspace::new(&cli, hcl);
        workspace.run(&["validate", "-no-color"]).succeeded();
        workspace.run(&["fmt", "-check", "-no-color"]).succeeded();
    }
}

#[test]
fn an_installation_that_is_killed_leaves_no_folder_without_a_whole_program() {
    let home = tempfile::tempdir().unwrap();
    let (home, killer) = (home.path(), killing_copier());
    assert!(!install(home, Some(&killer)).status.success());
    assert!(sizes(home).is_empty());
    installed(home);
    let whole = std::fs::metadata(PROGRAM).unwrap().len();
    assert_eq!(sizes(home), [whole; 4]);
    assert!(!install(home, Some(&killer)).status.success());
    assert_eq!(sizes(home), [whole; 4]);
    assert!(home.join(UNFINISHED).exists(), "it was killed while copying");
    installed(home);
    assert!(!home.join(UNFINISHED).exists(), "the next installation removes it");
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

/// Runs what is behind `make install` for the user of this home, and returns what it says.
fn installed(home: &Path) -> String {
    let output = install(home, None);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same, whatever comes of it; with `tools` before everything else on the `PATH`.
fn install(home: &Path, tools: Option<&TempDir>) -> Output {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = tools.map(|it| it.path().to_owned()).into_iter().chain(std::env::split_paths(&path));
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/install"));
    command.arg(PROGRAM).env("HOME", home).env("PATH", std::env::join_paths(folders).unwrap());
    command.output().unwrap()
}

/// A `cp` that writes a part of the file and then kills whoever has called it.
fn killing_copier() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("cp");
    std::fs::write(&program, "#!/bin/sh\necho part > \"$2\"\nkill -KILL $PPID\n").unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    folder
}

/// The size of the program in each folder in which a CLI looks for one; none is 0.
fn sizes(home: &Path) -> Vec<u64> {
    let of = |folder: PathBuf| below(&folder).iter().map(|it| it.metadata().unwrap().len()).sum();
    let mut folders = vec![home.join(".terraform.d/plugins")];
    for _ in ["registry", "owner", "name", "version", "platform"] {
        folders = folders.iter().flat_map(|it| below(it)).collect();
    }
    folders.into_iter().map(of).collect()
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}
