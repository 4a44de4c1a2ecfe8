//! A crash in the middle of an apply, seen through the service as a client sees it.

mod newest;

use serde_json::{Value as Json, json};
use tonic::Request;

use crate::attr::Attr;
use crate::client::{propose, value};
use crate::data_source::DynDataSource;
use crate::demo::{Cloud, Disk, config, state};
use crate::erased::{DynResource, resource};
use crate::model::Model;
use crate::plugin::convert;
use crate::plugin::operations::Operations;
use crate::plugin::proto::tfplugin6 as proto;
use crate::plugin::proto::tfplugin6::provider_server::Provider as _;
use crate::plugin::rpc::Service;
use crate::provider::{Provider, Server};
use crate::resource::{Result, Rules};
use crate::value::Value;

/// A provider block.
#[derive(Model)]
struct Settings {
    /// Zone to work in.
    #[tf(optional, local)]
    zone: Attr<String>,
}

/// A provider whose resource panics while it is waited for.
struct Crashing;

impl Provider for Crashing {
    type Config = Settings;
    type Data = Cloud;

    const ADDRESSES: &'static [&'static str] = &[];

    fn resources() -> Vec<Box<dyn DynResource<Cloud>>> {
        vec![resource::<Disk>()]
    }

    fn data_sources() -> Vec<Box<dyn DynDataSource<Cloud>>> {
        Vec::new()
    }

    fn validate(config: &Settings, _: &mut Rules) {
        let _ = config.zone.text();
    }

    fn configure(_: Settings, _: &str) -> Result<Cloud> {
        Ok(Cloud { fails: "panic", ..Cloud::default() })
    }
}

/// Plans a configuration over a state, applies it, and returns the state and all messages.
async fn applied(prior: &Json, config: &Json) -> (Value, String) {
    let service = Service::<Crashing>::new(Server::default(), Operations::default());
    let configured = service.configure_provider(Request::new(proto::configure_provider::Request::default()));
    assert!(configured.await.unwrap().into_inner().diagnostics.is_empty());
    let disk = resource::<Disk>();
    let (schema, ty) = (disk.schema(), disk.ty());
    let (prior, config) = (value(schema, prior), value(schema, config));
    let plan = proto::plan_resource_change::Request {
        type_name: "demo_disk".to_owned(),
        proposed_new_state: convert::dynamic(&propose(schema, &config, &prior), ty),
        prior_state: convert::dynamic(&prior, ty),
        config: convert::dynamic(&config, ty),
        ..Default::default()
    };
    let planned = service.plan_resource_change(Request::new(plan.clone())).await.unwrap().into_inner();
    let apply = proto::apply_resource_change::Request {
        type_name: plan.type_name,
        prior_state: plan.prior_state,
        config: plan.config,
        planned_state: planned.planned_state,
        planned_private: planned.planned_private,
        ..Default::default()
    };
    let answer = service.apply_resource_change(Request::new(apply)).await.unwrap().into_inner();
    let text = answer.diagnostics.iter().map(|it| format!("{}: {}\n", it.summary, it.detail)).collect();
    (convert::value(answer.new_state.as_ref(), ty).unwrap(), text)
}

#[tokio::test]
async fn demand_06_a_crash_after_the_create_call_leaves_the_id_in_the_state_and_says_so() {
    let (state, text) = applied(&Json::Null, &config(json!({"timeouts": {"create": "5m"}}))).await;
    assert_eq!(state.get("id"), &Value::from("disk-1"));
    assert_eq!(state.get("size"), value(resource::<Disk>().schema(), &config(json!({}))).get("size"));
    for words in ["crashed", "\"disk-1\"", "exists", "terraform untaint", "terraform destroy"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[tokio::test]
async fn a_crash_during_a_change_keeps_the_state_and_calls_nothing_new() {
    let (after, text) = applied(&state(json!({})), &config(json!({"name": "panic"}))).await;
    assert_eq!(after.get("id"), &Value::from("disk-1"));
    assert_eq!(after.get("name"), &Value::from("auto"));
    assert!(text.contains("crashed") && !text.contains("untaint"), "{text}");
}
