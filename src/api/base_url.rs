//! Where an API lives: a base address that is safe to send a key to, and the building of addresses.
//!
//! Knows nothing of what is sent there.

use url::{Host, Url};

/// A checked base address. `https`, or `http` to this very machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    /// Checks an address. The error is a sentence about what is wrong, without the address itself,
    /// since one with a password in it may have been meant.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("It is not a valid URL: {error}."))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("It must not contain a user name or a password.".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("It must not contain a query (?) or a fragment (#).".to_owned());
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => {
                Err("It must begin with https://. Plain http:// would show the key to everyone on the way \
                 and is accepted only for this machine (localhost, 127.0.0.1, [::1])."
                    .to_owned())
            }
            other => Err(format!("It must begin with https://, not {other}://.")),
        }
    }

    /// Name or number of the host.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether the host is this very machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether requests are encrypted.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The base with `other` in place of `own`, the end of its path; none where it ends otherwise.
    pub(crate) fn beside(&self, own: &str, other: &str) -> Option<Self> {
        let above = self.0.path().trim_end_matches('/').strip_suffix(own)?;
        let mut url = self.0.clone();
        url.set_path(&format!("{above}{other}"));
        Some(Self(url))
    }

    /// The address of a path below the base, such as `/gpu/instances`.
    pub(crate) fn join(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(number)) => number.is_loopback(),
        Some(Host::Ipv6(number)) => number.is_loopback(),
        None => false,
    }
}

/// One segment of a path, with everything escaped that could end it.
///
/// Segments of dots alone climb even when escaped once (WHATWG URL, "double-dot path segment"), so
/// they are escaped twice: no vendor has such an id, and the answer is then an honest "not found".
pub(crate) fn segment(id: &str) -> String {
    if !id.is_empty() && id.bytes().all(|byte| byte == b'.') {
        return id.replace('.', "%252E");
    }
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_plain_loopback_are_accepted() {
        for good in [
            "https://api.novita.ai/gpu-instance/openapi/v1",
            "https://api.novita.ai/gpu-instance/openapi/v1/",
            "http://localhost:8080",
            "http://mock.localhost",
            "http://127.0.0.1:1",
            "http://127.8.8.8",
            "http://[::1]:80/x",
        ] {
            assert!(BaseUrl::parse(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn anything_that_leaks_a_key_is_refused() {
        for (bad, part) in [
            ("", "not a valid URL"),
            ("api.novita.ai", "not a valid URL"),
            ("http://api.novita.ai", "must begin with https://"),
            ("http://localhost.example.net", "must begin with https://"),
            ("http://0.0.0.0", "must begin with https://"),
            ("ftp://api.novita.ai", "not ftp://"),
            ("https://user@api.novita.ai", "user name"),
            ("https://user:hunter2@api.novita.ai", "password"),
            ("https://api.novita.ai/?a=b", "query"),
            ("https://api.novita.ai/#a", "fragment"),
        ] {
            let error = BaseUrl::parse(bad).unwrap_err();
            assert!(error.contains(part), "{bad}: {error}");
            assert!(!error.contains("hunter2"));
        }
    }

    #[test]
    fn paths_and_queries_are_added_to_the_base() {
        for base in ["https://h.example/v1", "https://h.example/v1/"] {
            let base = BaseUrl::parse(base).unwrap();
            assert_eq!(base.join("/gpu/instances", &[]).as_str(), "https://h.example/v1/gpu/instances");
            assert_eq!(
                base.join("/gpu/instance", &[("instanceId", "a&b c")]).as_str(),
                "https://h.example/v1/gpu/instance?instanceId=a%26b+c"
            );
        }
        assert_eq!(
            BaseUrl::parse("https://h.example").unwrap().join("/vms", &[]).as_str(),
            "https://h.example/vms"
        );
    }

    #[test]
    fn an_api_beside_the_base_is_on_the_same_host_below_the_same_path() {
        let beside = |base: &str| {
            let base = BaseUrl::parse(base).unwrap().beside("/gpu/v1", "/v1")?;
            Some(base.join("/billing", &[]).to_string())
        };
        for (base, expected) in [
            ("https://h.example/gpu/v1", Some("https://h.example/v1/billing")),
            ("https://h.example:8443/proxy/gpu/v1/", Some("https://h.example:8443/proxy/v1/billing")),
            ("https://h.example/gpu/v2", None),
            ("https://h.example", None),
        ] {
            assert_eq!(beside(base).as_deref(), expected, "{base}");
        }
    }

    #[test]
    fn a_segment_cannot_leave_its_place() {
        let base = BaseUrl::parse("https://h.example").unwrap();
        for (id, path) in [
            ("b0c6e0a2-77f1", "/vms/b0c6e0a2-77f1"),
            ("a/b?c#d", "/vms/a%2Fb%3Fc%23d"),
            ("..", "/vms/%252E%252E"),
            ("ü", "/vms/%C3%BC"),
        ] {
            assert_eq!(base.join(&format!("/vms/{}", segment(id)), &[]).path(), path);
        }
    }
}
