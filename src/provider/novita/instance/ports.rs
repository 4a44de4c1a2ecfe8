//! Ports of an instance: how HCL writes them, how create and edit want them, and how they read back.
//!
//! The API has three spellings for one thing: a comma string on create, objects on edit, and
//! `portMappings` on read, where the tools' ports and the platform's own are mixed in. The platform opens
//! 22/tcp too, asked or not (assumed), so that one is the user's only where it is configured.

use std::fmt;

use serde_json::Value as Json;
use tfplugin::attr::{Attr, Set};
use tfplugin::check::Format;
use tfplugin::model::{Model, StringEnum};
use tfplugin::resource::Rules;
use tfplugin::value::Value;

use crate::provider::novita::instance::answer::{self, Instance};

/// Ports that the platform keeps for itself, from the create call's documentation.
const RESERVED: std::ops::RangeInclusive<i64> = 2222..=2224;

/// The port that the platform opens for SSH.
const SSH: Port = Port { number: 22, protocol: Protocol::Tcp };

/// Most ports of an instance, the tools' included, from the create call's documentation.
const MOST: usize = 15;

/// How a port is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, StringEnum)]
pub(crate) enum Protocol {
    Tcp,
    Http,
}

/// One port with its protocol, in HCL `8080/http`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Port {
    pub(crate) number: i64,
    pub(crate) protocol: Protocol,
}

impl fmt::Display for Port {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.number, self.protocol.as_str())
    }
}

/// The form of an element of `ports`.
pub(crate) static PORT: Format = Format {
    text: "`PORT/tcp` or `PORT/http`, PORT being 1 to 65535 but not 2222, 2223 or 2224",
    reject: |text| parse(text).err(),
};

/// Reads `8080/http`.
///
/// # Errors
/// What is wrong, without naming the attribute.
pub(crate) fn parse(text: &str) -> Result<Port, String> {
    let shape = || format!("{text:?} does not have this form.");
    let (number, protocol) = text.split_once('/').ok_or_else(shape)?;
    let protocol = Protocol::from_text(protocol).filter(|it| it.as_str() == protocol).ok_or_else(shape)?;
    let canonical = !number.starts_with('0') && number.bytes().all(|it| it.is_ascii_digit());
    let number = number.parse().ok().filter(|_| canonical).ok_or_else(shape)?;
    match reject_number(number) {
        Some(fault) => Err(fault),
        None => Ok(Port { number, protocol }),
    }
}

/// The form in which elements of `ports` are compared: an API may write the protocol in any case.
pub(crate) fn canonical(port: &str) -> String {
    port.to_lowercase()
}

/// Why a number cannot be a port of an instance, if it cannot.
pub(crate) fn reject_number(number: i64) -> Option<String> {
    if !(1..=65535).contains(&number) {
        return Some(format!("Port {number} is outside of 1 to 65535."));
    }
    RESERVED.contains(&number).then(|| format!("Port {number} belongs to the platform."))
}

/// The known ports of the attribute, in a fixed order.
pub(crate) fn known(ports: &Attr<Set<String>>) -> Vec<Port> {
    let elements = ports.known().into_iter().flat_map(Set::known);
    let mut ports: Vec<_> = elements.filter_map(|it| parse(it).ok()).collect();
    ports.sort_unstable();
    ports
}

/// The create call's form: `80/http, 3306/tcp`.
pub(crate) fn to_wire(ports: &Value) -> Json {
    let elements = ports.as_slice().unwrap_or_default().iter().filter_map(Value::as_str);
    let mut ports: Vec<_> = elements.filter_map(|it| parse(it).ok()).collect();
    ports.sort_unstable();
    Json::from(ports.iter().map(Port::to_string).collect::<Vec<_>>().join(", "))
}

/// Whether the platform keeps a port for itself.
pub(crate) fn is_reserved(number: i64) -> bool {
    RESERVED.contains(&number)
}

