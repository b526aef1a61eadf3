//! What is asked for beside a login or a key, and programs and variables also without one.

use super::super::RequestKind::Credentials as Logins;
use super::{of, requests};
use crate::workspace::Credentials;

#[test]
fn every_variable_is_asked_for() {
    for name in [
        "SVN_SSH",
        "RSYNC_RSH",
        "CVS_RSH",
        "HGRCPATH",
        "GOPATH",
        "GOENV",
        "GOROOT",
        "GOTOOLCHAIN",
        "INPUTRC",
        "VIMINIT",
        "PSQLRC",
        "R_PROFILE_USER",
        "TCLLIBPATH",
        "EMACSLOADPATH",
        "OLLAMA_HOST",
        "SENTRY_DSN",
        "AR",
        "LD",
        "CPP",
        "TMP",
        "DBUS_SESSION_BUS_ADDRESS",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "NODE_OPTIONS",
        "NODE_EXTRA_CA_CERTS",
        "PYTHONPATH",
        "BASH_ENV",
        "ENV",
        "PATH",
        "PERL5OPT",
        "RUBYOPT",
        "ANTHROPIC_BASE_URL",
        "OPENAI_API_BASE",
        "CODE_ASSIST_ENDPOINT",
        "HTTPS_PROXY",
        "http_proxy",
        "NO_PROXY",
        "GIT_SSH_COMMAND",
        "GIT_CONFIG_COUNT",
        "SSL_CERT_FILE",
        "CODEX_HOME",
        "HOME",
        "npm_config_registry",
        "DOCKER_HOST",
        "PAGER",
        "GCONV_PATH",
        "TERM",
        "CI",
        "DEBUG",
        "GITHUB_ACTIONS",
        "CLAUDE_CODE_SIMPLE",
        "NOBODY_KNOWS_IT",
        "no_color",
    ] {
        for text in [
            format!("env: {{{name}: x1}}"),
            format!("agents: {{a: {{agent: claude, env: {{{name}: x1}}}}}}"),
            // The program of a template: alone, beside the login of another agent, and beside a secret.
            format!("agents: {{a: {{template: ./t, env: {{{name}: x1}}}}}}"),
            format!("agents: {{a: {{template: ./t, env: {{{name}: x1}}}}, b: {{agent: claude}}}}"),
            format!(
                "env: {{A_KEY: \"{{{{apikey:K}}}}\"}}\nagents: {{a: {{template: ./t, env: {{{name}: x1}}}}}}"
            ),
        ] {
            let words = format!("set \"{name}\" to \"x1\" for ");
            let asked = requests(&text);
            assert!(
                asked.iter().any(|it| it.starts_with(&words)),
                "{text}: {asked:?}"
            );
        }
    }
}

#[test]
fn logins_are_asked_for_where_the_person_gives_less() {
    let text = "docker: {credentials: sandbox}";
    for (own, expected) in [
        (None, 0),
        (Some(Credentials::Sandbox), 0),
        (Some(Credentials::Workspace), 1),
        (Some(Credentials::None), 1),
    ] {
        assert_eq!(of(text, own).len(), expected, "{own:?}");
    }
}

#[test]
fn logins_of_several_agents_are_asked_for_where_any_login_or_key_is_there() {
    let company = |more: &str, own| {
        let agents = "g: {agent: gemini}, c: {agent: claude, sub_agents: {p: {agent: copilot}}}";
        let asked = of(&format!("agents: {{{agents}{more}}}"), own);
        let asked = asked.into_iter().filter(|it| it.kind == Logins);
        asked.map(|it| it.words).collect::<Vec<_>>()
    };
    let words = |names: &str| {
        vec![format!(
            "run the agents {names} in one sandbox, where each reads the logins and keys of the others"
        )]
    };
    let three = "\"claude\", \"copilot\", \"gemini\"";
    assert_eq!(company("", None), words(three));
    assert_eq!(company("", Some(Credentials::Workspace)), words(three));
    assert_eq!(company("", Some(Credentials::None)), [""; 0]);
    assert_eq!(company(", x: {agent: shell}", None), words(three));
    let four = "\"claude\", \"codex\", \"copilot\", \"gemini\"";
    assert_eq!(company(", x: {agent: codex}", None), words(four));
    // Keys are there also where no login is.
    let keys = ", k: {agent: with-key-1}, l: {agent: with-key-2}";
    let two = "\"with-key-1\", \"with-key-2\"";
    assert_eq!(company(keys, Some(Credentials::None)), words(two));
}

