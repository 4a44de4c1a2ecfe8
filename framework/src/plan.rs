//! Planning: from (schema, configuration, prior, proposed) to the planned value and what replaces.
//!
//! A pure function: it never looks at the clock, the network or anything that may differ between the
//! plan and the apply. What a schema cannot say, a resource says in the function it passes in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::diagnostics::Diagnostics;
use crate::equality::{Forms, differs, keep_form, same};
use crate::path::Path;
use crate::private::Private;
use crate::protection::{id, protection};
use crate::schema::{Attribute, Nesting, OnChange, Schema, beside_config};
use crate::value::Value;

/// What the client asks to plan.
#[derive(Clone, Default)]
pub struct Proposal {
    /// What the user wrote.
    pub config: Value,
    /// What is in the state; null: the resource does not exist yet.
    pub prior: Value,
    /// The client's merge of both; null: the resource is to be destroyed.
    pub proposed: Value,
    /// The framework's notes beside the state.
    pub private: Private,
    /// At apply, where the client keeps it: what the first plan noted.
    pub planned_private: Option<Private>,
    /// Whether the client keeps what this plan notes until then.
    pub remembers: bool,
}

/// A plan under way, as a resource's own planning sees it.
pub(crate) struct Draft<'p> {
    /// What the user wrote.
    pub(crate) config: &'p Value,
    /// What is in the state; null on creation.
    pub(crate) prior: &'p Value,
    /// The framework's notes.
    pub(crate) private: &'p Private,
    /// The author's notes.
    pub(crate) notes: BTreeMap<String, Json>,
    /// Whether the client keeps them until apply.
    pub(crate) remembers: bool,
    /// The plan so far.
    pub(crate) planned: Value,
    /// Attributes whose change replaces the resource.
    pub(crate) replace: BTreeSet<Path>,
    /// What the user is told.
    pub(crate) diagnostics: Diagnostics,
}

impl Draft<'_> {
    /// Takes over what a resource has changed. Unknown values may carry refinements that a model cannot, so all else stays.
    pub(crate) fn take(&mut self, untouched: &Value, adjusted: &Value) {
        for (name, value) in adjusted.as_map().into_iter().flatten() {
            if untouched.get(name) != value {
                self.planned.set(name, value.clone());
            }
        }
    }
}

/// The outcome of planning.
pub struct Planned {
    /// The value after apply; unknown where only apply can tell.
    pub value: Value,
    /// Attributes that replace the resource.
    pub replace: Vec<Path>,
    /// The framework's notes for apply.
    pub private: Private,
    /// What the user is told.
    pub diagnostics: Diagnostics,
}

