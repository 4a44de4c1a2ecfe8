//! The real CLIs of this machine: finds them and knows what they are called. Runs nothing but their `version`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::arguments::Arguments;
use crate::failure::{Result, failed};

/// A program that drives providers.
#[derive(Clone, Debug)]
pub(crate) struct Cli {
    /// `terraform` or `tofu`.
    pub(crate) name: String,
    pub(crate) program: PathBuf,
}

impl Cli {
    /// The CLIs that the arguments name: `$TERRAFORM` and `$TOFU`, what is on the `PATH`, or what
    /// `make tools` builds.
    pub(crate) fn chosen(arguments: &Arguments) -> Result<Vec<Self>> {
        arguments.clis.iter().map(|name| Self::find(name)).collect()
    }

    fn find(name: &str) -> Result<Self> {
        let of = |program| Ok(Self { name: name.to_owned(), program });
        if let Some(chosen) = std::env::var_os(name.to_uppercase()).filter(|it| !it.is_empty()) {
            return of(chosen.into());
        }
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/bin").join(name);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut places = std::env::split_paths(&path).map(|it| it.join(name)).chain([built]);
        match places.find(|it| it.is_file()) {
            Some(program) => of(program),
            None => failed(format!(
                "{name} is not here: run `make tools`, which builds it, or leave it out with --clis"
            )),
        }
    }

    /// The version that it tells.
    pub(crate) fn version(&self) -> String {
        // A configuration of the user's could add warnings to what is printed.
        let output = Command::new(&self.program).args(["version", "-json"]).env_clear().output();
        let told =
            output.ok().and_then(|it| serde_json::from_slice::<Value>(&it.stdout).ok()).unwrap_or_default();
        told["terraform_version"].as_str().unwrap_or("unknown").to_owned()
    }
}
