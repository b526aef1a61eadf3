//! `dp volumes`: what is told of volumes, and that none is removed which somebody has. Everybody's
//! volumes are on the same engine, so whatever removes more than one name has an engine of its own.

use crate::sh;
use crate::support::{Dp, Fault, OwnEngine, Proxy, Pty, Ran, docker};
use insta::assert_snapshot;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

/// Words that make a volume of `dp`, of this kind and with more labels.
fn create<'a>(name: &'a str, kind: &'a str, labels: &[&'a str]) -> Vec<String> {
    let kind = format!("dev.dp.kind={kind}");
    let all = [&["dev.dp.managed=true", &kind], labels].concat();
    let labels = all.iter().flat_map(|label| ["--label", label]);
    let words = ["volume", "create"].into_iter().chain(labels);
    words.chain([name]).map(str::to_string).collect()
}

/// A name that nothing else has. A sandbox's name is made of it, and that holds 63 characters: so no
/// more of the label than its value.
fn name(dp: &Dp, end: &str) -> String {
    let (_, number) = dp.label().split_once('=').expect("key and value");
    format!("dp-test-{number}-{end}")
}

/// A volume of the test's, on the engine of all tests.
fn volume(dp: &Dp, end: &str, kind: &str, labels: &[&str]) -> String {
    let name = name(dp, end);
    let words = create(&name, kind, &[labels, &[dp.label()]].concat());
    docker(&words.iter().map(String::as_str).collect::<Vec<_>>());
    name
}

/// The mount of a guest's volume, which a sandbox has.
fn guest(dp: &Dp, container: &str) -> String {
    let label = dp.label();
    format!("type=volume,src=dp-guest-{container},dst=/.dp/bin,readonly,volume-label={label}")
}

/// A container of the test's that mounts a volume, made and not started.
fn container(dp: &Dp, volume: &str, labels: &[&str]) -> String {
    let name = format!("dp-user-of-{volume}");
    let mount = format!("{volume}:/data");
    let mut words = vec!["create", "--name", &name, "--volume", &mount];
    words.extend(["--label", dp.label()]);
    let guest = guest(dp, &name);
    if labels.contains(&SANDBOX[1]) {
        words.extend(["--mount", &guest]);
    }
    words.extend(labels.iter().flat_map(|label| ["--label", label]));
    words.extend(["dp-test/busybox", "sh", "-c"]);
    words.push("head -c 5000000 /dev/zero > /data/x");
    docker(&words);
    name
}

/// Runs a container until the engine has it down as ended, which is later than the end of its output.
fn run_to_its_end(container: &str) {
    docker(&["start", container]);
    docker(&["wait", container]);
}

/// What the list tells of the test's volumes.
fn listed(dp: &Dp, options: &[&str]) -> Vec<Value> {
    let label = format!("label={}", dp.label());
    let words = ["--format", "json", "volumes", "ls", "--filter", &label];
    let all = dp.run([&words[..], options].concat()).json();
    all.as_array().expect("a list").clone()
}

fn exists(volume: &str) -> bool {
    let mut command = Command::new("docker");
    let asked = command.args(["volume", "inspect", volume]).output();
    asked.expect("the docker CLI").status.success()
}

const SANDBOX: [&str; 3] = [
    "dev.dp.managed=true",
    "dev.dp.kind=sandbox",
    "dev.dp.agent=shell",
];

