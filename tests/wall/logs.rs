//! An agent inside attacks the terminal of a person who reads its log, its name or its command line.

use crate::sh;
use crate::support::{DEADLINE, Dp, Pty, SEQUENCES, obeyed};

/// Writes all of them and then a word.
fn script() -> String {
    let bytes = SEQUENCES.concat().into_bytes();
    let bytes = [&bytes[..], b"\x9b6n\x1b[31m"].concat();
    let octal: String = bytes.iter().map(|byte| format!("\\{byte:03o}")).collect();
    format!("printf '{octal}hello\\nend\\n'")
}

fn expect_clean(pty: &mut Pty, what: &str) {
    pty.expect("hello");
    pty.expect("end");
    assert_eq!(pty.wait(), 0, "{what}: {:?}", pty.seen());
    assert_eq!(
        obeyed(pty.seen().as_bytes()),
        [""; 0],
        "{what}: {:?}",
        pty.seen()
    );
}

#[test]
fn the_log_of_an_agent_is_never_obeyed_by_the_terminal() {
    let dp = Dp::on_engine().env_remove("NO_COLOR");
    sh(&dp, &script()).ok();
    let ways: [&[&str]; 3] = [&["logs"], &["logs", "-n", "2"], &["logs", "."]];
    let read = |what: &str| {
        for words in ways {
            let mut pty = Pty::spawn(&dp, [&["sandbox"], words].concat());
            expect_clean(&mut pty, &format!("{what}: {words:?}"));
            // In a pipe there are no colours either.
            let ran = dp.run([&["sandbox"], words].concat());
            assert!(ran.ok().ends_with("hello\nend"), "{ran:?}");
            assert!(!ran.out().contains('\u{1b}'), "{ran:?}");
            assert_eq!(obeyed(&ran.stdout), [""; 0]);
        }
        let raw = dp.run(["sandbox", "logs", "--raw"]);
        let bytes = SEQUENCES.concat();
        assert!(raw.stdout.starts_with(bytes.as_bytes()), "{raw:?}");
    };
    read("it runs");
    dp.run(["sandbox", "stop", "."]).ok();
    read("it is stopped");
}

#[test]
fn a_log_that_is_followed_is_never_obeyed_by_the_terminal() {
    let dp = Dp::on_engine().env_remove("NO_COLOR");
    let script = format!(
        "{}; while ! test -e go; do sleep 0.1; done; {}",
        script(),
        script()
    );
    let running = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", &script]);
    crate::support::wait_until("it has written", DEADLINE, || {
        dp.run(["sandbox", "logs"]).out().contains("end")
    });
    let mut pty = Pty::spawn(&dp, ["sandbox", "logs", "-f"]);
    for _ in 0..2 {
        pty.expect("hello");
        pty.expect("end");
        std::fs::write(dp.path("go"), "").expect("a file");
    }
    pty.send("\u{3}");
    assert_eq!(pty.wait(), 130);
    // What the terminal itself shows of the key.
    let seen = pty.seen().replace("^C", "");
    assert_eq!(obeyed(seen.as_bytes()), [""; 0], "{seen:?}");
    assert_eq!(running.wait().code, 0);
}

#[test]
fn agents_together_are_never_obeyed_by_the_terminal() {
    let template = |name: &str| {
        format!(
            "name: {name}\ndescription: for a test\ncommand: {:?}\n",
            script()
        )
    };
    let file = "docker: {image: dp-test/debian, dind: false}\nagents: {one: {template: ./one}, two: {template: ./two}}\n";
    let dp = Dp::on_engine()
        .env_remove("NO_COLOR")
        .file("dp.yml", file)
        .file("one/dspatch.agent.yml", template("one"))
        .file("two/dspatch.agent.yml", template("two"));
    for words in [&["run", "--yes"][..], &["sandbox", "logs"]] {
        let mut pty = Pty::start(&dp, words, 40, 200);
        pty.expect("| ");
        assert_eq!(pty.wait(), 0, "{:?}", pty.seen());
        let seen = pty.seen();
        // The spinner of the set-up is ours.
        let lines = seen
            .lines()
            .filter(|line| line.contains("one | ") || line.contains("two | "));
        let lines: Vec<&str> = lines.collect();
        assert!(lines.iter().any(|line| line.contains("hello")), "{seen:?}");
        for line in lines {
            let from = line.find(" | ").expect("it has one");
            assert_eq!(obeyed(&line.as_bytes()[from..]), [""; 0], "{line:?}");
        }
    }
}

#[test]
fn the_command_line_of_a_process_is_never_obeyed_by_the_terminal() {
    let dp = Dp::on_engine().env_remove("NO_COLOR");
    sh(&dp, "true").ok();
    let word = SEQUENCES.concat().replace('\0', "");
    let words = [
        "sandbox",
        "exec",
        "-d",
        ".",
        "sh",
        "-c",
        "sleep 1000",
        &word,
        "a\nb",
    ];
    dp.run(words).ok();
    for words in [
        &["sandbox", "ps", "."][..],
        &["--format", "json", "sandbox", "ps", "."],
        &["sandbox", "rm", "."],
    ] {
        let mut pty = Pty::start(&dp, words, 40, 400);
        pty.expect("s");
        if words.contains(&"rm") {
            pty.expect("to go on: ");
            pty.send("no\r");
        }
        pty.wait();
        assert_eq!(
            obeyed(pty.seen().as_bytes()),
            [""; 0],
            "{words:?}: {:?}",
            pty.seen()
        );
    }
}
