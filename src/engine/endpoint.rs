//! Where the engine is: `--engine`, `DOCKER_HOST`, `DOCKER_CONTEXT`, the current docker context,
//! then the sockets that engines are known to open.

use super::context::{self, ContextError};
use serde::Serialize;
use std::fmt;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// The address of an engine and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// How to connect.
    #[serde(flatten)]
    pub address: Address,
    /// What named it, such as "`DOCKER_HOST`", for `dp doctor`.
    pub source: String,
}

/// How to connect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Address {
    /// A unix socket.
    Unix(PathBuf),
    /// `host:port`, with certificates in a directory when TLS is wanted.
    Tcp {
        /// `host:port`.
        authority: String,
        /// A directory with `ca.pem`, and `cert.pem` and `key.pem` where the engine wants them.
        certificates: Option<PathBuf>,
    },
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.address {
            Address::Unix(path) => write!(f, "unix://{}", path.display()),
            Address::Tcp { authority, .. } => write!(f, "tcp://{authority}"),
        }
    }
}

impl Endpoint {
    /// The directory of the certificates, where TLS is wanted.
    #[must_use]
    pub fn certificates(&self) -> Option<&Path> {
        match &self.address {
            Address::Tcp { certificates, .. } => certificates.as_deref(),
            Address::Unix(_) => None,
        }
    }
}

impl Address {
    /// The engine is reached over a network, and nothing keeps who is on the way from its machine.
    #[must_use]
    pub fn is_clear_beyond_this_machine(&self) -> bool {
        let Self::Tcp {
            authority,
            certificates: None,
        } = self
        else {
            return false;
        };
        let host = authority.rsplit_once(':').map_or("", |(host, _)| host);
        let host = host.trim_matches(['[', ']']);
        let address = host.parse::<std::net::IpAddr>();
        host != "localhost" && !address.is_ok_and(|address| address.is_loopback())
    }
}

/// What resolution reads, so that tests can say what it finds.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `--engine` or `DP_ENGINE`.
    pub option: Option<String>,
    /// `DP_ENGINE`, to tell the two apart.
    pub variable: Option<String>,
    /// `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// `DOCKER_CONTEXT`.
    pub docker_context: Option<String>,
    /// `DOCKER_TLS_VERIFY` is set, and `DOCKER_CERT_PATH` or its default.
    pub certificates: Option<PathBuf>,
    /// `DOCKER_CONFIG`, or `~/.docker`.
    pub docker_config: PathBuf,
    /// The home directory.
    pub home: PathBuf,
    /// `XDG_RUNTIME_DIR`.
    pub runtime_dir: Option<PathBuf>,
}

/// Why no endpoint could be found.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EndpointError {
    /// The address has a form that is not supported.
    #[error("`{address}` is not an engine's address")]
    Address {
        /// As given.
        address: String,
        /// What named it.
        source_name: String,
    },
    /// A docker context that is not there or cannot be read.
    #[error(transparent)]
    Context(#[from] ContextError),
    /// The docker CLI's configuration, which may name a context.
    #[error("`{}`, which may name a docker context, cannot be read", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// In words.
        reason: String,
    },
    /// Nothing was configured and no known socket exists.
    #[error("no Docker engine was found")]
    Nothing {
        /// The sockets that were looked for.
        tried: Vec<PathBuf>,
    },
}

impl Surroundings {
    /// Reads this process's environment; `option` is the command line's.
    #[must_use]
    pub fn of_process(option: Option<String>) -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let home = variable("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
        let docker_config =
            variable("DOCKER_CONFIG").map_or_else(|| home.join(".docker"), PathBuf::from);
        let certificates = variable("DOCKER_TLS_VERIFY").map(|_| {
            variable("DOCKER_CERT_PATH").map_or_else(|| docker_config.clone(), PathBuf::from)
        });
        // A variable that is empty is as one that is not set.
        let is_blank = std::env::var_os("DP_ENGINE").is_some_and(|value| value.is_empty());
        Self {
            option: option.filter(|address| !(is_blank && address.is_empty())),
            variable: variable("DP_ENGINE"),
            docker_host: variable("DOCKER_HOST"),
            docker_context: variable("DOCKER_CONTEXT"),
            certificates,
            docker_config,
            home,
            runtime_dir: variable("XDG_RUNTIME_DIR").map(PathBuf::from),
        }
    }

    /// The first of the sources that names an engine.
    ///
    /// # Errors
    /// [`EndpointError`]; a source that is there and wrong is never passed over.
    pub fn resolve(&self) -> Result<Endpoint, EndpointError> {
        if let Some(address) = &self.option {
            let source = if self.variable.as_ref() == Some(address) {
                "DP_ENGINE"
            } else {
                "--engine"
            };
            return self.parse(address, source, self.certificates.clone());
        }
        if let Some(address) = &self.docker_host {
            return self.parse(address, "DOCKER_HOST", self.certificates.clone());
        }
        let named = self
            .docker_context
            .clone()
            .map(|name| (name, "DOCKER_CONTEXT"));
        let named = match named {
            Some(named) => Some(named),
            None => context::current(&self.docker_config)?.map(|name| (name, "docker context")),
        };
        if let Some((name, source)) = named
            && name != "default"
        {
            let context = context::read(&self.docker_config, &name)?;
            return self.parse(
                &context.host,
                &format!("{source} `{name}`"),
                context.certificates,
            );
        }
        let tried = self.known_sockets();
        match tried.iter().find(|path| is_socket(path)) {
            Some(path) => Ok(Endpoint {
                address: Address::Unix(path.clone()),
                source: "known socket".into(),
            }),
            None => Err(EndpointError::Nothing { tried }),
        }
    }

