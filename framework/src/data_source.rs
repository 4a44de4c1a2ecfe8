//! Data sources: what an author implements, and its type-erased form.
//!
//! A data source reads once and has no state of its own; the steps around it are those of reading a
//! resource, without a prior value.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;

use crate::apply::known;
use crate::diagnostics::Diagnostics;
use crate::erased::{CallContext, READ_LIMIT, mismatched};
use crate::guarded;
use crate::model::Model;
use crate::resource::{Context, ProviderData, Result, Rules};
use crate::schema::Schema;
use crate::types::Type;
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
pub trait DynDataSource<D>: Send + Sync {
    /// Name of the type in HCL.
    fn type_name(&self) -> &'static str;

    /// The schema, made on first use.
    fn schema(&self) -> &Schema;

    /// The type of the schema's objects.
    fn ty(&self) -> &Type;

    /// Everything wrong with a configuration that can be told without a call.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Reads; the value is null after a failure.
    async fn read(&self, context: CallContext<D>, config: Value) -> (Value, Diagnostics);
}

/// The table's entry for a data source.
pub fn data_source<S: DataSource>() -> Box<dyn DynDataSource<S::Data>> {
    Box::new(Entry::<S> { schema: OnceLock::new(), ty: OnceLock::new(), source: PhantomData })
}

/// Both are made when first needed: most processes need the schemas of all, and the types of few.
struct Entry<S> {
    schema: OnceLock<Schema>,
    ty: OnceLock<Type>,
    source: PhantomData<fn() -> S>,
}

#[async_trait]
impl<S: DataSource> DynDataSource<S::Data> for Entry<S> {
    fn type_name(&self) -> &'static str {
        S::TYPE
    }

    fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| Schema::unplanned(S::TEXT, S::attributes()))
    }

    fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.schema().ty())
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate_model(self.schema(), config, false, S::validate)
    }

    async fn read(&self, context: CallContext<S::Data>, config: Value) -> (Value, Diagnostics) {
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&config]);
        guarded::guarded(&data, secrets, async {
            let cx = Context::new(context.data, context.stop, READ_LIMIT);
            let outcome = match S::from_object(&config) {
                Ok(config) => S::read(&cx, config).await,
                Err(mismatch) => Err(mismatched(&mismatch).into()),
            };
            let mut diagnostics = cx.take_warnings();
            let mut value = match outcome {
                Ok(model) => known(model.to_object()),
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
