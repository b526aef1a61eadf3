//! What a sandbox is made with: kept in its label, compared with what is asked the next time.
//!
//! `None` means that nothing was asked: a later run that does not ask keeps what the sandbox has,
//! and a later run that asks for something else is told so. Environment is not a setting: it is
//! given anew with each session.

use super::inner_engine::InnerEngine;
use super::mount::MountSetting;
use super::origins::Origin;
use crate::config::Credentials;
use crate::values::text::word;
use crate::values::{Capability, Cpus, Memory, port, user};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// What an engine gives when nothing is asked.
const SHM_SIZE: u64 = 64 << 20;

/// The settings, all of them optional.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The image that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// `uid:gid` of the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Where the agent starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workdir: Option<String>,
    /// Further mounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mounts: Option<Vec<MountSetting>>,
    /// Published ports, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<String>>,
    /// Limit of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// Limit of CPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<Cpus>,
    /// Limit of processes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pids_limit: Option<i64>,
    /// Size of `/dev/shm`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shm_size: Option<Memory>,
    /// All GPUs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<bool>,
    /// Capabilities beyond those that every sandbox has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cap_add: Option<Vec<Capability>>,
    /// Network mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Where the login comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Credentials>,
    /// The engine's socket inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker_socket: Option<bool>,
    /// A Docker engine inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dind: Option<InnerEngine>,
    /// The home is a volume that outlives the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_persistence: Option<bool>,
    /// How large a kept home may grow, where the engine's disk can hold it to that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_size: Option<Memory>,
    /// The engine's runtime of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// The host's certificate authorities inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_ca: Option<bool>,
}

/// A setting that is asked for and differs from the sandbox's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The setting's name.
    pub setting: String,
    /// What the sandbox has.
    pub old: String,
    /// What is asked.
    pub new: String,
    /// The key as the workspace file says it, when it is the file that asks.
    pub key: Option<String>,
    /// Where what is asked comes from.
    pub origin: Origin,
}

impl Difference {
    fn new(setting: &str, old: Option<&Value>, new: Option<&Value>) -> Self {
        Self {
            setting: setting.to_string(),
            old: show(setting, old),
            new: show(setting, new),
            key: None,
            origin: Origin::Default,
        }
    }

    /// The same, and where it comes from.
    #[must_use]
    pub fn because(self, origin: Origin) -> Self {
        Self {
            key: origin.key().map(str::to_string),
            origin,
            ..self
        }
    }
}

