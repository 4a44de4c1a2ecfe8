//! A panic, written so that Terraform shows it.
//!
//! Terraform collects stderr from a line that begins with `panic: ` and prints it at the end of the
//! run, where anyone may read it. So only text that was fixed when the program was compiled is
//! written: a message put together at run time may hold a value of the user's.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;

use super::REQUEST;

/// The panic hook.
pub(super) fn report(info: &PanicHookInfo<'_>) {
    let mut text = "panic: ".to_owned();
    // Writing to a String does not fail.
    if let Some(place) = info.location() {
        let _ = write!(text, "{}:{}: ", place.file(), place.line());
    }
    text.push_str(match info.payload().downcast_ref::<&'static str>() {
        Some(message) => message,
        None => "(the message is not shown, it may hold values)",
    });
    text.push('\n');
    let _ = REQUEST.try_with(|request| {
        for (key, value) in &request.fields {
            let _ = writeln!(text, "{key}={value}");
        }
    });
    // Captured only if RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        let _ = writeln!(text, "\n{backtrace}");
    }
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::{Request, in_request};

    const CHILD: &str = "PANICS_IN_A_PROCESS_OF_ITS_OWN";
    const SELF: &str = "plugin::logging::panic::tests::l5_a_panic_begins_with_the_word_and_the_place";

    /// Runs this very test in a process of its own, because a panic hook belongs to the process.
    fn stderr_of_a_panic(kind: &str) -> String {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", SELF, "--nocapture", "--test-threads=1"])
            .env(CHILD, kind)
            .env_remove("RUST_BACKTRACE")
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    }

    #[test]
    fn l5_a_panic_begins_with_the_word_and_the_place() {
        if let Ok(kind) = std::env::var(CHILD) {
            std::panic::set_hook(Box::new(super::report));
            let request = Request::new("ApplyResourceChange").about("tf_resource_type", "novita_vm");
            let work = in_request(request, async {
                assert!(kind != "fixed", "a fixed text");
                panic!("the key is {}", kind.to_uppercase());
            });
            return futures_util::FutureExt::now_or_never(work).unwrap();
        }
        let fixed = stderr_of_a_panic("fixed");
        assert!(fixed.starts_with("panic: framework/src/plugin/logging/panic.rs:"), "{fixed}");
        assert!(fixed.lines().next().unwrap().ends_with(": a fixed text"), "{fixed}");
        assert!(fixed.contains("tf_rpc=ApplyResourceChange\n"), "{fixed}");

        let secret = stderr_of_a_panic("sk-secret");
        assert!(secret.starts_with("panic: framework/src/plugin/logging/panic.rs:"), "{secret}");
        assert!(!secret.contains("SK-SECRET"), "{secret}");
    }
}
