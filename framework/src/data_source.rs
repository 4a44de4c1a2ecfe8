//! Data sources: what an author implements, and its type-erased form.
//!
//! A data source reads once and has no state of its own; the steps around it are those of reading a
//! resource, without a prior value.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;

use crate::apply::known;
use crate::definition::{Defined, Definition};
use crate::diagnostics::Diagnostics;
use crate::erased::{CallContext, READ_LIMIT, mismatched};
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
    Box::new(Entry::<S> { definition: Definition::of::<S>(S::TYPE, check), source: PhantomData })
}

struct Entry<S> {
    definition: Definition,
    source: PhantomData<fn() -> S>,
}

impl<S: DataSource> Defined for Entry<S> {
    fn definition(&self) -> &Definition {
        &self.definition
    }
}

#[async_trait]
impl<S: DataSource> DynDataSource<S::Data> for Entry<S> {
    async fn read(&self, context: CallContext<S::Data>, config: Value) -> (Value, Diagnostics) {
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&config]);
        guarded::guarded(&data, secrets, async {
            let cx = Context::of(context, READ_LIMIT);
            let outcome = match S::from_object(&config) {
                Ok(config) => S::read(&cx, config).await,
                Err(mismatch) => Err(mismatched(&mismatch).into()),
            };
            let mut diagnostics = cx.take_warnings();
            let mut value = match outcome {
                Ok(model) => {
                    let mut read = known(model.to_object());
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
        })
        .await
    }
}
