//! Numbers of any size and precision, compared by value.
//!
//! Owns the one form in which a number is kept, so that `1`, `1.0` and `10e-1` are equal, and the
//! conversions from and to Rust's numbers. Does no arithmetic and knows no encoding.
//!
//! A client keeps 512 bits of precision and sends what fits neither an integer nor a double as decimal
//! text. An `f64` would lose digits of what only has to be handed back.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The most significant digits of a number. A client's 512 bits need about 155; it writes without an
/// exponent, so the zeros that are understood are as many.
const MAX_DIGITS: usize = 4096;

/// The longest text that is read as a number, in bytes: all digits, and room for the sign, the point, the
/// exponent and the zeros that [`Number`]'s own text may have, so that whatever was read can be read again.
const MAX_TEXT: usize = MAX_DIGITS + 64;

/// The largest exponent, up or down, in scientific notation.
const MAX_EXPONENT: u32 = 4096;

/// The most zeros that are written out before the exponent form takes over.
const MAX_PADDING: usize = 40;

/// The most digits with which a fractional double is taken to be meant exactly. People do not write more;
/// a tenth of any size below a milliard has more once it has been squeezed into a double.
const FACE_VALUE_DIGITS: usize = 30;

/// A decimal number in a canonical form, so that equality is numeric equality: the value is
/// `digits × 10^exponent`, the digits neither begin nor end with a zero, and zero is a positive `0`.
///
/// A number that came in as a double remembers it, and goes back as the same bytes: a client that only knows doubles
/// compares by them.
#[derive(Clone, Debug)]
pub struct Number {
    negative: bool,
    digits: String,
    exponent: i32,
    received: Option<f64>,
}

/// Why a text is not read as a number. The text is left out: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NumberError {
    /// No decimal notation.
    #[error("not a decimal number")]
    NotDecimal,
    /// Too many digits, or too far from zero or from one.
    #[error("a number with more than {MAX_DIGITS} digits")]
    TooLong,
}

