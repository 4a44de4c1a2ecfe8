//! A client of ours that speaks as Pulumi's bridge for any Terraform provider does: it knows the types of one prefix,
//! writes every number as a double, compares the bytes that come back, makes a replacement before it destroys what is
//! replaced, and forgets the state of a creation that ends with an error.

use bytes::Bytes;
use mock_cloud::Options;
use rmpv::Value as Packed;
use serde_json::{Value, json};

use super::cli::{assert_alive, broken_image};
use super::table::{Line, Task};
use crate::launch::within;
use crate::proto::tfplugin6::diagnostic::Severity;
use crate::proto::tfplugin6::{
    Diagnostic, DynamicValue, RawState, apply_resource_change, configure_provider, import_resource_state,
    plan_resource_change, read_resource, upgrade_resource_state, validate_resource_config,
};
use crate::service::{GPU, Shape, World, patched, proposed};

/// The bridge whose way of speaking this is.
pub(super) const VERSION: &str = "3.120.0";

/// The types that it serves: it refuses a provider with two prefixes, unless it is told to leave others out.
const PREFIX: &str = "novita_";

pub(super) fn line() -> Line {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let mut line = Line::of("a stand-in for Pulumi's bridge");
    let world = runtime.block_on(World::unconfigured(Options::default(), crate::options::Options::default()));
    line.cell(Task::Install, || runtime.block_on(configure(&world)));
    line.cell(Task::Schema, || {
        let types = world.type_names();
        let one_prefix: Vec<_> = types.iter().filter(|it| it.starts_with(PREFIX)).collect();
        assert!(one_prefix.contains(&&GPU.type_name), "There is no {}.", GPU.type_name);
    });
    let bridge = Bridge { world: &world, shape: world.shape(GPU.type_name) };
    let first = config(&json!({}));
    let changed = config(&json!({"image_url": "docker.io/acme/trainer:1.5"}));
    let replaced = config(&json!({"image_url": "docker.io/acme/trainer:1.5", "gpu_num": 2}));
    let mut kept = Kept::default();
    line.cell(Task::Create, || {
        kept = runtime.block_on(bridge.create(&first));
        runtime.block_on(bridge.assert_settled(&first, &kept));
        assert_alive(&world.cloud, &bridge.id(&kept));
    });
    line.cell(Task::Import, || {
        let imported = runtime.block_on(bridge.import(&bridge.id(&kept)));
        runtime.block_on(bridge.assert_settled(&first, &imported));
    });
    line.cell(Task::Change, || {
        let before = bridge.id(&kept);
        let plan = runtime.block_on(bridge.plan(&changed, &kept));
        assert!(plan.requires_replace.is_empty(), "The change replaces the machine.");
        kept = runtime.block_on(bridge.apply(&changed, &kept, plan));
        runtime.block_on(bridge.assert_settled(&changed, &kept));
        assert_alive(&world.cloud, &before);
    });
    line.cell(Task::Replace, || {
        let plan = runtime.block_on(bridge.plan(&replaced, &kept));
        assert!(!plan.requires_replace.is_empty(), "The change does not replace the machine.");
        let new = runtime.block_on(bridge.create(&replaced));
        runtime.block_on(bridge.destroy(&kept));
        kept = new;
        runtime.block_on(bridge.assert_settled(&replaced, &kept));
        assert_alive(&world.cloud, &bridge.id(&kept));
    });
    line.cell(Task::Destroy, || {
        runtime.block_on(bridge.destroy(&kept));
        assert!(world.cloud.alive().is_empty(), "A machine is left.");
    });
    line.cell(Task::FailedCreate, || {
        world.cloud.faults().push(broken_image());
        let kept = runtime.block_on(bridge.create(&first));
        assert_alive(&world.cloud, &bridge.id(&kept));
        runtime.block_on(bridge.destroy(&kept));
        assert!(world.cloud.alive().is_empty(), "A machine is left.");
    });
    runtime.block_on(world.shut_down());
    line
}

fn config(changes: &Value) -> Value {
    patched(&(GPU.least)(), changes)
}

async fn configure(world: &World) {
    let request = configure_provider::Request {
        terraform_version: format!("pulumi-terraform-bridge/{VERSION}"),
        config: Some(doubles(&world.block.encode(&world.block_config()))),
        client_capabilities: None,
    };
    let answer = within(world.client().configure_provider(request)).await.expect("an answer");
    assert_no_error(&answer.into_inner().diagnostics);
}

/// What the client keeps of a resource: the state with its numbers as doubles, and the bytes beside it.
#[derive(Clone, Default)]
struct Kept {
    state: DynamicValue,
    private: Bytes,
}

/// The client, with the one type that it is asked about.
struct Bridge<'w> {
    world: &'w World,
    shape: &'w Shape,
}

