//! Novita AI's other APIs: on the host of the base URL, for the same key, each at a path of its own.
//!
//! The paths are documented for the vendor's host. That a base URL of another host, such as a proxy's, has them too is
//! (assumed).

use crate::api::client::Client;
use crate::api::error::Result;

/// Where the API is that a client of Novita AI calls.
const INSTANCES: &str = "/gpu-instance/openapi/v1";

/// A client of the API of accounts: money and bills.
///
/// # Errors
/// The base URL ends with another path, so that there is nothing beside it.
pub(crate) fn accounts(client: &Client) -> Result<Client> {
    client.beside(INSTANCES, "/openapi/v1")
}

/// A client of the newer API, which knows what endpoints can run on.
///
/// # Errors
/// As [`accounts`].
pub(crate) fn newer(client: &Client) -> Result<Client> {
    client.beside(INSTANCES, "/gpus/v2")
}
