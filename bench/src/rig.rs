//! What the measurements stand on: a home of their own, workspaces, the docker CLIs, and the label by which all that
//! was made is found again and removed.

use crate::Result;
use crate::api::{Api, text};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// On everything that a run makes; its value is the run's process.
const LABEL: &str = "dev.dp.bench";
/// The sandboxes' image. It has nothing but busybox, so what is measured is not the image's.
pub const IMAGE: &str = "dp-test/busybox";
const CONFIG: &str = r#"image = "dp-test/busybox"

[agents.true]
description = "does nothing"
command = ["true"]

[agents.cat]
description = "gives back what it gets"
command = ["cat"]
"#;
/// How many removals are under way at a time.
const REMOVERS: usize = 4;

/// A docker CLI.
#[derive(Debug, Clone)]
pub struct Docker {
    /// Its program.
    pub path: PathBuf,
    /// Such as `28.2.2`.
    pub version: String,
}

/// The scene; dropping it removes all that was made.
pub struct Rig {
    /// The binary that is measured.
    pub dp: PathBuf,
    /// The one on `PATH`, and `/usr/bin/docker` where that is another.
    pub dockers: Vec<Docker>,
    /// The engine.
    pub api: Api,
    label: String,
    directory: PathBuf,
}

impl Rig {
    /// Prepares the scene, and clears away what a run before this could not.
    pub fn new(dp: PathBuf) -> Result<Self> {
        let api = Api::of_environment()?;
        let process = std::process::id();
        let directory = std::env::temp_dir().join(format!("dp-bench-{process}"));
        let rig = Self {
            dp,
            dockers: dockers()?,
            api,
            label: format!("{LABEL}={process}"),
            directory,
        };
        remove_all(&rig.api, LABEL)?;
        let config = rig.directory.join("home/.config/dp");
        std::fs::create_dir_all(&config)?;
        std::fs::write(config.join("config.toml"), CONFIG)?;
        let identity = "[user]\n\tname = Bench\n\temail = bench@example.com\n";
        std::fs::write(rig.directory.join("home/.gitconfig"), identity)?;
        Ok(rig)
    }

    /// A command with the environment of the measurements, and nothing of the caller's configuration.
    pub fn command(&self, program: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).env_clear().current_dir(&self.directory);
        for name in ["PATH", "DOCKER_HOST", "TMPDIR", "LANG"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
            .env("HOME", self.directory.join("home"))
            .env("DP_LABEL", &self.label);
        command
    }

    /// `dp` with these words, in a directory.
    pub fn dp_in(&self, directory: &Path, words: &[&str]) -> Command {
        let mut command = self.command(&self.dp, words);
        command.current_dir(directory);
        command
    }

    /// Every docker CLI with these words.
    pub fn docker(&self, words: &[&str]) -> Vec<Command> {
        self.dockers
            .iter()
            .map(|docker| self.command(&docker.path, words))
            .collect()
    }

    /// A project directory, a git repository where there is git.
    pub fn workspace(&self, name: &str) -> Result<PathBuf> {
        let path = self.directory.join(name);
        std::fs::create_dir_all(&path)?;
        let _without_git = self
            .command(Path::new("git"), &["init", "--quiet"])
            .current_dir(&path)
            .output();
        Ok(path)
    }

    /// A running sandbox, made by `dp run --detach`.
    pub fn sandbox(&self, workspace: &Path, agent: &str) -> Result<Sandbox> {
        crate::race::time(&mut self.dp_in(workspace, &["run", "--quiet", "--detach", agent]))?;
        self.sandbox_of(workspace, agent)
    }

    /// The sandbox that a workspace has for an agent.
    pub fn sandbox_of(&self, workspace: &Path, agent: &str) -> Result<Sandbox> {
        let labels = [
            self.label.clone(),
            format!("dev.dp.workspace={}", workspace.display()),
            format!("dev.dp.agent={agent}"),
            "dev.dp.kind=sandbox".into(),
        ];
        let found = list(&self.api, &labels)?;
        let [one] = found.as_slice() else {
            return Err(format!("{} sandboxes of {agent} instead of one", found.len()).into());
        };
        let id = text(one, "Id")?.to_string();
        let description = self.api.get(&format!("/containers/{id}/json"))?;
        let name = text(&description, "Name")?
            .trim_start_matches("/dp-")
            .to_string();
        Ok(Sandbox {
            id,
            name,
            description,
        })
    }

    /// `key=value` for what is made past `dp`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Removes one container.
    pub fn remove(&self, container: &str) -> Result<()> {
        self.api
            .delete(&format!("/containers/{container}?force=1&v=1"))
    }

    /// Removes every container of this run.
    pub fn remove_containers(&self) -> Result<()> {
        remove_containers(&self.api, &self.label)
    }

    /// Removes every volume of this run.
    pub fn remove_volumes(&self) -> Result<()> {
        remove_volumes(&self.api, &self.label)
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Err(failure) = remove_all(&self.api, &self.label) {
            eprintln!("bench: not everything was removed: {failure}");
        }
        let _gone = std::fs::remove_dir_all(&self.directory);
    }
}

/// A sandbox under measurement.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// Of its container.
    pub id: String,
    /// For `dp`.
    pub name: String,
    /// As the engine describes it.
    pub description: Value,
}

