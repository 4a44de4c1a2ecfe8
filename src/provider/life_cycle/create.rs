//! Creating: the call, what it has made, and the id in the state before anything else can fail.

use std::sync::Arc;

use tfplugin::diagnostics::bug;
use tfplugin::diagnostics::{Diagnostic, Diagnostics};
use tfplugin::equality::differ_in;
use tfplugin::resource::{Result, StateWriter};
use tfplugin::value::Value;

use crate::api::error::{Details, Error};
use crate::api::planted::{Bug, is_planted};
use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::error_context::capitalised;
use crate::provider::life_cycle::in_flight::{Name, Wanted};
use crate::provider::life_cycle::recovery::Made;
use crate::provider::life_cycle::remote::{Answer, Remote, meaningful};
use crate::provider::life_cycle::stored::{Stored, save_new};
use crate::provider::life_cycle::tries;
use crate::provider::life_cycle::waiter::ABSENT;
use crate::provider::name;
use crate::provider::paging::Element as _;
use crate::provider::read_back::Origin;

/// Makes a thing and saves its id. Things that bear names are given one of the provider's, if nobody chose one.
pub(crate) async fn make<'c, S: Stored>(
    cx: &'c Cx,
    mut model: S,
    writer: &StateWriter<S>,
) -> Result<(Remote<'c, S::Answer>, S)> {
    let remote = S::remote(cx)?;
    let mut name = Name::None;
    if let Some(it) = model.name_mut() {
        name = Name::Theirs;
        if it.text().is_none() {
            (*it, name) = (name::unique(remote.client)?.into(), Name::Ours);
        }
    }
    model.prepare(cx).await;
    let (Made { answer, taken_over }, mut model) = tries::make_first(cx, &remote, &model, name).await?;
    if let Some(detail) = taken_over {
        cx.warn(&format!("{} was taken over", capitalised(S::THING)), detail);
    }
    *model.id_mut() = answer.id().to_owned().into();
    if is_planted(Bug::LosesIds) {
        return Err(bug("it is planted").into());
    }
    save_new(cx, writer, &model); // it exists and costs money: remember it before anything can fail
    Ok((remote, model))
}

/// Sends the create call; an answer with an id that cannot be one tells nothing.
pub(super) async fn post<S: Stored>(
    model: &S,
    remote: &Remote<'_, S::Answer>,
) -> crate::api::error::Result<S::Answer> {
    let answer = model.post(remote).await?;
    let is_untold = answer.id().is_empty() && !S::TELLS_ID;
    if is_untold || ((S::IMPORT_ID.fits)(answer.id()) && meaningful(answer.id()).is_some()) {
        return Ok(answer);
    }
    let message = format!("the answer has no id of the new {}: {:?} is none", S::THING, answer.id());
    Err(Error::Ambiguous(Details::new("", message).into()))
}

/// By what the thing is recognised, should the answer not tell it: its name, and what the list tells of it.
pub(super) fn wanted<S: Stored>(model: &S, name: Name) -> Wanted<S::Answer> {
    let object = Arc::new(model.to_object());
    let own_name = object.get("name").as_str().map(str::to_owned);
    let text = match &own_name {
        Some(own_name) => format!("named {own_name:?}"),
        None => format!(
            "with {}",
            S::MATCH.iter().map(|it| described(it, object.get(it))).collect::<Vec<_>>().join(", ")
        ),
    };
    let fits = move |answer: &S::Answer| {
        if own_name.as_deref().is_some_and(|it| it != answer.name()) {
            return false;
        }
        // A name of our own proves a find by itself.
        name == Name::Ours || shows::<S>(answer, &object)
    };
    Wanted { fits: Box::new(fits), name, text }
}

fn described(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{name}` {text}"),
        Value::Number(number) => format!("`{name}` {number}"),
        _ => format!("`{name}` not set"),
    }
}

/// Whether an answer shows the attributes by which a thing is recognised, as far as it tells them.
fn shows<S: Stored>(answer: &S::Answer, wanted: &Value) -> bool {
    let mut blank = wanted.clone();
    if let Value::Map(values) = &mut blank {
        values.retain(|name, _| !S::MATCH.contains(&name.as_str()));
    }
    let (Ok(wanted), Ok(mut shown)) = (S::from_object(wanted), S::from_object(&blank)) else { return false };
    let _ = shown.read_back(answer.clone(), Origin::Imported);
    let object = shown.to_object();
    let told: Vec<_> = S::MATCH.iter().copied().filter(|it| !object.get(it).is_null()).collect();
    S::accept(answer).is_ok() && !differ_in(&told, &wanted, &shown)
}

/// The result of a creation whose id is in the state. A client that drops the state of a failed one is told of the
/// failure by a warning.
pub(crate) fn kept(cx: &Cx, result: Result<()>) -> Result<()> {
    let is_to_warn = cx.data.drops_failed_creations && !is_planted(Bug::FailsWhereFailuresAreForgotten);
    result.map_err(|failure| if is_to_warn { failure.into_warnings() } else { failure })
}

/// A failure after a thing was made. A stop is no fault of the thing: it is kept as it is.
pub(crate) fn unfinished<S: Stored>(cx: &Cx, id: &str, error: &Error) -> Diagnostics {
    let thing = S::THING;
    let exists = if S::COSTS { "exists and costs money" } else { "exists" };
    if matches!(error, Error::Stopped(_)) {
        let detail = format!(
            "The {thing} {id} {exists}. It is in the state, was not ready yet, and goes on starting by itself. To see how it \
             gets on, or to remove it:\n\n  terraform apply -refresh-only\n  terraform destroy -target=ADDRESS"
        );
        // Clients show one of several warnings with the same summary.
        let named = format!("{thing} {id}");
        return Diagnostic::warning(format!("Stopped before the {named} was ready"), detail).into();
    }
    let is_absent = error.details().seen.as_deref() == Some(ABSENT);
    let aftermath = match (is_absent, cx.data.drops_failed_creations) {
        (true, is_kept) => format!(
            "The {thing} {id} is not found any more{}; the vendor's console shows it for certain. It is in the state{}.",
            if S::COSTS { ", so it should cost nothing" } else { "" },
            if is_kept {
                ""
            } else {
                ", marked as tainted: the next apply looks again and creates another one"
            }
        ),
        (false, true) => format!(
            "The {thing} {id} {exists}. It is in the state as it is: refresh to see how it gets on, replace it, \
             or destroy it."
        ),
        (false, false) => format!(
            "The {thing} {id} {exists}. It is in the state, marked as tainted: the next apply replaces it. To keep it, or to \
             remove it:\n\n  terraform untaint ADDRESS\n  terraform destroy -target=ADDRESS"
        ),
    };
    ErrorContext { what: &format!("get the {thing} ready"), aftermath, schema: None }.failed(error)
}
