//! Stands before `runc` in the container of a Docker engine: every container gets `/proc` and `/sys` as
//! this one has them, with Docker's masks, and no file system of its own there.
//!
//! A fresh `/proc` has no masks. What is open in it can be given to the sandbox through a socket in the
//! workspace, and root of the sandbox is root of the machine for the files of the kernel. So the masks of
//! this container stay, and then the kernel refuses a fresh one to everybody here. This program only
//! makes containers work without: that nobody passes by it is not what the wall stands on.

use super::super::command;
use crate::files;
use serde_json::{Value, json};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// More than any description of a container.
const MOST: u64 = 16 << 20;
/// What dockerd sets in every container that has a network of its own, where root may do the same
/// without it. `/proc/sys` cannot be written here.
const PORTS: &str = "net.ipv4.ip_unprivileged_port_start";

/// Becomes `runc`, which is found behind `own` in the search path.
///
/// # Errors
/// When a description cannot be read or written, or there is no `runc`.
pub fn run(own: &str, arguments: &[&str]) -> io::Result<()> {
    if arguments
        .iter()
        .any(|word| matches!(*word, "create" | "run"))
    {
        let description = bundle(arguments).join("config.json");
        let text = files::read_text(&description, MOST)?;
        let mut container = serde_json::from_str(&text)?;
        bind(&mut container);
        std::fs::write(&description, container.to_string())?;
    }
    let path = command::search_path();
    let others: Vec<&str> = path.split(':').filter(|place| *place != own).collect();
    let runc = command::find("runc", &others.join(":"), Path::new("/"));
    let runc = runc.map_err(|_| io::Error::other("there is no runc"))?;
    Err(Command::new(runc).args(arguments).exec())
}

/// The directory that describes the container (`runc(8)`).
fn bundle(arguments: &[&str]) -> PathBuf {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if let Some(bundle) = word.strip_prefix("--bundle=") {
            return bundle.into();
        }
        if matches!(*word, "--bundle" | "-b") {
            return words.next().map_or_else(PathBuf::new, PathBuf::from);
        }
    }
    PathBuf::new()
}

/// Changes the description of a container (OCI runtime specification).
fn bind(container: &mut Value) {
    let mounts = container.get_mut("mounts").and_then(Value::as_array_mut);
    for mount in mounts.into_iter().flatten() {
        let (source, rights) = match mount["type"].as_str() {
            Some("proc") => ("/proc", "rw"),
            Some("sysfs") => ("/sys", "ro"),
            _ => continue,
        };
        mount["type"] = "bind".into();
        mount["source"] = source.into();
        mount["options"] = json!(["rbind", "nosuid", "noexec", "nodev", rights]);
    }
    let set = container.pointer_mut("/linux/sysctl");
    if let Some(set) = set.and_then(Value::as_object_mut)
        && set.get(PORTS).is_some_and(|value| value == "0")
    {
        set.remove(PORTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_is_where_runc_looks_for_it() {
        let table = [
            (
                &["--root", "/r", "create", "--bundle", "/b", "id"][..],
                "/b",
            ),
            (&["create", "-b", "/b", "id"], "/b"),
            (&["run", "--bundle=/b", "id"], "/b"),
            (&["create", "id"], ""),
            (&["create", "--bundle"], ""),
        ];
        for (arguments, expected) in table {
            assert_eq!(bundle(arguments), Path::new(expected), "{arguments:?}");
        }
    }

    #[test]
    fn no_container_gets_a_file_system_of_the_kernel_of_its_own() {
        let mut container = json!({
            "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]},
                {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["rw"]},
                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": []},
            ],
            "linux": {"sysctl": {PORTS: "0", "net.ipv4.ip_forward": "1"}},
        });
        bind(&mut container);
        let mount = |index: usize| container["mounts"][index].clone();
        assert_eq!(
            (&mount(0)["type"], &mount(0)["source"]),
            (&json!("bind"), &json!("/proc"))
        );
        assert_eq!(
            (&mount(1)["type"], &mount(1)["source"]),
            (&json!("bind"), &json!("/sys"))
        );
        assert_eq!(mount(1)["options"][4], "ro");
        assert_eq!(mount(2)["type"], "tmpfs");
        assert_eq!(
            container["linux"]["sysctl"],
            json!({"net.ipv4.ip_forward": "1"})
        );
        for odd in [json!({}), json!([]), json!({"mounts": 1, "linux": null})] {
            bind(&mut odd.clone());
        }
    }
}
