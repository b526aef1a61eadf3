//! An agent inside leaves the person's terminal in a state that hides or changes what comes after it,
//! and ends in every way that there is.

use crate::support::{DEADLINE, Dp, Pty, docker, wait_until};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// What it switches on, and what switches that off.
const MODES: [(&str, &str); 29] = [
    ("\\033[?1049h", "\x1b[?1049l"),
    ("\\033[?25l", "\x1b[?25h"),
    ("\\033[?7l", "\x1b[?7h"),
    ("\\033[?1003h", "\x1b[?1003l"),
    ("\\033[?1006h", "\x1b[?1006l"),
    ("\\033[?1015h", "\x1b[?1015l"),
    ("\\033[?1016h", "\x1b[?1016l"),
    ("\\033[?1004h", "\x1b[?1004l"),
    ("\\033[?2004h", "\x1b[?2004l"),
    ("\\033[?2026h", "\x1b[?2026l"),
    ("\\033[4h", "\x1b[4l"),
    ("\\033[3;9r", "\x1b[r"),
    ("\\033(0", "\x1b(B"),
    ("\\033[>4;2m", "\x1b[>4;0m"),
    ("\\033[>7u", "\x1b[<1u"),
    ("\\033[8m", "\x1b[0m"),
    ("\\033 G", "\x1b F"),
    ("\\033[61\"p", "\x1b[64;1\"p"),
    ("\\033[>4;1f", "\x1b[>4f"),
    ("\\033[>3p", "\x1b[>1p"),
    ("\\033[>1;3m", "\x1b[>1m"),
    ("\\033[?1035l", "\x1b[?1035h"),
    ("\\033[?5i", "\x1b[?4i"),
    ("\\033[11;0]", "\x1b[11]"),
    ("\\033]17;red\\007", "\x1b]117\x1b\\"),
    ("\\033]50;huge\\007", "\x1b]50;#0\x1b\\"),
    ("\\033]7;file://h/x\\007", "\x1b]7;\x1b\\"),
    ("\\033P1;1|17/6c730a\\033\\134", "\x1bP0;1|\x1b\\"),
    ("\\033[8;2;2t", "\x1b[8;24;80t"),
];

const RUN: [&str; 5] = ["run", "-t", "dp-test/debian", "shell", "-c"];

fn start(dp: &Dp, end: &str) -> Pty {
    let on: String = MODES.iter().map(|(on, _)| *on).collect();
    let script = format!("printf '{on}'; echo rea''dy; {end}");
    let pty = Pty::spawn(dp, RUN.iter().chain(&[script.as_str()]));
    pty.expect("ready");
    pty
}

fn expect_restored(pty: &Pty, what: &str) {
    let seen = pty.seen();
    let rest = &seen[seen.find("ready").expect("it was")..];
    for (on, off) in MODES {
        assert!(rest.contains(off), "{what}: {on} stays: {rest:?}");
    }
    assert!(pty.is_restored(), "{what}");
}

#[test]
fn every_end_of_an_agent_gives_the_terminal_back() {
    for (end, code) in [
        ("exit 0", 0),
        ("exit 3", 3),
        ("kill -9 $$", 137),
        ("kill -11 $$", 139),
        // In the middle of a title.
        ("printf '\\033]0;unfinished'", 0),
    ] {
        let dp = Dp::on_engine();
        let mut pty = start(&dp, end);
        assert_eq!(pty.wait(), code, "{end}: {:?}", pty.seen());
        expect_restored(&pty, end);
        assert!(!end.contains("title") || pty.seen().contains("\x18\x1b\\"));
    }
}

#[test]
fn the_end_of_a_sandbox_gives_the_terminal_back() {
    let dp = Dp::on_engine();
    let mut pty = start(&dp, "exec sleep 1000");
    docker(&["kill", &dp.container()]);
    assert_ne!(pty.wait(), 0);
    expect_restored(&pty, "docker kill");
}

#[test]
fn leaving_and_signals_give_the_terminal_back() {
    let dp = Dp::on_engine();
    let mut pty = start(&dp, "exec sleep 1000");
    pty.send("\x10\x11");
    assert_eq!(pty.wait(), 0);
    expect_restored(&pty, "detached");
    for signal in [Signal::TERM, Signal::HUP] {
        let dp = Dp::on_engine();
        let mut pty = start(&dp, "exec sleep 1000");
        pty.signal(signal);
        pty.wait();
        expect_restored(&pty, &format!("{signal:?}"));
    }
}

#[test]
fn an_agent_that_tidies_up_leaves_a_screen_that_nobody_disturbs() {
    let dp = Dp::on_engine();
    let script = "printf '\\033[?1049h\\033[?25l\\033[31m\\033[0m\\033[?25h\\033[?1049l'; echo bye";
    let mut pty = Pty::spawn(&dp, RUN.iter().chain(&[script]));
    assert_eq!(pty.wait(), 0);
    assert!(pty.seen().ends_with("bye\r\n"), "{:?}", pty.seen());
}

