//! Images: an agent layered onto one that lacks it, pulling from a registry, and seeing to both.

use crate::support::{Dp, Ran, Running, docker};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The first byte of a TLS connection.
const TLS: u8 = 0x16;

/// An agent of this name, installed by this shell command.
fn config(agent: &str, install: &str, requires: &str) -> String {
    format!(
        "[agents.{agent}]\ncommand = [\"{agent}\"]\nrequires = [{requires}]\ninstall = '''{install}'''\n"
    )
}

/// An agent that no other test installs, and a person who has it.
fn person(word: &str, exit: u8) -> (Dp, String) {
    let agent = format!("{word}{}", std::process::id());
    let program = format!("/usr/local/bin/{agent}");
    let install = format!(
        "printf '#!/bin/sh\\necho agent $*; exit {exit}\\n' > {program} && chmod 755 {program}"
    );
    (
        Dp::on_engine().config(&config(&agent, &install, "\"sh\"")),
        agent,
    )
}

fn run(dp: &Dp, agent: &str, options: &[&str]) -> Ran {
    dp.run(
        [
            &["run", "-t", "dp-test/debian"],
            options,
            &[agent, "x", "y"],
        ]
        .concat(),
    )
}

fn images(dp: &Dp, agent: &str) -> Vec<Value> {
    let all = dp.run(["--format", "json", "image", "ls"]).json();
    let all = all.as_array().expect("a list").iter();
    all.filter(|image| image["agent"] == agent)
        .cloned()
        .collect()
}

#[test]
fn an_agent_that_the_image_lacks_is_layered_onto_it_once() {
    let (dp, agent) = person("layered", 3);
    let ran = run(&dp, &agent, &[]);
    assert_eq!((ran.code, ran.out().as_str()), (3, "agent x y\n"), "{ran}");
    assert!(
        ran.err()
            .contains(&format!("building the image dp-agent-{agent}:")),
        "{ran}"
    );
    let ran = run(&dp, &agent, &["--recreate"]);
    assert_eq!(
        (ran.code, ran.err().as_str()),
        (3, ""),
        "nothing is built again: {ran}"
    );
    let all = images(&dp, &agent);
    assert_eq!(all.len(), 1, "{all:?}");
    let name = all[0]["name"].as_str().expect("a name");
    assert_eq!(all[0]["kind"], "agent");
    assert_eq!(
        all[0]["used_by"].as_array().map(Vec::len),
        Some(1),
        "{all:?}"
    );
    let plan = dp
        .run(["--format", "json", "run", "--dry-run", &agent])
        .json();
    assert_eq!(plan["action"], "enter");
    let ran = dp.run(["image", "rm", name]);
    assert_eq!(ran.code, 4, "{ran}");
    assert!(
        ran.err().contains(&format!("the image `{name}` is in use")),
        "{ran}"
    );
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    assert_eq!(
        dp.run(["image", "rm", name]).ok(),
        format!("removed {name}")
    );
    assert_eq!(images(&dp, &agent), Vec::<Value>::new());
    let ran = dp.run(["image", "rm", name]);
    assert_eq!(ran.code, 5, "{ran}");
    let ran = dp.run(["image", "rm", "dp-test/debian"]);
    assert_eq!(ran.code, 5, "it is not an image of ours: {ran}");
}

#[test]
fn prune_names_the_images_that_nobody_uses() {
    let (dp, agent) = person("pruned", 0);
    run(&dp, &agent, &["--rm"]).ok();
    let name = images(&dp, &agent)[0]["name"]
        .as_str()
        .expect("a name")
        .to_string();
    let ran = dp.run(["image", "prune"]);
    assert_eq!(ran.code, 4, "{ran}");
    assert!(
        ran.err().contains(&name) && ran.err().contains("add `--yes`"),
        "{ran}"
    );
    assert_eq!(images(&dp, &agent).len(), 1, "it was only asked");
}

#[test]
fn five_runs_at_once_of_an_agent_that_is_not_installed_all_succeed() {
    let (dp, agent) = person("crowd", 0);
    let start = || dp.spawn(["run", "-t", "dp-test/debian", &agent]);
    let running: Vec<Running> = (0..5).map(|_| start()).collect();
    for running in running {
        let ran = running.wait_for(crate::support::DEADLINE * 2);
        assert_eq!((ran.code, ran.out().as_str()), (0, "agent\n"), "{ran}");
    }
    assert_eq!(dp.containers().len(), 1);
    assert_eq!(images(&dp, &agent).len(), 1);
}

