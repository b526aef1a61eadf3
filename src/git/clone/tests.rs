//! Clones of real repositories, and of servers that send without an end.

mod elsewhere;

use super::*;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command as Now;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

fn within(deadline: Duration) -> Bounds {
    Bounds::of_template(deadline)
}

/// A repository with two commits, a branch, a tag, and a hook that must not run.
fn repository(root: &Path) -> (String, String) {
    let script = "git init -q -b main . && git config user.name A && git config user.email a@b \
        && echo 1 > file && git add . && git commit -qm 1 && git tag v1 && git rev-parse HEAD \
        && echo 2 > file && git commit -qam 2 && git branch dev";
    let made = Now::new("sh")
        .args(["-c", script])
        .current_dir(root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("a shell");
    assert!(made.status.success(), "{made:?}");
    let first = String::from_utf8_lossy(&made.stdout).trim().to_string();
    (format!("file://{}", root.display()), first)
}

async fn cloned(url: &str, reference: Option<&str>) -> Result<String, CloneError> {
    let into = tempfile::tempdir().expect("a directory");
    let remote = Remote {
        url: url.into(),
        reference: reference.map(Into::into),
    };
    clone(
        &remote,
        into.path(),
        within(Duration::from_secs(60)),
        &|_| {},
    )
    .await?;
    Ok(std::fs::read_to_string(into.path().join("file")).expect("a file"))
}

#[tokio::test]
async fn branches_tags_and_commits_are_cloned_and_unknown_ones_named() {
    let root = tempfile::tempdir().expect("a directory");
    let (url, first) = repository(root.path());
    let table = [
        (None, "2"),
        (Some("dev"), "2"),
        (Some("v1"), "1"),
        (Some(first.as_str()), "1"),
    ];
    for (reference, expected) in table {
        let text = cloned(&url, reference).await.expect("cloned");
        assert_eq!(text.trim(), expected, "{reference:?}");
    }
    for reference in ["nowhere", "0123456789012345678901234567890123456789"] {
        let error = cloned(&url, Some(reference)).await.expect_err("unknown");
        assert!(matches!(error, CloneError::NoReference { .. }), "{error:?}");
    }
    let error = cloned("file:///nowhere/at/all", None)
        .await
        .expect_err("missing");
    assert!(matches!(error, CloneError::Failed { .. }), "{error:?}");
}

#[tokio::test]
async fn a_remote_that_says_nothing_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("git://{}/x", listener.local_addr().expect("an address"));
    let into = tempfile::tempdir().expect("a directory");
    let remote = Remote {
        url,
        reference: None,
    };
    let cloned = clone(
        &remote,
        into.path(),
        within(Duration::from_millis(500)),
        &|_| {},
    )
    .await;
    assert!(
        matches!(cloned, Err(CloneError::Deadline { .. })),
        "{cloned:?}"
    );
}

/// Serves one connection after another by these bytes, the last of them for ever. What it answers waits
/// until nobody listens any more.
fn endless(scheme: &str, first: Vec<u8>, rest: Vec<u8>) -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!(
        "{scheme}://{}/x",
        listener.local_addr().expect("an address")
    );
    let (gone, wait) = channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut request = [0; 4096];
        let _some = stream.read(&mut request);
        let _gone = stream.write_all(&first);
        while !rest.is_empty() && stream.write_all(&rest).is_ok() {}
        let _gone = gone.send(());
    });
    (url, wait)
}

fn line(text: &str) -> Vec<u8> {
    format!("{:04x}{text}", text.len() + 4).into_bytes()
}

