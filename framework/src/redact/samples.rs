//! Ten secrets, and the ways in which programs write them: for tests alone.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Keys, passwords and logins, some with characters that other forms write otherwise.
pub const SECRETS: [&str; 10] = [
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
pub const WAYS: [Way; 21] = [
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
