//! Values for tests: a repeatable stream of random types, and of values that fit them.

use std::collections::BTreeMap;

use crate::number::Number;
use crate::types::Type;
use crate::value::{Refinement, Value};

/// A small pseudo-random generator (xorshift), the same on every run.
pub struct Random(u64);

impl Random {
    /// A stream of its own for every seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from zero up to, but not including, `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A type that nests at most so deep.
    pub fn ty(&mut self, depth: usize) -> Type {
        match self.below(if depth == 0 { 4 } else { 9 }) {
            0 => Type::String,
            1 => Type::Number,
            2 => Type::Bool,
            3 => Type::Dynamic,
            4 => Type::List(Box::new(self.ty(depth - 1))),
            5 => Type::Set(Box::new(self.ty(depth - 1))),
            6 => Type::Map(Box::new(self.ty(depth - 1))),
            7 => Type::Tuple((0..self.below(4)).map(|_| self.ty(depth - 1)).collect()),
            _ => Type::Object((0..self.below(4)).map(|it| (format!("a{it}"), self.ty(depth - 1))).collect()),
        }
    }

    /// A value of a type, sometimes null or, where allowed, unknown.
    pub fn value(&mut self, ty: &Type, unknowns: bool) -> Value {
        match self.below(8) {
            0 => return Value::Null,
            1 if unknowns => return Value::Unknown(self.refinement(ty)),
            _ => {}
        }
        match ty {
            Type::String => Value::from(self.pick(&[
                "",
                "a",
                "héllo ✓",
                "\0\"\\\n",
                "a longer text, over thirty-one bytes",
            ])),
            Type::Number => Value::Number(self.number()),
            Type::Bool => Value::from(self.below(2) == 0),
            Type::Dynamic => {
                let inner = self.ty(1);
                let value = self.value(&inner, unknowns);
                Value::Dynamic(Box::new(inner), Box::new(value))
            }
            Type::List(element) => {
                Value::List((0..self.below(4)).map(|_| self.value(element, unknowns)).collect())
            }
            Type::Set(element) => {
                Value::Set((0..self.below(4)).map(|_| self.value(element, unknowns)).collect())
            }
            Type::Map(element) => {
                let elements =
                    (0..self.below(4)).map(|it| (format!("k {it}"), self.value(element, unknowns)));
                Value::Map(elements.collect::<BTreeMap<_, _>>())
            }
            Type::Tuple(types) => Value::List(types.iter().map(|it| self.value(it, unknowns)).collect()),
            Type::Object(attributes) => {
                let elements = attributes.iter().map(|(name, it)| (name.clone(), self.value(it, unknowns)));
                Value::Map(elements.collect())
            }
        }
    }

    fn number(&mut self) -> Number {
        let texts = [
            "0",
            "1",
            "-1",
            "127",
            "128",
            "-128",
            "65536",
            "-2147483649",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "123456789012345678901234567890",
            "0.1",
            "-1.5",
            "1e30",
            "1e-300",
            "3.4e400",
        ];
        self.pick(&texts).parse().unwrap()
    }

    /// Refinements that make sense for the type; none for types without any.
    fn refinement(&mut self, ty: &Type) -> Option<Box<Refinement>> {
        if *ty == Type::Dynamic || self.below(2) == 0 {
            return None;
        }
        let mut refinement = Refinement { nullness: Some(false), ..Refinement::default() };
        match ty {
            Type::String => refinement.prefix = Some("web-".to_owned()),
            Type::Number => {
                refinement.lower = Some((self.number(), true));
                refinement.upper = Some((self.number(), false));
            }
            Type::List(_) | Type::Set(_) | Type::Map(_) => {
                refinement.min_len = Some(1);
                refinement.max_len = Some(i64::MAX);
            }
            Type::Bool | Type::Dynamic | Type::Tuple(_) | Type::Object(_) => {}
        }
        Some(Box::new(refinement))
    }
}
