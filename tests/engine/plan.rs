//! What a run decides about a sandbox that is there, and what it says about it beforehand.

use crate::sh;
use crate::support::{Dp, docker};

#[test]
fn the_image_of_the_configuration_is_the_one_that_is_named() {
    let dp = Dp::on_engine().config("image = \"dp-test/busybox\"\n");
    dp.run(["run", "shell", "-c", "true"]).ok();
    assert_eq!(sh(&dp, "echo entered").ok(), "entered");
    let ran = dp.run(["run", "-t", "dp-test/debian", "shell", "-c", "true"]);
    assert!(
        ran.err()
            .contains("| image: dp-test/busybox -> dp-test/debian"),
        "{ran}"
    );
}

#[test]
fn a_newer_image_is_for_a_new_sandbox() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let ran = dp.run(["run", "--pull", "always", "shell", "-c", "true"]);
    assert_eq!(ran.code, 0, "{ran}");
    for part in ["keeps the image it was made from", "`--recreate`"] {
        assert_eq!(ran.err().matches(part).count(), 1, "{part}: {ran}");
    }
    let words = ["run", "-q", "--pull", "always", "shell", "-c", "true"];
    assert_eq!(dp.run(words).err(), "");
}

#[test]
fn a_dry_run_shows_what_would_be_entered() {
    let dp = Dp::on_engine().file("../data/x", "1");
    let words = ["run", "--memory", "1g", "--cpus", "1.5", "-v", "../data:/d"];
    let words = [&words[..], &["--name", "mine", "-t", "dp-test/busybox"]].concat();
    let name = format!("mine-{}", std::process::id());
    let words: Vec<&str> = words
        .into_iter()
        .map(|word| if word == "mine" { &name } else { word })
        .collect();
    dp.run([&words[..], &["shell", "-c", "true"]].concat()).ok();
    let shown = dp.run(["run", "--dry-run", "shell"]).ok();
    for line in [
        format!("sandbox    {name}"),
        "would      enter it, it runs".into(),
        "image      dp-test/busybox".into(),
        "memory     1g".into(),
        "cpus       1.5".into(),
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(shown.contains("/data -> /d\n"), "{shown}");
    let json = dp
        .run(["--format", "json", "run", "--dry-run", "shell"])
        .json();
    assert_eq!(json["settings"]["memory"], 1 << 30);
}

#[test]
fn a_dry_run_finds_the_name_taken() {
    let dp = Dp::on_engine();
    let name = format!("taken-{}", std::process::id());
    let words = ["run", "--name", &name, "-t", "dp-test/busybox"];
    dp.run([&words[..], &["shell", "-c", "true"]].concat()).ok();
    let first = dp.path("");
    let dp = dp.at("elsewhere");
    let real = dp.run([&words[..], &["shell"]].concat());
    assert!(real.err().contains("belongs to another sandbox"), "{real}");
    let shown = dp.run([&words[..], &["--dry-run", "shell"]].concat()).ok();
    assert!(
        shown.contains("refuse: the name belongs to another"),
        "{shown}"
    );
    let taken = format!("taken by   shell in {}", first.trim_end_matches('/'));
    assert!(shown.contains(&taken), "{shown}");
}

#[test]
fn a_dry_run_says_what_is_not_there_yet() {
    let agent = format!("foreseen{}", std::process::id());
    let text = format!(
        "[agents.{agent}]\ncommand = [\"sh\", \"-c\"]\ninstall = \"true\"\n\
         state = {{ directory = \".foreseen\" }}\n"
    );
    let dp = Dp::on_engine().config(&text);
    let plan = |image: &str| dp.run(["run", "--dry-run", "-t", image, &agent]).ok();
    let shown = plan("dp-test/busybox");
    let login = format!(
        "dp-login-{}-{agent} -> ",
        rustix::process::getuid().as_raw()
    );
    let line = shown.lines().find(|line| line.contains(&login));
    assert!(
        line.is_some_and(|line| line.ends_with(" (new volume)")),
        "{shown}"
    );
    let guest = shown.lines().find(|line| line.contains("/run/dp/bin"));
    assert!(guest.is_some(), "{shown}");
    let words = [
        "--format",
        "json",
        "run",
        "--dry-run",
        "-t",
        "dp-test/busybox",
    ];
    let json = dp.run([&words[..], &[&agent]].concat()).json();
    let layer = json["to_build"][0].as_str().unwrap_or_default();
    assert!(layer.starts_with(&format!("dp-agent-{agent}:")), "{json}");
    let shown = plan("dp-test/not-there");
    assert!(
        shown.contains("image      dp-test/not-there (to be pulled)"),
        "{shown}"
    );
    let words = [
        "run",
        "--dry-run",
        "--pull",
        "never",
        "-t",
        "dp-test/not-there",
    ];
    let ran = dp.run([&words[..], &[&agent]].concat());
    assert!(ran.err().contains("is not there"), "{ran}");
    let volumes = docker(&[
        "volume",
        "ls",
        "--quiet",
        "--filter",
        &format!("name={agent}"),
    ]);
    assert_eq!(volumes, "", "nothing was made");
}
