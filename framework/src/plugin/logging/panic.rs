//! A panic, told once and where it belongs.
//!
//! One in an operation becomes a message for the user, so it is no more than a line of the log here. Any other ends the
//! process, or a connection: Terraform collects stderr from a line, or the message of one, that begins with `panic: `, and
//! prints it at the end of the run as the crash of the plugin. Anyone may read either, so only text that was fixed when the program was compiled is
//! written: a message put together at run time may hold a value of the user's.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;

use super::REQUEST;
use crate::crash;

/// The panic hook.
pub(super) fn report(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|it| format!("{}:{}", it.file(), it.line())).unwrap_or_default();
    let text = match info.payload().downcast_ref::<&'static str>() {
        Some(message) => message,
        None => "(the message is not shown, it may hold values)",
    };
    // Captured only if RUST_BACKTRACE asks for it.
    let backtrace = Backtrace::capture();
    let backtrace =
        if backtrace.status() == BacktraceStatus::Captured { backtrace.to_string() } else { String::new() };
    if REQUEST.try_with(|_| ()).is_ok() {
        log::error!(target: "provider", place = place.as_str(), backtrace = backtrace.as_str(); "the operation panicked: {text}");
        return crash::note_place(place);
    }
    let _ = io::stderr().lock().write_all(format!("panic: {place}: {text}\n{backtrace}").as_bytes());
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::process::Command;

    use super::super::{Request, in_request};
    use crate::PluginInfo;

    const CHILD: &str = "PANICS_IN_A_PROCESS_OF_ITS_OWN";
    const SELF: &str =
        "plugin::logging::panic::tests::l5_a_panic_outside_of_operations_begins_with_the_word_and_the_place";

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
    fn l5_a_panic_outside_of_operations_begins_with_the_word_and_the_place() {
        if let Ok(kind) = std::env::var(CHILD) {
            crate::plugin::logging::install(PluginInfo::new("1", "tfplugin"));
            let work = async {
                assert!(kind != "fixed", "a fixed text");
                panic!("the key is {}", kind.to_uppercase());
            };
            let request = Request::new("ApplyResourceChange").about("tf_resource_type", "novita_vm");
            let work: Pin<Box<dyn Future<Output = ()>>> = match kind.as_str() {
                "in an operation" => Box::pin(in_request(request, work)),
                _ => Box::pin(work),
            };
            return futures_util::FutureExt::now_or_never(work).unwrap();
        }
        let fixed = stderr_of_a_panic("fixed");
        assert!(fixed.starts_with("panic: framework/src/plugin/logging/panic.rs:"), "{fixed}");
        assert!(fixed.lines().next().unwrap().ends_with(": a fixed text"), "{fixed}");

        let secret = stderr_of_a_panic("sk-secret");
        assert!(secret.starts_with("panic: framework/src/plugin/logging/panic.rs:"), "{secret}");
        assert!(!secret.contains("SK-SECRET"), "{secret}");

        // Terraform would call it the crash of the plugin, which goes on.
        let logged = stderr_of_a_panic("in an operation");
        let line: serde_json::Value = serde_json::from_str(logged.lines().next().unwrap()).unwrap();
        assert_eq!((&line["@level"], &line["tf_rpc"]), (&"error".into(), &"ApplyResourceChange".into()));
        assert!(
            line["place"].as_str().unwrap().starts_with("framework/src/plugin/logging/panic.rs:"),
            "{logged}"
        );
        assert!(line["@message"].as_str().unwrap().starts_with("the operation panicked: "), "{logged}");
        assert!(!logged.contains("IN AN OPERATION"), "{logged}");
    }
}
