//! The line with which a plugin tells where it listens: `1|6|unix|/path|grpc|CERTIFICATE`.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use plugin_client::connect::Address;
use rustls::pki_types::CertificateDer;

use crate::failure::{Failure, Result, While as _};

/// Go writes no padding; others may.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a client needs to connect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Handshake {
    /// Of the provider: 5 or 6.
    pub(crate) protocol: u8,
    pub(crate) address: Address,
    pub(crate) certificate: CertificateDer<'static>,
}

impl Handshake {
    /// Reads the line; more fields may follow.
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let fields: Vec<&str> = line.trim_end().split('|').collect();
        let ["1", protocol @ ("5" | "6"), network, address, "grpc", certificate, ..] = fields[..] else {
            return Err(strange(line));
        };
        let protocol = if protocol == "5" { 5 } else { 6 };
        let address = Address::of_fields(network, address).ok_or_else(|| strange(line))?;
        let certificate = BASE64.decode(certificate).doing("reading the told certificate")?;
        Ok(Self { protocol, address, certificate: certificate.into() })
    }
}

fn strange(line: &str) -> Failure {
    Failure::Said(format!("no handshake of protocol 5 or 6 over TLS: {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_sockets_are_understood_with_padding_and_without() {
        let of = |line| Handshake::parse(line).unwrap();
        let unix = of("1|6|unix|/tmp/a|grpc|AQI=\n");
        assert_eq!((unix.address, &unix.certificate[..]), (Address::Unix("/tmp/a".to_owned()), &[1, 2][..]));
        let tcp = of("1|5|tcp|127.0.0.1:9|grpc|AQI|false\n");
        assert_eq!((unix.protocol, tcp.protocol), (6, 5));
        assert_eq!(
            (tcp.address, &tcp.certificate[..]),
            (Address::Tcp("127.0.0.1:9".to_owned()), &[1, 2][..])
        );
        for line in ["", "hello\n", "1|4|unix|/a|grpc|AQI\n", "1|6|pipe|a|grpc|AQI\n", "1|6|unix|/a|grpc|?\n"]
        {
            assert!(Handshake::parse(line).is_err(), "{line}");
        }
    }
}
