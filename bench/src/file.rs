//! What a workspace file costs: finding its mistakes, and bringing a template of it in.

use crate::race::{HEAVY_RUNS, Lane, Lanes, RUNS, lane, time};
use crate::report::{Row, absolute, ratio};
use crate::rig::{Rig, Sandbox};
use crate::{Result, go_on};
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

/// Agents of the file that is checked: so many, each with so many below it.
const LEADS: usize = 20;
const BELOW: usize = 9;
/// Files of the template: so many directories with so many in each.
const DIRECTORIES: usize = 200;
const FILES: usize = 100;

/// Finds nothing wrong with 200 agents.
pub fn check(rig: &Rig) -> Result<Vec<Row>> {
    debug_assert_eq!(LEADS * (1 + BELOW), 200, "the rows are named after it");
    let race = |name: &str, file: &str, text: String| {
        let workspace = rig.workspace(name)?;
        std::fs::create_dir_all(workspace.join("worker"))?;
        let manifest = "name: worker\ndescription: works\ncommand: \"true\"\n";
        std::fs::write(workspace.join("worker/dspatch.agent.yml"), manifest)?;
        std::fs::write(workspace.join(file), text)?;
        let mut checked = rig.dp_in(&workspace, &["config", "check"]);
        let said = checked.output()?;
        let words = String::from_utf8_lossy(&said.stdout);
        if !words.contains("is right: 200 agents") {
            let complaint = String::from_utf8_lossy(&said.stderr);
            return Err(format!("`dp config check` of {file}: {words}{complaint}").into());
        }
        Lanes {
            dp: vec![lane(checked)],
            dockers: Vec::new(),
            raw: None,
        }
        .race(3, RUNS)
    };
    let yaml = race("check-yaml", "dp.yml", yaml()?)?;
    let toml = race("check-toml", "dp.toml", toml()?)?;
    let names = [
        "`dp config check`, 200 agents in YAML",
        "`dp config check`, 200 agents in TOML",
    ];
    let [yaml_name, toml_name] = names;
    Ok(vec![
        Row::time(yaml_name, &yaml, 0, absolute(20.0)),
        Row::time(toml_name, &toml, 0, absolute(20.0)),
    ])
}

fn yaml() -> Result<String> {
    let mut text = String::from("env: {LOG_LEVEL: info}\nagents:\n");
    for lead in 0..LEADS {
        yaml_agent(&mut text, 2, &format!("lead-{lead}"), lead)?;
        writeln!(text, "    sub_agents:")?;
        for worker in 0..BELOW {
            yaml_agent(&mut text, 6, &format!("worker-{lead}-{worker}"), lead)?;
        }
    }
    Ok(text)
}

fn yaml_agent(text: &mut String, indent: usize, key: &str, lead: usize) -> Result<()> {
    let space = " ".repeat(indent);
    writeln!(text, "{space}{key}:")?;
    writeln!(text, "{space}  template: ./worker")?;
    writeln!(text, "{space}  args: [\"--of\", \"{lead}\"]")?;
    writeln!(text, "{space}  env:")?;
    writeln!(text, "{space}    ROLE: {key}")?;
    writeln!(text, "{space}    NUMBER: {lead}")?;
    writeln!(text, "{space}  peers: [lead-{}]", (lead + 1) % LEADS)?;
    Ok(())
}

fn toml() -> Result<String> {
    let mut text = String::from("env = { LOG_LEVEL = \"info\" }\n");
    for lead in 0..LEADS {
        toml_agent(&mut text, &format!("lead-{lead}"), "", lead)?;
        for worker in 0..BELOW {
            let above = format!("lead-{lead}.sub_agents.");
            toml_agent(&mut text, &format!("worker-{lead}-{worker}"), &above, lead)?;
        }
    }
    Ok(text)
}

fn toml_agent(text: &mut String, key: &str, above: &str, lead: usize) -> Result<()> {
    writeln!(text, "\n[agents.{above}{key}]")?;
    writeln!(text, "template = \"./worker\"")?;
    writeln!(text, "args = [\"--of\", \"{lead}\"]")?;
    writeln!(text, "env = {{ ROLE = \"{key}\", NUMBER = {lead} }}")?;
    writeln!(text, "peers = [\"lead-{}\"]", (lead + 1) % LEADS)?;
    Ok(())
}

