//! Command lines that are wrong: exit code 2, and 125 where the exit code belongs to the agent.

use crate::support::{Dp, Pty};
use insta::assert_snapshot;

#[test]
fn an_unknown_command() {
    assert_snapshot!(Dp::new().run(["sandbx"]), @"
    exit 2
    --- stderr
    error: unrecognized subcommand 'sandbx'

      tip: a similar subcommand exists: 'sandbox'

    Usage: dp [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn a_verb_without_its_noun() {
    assert_snapshot!(Dp::new().run(["ls"]), @"
    exit 2
    --- stderr
    error: unrecognized subcommand 'ls'

      tip: try `dp sandbox ls`

    Usage: dp [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    for (word, tips) in [
        ("exec", &["`dp sandbox exec`"][..]),
        ("build", &["`dp image build`"]),
        ("shell", &["`dp sandbox shell`", "`dp run shell`"]),
        ("claude", &["`dp run claude`"]),
        ("clude", &["`dp run claude`"]),
        ("version", &["`dp --version`"]),
        ("rnu", &["`dp run`"]),
        ("sandbx", &[]),
        ("nothing-like-it", &[]),
    ] {
        let ran = Dp::new().run([word]);
        assert_eq!(ran.code, 2, "{word}: {ran}");
        let given = ran.err().matches("tip: try ").count();
        assert_eq!(given, tips.len(), "{word}: {ran}");
        for tip in tips {
            let tip = format!("  tip: try {tip}\n");
            assert!(ran.err().contains(&tip), "{word}: {ran}");
        }
    }
}

#[test]
fn help_is_a_command_as_well() {
    let dp = Dp::new();
    for (words, same) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "run"], &["run", "--help"]),
        (&["help", "sandbox", "rm"], &["sandbox", "rm", "--help"]),
    ] {
        assert_eq!(dp.run(words).ok(), dp.run(same).ok());
    }
    let ran = dp.run(["sandbox", "help"]);
    assert!(
        ran.err().contains("tip: try `--help` in its place"),
        "{ran}"
    );
}

#[test]
fn an_unknown_option() {
    assert_snapshot!(Dp::new().run(["sandbox", "ls", "--runing"]), @"
    exit 2
    --- stderr
    error: unexpected argument '--runing' found

      tip: a similar argument exists: '--running'

    Usage: dp sandbox ls --running

    For more information, try '--help'.
    ");
}

#[test]
fn an_unknown_option_of_run_is_125() {
    assert_snapshot!(Dp::new().run(["run", "--memry", "1g", "shell"]), @"
    exit 125
    --- stderr
    error: unexpected argument '--memry' found

      tip: a similar argument exists: '--memory'
      tip: to pass '--memry' as a value, use '-- --memry'

    Usage: dp sandbox run [OPTIONS] [AGENT] [ARGS]...

    For more information, try '--help'.
    ");
}

#[test]
fn commands_whose_exit_code_is_the_agents_fail_with_125() {
    for command in ["run", "exec", "shell", "attach"] {
        let ran = Dp::new().run(["sandbox", command, "--no-such-option"]);
        assert_eq!(ran.code, 125, "{command}: {ran}");
        // Unreachable, not usage: still 125.
        let ran = Dp::new().run(["sandbox", command, "shell", "x"]);
        assert_eq!(ran.code, 125, "{command}: {ran}");
    }
    let ran = Dp::new().run([
        "--engine",
        "unix:///x",
        "--color",
        "never",
        "run",
        "--nonsense",
    ]);
    assert_eq!(ran.code, 125, "{ran}");
}

#[test]
fn all_other_commands_fail_with_2() {
    for command in [
        "create", "ls", "ps", "inspect", "logs", "stop", "start", "restart", "rm", "prune",
    ] {
        let ran = Dp::new().run(["sandbox", command, "--no-such-option"]);
        assert_eq!(ran.code, 2, "{command}: {ran}");
    }
}

#[test]
fn an_unknown_agent_with_a_near_name() {
    assert_snapshot!(Dp::new().run(["run", "cluade"]), @"
    exit 125
    --- stderr
    error: there is no agent `cluade`
      cause: the agents are `claude`, `codex`, `copilot`, `gemini`, `opencode` and `shell`
      hint: did you mean `claude`?
    ");
}

#[test]
fn an_unknown_agent_like_no_other() {
    assert_snapshot!(Dp::new().run(["run", "something-else"]), @"
    exit 125
    --- stderr
    error: there is no agent `something-else`
      cause: the agents are `claude`, `codex`, `copilot`, `gemini`, `opencode` and `shell`
      hint: `dp agents ls` describes them; your own go under `[agents.NAME]` in `config.toml`
    ");
}

#[test]
fn an_unknown_agent_of_create_is_a_usage_error() {
    let ran = Dp::new().run(["sandbox", "create", "cluade"]);
    assert_eq!(ran.code, 2, "{ran}");
}

#[test]
fn no_agent_where_nobody_can_be_asked() {
    assert_snapshot!(Dp::new().run(["run", "--no-input"]), @r#"
    exit 125
    --- stderr
    error: no agent was named
      cause: the agents are `claude`, `codex`, `copilot`, `gemini`, `opencode` and `shell`
      hint: `dp run claude`, or `default_agent = "claude"` in `config.toml`
    "#);
    let by_variable = Dp::new().env("DP_NO_INPUT", "1").run(["run"]);
    let without_terminal = Dp::new().run(["run"]);
    assert_eq!(by_variable.to_string(), without_terminal.to_string());
}

#[test]
fn the_default_agent_of_the_configuration_is_taken() {
    let dp = Dp::new().config("default_agent = \"cluade\"\n");
    assert_snapshot!(dp.run(["run"]), @r#"
    exit 125
    --- stderr
    error: there is no agent `cluade`
     --> [HOME]/.config/dp/config.toml:1:17
      |
    1 | default_agent = "cluade"
      |                 ^^^^^^^^
      |
      = hint: did you mean `claude`?
    "#);
}

#[test]
fn options_that_exclude_each_other() {
    assert_snapshot!(Dp::new().run(["run", "--rm", "--stop", "shell"]), @"
    exit 125
    --- stderr
    error: the argument '--rm' cannot be used with '--stop'

    Usage: dp sandbox run [OPTIONS] [AGENT] [ARGS]...

    For more information, try '--help'.
    ");
    for pair in [["--rm", "--detach"], ["--stop", "--detach"]] {
        let ran = Dp::new().run(["run", pair[0], pair[1], "shell"]);
        assert_eq!(ran.code, 125, "{ran}");
    }
}

#[test]
fn a_value_that_is_none_of_the_choices() {
    assert_snapshot!(Dp::new().run(["run", "--pull", "sometimes", "shell"]), @"
    exit 125
    --- stderr
    error: invalid value 'sometimes' for '--pull <WHEN>'
      [possible values: always, missing, never]

    For more information, try '--help'.
    ");
}

#[test]
fn exec_without_a_command() {
    assert_snapshot!(Dp::new().run(["sandbox", "exec", "."]), @"
    exit 125
    --- stderr
    error: no command was given
      hint: `dp sandbox exec SANDBOX COMMAND`, or `dp sandbox shell SANDBOX`
    ");
}

#[test]
fn a_copy_with_two_places_of_this_machine() {
    assert_snapshot!(Dp::new().run(["sandbox", "cp", "a", "./b:c"]), @"
    exit 2
    --- stderr
    error: one side is `SANDBOX:PATH`, and only one
      hint: a path of this machine with a colon is written as `./a:b`
    ");
}

#[test]
fn rm_needs_to_be_told_what() {
    assert_snapshot!(Dp::new().run(["sandbox", "rm"]), @"
    exit 2
    --- stderr
    error: the following required arguments were not provided:
      <SANDBOX>...

    Usage: dp sandbox rm <SANDBOX>...

    For more information, try '--help'.
    ");
}

#[test]
fn no_agent_on_a_terminal_is_asked_for() {
    let dp = Dp::new();
    let mut pty = Pty::spawn(&dp, ["run"]);
    pty.expect("Which agent?");
    pty.expect("opencode");
    pty.send("\x1b[B\r");
    // The second of them, and then there is no engine.
    pty.expect("codex");
    pty.expect("cannot reach Docker");
    assert_eq!(pty.wait(), 125);
    assert!(pty.is_restored());
}

#[test]
fn a_question_that_is_interrupted_changes_nothing() {
    for key in ["\x03", "\x1b"] {
        let dp = Dp::new();
        let mut pty = Pty::spawn(&dp, ["run"]);
        pty.expect("Which agent?");
        pty.expect("shell");
        pty.expect_silence();
        pty.send(key);
        // The cursor is back.
        pty.expect("\x1b[?25h");
        assert_eq!(pty.wait(), 130, "{key:?}: {}", pty.seen());
        assert!(pty.is_restored(), "{key:?}");
    }
}
