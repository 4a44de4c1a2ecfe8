//! What this provider wants of its schemas beyond what clients and the framework refuse, for tests: every secret is
//! hidden, what is write-only has a twin for older clients, and no text talks down.

use tfplugin::schema::{Attribute, Schema};

/// Every fault, each with the attribute's path.
pub(crate) fn faults(schema: &Schema) -> Vec<String> {
    let mut faults = Vec::new();
    text("the schema", schema.text, &mut faults);
    object(&schema.attributes, "", &mut faults);
    faults
}

fn object(attributes: &[Attribute], above: &str, faults: &mut Vec<String>) {
    for attribute in attributes {
        let path = format!("{above}{}", attribute.name);
        text(&path, attribute.text, faults);
        secrecy(attribute, attributes, &path, faults);
        if let Some((_, nested)) = attribute.nested() {
            object(nested, &format!("{path}."), faults);
        }
    }
}

fn text(path: &str, text: &str, faults: &mut Vec<String>) {
    let words = ["simply", "the user"].into_iter().filter(|it| text.contains(it));
    faults.extend(words.map(|it| format!("{path}: its text says {it:?}")));
}

fn secrecy(it: &Attribute, beside: &[Attribute], path: &str, faults: &mut Vec<String>) {
    let has = |name: &str| beside.iter().any(|it| it.name == name);
    let stem = it.name.strip_suffix("_wo");
    let rules = [
        (is_secret(it.name) && !it.is_secret(), "it sounds like a secret and is not hidden"),
        (it.write_only != stem.is_some(), "what is write-only, and nothing else, ends in `_wo`"),
        (stem.is_some_and(|it| !has(it)), "it has no twin for clients that do not know it"),
        (stem.is_some_and(|it| !has(&format!("{it}_wo_version"))), "nothing says when it has changed"),
    ];
    let broken = rules.into_iter().filter(|(broken, _)| *broken);
    faults.extend(broken.map(|(_, fault)| format!("{path}: {fault}")));
}

/// Whether users keep such a thing to themselves: its last word says so, or its first. Whether one is stored is no secret.
fn is_secret(name: &str) -> bool {
    if name.starts_with("store_") {
        return false;
    }
    let last = name.strip_suffix("_wo").unwrap_or(name).rsplit('_').next();
    let secret = last.is_some_and(|it| ["password", "secret", "token", "auth"].contains(&it));
    secret || name.starts_with("secret_") || name.ends_with("api_key")
}

#[test]
fn secrets_in_the_open_and_lonely_twins_are_found() {
    let found = |attribute| faults(&Schema::new("A thing.", vec![attribute]));
    let named = |name| Attribute::new::<String>(name, "It.").computed();
    for name in ["ssh_password", "api_key", "image_auth", "secret_envs", "token"] {
        assert_eq!(found(named(name)), [format!("{name}: it sounds like a secret and is not hidden")]);
    }
    for name in ["image_auth_id", "auth_method", "ssh_key_id", "password_wo_version", "author"] {
        assert_eq!(found(named(name)), [""; 0]);
    }
    let alone = [
        "password_wo: it has no twin for clients that do not know it",
        "password_wo: nothing says when it has changed",
    ];
    assert_eq!(
        found(Attribute::new::<String>("password_wo", "It.").optional().write_only().replace()),
        alone
    );
    assert_eq!(
        found(Attribute::new::<String>("it", "Here simply is.").computed()),
        ["it: its text says \"simply\""]
    );
}
