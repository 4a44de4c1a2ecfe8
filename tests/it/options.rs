//! How the program is to be started.

use std::fs::File;
use std::path::PathBuf;

use crate::certificate::Identity;

/// What a client would do, and the ways to do otherwise.
pub(crate) struct Options {
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) inherits_environment: bool,
    pub(crate) identity: Option<Identity>,
    pub(crate) debug: bool,
    pub(crate) stdin: Option<File>,
    /// A script of the shell that starts the program, which it finds in `$0`.
    pub(crate) script: Option<&'static str>,
    /// Where callgrind writes what it counts, if it does.
    pub(crate) callgrind: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            environment: Vec::new(),
            inherits_environment: true,
            identity: Some(Identity::number(1)),
            debug: false,
            stdin: None,
            script: None,
            callgrind: None,
        }
    }
}

impl Options {
    /// One more variable in the environment.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// No certificates, as with `TF_DISABLE_PLUGIN_TLS`.
    pub(crate) fn without_tls(mut self) -> Self {
        self.identity = None;
        self
    }

    /// As a developer would: `--debug`, and no cookie.
    pub(crate) fn debug(mut self) -> Self {
        self.debug = true;
        self.without_tls()
    }

    /// Nothing in the environment but what a client puts there.
    pub(crate) fn with_nothing_inherited(mut self) -> Self {
        self.inherits_environment = false;
        self
    }

    /// Stdin comes from this file.
    pub(crate) fn stdin(mut self, file: File) -> Self {
        self.stdin = Some(file);
        self
    }

    /// Its instructions are counted into this file, which is there when it has ended.
    pub(crate) fn counted(mut self, file: PathBuf) -> Self {
        self.callgrind = Some(file);
        self
    }

    /// A shell stands between the test and the program, as its parent.
    pub(crate) fn through_a_shell(self) -> Self {
        self.by_script("\"$0\" & echo \"shell: $!\"; wait")
    }

    /// The shell starts the program by this script.
    pub(crate) fn by_script(mut self, script: &'static str) -> Self {
        self.script = Some(script);
        self
    }
}
