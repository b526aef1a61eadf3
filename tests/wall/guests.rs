//! Root inside a sandbox attacks the person's `dp`: it takes the guest's place, and never accepts,
//! never answers, never ends, or speaks the protocol wrongly.

use crate::support::{DEADLINE, Dp, Ran, docker, wait_until};
use bytes::BytesMut;
use dp::guest::frame::{self, Kind};
use dp::guest::message::mounts::MountsSeen;
use dp::guest::message::{Exit, Reply, Request};
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

const RUN: [&str; 6] = ["run", "-t", "dp-test/busybox", "shell", "-c", "echo done"];
/// A person who presses Ctrl-C does not wait longer.
const AT_ONCE: Duration = Duration::from_secs(3);

/// A sandbox that runs, and the place of its guest's socket on the host.
fn sandbox() -> (Dp, PathBuf) {
    let dp = Dp::on_engine();
    dp.run(RUN).ok();
    let inspected = dp.inspect();
    let mounts = inspected["Mounts"].as_array().expect("mounts");
    let shared = mounts.iter().find(|mount| mount["Destination"] == "/.dp/s");
    let source = shared.expect("it is bound")["Source"].as_str();
    let socket = PathBuf::from(source.expect("a path")).join("guest.sock");
    (dp, socket)
}

/// What the stand-in does with each connection.
type Behaviour = fn(UnixStream, &Receiver<()>);

/// A stand-in for the guest, until it is dropped.
struct StandIn {
    _over: Sender<()>,
}

impl StandIn {
    fn new(socket: &PathBuf, behaviour: Behaviour) -> Self {
        std::fs::remove_file(socket).expect("the guest's own");
        let listener = UnixListener::bind(socket).expect("a socket");
        let (over, is_over) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                behaviour(stream, &is_over);
                if is_over.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected) {
                    return;
                }
            }
        });
        Self { _over: over }
    }
}

fn frame(kind: Kind, payload: &[u8]) -> BytesMut {
    let mut out = BytesMut::new();
    frame::encode(kind, payload, &mut out);
    out
}

fn reply(reply: &Reply) -> BytesMut {
    frame(Kind::Reply, &serde_json::to_vec(reply).expect("JSON"))
}

fn hello() -> BytesMut {
    reply(&Reply::Hello {
        protocol: dp::guest::PROTOCOL,
        version: String::new(),
    })
}

/// The next request, if it is one.
fn request(stream: &mut UnixStream, buffer: &mut BytesMut) -> Option<Request> {
    loop {
        if let Ok(Some(frame)) = frame::decode(buffer) {
            return serde_json::from_slice(&frame.payload).ok();
        }
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).ok().filter(|count| *count > 0)?;
        buffer.extend_from_slice(&bytes[..count]);
    }
}

/// Writes as long as anybody listens.
fn for_ever(mut stream: UnixStream, bytes: &[u8], pause: Duration, is_over: &Receiver<()>) {
    let taken = |stream: &mut UnixStream| stream.write_all(bytes).is_ok();
    while taken(&mut stream) && is_over.recv_timeout(pause) != Err(RecvTimeoutError::Disconnected) {
    }
}

/// Writes, and waits for the other side to go.
fn say(mut stream: UnixStream, bytes: &[u8]) {
    let _gone = stream.write_all(bytes);
    let _gone = std::io::copy(&mut stream, &mut std::io::sink());
}

#[track_caller]
fn assert_given_up(ran: &Ran, words: &str) {
    assert_ne!(ran.code, 0, "{ran}");
    assert!(ran.err().contains(words), "{ran}");
}

