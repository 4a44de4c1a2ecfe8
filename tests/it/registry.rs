//! Installing the provider as users do: from a registry, from mirrors and from folders.
//!
//! `make package` and `make install` are tried with what is behind them, a key that is made
//! for the run, and a registry on the loopback. `shelf` holds the released files, `server` answers for the
//! registry; the stories are told with every CLI of this machine.

mod discovery;
mod folders;
mod install;
mod mirrors;
mod refused;
mod server;
mod shelf;

use crate::cli::{Cli, Workspace};

use self::server::Registry;

/// A configuration that needs one of the two addresses, by its full name when it has a host.
fn requires(name: &str, source: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    {name} = {{\n      source  = \"{source}\"\n      version = \"{}\"\n    \
         }}\n  }}\n}}\n",
        shelf::VERSION
    )
}

/// Resources of both prefixes, which init leaves alone and validate asks the provider about.
const RESOURCES: &str = r#"
resource "novita_cpu_instance" "one" {
  product_id = "cpu.4c8g"
  image_url  = "docker.io/library/debian:12"
}

resource "novacloud_vm" "two" {
  provider = novita

  node          = "vm02"
  gpu_type      = "5090"
  gpu_count     = 1
  storage_gb    = 120
  template_vmid = 101
}
"#;

/// A workspace whose CLI asks `registry` for providers, under the real address of its own registry.
fn workspace(cli: &Cli, registry: &Registry) -> Workspace {
    let hcl = format!("{}{RESOURCES}", requires("novita", "novita/novita"));
    let workspace = Workspace::new(cli, &hcl);
    workspace.configure_cli(&format!(
        "host \"{}\" {{\n  services = {{\n    \"providers.v1\" = \"{}/v1/providers/\"\n  }}\n}}\n",
        cli.default_host,
        registry.url()
    ));
    workspace
}
