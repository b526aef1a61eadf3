//! The author of a hostile project, or an agent in it, attacks the person's machine: links in the project
//! lead what the person types for a command to files and directories elsewhere.

use crate::support::Dp;
use std::os::unix::fs::symlink;

/// A project with links to what is the person's own, which stand beside what an honest one has.
fn person() -> Dp {
    let dp = Dp::on_engine()
        .file("data/x", "own")
        .file("vars.env", "A=own\n")
        .file("../private/x", "private")
        .file("../private/vars.env", "A=private\n")
        .file("../private/dp.yml", "docker: {image: dp-test/busybox}\n");
    for (link, to) in [
        ("led", "../private"),
        ("chain", "led"),
        (".env", "../private/vars.env"),
        ("stays", "data"),
        ("own.env", "vars.env"),
        ("../mine", "private"),
        ("../mine.env", "private/vars.env"),
    ] {
        symlink(to, dp.path(link)).expect("a link");
    }
    dp
}

const OPTIONS: [&[&str]; 12] = [
    &["-v", "./led:/data"],
    &["-v", "led/x:/data/x:ro"],
    &["-v", "chain:/data"],
    &["-v", "data/../led:/data"],
    &["--volume=./led:/data:ro"],
    &["-w", "./led"],
    &["--workspace", "chain"],
    &["--add-workspace", "./led"],
    &["--add-workspace=led:ro"],
    &["--env-file", ".env"],
    &["--env-file", "led/vars.env"],
    &["-f", "led/dp.yml"],
];

fn image() -> [&'static str; 2] {
    ["-t", "dp-test/busybox"]
}

#[test]
fn a_link_of_a_project_leads_no_option_elsewhere() {
    let dp = person();
    for options in OPTIONS {
        let is_environment = options[0].starts_with("--env");
        let commands: &[&[&str]] = if is_environment {
            &[&["run"], &["run", "--dry-run"]]
        } else {
            &[
                &["run"],
                &["run", "-d"],
                &["run", "--dry-run"],
                &["sandbox", "create"],
            ]
        };
        for command in commands {
            let words = [command, options, &image(), &["shell"]].concat();
            let ran = dp.run(&words);
            assert!([4, 125].contains(&ran.code), "{words:?}: {ran}");
            assert!(ran.err().contains("leads out of"), "{words:?}: {ran}");
            assert!(
                ran.err().contains("type the path that it leads to"),
                "{words:?}: {ran}"
            );
        }
    }
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn a_link_of_a_project_leads_no_secret_and_no_trust_elsewhere() {
    let dp = person();
    for words in [
        &["secret", "set", "A", "--file", ".env"][..],
        &["secret", "set", "A", "--file", "led/x"],
        &["trust", "--yes", "led/dp.yml"],
        &["config", "check", "led/dp.yml"],
    ] {
        let ran = dp.run(words);
        assert_eq!(ran.code, 4, "{words:?}: {ran}");
        assert!(ran.err().contains("leads out of"), "{words:?}: {ran}");
    }
    dp.run(["secret", "set", "A", "--file", "own.env"]).ok();
}

/// The directory of another project, and one that is no project but that agents can write.
#[test]
fn a_link_in_another_project_or_where_agents_write_leads_no_option_elsewhere() {
    let dp = Dp::on_engine()
        .file("../project/.git/x", "")
        .file("../private/x", "A=private\n");
    let words = [
        &["run"],
        &image()[..],
        &["shell", "-c", "ln -s ../private led"],
    ]
    .concat();
    dp.run(words).ok();
    symlink("../private", dp.path("../project/led")).expect("a link");
    let dp = dp.at("../elsewhere");
    for place in ["../app/led", "../project/led"] {
        for options in [
            ["-v".to_string(), format!("{place}:/data")],
            ["-w".to_string(), place.to_string()],
            ["--add-workspace".to_string(), place.to_string()],
            ["--env-file".to_string(), format!("{place}/x")],
        ] {
            let mut words = vec!["run"];
            words.extend(options.iter().map(String::as_str));
            words.extend([&image()[..], &["shell", "-c", "true"]].concat());
            let ran = dp.run(&words);
            assert!(ran.err().contains("leads out of"), "{words:?}: {ran}");
        }
    }
    assert_eq!(dp.containers().len(), 1);
}

#[test]
fn a_link_that_stays_and_a_persons_own_are_followed() {
    let dp = person();
    let show = "cat /data/x; echo $A";
    for (options, shows) in [
        (["-v", "./stays:/data", "--env-file", "own.env"], "ownown"),
        (
            ["-v", "../mine:/data", "--env-file", "../mine.env"],
            "privateprivate",
        ),
        (
            [
                "-v",
                "../private:/data",
                "--env-file",
                "../private/vars.env",
            ],
            "privateprivate",
        ),
    ] {
        let words = [
            &["run", "--rm"],
            &options[..],
            &image(),
            &["shell", "-c", show],
        ]
        .concat();
        assert_eq!(dp.run(&words).ok(), shows, "{options:?}");
    }
    for (directory, shows) in [("stays", "own"), ("../mine", "private")] {
        let words = ["run", "--rm", "--no-file", "-w", directory];
        let words = [&words[..], &image(), &["shell", "-c", "cat x"]].concat();
        assert_eq!(dp.run(&words).ok(), shows, "{directory}");
    }
}
