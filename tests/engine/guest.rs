//! The guest against a client that makes no sense, and `dp` against a guest that is none: neither
//! hangs, neither is led elsewhere, and the sandbox serves on.

use crate::sh;
use crate::support::{DEADLINE, Dp, Ran, docker, wait_until};
use bytes::BytesMut;
use dp::guest::frame::{self, Kind, MAX_PAYLOAD};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The sandbox's socket on this machine.
pub fn socket(dp: &Dp) -> PathBuf {
    let mounts = dp.inspect()["Mounts"].take();
    let mut mounts = mounts.as_array().expect("a list").iter();
    let shared = mounts.find(|mount| mount["Destination"] == "/.dp/s");
    let source = shared.expect("it is shared")["Source"]
        .as_str()
        .expect("a path");
    PathBuf::from(source).join("guest.sock")
}

fn connect(dp: &Dp) -> UnixStream {
    let stream = UnixStream::connect(socket(dp)).expect("the guest listens");
    stream.set_read_timeout(Some(DEADLINE)).expect("a deadline");
    stream
}

fn encoded(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    frame::encode(kind, payload, &mut out);
    out.to_vec()
}

fn request(value: &Value) -> Vec<u8> {
    encoded(Kind::Request, value.to_string().as_bytes())
}

fn reply(value: &Value) -> Vec<u8> {
    encoded(Kind::Reply, value.to_string().as_bytes())
}

fn hello() -> Vec<u8> {
    request(&json!({"do": "hello", "protocol": dp::guest::PROTOCOL, "version": "test"}))
}

/// Everything that the guest answers until it ends the connection.
fn answers(stream: &mut UnixStream) -> Vec<Value> {
    let mut buffer = BytesMut::new();
    let mut bytes = Vec::new();
    let _reset = stream.read_to_end(&mut bytes);
    buffer.extend_from_slice(&bytes);
    let mut found = Vec::new();
    while let Ok(Some(frame)) = frame::decode(&mut buffer) {
        found.push(serde_json::from_slice(&frame.payload).expect("replies are JSON"));
    }
    found
}

#[track_caller]
fn assert_serves(dp: &Dp) {
    assert_eq!(
        dp.run(["sandbox", "exec", ".", "echo", "fine"]).ok(),
        "fine"
    );
}

#[test]
fn bytes_that_are_no_frames_end_their_connection_and_nothing_else() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let noise: Vec<u8> = (0..100_000_u32)
        .map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[2])
        .collect();
    let table: [(&str, Vec<u8>); 9] = [
        ("noise", noise),
        ("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("four gigabytes", vec![0xff, 0xff, 0xff, 0xff, 1]),
        ("more than is allowed", vec![2, 0, 0x10, 0, 1]),
        ("nothing", vec![0, 0, 0, 0, 1]),
        ("an unknown kind", vec![1, 0, 0, 0, 9]),
        ("no hello", request(&json!({"do": "list"}))),
        ("no JSON", encoded(Kind::Request, b"{")),
        ("a frame of the other side", encoded(Kind::Stdout, b"x")),
    ];
    for (what, bytes) in table {
        let mut stream = connect(&dp);
        let _reset = stream.write_all(&bytes);
        let answers = answers(&mut stream);
        assert!(
            answers.iter().all(|answer| answer["is"] == "failed"),
            "{what}: {answers:?}"
        );
        assert_serves(&dp);
    }
    let log = docker(&["logs", &dp.container()]);
    assert!(!log.contains("panicked"), "{log}");
}

#[test]
fn half_a_frame_waits_without_keeping_others_waiting() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mut whole = hello();
    whole.extend(encoded(Kind::Stdin, &vec![b'x'; MAX_PAYLOAD]));
    let mut waiting = Vec::new();
    for length in [1, 4, 5, 20, whole.len() / 2, whole.len() - 1] {
        let mut stream = connect(&dp);
        stream
            .write_all(&whole[..length])
            .expect("the guest reads it");
        waiting.push(stream);
    }
    assert_serves(&dp);
    drop(waiting);
    assert_serves(&dp);
}

