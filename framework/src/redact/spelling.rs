//! The ways in which a program may write a text, and how one is found in them.
//!
//! Text and secret are compared in a form without what programs put in, take out or write otherwise: blanks,
//! quotes, backslashes, case, characters outside ASCII. Escapes are decoded layer by layer, and each byte remembers
//! where in the text it comes from. Base64 and hexadecimal digits are searched for as they are.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use zeroize::Zeroize;

use super::SHORTEST;

/// Digits of base64 that are searched for; fewer may be a word.
const SHORTEST_BASE64: usize = 5;

/// A text, or what is left of it after some decoding.
pub(super) struct Spelling {
    bytes: Vec<u8>,
    /// Where each byte comes from: start and end in the text.
    from: Vec<(usize, usize)>,
}

/// What is searched for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Needle {
    text: String,
    kind: Kind,
    /// Whether it may be a word or two, so that no blank may be in between.
    is_tight: bool,
    /// Whether the secret begins or ends with what the form leaves out.
    has_edges: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// In the form of ASCII alone.
    Ascii,
    /// In the form that keeps other characters, for secrets of little else.
    Wide,
    /// With every byte, for secrets of which the forms leave too little.
    Whole,
    /// Digits of base64, in the form of ASCII.
    Base64,
}

impl Drop for Needle {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// All that has to be searched for to find this text.
pub(super) fn needles(secret: &str) -> Vec<Needle> {
    let plain = Spelling::of(secret);
    let decoded = plain.decoded();
    let mut needles: Vec<Needle> =
        [Some(&plain), decoded.as_ref()].into_iter().flatten().map(|it| it.needle(secret)).collect();
    let digits = secret.bytes().fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}"); // a String takes everything
        digits
    });
    let encoded = |kind, text| Needle { text, kind, is_tight: false, has_edges: false };
    needles.push(encoded(Kind::Ascii, digits));
    for before in 0..3 {
        let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
        // The digits that depend on nothing else.
        let (start, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for mut digits in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let core = Spelling::of(&digits[start..end]).form(Kind::Ascii).text;
            digits.zeroize();
            if core.len() >= SHORTEST_BASE64 {
                needles.push(encoded(Kind::Base64, core));
            }
        }
    }
    needles
}

impl Spelling {
    /// The text as it is.
    pub(super) fn of(text: &str) -> Self {
        let from = (0..text.len()).map(|at| (at, at + 1)).collect();
        Self { bytes: text.as_bytes().to_vec(), from }
    }

    /// With the outermost escapes decoded; `None` where there are none.
    pub(super) fn decoded(&self) -> Option<Self> {
        let mut decoded = Self { bytes: Vec::with_capacity(self.bytes.len()), from: Vec::new() };
        let (mut at, mut is_decoded) = (0, false);
        while let Some(byte) = self.bytes.get(at) {
            let (length, unit) = match escape(&self.bytes[at..]) {
                Some(escape) => {
                    is_decoded = true;
                    escape
                }
                None => (1, Unit::Byte(*byte)),
            };
            decoded.push(unit, (self.from[at].0, self.from[at + length - 1].1));
            at += length;
        }
        is_decoded.then_some(decoded)
    }

    fn push(&mut self, unit: Unit, from: (usize, usize)) {
        let mut buffer = [0; 4];
        let bytes = match unit {
            Unit::Byte(byte) => {
                buffer[0] = byte;
                &buffer[..1]
            }
            Unit::Char(it) => it.encode_utf8(&mut buffer).as_bytes(),
        };
        self.bytes.extend_from_slice(bytes);
        self.from.extend(bytes.iter().map(|_| from));
    }

    /// Adds the places of the text where one of these stands in this spelling.
    pub(super) fn find<'n>(
        &self,
        text: &str,
        needles: impl Iterator<Item = &'n Needle>,
        found: &mut Vec<(usize, usize)>,
    ) {
        let ascii = self.form(Kind::Ascii);
        let (mut wide, mut whole) = (None, None);
        for needle in needles {
            let form = match needle.kind {
                Kind::Ascii | Kind::Base64 => &ascii,
                Kind::Wide => wide.get_or_insert_with(|| self.form(Kind::Wide)),
                Kind::Whole => whole.get_or_insert_with(|| self.form(Kind::Whole)),
            };
            for (at, it) in form.text.match_indices(&needle.text) {
                let (first, last) = (form.index[at], form.index[at + it.len() - 1]);
                found.extend(self.place(text, needle, first, last));
            }
        }
    }

    /// Where in the text these bytes are, with what belongs to them; `None` if they only look like the needle.
    fn place(
        &self,
        text: &str,
        needle: &Needle,
        mut first: usize,
        mut last: usize,
    ) -> Option<(usize, usize)> {
        if needle.has_edges {
            let is_edge = |it: &u8| is_left_out(*it) && !is_blank(*it);
            first -= self.bytes[..first].iter().rev().take_while(|it| is_edge(it)).count();
            last += self.bytes[last + 1..].iter().take_while(|it| is_edge(it)).count();
        }
        if needle.kind == Kind::Base64 {
            let is_digit = |it: &u8| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'-' | b'_');
            // Two digits on each side may hold bits of the secret; the rest is what it was encoded with.
            let run =
                |(at, it): &(usize, &u8)| if *at < 2 { is_digit(it) } else { it.is_ascii_alphanumeric() };
            first -= self.bytes[..first].iter().rev().enumerate().take_while(run).count();
            last += self.bytes[last + 1..].iter().enumerate().take_while(run).count();
            last += self.bytes[last + 1..].iter().take(2).take_while(|it| **it == b'=').count();
        }
        let (start, end) = (self.from[first].0, self.from[last].1);
        let is_split = text.as_bytes().get(start..end)?.iter().any(|it| is_blank(*it));
        (!needle.is_tight || !is_split).then_some((start, end))
    }

    /// In the form that is compared.
    fn form(&self, kind: Kind) -> Form {
        let mut form = Form { text: String::with_capacity(self.bytes.len()), index: Vec::new() };
        for (at, byte) in self.bytes.iter().enumerate() {
            let is_kept = match kind {
                Kind::Ascii | Kind::Base64 => !is_left_out(*byte),
                Kind::Wide => !byte.is_ascii() || !is_left_out(*byte),
                Kind::Whole => true,
            };
            if is_kept {
                // Another byte than ASCII's stands for itself, whether it is a part of a character or not.
                form.text.push(char::from(byte.to_ascii_lowercase()));
                form.index.resize(form.text.len(), at);
            }
        }
        form
    }

    /// What finds this spelling of the secret.
    fn needle(&self, secret: &str) -> Needle {
        let has_edges =
            [self.bytes.first(), self.bytes.last()].into_iter().flatten().any(|it| is_left_out(*it));
        let ascii = self.form(Kind::Ascii).text;
        let is_word = ascii.len() < 6 || ascii.len() < 8 && ascii.bytes().all(|it| it.is_ascii_alphabetic());
        let is_tight = is_word && !secret.bytes().any(is_blank);
        if ascii.len() >= SHORTEST {
            return Needle { text: ascii, kind: Kind::Ascii, is_tight, has_edges };
        }
        let wide = self.form(Kind::Wide).text;
        let (kind, text) = match wide.chars().count() >= SHORTEST {
            true => (Kind::Wide, wide),
            false => (Kind::Whole, self.form(Kind::Whole).text),
        };
        Needle { text, kind, is_tight: false, has_edges: has_edges && kind == Kind::Wide }
    }
}

