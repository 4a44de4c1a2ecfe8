//! What an author reads after a mistake: one mistake per case, and nothing but its message.
//!
//! `TRYBUILD=overwrite cargo test -p tfplugin-derive` rewrites the messages.

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/model/*.rs");
    cases.compile_fail("tests/string_enum/*.rs");
}