impl Sandbox {
    /// The body of a request that makes a container with the same image, mounts and limits but another command.
    pub fn twin(&self, label: &str, argv: &[&str]) -> Value {
        let host = &self.description["HostConfig"];
        let (key, value) = label.split_once('=').unwrap_or((label, ""));
        json!({
            "Image": IMAGE,
            "Cmd": argv,
            "Hostname": self.description["Config"]["Hostname"],
            "WorkingDir": self.mounts().last().map_or("/", |(_, _, target, _)| target),
            "Labels": { key: value },
            "HostConfig": {
                "Mounts": host["Mounts"], "PidsLimit": host["PidsLimit"], "SecurityOpt": host["SecurityOpt"],
            },
        })
    }

    /// The same as the words of `docker run`.
    pub fn twin_words(&self, label: &str, name: &str, argv: &[&str]) -> Vec<String> {
        let mut words: Vec<String> = ["run", "--name", name, "--label", label]
            .map(Into::into)
            .into();
        let twin = self.twin(label, argv);
        let host = &twin["HostConfig"];
        let hostname = twin["Hostname"].as_str().unwrap_or_default();
        words.extend(["--hostname", hostname, "--network", "bridge"].map(Into::into));
        words.extend([
            "--workdir".into(),
            twin["WorkingDir"].as_str().unwrap_or("/").into(),
        ]);
        words.extend(["--pids-limit".into(), host["PidsLimit"].to_string()]);
        for option in host["SecurityOpt"].as_array().into_iter().flatten() {
            words.extend([
                "--security-opt".into(),
                option.as_str().unwrap_or_default().into(),
            ]);
        }
        for (kind, source, target, is_read_only) in self.mounts() {
            let end = if is_read_only { ",readonly" } else { "" };
            words.extend([
                "--mount".into(),
                format!("type={kind},source={source},target={target}{end}"),
            ]);
        }
        words.push(IMAGE.into());
        words.extend(argv.iter().map(ToString::to_string));
        words
    }

    fn mounts(&self) -> Vec<(&str, &str, &str, bool)> {
        let mounts = self.description["HostConfig"]["Mounts"]
            .as_array()
            .into_iter()
            .flatten();
        mounts
            .map(|mount| {
                let word = |key: &str| mount[key].as_str().unwrap_or_default();
                (
                    word("Type"),
                    word("Source"),
                    word("Target"),
                    mount["ReadOnly"] == true,
                )
            })
            .collect()
    }

    /// The main process, as the host numbers it.
    pub fn process(&self) -> Result<u64> {
        let process = self.description["State"]["Pid"]
            .as_u64()
            .filter(|id| *id > 0);
        Ok(process.ok_or("the sandbox has no process")?)
    }
}

fn dockers() -> Result<Vec<Docker>> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .map(|directory| directory.join("docker"))
        .find(|file| file.is_file());
    let system = Some(PathBuf::from("/usr/bin/docker")).filter(|file| file.is_file());
    let mut found: Vec<Docker> = Vec::new();
    for path in on_path.into_iter().chain(system) {
        let output = Command::new(&path).arg("--version").output()?;
        let words = String::from_utf8_lossy(&output.stdout);
        // `Docker version 28.2.2, build e6534b4`
        let version = words.split([' ', ',']).nth(2).unwrap_or("?").to_string();
        if !found.iter().any(|docker| docker.version == version) {
            found.push(Docker { path, version });
        }
    }
    if found.is_empty() {
        return Err(
            "there is no docker CLI to compare with: install one (docker.io, docker-cli)".into(),
        );
    }
    Ok(found)
}

fn filters(labels: &[String]) -> String {
    let filters = json!({ "label": labels }).to_string();
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    filters.bytes().map(encode).collect()
}

fn list(api: &Api, labels: &[String]) -> Result<Vec<Value>> {
    let found = api.get(&format!(
        "/containers/json?all=1&filters={}",
        filters(labels)
    ))?;
    Ok(found.as_array().cloned().unwrap_or_default())
}

fn remove_containers(api: &Api, label: &str) -> Result<()> {
    let ids: Vec<String> = list(api, &[label.to_string()])?
        .iter()
        .filter_map(|found| found["Id"].as_str().map(String::from))
        .collect();
    std::thread::scope(|scope| {
        let removers: Vec<_> = ids
            .chunks(ids.len().div_ceil(REMOVERS).max(1))
            .map(|ids| {
                scope.spawn(move || -> Result<()> {
                    for id in ids {
                        api.delete(&format!("/containers/{id}?force=1&v=1"))?;
                    }
                    Ok(())
                })
            })
            .collect();
        removers
            .into_iter()
            .try_for_each(|remover| remover.join().map_err(|_| "a remover broke")?)
    })
}

fn remove_all(api: &Api, label: &str) -> Result<()> {
    remove_containers(api, label)?;
    remove_volumes(api, label)
}

fn remove_volumes(api: &Api, label: &str) -> Result<()> {
    let found = api.get(&format!(
        "/volumes?filters={}",
        filters(&[label.to_string()])
    ))?;
    for volume in found["Volumes"].as_array().into_iter().flatten() {
        // Another sandbox may have begun to use the guest's volume: then it stays.
        if let Err(failure) = api.delete(&format!("/volumes/{}", text(volume, "Name")?)) {
            eprintln!("bench: {failure}");
        }
    }
    Ok(())
}
