//! Data sources: what an author implements, and its type-erased form.
//!
//! A data source reads once and has no state of its own; the steps around it are those of reading a
//! resource, without a prior value.

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use crate::apply::known;
use crate::author::model;
use crate::definition::{Defined, Definition};
use crate::diagnostics::Diagnostics;
use crate::erased::{CallContext, READ_LIMIT};
use crate::guarded;
use crate::model::Model;
use crate::resource::{Context, ProviderData, Result, Rules};
use crate::schema::{Schema, make_storable};
use crate::validate::validate_model;
use crate::value::Value;

/// A data source: its model is the implementing type itself.
pub trait DataSource: Model + Send + Sync + 'static {
    /// What the provider made of its configuration.
    type Data: ProviderData;

    /// Name of the type in HCL.
    const TYPE: &'static str;

    /// Rules between attributes; no call: unknown values pass.
    fn validate(&self, rules: &mut Rules) {
        let _ = rules;
    }

    /// Fills in what was asked for. What is configured must stay as it is.
    ///
    /// # Errors
    /// It cannot be read, or the one thing asked for does not exist.
    fn read(cx: &Context<Self::Data>, config: Self) -> impl Future<Output = Result<Self>> + Send;
}

/// A data source of any model.
#[async_trait]
pub trait DynDataSource<D>: Defined {
    /// Reads; the value is null after a failure.
    async fn read(&self, context: CallContext<D>, config: Value) -> (Value, Diagnostics);
}

/// The table's entry for a data source.
pub fn data_source<S: DataSource>() -> Box<dyn DynDataSource<S::Data>> {
    let check = |schema: &Schema, config: &Value| validate_model(schema, config, false, S::validate);
    Box::new(Entry { definition: Definition::of::<S>(S::TYPE, check), read: read::<S> })
}

/// The author's part, in values.
type Read<D> = for<'c> fn(&'c Context<D>, &'c Value) -> BoxFuture<'c, Result<Value>>;

fn read<'c, S: DataSource>(cx: &'c Context<S::Data>, config: &'c Value) -> BoxFuture<'c, Result<Value>> {
    Box::pin(async { Ok(S::read(cx, model(config)?).await?.to_object()) })
}

struct Entry<D> {
    definition: Definition,
    read: Read<D>,
}

impl<D> Defined for Entry<D> {
    fn definition(&self) -> &Definition {
        &self.definition
    }
}

#[async_trait]
impl<D: ProviderData> DynDataSource<D> for Entry<D> {
    async fn read(&self, context: CallContext<D>, config: Value) -> (Value, Diagnostics) {
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&config]);
        let work = async {
            let cx = Context::of(context, READ_LIMIT);
            let outcome = (self.read)(&cx, &config).await;
            let mut diagnostics = cx.take_warnings();
            let mut value = match outcome {
                Ok(object) => {
                    let mut read = known(object);
                    make_storable(&self.schema().attributes, &mut read);
                    read
                }
                Err(failure) => {
                    diagnostics.append(failure);
                    Value::Null
                }
            };
            guarded::out_of_state(&self.schema().attributes, &mut value);
            let diagnostics = guarded::out_of(diagnostics, self.schema(), &value);
            (value, diagnostics)
        };
        guarded::guarded(&data, secrets, Box::pin(work)).await
    }
}
