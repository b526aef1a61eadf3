//! Where the templates of a workspace file are on this machine: a directory each, clones included.

use super::named::{Origin, Used, used};
use super::pack::{self, PackError};
use crate::digest::sha256;
use crate::files::{Directory, Pinned, Pins, private_directory};
use crate::git::{self, CloneError, Remote};
use crate::guest::message::set_up;
use crate::workspace::find::{self, FindError};
use crate::workspace::{MANIFEST_NAMES, Manifest, Report, WorkspaceFile};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The directory of clones below that of the cache.
const CLONES: &str = "git";
/// What directories are called there that are on their way in or out.
const NEW: &str = "new-";
const OLD: &str = "old-";
/// How old one is when whoever made it must have been killed.
const FORSAKEN: Duration = Duration::from_secs(24 * 60 * 60);

/// A template that the file uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The name of its directory inside.
    pub name: String,
    /// On this machine: what it was when a person agreed to it.
    pub directory: Pinned,
    /// How a person calls where it comes from.
    pub origin: String,
}

impl Template {
    /// What it says of itself. A file that lies elsewhere is not read.
    ///
    /// # Errors
    /// [`SourceError`]: `Manifest`, `Unreadable`, `Pack`.
    pub fn manifest(&self) -> Result<Manifest, SourceError> {
        for name in MANIFEST_NAMES {
            let Some(path) = self.described(name)? else {
                continue;
            };
            let text = find::text_below(&self.directory, &path);
            let text = text.map_err(|source| SourceError::Unreadable {
                template: self.name.clone(),
                source,
            })?;
            let shown = self.directory.path().join(name).display().to_string();
            return Manifest::read(&shown, &text).map_err(|report| SourceError::Manifest {
                template: self.name.clone(),
                report: Box::new(if path == Path::new(name) {
                    report
                } else {
                    report.of_linked(&self.directory.path().join(&path))
                }),
            });
        }
        Ok(Manifest::default())
    }

    /// Where a description of this name is, below the directory: there, or where one link leads.
    fn described(&self, name: &str) -> Result<Option<PathBuf>, SourceError> {
        let look = match Directory::of(&self.directory)?.look(name.as_ref()) {
            Ok(look) => look,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let Some(target) = look.link else {
            return Ok(Some(name.into()));
        };
        let stays = pack::inside(Path::new(name), &target);
        stays.map_err(|source| SourceError::Pack {
            template: self.name.clone(),
            source,
        })?;
        Ok(Some(target))
    }

    /// It as the guest is told of it.
    #[must_use]
    pub fn to_guest(&self, manifest: &Manifest) -> set_up::Template {
        set_up::Template {
            name: self.name.clone(),
            pre_install: manifest.pre_install.clone(),
            post_install: manifest.post_install.clone(),
            ..set_up::Template::default()
        }
    }
}

/// A template as far as it is known without cloning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// See [`Template::name`].
    pub name: String,
    /// See [`Template::origin`].
    pub origin: String,
    /// What is on this machine; `None` for a git source that was never cloned.
    pub template: Option<Template>,
    /// It is what was cloned the last time.
    pub is_clone: bool,
}

/// Why a template's source cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It could not be cloned.
    #[error("the template `{template}` cannot be cloned")]
    Clone {
        /// Its name.
        template: String,
        /// Why.
        source: CloneError,
        /// There is an older clone of it.
        kept: bool,
    },
    /// Its `dspatch.agent.yml` is wrong.
    #[error("the template `{template}` is wrong")]
    Manifest {
        /// Its name.
        template: String,
        /// Every mistake.
        report: Box<Report>,
    },
    /// Its `dspatch.agent.yml` cannot be read.
    #[error("the template `{template}` cannot be read")]
    Unreadable {
        /// Its name.
        template: String,
        /// Why.
        source: FindError,
    },
    /// It cannot be packed.
    #[error("the template `{template}` cannot be used")]
    Pack {
        /// Its name.
        template: String,
        /// Why.
        source: PackError,
    },
    /// There is no such directory, or it leads out of the source.
    #[error("the template `{template}` has no directory `{}`", directory.display())]
    Missing {
        /// Its name.
        template: String,
        /// As asked.
        directory: PathBuf,
    },
    /// What can be made again could not be kept.
    #[error("cannot use the cache directory of `dp`")]
    Cache(#[from] io::Error),
}

