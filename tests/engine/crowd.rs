//! Many at once, and many one after the other: one container, nothing left behind.

use crate::sh;
use crate::support::{DEADLINE, Dp, Running, docker, wait_until};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn twenty_runs_at_once_make_one_container_and_all_succeed() {
    let dp = Dp::on_engine();
    all_at_once(&dp);
}

#[test]
fn twenty_first_runs_of_a_build_deliver_the_guest_once() {
    let dp = Dp::on_engine().of_another_build();
    all_at_once(&dp);
    let names = docker(&["ps", "--all", "--format", "{{.Names}}"]);
    assert!(
        !names.lines().any(|name| name == dp.guest_volume()),
        "no helper is left: {names}"
    );
}

#[test]
fn first_runs_of_a_build_in_ten_directories_at_once_all_succeed() {
    let dp = Dp::on_engine().of_another_build();
    let run = |number: usize| {
        let directory = dp.path(&format!("one-{number}"));
        std::fs::create_dir(&directory).expect("a directory");
        let words = [
            "run",
            "-w",
            &directory,
            "-t",
            "dp-test/busybox",
            "shell",
            "-c",
            "echo in",
        ];
        dp.spawn(words)
    };
    let running: Vec<Running> = (0..10).map(run).collect();
    for running in running {
        assert_eq!(running.wait_for(DEADLINE * 2).ok(), "in");
    }
    assert_eq!(dp.containers().len(), 10);
}

fn all_at_once(dp: &Dp) {
    let run = |number: usize| {
        let script = format!("echo {number}; echo x >> all");
        dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", &script])
    };
    let running: Vec<Running> = (0..20).map(run).collect();
    for (number, running) in running.into_iter().enumerate() {
        assert_eq!(running.wait_for(DEADLINE * 2).ok(), number.to_string());
    }
    let all = std::fs::read_to_string(dp.path("all")).expect("they wrote");
    assert_eq!(all.lines().count(), 20);
    assert!(!dp.container().is_empty(), "and it is one");
}

#[test]
fn ten_runs_at_once_of_a_stopped_sandbox_start_it() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let first = dp.container();
    docker(&["kill", &first]);
    let running: Vec<Running> = (0..10)
        .map(|_| dp.spawn(["run", "shell", "-c", "echo in"]))
        .collect();
    for running in running {
        assert_eq!(running.wait().ok(), "in");
    }
    assert_eq!(dp.container(), first);
}

#[test]
fn whoever_copies_from_a_sandbox_disturbs_nobody_who_enters_it() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let id = dp.container();
    let is_over = Arc::new(AtomicBool::new(false));
    let copying = {
        let (id, is_over) = (id.clone(), Arc::clone(&is_over));
        std::thread::spawn(move || {
            let mut copies = 0;
            while !is_over.load(Ordering::Relaxed) {
                docker(&["cp", &format!("{id}:/etc/hostname"), "-"]);
                copies += 1;
            }
            copies
        })
    };
    for _ in 0..30 {
        assert_eq!(sh(&dp, "echo in").ok(), "in");
    }
    is_over.store(true, Ordering::Relaxed);
    assert!(copying.join().expect("no panic") > 0);
    assert_eq!(dp.container(), id);
}

#[test]
fn ten_runs_at_once_of_a_paused_sandbox_let_it_go_on() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    docker(&["pause", &dp.container()]);
    let running: Vec<Running> = (0..10)
        .map(|_| dp.spawn(["run", "shell", "-c", "echo in"]))
        .collect();
    for running in running {
        assert_eq!(running.wait().ok(), "in");
    }
}

