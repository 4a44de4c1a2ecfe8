//! Puts a program where the clients of this user look before they ask a registry.
//!
//! Terraform and OpenTofu both read `~/.terraform.d/plugins` (`%APPDATA%\terraform.d\plugins` on Windows), but
//! complete a short source address with different hosts, so the program goes into a tree for each.

use std::path::{Path, PathBuf};

use semver::Version;

use crate::platform::Platform;
use crate::{NAMES, Problem, Result};

/// What `novita/novita` is short for: with Terraform, and with OpenTofu.
const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

/// The folder that the clients of this user read.
pub fn plugins_of_the_user() -> Result<PathBuf> {
    let (variable, folder) =
        if cfg!(windows) { ("APPDATA", "terraform.d") } else { ("HOME", ".terraform.d") };
    let home = std::env::var_os(variable).filter(|it| !it.is_empty());
    let home = home.ok_or_else(|| Problem::new(format!("{variable} is not set; --dist names the folder")))?;
    Ok(Path::new(&home).join(folder).join("plugins"))
}

/// Copies `program` below `plugins`, under both names and for both clients.
pub fn into(plugins: &Path, program: &Path, version: &Version, platform: &Platform) -> Result<()> {
    for (host, name) in HOSTS.into_iter().flat_map(|host| NAMES.map(|name| (host, name))) {
        let folder = plugins
            .join(format!("{host}/novita/{name}/{version}"))
            .join(format!("{}_{}", platform.os, platform.arch));
        let file = folder.join(platform.program(&format!("terraform-provider-{name}_v{version}")));
        // A program that runs cannot be written to, but it can be replaced.
        let _ = std::fs::remove_file(&file);
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::copy(program, &file))
            .map_err(Problem::while_doing(format!("{} cannot be installed", file.display())))?;
    }
    Ok(())
}

/// What to write in a configuration, and what to know about a provider that comes from a folder.
pub fn how_to_use(plugins: &Path, version: &Version) -> String {
    format!(
        "Installed version {version} below {}. Write this into a configuration, then run init:\n\
         \n\
         terraform {{\n  required_providers {{\n    novita = {{\n      source  = \"novita/novita\"\n      \
         version = \"{version}\"\n    }}\n  }}\n}}\n\
         \n\
         The same program answers to the source `novita/novacloud`. After installing a changed program, remove its\n\
         entry from .terraform.lock.hcl, or init refuses it. While the folder is there, no registry is asked for it.\n",
        plugins.display()
    )
}
