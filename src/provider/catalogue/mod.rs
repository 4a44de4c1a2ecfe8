//! What can be rented from both vendors, and at what price.

pub(crate) mod calls;
pub(crate) mod known;
