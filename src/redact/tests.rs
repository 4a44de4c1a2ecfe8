//! Ten secrets in the ways in which programs write them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use std::fmt::Write;

use super::*;

/// Keys, passwords and logins, some with characters that other forms write otherwise.
pub(crate) const SECRETS: [&str; 10] = [
    "sk_live_0123456789abcdef",
    "nv-A1b2C3d4/E5f6+G7h8==",
    "robot:hunter-2a\"<&>\"é7",
    "pässwörd & more/1",
    "correct horse battery staple",
    "C:\\Temp\\new\\x41",
    "100%25-sure%41&amp;so",
    "密码是六七八九",
    "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA7\nq9/z+w==\n-----END KEY-----",
    "'\\u0026\\n$(whoami)`x`\\'",
];

/// A way of writing a text: its name, and the text written so.
type Way = (&'static str, fn(&str) -> String);

/// What programs do to texts.
pub(crate) const WAYS: [Way; 21] = [
    ("as it is", str::to_owned),
    ("as JSON", as_json),
    ("as JSON in JSON", |it| as_json(&as_json(it))),
    ("as JSON of Go", |it| {
        as_json(it).replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
    }),
    ("as JSON of PHP", |it| {
        as_json(it).replace('/', "\\/").chars().fold(String::new(), |text, it| {
            text + &match it.is_ascii() {
                true => it.to_string(),
                false => it.encode_utf16(&mut [0; 2]).iter().map(|it| format!("\\u{it:04x}")).collect(),
            }
        })
    }),
    ("as bytes of Python", |it| by_byte(it, |it| format!("\\x{it:02x}"))),
    ("as octal numbers", |it| by_byte(it, |it| format!("\\{it:03o}"))),
    ("every character escaped", |it| {
        it.encode_utf16().fold(String::new(), |text, it| text + &format!("\\u{it:04X}"))
    }),
    ("in a URL", |it| by_byte(it, |it| format!("%{it:02X}"))),
    ("in a URL in lower case", |it| by_byte(it, |it| format!("%{it:02x}"))),
    ("in a query", |it| by_byte(it, |it| if it == b' ' { "+".to_owned() } else { format!("%{it:02X}") })),
    ("in a URL in a URL", |it| by_byte(it, |it| format!("%25{it:02X}"))),
    ("in HTML", |it| {
        it.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;")
    }),
    ("in HTML by number", |it| {
        it.chars().fold(String::new(), |text, it| text + &format!("&#x{:x};", u32::from(it)))
    }),
    ("in base64", |it| STANDARD.encode(it)),
    ("in base64 for URLs", |it| URL_SAFE_NO_PAD.encode(it)),
    ("as a login in base64", |it| STANDARD_NO_PAD.encode(format!("me:{it}"))),
    ("as a login in base64 for URLs", |it| URL_SAFE.encode(format!("user:{it}"))),
    ("in digits", |it| it.bytes().fold(String::new(), |text, it| text + &format!("{it:02X}"))),
    ("with line breaks", |it| {
        it.chars().enumerate().fold(String::new(), |text, (at, it)| {
            let blanks = if at > 0 && at % 8 == 0 { "\r\n  " } else { "" };
            text + &format!("{blanks}{it}")
        })
    }),
    ("in lower case, its blanks joined", |it| {
        it.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
    }),
];

fn as_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Each byte that is neither letter nor digit of ASCII written so.
fn by_byte(text: &str, write: fn(u8) -> String) -> String {
    text.bytes().fold(String::new(), |mut text, it| {
        match it.is_ascii_alphanumeric() {
            true => text.push(char::from(it)),
            false => text.push_str(&write(it)),
        }
        text
    })
}

#[track_caller]
fn check(secrets: &[&str], text: &str, shown: &str) {
    let known = Arc::new(Secrets::default());
    secrets.iter().for_each(|it| known.learn(it));
    assert_eq!(also(&known, || out_of(text).into_owned()), shown, "{secrets:?} in {text:?}");
}

#[test]
fn a_secret_is_found_however_it_is_spelled() {
    let mut failures = String::new();
    for secret in SECRETS {
        let known = Arc::new(Secrets::default());
        known.learn(secret);
        for (way, write) in WAYS {
            let text = format!("bad value [{}], ask support", write(secret));
            let shown = also(&known, || out_of(&text).into_owned());
            if shown != "bad value [(sensitive)], ask support" {
                let _ = writeln!(failures, "{way}: {text:?}\n    shows {shown:?}");
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn a_secret_outside_of_utf_8_is_found() {
    let latin_1 = b"no key caf\xe9-\xfcber-77 here";
    check(&["café-über-77"], &String::from_utf8_lossy(latin_1), "no key (sensitive) here");
    let utf_16: Vec<u8> = "key-0123".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&["key-0123"], &String::from_utf8_lossy(&utf_16), "(sensitive)\0");
}

#[test]
fn words_that_only_look_like_a_short_secret_stay() {
    check(&["note"], "not enough", "not enough");
    check(&["note"], "a note, a Note", "a (sensitive), a (sensitive)");
    check(&["yes", "", "\"\"", " \n "], "yes, \"\"", "yes, \"\"");
    check(&["train"], "dHJh in base64 are other words", "dHJh in base64 are other words");
}

#[test]
fn places_that_overlap_are_blanked_once() {
    check(&["hunter2", "hunter2-and-more"], "hunter2-and-more, hunter2", "(sensitive), (sensitive)");
    check(&["hunter-one", "one-two-three"], "hunter-one-two-three", "(sensitive)");
    check(&["sensitive"], "a sensitive (sensitive)", "a (sensitive) (sensitive)");
    check(&["\"\"\"\""], "is \"\"\"\" it", "is (sensitive) it");
}

#[test]
fn without_secrets_a_text_is_what_it_was() {
    let text = "100% of \\u0026 &amp; %41";
    assert!(matches!(out_of(text), Cow::Borrowed(_)));
    check(&["hunter2"], text, text);
}

#[test]
fn what_is_learnt_in_a_task_is_known_to_the_next_one() {
    let (long, short) = (Arc::new(Secrets::default()), Arc::new(Secrets::default()));
    also(&long, || also(&short, || learn("hunter2")));
    assert_eq!(also(&long, || out_of("hunter2").into_owned()), "(sensitive)");
    assert_eq!(also(&short, || out_of("hunter2").into_owned()), "hunter2");
    let work = also(&long, || carried(|| out_of("hunter2").into_owned()));
    assert_eq!(work(), "(sensitive)");
    assert_eq!(format!("{long:?}"), "(sensitive)");
}

#[test]
fn any_bytes_can_be_searched() {
    let known = Arc::new(Secrets::default());
    SECRETS.iter().for_each(|it| known.learn(it));
    let parts = [
        "\\", "u", "00e9", "x4", "%", "4", "&#x", ";", "é", "\u{fffd}", "=", "+", " ", "{", "}", "77",
        "\\ud83d",
    ];
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..20_000 {
        let text: String = (0..12).map(|_| parts[random.usize(..parts.len())]).collect();
        also(&known, || drop(out_of(&text)));
    }
}
