//! Mutations of inputs: small damages of the kinds that break readers of bytes.
//!
//! The same on every run, so that a failure can be repeated.

use tfplugin::testing::Random;

/// Lengths and marks of msgpack, JSON and protobuf that claim more than there is.
const CLAIMS: [&[u8]; 10] = [
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xc9\xff\xff\xff\xff\x0c",
    b"\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00",
    b"\xff\xff\xff\xff\x0f",
    b"1e999999999",
    b"-0.00000000000000000000000000000000000000000000000001e-4096",
    b"\"\\ud800\"",
    b"\xed\xa0\x80",
];

/// Pairs that nest.
const BRACKETS: [(&[u8], &[u8]); 4] =
    [(b"[", b"]"), (b"{\"a\":", b"}"), (b"\x91", b""), (b"\x92\xc4\x09\"dynamic\"", b"")];

/// Damages an input in one to four places.
pub(super) fn mutate(random: &mut Random, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        bytes = once(random, bytes, other);
    }
    bytes
}

fn once(random: &mut Random, mut bytes: Vec<u8>, other: &[u8]) -> Vec<u8> {
    let from = random.below(bytes.len() + 1);
    let to = from + random.below(bytes.len() - from + 1);
    match random.below(9) {
        0 => bytes.truncate(from),
        1 => drop(bytes.drain(from..to)),
        2 => bytes.extend_from_within(from..to),
        3 => drop(bytes.splice(from..to, other.iter().skip(from).take(64).copied())),
        4 => drop(bytes.splice(from..from, random.pick(&CLAIMS).iter().copied())),
        5 => drop(bytes.splice(from..to, random.pick(&CLAIMS).iter().copied())),
        6 => {
            let ((open, close), times) = (random.pick(&BRACKETS), random.pick(&[1, 40, 127, 128, 3000]));
            bytes = [&bytes[..from], &open.repeat(times), &bytes[from..to], &close.repeat(times)].concat();
        }
        kind => {
            if let Some(byte) = bytes.get_mut(from) {
                *byte = if kind == 7 { *byte ^ (1 << random.below(8)) } else { random.below(256) as u8 };
            }
        }
    }
    bytes
}
