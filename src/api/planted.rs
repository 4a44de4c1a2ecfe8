//! Mistakes that a test plants in the program, to see whether it is found. A release has none of them.
//!
//! Each stands at the line that it breaks; the simulator plants one for a whole run.

/// A mistake, by what the program does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A create call is sent once more when its answer is lost.
    RepeatsCreates,
    /// An ambiguous answer to a create call is taken for a refusal.
    TakesDoubtForRefusal,
    /// The id that a create call answers is thrown away.
    LosesIds,
    /// One get that finds nothing makes a thing gone.
    BelievesOneWitness,
    /// What was lost is recognised by its looks alone, whoever has made it and whenever.
    TakesOverWhatLooksAlike,
    /// What no call changes is refreshed all the same.
    RefreshesWhatIsFixed,
    /// A change ends when it was accepted, although a look does not show it yet.
    EndsBeforeItShows,
    /// A catalogue that cannot be read refuses the plan.
    FailsClosed,
    /// A creation that ends in an error says so to a client that then forgets what was made.
    FailsWhereFailuresAreForgotten,
}

#[cfg(test)]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

/// Plants a mistake in all that this thread does from now on, or takes it out again.
#[cfg(test)]
pub(crate) fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// Whether this mistake is planted.
#[cfg(test)]
pub(crate) fn is_planted(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether this mistake is planted: never.
#[cfg(not(test))]
pub(crate) const fn is_planted(_: Bug) -> bool {
    false
}
