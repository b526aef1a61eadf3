//! What `--rm` and `--stop` leave alone: a sandbox in which something goes on.

use crate::support::{DEADLINE, Dp, Pty, wait_until};

fn run(dp: &Dp, option: &str, script: &str) -> Pty {
    let words = ["run", option, "-t", "dp-test/busybox", "shell", "-c"];
    Pty::spawn(dp, words.iter().chain(&[script]))
}

fn is_at_work(dp: &Dp) -> bool {
    let ran = dp.run(["--format", "json", "sandbox", "ps", "."]);
    let processes = ran.json();
    let processes = processes.as_array().expect("a list");
    processes.iter().any(|process| process["exit"].is_null())
}

#[test]
fn what_is_detached_goes_on() {
    for option in ["--rm", "--stop"] {
        let dp = Dp::on_engine();
        let mut pty = run(&dp, option, "echo ready; read x; echo got-$x");
        pty.expect("ready");
        pty.send("\x10\x11");
        pty.expect("shell goes on in shell-app-");
        pty.expect(&format!("`{option}` is not done"));
        assert_eq!(pty.wait(), 0);
        assert!(is_at_work(&dp), "{option}");
    }
}

#[test]
fn what_a_closed_terminal_leaves_goes_on() {
    for option in ["--rm", "--stop"] {
        let dp = Dp::on_engine();
        let mut pty = run(&dp, option, "trap '' HUP; echo ready; sleep 1000");
        pty.expect("ready");
        assert_eq!(pty.hang_up(), 129);
        assert!(is_at_work(&dp), "{option}");
    }
}

#[test]
fn what_another_session_does_goes_on() {
    for option in ["--rm", "--stop"] {
        let dp = Dp::on_engine();
        let run = ["run", option, "-t", "dp-test/busybox", "shell", "-c"];
        dp.run(["run", "-t", "dp-test/busybox", "shell", "-c", "true"])
            .ok();
        let words = [
            "sandbox",
            "exec",
            ".",
            "sh",
            "-c",
            "echo in; read x; echo got $x",
        ];
        let mut other = dp.spawn(words);
        other.expect("in\n");
        let ran = dp.run(run.iter().chain(&["exit 3"]));
        assert_eq!(ran.code, 3, "{ran}");
        let said = format!("`{option}` is not done: `sh` goes on in shell-app-");
        assert!(ran.err().contains(&said), "{ran}");
        other.send(b"it\n");
        assert_eq!(other.wait().ok(), "in\ngot it");
        let ran = dp.run(run.iter().chain(&["exit 4"]));
        assert_eq!((ran.code, ran.err()), (4, String::new()), "{ran}");
        wait_until("nothing goes on", DEADLINE, || {
            dp.containers().is_empty() || dp.inspect()["State"]["Running"] == false
        });
    }
}
