//! Names that the provider makes, so that a machine can be found by its name alone.

use jiff::Timestamp;
use tfplugin::diagnostics::bug;
use tfplugin::resource::Result;

use crate::api::client::Client;

/// Readable in any console, without look-alikes.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A new name such as `tf-20261123-041502-k3v9qz7m`: when it was made (UTC), and 40 random bits.
///
/// # Errors
/// The system has no random numbers.
pub(crate) fn unique(client: &Client) -> Result<String> {
    let random = client.random().ok_or_else(|| bug("the system gives no random numbers"))?;
    Ok(name(client.now(), random))
}

fn name(now: Timestamp, random: [u8; 8]) -> String {
    let suffix = random.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    format!("tf-{}-{}", now.strftime("%Y%m%d-%H%M%S"), suffix.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::error_mapping::ErrorMapping;
    use crate::provider::loopback::client;

    #[test]
    fn a_name_tells_who_made_it_and_when() {
        let now = Timestamp::from_second(1_767_225_600).unwrap();
        assert_eq!(name(now, [0, 1, 2, 3, 28, 29, 30, 31]), "tf-20260101-000000-abcd6789");
    }

    #[test]
    fn two_names_differ() {
        let client = client(ErrorMapping::Novita, "http://127.0.0.1:1", "key");
        assert_ne!(unique(&client).unwrap(), unique(&client).unwrap());
    }
}
