//! The Terraform and OpenTofu provider for Novita AI and Nova Cloud.
//!
//! Two layers on the crate `tfplugin`, which is being a process that Terraform starts, and being a provider:
//! - `api`: being an HTTP client of a vendor; of `tfplugin` it knows `redact` alone;
//! - `provider`: the resources, the only place where `api` and `tfplugin` meet.

mod api;
#[cfg(any(test, fuzzing))]
pub mod fuzz_targets;
mod provider;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use tfplugin::PluginInfo;

use crate::provider::Novita;

/// The version of this build: what `make package` was told, else what the manifest says.
pub(crate) const VERSION: &str = match option_env!("RELEASE_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// The address of `required_providers` that most users write.
const NOVITA: PluginInfo = PluginInfo {
    name: "novita",
    version: VERSION,
    source: "novita/novita",
    crate_name: env!("CARGO_CRATE_NAME"),
};

/// The second address, under which a `novacloud_…` type needs no `provider = novita`.
const NOVACLOUD: PluginInfo = PluginInfo { name: "novacloud", source: "novita/novacloud", ..NOVITA };

/// Lives the life of the provider's process; the whole of `main`.
pub fn run() -> ExitCode {
    tfplugin::serve::<Novita>(plugin_info(std::env::args_os().next()))
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
