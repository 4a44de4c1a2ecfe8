//! List resources, actions and ephemeral resources in process.

use serde_json::Value as Json;
use tokio::sync::mpsc;

use crate::client::{state_faults, value};
use crate::definition::Defined;
use crate::ephemeral::Opened;
use crate::list_resource::{Listed, Wanted};
use crate::provider::Provider;
use crate::resource::Result;
use crate::testing::{Client, told};
use crate::value::Value;

/// The most objects that a list in a test tells of.
const MOST_OBJECTS: usize = 10_000;

impl<P: Provider> Client<P> {
    /// Lists, with the objects, as a block `list` with `include_resource` does. `config` is the block `config` in it.
    pub async fn list(&self, type_name: &str, config: &Json) -> Vec<Listed> {
        let listed = self.try_list(type_name, config).await;
        listed.unwrap_or_else(|it| panic!("list of {type_name}: {}", told(&it)))
    }

    /// As [`Client::list`].
    ///
    /// # Errors
    /// The configuration is refused, or the list is not whole.
    pub async fn try_list(&self, type_name: &str, config: &Json) -> Result<Vec<Listed>> {
        let list = self.server.list_resources.get(type_name).unwrap_or_else(|it| panic!("{}", told(&it)));
        let config = validated(list, config)?;
        let (found, mut finds) = mpsc::channel(1);
        let collected = async {
            let mut listed = Vec::new();
            while let Some(it) = finds.recv().await {
                listed.push(it);
            }
            listed
        };
        let wanted = Wanted { limit: MOST_OBJECTS, objects: true };
        let (diagnostics, listed) = tokio::join!(list.list(self.context(), config, wanted, found), collected);
        if diagnostics.has_error() {
            return Err(diagnostics);
        }
        for Listed { object, name, .. } in &listed {
            let faults =
                object.as_ref().map(|it| state_faults(list.listed().schema(), it)).unwrap_or_default();
            assert!(faults.is_empty(), "a client calls the object {name:?} a bug: {faults:?}");
        }
        Ok(listed)
    }

    /// Plans an action and does it: the lines that it told of its progress. `config` is the block `config` in it.
    pub async fn invoke(&self, type_name: &str, config: &Json) -> Vec<String> {
        let lines = self.try_invoke(type_name, config).await;
        lines.unwrap_or_else(|it| panic!("action {type_name}: {}", told(&it)))
    }

    /// As [`Client::invoke`].
    ///
    /// # Errors
    /// The configuration or the plan is refused, or it was not done.
    pub async fn try_invoke(&self, type_name: &str, config: &Json) -> Result<Vec<String>> {
        let action = self.server.actions.get(type_name).unwrap_or_else(|it| panic!("{}", told(&it)));
        let config = validated(action, config)?;
        let refused = action.plan(self.context(), config.clone()).await;
        if refused.has_error() {
            return Err(refused);
        }
        let (progress, mut lines) = mpsc::unbounded_channel();
        let diagnostics = action.invoke(self.context(), config, progress).await;
        if diagnostics.has_error() {
            return Err(diagnostics);
        }
        Ok(std::iter::from_fn(|| lines.try_recv().ok()).collect())
    }

    /// Opens an ephemeral resource and closes it again: its values.
    pub async fn open(&self, type_name: &str, config: &Json) -> Value {
        let opened = self.try_open(type_name, config).await;
        opened.unwrap_or_else(|it| panic!("ephemeral resource {type_name}: {}", told(&it)))
    }

    /// As [`Client::open`].
    ///
    /// # Errors
    /// The configuration is refused, or it cannot be opened or closed.
    pub async fn try_open(&self, type_name: &str, config: &Json) -> Result<Value> {
        let ephemeral =
            self.server.ephemeral_resources.get(type_name).unwrap_or_else(|it| panic!("{}", told(&it)));
        let config = validated(ephemeral, config)?;
        let (Opened { value, lease }, mut diagnostics) = ephemeral.open(self.context(), config).await;
        if let Some(lease) = lease {
            diagnostics.append(ephemeral.close(self.context(), lease.id).await);
        }
        if diagnostics.has_error() { Err(diagnostics) } else { Ok(value) }
    }
}

/// A configuration in which nothing is wrong that can be told without a call.
pub(super) fn validated(defined: &(impl Defined + ?Sized), config: &Json) -> Result<Value> {
    let config = value(defined.schema(), config);
    let refused = defined.validate(&config);
    if refused.has_error() { Err(refused) } else { Ok(config) }
}
