//! How this vendor's answers look: each switch is one more form that the document leaves open.

/// The form of answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerStyle {
    /// Steps from `running` until `ip_address` is known.
    pub late_ip_steps: u32,
    /// The three rates are `null` until the VM runs; else they are there from the start.
    pub late_rates: bool,
    /// `gpu_type` `6000pro` is shown as `pro6000`, the spelling of the offers.
    pub normalised_gpu_type: bool,
    /// Offers do not name their node.
    pub offers_without_node: bool,
    /// Start, stop and restart answer `{"message"}`, and destroy answers 200 with one; else the VM and 204.
    pub messages: bool,
    /// A destroyed VM is `stopping` first.
    pub destroy_through_stopping: bool,
    /// The status, 400 or 409, that destroy answers while the VM is in a transition; none lets it pass.
    pub destroy_refused_in_transition: Option<u16>,
    /// Set while one request with that fault is handled.
    pub(crate) unknown_status: Option<String>,
}
