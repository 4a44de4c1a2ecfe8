//! The calls about one resource, made and checked as a client makes and checks them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::client::{plan_faults, proposed, result_faults};
use super::said::{Said, path, said, text_of};
use super::shape::{Shape, has_unknown};
use super::subject::Subject;
use super::world::World;
use crate::launch::within;
use crate::proto::tfplugin6::{
    ClientCapabilities, RawState, apply_resource_change, import_resource_state, plan_resource_change,
    read_resource, upgrade_resource_state, validate_resource_config,
};

/// A resource of a world.
#[derive(Clone, Copy)]
pub(crate) struct Resource<'w> {
    pub(crate) world: &'w World,
    pub(crate) subject: &'static Subject,
    pub(crate) shape: &'w Shape,
}

/// What a client keeps of an object: the state and the bytes beside it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object {
    pub(crate) state: Value,
    pub(crate) private: Bytes,
}

/// What a provider answers to apply, read, import and upgrade.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) state: Value,
    pub(crate) private: Bytes,
    pub(crate) said: Vec<Said>,
}

/// A plan, with what it was made of.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) config: Value,
    pub(crate) prior: Option<Object>,
    pub(crate) value: Value,
    /// Attributes that replace the object.
    pub(crate) replace: Vec<String>,
    pub(crate) private: Bytes,
    pub(crate) said: Vec<Said>,
}

/// What current clients can do.
pub(crate) const ABLE: ClientCapabilities = ClientCapabilities {
    deferral_allowed: true,
    write_only_attributes_allowed: true,
    store_planned_private: false,
    computed_blocks_allowed: false,
};

impl Answer {
    fn has_error(&self) -> bool {
        self.said.iter().any(|it| it.is_error)
    }

    /// The object of a call that worked; warnings are allowed.
    pub(crate) fn object(self) -> Object {
        assert!(!self.has_error(), "{}", text_of(&self.said));
        assert!(!self.state.is_null(), "there is no object");
        self.left()
    }

    /// What a client keeps, whether the call worked or not.
    pub(crate) fn left(self) -> Object {
        Object { state: self.state, private: self.private }
    }

    /// The words of a call that failed.
    #[track_caller]
    pub(crate) fn error(&self) -> String {
        assert!(self.has_error(), "there is no error: {}", text_of(&self.said));
        text_of(&self.said)
    }

    /// The call failed, and left nothing behind.
    #[track_caller]
    pub(crate) fn nothing_but_an_error(&self) -> String {
        assert_eq!(self.state, Value::Null);
        self.error()
    }
}

impl Object {
    pub(crate) fn id(&self) -> &str {
        self.state["id"].as_str().unwrap_or_default()
    }
}

impl Planned {
    #[track_caller]
    pub(crate) fn accepted(self) -> Self {
        let errors: Vec<_> = self.said.iter().filter(|it| it.is_error).cloned().collect();
        assert!(errors.is_empty(), "{}", text_of(&errors));
        self
    }

    #[track_caller]
    pub(crate) fn error(&self) -> String {
        assert!(self.said.iter().any(|it| it.is_error), "the plan was accepted");
        text_of(&self.said)
    }

    /// Whether a client would do nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.prior.as_ref().map_or(&Value::Null, |it| &it.state) == &self.value
    }

    /// The attributes that the plan changes, ordered by name.
    pub(crate) fn changed(&self) -> Vec<&str> {
        let prior = self.prior.as_ref().map_or(&Value::Null, |it| &it.state);
        let members = self.value.as_object().into_iter().flatten();
        members.filter(|(name, it)| prior[*name] != **it).map(|(name, _)| name.as_str()).collect()
    }
}