impl Number {
    /// The number that a client sees in a double; `None` for infinities and NaN.
    ///
    /// A double stands for its exact value if that is whole or has few digits, like `1.5`. A long tail of
    /// digits is what is left of a decimal fraction: `0.1` becomes a tenth, not the binary fraction nearest
    /// to it. Clients compare whole numbers exactly and others by their shortest text (go-cty,
    /// `rawNumberEqual`).
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        // So many binary places take more than 0.69 times as many decimal digits, all of them significant.
        let few_places = binary_places(value) <= FACE_VALUE_DIGITS * 3 / 2;
        let exact = if few_places { Self::from_f64_exactly(value) } else { None };
        let at_face_value = |it: &Self| it.exponent >= 0 || it.digits.len() <= FACE_VALUE_DIGITS;
        exact.filter(at_face_value).or_else(|| format!("{value:e}").parse().ok())
    }

    /// The number in a double that a client has sent; `None` for infinities and NaN.
    pub(crate) fn received(value: f64) -> Option<Self> {
        Self::from_f64(value).map(|it| Self { received: Some(value), ..it })
    }

    /// The double as which the number came in.
    pub(crate) fn as_received(&self) -> Option<f64> {
        self.received
    }

    /// The number as an `i64`, if it is whole and fits.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_whole()
    }

    /// The number as a `u64`, if it is whole and fits.
    pub fn to_u64(&self) -> Option<u64> {
        self.to_whole()
    }

    /// The nearest `f64`: infinite when the number is too large, zero when it is too small.
    pub fn to_f64(&self) -> f64 {
        // Rust reads every text of this form, rounded rightly.
        self.scientific().parse().unwrap_or(f64::NAN)
    }

    /// The number as an `f64` that has the very same value, if there is one: `0.5`, but not `0.1`.
    pub(crate) fn to_exact_f64(&self) -> Option<f64> {
        let nearest = self.to_f64();
        // A binary place is a decimal one, so most decimal fractions are told apart without spelling out.
        let places = usize::try_from(-i64::from(self.exponent)).unwrap_or(0);
        let may_be_same = nearest.is_finite() && binary_places(nearest) == places;
        let same = may_be_same && Self::from_f64_exactly(nearest).as_ref() == Some(self);
        same.then_some(nearest)
    }

    /// All digits of a finite double.
    fn from_f64_exactly(value: f64) -> Option<Self> {
        format!("{value:.*}", binary_places(value)).parse().ok()
    }

    /// The number as a whole number of the type, if it is one; of those with at most 20 digits.
    pub(crate) fn to_whole<T: FromStr>(&self) -> Option<T> {
        let zeros = usize::try_from(self.exponent).ok()?;
        // No 64-bit integer has more than 20 digits; do not spell out what cannot fit.
        if self.digits.len() + zeros > 20 {
            return None;
        }
        format!("{}{}{}", self.sign(), self.digits, "0".repeat(zeros)).parse().ok()
    }

    /// Whether the number's own text can be read again.
    fn is_moderate(&self) -> bool {
        let scientific = self.digits.len() as i64 + i64::from(self.exponent) - 1;
        self.digits.len() <= MAX_DIGITS && scientific.unsigned_abs() <= u64::from(MAX_EXPONENT)
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    fn scientific(&self) -> String {
        format!("{}{}e{}", self.sign(), self.digits, self.exponent)
    }

    /// Where the decimal point stands, counted from the first digit, and the digits; `None` for zero. Of
    /// two positive numbers the larger one compares greater.
    fn magnitude(&self) -> Option<(i64, &str)> {
        (self.digits != "0")
            .then(|| (self.digits.len() as i64 + i64::from(self.exponent), self.digits.as_str()))
    }

    /// Brings a number into the canonical form. The digits are ASCII digits, at least one.
    fn canonical(negative: bool, digits: &str, exponent: i32) -> Self {
        let digits = digits.trim_start_matches('0');
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Self { negative: false, digits: "0".to_owned(), exponent: 0, received: None };
        }
        let trailing = (digits.len() - significant.len()) as i32;
        Self { negative, digits: significant.to_owned(), exponent: exponent + trailing, received: None }
    }
}

macro_rules! from_whole {
    ($($ty:ident)*) => {$(
        impl From<$ty> for Number {
            fn from(value: $ty) -> Self {
                let value = i128::from(value);
                Self::canonical(value < 0, &value.unsigned_abs().to_string(), 0)
            }
        }
    )*};
}

from_whole!(i32 i64 u32 u64);

impl FromStr for Number {
    type Err = NumberError;

    /// Reads JSON's notation, and besides it a leading `+` and leading zeros.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        if text.len() > MAX_TEXT {
            return Err(NumberError::TooLong);
        }
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(NumberError::NotDecimal),
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(NumberError::NotDecimal);
        }
        // Both are bounded by a few thousand, so nothing here overflows.
        let number =
            Self::canonical(negative, &format!("{whole}{fraction}"), exponent - fraction.len() as i32);
        if number.is_moderate() { Ok(number) } else { Err(NumberError::TooLong) }
    }
}

/// Places after the binary point of a finite double; in decimal form it has as many after its point.
fn binary_places(value: f64) -> usize {
    let bits = value.to_bits();
    let (exponent, fraction) = (bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    let (exponent, mantissa) = if exponent == 0 { (1, fraction) } else { (exponent, fraction | 1 << 52) };
    if mantissa == 0 {
        return 0;
    }
    // The value is the mantissa times two to the power of (exponent - 1075).
    let places = 1075 - i64::try_from(exponent).unwrap_or(0) - i64::from(mantissa.trailing_zeros());
    usize::try_from(places).unwrap_or(0)
}

fn parse_exponent(text: &str) -> Result<i32, NumberError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotDecimal);
    }
    text.parse().ok().filter(|it: &i32| it.unsigned_abs() <= MAX_EXPONENT).ok_or(NumberError::TooLong)
}

