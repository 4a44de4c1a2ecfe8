//! Numbers of any size and precision, compared by value.

/// A decimal number in a canonical form, so that equality is numeric equality.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    digits: String,
    exponent: i32,
}
