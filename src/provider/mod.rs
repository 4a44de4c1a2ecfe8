//! The provider `novita`: its configuration, its resources, and the table that lists them.
//!
//! The only layer that knows both the framework and the vendors' clients. A resource is a file (or a
//! folder) here and one line in [`Novita::resources`].

mod config;
mod fault;
mod instance;
mod name;

use crate::framework::data_source::Readable;
use crate::framework::managed::{Managed, resource};
use crate::framework::provider::Provider;
use crate::framework::resource::{Context, Result, Rules};
use crate::provider::config::{Clients, Config};

/// What an operation of this provider works with.
type Cx = Context<Clients>;

/// The provider.
pub(crate) struct Novita;

impl Provider for Novita {
    type Config = Config;
    type Data = Clients;

    const ADDRESSES: &'static [&'static str] = &["novita/novita", "novita/novacloud"];

    fn resources() -> Vec<Box<dyn Managed<Clients>>> {
        vec![resource::<instance::gpu::Gpu>(), resource::<instance::cpu::Cpu>()]
    }

    fn data_sources() -> Vec<Box<dyn Readable<Clients>>> {
        Vec::new()
    }

    fn validate(config: &Config, rules: &mut Rules) {
        config.validate(rules);
    }

    fn configure(config: Config, client_version: &str) -> Result<Clients> {
        Clients::configure(&config, &|name| std::env::var(name).ok(), client_version)
    }
}
