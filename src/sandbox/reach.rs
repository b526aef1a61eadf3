//! What of the engine's machine a sandbox reaches over the network: programs that listen on an
//! address which is not the machine's own loopback.

use super::network;
use crate::engine::endpoint::Address;
use crate::engine::{Engine, EngineError};
use crate::files;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::Path;

/// The network that stands for ours as long as there is none of ours.
const DEFAULT: &str = "bridge";
/// The state of a socket that listens, as the kernel writes it.
const LISTEN: &str = "0A";
/// A line has 150 bytes.
const LONGEST: u64 = 16 << 20;

/// What a sandbox reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Listeners of this machine, in order.
    Listeners {
        /// The address that the machine has in the network of the sandboxes, once there is one.
        gateway: Option<IpAddr>,
        /// Where programs listen for TCP.
        listeners: Vec<SocketAddr>,
    },
    /// The engine's network is not this machine's.
    Elsewhere,
}

/// Looks at the sockets of this machine.
///
/// # Errors
/// [`EngineError`].
pub async fn look(engine: &Engine) -> Result<Reach, EngineError> {
    let mut networks = engine.networks_called(network::NAME).await?;
    if networks.is_empty() {
        networks = engine.networks_called(DEFAULT).await?;
    }
    let gateways = networks.iter().flat_map(|network| &network.gateways);
    let gateways: Vec<IpAddr> = gateways
        .filter_map(|gateway| gateway.parse().ok())
        .collect();
    let gateway = gateways.iter().find(|gateway| is_ours(**gateway)).copied();
    let is_local = matches!(engine.endpoint().address, Address::Unix(_));
    // Before there is a network of ours, an engine may not tell of any gateway.
    if !is_local || (gateway.is_none() && !gateways.is_empty()) {
        return Ok(Reach::Elsewhere);
    }
    let has_v6 = gateways.iter().any(IpAddr::is_ipv6);
    let tables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
    // A machine without IPv6 has no second table.
    let tables = tables
        .iter()
        .filter_map(|table| files::read_text(Path::new(table), LONGEST).ok());
    let all: BTreeSet<SocketAddr> = tables.flat_map(|table| listeners(&table)).collect();
    Ok(Reach::Listeners {
        gateway,
        listeners: { all.into_iter() }
            .filter(|listener| is_reached(listener.ip(), has_v6))
            .collect(),
    })
}

/// An address of this network namespace: nothing is sent.
fn is_ours(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

/// The addresses on which somebody listens, by the text of `/proc/net/tcp` or `tcp6`. What is no
/// such line is left out.
fn listeners(table: &str) -> Vec<SocketAddr> {
    let of_line = |line: &str| {
        let mut fields = line.split_ascii_whitespace().skip(1);
        let (local, _remote) = (fields.next()?, fields.next()?);
        (fields.next()? == LISTEN).then(|| address(local))?
    };
    table.lines().filter_map(of_line).collect()
}

/// `0100007F:1F90`: words of 32 bits in the order of the machine, and the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (digits, port) = text.split_once(':')?;
    let word = |at: usize| {
        let word = u32::from_str_radix(digits.get(at * 8..at * 8 + 8)?, 16).ok()?;
        Some(word.to_ne_bytes())
    };
    let ip: IpAddr = match digits.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let bytes: [u8; 16] = words.as_flattened().try_into().ok()?;
            Ipv6Addr::from(bytes).to_canonical()
        }
        _ => return None,
    };
    Some((ip, u16::from_str_radix(port, 16).ok()?).into())
}

/// A machine answers on each of its addresses, whatever interface a packet came by: all but the
/// loopback's count. `::` takes IPv4 as well.
fn is_reached(address: IpAddr, has_v6: bool) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_loopback(),
        IpAddr::V6(address) if address.is_unspecified() => true,
        IpAddr::V6(address) => has_v6 && !address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn the_tables_of_the_kernel_are_read() {
        let head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt";
        let line = |local: &str, state: &str| {
            format!(
                "   0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 0 0 1"
            )
        };
        let table = [
            ("00000000:0016", "0A", Some("0.0.0.0:22")),
            ("0100007F:1F90", "0A", Some("127.0.0.1:8080")),
            ("010012AC:0050", "0A", Some("172.18.0.1:80")),
            ("010012AC:0050", "01", None),
            ("00000000:0016", "06", None),
            (
                "00000000000000000000000000000000:01BB",
                "0A",
                Some("[::]:443"),
            ),
            (
                "00000000000000000000000001000000:01BB",
                "0A",
                Some("[::1]:443"),
            ),
            (
                "0000000000000000FFFF0000010012AC:0050",
                "0A",
                Some("172.18.0.1:80"),
            ),
            (
                "B80D0120000000000000000001000000:0050",
                "0A",
                Some("[2001:db8::1]:80"),
            ),
            ("0100:0050", "0A", None),
            ("01000é7F:0050", "0A", None),
            ("0100007F", "0A", None),
            ("0100007F:FFFFF", "0A", None),
        ];
        for (local, state, expected) in table {
            let text = format!("{head}\n{}\n", line(local, state));
            let expected: Vec<SocketAddr> = { expected.iter() }
                .map(|text| text.parse().expect("an address"))
                .collect();
            assert_eq!(listeners(&text), expected, "{local} {state}");
        }
        assert_eq!(listeners("   0: 00000000:0016\n\n   0:"), []);
    }

    #[test]
    fn all_but_the_loopback_is_reached() {
        let table = [
            ("0.0.0.0", true, true),
            ("127.0.0.1", false, false),
            ("127.8.8.8", false, false),
            ("172.18.0.1", true, true),
            ("192.168.1.7", true, true),
            ("::", true, true),
            ("::1", false, false),
            ("fe80::1", false, true),
            ("2001:db8::1", false, true),
        ];
        for (address, without, with) in table {
            let address = address.parse().expect("an address");
            assert_eq!(is_reached(address, false), without, "{address}");
            assert_eq!(is_reached(address, true), with, "{address}");
        }
    }
}
