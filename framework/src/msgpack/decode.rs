//! Bytes → value.
//!
//! Made for bytes that may be anything: nothing is reserved for a length that is only claimed, nesting
//! ([`MAX_DEPTH`]) and the number of values ([`MAX_VALUES`]) are bounded, and every loop takes at least one
//! byte per turn, so that work stays in proportion to the input.

use std::collections::BTreeMap;

use rmp::Marker;
use rmp::decode::{self, NumValueReadError, ValueReadError};

use super::{REFINED, refinement};
use crate::decode_error::DecodeError;
use crate::number::Number;
use crate::path::Step;
use crate::types::{MAX_DEPTH, MAX_VALUES, Type};
use crate::value::{Refinement, Value};

type Result<T> = std::result::Result<T, DecodeError>;

/// The longest type that comes with a dynamic value, in bytes: it is taken apart before its elements count.
const MAX_TYPE: usize = 1 << 20;

/// Reads one value of a type.
///
/// Null and unknown are allowed anywhere. Missing attributes of an object become null, surplus ones are an
/// error: a client sends exactly the schema's names.
///
/// # Errors
/// When the bytes are no msgpack, not of the type, too deep, or followed by more.
pub fn decode(bytes: &[u8], ty: &Type) -> Result<Value> {
    let mut reader = Reader { rest: bytes, values: MAX_VALUES };
    let value = reader.value(ty, MAX_DEPTH)?;
    if reader.rest.is_empty() { Ok(value) } else { Err(DecodeError::new("bytes after the end of the value")) }
}