#[test]
fn requests_that_are_unknown_or_wrong_are_answered_and_the_next_is_carried_out() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mut stream = connect(&dp);
    let mut bytes = hello();
    for wrong in [
        json!({"do": "something-of-the-future", "x": 1}),
        json!({"do": "start"}),
        json!({"do": "start", "argv": []}),
        json!({"do": "start", "argv": ["true"], "cwd": "/no/such"}),
        json!({"do": "attach", "id": 99}),
        json!({"do": "kill", "id": 99, "signal": 9}),
        json!({"do": "logs", "key": "../../etc/passwd"}),
    ] {
        bytes.extend(request(&wrong));
    }
    for ignored in [
        json!({"do": "resize", "rows": 1, "cols": 1}),
        json!({"do": "signal", "signal": 9}),
        json!({"do": "close-stdin"}),
        json!({"do": "close-stdout"}),
    ] {
        bytes.extend(request(&ignored));
    }
    bytes.extend(encoded(Kind::Stdin, b"for nobody"));
    bytes.extend(request(&json!({"do": "list", "field": "of the future"})));
    bytes.extend(request(&json!({"do": "detach"})));
    stream.write_all(&bytes).expect("the guest reads it");
    let answers = answers(&mut stream);
    let kinds: Vec<&str> = answers
        .iter()
        .filter_map(|answer| answer["is"].as_str())
        .collect();
    let failed = ["failed"; 7];
    assert_eq!(
        kinds,
        [&["hello"], &failed[..], &["processes"]].concat(),
        "{answers:?}"
    );
    let codes: Vec<&str> = answers[1..8]
        .iter()
        .filter_map(|answer| answer["code"].as_str())
        .collect();
    assert_eq!(
        codes,
        [
            "unknown-request",
            "unknown-request",
            "not-found",
            "no-directory",
            "no-process",
            "no-process",
            "no-process"
        ]
    );
}

#[test]
fn a_client_of_an_older_protocol_is_told_so() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mut stream = connect(&dp);
    stream
        .write_all(&request(&json!({"do": "hello", "protocol": 0})))
        .expect("the guest reads it");
    let answers = answers(&mut stream);
    let last = answers.last().expect("an answer");
    assert_eq!(
        (&last["is"], &last["code"]),
        (&json!("failed"), &json!("protocol")),
        "{answers:?}"
    );
}

#[test]
fn a_client_that_keeps_to_no_window_takes_nothing_down() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mut stream = connect(&dp);
    let start = json!({"do": "start", "argv": ["sleep", "1000"], "stdin": true});
    let mut bytes = hello();
    bytes.extend(request(&start));
    stream.write_all(&bytes).expect("the guest reads it");
    stream
        .set_write_timeout(Some(Duration::from_secs(2)))
        .expect("a deadline");
    let flood = encoded(Kind::Stdin, &vec![b'x'; MAX_PAYLOAD]);
    for _ in 0..64 {
        if stream.write_all(&flood).is_err() {
            break; // It is held back, as it should be.
        }
    }
    let size = "sed -n 's/^RssAnon:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/1/status";
    let size = dp.run(["sandbox", "exec", ".", "sh", "-c", size]).ok();
    let size: usize = size.parse().expect("a number");
    assert!(size < 16 * 1024, "the guest keeps {size} KiB of it");
    drop(stream);
    assert_serves(&dp);
}

#[test]
fn hundreds_of_silent_clients_are_served_around_and_forgotten() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let count = || {
        let script = "ls /proc/1/fd | wc -l";
        let ran = dp.run(["sandbox", "exec", "-u", "root", ".", "sh", "-c", script]);
        ran.ok().trim().parse::<usize>().expect("a number")
    };
    let before = count();
    let silent: Vec<UnixStream> = (0..300).map(|_| connect(&dp)).collect();
    assert_serves(&dp);
    drop(silent);
    wait_until("they are forgotten", DEADLINE, || count() <= before);
}

#[test]
fn an_idle_guest_gives_its_code_back_and_serves_on() {
    let dp = Dp::on_engine();
    // The one who looks lives inside, since whoever comes in brings pages along.
    let look =
        "while sed -n 's/^RssFile:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/1/status; do sleep 1; done";
    let look = format!("({look}) > sizes");
    let looking = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", &look]);
    let path = dp.path("sizes");
    wait_until("it gives more than half of it back", DEADLINE, || {
        let sizes = std::fs::read_to_string(&path).unwrap_or_default();
        let sizes: Vec<usize> = sizes.lines().filter_map(|line| line.parse().ok()).collect();
        let most = sizes.iter().max().copied().unwrap_or_default();
        sizes.last().is_some_and(|last| last * 2 < most)
    });
    assert_serves(&dp);
    drop(looking);
}

#[test]
fn the_guest_cannot_be_killed_or_stopped_from_inside() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    dp.run([
        "sandbox",
        "exec",
        "-u",
        "root",
        ".",
        "sh",
        "-c",
        "kill -9 1; kill -STOP 1; kill -HUP 1",
    ]);
    assert_serves(&dp);
}

/// Puts something else in the socket's place.
fn replace(dp: &Dp, command: &str) {
    let socket = socket(dp);
    let directory = socket.parent().expect("it is in one");
    let script = format!("rm -rf guest.sock && {command}");
    let mut shell = std::process::Command::new("sh");
    let done = shell.args(["-c", &script]).current_dir(directory).status();
    assert!(done.expect("a shell").success(), "{command}");
}

fn assert_works_or_says_so(ran: &Ran) {
    let says_so = ran.code == 125 && ran.err().contains("error: ");
    assert!(says_so || (ran.code == 0 && ran.out() == "done\n"), "{ran}");
}

