//! A registry with an address of its own: clients find its services over TLS, and trust an authority that
//! `SSL_CERT_FILE` names. Clients of other systems take no authority from the environment.

#![cfg(target_os = "linux")]

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::sync::Arc;

use super::requires;
use super::server::Registry;
use super::shelf::{MAINTAINER, Shelf, VERSION};
use crate::cli::{Cli, Workspace};

/// A certificate for `localhost`, as a server uses it and as a client trusts it.
fn certificate() -> (ServerConfig, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        BASE64_STANDARD.encode(made.cert.der())
    );
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    (config, pem)
}

#[test]
fn a_registry_is_found_by_its_host_alone() {
    let (tls, authority) = certificate();
    let registry = Registry::start_with_tls(Shelf::small(true).as_registry(&MAINTAINER), tls);
    for cli in Cli::all() {
        for name in package::NAMES {
            let source = format!("{}/novita/{name}", registry.host());
            let mut workspace = Workspace::new(&cli, &requires(name, &source));
            workspace.configure_cli("");
            workspace.init().failed();
            workspace.write("authority.pem", &authority);
            let file = workspace.directory().join("authority.pem");
            workspace.set("SSL_CERT_FILE", &file.to_string_lossy());
            let installed = format!("Installed {source} v{VERSION}");
            workspace.init().succeeded().says(&[&installed, &format!("key ID {}", MAINTAINER.id)]);
        }
    }
}
