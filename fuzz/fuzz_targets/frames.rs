//! What a stranger writes to the guest's socket, and what a stranger inside answers to `dp`.
#![no_main]

use bytes::BytesMut;
use dp::guest::client::Client;
use dp::guest::frame::{self, Kind};
use dp::guest::message::{Reply, Request};
use libfuzzer_sys::fuzz_target;
use std::io::Write;
use std::os::unix::net::UnixStream;

fuzz_target!(|bytes: &[u8]| {
    let mut buffer = BytesMut::from(bytes);
    let mut again = BytesMut::new();
    while let Ok(Some(frame)) = frame::decode(&mut buffer) {
        frame::encode(frame.kind, &frame.payload, &mut again);
        match frame.kind {
            Kind::Request => drop(serde_json::from_slice::<Request>(&frame.payload)),
            Kind::Reply => drop(serde_json::from_slice::<Reply>(&frame.payload)),
            _ => {}
        }
    }
    assert!(bytes.starts_with(&again), "what was read is what was written");
    if bytes.len() < 60_000 {
        answer(bytes);
    }
});

/// The client's side: an answer of garbage is an error, whatever it is.
fn answer(bytes: &[u8]) {
    let Ok((near, mut far)) = UnixStream::pair() else { return };
    let Ok(mut client) = Client::new(near) else { return };
    let _full = far.write_all(bytes);
    let _ended = far.shutdown(std::net::Shutdown::Write);
    if client.call(&Request::List).is_ok()
        && let Ok((_, mut events)) = client.split()
    {
        while let Ok(Some(_)) = events.wait() {}
    }
}
