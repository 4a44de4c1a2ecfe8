//! The calls of what is configured and never planned: data sources, list resources, actions and ephemeral resources.

use tokio::sync::mpsc;

use crate::crash::caught;
use crate::definition::Defined;
use crate::diagnostics::Diagnostics;
use crate::ephemeral::Opened;
use crate::erased::DynResource;
use crate::list_resource::{Listed, Wanted};
use crate::plugin::convert;
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::rpc::Call;
use crate::plugin::rpc::leases::lease;
use crate::plugin::rpc::streams::Events;
use crate::provider::Provider;
use crate::resource::Result;
use crate::value::Value;

/// Checks a configuration. Null is one in which nothing is set.
fn validated<T: Defined + ?Sized>(
    defined: &T,
    config: Option<&proto::DynamicValue>,
) -> Result<Vec<proto::Diagnostic>> {
    let config = defined.definition().whole(convert::value(config, defined.ty())?);
    Ok(convert::diagnostics(defined.validate(&config)))
}

pub(in crate::plugin::rpc) async fn validate_data_source<P: Provider>(
    call: Call<P>,
    request: proto::validate_data_resource_config::Request,
) -> Result<proto::validate_data_resource_config::Response> {
    let diagnostics = validated(call.server.data_source(&request.type_name)?, request.config.as_ref())?;
    Ok(proto::validate_data_resource_config::Response { diagnostics })
}

pub(in crate::plugin::rpc) async fn read_data_source<P: Provider>(
    call: Call<P>,
    request: proto::read_data_source::Request,
) -> Result<proto::read_data_source::Response> {
    let source = call.server.data_source(&request.type_name)?;
    let config = convert::value(request.config.as_ref(), source.ty())?;
    let (state, diagnostics) = source.read(call.context()?, config).await;
    Ok(proto::read_data_source::Response {
        state: convert::dynamic(&state, source.ty()),
        diagnostics: convert::diagnostics(diagnostics),
        ..Default::default()
    })
}

pub(in crate::plugin::rpc) async fn validate_list<P: Provider>(
    call: Call<P>,
    request: proto::validate_list_resource_config::Request,
) -> Result<proto::validate_list_resource_config::Response> {
    let diagnostics =
        validated(call.server.list_resources.get(&request.type_name)?, request.config.as_ref())?;
    Ok(proto::validate_list_resource_config::Response { diagnostics })
}

pub(in crate::plugin::rpc) async fn list<P: Provider>(
    call: Call<P>,
    request: proto::list_resource::Request,
    events: Events<proto::list_resource::Event>,
) -> Result<Diagnostics> {
    let list = call.server.list_resources.get(&request.type_name)?;
    let config = convert::value(request.config.as_ref(), list.ty())?;
    let limit = usize::try_from(request.limit).unwrap_or_default();
    let wanted = Wanted { limit, objects: request.include_resource_object };
    let context = call.context()?;
    if limit == 0 {
        return Ok(Diagnostics::default());
    }
    let (found, mut finds) = mpsc::channel::<Listed>(1);
    let tell = async {
        while let Some(it) = finds.recv().await {
            if events.send(Ok(event(it, list.listed()))).await.is_err() {
                finds.close();
            }
        }
    };
    Ok(tokio::join!(list.list(context, config, wanted, found), tell).0)
}

fn event<D>(listed: Listed, resource: &dyn DynResource<D>) -> proto::list_resource::Event {
    proto::list_resource::Event {
        identity: convert::identity_data(&listed.identity, resource.schema()),
        display_name: convert::text(listed.name.replace('\n', " ")),
        resource_object: listed.object.and_then(|it| convert::dynamic(&it, resource.ty())),
        diagnostic: convert::diagnostics(listed.diagnostics),
    }
}

pub(in crate::plugin::rpc) async fn validate_action<P: Provider>(
    call: Call<P>,
    request: proto::validate_action_config::Request,
) -> Result<proto::validate_action_config::Response> {
    let diagnostics = validated(call.server.actions.get(&request.type_name)?, request.config.as_ref())?;
    Ok(proto::validate_action_config::Response { diagnostics })
}

