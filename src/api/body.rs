//! The body of an answer, before anybody knows what it means: what it would take to decode it.
//!
//! Whoever answers may do so with millions of empty objects. So what a body becomes in memory is bounded before
//! it is decoded, and long ones are not read on the thread that serves every call. Knows no JSON but its brackets
//! and commas.

use std::future::pending;

use tfplugin::redact;

/// The most memory that a decoded body may take. The longest documented answers take a
/// tenth of it, and several copies live at a time.
const MOST_MEMORY: usize = 16 << 20;
/// Bytes of a [`Value`](serde_json::Value) beside its text, rounded up.
const VALUE: usize = 64;
/// Bytes of the smallest list that is not empty.
const LIST: usize = 128;
/// Bytes of the smallest object that is not empty: a node of its map.
const OBJECT: usize = 640;
/// Copies of a text that exist at a time.
const COPIES: usize = 3;
/// The same where characters are broken, as each such byte becomes a character of three.
const COPIES_OF_BROKEN: usize = 16;
/// Longer ones are read on a thread of their own: about 10 ms of work.
const LONG: usize = 256 << 10;

/// Whether decoding this JSON takes no more memory than any honest answer does.
pub(crate) fn is_affordable(body: &[u8]) -> bool {
    let copies = if std::str::from_utf8(body).is_ok() { COPIES } else { COPIES_OF_BROKEN };
    let (mut memory, mut is_text, mut is_escaped) = (body.len() * copies, false, false);
    for byte in body {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'{' if !is_text => memory += OBJECT,
            b'[' if !is_text => memory += LIST,
            b',' if !is_text => memory += VALUE,
            _ => {}
        }
    }
    memory <= MOST_MEMORY
}

/// Does the work of reading a body of this length, where it holds up nobody.
pub(crate) async fn read<T: Send + 'static>(length: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    if length < LONG {
        return work();
    }
    match tokio::task::spawn_blocking(redact::carried(work)).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The program is ending.
        Err(_) => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_of(element: &str, count: usize) -> Vec<u8> {
        format!("[{}]", vec![element; count].join(",")).into_bytes()
    }

    #[test]
    fn what_becomes_large_in_memory_is_not_affordable() {
        for element in [r#"{"":0}"#, "{}", "[[]]", "0", "[0]", r#"{"a":{"a":{"a":0}}}"#] {
            let count = (4 << 20) / (element.len() + 1);
            assert!(!is_affordable(&list_of(element, count)), "{element}");
        }
    }

    #[test]
    fn what_honest_answers_hold_is_affordable() {
        let member = r#"{"id":"i-1","envs":[{"key":"A","value":"{[,{[,"}],"ports":[1,2],"text":"a \" b, c"}"#;
        assert!(is_affordable(&list_of(member, 5000)));
        assert!(is_affordable(format!("\"{}\"", r#"{[,\""#.repeat(800_000)).as_bytes()));
        assert!(is_affordable(b"") && is_affordable(&[0xff; 1 << 20]) && !is_affordable(&[0xff; 2 << 20]));
    }

    #[tokio::test]
    async fn long_bodies_are_read_on_another_thread() {
        let here = std::thread::current().id();
        let thread = || std::thread::current().id();
        assert_eq!(read(LONG - 1, thread).await, here);
        assert_ne!(read(LONG, thread).await, here);
    }
}