#[test]
fn a_tool_that_the_installation_needs_and_the_image_lacks() {
    let dp = Dp::on_engine().config(&config("needy", "no-such-tool install", "\"no-such-tool\""));
    let ran = run(&dp, "needy", &[]);
    assert_eq!((ran.code, ran.out()), (125, String::new()), "{ran}");
    for part in [
        "error: the image has neither the agent nor what installs it",
        "cause: it lacks `no-such-tool`",
        "hint: add `no-such-tool` or the agent to the image",
    ] {
        assert!(ran.err().contains(part), "{part}: {ran}");
    }
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn an_installation_that_fails_shows_the_end_of_its_log() {
    let install = "for i in 1 2 3; do echo line $i of the log; done; exit 7";
    let dp = Dp::on_engine().config(&config("broken", install, "\"sh\""));
    let ran = run(&dp, "broken", &[]);
    assert_eq!((ran.code, ran.out()), (125, String::new()), "{ran}");
    for part in [
        "error: building `dp-agent-broken:",
        "| line 3 of the log\n  cause: ",
        "  cause: `for i in 1 2 3; do echo line $i of the log; done; exit 7` exited with code 7\n",
        "  hint: the whole log is in `/",
    ] {
        assert!(ran.err().contains(part), "{part}: {ran}");
    }
    assert!(!ran.err().contains("--ca-certificates"), "{ran}");
    let is_short = |line: &str| !line.starts_with("  | ") || line.len() < 140;
    assert!(ran.err().lines().all(is_short), "{ran}");
    assert_eq!(dp.containers(), [""; 0]);
    let left = docker(&["images", "--quiet", "--filter", "reference=dp-agent-broken"]);
    assert_eq!(left, "");
}

#[test]
fn a_build_that_fails_keeps_its_whole_log() {
    let install =
        "for i in $(seq 50); do echo line $i of the log; done; echo bad certificate; false";
    let dp = Dp::on_engine().config(&config("logged", install, "\"sh\""));
    for _ in 0..2 {
        let ran = run(&dp, "logged", &[]);
        assert_eq!(ran.code, 125, "{ran}");
        assert!(!ran.err().contains("line 1 of the log"), "{ran}");
        assert!(ran.err().contains("add `--ca-certificates host`"), "{ran}");
        let directory = dp.home().join(".local/state/dp/builds");
        let entries = std::fs::read_dir(&directory).expect("a directory");
        let paths: Vec<_> = entries
            .map(|entry| entry.expect("an entry").path())
            .collect();
        assert_eq!(paths.len(), 1, "one an image: {paths:?}");
        let log = std::fs::read_to_string(&paths[0]).expect("a log");
        let lines = (1..=50).map(|number| format!("line {number} of the log\n"));
        assert!(log.contains(&lines.collect::<String>()), "{log}");
        assert!(log.ends_with("returned a non-zero code: 1\n"), "{log}");
    }
}

#[test]
fn a_build_that_is_interrupted_says_so() {
    let dp = Dp::on_engine().config(&config("endless", "sleep 20", "\"sleep\""));
    let running = dp.spawn(["run", "-t", "dp-test/debian", "endless"]);
    running.expect_err("building the image dp-agent-endless:");
    running.signal(rustix::process::Signal::INT);
    let ran = running.wait();
    assert_eq!(ran.code, 130, "{ran}");
    assert!(
        ran.err().contains("error: interrupted") && ran.err().contains("  hint: "),
        "{ran}"
    );
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn the_agent_of_a_static_image_cannot_be_installed() {
    let dp = Dp::on_engine().config(&config("nowhere", "true", "\"sh\""));
    let ran = dp.run(["run", "-t", "dp-test/static", "nowhere"]);
    assert_eq!((ran.code, ran.out()), (125, String::new()), "{ran}");
    assert!(
        ran.err().contains("error: ") && ran.err().contains("  hint: "),
        "{ran}"
    );
    assert_eq!(dp.containers(), [""; 0]);
}

/// A registry on loopback, which engines trust, with one image: `app:latest`.
struct Registry {
    port: u16,
    manifests: Arc<AtomicUsize>,
}

impl Registry {
    /// With what the small test image is made of.
    fn new(dp: &Dp) -> Self {
        let saved = dp.root().join("saved");
        std::fs::create_dir(&saved).expect("a directory");
        let archive = saved.join("image.tar");
        docker(&[
            "save",
            "--output",
            archive.to_str().expect("UTF-8"),
            "dp-test/busybox",
        ]);
        let unpacked = Command::new("tar")
            .arg("-xf")
            .arg(&archive)
            .current_dir(&saved)
            .status();
        assert!(unpacked.expect("tar is installed").success());
        let read = |name: &str| std::fs::read(saved.join(name)).expect("it was saved");
        let index: Value = serde_json::from_slice(&read("manifest.json")).expect("JSON");
        let name = |value: &Value| value.as_str().expect("a name").to_string();
        let layers = index[0]["Layers"]
            .as_array()
            .expect("a list")
            .iter()
            .map(name);
        let mut blobs = BTreeMap::new();
        let mut blob = |kind: &str, bytes: Vec<u8>| {
            let digest = format!("sha256:{}", dp::digest::sha256(&bytes));
            let described = json!({
                "mediaType": format!("application/vnd.docker.{kind}"),
                "size": bytes.len(),
                "digest": digest,
            });
            blobs.insert(digest, bytes);
            described
        };
        let config = blob("container.image.v1+json", read(&name(&index[0]["Config"])));
        let layers: Vec<Value> = layers
            .map(|layer| blob("image.rootfs.diff.tar.gzip", read(&layer)))
            .collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": config,
            "layers": layers,
        });
        Self::serve(manifest.to_string().into_bytes(), blobs)
    }

    fn serve(manifest: Vec<u8>, blobs: BTreeMap<String, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let manifests = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&manifests);
        let (manifest, blobs) = (Arc::new(manifest), Arc::new(blobs));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (manifest, blobs) = (Arc::clone(&manifest), Arc::clone(&blobs));
                let count = Arc::clone(&count);
                std::thread::spawn(move || answer(&stream, &manifest, &blobs, &count));
            }
        });
        Self { port, manifests }
    }

    fn image(&self) -> String {
        format!("127.0.0.1:{}/app", self.port)
    }

    fn asked(&self) -> usize {
        self.manifests.load(Ordering::SeqCst)
    }
}

