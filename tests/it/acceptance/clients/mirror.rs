//! A filesystem mirror with the program of this build, from which clients install.

use std::path::{Path, PathBuf};

use package::platform::Platform;
use tempfile::TempDir;

use crate::cli::quoted;

/// The version that the program of this build has in the mirror.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

const PROGRAM: &str = env!("CARGO_BIN_EXE_terraform-provider-novita");

pub(super) struct Mirror {
    folder: TempDir,
}

impl Mirror {
    /// What a short source address means to Terraform and to OpenTofu, each.
    pub(super) fn of_this_build() -> Self {
        let folder = tempfile::Builder::new().prefix("mirror-").tempdir().expect("a folder");
        let platform = Platform::of_this_machine().expect("a platform with releases");
        for host in ["registry.terraform.io", "registry.opentofu.org"] {
            let place = folder.path().join(host).join("novita/novita").join(VERSION);
            let place = place.join(format!("{}_{}", platform.os, platform.arch));
            std::fs::create_dir_all(&place).expect("a folder");
            put(Path::new(PROGRAM), &place.join(format!("terraform-provider-novita_v{VERSION}")));
        }
        std::fs::write(folder.path().join("cli.tfrc"), settings(folder.path())).expect("settings");
        Self { folder }
    }

    /// A CLI configuration that takes providers from here and from nowhere else.
    pub(super) fn settings(&self) -> String {
        settings(self.folder.path())
    }

    /// The same in a file.
    pub(super) fn settings_file(&self) -> PathBuf {
        self.folder.path().join("cli.tfrc")
    }
}

fn settings(folder: &Path) -> String {
    let path = quoted(&folder.to_string_lossy());
    format!("provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n")
}

fn put(program: &Path, place: &Path) {
    if std::fs::hard_link(program, place).is_err() {
        std::fs::copy(program, place).expect("a copy of the program");
    }
}