pub(in crate::plugin::rpc) async fn plan_action<P: Provider>(
    call: Call<P>,
    request: proto::plan_action::Request,
) -> Result<proto::plan_action::Response> {
    let action = call.server.actions.get(&request.action_type)?;
    let config = convert::value(request.config.as_ref(), action.ty())?;
    let diagnostics = convert::diagnostics(action.plan(call.context()?, config).await);
    Ok(proto::plan_action::Response { diagnostics, ..Default::default() })
}

pub(in crate::plugin::rpc) async fn invoke<P: Provider>(
    call: Call<P>,
    request: proto::invoke_action::Request,
    events: Events<proto::invoke_action::Event>,
) -> Result<Diagnostics> {
    use proto::invoke_action::event::{Progress, Type};
    let action = call.server.actions.get(&request.action_type)?;
    let config = convert::value(request.config.as_ref(), action.ty())?;
    let (line, mut lines) = mpsc::unbounded_channel();
    let tell = async {
        while let Some(message) = lines.recv().await {
            let progress = Type::Progress(Progress { message: convert::text(message) });
            // Who has gone needs no progress; what was begun goes on until it is stopped.
            let _ = events.send(Ok(proto::invoke_action::Event { r#type: Some(progress) })).await;
        }
    };
    let context = call.context()?;
    // A panic must not take with it what was told before.
    tokio::join!(caught(async { Ok(action.invoke(context, config, line).await) }), tell).0
}

pub(in crate::plugin::rpc) async fn validate_ephemeral<P: Provider>(
    call: Call<P>,
    request: proto::validate_ephemeral_resource_config::Request,
) -> Result<proto::validate_ephemeral_resource_config::Response> {
    let ephemeral = call.server.ephemeral_resources.get(&request.type_name)?;
    let diagnostics = validated(ephemeral, request.config.as_ref())?;
    Ok(proto::validate_ephemeral_resource_config::Response { diagnostics })
}

pub(in crate::plugin::rpc) async fn open<P: Provider>(
    call: Call<P>,
    request: proto::open_ephemeral_resource::Request,
) -> Result<proto::open_ephemeral_resource::Response> {
    let ephemeral = call.server.ephemeral_resources.get(&request.type_name)?;
    let config = convert::value(request.config.as_ref(), ephemeral.ty())?;
    let (Opened { value, lease }, told) = ephemeral.open(call.context()?, config).await;
    let keep = |id| call.leases.keep(&call.server, &call.operations, &request.type_name, id);
    Ok(proto::open_ephemeral_resource::Response {
        private: lease.as_ref().map(|it| keep(&it.id)),
        renew_at: lease.and_then(|it| it.renew_at).map(Into::into),
        result: Some(value)
            .filter(|it| *it != Value::Null)
            .and_then(|it| convert::dynamic(&it, ephemeral.ty())),
        diagnostics: convert::diagnostics(told),
        ..Default::default()
    })
}

pub(in crate::plugin::rpc) async fn renew<P: Provider>(
    call: Call<P>,
    request: proto::renew_ephemeral_resource::Request,
) -> Result<proto::renew_ephemeral_resource::Response> {
    let ephemeral = call.server.ephemeral_resources.get(&request.type_name)?;
    let private = request.private;
    let Some(lease) = lease(private.as_ref()) else {
        return Ok(proto::renew_ephemeral_resource::Response { private, ..Default::default() });
    };
    let (again, told) = ephemeral.renew(call.context()?, lease).await;
    Ok(proto::renew_ephemeral_resource::Response {
        diagnostics: convert::diagnostics(told),
        renew_at: again.map(Into::into),
        private,
    })
}

pub(in crate::plugin::rpc) async fn close<P: Provider>(
    call: Call<P>,
    request: proto::close_ephemeral_resource::Request,
) -> Result<proto::close_ephemeral_resource::Response> {
    let ephemeral = call.server.ephemeral_resources.get(&request.type_name)?;
    let (Some(lease), Some(private)) = (lease(request.private.as_ref()), &request.private) else {
        return Ok(Default::default());
    };
    let told = ephemeral.close(call.context()?, lease).await;
    if !told.has_error() {
        call.leases.forget(&request.type_name, private);
    }
    Ok(proto::close_ephemeral_resource::Response { diagnostics: convert::diagnostics(told) })
}