    fn parse(
        &self,
        address: &str,
        source: &str,
        certificates: Option<PathBuf>,
    ) -> Result<Endpoint, EndpointError> {
        let wrong = || EndpointError::Address {
            address: address.to_string(),
            source_name: source.to_string(),
        };
        let parsed = match address.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Address::Unix(path.into()),
            Some((scheme @ ("tcp" | "http" | "https"), authority)) if !authority.is_empty() => {
                let certificates = certificates
                    .or_else(|| (scheme == "https").then(|| self.docker_config.clone()));
                let authority = authority.trim_end_matches('/');
                let port = if certificates.is_some() { 2376 } else { 2375 };
                let has_port = authority
                    .rsplit_once(':')
                    .is_some_and(|(_, p)| p.parse::<u16>().is_ok());
                let authority = if has_port {
                    authority.to_string()
                } else {
                    format!("{authority}:{port}")
                };
                Address::Tcp {
                    authority,
                    certificates,
                }
            }
            None if address.starts_with('/') => Address::Unix(address.into()),
            _ => return Err(wrong()),
        };
        Ok(Endpoint {
            address: parsed,
            source: source.to_string(),
        })
    }

    /// Where engines are known to open their sockets.
    #[must_use]
    pub fn known_sockets(&self) -> Vec<PathBuf> {
        let home = |path: &str| Some(self.home.join(path));
        let runtime = |path: &str| self.runtime_dir.as_ref().map(|dir| dir.join(path));
        [
            Some(PathBuf::from("/var/run/docker.sock")),
            home(".docker/desktop/docker.sock"),
            home(".docker/run/docker.sock"),
            home(".colima/default/docker.sock"),
            home(".orbstack/run/docker.sock"),
            home(".rd/docker.sock"),
            runtime("docker.sock"),
            runtime("podman/podman.sock"),
            Some(PathBuf::from("/run/podman/podman.sock")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn is_socket(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings(home: &Path) -> Surroundings {
        Surroundings {
            docker_config: home.join(".docker"),
            home: home.to_path_buf(),
            ..Surroundings::default()
        }
    }

    #[test]
    fn addresses() {
        let here = surroundings(Path::new("/nowhere"));
        let table = [
            ("unix:///a b.sock", Some("unix:///a b.sock")),
            ("/x.sock", Some("unix:///x.sock")),
            ("tcp://10.0.0.1", Some("tcp://10.0.0.1:2375")),
            ("https://build:99/", Some("tcp://build:99")),
            ("unix://relative", None),
            ("ssh://me@there", None),
            ("nonsense", None),
        ];
        for (text, expected) in table {
            let got = here.parse(text, "--engine", None).ok();
            assert_eq!(got.map(|e| e.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn clear_connections_are_told_from_those_that_stay_here() {
        let here = surroundings(Path::new("/nowhere"));
        let table = [
            ("unix:///x.sock", None, false),
            ("tcp://127.0.0.1:1", None, false),
            ("tcp://127.9.9.9", None, false),
            ("tcp://[::1]:1", None, false),
            ("tcp://localhost:1", None, false),
            ("tcp://localhost.evil.example:1", None, true),
            ("tcp://10.0.0.1", None, true),
            ("http://build:99", None, true),
            ("tcp://10.0.0.1", Some("/certificates"), false),
        ];
        for (text, certificates, expected) in table {
            let parsed = here.parse(text, "--engine", certificates.map(PathBuf::from));
            let address = parsed.expect("an address").address;
            assert_eq!(address.is_clear_beyond_this_machine(), expected, "{text}");
        }
    }

    #[test]
    fn a_context_with_an_authority_alone_is_verified_by_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut here = surroundings(dir.path());
        context::tests::write(&here.docker_config, "far", "tcp://10.0.0.1:2376");
        let tls = here.docker_config.join("contexts/tls");
        let tls = tls.join(crate::digest::sha256("far")).join("docker");
        std::fs::create_dir_all(&tls).expect("a directory");
        std::fs::write(tls.join("ca.pem"), "").expect("a file");
        here.docker_context = Some("far".into());
        let address = here.resolve().expect("an engine").address;
        assert_eq!(
            address,
            Address::Tcp {
                authority: "10.0.0.1:2376".into(),
                certificates: Some(tls)
            }
        );
    }

    #[test]
    fn the_order_is_option_host_context() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut here = surroundings(dir.path());
        context::tests::write(&here.docker_config, "far", "unix:///far.sock");
        let config = here.docker_config.join("config.json");
        std::fs::write(config, r#"{"currentContext":"far"}"#).expect("a file");
        let at = |here: &Surroundings| here.resolve().map(|e| e.to_string());
        assert_eq!(at(&here), Ok("unix:///far.sock".into()));
        here.docker_context = Some("gone".into());
        assert!(matches!(at(&here), Err(EndpointError::Context(_))));
        here.docker_host = Some("unix:///host.sock".into());
        assert_eq!(at(&here), Ok("unix:///host.sock".into()));
        here.option = Some("unix:///option.sock".into());
        assert_eq!(at(&here), Ok("unix:///option.sock".into()));
    }
}
