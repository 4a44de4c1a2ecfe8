//! The real CLI with this build of the provider, in a folder of its own.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::process::Command;

use crate::settings::Settings;

/// A folder with a configuration.
pub(crate) struct Workspace<'s> {
    settings: &'s Settings,
    folder: PathBuf,
}

/// A command that did not do what it should: what was run, and what it printed.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

impl<'s> Workspace<'s> {
    pub(crate) fn new(settings: &'s Settings, folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let folder = std::path::absolute(folder)?;
        // A CLI takes whatever it finds in the folder of an override, so there is nothing else in this one.
        let plugin = folder.join("plugin");
        std::fs::create_dir_all(&plugin)?;
        let name =
            settings.provider.file_name().ok_or_else(|| io::Error::other("the provider is no file"))?;
        std::fs::copy(&settings.provider, plugin.join(name))?;
        let config = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"novita/novita\" = {}\n  }}\n  direct {{}}\n}}\n",
            quoted(&plugin.to_string_lossy())
        );
        std::fs::write(folder.join("cli.tfrc"), config)?;
        Ok(Self { settings, folder })
    }

    pub(crate) fn configure(&self, text: &str) -> io::Result<()> {
        std::fs::write(self.folder.join("main.tf"), text)
    }

    pub(crate) async fn apply(&self) -> Result<(), Failure> {
        self.run(&["apply", "-input=false", "-no-color", "-auto-approve"]).await.map(|_| ())
    }

    pub(crate) async fn destroy(&self) -> Result<(), Failure> {
        self.run(&["destroy", "-input=false", "-no-color", "-auto-approve"]).await.map(|_| ())
    }

    /// Fails when there is anything to do.
    pub(crate) async fn nothing_to_do(&self) -> Result<(), Failure> {
        self.run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"]).await.map(|_| ())
    }

    /// An output of the configuration; null when it has none.
    pub(crate) async fn output(&self, name: &str) -> Result<Value, Failure> {
        let text = self.run(&["output", "-no-color", "-json"]).await?;
        let outputs: Value = serde_json::from_str(&text).map_err(|error| Failure(error.to_string()))?;
        Ok(outputs[name]["value"].clone())
    }

    /// Runs a command to its end, and returns what it printed. An interrupt at a terminal reaches the CLI by
    /// itself, which then ends in its own time.
    async fn run(&self, arguments: &[&str]) -> Result<String, Failure> {
        let mut command = Command::new(&self.settings.cli);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        // Settings of whoever runs this must not change what is tested.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TF_")) {
            command.env_remove(name);
        }
        command.env("TF_CLI_CONFIG_FILE", self.folder.join("cli.tfrc"));
        command.env("TF_IN_AUTOMATION", "1").env("CHECKPOINT_DISABLE", "1");
        let accounts = [("NOVITA", &self.settings.novita), ("NOVACLOUD", &self.settings.novacloud)];
        for (prefix, account) in accounts {
            let Some(account) = account else { continue };
            command.env(format!("{prefix}_API_KEY"), &account.key);
            command.env(format!("{prefix}_BASE_URL"), account.base_url.as_str());
        }
        let output = command.output().await?;
        let printed = String::from_utf8_lossy(&output.stdout);
        if output.status.success() {
            return Ok(printed.into_owned());
        }
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(Failure(format!("{} failed ({})\n{printed}{complaint}", arguments[0], output.status)))
    }
}

/// A text as HCL writes it.
pub(crate) fn quoted(text: &str) -> String {
    let text = Value::from(text).to_string();
    text.replace("${", "$${").replace("%{", "%%{")
}
