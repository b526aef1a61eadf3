//! What passes through a session: exit codes, streams, signals, environment. Over the socket, and
//! over the relay.

use crate::support::{DEADLINE, Dp, Pty, Ran, Way, docker, wait_until};
use rustix::process::Signal;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// Each of these runs over the socket and over the relay.
macro_rules! both_ways {
    ($($name:ident)*) => {
        mod socket { $( #[test] fn $name() { super::$name(super::Way::Socket); } )* }
        mod relay { $( #[test] fn $name() { super::$name(super::Way::Relay); } )* }
    };
}

both_ways! {
    exit_codes_are_the_agents
    a_command_that_is_not_there_is_127_and_one_that_cannot_run_126
    a_hundred_megabytes_pass_through
    input_that_ends_is_seen_inside
    a_reader_that_goes_away_ends_the_agent
    signals_reach_the_agent
    an_agent_that_is_killed_is_137
    variables_reach_the_agent_and_nothing_else
    agents_are_listed_and_their_words_kept
}

fn sh(dp: &Dp, script: &str) -> Ran {
    crate::sh(dp, script)
}

fn exit_codes_are_the_agents(way: Way) {
    let dp = Dp::on_engine_by(way);
    for code in [0, 1, 2, 3, 124, 125, 130, 255] {
        assert_eq!(sh(&dp, &format!("exit {code}")).code, code);
    }
}

fn a_command_that_is_not_there_is_127_and_one_that_cannot_run_126(way: Way) {
    let dp = Dp::on_engine_by(way).file("data", "text").config(
        "[agents.gone]\ncommand = [\"no-such-command\"]\n[agents.data]\ncommand = [\"./data\"]\n",
    );
    let ran = dp.run(["run", "-t", "dp-test/busybox", "gone"]);
    assert_eq!(ran.code, 127, "{ran}");
    assert!(
        ran.err()
            .contains("there is no command `no-such-command` in the sandbox"),
        "{ran}"
    );
    let ran = dp.run(["run", "-t", "dp-test/busybox", "data"]);
    assert_eq!(ran.code, 126, "{ran}");
    assert!(ran.err().contains("cannot be executed"), "{ran}");
    assert_eq!(
        sh(&dp, "no-such-command").code,
        127,
        "the shell's own answer"
    );
    let ran = dp.run(["sandbox", "exec", "shell-app", "true"]);
    assert_eq!(ran.code, 125, "there is no such sandbox: {ran}");
}

fn a_hundred_megabytes_pass_through(way: Way) {
    const SIZE: usize = 100 << 20;
    let dp = Dp::on_engine_by(way);
    sh(&dp, "true").ok();
    let words = ["run", "shell", "-c", "md5sum >&2"];
    let block: Vec<u8> = (0..1 << 20)
        .map(|i: u32| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let feed = |mut to: std::process::ChildStdin| {
        let block = block.clone();
        std::thread::spawn(move || {
            for _ in 0..SIZE / block.len() {
                to.write_all(&block).expect("it is read to its end");
            }
        })
    };
    // In: the checksum inside is that of what was sent.
    let mut child = dp
        .command(words)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("dp");
    let feeder = feed(child.stdin.take().expect("it is open"));
    let output = child.wait_with_output().expect("it ends");
    feeder.join().expect("all was taken");
    let inside = String::from_utf8_lossy(&output.stderr).into_owned();
    // In and out: what comes back is what was sent.
    let mut command = dp.command(["run", "shell", "-c", "cat"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("dp");
    let feeder = feed(child.stdin.take().expect("it is open"));
    let mut back = child.stdout.take().expect("it is open");
    let mut buffer = vec![0; block.len()];
    for number in 0..SIZE / block.len() {
        back.read_exact(&mut buffer).expect("as much as was sent");
        assert!(buffer == block, "block {number} differs");
    }
    assert_eq!(back.read(&mut buffer).expect("the end"), 0);
    feeder.join().expect("all was taken");
    assert!(child.wait().expect("it ends").success());
    let mut sum = Command::new("md5sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("md5sum");
    feed(sum.stdin.take().expect("it is open"))
        .join()
        .expect("all was taken");
    let outside = sum.wait_with_output().expect("it ends").stdout;
    assert_eq!(inside, String::from_utf8_lossy(&outside));
}

fn input_that_ends_is_seen_inside(way: Way) {
    let dp = Dp::on_engine_by(way);
    let ran = dp.run_with(
        [
            "run",
            "-t",
            "dp-test/busybox",
            "shell",
            "-c",
            "cat; echo end",
        ],
        b"1\n2\n",
    );
    assert_eq!(ran.ok(), "1\n2\nend");
    let mut running = dp.spawn([
        "run",
        "shell",
        "-c",
        "while read x; do echo got $x; done; echo end",
    ]);
    running.send(b"1\n");
    running.expect("got 1\n");
    running.send(b"2\n");
    running.expect("got 2\n");
    running.close_stdin();
    running.expect("end\n");
    assert_eq!(running.wait().code, 0);
    // No standard input at all.
    let mut command = dp.command(["run", "shell", "-c", "cat; echo end"]);
    let output = command.stdin(Stdio::null()).output().expect("dp");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "end\n");
    // An agent that does not read it.
    let ran = dp.run_with(["run", "shell", "-c", "exit 5"], &vec![b'x'; 8 << 20]);
    assert_eq!(ran.code, 5, "{ran}");
}

fn a_reader_that_goes_away_ends_the_agent(way: Way) {
    let dp = Dp::on_engine_by(way);
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "yes; echo $? > status",
    ];
    let mut running = dp.spawn(words);
    running.expect("y\ny\n");
    running.close_stdout();
    let ran = running.wait();
    assert!(
        ran.err().lines().all(|line| !line.contains("error")),
        "{ran}"
    );
    let status = std::fs::read_to_string(dp.path("status")).expect("the shell went on");
    assert_ne!(status, "0\n", "yes ended of its closed output");
}

fn signals_reach_the_agent(way: Way) {
    let dp = Dp::on_engine_by(way);
    let script = "trap 'echo got int; exit 4' INT; trap 'echo got term; exit 5' TERM; \
                  echo ready; while :; do sleep 0.05; done";
    for (signal, word, code) in [(Signal::INT, "got int", 4), (Signal::TERM, "got term", 5)] {
        let running = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", script]);
        running.expect("ready");
        running.signal(signal);
        running.expect(word);
        assert_eq!(running.wait().code, code);
    }
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let running = dp.spawn(["run", "shell", "-c", "echo ready; exec sleep 1000"]);
        running.expect("ready");
        running.signal(signal);
        assert_eq!(running.wait().code, code);
    }
}

fn an_agent_that_is_killed_is_137(way: Way) {
    let dp = Dp::on_engine_by(way);
    assert_eq!(sh(&dp, "kill -9 $$").code, 137);
    let running = dp.spawn([
        "run",
        "shell",
        "-c",
        "echo $$ > pid; echo ready; exec sleep 1000",
    ]);
    running.expect("ready");
    dp.run(["sandbox", "exec", ".", "sh", "-c", "kill -9 $(cat pid)"])
        .ok();
    assert_eq!(running.wait().code, 137);
}

fn variables_reach_the_agent_and_nothing_else(way: Way) {
    /// Of `xhunter2y`, which itself must appear nowhere.
    const SUM: &str = "7ec8b80fb3200607a04ef21ed4b51d6c";
    let dp = Dp::on_engine_by(way)
        .file("x.env", "FROM_FILE='a b'\nBOTH=file\n")
        .env("FROM_HERE", "here");
    dp.run_with(["secret", "set", "GITHUB"], b"hunter2\n").ok();
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "--env-file",
        "x.env",
        "-e",
        "BOTH=option",
        "-e",
        "COMMAS=a,b=c",
        "-e",
        "FROM_HERE",
        "-e",
        "NOT_HERE",
        "-e",
        "TOKEN=x{{apikey:GITHUB}}y",
        "shell",
        "-c",
        "echo $FROM_FILE $BOTH $COMMAS $FROM_HERE ${NOT_HERE-unset} $HOME $PWD; \
         echo -n $TOKEN | md5sum",
    ];
    let ran = dp.run(words);
    let home = if rustix::process::getuid().is_root() {
        "/root"
    } else {
        "/home/agent"
    };
    let here = dp.path("");
    let here = here.trim_end_matches('/');
    assert_eq!(
        ran.ok(),
        format!("a b option a,b=c here unset {home} {here}\n{SUM}  -")
    );
    let ran = dp.run(["run", "shell", "-c", "echo ${TOKEN-none} ${BOTH-none}"]);
    assert_eq!(ran.ok(), "none none", "they are given to one session");
    let container = dp.container();
    assert!(!docker(&["inspect", &container]).contains("hunter2"));
    assert!(!docker(&["logs", &container]).contains("hunter2"));
    assert!(
        !dp.run(["--format", "json", "sandbox", "inspect", "."])
            .ok()
            .contains("hunter2")
    );
    let kept = "grep -rl hunter2 /var/log /etc /tmp /run 2>/dev/null | wc -l";
    assert_eq!(sh(&dp, kept).ok(), "0");
}

#[test]
fn a_secret_called_like_a_variable_of_the_agent_is_given_to_it() {
    let dp = Dp::on_engine().config(
        "[agents.probe]\ncommand = [\"sh\", \"-c\", \"echo $API_KEY $OTHER $FIXED\"]\n\
         api_keys = [\"API_KEY\"]\nenv = { FIXED = \"1\" }\n[secrets]\nOTHER = \"kept\"\n",
    );
    dp.run_with(["secret", "set", "API_KEY"], b"hunter2").ok();
    dp.run_with(["secret", "set", "kept"], b"hunter3").ok();
    assert_eq!(
        dp.run(["run", "-t", "dp-test/busybox", "probe"]).ok(),
        "hunter2 hunter3 1"
    );
    assert!(!docker(&["inspect", &dp.container()]).contains("hunter"));
}

#[test]
fn arguments_arrive_as_they_are() {
    let dp = Dp::on_engine().config("[agents.hello]\ncommand = [\"/hello\", \"0\"]\n");
    let given = ["--rm", "-e", "a b", "", "é", "$HOME", "*", "--", "'\""];
    let ran = dp.run(
        ["run", "-t", "dp-test/static", "hello"]
            .iter()
            .chain(&given),
    );
    let expected: Vec<String> = (2..)
        .zip(given)
        .map(|(i, argument)| format!("argv[{i}]={argument}"))
        .collect();
    let out = ran.ok();
    let got: Vec<&str> = out.lines().skip(2).take(given.len()).collect();
    assert_eq!(got, expected);
    let ran = dp.run(["run", "hello", "--", "-x"]);
    assert!(
        ran.ok().contains("argv[2]=-x\n"),
        "the first `--` is ours: {ran}"
    );
}

#[test]
fn dp_that_is_killed_takes_a_piped_agent_with_it() {
    let dp = Dp::on_engine();
    let script = "echo $$ > pid; echo ready; exec sleep 1000";
    let running = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", script]);
    running.expect("ready");
    running.signal(Signal::KILL);
    assert_eq!(running.wait().code, 137);
    wait_until("the agent is gone", DEADLINE, || {
        dp.run(["sandbox", "exec", ".", "sh", "-c", "kill -0 $(cat pid)"])
            .code
            == 1
    });
}

#[test]
fn the_sandbox_that_goes_away_ends_the_session_with_words() {
    let dp = Dp::on_engine();
    let running = dp.spawn([
        "run",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "echo ready; exec sleep 1000",
    ]);
    running.expect("ready");
    docker(&["kill", &dp.container()]);
    let ran = running.wait();
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("the sandbox went away during the session"),
        "{ran}"
    );
    assert_eq!(sh(&dp, "echo back").ok(), "back");
}

/// A process that has ended, reaped or not.
fn is_dead(process: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat"));
    status.map_or(true, |text| text.contains(") Z ") || text.contains(") X "))
}

/// The session hears of it before the engine does, and the engine's lists are the last to know.
#[test]
fn a_sandbox_that_ended_a_moment_ago_is_started_again() {
    let dp = Dp::on_engine();
    let script = "echo ready; exec sleep 1000";
    for round in 0..5 {
        let running = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", script]);
        running.expect("ready");
        let first = dp.inspect()["State"]["Pid"].to_string();
        let mut kill = Command::new("docker")
            .args(["kill", &dp.container()])
            .stdout(Stdio::null())
            .spawn()
            .expect("the docker CLI is installed");
        assert_eq!(running.wait().code, 125);
        wait_until("the kernel is done with it", DEADLINE, || is_dead(&first));
        assert_eq!(sh(&dp, "echo back").ok(), "back", "round {round}");
        assert!(kill.wait().expect("it ends").success());
    }
}

#[test]
fn a_full_disk_is_not_taken_for_a_reader_that_had_enough() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let mut command = dp.command(["run", "shell", "-c", "echo lost"]);
    let output = command
        .stdin(Stdio::null())
        .stdout(full)
        .output()
        .expect("dp");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(125), "{complaint}");
    assert!(
        complaint.to_lowercase().contains("no space left on device"),
        "{complaint}"
    );
}

fn agents_are_listed_and_their_words_kept(way: Way) {
    let dp = Dp::on_engine_by(way);
    let script = "echo first; read x; echo got $x";
    let mut running = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", script]);
    running.expect("first\n");
    let other = dp.spawn(["sandbox", "attach"]);
    wait_until("both look at it", DEADLINE, || {
        let processes = dp.run(["--format", "json", "sandbox", "ps"]);
        processes.json()[0]["attached"] == 2
    });
    running.send(b"it\n");
    other.expect("got it\n");
    assert_eq!((running.wait().code, other.wait().code), (0, 0));
    assert_eq!(dp.run(["sandbox", "logs"]).ok(), "first\ngot it");
    assert!(dp.run(["sandbox", "ps"]).ok().contains("exited 0"));
}

#[test]
fn standard_streams_that_are_closed_are_nobodys() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let program = dp
        .command([""; 0])
        .get_program()
        .to_string_lossy()
        .into_owned();
    let run = |script: &str| dp.run_other("sh", ["-c", &script.replace("DP", &program)]);
    let ran = run("DP run shell -c 'cat; echo end' <&-");
    assert_eq!(ran.ok(), "end");
    let ran = run("DP run shell -c 'echo out; echo err >&2; exit 3' >&-");
    assert_eq!((ran.code, ran.err().as_str()), (3, "err\n"), "{ran}");
    let ran = run("DP run shell -c 'echo out; echo err >&2; exit 3' 2>&-");
    assert_eq!((ran.code, ran.out().as_str()), (3, "out\n"), "{ran}");
}

#[test]
fn a_network_that_goes_away_ends_a_session_with_words() {
    let dp = Dp::on_engine_by(Way::Relay);
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "echo ready; exec sleep 1000",
    ];
    let running = dp.spawn(words);
    running.expect("ready");
    dp.forward().cut();
    let ran = running.wait();
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err().contains("error: ") && ran.err().contains("  hint: "),
        "{ran}"
    );
    assert_eq!(sh(&dp, "echo back").ok(), "back");
}

#[test]
fn ctrl_c_at_a_question_ends_its_line_first() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mut pty = Pty::spawn(&dp, ["run", "--memory", "64m", "shell"]);
    pty.expect(" anew?");
    pty.send("\x03");
    pty.expect("nothing was changed");
    assert_eq!(pty.wait(), 130);
    let seen = pty.seen();
    let before = seen.split("error").next().expect("a first part");
    let before = console::strip_ansi_codes(before);
    assert!(before.ends_with('\n'), "{seen:?}");
    assert!(pty.is_restored());
}
