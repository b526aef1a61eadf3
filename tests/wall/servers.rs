//! The author of a hostile project attacks the machine of a person by a git server of theirs: a template
//! comes from it, and it sends references without an end, or leads git elsewhere.

use crate::support::{DEADLINE, Dp, Running, wait_until};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Clients that came, and those that went.
#[derive(Default)]
struct Clients {
    came: AtomicUsize,
    went: AtomicUsize,
}

/// A server whose list of references does not end, slowly enough for the memory of this machine.
fn server() -> (String, Arc<Clients>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/x", listener.local_addr().expect("an address"));
    let clients = Arc::new(Clients::default());
    let seen = Arc::clone(&clients);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, seen) = (stream.expect("a client"), Arc::clone(&seen));
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                let _some = stream.read(&mut request);
                seen.came.fetch_add(1, Ordering::SeqCst);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nTransfer-Encoding: chunked\r\n\r\n";
                let _gone = stream.write_all(head.as_bytes());
                let line = "003f1111111111111111111111111111111111111111 refs/heads/branch1\n";
                let chunk = format!("{:x}\r\n{line}\r\n", line.len());
                while stream.write_all(chunk.as_bytes()).is_ok() {
                    std::thread::yield_now();
                }
                seen.went.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    (url, clients)
}

fn person(seconds: u64) -> (Dp, Arc<Clients>) {
    let (url, clients) = server();
    let dp = Dp::on_engine()
        .config(&format!("[timeouts]\nclone = {seconds}\n"))
        .file(
            "dp.yml",
            format!("agents: {{a: {{template: \"{url}\"}}}}\n"),
        );
    (dp, clients)
}

fn start(dp: &Dp, clients: &Clients) -> Running {
    let running = dp.spawn(["run", "-t", "dp-test/busybox"]);
    wait_until("git asks the server", DEADLINE, || {
        clients.came.load(Ordering::SeqCst) > 0
    });
    running
}

fn assert_left(dp: &Dp, clients: &Clients) {
    wait_until("nothing of git listens", DEADLINE, || {
        clients.came.load(Ordering::SeqCst) == clients.went.load(Ordering::SeqCst)
    });
    assert_eq!(dp.containers(), [""; 0]);
    let clones = dp.home().join(".cache/dp/git");
    let left = std::fs::read_dir(clones).map_or(0, Iterator::count);
    assert_eq!(left, 0, "nothing of the clone stays");
}

#[test]
fn references_without_an_end_end_with_the_time_of_a_clone() {
    let (dp, clients) = person(1);
    let mut running = start(&dp, &clients);
    assert!(running.ends_within(DEADLINE));
    let ran = running.wait();
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("took longer than 1 s"), "{ran}");
    assert_left(&dp, &clients);
}

#[test]
fn references_without_an_end_end_by_a_signal() {
    for signal in [Signal::INT, Signal::TERM] {
        let (dp, clients) = person(300);
        let mut running = start(&dp, &clients);
        running.signal(signal);
        assert!(running.ends_within(DEADLINE), "{signal:?}");
        running.wait();
        assert_left(&dp, &clients);
    }
}

/// Answers whoever comes: with a redirection to `to`, or with a demand for a login. All that it was
/// asked is kept in the file.
fn answers(head: String, asked: std::path::PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            let mut request = [0; 4096];
            let size = stream.read(&mut request).unwrap_or_default();
            let file = std::fs::File::options()
                .create(true)
                .append(true)
                .open(&asked);
            let _kept = file.and_then(|mut file| file.write_all(&request[..size]));
            let _gone = stream.write_all(
                format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .as_bytes(),
            );
        }
    });
    url
}

#[test]
fn a_redirection_gives_no_other_host_the_login_of_git() {
    let dp = Dp::on_engine();
    let asked = dp.root().join("asked");
    let private = answers(
        "401 Who\r\nWWW-Authenticate: Basic realm=x".into(),
        asked.clone(),
    );
    let to = format!("302 Go\r\nLocation: {private}/private.git/info/refs?service=git-upload-pack");
    let hostile = answers(to, dp.root().join("hostile"));
    let config = "[credential]\nhelper = \"!echo username=ann; echo password=secret; :\"\n\
        [http]\nfollowRedirects = true\n";
    let dp = dp.home_file(".gitconfig", config).file(
        "dp.yml",
        format!("agents: {{a: {{template: \"{hostile}/x\"}}}}\n"),
    );
    let ran = dp.run(["run", "-t", "dp-test/busybox"]);
    assert_eq!(ran.code, 125, "{ran}");
    let error = ran.err();
    assert!(error.contains("redirects to another URL"), "{ran}");
    assert!(error.contains("write the URL that it leads to"), "{ran}");
    assert!(!error.contains("private"), "{ran}");
    assert!(!asked.exists(), "nobody asked the other host");
    assert_eq!(dp.containers(), [""; 0]);
}

/// The person's filter would run on this machine, with what the author wrote.
#[test]
fn a_repository_starts_no_filter_of_the_persons_configuration() {
    let dp = Dp::on_engine()
        .file(
            "../repository/dspatch.agent.yml",
            "name: a\ndescription: x\ncommand: cat /agents/*/x.txt\n",
        )
        .file(
            "../repository/.gitattributes",
            "[attr]own filter=own\n*.txt own\n",
        )
        .file("../repository/x.txt", "as it is\n")
        .file("../filter", "#!/bin/sh\ntouch \"$HOME/ran\"\ncat\n");
    let filter = dp.path("../filter");
    std::fs::set_permissions(&filter, std::fs::Permissions::from_mode(0o755)).expect("a program");
    let repository = std::fs::canonicalize(dp.path("../repository")).expect("it is there");
    let at = repository.to_str().expect("text");
    for words in [
        &["init", "--quiet"][..],
        &["add", "."],
        &["commit", "--quiet", "-m", "x"],
    ] {
        dp.run_other("git", [&["-C", at], words].concat()).ok();
    }
    let config =
        format!("[filter \"own\"]\nsmudge = {filter}\nprocess = {filter}\nrequired = true\n");
    let dp = dp.home_file(".gitconfig", config).file(
        "dp.yml",
        format!("agents: {{a: {{template: \"file://{at}\"}}}}\ndocker: {{image: dp-test/debian, dind: false}}\n"),
    );
    assert!(dp.run(["run"]).ok().contains("as it is"));
    assert!(!dp.home().join("ran").exists(), "the filter did not run");
}