#[test]
fn a_list_tells_what_is_known() {
    let dp = Dp::on_engine();
    let labels = [
        "dev.dp.workspace=/w/app",
        "dev.dp.workspace-id=0123456789ab",
    ];
    let home = volume(&dp, "a", "home", &labels);
    let key = ["dev.dp.key=review", "dev.dp.expires=2020-01-01T00:00:00Z"];
    volume(&dp, "b", "workspace", &key);
    volume(&dp, "c", "guest", &[]);
    let user = container(&dp, &home, &SANDBOX);
    run_to_its_end(&user);
    let all = listed(&dp, &[]);
    assert_eq!(all.len(), 2, "{all:?}");
    let (home_row, checkout) = (&all[0], &all[1]);
    assert_eq!(home_row["name"], json!(home));
    assert_eq!(home_row["workspace"], "/w/app");
    assert_eq!(home_row["used_by"], json!([user.trim_start_matches("dp-")]));
    let size = home_row["size"].as_u64().expect("a size");
    assert!((5_000_000..6_000_000).contains(&size), "{home_row}");
    // An engine in a hurry notes the end of a short life before its start.
    let times = "{{.State.StartedAt}} {{.State.FinishedAt}}";
    let times = docker(&["inspect", "--format", times, &user]);
    let later = times.split(' ').max();
    assert_eq!(home_row["last_used"].as_str(), later, "{home_row}");
    assert!(home_row["created"].is_string() && home_row["expires"].is_null());
    assert_eq!(
        (&checkout["key"], &checkout["size"]),
        (&json!("review"), &json!(0))
    );
    assert_eq!(checkout["expires"], "2020-01-01T00:00:00Z");
    assert!(checkout["last_used"].is_null(), "{checkout}");

    assert_eq!(listed(&dp, &["--all"]).len(), 3);
    assert_eq!(listed(&dp, &["--kind", "guest"]).len(), 1);
    assert_eq!(listed(&dp, &["--workspace", "/w/app"]).len(), 1);
    assert_eq!(listed(&dp, &["-w", "review"]).len(), 1);
    assert_eq!(listed(&dp, &["--filter", "dangling=true"]).len(), 1);
    assert_eq!(listed(&dp, &["--filter", "expired=false"]).len(), 1);
    assert_eq!(listed(&dp, &["-q"]).len(), 2);
    assert!(
        listed(&dp, &["--no-size"])
            .iter()
            .all(|row| row["size"].is_null())
    );
}

#[test]
fn a_running_container_uses_its_volumes_now() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mounts = dp.inspect()["Mounts"].clone();
    let mut guest = mounts.as_array().expect("a list").iter();
    let guest = guest.find_map(|mount| mount["Name"].as_str());
    let words = [
        "--format",
        "json",
        "volumes",
        "inspect",
        guest.expect("the guest's"),
    ];
    let described = dp.run(words).json();
    let time = |key: &str| -> Timestamp {
        let text = described[0][key].as_str().expect("a time");
        text.parse().expect("RFC 3339")
    };
    assert!(time("last_used") > time("created"), "{described}");
    let mut users = described[0]["containers"]
        .as_array()
        .expect("a list")
        .iter();
    let id = dp.container();
    let own = users.find(|user| user["container"] == json!(id));
    assert_eq!(own.expect("it is told")["state"], "running");
    assert_eq!(described[0]["labels"]["dev.dp.kind"], "guest");
}

/// A person whose calls can be spoiled, with one volume.
fn spoiled() -> (Dp, Proxy) {
    let dp = Dp::on_engine();
    volume(&dp, "a", "home", &[]);
    let proxy = Proxy::new(dp.root());
    let address = proxy.address();
    (dp.env("DOCKER_HOST", address), proxy)
}

/// The third call: the lists of volumes and containers come first.
const SIZES: usize = 3;

#[test]
fn sizes_are_one_call() {
    let (dp, proxy) = spoiled();
    proxy.heal();
    assert_eq!(listed(&dp, &[]).len(), 1);
    // The engine refuses to count for two at once; a test beside this one makes dp ask again.
    let mut calls = proxy.calls();
    calls.dedup();
    assert_eq!(calls.len(), 3, "{calls:?}");
    assert_eq!(calls[2], "GET /system/df?type=volume&verbose=true");
    for option in ["--no-size", "-q"] {
        proxy.heal();
        assert_eq!(listed(&dp, &[option]).len(), 1);
        assert_eq!(proxy.calls().len(), 2, "{option}");
    }
}

#[test]
fn a_list_is_there_without_its_sizes() {
    let (dp, proxy) = spoiled();
    proxy.spoil(SIZES, Fault::Answer(500));
    let label = format!("label={}", dp.label());
    let ran = dp.run(["volumes", "ls", "--filter", &label]);
    assert!(ran.ok().contains("  home  "), "{ran}");
    assert_snapshot!(ran.err(), @"warning: the Docker engine could not do it: the proxy lets nothing through");
}

