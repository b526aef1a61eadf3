//! Where the repository of a workspace is, when git would not find it inside. Reads only.
//!
//! An agent can write `.git` of its workspace. So whatever a `.git` file names is believed only
//! when that place, which the agent does not reach, names the workspace in turn.

use std::path::{Path, PathBuf};

/// The repository of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Repository {
    /// All of it is in the directory, or there is none.
    #[default]
    Within,
    /// The directory's own, kept elsewhere: of a linked worktree the common git directory, of a
    /// submodule its git directory.
    Beside(PathBuf),
    /// The directory is a part of the working tree at this path.
    Above(PathBuf),
    /// The directory says that it is kept there, and that place does not say so.
    Unproven(PathBuf),
}

impl Repository {
    /// Looks for the repository of `workspace`, an absolute path without symbolic links.
    #[must_use]
    pub fn of(workspace: &Path) -> Self {
        let entry = workspace.join(".git");
        if std::fs::symlink_metadata(&entry).is_err() {
            let mut above = workspace.ancestors().skip(1);
            let root = above.find(|root| root.join(".git/HEAD").exists() || is_linked(root));
            // A bare repository, or the inside of one, needs nothing from above.
            return match root {
                Some(root) if !is_git_directory(workspace) => Self::Above(root.to_path_buf()),
                _ => Self::Within,
            };
        }
        let Some(directory) = git_directory(workspace, &entry) else {
            return Self::Within;
        };
        let common = common_directory(&directory);
        if common.starts_with(workspace) || !is_git_directory(&common) {
            return Self::Within;
        }
        if names_worktree(&directory, &entry) || names_directory(&directory, workspace) {
            Self::Beside(common)
        } else {
            Self::Unproven(common)
        }
    }
}

fn is_linked(root: &Path) -> bool {
    git_directory(root, &root.join(".git")).is_some_and(|directory| directory.is_dir())
}

/// Where `.git` leads to: a directory, or a file that says `gitdir: PATH`.
fn git_directory(workspace: &Path, entry: &Path) -> Option<PathBuf> {
    if entry.is_dir() {
        return std::fs::canonicalize(entry).ok();
    }
    let text = std::fs::read_to_string(entry).ok()?;
    let path = text.strip_prefix("gitdir:")?.trim();
    std::fs::canonicalize(workspace.join(path)).ok()
}

fn common_directory(directory: &Path) -> PathBuf {
    let named = std::fs::read_to_string(directory.join("commondir")).ok();
    let common = named.and_then(|text| std::fs::canonicalize(directory.join(text.trim())).ok());
    common.unwrap_or_else(|| directory.to_path_buf())
}

fn is_git_directory(directory: &Path) -> bool {
    directory.join("HEAD").is_file()
        && directory.join("objects").is_dir()
        && directory.join("refs").is_dir()
}

/// The directory of a linked worktree names the worktree's `.git`.
fn names_worktree(directory: &Path, entry: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(directory.join("gitdir")) else {
        return false;
    };
    let named = std::fs::canonicalize(directory.join(text.trim()));
    named.is_ok_and(|named| Some(named) == std::fs::canonicalize(entry).ok())
}

/// The directory of a submodule names its working tree.
fn names_directory(directory: &Path, workspace: &Path) -> bool {
    ["config", "config.worktree"].iter().any(|file| {
        let config = git2::Config::open(&directory.join(file));
        let named = config.and_then(|config| config.get_string("core.worktree"));
        named.is_ok_and(|path| {
            std::fs::canonicalize(directory.join(path)).is_ok_and(|path| path == workspace)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// `main` with a submodule `main/sub`, a linked worktree `tree`, and `apart`, whose git
    /// directory was put elsewhere.
    fn repositories(root: &Path) {
        let script = "git init -q lib && cd lib && git commit -qm x --allow-empty && cd .. \
            && git init -q main && cd main && git -c protocol.file.allow=always submodule -q add ../lib sub \
            && git commit -qm x && mkdir -p a/b sub/below && git worktree add -q ../tree \
            && mkdir ../tree/a && git init -q --separate-git-dir ../apart.git ../apart \
            && git init -q --bare bare.git && mkdir ../plain";
        let made = Command::new("sh")
            .args(["-c", script])
            .current_dir(root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "A")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@b")))
            .output()
            .expect("a shell");
        assert!(made.status.success(), "{made:?}");
    }

    #[test]
    fn every_kind_of_working_tree() {
        let root = tempfile::tempdir().expect("a directory");
        let root = std::fs::canonicalize(root.path()).expect("a path");
        repositories(&root);
        let at = |path: &str| root.join(path);
        let table = [
            ("main", Repository::Within),
            ("plain", Repository::Within),
            ("main/bare.git", Repository::Within),
            ("main/.git", Repository::Within),
            ("main/a/b", Repository::Above(at("main"))),
            ("main/sub", Repository::Beside(at("main/.git/modules/sub"))),
            ("main/sub/below", Repository::Above(at("main/sub"))),
            ("tree", Repository::Beside(at("main/.git"))),
            ("tree/a", Repository::Above(at("tree"))),
            ("apart", Repository::Unproven(at("apart.git"))),
        ];
        for (path, expected) in table {
            assert_eq!(Repository::of(&at(path)), expected, "{path}");
        }
    }

    #[test]
    fn a_git_file_cannot_name_somebody_elses_repository() {
        let root = tempfile::tempdir().expect("a directory");
        let root = std::fs::canonicalize(root.path()).expect("a path");
        repositories(&root);
        let targets = [
            "main/.git",
            "main/.git/worktrees/tree",
            "main/.git/modules/sub",
        ];
        for target in targets {
            let text = format!("gitdir: {}\n", root.join(target).display());
            std::fs::write(root.join("plain/.git"), text).expect("a file");
            let found = Repository::of(&root.join("plain"));
            assert!(
                matches!(found, Repository::Unproven(_)),
                "{target} {found:?}"
            );
        }
        std::fs::write(root.join("plain/.git"), "gitdir: /etc\n").expect("a file");
        assert_eq!(Repository::of(&root.join("plain")), Repository::Within);
    }
}
