//! The author of a hostile project attacks another project's sandbox by names: of a directory, and of
//! an agent in a workspace file, that a person types and that begin the ID of that sandbox.

use crate::support::Dp;

/// A person with a sandbox elsewhere, how its ID begins, and its name.
fn person() -> (Dp, String, String) {
    let dp = Dp::on_engine();
    dp.run(["run", "-t", "dp-test/busybox", "shell", "-c", "true"])
        .ok();
    let prefix = dp.container()[..6].to_string();
    let inspected = dp.inspect();
    let container = inspected["Name"].as_str().expect("a name");
    let name = container.trim_start_matches("/dp-").to_string();
    (dp.at("../hostile"), prefix, name)
}

#[test]
fn a_directory_that_is_called_like_an_id_leads_no_command_elsewhere() {
    let (dp, prefix, name) = person();
    let dp = dp.file(&format!("{prefix}/x"), "");
    for words in [
        &["sandbox", "rm", "--force", &prefix][..],
        &["sandbox", "stop", &prefix],
        &["sandbox", "exec", &prefix, "true"],
        &["sandbox", "logs", &prefix],
        &["sandbox", "inspect", &prefix],
        &["sandbox", "cp", &format!("{prefix}:/etc/hosts"), "."],
    ] {
        let ran = dp.run(words);
        assert_ne!(ran.code, 0, "{words:?}: {ran}");
        let error = ran.err();
        assert!(error.contains("is ambiguous"), "{words:?}: {ran}");
        assert!(error.contains(&format!("`./{prefix}`")), "{words:?}: {ran}");
        assert!(error.contains(&format!("`{name}`")), "{words:?}: {ran}");
    }
    assert_eq!(dp.containers().len(), 1);
    // The directory itself has no sandbox, and elsewhere the word means one thing.
    let path = format!("./{prefix}");
    assert_eq!(dp.run(["sandbox", "rm", "--force", &path]).code, 5);
    let dp = dp.at("../elsewhere");
    assert_eq!(dp.run(["sandbox", "rm", "--force", &prefix]).code, 0);
}

#[test]
fn an_agent_that_is_called_like_an_id_leads_no_command_elsewhere() {
    let (dp, prefix, name) = person();
    let config = format!("[agents.{prefix:?}]\ncommand = [\"sh\"]\n");
    let dp = dp.config(&config);
    let words = ["run", "-t", "dp-test/busybox", &prefix, "-c", "true"];
    dp.run(words).ok();
    for words in [["sandbox", "logs", &prefix], ["sandbox", "attach", &prefix]] {
        let ran = dp.run(words);
        assert!(ran.err().contains("is ambiguous"), "{words:?}: {ran}");
        assert!(ran.err().contains(&name), "{words:?}: {ran}");
    }
}
