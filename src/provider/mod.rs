//! The provider `novita`: its configuration, its resources, and the table that lists them.
//!
//! The only layer that knows both the framework and the vendors' clients. A resource is a file (or a
//! folder) here and one line in [`Novita::resources`]; a data source likewise in [`Novita::data_sources`].

mod beside;
mod budget;
mod catalogue;
mod clients;
mod envs;
mod error_context;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz_targets;
#[cfg(test)]
mod house_rules;
mod image;
mod life_cycle;
#[cfg(test)]
mod loopback;
mod memo;
mod name;
mod novacloud;
mod novita;
mod offered;
mod paging;
mod read_back;
mod read_modify_write;
#[cfg(test)]
mod simulator;

use tfplugin::action::{DynAction, action};
use tfplugin::data_source::{DynDataSource, data_source};
use tfplugin::ephemeral::{DynEphemeralResource, ephemeral_resource};
use tfplugin::list_resource::{DynListResource, list_resource};
use tfplugin::lookup::LookedUp;
use tfplugin::provider::Provider;
use tfplugin::resource::DynResource;
use tfplugin::resource::{Result, Rules};

use crate::api::client::Client;
use crate::provider::clients::{Clients, Config, Surroundings};
use crate::provider::life_cycle::rented::RentedLife;
use crate::provider::life_cycle::selection::{Found, Listed};
use crate::provider::life_cycle::stored::StoredLife;
use crate::provider::life_cycle::{rented, stored};

/// The provider.
pub(crate) struct Novita;

impl Provider for Novita {
    type Config = Config;
    type Data = Clients;

