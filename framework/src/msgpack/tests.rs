//! Both directions against each other, against bytes that clients were seen to send, and against garbage.

use expect_test::{Expect, expect};
use rmpv::Value as Raw;

use super::{decode, encode};
use crate::number::Number;
use crate::samples::Random;
use crate::types::{MAX_DEPTH, MAX_VALUES, Type};
use crate::value::{Refinement, Value};

fn ty(json: &str) -> Type {
    Type::from_json(&serde_json::from_str(json).unwrap()).unwrap()
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn object(elements: &[(&str, Value)]) -> Value {
    Value::Map(elements.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn refined(refinement: Refinement) -> Value {
    Value::Unknown(Some(Box::new(refinement)))
}

/// The bytes of a message put together by another library.
fn raw(value: &Raw) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn refinement_of(value: &Value) -> Option<&Refinement> {
    match value {
        Value::Unknown(refinement) => refinement.as_deref(),
        _ => panic!("not unknown: {value:?}"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "shorter calls")]
fn check_bytes(value: Value, json: &str, bytes: &[u8]) {
    let ty = ty(json);
    assert_eq!(encode(&value, &ty), bytes, "{value:?}");
    let read = decode(bytes, &ty).unwrap();
    assert_eq!(read, value);
    if value.is_unknown() {
        assert_eq!(refinement_of(&read), refinement_of(&value));
    }
}

#[expect(clippy::needless_pass_by_value, reason = "shorter calls")]
fn check_error(json: &str, bytes: &[u8], expected: Expect) {
    expected.assert_eq(&decode(bytes, &ty(json)).unwrap_err().to_string());
}

#[test]
fn bytes_are_those_that_a_client_writes() {
    check_bytes(Value::Null, r#""string""#, b"\xc0");
    check_bytes(Value::from("web-"), r#""string""#, b"\xa4web-");
    check_bytes(Value::from(true), r#""bool""#, b"\xc3");
    check_bytes(number("2"), r#""number""#, b"\x02");
    check_bytes(number("-5"), r#""number""#, b"\xfb");
    check_bytes(number("9007199254740993"), r#""number""#, b"\xcf\x00\x20\x00\x00\x00\x00\x00\x01");
    check_bytes(number("1.5"), r#""number""#, b"\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00");
    check_bytes(number("0.1"), r#""number""#, b"\xa30.1");
    check_bytes(
        number("123456789012345678901234567890"),
        r#""number""#,
        b"\xbe123456789012345678901234567890",
    );
    check_bytes(Value::List(vec![]), r#"["list","string"]"#, b"\x90");
    check_bytes(
        Value::Set(vec![Value::from("a"), Value::unknown()]),
        r#"["set","string"]"#,
        b"\x92\xa1a\xd4\0\0",
    );
    check_bytes(
        object(&[("b", Value::Null), ("a", Value::from(1))]),
        r#"["map","number"]"#,
        b"\x82\xa1a\x01\xa1b\xc0",
    );
    check_bytes(
        Value::List(vec![Value::from("a"), Value::from(1)]),
        r#"["tuple",["string","number"]]"#,
        b"\x92\xa1a\x01",
    );
}

#[test]
fn an_unknown_is_three_bytes_and_a_refinement_makes_it_extension_twelve() {
    check_bytes(Value::unknown(), r#""string""#, b"\xd4\x00\x00");
    check_bytes(
        refined(Refinement { nullness: Some(false), ..Refinement::default() }),
        r#""bool""#,
        b"\xc7\x03\x0c\x81\x01\xc2",
    );
    check_bytes(
        refined(Refinement {
            nullness: Some(false),
            prefix: Some("web-".to_owned()),
            ..Refinement::default()
        }),
        r#""string""#,
        b"\xc7\x09\x0c\x82\x01\xc2\x02\xa4web-",
    );
    check_bytes(
        refined(Refinement {
            nullness: Some(false),
            lower: Some((Number::from(0_i64), true)),
            upper: Some((Number::from(i64::MAX), true)),
            ..Refinement::default()
        }),
        r#""number""#,
        b"\xc7\x13\x0c\x83\x01\xc2\x03\x92\x00\xc3\x04\x92\xcf\x7f\xff\xff\xff\xff\xff\xff\xff\xc3",
    );
    check_bytes(
        refined(Refinement { min_len: Some(1), max_len: Some(9), ..Refinement::default() }),
        r#"["list","string"]"#,
        b"\xc7\x05\x0c\x82\x05\x01\x06\x09",
    );
}

#[test]
fn a_refinement_that_a_client_would_refuse_is_not_written() {
    let everything = || Refinement {
        nullness: None,
        prefix: Some("a".to_owned()),
        lower: Some((Number::from(1_i64), true)),
        upper: None,
        min_len: Some(1),
        max_len: None,
    };
    let plain = b"\xd4\x00\x00";
    assert_eq!(encode(&refined(Refinement::default()), &Type::String), plain);
    assert_eq!(encode(&refined(everything()), &Type::Bool), plain);
    assert_eq!(encode(&refined(Refinement { nullness: Some(false), ..everything() }), &Type::Dynamic), plain);
    assert_eq!(encode(&refined(everything()), &Type::String), b"\xd6\x0c\x81\x02\xa1a");
    let long = Refinement { prefix: Some("x".repeat(1020)), ..Refinement::default() };
    assert_eq!(encode(&refined(long), &Type::String), plain);
    let fits = Refinement { prefix: Some("x".repeat(1019)), ..Refinement::default() };
    assert_eq!(encode(&refined(fits), &Type::String).len(), 4 + 1024);
    let null = Refinement { nullness: Some(true), ..Refinement::default() };
    assert_eq!(encode(&refined(null), &Type::String), b"\xc0");
}

#[test]
fn any_extension_is_unknown_and_its_payload_is_skipped() {
    for code in [-128, -1, 0, 1, 11, 12, 13, 127] {
        for len in [0, 1, 2, 3, 4, 8, 15, 16, 17, 255, 256, 70_000] {
            let payload = if code == 12 && len > 1 {
                let mut empty_map = vec![0; len];
                empty_map[0] = 0x80;
                empty_map
            } else {
                vec![0xff; len]
            };
            let bytes = raw(&Raw::Array(vec![Raw::Ext(code, payload), Raw::from("after")]));
            let list = decode(&bytes, &ty(r#"["list","string"]"#)).unwrap();
            assert_eq!(list, Value::List(vec![Value::unknown(), Value::from("after")]), "{code} {len}");
            assert_eq!(refinement_of(&list.as_slice().unwrap()[0]), None);
        }
    }
}

#[test]
fn unfamiliar_refinements_are_passed_over() {
    let payload = raw(&Raw::Map(vec![
        (Raw::from(1), Raw::from(false)),
        (Raw::from(99), Raw::from("news")),
        (Raw::from(2), Raw::from("lost")),
    ]));
    let value = decode(&raw(&Raw::Ext(12, payload)), &Type::String).unwrap();
    assert_eq!(refinement_of(&value), Some(&Refinement { nullness: Some(false), ..Refinement::default() }));
    let only_unfamiliar = raw(&Raw::Ext(12, b"\x81\x63\xc0".to_vec()));
    assert_eq!(refinement_of(&decode(&only_unfamiliar, &Type::String).unwrap()), None);
    let null = raw(&Raw::Ext(12, b"\x81\x01\xc3".to_vec()));
    assert!(decode(&null, &Type::String).unwrap().is_null());
}

#[test]
fn a_number_is_the_same_in_every_encoding() {
    let encodings: [&[u8]; 12] = [
        b"\x07",
        b"\xcc\x07",
        b"\xcd\x00\x07",
        b"\xce\x00\x00\x00\x07",
        b"\xcf\x00\x00\x00\x00\x00\x00\x00\x07",
        b"\xd0\x07",
        b"\xd1\x00\x07",
        b"\xd2\x00\x00\x00\x07",
        b"\xd3\x00\x00\x00\x00\x00\x00\x00\x07",
        b"\xca\x40\xe0\x00\x00",
        b"\xcb\x40\x1c\x00\x00\x00\x00\x00\x00",
        b"\xa37.0",
    ];
    for bytes in encodings {
        assert_eq!(decode(bytes, &Type::Number), Ok(number("7")), "{bytes:x?}");
    }
    for (bytes, text) in [
        (&b"\xff"[..], "-1"),
        (b"\xd0\x80", "-128"),
        (b"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "-9223372036854775808"),
        (b"\xcf\x80\x00\x00\x00\x00\x00\x00\x00", "9223372036854775808"),
        (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615"),
        (b"\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a", "0.1"),
        (b"\xca\xbf\x40\x00\x00", "-0.75"),
        (b"\xcb\x43\xf0\x00\x00\x00\x00\x00\x00", "18446744073709551616"),
        (b"\xcb\x3e\x70\x00\x00\x00\x00\x00\x00", "0.000000059604644775390625"),
        (b"\xa41e30", "1000000000000000000000000000000"),
    ] {
        assert_eq!(decode(bytes, &Type::Number), Ok(number(text)), "{bytes:x?}");
    }
}

#[test]
fn no_digit_of_a_number_is_lost_on_the_way() {
    for text in [
        "0.1",
        "9007199254740993",
        "9223372036854775808",
        "1e30",
        "-1e-30",
        "18446744073709551616",
        "3.4e400",
    ] {
        let bytes = encode(&number(text), &Type::Number);
        assert_eq!(decode(&bytes, &Type::Number), Ok(number(text)));
    }
    assert_eq!(encode(&number("18446744073709551616"), &Type::Number)[0], 0xcb);
    assert_eq!(encode(&number("18446744073709551615"), &Type::Number)[0], 0xcf);
    assert_eq!(encode(&number("-9223372036854775808"), &Type::Number)[0], 0xd3);
}

#[test]
fn a_dynamic_value_is_a_pair_of_type_and_value() {
    let dynamic = |json, value| Value::Dynamic(Box::new(ty(json)), Box::new(value));
    check_bytes(dynamic(r#""bool""#, Value::from(true)), r#""dynamic""#, b"\x92\xc4\x06\"bool\"\xc3");
    check_bytes(dynamic(r#""bool""#, Value::Null), r#""dynamic""#, b"\x92\xc4\x06\"bool\"\xc0");
    check_bytes(Value::Null, r#""dynamic""#, b"\xc0");
    check_bytes(Value::unknown(), r#""dynamic""#, b"\xd4\x00\x00");
    let unknown = dynamic(r#"["list","string"]"#, Value::unknown());
    let bytes = encode(&unknown, &Type::Dynamic);
    assert_eq!(bytes, b"\x92\xc4\x11[\"list\",\"string\"]\xd4\x00\x00");
    assert_eq!(decode(&bytes, &Type::Dynamic), Ok(unknown));
    let type_as_text = b"\x92\xa6\"bool\"\xc3";
    assert_eq!(decode(type_as_text, &Type::Dynamic), Ok(dynamic(r#""bool""#, Value::from(true))));
}

#[test]
fn a_bare_value_in_a_dynamic_place_gets_the_type_it_shows() {
    let bare = object(&[("a", Value::List(vec![Value::from("x"), Value::from(1)])), ("b", Value::Null)]);
    let read = decode(&encode(&bare, &Type::Dynamic), &Type::Dynamic).unwrap();
    let expected = ty(r#"["object",{"a":["tuple",["string","number"]],"b":"dynamic"}]"#);
    assert_eq!(read, Value::Dynamic(Box::new(expected), Box::new(bare)));
}

#[test]
fn an_object_has_exactly_the_names_of_its_type() {
    let json = r#"["object",{"a":"string","b":"string"}]"#;
    let both = b"\x82\xa1a\xa1x\xa1b\xc0";
    assert_eq!(encode(&object(&[("a", Value::from("x")), ("c", Value::from("y"))]), &ty(json)), both);
    let read = decode(b"\x81\xa1a\xa1x", &ty(json)).unwrap();
    assert_eq!(read, object(&[("a", Value::from("x")), ("b", Value::Null)]));
    check_error(json, b"\x83\xa1a\xa1x\xa1b\xc0\xa1c\xa1y", expect![[r#"unexpected attribute "c""#]]);
}

#[test]
fn a_mistyped_value_is_written_as_what_it_is() {
    assert_eq!(encode(&Value::from(true), &Type::String), b"\xc3");
    assert_eq!(encode(&Value::List(vec![Value::from("a")]), &Type::String), b"\x91\xa1a");
    assert_eq!(encode(&object(&[("a", Value::Null)]), &ty(r#"["list","string"]"#)), b"\x81\xa1a\xc0");
    let pair = ty(r#"["tuple",["string","string"]]"#);
    assert_eq!(encode(&Value::List(vec![Value::from("a")]), &pair), b"\x92\xa1a\xc0");
}

#[test]
fn an_error_tells_what_and_where_but_never_the_content() {
    check_error(r#""string""#, b"", expect!["the bytes end before the value does"]);
    check_error(r#""string""#, b"\xa5abc", expect!["the bytes end before the value does"]);
    check_error(r#""number""#, b"\xcb\x00", expect!["the bytes end before the value does"]);
    check_error(r#""number""#, b"\xd3\x00", expect!["the bytes end before the value does"]);
    check_error(r#""string""#, b"\xa1a\xc0", expect!["bytes after the end of the value"]);
    check_error(r#""string""#, b"\x01", expect!["expected text, found a number"]);
    check_error(r#""string""#, b"\xc1", expect!["expected text, found an invalid byte"]);
    check_error(r#""bool""#, b"\xa4true", expect!["expected a bool, found text"]);
    check_error(r#""number""#, b"\xa6secret", expect!["not a decimal number"]);
    check_error(r#""number""#, b"\xc3", expect!["expected a number, found a bool"]);
    check_error(r#""number""#, b"\xca\x7f\x80\x00\x00", expect!["not a finite number"]);
    check_error(r#""dynamic""#, b"\x91\xc0", expect!["a dynamic value is not a pair of type and value"]);
    check_error(r#""dynamic""#, b"\x92\xc4\x01x\xc0", expect!["the type is not JSON"]);
    check_error(r#""dynamic""#, b"\x92\xc4\x01{\xc0", expect!["the type is not JSON"]);
    check_error(r#""dynamic""#, b"\x92\xc4\x02{}\xc0", expect!["not a type constraint"]);
    check_error(r#""dynamic""#, b"\x92\x01\xc0", expect!["expected bytes, found a number"]);
    check_error(r#"["tuple",["bool"]]"#, b"\x92\xc0\xc0", expect!["expected 1 elements, found 2"]);
    check_error(
        r#""string""#,
        b"\xc7\x03\x0c\x93\xc0\xc0",
        expect!["expected a map of refinements, found an array"],
    );
    check_error(r#""number""#, b"\xd6\x0c\x81\x03\x91\x01", expect!["a bound is not a pair"]);
    check_error(r#"["map","bool"]"#, b"\x81\x01\xc3", expect!["expected text, found a number"]);
    check_error(r#"["map","bool"]"#, b"\x82\xa1a\xc3\xa1a\xc3", expect![[r#"["a"]: the same key twice"#]]);
    let json = r#"["object",{"a":["list",["map","string"]],"s":["set",["list","string"]]}]"#;
    check_error(json, b"\x82\xa1a\xc0\xa1a\xc0", expect!["a: the same key twice"]);
    check_error(
        json,
        b"\x81\xa1a\x92\xc0\x81\xa1k\xa1\xff",
        expect![[r#"a[1]["k"]: text that is not UTF-8"#]],
    );
    check_error(json, b"\x81\xa1s\x91\x91\xc3", expect!["s: expected text, found a bool"]);
}

#[test]
fn nesting_is_bounded() {
    let mut inward = b"\xc0".to_vec();
    for _ in 0..100_000 {
        inward = [b"\x92\xc4\x09\"dynamic\"", inward.as_slice()].concat();
        if inward.len() > 50_000 {
            break;
        }
    }
    check_error(r#""dynamic""#, &inward, expect!["nested too deeply"]);
    let nested = |times| (0..times).fold(Type::Bool, |inner, _| Type::List(Box::new(inner)));
    let mut bytes = vec![0x91; MAX_DEPTH - 1];
    bytes.push(0xc3);
    assert!(decode(&bytes, &nested(MAX_DEPTH - 1)).is_ok());
    bytes.insert(0, 0x91);
    assert!(decode(&bytes, &nested(MAX_DEPTH)).unwrap_err().to_string().ends_with("]: nested too deeply"));
}

#[test]
fn the_number_of_values_is_bounded() {
    let elements = |count: u32, element: &[u8]| {
        let head = [b"\xdd".as_slice(), &count.to_be_bytes()].concat();
        [head, element.repeat(count as usize)].concat()
    };
    let most = u32::try_from(MAX_VALUES).unwrap();
    let list = ty(r#"["list","bool"]"#);
    assert!(decode(&elements(most - 1, b"\xc0"), &list).is_ok());
    assert_eq!(decode(&elements(most, b"\xc0"), &list).unwrap_err().message, "too many values");
    let names: Vec<_> = (0..64).map(|it| format!(r#""a{it}":"bool""#)).collect();
    let objects = ty(&format!(r#"["list",["object",{{{}}}]]"#, names.join(",")));
    assert_eq!(decode(&elements(most / 64, b"\x80"), &objects).unwrap_err().message, "too many values");
}

#[test]
fn a_claimed_length_reserves_nothing() {
    for (json, head) in [
        (r#"["list","string"]"#, b"\xdd\xff\xff\xff\xff"),
        (r#"["map","string"]"#, b"\xdf\xff\xff\xff\xff"),
        (r#""string""#, b"\xdb\xff\xff\xff\xff"),
        (r#""string""#, b"\xc9\xff\xff\xff\xff"),
    ] {
        assert!(decode(head, &ty(json)).unwrap_err().message.starts_with("the bytes end"), "{json}");
    }
}

#[test]
fn every_value_survives_a_round_trip_and_gives_the_same_bytes_again() {
    let mut random = Random::new(1);
    for _ in 0..3000 {
        let ty = random.ty(3);
        let value = random.value(&ty, true);
        let bytes = encode(&value, &ty);
        let read = decode(&bytes, &ty).unwrap();
        assert_eq!(read, value, "{ty:?}");
        // Equal bytes also mean that refinements, which equality leaves out, have survived.
        assert_eq!(encode(&read, &ty), bytes, "{ty:?}");
        assert_eq!(encode(&value.clone(), &ty), bytes);
        assert!(rmpv::decode::read_value(&mut bytes.as_slice()).is_ok());
    }
}

#[test]
fn every_truncation_is_an_error() {
    let mut random = Random::new(2);
    for _ in 0..300 {
        let ty = random.ty(3);
        let bytes = encode(&random.value(&ty, true), &ty);
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len], &ty).is_err(), "{len} of {bytes:x?}");
        }
    }
}

#[test]
fn garbage_never_panics() {
    let mut random = Random::new(3);
    for _ in 0..300 {
        let ty = random.ty(3);
        let bytes = encode(&random.value(&ty, true), &ty);
        for _ in 0..50 {
            let mut mutated = bytes.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(mutated.len());
                mutated[at] = random.below(256) as u8;
            }
            if let Ok(value) = decode(&mutated, &ty) {
                assert_eq!(decode(&encode(&value, &ty), &ty), Ok(value));
            }
        }
    }
    for _ in 0..10_000 {
        let bytes: Vec<u8> = (0..random.below(40)).map(|_| random.below(256) as u8).collect();
        let _ = decode(&bytes, &random.ty(2));
    }
}

#[test]
fn a_double_goes_back_as_the_bytes_that_came_in() {
    for double in [0.04_f64, 0.1, 4.0, -0.0, 1e300, 5e-324, 1.5] {
        let mut bytes = vec![0xcb];
        bytes.extend(double.to_be_bytes());
        assert_eq!(encode(&decode(&bytes, &Type::Number).unwrap(), &Type::Number), bytes, "{double}");
    }
}