/// Plans a creation or a change; `adjust` holds the resource's own rules.
pub(crate) fn plan(schema: &Schema, proposal: &Proposal, adjust: impl FnOnce(&mut Draft<'_>)) -> Planned {
    let mut planned = proposal.proposed.clone();
    fill(&schema.attributes, &mut planned, &proposal.config, &proposal.prior);
    keep_form(&schema.attributes, &proposal.prior, &mut planned, Forms::OfValues);
    let mut draft = Draft {
        config: &proposal.config,
        prior: &proposal.prior,
        private: &proposal.private,
        notes: noted(proposal),
        remembers: proposal.remembers || proposal.planned_private.is_some(),
        planned,
        replace: BTreeSet::new(),
        diagnostics: Diagnostics::default(),
    };
    adjust(&mut draft);
    if !proposal.prior.is_null() {
        mark_volatile(schema, &mut draft);
        mark_replacing(schema, &mut draft);
    }
    finish(schema, draft)
}

/// What the author has noted by now: in the first plan, or else beside the object that stays.
fn noted(proposal: &Proposal) -> BTreeMap<String, Json> {
    match &proposal.planned_private {
        Some(planned) => planned.notes.clone(),
        None if proposal.prior.is_null() => BTreeMap::new(),
        None => proposal.private.notes.clone(),
    }
}

/// Plans a destruction.
pub(crate) fn plan_destroy(proposal: &Proposal) -> Planned {
    Planned {
        value: Value::Null,
        replace: Vec::new(),
        private: proposal.private.clone(),
        diagnostics: Diagnostics::default(),
    }
}

fn finish(schema: &Schema, draft: Draft<'_>) -> Planned {
    // Notes about an object do not pass to the one that takes its place.
    let private = match draft.prior {
        Value::Null => Private { notes: draft.notes, ..Private::default() },
        prior => {
            let protected = protection(schema, prior).map(|_| id(prior).to_owned());
            let replaces = !draft.replace.is_empty();
            Private { protected, replaces, notes: draft.notes, ..draft.private.clone() }
        }
    };
    Planned {
        value: draft.planned,
        replace: draft.replace.into_iter().collect(),
        private,
        diagnostics: draft.diagnostics,
    }
}

/// Nulls what is write-only, sets defaults, and marks as unknown what a creation will compute.
fn fill(attributes: &[Attribute], planned: &mut Value, config: &Value, prior: &Value) {
    let Value::Map(values) = planned else { return };
    for attribute in attributes {
        let config = config.get(attribute.name);
        let prior = prior.as_map().map(|it| it.get(attribute.name).unwrap_or(&Value::Null));
        let value = values.entry(attribute.name.to_owned()).or_insert(Value::Null);
        if attribute.write_only {
            *value = Value::Null;
        } else if !config.is_null() {
            fill_nested(attribute, value, config, prior.unwrap_or(&Value::Null));
        } else if attribute.not_returned && prior.is_some_and(Value::is_null) {
            // Never learnt and not configured: a default would be a change of something that nobody knows.
        } else if let Some(default) = &attribute.default {
            *value = default.clone();
        } else if attribute.computed && prior.is_none() {
            *value = Value::unknown();
        }
    }
}

fn fill_nested(attribute: &Attribute, value: &mut Value, config: &Value, prior: &Value) {
    let Some((nesting, attributes)) = attribute.nested() else { return };
    match (nesting, value) {
        (Nesting::Single, value) => fill(attributes, value, config, prior),
        (Nesting::List, Value::List(elements)) => {
            let configs = config.as_slice().unwrap_or_default();
            let priors = prior.as_slice().unwrap_or_default();
            for (index, (element, config)) in elements.iter_mut().zip(configs).enumerate() {
                fill(attributes, element, config, priors.get(index).unwrap_or(&Value::Null));
            }
        }
        (Nesting::Map, Value::Map(elements)) => {
            for (key, element) in elements {
                fill(attributes, element, config.get(key), prior.get(key));
            }
        }
        // Nothing tells which element of a set was which, so each is made of its configuration alone. What
        // the client proposes may hold what an element had before, where a default should come back.
        (Nesting::Set, Value::Set(elements)) => {
            *elements = config.as_slice().unwrap_or_default().to_vec();
            for element in elements {
                let config = element.clone();
                fill(attributes, element, &config, &Value::Null);
            }
        }
        _ => {} // unknown as a whole, or of another type
    }
}

/// Whether a change from one object to the other needs no call: only what is stored, adopted or of another form
/// differs.
pub(crate) fn is_free(schema: &Schema, prior: &Value, planned: &Value, private: &Private) -> bool {
    !schema.attributes.iter().any(|it| costs(schema, it, prior, planned, private))
}

/// Whether a difference in this attribute means a call or a replacement.
fn costs(schema: &Schema, attribute: &Attribute, prior: &Value, planned: &Value, private: &Private) -> bool {
    // What the API says nothing about after an import is taken from the configuration; so is what is required
    // and missing, which it is after imports alone.
    let not_told = private.not_told.contains(attribute.name) || attribute.required;
    let adopted = attribute.not_returned && not_told && prior.get(attribute.name).is_null();
    let only_stored = matches!(attribute.on_change, OnChange::StateOnly);
    !only_stored && !adopted && differs(&schema.attributes, attribute, prior, planned)
}

/// What a change in place makes different, for those who decide what it touches besides.
pub struct Difference<'p> {
    schema: &'p Schema,
    prior: &'p Value,
    planned: &'p Value,
    private: &'p Private,
}

impl Difference<'_> {
    /// Whether one of these attributes of the resource gets another value by a call.
    pub fn touches(&self, names: &[&str]) -> bool {
        let mut named = self.schema.attributes.iter().filter(|it| names.contains(&it.name));
        named.any(|it| costs(self.schema, it, self.prior, self.planned, self.private))
    }

    /// What an attribute was before.
    pub fn prior(&self, name: &str) -> &Value {
        self.prior.get(name)
    }

    /// What an attribute is planned to be.
    pub fn planned(&self, name: &str) -> &Value {
        self.planned.get(name)
    }
}