#[test]
fn runs_and_removals_at_once_leave_a_sandbox_or_none() {
    let dp = Dp::on_engine();
    for _ in 0..3 {
        let runs: Vec<Running> = (0..4)
            .map(|_| dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", "true"]))
            .collect();
        let removals: Vec<Running> = (0..2)
            .map(|_| dp.spawn(["sandbox", "rm", "--force", "."]))
            .collect();
        for running in runs {
            let ran = running.wait();
            // Its sandbox may have been taken away under it, and then it says so.
            assert!(
                ran.code == 0 || (ran.code == 125 && ran.err().contains("error: ")),
                "{ran}"
            );
        }
        for removal in removals {
            let ran = removal.wait();
            assert!([0, 5].contains(&ran.code), "{ran}");
        }
    }
    assert_eq!(sh(&dp, "echo fine").ok(), "fine");
    assert_eq!(dp.containers().len(), 1);
}

/// How much memory (KiB) the guest may have of its own when nothing runs, and when much does.
const IDLE: usize = 5 * 1024;
const BUSY: usize = 8 * 1024;

/// Descriptors and memory (KiB, without what it maps of its file) of the guest, and zombies.
fn guest(dp: &Dp) -> (usize, usize, usize) {
    let script = "ls /proc/1/fd | wc -l; sed -n 's/^RssAnon:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/1/status; \
                  grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l";
    let out = dp
        .run(["sandbox", "exec", "-u", "root", ".", "sh", "-c", script])
        .ok();
    let mut numbers = out
        .lines()
        .map(|line| line.trim().parse().expect("a number"));
    let mut next = || numbers.next().expect("three numbers");
    (next(), next(), next())
}

#[test]
fn fifty_sessions_at_once_and_a_thousand_in_a_row_leave_nothing_behind() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let (descriptors, ..) = guest(&dp);
    let mut running: Vec<Running> = (0..50)
        .map(|_| {
            dp.spawn([
                "sandbox",
                "exec",
                ".",
                "sh",
                "-c",
                "echo in; read x; echo got $x",
            ])
        })
        .collect();
    for one in &running {
        one.expect("in\n");
    }
    for (number, one) in running.iter_mut().enumerate() {
        one.send(format!("{number}\n").as_bytes());
    }
    for (number, one) in running.into_iter().enumerate() {
        assert_eq!(one.wait().ok(), format!("in\ngot {number}"));
    }
    for number in 0..1000 {
        let ran = dp.run(["sandbox", "exec", ".", "echo", "in"]);
        assert_eq!(ran.ok(), "in", "{number}");
    }
    wait_until("what was opened is closed", DEADLINE, || {
        guest(&dp).0 <= descriptors
    });
    let (_, memory, zombies) = guest(&dp);
    assert_eq!(zombies, 0);
    assert!(memory < IDLE, "{memory} KiB");
}

#[test]
fn whatever_processes_leave_behind_is_reaped() {
    let dp = Dp::on_engine();
    sh(&dp, "for i in 1 2 3 4 5 6 7 8 9; do (sleep 0.$i &); done").ok();
    wait_until("they end and are reaped", DEADLINE, || {
        let names = dp
            .run(["sandbox", "exec", ".", "ps", "-o", "comm,stat"])
            .ok();
        guest(&dp).2 == 0 && !names.contains("sleep")
    });
}

#[test]
fn an_agent_that_ends_does_not_wait_for_what_it_left_running() {
    let dp = Dp::on_engine();
    let begun = std::time::Instant::now();
    let ran = sh(&dp, "sleep 1000 & echo out");
    assert_eq!(ran.ok(), "out");
    assert!(begun.elapsed() < DEADLINE / 2, "it did not wait");
    let names = dp.run(["sandbox", "exec", ".", "ps", "-o", "comm"]).ok();
    assert!(names.contains("sleep"), "and that goes on: {names}");
}

#[test]
fn memory_does_not_grow_with_what_nobody_reads() {
    let dp = Dp::on_engine();
    let words = [
        "run",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "head -c 50000000 /dev/zero; sleep 1000",
    ];
    let mut command = dp.command(words);
    let command = command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped());
    // Nobody reads its output: it must wait, not be kept.
    let mut child = command
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("dp");
    wait_until("it writes", DEADLINE, || {
        let ran = dp.run(["sandbox", "exec", ".", "ps", "-o", "comm"]);
        ran.code == 0 && ran.out().contains("head")
    });
    let own = format!("/proc/{}/status", child.id());
    for _ in 0..20 {
        assert!(guest(&dp).1 < BUSY, "the guest: {} KiB", guest(&dp).1);
        let status = std::fs::read_to_string(&own).expect("it runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"))
            .expect("a size");
        let size: usize = line
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .expect("a number");
        assert!(size < 20 * 1024, "dp itself: {size} KiB");
    }
    child.kill().expect("it runs");
    child.wait().expect("it is ours");
}
