//! The files inside of a plan file, which is a zip archive.
//!
//! Just enough of the format for what Go's library writes: sizes are taken from the directory at the end.

/// The names and the contents of an archive's files.
pub(super) fn members(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let end = find_last(archive, b"PK\x05\x06").expect("an archive has a directory");
    let (count, mut at) = (number(archive, end + 10, 2), number(archive, end + 16, 4));
    let mut members = Vec::new();
    for _ in 0..count {
        assert_eq!(&archive[at..at + 4], b"PK\x01\x02", "an entry of the directory");
        let [name, extra, comment] = [28, 30, 32].map(|offset| number(archive, at + offset, 2));
        let text = String::from_utf8_lossy(&archive[at + 46..at + 46 + name]).into_owned();
        members.push((text, contents(archive, at)));
        at += 46 + name + extra + comment;
    }
    members
}

/// The contents of the file whose entry in the directory begins here.
fn contents(archive: &[u8], entry: usize) -> Vec<u8> {
    let (method, size) = (number(archive, entry + 10, 2), number(archive, entry + 20, 4));
    let local = number(archive, entry + 42, 4);
    let begin = local + 30 + number(archive, local + 26, 2) + number(archive, local + 28, 2);
    let packed = &archive[begin..begin + size];
    match method {
        0 => packed.to_vec(),
        8 => miniz_oxide::inflate::decompress_to_vec(packed).expect("a deflated file"),
        other => panic!("the method {other} is not known here"),
    }
}

fn number(archive: &[u8], at: usize, length: usize) -> usize {
    archive[at..at + length].iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

fn find_last(archive: &[u8], what: &[u8]) -> Option<usize> {
    archive.windows(what.len()).rposition(|it| it == what)
}
