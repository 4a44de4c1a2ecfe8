//! The Terraform and OpenTofu provider for Novita AI and Nova Cloud.
//!
//! Four layers, each ignorant of the ones beside it:
//! - `plugin`: being a process that Terraform starts and talks to;
//! - `framework`: being a provider, as pure functions over values;
//! - `api`: being an HTTP client of a vendor;
//! - `provider`: the resources, the only place where the two middle layers meet.
//!
//! Below them all is `redact`: what must not be shown, out of texts.

mod api;
mod framework;
#[cfg(any(test, fuzzing))]
pub mod fuzz_targets;
mod plugin;
mod provider;
mod redact;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use crate::plugin::PluginInfo;
use crate::plugin::rpc::Service;
use crate::provider::Novita;

/// The version of this build: what `make package` was told, else what the manifest says.
pub(crate) const VERSION: &str = match option_env!("RELEASE_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// The address of `required_providers` that most users write.
const NOVITA: PluginInfo = PluginInfo { name: "novita", version: VERSION, source: "novita/novita" };

/// The second address, under which a `novacloud_…` type needs no `provider = novita`.
const NOVACLOUD: PluginInfo = PluginInfo { name: "novacloud", version: VERSION, source: "novita/novacloud" };

/// Lives the life of the provider's process; the whole of `main`.
pub fn run() -> ExitCode {
    plugin::run(plugin_info(std::env::args_os().next()), Service::<Novita>::new)
}

/// One program is released under two addresses, and the name of its file is all that tells them apart.
/// Only what a person reads depends on it: texts, log lines and how to attach to a debugged process.
fn plugin_info(program: Option<OsString>) -> PluginInfo {
    let program = program.unwrap_or_default();
    let name = Path::new(&program).file_name().unwrap_or_default();
    if name.as_encoded_bytes().starts_with(b"terraform-provider-novacloud") { NOVACLOUD } else { NOVITA }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_file_chooses_the_address() {
        for (program, expected) in [
            ("/plugins/terraform-provider-novita_v1.2.3", "novita/novita"),
            ("/plugins/terraform-provider-novacloud_v1.2.3", "novita/novacloud"),
            ("terraform-provider-novacloud.exe", "novita/novacloud"),
            ("/terraform-provider-novacloud/anything", "novita/novita"),
        ] {
            assert_eq!(plugin_info(Some(program.into())).source, expected, "{program}");
        }
        assert_eq!(plugin_info(None).source, "novita/novita");
    }
}
