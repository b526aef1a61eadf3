//! The author of a hostile project attacks another project's sandbox by what a person types: names of a
//! directory and of an agent that begin the ID of that sandbox, and links that lead to its directory.

use crate::support::Dp;
use std::os::unix::fs::symlink;

/// A person with a sandbox elsewhere, how its ID begins, and its name.
fn person() -> (Dp, String, String) {
    let dp = Dp::on_engine();
    dp.run(["run", "-t", "dp-test/busybox", "shell", "-c", "true"])
        .ok();
    let prefix = dp.container()[..6].to_string();
    let inspected = dp.inspect();
    let container = inspected["Name"].as_str().expect("a name");
    let name = container.trim_start_matches("/dp-").to_string();
    (dp.at("../hostile"), prefix, name)
}

#[test]
fn a_directory_that_is_called_like_an_id_leads_no_command_elsewhere() {
    let (dp, prefix, name) = person();
    let dp = dp.file(&format!("{prefix}/x"), "");
    for words in [
        &["sandbox", "rm", "--force", &prefix][..],
        &["sandbox", "stop", &prefix],
        &["sandbox", "exec", &prefix, "true"],
        &["sandbox", "logs", &prefix],
        &["sandbox", "inspect", &prefix],
        &["sandbox", "cp", &format!("{prefix}:/etc/hosts"), "."],
    ] {
        let ran = dp.run(words);
        assert_ne!(ran.code, 0, "{words:?}: {ran}");
        let error = ran.err();
        assert!(error.contains("is ambiguous"), "{words:?}: {ran}");
        assert!(error.contains(&format!("`./{prefix}`")), "{words:?}: {ran}");
        assert!(error.contains(&format!("`{name}`")), "{words:?}: {ran}");
    }
    assert_eq!(dp.containers().len(), 1);
    // The directory itself has no sandbox, and elsewhere the word means one thing.
    let path = format!("./{prefix}");
    assert_eq!(dp.run(["sandbox", "rm", "--force", &path]).code, 5);
    let dp = dp.at("../elsewhere");
    assert_eq!(dp.run(["sandbox", "rm", "--force", &prefix]).code, 0);
}

#[test]
fn an_agent_that_is_called_like_an_id_leads_no_command_elsewhere() {
    let (dp, prefix, name) = person();
    let config = format!("[agents.{prefix:?}]\ncommand = [\"sh\"]\n");
    let dp = dp.config(&config);
    let words = ["run", "-t", "dp-test/busybox", &prefix, "-c", "true"];
    dp.run(words).ok();
    for words in [["sandbox", "logs", &prefix], ["sandbox", "attach", &prefix]] {
        let ran = dp.run(words);
        assert!(ran.err().contains("is ambiguous"), "{words:?}: {ran}");
        assert!(ran.err().contains(&name), "{words:?}: {ran}");
    }
}

/// Every command that takes a sandbox, with a path for it.
fn commands(path: &str) -> Vec<Vec<String>> {
    let from = format!("{path}:/etc/hosts");
    [
        &["stop", path][..],
        &["restart", path],
        &["start", path],
        &["exec", path, "true"],
        &["shell", path],
        &["attach", path],
        &["logs", path],
        &["inspect", path],
        &["ps", path],
        &["ports", path],
        &["cp", &from, "."],
        &["rm", "--force", path],
        &["rm", "--force", ".", path],
    ]
    .into_iter()
    // What begins like a path is one of this machine there.
    .filter(|words| words[0] != "cp" || !path.starts_with('.'))
    .map(|words| {
        let words = words.iter().map(ToString::to_string);
        std::iter::once("sandbox".to_string())
            .chain(words)
            .collect()
    })
    .collect()
}

#[test]
fn a_link_of_a_project_leads_no_command_to_another_ones_sandbox() {
    let (dp, ..) = person();
    let id = dp.containers();
    // The current directory, with nothing in it that makes it a project; and a project elsewhere.
    let dp = dp
        .file("x", "")
        .file("deep/x", "")
        .file("../repository/.git/x", "");
    symlink("../app", dp.path("led")).expect("a link");
    symlink("../app", dp.path("../repository/led")).expect("a link");
    symlink("led", dp.path("chain")).expect("a link");
    for path in [
        "./led",
        "./deep/../led",
        "./chain",
        "led/.",
        "../repository/led",
    ] {
        for words in commands(path) {
            let ran = dp.run(&words);
            assert!([4, 125].contains(&ran.code), "{words:?}: {ran}");
            assert!(ran.err().contains("leads out of"), "{words:?}: {ran}");
            assert!(
                ran.err().contains("type the path that it leads to"),
                "{words:?}: {ran}"
            );
        }
    }
    assert_eq!(dp.containers(), id);
    assert_eq!(dp.inspect()["State"]["Running"], true);
    // A person's own link, the path itself, and the link from where the directory is no project.
    symlink("app", dp.path("../own")).expect("a link");
    for path in ["../own", "../app"] {
        dp.run(["sandbox", "inspect", path]).ok();
    }
    let dp = dp.at("..");
    dp.run(["sandbox", "rm", "--force", "./own"]).ok();
    assert_eq!(dp.containers(), [""; 0]);
}

/// A directory that is no project, and whose sandbox's agent makes the link.
#[test]
fn a_link_of_an_agent_leads_no_command_to_another_ones_sandbox() {
    let (dp, ..) = person();
    let script = [
        "run",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "ln -s ../app led",
    ];
    dp.run(script).ok();
    let ids = dp.containers();
    let dp = dp.at("../elsewhere");
    for words in commands("../hostile/led") {
        let ran = dp.run(&words);
        assert!(ran.err().contains("leads out of"), "{words:?}: {ran}");
    }
    assert_eq!(dp.containers(), ids);
}
