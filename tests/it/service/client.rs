//! What a client does around a provider's answers: the proposal before a plan, and the checks of a plan
//! and of what comes of it. Each fault found here is an error message that users of the provider would see.

use serde_json::{Map, Value};

use super::shape::{Attribute, Type, has_unknown, unknown};

/// The client's merge: the configured value where there is one, else what was there before where the
/// provider may choose.
pub(crate) fn proposed(attributes: &[Attribute], prior: &Value, config: &Value) -> Value {
    let member = |it: &Attribute| (it.name.clone(), proposed_member(it, &prior[&it.name], &config[&it.name]));
    Value::Object(attributes.iter().map(member).collect())
}

fn proposed_member(attribute: &Attribute, prior: &Value, config: &Value) -> Value {
    match (&attribute.ty, config) {
        (_, Value::Null) if attribute.flags.computed => prior.clone(),
        (Type::Object(_), Value::Object(_)) if !attribute.nested.is_empty() => {
            proposed(&attribute.nested, prior, config)
        }
        (Type::Set(_), Value::Array(members)) if !attribute.nested.is_empty() => {
            let priors = prior.as_array().map(Vec::as_slice).unwrap_or_default();
            members.iter().map(|it| proposed_set_member(&attribute.nested, priors, it)).collect()
        }
        _ => config.clone(),
    }
}

/// A member of a set is the earlier one if they differ only in what the provider chose.
fn proposed_set_member(attributes: &[Attribute], priors: &[Value], config: &Value) -> Value {
    let fits = |prior: &&Value| {
        attributes.iter().all(|it| {
            let chosen = it.flags.computed && config[&it.name].is_null();
            chosen || prior[&it.name] == config[&it.name]
        })
    };
    priors.iter().find(fits).unwrap_or(config).clone()
}

/// "Provider produced invalid plan": why a client would say it.
pub(super) fn plan_faults(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
) -> Vec<String> {
    let fault = |it: &Attribute| {
        let fault = plan_fault(it, &prior[&it.name], &config[&it.name], &planned[&it.name]);
        fault.map(|fault| format!("{}: {fault}", it.name))
    };
    attributes.iter().filter_map(fault).collect()
}

fn plan_fault(attribute: &Attribute, prior: &Value, config: &Value, planned: &Value) -> Option<String> {
    if attribute.flags.write_only {
        return (!planned.is_null()).then(|| "a write-only value is planned".to_owned());
    }
    if config.is_null() {
        let free = attribute.flags.computed || planned.is_null();
        return (!free).then(|| format!("planned {planned} for what is not configured"));
    }
    if planned == config || planned == prior {
        return None;
    }
    match (&attribute.ty, planned, config) {
        (Type::Object(_), Value::Object(_), Value::Object(_)) if !attribute.nested.is_empty() => {
            plan_faults(&attribute.nested, prior, config, planned).into_iter().next()
        }
        (Type::Set(_), Value::Array(planned), Value::Array(config))
            if !attribute.nested.is_empty() && planned.len() == config.len() =>
        {
            None
        }
        _ => Some(format!("planned {planned} for the configured {config}")),
    }
}

/// "Provider produced inconsistent result after apply": why a client would say it.
pub(super) fn result_faults(planned: &Value, result: &Value) -> Vec<String> {
    let (Some(planned), Some(result)) = (planned.as_object(), result.as_object()) else {
        return vec![format!("{planned} became {result}")];
    };
    let differs = |name: &&String| !agrees(&planned[*name], &result[*name]);
    let fault = |name: &String| format!("{name}: {} became {}", planned[name], result[name]);
    planned.keys().filter(differs).map(fault).collect()
}

fn agrees(planned: &Value, result: &Value) -> bool {
    match (planned, result) {
        _ if *planned == unknown() => !has_unknown(result),
        _ if !has_unknown(planned) => planned == result,
        (Value::Object(planned), Value::Object(result)) => members_agree(planned, result),
        // Members of a set with something unknown in them cannot be told apart.
        (Value::Array(planned), Value::Array(result)) => result.len() <= planned.len(),
        _ => false,
    }
}

fn members_agree(planned: &Map<String, Value>, result: &Map<String, Value>) -> bool {
    planned.keys().eq(result.keys()) && planned.iter().all(|(key, it)| agrees(it, &result[key]))
}