#[test]
fn a_terminal_shows_the_list_before_the_sizes_and_completes_it() {
    let (dp, proxy) = spoiled();
    let label = format!("label={}", dp.label());
    let words = ["volumes", "ls", "--filter", &label];
    // The rows are wider than the second screen, which breaks them behind the sizes.
    for columns in [200_u16, 70] {
        proxy.spoil(SIZES, Fault::Delay(Duration::from_millis(600)));
        let mut pty = Pty::start(&dp, words, 24, columns);
        pty.expect("  …  ");
        pty.expect("  0b  ");
        assert_eq!(pty.wait(), 0);
        let seen = pty.seen();
        let last = seen.rsplit("\x1b[2K").next().unwrap_or_default();
        assert!(last.contains("NAME") && !last.contains('…'), "{seen:?}");
        let draft = seen.split('\x1b').next().unwrap_or_default().lines();
        let heights = draft.map(|line| line.chars().count().div_ceil(usize::from(columns)));
        assert_eq!(
            seen.matches("\x1b[2K").count(),
            heights.sum::<usize>(),
            "{seen:?}"
        );
    }

    // What is higher than the screen cannot be taken back, and is waited for.
    proxy.spoil(SIZES, Fault::Delay(Duration::from_millis(600)));
    let mut pty = Pty::start(&dp, words, 2, 200);
    assert_eq!(pty.wait(), 0);
    assert!(!pty.seen().contains('…'), "{:?}", pty.seen());
}

#[test]
fn several_who_ask_for_sizes_at_once_all_get_them() {
    let dp = Dp::on_engine();
    volume(&dp, "a", "home", &[]);
    let label = format!("label={}", dp.label());
    let words = ["--format", "json", "volumes", "ls", "--filter", &label];
    let all: Vec<_> = (0..8).map(|_| dp.spawn(words)).collect();
    for running in all {
        let ran = running.wait();
        assert_eq!(ran.json()[0]["size"], 0, "{ran}");
        assert_eq!(ran.err(), "", "{ran}");
    }
}

/// Without what differs from test to test.
fn tidy(ran: &Ran, dp: &Dp) -> String {
    ran.to_string().replace(&name(dp, ""), "dp-test-")
}

