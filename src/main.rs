//! The program that Terraform and OpenTofu start.

fn main() {}
