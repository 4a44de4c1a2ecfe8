//! The two ways to live: started by a client, or by a developer. Knows nothing of how either is
//! carried out.

/// Who started the process, and so whom it obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Started by Terraform or OpenTofu, which ends it by a call.
    Plugin,
    /// Started by a developer, to serve many runs until Ctrl-C.
    Debug,
}
