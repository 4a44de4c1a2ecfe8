//! Every form of an answer, made of any JSON, and a provider whose API says what a script does: for
//! [`crate::fuzz_targets`] alone.
//!
//! What can be decoded is also taken over into a model, and the model into bytes, as after a real call.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;
use http::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use tfplugin::action::DynAction;
use tfplugin::data_source::DynDataSource;
use tfplugin::ephemeral::DynEphemeralResource;
use tfplugin::list_resource::DynListResource;
use tfplugin::model::Model;
use tfplugin::provider::Provider;
use tfplugin::resource::DynResource;
use tfplugin::resource::{Result as Done, Rules};
use tfplugin::schema::Schema;
use tfplugin::testing::msgpack;

use crate::api::answer::{self, One};
use crate::api::client::Client;
use crate::api::lenient;
use crate::api::resource_kind::{ResourceId, ResourceKind};
use crate::api::transport::{Cause, Request, Response, Transport, TransportError};
use crate::provider::Novita;
use crate::provider::catalogue::calls::offers::same_gpu_type;
use crate::provider::catalogue::calls::{
    Cluster, CpuProduct, EndpointProduct, Limits, Offer, Pricing, Product,
};
use crate::provider::clients::{Clients, Config, Surroundings};
use crate::provider::life_cycle::remote::Answer as _;
use crate::provider::life_cycle::rented::Rented;
use crate::provider::life_cycle::stored::Stored as _;
use crate::provider::novacloud::account::{Account, Owner, Spend};
use crate::provider::novacloud::reservation_quote::{Quote, ReservationQuote};
use crate::provider::novacloud::vm::answer::{self as vms, Vm};
use crate::provider::novacloud::{ssh_key, vm};
use crate::provider::novita::account::{AccountBalance, Balance};
use crate::provider::novita::endpoint::answer::{self as endpoints, Endpoint};
use crate::provider::novita::instance::answer::{self as instances, Instance};
use crate::provider::novita::instance::cpu::Cpu;
use crate::provider::novita::instance::gpu::Gpu;
use crate::provider::novita::{endpoint, image_prewarm, network, network_storage, registry_auth, template};
use crate::provider::paging::Element;
use crate::provider::read_back::Origin;

/// What refusals are about.
pub(crate) const INSTANCE: &ResourceKind = &instances::KIND;

