//! `-e` and `--env-file`: what is wrong is said with the place, never with a value.

use crate::support::{Dp, Ran};
use insta::assert_snapshot;

const VALUE: &str = "hunter2";

fn run(arguments: &[&str]) -> Ran {
    let words = [&["run"], arguments, &["shell"]].concat();
    let ran = Dp::new().run(words);
    assert!(!ran.to_string().contains(VALUE), "{ran}");
    ran
}

fn run_file(text: &str) -> Ran {
    let ran = Dp::new()
        .file("x.env", text)
        .run(["run", "--env-file", "x.env", "shell"]);
    assert!(!ran.to_string().contains(VALUE), "{ran}");
    ran
}

#[test]
fn a_variable_without_a_name() {
    assert_snapshot!(run(&["-e", "=hunter2"]), @"
    exit 125
    --- stderr
    error: a variable of `-e` has no valid name
      hint: write `-e NAME=VALUE`, or `-e NAME` to take it from your environment
    ");
}

#[test]
fn a_variable_whose_name_has_a_space() {
    assert_eq!(run(&["-e", "A B=hunter2"]).code, 125);
}

#[test]
fn a_reserved_variable() {
    assert_snapshot!(run(&["-e", "DP_ENGINE=hunter2"]), @"
    exit 125
    --- stderr
    error: the variable `DP_ENGINE` is reserved
      hint: give it another name
    ");
    assert!(
        run(&["-e", "azure_client_id=hunter2"])
            .err()
            .contains("is reserved")
    );
}

#[test]
fn a_reserved_variable_in_a_file() {
    let ran = run_file("A=1\nAZURE_CLIENT_ID=hunter2\n");
    assert_eq!(ran.code, 125, "{ran}");
    for part in ["line 2", "`x.env`", "`AZURE_CLIENT_ID`", "reserved"] {
        assert!(ran.err().contains(part), "{part}: {ran}");
    }
}

#[test]
fn a_secret_that_is_not_there() {
    assert_snapshot!(run(&["-e", "TOKEN={{apikey:GITHUB}}"]), @"
    exit 125
    --- stderr
    error: there is no secret `GITHUB`
      hint: `dp secret set GITHUB` keeps one; `dp secret ls` lists them
    ");
}

#[test]
fn a_secret_that_is_not_closed() {
    assert_snapshot!(run(&["-e", "TOKEN=hunter2{{apikey:GITHUB"]), @"
    exit 125
    --- stderr
    error: `{{apikey:` is not closed by `}}`
    ");
}

#[test]
fn a_file_that_does_not_exist() {
    assert_snapshot!(run(&["--env-file", "no.env"]), @"
    exit 125
    --- stderr
    error: the environment file `no.env` does not exist
    ");
}

#[test]
fn a_file_that_is_a_directory() {
    assert_snapshot!(run(&["--env-file", "/tmp"]), @"
    exit 125
    --- stderr
    error: the environment file `/tmp` is a directory
    ");
}

#[test]
fn a_line_without_an_equals_sign() {
    assert_snapshot!(run_file("# comment\n\nA=1\nhunter2\n"), @"
    exit 125
    --- stderr
    error: line 4 of the environment file `x.env` has no `=`; a bare name is not taken from elsewhere
    ");
}

#[test]
fn a_line_that_begins_with_something_else_than_a_name() {
    assert_snapshot!(run_file("1hunter2=x\n"), @"
    exit 125
    --- stderr
    error: line 1 of the environment file `x.env` does not begin with a variable's name
    ");
}

#[test]
fn a_quote_that_is_not_closed() {
    assert_snapshot!(run_file("A=\"hunter2\n"), @"
    exit 125
    --- stderr
    error: line 1 of the environment file `x.env` has a quote that is not closed
    ");
}

#[test]
fn text_behind_a_quote() {
    assert_snapshot!(run_file("A='x' hunter2\n"), @"
    exit 125
    --- stderr
    error: line 1 of the environment file `x.env` has text after the closing quote
    ");
}

#[test]
fn a_file_that_is_not_text() {
    let dp = Dp::new().file("x.env", b"A=\xff\xfehunter2\n");
    assert_snapshot!(dp.run(["run", "--env-file", "x.env", "shell"]), @"
    exit 125
    --- stderr
    error: the environment file `x.env` is not UTF-8 text
    ");
}

#[test]
fn a_file_that_is_too_large() {
    let ran = run_file(&"A=hunter2 hunter2 hunter2\n".repeat(50_000));
    assert_snapshot!(ran, @"
    exit 125
    --- stderr
    error: the environment file `x.env` is larger than 1 MiB
    ");
}

#[test]
fn a_sandbox_is_created_without_environment() {
    for option in ["-e", "--env-file"] {
        let ran = Dp::new().run(["sandbox", "create", option, "A=1", "shell"]);
        assert_eq!(ran.code, 2, "{ran}");
        assert!(ran.err().contains("unexpected argument"), "{ran}");
    }
}
