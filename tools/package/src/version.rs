//! The version of a release, as registries read it.

use semver::Version;

use crate::{Problem, Result};

/// A semantic version, with or without the `v` of a tag. Build metadata is refused: registries have no place
/// for it.
pub fn parse(text: &str) -> Result<Version> {
    if text.is_empty() {
        return Err(Problem::new("VERSION is missing: make package VERSION=1.2.3"));
    }
    let number = text.strip_prefix('v').unwrap_or(text);
    let version = Version::parse(number).map_err(Problem::while_doing(format!(
        "VERSION={text} is not a semantic version such as 1.2.3 or 1.2.3-rc.1"
    )))?;
    if version.build.is_empty() {
        Ok(version)
    } else {
        Err(Problem::new(format!("VERSION={text} has build metadata (+…), which registries do not know")))
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_version_or_its_tag_is_read() {
        for (text, expected) in
            [("1.2.3", "1.2.3"), ("v1.2.3", "1.2.3"), ("v0.1.0-rc.1", "0.1.0-rc.1"), ("10.20.30", "10.20.30")]
        {
            assert_eq!(parse(text).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for text in
            ["", "1", "1.2", "01.2.3", "1.2.3.4", "latest", "vv1.2.3", "1.2.3+linux", "1.2.3 ", "../1.2.3"]
        {
            let problem = parse(text).unwrap_err().to_string();
            assert!(problem.starts_with("VERSION") && !problem.contains('\n'), "{problem}");
        }
    }
}
