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
    let above = reach.workspace.ancestors().skip(1);
    let mut above = above.filter_map(|root| Pinned::at(root).ok());
    let root = above.find(|root| kind(root, ".git").is_some())?;
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
        for name in Linked::STEERING {
            // An agent put a link there before this was guarded.
            let path = scene.at("main/.git/worktrees/tree").join(name);
            let before = fs::read(&path).ok();
            let away = scene.at("plain/away");
            fs::write(&away, before.clone().unwrap_or_default()).expect("a file");
            let _there = fs::remove_file(&path);
            symlink(&away, &path).expect("a link");
            let found = scene.of("tree");
            assert!(
                matches!(found, Repository::Unproven(_)),
                "{name}: {found:?}"
            );
            fs::remove_file(&path).expect("removed");
            if let Some(before) = before {
                fs::write(&path, before).expect("as it was");
            }
        }
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
    fn what_steers_git_is_there_to_be_guarded_and_nothing_is_written_over() {
        let scene = Scene::new();
        let linked = scene.linked();
        let config = linked.private.join("config.worktree");
        let text = || fs::read_to_string(&config).expect("a file");
        linked.complete().expect("made");
        assert_eq!(text(), "");
        assert!(matches!(scene.of("tree"), Repository::Linked(_)));
        fs::write(&config, "[a]\nb = c\n").expect("a file");
        linked.complete().expect("there");
        assert_eq!(text(), "[a]\nb = c\n");
        // A link that leads nowhere yet.
        fs::remove_file(&config).expect("removed");
        symlink(scene.at("plain/new"), &config).expect("a link");
        linked.complete().expect("left");
        assert!(!scene.at("plain/new").exists());
        fs::remove_dir_all(&linked.private).expect("removed");
        symlink(scene.at("plain"), &linked.private).expect("a link");
        assert!(linked.complete().is_err());
        assert!(!scene.at("plain/config.worktree").exists());
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
