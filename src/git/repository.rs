//! Where the repository of a workspace is, when git would not find it inside. Reads only.
//!
//! An agent can write `.git` of its workspace, and all that lies in it: a file, a link, or a
//! directory with a `commondir`. So what `.git` names is believed only when that place lies outside
//! everything that an agent can write, has git's own shape, and names the workspace in turn.

use super::configuration::value;
use crate::files::{self, Pinned};
use std::fs::FileType;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Component, Path, PathBuf};

/// The largest of git's files that is read.
const LIMIT: u64 = 1024 * 1024;
/// Directories of a common git directory that a commit needs, as far as they are there.
const SHARED: [&str; 5] = ["objects", "refs", "logs", "reftable", "lfs"];
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
        let entry = workspace.join(".git");
        let Ok(kind) = std::fs::symlink_metadata(&entry).map(|found| found.file_type()) else {
            return Self::above(workspace);
        };
        if kind.is_dir() {
            return led_away(&entry).map_or(Self::Within, Self::Unproven);
        }
        let Some(directory) = named(&entry, kind) else {
            return Self::Within;
        };
        if directory.starts_with(workspace) || !is_git_directory(&directory) {
            return Self::Within;
        }
        let reach = Reach {
            workspace,
            writable,
        };
        { linked(&directory, reach).map(Self::Linked) }
            .or_else(|| submodule(&directory, reach).map(Self::Submodule))
            .unwrap_or(Self::Unproven(directory))
    }

    /// A bare repository, or the inside of one, needs nothing from above.
    fn above(workspace: &Path) -> Self {
        let mut above = workspace.ancestors().skip(1);
        match above.find(|root| is_working_tree(root)) {
            Some(root) if !is_bare(workspace) => Self::Above(root.to_path_buf()),
            _ => Self::Within,
        }
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

/// Where a `.git` that is a directory of the working tree says that the rest is.
fn led_away(entry: &Path) -> Option<PathBuf> {
    let pinned = Pinned::at(entry).ok()?;
    let found = text(&pinned, "commondir");
    match found {
        Err(error) if error.is_not_found() => None,
        // Git itself writes none there.
        Err(_) => Some(entry.join("commondir")),
        Ok(text) => Some(entry.join(text.trim())),
    }
}

/// Where `.git` leads to: a link, or a file that says `gitdir: PATH`.
fn named(entry: &Path, kind: FileType) -> Option<PathBuf> {
    if kind.is_symlink() {
        return std::fs::canonicalize(entry).ok();
    }
    if kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
        return None;
    }
    let workspace = entry.parent()?;
    let text = Pinned::at(workspace)
        .ok()
        .map(|at| text(&at, ".git"))?
        .ok()?;
    let path = text.strip_prefix("gitdir:")?.trim();
    std::fs::canonicalize(workspace.join(path)).ok()
}

/// The text of a file right below a directory.
fn text(directory: &Pinned, name: &str) -> Result<String, files::ReadError> {
    let bytes = directory.read_below(Path::new(name), LIMIT)?;
    String::from_utf8(bytes).map_err(|error| io::Error::other(error).into())
}

/// The private directory of a linked worktree, in git's own shape: it is
/// `COMMON/worktrees/NAME`, says that its common directory is two above it, and names the `.git` of
/// the worktree.
fn linked(directory: &Path, reach: Reach<'_>) -> Option<Linked> {
    let worktrees = directory.parent()?;
    let common = worktrees.parent()?;
    if worktrees.file_name()? != "worktrees" || !reach.is_beyond(common) {
        return None;
    }
    let private = Pinned::at(directory).ok()?;
    if text(&private, "commondir").ok()?.trim() != "../.." {
        return None;
    }
    let entry = directory.join(text(&private, "gitdir").ok()?.trim());
    let names_workspace = entry.file_name()? == ".git"
        && std::fs::canonicalize(entry.parent()?).ok()? == reach.workspace;
    let common = Pinned::at(common).ok()?;
    let has = |name: &&str| {
        common
            .below(Path::new(name))
            .is_ok_and(|it| it.is_directory())
    };
    let is_whole = is_bare(common.path());
    (names_workspace && is_whole).then(|| Linked {
        common: common.path().to_path_buf(),
        private: directory.to_path_buf(),
        shared: SHARED.into_iter().filter(has).collect(),
        kept: KEPT.into_iter().filter(has).collect(),
    })
}

