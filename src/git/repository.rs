//! Where the repository of a workspace is, when git would not find it inside. Reads only.
//!
//! An agent can write `.git` of its workspace, and all that lies in it: a file, a link, or a
//! directory with a `commondir`. So what `.git` names is believed only when that place lies outside
//! everything that an agent can write, has git's own shape, and names the workspace in turn.

use super::configuration::value;
use crate::files::{self, Pinned, Place};
use rustix::fs::FileType;
use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The largest of git's files that is read.
const LIMIT: u64 = 1024 * 1024;
/// Directories of a common git directory that a commit needs, as far as they are there.
const SHARED: [&str; 5] = ["objects", "refs", "logs", "reftable", "lfs"];
/// The configuration of one linked worktree.
const CONFIG: &str = "config.worktree";
/// Directories of it that are only read: a hook is code on this machine.
const KEPT: [&str; 3] = ["hooks", "info", "worktrees"];

/// The repository of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Repository {
    /// All of it is in the directory, or there is none.
    #[default]
    Within,
    /// The directory is a linked worktree.
    Linked(Linked),
    /// The directory is a submodule, with this git directory.
    Submodule(PathBuf),
    /// The directory is a part of the working tree at this path.
    Above(PathBuf),
    /// The directory says that it is kept elsewhere, and that place does not say so.
    Unproven(PathBuf),
}

/// What a linked worktree has outside its directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linked {
    /// The git directory that it shares with the main working tree and other linked ones.
    pub common: PathBuf,
    /// Its own directory, below `worktrees` of the common one.
    pub private: PathBuf,
    /// Directories of the common one that are there and have to be writable.
    pub shared: Vec<&'static str>,
    /// Those that are there and must not be.
    pub kept: Vec<&'static str>,
}

impl Repository {
    /// Looks for the repository of `workspace`, an absolute path without symbolic links. Agents can
    /// write in it, and in the directories of `writable`.
    #[must_use]
    pub fn of(workspace: &Path, writable: &[PathBuf]) -> Self {
        let Ok(root) = Pinned::at(workspace) else {
            return Self::Within;
        };
        let Some(kind) = kind(&root, ".git") else {
            return Self::above(&root);
        };
        if kind == FileType::Directory {
            return led_away(&root).map_or(Self::Within, Self::Unproven);
        }
        let Some(directory) = named(&root, kind) else {
            return Self::Within;
        };
        if directory.path().starts_with(workspace) || !is_git_directory(&directory) {
            return Self::Within;
        }
        let reach = Reach {
            workspace,
            writable,
        };
        { linked(&directory, reach).map(Self::Linked) }
            .or_else(|| submodule(&directory, reach).map(Self::Submodule))
            .unwrap_or_else(|| Self::Unproven(directory.path().to_path_buf()))
    }

    /// It is somewhere else than the workspace, and may be mounted.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        matches!(self, Self::Linked(_) | Self::Submodule(_))
    }

    /// The same, held against what the agents of other workspaces can write. Whoever can write what
    /// proves it, but not all that is mounted, could give more than they have: that proves nothing.
    /// Whoever can write all of it gives nothing but their own.
    #[must_use]
    pub fn unless_forged(self, workspace: &Path, written: &[PathBuf]) -> Self {
        let (proof, whole, named): (Vec<PathBuf>, &Path, &Path) = match &self {
            Self::Linked(linked) => {
                let proof = vec![linked.private.join("gitdir")];
                (proof, &linked.common, &linked.private)
            }
            Self::Submodule(directory) => {
                let root = superproject(workspace);
                let root = root.iter().map(Pinned::path);
                let files = root.flat_map(|root| [".git", ".gitmodules"].map(|it| root.join(it)));
                let proof = files.chain([directory.join("config")]).collect();
                (proof, directory, directory)
            }
            _ => return self,
        };
        let is_forgeable = |place: &PathBuf| {
            proof.iter().any(|file| file.starts_with(place)) && !whole.starts_with(place)
        };
        if written.iter().any(is_forgeable) {
            return Self::Unproven(named.to_path_buf());
        }
        self
    }

    /// A bare repository, or the inside of one, needs nothing from above.
    fn above(workspace: &Pinned) -> Self {
        let mut above = workspace.path().ancestors().skip(1);
        match above.find(|root| is_working_tree(root)) {
            Some(root) if !is_bare(workspace) => Self::Above(root.to_path_buf()),
            _ => Self::Within,
        }
    }
}

