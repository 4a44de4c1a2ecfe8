//! Choices that a configuration leaves open: lists of candidates, of which one is made.
//!
//! Owns what such lists mean: which candidates there are, what a plan says of them, and that nothing that exists is
//! replaced while its list still has it. Knows neither products nor nodes, nor how candidates are tried, which is the matter
//! of [`tries`](crate::provider::life_cycle::tries).

use std::collections::BTreeSet;

use tfplugin::attr::{Attr, List};
use tfplugin::diagnostics::{Diagnostic, Diagnostics, Severity};
use tfplugin::path::Path;
use tfplugin::resource::{Plan, Rules};

use crate::provider::life_cycle::stored::Stored;

/// Names of an attribute that can be chosen out of a list.
#[derive(Debug)]
pub(crate) struct Names {
    /// The attribute: what the user has set, or what was chosen.
    pub(crate) one: &'static str,
    /// The list of candidates, in order of preference.
    pub(crate) many: &'static str,
    /// The fields of the create call whose refusal is of what was chosen: the choice itself, and what not every one offers.
    pub(crate) blamed: &'static [&'static str],
    /// What a sentence calls one: `product`.
    pub(crate) noun: &'static str,
    /// Whether one of both attributes must be set.
    pub(crate) is_needed: bool,
}

/// A choice of a model.
pub(crate) struct Choice<'m> {
    pub(crate) names: &'static Names,
    pub(crate) one: &'m mut Attr<String>,
    pub(crate) many: &'m mut Attr<List<String>>,
}

impl Choice<'_> {
    fn candidates(&self) -> Vec<&str> {
        self.many.known().into_iter().flat_map(|it| it.0.iter().filter_map(Attr::text)).collect()
    }

    /// Whether it is not known what is chosen, and not the API's to choose.
    pub(crate) fn is_open(&self) -> bool {
        self.one.is_unknown() && (self.names.is_needed || !self.many.is_null())
    }

    /// Whether all candidates are known.
    fn is_known(&self) -> bool {
        self.many.known().is_some_and(|it| it.0.iter().all(|it| it.known().is_some()))
    }
}

/// A model with every choice made.
pub(crate) struct Candidate<S> {
    pub(crate) model: S,
    /// What was chosen, as a sentence names it; empty where nothing was open.
    pub(crate) named: String,
}

/// Every way to make what is wanted, in order of preference; what is not known yet is left open.
pub(crate) fn candidates<S: Stored>(wish: &S) -> Vec<Candidate<S>> {
    let mut all = vec![Candidate { model: wish.clone(), named: String::new() }];
    for index in 0..wish.clone().choices().len() {
        all = all.into_iter().flat_map(|it| chosen(it, index)).collect();
    }
    all
}

/// The candidate with each of the elements of one of its lists.
fn chosen<S: Stored>(candidate: Candidate<S>, index: usize) -> Vec<Candidate<S>> {
    let mut model = candidate.model.clone();
    let Some(choice) = model.choices().into_iter().nth(index) else { return vec![candidate] };
    let noun = choice.names.noun;
    let texts: Vec<String> = choice.candidates().into_iter().map(str::to_owned).collect();
    if texts.is_empty() {
        return vec![candidate];
    }
    let choose = |text: String| {
        let mut model = candidate.model.clone();
        let named = match candidate.named.as_str() {
            "" => format!("{noun} `{text}`"),
            before => format!("{before}, {noun} `{text}`"),
        };
        if let Some(choice) = model.choices().into_iter().nth(index) {
            *choice.one = text.into();
        }
        Candidate { model, named }
    };
    texts.into_iter().map(choose).collect()
}

/// The rules of the lists: not both attributes, and no candidate twice.
pub(crate) fn validate<S: Stored>(model: &S, rules: &mut Rules) {
    for choice in model.clone().choices() {
        let Names { one, many, .. } = *choice.names;
        rules.exclusive(&[(one, choice.one.is_set()), (many, choice.many.is_set())]);
        let mut seen = BTreeSet::new();
        if let Some(twice) = choice.candidates().into_iter().find(|it| !seen.insert(it.to_lowercase())) {
            rules.reject(many, format!("{twice:?} stands in it twice: name each candidate once."));
        }
    }
}

/// What only a creation needs, since an import may not have learnt it: one of the two attributes.
pub(crate) fn validate_creation<S: Stored>(model: &S, rules: &mut Rules) {
    for choice in model.clone().choices() {
        let Names { one, many, is_needed, .. } = *choice.names;
        if is_needed && choice.one.is_null() && choice.many.is_null() {
            let fault = format!("Set `{one}`, or `{many}` for several in order of preference.");
            rules.lacks(one, fault);
        }
    }
}

/// Plans what is chosen: the only candidate of a new one; for one that exists what it is, as long as the list has it.
pub(crate) fn plan<S: Stored>(plan: &mut Plan<S>) {
    if !plan.planned.choices().iter().any(Choice::is_known) {
        return;
    }
    let mut prior = plan.prior.clone();
    let mut rented = prior.iter_mut().flat_map(S::choices);
    for choice in plan.planned.choices() {
        let before = rented.next();
        let candidates = choice.candidates();
        // What is not known, of the list or of what exists, is no reason to replace it.
        if !choice.is_known() {
            continue;
        }
        match (before, &candidates[..]) {
            (Some(Choice { one: Attr::Known(rented), .. }), all)
                if !all.iter().any(|it| it.eq_ignore_ascii_case(rented)) =>
            {
                plan.replace.push(choice.names.many);
                *choice.one = Attr::Unknown;
            }
            (None, [only]) => *choice.one = (*only).to_owned().into(),
            _ => {}
        }
    }
}

/// What the checks of all candidates come to, at the lists that they are from: while one of them is in order, only what is
/// surely wrong with the others is told.
pub(crate) fn joined<S: Stored>(wish: &S, checked: Vec<Diagnostics>) -> Diagnostics {
    let is_one_in_order = checked.iter().any(|it| it.0.is_empty());
    let mut model = wish.clone();
    let lists: Vec<_> = model.choices().iter().filter(|it| it.many.is_set()).map(|it| it.names).collect();
    let at_list = |found: Diagnostic| {
        let list = lists.iter().find(|it| found.path() == Some(&Path::root(it.one)));
        list.map_or(found.clone(), |it| found.at(Path::root(it.many)))
    };
    let mut all = Diagnostics::default();
    for found in checked.into_iter().flat_map(|it| it.0).map(at_list) {
        if (!is_one_in_order || found.severity == Severity::Error) && !all.0.contains(&found) {
            all.push(found);
        }
    }
    all
}
