//! A stateful stand-in for the vendors' APIs on the loopback.
//!
//! For tests (a library) and for trying HCL without an account (the program `mock-cloud`). It is
//! written from the API documents and shares no type with the provider, so that the two are
//! independent witnesses. Start reading at [`MockCloud`]; `core` is the mock without HTTP, `novita`
//! and `novacloud` are the vendors' behaviour, `style` is what both platforms do of their own accord,
//! `server` is all that knows of HTTP.
//!
#![doc = include_str!("../README.md")]

mod answer;
mod behind;
mod books;
mod clock;
mod cloud;
mod control;
mod core;
mod direct;
mod faults;
mod ids;
mod log;
pub mod novacloud;
pub mod novita;
mod odd;
mod openapi;
mod record;
mod server;
pub mod style;
mod walk;

pub use clock::{Clock, parse_duration};
pub use cloud::{FaultList, Machine, MockCloud, Options};
pub use direct::{Direct, Reply};
pub use faults::{Effect, Fault, Ignored, Matcher, Times, When};
pub use log::Request;
pub use novita::ending::Ending;
pub use novita::style::{Actions, AnswerStyle, Gone};
pub use odd::{CreatedId, Odd};
pub use openapi::Description;
pub use style::{Group, Odds, Style, Switch};
pub use walk::{Pace, Walk};