fn mark_volatile(schema: &Schema, draft: &mut Draft<'_>) {
    let Draft { prior, private, config, .. } = *draft;
    if is_free(schema, prior, &draft.planned, private) {
        return;
    }
    let before = draft.planned.clone();
    let difference = Difference { schema, prior, planned: &before, private };
    beside_config(&schema.attributes, &mut draft.planned, config, &mut |it, value, config| {
        if config.is_null() && it.volatile.is_some_and(|is_touched| is_touched(&difference)) {
            *value = Value::unknown();
        }
    });
}

fn mark_replacing(schema: &Schema, draft: &mut Draft<'_>) {
    for attribute in &schema.attributes {
        let costs = costs(schema, attribute, draft.prior, &draft.planned, draft.private);
        if costs {
            let (prior, planned) = (draft.prior.get(attribute.name), draft.planned.get(attribute.name));
            causes(attribute, prior, planned, Path::root(attribute.name), &mut draft.replace);
        }
    }
}

/// Adds what replaces because an attribute that differs does: itself, or what is inside.
fn causes(attribute: &Attribute, prior: &Value, planned: &Value, path: Path, found: &mut BTreeSet<Path>) {
    if replaces(attribute, prior, planned) {
        found.insert(path);
        return;
    }
    let Some((nesting, attributes)) = attribute.nested() else { return };
    let mut within = |prior: &Value, planned: &Value, path: Path| {
        for it in attributes.iter().filter(|it| differs(attributes, it, prior, planned)) {
            causes(it, prior.get(it.name), planned.get(it.name), path.attribute(it.name), found);
        }
    };
    match (nesting, prior, planned) {
        // What is there on one side alone is a change of the attribute around it.
        (_, Value::Null, _) | (_, _, Value::Null) => {}
        (_, _, Value::Unknown(_)) if attributes.iter().any(may_replace) => drop(found.insert(path)),
        (Nesting::Single, prior, planned) => within(prior, planned, path),
        (Nesting::List, Value::List(priors), Value::List(elements)) => {
            let both = priors.iter().zip(elements).enumerate();
            both.for_each(|(index, (prior, it))| within(prior, it, path.index(index)));
        }
        (Nesting::Map, Value::Map(priors), Value::Map(elements)) => {
            let both = elements.iter().filter_map(|(key, it)| Some((key, priors.get(key)?, it)));
            both.for_each(|(key, prior, it)| within(prior, it, path.key(key)));
        }
        // Nothing tells which element was which, and no path leads into a set.
        (Nesting::Set, ..) if attributes.iter().any(may_replace) => {
            let of = |set: &Value| {
                Value::Set(set.as_slice().into_iter().flatten().map(fixed(attributes)).collect())
            };
            let whole = Attribute { on_change: OnChange::NotConfigurable, ..attribute.clone() };
            if !same(&whole, &of(prior), &of(planned)) {
                found.insert(path);
            }
        }
        _ => {}
    }
}

/// The part of an element whose change replaces.
fn fixed(attributes: &[Attribute]) -> impl Fn(&Value) -> Value {
    |element| {
        let kept = attributes.iter().filter(|it| may_replace(it));
        Value::object(kept.map(|it| (it.name.to_owned(), element.get(it.name).clone())))
    }
}

/// Whether a change of it, or of something inside, may replace.
fn may_replace(attribute: &Attribute) -> bool {
    let inside = || attribute.nested().is_some_and(|(_, attributes)| attributes.iter().any(may_replace));
    matches!(attribute.on_change, OnChange::Replace | OnChange::ReplaceIf(..)) || inside()
}

fn replaces(attribute: &Attribute, prior: &Value, planned: &Value) -> bool {
    match attribute.on_change {
        OnChange::Replace => true,
        OnChange::ReplaceIf(decide, _) => decide(prior, planned),
        OnChange::NotConfigurable | OnChange::Update(_) | OnChange::StateOnly => false,
    }
}

#[cfg(test)]
mod tests;
