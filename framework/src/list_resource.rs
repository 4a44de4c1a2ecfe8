//! List resources: how a user finds what exists, in a state or not (`list` blocks and `terraform query`).
//!
//! An author tells which objects there are, by id and name, page by page. The framework makes events of them: the
//! identity, and on request the object, read as after an import, so that both are the same. Secrets are in none.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;

use crate::author::model;
use crate::definition::{Defined, Definition};
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::erased::{CallContext, DynResource, resource};
use crate::guarded;
use crate::model::Model;
use crate::redact;
use crate::resource::{Context, Notes, ProviderData, Resource, Result, Rules};
use crate::schema::Schema;
use crate::validate::validate_model;
use crate::value::Value;

/// Longest time for one list, objects included.
const LIST_LIMIT: Duration = Duration::from_secs(20 * 60);

/// How many objects are read at once.
const READ_AT_ONCE: usize = 8;

/// A list of the objects of a resource's type: its model is the block `config`.
pub trait ListResource: Model + Send + Sync + 'static {
    /// What is listed; its definition has an `identity`.
    type Resource: Resource;

    /// Rules between attributes; no call: unknown values pass.
    fn validate(&self, rules: &mut Rules) {
        let _ = rules;
    }

    /// Tells [`Listing::found`] of each object, and asks the API for no other page once it answers [`ControlFlow::Break`].
    ///
    /// # Errors
    /// The list is not whole. Clients drop what they were told before, so an object that cannot be read is none.
    fn list(
        cx: &Context<<Self::Resource as Resource>::Data>,
        config: Self,
        listing: &Listing,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// Where a list tells what it finds.
pub struct Listing {
    limit: usize,
    seen: Mutex<HashSet<Vec<String>>>,
    found: mpsc::Sender<Found>,
}

/// An object, before it is read.
struct Found {
    /// What an import of it would begin with.
    key: Value,
    name: String,
}

impl Listing {
    /// Tells of an object, by its id and the name that users know it by. What was told before is left out.
    pub async fn found(&self, id: &str, name: &str) -> ControlFlow<()> {
        self.found_by(Value::Map([("id".to_owned(), Value::from(id))].into()), name).await
    }

    /// Tells of an object whose identity is more than its id: an object with all of it.
    pub async fn found_by(&self, key: Value, name: &str) -> ControlFlow<()> {
        let members = key.as_map().into_iter().flatten();
        let text = |it: &Value| match it.as_number() {
            Some(number) => number.to_string(),
            None => it.as_str().unwrap_or_default().to_owned(),
        };
        let members = members.map(|(_, it)| text(it)).collect();
        let count = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.len() >= self.limit {
                return ControlFlow::Break(());
            }
            if !seen.insert(members) {
                return ControlFlow::Continue(());
            }
            seen.len()
        };
        let found = Found { key, name: name.to_owned() };
        match self.found.send(found).await {
            Ok(()) if count < self.limit => ControlFlow::Continue(()),
            Ok(()) | Err(_) => ControlFlow::Break(()),
        }
    }
}

/// How much a client wants to know.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The most objects.
    pub limit: usize,
    /// Whether to read each of them.
    pub objects: bool,
}

/// An object as a client is told of it.
#[derive(Debug)]
pub struct Listed {
    /// What tells it from all others.
    pub identity: Value,
    /// Its name for users; never empty.
    pub name: String,
    /// What a read of it would answer, without secrets, if that is wanted.
    pub object: Option<Value>,
    /// What the user is told of it.
    pub diagnostics: Diagnostics,
}

/// A list resource of any model.
#[async_trait]
pub trait DynListResource<D>: Defined {
    /// The schema of what is listed.
    fn listed(&self) -> &dyn DynResource<D>;

    /// Lists. Whoever receives may stop to: then the list ends.
    async fn list(
        &self,
        context: CallContext<D>,
        config: Value,
        wanted: Wanted,
        events: mpsc::Sender<Listed>,
    ) -> Diagnostics;
}

/// What the provider of a listed resource made of its configuration.
type Data<L> = <<L as ListResource>::Resource as Resource>::Data;

/// The table's entry for a list resource.
pub fn list_resource<L: ListResource>() -> Box<dyn DynListResource<Data<L>>> {
    let check = |schema: &Schema, config: &Value| validate_model(schema, config, false, L::validate);
    let definition = Definition::of::<L>(L::Resource::TYPE, check);
    Box::new(Entry { definition, listed: resource::<L::Resource>(), list: list::<L> })
}

/// The author's part, in values.
type List<D> = for<'c> fn(&'c Context<D>, &'c Value, &'c Listing) -> BoxFuture<'c, Result<()>>;

fn list<'c, L: ListResource>(
    cx: &'c Context<Data<L>>,
    config: &'c Value,
    listing: &'c Listing,
) -> BoxFuture<'c, Result<()>> {
    Box::pin(async move { L::list(cx, model(config)?, listing).await })
}