impl fmt::Display for Number {
    /// Plain decimal text, or JSON's exponent form where more than 40 zeros would be added.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sign())?;
        let digits = self.digits.as_str();
        let point = digits.len() as i64 + i64::from(self.exponent);
        let padding = if self.exponent >= 0 { i64::from(self.exponent) } else { -point };
        let zeros = "0".repeat(usize::try_from(padding).unwrap_or(0).min(MAX_PADDING));
        match usize::try_from(point) {
            _ if padding > MAX_PADDING as i64 => {
                let (first, rest) = digits.split_at(1);
                let dot = if rest.is_empty() { "" } else { "." };
                write!(f, "{first}{dot}{rest}e{}", point - 1)
            }
            Ok(point) if point >= digits.len() => write!(f, "{digits}{zeros}"),
            Ok(point) if point > 0 => write!(f, "{}.{}", &digits[..point], &digits[point..]),
            _ => write!(f, "0.{zeros}{digits}"),
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude().cmp(&other.magnitude()),
            (true, true) => other.magnitude().cmp(&self.magnitude()),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_received_double_is_remembered_and_not_compared() {
        let received = Number::received(0.04).unwrap();
        assert_eq!((received.as_received(), &received), (Some(0.04), &number("0.04")));
        assert_eq!(Number::from_f64(0.04).unwrap().as_received(), None);
        assert!(Number::received(-0.0).unwrap().as_received().is_some_and(f64::is_sign_negative));
        assert_eq!(Number::received(f64::INFINITY), None);
    }

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn a_double_is_known_to_its_last_digit() {
        let mut bits = 1_u64;
        for _ in 0..2000 {
            bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            for value in [f64::from_bits(bits), (bits >> 40) as f64 / 256.0, (bits >> 60) as f64 / 100.0] {
                if value.is_finite() {
                    assert_eq!(Number::from_f64_exactly(value), format!("{value:.766e}").parse().ok());
                }
            }
        }
    }

    #[test]
    fn spellings_of_one_value_are_equal() {
        for spellings in [
            &["1", "1.0", "+1", "001", "10e-1", "0.1E+1", "1.000e0"][..],
            &["0", "-0", "0.0", "0e99", "-0.000e-3"],
            &["-1500", "-1.5e3", "-15E2", "-1500.00"],
            &["0.1", "1e-1", "0.10", "01e-1"],
        ] {
            for spelling in spellings {
                assert_eq!(number(spelling), number(spellings[0]), "{spelling}");
            }
        }
        assert_ne!(number("9007199254740993"), number("9007199254740992"));
        assert_ne!(number("0.1"), number("0.1000000000000000055511151231257827"));
    }

    #[test]
    fn short_numbers_print_plainly_and_huge_ones_with_an_exponent() {
        for text in [
            "0",
            "7",
            "-7",
            "1200",
            "0.5",
            "-12.75",
            "0.001",
            "9007199254740993",
            "123456789012345678901234567890",
            "1000000000000000000000000000000",
            "1e41",
            "-1.25e300",
            "1e-60",
            "3.5e-1000",
        ] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("1e40").to_string(), format!("1{}", "0".repeat(40)));
        assert_eq!(number("1e-41").to_string(), format!("0.{}1", "0".repeat(40)));
        assert_eq!(number("1e-42").to_string(), "1e-42");
    }

