//! Real CLIs, each with a folder that holds a configuration, and the provider where the CLI looks for it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The CLIs that `make tools` builds, and those that the environment or the `PATH` name.
pub fn clis() -> Vec<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/bin");
    let path = env::split_paths(&env::var_os("PATH").unwrap_or_default())
        .flat_map(|it| ["terraform", "tofu"].map(|name| it.join(name)))
        .collect::<Vec<_>>();
    let named = ["TERRAFORM", "TOFU"].into_iter().filter_map(env::var_os).map(PathBuf::from);
    let mut found: Vec<_> =
        ["terraform", "tofu"].map(|it| built.join(it)).into_iter().chain(named).chain(path).collect();
    found.retain(|it| it.is_file());
    found.dedup();
    assert!(!found.is_empty(), "there is no Terraform and no OpenTofu: `make tools` builds both");
    found
}

/// The example of this name, as cargo has built it for the tests.
pub fn example(name: &str) -> PathBuf {
    env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples").join(name)
}

pub struct Workspace<'c> {
    cli: &'c Path,
    folder: tempfile::TempDir,
    required: String,
}

impl<'c> Workspace<'c> {
    /// For the provider `example/NAME`, which is this program.
    pub fn new(cli: &'c Path, name: &str, program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(program, folder.path().join(format!("terraform-provider-{name}"))).unwrap();
        let address = format!("example/{name}");
        let overrides = format!("{address:?} = {:?}", folder.path());
        let settings =
            format!("provider_installation {{\n dev_overrides {{\n {overrides}\n }}\n direct {{}}\n}}\n");
        fs::write(folder.path().join("cli.tfrc"), settings).unwrap();
        let required =
            format!("terraform {{\n required_providers {{\n {name} = {{ source = {address:?} }}\n }}\n}}\n");
        Self { cli, folder, required }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Configures this, beside the block that requires the provider.
    pub fn configure(&self, text: &str) -> &Self {
        fs::write(self.folder.path().join("main.tf"), self.required.clone() + text).unwrap();
        self
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.cli);
        let settings = self.folder.path().join("cli.tfrc");
        command.args(arguments).current_dir(&self.folder).env("TF_CLI_CONFIG_FILE", settings);
        command.env("CHECKPOINT_DISABLE", "1").output().unwrap()
    }

    /// What it said, which succeeded.
    #[track_caller]
    pub fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {said}", self.cli.display());
        said.into_owned()
    }

    /// A plan of which nothing is to be done.
    #[track_caller]
    pub fn is_settled(&self) {
        self.succeeds(&["plan", "-no-color", "-detailed-exitcode"]);
    }
}
