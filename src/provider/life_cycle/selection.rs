//! Which things of a kind are listed: one declaration for the list resource of a type and for the data source that lists
//! them.
//!
//! A [`Selection`] is the filters that a block can set, and says what fits them. What is being removed is not listed. What an
//! element of a data source shows is defined by the resource's model, and its values come from the resource's `read_back`.

use std::marker::PhantomData;
use std::result;
use std::sync::Arc;

use tfplugin::attr::{Attr, FieldType, List, Mismatch};
use tfplugin::data_source::DataSource;
use tfplugin::diagnostics::bug;
use tfplugin::list_resource::{ListResource, Listing};
use tfplugin::lookup::as_found;
use tfplugin::model::Model;
use tfplugin::resource::{Resource, Result};
use tfplugin::schema::{Attribute, AttributeType, Nesting};
use tfplugin::value::Value;

use crate::provider::clients::{Clients, Cx};
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::Answer;
use crate::provider::life_cycle::stored::Stored;
use crate::provider::paging::{Element as _, Steps};
use crate::provider::read_back::Origin;

/// The filters of a list; its model is what a block configures.
pub(crate) trait Selection: Model + Send + Sync + 'static {
    /// The life of what is listed.
    type Life: Resource<Data = Clients, Model: Stored>;

    /// Whether all filters hold for one.
    fn wants(&self, it: &Shown<Self>) -> bool;

    /// The name that users know one by.
    fn name(it: &Shown<Self>) -> String {
        it.name().to_owned()
    }

    /// The list, with what the API filters by.
    fn steps(&self) -> Steps<Shown<Self>> {
        Shown::<Self>::list()
    }
}

/// A selection that a data source shows.
pub(crate) trait Plural: Selection {
    /// Name of the data source's type in HCL.
    const TYPE: &'static str;

    /// The attribute that holds what was found, and its description.
    const FOUND: (&'static str, &'static str);

    /// Attributes of the resource that an element has: those that a list tells.
    const ELEMENT: &'static [&'static str];

    /// Those of them that may hold secrets here, as an answer does not tell which do.
    const SENSITIVE: &'static [&'static str] = &[];

    /// Descriptions of those that mean something else here than in the resource.
    const TEXTS: &'static [(&'static str, &'static str)] = &[];
}

type Managed<F> = <<F as Selection>::Life as Resource>::Model;

/// What an answer shows of what is listed.
type Shown<F> = <Managed<F> as Stored>::Answer;

/// Whether one is there and is wanted; another type may be behind the same API.
fn fits<F: Selection>(filters: &F, it: &Shown<F>) -> bool {
    !matches!(it.phase(), Phase::Leaving | Phase::Gone)
        && Managed::<F>::accept(it).is_ok()
        && filters.wants(it)
}

/// Whoever looks for what costs money wants all of it.
fn whole<F: Selection>(filters: &F) -> Steps<Shown<F>> {
    let mut steps = filters.steps();
    steps.distrust();
    steps
}

fn failed<F: Selection>(error: &crate::api::error::Error) -> tfplugin::diagnostics::Diagnostics {
    ErrorContext::to(&format!("list each {}", Managed::<F>::THING)).failed(error)
}

fn tell_unreadable(cx: &Cx, count: usize) {
    if count > 0 {
        let detail = format!(
            "{count} elements of the list were not understood, so that what they are is not among the results. Look at them \
             in the vendor's console."
        );
        cx.warn("List may lack something", detail);
    }
}

/// Whether a text is the one that was asked for, or none was.
pub(crate) fn is(text: &str, wanted: &Attr<String>) -> bool {
    wanted.text().is_none_or(|it| it == text)
}

/// Whether a name begins as was asked for, or nothing was asked.
pub(crate) fn begins_with(name: &str, prefix: &Attr<String>) -> bool {
    prefix.text().is_none_or(|it| name.starts_with(it))
}

/// Whether a word of the API is the one that was asked for, in whatever case, or none was.
pub(crate) fn is_word(word: &str, wanted: &Attr<String>) -> bool {
    wanted.text().is_none_or(|it| it.eq_ignore_ascii_case(word))
}

