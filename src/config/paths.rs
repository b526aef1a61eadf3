//! Where files are: configuration and state, by the rules of the platform.

use directories::ProjectDirs;
use std::path::PathBuf;

/// The directories of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`.
    pub config: PathBuf,
    /// What `dp` writes and needs again.
    pub state: PathBuf,
    /// What `dp` writes and can make again.
    pub cache: PathBuf,
    /// The home directory.
    pub home: PathBuf,
}

impl Paths {
    /// The invoking user's; `None` when there is no home directory to be found.
    #[must_use]
    pub fn of_user() -> Option<Self> {
        // Without it the system's list of users would be asked, which a static program cannot do.
        std::env::var_os("HOME").filter(|home| !home.is_empty())?;
        let project = ProjectDirs::from("dev", "dp", "dp")?;
        let state = project.state_dir().unwrap_or(project.data_local_dir());
        Some(Self {
            config: project.config_dir().join("config.toml"),
            state: state.to_path_buf(),
            cache: project.cache_dir().to_path_buf(),
            home: directories::BaseDirs::new()?.home_dir().to_path_buf(),
        })
    }

    /// The user's own templates.
    #[must_use]
    pub fn templates(&self) -> PathBuf {
        self.config.with_file_name("templates")
    }

    /// The directory that one sandbox shares with its guest.
    #[must_use]
    pub fn socket_directory(&self, sandbox: &str) -> PathBuf {
        self.state.join("s").join(sandbox)
    }

    /// What all starts of sandboxes lock.
    #[must_use]
    pub fn starts(&self) -> PathBuf {
        self.state.join("starts")
    }

    /// Where the containers are named that stand still for a start.
    #[must_use]
    pub fn held(&self) -> PathBuf {
        self.state.join("held")
    }

    /// Where the logs of builds that failed are kept.
    #[must_use]
    pub fn build_logs(&self) -> PathBuf {
        self.state.join("builds")
    }
}