/// Where sources are looked for and kept.
pub struct Places<'a> {
    /// The user's own templates.
    pub templates: &'a Path,
    /// What a person agreed to.
    pub pins: &'a Pins,
    /// Clones.
    pub cache: &'a Path,
    /// Fetch git sources again that are there.
    pub refresh: bool,
    /// How long a clone may take.
    pub deadline: Duration,
    /// Whoever watches: the template, and git's line.
    pub tell: &'a (dyn Fn(&str, &str) + Sync),
}

/// Every template that an agent of `file` uses, by the agent's key, once each.
///
/// # Errors
/// [`SourceError`] for the first that cannot be had.
pub async fn resolve(
    file: &WorkspaceFile,
    places: &Places<'_>,
) -> Result<BTreeMap<String, Template>, SourceError> {
    let mut fetched: BTreeMap<Origin, Template> = BTreeMap::new();
    let mut by_agent = BTreeMap::new();
    for Used {
        agent,
        name,
        origin,
    } in used(file, places.templates, places.pins)
    {
        let template = match fetched.get(&origin) {
            Some(template) => template.clone(),
            None => Box::pin(fetch(name, &origin, places)).await?,
        };
        fetched.insert(origin, template.clone());
        by_agent.insert(agent, template);
    }
    Ok(by_agent)
}

/// The same as far as it can be told without cloning anything: `templates` are the user's own,
/// `cache` may have a clone from before.
#[must_use]
pub fn sight(
    file: &WorkspaceFile,
    templates: &Path,
    cache: &Path,
    pins: &Pins,
) -> BTreeMap<String, Sighting> {
    let sighted = used(file, templates, pins).into_iter().map(|used| {
        let (directory, is_clone) = match &used.origin {
            Origin::Directory(path) => (pins.resolve(path).ok(), false),
            Origin::Git(remote, subdir) => (below(&place(cache, remote), subdir.as_deref()), true),
        };
        let directory = directory.filter(Pinned::is_directory);
        let origin = used.origin.to_string();
        let template = directory.map(|directory| Template {
            name: used.name.clone(),
            directory,
            origin: origin.clone(),
        });
        let sighting = Sighting {
            name: used.name,
            origin,
            template,
            is_clone,
        };
        (used.agent, sighting)
    });
    sighted.collect()
}

async fn fetch(
    name: String,
    origin: &Origin,
    places: &Places<'_>,
) -> Result<Template, SourceError> {
    let (found, place) = match origin {
        Origin::Directory(path) => (places.pins.resolve(path).ok(), path.clone()),
        Origin::Git(remote, subdir) => {
            let root = cloned(&name, remote, places).await?;
            let place = subdir.clone().unwrap_or_default();
            (below(&root, subdir.as_deref()), place)
        }
    };
    let Some(directory) = found.filter(Pinned::is_directory) else {
        return Err(SourceError::Missing {
            template: name,
            directory: place,
        });
    };
    Ok(Template {
        name,
        directory,
        origin: origin.to_string(),
    })
}

/// The directory of a template within a clone; `None` where it is not there or leads out of it.
fn below(root: &Path, subdir: Option<&Path>) -> Option<Pinned> {
    let root = Pinned::resolve(root).ok()?;
    let Some(subdir) = subdir else {
        return Some(root);
    };
    let found = Pinned::resolve(&root.path().join(subdir)).ok()?;
    found.path().starts_with(root.path()).then_some(found)
}

/// Where the clone of a remote is kept.
fn place(cache: &Path, remote: &Remote) -> PathBuf {
    let reference = remote.reference.as_deref().unwrap_or_default();
    let name = &sha256(format!("{}\0{reference}", remote.url))[..24];
    cache.join(CLONES).join(name)
}

