//! The Rust peer that `make bench` measures the provider against: the same API on the crate tf-provider.
//!
//! One resource, `novita_gpu_instance`. Clients refuse the crate's nested attributes ("Type and NestedType
//! cannot both be set"), so `network_storages`, `tools` and `port_mappings` are plain sets and a list of objects:
//! their members have no text, and a configuration has to name all of them. The crate knows no write-only
//! attributes, so `image_auth_wo` and its version are ordinary ones that are refused when they are set. Its
//! blocks cannot be both optional and single, so `timeouts` is a list of at most one block. It knows no
//! identities, which newer clients keep in the state.
//! Left out are the other resources, all data sources, the catalogue (so `hourly_price` is a constant for each
//! GPU, and `max_hourly_price` limits nothing), candidates after the first one (so `capacity_timeout` waits for
//! none), the search for what a create call without an answer may have made, reading back tools and storages,
//! the calls that change the power, the billing or the migration of an instance, and any reaction to
//! StopProvider: the crate tells nobody.

mod client;
mod duration;
mod instance;
mod model;
mod provider;
mod resource;
mod schema;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Two libraries of this process could bring one; both use this.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let served = match runtime {
        Ok(runtime) => runtime
            .block_on(tf_provider::serve("novita", provider::Novita::default()))
            .map_err(|it| it.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
