//! Value ↔ JSON, under a type.
