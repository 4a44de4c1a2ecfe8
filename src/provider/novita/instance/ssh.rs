//! The SSH command of an instance, taken apart.

/// Where and as whom a command logs in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SshTarget {
    pub(crate) host: String,
    /// 1–65535.
    pub(crate) port: i64,
    pub(crate) user: String,
}

/// The target of a command of the documented form, `ssh -p PORT USER@HOST`; `None` for any other.
pub(crate) fn target(command: &str) -> Option<SshTarget> {
    let mut words = command.split_whitespace();
    if words.next()? != "ssh" {
        return None;
    }
    let (mut port, mut login) = (22, None);
    while let Some(word) = words.next() {
        match word.strip_prefix("-p") {
            Some("") => port = number(words.next()?)?,
            Some(attached) => port = number(attached)?,
            None if word.starts_with('-') || login.is_some() => return None,
            None => login = Some(word),
        }
    }
    let (user, host) = login?.split_once('@')?;
    let is_plain = |it: &str| !it.is_empty() && !it.contains(['@', '/', '\'', '"', ';', '$', '`']);
    (is_plain(user) && is_plain(host)).then(|| SshTarget {
        host: host.to_owned(),
        port,
        user: user.to_owned(),
    })
}

fn number(text: &str) -> Option<i64> {
    text.parse::<u16>().ok().filter(|it| *it > 0).map(i64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_command_is_taken_apart_and_no_other() {
        let found = |command| target(command).map(|it| (it.user, it.host, it.port));
        let root = |host: &str, port| Some(("root".to_owned(), host.to_owned(), port));
        assert_eq!(found("ssh -p 40122 root@proxy.example.net"), root("proxy.example.net", 40122));
        assert_eq!(found(" ssh root@192.0.2.7 -p22 "), root("192.0.2.7", 22));
        assert_eq!(found("ssh root@192.0.2.7"), root("192.0.2.7", 22));
        for other in [
            "",
            "ssh",
            "ssh -p root@x",
            "ssh -p 0 root@x",
            "ssh x",
            "scp root@x",
            "ssh root@x ls",
            "ssh -i k root@x",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
