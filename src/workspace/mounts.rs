//! The `mounts` section.

use super::fields::Fields;
use super::file::{Docker, Mount};
use super::keys::MOUNT;
use super::mistake::Mistake;
use super::node::Node;
use super::place::Placed;
use super::reader::Reader;
use crate::values::target;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Where homes are inside.
const HOMES: [&str; 2] = ["/root", "/home/agent"];
/// The engines' sockets, by name: whoever has one has the machine.
const SOCKETS: [&str; 3] = ["docker.sock", "podman.sock", "containerd.sock"];

/// Mounts that can be made; where they come from is not looked at.
pub(super) fn read(items: &[Node], docker: &Docker, reader: &mut Reader<'_>) -> Vec<Mount> {
    let keeps_home = matches!(&docker.home_persistence, Some(flag) if flag.value);
    let mut targets = HashSet::new();
    let mut mounts = Vec::new();
    for item in items {
        let fields = Fields::new(item, &MOUNT);
        let host_path = host_path(&fields, reader);
        let Some(container_path) = container_path(&fields, keeps_home, reader) else {
            continue;
        };
        if !targets.insert(container_path.value.clone()) {
            let message = format!("two mounts are at `{}`", container_path.value);
            let mistake = Mistake::error(container_path.place, message);
            reader.mistakes.add(mistake.label("already taken above"));
        } else if let Some(host_path) = host_path {
            mounts.push(Mount {
                host_path,
                container_path,
                read_only: fields.flag("read_only").is_none_or(|flag| flag.value),
            });
        }
    }
    mounts
}

fn host_path(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Placed<PathBuf>> {
    let path = reader.path(fields, "host_path")?;
    let is_socket = |name: &str| path.file_name().is_some_and(|last| last == name);
    if SOCKETS.into_iter().any(is_socket) {
        let message = "a file cannot give agents the engine's socket, and with it this machine";
        let mistake = Mistake::error(path.place, message);
        let hint = "only the command line may: `--mount-docker-socket`";
        reader.mistakes.add(mistake.hint(hint));
        return None;
    }
    Some(path)
}

fn container_path(
    fields: &Fields<'_>,
    keeps_home: bool,
    reader: &mut Reader<'_>,
) -> Option<Placed<String>> {
    let text = fields.text("container_path")?;
    let path = Path::new(text.value);
    let is_home = HOMES.iter().any(|home| path == Path::new(home));
    let problem = match target::objection(&text) {
        Some(problem) => problem,
        None if text.contains('\0') => "is no path",
        None if path.starts_with("/var/lib/docker") => "belongs to the engine inside",
        None if keeps_home && is_home => "is the home, which `home_persistence` keeps",
        None => {
            let path: PathBuf = path.components().collect();
            return Some(text.map(|_| path.to_string_lossy().into_owned()));
        }
    };
    reader.error(text.place, format!("the target `{}` {problem}", text.value));
    None
}
