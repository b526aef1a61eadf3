//! Following a path one component after the other, so that whoever made a link on the way can be told:
//! the links that a person made, and those that lie where agents can write, look alike.

use super::pinned::Pinned;
use rustix::io::Errno;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

/// How many links the kernel follows.
const LINKS: usize = 40;

/// What a path leads to, and the way there.
#[derive(Debug, Clone)]
pub struct Walked {
    /// What it leads to.
    pub end: Pinned,
    /// The directories in which the links of the way lie, without links themselves.
    pub links: Vec<PathBuf>,
}

enum Step {
    Root,
    Up,
    Into(OsString),
}

/// Follows `path` as the kernel does, each component once.
///
/// # Errors
/// The system's; `ELOOP` for too many links.
pub fn walk(path: &Path) -> io::Result<Walked> {
    let mut end = Pinned::at(Path::new("/"))?;
    let mut links = Vec::new();
    let mut pending = Vec::new();
    push(&mut pending, &std::path::absolute(path)?);
    while let Some(step) = pending.pop() {
        end = match step {
            Step::Root => Pinned::at(Path::new("/"))?,
            Step::Up => Pinned::at(end.path().parent().unwrap_or(Path::new("/")))?,
            Step::Into(name) => {
                let Some(target) = end.look(&name)?.link else {
                    end = end.below(Path::new(&name))?;
                    continue;
                };
                if links.len() == LINKS {
                    return Err(Errno::LOOP.into());
                }
                links.push(end.path().to_path_buf());
                push(&mut pending, &target);
                end
            }
        };
    }
    Ok(Walked { end, links })
}

/// The components of a path are the next ones.
fn push(pending: &mut Vec<Step>, path: &Path) {
    pending.extend(path.components().rev().filter_map(|part| match part {
        Component::RootDir => Some(Step::Root),
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Into(name.to_os_string())),
        Component::CurDir | Component::Prefix(_) => None,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_way_ends_where_the_kernel_ends_it_and_its_links_are_told() {
        let root = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(root.path()).expect("a path");
        fs::create_dir_all(root.join("a/b")).expect("a directory");
        fs::create_dir(root.join("c")).expect("a directory");
        symlink("../c", root.join("a/up")).expect("a link");
        symlink("a/up", root.join("chain")).expect("a link");
        symlink(root.join("chain"), root.join("c/absolute")).expect("a link");
        symlink("loop", root.join("loop")).expect("a link");
        let table: [(&str, &[&str]); 7] = [
            ("a/b", &[]),
            ("a/./b/../up", &["a"]),
            ("chain", &["", "a"]),
            ("chain/absolute", &["", "a", "c", "", "a"]),
            ("a/up/..", &["a"]),
            ("a/up/../a/b", &["a"]),
            ("c/", &[]),
        ];
        for (path, links) in table {
            let walked = walk(&root.join(path)).expect(path);
            let real = fs::canonicalize(root.join(path)).expect(path);
            assert_eq!(walked.end.path(), real, "{path}");
            let expected = links.iter().map(|link| root.join(link));
            let expected: Vec<PathBuf> = expected.map(|path| path.components().collect()).collect();
            assert_eq!(walked.links, expected, "{path}");
        }
        for path in ["loop", "none", "a/none/..", "loop/x"] {
            assert!(walk(&root.join(path)).is_err(), "{path}");
        }
    }
}
