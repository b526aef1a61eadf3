//! Sandboxes that the engine has, read from their labels.

use super::beside::{self, EngineContainer};
use super::hold;
use super::name::SandboxName;
use super::settings::Settings;
use crate::engine::containers::{ContainerRow, MountRow};
use crate::engine::{Engine, EngineError};
use crate::files::Pinned;
use crate::labels;
use crate::values::PublishedPort;
use crate::volumes::ownership;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A sandbox.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Existing {
    /// Its name.
    pub name: SandboxName,
    /// The container's ID.
    pub id: String,
    /// The agent it was made for.
    pub agent: String,
    /// The workspace's path.
    pub workspace: String,
    /// The workspace's identifier.
    pub workspace_id: String,
    /// `running`, `exited`, …: the engine's word.
    pub state: String,
    /// The engine's words, such as `Up 3 minutes`.
    pub status: String,
    /// The image it was made from.
    pub image: String,
    /// Seconds since 1970; RFC 3339 in JSON.
    #[serde(serialize_with = "crate::values::time::serialize")]
    pub created: i64,
    /// The release of `dp` that made it.
    pub version: String,
    /// What it was made with.
    pub settings: Settings,
    /// What the workspace file said of them.
    #[serde(skip)]
    pub file: Settings,
    /// Published ports as they are.
    pub ports: Vec<PublishedPort>,
    /// Mounts as they are.
    pub mounts: Vec<MountRow>,
    /// The container of its Docker engine, where that runs beside it; only in listings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<EngineContainer>,
    /// The person whose it is: a numeric user of the host.
    #[serde(skip)]
    pub owner: Option<u32>,
    /// What a recreation that is under way, or was cut off, has to do with it.
    #[serde(skip)]
    pub aside: Aside,
}

/// A sandbox that is made anew is two containers for a while: the old one, put aside under a name
/// of its own, and the new one.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Aside {
    /// There is one.
    #[default]
    No,
    /// It is the old one, and there is no new one.
    Itself,
    /// It is the new one, and this the old one.
    Replaces(Box<Existing>),
}

/// What a person types to name a sandbox: a name, a container ID or its beginning, or a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// A name, or a prefix of an ID.
    Name(String),
    /// A directory: the sandboxes of that workspace.
    Path(PathBuf),
    /// A directory that was looked up: nobody looks it up again.
    Real {
        /// As typed.
        given: PathBuf,
        /// Absolute, and without links where something is there.
        path: PathBuf,
        /// It is there.
        is_there: bool,
    },
}

/// Why a selector stands for no single sandbox.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// Nothing fits.
    #[error("there is no sandbox `{given}`")]
    Missing {
        /// As typed.
        given: String,
        /// All names there are.
        known: Vec<String>,
    },
    /// What fits a directory is other people's.
    #[error("no sandbox of `{given}` is yours")]
    OfOthers {
        /// As typed.
        given: String,
        /// Their names.
        names: Vec<String>,
    },
    /// More than one fits.
    #[error("`{given}` is ambiguous")]
    Ambiguous {
        /// As typed.
        given: String,
        /// What a person types in place of it.
        names: Vec<String>,
    },
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl std::str::FromStr for Selector {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_path = text.contains('/') || matches!(text, "." | ".." | "~");
        Ok(if is_path {
            Self::Path(text.into())
        } else {
            Self::Name(text.to_string())
        })
    }
}

/// Of `all`, those of the nearest workspace that `path` is in. The root directory is nobody's
/// project: a sandbox of it does not stand for every directory.
fn nearest(mut all: Vec<Existing>, path: &Path) -> Vec<Existing> {
    let above = all.iter().map(|found| found.workspace.as_str());
    let above = above.filter(|workspace| workspace.len() > 1 && path.starts_with(workspace));
    let Some(workspace) = above.max_by_key(|workspace| workspace.len()) else {
        return Vec::new();
    };
    let workspace = workspace.to_string();
    all.retain(|found| found.workspace == workspace);
    all
}

/// The shortest beginning of an ID.
const SHORTEST: usize = 4;

