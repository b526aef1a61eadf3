//! Other names of a file: hard links to it below a directory. The search has bounds, and says when it
//! did not see everything.

use super::directory::Directory;
use super::pinned::{Identity, Pinned};
use super::setuid::Bounds;
use rustix::fs::FileType;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What a search for other names has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// There is none.
    Nowhere,
    /// There is one.
    At(PathBuf),
    /// A bound was reached, or a directory cannot be read.
    Unknown,
}

/// Looks for names of `wanted` below a directory, on whatever is mounted there too. No link is
/// followed.
#[must_use]
pub fn names_below(root: &Pinned, wanted: &[Identity], bounds: Bounds) -> Names {
    let mut search = Search {
        wanted,
        end: Instant::now() + bounds.time,
        bounds,
        found: None,
    };
    let mut pending = vec![PathBuf::new()];
    while let Some(at) = pending.pop() {
        match search.directory(root, &at, &mut pending) {
            Ok(ControlFlow::Continue(())) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(ControlFlow::Break(())) | Err(_) => {
                return search.found.map_or(Names::Unknown, Names::At);
            }
        }
    }
    Names::Nowhere
}

struct Search<'a> {
    wanted: &'a [Identity],
    end: Instant,
    bounds: Bounds,
    found: Option<PathBuf>,
}

impl Search<'_> {
    fn directory(
        &mut self,
        root: &Pinned,
        at: &Path,
        pending: &mut Vec<PathBuf>,
    ) -> io::Result<ControlFlow<()>> {
        let directory = Directory::below(root, at)?;
        directory.each(|name| {
            if self.bounds.entries == 0 || Instant::now() > self.end {
                return ControlFlow::Break(());
            }
            self.bounds.entries -= 1;
            let Ok(look) = directory.look(name) else {
                return ControlFlow::Continue(());
            };
            let path = at.join(name);
            let identity = Identity {
                device: look.stat.st_dev,
                inode: look.stat.st_ino,
            };
            if self.wanted.contains(&identity) {
                self.found = Some(root.path().join(path));
                return ControlFlow::Break(());
            }
            if look.kind() == FileType::Directory {
                let Some(left) = self.bounds.bytes.checked_sub(path.as_os_str().len()) else {
                    return ControlFlow::Break(());
                };
                self.bounds.bytes = left;
                pending.push(path);
            }
            ControlFlow::Continue(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Duration;

    #[test]
    fn a_name_is_found_however_deep_and_a_bound_is_told() {
        let root = tempfile::tempdir().expect("a directory");
        let at = |name: &str| root.path().join(name);
        fs::create_dir_all(at("a/b/.c/d")).expect("a directory");
        fs::create_dir(at("e")).expect("a directory");
        fs::write(at("file"), "").expect("a file");
        let wanted = [Pinned::resolve(&at("file")).expect("there").identity()];
        let search = |name: &str, bounds| {
            let pinned = Pinned::resolve(&at(name)).expect("there");
            names_below(&pinned, &wanted, bounds)
        };
        let bounds = Bounds::default();
        std::os::unix::fs::symlink(at("file"), at("a/link")).expect("a link");
        assert_eq!(search("a", bounds), Names::Nowhere);
        fs::hard_link(at("file"), at("a/b/.c/d/x")).expect("a name");
        let real = fs::canonicalize(at("a/b/.c/d/x")).expect("a path");
        assert_eq!(search("a", bounds), Names::At(real));
        assert_eq!(search("e", bounds), Names::Nowhere);
        for bounds in [
            Bounds {
                entries: 2,
                ..bounds
            },
            Bounds {
                time: Duration::ZERO,
                ..bounds
            },
            Bounds { bytes: 2, ..bounds },
        ] {
            assert_eq!(search("a", bounds), Names::Unknown, "{bounds:?}");
        }
    }
}
