//! Templates from git and from disk: what arrives inside, when it is fetched again, and what is told
//! when it cannot be had.

use crate::support::{Dp, Ran};
use insta::assert_snapshot;
use std::net::TcpListener;

/// A repository beside the workspace, with a branch, a tag and a subdirectory.
fn person() -> Dp {
    let dp = Dp::on_engine().file(
        "../repository/agents/one/dspatch.agent.yml",
        manifest("first"),
    );
    git(&dp, &["init", "--quiet", "--initial-branch", "main"]);
    git(&dp, &["config", "uploadpack.allowAnySHA1InWant", "true"]);
    commit(&dp, "first");
    git(&dp, &["tag", "v1"]);
    git(&dp, &["checkout", "--quiet", "-b", "next"]);
    change(&dp, "second");
    git(&dp, &["checkout", "--quiet", "main"]);
    change(&dp, "third");
    dp
}

fn manifest(says: &str) -> String {
    format!("name: one\ndescription: for a test\ncommand: 'echo {says}; ls -A /agents/*'\n")
}

fn git(dp: &Dp, words: &[&str]) -> String {
    let repository = dp.path("../repository");
    let words = [&["-C", &repository], words].concat();
    dp.run_other("git", words).ok()
}

fn commit(dp: &Dp, message: &str) {
    git(dp, &["add", "."]);
    git(dp, &["commit", "--quiet", "-m", message]);
}

fn change(dp: &Dp, says: &str) {
    let path = dp.path("../repository/agents/one/dspatch.agent.yml");
    std::fs::write(path, manifest(says)).expect("a file");
    commit(dp, says);
}

/// The URL of the repository, as git takes it from anywhere.
fn url(dp: &Dp) -> String {
    format!(
        "file://{}",
        std::fs::canonicalize(dp.path("../repository"))
            .expect("it is there")
            .display()
    )
}

fn file(template: &str) -> String {
    format!(
        "agents: {{one: {{template: {template}}}}}\ndocker: {{image: dp-test/debian, dind: false}}\n"
    )
}

/// Runs the file with this template anew.
fn run(dp: &Dp, template: &str, options: &[&str]) -> Ran {
    std::fs::write(dp.path("dp.yml"), file(template)).expect("a file");
    dp.run(["sandbox", "rm", "--force", "."]);
    dp.run([&["run", "--yes"], options].concat())
}

#[test]
fn a_branch_a_tag_a_commit_and_a_subdirectory() {
    let dp = person();
    let url = url(&dp);
    let old = git(&dp, &["rev-parse", "v1"]);
    let table = [
        (format!("{{source: '{url}', subdir: agents/one}}"), "third"),
        (
            format!("{{source: '{url}', ref: next, subdir: agents/one}}"),
            "second",
        ),
        (
            format!("{{source: '{url}', ref: v1, subdir: agents/one}}"),
            "first",
        ),
        (
            format!("{{source: '{url}', ref: {old}, subdir: agents/one}}"),
            "first",
        ),
    ];
    for (source, expected) in table {
        let text = format!("templates: {{one: {source}}}\n{}", file("one"));
        std::fs::write(dp.path("dp.yml"), text).expect("a file");
        dp.run(["sandbox", "rm", "--force", "."]);
        let ran = dp.run(["run", "--yes"]);
        assert_eq!(
            ran.ok(),
            format!("{expected}\ndspatch.agent.yml"),
            "{source}: {ran}"
        );
        assert!(ran.err().contains("cloning the template one\n"), "{ran}");
    }
    let ran = run(&dp, &format!("'{url}#next'"), &[]);
    assert!(
        ran.err().contains("repository: source copied"),
        "the whole repository: {ran}"
    );
}

#[test]
fn a_forges_address_of_a_branch_and_directory() {
    let dp = person();
    let instead = format!(
        "[url \"{}\"]\ninsteadOf = https://git.example.org/team/agents\n[user]\nname = a\nemail = a@b\n",
        url(&dp)
    );
    let dp = dp.home_file(".gitconfig", instead);
    let ran = run(
        &dp,
        "'https://git.example.org/team/agents/tree/next/agents/one'",
        &[],
    );
    assert_eq!(ran.ok(), "second\ndspatch.agent.yml", "{ran}");
}

