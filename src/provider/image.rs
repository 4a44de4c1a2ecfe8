//! Container images: which references name the same one, and which failures are about one.

use serde_json::Value as Json;

/// An image reference in full: `ubuntu` is `docker.io/library/ubuntu:latest`, `acme/x:1` is
/// `docker.io/acme/x:1`. These are the rules of the Docker CLI (distribution/reference), by which the APIs
/// store what they are sent.
pub(crate) fn canonical(reference: &str) -> String {
    let reference = reference.trim();
    let (host, path) = match reference.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
            (host.to_lowercase(), path.to_owned())
        }
        _ => (DOCKER_HUB.to_owned(), reference.to_owned()),
    };
    let host = if host == "index.docker.io" { DOCKER_HUB.to_owned() } else { host };
    let library = if host == DOCKER_HUB && !path.contains('/') { "library/" } else { "" };
    let is_named = path.contains('@') || path.rsplit('/').next().is_some_and(|it| it.contains(':'));
    let tag = if is_named { "" } else { ":latest" };
    format!("{host}/{library}{path}{tag}")
}

/// Whether a failure speaks of the image and not of the machine. A guess from its words.
pub(crate) fn is_about_image(reason: &str) -> bool {
    let words = reason.to_lowercase();
    ["image", "pull", "manifest", "registry"].iter().any(|it| words.contains(it))
}

/// Gives the reference of an answer the form of a known one, if both name the same image.
pub(crate) fn keep_form(shown: &mut Json, known: &Json) {
    let is_same =
        shown.as_str().zip(known.as_str()).is_some_and(|(shown, known)| canonical(shown) == canonical(known));
    if is_same {
        *shown = known.clone();
    }
}

const DOCKER_HUB: &str = "docker.io";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_image_are_equal() {
        for [one, other] in [
            ["ubuntu", "docker.io/library/ubuntu:latest"],
            ["ubuntu:24.04", "index.docker.io/library/ubuntu:24.04"],
            ["acme/x:1", "docker.io/acme/x:1"],
            ["acme/x", "acme/x:latest"],
            [" GHCR.io/acme/x:1", "ghcr.io/acme/x:1"],
            ["localhost/x", "localhost/x:latest"],
            ["registry:5000/x", "registry:5000/x:latest"],
            ["x@sha256:12", "docker.io/library/x@sha256:12"],
        ] {
            assert_eq!(canonical(one), canonical(other));
        }
    }

    #[test]
    fn other_images_differ() {
        for [one, other] in [
            ["acme/x:1", "acme/x:2"],
            ["acme/x:1", "ghcr.io/acme/x:1"],
            ["acme/x:a", "acme/x:A"],
            ["x@sha256:12", "x@sha256:13"],
            ["acme/x", "x"],
        ] {
            assert_ne!(canonical(one), canonical(other));
        }
    }
}
