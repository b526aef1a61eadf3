//! An agent attacks the person's `dp`: it holds leases on files of the workspace, so that whoever opens
//! one waits.

use crate::support::{DEADLINE, Dp, Running, wait_until};
use std::path::Path;
use std::time::{Duration, Instant};

/// The kernel gives a holder 45 seconds, as a rule.
const SOON: Duration = Duration::from_secs(15);
const HELD: &str = "is held by another program, which has a lease on it";

/// Takes leases on files and gives none back; the kernel tells by a signal that somebody waits.
const HOLDER: &str = r#"$SIG{IO} = "IGNORE"; my @held;
    for (@ARGV) { open(my $file, "+<", $_) or die "$_: $!"; fcntl($file, 1024, 1) or die "$_: $!"; push @held, $file }
    open(my $done, ">", "held") or die; close($done); sleep 600"#;

/// A sandbox of the workspace in which a program holds leases on `files`.
fn hold(dp: &Dp, files: &[&str]) -> Running {
    let words = [
        "run",
        "--no-file",
        "-t",
        "dp-test/debian",
        "--name",
        &name(),
        "shell",
        "-c",
    ];
    let script = format!("exec perl -e '{HOLDER}' {}", files.join(" "));
    let running = dp.spawn([&words[..], &[&script]].concat());
    let held = dp.path("held");
    wait_until("the leases are held", DEADLINE, || {
        Path::new(&held).exists()
    });
    running
}

fn name() -> String {
    format!("holder-{}", std::process::id())
}

#[test]
fn a_lease_on_a_file_holds_nobody_up() {
    let many: Vec<String> = (0..30).map(|number| format!("many/{number}")).collect();
    let mut dp = Dp::on_engine()
        .wary()
        .file("leased", "x")
        .file(".git", "gitdir: nowhere\n");
    let file = "env_file: [.env]\nagents: {a: {agent: shell}}\n";
    dp = dp
        .file("dp.yml", file)
        .file(".env", "A=1\n")
        .file("own/dp.yml", "docker: {}\n");
    for name in &many {
        dp = dp.file(name, "x");
    }
    let mut files = vec!["leased", ".git", ".env", "own/dp.yml"];
    files.extend(many.iter().map(String::as_str));
    let holder = hold(&dp, &files);
    let name = name();
    let into = format!("{name}:/tmp/x");
    let table: [(&[&str], Option<&str>); 6] = [
        (&["sandbox", "cp", "leased", &into], Some(HELD)),
        (&["sandbox", "cp", "many", &into], Some(HELD)),
        (&["config", "check", "own/dp.yml"], Some(HELD)),
        (&["trust", "own/dp.yml"], Some(HELD)),
        (&["trust"], Some(HELD)),
        // What is no repository is not mounted.
        (
            &["run", "--no-file", "--name", &name, "--dry-run", "shell"],
            None,
        ),
    ];
    for (words, says) in table {
        let begun = Instant::now();
        let ran = dp.spawn(words).wait_for(SOON);
        assert!(begun.elapsed() < SOON, "{words:?}: {ran}");
        let said = says.is_none_or(|says| ran.err().contains(says));
        assert!(
            said && (ran.code == 0) == says.is_none(),
            "{words:?}: {ran}"
        );
    }
    drop(holder);
}