impl Resource<'_> {
    /// The least that the resource needs, with `changes`.
    pub(crate) fn least(&self, changes: &Value) -> Value {
        super::world::patched(&(self.subject.least)(), changes)
    }

    fn type_name(&self) -> String {
        self.subject.type_name.to_owned()
    }

    /// ValidateResourceConfig.
    pub(crate) async fn validate(&self, config: &Value) -> Vec<Said> {
        self.validate_as(ABLE, config).await
    }

    /// The same by a client that can do less.
    pub(crate) async fn validate_as(&self, able: ClientCapabilities, config: &Value) -> Vec<Said> {
        let request = validate_resource_config::Request {
            type_name: self.type_name(),
            config: Some(self.shape.encode(config)),
            client_capabilities: Some(able),
        };
        let answer = within(self.world.client().validate_resource_config(request)).await.unwrap();
        said(&answer.into_inner().diagnostics)
    }

    /// PlanResourceChange, and the client's checks of the answer.
    pub(crate) async fn plan(&self, config: &Value, prior: Option<&Object>) -> Planned {
        let config = self.shape.complete(config);
        let before = prior.map_or(Value::Null, |it| it.state.clone());
        let request = plan_resource_change::Request {
            type_name: self.type_name(),
            prior_state: Some(self.shape.encode(&before)),
            proposed_new_state: Some(self.shape.encode(&proposed(&self.shape.attributes, &before, &config))),
            config: Some(self.shape.encode(&config)),
            prior_private: prior.map(|it| it.private.clone()).unwrap_or_default(),
            client_capabilities: Some(ABLE),
            ..Default::default()
        };
        let planned = self.planned(request, config, prior).await;
        if planned.said.iter().all(|it| !it.is_error) {
            let faults = plan_faults(&self.shape.attributes, &before, &planned.config, &planned.value);
            assert!(faults.is_empty(), "invalid plan: {faults:?}");
        }
        planned
    }

    /// The plan to destroy.
    pub(crate) async fn plan_destroy(&self, prior: &Object) -> Planned {
        let request = plan_resource_change::Request {
            type_name: self.type_name(),
            prior_state: Some(self.shape.encode(&prior.state)),
            proposed_new_state: Some(self.shape.encode(&Value::Null)),
            config: Some(self.shape.encode(&Value::Null)),
            prior_private: prior.private.clone(),
            client_capabilities: Some(ABLE),
            ..Default::default()
        };
        let planned = self.planned(request, Value::Null, Some(prior)).await;
        assert_eq!(planned.value, Value::Null);
        planned
    }

    /// Plans with a request that the test has made by hand.
    pub(crate) async fn planned(
        &self,
        request: plan_resource_change::Request,
        config: Value,
        prior: Option<&Object>,
    ) -> Planned {
        let answer = within(self.world.client().plan_resource_change(request)).await.unwrap().into_inner();
        assert!(!answer.legacy_type_system, "rule P10");
        assert_eq!(answer.deferred, None, "rule P11");
        let mut replace: Vec<_> = answer.requires_replace.iter().map(path).collect();
        let told = replace.clone();
        replace.sort();
        replace.dedup();
        assert_eq!(told, replace, "the paths are sorted and stand once");
        Planned {
            config,
            prior: prior.cloned(),
            value: self.shape.decode(answer.planned_state.as_ref()),
            replace,
            private: answer.planned_private,
            said: said(&answer.diagnostics),
        }
    }

    /// ApplyResourceChange, and the client's checks of the answer.
    pub(crate) async fn apply(&self, plan: &Planned) -> Answer {
        let request = self.apply_request(plan);
        let answer = within(self.world.client().apply_resource_change(request)).await.expect("rule A5");
        self.applied(plan, &answer.into_inner())
    }

    pub(crate) fn apply_request(&self, plan: &Planned) -> apply_resource_change::Request {
        let before = plan.prior.as_ref().map_or(Value::Null, |it| it.state.clone());
        apply_resource_change::Request {
            type_name: self.type_name(),
            prior_state: Some(self.shape.encode(&before)),
            planned_state: Some(self.shape.encode(&plan.value)),
            config: Some(self.shape.encode(&plan.config)),
            planned_private: plan.private.clone(),
            ..Default::default()
        }
    }

    pub(crate) fn applied(&self, plan: &Planned, answer: &apply_resource_change::Response) -> Answer {
        assert!(!answer.legacy_type_system, "rule P10");
        let answer = Answer {
            state: self.shape.decode(answer.new_state.as_ref()),
            private: answer.private.clone(),
            said: said(&answer.diagnostics),
        };
        self.check_state(&answer.state);
        if !answer.has_error() {
            let faults = result_faults(&plan.value, &answer.state);
            assert!(plan.value == answer.state || faults.is_empty(), "inconsistent result: {faults:?}");
        }
        answer
    }

    /// What holds for every state (rules A1, A10).
    fn check_state(&self, state: &Value) {
        assert!(!has_unknown(state), "something is unknown in a state: {state}");
        for attribute in self.shape.attributes.iter().filter(|it| it.flags.write_only) {
            assert_eq!(state[&attribute.name], Value::Null, "{} is in a state", attribute.name);
        }
    }

    /// Plans twice, as clients do before and at apply, and applies.
    pub(crate) async fn settle(&self, config: &Value, prior: Option<&Object>) -> Answer {
        let plan = self.plan(config, prior).await.accepted();
        let again = self.plan(config, prior).await.accepted();
        assert_eq!((&plan.value, &plan.replace), (&again.value, &again.replace), "inconsistent final plan");
        self.apply(&plan).await
    }

    /// Creates what is configured.
    pub(crate) async fn try_create(&self, config: &Value) -> Answer {
        self.settle(config, None).await
    }

    /// Creates what is configured, without a fault.
    pub(crate) async fn create(&self, config: &Value) -> Object {
        self.try_create(config).await.object()
    }

    /// Creates the least, changed so.
    pub(crate) async fn created(&self, changes: &Value) -> Object {
        self.create(&self.least(changes)).await
    }

    /// ReadResource.
    pub(crate) async fn read(&self, object: &Object) -> Answer {
        let request = read_resource::Request {
            type_name: self.type_name(),
            current_state: Some(self.shape.encode(&object.state)),
            private: object.private.clone(),
            client_capabilities: Some(ABLE),
            ..Default::default()
        };
        let answer = within(self.world.client().read_resource(request)).await.unwrap().into_inner();
        assert_eq!(answer.deferred, None, "rule P11");
        let state = self.shape.decode(answer.new_state.as_ref());
        self.check_state(&state);
        Answer { state, private: answer.private, said: said(&answer.diagnostics) }
    }

    /// Plans the destruction and carries it out.
    pub(crate) async fn destroy(&self, object: &Object) -> Answer {
        let plan = self.plan_destroy(object).await.accepted();
        self.apply(&plan).await
    }

    /// ImportResourceState.
    pub(crate) async fn import(&self, id: &str) -> Answer {
        let request = import_resource_state::Request {
            type_name: self.type_name(),
            id: id.to_owned(),
            client_capabilities: Some(ABLE),
            identity: None,
        };
        let answer = within(self.world.client().import_resource_state(request)).await.unwrap().into_inner();
        assert_eq!(answer.deferred, None, "rule P11");
        let said = said(&answer.diagnostics);
        let imported = &answer.imported_resources[..];
        if said.iter().any(|it| it.is_error) {
            assert!(imported.is_empty());
            return Answer { state: Value::Null, private: Bytes::new(), said };
        }
        let [imported] = imported else { panic!("one object is imported, not {}", imported.len()) };
        assert_eq!(imported.type_name, self.subject.type_name);
        let state = self.shape.decode(imported.state.as_ref());
        self.check_state(&state);
        Answer { state, private: imported.private.clone(), said }
    }

    /// Imports and reads, as clients do.
    pub(crate) async fn imported(&self, id: &str) -> Object {
        let imported = self.import(id).await.object();
        self.read(&imported).await.object()
    }

    /// UpgradeResourceState of a state as it lies in a file.
    pub(crate) async fn upgrade(&self, version: i64, state: &Value) -> Answer {
        let json = state.to_string().into_bytes().into();
        self.upgrade_raw(version, RawState { json, ..Default::default() }).await
    }

    pub(crate) async fn upgrade_raw(&self, version: i64, raw_state: RawState) -> Answer {
        let request = upgrade_resource_state::Request {
            type_name: self.type_name(),
            version,
            raw_state: Some(raw_state),
        };
        let answer = within(self.world.client().upgrade_resource_state(request)).await.unwrap().into_inner();
        let state = self.shape.decode(answer.upgraded_state.as_ref());
        self.check_state(&state);
        Answer { state, private: Bytes::new(), said: said(&answer.diagnostics) }
    }

    /// Reading and planning right after a change finds nothing to do (rules R4, P1, A14).
    pub(crate) async fn assert_settled(&self, config: &Value, object: &Object) {
        let read = self.read(object).await.object();
        assert_eq!(read, *object, "a read right after a change shows drift");
        self.assert_nothing_to_do(config, &read).await;
    }

    /// The same where the platform shows more of some computed attributes than it did.
    pub(crate) async fn assert_settled_but_for(&self, computed: &[&str], config: &Value, object: &Object) {
        let read = self.read(object).await.object();
        let mut expected = object.state.clone();
        for name in computed {
            expected[*name] = read.state[*name].clone();
        }
        assert_eq!(read.state, expected, "a read right after a change shows drift");
        self.assert_nothing_to_do(config, &read).await;
    }

    /// The plan is empty.
    pub(crate) async fn assert_nothing_to_do(&self, config: &Value, object: &Object) {
        let plan = self.plan(config, Some(object)).await.accepted();
        assert!(plan.is_empty(), "the plan changes {:?}", plan.changed());
        assert_eq!(plan.replace, Vec::<String>::new());
        assert_eq!(json!(plan.said.len()), json!(0), "{}", text_of(&plan.said));
    }
}