/// References that do not end, as `git://` and as HTTP have them.
fn references() -> Vec<u8> {
    let one = |number: usize| {
        line(&format!(
            "{number:040x} refs/heads/{number}{}\n",
            "x".repeat(500)
        ))
    };
    (1..2000).flat_map(one).collect()
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

const HTTP: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n\
    Transfer-Encoding: chunked\r\n\r\n";

/// A pack with one file that does not end.
fn pack() -> Vec<u8> {
    let id = "1".repeat(40);
    let mut all = line(&format!("{id} HEAD\0shallow ofs-delta\n"));
    all.extend(line(&format!("{id} refs/heads/main\n")));
    all.extend(b"0000");
    all.extend(line(&format!("shallow {id}\n")));
    all.extend(b"0000");
    all.extend(line("NAK\n"));
    all.extend(b"PACK\0\0\0\x02\0\0\0\x01");
    // A blob of many gigabytes.
    all.extend(b"\xbf\xff\xff\xff\xff\x7f\x78\x01");
    all
}

/// A stored block of zlib that is not the last one.
fn block() -> Vec<u8> {
    let size = u16::MAX;
    let mut block = vec![0];
    block.extend(size.to_le_bytes());
    block.extend((!size).to_le_bytes());
    block.extend(std::iter::repeat_n(7, size.into()));
    block
}

async fn refused(url: &str, bounds: Bounds) -> CloneError {
    let into = tempfile::tempdir().expect("a directory");
    let remote = Remote {
        url: url.into(),
        reference: None,
    };
    let began = Instant::now();
    let cloned = clone(&remote, into.path(), bounds, &|_| {}).await;
    assert!(began.elapsed() < PATIENCE, "{url}");
    cloned.expect_err("it has no end")
}

/// Everything of it has an end.
const PATIENCE: Duration = Duration::from_secs(40);

#[tokio::test]
async fn a_server_without_an_end_is_left_and_nothing_of_git_stays() {
    let version = [line("version 2\n"), line("agent=x\n")].concat();
    let capabilities = line(&format!("x={}\n", "x".repeat(2000))).repeat(100);
    let banner = line(&format!("ERR {}\n", "x".repeat(2000)));
    let servers = [
        ("git", Vec::new(), references()),
        ("http", HTTP.to_vec(), chunk(&references())),
        ("git", version.clone(), capabilities.clone()),
        (
            "http",
            [HTTP, &chunk(&version)].concat(),
            chunk(&capabilities),
        ),
        ("git", pack(), block()),
        ("git", banner.clone(), banner),
        (
            "http",
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            b"X: y\r\n".repeat(100),
        ),
    ];
    for (number, (scheme, first, rest)) in servers.into_iter().enumerate() {
        let (url, gone) = endless(scheme, first, rest);
        let bounds = Bounds {
            memory: 1 << 40,
            ..within(Duration::from_millis(1500))
        };
        refused(&url, bounds).await;
        assert!(
            gone.recv_timeout(PATIENCE).is_ok(),
            "{number}: git listens on"
        );
    }
}

#[tokio::test]
async fn references_without_an_end_fill_no_memory() {
    for (scheme, first, rest) in [
        ("git", Vec::new(), references()),
        ("http", HTTP.to_vec(), chunk(&references())),
    ] {
        let (url, gone) = endless(scheme, first, rest);
        let bounds = Bounds {
            memory: 256 << 20,
            ..within(Duration::from_secs(300))
        };
        let error = refused(&url, bounds).await;
        assert!(
            matches!(error, CloneError::Failed { .. }),
            "{scheme}: {error:?}"
        );
        assert!(gone.recv_timeout(PATIENCE).is_ok(), "{scheme}");
    }
}

#[tokio::test]
async fn a_pack_without_an_end_fills_no_disk() {
    let (url, gone) = endless("git", pack(), block());
    let bounds = Bounds {
        bytes: 4 << 20,
        ..within(Duration::from_secs(300))
    };
    let error = refused(&url, bounds).await;
    assert!(matches!(error, CloneError::TooLarge { .. }), "{error:?}");
    assert!(gone.recv_timeout(PATIENCE).is_ok());
}

#[tokio::test]
async fn a_small_pack_of_many_files_is_too_large() {
    let root = tempfile::tempdir().expect("a directory");
    let script = "git init -q -b main . && blob=$(echo 1 | git hash-object -w --stdin) && kind=blob mode=100644 \
        && for level in 1 2 3 4; do for n in 0 1 2 3 4 5 6 7 8 9; do printf '%s %s %s\\t%s\\n' $mode $kind $blob $n; \
        done > list; blob=$(git mktree < list); kind=tree mode=040000; done \
        && git update-ref refs/heads/main $(git -c user.name=A -c user.email=a@b commit-tree -m 1 $blob)";
    let made = Now::new("sh")
        .args(["-c", script])
        .current_dir(root.path())
        .output()
        .expect("a shell");
    assert!(made.status.success(), "{made:?}");
    let bounds = Bounds {
        entries: 2000,
        ..within(Duration::from_secs(300))
    };
    let error = refused(&format!("file://{}", root.path().display()), bounds).await;
    assert!(
        matches!(error, CloneError::TooLarge { entries: 2000, .. }),
        "{error:?}"
    );
}