impl Settings {
    /// The home of the agent's user.
    #[must_use]
    pub fn home(&self) -> &'static str {
        match self.user.as_deref().and_then(user::parse) {
            Some((uid, _)) if uid != 0 => "/home/agent",
            _ => "/root",
        }
    }

    /// As the label keeps it.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("settings are strings and numbers")
    }

    /// What `self` asks for and `existing` does not have, by name.
    #[must_use]
    pub fn differences(&self, existing: &Self) -> Vec<Difference> {
        let (asked, has) = (fields(self), fields(existing));
        asked
            .iter()
            .filter(|(name, _)| meaning(name, &asked) != meaning(name, &has))
            .filter(|(name, _)| *name != "dind" || !self.has_inner_engine_of(existing))
            .map(|(name, value)| Difference::new(name, has.get(name), Some(value)))
            .collect()
    }

    /// What the workspace file says otherwise than when the sandbox was made, for all that `self`
    /// does not ask for: a line that was taken away counts as well.
    #[must_use]
    pub fn drift(&self, file: &Self, file_then: &Self, existing: &Self) -> Vec<Difference> {
        let (now, then, has) = (fields(file), fields(file_then), fields(existing));
        let asked = fields(self);
        let names: BTreeSet<&String> = now.keys().chain(then.keys()).collect();
        let is_same = |name: &str| {
            let says = meaning(name, &now);
            says == meaning(name, &then) || says == meaning(name, &has)
        };
        names
            .into_iter()
            .filter(|name| !asked.contains_key(*name) && !is_same(name))
            .filter(|name| *name != "dind" || !file.has_inner_engine_of(existing))
            .map(|name| Difference::new(name, then.get(name), now.get(name)))
            .collect()
    }

    /// What a sandbox that is made by `self`, defaults included, has otherwise than `existing`.
    #[must_use]
    pub fn changes(&self, existing: &Self) -> Vec<Difference> {
        let (new, old) = (fields(self), fields(existing));
        let names: BTreeSet<&String> = new.keys().chain(old.keys()).collect();
        names
            .into_iter()
            .filter(|name| meaning(name, &new) != meaning(name, &old))
            .filter(|name| *name != "dind" || !self.has_inner_engine_of(existing))
            .map(|name| Difference::new(name, old.get(name), new.get(name)))
            .collect()
    }

    /// Every setting that there is, and its value as a person writes it.
    #[must_use]
    pub fn shown(&self) -> Vec<(String, String)> {
        let fields = fields(self).into_iter();
        fields
            .map(|(name, value)| {
                let value = show(&name, Some(&value));
                (name, value)
            })
            .collect()
    }

    /// Adds the mounts and ports of `others` to lists that `self` asks for, except where `self` has
    /// something at the same path or for the same port inside: one more mount takes none away.
    pub fn add_lists(&mut self, others: &Self) {
        let target = |mount: &MountSetting| mount.target.clone();
        add(&mut self.mounts, others.mounts.as_deref(), target);
        let inside = |text: &String| {
            let port = port::parse(text).ok();
            port.map(|port| (port.container, port.protocol))
        };
        add(&mut self.ports, others.ports.as_deref(), inside);
    }

    fn has_inner_engine_of(&self, existing: &Self) -> bool {
        let has = existing.dind.unwrap_or(InnerEngine::Off);
        self.dind.is_none_or(|asked| has.satisfies(asked))
    }

    /// `self` where it asks for something, `defaults` elsewhere.
    #[must_use]
    pub fn or(&self, defaults: &Self) -> Self {
        let mut all = fields(defaults);
        all.extend(fields(self));
        serde_json::from_value(Value::Object(all)).expect("both sides are settings")
    }
}

fn add<T: Clone + Ord, K: PartialEq>(
    asked: &mut Option<Vec<T>>,
    others: Option<&[T]>,
    key: impl Fn(&T) -> K,
) {
    let Some(asked) = asked else { return };
    for other in others.unwrap_or_default() {
        if !asked.iter().any(|own| key(own) == key(other)) {
            asked.push(other.clone());
        }
    }
    asked.sort();
}

fn fields(settings: &Settings) -> serde_json::Map<String, Value> {
    match serde_json::to_value(settings) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    }
}

/// What a setting comes to: a default that is written out, and a `no` to what nobody has, mean as
/// much as nothing.
fn meaning(name: &str, fields: &serde_json::Map<String, Value>) -> Option<Value> {
    let value = fields.get(name)?;
    match (name, value) {
        (_, Value::Bool(false)) => None,
        (_, Value::Array(values)) if values.is_empty() => None,
        ("network", Value::String(mode)) if mode == "bridge" || mode == "default" => None,
        ("shm_size", Value::Number(bytes)) if bytes.as_u64() == Some(SHM_SIZE) => None,
        ("image", Value::String(reference)) => Some(short(reference).into()),
        _ => Some(value.clone()),
    }
}

/// An image's reference without what Docker adds when it is left out.
fn short(reference: &str) -> &str {
    let name = reference.strip_suffix(":latest").unwrap_or(reference);
    match name.strip_prefix("docker.io/") {
        Some(name) => name.strip_prefix("library/").unwrap_or(name),
        None => name,
    }
}

