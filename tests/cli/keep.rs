//! What a person, or a file that they were given, asks to keep in a sandbox must not break every
//! later start in it.

use crate::support::Dp;
use insta::assert_snapshot;

fn run(env_file: impl AsRef<[u8]>) -> String {
    let dp = Dp::new().file("e.env", env_file);
    let words = ["run", "--detach", "--env-file", "e.env", "shell"];
    dp.run(words).to_string()
}

#[test]
fn variables_that_no_program_starts_with_are_refused_before_anything_is_made() {
    assert_snapshot!(run("A=x\0y\n"), @"
    exit 125
    --- stderr
    error: the variable `A` holds a zero byte
      hint: a variable holds text of at most 128 KiB; a file of the workspace can hold more
    ");
    assert_snapshot!(run(format!("A={}\n", "x".repeat(200_000))), @"
    exit 125
    --- stderr
    error: the variable `A` is longer than 128 KiB
      hint: a variable holds text of at most 128 KiB; a file of the workspace can hold more
    ");
    let many = |letter: char| -> String {
        let lines = (0..7).map(|n| format!("{letter}{n}={}\n", "x".repeat(80_000)));
        lines.collect()
    };
    let dp = Dp::new().file("a.env", many('A')).file("b.env", many('B'));
    let words = [
        "run",
        "-d",
        "--env-file",
        "a.env",
        "--env-file",
        "b.env",
        "shell",
    ];
    assert_snapshot!(dp.run(words), @"
    exit 125
    --- stderr
    error: all variables together are longer than 1 MiB
      hint: a variable holds text of at most 128 KiB; a file of the workspace can hold more
    ");
}
