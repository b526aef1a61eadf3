//! Every example of `examples/`, run as its README says, on the built-in image.

use crate::support::{Dp, Ran, with_base};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Packages over a slow line.
const SLOW: Duration = Duration::from_secs(300);

/// A person in a copy of an example, a repository of its own.
fn person(example: &str) -> Dp {
    let dp = with_base().at(example);
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(example);
    let mut copy = Command::new("cp");
    copy.arg("-R").arg(from.join(".")).arg(dp.here());
    assert!(copy.status().expect("cp is there").success());
    let init = ["init", "--quiet", "."];
    assert_eq!(dp.run_other("git", init).code, 0);
    dp
}

trait Example {
    fn first(&self, words: &[&str]) -> Ran;
}

impl Example for Dp {
    /// Where TLS is inspected, packages can only be had with the host's authorities.
    fn first(&self, words: &[&str]) -> Ran {
        let words = [&["run", "--ca-certificates", "host"], words].concat();
        self.spawn(words).wait_for(SLOW)
    }
}

#[test]
fn hello() {
    let dp = person("hello");
    let ran = dp.first(&["shell", "-c", "./hello.sh"]);
    assert!(
        ran.ok().contains(&format!("in {}", dp.here().display())),
        "{ran}"
    );
}

#[test]
fn python_agent_installs_once_and_remembers() {
    let dp = person("python-agent");
    let ran = dp.first(&[]);
    assert!(ran.ok().starts_with("7 files, "), "{ran}");
    for step in ["pre-install", "uv sync", "post-install"] {
        assert!(ran.err().contains(&format!("agent: {step} (")), "{ran}");
    }
    let ran = dp.run(["run"]);
    assert!(
        ran.ok().contains("\n+0 bytes since the last time\n"),
        "{ran}"
    );
    assert_eq!(ran.err(), "nothing new to install for agent\n");
    // A new sandbox: the home is still there, and with it what the agent remembers.
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let ran = dp.first(&[]);
    assert!(
        ran.ok().contains("\n+0 bytes since the last time\n"),
        "{ran}"
    );
    dp.run(["sandbox", "rm", "--force", "--volumes", "."]).ok();
    assert_eq!(
        dp.run([
            "volumes",
            "ls",
            "-q",
            "--filter",
            &format!("label={}", dp.label())
        ])
        .ok(),
        ""
    );
}

#[test]
fn node_agent_installs_by_its_lock_file() {
    let dp = person("node-agent");
    let ran = dp.first(&[]);
    assert!(ran.ok().ends_with("1 left to do"), "{ran}");
    assert!(ran.err().contains("agent: npm ci ("), "{ran}");
    assert_eq!(dp.run(["run"]).err(), "nothing new to install for agent\n");
}

#[test]
fn team_works_together_and_goes_on() {
    let dp = person("team");
    let program = dp.command([""; 0]).get_program().to_owned();
    let dp = dp.env("DP", program);
    let refused = dp.run_other("./try", [""; 0]);
    assert_eq!(refused.code, 125, "{refused}");
    assert!(
        refused.err().contains(
            "clone \"https://git.example.org/agents.git\" at \"main\", directory \"reviewer\""
        ),
        "{refused}"
    );
    let answers = "writer: the sandbox is a place where nothing breaks outside.\n\
                   reviewer: the sandbox? I would read it twice (strict: yes).";
    let ran = dp.run_other("./try", ["--yes", "--ca-certificates", "host"]);
    assert_eq!(ran.ok(), answers, "{ran}");
    let ran = dp.run_other("./try", [""; 0]);
    assert_eq!(ran.ok(), answers, "{ran}");
    assert!(
        ran.err().contains("nothing new to install for lead\n"),
        "{ran}"
    );
    assert!(!ran.err().contains("cloning"), "{ran}");
    let log = dp.run(["sandbox", "logs", ".", "reviewer"]).ok();
    assert_eq!(
        log,
        "reviewer waits for tasks\njudged the sandbox\njudged the sandbox"
    );
}

