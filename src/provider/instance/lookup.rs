//! The data sources `novita_gpu_instance` and `novita_cpu_instance`: an instance by its id or exact name.
//!
//! Attributes and what an answer means are the resources' own; this only finds the instance.

use crate::framework::erased::bug;
use crate::framework::lookup::Lookup;
use crate::framework::path::Path;
use crate::framework::resource::Result;
use crate::framework::value::Value;
use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::instance::calls::{self, Class};
use crate::provider::instance::cpu::Cpu;
use crate::provider::instance::gpu::Gpu;
use crate::provider::instance::life_cycle::{Found, Kind, look, wrong_kind};
use crate::provider::life_cycle::by_name::{missing, only_one};

const KEYS: &[(&str, &str)] = &[
    ("id", "Identifier of the instance. Set either this or `name`."),
    (
        "name",
        "Exact name of the instance. Set either this or `id`; a name that several instances have is refused.",
    ),
];

const SECRETS: &[(&str, &str)] =
    &[("envs", "Environment variables. All of them are sensitive, because the API does not tell which are.")];

impl Lookup for Gpu {
    const LOOKUP: &'static str = "A GPU instance of Novita AI that exists, whoever manages it.";
    const KEYS: &'static [(&'static str, &'static str)] = KEYS;
    const UNSEEN: &'static [&'static str] = &[
        "image_auth",
        "image_auth_wo",
        "image_auth_wo_version",
        "secret_envs",
        "desired_status",
        "deletion_protection",
        "wait_for_ready",
        "hourly_price",
        "month",
        "auto_renew",
        "auto_renew_month",
        "min_cuda_version",
    ];
    const SECRETS: &'static [(&'static str, &'static str)] = SECRETS;

    async fn find(cx: &Cx, key: Self) -> Result<Self> {
        find(cx, key).await
    }
}

impl Lookup for Cpu {
    const LOOKUP: &'static str = "A CPU instance of Novita AI that exists, whoever manages it.";
    const KEYS: &'static [(&'static str, &'static str)] = KEYS;
    const UNSEEN: &'static [&'static str] = &[
        "image_auth",
        "image_auth_wo",
        "image_auth_wo_version",
        "secret_envs",
        "desired_status",
        "deletion_protection",
        "wait_for_ready",
        "hourly_price",
    ];
    const SECRETS: &'static [(&'static str, &'static str)] = SECRETS;

    async fn find(cx: &Cx, key: Self) -> Result<Self> {
        find(cx, key).await
    }
}

async fn find<K: Kind>(cx: &Cx, key: K) -> Result<K> {
    let id = match (key.container().id.text(), key.container().name.text()) {
        (Some(id), _) => id.to_owned(),
        (None, Some(name)) => id_of::<K>(cx, name).await?,
        (None, None) => return Err(bug("a lookup has no key").into()),
    };
    let mut instance = K::from_object(&Value::Null).map_err(|it| bug(it.wanted))?;
    instance.container_mut().id = id.clone().into();
    look(cx, instance, Found::ByDataSource).await?.ok_or_else(|| missing("instance", &id))
}

/// The id of the one instance of this kind and name. One of the other kind does not count, unless there is
/// nothing else: then it is what was meant.
async fn id_of<K: Kind>(cx: &Cx, name: &str) -> Result<String> {
    let listed = calls::list(cx.novita()?, &cx.call(), Some(name)).await;
    let mut named = listed.map_err(|error| ErrorContext::to("list the instances").failed(&error))?;
    named.retain(|it| it.class() != Class::Leaving);
    let (fitting, other): (Vec<_>, Vec<_>) = named.into_iter().partition(|it| !it.is_other_kind(K::KIND));
    if let (true, Some(other)) = (fitting.is_empty(), other.first()) {
        return Err(wrong_kind::<K>(other, Found::ByDataSource).at(Path::root("name")).into());
    }
    only_one("instance", name, fitting.into_iter().map(|it| it.id).collect())
}