impl Linked {
    /// Files of the private directory that lead git on this machine to what it runs, or to what it
    /// removes: nobody inside may write them.
    pub const STEERING: [&str; 3] = ["commondir", "gitdir", CONFIG];

    /// Makes sure that every one of them is there, so that it can be guarded. Git writes the first
    /// two itself, and takes an empty third for none.
    ///
    /// # Errors
    /// The system's.
    pub fn complete(&self) -> io::Result<()> {
        let private = Pinned::at(&self.private)?;
        if kind(&private, CONFIG).is_some() {
            return Ok(());
        }
        Place::of(&private)?.empty_file(Path::new(CONFIG))
    }
}

/// What agents can write.
#[derive(Clone, Copy)]
struct Reach<'a> {
    workspace: &'a Path,
    writable: &'a [PathBuf],
}

impl Reach<'_> {
    /// Nobody inside can write at `path`, or put something else in its place.
    fn is_beyond(self, path: &Path) -> bool {
        let mut all = self.writable.iter().map(PathBuf::as_path);
        !path.starts_with(self.workspace) && !all.any(|place| path.starts_with(place))
    }
}

/// What is right below a directory; a link is not followed.
fn kind(directory: &Pinned, name: &str) -> Option<FileType> {
    let found = directory.look(OsStr::new(name));
    found.ok().map(|look| look.kind())
}

/// Where a `.git` that is a directory of the working tree says that the rest is.
fn led_away(workspace: &Pinned) -> Option<PathBuf> {
    let pinned = workspace.below(Path::new(".git")).ok()?;
    let found = text(&pinned, "commondir");
    match found {
        Err(error) if error.is_not_found() => None,
        // Git itself writes none there.
        Err(_) => Some(pinned.path().join("commondir")),
        Ok(text) => Some(pinned.path().join(text.trim())),
    }
}

/// Where `.git` leads to: a link, or a file that says `gitdir: PATH`.
fn named(workspace: &Pinned, kind: FileType) -> Option<Pinned> {
    match kind {
        FileType::Symlink => Pinned::resolve(&workspace.path().join(".git")).ok(),
        FileType::RegularFile => {
            let text = text(workspace, ".git").ok()?;
            let path = text.strip_prefix("gitdir:")?.trim();
            Pinned::resolve(&workspace.path().join(path)).ok()
        }
        _ => None,
    }
}

/// The text of a file right below a directory.
fn text(directory: &Pinned, name: &str) -> Result<String, files::ReadError> {
    let bytes = directory.read_below(Path::new(name), LIMIT)?;
    String::from_utf8(bytes).map_err(|error| io::Error::other(error).into())
}

/// The private directory of a linked worktree, in git's own shape: it is
/// `COMMON/worktrees/NAME`, says that its common directory is two above it, and names the `.git` of
/// the worktree. What steers git in it is regular files.
fn linked(private: &Pinned, reach: Reach<'_>) -> Option<Linked> {
    let worktrees = private.path().parent()?;
    let common = worktrees.parent()?;
    if worktrees.file_name()? != "worktrees" || !reach.is_beyond(common) {
        return None;
    }
    if text(private, "commondir").ok()?.trim() != "../.." {
        return None;
    }
    if kind(private, CONFIG).is_some_and(|kind| kind != FileType::RegularFile) {
        return None;
    }
    let entry = private.path().join(text(private, "gitdir").ok()?.trim());
    let names_workspace =
        entry.file_name()? == ".git" && leads_to(entry.parent()?, reach.workspace);
    let common = Pinned::at(common).ok()?;
    let has = |name: &&str| is_directory(&common, name);
    (names_workspace && is_bare(&common)).then(|| Linked {
        common: common.path().to_path_buf(),
        private: private.path().to_path_buf(),
        shared: SHARED.into_iter().filter(has).collect(),
        kept: KEPT.into_iter().filter(has).collect(),
    })
}