/// What is compared, and for each byte of it the index of the one that it stands for.
struct Form {
    text: String,
    index: Vec<usize>,
}

fn is_blank(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

/// Whether the form of ASCII is without it. A plus sign is a blank in a query.
fn is_left_out(byte: u8) -> bool {
    is_blank(byte) || !byte.is_ascii() || matches!(byte, b'\\' | b'"' | b'\'' | b'`' | b'+')
}

/// What an escape stands for.
#[derive(Clone, Copy)]
enum Unit {
    Byte(u8),
    Char(char),
}

/// The escape at the beginning: its length, and what it stands for.
fn escape(bytes: &[u8]) -> Option<(usize, Unit)> {
    let (length, unit) = match bytes {
        [b'%', rest @ ..] => (2, Unit::Byte(u8::try_from(number(rest.get(..2)?, 16)?).ok()?)),
        [b'\\', rest @ ..] => backslash(rest)?,
        [b'&', rest @ ..] => entity(rest)?,
        _ => return None,
    };
    Some((length + 1, unit))
}

/// Behind a backslash: the escapes of JSON, Go, Python, PHP, C and shells.
fn backslash(rest: &[u8]) -> Option<(usize, Unit)> {
    let of_digits = |length: usize| Some((length + 1, number(rest.get(1..=length)?, 16)?));
    let (length, code) = match rest {
        [b'u' | b'x', b'{', digits @ ..] => {
            let length = digits.iter().take(8).position(|it| *it == b'}')?;
            (length + 3, number(&digits[..length], 16)?)
        }
        [b'u', ..] => surrogates(rest).or_else(|| of_digits(4))?,
        [b'U', ..] => of_digits(8)?,
        [b'x', ..] => {
            let (length, code) = of_digits(2)?;
            return Some((length, Unit::Byte(u8::try_from(code).ok()?)));
        }
        [b'0'..=b'7', ..] => {
            let length = rest.iter().take(3).take_while(|it| matches!(it, b'0'..=b'7')).count();
            let code = number(&rest[..length], 8)?;
            return Some((length, Unit::Byte(u8::try_from(code).ok()?)));
        }
        [b'n' | b'r' | b't' | b'b' | b'f' | b'v' | b'a' | b'e', ..] => return Some((1, Unit::Byte(b' '))),
        [other, ..] => return Some((1, Unit::Byte(*other))),
        [] => return None,
    };
    Some((length, Unit::Char(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))))
}

/// One character in two halves, as JSON writes it.
fn surrogates(rest: &[u8]) -> Option<(usize, u32)> {
    let high = number(rest.get(1..5)?, 16).filter(|it| (0xd800..0xdc00).contains(it))?;
    rest.get(5..7).filter(|it| it == b"\\u")?;
    let low = number(rest.get(7..11)?, 16).filter(|it| (0xdc00..0xe000).contains(it))?;
    Some((11, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)))
}

/// Behind an ampersand: the entities of HTML that programs write.
fn entity(rest: &[u8]) -> Option<(usize, Unit)> {
    let end = rest.iter().take(10).position(|it| *it == b';')?;
    let code = match &rest[..end] {
        b"amp" => u32::from('&'),
        b"lt" => u32::from('<'),
        b"gt" => u32::from('>'),
        b"quot" => u32::from('"'),
        b"apos" => u32::from('\''),
        b"nbsp" => u32::from(' '),
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    };
    Some((end + 1, Unit::Char(char::from_u32(code)?)))
}

/// The number that these are the digits of, and nothing else.
fn number(digits: &[u8], base: u32) -> Option<u32> {
    let text = std::str::from_utf8(digits).ok().filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()))?;
    u32::from_str_radix(text, base).ok()
}
