//! The catalogue and what the configuration adds to it.

use crate::support::Dp;
use insta::assert_snapshot;

#[test]
fn the_built_in_agents() {
    assert_snapshot!(Dp::new().run(["agents", "ls"]), @"
    exit 0
    --- stdout
    NAME      FROM      DESCRIPTION
    claude    built in  Claude Code, by Anthropic
    codex     built in  Codex CLI, by OpenAI
    copilot   built in  Copilot CLI, by GitHub
    gemini    built in  Gemini CLI, by Google
    opencode  built in  OpenCode, open source, any model
    shell     built in  A shell in the sandbox: the image's bash, else its sh
    ");
    assert_snapshot!(Dp::new().run(["agents", "ls", "-q"]), @"
    exit 0
    --- stdout
    claude
    codex
    copilot
    gemini
    opencode
    shell
    ");
}

#[test]
fn one_agent() {
    assert_snapshot!(Dp::new().run(["agents", "show", "claude"]), @"
    exit 0
    --- stdout
    name          claude (built in)
    description   Claude Code, by Anthropic
    command       claude
    bypass        --dangerously-skip-permissions
    environment   DISABLE_AUTOUPDATER=1 IS_SANDBOX=1
    install       npm install --global --no-fund --no-audit @anthropic-ai/claude-code
    needs         npm
    version       claude --version
    login kept in ~/.claude (CLAUDE_CONFIG_DIR)
    host files    .claude/.credentials.json
    API keys      ANTHROPIC_API_KEY, CLAUDE_CODE_OAUTH_TOKEN
    first login   log in when it asks; the login is kept for every sandbox of claude
    ");
    let gemini = Dp::new().run(["agents", "show", "gemini"]).ok();
    for line in [
        "but not with  mcp, extensions, extension, skills, skill, hooks, hook, gemma",
        "login kept in ~/.gemini, where the hostname is `gemini`",
    ] {
        assert!(gemini.lines().any(|shown| shown == line), "{gemini}");
    }
}

#[test]
fn an_agent_of_ones_own_and_a_changed_one() {
    let dp = Dp::new().config(
        "[agents.mine]\ndescription = \"Mine\"\ncommand = [\"mine\", \"--fast\"]\n\
         [agents.claude]\nbypass = []\nenv = { A = \"1\" }\n",
    );
    let json = dp.run(["--format", "json", "agents", "ls"]).json();
    let find = |name: &str| {
        let mut all = json.as_array().expect("a list").iter();
        all.find(|agent| agent["name"] == name)
            .expect("it is listed")
            .clone()
    };
    assert_eq!(
        find("mine")["command"],
        serde_json::json!(["mine", "--fast"])
    );
    assert_eq!(find("mine")["is_custom"], true);
    assert_eq!(find("claude")["env"], serde_json::json!({"A": "1"}));
    assert_eq!(
        find("claude")["command"],
        serde_json::json!(["claude"]),
        "the rest stays"
    );
    assert_snapshot!(dp.run(["agents", "show", "mine"]), @"
    exit 0
    --- stdout
    name          mine (config.toml)
    description   Mine
    command       mine --fast
    ");
}

#[test]
fn an_unknown_agent() {
    assert_snapshot!(Dp::new().run(["agents", "show", "gemni"]), @"
    exit 2
    --- stderr
    error: there is no agent `gemni`
      cause: the agents are `claude`, `codex`, `copilot`, `gemini`, `opencode` and `shell`
      hint: did you mean `gemini`?
    ");
}

#[test]
fn completion_asks_for_names_and_is_silent_without_an_engine() {
    let dp = Dp::new();
    assert_eq!(
        dp.run(["__complete", "run"]).ok(),
        dp.run(["agents", "ls", "-q"]).ok()
    );
    for words in ["sandbox rm", "volumes ls", "--help", "nonsense", "--format"] {
        let ran = dp.run(["__complete"].into_iter().chain(words.split(' ')));
        assert_eq!(
            (ran.code, ran.out(), ran.err()),
            (0, String::new(), String::new())
        );
    }
}
