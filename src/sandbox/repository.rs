//! What is mounted of a repository that lies outside the workspace. Git works inside, and nothing
//! can be written there that git in another working tree would run. Links in `objects`, `refs` and
//! `logs`, and the list of a rebase that a person continues, stay: SECURITY.md says so.
//!
//! A linked worktree: a commit needs `objects`, `refs`, `logs` and the worktree's private directory
//! to be writable. The common directory itself must not be: `hooks`, `config`, `config.worktree`,
//! `commondir` and `modules` of it decide what git runs, a missing one could be made, and a
//! read-only mount over `config` is dropped by the kernel as soon as git on the host replaces that
//! file. So the common directory inside is a directory of the sandbox's own, in which the guest puts
//! links to a read-only view of the real one, and the directories above are mounted into it.
//!
//! The private directory is writable, but for the files that lead git on this machine elsewhere:
//! `commondir`, `gitdir` and `config.worktree` are mounted over themselves, read-only. Git replaces
//! the first two only when a person moves or repairs the worktree, and the third when a person
//! writes it: the mount goes with the old file then, until the sandbox is started again.
//!
//! A submodule: git writes right into its git directory, so that is read-only.

use super::mount::MountSetting;
use crate::engine::containers::{MountRow, NewMount};
use crate::git::{Linked, Repository};
use crate::guest::{GIT_LOCKS, GIT_VIEW};
use std::io;
use std::path::{Path, PathBuf};

/// The mounts, for a workspace that is at each of `places` inside.
pub(super) fn mounts(repository: &Repository, workspace: &str, places: &[&str]) -> Vec<NewMount> {
    let mut mounts = match repository {
        Repository::Linked(linked) => of_linked(linked),
        Repository::Submodule(directory) => vec![bind(directory, directory, true)],
        _ => return Vec::new(),
    };
    // The file that leads there: git on this machine follows it.
    let entries = places.iter().map(|place| Path::new(place).join(".git"));
    let entry = entry(repository, workspace).into_iter();
    mounts.extend(entry.flat_map(|entry| {
        let entries = entries.clone();
        entries.map(move |target| bind(&entry, &target, true))
    }));
    mounts
}

/// The file of the workspace that leads to the repository, where there is one: nobody inside may change it.
fn entry(repository: &Repository, workspace: &str) -> Option<PathBuf> {
    let leads_out = matches!(repository, Repository::Linked(_) | Repository::Submodule(_));
    leads_out.then(|| Path::new(workspace).join(".git"))
}

/// What one more mount of the sandbox needs, as it may be another way to that file: the mount itself, read-only
/// where it is the file, and the file over itself where it is in there.
pub(super) fn with_guard(
    repository: &Repository,
    workspace: &str,
    mount: &MountSetting,
) -> Vec<NewMount> {
    let (source, target) = (Path::new(&mount.source), Path::new(&mount.target));
    let entry = entry(repository, workspace).filter(|_| !mount.read_only);
    let below = entry
        .as_deref()
        .and_then(|entry| entry.strip_prefix(source).ok());
    let is_entry = below.is_some_and(|below| below.as_os_str().is_empty());
    let guard = entry.as_deref().zip(below).filter(|_| !is_entry);
    let guard = guard.map(|(entry, below)| bind(entry, &target.join(below), true));
    let own = bind(source, target, mount.read_only || is_entry);
    std::iter::once(own).chain(guard).collect()
}

/// Makes sure that every source of them is there.
///
/// # Errors
/// The system's.
pub(super) fn complete(repository: &Repository) -> io::Result<()> {
    match repository {
        Repository::Linked(linked) => linked.complete(),
        _ => Ok(()),
    }
}

/// Where they are, the file that leads there aside.
pub(super) fn targets(repository: &Repository) -> Vec<String> {
    let mounts = mounts(repository, "/", &[]).into_iter();
    { mounts.map(|mount| MountRow::of(&mount).target) }.collect()
}

fn of_linked(linked: &Linked) -> Vec<NewMount> {
    let common = &linked.common;
    let at = |name: &&'static str| common.join(name);
    let mut mounts = vec![bind(common, Path::new(GIT_VIEW), true)];
    mounts.extend(
        linked
            .kept
            .iter()
            .map(at)
            .map(|path| bind(&path, &path, true)),
    );
    mounts.extend(
        linked
            .shared
            .iter()
            .map(at)
            .map(|path| bind(&path, &path, false)),
    );
    mounts.push(bind(&linked.private, &linked.private, false));
    let steering = Linked::STEERING.map(|name| linked.private.join(name));
    mounts.extend(steering.map(|path| bind(&path, &path, true)));
    // Whatever is there keeps git from writing the packed references anew: see the guest.
    let taken = common.join(GIT_LOCKS).join("packed-refs.new");
    mounts.push(bind(&common.join("objects"), &taken, true));
    mounts
}

fn bind(source: &Path, target: &Path, read_only: bool) -> NewMount {
    NewMount::Bind {
        source: source.to_string_lossy().into_owned(),
        target: target.to_string_lossy().into_owned(),
        read_only,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_mount_is_another_way_to_the_file_that_leads_to_the_repository() {
        type Row<'a> = (&'a Repository, &'a str, bool, &'a [(&'a str, bool)]);
        let submodule = Repository::Submodule("/r/.git/modules/app".into());
        let table: [Row<'_>; 7] = [
            (
                &submodule,
                "/w/app",
                false,
                &[("/x", false), ("/x/.git", true)],
            ),
            (
                &submodule,
                "/w",
                false,
                &[("/x", false), ("/x/app/.git", true)],
            ),
            (&submodule, "/w/app/.git", false, &[("/x", true)]),
            (&submodule, "/w/app/.github", false, &[("/x", false)]),
            (&submodule, "/w/app/sub", false, &[("/x", false)]),
            (&submodule, "/w/app", true, &[("/x", true)]),
            (&Repository::Within, "/w/app", false, &[("/x", false)]),
        ];
        for (repository, source, read_only, expected) in table {
            let mount = MountSetting {
                source: source.into(),
                target: "/x".into(),
                read_only,
            };
            let found = with_guard(repository, "/w/app", &mount);
            let found: Vec<_> = found.iter().map(MountRow::of).collect();
            let found: Vec<_> = { found.iter() }
                .map(|row| (row.target.as_str(), row.read_only))
                .collect();
            assert_eq!(found, expected, "{source}");
        }
    }
}
