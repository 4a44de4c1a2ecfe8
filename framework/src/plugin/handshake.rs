//! The first words between client and plugin: the cookie, the version, the one line on stdout.
//!
//! The line is `1|6|NETWORK|ADDRESS|grpc|CERTIFICATE`, go-plugin's core protocol 1. In debug mode
//! its place is taken by the text that a developer copies into the client's environment.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use serde_json::json;

use crate::plugin::PluginInfo;
use crate::plugin::environment::Environment;
use crate::plugin::listener::Address;

const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The only major version of the provider protocol that is served.
pub(crate) const PROTOCOL: u8 = 6;

/// Whether a client started this process. The cookie is no secret: it tells people from clients.
pub(crate) fn started_by_a_client() -> bool {
    std::env::var_os(COOKIE_NAME).is_some_and(|value| value == COOKIE)
}

/// Tells the client where to connect and which certificate to expect.
///
/// The listener must be bound: the client connects at once.
pub(crate) fn announce(
    environment: &Environment,
    address: &Address,
    certificate: Option<&CertificateDer<'_>>,
) -> io::Result<()> {
    if !speaks_our_version(environment.protocol_versions.as_deref()) {
        // The line is written all the same: with its 6 the client can explain the mismatch.
        log::error!(
            target: "sdk.plugin",
            "this provider speaks protocol version {PROTOCOL}; the client offers only {}: a newer client is needed",
            environment.protocol_versions.as_deref().unwrap_or_default()
        );
    }
    write(&line(address, certificate, environment.asks_for_multiplexing))
}

/// Tells a developer how to attach a client to this process.
pub(crate) fn announce_to_a_developer(info: PluginInfo, address: &Address) -> io::Result<()> {
    write(&format!(
        "Provider started. To attach Terraform or OpenTofu, give it this variable:\n\n\
         \tTF_REATTACH_PROVIDERS='{}'\n\nCtrl-C ends the provider.\n",
        reattach(info, address, std::process::id())
    ))
}

fn speaks_our_version(offered: Option<&str>) -> bool {
    offered.is_none_or(|list| list.split(',').any(|version| version.trim().parse() == Ok(PROTOCOL)))
}

fn line(address: &Address, certificate: Option<&CertificateDer<'_>>, multiplexing: bool) -> String {
    // Clients decode base64 without padding, and fail on `=`.
    let certificate = certificate.map(|it| STANDARD_NO_PAD.encode(it)).unwrap_or_default();
    // The seventh field answers a question that old clients do not ask, and may not expect.
    let multiplexing = if multiplexing { "|false" } else { "" };
    format!("1|{PROTOCOL}|{}|{}|grpc|{certificate}{multiplexing}\n", address.network, address.text)
}

fn reattach(info: PluginInfo, address: &Address, process: u32) -> String {
    let config = json!({
        info.source: {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": process,
            // With false all clients known crash.
            "Test": true,
            "Addr": { "Network": address.network, "String": address.text },
        }
    });
    // It stands between single quotes in a shell.
    config.to_string().replace('\'', "\\u0027")
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address { network: "unix", text: "/tmp/plugin1/s".to_owned() }
    }

    #[test]
    fn the_line_has_six_fields_and_the_sixth_is_never_padded() {
        for length in 0..4 {
            let certificate = CertificateDer::from(vec![0xFB; length]);
            let line = line(&address(), Some(&certificate), false);
            assert_eq!(line.matches('|').count(), 5, "{line}");
            assert!(line.starts_with("1|6|unix|/tmp/plugin1/s|grpc|") && line.ends_with('\n'), "{line}");
            assert!(!line.contains(['=', '-', '_']), "{line}");
        }
    }

    #[test]
    fn without_tls_the_sixth_field_is_empty() {
        assert_eq!(line(&address(), None, false), "1|6|unix|/tmp/plugin1/s|grpc|\n");
        assert_eq!(line(&address(), None, true), "1|6|unix|/tmp/plugin1/s|grpc||false\n");
    }

    #[test]
    fn the_version_is_found_in_any_order() {
        for (offered, expected) in
            [(None, true), (Some("5,6"), true), (Some("6,5"), true), (Some("5"), false), (Some("16"), false)]
        {
            assert_eq!(speaks_our_version(offered), expected, "{offered:?}");
        }
    }

    #[test]
    fn reattaching_asks_for_version_6_and_test() {
        let info = PluginInfo::new("1", "x").released_as(&["ns/x"], None);
        let address = Address { network: "unix", text: "/tmp/it's".to_owned() };
        let text = reattach(info, &address, 42);
        assert!(!text.contains('\''), "{text}");
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            json!({"ns/x": {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": 42, "Test": true,
                "Addr": {"Network": "unix", "String": "/tmp/it's"}}})
        );
    }
}
