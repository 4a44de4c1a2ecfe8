//! Prints the path of the `protoc` that a crate brings for this machine, for the variable `PROTOC`.
//!
//! It does nothing else, and is no part of the peer.

use std::process::ExitCode;

fn main() -> ExitCode {
    match protoc_bin_vendored::protoc_bin_path() {
        Ok(path) => {
            println!("{}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!(
                "error: no protoc for this machine, so install one and set PROTOC to its path: {error}"
            );
            ExitCode::FAILURE
        }
    }
}