struct Entry<D> {
    definition: Definition,
    listed: Box<dyn DynResource<D>>,
    list: List<D>,
}

impl<D> Defined for Entry<D> {
    fn definition(&self) -> &Definition {
        &self.definition
    }
}

#[async_trait]
impl<D: ProviderData> DynListResource<D> for Entry<D> {
    fn listed(&self) -> &dyn DynResource<D> {
        self.listed.as_ref()
    }

    async fn list(
        &self,
        context: CallContext<D>,
        config: Value,
        wanted: Wanted,
        events: mpsc::Sender<Listed>,
    ) -> Diagnostics {
        let config = self.definition.whole(config);
        let faults = self.validate(&config);
        if faults.has_error() {
            return faults;
        }
        let data = Arc::clone(&context.data);
        let secrets = guarded::secrets(self.schema(), &[&config]);
        let work = async {
            let stop = context.stop.clone();
            let told = tokio::select! {
                told = self.listed_to(context, config, wanted, events) => told,
                () = stop.cancelled() => stopped("It was stopped before it was whole."),
                () = tokio::time::sleep(LIST_LIMIT) => stopped("It took longer than 20 minutes."),
            };
            guarded::out_of(told, self.schema(), &Value::Null)
        };
        guarded::guarded(&data, secrets, Box::pin(work)).await
    }
}

impl<D: ProviderData> Entry<D> {
    async fn listed_to(
        &self,
        context: CallContext<D>,
        config: Value,
        wanted: Wanted,
        events: mpsc::Sender<Listed>,
    ) -> Diagnostics {
        let (found, mut finds) = mpsc::channel(READ_AT_ONCE);
        let reading = context.clone();
        let list = async {
            let cx = Context::of(context, LIST_LIMIT);
            let listing = Listing { limit: wanted.limit, seen: Mutex::default(), found };
            let outcome = (self.list)(&cx, &config, &listing).await;
            let mut told = cx.take_warnings();
            told.append(outcome.err().unwrap_or_default());
            told
        };
        let tell = async {
            let finds = stream::poll_fn(move |cx| finds.poll_recv(cx));
            let read = finds.map(|it| self.event(&reading, it, wanted.objects)).buffered(READ_AT_ONCE);
            let mut read = pin!(read);
            while let Some(event) = read.next().await {
                let Some(event) = event else { continue };
                if events.send(event).await.is_err() {
                    return; // the client has enough
                }
            }
        };
        tokio::join!(list, tell).0
    }

    /// What a client is told of an object; `None`: it is gone by now.
    async fn event(&self, context: &CallContext<D>, found: Found, with_object: bool) -> Option<Listed> {
        let schema = self.listed.schema();
        let mut name = redact::out_of(found.name.trim()).into_owned();
        if name.is_empty() {
            name = found.key.get("id").as_str().unwrap_or(self.type_name()).to_owned();
        }
        let (mut object, mut diagnostics) = (None, Diagnostics::default());
        if with_object {
            let read = self.read(context, &found.key, &name).await?;
            (object, diagnostics) = (Some(read.0), read.1);
        }
        Some(Listed { identity: schema.identity_of(&found.key)?, name, object, diagnostics })
    }

    /// The object as after an import. What cannot be read is told, and holds its key alone: an error would cost the
    /// whole list.
    async fn read(&self, context: &CallContext<D>, key: &Value, name: &str) -> Option<(Value, Diagnostics)> {
        let unread = |cause: &Diagnostics| {
            let cause: Vec<_> = cause.0.iter().map(|it| format!("{}: {}", it.summary, it.detail)).collect();
            let detail = format!("What {name:?} consists of is not known. {}", cause.join(" "));
            Diagnostics::from(Diagnostic::warning("Object cannot be read", detail))
        };
        let schema = self.listed.schema();
        let (imported, private) = match self.listed.import_by(key) {
            Ok(imported) => imported,
            Err(fault) => {
                let mut object = schema.null_object();
                schema.identity().for_each(|it| object.set(it.name, key.get(it.name).clone()));
                return Some((object, unread(&fault)));
            }
        };
        let context = CallContext { notes: Notes::default(), ..context.clone() };
        let mut outcome = self.listed.read(context, imported, private).await;
        guarded::null_secrets(&schema.attributes, &mut outcome.state);
        let is_gone = outcome.diagnostics.0.iter().any(|it| it.summary == crate::import::NOTHING);
        let told =
            if outcome.diagnostics.has_error() { unread(&outcome.diagnostics) } else { outcome.diagnostics };
        (!is_gone && !outcome.state.is_null()).then_some((outcome.state, told))
    }
}

fn stopped(why: &str) -> Diagnostics {
    Diagnostic::error("List is not whole", format!("{why} Nothing was changed by it.")).into()
}
