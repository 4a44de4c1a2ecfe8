//! How answers look: what the documents leave open or clients saw differ.
//!
//! The defaults are the loose forms of real answers; each switch is one more form to be read.

/// The form of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerStyle {
    /// `node` is an object; else an array of one.
    pub node_as_object: bool,
    /// Empty lists are `null`.
    pub null_lists: bool,
    /// `billingMode` `onDemand` is written as an empty text.
    pub empty_billing_mode: bool,
    /// The get call leaves `productId`, `productName`, `rootfsSize` and `tools` out, like its document.
    pub get_without_product: bool,
    /// The get call of an endpoint leaves `requestTimeout` out, like its document.
    pub get_without_request_timeout: bool,
    /// The get call of an endpoint has no `endpoint` around it.
    pub bare_endpoint: bool,
    /// An endpoint without an error says `none` in `state.error`; else an empty text.
    pub state_error_filler: bool,
    /// `gpuNum`, `cpuNum` and `memory` of an instance and `freeTimeout`, `maxConcurrent` and
    /// `policy.value` of an endpoint are numbers; else texts.
    pub plain_numbers: bool,
    /// A tool's port is a number; else a text.
    pub tool_port_as_number: bool,
    /// Answers carry fields that no document names. On by default.
    pub extra_fields: bool,
    /// `envs` has an entry that nobody sent (`PLATFORM_REGION`).
    pub platform_envs: bool,
    /// `portMappings` has the platform's own port 2222. On by default.
    pub platform_ports: bool,
    /// What actions answer.
    pub actions: Actions,
    /// What get answers for something that is not there.
    pub gone: Gone,
    /// Errors have a `message` only.
    pub errors_without_reason: bool,
    /// Number of the first page, 0 or 1; with 1, page 0 is the first page too.
    pub first_page: u64,
    /// Most items on one page, whatever `pageSize` says.
    pub largest_page: Option<u64>,
    /// Lists leave `total` out.
    pub no_total: bool,
    /// Set while one request with that fault is handled.
    pub(crate) unknown_status: Option<String>,
}

impl Default for AnswerStyle {
    fn default() -> Self {
        Self {
            node_as_object: false,
            null_lists: false,
            empty_billing_mode: false,
            get_without_product: false,
            get_without_request_timeout: false,
            bare_endpoint: false,
            state_error_filler: false,
            plain_numbers: false,
            tool_port_as_number: false,
            extra_fields: true,
            platform_envs: false,
            platform_ports: true,
            actions: Actions::Mixed,
            gone: Gone::Reason,
            errors_without_reason: false,
            first_page: 1,
            largest_page: None,
            no_total: false,
            unknown_status: None,
        }
    }
}

impl AnswerStyle {
    /// Every switch at its looser side at once.
    pub fn loosest() -> Self {
        Self {
            node_as_object: true,
            null_lists: true,
            empty_billing_mode: true,
            get_without_product: true,
            get_without_request_timeout: true,
            bare_endpoint: true,
            state_error_filler: true,
            plain_numbers: true,
            tool_port_as_number: true,
            platform_envs: true,
            actions: Actions::Empty,
            errors_without_reason: true,
            first_page: 0,
            largest_page: Some(2),
            no_total: true,
            ..Self::default()
        }
    }
}

/// What an action answers when it was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actions {
    /// Each call in the form that was seen most.
    Mixed,
    /// Nothing at all.
    Empty,
    /// `{}`.
    Object,
    /// `{"instanceId", "state"}`.
    Small,
}

/// What a get answers when there is nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// 400 with a name that ends in `NOT_FOUND`.
    Reason,
    /// 404 with the same body.
    Http404,
    /// 200 with `{}`.
    EmptyObject,
    /// 200 with `null`.
    Null,
}
