use std::fmt::Write;

use super::samples::{SECRETS, WAYS};
use super::*;

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
