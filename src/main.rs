//! The program that Terraform and OpenTofu start.

use std::process::ExitCode;

/// The programs of Linux releases are linked with musl, whose own allocator makes a start 1.3 ms slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    terraform_provider_novita::run()
}
