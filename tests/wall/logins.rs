//! An agent in one project attacks the agent of another by the login volume that both share: what it
//! leaves there is read by the other. `credentials: workspace` keeps a login for each workspace.

use crate::support::{Dp, docker};

const LEAVE: &str = "echo hook > $CLAUDE_CONFIG_DIR/left";
const LOOK: &str = "cat $CLAUDE_CONFIG_DIR/left 2>/dev/null || echo nothing";

/// An agent that keeps a login and runs a line.
const AGENT: &str = "[agents.talker]\ncommand = [\"sh\", \"-c\"]\n\
    state = { directory = \".talker\", variable = \"CLAUDE_CONFIG_DIR\" }\n";

fn run(dp: &Dp, more: &[&str], script: &str) -> String {
    let words = ["run", "-t", "dp-test/busybox"];
    dp.run([&words[..], more, &["talker", script]].concat())
        .ok()
}

#[test]
fn a_login_of_one_workspace_is_not_read_in_another() {
    let dp = Dp::on_engine().config(AGENT).at("one");
    let own = ["--credentials", "workspace"];
    run(&dp, &own, LEAVE);
    assert_eq!(
        run(&dp, &own, LOOK),
        "hook",
        "it is kept for this workspace"
    );
    let filter = format!("label={}", dp.label());
    let names = docker(&["volume", "ls", "--quiet", "--filter", &filter]);
    let logins: Vec<&str> = { names.lines() }
        .filter(|name| name.starts_with("dp-login-"))
        .collect();
    assert!(
        matches!(logins[..], [one] if one.starts_with("dp-login-of-")),
        "{names}"
    );
    let dp = dp.at("../two");
    assert_eq!(run(&dp, &own, LOOK), "nothing");
    let dp = dp
        .at("../three")
        .file("dp.yml", "docker: {credentials: workspace, dind: false}\n");
    assert_eq!(run(&dp, &[], LOOK), "nothing");
    // The shared one, as everywhere else.
    let dp = dp.at("../four");
    assert_eq!(run(&dp, &[], LEAVE), "");
    let dp = dp.at("../five");
    assert_eq!(run(&dp, &[], LOOK), "hook");
    // A file gives no more than the configuration.
    let config = format!("credentials = \"workspace\"\n{AGENT}");
    let dp = dp
        .config(&config)
        .at("../six")
        .file("dp.yml", "docker: {credentials: sandbox}\n");
    let ran = dp.run(["trust"]);
    assert!(
        ran.err()
            .contains("though your configuration says workspace"),
        "{ran}"
    );
    let dp = dp.at("../seven");
    assert_eq!(run(&dp, &[], LOOK), "nothing", "the configuration counts");
}

#[test]
fn a_volume_that_was_not_made_for_this_login_or_home_is_not_mounted() {
    // No other test has this login.
    let config = AGENT.replace("talker", "keeper");
    let dp = Dp::on_engine().config(&config);
    let words = ["run", "-t", "dp-test/busybox", "keeper"];
    let run = |script: &str| dp.run([&words[..], &[script]].concat());
    run(LEAVE).ok();
    let filter = format!("label={}", dp.label());
    let names = docker(&["volume", "ls", "--quiet", "--filter", &filter]);
    let login = { names.lines() }.find(|name| name.starts_with("dp-login-"));
    let login = login.expect("a login").to_string();
    let format = "{{range $key, $value := .Labels}}{{$key}}={{$value}}\n{{end}}";
    let labels = docker(&["volume", "inspect", "--format", format, &login]);
    let labels: Vec<&str> = labels.lines().filter(|line| !line.is_empty()).collect();
    dp.run(["sandbox", "rm", "--force", "--yes", "."]).ok();
    let elsewhere = [
        "--opt",
        "type=none",
        "--opt",
        "o=bind",
        "--opt",
        "device=/tmp",
    ];
    let without = |key: &str| -> Vec<String> {
        let kept = labels.iter().filter(|label| !label.starts_with(key));
        kept.flat_map(|label| ["--label".to_string(), label.to_string()])
            .collect()
    };
    let with = |key: &str, more: &str| [without(key), vec!["--label".into(), more.into()]].concat();
    let made = [
        without("dev.dp.kind="),
        without("dev.dp.owner="),
        without("dev.dp.agent="),
        with("dev.dp.agent=", "dev.dp.agent=other"),
        with("dev.dp.owner=", "dev.dp.owner=4242"),
        with("dev.dp.kind=", "dev.dp.kind=home"),
        with("none", "dev.dp.workspace-id=0123456789ab"),
        [without("none"), elsewhere.map(str::to_string).to_vec()].concat(),
    ];
    for made in made {
        docker(&["volume", "rm", &login]);
        let words = ["volume", "create"].map(str::to_string).to_vec();
        let words = [words, made.clone(), vec![login.clone()]].concat();
        docker(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let ran = run("true");
        assert_eq!(ran.code, 125, "{made:?}: {ran}");
        assert!(ran.err().contains(&login), "{made:?}: {ran}");
        assert_eq!(dp.containers(), [""; 0], "{made:?}");
    }
    // One that is made as `dp` makes it is used.
    docker(&["volume", "rm", &login]);
    assert_eq!(run(LOOK).ok(), "nothing");
}
