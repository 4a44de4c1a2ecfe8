//! The checks of a schema, run over a configuration.
//!
//! Unknown values pass every check: they are looked at again once they are known. Rules between
//! attributes are the model's business (see [`crate::resource::Resource::validate`]).

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::model::Model;
use crate::path::{Path, Step};
use crate::resource::Rules;
use crate::schema::{Attribute, AttributeType, Check, Nesting, Schema, TIMEOUTS};
use crate::timeouts;
use crate::value::Value;

/// Everything that is wrong with a configuration by the rules of single attributes.
fn validate(schema: &Schema, config: &Value, write_only_allowed: bool) -> Diagnostics {
    let mut run = Run { write_only_allowed, diagnostics: Diagnostics::default() };
    run.object(&schema.attributes, config, &Path::default());
    if schema.timeouts.is_some() {
        run.timeouts(config.get(TIMEOUTS));
    }
    run.diagnostics
}

/// The same, and the model's own rules between attributes.
pub(crate) fn validate_model<M: Model>(
    schema: &Schema,
    config: &Value,
    write_only_allowed: bool,
    between: fn(&M, &mut Rules),
) -> Diagnostics {
    let ask =
        |config: &Value, rules: &mut Rules| M::from_object(config).map(|it| between(&it, rules)).is_ok();
    let mut rules = Rules { diagnostics: validate(schema, config, write_only_allowed) };
    ask_between(config, &mut rules, &ask);
    rules.diagnostics
}

/// Asks for faults between attributes. `ask` tells whether the configuration fits its model.
fn ask_between(config: &Value, rules: &mut Rules, ask: &dyn Fn(&Value, &mut Rules) -> bool) {
    if !ask(config, rules) {
        // A value that does not fit its field was refused by the checks already. The rules are asked about the rest.
        let rest = without(config, rules.diagnostics.0.iter().filter_map(|it| it.path()));
        ask(&rest, rules);
    }
}

/// A configuration whose attributes at these paths are not known, so that no rule between attributes is about them.
fn without<'p>(config: &Value, paths: impl Iterator<Item = &'p Path>) -> Value {
    let mut rest = config.clone();
    for path in paths {
        if let Some(Step::Attribute(name) | Step::Block(name)) = path.0.first() {
            rest.set(name, Value::unknown());
        }
    }
    rest
}

/// What a configuration lacks from which something is to be created, though it passes for what is imported.
pub(crate) fn validate_creation<M: Model>(
    schema: &Schema,
    config: &Value,
    rule: fn(&M, &mut Rules),
) -> Diagnostics {
    let mut rules = Rules::default();
    for attribute in schema.attributes.iter().filter(|it| it.required && it.not_returned) {
        if config.get(attribute.name).is_null() {
            rules.diagnostics.push(unset(&Path::root(attribute.name)));
        }
    }
    if let Ok(model) = M::from_object(config) {
        rule(&model, &mut rules);
    }
    rules.diagnostics
}

fn unset(path: &Path) -> Diagnostic {
    missing(path, format!("`{path}` must be set."))
}

struct Run {
    write_only_allowed: bool,
    diagnostics: Diagnostics,
}

impl Run {
    fn object(&mut self, attributes: &[Attribute], object: &Value, path: &Path) {
        for attribute in attributes {
            let (name, value) = (attribute.name, object.get(attribute.name));
            let path = if attribute.block { path.block(name) } else { path.attribute(name) };
            self.attribute(attribute, attributes, value, &path);
        }
    }

    fn attribute(&mut self, attribute: &Attribute, beside: &[Attribute], value: &Value, path: &Path) {
        let is_none = value.is_null()
            || attribute.empty_is_null && value.as_str() == Some("")
            || attribute.block && !attribute.group && *value == attribute.nothing();
        if is_none {
            // What was imported may lack what its API never returns, and only planning can tell an import.
            if attribute.required && !attribute.not_returned {
                self.diagnostics.push(unset(path));
            }
            return;
        }
        self.usage(attribute, beside, path);
        if !value.is_unknown() {
            self.known(attribute, value, path);
        }
    }

    fn usage(&mut self, attribute: &Attribute, beside: &[Attribute], path: &Path) {
        if attribute.write_only && !self.write_only_allowed {
            let mut detail = format!("`{path}` needs Terraform or OpenTofu 1.11 or newer.");
            let stem = attribute.name.strip_suffix("_wo");
            if let Some(twin) = beside.iter().find(|it| Some(it.name) == stem && it.sensitive) {
                detail.push_str(&format!(
                    " Use `{}` here, which works with every version and is stored in the state as a sensitive value.",
                    twin.name
                ));
            }
            let summary = "Write-only attribute needs a newer Terraform";
            self.diagnostics.push(Diagnostic::error(summary, detail).at(path.clone()));
        }
        if let Some(advice) = attribute.deprecated {
            let text = format!("`{path}` is deprecated: {advice}");
            self.diagnostics.push(Diagnostic::warning("Deprecated attribute", text).at(path.clone()));
        }
    }

