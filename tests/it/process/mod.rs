//! The program as a process: what go-plugin's clients rely on, whatever the provider does.

mod grpc;
mod handshake;
#[cfg(target_os = "linux")]
mod instructions;
mod logs;
mod stop;
mod tls;
