//! The null provider: the provider's schemas, checks and plans, and no API behind them. What is slower than this is
//! the provider's own doing.

use std::process::ExitCode;

/// As in the program that is released.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    terraform_provider_novita::run_in_memory()
}
