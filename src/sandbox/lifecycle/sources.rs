//! Where the templates of a workspace file are on this machine: a directory each, clones included.

use super::pack::PackError;
use crate::config::private_directory;
use crate::digest::sha256;
use crate::git::{self, CloneError, Remote};
use crate::workspace::find::{self, FindError};
use crate::workspace::{MANIFEST_NAMES, Manifest, Report, Runs, TemplateSource, WorkspaceFile};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A template that the file uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The name of its directory inside.
    pub name: String,
    /// On this machine.
    pub directory: PathBuf,
    /// How a person calls where it comes from.
    pub origin: String,
}

impl Template {
    /// What it says of itself. A file that lies elsewhere is not read.
    ///
    /// # Errors
    /// [`SourceError`]: `Manifest`, `Unreadable`, `Pack`.
    pub fn manifest(&self) -> Result<Manifest, SourceError> {
        let template = || self.name.clone();
        for name in MANIFEST_NAMES {
            let path = self.directory.join(name);
            let Ok(real) = std::fs::canonicalize(&path) else {
                continue;
            };
            let root = std::fs::canonicalize(&self.directory)?;
            if !real.starts_with(root) {
                let source = PackError::Outside {
                    link: name.into(),
                    target: real,
                };
                return Err(SourceError::Pack {
                    template: template(),
                    source,
                });
            }
            let text = find::text(&path).map_err(|source| SourceError::Unreadable {
                template: template(),
                source,
            })?;
            let shown = path.display().to_string();
            return Manifest::read(&shown, &text).map_err(|report| SourceError::Manifest {
                template: template(),
                report: Box::new(report),
            });
        }
        Ok(Manifest::default())
    }
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
    /// Clones.
    pub cache: &'a Path,
    /// Fetch git sources again that are there.
    pub refresh: bool,
    /// How long a clone may take.
    pub deadline: Duration,
    /// Whoever watches: the template, and git's line.
    pub tell: &'a (dyn Fn(&str, &str) + Sync),
}

/// A source, before it is fetched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Directory(PathBuf),
    Git(Remote, Option<PathBuf>),
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
    for agent in file.agents() {
        let Runs::Template(source) = &agent.runs else {
            continue;
        };
        let (name, origin) = named(file, &source.value, places);
        let template = if let Some(template) = fetched.get(&origin) {
            template.clone()
        } else {
            let taken: Vec<&str> = fetched.values().map(|other| other.name.as_str()).collect();
            let name = unique(&name, &taken);
            let template = fetch(name, &origin, places).await?;
            fetched.insert(origin, template.clone());
            template
        };
        by_agent.insert(agent.key.value.clone(), template);
    }
    Ok(by_agent)
}

/// The name that a source suggests, and where it is.
fn named(file: &WorkspaceFile, source: &TemplateSource, places: &Places<'_>) -> (String, Origin) {
    match source {
        TemplateSource::Directory(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (slug(&name), Origin::Directory(path.clone()))
        }
        TemplateSource::Git {
            url,
            reference,
            subdir,
        } => {
            let last = subdir.as_deref().and_then(Path::file_name);
            let name = last.map_or_else(
                || {
                    url.trim_end_matches('/')
                        .trim_end_matches(".git")
                        .rsplit(['/', ':'])
                        .next()
                },
                |name| name.to_str(),
            );
            let remote = Remote {
                url: url.clone(),
                reference: reference.clone(),
            };
            (
                slug(name.unwrap_or_default()),
                Origin::Git(remote, subdir.clone()),
            )
        }
        TemplateSource::Declared(name) => {
            let declared = file
                .templates
                .get(name)
                .map(|template| &template.source.value);
            match declared {
                Some(source) if !matches!(source, TemplateSource::Declared(_)) => {
                    (slug(name), named(file, source, places).1)
                }
                _ => (slug(name), Origin::Directory(file.directory.join(name))),
            }
        }
        TemplateSource::Named(name) => {
            let own = file.directory.join(".dspatch/templates").join(name);
            let directory = if own.is_dir() {
                own
            } else {
                places.templates.join(name)
            };
            (slug(name), Origin::Directory(directory))
        }
    }
}

/// A name that a directory may have everywhere.
fn slug(name: &str) -> String {
    let keep = |c: char| {
        if c.is_ascii_alphanumeric() || "_.-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let slug: String = name.chars().take(63).map(keep).collect();
    match slug.trim_start_matches(['.', '-']) {
        "" => "template".into(),
        slug => slug.into(),
    }
}

fn unique(name: &str, taken: &[&str]) -> String {
    let mut candidates = (1..).map(|count| match count {
        1 => name.to_string(),
        count => format!("{name}-{count}"),
    });
    candidates
        .find(|name| !taken.contains(&name.as_str()))
        .expect("there is always a further number")
}

async fn fetch(
    name: String,
    origin: &Origin,
    places: &Places<'_>,
) -> Result<Template, SourceError> {
    let (directory, origin) = match origin {
        Origin::Directory(path) => (path.clone(), path.display().to_string()),
        Origin::Git(remote, subdir) => {
            let root = cloned(&name, remote, places).await?;
            let directory = subdir
                .as_ref()
                .map_or(root.clone(), |subdir| root.join(subdir));
            let stays = std::fs::canonicalize(&directory)
                .and_then(|found| Ok(found.starts_with(std::fs::canonicalize(&root)?)));
            if !stays.unwrap_or(false) {
                return Err(SourceError::Missing {
                    template: name,
                    directory: subdir.clone().unwrap_or_default(),
                });
            }
            (directory, remote.to_string())
        }
    };
    if !directory.is_dir() {
        return Err(SourceError::Missing {
            template: name,
            directory,
        });
    }
    Ok(Template {
        name,
        directory,
        origin,
    })
}

/// The clone of a remote: the one that is kept, or a new one in its place.
async fn cloned(name: &str, remote: &Remote, places: &Places<'_>) -> Result<PathBuf, SourceError> {
    let clones = places.cache.join("git");
    private_directory(&clones)?;
    let reference = remote.reference.as_deref().unwrap_or_default();
    let kept = clones.join(&sha256(format!("{}\0{reference}", remote.url))[..24]);
    if kept.is_dir() && !places.refresh {
        return Ok(kept);
    }
    // Made beside its place and moved there whole: nobody sees half a clone.
    let new = tempfile::TempDir::with_prefix_in("new-", &clones)?;
    let tell = |line: &str| (places.tell)(name, line);
    git::clone(remote, new.path(), places.deadline, &tell)
        .await
        .map_err(|source| SourceError::Clone {
            template: name.to_string(),
            source,
            kept: kept.is_dir(),
        })?;
    if kept.is_dir() {
        let old = tempfile::TempDir::with_prefix_in("old-", &clones)?;
        // Somebody else may have been faster; theirs is as good as ours.
        let _raced = std::fs::rename(&kept, old.path().join("clone"));
    }
    let path = new.keep();
    if std::fs::rename(&path, &kept).is_err() {
        std::fs::remove_dir_all(&path)?;
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_differ() {
        for (given, expected) in [
            ("a b", "a-b"),
            ("..", "template"),
            (".x", "x"),
            ("ok.1", "ok.1"),
        ] {
            assert_eq!(slug(given), expected);
        }
        assert_eq!(unique("a", &["a", "a-2"]), "a-3");
        assert_eq!(unique("b", &["a"]), "b");
    }
}
