//! Who commits inside: exactly whom git on this machine would take, in every way of telling it.

use crate::support::{Dp, Ran};
use insta::assert_snapshot;

/// A repository with one commit, and nobody known to git.
fn repository() -> Dp {
    let dp = Dp::on_engine()
        .home_file(".gitconfig", "")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    git(&dp, &["init", "--quiet", "--initial-branch", "main"]).ok();
    let who = [
        "-c",
        "user.name=First",
        "-c",
        "user.email=first@example.org",
    ];
    git(
        &dp,
        &[
            &who[..],
            &["commit", "--quiet", "--allow-empty", "-m", "first"],
        ]
        .concat(),
    )
    .ok();
    dp
}

fn git(dp: &Dp, words: &[&str]) -> Ran {
    dp.run_other("git", words)
}

fn inside(dp: &Dp, script: &str) -> Ran {
    dp.run(["run", "-t", "dp-test/debian", "shell", "-c", script])
}

/// Compares what git says here with what it says inside, commits inside, and sees that nothing of
/// the workspace's configuration was written. Gives the committer.
fn check(dp: &Dp) -> String {
    let files = [".git/config", ".git/config.worktree"];
    let before = files.map(|name| std::fs::read(dp.path(name)).ok());
    let mut expected = String::new();
    for key in ["user.name", "user.email"] {
        let here = git(dp, &["config", key]);
        expected += &here.out();
        expected += &here.code.to_string();
        expected.push('\n');
    }
    let script = "git config user.name; echo $?; git config user.email; echo $?";
    let ran = inside(dp, script);
    assert_eq!(ran.out(), expected, "{ran}");
    let ran = inside(dp, "git commit --quiet --allow-empty -m inside");
    assert_eq!(
        before,
        files.map(|name| std::fs::read(dp.path(name)).ok()),
        "it is as it was"
    );
    if expected.contains("1\n") {
        assert_ne!(ran.code, 0, "nobody commits: {ran}");
        return String::new();
    }
    assert_eq!(ran.code, 0, "{ran}");
    git(dp, &["log", "-1", "--format=%an <%ae>|%cn <%ce>"]).ok()
}

fn twice(who: &str) -> String {
    format!("{who}|{who}")
}

const ANN: &str = "[user]\nname = Ann\nemail = ann@example.org\n";
const WORK: &str = "[user]\nname = Ann at Work\nemail = ann@work.example\n";
const AT_WORK: &str = "Ann at Work <ann@work.example>";

#[test]
fn told_globally() {
    let dp = repository().home_file(".gitconfig", ANN);
    assert_eq!(check(&dp), twice("Ann <ann@example.org>"));
}

#[test]
fn told_in_the_xdg_directory() {
    let dp = repository().home_file(".config/git/config", ANN);
    assert_eq!(check(&dp), twice("Ann <ann@example.org>"));
    let dp = repository().home_file("elsewhere/git/config", WORK);
    let elsewhere = dp.home().join("elsewhere");
    assert_eq!(check(&dp.env("XDG_CONFIG_HOME", elsewhere)), twice(AT_WORK));
}

#[test]
fn told_in_the_repository() {
    let dp = repository().home_file(".gitconfig", ANN);
    git(&dp, &["config", "user.name", "Local Ann"]).ok();
    assert_eq!(check(&dp), twice("Local Ann <ann@example.org>"));
}

#[test]
fn told_for_repositories_in_a_place() {
    let dp = repository().home_file("work.inc", WORK);
    let place = dp.root().display().to_string();
    let text = format!("{ANN}[includeIf \"gitdir:{place}/\"]\npath = ~/work.inc\n");
    assert_eq!(check(&dp.home_file(".gitconfig", text)), twice(AT_WORK));
    let dp = repository().home_file("work.inc", WORK);
    let text = format!("{ANN}[includeIf \"gitdir:/somewhere/else/\"]\npath = ~/work.inc\n");
    assert_eq!(
        check(&dp.home_file(".gitconfig", text)),
        twice("Ann <ann@example.org>")
    );
}

#[test]
fn told_for_a_branch() {
    let text = format!("{ANN}[includeIf \"onbranch:work/**\"]\npath = ~/work.inc\n");
    let dp = repository()
        .home_file("work.inc", WORK)
        .home_file(".gitconfig", text);
    assert_eq!(check(&dp), twice("Ann <ann@example.org>"));
    git(&dp, &["checkout", "--quiet", "-b", "work/one"]).ok();
    assert_eq!(check(&dp), twice(AT_WORK), "renewed at each run");
}

#[test]
fn told_for_a_remote() {
    let condition = "hasconfig:remote.*.url:https://work.example/**";
    let text = format!("{ANN}[includeIf \"{condition}\"]\npath = ~/work.inc\n");
    let dp = repository()
        .home_file("work.inc", WORK)
        .home_file(".gitconfig", text);
    git(
        &dp,
        &["remote", "add", "origin", "https://work.example/app.git"],
    )
    .ok();
    assert_eq!(check(&dp), twice(AT_WORK));
}