/// Everything that is made of an answer. The first byte of an input chooses one of them.
pub(crate) const ANSWERS: [fn(Json); 29] = [
    |it| {
        let Some(instance) = shown::<Instance>(&instances::KIND, it) else { return };
        take_instance::<Gpu>(&instance);
        take_instance::<Cpu>(&instance);
    },
    |it| elements::<Instance>(&it),
    |it| {
        let Some(found) = shown::<Endpoint>(&endpoints::KIND, it) else { return };
        let _ = (found.phase(), found.created(), found.advice(), found.trouble(), found.explanation());
        survives(|it: &mut endpoint::Endpoint| drop(it.take(found, Origin::Imported)));
    },
    |it| elements::<Endpoint>(&it),
    |it| {
        let Ok(Some(limits)) = lenient::decode::<Option<Limits>>(it) else { return };
        for bounds in [limits.rootfs_size(), limits.gpu_num(), limits.request_timeout()] {
            let _ = (bounds.hold(i64::MIN), bounds.nearest(i64::MAX));
        }
    },
    |it| {
        let Some(found) = shown::<Vm>(&vms::KIND, it) else { return };
        let _ = (found.phase(), found.created(), found.advice(), same_gpu_type(&found.gpu_type, "pro6000"));
        survives(|it: &mut vm::Vm| drop(it.take(found, Origin::Imported)));
    },
    |it| elements::<Vm>(&it),
    |it| {
        for product in listed::<Product>("data", &it) {
            let prices = ["onDemand", "spot", "monthly"].map(|mode| product.hourly_price(mode, 6, 8));
            let _ = (product.is_sold_out(), prices);
            let _ = product.monthly_price.iter().map(|it| it.hourly_price()).collect::<Vec<_>>();
        }
    },
    |it| {
        listed::<CpuProduct>("data", &it)
            .iter()
            .for_each(|it| assert!(it.is_sold_out() == (it.available_deploy == Some(false))))
    },
    |it| drop(listed::<Cluster>("data", &it)),
    |it| drop(listed::<Offer>("data", &it)),
    |it| drop(lenient::decode::<Option<Pricing>>(it)),
    |it| elements::<network_storage::Storage>(&it),
    |it| {
        let Some(found) = shown::<network_storage::Storage>(network_storage::Storage::KIND, it) else {
            return;
        };
        survives(|it: &mut network_storage::NetworkStorage| drop(it.take(found, Origin::Imported)));
    },
    |it| elements::<network::Vpc>(&it),
    |it| {
        let Some(found) = shown::<network::Vpc>(network::Vpc::KIND, it) else { return };
        let _ = (found.phase(), found.created(), found.trouble());
        survives(|it: &mut network::Network| drop(it.take(found, Origin::Imported)));
    },
    |it| elements::<image_prewarm::Task>(&it),
    |it| {
        let Some(found) = shown::<image_prewarm::Task>(image_prewarm::Task::KIND, it) else { return };
        let _ = (found.phase(), found.created(), found.trouble());
        survives(|it: &mut image_prewarm::ImagePrewarm| drop(it.take(found, Origin::Imported)));
    },
    |it| elements::<registry_auth::Login>(&it),
    |it| {
        let Some(found) = shown::<registry_auth::Login>(registry_auth::Login::KIND, it) else { return };
        survives(|it: &mut registry_auth::RegistryAuth| drop(it.take(found, Origin::Imported)));
    },
    |it| elements::<template::answer::Template>(&it),
    |it| {
        let Some(found) = shown::<template::answer::Template>(&template::answer::KIND, it) else { return };
        survives(|it: &mut template::Template| drop(it.take(found, Origin::Imported)));
    },
    |it| elements::<ssh_key::Shown>(&it),
    |it| {
        let Some(found) = shown::<ssh_key::Shown>(&ssh_key::KIND, it) else { return };
        survives(|it: &mut ssh_key::SshKey| drop(it.take(found, Origin::Imported)));
    },
    |it| {
        for product in listed::<EndpointProduct>("data", &it) {
            let _ = (product.price(), product.spot_price());
        }
    },
    |it| {
        let Ok(Some(told)) = lenient::decode::<Option<Balance>>(it) else { return };
        survives(|it: &mut AccountBalance| *it = AccountBalance::of(told));
    },
    |it| {
        let Ok(Some(owner)) = lenient::decode::<Option<Owner>>(it) else { return };
        survives(|it: &mut Account| *it = Account::of(owner, &Spend::default()));
    },
    |it| {
        let Ok(Some(spend)) = lenient::decode::<Option<Spend>>(it) else { return };
        survives(|it: &mut Account| *it = Account::of(Owner::default(), &spend));
    },
    |it| {
        let Ok(Some(quote)) = lenient::decode::<Option<Quote>>(it) else { return };
        survives(|it: &mut ReservationQuote| it.take(quote));
    },
];

/// Reads an answer about one thing as the client does, and as the answer to a create.
fn shown<T: DeserializeOwned>(kind: &ResourceKind, answer: Json) -> Option<T> {
    if let Ok(Some(made)) = answer::created(kind, answer.clone()) {
        assert!(made.id.as_str().bytes().all(|it| it.is_ascii_graphic()));
    }
    match answer::one(kind, answer) {
        One::Shown(id, found) => {
            assert!(!id.trim().is_empty());
            lenient::decode(found).ok()
        }
        One::Nothing | One::Unreadable(_) => None,
    }
}

fn listed<T: DeserializeOwned>(key: &'static str, answer: &Json) -> Vec<T> {
    answer::list(&answer.to_string(), key, answer::element).map(|it| it.elements).unwrap_or_default()
}

fn elements<E: Element>(answer: &Json) {
    for element in listed::<E>(E::KEY, answer) {
        let _ = ResourceId::parse(E::KIND, element.id());
    }
}