#[test]
fn a_link_in_the_sockets_place_is_not_followed() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let path = dp.root().join("of-the-host.sock");
    let victim = UnixListener::bind(&path).expect("a socket");
    victim.set_nonblocking(true).expect("it can be asked");
    replace(&dp, &format!("ln -s {} guest.sock", path.display()));
    assert!(socket(&dp).is_symlink());
    let ran = sh(&dp, "echo done");
    assert_works_or_says_so(&ran);
    assert_works_or_says_so(&dp.run(["sandbox", "exec", ".", "echo", "done"]));
    let visitor = victim.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(visitor, Err(std::io::ErrorKind::WouldBlock), "nobody came");
    // Nor is the link's target removed with the sandbox.
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    assert!(path.exists());
    assert_eq!(sh(&dp, "echo done").ok(), "done");
}

#[test]
fn other_things_in_the_sockets_place_are_not_opened() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    for command in [
        "true",
        "echo x > guest.sock",
        "mkfifo guest.sock",
        "mkdir guest.sock",
    ] {
        replace(&dp, command);
        assert_works_or_says_so(&sh(&dp, "echo done"));
    }
    docker(&["restart", "--time", "10", &dp.container()]);
    let ran = sh(&dp, "echo done");
    assert_works_or_says_so(&ran);
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    assert_eq!(
        sh(&dp, "echo done").ok(),
        "done",
        "and then there is a new one"
    );
}

/// A guest that answers every connection with these bytes and waits for its end. Tells of each.
fn impostor(dp: &Dp, bytes: Vec<u8>) -> Receiver<()> {
    let path = socket(dp);
    std::fs::remove_file(&path).expect("the guest's socket");
    let listener = UnixListener::bind(&path).expect("a socket in its place");
    let (sender, visits) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _gone = stream.write_all(&bytes);
            let _gone = sender.send(());
            let _gone = stream.read_to_end(&mut Vec::new());
        }
    });
    visits
}

#[test]
fn an_impostor_is_found_out() {
    let mut other = reply(&json!({"is": "hello", "protocol": 1}));
    other.extend(encoded(Kind::Stdout, b"\x1b]0;owned\x07"));
    let mut backwards = reply(&json!({"is": "hello", "protocol": 1}));
    backwards.extend(encoded(Kind::Request, b"{}"));
    for (what, bytes) in [
        ("noise", b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ("four gigabytes", vec![0xff, 0xff, 0xff, 0xff, 2]),
        ("output before an answer", other),
        ("requests", backwards),
        ("no JSON", encoded(Kind::Reply, b"{")),
    ] {
        let dp = Dp::on_engine();
        sh(&dp, "true").ok();
        impostor(&dp, bytes);
        let ran = sh(&dp, "echo done");
        assert_eq!((ran.code, ran.out()), (125, String::new()), "{what}: {ran}");
        assert!(
            ran.err().contains("something else than its protocol"),
            "{what}: {ran}"
        );
        assert!(
            ran.err().contains("  hint: `dp sandbox stop`"),
            "{what}: {ran}"
        );
    }
}

#[test]
fn an_impostor_that_says_nothing_is_not_waited_for_for_ever() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    impostor(&dp, Vec::new());
    let ran = dp
        .spawn(["run", "shell", "-c", "echo done"])
        .wait_for(DEADLINE);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("did not answer"), "{ran}");
}

#[test]
fn an_impostor_that_says_nothing_can_be_left_at_once() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let dp = Dp::on_engine();
        sh(&dp, "true").ok();
        let visits = impostor(&dp, Vec::new());
        let running = dp.spawn(["run", "shell", "-c", "echo done"]);
        visits.recv_timeout(DEADLINE).expect("dp comes");
        running.signal(signal);
        assert_eq!(running.wait_for(Duration::from_secs(5)).code, code);
    }
}

#[test]
fn a_guest_of_another_generation_is_to_be_made_anew() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    impostor(&dp, reply(&json!({"is": "hello", "protocol": 0})));
    let ran = sh(&dp, "echo done");
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err().contains("is of another generation (protocol 0"),
        "{ran}"
    );
    assert!(ran.err().contains("hint: `--recreate`"), "{ran}");
    let words = [
        "run",
        "--recreate",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "echo done",
    ];
    assert_eq!(dp.run(words).ok(), "done");
}

#[test]
fn a_guest_that_does_not_know_a_request_is_to_be_made_anew() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mut bytes = reply(&json!({"is": "hello", "protocol": 1, "version": "0.0.1"}));
    let unknown =
        json!({"is": "failed", "code": "unknown-request", "message": "unknown variant `prepare`"});
    bytes.extend(reply(&unknown));
    impostor(&dp, bytes);
    let ran = sh(&dp, "echo done");
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("--recreate"), "{ran}");
}