#[test]
fn a_clone_is_kept_until_a_new_sandbox_or_the_person_asks() {
    let dp = person();
    let file = format!(
        "templates: {{one: {{source: '{}', ref: main, subdir: agents/one}}}}\n{}",
        url(&dp),
        file("one")
    );
    let dp = dp.file("dp.yml", file);
    assert!(dp.run(["run", "--yes"]).ok().starts_with("third\n"));
    change(&dp, "fourth");
    let ran = dp.run(["run"]);
    assert!(ran.ok().starts_with("third\n"), "{ran}");
    assert_eq!(ran.err(), "");
    let ran = dp.run(["run", "--pull", "always"]);
    assert!(ran.ok().starts_with("fourth\n"), "{ran}");
    change(&dp, "fifth");
    let ran = dp.run(["run", "--recreate"]);
    assert!(ran.ok().starts_with("fifth\n"), "{ran}");
    // Without the network: the copy of before, when it is asked for.
    std::fs::rename(dp.path("../repository"), dp.path("../gone")).expect("it is moved");
    let ran = dp.run(["run", "--recreate"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err()
            .contains("`--pull never` uses the copy that was cloned before"),
        "{ran}"
    );
    let ran = dp.run(["run", "--recreate", "--pull", "never"]);
    assert!(ran.ok().starts_with("fifth\n"), "{ran}");
}

#[test]
fn what_cannot_be_cloned_makes_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let dp = person().config("[timeouts]\nclone = 1\n");
    let url = url(&dp);
    let ran = run(&dp, &format!("'{url}#nowhere'"), &[]);
    assert!(
        ran.err().contains("has no branch, tag or commit `nowhere`"),
        "{ran}"
    );
    let ran = run(&dp, "'https://127.0.0.1:1/x.git'", &[]);
    assert!(ran.err().contains("cannot clone `https://"), "{ran}");
    let ran = run(&dp, "'https://ann:secret@127.0.0.1:1/x.git'", &[]);
    assert!(ran.err().contains("holds a user or password"), "{ran}");
    assert!(!ran.err().contains("secret"), "{ran}");
    // Somebody who listens and never says a word.
    let ran = run(&dp, &format!("'http://127.0.0.1:{port}/x.git'"), &[]);
    assert!(ran.err().contains("took longer than 1 s"), "{ran}");
    assert_eq!(ran.code, 125);
    let file = format!(
        "templates: {{one: {{source: '{url}', subdir: no/such}}}}\n{}",
        file("one")
    );
    let dp = dp.file("dp.yml", file);
    let ran = dp.run(["run", "--yes"]);
    assert_snapshot!(ran, @"
    exit 125
    --- stderr
    cloning the template one
    error: the template `one` has no directory `no/such`
      hint: `subdir` is a directory of the repository; a path is one of this machine
    ");
    assert!(dp.containers().is_empty());
}

#[test]
fn a_local_template_is_taken_as_it_is() {
    let dp = Dp::on_engine()
        .file("one/dspatch.agent.yml", "name: one\ndescription: x\ncommand: 'cd /agents/one; find . -type f | sort; cat work; readlink link; stat -c %a tool'\n")
        .file("one/work", "not committed\n")
        .file("one/.git/config", "")
        .file("one/node_modules/x", "")
        .file("one/.venv/x", "")
        .file("one/.hidden", "")
        .file("one/deep/er/x", "")
        .file("one/tool", "");
    std::os::unix::fs::symlink("work", dp.path("one/link")).expect("a link");
    std::fs::set_permissions(
        dp.path("one/tool"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .expect("a mode");
    let ran = run(&dp, "./one", &[]);
    assert_eq!(
        ran.ok(),
        "./.hidden\n./deep/er/x\n./dspatch.agent.yml\n./tool\n./work\nnot committed\nwork\n755",
        "{ran}"
    );
    // What is taken away outside goes away inside.
    std::fs::remove_file(dp.path("one/.hidden")).expect("it is there");
    let dp = dp.file("one/work", "changed\n");
    let ran = dp.run(["run"]);
    assert!(ran.ok().starts_with("./deep/er/x\n"), "{ran}");
    assert!(ran.ok().contains("\nchanged\n"), "{ran}");
}

#[test]
fn two_agents_share_a_template_and_it_is_copied_once() {
    let dp = Dp::on_engine()
        .file("one/dspatch.agent.yml", "name: one\ndescription: x\ncommand: 'echo $DSPATCH_AGENT_KEY'\n")
        .file("dp.yml", "agents: {a: {template: ./one}, b: {template: ./one}}\ndocker: {image: dp-test/debian, dind: false}\n");
    let ran = dp.run(["run"]);
    assert_eq!(ran.ok().lines().count(), 2, "{ran}");
    assert_eq!(ran.err().matches("source copied").count(), 1, "{ran}");
}
