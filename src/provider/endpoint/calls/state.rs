//! What an endpoint's state means.
//!
//! Only `serving` is documented. The other names were seen in the vendor's console and in clients,
//! so every name that is not known is taken for a passing one.

/// The state of an endpoint that takes requests.
pub(crate) const SERVING: &str = "serving";

/// Kinds of states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It takes requests. With no worker at least, it may do so without one.
    Serving,
    /// It is switched off, for lack of money for instance, and stays so.
    Stopped,
    /// It cannot serve.
    Failed,
    /// It is on its way to another state. Every unknown name is taken for this.
    Moving,
    /// It is being removed.
    Leaving,
    /// It does not exist any more.
    Gone,
}

impl Class {
    /// The kind of a state; case does not matter.
    pub(crate) fn of(state: &str) -> Self {
        match state.to_ascii_lowercase().as_str() {
            SERVING | "running" => Self::Serving,
            "stopped" => Self::Stopped,
            "failed" | "error" => Self::Failed,
            "terminating" | "deleting" => Self::Leaving,
            // What a removed worker is called; that endpoints do the same is a guess.
            "removed" => Self::Gone,
            // initializing, pending, creating, updating, unknown, and what the vendor invents next.
            _ => Self::Moving,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_kind() {
        for (state, class) in [
            ("serving", Class::Serving),
            ("SERVING", Class::Serving),
            ("running", Class::Serving),
            ("stopped", Class::Stopped),
            ("failed", Class::Failed),
            ("error", Class::Failed),
            ("terminating", Class::Leaving),
            ("deleting", Class::Leaving),
            ("removed", Class::Gone),
            ("initializing", Class::Moving),
            ("pending", Class::Moving),
            ("creating", Class::Moving),
            ("updating", Class::Moving),
            ("unknown", Class::Moving),
            ("", Class::Moving),
            ("a new one", Class::Moving),
        ] {
            assert_eq!(Class::of(state), class, "{state}");
        }
    }
}