/// Absolute, and without links as far as it is there; and whether a directory is there.
fn resolved(path: &Path) -> (PathBuf, bool) {
    if let Ok(found) = Pinned::resolve(path) {
        return (found.path().to_path_buf(), found.is_directory());
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    (path, false)
}

/// The one of `all` that a word stands for: by its whole ID, else by its name, else by the beginning of
/// its ID. That is good only for one of ours, and where the word means nothing else: a directory that is
/// called so may be what a person means, and whose author chose the name.
fn by_text(all: Vec<Existing>, text: &str) -> Result<Existing, SelectError> {
    let given = text.to_string();
    // Under its name there is none when the one that it stands for was put aside.
    let whole = { all.iter() }.find(|it| it.id == text);
    let whole = whole.or_else(|| all.iter().find(|it| it.name.as_str() == text));
    if let Some(found) = whole {
        return Ok(found.clone());
    }
    let is_prefix = text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let names = |all: &[Existing]| -> Vec<String> {
        all.iter().map(|found| found.name.to_string()).collect()
    };
    let known = names(&all);
    let fits = |found: &Existing| is_prefix && found.id.starts_with(text);
    let (theirs, mut ours) = by_others(all.into_iter().filter(fits).collect());
    let mut fitting = names(&ours);
    if ours.is_empty() {
        return Err(if theirs.is_empty() {
            SelectError::Missing { given, known }
        } else {
            let names = names(&theirs);
            SelectError::OfOthers { given, names }
        });
    }
    fitting.extend(names(&theirs));
    if resolved(Path::new(text)).1 {
        fitting.push(format!("./{text}"));
    }
    match (ours.pop(), fitting.len()) {
        (Some(found), 1) => Ok(found),
        _ => Err(SelectError::Ambiguous {
            given,
            names: fitting,
        }),
    }
}

/// Other people's sandboxes, and ours.
fn by_others(all: Vec<Existing>) -> (Vec<Existing>, Vec<Existing>) {
    let person = rustix::process::getuid().as_raw();
    all.into_iter()
        .partition(|found| found.is_of_another(person))
}

/// Each sandbox once: an old one that was put aside belongs to the new one.
fn paired(all: Vec<Existing>) -> Vec<Existing> {
    let (old, mut sandboxes): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|one| one.aside == Aside::Itself);
    for old in old {
        let is_same = |new: &&mut Existing| {
            new.name == old.name && new.workspace_id == old.workspace_id && new.aside == Aside::No
        };
        match sandboxes.iter_mut().find(is_same) {
            Some(new) => new.aside = Aside::Replaces(Box::new(old)),
            None => sandboxes.push(old),
        }
    }
    sandboxes
}

