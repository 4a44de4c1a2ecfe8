//! Value ↔ msgpack, under a type.
