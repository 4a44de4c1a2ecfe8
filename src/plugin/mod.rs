//! Being a plugin: a process that Terraform or OpenTofu starts and talks to over gRPC.
