//! One function per call that a resource takes part in: decode, ask the framework, encode.
//!
//! Failures are messages for the user, never a gRPC status: a status names neither resource nor
//! attribute, and on apply it would lose what was created.

use std::sync::{Arc, PoisonError};

use tokio::task::yield_now;
use tokio_util::sync::CancellationToken;

use crate::framework::apply::{Apply, Outcome, known};
use crate::framework::data_source::DynDataSource;
use crate::framework::diagnostics::{Diagnostic, Diagnostics};
use crate::framework::erased::DynResource;
use crate::framework::plan::Proposal;
use crate::framework::private::Private;
use crate::framework::protection;
use crate::framework::provider::{Provider, Server};
use crate::framework::resource::{Result, StateCell};
use crate::framework::types::Type;
use crate::framework::value::Value;
use crate::plugin::convert;
use crate::plugin::proto::tfplugin6 as proto;

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
        _ => Err(Diagnostic::error("State is missing", "The client sent no state to convert.").into()),
    }
}

/// Everything that the client must know before it reads a configuration. Other tasks run between the parts.
pub(super) async fn schemas<P: Provider>(server: &Server<P>) -> proto::get_provider_schema::Response {
    let mut answer = proto::get_provider_schema::Response {
        provider: convert::schema(&server.schema().0),
        server_capabilities: Some(capabilities()),
        ..Default::default()
    };
    for it in server.resources() {
        yield_now().await;
        answer.resource_schemas.insert(it.type_name().to_owned(), convert::schema(it.schema()));
    }
    for it in server.data_sources() {
        yield_now().await;
        answer.data_source_schemas.insert(it.type_name().to_owned(), convert::schema(it.schema()));
    }
    answer
}

pub(super) fn capabilities() -> proto::ServerCapabilities {
    proto::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: false,
    }
}

pub(super) fn metadata<P: Provider>(server: &Server<P>) -> proto::get_metadata::Response {
    let resource = |it: &dyn DynResource<P::Data>| proto::get_metadata::ResourceMetadata {
        type_name: it.type_name().to_owned(),
    };
    let data_source = |it: &dyn DynDataSource<P::Data>| proto::get_metadata::DataSourceMetadata {
        type_name: it.type_name().to_owned(),
    };
    proto::get_metadata::Response {
        server_capabilities: Some(capabilities()),
        resources: server.resources().map(resource).collect(),
        data_sources: server.data_sources().map(data_source).collect(),
        ..Default::default()
    }
}

pub(super) fn validate_provider<P: Provider>(
    server: &Server<P>,
    request: &proto::validate_provider_config::Request,
) -> Result<proto::validate_provider_config::Response> {
    let config = convert::value(request.config.as_ref(), &server.schema().1)?;
    let diagnostics = convert::diagnostics(server.validate(&config));
    Ok(proto::validate_provider_config::Response { diagnostics })
}

pub(super) fn configure<P: Provider>(
    server: &Server<P>,
    request: &proto::configure_provider::Request,
) -> Result<proto::configure_provider::Response> {
    let config = convert::value(request.config.as_ref(), &server.schema().1)?;
    let diagnostics = convert::diagnostics(server.configure(&config, &request.terraform_version));
    Ok(proto::configure_provider::Response { diagnostics })
}

pub(super) fn validate_resource<P: Provider>(
    server: &Server<P>,
    request: &proto::validate_resource_config::Request,
) -> Result<proto::validate_resource_config::Response> {
    let resource = server.resource(&request.type_name)?;
    let config = convert::value(request.config.as_ref(), resource.ty())?;
    let diagnostics = resource.validate(&config, write_only_allowed(request.client_capabilities));
    Ok(proto::validate_resource_config::Response { diagnostics: convert::diagnostics(diagnostics) })
}

pub(super) fn validate_data_source<P: Provider>(
    server: &Server<P>,
    request: &proto::validate_data_resource_config::Request,
) -> Result<proto::validate_data_resource_config::Response> {
    let source = server.data_source(&request.type_name)?;
    let config = convert::value(request.config.as_ref(), source.ty())?;
    let diagnostics = convert::diagnostics(source.validate(&config));
    Ok(proto::validate_data_resource_config::Response { diagnostics })
}

pub(super) async fn read_data_source<P: Provider>(
    server: Arc<Server<P>>,
    stop: CancellationToken,
    request: proto::read_data_source::Request,
) -> Result<proto::read_data_source::Response> {
    let source = server.data_source(&request.type_name)?;
    let config = convert::value(request.config.as_ref(), source.ty())?;
    let (state, diagnostics) = source.read(server.environment(stop)?, config).await;
    Ok(proto::read_data_source::Response {
        state: convert::dynamic(&state, source.ty()),
        diagnostics: convert::diagnostics(diagnostics),
        ..Default::default()
    })
}

pub(super) fn upgrade_state<P: Provider>(
    server: &Server<P>,
    request: &proto::upgrade_resource_state::Request,
) -> Result<proto::upgrade_resource_state::Response> {
    let resource = server.resource(&request.type_name)?;
    let state = resource.upgrade(request.version, raw_json(request.raw_state.as_ref())?)?;
    let upgraded_state = convert::dynamic(&state, resource.ty());
    Ok(proto::upgrade_resource_state::Response { upgraded_state, diagnostics: Vec::new() })
}

pub(super) fn import<P: Provider>(
    server: &Server<P>,
    request: &proto::import_resource_state::Request,
) -> Result<proto::import_resource_state::Response> {
    let resource = server.resource(&request.type_name)?;
    let (state, private) = resource.import(&request.id)?;
    let imported = proto::import_resource_state::ImportedResource {
        type_name: request.type_name.clone(),
        state: convert::dynamic(&state, resource.ty()),
        private: private.to_bytes().into(),
        identity: None,
    };
    Ok(proto::import_resource_state::Response { imported_resources: vec![imported], ..Default::default() })
}

