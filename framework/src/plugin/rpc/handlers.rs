//! One function per call that a resource takes part in: decode, ask the framework, encode.
//!
//! Failures are messages for the user, never a gRPC status: a status names neither resource nor
//! attribute, and on apply it would lose what was created.

pub(super) mod configured;

use crate::apply::Apply;
use crate::crash;
use crate::diagnostics::Diagnostic;
use crate::identity;
use crate::plan::Proposal;
use crate::plugin::convert;
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::rpc::Call;
use crate::private::Private;
use crate::provider::Provider;
use crate::resource::Result;
use crate::schema::Schema;
use crate::value::{Value, by_name};

fn write_only_allowed(capabilities: Option<proto::ClientCapabilities>) -> bool {
    capabilities.is_some_and(|it| it.write_only_attributes_allowed)
}

/// The JSON of a stored state.
fn raw_json(state: Option<&proto::RawState>) -> Result<&[u8]> {
    match state {
        Some(state) if !state.json.is_empty() => Ok(&state.json),
        Some(state) if !state.flatmap.is_empty() => {
            let detail =
                "The state is in the form of Terraform before 0.12, which this provider never wrote.";
            Err(Diagnostic::error("State in an outdated form", detail).into())
        }
        _ => Err(Diagnostic::error("State is missing", "Terraform sent no state to convert.").into()),
    }
}

/// Everything that the client must know before it reads a configuration. Made when asked for: of the processes of
/// a command, the client asks one.
pub(super) async fn schemas<P: Provider>(
    call: Call<P>,
    _: proto::get_provider_schema::Request,
) -> Result<proto::get_provider_schema::Response> {
    let server = &call.server;
    let resources = server.resources().map(|it| (it.type_name().to_owned(), convert::schema(it.schema())));
    let data_sources =
        server.data_sources().map(|it| (it.type_name().to_owned(), convert::schema(it.schema())));
    let lists = server.list_resources.iter();
    let lists = lists.map(|it| (it.type_name().to_owned(), convert::schema(it.schema())));
    let ephemerals = server.ephemeral_resources.iter();
    let ephemerals = ephemerals.map(|it| (it.type_name().to_owned(), convert::schema(it.schema())));
    let actions = server.actions.iter();
    let actions = actions.map(|it| (it.type_name().to_owned(), convert::action_schema(it.schema())));
    Ok(proto::get_provider_schema::Response {
        provider: convert::schema(&server.schema().0),
        resource_schemas: by_name(resources),
        data_source_schemas: by_name(data_sources),
        list_resource_schemas: by_name(lists),
        ephemeral_resource_schemas: by_name(ephemerals),
        action_schemas: by_name(actions),
        server_capabilities: Some(capabilities()),
        ..Default::default()
    })
}

fn capabilities() -> proto::ServerCapabilities {
    proto::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    }
}

pub(super) async fn metadata<P: Provider>(
    call: Call<P>,
    _: proto::get_metadata::Request,
) -> Result<proto::get_metadata::Response> {
    use proto::get_metadata::{
        ActionMetadata, DataSourceMetadata, EphemeralMetadata, ListResourceMetadata, ResourceMetadata,
    };
    let server = &call.server;
    let resources = server.resources().map(|it| it.type_name().to_owned());
    let data_sources = server.data_sources().map(|it| it.type_name().to_owned());
    let list_resources = server.list_resources.iter().map(|it| it.type_name().to_owned());
    let actions = server.actions.iter().map(|it| it.type_name().to_owned());
    let ephemerals = server.ephemeral_resources.iter().map(|it| it.type_name().to_owned());
    Ok(proto::get_metadata::Response {
        server_capabilities: Some(capabilities()),
        resources: resources.map(|type_name| ResourceMetadata { type_name }).collect(),
        data_sources: data_sources.map(|type_name| DataSourceMetadata { type_name }).collect(),
        list_resources: list_resources.map(|type_name| ListResourceMetadata { type_name }).collect(),
        actions: actions.map(|type_name| ActionMetadata { type_name }).collect(),
        ephemeral_resources: ephemerals.map(|type_name| EphemeralMetadata { type_name }).collect(),
        ..Default::default()
    })
}

/// Everything that runs is told; what comes later works as before.
pub(super) async fn stop<P: Provider>(
    call: Call<P>,
    _: proto::stop_provider::Request,
) -> Result<proto::stop_provider::Response> {
    call.operations.stop();
    Ok(Default::default())
}

pub(super) async fn validate_provider<P: Provider>(
    call: Call<P>,
    request: proto::validate_provider_config::Request,
) -> Result<proto::validate_provider_config::Response> {
    let config = convert::value(request.config.as_ref(), &call.server.schema().1)?;
    let diagnostics = convert::diagnostics(call.server.validate(&config));
    Ok(proto::validate_provider_config::Response { diagnostics })
}

