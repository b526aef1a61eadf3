//! An agent in a sandbox that runs attacks the start of another sandbox of the same directory: it exchanges
//! the source of a mount for a link, as fast as it can, while links in the other sandbox put a program
//! of an agent's in the place of `dp`'s own. Or it was handed a directory of the other sandbox while that
//! one ran. So it stands still until the start is proven, and goes on whatever becomes of the start.

use crate::support::{DEADLINE, Dp, Proxy, Ran, docker, wait_until};
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const FILE: &str = "mounts: [{host_path: ./data, container_path: /mnt/deep/data, read_only: false}, \
    {host_path: ./flip, container_path: /flip, read_only: false}]\n\
    docker: {image: dp-test/busybox, user: root, dind: false}\n";
/// What runs in the guest's place, as long as it may: it takes what the exchanged source gives.
const FALSE_GUEST: &str = "#!/bin/sh\ncat /flip/x >> /workspace/taken\nexec sleep 600\n";
/// `renameat2` with `RENAME_EXCHANGE`, without an end.
const FLIP: &str = "($a, $b) = ('flip', 'link'); while (1) { syscall(316, -100, $a, -100, $b, 2) }";
const COUNT: &str = "i=0; while :; do i=$((i+1)); echo $i > count; done";

/// A project with a sandbox `victim` that is stopped and a sandbox `writer` that runs.
struct Scene {
    dp: Dp,
    proxy: Proxy,
    victim: String,
    writer: String,
}

impl Scene {
    fn new() -> Self {
        Self::with(&[])
    }

    /// With these options of the writer.
    fn with(options: &[&str]) -> Self {
        let dp = { Dp::on_engine().file("dp.yml", FILE) }
            .file("data/dp", FALSE_GUEST)
            .file("flip/x", "own\n")
            .file("../private/x", "private\n");
        fs::set_permissions(dp.path("data/dp"), fs::Permissions::from_mode(0o755))
            .expect("executable");
        let private = fs::canonicalize(dp.path("../private")).expect("it is there");
        symlink(private, dp.path("link")).expect("a link");
        let proxy = Proxy::new(dp.root());
        let dp = { dp.env("DOCKER_HOST", proxy.address()) };
        let make = |kind: &str, options: &[&str]| {
            let name = format!(
                "{kind}-{}",
                dp.label().replace(|c: char| !c.is_alphanumeric(), "")
            );
            let words = ["run", "-d", "--name", &name];
            dp.run([&words[..], options, &["shell"]].concat()).ok();
            name
        };
        let victim = make("victim", &["-t", "dp-test/busybox"]);
        dp.run(["sandbox", "stop", &victim]).ok();
        let writer = make("writer", &[&["-t", "dp-test/debian"], options].concat());
        Self {
            dp,
            proxy,
            victim,
            writer,
        }
    }

    fn here(&self) -> PathBuf {
        fs::canonicalize(self.dp.path("")).expect("a path")
    }

    /// The agent of the writer runs something in the workspace, in the background.
    fn write(&self, words: &[&str]) {
        let (here, writer) = (self.here().display().to_string(), container(&self.writer));
        docker(&[&["exec", "-d", "-w", &here, &writer], words].concat());
    }

    fn count(&self) -> u64 {
        let text = fs::read_to_string(self.dp.path("count")).unwrap_or_default();
        text.trim().parse().unwrap_or(0)
    }

    #[track_caller]
    fn assert_counts(&self, when: &str) {
        assert_eq!(state(&self.writer), "running", "{when}");
        let before = self.count();
        wait_until(when, DEADLINE, || self.count() > before);
        assert_eq!(self.left(), 0, "{when}: nothing is left of it");
    }

    /// How many containers a `dp` says it holds.
    fn left(&self) -> usize {
        let held = self.dp.home().join(".local/state/dp/held");
        fs::read_dir(held).map_or(0, Iterator::count)
    }

    fn start(&self) -> Ran {
        self.dp.run(["sandbox", "start", &self.victim])
    }

    /// The next start comes to the middle, and no further until it is told.
    fn stop_in_the_middle(&self) -> Middle {
        let middle = Middle::default();
        let deed = middle.clone();
        self.proxy.before("/start", move || {
            deed.is_reached.store(true, Ordering::SeqCst);
            wait_until("the test goes on", DEADLINE, || {
                deed.is_over.load(Ordering::SeqCst)
            });
        });
        middle
    }
}

