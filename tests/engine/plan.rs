//! What a run decides about a sandbox that is there, and what it says about it beforehand.

use crate::sh;
use crate::support::{Dp, docker};
use insta::assert_snapshot;

#[test]
fn the_image_of_the_configuration_is_the_one_that_is_named() {
    let dp = Dp::on_engine().config("image = \"dp-test/busybox\"\n");
    dp.run(["run", "shell", "-c", "true"]).ok();
    assert_eq!(sh(&dp, "echo entered").ok(), "entered");
    let ran = dp.run(["run", "-t", "dp-test/debian", "shell", "-c", "true"]);
    assert!(
        ran.err()
            .contains("| image: dp-test/busybox -> dp-test/debian"),
        "{ran}"
    );
}

#[test]
fn a_newer_image_is_for_a_new_sandbox() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let ran = dp.run(["run", "--pull", "always", "shell", "-c", "true"]);
    assert_eq!(ran.code, 0, "{ran}");
    for part in ["keeps the image it was made from", "`--recreate`"] {
        assert_eq!(ran.err().matches(part).count(), 1, "{part}: {ran}");
    }
    let words = ["run", "-q", "--pull", "always", "shell", "-c", "true"];
    assert_eq!(dp.run(words).err(), "");
}

#[test]
fn a_dry_run_shows_what_would_be_entered() {
    let dp = Dp::on_engine().file("../data/x", "1");
    let words = ["run", "--memory", "1g", "--cpus", "1.5", "-v", "../data:/d"];
    let words = [&words[..], &["--name", "mine", "-t", "dp-test/busybox"]].concat();
    let name = format!("mine-{}", std::process::id());
    let words: Vec<&str> = words
        .into_iter()
        .map(|word| if word == "mine" { &name } else { word })
        .collect();
    dp.run([&words[..], &["shell", "-c", "true"]].concat()).ok();
    let shown = dp.run(["run", "--dry-run", "shell"]).ok();
    for line in [
        format!("sandbox     {name}  (kept)"),
        "would       enter it, it runs".into(),
        "image       dp-test/busybox  (kept)".into(),
        "memory      1g  (kept)".into(),
        "cpus        1.5  (kept)".into(),
        "pids-limit  4096  (default)".into(),
    ] {
        let shown = tidy(&shown);
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    assert!(tidy(&shown).contains("/data -> /d  (kept)\n"), "{shown}");
    let here = format!("{0} -> {0}  (workspace)", dp.here().display());
    assert!(tidy(&shown).contains(&here), "{shown}");
    let json = dp
        .run(["--format", "json", "run", "--dry-run", "shell"])
        .json();
    assert_eq!(json["settings"]["memory"], 1 << 30);
    assert_eq!(json["origins"]["memory"], "kept");
    let again = dp.run(["run", "--dry-run", "--memory", "1g", "shell"]);
    let line = "memory      1g  (--memory)";
    assert!(tidy(&again.ok()).contains(line), "{again}");
}

#[test]
fn a_dry_run_finds_the_name_taken() {
    let dp = Dp::on_engine();
    let name = format!("taken-{}", std::process::id());
    let words = ["run", "--name", &name, "-t", "dp-test/busybox"];
    dp.run([&words[..], &["shell", "-c", "true"]].concat()).ok();
    let first = dp.path("");
    let dp = dp.at("elsewhere");
    let real = dp.run([&words[..], &["shell"]].concat());
    assert!(real.err().contains("belongs to another sandbox"), "{real}");
    let shown = dp.run([&words[..], &["--dry-run", "shell"]].concat()).ok();
    assert!(
        shown.contains("refuse: the name belongs to another"),
        "{shown}"
    );
    let taken = format!("taken by    shell in {}", first.trim_end_matches('/'));
    assert!(shown.contains(&taken), "{shown}");
}

#[test]
fn a_dry_run_says_what_is_not_there_yet() {
    let agent = format!("foreseen{}", std::process::id());
    let text = format!(
        "[agents.{agent}]\ncommand = [\"sh\", \"-c\"]\ninstall = \"true\"\n\
         state = {{ directory = \".foreseen\" }}\n"
    );
    let dp = Dp::on_engine().config(&text);
    let plan = |image: &str| dp.run(["run", "--dry-run", "-t", image, &agent]).ok();
    let shown = plan("dp-test/busybox");
    let login = format!(
        "dp-login-{}-{agent} -> ",
        rustix::process::getuid().as_raw()
    );
    let line = shown.lines().find(|line| line.contains(&login));
    assert!(
        line.is_some_and(|line| tidy(line).trim_end().ends_with(" (new volume)  (login)")),
        "{shown}"
    );
    let guest = shown.lines().find(|line| line.contains("/.dp/bin"));
    assert!(guest.is_some(), "{shown}");
    let words = [
        "--format",
        "json",
        "run",
        "--dry-run",
        "-t",
        "dp-test/busybox",
    ];
    let json = dp.run([&words[..], &[&agent]].concat()).json();
    let layer = json["to_build"][0].as_str().unwrap_or_default();
    assert!(layer.starts_with(&format!("dp-agent-{agent}:")), "{json}");
    let shown = plan("dp-test/not-there");
    assert!(
        tidy(&shown).contains("image       dp-test/not-there (to be pulled)  (--template)\n"),
        "{shown}"
    );
    let words = [
        "run",
        "--dry-run",
        "--pull",
        "never",
        "-t",
        "dp-test/not-there",
    ];
    let ran = dp.run([&words[..], &[&agent]].concat());
    assert!(ran.err().contains("is not there"), "{ran}");
    let volumes = docker(&[
        "volume",
        "ls",
        "--quiet",
        "--filter",
        &format!("name={agent}"),
    ]);
    assert_eq!(volumes, "", "nothing was made");
}

/// Origins follow their values at once: how wide a column is depends on the path of the test.
fn tidy(shown: &str) -> String {
    let lines = shown.lines().map(|line| match line.rsplit_once("  (") {
        Some((before, origin)) => format!("{}  ({origin}\n", before.trim_end()),
        None => format!("{line}\n"),
    });
    lines.collect::<String>()
}

const TEAM: &str = "\
name: crew
workspace_dir: .
env: {SHARED_TOKEN: hunter2, TOKEN: \"{{apikey:KEY}}\"}
env_file: vars.env
mounts:
  - {host_path: ../data, container_path: /data}
docker:
  image: dp-test/busybox
  memory_limit: 1g
  ports: [\"0.0.0.0:8080:80\"]
  home_persistence: true
templates:
  tools: {source: \"https://git.invalid/o/tools\", ref: v1}
agents:
  lead:
    template: ./lead
    args: [--fast, two words]
    peers: [helper]
    sub_agents:
      helper: {template: tools, instances: 2, auto_start: true}
      spare: {template: ./spare}
  look: {agent: shell, auto_start: false}
";

/// A file with some of everything, of which a good part is lacking.
fn team() -> Dp {
    let manifest = "name: lead\ndescription: Leads.\nrequired_env: [NEEDED, SHARED_TOKEN]\nrequired_mounts: [/models]\nfields: {a b: eA==}\n";
    Dp::on_engine()
        .file("../data/x", "1")
        .file("vars.env", "FROM_FILE_KEY=hunter3\n")
        .file("lead/dspatch.agent.yml", manifest)
        .file("lead/pyproject.toml", "")
        .file("lead/scripts/pre_install.sh", "")
        .file("spare/package.json", "{}")
        .file("spare/package-lock.json", "{}")
        .file("spare/post_install.sh", "")
        .file("dp.yml", TEAM)
}

/// They are by a key that each person has of their own.
fn without_hashes(text: &str) -> String {
    let mut parts = text.split("(hash ");
    let mut shown = parts.next().unwrap_or_default().to_string();
    for part in parts {
        shown += "(hash [HASH]";
        shown += part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    shown
}

#[test]
fn a_dry_run_of_a_team_tells_everything_and_does_nothing() {
    let dp = team();
    let ran = dp.run(["run", "--dry-run", "--cpus", "2", "-e", "GIVEN=hunter4"]);
    let shown = tidy(&ran.ok());
    for secret in ["hunter", "eA=="] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let name = shown.split_whitespace().nth(1).expect("a name").to_string();
    let root = dp.root().canonicalize().expect("a path");
    let own = |line: &&str| {
        !line.contains("dp-home-")
            && !line.contains("dp-docker")
            && !line.contains("/.dp")
            && !line.starts_with("user")
    };
    let shown: Vec<&str> = shown.lines().filter(own).collect();
    let shown = shown.join("\n");
    let shown = shown.replace(&root.display().to_string(), "[ROOT]");
    let shown = shown.replace(&name[name.len() - 6..], "[ID]");
    let shown = without_hashes(&shown);
    assert_snapshot!(shown, @r#"
    sandbox          team-crew-[ID]  (dp.yml:1:7)
    would            create and start it
    file             [ROOT]/app/dp.yml
    asks             variable: set "SHARED_TOKEN" to a value that is not shown (hash [HASH]) for every agent (dp.yml:3:21), not allowed yet
    asks             secret: give your secret "KEY" to every agent in "TOKEN" (dp.yml:3:37), not allowed yet
    asks             variable: set "FROM_FILE_KEY" to a value that is not shown (hash [HASH]) for every agent (dp.yml:4:11), not allowed yet
    asks             mount: mount "[ROOT]/data" at "/data", read-only (dp.yml:6:17), not allowed yet
    asks             image: run in the image "dp-test/busybox", whose programs then have your logins and keys (dp.yml:8:10), not allowed yet
    asks             port: publish the port 80/tcp as port 8080 at 0.0.0.0, for everyone who reaches this machine (dp.yml:10:11), not allowed yet
    asks             home: keep the home, which all sandboxes of this directory then share: what is left there can run for each of their agents, beside its logins and keys (dp.yml:11:21), not allowed yet
    asks             template: clone "https://git.invalid/o/tools" at "v1" (dp.yml:13:19), not allowed yet
    asks             program: run the template "[ROOT]/app/lead" with the arguments "--fast" "two words" as the agent "lead", beside your secret "KEY" (dp.yml:16:15), not allowed yet
    asks             program: run the template "https://git.invalid/o/tools" at "v1" as the agent "helper", beside your secret "KEY" (dp.yml:20:26), not allowed yet
    asks             program: run the template "[ROOT]/app/spare" as the agent "spare", beside your secret "KEY" (dp.yml:21:25), not allowed yet
    asks             given: give what you type for a run, such as variables and mounts, to the template "[ROOT]/app/lead" with the arguments "--fast" "two words", which runs as the agent "lead" (dp.yml:16:15), not allowed yet
    asks             given: give what you type for a run, such as variables and mounts, to the template "https://git.invalid/o/tools" at "v1", which runs as the agent "helper" (dp.yml:20:26), not allowed yet
    asks             given: give what you type for a run, such as variables and mounts, to the template "[ROOT]/app/spare", which runs as the agent "spare" (dp.yml:21:25), not allowed yet
    workspace        [ROOT]/app  (dp.yml:2:16)
    image            dp-test/busybox  (dp.yml:8:10)
    directory        /workspace  (dp.yml:2:16)
    mount            [ROOT]/app -> [ROOT]/app  (workspace)
    mount            [ROOT]/app -> /workspace  (workspace)
    mount            [ROOT]/app/dp.yml -> [ROOT]/app/dp.yml (read-only)  (file itself)
    mount            [ROOT]/app/dp.yml -> /workspace/dp.yml (read-only)  (file itself)
    mount            [ROOT]/data -> /data (read-only)  (dp.yml:6:17)
    port             0.0.0.0:8080:80/tcp  (dp.yml:10:11)
    cpus             2  (--cpus)
    credentials      sandbox  (default)
    dind             rootless  (default)
    home-persistence true  (dp.yml:11:21)
    memory           1g  (dp.yml:9:17)
    pids-limit       4096  (default)
    template         lead from [ROOT]/app/lead
      install        pre-install, uv sync
    template         tools from https://git.invalid/o/tools#v1
      install        known after cloning
    template         spare from [ROOT]/app/spare
      install        npm ci, post-install
    agent            lead of template lead
      starts         in the terminal
      command        /agents/lead/.venv/bin/python /agents/lead/agent.py --fast 'two words'
      env            DSPATCH_AGENT_ID, DSPATCH_AGENT_INSTANCE, DSPATCH_AGENT_KEY, DSPATCH_FIELD_A_B, DSPATCH_IS_ROOT, DSPATCH_PEERS, DSPATCH_WORKSPACE_DIR, GIVEN, SHARED_TOKEN
      peers          helper
      lacks          the agent `lead` needs the variable `NEEDED`, which is not set or empty
      lacks          the agent `lead` needs something mounted at `/models`
    agent            helper of template tools
      starts         helper.1, helper.2 in the background
      command        known after cloning
      env            DSPATCH_AGENT_ID, DSPATCH_AGENT_INSTANCE, DSPATCH_AGENT_KEY, DSPATCH_IS_ROOT, DSPATCH_PEERS, DSPATCH_WORKSPACE_DIR, FROM_FILE_KEY, GIVEN, SHARED_TOKEN, TOKEN
      lacks          there is no secret `KEY`
    agent            spare of template spare
      starts         when `dp run spare` calls it
      command        python3 /agents/spare/agent.py
      env            DSPATCH_AGENT_ID, DSPATCH_AGENT_INSTANCE, DSPATCH_AGENT_KEY, DSPATCH_IS_ROOT, DSPATCH_PEERS, DSPATCH_WORKSPACE_DIR, FROM_FILE_KEY, GIVEN, SHARED_TOKEN, TOKEN
      lacks          there is no secret `KEY`
    agent            look
      starts         when `dp run look` calls it
      command        bash
      env            DSPATCH_AGENT_ID, DSPATCH_AGENT_INSTANCE, DSPATCH_AGENT_KEY, DSPATCH_IS_ROOT, DSPATCH_PEERS, DSPATCH_WORKSPACE_DIR, FROM_FILE_KEY, GIVEN, SHARED_TOKEN, TOKEN
      lacks          there is no secret `KEY`
    "#);
    assert_eq!(dp.containers(), [""; 0]);
    for made in [".local/state/dp/approvals.json", ".cache/dp/git"] {
        assert!(!dp.home().join(made).exists(), "{made}");
    }
    let shown = dp.run(["run", "--dry-run", "helper.2", "--more"]).ok();
    let line =
        "starts         helper.2 in the terminal; helper.1 by itself with the next `dp run`\n";
    assert!(shown.contains(line), "{shown}");
    let shown = dp.run(["sandbox", "create", "--dry-run"]).ok();
    assert!(!shown.contains("in the terminal"), "{shown}");
}

#[test]
fn what_was_allowed_is_said_to_be() {
    let dp = team();
    dp.run(["trust", "--yes"]).ok();
    let json = dp.run(["--format", "json", "run", "--dry-run"]).json();
    let requests = json["file"]["requests"].as_array().expect("requests");
    assert_eq!(requests.len(), 11, "{json}");
    assert!(
        requests.iter().all(|one| one["is_allowed"] == true),
        "{json}"
    );
    let changed = TEAM.replace("8080:80", "8081:81");
    let json = dp
        .file("dp.yml", changed)
        .run(["--format", "json", "run", "--dry-run"])
        .json();
    let requests = json["file"]["requests"].as_array().expect("requests");
    let asked = requests.iter().filter(|one| one["is_allowed"] == false);
    let asked: Vec<_> = asked.map(|one| one["request"].clone()).collect();
    assert_eq!(
        asked,
        ["publish the port 81/tcp as port 8081 at 0.0.0.0, for everyone who reaches this machine"]
    );
}

#[test]
fn an_agent_alone_with_a_file_is_told_with_names_only() {
    let dp = team();
    let words = [
        "run",
        "--dry-run",
        "-e",
        "GIVEN=hunter4",
        "shell",
        "-c",
        "true",
    ];
    let shown = dp.run(words).ok();
    assert!(!shown.contains("hunter"), "{shown}");
    for line in [
        "agent            shell",
        "  starts         in the terminal",
        "  lacks          there is no secret `KEY`",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
    }
    let env = shown.lines().find(|line| line.starts_with("  env "));
    let env = env.expect("variables");
    for name in ["FROM_FILE_KEY", "GIVEN", "SHARED_TOKEN", "TOKEN"] {
        assert!(env.contains(name), "{env}");
    }
}

#[test]
fn a_file_that_changed_names_its_key_and_its_line() {
    let file = |memory: &str| format!("docker:\n  image: dp-test/busybox\n{memory}");
    let dp = Dp::on_engine().file("dp.yml", file("  memory: 512m\n"));
    dp.run(["sandbox", "create", "shell"]).ok();
    let dp = dp.file("dp.yml", file("  memory_limit: 1g\n"));
    let line = "docker.memory_limit: 512m -> 1g (dp.yml:3:17)";
    let ran = dp.run(["run", "shell", "-c", "true"]);
    assert!(ran.err().contains(&format!("| {line}\n")), "{ran}");
    let shown = dp.run(["run", "--dry-run", "shell"]).ok();
    assert!(shown.contains(&format!("differs     {line}\n")), "{shown}");
    let json = dp
        .run(["--format", "json", "run", "--dry-run", "shell"])
        .json();
    let expected = serde_json::json!([{
        "setting": "memory", "old": "512m", "new": "1g",
        "key": "docker.memory_limit", "origin": "dp.yml:3:17",
    }]);
    assert_eq!(json["differences"], expected);
    let dp = dp.file("dp.yml", file(""));
    let ran = dp.run(["run", "shell", "-c", "true"]);
    let line = "| docker.memory: 512m -> default (no longer in dp.yml)\n";
    assert!(ran.err().contains(line), "{ran}");
    let ran = dp.run(["run", "--memory", "2g", "shell", "-c", "true"]);
    assert!(ran.err().contains("| memory: 512m -> 2g\n"), "{ran}");
}