    #[test]
    fn text_that_is_no_number_is_refused() {
        for text in [
            "", "-", "+", ".", "1.", ".5", "e5", "1e", "1e+", "1e+-5", "--1", "1 ", " 1", "0x10", "1_000",
            "inf", "NaN", "1.2.3", "1e1.5", "١", "1e١",
        ] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::NotDecimal), "{text:?}");
        }
    }

    #[test]
    fn absurd_lengths_and_exponents_are_refused() {
        for text in ["1e4097", "1e-4097", "1e99999999999999999999", &"1".repeat(MAX_TEXT + 1)] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::TooLong));
        }
        assert_eq!("1".repeat(MAX_DIGITS + 1).parse::<Number>(), Err(NumberError::TooLong));
    }

    #[test]
    fn whatever_was_read_can_be_read_again() {
        let ones = |count| "1".repeat(count);
        for text in [
            format!("-0.{}", ones(MAX_DIGITS)),
            format!("-0.{}{}", "0".repeat(40), ones(MAX_DIGITS)),
            format!("-{}e-4095", ones(MAX_DIGITS)),
            format!("{}e99", ones(3990)),
            format!("0.{}1", "0".repeat(4095)),
            "9e4096".to_owned(),
            "-9e-4096".to_owned(),
        ] {
            let read = number(&text);
            assert_eq!(read.to_string().parse(), Ok(read), "{text}");
        }
        // Its own text would have the exponent -4097.
        assert_eq!(format!("0.{}e-4096", ones(4000)).parse::<Number>(), Err(NumberError::TooLong));
    }

    #[test]
    fn only_whole_numbers_in_range_become_integers() {
        assert_eq!(number("1.2e3").to_i64(), Some(1200));
        assert_eq!(number("0").to_i64(), Some(0));
        assert_eq!(number("-9223372036854775808").to_i64(), Some(i64::MIN));
        assert_eq!(number("9223372036854775807").to_i64(), Some(i64::MAX));
        assert_eq!(number("9223372036854775808").to_i64(), None);
        assert_eq!(number("9223372036854775808").to_u64(), Some(1 << 63));
        assert_eq!(number("18446744073709551615").to_u64(), Some(u64::MAX));
        assert_eq!(number("18446744073709551616").to_u64(), None);
        assert_eq!(number("-1").to_u64(), None);
        assert_eq!(number("1e4000").to_i64(), None);
        assert_eq!(number("1.5").to_i64(), None);
        for value in [0, 1, -1, 10, -100, i64::MIN, i64::MAX] {
            assert_eq!(Number::from(value).to_i64(), Some(value));
        }
    }

    #[test]
    fn a_float_is_the_number_that_a_client_sees_in_it() {
        for (float, text) in [
            (-0.0, "0"),
            (1.5, "1.5"),
            (1e22, "1e22"),
            (1e30, "1000000000000000019884624838656"),
            (18446744073709551616.0, "18446744073709551616"),
            (0.1, "0.1"),
            (-99_999_999.1, "-99999999.1"),
            (5e-324, "5e-324"),
            (1.0 / 16_777_216.0, "0.000000059604644775390625"),
        ] {
            assert_eq!(Number::from_f64(float), Some(number(text)));
            assert_eq!(number(text).to_f64(), float);
        }
        for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Number::from_f64(float), None);
        }
        assert_eq!(Number::from_f64(f64::MAX).map(|it| it.to_f64()), Some(f64::MAX));
        assert_eq!(number("1e400").to_f64(), f64::INFINITY);
        assert_eq!(number("-1e-400").to_f64(), 0.0);
    }

    #[test]
    fn a_float_is_exact_only_when_no_digit_is_lost() {
        for text in ["0", "1.5", "-0.375", "18446744073709551616", "1e22", "9007199254740992", "0.0009765625"]
        {
            assert!(number(text).to_exact_f64().is_some(), "{text}");
        }
        for text in ["0.1", "1e23", "1e30", "9007199254740993", "1e400", "1e-400", "5e-324"] {
            assert_eq!(number(text).to_exact_f64(), None, "{text}");
        }
        let smallest = number(&format!("{:.1074}", 5e-324));
        assert_eq!(smallest.to_exact_f64(), Some(5e-324));
    }

    #[test]
    fn order_is_by_value() {
        let ascending =
            ["-1e50", "-12.5", "-12", "-0.01", "0", "0.001", "0.01", "1", "1.2", "1.23", "9", "10", "1e50"];
        for (position, smaller) in ascending.iter().enumerate() {
            for larger in &ascending[position + 1..] {
                assert!(number(smaller) < number(larger), "{smaller} {larger}");
                assert!(number(larger) > number(smaller), "{smaller} {larger}");
            }
        }
        assert_eq!(number("1.0").cmp(&number("1")), Ordering::Equal);
    }
}