#[test]
fn what_is_played_again_asks_the_terminal_nothing() {
    let dp = Dp::on_engine();
    let asks = "\\033\\033]11;?\\007\\033[\\0076n\\302\\2336n\\033[c\\033Z\\033]52;c;aGk=\\007";
    let script = format!("printf '{asks}'; echo rea''dy; exec sleep 1000");
    let mut pty = Pty::spawn(&dp, RUN.iter().chain(&[script.as_str()]));
    pty.expect("ready");
    pty.send("\x10\x11");
    assert_eq!(pty.wait(), 0);
    wait_until("nobody is attached", DEADLINE, || {
        dp.run(["--format", "json", "sandbox", "ps", "."]).json()[0]["attached"] == 0
    });
    let mut pty = Pty::spawn(&dp, ["sandbox", "attach", "."]);
    pty.expect("ready");
    let seen = pty.seen();
    for asked in [
        "]11;?", "\x1b[6n", "\x1b[c", "\x1bZ", "]52;", "\u{9b}", "\u{7}",
    ] {
        assert!(!seen.contains(asked), "{asked:?}: {seen:?}");
    }
    pty.send("\x10\x11");
    assert_eq!(pty.wait(), 0);
}

#[test]
fn what_no_terminal_understands_the_rest_after_is_undone_first() {
    for (said, first) in [
        // VT52, a printer, Tektronix's screen.
        ("\\033[?2l", "\x1b<"),
        ("\\033[5i", "\x1b[4i"),
        ("\\033[?38h", "\x1b\x03"),
    ] {
        let dp = Dp::on_engine();
        let script = format!("printf '\\033[?25l{said}'; echo rea''dy");
        let mut pty = Pty::spawn(&dp, RUN.iter().chain(&[script.as_str()]));
        assert_eq!(pty.wait(), 0);
        let seen = pty.seen();
        let rest = &seen[seen.find("ready").expect("it was")..];
        let at = |part: &str| {
            rest.find(part)
                .unwrap_or_else(|| panic!("{part:?}: {rest:?}"))
        };
        assert!(at(first) < at("\x1b[?25h"), "{rest:?}");
    }
}

/// Runs an agent, answers its questions and the last one after a while, and gives what a shell on
/// the same terminal would have read afterwards.
fn left_for_the_shell(asks: &str, answers: &str, last: &str) -> (String, Duration) {
    let dp = Dp::on_engine();
    let script = format!(
        "{} run -t dp-test/debian shell -c \"printf '{asks}'; echo rea''dy\"",
        env!("CARGO_BIN_EXE_dp")
    );
    let shell = format!("{script}; stty raw -echo min 0 time 5; echo E''ND; cat -v; echo O''VER");
    let mut pty = Pty::start_command(&dp.other("sh", ["-c", &shell]), 24, 200);
    pty.expect("ready");
    // The agent's end: the terminal was asked once more.
    let start = Instant::now();
    if !last.is_empty() {
        pty.expect("\x1b[c");
        std::thread::sleep(SLOW);
        pty.send(answers);
        pty.send(last);
    }
    pty.expect("END");
    let took = start.elapsed();
    if last.is_empty() {
        pty.send(answers);
    }
    pty.expect("OVER");
    assert_eq!(pty.wait(), 0);
    let seen = pty.seen();
    let (_, left) = seen.rsplit_once("END").expect("it was");
    (left.replace("OVER", "").trim().to_string(), took)
}

/// The way to the terminal and back.
const SLOW: Duration = Duration::from_millis(100);

#[test]
fn late_answers_of_a_terminal_are_not_typed_into_the_shell() {
    let asks = "\\033[6n\\033[c\\033[21t\\005";
    let answers = "\x1b[24;1R\x1b[?62;22c\x1b]ltitle\x1b\\reboot\r";
    let (left, took) = left_for_the_shell(asks, answers, "\x1b[?62;22c");
    assert_eq!(left, "");
    assert!(took < DEADLINE, "{took:?}");
    // One who asked nothing is waited for by nobody, and what is typed is the shell's.
    let (left, _) = left_for_the_shell("hello", "ls", "");
    assert_eq!(left, "ls");
}

#[test]
fn a_terminal_that_answers_nothing_is_not_waited_for() {
    let dp = Dp::on_engine();
    let mut pty = Pty::spawn(&dp, RUN.iter().chain(&["printf '\\033[6n'; echo bye"]));
    pty.expect("bye");
    assert_eq!(pty.wait(), 0);
    assert!(pty.seen().ends_with("bye\r\n\x1b[c"), "{:?}", pty.seen());
    assert!(pty.is_restored());
}
