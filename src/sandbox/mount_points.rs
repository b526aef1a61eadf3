//! The places in one mount of a sandbox where another mount begins.
//!
//! The engine makes them as root before anything can be proven, and follows links on the way, inside:
//! `vendor/x` in the workspace, where `vendor` is a link to the login, would leave root's files in
//! the login. So `dp` looks at the way first, from the pinned source of the outer mount, and follows
//! nothing. What is missing is made by the person who runs `dp`.
//!
//! A volume cannot be looked at from this machine. What a project may mount below the home, where
//! volumes are, is a request.

use super::existing::Existing;
use crate::engine::Engine;
use crate::engine::containers::{MountRow, NewMount};
use crate::engine::endpoint::Address;
use crate::files::{Found, Hindrance, Pinned, Pins, Point, find_mount_point, make_mount_point};
use std::io;
use std::path::{Path, PathBuf};

/// Files of its own that the engine mounts in every sandbox.
const OF_ENGINE: [&str; 3] = ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"];

/// Nothing can be mounted at a place.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum MountPointError {
    /// A link is on the way.
    #[error("`{}` is a link on the way to the mount at `{target}`", place.display())]
    Link {
        /// The link, on this machine.
        place: PathBuf,
        /// The path inside.
        target: String,
    },
    /// Something else is there.
    #[error("`{}` is {found}, and the mount at `{target}` needs {needed} there", place.display())]
    Kind {
        /// On this machine.
        place: PathBuf,
        /// The path inside.
        target: String,
        /// In words.
        found: &'static str,
        /// In words.
        needed: &'static str,
    },
    /// It cannot be looked at or made.
    #[error("`{}` cannot be made for the mount at `{target}`", place.display())]
    Unmade {
        /// On this machine.
        place: PathBuf,
        /// The path inside.
        target: String,
        /// The system's words.
        reason: String,
    },
    /// A volume of the image would be made in what is mounted.
    #[error("the image `{image}` has a volume at `{target}`, which is in the mount at `{outer}`")]
    Volume {
        /// As a person calls it.
        image: String,
        /// The path inside.
        target: String,
        /// The path inside.
        outer: String,
    },
}

/// A mount in another one.
struct Nested<'a> {
    target: &'a Path,
    /// `None` where nobody knows what the source is.
    point: Option<Point>,
    /// What it lies in: the nearest.
    outer: &'a MountRow,
    /// Its path in there.
    below: &'a Path,
}

/// Looks whether anything is in the way, before there is a container. Nothing is made.
///
/// # Errors
/// [`MountPointError`], the first one.
pub(super) fn check(mounts: &[NewMount], pins: &Pins) -> Result<(), MountPointError> {
    let rows: Vec<MountRow> = mounts.iter().map(MountRow::of).collect();
    nested(&rows, pins).try_for_each(|nested| look(&nested, pins).map(drop))
}

/// Looks again, right before the start, and makes what is missing. On a machine that is reached by TCP
/// that is left to the engine: what is made here would not be there.
///
/// # Errors
/// [`MountPointError`], the first one.
pub(super) fn prepare(
    engine: &Engine,
    mounts: &[MountRow],
    pins: &Pins,
) -> Result<(), MountPointError> {
    let is_here = matches!(engine.endpoint().address, Address::Unix(_));
    for nested in nested(mounts, pins) {
        let Some((root, point, place)) = look(&nested, pins)?.filter(|_| is_here) else {
            continue;
        };
        if nested.outer.read_only {
            let read_only = io::Error::from(io::ErrorKind::ReadOnlyFilesystem);
            return Err(nested.hindered(Hindrance::Io(place, read_only)));
        }
        let made = make_mount_point(&root, nested.below, point);
        made.map_err(|hindrance| nested.hindered(hindrance))?;
    }
    Ok(())
}

/// The same before the engine looks into a sandbox: it makes the mount points again for each look at a file.
///
/// # Errors
/// [`MountPointError`], the first one.
pub(super) fn before_a_look(engine: &Engine, sandbox: &Existing) -> Result<(), MountPointError> {
    prepare(engine, &sandbox.mounts, &Pins::default())
}