    fn known(&mut self, attribute: &Attribute, value: &Value, path: &Path) {
        if attribute.optional && attribute.computed && value.as_str() == Some("") {
            return self.reject(
                path,
                "It is empty: leave it out, or write `null`, for the value that is chosen then.",
            );
        }
        self.check(attribute, Check::is_about_collection, value, path);
        match &attribute.ty {
            AttributeType::Value(_) => self.plain(attribute, value, path),
            AttributeType::Nested(nesting, attributes) => {
                self.nested(attribute, *nesting, attributes, value, path);
            }
        }
    }

    /// The rules about text and numbers, on the value or on each of its elements.
    fn plain(&mut self, attribute: &Attribute, value: &Value, path: &Path) {
        for (element, path) in elements(value, path) {
            self.element_is_set(attribute, element, &path);
            self.check(attribute, |it| !it.is_about_collection(), element, &path);
        }
    }

    fn nested(
        &mut self,
        holder: &Attribute,
        nesting: Nesting,
        attributes: &[Attribute],
        value: &Value,
        path: &Path,
    ) {
        if nesting == Nesting::Single {
            return self.object(attributes, value, path);
        }
        for (element, element_path) in elements(value, path) {
            // A path cannot lead into a set: whatever is wrong inside points at the set.
            let before = self.diagnostics.0.len();
            if self.element_is_set(holder, element, &element_path) && !element.is_unknown() {
                self.object(attributes, element, &element_path);
            }
            if nesting == Nesting::Set {
                self.diagnostics.0[before..].iter_mut().for_each(|it| it.path = Some(path.clone()));
            }
        }
    }

    fn timeouts(&mut self, block: &Value) {
        for (name, value) in block.as_map().into_iter().flatten() {
            if let Some(Err(fault)) = value.as_str().map(timeouts::parse_duration) {
                self.reject(&Path::default().block(TIMEOUTS).attribute(name), &fault);
            }
        }
    }

    fn element_is_set(&mut self, attribute: &Attribute, element: &Value, path: &Path) -> bool {
        if element.is_null() && !attribute.null_elements {
            self.reject(path, "An element of a collection must not be null.");
        }
        !element.is_null()
    }

    /// Tells the first fault only: a text that is too long need not be told that it has no good form.
    /// A fault that repeats a secret is left out: then only what is wanted is told.
    fn check(&mut self, attribute: &Attribute, of_kind: impl Fn(&Check) -> bool, value: &Value, path: &Path) {
        let mut checks = attribute.checks.iter().filter(|it| of_kind(it));
        let Some((check, fault)) = checks.find_map(|it| Some((it, it.reject(value)?))) else { return };
        let shown = value.as_str().map(str::to_owned).or_else(|| value.as_number().map(ToString::to_string));
        let repeats = attribute.is_secret() && shown.is_some_and(|it| fault.contains(&it));
        match check.demand().filter(|_| repeats) {
            Some(demand) => self.reject(path, &format!("{demand}.")),
            None => self.reject(path, &fault),
        }
    }

    fn reject(&mut self, path: &Path, fault: &str) {
        self.diagnostics.push(invalid(path, fault));
    }
}

/// An error about what is not set and has to be.
pub(crate) fn missing(path: &Path, detail: impl Into<String>) -> Diagnostic {
    Diagnostic::error("Missing attribute value", detail).at(path.clone())
}

/// An error about one attribute's value.
pub(crate) fn invalid(path: &Path, fault: &str) -> Diagnostic {
    Diagnostic::error("Invalid attribute value", format!("The value of `{path}` is not allowed. {fault}"))
        .at(path.clone())
}

/// A collection's elements with their paths; a value that is none is its own only element.
fn elements<'v>(value: &'v Value, path: &Path) -> Vec<(&'v Value, Path)> {
    match value {
        Value::List(elements) => elements.iter().enumerate().map(|(i, it)| (it, path.index(i))).collect(),
        Value::Set(elements) => elements.iter().map(|it| (it, path.clone())).collect(),
        Value::Map(elements) => elements.iter().map(|(key, it)| (it, path.key(key))).collect(),
        single => vec![(single, path.clone())],
    }
}

#[cfg(test)]
mod tests;
