//! Ports: the comma list of create, the objects of edit, and the rules that both share.

use super::{Port, Tool};
use crate::answer::{Refusal, Result};

/// Ports of the platform itself.
pub(crate) const RESERVED: [u16; 3] = [2222, 2223, 2224];

/// Ports and tools together.
const MOST: usize = 15;

/// Reads a list such as `80/http, 3306/tcp`. An empty text is an empty list.
pub(crate) fn parse(text: &str) -> Result<Vec<Port>> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    text.split(',').map(|it| parse_one(it.trim())).collect()
}

/// The rules over all ports of an instance: none reserved, none twice, not too many.
pub(crate) fn check(ports: &[Port], tools: &[Tool]) -> Result<()> {
    let mut seen = Vec::new();
    for port in ports {
        check_number("ports", port.port, &mut seen)?;
    }
    for tool in tools {
        check_number("tools", number("tools", &tool.port)?, &mut seen)?;
    }
    if seen.len() > MOST {
        return Err(Refusal::field(
            "ports",
            &format!("{} ports and tools, at most {MOST} are allowed", seen.len()),
        ));
    }
    Ok(())
}

fn parse_one(text: &str) -> Result<Port> {
    let (port, kind) = text
        .split_once('/')
        .ok_or_else(|| Refusal::field("ports", &format!("\"{text}\" is not of the form PORT/TYPE")))?;
    if kind != "tcp" && kind != "http" {
        return Err(Refusal::field("ports", &format!("\"{kind}\" is not tcp or http")));
    }
    Ok(Port { port: number("ports", port)?, kind: kind.to_owned() })
}

/// Decimal digits only: `+80` and ` 80` are refused.
fn number(field: &str, text: &str) -> Result<u16> {
    let digits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    match text.parse() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err(Refusal::field(field, &format!("\"{text}\" is not a port from 1 to 65535"))),
    }
}

fn check_number(field: &str, port: u16, seen: &mut Vec<u16>) -> Result<()> {
    if RESERVED.contains(&port) {
        return Err(Refusal::field(field, &format!("{port} is reserved for the platform")));
    }
    if seen.contains(&port) {
        return Err(Refusal::field(field, &format!("{port} is used twice")));
    }
    seen.push(port);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(text: &str) -> String {
        match parse(text).and_then(|it| check(&it, &[]).map(|()| it)) {
            Ok(ports) => {
                ports.iter().map(|it| format!("{}/{}", it.port, it.kind)).collect::<Vec<_>>().join(" ")
            }
            Err(refusal) => refusal.message,
        }
    }

    #[test]
    fn a_port_list_is_numbers_and_types() {
        assert_eq!(outcome("80/http, 3306/tcp,65535/tcp"), "80/http 3306/tcp 65535/tcp");
        assert_eq!(outcome("  "), "");
        assert_eq!(outcome("80"), "ports: \"80\" is not of the form PORT/TYPE");
        assert_eq!(outcome("80/udp"), "ports: \"udp\" is not tcp or http");
        assert_eq!(outcome("80/http,"), "ports: \"\" is not of the form PORT/TYPE");
        for wrong in ["0/tcp", "65536/tcp", "+80/tcp", "8 0/tcp", "/tcp"] {
            assert!(outcome(wrong).contains("is not a port from 1 to 65535"), "{wrong}");
        }
    }

    #[test]
    fn platform_ports_and_ports_given_twice_are_refused() {
        for port in RESERVED {
            assert_eq!(
                outcome(&format!("{port}/tcp")),
                format!("ports: {port} is reserved for the platform")
            );
        }
        assert_eq!(outcome("80/http,80/tcp"), "ports: 80 is used twice");
    }

    #[test]
    fn ports_and_tools_are_fifteen_at_most() {
        let list = |count: u16| (1..=count).map(|it| format!("{it}/tcp")).collect::<Vec<_>>().join(",");
        let tool = Tool { name: "Jupyter".to_owned(), port: "8888".to_owned(), kind: "http".to_owned() };
        assert!(check(&parse(&list(15)).unwrap(), &[]).is_ok());
        assert!(check(&parse(&list(14)).unwrap(), std::slice::from_ref(&tool)).is_ok());
        assert!(check(&parse(&list(15)).unwrap(), &[tool]).unwrap_err().message.contains("at most 15"));
    }
}