#[test]
fn toml_is_heard_line_by_line() {
    let dp = person("toml");
    let ran = dp.first(&[]);
    let mut lines: Vec<String> = ran.ok().lines().map(str::to_string).collect();
    lines.sort();
    assert_eq!(lines.len(), 4, "{ran}");
    assert!(lines[0].contains("128M"), "{ran}");
    assert_eq!(lines[1], "count   | there are 1 files");
    assert_eq!(lines[2], "greet.1 | hello from instance 1");
    assert_eq!(lines[3], "greet.2 | hello from instance 2");
    assert!(
        dp.run(["run", "count"])
            .ok()
            .starts_with("there are 1 files\n")
    );
    assert_eq!(dp.run(["run", "greet.2"]).ok(), "hello from instance 2");
    let inspected = dp.inspect();
    let limits = &inspected["HostConfig"];
    assert_eq!(limits["Memory"], 1_u64 << 30, "{limits}");
    assert_eq!(limits["NanoCpus"], 1_500_000_000_u64, "{limits}");
    assert_eq!(limits["PidsLimit"], 128, "{limits}");
}

/// Lock files name their registry, so they are made here and not checked in.
#[test]
fn every_kind_of_dependencies_is_installed_by_its_own_tool() {
    let mut dp = with_base();
    let package = r#"{"name": "x", "version": "1.0.0", "private": true, "dependencies": {"picocolors": "^1.1.0"}}"#;
    let node = r#"command: [node, "-e", "require('/agents/NAME/node_modules/picocolors'); console.log('NAME has it')"]"#;
    let python = r#"command: [/agents/NAME/.venv/bin/python, "-c", "import humanize; print('NAME has it')"]"#;
    let manifest = |name: &str, command: &str| {
        format!(
            "name: {name}\ndescription: x\n{}\n",
            command.replace("NAME", name)
        )
    };
    let mut file = String::from("docker: {dind: false}\nagents:\n");
    for name in ["npm", "pnpm", "yarn", "none"] {
        dp = dp.file(&format!("{name}/package.json"), package);
        dp = dp.file(&format!("{name}/dspatch.agent.yml"), manifest(name, node));
        file += &format!("  {name}: {{template: ./{name}}}\n");
    }
    let pyproject = "[project]\nname = \"x\"\nversion = \"0.1.0\"\nrequires-python = \">=3.11\"\ndependencies = [\"humanize\"]\n";
    dp = dp
        .file("uv/pyproject.toml", pyproject)
        .file("pip/requirements.txt", "humanize\n");
    for name in ["uv", "pip"] {
        dp = dp.file(&format!("{name}/dspatch.agent.yml"), manifest(name, python));
        file += &format!("  {name}: {{template: ./{name}}}\n");
    }
    let dp = dp.file("dp.yml", file);
    let lock = "(cd npm && npm install --package-lock-only) && (cd pnpm && pnpm install --lockfile-only) && \
                (cd yarn && yarn install && rm -r node_modules) && (cd uv && uv lock)";
    let words = [
        "run",
        "--no-file",
        "--ca-certificates",
        "host",
        "--name",
        "lock",
        "shell",
        "-ec",
        lock,
    ];
    let made = dp.spawn(words).wait_for(SLOW);
    assert_eq!(made.code, 0, "{made}");
    let ran = dp.first(&[]);
    for name in ["npm", "pnpm", "yarn", "none", "uv", "pip"] {
        assert!(
            ran.ok()
                .lines()
                .any(|line| line.ends_with(&format!("| {name} has it"))),
            "{name}: {ran}"
        );
    }
    let steps = [
        "npm: npm ci (",
        "pnpm: pnpm install (",
        "yarn: yarn install (",
        "none: npm install (",
        "uv: uv sync (",
        "pip: uv pip install (",
    ];
    for step in steps {
        assert!(ran.err().contains(step), "{step}: {ran}");
    }
    let ran = dp.run(["run"]);
    assert_eq!(
        ran.err(),
        "nothing new to install for npm, pnpm, yarn, none, uv, pip\n",
        "{ran}"
    );
}