/// A socket whose queue is full; whoever connects without care waits for ever.
fn full_socket(path: &PathBuf) -> Vec<OwnedFd> {
    std::fs::remove_file(path).expect("the guest's own");
    let address = SocketAddrUnix::new(path).expect("a short path");
    let new =
        |flags| rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None);
    let listener = new(SocketFlags::empty()).expect("a socket");
    rustix::net::bind(&listener, &address).expect("a name");
    rustix::net::listen(&listener, 0).expect("a queue");
    let mut held = vec![listener];
    loop {
        let client = new(SocketFlags::NONBLOCK).expect("a socket");
        if rustix::net::connect(&client, &address).is_err() {
            return held;
        }
        held.push(client);
    }
}

#[test]
fn a_guest_that_never_accepts_is_given_up() {
    let (dp, socket) = sandbox();
    let _held = full_socket(&socket);
    assert_given_up(&dp.run(RUN), "takes no connections");
    assert_given_up(&dp.run(["sandbox", "ps"]), "");
}

#[test]
fn ctrl_c_and_sigterm_end_the_wait_for_a_guest_that_never_accepts() {
    let (dp, socket) = sandbox();
    let _held = full_socket(&socket);
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut running = dp.spawn(RUN);
        // Signals are taken over by a process that has threads for them.
        let status = format!("/proc/{}/status", running.pid().as_raw_nonzero());
        wait_until("it hears signals", DEADLINE, || {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:"));
            let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
            caught.is_some_and(|mask| mask & (1 << (15 - 1)) != 0)
        });
        running.signal(signal);
        assert!(running.ends_within(AT_ONCE), "{signal:?}");
        let ran = running.wait();
        assert_eq!(ran.code, code, "{ran}");
    }
}

#[test]
fn an_answer_has_a_deadline_as_a_whole() {
    let (dp, socket) = sandbox();
    let _guest = StandIn::new(&socket, |stream, is_over| {
        // A frame of 64 KiB, a byte at a time: each read has something to read.
        let mut first = stream.try_clone().expect("a descriptor");
        let _gone = first.write_all(&[0, 1, 0, 0]);
        for_ever(stream, &[1], Duration::from_secs(5), is_over);
    });
    let mut running = dp.spawn(["sandbox", "ps"]);
    assert!(
        running.ends_within(Duration::from_secs(28)),
        "20 s a question"
    );
    assert_given_up(&running.wait(), "");
}

#[test]
fn a_log_without_end_is_cut() {
    let (dp, socket) = sandbox();
    let _guest = StandIn::new(&socket, |mut stream, is_over| {
        let mut buffer = BytesMut::new();
        let _asked = request(&mut stream, &mut buffer);
        let _gone = stream.write_all(&hello());
        let output = frame(Kind::Stdout, &vec![b'x'; 1024 * 1024]);
        for_ever(stream, &output, Duration::ZERO, is_over);
    });
    let ran = dp.run(["sandbox", "logs", ".", "shell"]);
    assert_given_up(&ran, "a log without an end");
    assert!(ran.stdout.len() < 65 * 1024 * 1024);
}

#[test]
fn three_signals_end_a_session_whose_guest_heeds_none() {
    let (dp, socket) = sandbox();
    let _guest = StandIn::new(&socket, |mut stream, _| {
        let mut buffer = BytesMut::new();
        let _gone = stream.write_all(&hello());
        while let Some(asked) = request(&mut stream, &mut buffer) {
            let answer = match asked {
                Request::Mounts { .. } => reply(&Reply::Mounts(MountsSeen {
                    is_confirmed: true,
                    ..MountsSeen::default()
                })),
                Request::Prepare(_) => reply(&Reply::Prepared {
                    wants_authorities: false,
                    warnings: Vec::new(),
                }),
                Request::Start(_) => {
                    let _gone = stream.write_all(&reply(&Reply::Started { id: 1 }));
                    frame(Kind::Stdout, b"started\n")
                }
                _ => continue,
            };
            let _gone = stream.write_all(&answer);
        }
    });
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut running = dp.spawn(RUN);
        running.expect("started\n");
        let begun = std::time::Instant::now();
        while !running.ends_within(Duration::from_millis(300)) {
            assert!(begun.elapsed() < AT_ONCE, "{signal:?}");
            running.try_signal(signal);
        }
        let ran = running.wait();
        assert_eq!(ran.code, code, "{ran}");
    }
}