fn show(name: &str, value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "default".into();
    };
    let typed = match name {
        "memory" | "shm_size" | "home_size" => {
            value.as_u64().map(|bytes| Memory::bytes(bytes).to_string())
        }
        "cpus" => serde_json::from_value::<Cpus>(value.clone())
            .ok()
            .map(|cpus| cpus.to_string()),
        "mounts" => serde_json::from_value::<Vec<MountSetting>>(value.clone())
            .ok()
            .map(|mounts| join(mounts.iter().map(MountSetting::shown))),
        "ports" | "cap_add" => serde_json::from_value::<Vec<String>>(value.clone())
            .ok()
            .map(|ports| join(ports.iter())),
        _ => value.as_str().map(word),
    };
    typed.unwrap_or_else(|| value.to_string())
}

fn join(items: impl Iterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    if items.is_empty() {
        "none".into()
    } else {
        items.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(memory: Option<&str>, network: Option<&str>) -> Settings {
        Settings {
            memory: memory.map(|text| text.parse().expect("a size")),
            network: network.map(str::to_string),
            ..Settings::default()
        }
    }

    #[test]
    fn what_is_not_asked_is_no_difference_and_what_is_asked_is() {
        let has = settings(Some("1g"), None);
        assert_eq!(settings(None, None).differences(&has), []);
        assert_eq!(settings(Some("1024m"), None).differences(&has), []);
        let shown: Vec<String> = settings(Some("2g"), Some("none"))
            .differences(&has)
            .into_iter()
            .map(|d| format!("{}: {} -> {}", d.setting, d.old, d.new))
            .collect();
        assert_eq!(shown, ["memory: 1g -> 2g", "network: default -> none"]);
    }

    /// What `asked` differs in from what a sandbox has, as a person reads it.
    fn told(asked: &Settings, has: &Settings) -> Vec<String> {
        let found = asked.differences(has).into_iter();
        found
            .map(|d| format!("{}: {} -> {}", d.setting, d.old, d.new))
            .collect()
    }

    #[test]
    fn no_is_a_difference_where_the_sandbox_has_it() {
        let with = |host_ca| Settings {
            host_ca,
            ..Settings::default()
        };
        let ports = |ports: Option<&[&str]>| Settings {
            ports: ports.map(|ports| ports.iter().map(ToString::to_string).collect()),
            ..Settings::default()
        };
        assert_eq!(
            told(&with(Some(false)), &with(Some(true))),
            ["host_ca: true -> false"]
        );
        for has in [None, Some(false)] {
            assert!(told(&with(Some(false)), &with(has)).is_empty(), "{has:?}");
        }
        assert_eq!(
            told(&ports(Some(&[])), &ports(Some(&["127.0.0.1:1:1/tcp"]))),
            ["ports: 127.0.0.1:1:1/tcp -> none"]
        );
        assert!(told(&ports(Some(&[])), &ports(None)).is_empty());
        // The same from a file, whose line came, went or was turned round.
        let (none, yes, no) = (with(None), with(Some(true)), with(Some(false)));
        assert_eq!(none.drift(&no, &yes, &yes).len(), 1);
        assert!(none.drift(&no, &none, &none).is_empty());
        assert!(none.drift(&none, &no, &none).is_empty());
    }

    #[test]
    fn a_default_that_is_named_is_no_difference() {
        let image = |image: &str| Settings {
            image: Some(image.into()),
            ..Settings::default()
        };
        let network = |name| settings(None, name);
        assert!(told(&network(Some("bridge")), &network(None)).is_empty());
        assert!(told(&network(Some("default")), &network(Some("bridge"))).is_empty());
        assert_eq!(
            told(&network(Some("bridge")), &network(Some("none"))),
            ["network: none -> bridge"]
        );
        let shm = |size: &str| Settings {
            shm_size: Some(size.parse().expect("a size")),
            ..Settings::default()
        };
        assert!(told(&shm("64m"), &Settings::default()).is_empty());
        assert_eq!(told(&shm("64m"), &shm("1g")), ["shm_size: 1g -> 64m"]);
        let same = [
            ("alpine", "alpine:latest"),
            ("docker.io/library/alpine", "alpine"),
            ("docker.io/me/x:1", "me/x:1"),
        ];
        for (one, other) in same {
            assert!(told(&image(one), &image(other)).is_empty(), "{one} {other}");
        }
        for (one, other) in [("alpine:3", "alpine"), ("host:5000/x", "x"), ("me/x", "x")] {
            assert_eq!(told(&image(one), &image(other)).len(), 1, "{one} {other}");
        }
    }

    #[test]
    fn a_file_that_changed_is_told_unless_the_command_line_says_otherwise() {
        let (none, one, two) = (
            settings(None, None),
            settings(Some("1g"), None),
            settings(Some("2g"), None),
        );
        let drift = |asked: &Settings, now: &Settings, then: &Settings, has: &Settings| {
            let drift = asked.drift(now, then, has).into_iter();
            drift
                .map(|d| format!("{}: {} -> {}", d.setting, d.old, d.new))
                .collect::<Vec<_>>()
        };
        assert_eq!(drift(&none, &two, &one, &one), ["memory: 1g -> 2g"]);
        assert_eq!(drift(&none, &none, &one, &one), ["memory: 1g -> default"]);
        assert_eq!(drift(&none, &one, &none, &none), ["memory: default -> 1g"]);
        assert!(
            drift(&none, &one, &one, &two).is_empty(),
            "the command line said 2g then"
        );
        assert!(
            drift(&two, &one, &none, &two).is_empty(),
            "the command line says 2g now"
        );
        assert!(
            drift(&none, &two, &one, &two).is_empty(),
            "it has what the file says now"
        );
    }

    #[test]
    fn root_is_at_home_in_one_place_however_it_is_called() {
        let table = [
            (Some("root"), "/root"),
            (Some("0"), "/root"),
            (Some("0:100"), "/root"),
            (None, "/root"),
            (Some("1000"), "/home/agent"),
            (Some("1000:0"), "/home/agent"),
        ];
        for (user, home) in table {
            let settings = Settings {
                user: user.map(str::to_string),
                ..Settings::default()
            };
            assert_eq!(settings.home(), home, "{user:?}");
        }
    }

    #[test]
    fn what_is_left_out_of_a_new_sandbox_is_a_change() {
        let (none, both) = (settings(None, None), settings(Some("1g"), Some("none")));
        let names = |new: &Settings, old: &Settings| {
            let changes = new.changes(old).into_iter();
            changes
                .map(|d| format!("{}: {} -> {}", d.setting, d.old, d.new))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            names(&settings(Some("1g"), None), &both),
            ["network: none -> default"]
        );
        assert_eq!(names(&none, &both).len(), 2);
        assert_eq!(names(&both, &none).len(), 2);
        assert!(names(&both, &both).is_empty());
        assert!(names(&none, &settings(None, Some("bridge"))).is_empty());
    }

    #[test]
    fn what_is_asked_is_added_to_the_files_lists() {
        let ports = |ports: &[&str]| Some(ports.iter().map(ToString::to_string).collect());
        let file = Settings {
            ports: ports(&["127.0.0.1:80:80/tcp", "127.0.0.1:90:90/tcp"]),
            ..Settings::default()
        };
        let mut asked = Settings {
            ports: ports(&["127.0.0.1:8080:80/tcp"]),
            ..Settings::default()
        };
        asked.add_lists(&file);
        assert_eq!(
            asked.ports,
            ports(&["127.0.0.1:8080:80/tcp", "127.0.0.1:90:90/tcp"])
        );
        let mut nothing = Settings::default();
        nothing.add_lists(&file);
        assert_eq!(
            nothing,
            Settings::default(),
            "then the file's count as they are"
        );
    }

    #[test]
    fn a_label_of_a_newer_release_is_read() {
        let settings: Settings =
            serde_json::from_str(r#"{"memory":1073741824,"never_heard":true}"#).expect("readable");
        assert_eq!(settings.memory, Some("1g".parse().expect("a size")));
    }
}