pub(super) async fn configure<P: Provider>(
    call: Call<P>,
    request: proto::configure_provider::Request,
) -> Result<proto::configure_provider::Response> {
    let config = convert::value(request.config.as_ref(), &call.server.schema().1)?;
    let diagnostics = convert::diagnostics(call.server.configure(&config, &request.terraform_version));
    Ok(proto::configure_provider::Response { diagnostics })
}

pub(super) async fn validate_resource<P: Provider>(
    call: Call<P>,
    request: proto::validate_resource_config::Request,
) -> Result<proto::validate_resource_config::Response> {
    let resource = call.server.resource(&request.type_name)?;
    let config = convert::value(request.config.as_ref(), resource.ty())?;
    let diagnostics = resource.validate(&config, write_only_allowed(request.client_capabilities));
    Ok(proto::validate_resource_config::Response { diagnostics: convert::diagnostics(diagnostics) })
}

pub(super) async fn upgrade_state<P: Provider>(
    call: Call<P>,
    request: proto::upgrade_resource_state::Request,
) -> Result<proto::upgrade_resource_state::Response> {
    let resource = call.server.resource(&request.type_name)?;
    let state = resource.upgrade(request.version, raw_json(request.raw_state.as_ref())?)?;
    let upgraded_state = convert::dynamic(&state, resource.ty());
    Ok(proto::upgrade_resource_state::Response { upgraded_state, diagnostics: Vec::new() })
}

pub(super) async fn import<P: Provider>(
    call: Call<P>,
    request: proto::import_resource_state::Request,
) -> Result<proto::import_resource_state::Response> {
    let resource = call.server.resource(&request.type_name)?;
    let key = import_key(&request, resource.schema())?;
    let (state, private) = resource.import_by(&key)?;
    let imported = proto::import_resource_state::ImportedResource {
        type_name: request.type_name.clone(),
        state: convert::dynamic(&state, resource.ty()),
        private: private.to_bytes().into(),
        identity: convert::identity_of(&state, resource.schema()),
    };
    Ok(proto::import_resource_state::Response { imported_resources: vec![imported], ..Default::default() })
}

/// What an import names its object by: an identity, or else an id, which the form of ids judges even where it is empty.
fn import_key(request: &proto::import_resource_state::Request, schema: &Schema) -> Result<Value> {
    let Some(identity) = &request.identity else {
        return Ok(Value::Map([("id".to_owned(), Value::from(request.id.as_str()))].into()));
    };
    if !request.id.is_empty() {
        let detail =
            "An object to import is named either by its `id` or by its `identity`, and by one of the two.";
        return Err(Diagnostic::error("Invalid import", detail).into());
    }
    let key = convert::identity(Some(identity), schema)?.unwrap_or(Value::Null);
    schema.identity_fault(&key).map_or(Ok(key), |fault| Err(fault.into()))
}

/// One for each type whose objects have an identity.
pub(super) async fn identity_schemas<P: Provider>(
    call: Call<P>,
    _: proto::get_resource_identity_schemas::Request,
) -> Result<proto::get_resource_identity_schemas::Response> {
    let resources = call.server.resources().filter(|it| it.schema().has_identity());
    let identity_schemas =
        by_name(resources.map(|it| (it.type_name().to_owned(), convert::identity_schema(it.schema()))));
    Ok(proto::get_resource_identity_schemas::Response { identity_schemas, ..Default::default() })
}

/// A state may hold no identity at all: then there is nothing to convert, and the next read fills it in.
pub(super) async fn upgrade_identity<P: Provider>(
    call: Call<P>,
    request: proto::upgrade_resource_identity::Request,
) -> Result<proto::upgrade_resource_identity::Response> {
    let schema = call.server.resource(&request.type_name)?.schema();
    let stored = request.raw_identity.map(|it| it.json).unwrap_or_default();
    let upgraded_identity =
        schema.upgrade_identity(&stored).and_then(|it| convert::identity_data(&it, schema));
    Ok(proto::upgrade_resource_identity::Response { upgraded_identity, ..Default::default() })
}

pub(super) async fn move_state<P: Provider>(
    call: Call<P>,
    request: proto::move_resource_state::Request,
) -> Result<proto::move_resource_state::Response> {
    let target = call.server.resource(&request.target_type_name)?;
    let state = call.server.move_state(
        (&request.source_provider_address, &request.source_type_name),
        &request.target_type_name,
        request.source_schema_version,
        raw_json(request.source_state.as_ref())?,
    )?;
    Ok(proto::move_resource_state::Response {
        target_state: convert::dynamic(&state, target.ty()),
        target_private: request.source_private.clone(),
        target_identity: convert::identity_of(&state, target.schema()),
        ..Default::default()
    })
}

