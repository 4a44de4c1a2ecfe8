//! Text that must not be seen: keys, passwords, values of environment variables.
//!
//! The type has no `Serialize` and prints as `(sensitive)`, so that a secret reaches a log line or a
//! message only where someone wrote [`Secret::expose`].

use std::fmt;

use zeroize::Zeroize;

/// A text that is wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// Takes the text in.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: for a header, a request body or the state, never for a message.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(sensitive)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(sensitive)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_a_placeholder() {
        let secret = Secret::new("hunter2");
        assert_eq!(
            format!("{secret} {secret:?} {:?}", Some(&secret)),
            "(sensitive) (sensitive) Some((sensitive))"
        );
        assert_eq!(secret.expose(), "hunter2");
    }
}