/// Brings 20,000 files into a sandbox whose agent runs.
pub fn copy_in(rig: &Rig) -> Result<Vec<Row>> {
    debug_assert_eq!(DIRECTORIES * FILES, 20_000, "the row is named after it");
    let workspace = rig.workspace("copy-in")?;
    let source = workspace.join("many");
    make_files(&source)?;
    std::fs::write(
        workspace.join("dp.yml"),
        "agents:\n  idle:\n    template: ./many\n    command: [sleep, \"100000\"]\n",
    )?;
    let words = ["run", "--quiet", "--detach"];
    // The file has a program of its own, which is allowed once.
    time(&mut rig.dp_in(&workspace, &["run", "--quiet", "--yes", "--detach"]))?;
    let sandbox = rig.sandbox_of(&workspace, "team")?;
    let mut into = vec![copying(
        rig,
        &sandbox,
        "many",
        rig.dp_in(&workspace, &words),
    )];
    for docker in &rig.dockers {
        let mut command = rig.command(
            Path::new("sh"),
            &["-c", r#"tar -C "$1" -c . | "$2" cp - "$3""#, "sh"],
        );
        command.arg(&source).arg(&docker.path);
        command.arg(format!("{}:/agents/by-docker", sandbox.id));
        into.push(copying(rig, &sandbox, "by-docker", command));
    }
    let dockers = into.split_off(1);
    let medians = Lanes {
        dp: into,
        dockers,
        raw: None,
    }
    .race(1, HEAVY_RUNS)?;
    rig.remove_containers()?;
    Ok(vec![Row::time(
        "copy a template of 20,000 files in, `tar | docker cp -`",
        &medians,
        0,
        ratio(1.2),
    )])
}

/// Comes back to `examples/team` that was stopped, with nothing to install: until all of its agents
/// run, against a start of the same container and one command in it.
pub fn second_run(rig: &Rig) -> Result<Vec<Row>> {
    let workspace = rig.workspace("team")?;
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/team");
    let copied = Command::new("cp")
        .arg("-R")
        .arg(example.join("."))
        .arg(&workspace)
        .status()?;
    if !copied.success() {
        return Err("the example cannot be copied".into());
    }
    let mut first = rig.command(
        &workspace.join("try"),
        &["--yes", "--quiet", "--ca-certificates", "host"],
    );
    // Python and bash are in the built-in image, which the configuration replaces.
    let built_in = ("XDG_CONFIG_HOME", workspace.with_file_name("none"));
    time(first.env("DP", &rig.dp).env(built_in.0, &built_in.1))?;
    let sandbox = rig.sandbox_of(&workspace, "team")?;
    let mut again = rig.dp_in(&workspace, &["run", "--quiet", "--detach"]);
    again.env(built_in.0, &built_in.1);
    let dockers = rig.dockers.iter().map(|docker| {
        let script = r#""$1" start "$2" >/dev/null && "$1" exec "$2" true"#;
        let mut command = rig.command(Path::new("sh"), &["-c", script, "sh"]);
        command.arg(&docker.path).arg(&sandbox.id);
        stopped_before(rig, &sandbox, command)
    });
    let dockers = dockers.collect();
    let medians = Lanes {
        dp: vec![stopped_before(rig, &sandbox, again)],
        dockers,
        raw: None,
    }
    .race(1, HEAVY_RUNS)?;
    rig.remove_containers()?;
    Ok(vec![Row::time(
        "come back to a stopped team, `docker start` and `exec`",
        &medians,
        0,
        ratio(0.8),
    )])
}

/// Stops the sandbox outside of the time.
fn stopped_before<'a>(rig: &'a Rig, sandbox: &'a Sandbox, mut command: Command) -> Lane<'a> {
    Box::new(move || {
        rig.api.post(
            &format!("/containers/{}/stop?t=10", sandbox.id),
            &serde_json::Value::Null,
        )?;
        time(&mut command)
    })
}

/// Copies into an empty directory below `/agents`; whether all came is looked at outside of the time.
fn copying<'a>(
    rig: &'a Rig,
    sandbox: &'a Sandbox,
    name: &'a str,
    mut command: Command,
) -> Lane<'a> {
    Box::new(move || {
        let directory = format!("/agents/{name}");
        inside(
            rig,
            sandbox,
            &format!("rm -rf {directory} /var/lib/dp/sources/{name}; mkdir -p {directory}"),
        )?;
        let took = time(&mut command)?;
        let count = inside(rig, sandbox, &format!("find {directory} -type f | wc -l"))?;
        if count.trim() != (DIRECTORIES * FILES).to_string() {
            return Err(format!("{command:?} brought {count} files").into());
        }
        Ok(took)
    })
}

/// What a script says in the sandbox.
fn inside(rig: &Rig, sandbox: &Sandbox, script: &str) -> Result<String> {
    let mut said = Vec::new();
    let mut session = rig.api.exec(&sandbox.id, &["sh", "-c", script], false)?;
    session.read(|bytes| {
        said.extend_from_slice(bytes);
        Ok(())
    })?;
    Ok(String::from_utf8(said)?)
}

/// Between 100 bytes and some 2 KB each, as sources are.
fn make_files(root: &Path) -> Result<()> {
    for directory in 0..DIRECTORIES {
        go_on()?;
        let directory = root.join(format!("module-{directory}"));
        std::fs::create_dir_all(&directory)?;
        for file in 0..FILES {
            let text = "0123456789\n".repeat(10 + file * 2);
            std::fs::write(directory.join(format!("file-{file}.txt")), text)?;
        }
    }
    Ok(())
}
