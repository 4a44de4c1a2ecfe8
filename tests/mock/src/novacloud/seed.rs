//! What the cloud has before anything is rented: nodes and one SSH key.

use super::catalogue::Node;
use super::ssh_keys::SshKey;

/// Four nodes; the last one is not available.
pub(super) fn nodes() -> Vec<Node> {
    let node = |id: &str, gpu_type: &str, gpus, gpu_ram_mb, price, interruptible_price| Node {
        id: id.to_owned(),
        gpu_type: gpu_type.to_owned(),
        gpus,
        gpu_ram_mb,
        price,
        interruptible_price,
        available: true,
        location: "EX".to_owned(),
    };
    vec![
        node("vm01", "4090", 8, 24_576, 400_000, 200_000),
        node("vm02", "5090", 8, 32_768, 600_000, 300_000),
        node("vm03", "pro6000", 4, 49_152, 1_300_000, 0),
        Node { available: false, ..node("vm04", "5090", 8, 32_768, 550_000, 280_000) },
    ]
}

/// The key that VMs get when none is named.
pub(super) fn ssh_keys() -> Vec<SshKey> {
    vec![SshKey {
        id: "0f7a3c52-5d0e-4a57-9a41-6b1f4a6e2c10".to_owned(),
        label: "laptop".to_owned(),
        key_type: "ssh-ed25519".to_owned(),
        fingerprint: "SHA256:OO8zYAhm6NGiJuVqR3zgKC6kXdWJaSmSbOckQ3jrDBs".to_owned(),
        created_at: 1_767_000_000,
    }]
}
