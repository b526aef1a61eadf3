//! A program that typed into the person's terminal before a question was asked, and a question that
//! nobody answers: neither is a yes.

use crate::support::{DEADLINE, Dp, Pty, wait_until};
use rustix::process::Signal;

fn person() -> Dp {
    Dp::new().file(
        "dp.yml",
        "docker: {network_mode: host}\nagents: {a: {agent: shell}}\n",
    )
}

/// Starts a shell that lets its terminal be typed at before it becomes `dp`.
fn asked_after(dp: &Dp, typed: &str, words: &str) -> Pty {
    let program = env!("CARGO_BIN_EXE_dp");
    let script = format!("echo ready; while ! test -e go; do :; done; exec {program} {words}");
    let pty = Pty::start_command(&dp.other("sh", ["-c", &script]), 24, 200);
    pty.expect("ready");
    pty.send(typed);
    // The terminal shows what it has.
    let last = typed.split('\r').rfind(|line| !line.is_empty());
    pty.expect(last.unwrap_or("\r\n"));
    std::fs::write(dp.path("go"), "").expect("a file");
    pty
}

#[test]
fn what_was_typed_before_a_question_does_not_answer_it() {
    for typed in ["y\r", "yes\r", "yes\ryes\ryes\r", "y", "ye"] {
        let dp = person();
        let mut pty = asked_after(&dp, typed, "trust");
        pty.expect("Allow it?");
        // What is typed now is all that counts.
        pty.send("s\r");
        assert_eq!(pty.wait(), 4, "{typed:?}: {}", pty.seen());
        assert!(pty.is_restored(), "{typed:?}");
        assert_eq!(dp.run(["trust", "--list"]).ok(), "FILE  MAY", "{typed:?}");
    }
    // Typed afterwards, it is an answer.
    let dp = person();
    let mut pty = asked_after(&dp, "n\r", "trust");
    pty.expect("Allow it?");
    pty.send("y\r");
    assert_eq!(pty.wait(), 0, "{}", pty.seen());
}

#[test]
fn a_key_that_was_pressed_before_a_menu_chooses_nothing() {
    let dp = Dp::new();
    let mut pty = asked_after(&dp, "\r\r", "run");
    pty.expect("Which agent?");
    pty.expect("shell");
    pty.send("\x1b");
    assert_eq!(pty.wait(), 130, "{}", pty.seen());
    assert!(pty.is_restored());
}

#[test]
fn only_a_line_that_says_yes_is_one() {
    let table = [
        ("\r", 4),
        ("n\r", 4),
        ("yy\r", 4),
        ("yes please\r", 4),
        ("\u{1b}[?62cy\r", 4),
        // The end of the input, with and without something before it.
        ("\u{4}", 4),
        ("y\u{4}\u{4}", 4),
        ("y\r", 0),
        (" YES \r", 0),
    ];
    for (answer, code) in table {
        let dp = person();
        let mut pty = Pty::spawn(&dp, ["trust"]);
        pty.expect("[y/N] ");
        pty.send(answer);
        assert_eq!(pty.wait(), code, "{answer:?}: {}", pty.seen());
        assert!(pty.is_restored(), "{answer:?}");
    }
}

#[test]
fn a_question_ends_by_a_signal_and_gives_the_terminal_back() {
    let questions: [(&[&str], &str); 3] = [
        (&["trust"], "[y/N] "),
        (&["secret", "set", "A"], "A: "),
        (&["run", "--file", "/dev/null"], "Which agent?"),
    ];
    for (words, question) in questions {
        for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let dp = person();
            let dp = if words[0] == "run" { Dp::new() } else { dp };
            let words = if words[0] == "run" {
                &words[..1]
            } else {
                words
            };
            let mut pty = Pty::spawn(&dp, words);
            pty.expect(question);
            pty.signal(signal);
            assert_eq!(pty.wait(), code, "{words:?}: {}", pty.seen());
            assert!(pty.is_restored(), "{words:?}");
        }
    }
    // The key as well.
    let dp = person();
    let mut pty = Pty::spawn(&dp, ["trust"]);
    pty.expect("[y/N] ");
    pty.send("y\u{3}");
    assert_eq!(pty.wait(), 130);
    wait_until("the terminal is as it was", DEADLINE, || pty.is_restored());
}
