//! All things of a kind, page by page: what list resources show.
//!
//! What is being removed is none of them any more. Which of the others are wanted is the caller's matter.

use tfplugin::attr::Attr;
use tfplugin::list_resource::Listing;
use tfplugin::resource::Result;

use crate::provider::clients::Cx;
use crate::provider::error_context::ErrorContext;
use crate::provider::life_cycle::phase::Phase;
use crate::provider::life_cycle::remote::Answer;
use crate::provider::life_cycle::stored::Stored;
use crate::provider::paging::Element as _;

/// Tells of each that is wanted, by the name that users know it by.
///
/// # Errors
/// A page could not be read.
pub(crate) async fn each<S: Stored>(
    cx: &Cx,
    listing: &Listing,
    is_wanted: impl Fn(&S::Answer) -> bool + Send + Sync,
    name: impl Fn(&S::Answer) -> String + Send + Sync,
) -> Result<()> {
    let remote = S::remote(cx)?;
    let mut steps = S::Answer::list();
    // Whoever looks for what costs money wants all of it.
    steps.distrust();
    while !steps.ended() {
        let page = steps.step(remote.client, &remote.call).await;
        page.map_err(|error| ErrorContext::to(&format!("list each {}", S::THING)).failed(&error))?;
        let is_there = |it: &&S::Answer| !matches!(it.phase(), Phase::Leaving | Phase::Gone);
        for it in steps.elements().filter(is_there).filter(|it| S::accept(it).is_ok() && is_wanted(it)) {
            if listing.found(it.id(), &name(it)).await.is_break() {
                return Ok(());
            }
        }
    }
    if steps.unreadable() > 0 {
        let detail = format!(
            "{} elements of the list were not understood, so that what they are is not among the results. Look at them in \
             the vendor's console.",
            steps.unreadable()
        );
        cx.warn("List may lack something", detail);
    }
    Ok(())
}

/// Whether a name begins as was asked for, or nothing was asked.
pub(crate) fn begins_with(name: &str, prefix: &Attr<String>) -> bool {
    prefix.text().is_none_or(|it| name.starts_with(it))
}

/// Whether a status is the one that was asked for, or none was.
pub(crate) fn is_in_status(status: &str, wanted: &Attr<String>) -> bool {
    wanted.text().is_none_or(|it| it.eq_ignore_ascii_case(status))
}