#[test]
fn told_for_a_worktree() {
    let dp = repository().home_file(".gitconfig", ANN);
    git(&dp, &["config", "extensions.worktreeConfig", "true"]).ok();
    git(
        &dp,
        &["config", "--worktree", "user.email", "tree@example.org"],
    )
    .ok();
    assert_eq!(check(&dp), twice("Ann <tree@example.org>"));
}

#[test]
fn told_by_the_environment() {
    let dp = repository()
        .home_file(".gitconfig", ANN)
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "user.name")
        .env("GIT_CONFIG_VALUE_0", "Ann of the Environment");
    assert_eq!(
        check(&dp),
        twice("Ann of the Environment <ann@example.org>")
    );
    let dp = repository().home_file("other", WORK);
    let other = dp.home().join("other");
    assert_eq!(check(&dp.env("GIT_CONFIG_GLOBAL", other)), twice(AT_WORK));
}

#[test]
fn told_with_characters_that_mean_something_to_git() {
    let dp = repository();
    let name = "Ann \"The\\Fixer\" O'Neil; #1 ünï $HOME";
    git(&dp, &["config", "--global", "user.name", name]).ok();
    git(
        &dp,
        &["config", "--global", "user.email", "a+b;#c@example.org"],
    )
    .ok();
    assert_eq!(check(&dp), twice(&format!("{name} <a+b;#c@example.org>")));
}

#[test]
fn told_the_name_alone() {
    let dp = repository().home_file(".gitconfig", "[user]\nname = Ann\n");
    assert_eq!(check(&dp), "");
}

#[test]
fn told_nothing_is_said_once_with_what_to_do() {
    let dp = repository();
    let ran = inside(&dp, "true");
    for part in [
        "git does not know you",
        "git config --global user.name \"Your Name\"",
        "git config --global user.email you@example.com",
    ] {
        assert_eq!(ran.err().matches(part).count(), 1, "{part}: {ran}");
    }
    assert_eq!(check(&dp), "");
}

#[test]
fn a_configuration_that_cannot_be_read_is_told_and_the_persons_own_counts() {
    let dp = repository().home_file(".gitconfig", ANN);
    std::fs::write(dp.path(".git/config"), "[core\n").expect("a file");
    let ran = inside(&dp, "cd / && git config --global user.name");
    for part in [
        "git cannot read the configuration of this project",
        "bad config",
    ] {
        assert!(ran.err().contains(part), "{part}: {ran}");
    }
    assert!(!ran.err().contains("git does not know you"), "{ran}");
}

#[test]
fn a_directory_that_is_no_repository() {
    let dp = Dp::on_engine().home_file(".gitconfig", ANN);
    let ran = inside(
        &dp,
        "git config user.name; git init --quiet . && git commit --quiet --allow-empty -m x",
    );
    assert_eq!(ran.ok(), "Ann");
    assert_eq!(git(&dp, &["log", "--format=%an"]).ok(), "Ann");
}

#[test]
fn the_identity_changes_with_the_person() {
    let dp = repository().home_file(".gitconfig", ANN);
    assert_eq!(inside(&dp, "git config user.name").ok(), "Ann");
    let dp = dp.home_file(".gitconfig", WORK);
    assert_eq!(inside(&dp, "git config user.name").ok(), "Ann at Work");
    let dp = dp.home_file(".gitconfig", "");
    assert_eq!(
        inside(&dp, "git config user.name").code,
        1,
        "nobody is left over"
    );
    let config = inside(&dp, "cat /etc/gitconfig").ok();
    assert_eq!(config.matches("# >>> dp >>>").count(), 1, "{config}");
}

#[test]
fn what_the_image_tells_git_stays() {
    let dp = repository().home_file(".gitconfig", ANN);
    inside(&dp, "git config --system alias.st status").ok();
    let ran = inside(&dp, "git config --system alias.st; git config user.name");
    assert_eq!(ran.ok(), "status\nAnn");
}

#[test]
fn a_repository_of_another_owner_is_trusted_inside() {
    let dp = repository().home_file(".gitconfig", ANN);
    if rustix::process::getuid().is_root() {
        for name in ["", ".git"] {
            std::os::unix::fs::chown(dp.path(name), Some(1234), Some(1234)).expect("given away");
        }
    }
    assert_eq!(
        inside(&dp, "git status --short && git log --format=%s").ok(),
        "first"
    );
}

