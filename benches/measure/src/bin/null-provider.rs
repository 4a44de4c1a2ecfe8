//! The null provider: the provider's schemas, checks and plans, and no API behind them. What is slower than this is
//! the provider's own doing.
//!
//! What an API would tell is as in the state file that `IN_MEMORY_STATE` names; without one it is null.

use std::process::ExitCode;

/// As in the program that is released.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    terraform_provider_novita::run_in_memory(|| std::fs::read(std::env::var_os("IN_MEMORY_STATE")?).ok())
}