fn answer(
    stream: &TcpStream,
    manifest: &[u8],
    blobs: &BTreeMap<String, Vec<u8>>,
    count: &AtomicUsize,
) {
    let mut reader = BufReader::new(stream);
    if reader
        .fill_buf()
        .is_ok_and(|bytes| bytes.first() == Some(&TLS))
    {
        // Engines ask by TLS first, and by HTTP when they hear what is none.
        let _gone = (&*stream).write_all(b"HTTP/1.0 400 Bad Request\r\n\r\n");
        return;
    }
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut header = String::new();
        while reader.read_line(&mut header).is_ok_and(|count| count > 2) {
            header.clear();
        }
        let mut words = line.split(' ');
        let (method, path) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let last = path.rsplit('/').next().unwrap_or_default();
        let (status, kind, body) = if path == "/v2/" {
            ("200 OK", "application/json".to_string(), &b"{}"[..])
        } else if path.starts_with("/v2/app/manifests/") {
            count.fetch_add(1, Ordering::SeqCst);
            let kind = "application/vnd.docker.distribution.manifest.v2+json";
            ("200 OK", kind.to_string(), manifest)
        } else if let Some(blob) = blobs.get(last) {
            (
                "200 OK",
                "application/octet-stream".to_string(),
                blob.as_slice(),
            )
        } else {
            (
                "404 Not Found",
                "application/json".to_string(),
                &b"{\"errors\":[]}"[..],
            )
        };
        let digest = dp::digest::sha256(body);
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             Docker-Content-Digest: sha256:{digest}\r\n\r\n",
            body.len()
        );
        let body = if method == "HEAD" { &[] } else { body };
        let mut writer = stream;
        if writer
            .write_all(head.as_bytes())
            .and_then(|()| writer.write_all(body))
            .is_err()
        {
            return;
        }
    }
}