#[test]
fn a_linked_worktree_works_at_its_own_path() {
    let dp = repository().home_file(".gitconfig", ANN);
    git(
        &dp,
        &["worktree", "add", "--quiet", "../tree", "-b", "side"],
    )
    .ok();
    let dp = dp.at("../tree");
    let script = "git status --short; git log --format=%s; echo x > file; git add file; \
                  git commit --quiet -m inside; git rev-parse --abbrev-ref HEAD";
    assert_eq!(inside(&dp, script).ok(), "first\nside");
    assert_eq!(
        git(&dp, &["log", "-1", "--format=%s by %an"]).ok(),
        "inside by Ann"
    );
    let main = dp.at("../app");
    assert_eq!(
        git(&main, &["log", "-1", "--format=%s", "side"]).ok(),
        "inside"
    );
    assert_eq!(git(&main, &["worktree", "list"]).ok().lines().count(), 2);
}

#[test]
fn a_linked_worktree_that_cannot_be_guarded_is_refused() {
    let dp = repository().home_file(".gitconfig", ANN);
    git(&dp, &["worktree", "add", "--quiet", "../tree"]).ok();
    let socket = std::fs::metadata(crate::support::engine_socket()).expect("the engine's socket");
    let group = std::os::unix::fs::MetadataExt::gid(&socket);
    let dp = dp.at("../tree").unprivileged(4248, &[group]);
    let private = dp.path("../app/.git/worktrees/tree");
    dp.run_other("chmod", ["555", &private]).ok();
    assert_snapshot!(inside(&dp, "true"), @"
    exit 125
    --- stderr
    error: cannot guard the repository of this linked worktree
      cause: Permission denied
      hint: `git rev-parse --git-dir` names the directory in which `config.worktree` has to be made
    ");
    dp.run_other("chmod", ["755", &private]).ok();
    inside(&dp, "true").ok();
}

#[test]
fn the_main_worktree_of_linked_ones_works_too() {
    let dp = repository().home_file(".gitconfig", ANN);
    git(&dp, &["worktree", "add", "--quiet", "inner", "-b", "side"]).ok();
    assert_eq!(inside(&dp, "cd inner && git log --format=%s").ok(), "first");
}

#[test]
fn the_agent_is_told_by_system_configuration_and_may_say_otherwise() {
    let dp = repository().home_file(".gitconfig", ANN);
    let origin = inside(&dp, "git config --show-origin user.name").ok();
    assert_eq!(origin, "file:/etc/gitconfig\tAnn");
    let ran = inside(
        &dp,
        "git config --global user.name Robot; git config user.name",
    );
    assert_eq!(ran.ok(), "Robot", "its own home is its own");
}

#[test]
fn a_submodule_works_at_its_own_path() {
    let dp = repository().home_file(".gitconfig", ANN);
    git(&dp, &["clone", "--quiet", ".", "../lib"]).ok();
    let add = ["submodule", "--quiet", "add", "../lib", "sub"];
    git(
        &dp,
        &[&["-c", "protocol.file.allow=always"], &add[..]].concat(),
    )
    .ok();
    let dp = dp.at("sub");
    let ran = inside(&dp, "git status --short; git log --format=%s");
    assert_eq!(ran.ok(), "first");
    assert!(ran.err().contains("submodule is read-only inside"), "{ran}");
    let ran = inside(&dp, "git commit --quiet --allow-empty -m in");
    assert!(ran.err().contains("Read-only file system"), "{ran}");
}

#[test]
fn a_part_of_a_repository_says_where_all_of_it_is() {
    let dp = repository().home_file(".gitconfig", ANN);
    let root = dp.path("");
    let root = root.trim_end_matches('/').to_string();
    git(
        &dp,
        &["worktree", "add", "--quiet", "../tree", "-b", "side"],
    )
    .ok();
    let part = dp.at("part");
    let ran = inside(&part, "true");
    let hint = format!("the repository is at `{root}`; `-w {root}` works on all of it");
    assert_eq!(ran.err().matches(&hint).count(), 1, "{ran}");
    assert_eq!(inside(&part, "true").err(), "", "once");
    let tree = part.at("../../tree/part");
    let ran = inside(&tree, "true");
    assert!(ran.err().contains("/tree`; `-w "), "{ran}");
    let mounts = tree
        .run(["--format", "json", "sandbox", "inspect", "."])
        .json();
    let mounts = mounts["mounts"].to_string();
    assert!(!mounts.contains(&format!("{root}/.git")), "{mounts}");
}

#[test]
fn an_agent_cannot_have_another_repository_mounted() {
    let dp = repository().home_file(".gitconfig", ANN);
    let victim = dp.path(".git");
    let dp = dp.at("../prey");
    let script = format!("echo 'gitdir: {victim}' > .git");
    inside(&dp, &script).ok();
    let words = ["run", "--recreate", "-t", "dp-test/debian", "shell", "-c"];
    let script = format!("ls {victim} 2>&1");
    let ran = dp.run([&words[..], &[&script]].concat());
    assert!(ran.out().contains("No such file"), "{ran}");
    assert!(ran.err().contains("does not name this directory"), "{ran}");
}
