//! Published ports: `[IP:][HOST:]CONTAINER[/PROTO]`, on loopback unless an address is given.

use serde::Serialize;
use std::net::IpAddr;

const LOOPBACK: &str = "127.0.0.1";

/// A port of a container on a port of the host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PublishedPort {
    /// Address of the host.
    pub ip: String,
    /// Port of the host; any free one without.
    pub host: Option<u16>,
    /// Port inside.
    pub container: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// A text that is no published port.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{given}` is not a published port: {problem}")]
pub struct PortError {
    /// As given.
    pub given: String,
    /// In words.
    pub problem: &'static str,
}

/// Parses one port.
///
/// # Errors
/// [`PortError`].
pub fn parse(text: &str) -> Result<PublishedPort, PortError> {
    let error = |problem| PortError {
        given: text.to_string(),
        problem,
    };
    let (rest, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    if !["tcp", "udp", "sctp"].contains(&protocol) {
        return Err(error("the protocol is `tcp`, `udp` or `sctp`"));
    }
    let (rest, container) = rest.rsplit_once(':').unwrap_or(("", rest));
    let (ip, host) = match rest.rsplit_once(':') {
        _ if rest.ends_with(']') => (rest, ""),
        Some((ip, host)) => (ip, host),
        None if rest.parse::<IpAddr>().is_ok() => (rest, ""),
        None => ("", rest),
    };
    let number = |text: &str| text.parse::<u16>().ok().filter(|port| *port > 0);
    let container = number(container).ok_or_else(|| error("a port is a number from 1 to 65535"))?;
    let host = match host {
        "" => None,
        host => Some(number(host).ok_or_else(|| error("a port is a number from 1 to 65535"))?),
    };
    let bare = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']'));
    let ip = match bare.unwrap_or(ip) {
        "" if bare.is_none() => LOOPBACK,
        ip if ip.parse::<IpAddr>().is_ok() => ip,
        _ => return Err(error("the address is not an IP address")),
    };
    Ok(PublishedPort {
        ip: ip.to_string(),
        host,
        container,
        protocol: protocol.to_string(),
    })
}

/// As a person writes it, always with the address.
#[must_use]
pub fn format(port: &PublishedPort) -> String {
    let PublishedPort {
        ip,
        host,
        container,
        protocol,
    } = port;
    let host = host.map_or_else(String::new, |host| host.to_string());
    format!("{}:{host}:{container}/{protocol}", bracketed(ip))
}

/// Where a port is reached on the host: `127.0.0.1:8080`, `[::1]:8080`; without a number `-`.
#[must_use]
pub fn address(port: &PublishedPort) -> String {
    let host = port
        .host
        .map_or_else(|| "-".into(), |host| host.to_string());
    format!("{}:{host}", bracketed(&port.ip))
}

/// An address with the brackets that keep the colons of one from those around it.
fn bracketed(ip: &str) -> String {
    if ip.contains(':') {
        format!("[{ip}]")
    } else {
        ip.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let table = [
            ("80", Ok("127.0.0.1::80/tcp")),
            ("8080:80", Ok("127.0.0.1:8080:80/tcp")),
            ("8080:80/udp", Ok("127.0.0.1:8080:80/udp")),
            ("0.0.0.0:8080:80", Ok("0.0.0.0:8080:80/tcp")),
            ("0.0.0.0::80", Ok("0.0.0.0::80/tcp")),
            ("[::1]:8080:80", Ok("[::1]:8080:80/tcp")),
            ("[::1]:80", Ok("[::1]::80/tcp")),
            ("[::1]::80", Ok("[::1]::80/tcp")),
            ("::1:8080:80", Ok("[::1]:8080:80/tcp")),
            ("[::1", Err("the address is not an IP address")),
            ("[]:1:80", Err("the address is not an IP address")),
            ("0", Err("a port is a number from 1 to 65535")),
            ("70000:80", Err("a port is a number from 1 to 65535")),
            ("x:80", Err("a port is a number from 1 to 65535")),
            ("host:1:80", Err("the address is not an IP address")),
            ("80/icmp", Err("the protocol is `tcp`, `udp` or `sctp`")),
            ("", Err("a port is a number from 1 to 65535")),
        ];
        for (text, expected) in table {
            let got = parse(text)
                .map(|port| format(&port))
                .map_err(|error| error.problem);
            assert_eq!(got.as_deref(), expected.as_ref().copied(), "{text}");
        }
    }

    #[test]
    fn addresses() {
        let table = [
            ("8080:80", "127.0.0.1:8080"),
            ("[::1]:8080:80", "[::1]:8080"),
            ("80", "127.0.0.1:-"),
        ];
        for (text, expected) in table {
            assert_eq!(address(&parse(text).expect("a port")), expected, "{text}");
        }
    }
}
