//! The client's applies: what was planned, one address after the other, and the replacements in the order
//! that `create_before_destroy` says.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tfplugin::resource::StateCell;
use tfplugin::testing::Planned;
use tfplugin::testing::Private;
use tfplugin::testing::Server;
use tfplugin::testing::{Apply, Outcome};
use tfplugin::testing::{apply_faults, value};
use tfplugin::timeouts::Operation;
use tfplugin::value::Value;

use crate::provider::simulator::books::key;
use crate::provider::simulator::client::{
    AFTER_STOP, Action, GRACE, Origin, REQUEST_TIMEOUT, Simulated, Terraform, decode,
};

impl Terraform {
    pub(super) async fn apply_all(&self, server: &Server<Simulated>, actions: Vec<(String, Action)>) -> bool {
        let results = stream::iter(actions)
            .map(|(address, action)| async move {
                // After a Ctrl-C nothing is begun any more.
                !self.is_stopped() && self.act(server, &address, action).await
            })
            .buffer_unordered(self.parallelism)
            .collect::<Vec<bool>>()
            .await;
        results.into_iter().all(|it| it)
    }

    fn is_stopped(&self) -> bool {
        self.stop.borrow().is_cancelled()
    }

    async fn act(&self, server: &Server<Simulated>, address: &str, action: Action) -> bool {
        self.world.tell(format_args!("{address}: {}", action.name()));
        match action {
            Action::Create(planned) => self.create(server, address, planned).await,
            Action::Update(planned) => self.update(server, address, planned).await,
            Action::Delete(private) => self.delete(server, address, private).await,
            Action::Replace(_) if self.wanted[address].create_before_destroy => {
                self.create_before_destroy(server, address).await
            }
            Action::Replace(planned) => {
                self.delete(server, address, planned.private).await
                    && !self.is_stopped()
                    && self.create_anew(server, address).await
            }
        }
    }

    /// Makes the new object, which is planned once more, and destroys the old one by a plan of its own.
    async fn create_before_destroy(&self, server: &Server<Simulated>, address: &str) -> bool {
        let (deposed, id) = self.depose(address);
        let made = self.create_anew(server, address).await;
        if self.object(address).is_none() {
            self.rename(&deposed, address);
            return false;
        }
        if !made || self.is_stopped() {
            return false;
        }
        let destroyed = match self.plan_deletion(server, &deposed).await {
            Ok(Action::Delete(private)) => self.delete(server, &deposed, private).await,
            _ => false,
        };
        let account = self.account.borrow();
        let refused = account.told.iter().any(|it| it.starts_with("Deletion protection") && it.contains(&id));
        drop(account);
        if !destroyed && refused && !self.tainted_by_hand.borrow().contains(&id) {
            self.fault(format!("{address}: another machine was made, and {id} may not be destroyed"));
        }
        destroyed
    }

    async fn create_anew(&self, server: &Server<Simulated>, address: &str) -> bool {
        let wish = &self.wanted[address];
        let config = value(server.resource(wish.type_name).expect("a resource").schema(), &wish.config);
        match self.planned(server, address, &config, Value::Null, Private::default()).await {
            Ok(planned) => self.create(server, address, planned).await,
            Err(()) => false,
        }
    }

    async fn create(&self, server: &Server<Simulated>, address: &str, planned: Planned) -> bool {
        let wish = self.wanted[address].clone();
        self.account.borrow_mut().creates += 1;
        self.account.borrow_mut().in_flight.insert(address.to_owned(), wish.clone());
        let (outcome, good) = self.change(server, address, Value::Null, planned, Operation::Create).await;
        let resource = server.resource(wish.type_name).expect("a resource");
        if good || !self.forgets_failures {
            let configs = Some(vec![wish.config]);
            let origin = Origin { type_name: wish.type_name, tainted: !good, configs };
            self.write(address, origin, resource, &outcome);
        } else if let Some(id) = outcome.state.get("id").as_str() {
            self.fault(format!(
                "{address}: {id} is in the state of a creation that failed, which this client forgets"
            ));
        }
        self.account.borrow_mut().in_flight.remove(address);
        good
    }

    async fn update(&self, server: &Server<Simulated>, address: &str, planned: Planned) -> bool {
        let object = self.object(address).expect("in the state");
        let resource = server.resource(object.type_name).expect("a resource");
        let before = decode(resource, &object.state);
        let (outcome, good) = self.change(server, address, before, planned, Operation::Update).await;
        if outcome.state.get("id").as_str() != Some(&object.id) {
            self.fault(format!("{address}: an update changed the id {}", object.id));
        }
        let mut origin = Origin { tainted: false, ..object.origin() };
        origin.configs.iter_mut().for_each(|it| it.push(self.wanted[address].config.clone()));
        self.write(address, origin, resource, &outcome);
        if !good {
            self.account.borrow_mut().unchanged.insert(address.to_owned());
        }
        good
    }

    /// Applies a creation or an update, and holds its answer against the plan.
    async fn change(
        &self,
        server: &Server<Simulated>,
        address: &str,
        prior: Value,
        planned: Planned,
        operation: Operation,
    ) -> (Outcome, bool) {
        let wish = &self.wanted[address];
        let resource = server.resource(wish.type_name).expect("a resource");
        let config = value(resource.schema(), &wish.config);
        let Planned { value: planned, private, .. } = planned;
        let limit = operation.limit(&planned, resource.schema().timeouts);
        let apply = Apply { config, prior, planned: planned.clone(), private };
        let environment = server.context(self.stop.borrow().clone()).expect("configured");
        let began = self.world.elapsed();
        let outcome = resource.apply(environment, apply, StateCell::default()).await;
        self.check_time(address, operation.name(), began, limit);
        let good = self.heard(address, operation.name(), &outcome.diagnostics);
        if good {
            self.faults(address, operation.name(), apply_faults(resource.schema(), &planned, &outcome.state));
            self.applied.borrow_mut().insert(address.to_owned(), wish.clone());
        }
        (outcome, good)
    }

    async fn delete(&self, server: &Server<Simulated>, address: &str, private: Private) -> bool {
        let Some(object) = self.object(address) else { return true };
        let resource = server.resource(object.type_name).expect("a resource");
        let prior = decode(resource, &object.state);
        self.account.borrow_mut().deleted.insert(key(&object.id));
        let limit = Operation::Delete.limit(&prior, resource.schema().timeouts);
        let apply = Apply { config: Value::Null, prior, planned: Value::Null, private };
        let environment = server.context(self.stop.borrow().clone()).expect("configured");
        let began = self.world.elapsed();
        let outcome = resource.apply(environment, apply, StateCell::default()).await;
        self.check_time(address, "delete", began, limit);
        let good = self.heard(address, "delete", &outcome.diagnostics);
        if good != outcome.state.is_null() {
            self.fault(format!("{address}: a deletion says one thing and leaves another in the state"));
        }
        self.write(address, object.origin(), resource, &outcome);
        good
    }

    /// An operation ends in its time, and soon after a stop.
    pub(super) fn check_time(&self, address: &str, doing: &str, began: Duration, limit: Duration) {
        let now = self.world.elapsed();
        let took = now - began;
        if took > limit + REQUEST_TIMEOUT + GRACE {
            self.fault(format!("{address}: {doing} took {took:?}, its limit is {limit:?}"));
        }
        if self.is_stopped() {
            let since = now.saturating_sub(self.world.last_end().max(self.world.stopped_at()).max(began));
            if since > AFTER_STOP {
                self.fault(format!("{address}: {doing} went on for {since:?} after a stop"));
            }
        }
    }
}
