//! A unix socket in a directory of its own, which nobody else may enter.
//!
//! The directory is made when the socket is bound and removed when the listener is dropped. It is
//! the first lock against other users of the machine; TLS is the second.

use std::fs::{Permissions, set_permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};

use super::Address;
use crate::plugin::environment::Environment;
use crate::plugin::start_error::StartError;

/// A bound socket.
pub(crate) struct Listener {
    listener: UnixListener,
    path: String,
    // Dropped after the listener.
    _directory: TempDir,
}

impl Listener {
    /// Binds a new socket in the client's directory, or in the temporary one.
    pub(crate) async fn bind(environment: &Environment) -> Result<Self, StartError> {
        let directory = new_directory(&parent(environment))?;
        let path = directory.path().join("s");
        let Some(told) = path.to_str().filter(|text| !text.contains(['|', '\n', '\r'])).map(str::to_owned)
        else {
            return Err(StartError::UntellablePath(path));
        };
        let cannot_listen = |source| StartError::Listen { path: path.clone(), source };
        let listener = UnixListener::bind(&path).map_err(cannot_listen)?;
        set_permissions(&path, Permissions::from_mode(0o600)).map_err(cannot_listen)?;
        if let Some(group) = &environment.socket_group {
            admit_group(group, &path, directory.path())
                .map_err(|source| StartError::Group { group: group.clone(), source })?;
        }
        Ok(Self { listener, path: told, _directory: directory })
    }

    /// Where clients connect.
    pub(crate) fn address(&self) -> Address {
        Address { network: "unix", text: self.path.clone() }
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }
}

/// A directory that goes with the listener, and that nobody else may enter whatever the umask is.
fn new_directory(parent: &Path) -> Result<TempDir, StartError> {
    let only_owner = Permissions::from_mode(0o700);
    let mut builder = tempfile::Builder::new();
    // Two processes started together must not choose the same name; the path has to be short.
    let made = builder.prefix("plugin").rand_bytes(10).permissions(only_owner.clone()).tempdir_in(parent);
    made.and_then(|made| set_permissions(made.path(), only_owner).map(|()| made))
        .map_err(|source| StartError::Directory { parent: parent.to_owned(), source })
}

fn parent(environment: &Environment) -> PathBuf {
    let temporary = || {
        let directory = std::env::temp_dir();
        // An empty TMPDIR would mean the working directory.
        if directory.as_os_str().is_empty() { PathBuf::from("/tmp") } else { directory }
    };
    environment.socket_directory.clone().unwrap_or_else(temporary)
}

/// Lets a group use the socket, and pass through the directory, but not list it.
fn admit_group(group: &str, socket: &Path, directory: &Path) -> io::Result<()> {
    let id = group_id(group, &mut || std::fs::read_to_string("/etc/group"))?;
    chown(socket, None, Some(id))?;
    set_permissions(socket, Permissions::from_mode(0o660))?;
    chown(directory, None, Some(id))?;
    set_permissions(directory, Permissions::from_mode(0o710))
}

/// The number of a group given by number or by name.
fn group_id(group: &str, list: &mut dyn FnMut() -> io::Result<String>) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    // Lines are `name:password:number:members`. Groups of a directory service are not in there; they
    // can be given by number.
    let found = list()?.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(group)).then(|| fields.nth(1)?.parse().ok()).flatten()
    });
    found
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such name in /etc/group; give its number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_group(group: &str, expected: Option<u32>) {
        let list = "root:x:0:\nbroken\nwheel:x:10:a,b\n";
        assert_eq!(group_id(group, &mut || Ok(list.to_owned())).ok(), expected);
    }

    #[test]
    fn groups_are_found_by_name_and_by_number() {
        check_group("wheel", Some(10));
        check_group("4711", Some(4711));
        check_group("broken", None);
        check_group("nobody-knows", None);
    }

    #[tokio::test]
    async fn dropping_the_listener_leaves_nothing_behind() {
        let parent = tempfile::tempdir().unwrap();
        let environment =
            Environment { socket_directory: Some(parent.path().to_owned()), ..Environment::default() };
        let listener = Listener::bind(&environment).await.unwrap();
        assert!(Path::new(&listener.address().text).exists());
        drop(listener);
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_start_that_fails_leaves_nothing_behind() {
        let parent = tempfile::tempdir().unwrap();
        let environment = Environment {
            socket_directory: Some(parent.path().to_owned()),
            socket_group: Some("nobody-knows".to_owned()),
            ..Environment::default()
        };
        assert!(Listener::bind(&environment).await.is_err());
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_is_explained() {
        let parent = tempfile::tempdir().unwrap();
        let deep = parent.path().join("x".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        let environment = Environment { socket_directory: Some(deep), ..Environment::default() };
        let error = Listener::bind(&environment).await.err().unwrap();
        assert!(error.to_string().contains("TMPDIR"), "{error}");
    }
}