#[test]
fn what_is_called_like_an_agent_of_the_catalogue_and_is_another_is_asked_for() {
    let table = [
        (
            "claude: {template: ./t}",
            r#"run the template "/team/app/t" in place of the agent "claude" of `dp`"#,
        ),
        (
            "shell: {agent: shell, command: [./sh]}",
            r#"run the command "./sh" in place of the agent "shell" of `dp`"#,
        ),
        (
            "codex: {agent: shell, args: [-c, x]}",
            r#"run "shell" with the arguments "-c" "x" in place of the agent "codex" of `dp`"#,
        ),
        (
            "shell: {agent: shell, args: [-c, x]}",
            r#"run "shell" with the arguments "-c" "x" as the agent "shell", which can leave programs for all that runs in the sandbox later"#,
        ),
        (
            "a: {template: ./t, sub_agents: {codex: {agent: shell}}}",
            r#"run "shell" in place of the agent "codex" of `dp`"#,
        ),
    ];
    for (agents, words) in table {
        let asked = requests(&format!("agents: {{{agents}}}"));
        assert!(asked.contains(&words.to_string()), "{agents}: {asked:?}");
    }
    assert_eq!(requests("agents: {claude: {agent: claude}}"), [""; 0]);
}

/// What they leave in the sandbox is there when a later file brings a login or a key.
#[test]
fn programs_of_a_file_are_asked_for_where_nothing_is_beside_them() {
    let table = [
        ("a: {template: ./t}", r#"the template "/team/app/t""#),
        (
            "a: {template: ./t, args: [x], auto_start: false}",
            r#"the template "/team/app/t" with the arguments "x""#,
        ),
        (
            "a: {agent: shell, args: [-c, env]}",
            r#""shell" with the arguments "-c" "env""#,
        ),
        (
            "a: {agent: shell, command: [./go], args: [x]}",
            r#"the command "./go" with the arguments "x""#,
        ),
        (
            "b: {agent: shell, sub_agents: {a: {template: ./t}}}",
            r#"the template "/team/app/t""#,
        ),
    ];
    let later = "which can leave programs for all that runs in the sandbox later";
    for (agents, what) in table {
        let alone = format!("run {what} as the agent \"a\", {later}");
        let text = format!("agents: {{{agents}}}");
        assert_eq!(requests(&text), [alone], "{agents}");
        // Beside a login, in the same file or a later one, it is another request.
        let beside = requests(&format!("agents: {{{agents}, c: {{agent: claude}}}}"));
        let words =
            format!("run {what} as the agent \"a\", beside your logins and keys of \"claude\"");
        assert_eq!(beside, [words], "{agents}");
    }
    assert_eq!(requests("agents: {a: {agent: shell}}"), [""; 0]);
}

#[test]
fn programs_beside_a_secret_of_the_file_are_asked_for() {
    let table = [
        (
            "env: {A_KEY: \"{{apikey:K}}\"}\nagents: {a: {template: ./t}}",
            r#"run the template "/team/app/t" as the agent "a", beside your secret "K""#,
        ),
        (
            "env_file: .env\nagents: {a: {agent: shell, args: [-c, env]}}",
            r#"run "shell" with the arguments "-c" "env" as the agent "a", beside your secret "OF_FILE""#,
        ),
        (
            // Of another agent, which it shares a user with.
            "agents: {a: {template: ./t}, b: {template: ./b, env: {A_KEY: \"{{apikey:K}}{{apikey:L}}\"}}}",
            r#"run the template "/team/app/t" as the agent "a", beside your secrets "K", "L""#,
        ),
        (
            "env: {A_KEY: \"{{apikey:K}}\"}\nagents: {a: {agent: claude, command: [sh]}}",
            r#"run the command "sh" as the agent "a", beside your logins and keys of "claude" and your secret "K""#,
        ),
    ];
    for (text, expected) in table {
        let asked = requests(text);
        assert!(asked.contains(&expected.to_string()), "{text}: {asked:?}");
    }
    let claude = "env: {A_KEY: \"{{apikey:K}}\"}\nagents: {a: {agent: claude}}";
    assert_eq!(requests(claude).len(), 1, "the catalogue's own program");
}