/// An archive of one entry for each name, and of one whose name has no end.
fn forged(endless: Option<tar::EntryType>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let others = [".bashrc", ".git/hooks/post-commit"];
    let others = &others[..if endless.is_some() { 0 } else { 2 }];
    for name in ["report.txt"].iter().chain(others) {
        let mut header = tar::Header::new_gnu();
        header.set_size(7);
        header.set_mode(0o755);
        header.set_uid(0);
        header.set_gid(0);
        header.set_cksum();
        archive
            .append_data(&mut header, name, &b"planted"[..])
            .expect("memory");
    }
    if let Some(kind) = endless {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(8 << 30);
        header.set_cksum();
        archive.append(&header, std::io::empty()).expect("memory");
    }
    archive.into_inner().expect("memory")
}

fn sends(mut stream: UnixStream, is_over: &Receiver<()>, endless: Option<tar::EntryType>) {
    let mut buffer = BytesMut::new();
    let _gone = stream.write_all(&hello());
    while let Some(asked) = request(&mut stream, &mut buffer) {
        if !matches!(asked, Request::Start(_)) {
            continue;
        }
        let _gone = stream.write_all(&reply(&Reply::Started { id: 1 }));
        let mut archive = forged(endless);
        if endless.is_some() {
            // What is at the end of a whole one.
            archive.truncate(archive.len() - 1024);
        }
        let _gone = stream.write_all(&frame(Kind::Stdout, &archive));
        if endless.is_some() {
            let more = frame(Kind::Stdout, &vec![b'x'; 64 * 1024]);
            return for_ever(stream, &more, Duration::ZERO, is_over);
        }
        let exit = Exit {
            code: Some(0),
            signal: None,
        };
        let _gone = stream.write_all(&reply(&Reply::Exited(exit)));
    }
}

/// Root inside can write into the output of the guest's command as well.
#[test]
fn a_copy_out_holds_nothing_but_what_was_asked_for() {
    let (dp, socket) = sandbox();
    let guest = StandIn::new(&socket, |stream, is_over| sends(stream, is_over, None));
    let names = |directory: &str| {
        let found = std::fs::read_dir(dp.path(directory)).expect("a directory");
        let mut names: Vec<_> = found
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("text")
            })
            .collect();
        names.sort();
        names
    };
    for (from, to) in [
        ("report.txt", "a"),
        ("report.txt", "a/"),
        ("/tmp/report.txt", "a/."),
    ] {
        std::fs::create_dir_all(dp.path("a")).expect("a directory");
        dp.run(["sandbox", "cp", &format!(".:{from}"), to]);
        assert!(
            names("a").iter().all(|name| name == "report.txt"),
            "{:?}",
            names("a")
        );
        assert!(!names("a").is_empty());
        std::fs::remove_dir_all(dp.path("a")).expect("a directory");
    }
    let out = dp.run(["sandbox", "cp", ".:/tmp/report.txt", "-"]);
    let mut archive = tar::Archive::new(out.stdout.as_slice());
    let mut count = 0;
    for entry in archive.entries().expect("an archive") {
        let path = entry
            .expect("an entry")
            .path()
            .expect("a path")
            .into_owned();
        assert!(path.starts_with("report.txt"), "{path:?}");
        count += 1;
    }
    assert!(count > 0, "{out}");
    drop(guest);
}

#[test]
fn a_name_without_an_end_in_a_copy_is_not_kept() {
    let behaviours: [Behaviour; 3] = [
        |stream, is_over| sends(stream, is_over, Some(tar::EntryType::XHeader)),
        |stream, is_over| sends(stream, is_over, Some(tar::EntryType::GNULongName)),
        |stream, is_over| sends(stream, is_over, Some(tar::EntryType::GNULongLink)),
    ];
    for behaviour in behaviours {
        let (dp, socket) = sandbox();
        let _guest = StandIn::new(&socket, behaviour);
        std::fs::create_dir(dp.path("a")).expect("a directory");
        for to in ["a", "-"] {
            let running = dp.spawn(["sandbox", "cp", ".:/tmp/report.txt", to]);
            assert_given_up(&running.wait_for(DEADLINE), "too long a name");
        }
    }
}

