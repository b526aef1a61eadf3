//! Which volumes a list shows.

use super::super::{Error, Result};
use crate::files::Pins;
use crate::labels;
use crate::volumes::Volume;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::path::Path;

/// The kinds of volumes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// What sandboxes of a workspace keep in their home
    Home,
    /// A checkout that a platform's sandboxes work on
    Workspace,
    /// An agent's login, shared by all its sandboxes
    Login,
    /// Images and data of a Docker engine inside a sandbox
    Engine,
    /// The part of `dp` that runs inside, `dp`'s own
    Guest,
}

impl Kind {
    /// The same, as labels have it.
    pub(super) fn label(self) -> labels::Kind {
        match self {
            Self::Home => labels::Kind::Home,
            Self::Workspace => labels::Kind::Workspace,
            Self::Login => labels::Kind::Login,
            Self::Engine => labels::Kind::Engine,
            Self::Guest => labels::Kind::Guest,
        }
    }
}

/// What is to be listed.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// Only volumes of this kind (repeatable)
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Vec<Kind>,
    /// Only volumes of the workspace in this directory, or of this key
    #[arg(short, long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    workspace: Option<String>,
    /// Only volumes of which this is true (repeatable): `name=PART`, `agent=NAME`,
    /// `label=KEY[=VALUE]`, `dangling=true`, `expired=true`, or `false`
    #[arg(long, value_name = "WHAT=VALUE")]
    filter: Vec<String>,
    /// Also those that hold `dp`'s own part inside sandboxes
    #[arg(short, long)]
    all: bool,
}

impl Choice {
    /// Reads the conditions, before anybody is asked.
    pub(super) fn parse(&self) -> Result<Chosen<'_>> {
        let filters = self.filter.iter().map(|text| Filter::parse(text));
        let path = self.workspace.as_ref().map(|given| {
            let path = Pins::default().real(Path::new(given));
            path.to_string_lossy().into_owned()
        });
        Ok(Chosen {
            filters: filters.collect::<Result<_>>()?,
            choice: self,
            path,
        })
    }
}

/// A choice that can be carried out.
pub(super) struct Chosen<'a> {
    choice: &'a Choice,
    /// Of the workspace, links resolved.
    path: Option<String>,
    filters: Vec<Filter>,
}

impl Chosen<'_> {
    /// It is to be listed.
    pub(super) fn has(&self, volume: &Volume, now: Timestamp) -> bool {
        let Choice {
            kind,
            workspace,
            all,
            ..
        } = self.choice;
        let is_of_kind = match kind.as_slice() {
            [] => *all || !volume.is(labels::Kind::Guest),
            kinds => kinds.iter().any(|kind| volume.is(kind.label())),
        };
        let is_of_workspace =
            workspace.is_none() || volume.key == *workspace || volume.workspace == self.path;
        is_of_kind && is_of_workspace && self.filters.iter().all(|filter| filter.fits(volume, now))
    }
}

/// One condition.
#[derive(Debug, PartialEq, Eq)]
enum Filter {
    Name(String),
    Agent(String),
    Label(String, Option<String>),
    Dangling(bool),
    Expired(bool),
}

impl Filter {
    fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::usage("filter", format!("`{text}` is not a filter")).hint(
                "write `name=PART`, `agent=NAME`, `label=KEY[=VALUE]`, `dangling=true` or `expired=true`",
            )
        };
        let (what, value) = text.split_once('=').ok_or_else(wrong)?;
        let truth = || match value {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(wrong()),
        };
        Ok(match what {
            "name" => Self::Name(value.to_string()),
            "agent" => Self::Agent(value.to_string()),
            "label" => match value.split_once('=') {
                Some((key, value)) => Self::Label(key.to_string(), Some(value.to_string())),
                None => Self::Label(value.to_string(), None),
            },
            "dangling" => Self::Dangling(truth()?),
            "expired" => Self::Expired(truth()?),
            _ => return Err(wrong()),
        })
    }

    fn fits(&self, volume: &Volume, now: Timestamp) -> bool {
        match self {
            Self::Name(part) => volume.name.contains(part),
            Self::Agent(name) => volume.agent.as_ref() == Some(name),
            Self::Label(key, None) => volume.labels.contains_key(key),
            Self::Label(key, value) => volume.labels.get(key) == value.as_ref(),
            Self::Dangling(expected) => volume.is_used() != *expected,
            Self::Expired(expected) => volume.is_expired(now) == *expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volumes::User;

    fn volumes() -> Vec<Volume> {
        let volume = |name: &str, kind: &str| Volume {
            name: name.into(),
            kind: kind.into(),
            ..Volume::default()
        };
        let mut home = volume("dp-home-a", "home");
        home.workspace = Some("/".into());
        home.used_by.push(User {
            name: "claude-a".into(),
            container: "id".into(),
            state: "running".into(),
        });
        let mut checkout = volume("dp-ws-b", "workspace");
        checkout.key = Some("b".into());
        checkout.expires = Some(Timestamp::UNIX_EPOCH);
        let mut login = volume("dp-login-claude", "login");
        login.agent = Some("claude".into());
        login.labels.insert("x".into(), "1".into());
        vec![home, checkout, login, volume("dp-guest-c", "guest")]
    }

    fn names(choice: &Choice) -> Vec<String> {
        let mut volumes = volumes();
        let chosen = choice.parse().expect("filters");
        volumes.retain(|volume| chosen.has(volume, Timestamp::now()));
        volumes.into_iter().map(|volume| volume.name).collect()
    }

    fn choice() -> Choice {
        Choice {
            kind: Vec::new(),
            workspace: None,
            filter: Vec::new(),
            all: false,
        }
    }

    #[test]
    fn kinds_and_workspaces() {
        let all = ["dp-home-a", "dp-ws-b", "dp-login-claude"];
        assert_eq!(names(&choice()), all);
        assert_eq!(
            names(&Choice {
                all: true,
                ..choice()
            })
            .len(),
            4
        );
        let kind = vec![Kind::Guest, Kind::Login];
        let found = names(&Choice { kind, ..choice() });
        assert_eq!(found, ["dp-login-claude", "dp-guest-c"]);
        for (given, expected) in [
            ("/", &all[..1]),
            ("/etc/..", &all[..1]),
            ("b", &all[1..2]),
            ("/tmp", &[]),
        ] {
            let workspace = Some(given.to_string());
            assert_eq!(
                names(&Choice {
                    workspace,
                    ..choice()
                }),
                expected,
                "{given}"
            );
        }
    }

    #[test]
    fn filters() {
        let table: [(&[&str], &[&str]); 10] = [
            (&["name=ws"], &["dp-ws-b"]),
            (&["agent=claude"], &["dp-login-claude"]),
            (&["agent=clau"], &[]),
            (&["label=x"], &["dp-login-claude"]),
            (&["label=x=1"], &["dp-login-claude"]),
            (&["label=x=2"], &[]),
            (&["dangling=false"], &["dp-home-a"]),
            (&["dangling=true"], &["dp-ws-b", "dp-login-claude"]),
            (&["expired=true"], &["dp-ws-b"]),
            (&["dangling=true", "expired=false"], &["dp-login-claude"]),
        ];
        for (given, expected) in table {
            let filter = given.iter().map(ToString::to_string).collect();
            assert_eq!(names(&Choice { filter, ..choice() }), expected, "{given:?}");
        }
        for wrong in ["", "name", "dangling=maybe", "driver=local"] {
            assert!(Filter::parse(wrong).is_err(), "{wrong}");
        }
    }
}