pub(super) fn move_state<P: Provider>(
    server: &Server<P>,
    request: &proto::move_resource_state::Request,
) -> Result<proto::move_resource_state::Response> {
    let target = server.resource(&request.target_type_name)?;
    let state = server.move_state(
        (&request.source_provider_address, &request.source_type_name),
        &request.target_type_name,
        request.source_schema_version,
        raw_json(request.source_state.as_ref())?,
    )?;
    Ok(proto::move_resource_state::Response {
        target_state: convert::dynamic(&state, target.ty()),
        target_private: request.source_private.clone(),
        ..Default::default()
    })
}

pub(super) async fn plan<P: Provider>(
    server: Arc<Server<P>>,
    stop: CancellationToken,
    request: proto::plan_resource_change::Request,
) -> Result<proto::plan_resource_change::Response> {
    let resource = server.resource(&request.type_name)?;
    let value = |message: &Option<proto::DynamicValue>| convert::value(message.as_ref(), resource.ty());
    let proposal = Proposal {
        config: value(&request.config)?,
        prior: value(&request.prior_state)?,
        proposed: value(&request.proposed_new_state)?,
        private: Private::from_bytes(&request.prior_private),
    };
    let mut planned = resource.plan(&proposal);
    if let (false, Ok(environment)) = (planned.diagnostics.has_error(), server.environment(stop)) {
        let found = resource.check_plan(environment, &proposal, &planned).await;
        planned.diagnostics.append(found);
    }
    Ok(proto::plan_resource_change::Response {
        planned_state: convert::dynamic(&planned.value, resource.ty()),
        requires_replace: planned.replace.iter().map(convert::path).collect(),
        planned_private: planned.private.to_bytes().into(),
        diagnostics: convert::diagnostics(planned.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn read<P: Provider>(
    server: Arc<Server<P>>,
    stop: CancellationToken,
    request: proto::read_resource::Request,
) -> Result<proto::read_resource::Response> {
    let resource = server.resource(&request.type_name)?;
    let state = convert::value(request.current_state.as_ref(), resource.ty())?;
    let environment = server.environment(stop)?;
    let outcome = resource.read(environment, state, Private::from_bytes(&request.private)).await;
    Ok(proto::read_resource::Response {
        new_state: convert::dynamic(&outcome.state, resource.ty()),
        private: outcome.private.to_bytes().into(),
        diagnostics: convert::diagnostics(outcome.diagnostics),
        ..Default::default()
    })
}

/// The answer to a read that failed outside of the resource: everything stays as it was.
pub(super) fn read_refused(
    request: proto::read_resource::Request,
    failure: Diagnostics,
) -> proto::read_resource::Response {
    proto::read_resource::Response {
        new_state: request.current_state,
        private: request.private,
        diagnostics: convert::diagnostics(failure),
        ..Default::default()
    }
}

pub(super) async fn apply<P: Provider>(
    server: Arc<Server<P>>,
    stop: CancellationToken,
    request: proto::apply_resource_change::Request,
    cell: StateCell,
) -> Result<proto::apply_resource_change::Response> {
    let resource = server.resource(&request.type_name)?;
    let value = |message: &Option<proto::DynamicValue>| convert::value(message.as_ref(), resource.ty());
    let apply = Apply {
        config: value(&request.config)?,
        prior: value(&request.prior_state)?,
        planned: value(&request.planned_state)?,
        private: Private::from_bytes(&request.planned_private),
    };
    let environment = server.environment(stop)?;
    Ok(applied(resource.apply(environment, apply, cell).await, resource.ty()))
}

fn applied(outcome: Outcome, ty: &Type) -> proto::apply_resource_change::Response {
    proto::apply_resource_change::Response {
        new_state: convert::dynamic(&outcome.state, ty),
        private: outcome.private.to_bytes().into(),
        diagnostics: convert::diagnostics(outcome.diagnostics),
        ..Default::default()
    }
}

/// The answer to an apply that failed outside of the resource: what the cell holds exists, else
/// everything is as it was before.
pub(super) fn apply_refused<P: Provider>(
    server: &Server<P>,
    request: proto::apply_resource_change::Request,
    cell: &StateCell,
    mut failure: Diagnostics,
) -> proto::apply_resource_change::Response {
    let saved = cell.lock().unwrap_or_else(PoisonError::into_inner).take();
    let state = match (saved, server.resource(&request.type_name)) {
        (Some(state), Ok(resource)) => {
            let mut state = known(state);
            if is_null(request.prior_state.as_ref(), resource.ty()) {
                failure.append(made_before(&request.type_name, &state).into());
                protection::lift(resource.schema(), &mut state);
            }
            convert::dynamic(&state, resource.ty())
        }
        _ => request.prior_state,
    };
    proto::apply_resource_change::Response {
        new_state: state,
        private: request.planned_private,
        diagnostics: convert::diagnostics(failure),
        ..Default::default()
    }
}

fn is_null(message: Option<&proto::DynamicValue>, ty: &Type) -> bool {
    convert::value(message, ty).is_ok_and(|it| it.is_null())
}

/// What a creation had made when it was cut short.
fn made_before(type_name: &str, state: &Value) -> Diagnostic {
    let id = state.get("id").as_str().unwrap_or_default();
    let detail = format!(
        "The `{type_name}` with the id {id:?} exists and may cost money. It is in the state, marked as tainted: the \
         next apply replaces it. To keep it, run `terraform untaint` on its address; to remove it, destroy it."
    );
    Diagnostic::error("Something was made before the crash", detail)
}
