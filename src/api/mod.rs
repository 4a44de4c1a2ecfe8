//! Being a client of a vendor's HTTP API. No Terraform word in here.
//!
//! A [`client::Client`] sends one request under a [`call::Call`], repeats it when [`retry`] says
//! that this is harmless, and turns what comes back into a value or an [`error::Error`] that is
//! named by what the caller does next. Paths and response structs belong to the resources.
//! Start reading at [`client`], then [`error`]. The HTTP library is behind [`transport::Transport`].

pub(crate) mod answer;
pub(crate) mod base_url;
pub(crate) mod body;
pub(crate) mod call;
pub(crate) mod client;
pub(crate) mod error;
pub(crate) mod error_mapping;
pub(crate) mod http;
pub(crate) mod lenient;
pub(crate) mod planted;
pub(crate) mod rate;
pub(crate) mod resource_kind;
pub(crate) mod retry;
pub(crate) mod secret;
pub(crate) mod text;
pub(crate) mod transport;
