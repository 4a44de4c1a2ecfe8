//! Writes the gRPC code that is checked in, or says which file is stale.
//!
//! `cargo run -p proto-gen` writes the server's code into `framework/src/plugin/proto` and the tests' client
//! code into `tests/client/src/proto`, both from the `.proto` files in `framework/src/plugin/proto`. With `--check`
//! nothing is written, and the exit code tells. The compiler of the descriptions is protox, so no
//! `protoc` is needed; the code is checked in, so building the provider needs neither.

mod generate;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--check") => true,
        Some(other) => return fail(&format!("unknown argument {other}; there is only --check")),
    };
    match run(check) {
        Ok(stale) if stale.is_empty() => ExitCode::SUCCESS,
        Ok(stale) => fail(&format!("stale: {}; run `cargo run -p proto-gen`", stale.join(", "))),
        Err(error) => fail(&format!("cannot generate: {error}")),
    }
}

/// Brings the files up to date, or with `check` returns the names of those that are not.
fn run(check: bool) -> io::Result<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut stale = Vec::new();
    for (name, wanted) in generate::all(&root.join("framework/src/plugin/proto"))? {
        let path = root.join(&name);
        // A checkout that turned line ends into CRLF is not stale.
        let present = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if present == wanted {
            continue;
        }
        if check {
            stale.push(name);
        } else {
            std::fs::write(&path, wanted)?;
        }
    }
    Ok(stale)
}

fn fail(text: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    #[test]
    fn checked_in_code_is_what_the_description_gives() {
        assert_eq!(super::run(true).unwrap(), Vec::<String>::new());
    }
}
