//! An agent attacks what the machine serves beyond its loopback: `dp doctor` names exactly what a
//! sandbox reaches.

use crate::support::{Dp, docker, expect_documented};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// Somebody who greets whoever connects, and where.
fn greeter(address: &str) -> SocketAddr {
    let listener = TcpListener::bind((address, 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _gone = stream.write_all(b"reached\n");
        }
    });
    address
}

/// The address of the machine in the network of the sandboxes.
fn gateway() -> String {
    let format = "{{(index .IPAM.Config 0).Gateway}}";
    docker(&["network", "inspect", "--format", format, "dp"])
}

/// An address that the machine has on another interface, where it has one. Nothing is sent.
fn other_address() -> Option<String> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("203.0.113.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip().to_string())
}

#[test]
fn doctor_names_what_a_sandbox_reaches_and_nothing_else() {
    let dp = Dp::on_engine();
    dp.run(["run", "-t", "dp-test/busybox", "shell", "-c", "true"])
        .ok();
    let (ours, other) = (gateway(), other_address());
    let mut table = vec![
        (greeter("0.0.0.0"), ours.as_str(), true),
        (greeter("127.0.0.1"), &ours, false),
        (greeter("127.0.0.9"), &ours, false),
        (greeter(&ours), &ours, true),
        (greeter("::"), &ours, true),
    ];
    table.extend(
        other
            .iter()
            .map(|other| (greeter(other), other.as_str(), true)),
    );
    let rows = dp.run(["--format", "json", "doctor"]).json();
    expect_documented("doctor", &rows);
    let rows = rows.as_array().expect("a list");
    let row = rows.iter().find(|row| row["key"] == "host-listeners");
    let row = row.expect("an engine answers");
    assert_eq!(row["state"], "ok", "{row}");
    let listed = row["listeners"].as_array().expect("the engine is local");
    for (listener, address, is_reached) in table {
        let script = format!("nc -w 2 {address} {} </dev/null", listener.port());
        let ran = dp.run(["sandbox", "exec", ".", "sh", "-c", &script]);
        assert_eq!(ran.out() == "reached\n", is_reached, "{listener}: {ran}");
        let is_listed = listed.contains(&listener.to_string().into());
        assert_eq!(is_listed, is_reached, "{listener}: {row}");
    }
    // People get one line.
    let shown = dp.run(["doctor"]).ok();
    let mut lines = shown.lines().filter(|line| line.contains("host-listeners"));
    let line = lines.next().expect("a line");
    assert!(
        line.contains("a sandbox reaches") && line.contains(&ours),
        "{line}"
    );
    assert_eq!(lines.next(), None, "{shown}");
}