#[test]
fn what_a_container_has_is_never_removed() {
    let dp = Dp::on_engine();
    let [free, made, ran] = ["free", "made", "ran"].map(|end| volume(&dp, end, "home", &[]));
    container(&dp, &made, &[]);
    let user = container(&dp, &ran, &SANDBOX);
    run_to_its_end(&user);
    assert_snapshot!(tidy(&dp.run(["volumes", "rm", "--force", &free, &ran]), &dp), @"
    exit 4
    --- stderr
    error: the volume `dp-test-ran` is in use
      cause: by `user-of-dp-test-ran`
      hint: `dp sandbox rm` removes a sandbox; its volumes are free then
    ");
    assert_snapshot!(tidy(&dp.run(["volumes", "rm", "-f", &made, &free, &ran]), &dp), @"
    exit 4
    --- stderr
    error: 2 of the volumes are in use
      | `dp-test-made` by `dp-user-of-dp-test-made`
      | `dp-test-ran` by `user-of-dp-test-ran`
      hint: `dp sandbox rm` removes a sandbox; its volumes are free then
    ");
    for name in [&free, &made, &ran] {
        assert!(exists(name), "{name}");
    }
}

#[test]
fn all_names_are_checked_first() {
    let dp = Dp::on_engine();
    let free = volume(&dp, "free", "home", &[]);
    let foreign = name(&dp, "foreign");
    docker(&["volume", "create", "--label", dp.label(), &foreign]);
    let typo = name(&dp, "fre");
    assert_snapshot!(tidy(&dp.run(["volumes", "rm", "-f", &free, &foreign]), &dp), @"
    exit 4
    --- stderr
    error: the volume `dp-test-foreign` was not made by `dp`
      cause: it does not carry the label of `dp`, which leaves it alone
      hint: `docker volume` sees to it
    ");
    assert_snapshot!(tidy(&dp.run(["volumes", "rm", "-f", &free, &typo]), &dp), @"
    exit 5
    --- stderr
    error: there is no volume `dp-test-fre`
      hint: did you mean `dp-test-free`?
    ");
    assert_snapshot!(dp.run(["volumes", "inspect", "nothing-like-it"]), @"
    exit 5
    --- stderr
    error: there is no volume `nothing-like-it`
      hint: `dp volumes ls --all` lists them
    ");
    for path in ["../containers/json", "a/b", "", "?x"] {
        let ran = dp.run(["volumes", "rm", "-f", &free, path]);
        assert_eq!(ran.code, 5, "{path}: {ran}");
    }
    assert!(exists(&free) && exists(&foreign));
}

#[test]
fn removing_asks_and_says_what_goes() {
    let dp = Dp::on_engine();
    let labels = ["dev.dp.workspace=/w/app"];
    let [a, b] = ["a", "b"].map(|end| volume(&dp, end, "home", &labels));
    assert_snapshot!(tidy(&dp.run(["volumes", "rm", &a, &b]), &dp), @"
    exit 4
    --- stderr
    error: volumes would be removed
      | dp-test-a (home of /w/app)
      | dp-test-b (home of /w/app)
      hint: add `--force`
    ");
    for (answer, code, rest) in [("n\r", 4, true), ("\r", 4, true), ("y\r", 0, false)] {
        let mut pty = Pty::start(&dp, ["volumes", "rm", &a], 24, 200);
        pty.expect(&format!(
            "Remove {a} (home of /w/app), and all that is in it?"
        ));
        pty.send(answer);
        assert_eq!(pty.wait(), code, "{:?}", pty.seen());
        assert_eq!(exists(&a), rest, "{answer}");
    }
    let ran = dp.run(["--format", "json", "volumes", "rm", "--yes", &b, &b]);
    assert_eq!(ran.json(), json!({"volumes": [b]}));
    assert!(!exists(&b));
}

#[test]
fn names_are_completed() {
    let dp = Dp::on_engine();
    let home = volume(&dp, "a", "home", &[]);
    let guest = volume(&dp, "b", "guest", &[]);
    let names = dp.run(["__complete", "volumes", "rm"]).ok();
    assert!(names.lines().any(|line| line == home), "{names}");
    assert!(!names.lines().any(|line| line == guest), "{names}");
}

/// How many rounds of a removal and a run each of two people has.
const ROUNDS: usize = 50;

/// One removes a home while another's `dp run` wants it, a hundred times over, ever closer to the
/// same moment. Either the removal is refused and everything is there, or the sandbox has a new,
/// empty one; and what the agent writes into it stays.
#[test]
fn a_volume_is_never_lost_under_a_sandbox_that_wants_it() {
    let removed: usize = std::thread::scope(|scope| {
        let people = [(); 2].map(|()| scope.spawn(removals_and_runs));
        let removed = people.map(|person| person.join().expect("nothing was lost"));
        removed.iter().sum()
    });
    let all = 2 * ROUNDS;
    assert!(
        (all / 10..=all * 9 / 10).contains(&removed),
        "{removed} times the removal was first"
    );
}

/// The rounds of one person; how often the removal was first.
fn removals_and_runs() -> usize {
    let file = "docker: {image: dp-test/busybox, network_mode: none, home_persistence: true}\n";
    let dp = Dp::on_engine().file("dp.yml", file);
    let run = ["run", "shell", "-c", "echo here > ~/mark"];
    dp.run(run).ok();
    let home = home_of(&dp);
    // Made as `dp` makes it.
    let labels = ["owner", "workspace", "workspace-id"].map(|key| {
        let format = format!("{{{{index .Labels \"dev.dp.{key}\"}}}}");
        let value = docker(&["volume", "inspect", "--format", &format, &home]);
        format!("dev.dp.{key}={}", value.trim())
    });
    let labels = labels.iter().map(String::as_str);
    let labels: Vec<_> = labels.chain([dp.label(), "dev.dp.test.age=old"]).collect();
    let old = create(&home, "home", &labels);
    let old: Vec<&str> = old.iter().map(String::as_str).collect();
    let (mut removed, mut is_new) = (0, true);
    // The removal begins so much later, in steps: a run has more to do before it wants the volume.
    let mut delay: u32 = 10;
    let step = Duration::from_millis(2);
    for round in 0..ROUNDS {
        dp.run(["sandbox", "rm", "--force", "."]).ok();
        if is_new {
            docker(&["volume", "rm", &home]);
            docker(&old);
        }
        let running = dp.spawn(run);
        std::thread::sleep(step * delay);
        let removal = dp.run(["volumes", "rm", "--force", &home]);
        running.wait().ok();
        let age = "{{index .Labels \"dev.dp.test.age\"}}";
        is_new = docker(&["volume", "inspect", "--format", age, &home]).is_empty();
        assert_eq!(is_new, removal.code == 0, "{round}: {removal}");
        let here = dp.run(["sandbox", "exec", ".", "sh", "-c", "cat ~/mark"]);
        assert_eq!(here.ok(), "here", "{round}: {removal}");
        if is_new {
            removed += 1;
            // Later, and the run may be first.
            delay += 1;
        } else {
            assert_eq!(removal.code, 4, "{round}: {removal}");
            assert!(removal.err().contains("is in use"), "{round}: {removal}");
            delay = delay.saturating_sub(1);
        }
    }
    removed
}

/// The volume that is the home in the one sandbox.
fn home_of(dp: &Dp) -> String {
    let mounts = dp.inspect()["Mounts"].take();
    let mounts = mounts.as_array().expect("a list").iter();
    let mut names = mounts.filter_map(|mount| mount["Name"].as_str());
    let home = names.find(|name| name.starts_with("dp-home-"));
    home.expect("it has one").to_string()
}

/// An engine without a volume, and a person with it.
struct World {
    engine: OwnEngine,
    dp: Dp,
}

impl World {
    fn new() -> Self {
        let engine = OwnEngine::new("");
        let dp = engine.person();
        Self { engine, dp }
    }

    fn docker(&self, words: &[&str]) -> String {
        let host = format!("unix://{}", self.engine.socket().display());
        docker(&[&["--host", &host], words].concat())
    }

    fn volume(&self, name: &str, kind: &str, labels: &[&str]) {
        let words = create(name, kind, labels);
        self.docker(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn names(&self) -> String {
        self.docker(&["volume", "ls", "--quiet"]).replace('\n', " ")
    }
}

#[test]
fn prune_takes_what_nobody_uses_and_keeps_what_people_miss() {
    let world = World::new();
    let (dp, app) = (&world.dp, ["dev.dp.workspace=/w/app"]);
    world.volume("dp-home-free", "home", &app);
    world.volume("dp-home-used", "home", &app);
    world.volume("dp-engine-free", "engine", &app);
    world.volume("dp-login-claude", "login", &["dev.dp.agent=claude"]);
    world.volume("dp-ws-kept", "workspace", &["dev.dp.key=kept"]);
    world.volume("dp-ws-over", "workspace", &["dev.dp.expires=1"]);
    world.volume("dp-guest-x", "guest", &[]);
    world.docker(&["volume", "create", "somebodys"]);
    world.docker(&["create", "-v", "dp-home-used:/x", "dp-test/busybox", "true"]);
    world.docker(&[
        "run",
        "--rm",
        "-v",
        "dp-home-free:/x",
        "dp-test/busybox",
        "sh",
        "-c",
        "head -c 3000000 /dev/zero > /x/y",
    ]);

    assert_snapshot!(dp.run(["volumes", "prune"]), @"
    exit 4
    --- stderr
    error: volumes would be removed
      | dp-engine-free (engine of /w/app)
      | dp-home-free (home of /w/app)
      | dp-ws-over (workspace)
      hint: add `--yes`, or `--dry-run` to see them
    ");
    assert_snapshot!(dp.run(["volumes", "prune", "--expired", "--dry-run"]), @"
    exit 0
    --- stdout
    would remove dp-ws-over
    would give back 0b
    ");
    assert_snapshot!(dp.run(["volumes", "prune", "--older-than", "1h"]), @"
    exit 0
    --- stdout
    nothing to do
    ");
    assert_snapshot!(dp.run(["volumes", "prune", "--kind", "login", "--dry-run"]), @"
    exit 0
    --- stdout
    would remove dp-login-claude
    would give back 0b
    ");
    assert_eq!(world.names().split(' ').count(), 8);

    let mut pty = Pty::start(dp, ["volumes", "prune"], 24, 200);
    pty.expect(
        "dp-home-free (home of /w/app), dp-ws-over (workspace), and all that is in it (2.8m)?",
    );
    pty.send("n\r");
    assert_eq!(pty.wait(), 4);
    assert_eq!(world.names().split(' ').count(), 8);

    let ran = dp
        .run(["--format", "json", "volumes", "prune", "--yes"])
        .json();
    assert!(
        ran["reclaimed"]
            .as_u64()
            .is_some_and(|bytes| bytes >= 3_000_000),
        "{ran}"
    );
    assert_snapshot!(world.names(), @"dp-guest-x dp-home-used dp-login-claude dp-ws-kept somebodys");
    dp.run(["volumes", "prune", "-y", "--kind", "login"]).ok();
    dp.run(["volumes", "prune", "-y", "--kind", "workspace"])
        .ok();
    assert_snapshot!(world.names(), @"dp-guest-x dp-home-used somebodys");
    assert_eq!(dp.run(["volumes", "prune"]).ok(), "nothing to do");
}

#[test]
fn a_sandbox_takes_the_volumes_of_its_workspace_with_it_when_asked() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let words = ["--format", "json", "sandbox", "inspect", "."];
    let id = dp.run(words).json()["workspace_id"]
        .as_str()
        .expect("an ID")
        .to_string();
    let label = format!("dev.dp.workspace-id={id}");
    let home = volume(&dp, "home", "home", &[&label, "dev.dp.workspace=/w"]);
    let engine = volume(&dp, "engine", "engine", &[&label]);
    let login = volume(&dp, "login", "login", &[]);
    let other = volume(&dp, "other", "home", &["dev.dp.workspace-id=0"]);
    let all = [&home, &engine, &login, &other];
    dp.run(["sandbox", "stop", "."]).ok();
    let ran = dp.run(["sandbox", "rm", "--volumes", "."]);
    assert_snapshot!(tidy(&ran, &dp), @"
    exit 4
    --- stderr
    error: volumes would be removed
      | dp-test-engine (engine)
      | dp-test-home (home of /w)
      hint: add `--yes`
    ");
    assert_eq!(
        (dp.containers().len(), all.map(|name| exists(name))),
        (1, [true; 4])
    );

    let mut pty = Pty::start(&dp, ["sandbox", "rm", "--volumes", "."], 24, 400);
    pty.expect(&format!(
        "and all that is in {engine} (engine), {home} (home of /w)?"
    ));
    pty.send("n\r");
    assert_eq!(pty.wait(), 4);
    assert_eq!(dp.containers().len(), 1);

    // Another container has the home: it stays.
    let user = container(&dp, &home, &[]);
    let ran = dp.run([
        "--format",
        "json",
        "sandbox",
        "rm",
        "--volumes",
        "--yes",
        ".",
    ]);
    assert_eq!(ran.json()["volumes"], json!([engine]), "{ran}");
    assert_eq!(all.map(|name| exists(name)), [true, false, true, true]);
    assert_eq!(dp.containers().len(), 0);

    // Without a sandbox left, its volumes go by name.
    docker(&["rm", &user]);
    dp.run(["volumes", "rm", "-f", &home]).ok();
    assert!(!exists(&home));
}

#[test]
fn a_home_goes_with_the_last_sandbox_that_mounts_it() {
    let dp = Dp::on_engine();
    let label = format!("dev.dp.workspace-id={}", name(&dp, "workspace"));
    let home = volume(&dp, "home", "home", &[&label]);
    let mut labels = SANDBOX.to_vec();
    labels.push(&label);
    let first = container(&dp, &home, &labels);
    let second = format!("{first}-2");
    let mut words = vec!["create", "--name", &second, "--label", dp.label()];
    words.extend(labels.iter().flat_map(|label| ["--label", label]));
    let mount = format!("{home}:/data");
    let guest = guest(&dp, &second);
    let more = ["-v", &mount, "--mount", &guest, "dp-test/busybox"];
    docker(&[&words[..], &more].concat());
    for (container, is_left) in [(first, true), (second, false)] {
        let name = container.trim_start_matches("dp-");
        let ran = dp.run(["sandbox", "rm", "--volumes", "--yes", name]);
        assert_eq!(ran.code, 0, "{ran}");
        assert_eq!(exists(&home), is_left, "{ran}");
    }
}
