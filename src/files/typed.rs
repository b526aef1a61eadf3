//! Paths that a person types. Whoever made a link on the way decides where the path leads: the person,
//! or the author of a project, or an agent. In a project and where agents can write, a link is not the
//! person's, and leads nowhere out of there.

use super::pinned::Pinned;
use super::pins::Pins;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A link leads out of where others can have made it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` leads out of `{}`", given.display(), place.display())]
pub struct LeadsOut {
    /// As typed.
    pub given: PathBuf,
    /// Where the link lies.
    pub place: PathBuf,
    /// What it leads to.
    pub end: Pinned,
}

/// Why a path that was typed is not used.
#[derive(Debug, thiserror::Error)]
pub enum TypedError {
    /// The system's.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Who made a link on the way is not the person.
    #[error(transparent)]
    LeadsOut(#[from] LeadsOut),
}

/// The paths that a person types for one command; clones share them.
#[derive(Debug, Clone)]
pub struct Typed {
    pins: Pins,
    home: Option<PathBuf>,
    marks: Vec<&'static str>,
    ways: Arc<Mutex<Vec<Way>>>,
}

/// How a path got where it leads.
#[derive(Debug, Clone)]
struct Way {
    given: PathBuf,
    /// The directories that its links lie in.
    links: Vec<PathBuf>,
    end: Pinned,
}

impl Way {
    fn stays_in(&self, place: &Path) -> Result<(), LeadsOut> {
        let is_led = self.links.iter().any(|link| link.starts_with(place));
        if !is_led || self.end.path().starts_with(place) {
            return Ok(());
        }
        Err(LeadsOut {
            given: self.given.clone(),
            place: place.to_path_buf(),
            end: self.end.clone(),
        })
    }
}

impl Typed {
    /// What is resolved is pinned in `pins`. A directory that holds one of `marks` is a project, unless
    /// it is `home` or above it.
    #[must_use]
    pub fn new(pins: &Pins, home: Option<&Path>, marks: &[&'static str]) -> Self {
        Self {
            pins: pins.clone(),
            home: home.map(|home| pins.real(home)),
            marks: marks.to_vec(),
            ways: Arc::default(),
        }
    }

    /// For other paths of the same command.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self {
            ways: Arc::default(),
            ..self.clone()
        }
    }

    /// What `path` leads to, the same answer each time.
    ///
    /// # Errors
    /// [`TypedError::LeadsOut`] where a link of a project, or of the current directory, leads out of it.
    pub fn resolve(&self, path: &Path) -> Result<Pinned, TypedError> {
        let walked = self.pins.walk(&std::path::absolute(path)?)?;
        let way = Way {
            given: path.to_path_buf(),
            links: walked.links,
            end: walked.end.clone(),
        };
        if !way.links.is_empty() {
            let here = std::env::current_dir()?;
            let here = { self.project(&here) }.or((!self.is_wide(&here)).then_some(&here));
            here.map_or(Ok(()), |here| way.stays_in(here))?;
            for link in &way.links {
                self.project(link)
                    .map_or(Ok(()), |place| way.stays_in(place))?;
            }
            let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
            ways.push(way);
        }
        Ok(walked.end)
    }

    /// Some path that was resolved has a link on its way that somebody else than root can have made.
    #[must_use]
    pub fn has_links(&self) -> bool {
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let mut links = ways.iter().flat_map(|way| &way.links);
        links.any(|link| link != Path::new("/"))
    }

    /// No link of `place`, where agents can write, led any path that was resolved out of it.
    ///
    /// # Errors
    /// [`LeadsOut`].
    pub fn stay_in(&self, place: &Path) -> Result<(), LeadsOut> {
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        ways.iter().try_for_each(|way| way.stays_in(place))
    }

    /// The nearest project that a directory without links is in.
    fn project<'a>(&self, directory: &'a Path) -> Option<&'a Path> {
        let narrow = { directory.ancestors() }.take_while(|above| !self.is_wide(above));
        narrow.into_iter().find(|above| {
            let found = Pinned::at(above);
            found.is_ok_and(|found| {
                self.marks
                    .iter()
                    .any(|mark| found.look(mark.as_ref()).is_ok())
            })
        })
    }

    /// It is no project: the person's home, or above it.
    fn is_wide(&self, directory: &Path) -> bool {
        let home = self.home.as_deref().unwrap_or(Path::new("/"));
        home.starts_with(directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_of_a_project_stays_in_it_and_a_persons_own_is_followed() {
        let root = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(root.path()).expect("a path");
        for path in [
            "home/app/in",
            "home/.git",
            "home/own",
            "home/bare",
            "home/app/.git",
        ] {
            fs::create_dir_all(root.join(path)).expect("a directory");
        }
        let links = [
            ("home/app/out", "../own"),
            ("home/app/in/out", "../../own"),
            ("home/app/stays", "in"),
            ("home/app/back", "../app/in"),
            ("home/app/chain", "stays/out"),
            ("home/led", "own"),
            ("home/to", "app/out"),
            ("home/project", "app"),
            ("home/bare/out", "../own"),
        ];
        for (link, target) in links {
            symlink(target, root.join(link)).expect("a link");
        }
        let home = root.join("home");
        let typed = Typed::new(&Pins::default(), Some(&home), &["dp.yml", ".git"]);
        let table = [
            ("app/out", false),
            ("app/in/out", false),
            ("app/in/../out", false),
            ("app/chain", false),
            ("to", false),
            ("project/out", false),
            ("app/stays", true),
            ("app/back", true),
            ("app", true),
            ("project/in", true),
            ("led", true),
            ("bare/out", true),
        ];
        for (path, is_followed) in table {
            let found = typed.resolve(&home.join(path));
            assert_eq!(found.is_ok(), is_followed, "{path}: {found:?}");
            let is_refused = matches!(found, Err(TypedError::LeadsOut(_)));
            assert_eq!(is_refused, !is_followed, "{path}");
        }
        assert!(typed.has_links());
        assert!(typed.stay_in(&home.join("app")).is_ok());
        let written = home.join("bare");
        let error = typed.stay_in(&written).expect_err("it leads out");
        assert_eq!(error.place, written);
        assert_eq!(error.end.path(), home.join("own"));
    }
}