/// Asks for the mounts of a container whose listing has none: some engines leave them out, and
/// every sandbox has some.
async fn look_closer(engine: &Engine, row: &mut ContainerRow) -> Result<(), EngineError> {
    match engine.container(&row.id).await {
        Ok(found) => row.mounts = found.mounts,
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

impl Existing {
    /// Reads a container; `None` when it is not a sandbox of ours.
    #[must_use]
    pub fn of(row: ContainerRow) -> Option<Self> {
        if !ownership::is_sandbox(&row) {
            return None;
        }
        let label = |key: &str| row.labels.get(key).cloned().unwrap_or_default();
        let (name, aside) = match SandboxName::of_aside(&row.name) {
            Some(name) => (name, Aside::Itself),
            None => (SandboxName::of_container(&row.name)?, Aside::No),
        };
        Some(Self {
            name,
            aside,
            agent: label(labels::AGENT),
            workspace: label(labels::WORKSPACE),
            workspace_id: label(labels::WORKSPACE_ID),
            version: label(labels::VERSION),
            owner: label(labels::OWNER).parse().ok(),
            settings: serde_json::from_str(&label(labels::SPEC)).unwrap_or_default(),
            file: serde_json::from_str(&label(labels::FILE)).unwrap_or_default(),
            id: row.id,
            state: row.state,
            status: row.status,
            image: row.labels.get(labels::IMAGE).cloned().unwrap_or(row.image),
            created: row.created,
            ports: row.ports,
            mounts: row.mounts,
            engine: None,
        })
    }

    /// This is its name, or its whole ID.
    #[must_use]
    pub fn is_called(&self, text: &str) -> bool {
        self.name.as_str() == text || self.id == text
    }

    /// It is known to be somebody else's than this numeric user's.
    #[must_use]
    pub fn is_of_another(&self, person: u32) -> bool {
        self.owner.is_some_and(|owner| owner != person)
    }

    /// The main process runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == "running"
    }

    /// There is a main process, be it paused or about to be started again.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !matches!(self.state.as_str(), "created" | "exited" | "dead")
    }

    /// Its agents ran, and run no more: they can have given its directories to those of others. A sandbox
    /// that was made just now counts as one that runs.
    #[must_use]
    pub fn ran_before(&self) -> bool {
        !matches!(
            self.state.as_str(),
            "created" | "running" | "restarting" | "paused"
        )
    }

    /// Where its agents can write on this machine.
    pub fn written(&self) -> impl Iterator<Item = &Path> {
        let binds = { self.mounts.iter() }.filter(|it| it.kind == "bind" && !it.read_only);
        let workspace = Some(self.workspace.as_str()).filter(|path| !path.is_empty());
        (workspace.into_iter())
            .chain(binds.map(|mount| mount.source.as_str()))
            .map(Path::new)
    }

    /// The directory of the host that holds the guest's socket, if it has one.
    #[must_use]
    pub fn socket_directory(&self) -> Option<&Path> {
        let is_socket = |mount: &&MountRow| mount.target == crate::guest::SOCKET_DIR;
        let mount = self.mounts.iter().find(is_socket)?;
        (mount.kind == "bind").then(|| Path::new(&mount.source))
    }

    /// All sandboxes, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn all(engine: &Engine) -> Result<Vec<Self>, EngineError> {
        Self::with(engine, &[]).await
    }

    /// All that are not known to be somebody else's, newest first.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn ours(engine: &Engine) -> Result<Vec<Self>, EngineError> {
        Ok(by_others(Self::all(engine).await?).1)
    }

    /// The sandboxes of an agent in a workspace, and all there are, where the listing tells of all. One
    /// call.
    ///
    /// # Errors
    /// [`EngineError`].
    pub(super) async fn survey(
        engine: &Engine,
        workspace_id: &str,
        agent: &str,
    ) -> Result<(Vec<Self>, Option<Vec<Self>>), EngineError> {
        let is_meant = |row: &ContainerRow| {
            let is = |key: &str, value: &str| row.labels.get(key).is_some_and(|own| own == value);
            is(labels::WORKSPACE_ID, workspace_id) && is(labels::AGENT, agent)
        };
        let (all, is_complete) = Self::listed(engine, &[], is_meant).await?;
        let mut found = all.clone();
        found.retain(|found| found.workspace_id == workspace_id && found.agent == agent);
        Ok((found, is_complete.then_some(all)))
    }

    /// The sandboxes of the workspace at `path`, which is absolute, has no links and may be gone. One
    /// call.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn of_directory(engine: &Engine, path: &Path) -> Result<Vec<Self>, EngineError> {
        let id = &crate::digest::sha256(path.as_os_str().as_encoded_bytes())[..12];
        Self::with(engine, &[labels::filter(labels::WORKSPACE_ID, id)]).await
    }

    /// Ours of the workspace at `path`, or else of the nearest one that it is in. One call for a
    /// workspace, two below one. What other people have there is theirs: they have to be named.
    async fn around(
        engine: &Engine,
        given: &Path,
        path: &Path,
        is_there: bool,
    ) -> Result<Vec<Self>, SelectError> {
        let (theirs, mut ours) = by_others(Self::of_directory(engine, path).await?);
        // A directory that is gone may have been a workspace; a mistyped one is in none.
        if ours.is_empty() && theirs.is_empty() && is_there {
            ours = nearest(Self::ours(engine).await?, path);
        }
        let given = given.display().to_string();
        if !ours.is_empty() {
            return Ok(ours);
        }
        Err(if theirs.is_empty() {
            SelectError::Missing {
                given,
                known: Vec::new(),
            }
        } else {
            let names = theirs.iter().map(|found| found.name.to_string());
            SelectError::OfOthers {
                given,
                names: names.collect(),
            }
        })
    }

    async fn with(engine: &Engine, filters: &[String]) -> Result<Vec<Self>, EngineError> {
        Ok(Self::listed(engine, filters, |_| true).await?.0)
    }

    /// Lists, and looks closer at those that are `meant`; answers whether that told of all.
    async fn listed(
        engine: &Engine,
        filters: &[String],
        is_meant: impl Fn(&ContainerRow) -> bool,
    ) -> Result<(Vec<Self>, bool), EngineError> {
        let mut labels = vec![labels::filter(labels::MANAGED, "true")];
        labels.extend_from_slice(filters);
        let mut rows = engine.containers(&labels).await?;
        hold::settle(engine, &mut rows).await;
        let (engines, mut rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(ownership::is_engine);
        let mut is_complete = true;
        for row in rows.iter_mut().filter(|row| ownership::is_undecided(row)) {
            if is_meant(row) {
                look_closer(engine, row).await?;
            } else {
                is_complete = false;
            }
        }
        let mut all: Vec<Self> = rows.into_iter().filter_map(Self::of).collect();
        beside::pair(&mut all, engines);
        Ok((paired(all), is_complete))
    }

    /// Every sandbox that a selector stands for: all of a directory, or the one of a name.
    ///
    /// # Errors
    /// [`SelectError`]; `Missing` when there is none.
    pub async fn select_all(
        engine: &Engine,
        selector: &Selector,
    ) -> Result<Vec<Self>, SelectError> {
        match selector {
            Selector::Path(given) => {
                let (path, is_there) = resolved(given);
                Self::around(engine, given, &path, is_there).await
            }
            Selector::Real {
                given,
                path,
                is_there,
            } => Self::around(engine, given, path, *is_there).await,
            Selector::Name(_) => Ok(vec![Self::select(engine, selector).await?]),
        }
    }

    /// The one sandbox that a selector stands for. One call for a name that exists.
    ///
    /// # Errors
    /// [`SelectError`].
    pub async fn select(engine: &Engine, selector: &Selector) -> Result<Self, SelectError> {
        let (given, fitting) = match selector {
            Selector::Name(text) => {
                if let Ok(name) = text.parse::<SandboxName>() {
                    match engine.container(&name.container()).await {
                        Ok(mut row) => {
                            hold::settle(engine, std::slice::from_mut(&mut row)).await;
                            if let Some(found) = Self::of(row) {
                                return Ok(found);
                            }
                        }
                        Err(error) if error.is_not_found() => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                return by_text(Self::all(engine).await?, text);
            }
            Selector::Path(given) | Selector::Real { given, .. } => (
                given.display().to_string(),
                Box::pin(Self::select_all(engine, selector)).await?,
            ),
        };
        let names = || fitting.iter().map(|found| found.name.to_string()).collect();
        match fitting.len() {
            0 => Err(SelectError::Missing {
                given,
                known: vec![],
            }),
            1 => Ok(fitting.into_iter().next().expect("there is one")),
            _ => Err(SelectError::Ambiguous {
                given,
                names: names(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::Kind;
    use std::collections::BTreeMap;

    #[test]
    fn the_beginning_of_an_id_counts_last() {
        let id = |digits: &str| format!("{digits:0<64}");
        let own = rustix::process::getuid().as_raw();
        let with = |name: &str, digits: &str, owner: u32| Existing {
            id: id(digits),
            owner: Some(owner),
            ..of(name, "/p")
        };
        let all = vec![
            with("a", "19c4de", own),
            with("19c4", "777777", own),
            with("c", "abcd01", own),
            with("d", "abcd02", own),
            with("e", "beef", own + 1),
            with("f", "beef1", own),
            with("g", "cafe", own + 1),
        ];
        let whole = id("abcd02");
        let table = [
            ("19c4", Ok("19c4")),
            ("19c4d", Ok("a")),
            ("19c", Err("there is no sandbox `19c`")),
            ("7777", Ok("19c4")),
            ("abcd", Err("`abcd` is ambiguous")),
            ("abcd02", Ok("d")),
            (&whole, Ok("d")),
            ("beef", Err("`beef` is ambiguous")),
            ("cafe", Err("no sandbox of `cafe` is yours")),
            ("g", Ok("g")),
        ];
        for (text, expected) in table {
            let found = by_text(all.clone(), text);
            let found = found.map(|found| found.name.to_string());
            let found = found.map_err(|error| error.to_string());
            let expected = expected.map(str::to_string).map_err(str::to_string);
            assert_eq!(found, expected, "{text}");
        }
    }

    fn of(name: &str, workspace: &str) -> Existing {
        let mut labels = labels::of(Kind::Sandbox);
        labels.insert(labels::WORKSPACE.into(), workspace.into());
        let row = ContainerRow {
            name: format!("dp-{name}"),
            labels: BTreeMap::from_iter(labels),
            mounts: vec![ownership::guest_mount()],
            ..ContainerRow::default()
        };
        Existing::of(row).expect("it is a sandbox")
    }

    #[test]
    fn a_directory_is_in_the_nearest_workspace_above_it() {
        let table = [
            ("/p/app/src/x", &["a", "b"][..]),
            ("/p/app/lib/x", &["lib"]),
            ("/p/application", &["p"]),
            ("/elsewhere", &[]),
        ];
        for (path, expected) in table {
            let all = vec![
                of("root", "/"),
                of("p", "/p"),
                of("a", "/p/app"),
                of("lib", "/p/app/lib"),
                of("b", "/p/app"),
            ];
            let found = nearest(all, Path::new(path)).into_iter();
            let names: Vec<String> = found.map(|found| found.name.to_string()).collect();
            assert_eq!(names, expected, "{path}");
        }
    }
}