#[test]
fn nonsense_from_a_guest_is_an_error() {
    let nonsense: [(Behaviour, &str); 4] = [
        // A frame that is longer than any.
        (|stream, _| say(stream, &[255; 64]), "protocol"),
        // JSON of another kind.
        (
            |stream, _| say(stream, &frame(Kind::Reply, b"{\"is\":\"king\"}")),
            "protocol",
        ),
        // Output before an answer.
        (
            |stream, _| say(stream, &frame(Kind::Stdout, b"x")),
            "protocol",
        ),
        // An answer to another question, for ever.
        (
            |mut stream, is_over| {
                let _gone = stream.write_all(&hello());
                let answer = reply(&Reply::Done);
                for_ever(stream, &answer, Duration::ZERO, is_over);
            },
            "something else",
        ),
    ];
    let (dp, socket) = sandbox();
    for (behaviour, words) in nonsense {
        let _guest = StandIn::new(&socket, behaviour);
        let ran = dp.run(["sandbox", "stop", "--agent", "shell"]);
        assert_ne!(ran.code, 0, "{words}: {ran}");
        let ran = dp.run(["sandbox", "ps"]);
        assert!(ran.err().contains(words), "{words}: {ran}");
    }
}

#[test]
fn nothing_in_the_place_of_the_guests_socket_leads_anywhere() {
    let attacks = [
        "mkfifo guest.sock",
        "mkdir guest.sock",
        "ln -s /var/run/docker.sock guest.sock",
        "ln -s . guest.sock",
        "touch guest.sock",
        "true",
    ];
    for attack in attacks {
        let (dp, socket) = sandbox();
        let script = format!("rm guest.sock && {attack}");
        let directory = socket.parent().expect("it is in one");
        let mut shell = std::process::Command::new("sh");
        let done = shell.args(["-c", &script]).current_dir(directory).status();
        assert!(done.expect("a shell").success(), "{attack}");
        let mut running = dp.spawn(RUN);
        assert!(running.ends_within(DEADLINE), "{attack}");
        let ran = running.wait();
        // The guest is reached through the engine.
        assert_eq!(ran.out(), "done\n", "{attack}: {ran}");
        // The sandbox can be had again.
        dp.run(["sandbox", "stop", "."]).ok();
        let ran = dp.run(RUN);
        assert_eq!(ran.out(), "done\n", "{attack}: {ran}");
        docker(&["rm", "--force", &dp.container()]);
    }
}

#[test]
fn an_exit_that_no_process_has_is_no_exit() {
    let (dp, socket) = sandbox();
    let _guest = StandIn::new(&socket, |mut stream, _| {
        let mut buffer = BytesMut::new();
        let _gone = stream.write_all(&hello());
        while let Some(asked) = request(&mut stream, &mut buffer) {
            let answer = match asked {
                Request::Mounts { .. } => Reply::Mounts(MountsSeen {
                    is_confirmed: true,
                    ..MountsSeen::default()
                }),
                Request::Prepare(_) => Reply::Prepared {
                    wants_authorities: false,
                    warnings: Vec::new(),
                },
                Request::Start(_) => {
                    let _gone = stream.write_all(&reply(&Reply::Started { id: 1 }));
                    let (code, signal) = (Some(999_999), None);
                    Reply::Exited(Exit { code, signal })
                }
                _ => continue,
            };
            let _gone = stream.write_all(&reply(&answer));
        }
    });
    let ran = dp.run(RUN);
    assert_given_up(&ran, "no process exits like this");
    // The last byte of it.
    assert_ne!(ran.code, 63, "{ran}");
}
