//! Hostile input, thrown at everything that reads bytes from outside.
//!
//! One function for each kind of input. It takes any bytes, and fails (panics) where the program would have
//! done something that no input may bring about. `make fuzz` runs them under libFuzzer for as long as wanted;
//! the tests run them over the saved inputs in `fuzz/corpus` and over mutations of these. The module exists in
//! neither the library nor the program that is released.

mod errors;
mod values;

#[cfg(test)]
mod mutate;
#[cfg(test)]
mod tests;

use tfplugin::testing::Calls;

use crate::provider::Novita;
use crate::provider::fuzz_targets::{ANSWERS, Played, play};

/// A value in msgpack, after a byte that chooses its type. What can be read can be written, and is then the
/// same.
pub fn msgpack(data: &[u8]) {
    values::msgpack(data);
}

/// A value or a stored state in JSON, after a byte that chooses its type.
pub fn json(data: &[u8]) {
    values::json(data);
}

/// A request to the provider's service: answered by messages for the user, never by a status.
pub fn requests(data: &[u8]) {
    thread_local! {
        // No header can hold a key of two lines, so no request is sent.
        static CALLS: Option<Calls<Novita>> = Calls::new("two\nlines");
    }
    CALLS.with(|calls| {
        let is_gone = calls.as_ref().is_some_and(|it| it.answer(data, |_| ()));
        assert!(!is_gone, "gone without a question");
    });
}

/// A request, and what the API answers meanwhile: whole operations, on a clock that does not wait.
pub fn operations(data: &[u8]) {
    thread_local! {
        static CALLS: Option<Calls<Played>> = Calls::new("sk-of-nobody");
    }
    CALLS.with(|calls| {
        let Some(calls) = calls else { return };
        let mut may_be_gone = false;
        let is_gone = calls.answer(data, |script| may_be_gone = play(script));
        assert!(may_be_gone || !is_gone, "refusals of the account read as gone");
    });
}

/// An answer of an API that claims success, after a byte that chooses what it is about.
pub fn answers(data: &[u8]) {
    let Some((which, body)) = data.split_first() else { return };
    if let Ok(json) = serde_json::from_slice(body) {
        ANSWERS[usize::from(*which) % ANSWERS.len()](json);
    }
}

/// A refusal of an API, with its headers: named rightly, in a short line.
pub fn errors(data: &[u8]) {
    errors::refusal(data);
}