impl Bridge<'_> {
    fn kind() -> String {
        GPU.type_name.to_owned()
    }

    fn encode(&self, value: &Value) -> DynamicValue {
        doubles(&self.shape.encode(value))
    }

    fn nothing(&self) -> Kept {
        Kept { state: self.encode(&Value::Null), private: Bytes::new() }
    }

    fn id(&self, kept: &Kept) -> String {
        self.shape.decode(Some(&kept.state))["id"].as_str().expect("an id is kept").to_owned()
    }

    async fn plan(&self, config: &Value, kept: &Kept) -> plan_resource_change::Response {
        let complete = self.shape.complete(config);
        let prior = self.shape.decode(Some(&kept.state));
        let proposed = match config {
            Value::Null => Value::Null,
            _ => proposed(&self.shape.attributes, &prior, &complete),
        };
        let request = plan_resource_change::Request {
            type_name: Self::kind(),
            prior_state: Some(kept.state.clone()),
            proposed_new_state: Some(self.encode(&proposed)),
            config: Some(self.encode(&complete)),
            prior_private: kept.private.clone(),
            ..Default::default()
        };
        let answer = within(self.world.client().plan_resource_change(request)).await.expect("an answer");
        let answer = answer.into_inner();
        assert_no_error(&answer.diagnostics);
        answer
    }

    async fn apply(&self, config: &Value, kept: &Kept, plan: plan_resource_change::Response) -> Kept {
        let request = apply_resource_change::Request {
            type_name: Self::kind(),
            prior_state: Some(kept.state.clone()),
            planned_state: plan.planned_state,
            config: Some(self.encode(&self.shape.complete(config))),
            planned_private: plan.planned_private,
            ..Default::default()
        };
        let answer = within(self.world.client().apply_resource_change(request)).await.expect("an answer");
        let answer = answer.into_inner();
        // Here the state would be forgotten.
        assert_no_error(&answer.diagnostics);
        Kept { state: doubles(&answer.new_state.expect("a state")), private: answer.private }
    }

    async fn create(&self, config: &Value) -> Kept {
        let request = validate_resource_config::Request {
            type_name: Self::kind(),
            config: Some(self.encode(&self.shape.complete(config))),
            client_capabilities: None,
        };
        let answer = within(self.world.client().validate_resource_config(request)).await.expect("an answer");
        assert_no_error(&answer.into_inner().diagnostics);
        let nothing = self.nothing();
        let plan = self.plan(config, &nothing).await;
        self.apply(config, &nothing, plan).await
    }

    async fn destroy(&self, kept: &Kept) {
        let plan = self.plan(&Value::Null, kept).await;
        self.apply(&Value::Null, kept, plan).await;
    }

    async fn import(&self, id: &str) -> Kept {
        let request = import_resource_state::Request {
            type_name: Self::kind(),
            id: id.to_owned(),
            client_capabilities: None,
            identity: None,
        };
        let answer = within(self.world.client().import_resource_state(request)).await.expect("an answer");
        let answer = answer.into_inner();
        assert_no_error(&answer.diagnostics);
        let imported = answer.imported_resources.into_iter().next().expect("one is imported");
        let state = doubles(&imported.state.expect("a state"));
        self.read(&Kept { state, private: imported.private }).await
    }

    async fn read(&self, kept: &Kept) -> Kept {
        let request = read_resource::Request {
            type_name: Self::kind(),
            current_state: Some(kept.state.clone()),
            private: kept.private.clone(),
            ..Default::default()
        };
        let answer =
            within(self.world.client().read_resource(request)).await.expect("an answer").into_inner();
        assert_no_error(&answer.diagnostics);
        Kept { state: answer.new_state.expect("a state"), private: answer.private }
    }

    /// The state as the client reads it out of its own file.
    async fn upgrade(&self, kept: &Kept) -> Kept {
        let json = self.shape.decode(Some(&kept.state)).to_string().into_bytes().into();
        let request = upgrade_resource_state::Request {
            type_name: Self::kind(),
            version: self.shape.version,
            raw_state: Some(RawState { json, ..Default::default() }),
        };
        let answer = within(self.world.client().upgrade_resource_state(request)).await.expect("an answer");
        let answer = answer.into_inner();
        assert_no_error(&answer.diagnostics);
        let state = doubles(&answer.upgraded_state.expect("a state"));
        Kept { state, private: kept.private.clone() }
    }

    /// Out of the file, read and planned, it is byte by byte what it was.
    async fn assert_settled(&self, config: &Value, kept: &Kept) {
        let upgraded = self.upgrade(kept).await;
        let read = self.read(&upgraded).await;
        assert!(read.state == upgraded.state, "A read changes the bytes of the state.");
        let plan = self.plan(config, &read).await;
        assert!(plan.planned_state.as_ref() == Some(&read.state), "A plan without a change changes bytes.");
        assert!(plan.requires_replace.is_empty(), "A plan without a change replaces.");
    }
}

/// The same value with each number as a double.
fn doubles(value: &DynamicValue) -> DynamicValue {
    let packed = rmpv::decode::read_value(&mut &value.msgpack[..]).expect("a value");
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, &doubled(packed)).expect("a value");
    DynamicValue { msgpack: msgpack.into(), json: Bytes::new() }
}

fn doubled(value: Packed) -> Packed {
    match value {
        Packed::Integer(number) => Packed::F64(number.as_f64().expect("a number")),
        Packed::Array(members) => Packed::Array(members.into_iter().map(doubled).collect()),
        Packed::Map(members) => {
            Packed::Map(members.into_iter().map(|(key, it)| (key, doubled(it))).collect())
        }
        other => other,
    }
}

fn assert_no_error(diagnostics: &[Diagnostic]) {
    let errors = diagnostics.iter().filter(|it| it.severity() == Severity::Error);
    let errors: Vec<_> = errors.map(|it| format!("Error: {}\n{}", it.summary, it.detail)).collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}
