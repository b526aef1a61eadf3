//! The directory that an agent works on.

use crate::digest::sha256;
use crate::files::Pins;
use std::path::{Path, PathBuf};

/// Directories that a sandbox must keep its own of: mounting the host's over them would break it
/// or hand the host's system to the agent.
const SYSTEM: [&str; 19] = [
    "/bin",
    "/boot",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/run",
    "/sbin",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local",
    "/usr/sbin",
    "/usr/share",
    "/var",
    "/var/lib",
    "/var/log",
];
/// The same with everything below.
const KERNEL: [&str; 5] = ["/.dp", "/.dp-git", "/dev", "/proc", "/sys"];
/// What everyone and everything on the machine uses.
const SHARED: [&str; 10] = [
    "/home", "/media", "/mnt", "/opt", "/root", "/snap", "/srv", "/tmp", "/var/opt", "/var/tmp",
];

/// A workspace that exists and may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Absolute, without symbolic links, UTF-8.
    path: String,
    id: String,
}

/// Why a directory cannot be a workspace.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WorkspaceError {
    /// It is not there.
    #[error("the workspace `{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// It is something else.
    #[error("the workspace `{}` is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// It cannot be entered.
    #[error("the workspace `{}` cannot be opened", path.display())]
    Closed {
        /// As given.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The engine's API speaks UTF-8 only.
    #[error("the path of the workspace `{}` is not UTF-8", .0.display())]
    NotUtf8(PathBuf),
    /// It would open the whole machine or home to the agent.
    #[error("`{path}` is {what}: the agent could change everything in it")]
    TooWide {
        /// Resolved.
        path: String,
        /// Such as `your home directory`.
        what: &'static str,
    },
    /// A directory of the system.
    #[error("`{0}` is a directory of the system and cannot be a workspace")]
    System(String),
}

impl Workspace {
    /// Resolves and checks a directory. `force` allows what is as wide as `home`, or
    /// wider.
    ///
    /// # Errors
    /// [`WorkspaceError`].
    pub fn open(
        given: &Path,
        home: &Path,
        force: bool,
        pins: &Pins,
    ) -> Result<Self, WorkspaceError> {
        let pinned = pins.resolve(given).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => WorkspaceError::Missing(given.to_path_buf()),
            std::io::ErrorKind::NotADirectory => WorkspaceError::NotADirectory(given.to_path_buf()),
            _ => WorkspaceError::Closed {
                path: given.to_path_buf(),
                reason: error.to_string(),
            },
        })?;
        let path = pinned.path().to_path_buf();
        if !pinned.is_directory() {
            return Err(WorkspaceError::NotADirectory(given.to_path_buf()));
        }
        let home = pins.real(home);
        let Ok(text) = path.clone().into_os_string().into_string() else {
            return Err(WorkspaceError::NotUtf8(path));
        };
        let is_kernels = KERNEL.iter().any(|place| path.starts_with(place));
        if is_kernels || SYSTEM.contains(&text.as_str()) {
            return Err(WorkspaceError::System(text));
        }
        let what = match text.as_str() {
            "/" => Some("the root directory"),
            _ if path == home => Some("your home directory"),
            _ if home.starts_with(&path) => Some("above your home directory"),
            shared if SHARED.contains(&shared) => Some("a directory of the whole machine"),
            _ => None,
        };
        match what {
            Some(what) if !force => Err(WorkspaceError::TooWide { path: text, what }),
            _ => Ok(Self {
                id: sha256(&text)[..12].to_string(),
                path: text,
            }),
        }
    }

    /// The absolute path.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The first 12 hex digits of the SHA-256 of the path.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;

    #[test]
    fn a_link_and_its_target_are_one_workspace() {
        let dir = tempfile::tempdir().expect("a directory");
        let real = dir.path().join("a b:c");
        std::fs::create_dir(&real).expect("a directory");
        std::os::unix::fs::symlink(&real, dir.path().join("link")).expect("a link");
        let open = |name: &str| {
            Workspace::open(
                &dir.path().join(name),
                Path::new("/h"),
                false,
                &Pins::default(),
            )
        };
        assert_eq!(open("a b:c"), open("link"));
        assert_eq!(open("link").expect("opened").id().len(), 12);
    }

    #[test]
    fn what_cannot_be_a_workspace() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("file"), "").expect("a file");
        let odd = dir.path().join(std::ffi::OsStr::from_bytes(b"\xff"));
        std::fs::create_dir(&odd).expect("a directory");
        let home = std::fs::canonicalize(dir.path()).expect("a path");
        let open = |path: &Path, force| Workspace::open(path, &home, force, &Pins::default());
        assert!(matches!(
            open(&home.join("no"), true),
            Err(WorkspaceError::Missing(_))
        ));
        assert!(matches!(
            open(&home.join("file"), true),
            Err(WorkspaceError::NotADirectory(_))
        ));
        assert!(matches!(open(&odd, true), Err(WorkspaceError::NotUtf8(_))));
        assert!(matches!(
            open(&home, false),
            Err(WorkspaceError::TooWide { .. })
        ));
        assert!(matches!(
            open(Path::new("/"), false),
            Err(WorkspaceError::TooWide { .. })
        ));
        assert!(matches!(
            open(Path::new("/etc"), true),
            Err(WorkspaceError::System(_))
        ));
        for wide in ["/tmp", "/opt"] {
            let wide = Path::new(wide);
            assert!(
                matches!(open(wide, false), Err(WorkspaceError::TooWide { .. })),
                "{wide:?}"
            );
            assert!(open(wide, true).is_ok(), "{wide:?}");
        }
        for system in ["/usr", "/var/lib", "/dev/shm"] {
            assert!(
                matches!(
                    open(Path::new(system), true),
                    Err(WorkspaceError::System(_))
                ),
                "{system}"
            );
        }
        let inner = home.join("people/me");
        std::fs::create_dir_all(&inner).expect("a directory");
        let above = |force| Workspace::open(&home, &inner, force, &Pins::default());
        assert!(matches!(above(false), Err(WorkspaceError::TooWide { .. })));
        assert!(above(true).is_ok());
        assert!(open(&inner, false).is_ok());
        assert!(open(&home, true).is_ok() && open(Path::new("/"), true).is_ok());
    }
}