/// What is left of the input, and how many values it may still hold.
struct Reader<'a> {
    rest: &'a [u8],
    values: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, ty: &Type, depth: usize) -> Result<Value> {
        let depth = depth.checked_sub(1).ok_or_else(DecodeError::too_deep)?;
        self.count(1)?;
        let marker = self.peek()?;
        if marker == Marker::Null {
            return self.read("null", decode::read_nil).map(|()| Value::Null);
        }
        if is_extension(marker) {
            return self.unknown();
        }
        match ty {
            Type::String => Ok(Value::String(self.text()?.to_owned())),
            Type::Number => self.number().map(Value::Number),
            Type::Bool => self.read("a bool", decode::read_bool).map(Value::Bool),
            Type::Dynamic => self.dynamic(depth),
            Type::List(element) => self.sequence(element, depth).map(Value::List),
            Type::Set(element) => {
                self.sequence(element, depth).map(Value::Set).map_err(DecodeError::within_set)
            }
            Type::Map(element) => self.map(element, depth),
            Type::Tuple(elements) => self.tuple(elements, depth),
            Type::Object(attributes) => self.object(attributes, depth),
        }
    }

    fn sequence(&mut self, element: &Type, depth: usize) -> Result<Vec<Value>> {
        let len = self.read("an array", decode::read_array_len)?;
        let mut elements = Vec::new();
        for index in 0..len as usize {
            elements.push(self.value(element, depth).map_err(|it| it.within(Step::Index(index)))?);
        }
        Ok(elements)
    }

    fn tuple(&mut self, types: &[Type], depth: usize) -> Result<Value> {
        let len = self.read("an array", decode::read_array_len)? as usize;
        if len != types.len() {
            return Err(DecodeError::new(format!("expected {} elements, found {len}", types.len())));
        }
        let elements = types.iter().enumerate();
        elements
            .map(|(index, ty)| self.value(ty, depth).map_err(|it| it.within(Step::Index(index))))
            .collect::<Result<_>>()
            .map(Value::List)
    }

    fn map(&mut self, element: &Type, depth: usize) -> Result<Value> {
        let len = self.read("a map", decode::read_map_len)?;
        let mut elements = BTreeMap::new();
        for _ in 0..len {
            let key = self.text()?;
            let step = || Step::Key(key.to_owned());
            let value = self.value(element, depth).map_err(|it| it.within(step()))?;
            if elements.insert(key.to_owned(), value).is_some() {
                return Err(repeated().within(step()));
            }
        }
        Ok(Value::Map(elements))
    }

    fn object(&mut self, attributes: &BTreeMap<String, Type>, depth: usize) -> Result<Value> {
        let len = self.read("a map", decode::read_map_len)?;
        let mut elements = BTreeMap::new();
        for _ in 0..len {
            let name = self.text()?;
            let ty = attributes.get(name).ok_or_else(|| DecodeError::surplus(name))?;
            let step = || Step::Attribute(name.to_owned());
            let value = self.value(ty, depth).map_err(|it| it.within(step()))?;
            if elements.insert(name.to_owned(), value).is_some() {
                return Err(repeated().within(step()));
            }
        }
        self.count(attributes.len() - elements.len())?;
        for name in attributes.keys() {
            if !elements.contains_key(name) {
                elements.insert(name.clone(), Value::Null);
            }
        }
        Ok(Value::Map(elements))
    }

    /// The type as JSON, then the value.
    fn dynamic(&mut self, depth: usize) -> Result<Value> {
        if self.read("an array of type and value", decode::read_array_len)? != 2 {
            return Err(DecodeError::new("a dynamic value is not a pair of type and value"));
        }
        let json = if is_text(self.peek()?) { self.text()?.as_bytes() } else { self.bytes()? };
        if json.len() > MAX_TYPE {
            return Err(DecodeError::new("the type is too long"));
        }
        let json = serde_json::from_slice(json).map_err(|_| DecodeError::new("the type is not JSON"))?;
        let ty = Type::from_json(&json).map_err(|it| DecodeError::new(it.to_string()))?;
        let value = self.value(&ty, depth)?;
        Ok(Value::Dynamic(Box::new(ty), Box::new(value)))
    }

    fn number(&mut self) -> Result<Number> {
        let float = match self.peek()? {
            marker if is_text(marker) => {
                return self.text()?.parse().map_err(|it| DecodeError::new(format!("{it}")));
            }
            Marker::F64 => self.read("a number", decode::read_f64)?,
            Marker::F32 => self.read("a number", decode::read_f32)?.into(),
            Marker::U64 => return self.read("a number", decode::read_u64).map(Number::from),
            _ => return self.integer().map(Number::from),
        };
        Number::received(float).ok_or_else(|| DecodeError::new("not a finite number"))
    }

    fn integer(&mut self) -> Result<i64> {
        let found = kind(self.peek()?);
        decode::read_int(&mut self.rest).map_err(|error| match error {
            NumValueReadError::TypeMismatch(_) => DecodeError::mismatch("a number", found),
            NumValueReadError::OutOfRange => DecodeError::new("a number out of range"),
            NumValueReadError::InvalidMarkerRead(_) | NumValueReadError::InvalidDataRead(_) => truncated(),
        })
    }

    fn text(&mut self) -> Result<&'a str> {
        let len = self.read("text", decode::read_str_len)?;
        std::str::from_utf8(self.take(len)?).map_err(|_| DecodeError::new("text that is not UTF-8"))
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let len = self.read("bytes", decode::read_bin_len)?;
        self.take(len)
    }

    /// An extension. One of zero or one byte has no room for refinements, whatever its code.
    fn unknown(&mut self) -> Result<Value> {
        let extension = self.read("an unknown value", decode::read_ext_meta)?;
        let payload = self.take(extension.size)?;
        if extension.typeid != REFINED || payload.len() <= 1 {
            return Ok(Value::unknown());
        }
        let refinement = Reader { rest: payload, values: 0 }.refinement()?;
        if refinement.nullness == Some(true) {
            return Ok(Value::Null);
        }
        let is_refined = refinement != Refinement::default();
        Ok(Value::Unknown(is_refined.then(|| Box::new(refinement))))
    }

    /// Reads refinements up to the first of an unfamiliar kind, whose end cannot be found; knowing less is
    /// always right. Bytes after the map are left alone, as clients do.
    fn refinement(mut self) -> Result<Refinement> {
        let mut refinement = Refinement::default();
        for _ in 0..self.read("a map of refinements", decode::read_map_len)? {
            match self.integer()? {
                refinement::NULLNESS => refinement.nullness = Some(self.read("a bool", decode::read_bool)?),
                refinement::PREFIX => refinement.prefix = Some(self.text()?.to_owned()),
                refinement::LOWER => refinement.lower = Some(self.bound()?),
                refinement::UPPER => refinement.upper = Some(self.bound()?),
                refinement::MIN_LEN => refinement.min_len = Some(self.integer()?),
                refinement::MAX_LEN => refinement.max_len = Some(self.integer()?),
                _ => break,
            }
        }
        Ok(refinement)
    }

    /// A number, and whether it is itself allowed.
    fn bound(&mut self) -> Result<(Number, bool)> {
        if self.read("a bound", decode::read_array_len)? != 2 {
            return Err(DecodeError::new("a bound is not a pair"));
        }
        Ok((self.number()?, self.read("a bool", decode::read_bool)?))
    }

    fn count(&mut self, values: usize) -> Result<()> {
        self.values = self.values.checked_sub(values).ok_or_else(DecodeError::too_many)?;
        Ok(())
    }

    fn peek(&self) -> Result<Marker> {
        self.rest.first().map(|byte| Marker::from_u8(*byte)).ok_or_else(truncated)
    }

    fn take(&mut self, len: u32) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len as usize).ok_or_else(truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn read<T>(
        &mut self,
        expected: &str,
        read: impl FnOnce(&mut &'a [u8]) -> std::result::Result<T, ValueReadError>,
    ) -> Result<T> {
        read(&mut self.rest).map_err(|error| match error {
            ValueReadError::TypeMismatch(found) => DecodeError::mismatch(expected, kind(found)),
            ValueReadError::InvalidMarkerRead(_) | ValueReadError::InvalidDataRead(_) => truncated(),
        })
    }
}

fn truncated() -> DecodeError {
    DecodeError::new("the bytes end before the value does")
}

fn repeated() -> DecodeError {
    DecodeError::new("the same key twice")
}

fn is_extension(marker: Marker) -> bool {
    kind(marker) == UNKNOWN
}

fn is_text(marker: Marker) -> bool {
    kind(marker) == TEXT
}

const UNKNOWN: &str = "an unknown value";
const TEXT: &str = "text";

/// What a marker announces, in words.
fn kind(marker: Marker) -> &'static str {
    use Marker as M;
    match marker {
        M::Null => "null",
        M::True | M::False => "a bool",
        M::FixPos(_) | M::FixNeg(_) | M::U8 | M::U16 | M::U32 | M::U64 => "a number",
        M::I8 | M::I16 | M::I32 | M::I64 | M::F32 | M::F64 => "a number",
        M::FixStr(_) | M::Str8 | M::Str16 | M::Str32 => TEXT,
        M::Bin8 | M::Bin16 | M::Bin32 => "bytes",
        M::FixArray(_) | M::Array16 | M::Array32 => "an array",
        M::FixMap(_) | M::Map16 | M::Map32 => "a map",
        M::FixExt1 | M::FixExt2 | M::FixExt4 | M::FixExt8 | M::FixExt16 => UNKNOWN,
        M::Ext8 | M::Ext16 | M::Ext32 => UNKNOWN,
        M::Reserved => "an invalid byte",
    }
}