/// The places on the engine's machine where the engine would make mount points: whoever can write there, or
/// above, can lead it elsewhere meanwhile.
pub(super) fn places(sandbox: &Existing) -> impl Iterator<Item = PathBuf> {
    let targets = { sandbox.mounts.iter() }.map(|mount| mount.target.as_str());
    let places = targets.chain(OF_ENGINE).filter_map(|target| {
        let (outer, below) = outer(&sandbox.mounts, Path::new(target))?;
        (outer.kind == "bind").then(|| Path::new(&outer.source).join(below))
    });
    places.collect::<Vec<_>>().into_iter()
}

/// Refuses an image whose volumes the engine would make in a mount of the sandbox. A mount at the very
/// place of a volume is there in its stead. What is in a home that is kept is the workspace's own.
///
/// # Errors
/// [`MountPointError::Volume`].
pub(super) fn check_volumes(
    image: &str,
    volumes: &[String],
    mounts: &[NewMount],
    home: &str,
) -> Result<(), MountPointError> {
    let rows: Vec<MountRow> = mounts.iter().map(MountRow::of).collect();
    for volume in volumes {
        let target = Path::new(volume);
        let is_replaced = rows.iter().any(|row| Path::new(&row.target) == target);
        let outer = outer(&rows, target).filter(|(outer, _)| {
            !is_replaced
                && outer.kind != "tmpfs"
                && !(outer.kind == "volume" && outer.target == home)
        });
        if let Some((outer, _)) = outer {
            return Err(MountPointError::Volume {
                image: image.to_string(),
                target: volume.clone(),
                outer: outer.target.clone(),
            });
        }
    }
    Ok(())
}

/// All mounts that begin in a bind.
fn nested<'a>(mounts: &'a [MountRow], pins: &'a Pins) -> impl Iterator<Item = Nested<'a>> {
    let is_taken = |target: &&str| {
        mounts
            .iter()
            .any(|it| Path::new(&it.target) == Path::new(target))
    };
    let of_engine = OF_ENGINE
        .iter()
        .copied()
        .filter(move |target| !is_taken(target));
    let of_engine = of_engine.map(|target| (Path::new(target), Some(Point::File)));
    let own = mounts
        .iter()
        .map(move |row| (Path::new(&row.target), point(row, pins)));
    own.chain(of_engine).filter_map(|(target, point)| {
        let (outer, below) = outer(mounts, target)?;
        (outer.kind == "bind").then_some(Nested {
            target,
            point,
            outer,
            below,
        })
    })
}

/// What a mount needs at its target.
fn point(row: &MountRow, pins: &Pins) -> Option<Point> {
    if row.kind != "bind" {
        return Some(Point::Directory);
    }
    let source = pins.at(Path::new(&row.source)).ok()?;
    Some(if source.is_directory() {
        Point::Directory
    } else {
        Point::File
    })
}

/// The mount that `target` lies in, the nearest one, and its path in there.
fn outer<'a>(mounts: &'a [MountRow], target: &'a Path) -> Option<(&'a MountRow, &'a Path)> {
    let around = mounts.iter().filter_map(|row| {
        let below = target.strip_prefix(&row.target).ok()?;
        (below.components().next().is_some()).then_some((row, below))
    });
    around.min_by_key(|(_, below)| below.components().count())
}

/// What is to be made, and the first place of it; `None` where it is there, or where nobody can look.
fn look(
    nested: &Nested<'_>,
    pins: &Pins,
) -> Result<Option<(Pinned, Point, PathBuf)>, MountPointError> {
    let source = Path::new(&nested.outer.source);
    let root = match pins.at(source) {
        Ok(root) => root,
        // On another machine.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(nested.hindered(Hindrance::Io(source.to_path_buf(), error))),
    };
    let found = find_mount_point(
        &root,
        nested.below,
        nested.point.unwrap_or(Point::Directory),
    );
    match found {
        Ok(Found::There) => Ok(None),
        Ok(Found::Missing(place)) => Ok(nested.point.map(|point| (root, point, place))),
        // Either would do.
        Err(Hindrance::Kind(place, Point::Directory))
            if nested.point.is_none() && place == root.path().join(nested.below) =>
        {
            Ok(None)
        }
        Err(hindrance) => Err(nested.hindered(hindrance)),
    }
}