    /// Under the second, a `novacloud_…` type needs no `provider = novita`.
    const ADDRESSES: &'static [&'static str] = &["novita/novita", "novita/novacloud"];

    fn resources() -> Vec<Box<dyn DynResource<Clients>>> {
        vec![
            rented::<novita::instance::gpu::Gpu>(),
            rented::<novita::instance::cpu::Cpu>(),
            rented::<novita::endpoint::Endpoint>(),
            stored::<novita::network_storage::NetworkStorage>(),
            stored::<novita::network::Network>(),
            stored::<novita::registry_auth::RegistryAuth>(),
            stored::<novita::image_prewarm::ImagePrewarm>(),
            rented::<novacloud::vm::Vm>(),
            stored::<novita::template::Template>(),
            stored::<novacloud::ssh_key::SshKey>(),
        ]
    }

    fn data_sources() -> Vec<Box<dyn DynDataSource<Clients>>> {
        vec![
            data_source::<catalogue::gpu_products::GpuProducts>(),
            data_source::<catalogue::cpu_products::CpuProducts>(),
            data_source::<catalogue::clusters::Clusters>(),
            data_source::<catalogue::limits::EndpointLimits>(),
            data_source::<LookedUp<RentedLife<novita::instance::gpu::Gpu>>>(),
            data_source::<LookedUp<RentedLife<novita::instance::cpu::Cpu>>>(),
            data_source::<LookedUp<RentedLife<novita::endpoint::Endpoint>>>(),
            data_source::<LookedUp<StoredLife<novita::network_storage::NetworkStorage>>>(),
            data_source::<novita::network::data::FoundNetwork>(),
            data_source::<LookedUp<StoredLife<novita::registry_auth::RegistryAuth>>>(),
            data_source::<LookedUp<StoredLife<novita::image_prewarm::ImagePrewarm>>>(),
            data_source::<catalogue::offers::Offers>(),
            data_source::<catalogue::pricing::Pricing>(),
            data_source::<LookedUp<RentedLife<novacloud::vm::Vm>>>(),
            data_source::<novita::account::AccountBalance>(),
            data_source::<novacloud::account::Account>(),
            data_source::<LookedUp<StoredLife<novita::template::Template>>>(),
            data_source::<Found<novita::template::templates::Templates>>(),
            data_source::<catalogue::endpoint_products::EndpointProducts>(),
            data_source::<LookedUp<StoredLife<novacloud::ssh_key::SshKey>>>(),
            data_source::<novacloud::reservation_quote::ReservationQuote>(),
            data_source::<Found<novita::network_storage::list::NetworkStorages>>(),
            data_source::<Found<novita::network::list::Networks>>(),
            data_source::<Found<novita::registry_auth::list::RegistryAuths>>(),
            data_source::<Found<novita::image_prewarm::list::ImagePrewarms>>(),
            data_source::<Found<novita::instance::list::GpuInstances>>(),
            data_source::<Found<novita::instance::list::CpuInstances>>(),
            data_source::<Found<novita::endpoint::list::Endpoints>>(),
            data_source::<Found<novacloud::vm::list::Vms>>(),
        ]
    }

    fn list_resources() -> Vec<Box<dyn DynListResource<Clients>>> {
        vec![
            list_resource::<Listed<novita::instance::list::GpuInstances>>(),
            list_resource::<Listed<novita::instance::list::CpuInstances>>(),
            list_resource::<Listed<novita::endpoint::list::Endpoints>>(),
            list_resource::<Listed<novita::network_storage::list::NetworkStorages>>(),
            list_resource::<Listed<novita::network::list::Networks>>(),
            list_resource::<Listed<novita::registry_auth::list::RegistryAuths>>(),
            list_resource::<Listed<novita::image_prewarm::list::ImagePrewarms>>(),
            list_resource::<Listed<novacloud::vm::list::Vms>>(),
            list_resource::<Listed<novita::template::list::Templates>>(),
        ]
    }

    fn actions() -> Vec<Box<dyn DynAction<Clients>>> {
        vec![
            action::<novita::instance::actions::restart::RestartInstance>(),
            action::<novita::instance::actions::save_image::SaveImage>(),
            action::<novita::instance::actions::renew::RenewInstance>(),
            action::<novita::instance::actions::migrate::MigrateInstance>(),
            action::<novacloud::vm::restart::RestartVm>(),
        ]
    }

    fn ephemeral_resources() -> Vec<Box<dyn DynEphemeralResource<Clients>>> {
        vec![ephemeral_resource::<novita::instance::access::InstanceAccess>()]
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

#[cfg(test)]
mod tests {
    use super::*;
    use tfplugin::lookup::Lookup;
    use tfplugin::model::Model;
    use tfplugin::testing::RESERVED_IN_RESOURCES;

    #[test]
    fn clients_take_every_schema_and_the_house_does_too() {
        let (resources, data_sources) = (Novita::resources(), Novita::data_sources());
        let resources = resources.iter().map(|it| (it.type_name(), it.schema()));
        for (name, schema) in resources.chain(data_sources.iter().map(|it| (it.type_name(), it.schema()))) {
            let faults = [schema.lint(RESERVED_IN_RESOURCES), house_rules::faults(schema)].concat();
            assert!(faults.is_empty(), "{name}: {faults:#?}");
        }
    }

    /// Every attribute of a resource is looked up or left out by name, and only keys are configured.
    fn check_lookup<R: Lookup>(secrets: &[&str]) {
        let (managed, found) = (R::Model::attributes(), LookedUp::<R>::attributes());
        let missing = |name: &&&str| managed.iter().all(|it| it.name != **name);
        assert_eq!(R::UNSEEN.iter().find(missing), None, "{}", R::TYPE);
        assert_eq!(found.len() + R::UNSEEN.len(), managed.len(), "{}", R::TYPE);
        for attribute in &found {
            let name = attribute.name;
            let is_key = R::KEYS.iter().any(|(key, _)| *key == name);
            assert_eq!(attribute.required || attribute.optional, is_key, "{name}");
            assert_eq!(attribute.sensitive, secrets.contains(&name), "{name}");
            assert!(attribute.text.ends_with('.') && !attribute.description().contains("Chang"), "{name}");
        }
    }

    #[test]
    fn a_lookup_shows_what_its_resource_defines() {
        check_lookup::<RentedLife<novita::instance::gpu::Gpu>>(&["envs", "ssh_password"]);
        check_lookup::<RentedLife<novita::instance::cpu::Cpu>>(&["envs", "ssh_password"]);
        check_lookup::<RentedLife<novita::endpoint::Endpoint>>(&["envs"]);
        check_lookup::<RentedLife<novacloud::vm::Vm>>(&[]);
        check_lookup::<StoredLife<novita::network_storage::NetworkStorage>>(&[]);
        check_lookup::<StoredLife<novita::template::Template>>(&["envs"]);
        check_lookup::<StoredLife<novacloud::ssh_key::SshKey>>(&[]);
        check_lookup::<StoredLife<novita::registry_auth::RegistryAuth>>(&[]);
        check_lookup::<StoredLife<novita::image_prewarm::ImagePrewarm>>(&[]);
    }
}