/// The clone of a remote: the one that is kept, or a new one in its place.
async fn cloned(name: &str, remote: &Remote, places: &Places<'_>) -> Result<PathBuf, SourceError> {
    let clones = places.cache.join(CLONES);
    private_directory(&clones)?;
    let kept = place(places.cache, remote);
    if kept.is_dir() && !places.refresh {
        return Ok(kept);
    }
    sweep(&clones);
    // Made beside its place and moved there whole: nobody sees half a clone.
    let new = tempfile::TempDir::with_prefix_in(NEW, &clones)?;
    let tell = |line: &str| (places.tell)(name, line);
    let bounds = git::Bounds::of_template(places.deadline);
    git::clone(remote, new.path(), bounds, &tell)
        .await
        .map_err(|source| SourceError::Clone {
            template: name.to_string(),
            source,
            kept: kept.is_dir(),
        })?;
    if kept.is_dir() {
        let old = tempfile::TempDir::with_prefix_in(OLD, &clones)?;
        // Somebody else may have been faster; theirs is as good as ours.
        let _raced = std::fs::rename(&kept, old.path().join("clone"));
    }
    let path = new.keep();
    if std::fs::rename(&path, &kept).is_err() {
        std::fs::remove_dir_all(&path)?;
    }
    Ok(kept)
}

/// Removes what a `dp` that was killed left among the clones.
fn sweep(clones: &Path) {
    for entry in std::fs::read_dir(clones).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        let age = changed.ok().and_then(|changed| changed.elapsed().ok());
        let is_forsaken = age.is_some_and(|age| age > FORSAKEN);
        if is_forsaken && (name.starts_with(NEW) || name.starts_with(OLD)) {
            // Whatever cannot be removed is in nobody's way.
            let _removed = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Base, read};

    #[test]
    fn a_pipe_is_no_description() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join(MANIFEST_NAMES[0]);
        let kind = rustix::fs::FileType::Fifo;
        let mode = rustix::fs::Mode::RUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &path, kind, mode, 0).expect("a pipe");
        let template = Template {
            name: "t".into(),
            directory: Pinned::resolve(directory.path()).expect("a directory"),
            origin: "t".into(),
        };
        let error = template.manifest().expect_err("it has no end");
        assert!(matches!(error, SourceError::Unreadable { .. }), "{error}");
    }

    #[test]
    fn what_a_killed_clone_left_goes_after_a_day() {
        let clones = tempfile::tempdir().expect("a directory");
        let make = |name: &str, hours: u64| {
            let path = clones.path().join(name);
            std::fs::create_dir(&path).expect("a directory");
            let then = std::time::SystemTime::now() - Duration::from_secs(hours * 3600);
            let file = std::fs::File::open(&path).expect("it is there");
            file.set_modified(then).expect("ours");
            path
        };
        let gone = [make("new-a", 25), make("old-b", 25)];
        let kept = [make("new-c", 1), make("0123abcd", 999)];
        sweep(clones.path());
        assert!(gone.iter().all(|path| !path.exists()), "{gone:?}");
        assert!(kept.iter().all(|path| path.exists()), "{kept:?}");
    }

    #[test]
    fn what_is_here_is_sighted_and_nothing_is_made() {
        let root = tempfile::tempdir().expect("a directory");
        let (team, cache) = (root.path().join("team"), root.path().join("cache"));
        std::fs::create_dir_all(team.join("near")).expect("a directory");
        let text = "agents: {a: {template: ./near}, b: {template: \"https://h/o/far#v1\"},\
            c: {template: \"https://h/o/far#v1\"}, d: {template: ./gone}}";
        let base = Base {
            directory: &team,
            home: None,
        };
        let file = read("dp.yml", text, base).report().0;
        let look = || {
            let pins = Pins::default();
            let sighted = sight(&file, Path::new("/nobody"), &cache, &pins).into_iter();
            sighted
                .map(|(agent, one)| format!("{agent} {} {}", one.name, one.template.is_some()))
                .collect::<Vec<_>>()
        };
        let first = ["a near true", "b far false", "c far false", "d gone false"];
        assert_eq!(look(), first);
        assert!(!cache.exists(), "nothing is made");
        let remote = Remote {
            url: "https://h/o/far".into(),
            reference: Some("v1".into()),
        };
        std::fs::create_dir_all(place(&cache, &remote)).expect("a directory");
        assert_eq!(look()[1..3], ["b far true", "c far true"]);
        let far = &sight(&file, Path::new("/nobody"), &cache, &Pins::default())["b"];
        assert!(far.is_clone, "{far:?}");
        assert_eq!(far.origin, "https://h/o/far#v1");
    }
}