impl Nested<'_> {
    fn hindered(&self, hindrance: Hindrance) -> MountPointError {
        let target = self.target.display().to_string();
        match hindrance {
            Hindrance::Link(place) => MountPointError::Link { place, target },
            Hindrance::Kind(place, Point::Directory) => MountPointError::Kind {
                place,
                target,
                found: "no directory",
                needed: "one",
            },
            Hindrance::Kind(place, Point::File) => MountPointError::Kind {
                place,
                target,
                found: "a directory",
                needed: "a file",
            },
            Hindrance::Io(place, error) => MountPointError::Unmade {
                place,
                target,
                reason: error.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn bind(source: &Path, target: &str, read_only: bool) -> NewMount {
        NewMount::Bind {
            source: source.display().to_string(),
            target: target.into(),
            read_only,
        }
    }

    fn volume(target: &str) -> NewMount {
        NewMount::Volume {
            name: "v".into(),
            target: target.into(),
            read_only: false,
            labels: std::collections::BTreeMap::new(),
            size: None,
        }
    }

    #[test]
    fn the_way_is_looked_at_in_the_nearest_mount() {
        let root = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(root.path()).expect("a path");
        for name in ["w/real", "inner/sub", "data"] {
            fs::create_dir_all(root.join(name)).expect("a directory");
        }
        fs::write(root.join("file"), "").expect("a file");
        symlink("/home/agent/.claude", root.join("w/z")).expect("a link");
        symlink("/etc", root.join("inner/z")).expect("a link");
        let [work, inner, data, file] = ["w", "inner", "data", "file"].map(|name| root.join(name));
        let table = [
            ("/data", &data, None),
            ("/w/real", &data, None),
            ("/w/new/deep", &data, None),
            ("//w/./new/deep", &file, None),
            ("/w/z", &data, Some("Link")),
            ("/w/z/x/settings.json", &file, Some("Link")),
            ("/w/real", &file, Some("Kind")),
            ("/w/real/inner/sub", &data, None),
            ("/w/real/inner/z/x", &data, Some("Link")),
            ("/file/x", &data, Some("Kind")),
            ("/home/agent/.claude/x", &data, None),
        ];
        for (target, source, expected) in table {
            let mounts = [
                bind(&work, "/w", false),
                bind(&inner, "/w/real/inner", false),
                bind(&file, "/file", false),
                volume("/home/agent/.claude"),
                bind(source, target, false),
            ];
            let checked = check(&mounts, &Pins::default()).err();
            let kind = checked.as_ref().map(|error| format!("{error:?}"));
            let is_right = match (&kind, expected) {
                (Some(kind), Some(expected)) => kind.starts_with(expected),
                (None, None) => true,
                _ => false,
            };
            assert!(is_right, "{target}: {checked:?}");
        }
        assert!(!root.join("w/new").exists(), "a look makes nothing");
        // The engine's own files count as well.
        fs::create_dir(root.join("w/etc")).expect("a directory");
        symlink("/workspace/x", root.join("w/etc/hosts")).expect("a link");
        let of_engine = [bind(&work.join("etc"), "/etc", false)];
        let checked = check(&of_engine, &Pins::default());
        assert!(
            matches!(checked, Err(MountPointError::Link { .. })),
            "{checked:?}"
        );
    }

    #[test]
    fn an_image_has_no_volume_in_a_mount() {
        let mounts = [
            bind(Path::new("/w"), "/workspace", false),
            volume("/home/agent"),
            volume("/home/agent/.claude"),
        ];
        let table = [
            ("/workspace", true),
            ("/workspace/", true),
            ("/data", true),
            ("/home", true),
            ("/home/agent/.cache", true),
            ("/home/agent/.claude/x", false),
            ("/workspace/x", false),
            ("//workspace/./x/", false),
        ];
        for (target, expected) in table {
            let checked = check_volumes("i", &[target.to_string()], &mounts, "/home/agent");
            assert_eq!(checked.is_ok(), expected, "{target}");
        }
    }
}
