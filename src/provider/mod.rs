//! The provider `novita`: its configuration, its resources, and the table that lists them.
//!
//! The only layer that knows both the framework and the vendors' clients. A resource is a file (or a
//! folder) here and one line in [`Novita::resources`]; a data source likewise in [`Novita::data_sources`].

mod catalogue;
mod census;
mod config;
mod elsewhere;
mod endpoint;
mod envs;
mod error_context;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod image;
mod instance;
mod lookup;
#[cfg(test)]
mod loopback;
mod lost;
mod name;
mod paging;
mod read_back;
mod roll;
#[cfg(test)]
mod simulator;
#[cfg(test)]
mod storage_example;
mod unclear;
mod vm;
mod watch;

use crate::api::client::Client;
use crate::framework::data_source::{DynDataSource, data_source};
use crate::framework::erased::{DynResource, resource};
use crate::framework::lookup::LookedUp;
use crate::framework::provider::Provider;
use crate::framework::resource::{Context, ImportId, Result, Rules};
use crate::provider::config::{Clients, Config, Surroundings};

/// What an operation of this provider works with.
type Cx = Context<Clients>;

/// The provider.
pub(crate) struct Novita;

impl Provider for Novita {
    type Config = Config;
    type Data = Clients;

    const ADDRESSES: &'static [&'static str] = &["novita/novita", "novita/novacloud"];

    fn resources() -> Vec<Box<dyn DynResource<Clients>>> {
        vec![
            resource::<instance::gpu::Gpu>(),
            resource::<instance::cpu::Cpu>(),
            resource::<endpoint::resource::Endpoint>(),
            resource::<vm::resource::Vm>(),
        ]
    }

    fn data_sources() -> Vec<Box<dyn DynDataSource<Clients>>> {
        vec![
            data_source::<catalogue::gpu_products::GpuProducts>(),
            data_source::<catalogue::cpu_products::CpuProducts>(),
            data_source::<catalogue::clusters::Clusters>(),
            data_source::<catalogue::limits::EndpointLimits>(),
            data_source::<LookedUp<instance::gpu::Gpu>>(),
            data_source::<LookedUp<instance::cpu::Cpu>>(),
            data_source::<LookedUp<endpoint::resource::Endpoint>>(),
            data_source::<catalogue::offers::Offers>(),
            data_source::<catalogue::pricing::Pricing>(),
            data_source::<LookedUp<vm::resource::Vm>>(),
        ]
    }

    fn validate(config: &Config, rules: &mut Rules) {
        config.validate(rules);
    }

    fn configure(config: Config, client_version: &str) -> Result<Clients> {
        let environment = |name: &str| std::env::var(name).ok();
        let surroundings = Surroundings { environment: &environment, connect: &Client::new, client_version };
        Clients::configure(&config, &surroundings)
    }
}

/// The form of Novita's ids, which are documented as texts and nothing more.
const fn novita_id(example: &'static str) -> ImportId {
    ImportId { text: "at most 255 characters without spaces and slashes", example, fits: is_novita_id }
}

fn is_novita_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 255 && id.bytes().all(|it| it.is_ascii_graphic() && it != b'/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::schema::lint::RESERVED_IN_RESOURCES;

    #[test]
    fn clients_take_the_schema_of_each_data_source() {
        for source in Novita::data_sources() {
            let faults = source.schema().lint(RESERVED_IN_RESOURCES);
            assert!(faults.is_empty(), "{}: {faults:#?}", source.type_name());
        }
    }
}
