//! An agent on a real terminal: keys, sizes, leaving and coming back, and the terminal afterwards
//! as it was before. Over the socket, and over the relay.

use crate::support::{DEADLINE, Dp, Pty, Way, docker, wait_until};
use rustix::process::Signal;

/// Each of these runs over the socket and over the relay.
macro_rules! both_ways {
    ($($name:ident)*) => {
        mod socket { $( #[test] fn $name() { super::$name(super::Way::Socket); } )* }
        mod relay { $( #[test] fn $name() { super::$name(super::Way::Relay); } )* }
    };
}

both_ways! {
    keys_go_to_the_agent_as_they_are
    the_size_reaches_the_agent_from_the_first_and_at_each_change
    the_detach_keys_leave_the_agent_running_and_the_next_run_comes_back
    a_terminal_that_goes_away_leaves_the_agent_running
    signals_to_dp_reach_the_agent_and_the_terminal_is_restored
}

const RUN: [&str; 4] = ["run", "-t", "dp-test/debian", "shell"];

fn run(dp: &Dp, script: &str) -> Pty {
    Pty::spawn(dp, RUN.iter().chain(&["-c", script]))
}

/// A shell at its prompt: what is typed is carried out.
fn shell(dp: &Dp) -> Pty {
    let pty = Pty::spawn(dp, RUN);
    pty.send("echo up-$((40 + 2))\r");
    pty.expect("up-42");
    pty
}

fn processes(dp: &Dp) -> serde_json::Value {
    dp.run(["--format", "json", "sandbox", "ps", "."]).json()
}

fn wait_until_left(dp: &Dp) {
    wait_until("nobody is attached", DEADLINE, || {
        processes(dp)[0]["attached"] == 0
    });
}

fn keys_go_to_the_agent_as_they_are(way: Way) {
    let dp = Dp::on_engine_by(way);
    let mut pty = shell(&dp);
    assert!(pty.is_raw());
    pty.send(
        "tty; stty size; echo $TERM; test -t 0 && test -t 1 && test -t 2 && echo all-$((1))\r",
    );
    pty.expect("/dev/pts/");
    pty.expect("24 80");
    pty.expect("xterm-256color");
    pty.expect("all-1");
    pty.send("sleep 1000\r");
    wait_until("it sleeps", DEADLINE, || {
        dp.run(["sandbox", "exec", ".", "pgrep", "sleep"]).code == 0
    });
    pty.send("\x03");
    pty.send("echo status-$?\r");
    pty.expect("status-130");
    pty.send("cat -v; exit 3\r");
    wait_until("it reads", DEADLINE, || {
        dp.run(["sandbox", "exec", ".", "pgrep", "cat"]).code == 0
    });
    pty.send("\x10x\x01\x1b[A\r\x04");
    pty.expect("^Px^A^[[A\r\n^Px^A^[[A\r\n");
    assert_eq!(pty.wait(), 3, "{}", pty.seen());
    assert!(pty.is_restored());
}

fn the_size_reaches_the_agent_from_the_first_and_at_each_change(way: Way) {
    let dp = Dp::on_engine_by(way);
    // A shell may miss a signal that comes while it waits for a command; perl does not, except for
    // SIGINT, which it ignores meanwhile.
    let script = "stty size; exec perl -e '$SIG{WINCH} = sub { system q(stty size) }; \
                  $SIG{TERM} = sub { exit 4 }; $| = 1; print qq(ready\\n); sleep 1 while 1'";
    let mut pty = Pty::start(&dp, RUN.iter().chain(&["-c", script]), 33, 101);
    pty.expect("33 101");
    pty.expect("ready");
    pty.resize(50, 120);
    pty.expect("50 120");
    pty.resize(10, 20);
    pty.expect("10 20");
    pty.signal(Signal::TERM);
    assert_eq!(pty.wait(), 4);
    assert!(pty.is_restored());
}

fn the_detach_keys_leave_the_agent_running_and_the_next_run_comes_back(way: Way) {
    let dp = Dp::on_engine_by(way);
    let mut pty = shell(&dp);
    pty.send("state=kept; (sleep 0.3; echo missed-$((6 * 7)); touch done) &\r");
    pty.send("\x10\x11");
    pty.expect("shell goes on in shell-app-");
    pty.expect("`dp sandbox attach shell-app-");
    assert_eq!(pty.wait(), 0);
    assert!(pty.is_restored());
    assert_eq!(processes(&dp)[0]["attached"], 0);
    wait_until("it went on", DEADLINE, || dp.here().join("done").exists());
    let mut pty = Pty::start(&dp, ["run", "shell"], 30, 90);
    pty.expect("back in the session of ");
    pty.expect("up-42");
    pty.expect("missed-42");
    pty.send("echo $state; stty size\r");
    pty.expect("kept");
    pty.expect("30 90");
    pty.send("\x10\x11");
    assert_eq!(pty.wait(), 0);
    // Attach comes back too, by hand.
    let mut pty = Pty::spawn(&dp, ["sandbox", "attach"]);
    pty.expect("missed-42");
    pty.send("exit 7\r");
    assert_eq!(pty.wait(), 7);
    assert!(pty.is_restored());
    let processes = processes(&dp);
    assert_eq!(
        processes.as_array().map(Vec::len),
        Some(1),
        "it was one all along: {processes}"
    );
}

fn a_terminal_that_goes_away_leaves_the_agent_running(way: Way) {
    let dp = Dp::on_engine_by(way);
    let mut pty = shell(&dp);
    pty.send("state=kept; echo set-$((1))\r");
    pty.expect("set-1");
    pty.signal(Signal::HUP);
    assert_eq!(pty.wait(), 129);
    assert!(pty.is_restored());
    wait_until_left(&dp);
    let mut pty = Pty::spawn(&dp, ["run", "shell"]);
    pty.expect("back in the session of ");
    pty.send("echo $state-1\r");
    pty.expect("kept-1");
    assert_eq!(pty.hang_up(), 129, "the window is closed");
    wait_until_left(&dp);
    let pty = Pty::spawn(&dp, ["run", "shell"]);
    pty.expect("back in the session of ");
    pty.send("echo $state-2\r");
    pty.expect("kept-2");
    pty.signal(Signal::KILL);
    wait_until_left(&dp);
    let mut pty = Pty::spawn(&dp, ["run", "shell"]);
    pty.expect("back in the session of ");
    pty.send("echo $state-3; exit 5\r");
    pty.expect("kept-3");
    assert_eq!(pty.wait(), 5);
    assert!(pty.is_restored());
}

fn signals_to_dp_reach_the_agent_and_the_terminal_is_restored(way: Way) {
    let dp = Dp::on_engine_by(way);
    let script = "exec perl -e '$SIG{TERM} = sub { print q(got term); exit 5 }; \
                  $SIG{INT} = sub { print q(got int); exit 6 }; $| = 1; print q(ready); sleep 1 while 1'";
    for (signal, word, code) in [(Signal::TERM, "got term", 5), (Signal::INT, "got int", 6)] {
        let mut pty = run(&dp, script);
        pty.expect("ready");
        assert!(pty.is_raw());
        pty.signal(signal);
        pty.expect(word);
        assert_eq!(pty.wait(), code);
        assert!(pty.is_restored());
    }
    let mut pty = run(&dp, "echo ready; exec sleep 1000");
    pty.expect("ready");
    pty.signal(Signal::TERM);
    assert_eq!(pty.wait(), 143);
    assert!(pty.is_restored());
}

#[test]
fn ctrl_c_is_the_agents() {
    let dp = Dp::on_engine();
    let mut pty = run(
        &dp,
        "exec perl -e '$SIG{INT} = sub { print q(got int); exit 9 }; $| = 1; print q(ready); sleep 1 while 1'",
    );
    pty.expect("ready");
    pty.send("\x03");
    pty.expect("got int");
    assert_eq!(pty.wait(), 9);
}

#[test]
fn the_terminal_is_restored_when_the_sandbox_goes_away() {
    let dp = Dp::on_engine();
    let mut pty = shell(&dp);
    docker(&["rm", "--force", &dp.container()]);
    pty.expect("the sandbox went away during the session");
    assert_eq!(pty.wait(), 125);
    assert!(pty.is_restored());
}

#[test]
fn what_an_agent_left_switched_on_is_switched_off_when_it_is_left() {
    let dp = Dp::on_engine();
    // The alternate screen, mouse reports, a hidden cursor.
    let mut pty = run(
        &dp,
        "printf '\\033[?1049h\\033[?1003h\\033[?25l'; echo ready; exec sleep 1000",
    );
    pty.expect("ready");
    pty.send("\x10\x11");
    pty.expect("goes on in");
    assert_eq!(pty.wait(), 0);
    let seen = pty.seen();
    for off in ["\x1b[?1049l", "\x1b[?1003l", "\x1b[?25h"] {
        assert!(seen.contains(off), "{off:?}: {seen:?}");
    }
}

#[test]
fn other_detach_keys_of_the_configuration() {
    let dp = Dp::on_engine().config("detach_keys = \"ctrl-a,d\"\n");
    let mut pty = shell(&dp);
    pty.send("echo \x10\x11-still-here\r");
    pty.expect("-still-here");
    pty.send("\x01d");
    pty.expect("goes on in");
    assert_eq!(pty.wait(), 0);
}

#[test]
fn half_of_the_detach_keys_goes_to_the_agent() {
    let dp = Dp::on_engine();
    let mut pty = run(
        &dp,
        "stty raw -echo; echo ready; head -c 2 | od -An -c; echo end",
    );
    pty.expect("ready");
    pty.send("\x10x");
    pty.expect("020   x");
    assert_eq!(pty.wait(), 0);
    let mut pty = run(
        &dp,
        "stty raw -echo; echo ready; head -c 1 | od -An -c; echo end",
    );
    pty.expect("ready");
    pty.send("\x10");
    pty.expect("020");
    assert_eq!(pty.wait(), 0, "also when nothing follows");
}

/// How a terminal sends ctrl-p, its release and ctrl-q to an agent that asked for such reports.
#[test]
fn the_detach_keys_as_escape_sequences() {
    let dp = Dp::on_engine();
    let mut pty = shell(&dp);
    for event in ["\x1b[112;5u", "\x1b[112;5:3u", "\x1b[113;5u"] {
        pty.send(event);
    }
    pty.expect("goes on in");
    assert_eq!(pty.wait(), 0);
}

#[test]
fn who_comes_back_is_not_asked_what_the_terminal_was_asked_before() {
    let dp = Dp::on_engine();
    let mut pty = shell(&dp);
    pty.send("printf 'as\\033[cked-%s\\n' $((6 * 7))\r");
    pty.expect("as\x1b[cked-42");
    pty.send("\x10\x11");
    assert_eq!(pty.wait(), 0);
    let mut pty = Pty::spawn(&dp, ["sandbox", "attach"]);
    pty.expect("asked-42");
    pty.send("exit 0\r");
    assert_eq!(pty.wait(), 0);
}

#[test]
fn other_arguments_start_another_agent_beside_the_one_left_running() {
    let dp = Dp::on_engine();
    let mut pty = shell(&dp);
    pty.send("\x10\x11");
    assert_eq!(pty.wait(), 0);
    let mut pty = run(&dp, "echo another; exit 4");
    pty.expect("another");
    assert_eq!(pty.wait(), 4);
    let running = processes(&dp);
    let running: Vec<_> = running
        .as_array()
        .into_iter()
        .flatten()
        .filter(|one| one["exit"].is_null())
        .collect();
    assert_eq!(running.len(), 1, "the first one");
}

#[test]
fn a_run_without_a_terminal_does_not_take_over_one_that_was_left() {
    let dp = Dp::on_engine();
    let mut pty = shell(&dp);
    pty.send("\x10\x11");
    assert_eq!(pty.wait(), 0);
    let ran = dp.run_with(["run", "shell"], b"echo piped; exit 2\n");
    assert_eq!((ran.code, ran.out()), (2, "piped\n".into()), "{ran}");
    assert_eq!(processes(&dp)[0]["exit"], serde_json::Value::Null);
}

#[test]
fn two_people_look_at_one_agent() {
    let dp = Dp::on_engine();
    let mut first = shell(&dp);
    let mut second = Pty::spawn(&dp, ["sandbox", "attach"]);
    second.expect("up-42");
    first.send("echo from-the-$((1))st\r");
    second.expect("from-the-1st");
    second.send("echo from-the-$((2))nd; exit 3\r");
    first.expect("from-the-2nd");
    assert_eq!((first.wait(), second.wait()), (3, 3));
    assert!(first.is_restored() && second.is_restored());
}

#[test]
fn much_that_was_missed_is_cut_at_its_beginning() {
    let dp = Dp::on_engine();
    let mut pty = shell(&dp);
    pty.send("(sleep 0.2; seq 1 400000; echo the-$((1))-end; touch done) &\r");
    pty.send("\x10\x11");
    assert_eq!(pty.wait(), 0);
    wait_until("it was written", DEADLINE, || {
        dp.here().join("done").exists()
    });
    let mut pty = Pty::spawn(&dp, ["run", "shell"]);
    pty.expect("\r\n399999\r\n400000\r\nthe-1-end");
    pty.send("exit\r");
    assert_eq!(pty.wait(), 0);
    assert!(pty.seen().len() < 1_200_000, "{}", pty.seen().len());
}

#[test]
fn exec_and_shell_have_a_terminal_too() {
    let dp = Dp::on_engine();
    dp.run(["run", "-d", "-t", "dp-test/debian", "shell"]).ok();
    let mut pty = Pty::start(
        &dp,
        ["sandbox", "exec", ".", "sh", "-c", "stty size; exit 3"],
        20,
        70,
    );
    pty.expect("20 70");
    assert_eq!(pty.wait(), 3);
    let mut pty = Pty::spawn(&dp, ["sandbox", "shell"]);
    pty.send("echo $0-$((1)); exit 4\r");
    pty.expect("bash-1");
    assert_eq!(pty.wait(), 4);
    assert!(pty.is_restored());
}

#[test]
fn a_command_on_a_terminal_that_goes_away_is_ended() {
    let dp = Dp::on_engine();
    dp.run(["run", "-d", "-t", "dp-test/debian", "shell"]).ok();
    let mut pty = Pty::spawn(
        &dp,
        [
            "sandbox",
            "exec",
            ".",
            "sh",
            "-c",
            "echo ready; exec sleep 1000",
        ],
    );
    pty.expect("ready");
    assert_eq!(pty.hang_up(), 129);
    wait_until("it ends", DEADLINE, || {
        dp.run(["sandbox", "exec", ".", "pgrep", "sleep"]).code == 1
    });
}

#[test]
fn a_terminal_is_given_only_when_input_and_output_are_one() {
    let dp = Dp::on_engine();
    dp.run(["run", "-d", "-t", "dp-test/debian", "shell"]).ok();
    let program = dp
        .command([""; 0])
        .get_program()
        .to_string_lossy()
        .into_owned();
    let script = format!("{program} run shell -c 'test -t 0 || echo no-terminal' | cat");
    let mut pty = Pty::start_command(&dp.other("sh", ["-c", &script]), 24, 80);
    pty.expect("no-terminal");
    assert_eq!(pty.wait(), 0);
    let script = format!("echo typed | {program} run shell -c 'test -t 1 || cat'");
    let mut pty = Pty::start_command(&dp.other("sh", ["-c", &script]), 24, 80);
    pty.expect("typed");
    assert_eq!(pty.wait(), 0);
    assert!(pty.is_restored());
}

#[test]
fn other_options_are_asked_about_on_a_terminal() {
    let dp = Dp::on_engine();
    dp.run(["run", "-d", "-t", "dp-test/debian", "shell"]).ok();
    let first = dp.container();
    let words = ["run", "--memory", "256m", "shell", "-c", "true"];
    let mut pty = Pty::spawn(&dp, words);
    pty.expect("memory: ");
    pty.expect("-> 256m");
    pty.expect("Make shell-app-");
    pty.send("n\r");
    assert_eq!(pty.wait(), 125);
    assert_eq!(dp.container(), first);
    assert!(pty.is_restored());
    let words = [
        "run",
        "--memory",
        "256m",
        "-t",
        "dp-test/debian",
        "shell",
        "-c",
        "echo new",
    ];
    let mut pty = Pty::spawn(&dp, words);
    pty.expect("Make shell-app-");
    pty.send("y\r");
    pty.expect("new\r\n");
    assert_eq!(pty.wait(), 0);
    assert_ne!(dp.container(), first);
    assert_eq!(dp.inspect()["HostConfig"]["Memory"], 256 << 20);
}

#[test]
fn rm_asks_on_a_terminal() {
    let dp = Dp::on_engine();
    dp.run(["run", "-d", "-t", "dp-test/busybox", "shell"]).ok();
    let mut pty = Pty::spawn(&dp, ["sandbox", "rm", "."]);
    pty.expect("Remove it, with what runs in it?");
    pty.send("n\r");
    pty.expect("not confirmed: nothing was removed");
    assert_eq!(pty.wait(), 4);
    assert_eq!(dp.containers().len(), 1);
    let mut pty = Pty::spawn(&dp, ["sandbox", "rm", "."]);
    pty.expect("Remove it, with what runs in it?");
    // A `y` is too little for what ends what runs.
    pty.send("y\r");
    pty.expect("not confirmed: nothing was removed");
    assert_eq!(pty.wait(), 4);
    assert_eq!(dp.containers().len(), 1);
    let mut pty = Pty::spawn(&dp, ["sandbox", "rm", "."]);
    pty.expect("Type `yes` and Enter to go on: ");
    pty.send("yes\r");
    pty.expect("removed shell-app-");
    assert_eq!(pty.wait(), 0);
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn a_network_that_goes_away_leaves_the_agent_running_and_restores_the_terminal() {
    let dp = Dp::on_engine_by(Way::Relay);
    let mut pty = shell(&dp);
    pty.send("state=kept; echo set-$((1))\r");
    pty.expect("set-1");
    dp.forward().cut();
    assert_eq!(pty.wait(), 125, "{}", pty.seen());
    assert!(pty.is_restored());
    wait_until_left(&dp);
    let mut pty = Pty::spawn(&dp, ["run", "shell"]);
    pty.expect("back in the session of ");
    pty.send("echo $state-1; exit 6\r");
    pty.expect("kept-1");
    assert_eq!(pty.wait(), 6);
}