/// The list resource of a selection.
pub(crate) struct Listed<F>(F);

impl<F: Selection> Model for Listed<F> {
    const TEXT: &'static str = F::TEXT;

    fn attributes() -> Vec<Attribute> {
        F::attributes()
    }

    fn from_object(object: &Value) -> result::Result<Self, Mismatch> {
        F::from_object(object).map(Self)
    }

    fn to_object(&self) -> Value {
        self.0.to_object()
    }
}

impl<F: Selection> ListResource for Listed<F> {
    type Resource = F::Life;

    async fn list(cx: &Cx, Self(filters): Self, listing: &Listing) -> Result<()> {
        let remote = Managed::<F>::remote(cx)?;
        let mut steps = whole(&filters);
        while !steps.ended() {
            steps.step(remote.client, &remote.call).await.map_err(|error| failed::<F>(&error))?;
            for it in steps.take_elements().iter().filter(|it| fits(&filters, it)) {
                if listing.found(it.id(), &F::name(it)).await.is_break() {
                    return Ok(());
                }
            }
        }
        tell_unreadable(cx, steps.unreadable());
        Ok(())
    }
}

/// The data source of a selection.
pub(crate) struct Found<F: Plural> {
    filters: F,
    found: Attr<List<One<F>>>,
}

impl<F: Plural> Model for Found<F> {
    const TEXT: &'static str = F::TEXT;

    fn attributes() -> Vec<Attribute> {
        let (name, text) = F::FOUND;
        let mut attributes = F::attributes();
        attributes.push(Attribute::new::<List<One<F>>>(name, text).computed());
        attributes
    }

    fn from_object(object: &Value) -> result::Result<Self, Mismatch> {
        Ok(Self { filters: F::from_object(object)?, found: Attr::Null })
    }

    fn to_object(&self) -> Value {
        let Value::Map(mut values) = self.filters.to_object() else { return Value::Null };
        values.insert(F::FOUND.0.to_owned(), self.found.to_value());
        Value::Map(values)
    }
}

impl<F: Plural> DataSource for Found<F> {
    type Data = Clients;

    const TYPE: &'static str = F::TYPE;

    async fn read(cx: &Cx, config: Self) -> Result<Self> {
        let remote = Managed::<F>::remote(cx)?;
        let walk = whole(&config.filters).finish(remote.client, &remote.call).await;
        let walk = walk.map_err(|error| failed::<F>(&error))?;
        tell_unreadable(cx, walk.unreadable);
        let mut found = Vec::new();
        for it in walk.elements.into_iter().filter(|it| fits(&config.filters, it)) {
            found.push(One::of(cx, Arc::unwrap_or_clone(it)).await?);
        }
        Ok(Self { found: found.into_iter().collect::<List<_>>().into(), ..config })
    }
}

/// One of what was found.
struct One<F>(Value, PhantomData<fn() -> F>);

impl<F: Plural> One<F> {
    async fn of(cx: &Cx, answer: Shown<F>) -> Result<Self> {
        let mut model = Managed::<F>::from_object(&Value::Null).map_err(|it| bug(it.wanted))?;
        model.take(answer, Origin::Imported);
        model.appraise(cx).await;
        let mut object = model.to_object();
        if let Value::Map(values) = &mut object {
            values.retain(|name, _| F::ELEMENT.contains(&name.as_str()));
        }
        Ok(Self(object, PhantomData))
    }
}

impl<F: Plural> FieldType for One<F> {
    fn attribute_type() -> AttributeType {
        let is_in = |it: &Attribute| F::ELEMENT.contains(&it.name);
        let attributes = Managed::<F>::attributes().into_iter().filter(is_in).map(|it| {
            let (is_secret, mut it) = (F::SENSITIVE.contains(&it.name), as_found(it));
            if let Some((_, text)) = F::TEXTS.iter().find(|(name, _)| *name == it.name) {
                it.text = text;
            }
            if is_secret { it.sensitive() } else { it }
        });
        AttributeType::Nested(Nesting::Single, attributes.collect())
    }

    fn from_known(value: &Value) -> result::Result<Self, Mismatch> {
        Ok(Self(value.clone(), PhantomData))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}
