//! What a person should know of a plan before it is carried out.

use super::super::output::{note, warn};
use crate::agents::Agent;
use crate::config::Credentials;
use crate::git::Repository;
use crate::sandbox::Spec;
use crate::sandbox::means::Pull;
use crate::sandbox::plan::Plan;

/// Says it, on standard error.
pub(super) fn remark(spec: &Spec, plan: &Plan, pull: Pull) {
    let settings = spec.effective();
    if settings.docker_socket == Some(true) {
        warn("the agent gets this machine's Docker engine, and with it this machine");
    }
    // A file that says both was told of already, with the place.
    let is_of_file = spec.asked.network.is_none() && spec.asked.ports.is_none();
    let network = settings.network.as_deref().filter(|_| !is_of_file);
    if let (Some(mode @ ("host" | "none")), Some(_)) = (network, &settings.ports) {
        warn(&format!("with the network `{mode}` no port is published"));
    }
    match plan {
        Plan::Create | Plan::Recreate(..) => of_making(spec),
        Plan::Enter(found) | Plan::Start(found) if pull == Pull::Always => note(&format!(
            "the sandbox `{}` keeps the image it was made from; with `--recreate`, \
             `--pull always` asks for a newer one",
            found.name
        )),
        _ => {}
    }
}

/// What is decided for as long as a sandbox lives.
fn of_making(spec: &Spec) {
    if spec.effective().credentials == Some(Credentials::Host) {
        for agent in &spec.programs {
            if let Some(text) = missing_login(spec, agent) {
                warn(&text);
            }
        }
    }
    match &spec.repository {
        Repository::Within | Repository::Linked(_) => {}
        Repository::Submodule(_) => note(
            "the repository of this submodule is read-only inside: nothing can be committed; \
             a sandbox of the repository around it can do that",
        ),
        Repository::Above(root) => note(&format!(
            "git does not work inside: the repository is at `{0}`; `-w {0}` works on all of it",
            root.display()
        )),
        Repository::Unproven(directory) => note(&format!(
            "git does not work inside: `.git` leads to `{}`, which does not name this directory in \
             turn, or which an agent can write; nothing of it is mounted",
            directory.display()
        )),
    }
}

fn missing_login(spec: &Spec, agent: &Agent) -> Option<String> {
    let files = &agent.definition.host_files;
    let is_there = |file: &String| spec.has_login_file(file);
    if agent.definition.state.is_none() && files.is_empty() || files.iter().any(is_there) {
        return None;
    }
    let name = &agent.name;
    if files.is_empty() {
        return Some(format!(
            "`{name}` has no `host_files` in `config.toml`, so it gets no login of this machine"
        ));
    }
    let files: Vec<String> = files.iter().map(|file| format!("`~/{file}`")).collect();
    Some(format!(
        "`{name}` gets no login of this machine: there is no {}",
        files.join(" and no ")
    ))
}
