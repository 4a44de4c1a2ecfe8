//! Value → bytes.
//!
//! Writes what every client understands and what it would write itself. The same value gives the same
//! bytes, since maps are ordered.

use std::convert::Infallible;

use rmp::encode::{self, ByteBuf, RmpWrite, ValueWriteError};

use super::{MAX_REFINEMENT, REFINED, refinement};
use crate::number::Number;
use crate::types::Type;
use crate::value::{Refinement, Value};

/// An unknown value without refinements, byte for byte as clients write it.
const PLAIN_UNKNOWN: [u8; 3] = [0xd4, 0x00, 0x00];

/// Writing to memory cannot fail; rmp's signatures want a `Result` all the same.
type Written = Result<(), ValueWriteError<Infallible>>;

/// Writes a value of a type.
///
/// An object gets exactly the type's attributes, null where the value has none. A value that does not fit
/// its type is written as what it is, for the client to refuse with the attribute's name.
pub fn encode(value: &Value, ty: &Type) -> Vec<u8> {
    let mut out = ByteBuf::new();
    let Ok(()) = write(&mut out, value, ty);
    out.into_vec()
}

fn write(out: &mut ByteBuf, value: &Value, ty: &Type) -> Written {
    match (value, ty) {
        (Value::Null, _) => nil(out),
        (Value::Unknown(refinement), _) => unknown(out, refinement.as_deref(), ty),
        (Value::Dynamic(inner_ty, inner), Type::Dynamic) => dynamic(out, inner, inner_ty),
        (_, Type::Dynamic) => dynamic(out, value, &value.implied_type()),
        (Value::Dynamic(_, inner), _) => write(out, inner, ty),
        (Value::Bool(truth), _) => encode::write_bool(out, *truth).map_err(ValueWriteError::InvalidDataWrite),
        (Value::Number(it), _) => number(out, it),
        (Value::String(text), _) => encode::write_str(out, text),
        (Value::List(elements) | Value::Set(elements), Type::List(ty) | Type::Set(ty)) => {
            encode::write_array_len(out, len(elements.len()))?;
            elements.iter().try_for_each(|it| write(out, it, ty))
        }
        (Value::List(elements) | Value::Set(elements), Type::Tuple(types)) => {
            encode::write_array_len(out, len(types.len()))?;
            let mut elements = elements.iter();
            types.iter().try_for_each(|ty| write(out, elements.next().unwrap_or(&Value::Null), ty))
        }
        (Value::Map(elements), Type::Map(ty)) => {
            encode::write_map_len(out, len(elements.len()))?;
            elements.iter().try_for_each(|(key, it)| entry(out, key, it, ty))
        }
        (Value::Map(_), Type::Object(attributes)) => {
            encode::write_map_len(out, len(attributes.len()))?;
            attributes.iter().try_for_each(|(name, ty)| entry(out, name, value.get(name), ty))
        }
        (Value::List(_) | Value::Set(_) | Value::Map(_), _) => write(out, value, &value.implied_type()),
    }
}

fn nil(out: &mut ByteBuf) -> Written {
    encode::write_nil(out).map_err(ValueWriteError::InvalidMarkerWrite)
}

fn entry(out: &mut ByteBuf, name: &str, value: &Value, ty: &Type) -> Written {
    encode::write_str(out, name)?;
    write(out, value, ty)
}

fn dynamic(out: &mut ByteBuf, value: &Value, ty: &Type) -> Written {
    encode::write_array_len(out, 2)?;
    encode::write_bin(out, ty.to_json().to_string().as_bytes())?;
    write(out, value, ty)
}

/// The double that came in; else an integer where one fits, a double where it is the very same value, otherwise
/// decimal text.
fn number(out: &mut ByteBuf, number: &Number) -> Written {
    if let Some(float) = number.as_received() {
        encode::write_f64(out, float)
    } else if let Some(integer) = number.to_i64() {
        encode::write_sint(out, integer).map(drop)
    } else if let Some(integer) = number.to_u64() {
        encode::write_uint(out, integer).map(drop)
    } else if let Some(float) = number.to_exact_f64() {
        encode::write_f64(out, float)
    } else {
        encode::write_str(out, &number.to_string())
    }
}

/// What is refined to null is null; a client would not hold such an unknown value either.
fn unknown(out: &mut ByteBuf, refinement: Option<&Refinement>, ty: &Type) -> Written {
    if refinement.is_some_and(|it| it.nullness == Some(true)) {
        return nil(out);
    }
    let mut entries = Entries::default();
    if let Some(refinement) = refinement {
        entries.write(refinement, ty)?;
    }
    // One more byte is the head of the map, which has at most six entries.
    let size = entries.bytes.as_slice().len() + 1;
    // A client refuses more than it is ready to read, and an empty map is not allowed at all.
    if entries.count == 0 || size > MAX_REFINEMENT {
        return bytes(out, &PLAIN_UNKNOWN);
    }
    encode::write_ext_meta(out, len(size), REFINED)?;
    encode::write_map_len(out, entries.count)?;
    bytes(out, entries.bytes.as_slice())
}

/// The entries of the map that an unknown value carries.
#[derive(Default)]
struct Entries {
    count: u32,
    bytes: ByteBuf,
}

impl Entries {
    /// Writes the refinements that make sense for the type: a client refuses all others.
    fn write(&mut self, refinement: &Refinement, ty: &Type) -> Written {
        if refinement.nullness == Some(false) && *ty != Type::Dynamic {
            encode::write_bool(self.key(refinement::NULLNESS)?, false)
                .map_err(ValueWriteError::InvalidDataWrite)?;
        }
        match ty {
            Type::String => self.prefix(refinement.prefix.as_deref()),
            Type::Number => {
                self.bound(refinement::LOWER, refinement.lower.as_ref())?;
                self.bound(refinement::UPPER, refinement.upper.as_ref())
            }
            Type::List(_) | Type::Set(_) | Type::Map(_) => {
                self.size(refinement::MIN_LEN, refinement.min_len)?;
                self.size(refinement::MAX_LEN, refinement.max_len)
            }
            Type::Bool | Type::Dynamic | Type::Tuple(_) | Type::Object(_) => Ok(()),
        }
    }

    fn prefix(&mut self, prefix: Option<&str>) -> Written {
        prefix.map_or(Ok(()), |it| encode::write_str(self.key(refinement::PREFIX)?, it))
    }

    fn bound(&mut self, key: i64, bound: Option<&(Number, bool)>) -> Written {
        bound.map_or(Ok(()), |(limit, inclusive)| {
            let out = self.key(key)?;
            encode::write_array_len(out, 2)?;
            number(out, limit)?;
            encode::write_bool(out, *inclusive).map_err(ValueWriteError::InvalidDataWrite)
        })
    }

    fn size(&mut self, key: i64, size: Option<i64>) -> Written {
        size.map_or(Ok(()), |it| encode::write_sint(self.key(key)?, it).map(drop))
    }

    /// Begins an entry.
    fn key(&mut self, key: i64) -> Result<&mut ByteBuf, ValueWriteError<Infallible>> {
        self.count += 1;
        encode::write_sint(&mut self.bytes, key)?;
        Ok(&mut self.bytes)
    }
}

fn bytes(out: &mut ByteBuf, bytes: &[u8]) -> Written {
    out.write_bytes(bytes).map_err(ValueWriteError::InvalidDataWrite)
}

/// A length as msgpack counts it. A message of more than 4 GiB cannot be sent in the first place.
fn len(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