#[test]
fn an_image_that_is_not_there_is_pulled_once() {
    let dp = Dp::on_engine();
    let registry = Registry::new(&dp);
    let image = registry.image();
    let run = |options: &[&str]| {
        dp.run(
            [
                &["run", "-t", &image],
                options,
                &["shell", "-c", "echo pulled"],
            ]
            .concat(),
        )
    };
    let ran = run(&["--pull", "never"]);
    assert_eq!((ran.code, registry.asked()), (125, 0), "{ran}");
    let ran = run(&[]);
    assert_eq!((ran.code, ran.out().as_str()), (0, "pulled\n"), "{ran}");
    assert_eq!(ran.err(), format!("pulling the image {image}\n"), "{ran}");
    let asked = registry.asked();
    assert!(asked > 0);
    let ran = run(&["--recreate"]);
    assert_eq!(
        (ran.code, ran.err().as_str(), registry.asked()),
        (0, "", asked),
        "{ran}"
    );
    run(&["--recreate", "--pull", "always"]).ok();
    assert!(registry.asked() > asked, "it was asked again");
    let ran = run(&["--recreate", "--quiet", "--pull", "always"]);
    assert_eq!(ran.err(), "", "{ran}");
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    docker(&["image", "rm", "--force", &image]);
}

#[test]
fn a_pull_shows_a_bar_on_a_terminal_that_is_gone_afterwards() {
    let dp = Dp::on_engine();
    let registry = Registry::new(&dp);
    let image = registry.image();
    let words = ["run", "-t", &image, "shell", "-c", "echo pulled-$((1))"];
    let mut pty = crate::support::Pty::spawn(&dp, words);
    pty.expect("pulling the image");
    pty.expect("pulled-1");
    assert_eq!(pty.wait(), 0);
    assert!(pty.is_restored());
    let seen = pty.seen();
    let last = seen.rsplit("\x1b[2K").next().unwrap_or_default();
    assert!(!last.contains("pulling the image"), "{seen:?}");
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    docker(&["image", "rm", "--force", &image]);
}

#[test]
fn an_image_that_the_registry_does_not_have() {
    let dp = Dp::on_engine();
    let registry = Registry::new(&dp);
    let image = registry.image().replace("/app", "/other");
    let ran = dp.run(["run", "-t", &image, "shell", "-c", "true"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains(&format!("error: cannot pull the image `{image}`")),
        "{ran}"
    );
    assert!(
        ran.err().contains("  cause: ") && ran.err().contains("`docker login`"),
        "{ran}"
    );
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn an_image_without_a_shell_can_have_no_agent_installed() {
    let dp = Dp::on_engine();
    let ran = dp.run(["run", "-t", "dp-test/static", "claude", "--version"]);
    assert_eq!(ran.code, 125, "{ran}");
    let expected = "error: the image has no shell, so no agent can be installed into it\n  cause: ";
    assert!(ran.err().contains(expected), "{ran}");
    assert!(ran.err().contains("  hint: add `/bin/sh`"), "{ran}");
    assert!(!ran.err().contains("certificates"), "{ran}");
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn an_image_with_a_link_in_the_place_of_the_guest_is_told() {
    let dp = Dp::on_engine();
    let tag = format!("dp-test/linked-{}", std::process::id());
    let label = dp.label();
    let text = format!("FROM dp-test/busybox\nLABEL {label}\nRUN ln -s /tmp/x /.dp\n");
    let mut build = Command::new("docker")
        .args(["build", "--quiet", "--tag", &tag, "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("the docker CLI is installed");
    let mut stdin = build.stdin.take().expect("it is open");
    stdin.write_all(text.as_bytes()).expect("it is taken");
    drop(stdin);
    assert!(build.wait().expect("it ends").success());
    let ran = dp.run(["run", "-t", &tag, "shell", "-c", "true"]);
    docker(&["rmi", "--force", &tag]);
    assert_ne!(ran.code, 0, "{ran}");
    for part in [
        "`/.dp` leads through a link of the image",
        "`dp` removed the sandbox again",
    ] {
        assert!(ran.err().contains(part), "{part}: {ran}");
    }
    assert!(!ran.err().contains("dp sandbox rm"), "{ran}");
}

#[test]
fn the_largest_user_there_is_can_run() {
    let dp = Dp::on_engine();
    let words = [
        "run",
        "-t",
        "dp-test/debian",
        "--user",
        "4294967294",
        "shell",
        "-c",
        "id -u",
    ];
    assert_eq!(dp.run(words).ok(), "4294967294");
}