/// The git directory of a submodule, in git's own shape: it is `SUPER/modules/NAME`, where SUPER is
/// the git directory of the working tree around the workspace, which calls the workspace NAME in
/// its `.gitmodules`; and its `core.worktree` is the workspace.
fn submodule(directory: &Path, reach: Reach<'_>) -> Option<PathBuf> {
    let mut above = reach.workspace.ancestors().skip(1);
    let root = above.find(|root| std::fs::symlink_metadata(root.join(".git")).is_ok())?;
    let modules = git_directory(root, reach)?.join("modules");
    let name = directory.strip_prefix(&modules).ok()?.to_str()?;
    if !reach.is_beyond(directory) || !reach.is_beyond(&root.join(".gitmodules")) {
        return None;
    }
    let listed = text(&Pinned::at(root).ok()?, ".gitmodules").ok()?;
    let path = value(&listed, "submodule", Some(name), "path")?;
    let config = text(&Pinned::at(directory).ok()?, "config").ok()?;
    let worktree = value(&config, "core", None, "worktree")?;
    let is_listed = plain(&root.join(path)) == reach.workspace;
    let is_named = std::fs::canonicalize(directory.join(worktree)).ok()? == reach.workspace;
    (is_listed && is_named).then(|| directory.to_path_buf())
}

