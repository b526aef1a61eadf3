//! Which way a sandbox gets the GPUs of its machine: by the engine's own driver for them, or as CDI
//! devices. It must not ask the engine.

use crate::engine::containers::Gpus;
use crate::engine::facilities::Facilities;
use crate::files::read_text;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// More than any description of devices, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// What the runtimes of NVIDIA's toolkit have in their names.
const TOOLKIT: &str = "nvidia";
/// How the kinds of CDI devices end that are GPUs: `nvidia.com/gpu`, `amd.com/gpu`.
const KIND: &str = "/gpu";
/// The CDI device that stands for all of its kind.
const ALL: &str = "all";

/// The way to all GPUs; `None` when the engine has none to give. `described` reads what the engine
/// was told of CDI devices, and is asked when it lists none itself.
pub(super) fn choose(
    facilities: &Facilities,
    described: impl FnOnce() -> Vec<String>,
) -> Option<Gpus> {
    let mut runtimes = facilities.runtimes.iter();
    if runtimes.any(|name| name.contains(TOOLKIT)) {
        return Some(Gpus::Driver);
    }
    let mut devices = all(&facilities.devices);
    if devices.is_empty() {
        devices = all(&described());
    }
    (!devices.is_empty()).then_some(Gpus::Devices(devices))
}

/// Of CDI devices, those that together are every GPU.
fn all(devices: &[String]) -> Vec<String> {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let names = devices.iter().filter_map(|device| device.split_once('='));
    for (kind, name) in names.filter(|(kind, _)| kind.ends_with(KIND)) {
        kinds.entry(kind).or_default().push(name);
    }
    let of_kind = |(kind, names): (&str, Vec<&str>)| {
        let names = if names.contains(&ALL) {
            vec![ALL]
        } else {
            names
        };
        let full: Vec<String> = names.iter().map(|name| format!("{kind}={name}")).collect();
        full
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

/// The CDI devices that files in these directories describe. What cannot be read describes none:
/// the engine does not use it either.
pub(super) fn described(directories: &[PathBuf]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Specification {
        kind: String,
        devices: Vec<Device>,
    }
    #[derive(Deserialize)]
    struct Device {
        name: String,
    }
    let files = directories
        .iter()
        .filter_map(|directory| std::fs::read_dir(directory).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let ending = path.extension();
            ending.is_some_and(|ending| ending == "json" || ending == "yaml")
        });
    files
        .filter_map(|path| read_text(&path, LIMIT).ok())
        // JSON is YAML as well.
        .filter_map(|text| serde_saphyr::from_str::<Specification>(&text).ok())
        .flat_map(|found| {
            let kind = found.kind;
            let devices = found.devices.into_iter();
            devices.map(move |device| format!("{kind}={}", device.name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Names<'a> = &'a [&'a str];

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn gpus_come_by_the_driver_else_as_devices_else_not_at_all() {
        let devices = |list: &[&str]| Some(Gpus::Devices(texts(list)));
        let (zero, one) = ("nvidia.com/gpu=0", "nvidia.com/gpu=1");
        let every = "nvidia.com/gpu=all";
        let amd = "amd.com/gpu=all";
        let nic = "nvidia.com/nic=0";
        let table: [(Names, Names, Names, Option<Gpus>); 9] = [
            (&["runc"], &[], &[], None),
            (&["nvidia", "runc"], &[], &[], Some(Gpus::Driver)),
            (&["nvidia-cdi", "runc"], &[every], &[], Some(Gpus::Driver)),
            (&["runc"], &[zero, one, every, nic], &[], devices(&[every])),
            (&["runc"], &[zero, one, nic], &[], devices(&[zero, one])),
            (&["runc"], &[every, amd], &[], devices(&[amd, every])),
            (&["runc"], &[nic, "odd"], &[], None),
            (&["runc"], &[nic], &[zero, every], devices(&[every])),
            (&["runc"], &[one], &[every], devices(&[one])),
        ];
        for (runtimes, listed, described, expected) in table {
            let facilities = Facilities {
                runtimes: texts(runtimes),
                devices: texts(listed),
                ..Facilities::default()
            };
            let chosen = choose(&facilities, || texts(described));
            assert_eq!(chosen, expected, "{runtimes:?} {listed:?} {described:?}");
        }
    }

    #[test]
    fn files_describe_devices_and_odd_ones_none() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = |name: &str, text: &str| {
            std::fs::write(directory.path().join(name), text).expect("a file");
        };
        file(
            "nvidia.yaml",
            "cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n- name: \"0\"\n  containerEdits: {}\n- name: all\n",
        );
        file(
            "amd.json",
            r#"{"cdiVersion": "0.6.0", "kind": "amd.com/gpu", "devices": [{"name": "1"}]}"#,
        );
        file("odd.json", "{");
        file("nvidia.txt", "kind: x/gpu\ndevices: [{name: all}]\n");
        let missing = directory.path().join("missing");
        let mut found = described(&[missing, directory.path().to_path_buf()]);
        found.sort();
        assert_eq!(
            found,
            ["amd.com/gpu=1", "nvidia.com/gpu=0", "nvidia.com/gpu=all"]
        );
    }
}
