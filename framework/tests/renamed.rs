//! The derives where the crate has another name.

#![cfg(test)]

/// What stands for a dependency under another name.
mod elsewhere {
    pub(crate) use tfplugin as framework;
}

use elsewhere::framework::attr::{Attr, List};
use elsewhere::framework::model::{Model, StringEnum};
use elsewhere::framework::value::Value;

/// How fast a disk is.
#[derive(Clone, Copy, Debug, PartialEq, StringEnum)]
#[string_enum(crate = crate::elsewhere::framework)]
enum Speed {
    Slow,
}

/// A disk.
#[derive(Model)]
#[tf(crate = crate::elsewhere::framework)]
struct Disk {
    /// Speed.
    #[tf(optional, replace)]
    speed: Attr<List<Speed>>,
}

#[test]
fn a_model_and_its_words_are_read_and_written() {
    let mut object = Value::Null;
    object.set("speed", Value::List(vec![Value::from("slow")]));
    let disk = Disk::from_object(&object).unwrap();
    assert_eq!(disk.speed.known().unwrap().0[0].known(), Some(&Speed::Slow));
    assert!(disk.to_object() == object);
}
