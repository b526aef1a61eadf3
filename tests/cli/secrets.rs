//! Secrets in the file that stands in for a keyring.

use crate::support::{Dp, Pty};
use insta::assert_snapshot;
use std::os::unix::fs::PermissionsExt;

fn kept(dp: &Dp, name: &str) -> (String, u32) {
    let path = dp.home().join(".local/state/dp").join(name);
    let mode = std::fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    (
        std::fs::read_to_string(&path).unwrap_or_default(),
        mode & 0o777,
    )
}

#[test]
fn a_name_that_cannot_be_is_refused_before_the_secret_is_read() {
    assert_snapshot!(Dp::new().run(["secret", "set", "a b", "--file", "no-such-file"]), @"
    exit 2
    --- stderr
    error: `a b` is not a name for a secret
      cause: a name has letters, digits, `_`, `-` and `.`
    ");
}

#[test]
fn one_is_kept_listed_and_forgotten() {
    let dp = Dp::new();
    assert_snapshot!(dp.run_with(["secret", "set", "GITHUB"], b"hunter2\n"), @"
    exit 0
    --- stdout
    kept GITHUB in a file that only you can read, as there is no keyring here
    ");
    assert_snapshot!(dp.run(["secret", "ls"]), @"
    exit 0
    --- stdout
    NAME    KEPT IN
    GITHUB  file
    ");
    assert_snapshot!(dp.run(["secret", "ls", "--quiet"]), @"
    exit 0
    --- stdout
    GITHUB
    ");
    assert_snapshot!(dp.run(["--format", "json", "secret", "ls", "--quiet"]), @r#"
    exit 0
    --- stdout
    [
      "GITHUB"
    ]
    "#);
    assert_snapshot!(dp.run(["--format", "json", "secret", "ls"]), @r#"
    exit 0
    --- stdout
    [
      {
        "name": "GITHUB",
        "place": "file"
      }
    ]
    "#);
    assert_snapshot!(dp.run(["secret", "rm", "GITHUB"]), @"
    exit 0
    --- stdout
    removed GITHUB
    ");
    assert_snapshot!(dp.run(["secret", "ls"]), @"
    exit 0
    --- stdout
    NAME  KEPT IN
    ");
}

#[test]
fn only_its_owner_may_read_the_file() {
    let dp = Dp::new();
    dp.run_with(["secret", "set", "GITHUB"], b"hunter2\n").ok();
    let (text, mode) = kept(&dp, "secrets.json");
    assert_eq!(mode, 0o600);
    assert_eq!(text, "{\n  \"GITHUB\": \"hunter2\"\n}\n");
    assert_eq!(kept(&dp, "secret-names.json").1, 0o600);
    assert_eq!(kept(&dp, "").1, 0o700);
    dp.run(["secret", "rm", "GITHUB"]).ok();
    assert!(!kept(&dp, "secrets.json").0.contains("hunter2"));
}

#[test]
fn the_value_of_a_file_keeps_its_inner_lines() {
    let dp = Dp::new().file("key.pem", "one\ntwo\n\n");
    dp.run(["secret", "set", "PEM", "--file", "key.pem"]).ok();
    assert!(kept(&dp, "secrets.json").0.contains("\"one\\ntwo\""));
}

#[test]
fn a_second_value_replaces_the_first() {
    let dp = Dp::new();
    dp.run_with(["secret", "set", "A"], b"first").ok();
    dp.run_with(["secret", "set", "A"], b"second").ok();
    let (text, _) = kept(&dp, "secrets.json");
    assert!(text.contains("second") && !text.contains("first"));
}

#[test]
fn a_value_is_asked_for_on_a_terminal_and_not_shown() {
    let dp = Dp::new();
    let mut pty = Pty::spawn(&dp, ["secret", "set", "TYPED"]);
    pty.expect("TYPED: ");
    pty.expect_silence();
    pty.send("hunter2\r");
    pty.expect("kept TYPED");
    assert_eq!(pty.wait(), 0);
    assert!(!pty.seen().contains("hunter2"), "{}", pty.seen());
    assert!(pty.is_restored());
    assert!(kept(&dp, "secrets.json").0.contains("hunter2"));
}

#[test]
fn nobody_is_asked_with_no_input() {
    let mut pty = Pty::spawn(&Dp::new(), ["--no-input", "secret", "set", "TYPED"]);
    pty.expect("no secret was given");
    assert_eq!(pty.wait(), 2);
}

#[test]
fn an_empty_value() {
    assert_snapshot!(Dp::new().run(["secret", "set", "A"]), @"
    exit 2
    --- stderr
    error: the secret is empty or longer than 64 KiB
      hint: pipe it in, or name a file with `--file`
    ");
}

#[test]
fn a_value_that_is_too_long() {
    let ran = Dp::new().run_with(["secret", "set", "A"], &vec![b'x'; 65 * 1024]);
    assert_eq!(ran.code, 2, "{ran}");
}

#[test]
fn a_file_that_does_not_exist() {
    assert_snapshot!(Dp::new().run(["secret", "set", "A", "--file", "no.pem"]), @"
    exit 1
    --- stderr
    error: cannot read the secret
      cause: `no.pem`: No such file or directory
    ");
}

#[test]
fn a_name_that_is_none() {
    assert_snapshot!(Dp::new().run_with(["secret", "set", "A B"], b"x"), @"
    exit 2
    --- stderr
    error: `A B` is not a name for a secret
      cause: a name has letters, digits, `_`, `-` and `.`
    ");
}

#[test]
fn a_value_on_the_command_line_is_not_taken() {
    let ran = Dp::new().run(["secret", "set", "A", "hunter2"]);
    assert_eq!(ran.code, 2, "{ran}");
}

#[test]
fn forgetting_one_that_is_not_there() {
    assert_snapshot!(Dp::new().run(["secret", "rm", "NOTHING"]), @"
    exit 5
    --- stderr
    error: there is no secret `NOTHING`
      hint: `dp secret set NOTHING` keeps one; `dp secret ls` lists them
    ");
}

#[test]
fn a_file_of_secrets_that_is_damaged_is_not_shown() {
    let dp = Dp::new().home_file(".local/state/dp/secret-names.json", "hunter2");
    assert_snapshot!(dp.run(["secret", "ls"]), @"
    exit 1
    --- stderr
    error: cannot use the secrets file `[HOME]/.local/state/dp/secret-names.json`
      cause: it is not valid JSON
    ");
}
