//! The client's plans: of what is wanted, and of what is to be destroyed.

use std::collections::BTreeSet;
use std::result::Result;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tfplugin::path::{Path, Step};
use tfplugin::testing::Private;
use tfplugin::testing::Server;
use tfplugin::testing::{Planned, Proposal};
use tfplugin::testing::{differences, plan_faults, propose, value};
use tfplugin::value::Value;

use crate::provider::simulator::client::{Action, Simulated, Terraform, decode};

impl Terraform {
    pub(super) async fn plan_all(&self, server: &Server<Simulated>) -> Option<Vec<(String, Action)>> {
        let mut actions = Vec::new();
        let mut good = true;
        let known: BTreeSet<String> = self.state.borrow().keys().cloned().collect();
        for address in known.iter().filter(|it| !self.wanted.contains_key(*it)) {
            match self.plan_deletion(server, address).await {
                Ok(action) => actions.push((address.clone(), action)),
                Err(()) => good = false,
            }
        }
        let addresses: Vec<&String> = self.wanted.keys().collect();
        let mut plans: FuturesUnordered<_> = addresses
            .into_iter()
            .map(|address| async move { (address.clone(), self.plan_one(server, address).await) })
            .collect();
        while let Some((address, action)) = plans.next().await {
            match action {
                Ok(Some(action)) => actions.push((address, action)),
                Ok(None) => {}
                Err(()) => good = false,
            }
        }
        good.then_some(actions)
    }

    /// What is to be done for a wish; nothing, if all is as wanted.
    async fn plan_one(&self, server: &Server<Simulated>, address: &str) -> Result<Option<Action>, ()> {
        let wish = &self.wanted[address];
        let resource = server.resource(wish.type_name).expect("a resource");
        let config = value(resource.schema(), &wish.config);
        if !self.heard(address, "validate", &resource.validate(&config, true)) {
            return Err(());
        }
        let object = self.object(address);
        if object.as_ref().is_some_and(|it| it.tainted) {
            return self.plan_replacement(server, address, Private::default()).await.map(Some);
        }
        let (prior, private) = match &object {
            Some(it) => (decode(resource, &it.state), Private::from_bytes(&it.private)),
            None => (Value::Null, Private::default()),
        };
        let planned = self.planned(server, address, &config, prior.clone(), private).await?;
        let by_hand = self.replace.borrow().contains(address);
        let replaced = !planned.replace.is_empty() || by_hand;
        let attributes: Vec<String> = planned.replace.iter().filter_map(root).collect();
        if let Some(it) = &object
            && !attributes.is_empty()
            && !it.was_configured_otherwise(&wish.config, &attributes)
        {
            let changes = differences(&prior, &planned.value);
            self.fault(format!(
                "{address}: {} is to be replaced, and nobody has changed {}: {changes}",
                it.id,
                attributes.join(", ")
            ));
        }
        match object {
            None => Ok(Some(Action::Create(planned))),
            Some(_) if replaced => self.plan_replacement(server, address, planned.private).await.map(Some),
            Some(_) if planned.value == prior => Ok(None),
            Some(_) => {
                let changes = differences(&prior, &planned.value);
                self.world.tell(format_args!("{address}: {}", changes.trim_end().replace('\n', ", ")));
                Ok(Some(Action::Update(planned)))
            }
        }
    }

    /// The second plan of a replacement, which does not show the old object.
    async fn plan_replacement(
        &self,
        server: &Server<Simulated>,
        address: &str,
        private: Private,
    ) -> Result<Action, ()> {
        let wish = &self.wanted[address];
        let config = value(server.resource(wish.type_name).expect("a resource").schema(), &wish.config);
        self.planned(server, address, &config, Value::Null, private).await.map(Action::Replace)
    }

    /// The plan of a deletion: of what is not wanted any more, or was deposed.
    pub(super) async fn plan_deletion(
        &self,
        server: &Server<Simulated>,
        address: &str,
    ) -> Result<Action, ()> {
        let object = self.object(address).expect("in the state");
        let resource = server.resource(object.type_name).expect("a resource");
        let proposal = Proposal {
            config: Value::Null,
            prior: decode(resource, &object.state),
            proposed: Value::Null,
            private: Private::from_bytes(&object.private),
            ..Proposal::default()
        };
        self.heard_plan(server, address, object.type_name, &proposal)
            .await
            .map(|it| Action::Delete(it.private))
    }

    pub(super) async fn planned(
        &self,
        server: &Server<Simulated>,
        address: &str,
        config: &Value,
        prior: Value,
        private: Private,
    ) -> Result<Planned, ()> {
        let wish = &self.wanted[address];
        let schema = server.resource(wish.type_name).expect("a resource").schema();
        let proposed = propose(schema, config, &prior);
        let proposal = Proposal { config: config.clone(), prior, proposed, private, ..Proposal::default() };
        let planned = self.heard_plan(server, address, wish.type_name, &proposal).await?;
        self.faults(address, "plan", plan_faults(schema, config, &proposal.prior, &planned.value));
        Ok(planned)
    }

    /// What the provider plans, unless it refuses.
    async fn heard_plan(
        &self,
        server: &Server<Simulated>,
        address: &str,
        type_name: &str,
        proposal: &Proposal,
    ) -> Result<Planned, ()> {
        let resource = server.resource(type_name).expect("a resource");
        let mut planned = resource.plan(proposal);
        if !planned.diagnostics.has_error() {
            let environment = server.context(self.stop.borrow().clone()).expect("configured");
            let began = self.world.elapsed();
            let found = resource.check_plan(environment, proposal, &planned).await;
            self.check_time(address, "plan", began, Duration::from_secs(15));
            planned.diagnostics.append(found);
        }
        // What no plan does by itself is done as the message says.
        if planned.diagnostics.0.iter().any(|it| it.detail.contains("terraform taint")) {
            self.account.borrow_mut().unchanged.insert(address.to_owned());
        }
        if self.heard(address, "plan", &planned.diagnostics) { Ok(planned) } else { Err(()) }
    }
}

/// The attribute of the resource that a path is in.
fn root(path: &Path) -> Option<String> {
    match path.0.first()? {
        Step::Attribute(name) | Step::Block(name) => Some(name.clone()),
        Step::Key(_) | Step::Index(_) => None,
    }
}