/// The git directory of a submodule, in git's own shape: it is `SUPER/modules/NAME`, where SUPER is
/// the git directory of the working tree around the workspace, which calls the workspace NAME in
/// its `.gitmodules`; and its `core.worktree` is the workspace.
fn submodule(directory: &Pinned, reach: Reach<'_>) -> Option<PathBuf> {
    let root = superproject(reach.workspace)?;
    let modules = git_directory(&root, reach)?.join("modules");
    let name = directory.path().strip_prefix(&modules).ok()?.to_str()?;
    let list = root.path().join(".gitmodules");
    if !reach.is_beyond(directory.path()) || !reach.is_beyond(&list) {
        return None;
    }
    let listed = text(&root, ".gitmodules").ok()?;
    let path = value(&listed, "submodule", Some(name), "path")?;
    let config = text(directory, "config").ok()?;
    let worktree = value(&config, "core", None, "worktree")?;
    let is_listed = plain(&root.path().join(path)) == reach.workspace;
    let is_named = leads_to(&directory.path().join(worktree), reach.workspace);
    (is_listed && is_named).then(|| directory.path().to_path_buf())
}

/// The nearest directory above that has a `.git`.
fn superproject(workspace: &Path) -> Option<Pinned> {
    let above = workspace.ancestors().skip(1);
    let mut above = above.filter_map(|root| Pinned::at(root).ok());
    above.find(|root| kind(root, ".git").is_some())
}

/// A path is the workspace, links followed.
fn leads_to(path: &Path, workspace: &Path) -> bool {
    Pinned::resolve(path).is_ok_and(|found| found.path() == workspace)
}

/// The git directory of a working tree around the workspace, itself proven where it lies elsewhere.
fn git_directory(root: &Pinned, reach: Reach<'_>) -> Option<PathBuf> {
    let entry = root.path().join(".git");
    if !reach.is_beyond(&entry) {
        return None;
    }
    if kind(root, ".git")? == FileType::Directory {
        return Some(entry);
    }
    match Repository::of(root.path(), reach.writable) {
        Repository::Linked(linked) => Some(linked.private),
        Repository::Submodule(directory) => Some(directory),
        _ => None,
    }
}

/// Without `.` and doubled slashes; one with `..` stays as it is and equals nothing.
fn plain(path: &Path) -> PathBuf {
    let parts = path.components();
    parts.filter(|part| *part != Component::CurDir).collect()
}

fn is_working_tree(root: &Path) -> bool {
    let Ok(root) = Pinned::at(root) else {
        return false;
    };
    match kind(&root, ".git") {
        Some(FileType::Directory) => kind(&root, ".git/HEAD").is_some(),
        Some(kind) => named(&root, kind).is_some_and(|directory| directory.is_directory()),
        None => false,
    }
}

/// A git directory that has everything itself.
fn is_bare(directory: &Pinned) -> bool {
    is_git_directory(directory)
        && is_directory(directory, "objects")
        && is_directory(directory, "refs")
}

/// A git directory, which may have the rest elsewhere.
fn is_git_directory(directory: &Pinned) -> bool {
    kind(directory, "HEAD") == Some(FileType::RegularFile)
}

fn is_directory(directory: &Pinned, name: &str) -> bool {
    kind(directory, name) == Some(FileType::Directory)
}

#[cfg(test)]
mod tests;