/// What a user would have written. A state that is missing gives an empty one.
pub(super) async fn generate<P: Provider>(
    call: Call<P>,
    request: proto::generate_resource_config::Request,
) -> Result<proto::generate_resource_config::Response> {
    let resource = call.server.resource(&request.type_name)?;
    let state = convert::value(request.state.as_ref(), resource.ty())?;
    let config = convert::dynamic(&resource.generate(&state), resource.ty());
    Ok(proto::generate_resource_config::Response { config, ..Default::default() })
}

pub(super) async fn plan<P: Provider>(
    call: Call<P>,
    request: proto::plan_resource_change::Request,
) -> Result<proto::plan_resource_change::Response> {
    let resource = call.server.resource(&request.type_name)?;
    let value = |message: &Option<proto::DynamicValue>| convert::value(message.as_ref(), resource.ty());
    let proposal = Proposal {
        config: value(&request.config)?,
        prior: value(&request.prior_state)?,
        proposed: value(&request.proposed_new_state)?,
        private: Private::from_bytes(&request.prior_private),
        planned_private: (!request.planned_private.is_empty())
            .then(|| Private::from_bytes(&request.planned_private)),
        remembers: request.client_capabilities.is_some_and(|it| it.store_planned_private),
    };
    let creates_or_ends = proposal.prior.is_null() || proposal.proposed.is_null();
    let mut planned = resource.plan(&proposal);
    if let Ok(context) = call.context() {
        if !planned.diagnostics.has_error() {
            resource.foresee(context.clone(), &proposal, &mut planned).await;
        }
        // What is refused without a call and what the API would refuse are told together.
        let found = resource.check_plan(context, &proposal, &planned).await;
        planned.diagnostics.append(found);
    }
    Ok(proto::plan_resource_change::Response {
        planned_state: convert::dynamic(&planned.value, resource.ty()),
        requires_replace: planned.replace.iter().map(convert::path).collect(),
        // What the first plan noted is what was planned.
        planned_private: match request.planned_private {
            empty if empty.is_empty() => planned.private.to_bytes().into(),
            first => first,
        },
        // The object that a replacement makes has another one, which nobody knows yet.
        planned_identity: request
            .prior_identity
            .filter(|_| !creates_or_ends && planned.replace.is_empty() && resource.schema().has_identity()),
        diagnostics: convert::diagnostics(planned.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn read<P: Provider>(
    call: Call<P>,
    request: proto::read_resource::Request,
) -> Result<proto::read_resource::Response> {
    let resource = call.server.resource(&request.type_name)?;
    let state = convert::value(request.current_state.as_ref(), resource.ty())?;
    let stored = convert::identity(request.current_identity.as_ref(), resource.schema())?;
    if let (Some(stored), Some(known)) = (stored, resource.schema().identity_of(&state))
        && stored != known
    {
        return Err(identity::contradiction(&request.type_name, &stored, &known).into());
    }
    let context = call.context()?;
    let outcome = resource.read(context, state, Private::from_bytes(&request.private)).await;
    Ok(proto::read_resource::Response {
        new_state: convert::dynamic(&outcome.state, resource.ty()),
        new_identity: convert::identity_of(&outcome.state, resource.schema()),
        private: outcome.private.to_bytes().into(),
        diagnostics: convert::diagnostics(outcome.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn apply<P: Provider>(
    call: Call<P>,
    request: proto::apply_resource_change::Request,
) -> Result<proto::apply_resource_change::Response> {
    let resource = call.server.resource(&request.type_name)?;
    let value = |message: &Option<proto::DynamicValue>| convert::value(message.as_ref(), resource.ty());
    let apply = Apply {
        config: value(&request.config)?,
        prior: value(&request.prior_state)?,
        planned: value(&request.planned_state)?,
        private: Private::from_bytes(&request.planned_private),
    };
    let creates = apply.prior.is_null();
    let outcome = crash::apply(resource, call.context()?, apply).await;
    if creates && call.given_up.is_cancelled() {
        crash::log_untold(&request.type_name, &outcome);
    }
    let is_tainted = creates && !outcome.state.is_null() && outcome.diagnostics.has_error();
    call.way_out.pass(is_tainted).await;
    Ok(proto::apply_resource_change::Response {
        new_state: convert::dynamic(&outcome.state, resource.ty()),
        new_identity: convert::identity_of(&outcome.state, resource.schema()),
        private: outcome.private.to_bytes().into(),
        diagnostics: convert::diagnostics(outcome.diagnostics),
        ..Default::default()
    })
}
