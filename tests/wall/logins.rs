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
