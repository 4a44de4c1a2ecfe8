//! The program that Terraform and OpenTofu start.

use std::process::ExitCode;

fn main() -> ExitCode {
    terraform_provider_novita::run()
}