#[derive(Default, Clone)]
struct Middle {
    is_reached: Arc<AtomicBool>,
    is_over: Arc<AtomicBool>,
}

impl Middle {
    fn wait(&self) {
        wait_until("the start", DEADLINE, || {
            self.is_reached.load(Ordering::SeqCst)
        });
    }

    fn leave(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

fn container(name: &str) -> String {
    format!("dp-{name}")
}

fn state(name: &str) -> String {
    let found = docker(&["inspect", "-f", "{{.State.Status}}", &container(name)]);
    found.trim().to_string()
}

#[test]
fn a_program_in_the_guests_place_never_gets_at_an_exchanged_source() {
    let scene = Scene::new();
    scene.start().ok();
    let attack = "mv /mnt /old; mkdir /mnt /x; ln -s /x /mnt/deep; ln -s /.dp/bin /x/data";
    docker(&["exec", &container(&scene.victim), "sh", "-ec", attack]);
    scene.dp.run(["sandbox", "stop", &scene.victim]).ok();
    scene.write(&["perl", "-e", FLIP]);
    for round in 0..10 {
        let ran = scene.start();
        assert_ne!(ran.code, 0, "{round}: {ran}");
        assert_eq!(state(&scene.victim), "exited", "{round}: {ran}");
        let taken = fs::read_to_string(scene.dp.path("taken")).unwrap_or_default();
        assert!(!taken.contains("private"), "{round}: {taken} {ran}");
    }
    assert_eq!(state(&scene.writer), "running");
}

#[test]
fn whoever_stood_still_for_a_start_goes_on_however_that_ends() {
    let scene = Scene::new();
    scene.write(&["sh", "-c", COUNT]);
    scene.start().ok();
    scene.assert_counts("after a start");
    let run = ["run", "--rm", "--name", &format!("{}-new", scene.writer)];
    let show = ["shell", "-c", "cat /flip/x"];
    assert_eq!(scene.dp.run([&run[..], &show].concat()).ok(), "own");
    scene.assert_counts("after a new sandbox");
    let stop = || scene.dp.run(["sandbox", "stop", &scene.victim]).ok();
    let flip = Path::new(&scene.dp.path("flip")).to_path_buf();

    stop();
    let (place, private) = (flip.clone(), scene.dp.path("../private"));
    scene.proxy.before("/start", move || {
        fs::rename(&place, place.with_extension("away")).expect("renamed");
        symlink(&private, &place).expect("a link");
    });
    let ran = scene.start();
    assert!(ran.err().contains("was replaced while"), "{ran}");
    scene.assert_counts("after a start that failed");
    scene.proxy.heal();
    fs::remove_file(&flip).expect("a link");
    fs::rename(flip.with_extension("away"), &flip).expect("renamed");

    for signal in [Signal::INT, Signal::TERM] {
        let middle = scene.stop_in_the_middle();
        let running = scene.dp.spawn(["sandbox", "start", &scene.victim]);
        middle.wait();
        assert_eq!(state(&scene.writer), "paused");
        running.signal(signal);
        let ran = running.wait_for(DEADLINE);
        assert!([130, 143].contains(&ran.code), "{ran}");
        scene.assert_counts("after a signal");
        middle.leave();
        // The proxy carries to the engine what `dp` has given up. Newer ones do nothing with it.
        let begun = Instant::now();
        wait_until("the start", DEADLINE, || {
            state(&scene.victim) == "running" || begun.elapsed() > Duration::from_secs(3)
        });
        stop();
    }

    let middle = scene.stop_in_the_middle();
    let running = scene.dp.spawn(["sandbox", "start", &scene.victim]);
    middle.wait();
    running.signal(Signal::KILL);
    assert_eq!(running.wait_for(DEADLINE).code, 137);
    middle.leave();
    assert_eq!(state(&scene.writer), "paused");
    scene.dp.run(["sandbox", "ls"]).ok();
    scene.assert_counts("after a kill");
}

/// Another command of the person's waits for the moment, and says nothing of it.
#[test]
fn commands_wait_for_a_sandbox_that_stands_still() {
    let scene = Scene::new();
    let commands: [&[&str]; 4] = [
        &["sandbox", "ls"],
        &["sandbox", "exec", &scene.writer, "echo", "on"],
        &["sandbox", "inspect", &scene.writer],
        &["sandbox", "stop", &scene.writer],
    ];
    let middle = scene.stop_in_the_middle();
    let start = scene.dp.spawn(["sandbox", "start", &scene.victim]);
    middle.wait();
    assert_eq!(state(&scene.writer), "paused");
    let mut running: Vec<_> = { commands.iter() }
        .map(|words| scene.dp.spawn(*words))
        .collect();
    for (one, words) in running.iter_mut().zip(commands) {
        assert!(!one.ends_within(Duration::from_millis(50)), "{words:?}");
    }
    middle.leave();
    assert_eq!(start.wait_for(DEADLINE).code, 0);
    // The last command stops it, so the others may come too late for it.
    let stop = running.pop().expect("it is the last").wait_for(DEADLINE);
    assert_eq!(stop.code, 0, "{stop}");
    for (one, words) in running.into_iter().zip(commands) {
        let ran = one.wait_for(DEADLINE);
        // Others, with directories of `dp` of their own, use the engine as well.
        let says = format!("{}{}", ran.out(), ran.err());
        let own = { says.lines() }.filter(|line| line.contains(&scene.writer));
        let is_paused = |line: &str| line.to_lowercase().contains("paused");
        assert!(!own.into_iter().any(is_paused), "{words:?}: {ran}");
    }
}

/// Gives a directory to whoever listens in the workspace; or takes one, and runs a command in it.
const HAND: &str = r#"
    use Socket; my ($what, @rest) = @ARGV; my ($byte, $given) = ("x", 0);
    $given = syscall(2, $rest[0], 0200000) if $what eq "give"; die "open: $!" if $given < 0;
    my $control = pack("Qlllx4", 20, 1, 1, $given); my $vector = pack("PQ", $byte, 1);
    my $message = pack("QLx4PQPQlx4", 0, 0, $vector, 1, $control, 24, 0);
    socket(my $way, AF_UNIX, SOCK_STREAM, 0) or die;
    if ($what eq "give") {
        select(undef, undef, undef, 0.01) until connect($way, pack_sockaddr_un("hand"));
        syscall(46, fileno($way), $message, 0) == 1 or die "send: $!";
        sysread($way, $byte, 1);
    } else {
        bind($way, pack_sockaddr_un("hand")) or die "bind: $!"; listen($way, 1);
        accept(my $visitor, $way) or die;
        syscall(47, fileno($visitor), $message, 0) == 1 or die "receive: $!";
        my (undef, undef, undef, $taken) = unpack("Qlll", $control);
        syscall(81, $taken) == 0 or die "chdir: $!";
        close $visitor; exec @rest;
    }
"#;

/// Two sandboxes of one directory. Root of the one was handed the root of the other one while that ran.
struct Hands {
    dp: Dp,
    proxy: Proxy,
}

impl Hands {
    /// What `deed` does in the root of the sandbox `b`, which is stopped by now, is done or goes on.
    fn new(deed: &str) -> Self {
        let dp = Dp::on_engine()
            .file("hand.pl", HAND)
            .file("../out/ptmx", "own\n");
        let out = fs::canonicalize(dp.path("../out")).expect("it is there");
        let out = out.display();
        let dp = dp.file(
            "deed.sh",
            format!("export OUT={out}; until test -e $HERE/stopped; do sleep 0.01; done; {deed}"),
        );
        let proxy = Proxy::new(dp.root());
        let dp = dp.env("DOCKER_HOST", proxy.address());
        let hands = Self { dp, proxy };
        for name in ["a", "b"] {
            let name = hands.name(name);
            let options = ["-t", "dp-test/debian", "--user", "root", "--name", &name];
            hands
                .dp
                .run([&["run", "-d"], &options[..], &["shell"]].concat())
                .ok();
        }
        let here = hands.dp.path(".");
        let take = format!(
            "export HERE={here}; setsid perl hand.pl take sh -ec \"$(cat deed.sh)\" > log 2>&1 &"
        );
        hands.exec("a", &take).ok();
        hands.exec("b", "exec perl hand.pl give /").ok();
        hands.dp.run(["sandbox", "stop", &hands.name("b")]).ok();
        fs::write(hands.dp.path("stopped"), "").expect("written");
        hands
    }

    fn name(&self, one: &str) -> String {
        let label = self.dp.label().replace(|c: char| !c.is_alphanumeric(), "");
        format!("{one}-{label}")
    }

    fn exec(&self, one: &str, script: &str) -> Ran {
        let name = self.name(one);
        self.dp.run(["sandbox", "exec", &name, "sh", "-c", script])
    }

    /// The engine made nothing of it.
    #[track_caller]
    fn assert_untouched(&self) {
        let entries = fs::read_dir(self.dp.path("../out")).expect("it is there");
        assert_eq!(entries.count(), 1);
        let text = fs::read_to_string(self.dp.path("../out/ptmx"));
        assert_eq!(text.expect("it is there"), "own\n");
    }

    fn log(&self) -> String {
        fs::read_to_string(self.dp.path("log")).unwrap_or_default()
    }

    fn timely(&self, words: &[&str]) -> Ran {
        let mut running = self.dp.spawn(words);
        assert!(running.ends_within(DEADLINE), "{}", self.log());
        running.wait()
    }

    /// Starts it again.
    fn start(&self) -> Ran {
        self.timely(&["sandbox", "start", &self.name("b")])
    }
}

#[test]
fn what_others_change_in_a_stopped_sandbox_misleads_no_engine() {
    for (deed, said) in [
        (
            "mkdir -p .$OUT; rm -rf dev; ln -s $OUT dev",
            "`/dev` in the sandbox",
        ),
        (
            "mkdir -p .$OUT; mv dev old; ln -s ..$OUT dev",
            "`/dev` in the sandbox",
        ),
        (
            "rm etc/passwd; mkfifo etc/passwd",
            "`/etc/passwd` in the sandbox",
        ),
        (
            "rm etc/group; ln -s /dev/zero etc/group",
            "`/etc/group` in the sandbox",
        ),
    ] {
        let hands = Hands::new(&format!("{deed}; echo over"));
        wait_until("the deed", DEADLINE, || hands.log().contains("over"));
        if deed.starts_with("rm") {
            // Who did it is gone by then.
            let remove = ["sandbox", "rm", "--force", &hands.name("a")];
            hands.dp.run(remove).ok();
        }
        // By name the engine is asked for one sandbox, and for a directory for all.
        let name = hands.name("b");
        let ways: [&[&str]; 2] = [
            &["sandbox", "start", &name],
            &["run", "--name", &name, "shell", "-c", "true"],
        ];
        let ran = hands.timely(ways[usize::from(deed.starts_with("rm"))]);
        assert!([1, 125].contains(&ran.code), "{deed}: {ran}");
        assert!(ran.err().contains(said), "{deed}: {ran}");
        hands.assert_untouched();
    }
}

#[test]
fn who_was_handed_a_sandbox_stands_still_while_it_starts() {
    let exchange = "syscall(316, -100, my $a = q(dev), -100, my $b = q(link), 2) == 0 or die $!";
    let hands = Hands::new(&format!(
        "mkdir -p .$OUT; rm -rf dev; mkdir dev; ln -s $OUT link; echo ready; \
         until test -e $HERE/now; do sleep 0.01; done; perl -e '{exchange}'; echo over"
    ));
    wait_until("it waits", DEADLINE, || hands.log().contains("ready"));
    let (now, log) = (hands.dp.path("now"), hands.dp.path("log"));
    hands.proxy.before("/start", move || {
        fs::write(&now, "").expect("written");
        let is_over = || fs::read_to_string(&log).is_ok_and(|log| log.contains("over"));
        let begun = Instant::now();
        while !is_over() && begun.elapsed() < Duration::from_secs(1) {
            std::thread::yield_now();
        }
    });
    hands.start().ok();
    hands.assert_untouched();
    wait_until("it goes on", DEADLINE, || hands.log().contains("over"));
}

/// The engine looks up where to mount something in the files of a sandbox, for a copy as well.
#[test]
fn nobody_runs_while_the_engine_copies_out_of_a_stopped_sandbox_or_into_it() {
    let hands = Hands::new("true");
    for (from, to) in [("b:/etc/hostname", "copy"), ("hand.pl", "b:/tmp/")] {
        let named = |text: &str| text.replace("b:", &format!("{}:", hands.name("b")));
        let other = hands.name("a");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let states = Arc::clone(&seen);
        hands.proxy.before("/archive?", move || {
            states.lock().expect("no panic").push(state(&other));
        });
        hands
            .dp
            .run(["sandbox", "cp", &named(from), &named(to)])
            .ok();
        let states = seen.lock().expect("no panic");
        assert!(!states.is_empty());
        assert!(states.iter().all(|state| state == "paused"), "{states:?}");
        assert_eq!(state(&hands.name("a")), "running");
    }
}

/// Containers that run there can write, too.
#[test]
fn the_docker_engine_of_a_sandbox_stands_still_with_it() {
    let scene = Scene::with(&["--dind"]);
    let id = docker(&["inspect", "-f", "{{.Id}}", &container(&scene.writer)]);
    let engine = format!("dp.engine-{}-{}", scene.writer, &id[..12]);
    let state = || docker(&["inspect", "-f", "{{.State.Status}}", &engine]);
    assert_eq!(state(), "running");
    let middle = scene.stop_in_the_middle();
    let start = scene.dp.spawn(["sandbox", "start", &scene.victim]);
    middle.wait();
    assert_eq!(state(), "paused");
    middle.leave();
    assert_eq!(start.wait_for(DEADLINE).code, 0);
    assert_eq!(state(), "running");
}

/// Two starts at once: the writer's agent has no word to begin until the other start is proven.
#[test]
fn nobody_who_could_write_there_begins_to_run_during_a_start() {
    let scene = Scene::new();
    scene.dp.run(["sandbox", "stop", &scene.writer]).ok();
    let middle = scene.stop_in_the_middle();
    let starts = || {
        let calls = scene.proxy.calls();
        calls.iter().filter(|call| call.ends_with("/start")).count()
    };
    let victim = scene.dp.spawn(["sandbox", "start", &scene.victim]);
    middle.wait();
    let start = || scene.dp.spawn(["sandbox", "start", &scene.writer]);
    let (mut interrupted, mut writer) = (start(), start());
    assert!(!writer.ends_within(Duration::from_millis(300)));
    interrupted.signal(Signal::INT);
    assert!(interrupted.ends_within(DEADLINE), "a signal ends the wait");
    assert_eq!(starts(), 1, "{:?}", scene.proxy.calls());
    middle.leave();
    for running in [victim, writer] {
        let ran = running.wait_for(DEADLINE);
        assert_eq!(ran.code, 0, "{ran}");
    }
    assert_eq!(state(&scene.writer), "running");
}

#[test]
fn a_sandbox_that_its_person_paused_stays_paused() {
    let scene = Scene::new();
    docker(&["pause", &container(&scene.writer)]);
    scene.start().ok();
    assert_eq!(state(&scene.writer), "paused");
    let ran = scene.dp.run(["sandbox", "exec", &scene.writer, "true"]);
    assert!(ran.err().contains("is paused"), "{ran}");
    scene.dp.run(["sandbox", "ls"]).ok();
    scene.dp.run(["sandbox", "stop", &scene.victim]).ok();
    assert_eq!(state(&scene.writer), "paused");
}

/// A start that concerns nobody asks the engine no more than before, and holds nobody.
#[test]
fn a_start_holds_nobody_who_cannot_write_above_its_sources() {
    let dp = Dp::on_engine().file("dp.yml", "docker: {image: dp-test/busybox, dind: false}\n");
    let proxy = Proxy::new(dp.root());
    let dp = dp.env("DOCKER_HOST", proxy.address());
    dp.run(["run", "-d", "shell"]).ok();
    dp.run(["sandbox", "stop", "."]).ok();
    proxy.heal();
    assert_eq!(dp.run(["run", "shell", "-c", "echo on"]).ok(), "on");
    let calls = proxy.calls();
    let count = |part: &str| calls.iter().filter(|call| call.contains(part)).count();
    assert_eq!(count("/containers/json"), 1, "{calls:?}");
    assert!(
        !calls.iter().any(|call| call.contains("pause")),
        "{calls:?}"
    );
}

/// Also where nobody else seems to have run: containers of the Docker engine inside may have been handed it.
#[test]
fn a_sandbox_that_ran_before_is_always_looked_at() {
    let dp = Dp::on_engine();
    let proxy = Proxy::new(dp.root());
    let dp = dp.env("DOCKER_HOST", proxy.address());
    for options in [&[][..], &["--dind"]] {
        let words = ["run", "-t", "dp-test/busybox", "--recreate"];
        dp.run([&words[..], options, &["shell", "-c", "true"]].concat())
            .ok();
        dp.run(["sandbox", "stop", "."]).ok();
        for start in [
            &["run", "shell", "-c", "true"][..],
            &["sandbox", "start", "."],
        ] {
            proxy.heal();
            dp.run(start).ok();
            let calls = proxy.calls();
            for place in ["passwd", "group", "dev"] {
                let is_asked = |call: &String| call.contains("/archive") && call.ends_with(place);
                assert!(calls.iter().any(is_asked), "{place}: {calls:?}");
            }
            dp.run(["sandbox", "stop", "."]).ok();
        }
    }
}
