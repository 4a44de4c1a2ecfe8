//! Every form of an answer, made of any JSON: for [`crate::hostile`] alone.
//!
//! What can be decoded is also taken over into a model, and the model into bytes, as after a real call.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::api::lenient::{Ignored, Object};
use crate::framework::model::Model;
use crate::framework::msgpack;
use crate::framework::schema::Schema;
use crate::provider::catalogue::calls::{Cluster, CpuProduct, Listed, Offer, Pricing, Product};
use crate::provider::endpoint::calls::answer::Wrapped;
use crate::provider::endpoint::calls::{self as endpoints, Endpoint, Limits};
use crate::provider::endpoint::resource;
use crate::provider::instance::calls::answer::moment;
use crate::provider::instance::calls::{self as instances, Instance};
use crate::provider::instance::cpu::Cpu;
use crate::provider::instance::gpu::Gpu;
use crate::provider::instance::life_cycle::Kind;
use crate::provider::paging::Page;
use crate::provider::vm::calls::Vm;
use crate::provider::vm::calls::answer::{self as vms, same_gpu_type};
use crate::provider::vm::resource as vm;

/// Everything that is made of an answer. The first byte of an input chooses one of them.
pub(crate) const ANSWERS: [fn(Json); 15] = [
    |it| {
        let Ok(Object(Some(instance))) = read::<Object<Instance>>(it) else { return };
        take_instance::<Gpu>(&instance);
        take_instance::<Cpu>(&instance);
    },
    |it| {
        let _ = read::<Object<instances::Created>>(it);
    },
    members::<instances::Page>,
    |it| {
        let Ok(Wrapped(Some(endpoint))) = read::<Wrapped<Endpoint>>(it) else { return };
        let _ = (endpoint.class(), endpoint.trouble(), endpoint.explanation());
        survives(|it: &mut resource::Endpoint| it.refresh(endpoint));
    },
    |it| {
        let _ = read::<Wrapped<endpoints::Created>>(it);
    },
    members::<endpoints::answer::Page>,
    |it| {
        let Ok(Some(limits)) = read::<Option<Limits>>(it) else { return };
        for bounds in [limits.rootfs_size(), limits.gpu_num(), limits.request_timeout()] {
            let _ = (bounds.hold(i64::MIN), bounds.nearest(i64::MAX));
        }
    },
    |it| {
        let Ok(Object(Some(found))) = read::<Object<Vm>>(it) else { return };
        let _ = (found.class(), same_gpu_type(&found.gpu_type, "pro6000"));
        survives(|it: &mut vm::Vm| it.refresh(found));
    },
    |it| {
        let _ = read::<vms::Created>(it);
    },
    members::<vms::Page>,
    |it| {
        for product in listed::<Product>(it) {
            let prices = ["onDemand", "spot", "monthly"].map(|mode| product.hourly_price(mode, 6, 8));
            let _ = (product.is_sold_out(), prices);
            let _ = product.monthly_price.iter().map(|it| it.hourly_price()).collect::<Vec<_>>();
        }
    },
    |it| {
        listed::<CpuProduct>(it)
            .iter()
            .for_each(|it| assert!(it.is_sold_out() == (it.available_deploy == Some(false))))
    },
    |it| drop(listed::<Cluster>(it)),
    |it| drop(listed::<Offer>(it)),
    |it| {
        let _ = (read::<Ignored>(it.clone()), read::<Option<Pricing>>(it));
    },
];

/// Reads an answer as the transport does.
fn read<T: DeserializeOwned>(answer: Json) -> Result<T, serde_path_to_error::Error<serde_json::Error>> {
    serde_path_to_error::deserialize(answer)
}

fn members<P: Page>(answer: Json) {
    if let Ok(Some(page)) = read::<Option<P>>(answer) {
        for member in page.into_parts().0 {
            let _ = P::id(&member).len();
        }
    }
}

fn listed<T: DeserializeOwned>(answer: Json) -> Vec<T> {
    read::<Listed<T>>(answer).map(|Listed(members)| members).unwrap_or_default()
}

fn take_instance<K: Kind + Model>(instance: &Instance) {
    let _ = (instance.class(), instance.billing(), instance.trouble(), moment(&instance.end_time));
    survives(|it: &mut K| it.refresh(instance.clone()));
}

/// What was taken over into a model that knows nothing yet fits the model's own schema.
fn survives<M: Model>(refresh: impl FnOnce(&mut M)) {
    let schema = Schema::of::<M>();
    let Ok(mut model) = M::from_object(&schema.null_object()) else { return };
    refresh(&mut model);
    let (object, ty) = (model.to_object(), schema.ty());
    assert!(msgpack::decode(&msgpack::encode(&object, &ty), &ty).is_ok_and(|it| it == object));
}
