//! What an author reads after a mistake: one mistake per case, and nothing but its message.
//!
//! `TRYBUILD=overwrite cargo test -p tfplugin-derive` rewrites the messages, and with `--features rest` those of `rest`.

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/model/*.rs");
    cases.compile_fail("tests/string_enum/*.rs");
    cases.compile_fail(if cfg!(feature = "rest") { "tests/rest/*.rs" } else { "tests/without_rest/*.rs" });
}
