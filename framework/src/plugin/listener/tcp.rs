//! A TCP port of 127.0.0.1, in the range that the client gives. Used on Windows only; its test runs
//! everywhere.

use std::io;
use std::net::Ipv4Addr;

use tokio::net::{TcpListener, TcpStream};

use super::Address;
use crate::plugin::environment::Environment;
use crate::plugin::start_error::StartError;

/// A bound port.
pub(crate) struct Listener {
    listener: TcpListener,
    port: u16,
}

impl Listener {
    /// Binds the first free port of the client's range, or any port if it gave none.
    pub(crate) async fn bind(environment: &Environment) -> Result<Self, StartError> {
        let (lowest, highest) = environment.ports.unwrap_or((0, 0));
        for port in lowest..=highest {
            if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
                && let Ok(address) = listener.local_addr()
            {
                return Ok(Self { listener, port: address.port() });
            }
        }
        Err(StartError::NoFreePort { lowest, highest })
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> Address {
        Address { network: "tcp", text: format!("127.0.0.1:{}", self.port) }
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> io::Result<TcpStream> {
        let (stream, _) = self.listener.accept().await?;
        // Small answers must not wait for more to send.
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn h12_the_port_is_the_first_free_one_of_the_range() {
        let taken = Listener::bind(&Environment::default()).await.unwrap();
        let highest = taken.port.saturating_add(200);
        let environment = Environment { ports: Some((taken.port, highest)), ..Environment::default() };
        let listener = Listener::bind(&environment).await.unwrap();
        assert!(listener.port > taken.port && listener.port <= highest, "{}", listener.port);
        let address = listener.address();
        assert_eq!(address.text, format!("127.0.0.1:{}", listener.port));
        let (client, server) = tokio::join!(TcpStream::connect(&address.text), listener.accept());
        client.unwrap();
        server.unwrap();
    }

    #[tokio::test]
    async fn a_range_without_a_free_port_is_an_error() {
        let taken = Listener::bind(&Environment::default()).await.unwrap();
        let environment = Environment { ports: Some((taken.port, taken.port)), ..Environment::default() };
        let error = Listener::bind(&environment).await.err().unwrap();
        assert!(error.to_string().contains(&taken.port.to_string()), "{error}");
    }
}