fn take_instance<R: Rented<Answer = Instance>>(instance: &Instance) {
    let _ = (
        instance.phase(),
        instance.advice(),
        instance.billing(),
        instance.trouble(),
        instances::moment(&instance.end_time),
    );
    survives(|it: &mut R| drop(it.take(instance.clone(), Origin::Imported)));
}

/// What was taken over into a model that knows nothing yet fits the model's own schema.
fn survives<M: Model>(refresh: impl FnOnce(&mut M)) {
    let schema = Schema::of::<M>();
    let Ok(mut model) = M::from_object(&schema.null_object()) else { return };
    refresh(&mut model);
    let (object, ty) = (model.to_object(), schema.ty());
    assert!(msgpack::decode(&msgpack::encode(&object, &ty), &ty).is_ok_and(|it| it == object));
}

/// The provider as it is, but for its network.
pub(crate) struct Played;

impl Provider for Played {
    type Config = Config;
    type Data = Clients;

    const ADDRESSES: &'static [&'static str] = Novita::ADDRESSES;

    fn resources() -> Vec<Box<dyn DynResource<Clients>>> {
        Novita::resources()
    }

    fn data_sources() -> Vec<Box<dyn DynDataSource<Clients>>> {
        Novita::data_sources()
    }

    fn list_resources() -> Vec<Box<dyn DynListResource<Clients>>> {
        Novita::list_resources()
    }

    fn actions() -> Vec<Box<dyn DynAction<Clients>>> {
        Novita::actions()
    }

    fn ephemeral_resources() -> Vec<Box<dyn DynEphemeralResource<Clients>>> {
        Novita::ephemeral_resources()
    }

    fn validate(config: &Config, rules: &mut Rules) {
        Novita::validate(config, rules);
    }

    fn configure(config: Config, client_version: &str) -> Done<Clients> {
        let connect = |settings| Client::through(settings, Arc::new(Script));
        Clients::configure(
            &config,
            &Surroundings { environment: &|_| None, connect: &connect, client_version },
        )
    }
}

/// Statuses that a byte of a script stands for; the bytes after the last one break the connection.
const STATUSES: [u16; 20] =
    [200, 200, 200, 201, 204, 302, 400, 401, 402, 403, 404, 405, 409, 410, 422, 429, 500, 502, 503, 504];

thread_local! {
    static SCRIPT: RefCell<VecDeque<(u8, Vec<u8>)>> = RefCell::default();
}

/// Sets what the API says next: `[status][two bytes of length][body]` again and again, and 401 for ever after.
/// Whether any of it could mean that a thing is gone.
pub(crate) fn play(mut bytes: &[u8]) -> bool {
    let mut script = VecDeque::new();
    while let [which, low, high, rest @ ..] = bytes {
        let len = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
        script.push_back((*which, rest[..len].to_vec()));
        bytes = &rest[len..];
    }
    let may_mean_gone = |it: &u16| !matches!(it, 401 | 403 | 429 | 500..);
    let may_be_gone =
        script.iter().filter_map(|(which, _)| STATUSES.get(usize::from(*which))).any(may_mean_gone);
    SCRIPT.with_borrow_mut(|it| *it = script);
    may_be_gone
}

/// An API that says what was set for this thread.
#[derive(Debug)]
struct Script;

#[async_trait]
impl Transport for Script {
    async fn exchange(&self, _: Request) -> Result<Response, TransportError> {
        let (which, body) = SCRIPT.with_borrow_mut(VecDeque::pop_front).unwrap_or((7, Vec::new()));
        let cause = || Cause { text: String::from_utf8_lossy(&body).into_owned(), source: "a script".into() };
        let Some(status) = STATUSES.get(usize::from(which)) else {
            return Err(match which % 4 {
                0 => TransportError::NeverLeft(cause()),
                1 => TransportError::TooLong,
                2 => TransportError::Unsendable(cause()),
                _ => TransportError::Lost(cause()),
            });
        };
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::OK);
        let mut headers = HeaderMap::new();
        // So that a 429 is not waited for in vain.
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        Ok(Response { status, headers, body })
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn random(&self) -> Option<[u8; 8]> {
        Some([7; 8])
    }
}
