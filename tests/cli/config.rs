//! The user's configuration.

use crate::support::Dp;
use insta::assert_snapshot;

/// Of one length wherever the tests run: it is in a table.
const ENGINE: &str = "unix:///no/engine.sock";

#[test]
fn the_places() {
    assert_snapshot!(Dp::new().run(["config", "path"]), @"
    exit 0
    --- stdout
    config  [HOME]/.config/dp/config.toml
    state   [HOME]/.local/state/dp
    ");
}

#[test]
fn xdg_variables_move_them() {
    let dp = Dp::new()
        .env("XDG_CONFIG_HOME", "/x/config")
        .env("XDG_STATE_HOME", "/x/state");
    assert_snapshot!(dp.run(["config", "path"]), @"
    exit 0
    --- stdout
    config  /x/config/dp/config.toml
    state   /x/state/dp
    ");
}

#[test]
fn the_settings_without_a_file() {
    let dp = Dp::new().env("DOCKER_HOST", ENGINE);
    assert_snapshot!(dp.run(["config", "show"]), @"
    exit 0
    --- stdout
    SETTING        VALUE                   FROM
    agents         -                       default
    build_args     -                       default
    credentials    sandbox                 default
    default_agent  -                       default
    detach_keys    ctrl-p,ctrl-q           default
    image          -                       default
    secrets        -                       default
    trust_host_ca  false                   default
    engine         unix:///no/engine.sock  DOCKER_HOST
    ");
}

#[test]
fn the_settings_of_a_file() {
    let dp = Dp::new().env("DOCKER_HOST", ENGINE).config(
        "default_agent = \"claude\"\ncredentials = \"none\"\ndetach_keys = \"ctrl-a,d\"\n\
         [secrets]\nGH_TOKEN = \"github\"\n[agents.mine]\ncommand = [\"mine\"]\n",
    );
    assert_snapshot!(dp.run(["config", "show"]), @"
    exit 0
    --- stdout
    SETTING        VALUE                   FROM
    agents         mine                    config.toml
    build_args     -                       default
    credentials    none                    config.toml
    default_agent  claude                  config.toml
    detach_keys    ctrl-a,d                config.toml
    image          -                       default
    secrets        GH_TOKEN                config.toml
    trust_host_ca  false                   default
    engine         unix:///no/engine.sock  DOCKER_HOST
    ");
}

#[test]
fn an_unknown_key() {
    let dp = Dp::new().config("default_agent = \"claude\"\ndefault-agent = \"codex\"\n");
    assert_snapshot!(dp.run(["config", "show"]), @"
    exit 3
    --- stderr
    error: there is no key `default-agent`
     --> [HOME]/.config/dp/config.toml:2:1
      |
    2 | default-agent = *******
      | ^^^^^^^^^^^^^
      |
      = hint: did you mean `default_agent`?
    ");
}

#[test]
fn a_value_of_the_wrong_type() {
    let dp = Dp::new().config("[agents.mine]\ncommand = \"mine\"\n");
    assert_snapshot!(dp.run(["agents", "ls"]), @r#"
    exit 3
    --- stderr
    error: `agents.mine.command` should be a list
     --> [HOME]/.config/dp/config.toml:2:11
      |
    2 | command = "mine"
      |           ^^^^^^ this is text
    "#);
}

#[test]
fn text_that_is_no_toml() {
    let dp = Dp::new().config("default_agent = claude\n");
    assert_snapshot!(dp.run(["config", "show"]), @"
    exit 3
    --- stderr
    error: this is not TOML
     --> [HOME]/.config/dp/config.toml:1:17
      |
    1 | default_agent = claude
      |                 ^^^^^^ string values must be quoted, expected literal string
    ");
}

#[test]
fn a_wrong_value_is_a_wrong_file_with_its_place() {
    let dp = Dp::new().config(
        "default_agent = \"cluade\"\ndetach_keys = \"foo\"\n\n[secrets]\nDP_X = \"a b\"\n\n\
         [agents.mine]\ncommand = []\nenv = { \"A B\" = \"hidden\" }\n",
    );
    assert_snapshot!(dp.run(["config", "show"]), @r#"
    exit 3
    --- stderr
    error: there is no agent `cluade`
     --> [HOME]/.config/dp/config.toml:1:17
      |
    1 | default_agent = "cluade"
      |                 ^^^^^^^^
      |
      = hint: did you mean `claude`?

    error: `foo` is not a sequence of keys such as `ctrl-p,ctrl-q`
     --> [HOME]/.config/dp/config.toml:2:15
      |
    2 | detach_keys = "foo"
      |               ^^^^^

    error: the variable `DP_X` is reserved
     --> [HOME]/.config/dp/config.toml:5:1
      |
    5 | DP_X = *****
      | ^^^^

    error: `secrets.DP_X` is no name of a secret
     --> [HOME]/.config/dp/config.toml:5:8
      |
    5 | DP_X = *****
      |        ^^^^^ a name has letters, digits, `_`, `-` and `.`
      |
      = hint: `dp secret set NAME` keeps the secret itself

    error: `command` names no program
     --> [HOME]/.config/dp/config.toml:8:1
      |
    8 | command = []
      | ^^^^^^^

    error: `A B` is no variable's name
     --> [HOME]/.config/dp/config.toml:9:9
      |
    9 | env = { "A B" = ******** }
      |         ^^^^^ letters, digits and `_`, and no digit first
    "#);
    let ran = dp.run(["run", "--dry-run", "shell"]);
    assert!(
        ran.code == 125 && ran.err().contains("config.toml:1:17"),
        "{ran}"
    );
}

#[test]
fn an_agent_without_a_command() {
    let dp = Dp::new().config("[agents.mine]\ndescription = \"mine\"\n");
    assert_snapshot!(dp.run(["agents", "ls"]), @r#"
    exit 3
    --- stderr
    error: the agent `mine` has no `command`
     --> [HOME]/.config/dp/config.toml:1:9
      |
    1 | [agents.mine]
      |         ^^^^
      |
      = hint: `command = ["mine"]` names its program
    "#);
}

#[test]
fn doctor_shows_what_is_wrong_with_the_configuration() {
    let ran = Dp::new().config("x = 1\n").run(["doctor"]);
    let shown = ran.out();
    for part in ["there is no key `x`", "config.toml:1:1", "1 | x = ", "| ^"] {
        assert!(shown.contains(part), "{part}: {ran}");
    }
    let document = Dp::new().config("x = 1\n");
    let document = document.run(["doctor", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_slice(&document.stdout).expect("JSON");
    assert_eq!(rows[0]["mistakes"][0]["line"], 1, "{rows}");
}

#[test]
fn a_wrong_file_is_125_in_a_session() {
    let ran = Dp::new().config("x = 1\n").run(["run", "shell"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("there is no key `x`"), "{ran}");
}

#[test]
fn a_file_that_is_a_directory() {
    let dp = Dp::new()
        .config("")
        .home_file(".config/dp/config.toml.d", "");
    std::fs::remove_file(dp.home().join(".config/dp/config.toml")).expect("a file");
    std::fs::create_dir(dp.home().join(".config/dp/config.toml")).expect("a directory");
    assert_snapshot!(dp.run(["config", "show"]), @"
    exit 3
    --- stderr
    error: cannot read the configuration `[HOME]/.config/dp/config.toml`
      cause: is a directory
    ");
}

#[test]
fn a_wrong_file_does_not_keep_doctor_and_help_from_working() {
    let dp = Dp::new().config("x = 1\n");
    assert_eq!(dp.run(["--help"]).code, 0);
    assert_eq!(dp.run(["completions", "bash"]).code, 0);
    let ran = dp.run(["doctor"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out().contains("failed   config"), "{ran}");
}

#[test]
fn no_home_directory() {
    // Without HOME the user database is asked; a user that it does not know has none.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let dp = Dp::new().unprivileged(4242, &[]).env_remove("HOME");
    assert_snapshot!(dp.run(["config", "path"]), @"
    exit 1
    --- stderr
    error: you have no home directory
      hint: set `HOME`
    ");
}

#[test]
fn variables_that_an_agent_may_not_have() {
    let dp = Dp::new().config("[agents.shell.env]\nFINE = \"1\"\ndp_engine = \"2\"\n");
    assert_snapshot!(dp.run(["agents", "ls"]), @"
    exit 3
    --- stderr
    error: the variable `dp_engine` is reserved
     --> [HOME]/.config/dp/config.toml:3:1
      |
    3 | dp_engine = ***
      | ^^^^^^^^^
    ");
    let dp = Dp::new().config("[secrets]\nAZURE_CLIENT_ID = \"x\"\n");
    assert_snapshot!(dp.run(["run", "shell"]), @"
    exit 125
    --- stderr
    error: the variable `AZURE_CLIENT_ID` is reserved
     --> [HOME]/.config/dp/config.toml:2:1
      |
    2 | AZURE_CLIENT_ID = ***
      | ^^^^^^^^^^^^^^^
    ");
}
