//! What the client says through environment variables, read once and in one place.
//!
//! Names and meanings are go-plugin's. Nothing is acted upon here.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::plugin::start_error::StartError;

/// The client's wishes for this process.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    /// PEM of the one certificate that may connect; none: plain text is wanted.
    pub(crate) client_certificate: Option<String>,
    /// Major protocol versions that the client speaks, as it wrote them.
    pub(crate) protocol_versions: Option<String>,
    /// Where the socket should lie instead of the temporary directory.
    #[cfg_attr(windows, expect(dead_code, reason = "Windows listens on TCP"))]
    pub(crate) socket_directory: Option<PathBuf>,
    /// Group, by name or number, that may use the socket beside its owner.
    #[cfg_attr(windows, expect(dead_code, reason = "Windows listens on TCP"))]
    pub(crate) socket_group: Option<String>,
    /// Whether the client asked about several streams over one connection.
    pub(crate) asks_for_multiplexing: bool,
    /// First and last TCP port that may be used (Windows).
    #[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "only Windows listens on TCP"))]
    pub(crate) ports: Option<(u16, u16)>,
}

impl Environment {
    /// Reads the variables of this process. An empty one counts as absent.
    pub(crate) fn of_this_process() -> Result<Self, StartError> {
        Self::read(|name| std::env::var_os(name))
    }

    fn read(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, StartError> {
        let raw = |name| variable(name).filter(|value| !value.is_empty());
        let text = |name| {
            raw(name).map(|value| value.into_string().map_err(|_| StartError::NotUnicode(name))).transpose()
        };
        let port = |name| {
            text(name)?.map(|value| value.parse().map_err(|_| StartError::Port { name, value })).transpose()
        };
        Ok(Self {
            client_certificate: text("PLUGIN_CLIENT_CERT")?,
            protocol_versions: text("PLUGIN_PROTOCOL_VERSIONS")?,
            socket_directory: raw("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            socket_group: text("PLUGIN_UNIX_SOCKET_GROUP")?,
            asks_for_multiplexing: raw("PLUGIN_MULTIPLEX_GRPC").is_some(),
            ports: port("PLUGIN_MIN_PORT")?.zip(port("PLUGIN_MAX_PORT")?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, StartError> {
        Environment::read(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn empty_variables_count_as_absent() {
        let environment = read(&[("PLUGIN_CLIENT_CERT", ""), ("PLUGIN_MULTIPLEX_GRPC", "")]).unwrap();
        assert!(environment.client_certificate.is_none());
        assert!(!environment.asks_for_multiplexing);
    }

    #[test]
    fn ports_come_as_a_pair() {
        assert_eq!(read(&[("PLUGIN_MIN_PORT", "10000")]).unwrap().ports, None);
        let both = read(&[("PLUGIN_MIN_PORT", "10000"), ("PLUGIN_MAX_PORT", "25000")]).unwrap();
        assert_eq!(both.ports, Some((10000, 25000)));
    }

    #[test]
    fn a_port_that_is_no_number_is_refused_by_name() {
        let error = read(&[("PLUGIN_MIN_PORT", "many")]).unwrap_err();
        assert!(error.to_string().contains("PLUGIN_MIN_PORT"), "{error}");
    }
}
