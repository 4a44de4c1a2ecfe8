//! The data source `novita_endpoint`: an endpoint by its id or exact name.
//!
//! Attributes and what an answer means are the resource's own; this only finds the endpoint.

use crate::api::error::Error;
use crate::framework::erased::bug;
use crate::framework::lookup::Lookup;
use crate::framework::model::Model;
use crate::framework::resource::Result;
use crate::framework::value::Value;
use crate::provider::clients::Cx;
use crate::provider::endpoint::calls::{self, Class};
use crate::provider::endpoint::resource::Endpoint;
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::by_name::{missing, only_one};

impl Lookup for Endpoint {
    const LOOKUP: &'static str = "A serverless endpoint of Novita AI that exists, whoever manages it.";
    const KEYS: &'static [(&'static str, &'static str)] = &[
        ("id", "Identifier of the endpoint. Set either this or `name`."),
        (
            "name",
            "Exact name of the endpoint. Set either this or `id`; a name that several endpoints have is refused.",
        ),
    ];
    const UNSEEN: &'static [&'static str] = &["secret_envs", "deletion_protection", "wait_for_ready"];
    const SECRETS: &'static [(&'static str, &'static str)] = &[(
        "envs",
        "Environment variables of the workers. All of them are sensitive, because the API does not tell which are.",
    )];

    async fn find(cx: &Cx, key: Self) -> Result<Self> {
        let found = match (key.id.text(), key.name.text()) {
            (Some(id), _) => read(cx, id).await?,
            (None, Some(name)) => read(cx, &id_of(cx, name).await?).await?,
            (None, None) => return Err(bug("a lookup has no key").into()),
        };
        let mut endpoint = Self::from_object(&Value::Null).map_err(|it| bug(it.wanted))?;
        endpoint.refresh(found);
        Ok(endpoint)
    }
}

async fn read(cx: &Cx, id: &str) -> Result<calls::Endpoint> {
    match calls::get(cx.novita()?, &cx.call(), id).await {
        Ok(found) if found.class() != Class::Leaving => Ok(found),
        Ok(_) | Err(Error::NotFound(_)) => Err(missing("endpoint", id)),
        Err(error) => Err(ErrorContext::to("read the endpoint").failed(&error)),
    }
}

async fn id_of(cx: &Cx, name: &str) -> Result<String> {
    let listed = calls::list(cx.novita()?, &cx.call(), Some(name)).await;
    let mut named = listed.map_err(|error| ErrorContext::to("list the endpoints").failed(&error))?;
    named.retain(|it| it.class() != Class::Leaving);
    only_one("endpoint", name, named.into_iter().map(|it| it.id).collect())
}