/// The git directory of a working tree around the workspace, itself proven where it lies elsewhere.
fn git_directory(root: &Path, reach: Reach<'_>) -> Option<PathBuf> {
    let entry = root.join(".git");
    let kind = std::fs::symlink_metadata(&entry).ok()?.file_type();
    if !reach.is_beyond(&entry) {
        return None;
    }
    if kind.is_dir() {
        return Some(entry);
    }
    match Repository::of(root, reach.writable) {
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
    let entry = root.join(".git");
    match std::fs::symlink_metadata(&entry).map(|found| found.file_type()) {
        Ok(kind) if kind.is_dir() => entry.join("HEAD").exists(),
        Ok(kind) => named(&entry, kind).is_some_and(|directory| directory.is_dir()),
        Err(_) => false,
    }
}

/// A git directory that has everything itself.
fn is_bare(directory: &Path) -> bool {
    directory.join("HEAD").is_file()
        && directory.join("objects").is_dir()
        && directory.join("refs").is_dir()
}

/// A git directory, which may have the rest elsewhere.
fn is_git_directory(directory: &Path) -> bool {
    directory.join("HEAD").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::process::Command;

    /// `main` with a submodule `main/sub`, a linked worktree `tree`, and `apart`, whose git
    /// directory was put elsewhere; `plain` is for the attacker.
    struct Scene {
        root: PathBuf,
        _directory: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            let directory = tempfile::tempdir().expect("a directory");
            let root = fs::canonicalize(directory.path()).expect("a path");
            let script = "git init -q lib && cd lib && git commit -qm x --allow-empty && cd .. \
                && git init -q main && cd main && git -c protocol.file.allow=always submodule -q add ../lib sub \
                && git commit -qm x && mkdir -p a/b sub/below && git worktree add -q ../tree \
                && mkdir ../tree/a && git init -q --separate-git-dir ../apart.git ../apart \
                && git init -q --bare bare.git && mkdir ../plain";
            let made = Command::new("sh")
                .args(["-c", script])
                .current_dir(&root)
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "A")))
                .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@b")))
                .output()
                .expect("a shell");
            assert!(made.status.success(), "{made:?}");
            Self {
                root,
                _directory: directory,
            }
        }

        fn at(&self, path: &str) -> PathBuf {
            self.root.join(path)
        }

        fn of(&self, path: &str) -> Repository {
            Repository::of(&self.at(path), &[])
        }

        fn linked(&self) -> Linked {
            Linked {
                common: self.at("main/.git"),
                private: self.at("main/.git/worktrees/tree"),
                shared: vec!["objects", "refs", "logs"],
                kept: vec!["hooks", "info", "worktrees"],
            }
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.at(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
    }

    #[test]
    fn every_kind_of_working_tree() {
        let scene = Scene::new();
        let at = |path: &str| scene.at(path);
        let table = [
            ("main", Repository::Within),
            ("plain", Repository::Within),
            ("main/bare.git", Repository::Within),
            ("main/.git", Repository::Within),
            ("main/a/b", Repository::Above(at("main"))),
            (
                "main/sub",
                Repository::Submodule(at("main/.git/modules/sub")),
            ),
            ("main/sub/below", Repository::Above(at("main/sub"))),
            ("tree", Repository::Linked(scene.linked())),
            ("tree/a", Repository::Above(at("tree"))),
            ("apart", Repository::Unproven(at("apart.git"))),
        ];
        for (path, expected) in table {
            assert_eq!(scene.of(path), expected, "{path}");
        }
    }

    #[test]
    fn nothing_in_the_workspace_leads_to_somebody_elses_repository() {
        let scene = Scene::new();
        let places = [
            "main/.git",
            "main/.git/worktrees/tree",
            "main/.git/modules/sub",
        ];
        for place in places {
            let place = scene.at(place);
            scene.write("plain/.git", &format!("gitdir: {}\n", place.display()));
            assert_eq!(scene.of("plain"), Repository::Unproven(place.clone()));
            fs::remove_file(scene.at("plain/.git")).expect("removed");
            symlink(&place, scene.at("plain/.git")).expect("a link");
            assert_eq!(scene.of("plain"), Repository::Unproven(place.clone()));
            fs::remove_file(scene.at("plain/.git")).expect("removed");
            // A directory of the agent's own that says everything that was believed before.
            scene.write("plain/.git/commondir", &format!("{}\n", place.display()));
            scene.write("plain/.git/gitdir", ".\n");
            scene.write("plain/.git/HEAD", "ref: refs/heads/main\n");
            scene.write("plain/.git/config", "[core]\n\tworktree = ..\n");
            assert_eq!(scene.of("plain"), Repository::Unproven(place));
            fs::remove_dir_all(scene.at("plain/.git")).expect("removed");
        }
        // A file that leads to such a directory, in the workspace or in another writable place.
        let common = scene.at("main/.git");
        for place in ["plain/x/worktrees/y", "other/worktrees/y"] {
            scene.write(&format!("{place}/commondir"), &common.display().to_string());
            scene.write(&format!("{place}/HEAD"), "ref: refs/heads/main\n");
            let entry = scene.at("plain/.git").display().to_string();
            scene.write(&format!("{place}/gitdir"), &entry);
            scene.write(
                "plain/.git",
                &format!("gitdir: {}", scene.at(place).display()),
            );
            let found = scene.of("plain");
            let is_refused = matches!(found, Repository::Within | Repository::Unproven(_));
            assert!(is_refused, "{place}: {found:?}");
        }
        scene.write("plain/.git", "gitdir: /etc\n");
        assert_eq!(scene.of("plain"), Repository::Within);
    }

    #[test]
    fn what_an_agent_can_write_proves_nothing() {
        let scene = Scene::new();
        let tree = scene.at("tree");
        for writable in ["main", "main/.git", ""] {
            let found = Repository::of(&tree, &[scene.at(writable)]);
            assert!(
                matches!(found, Repository::Unproven(_)),
                "{writable}: {found:?}"
            );
            let found = Repository::of(&scene.at("main/sub"), &[scene.at(writable)]);
            assert!(
                matches!(found, Repository::Unproven(_)),
                "{writable}: {found:?}"
            );
        }
        let beside = Repository::of(&tree, &[scene.at("plain"), scene.at("mai")]);
        assert_eq!(beside, Repository::Linked(scene.linked()));
    }

    #[test]
    fn a_shape_that_is_not_gits_is_not_believed() {
        let scene = Scene::new();
        let spoil: [(&str, &str, &str); 5] = [
            ("tree", "main/.git/worktrees/tree/commondir", "/etc\n"),
            ("tree", "main/.git/worktrees/tree/gitdir", "/plain/.git\n"),
            (
                "main/sub",
                "main/.gitmodules",
                "[submodule \"sub\"]\npath = a\n",
            ),
            (
                "main/sub",
                "main/.gitmodules",
                "[submodule \"other\"]\npath = sub\n",
            ),
            (
                "main/sub",
                "main/.git/modules/sub/config",
                "[core]\nworktree = /\n",
            ),
        ];
        for (workspace, path, text) in spoil {
            let before = fs::read(scene.at(path)).expect("git's own");
            scene.write(path, text);
            let found = scene.of(workspace);
            assert!(
                matches!(found, Repository::Unproven(_)),
                "{path}: {found:?}"
            );
            fs::write(scene.at(path), before).expect("as it was");
            assert!(!matches!(scene.of(workspace), Repository::Unproven(_)));
        }
    }

    #[test]
    fn no_file_of_git_hangs_or_fills_the_memory() {
        let scene = Scene::new();
        let spoil = [
            ("plain", "plain/.git"),
            ("plain", "plain/.git/commondir"),
            ("tree", "tree/.git"),
            ("tree", "main/.git/worktrees/tree/commondir"),
            ("tree", "main/.git/worktrees/tree/gitdir"),
            ("main/sub", "main/.gitmodules"),
            ("main/sub", "main/.git/modules/sub/config"),
        ];
        let pipe = |path: &Path| {
            let mode = rustix::fs::Mode::RUSR;
            rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0)
                .expect("a pipe");
        };
        let sparse = |path: &Path| {
            let made = fs::File::create(path).and_then(|file| file.set_len(1 << 40));
            made.expect("a file");
        };
        let makers: [&dyn Fn(&Path); 2] = [&pipe, &sparse];
        for (workspace, path) in spoil {
            for make in makers {
                let path = scene.at(path);
                let away = scene.at("away");
                let had = fs::rename(&path, &away).is_ok();
                fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
                make(&path);
                let found = scene.of(workspace);
                let is_refused = matches!(found, Repository::Within | Repository::Unproven(_));
                assert!(is_refused, "{path:?}: {found:?}");
                fs::remove_file(&path).expect("ours");
                if had {
                    fs::rename(&away, &path).expect("as it was");
                }
            }
        }
    }
}