/// The open ports of an answer that are neither reserved nor a tool's, in a fixed order. A port of `known` is never
/// a tool's.
pub(crate) fn open(instance: &Instance, tools: &Attr<Set<Tool>>, known: &[Port]) -> Vec<Port> {
    let listed = instance.tools.iter().flatten().filter_map(|it| it.port);
    let tools: Vec<_> = of_tools(tools).into_iter().chain(listed).chain(instance.jupyter.port).collect();
    let own = |it: &answer::PortMapping| {
        let number = it.port.filter(|it| !is_reserved(*it))?;
        let before = known.iter().find(|it| it.number == number);
        let protocol = Protocol::from_text(&it.kind).or_else(|| before.map(|it| it.protocol))?;
        (before.is_some() || !tools.contains(&number)).then_some(Port { number, protocol })
    };
    let mut ports: Vec<_> = instance.port_mappings.iter().filter_map(own).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The same without the port for SSH, unless it is one of `known`.
pub(crate) fn managed(instance: &Instance, tools: &Attr<Set<Tool>>, known: &[Port]) -> Vec<Port> {
    let mut ports = open(instance, tools, known);
    ports.retain(|port| *port != SSH || known.iter().any(|it| it.number == port.number));
    ports
}

/// The list to send when the managed ports change from `old` to `new`: what is open, with the differences put in.
pub(crate) fn changed(open: Vec<Port>, old: &[Port], new: &[Port]) -> Vec<Port> {
    let mut ports = open;
    ports.retain(|port| old.iter().chain(new).all(|it| it.number != port.number));
    ports.extend(new);
    ports.sort_unstable();
    ports
}

/// Whether `open` shows a change of the managed ports from `old` to `new`, as far as their numbers tell.
pub(crate) fn show(open: &[Port], old: &[Port], new: &[Port]) -> bool {
    let shows = |port: &Port| open.iter().any(|it| it.number == port.number);
    let stays = |port: &Port| new.iter().any(|it| it.number == port.number);
    new.iter().all(shows) && old.iter().all(|it| stays(it) || *it == SSH || !shows(it))
}

/// The tools of the official images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, StringEnum)]
pub(crate) enum ToolName {
    #[string_enum("Jupyter")]
    Jupyter,
}

/// A tool of the official images, started with the instance.
#[derive(Clone, Debug, PartialEq, Model)]
#[tf(nested)]
pub(crate) struct Tool {
    /// Name of the tool.
    #[tf(required)]
    pub(crate) name: Attr<ToolName>,
    /// Port on which the tool is opened. `2222`, `2223`, `2224` and ports in `ports` are not allowed.
    #[tf(required, range = 1..=65535, wire_with = number_as_text)]
    pub(crate) port: Attr<i64>,
    /// Protocol of the port.
    #[tf(required)]
    pub(crate) r#type: Attr<Protocol>,
}

/// The API wants a tool's port as a string.
fn number_as_text(number: &Value) -> Json {
    number.as_number().map_or(Json::Null, |it| Json::from(it.to_string()))
}

/// The known ports of the tools.
pub(crate) fn of_tools(tools: &Attr<Set<Tool>>) -> Vec<i64> {
    tools.known().into_iter().flat_map(Set::known).filter_map(|it| it.port.known().copied()).collect()
}

/// The rules between `ports` and `tools`.
pub(crate) fn validate(rules: &mut Rules, ports: &Attr<Set<String>>, tools: &Attr<Set<Tool>>) {
    let numbers: Vec<_> = known(ports).into_iter().map(|it| it.number).collect();
    let tool_numbers = of_tools(tools);
    reject_repeated(rules, "ports", &numbers);
    reject_repeated(rules, "tools", &tool_numbers);
    for number in &tool_numbers {
        if RESERVED.contains(number) {
            rules.reject("tools", format!("Port {number} belongs to the platform."));
        }
        if numbers.contains(number) {
            rules.reject("ports", format!("Port {number} is a tool's port and must not be listed here too."));
        }
    }
    let count = ports.known().map_or(0, |it| it.0.len()) + tools.known().map_or(0, |it| it.0.len());
    if count > MOST {
        let attribute = if ports.is_set() { "ports" } else { "tools" };
        rules.reject(
            attribute,
            format!("`ports` and `tools` may have {MOST} elements together. There are {count}."),
        );
    }
}

/// Refuses a port that stands twice.
pub(crate) fn reject_repeated(rules: &mut Rules, attribute: &str, numbers: &[i64]) {
    let repeated = numbers.iter().enumerate().find(|(index, it)| numbers[..*index].contains(it));
    if let Some((_, number)) = repeated {
        rules.reject(attribute, format!("Port {number} is listed twice: a port has one protocol."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_strictly() {
        assert_eq!(parse("8080/http"), Ok(Port { number: 8080, protocol: Protocol::Http }));
        assert_eq!(parse("1/tcp").map(|it| it.to_string()), Ok("1/tcp".to_owned()));
        let wrong =
            ["", "80", "80/udp", "/tcp", "080/tcp", "+80/tcp", "80 /tcp", "80/TCP", "0/tcp", "65536/tcp"];
        for text in wrong.into_iter().chain(["2222/tcp", "2224/http", "99999999999999999999/tcp"]) {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_create_call_takes_a_comma_list_in_a_fixed_order() {
        let ports = Value::Set(["3306/tcp", "80/http"].map(Value::from).to_vec());
        assert_eq!(to_wire(&ports), Json::from("80/http, 3306/tcp"));
        assert_eq!(to_wire(&Value::Set(Vec::new())), Json::from(""));
    }

    fn faults(ports: &[&str], tools: &[i64]) -> Vec<String> {
        let ports = Attr::Known(ports.iter().map(|it| (*it).to_owned()).collect());
        let tool = |port: &i64| Tool {
            name: ToolName::Jupyter.into(),
            port: (*port).into(),
            r#type: Protocol::Http.into(),
        };
        let mut rules = Rules::default();
        validate(&mut rules, &ports, &Attr::Known(tools.iter().map(tool).collect()));
        rules.diagnostics.0.into_iter().map(|it| it.detail).collect()
    }

    #[test]
    fn a_port_stands_once_in_ports_and_tools() {
        assert!(faults(&["80/http", "22/tcp"], &[8888]).is_empty());
        assert!(faults(&["80/http", "80/tcp"], &[])[0].contains("Port 80 is listed twice"));
        assert!(faults(&["8888/http"], &[8888])[0].contains("a tool's port"));
        assert!(faults(&[], &[2223])[0].contains("belongs to the platform"));
    }

    #[test]
    fn ports_and_tools_are_fifteen_at_most() {
        let ports: Vec<_> = (100..115).map(|it| format!("{it}/tcp")).collect();
        let ports: Vec<_> = ports.iter().map(String::as_str).collect();
        assert!(faults(&ports, &[]).is_empty());
        assert!(faults(&ports, &[8888])[0].contains("There are 16"));
    }
}
