//! What can go wrong with an engine, in our words: the library's are of little use to a person.

use super::Endpoint;
use super::transport::Bound;
use bollard::errors::Error;
use std::io::ErrorKind;
use std::path::Path;

/// The most letters of an engine's words.
const WORDS: usize = 4096;

/// A failed call.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Nobody answers there.
    #[error("cannot reach Docker at `{endpoint}`")]
    Unreachable {
        /// Where it was looked for.
        endpoint: String,
        /// The system's words.
        reason: String,
    },
    /// The socket is there and closed to this user.
    #[error("no permission to use Docker at `{endpoint}`")]
    Permission {
        /// Where it is.
        endpoint: String,
    },
    /// No answer in time.
    #[error("Docker at `{endpoint}` did not answer in time")]
    Deadline {
        /// Where it is.
        endpoint: String,
    },
    /// It says more than anybody needs, or begins an answer and then nothing.
    #[error("Docker at `{endpoint}` gave no answer that `dp` takes")]
    Unbounded {
        /// Where it is.
        endpoint: String,
        /// In words.
        reason: String,
    },
    /// The connection ended in the middle of a call.
    #[error("the connection to Docker at `{endpoint}` broke")]
    Broken {
        /// Where it is.
        endpoint: String,
        /// The library's words.
        reason: String,
    },
    /// The engine shows a certificate that is not trusted, or does not trust ours.
    #[error("{message}")]
    Certificate {
        /// What is wrong, in words that name the engine and the files.
        message: String,
        /// The library's words.
        reason: String,
    },
    /// There is no such thing (404).
    #[error("{message}")]
    NotFound {
        /// The engine's words.
        message: String,
    },
    /// The name is taken, or the thing is in use or in the wrong state (409).
    #[error("{message}")]
    Conflict {
        /// The engine's words.
        message: String,
    },
    /// The engine refused or failed.
    #[error("{message}")]
    Refused {
        /// HTTP status, or 200 for a failure in the middle of a stream.
        status: u16,
        /// The engine's words.
        message: String,
    },
}

impl EngineError {
    pub(super) fn of(endpoint: &Endpoint, error: Error) -> Self {
        let at = endpoint.to_string();
        match error {
            Error::DockerResponseServerError {
                status_code,
                message,
            } => Self::of_status(status_code, words(&message)),
            Error::DockerStreamError { error } => Self::Refused {
                status: 200,
                message: words(&error),
            },
            other if bound(&other).is_some() => Self::Unbounded {
                endpoint: at,
                reason: bound(&other).map_or_else(String::new, |bound| bound.to_string()),
            },
            Error::RequestTimeoutError => Self::Deadline { endpoint: at },
            Error::SocketNotFoundError(_) => Self::Unreachable {
                endpoint: at,
                reason: "there is no such socket".into(),
            },
            other if is_of_certificates(&other) => Self::of_certificates(endpoint, &other),
            other => match io_cause(&other) {
                Some(cause) => match cause.kind() {
                    ErrorKind::PermissionDenied => Self::Permission { endpoint: at },
                    ErrorKind::ConnectionRefused
                    | ErrorKind::NotFound
                    | ErrorKind::HostUnreachable
                    | ErrorKind::NetworkUnreachable
                    | ErrorKind::AddrNotAvailable
                    | ErrorKind::TimedOut => Self::Unreachable {
                        endpoint: at,
                        reason: cause_text(cause),
                    },
                    _ => Self::Broken {
                        endpoint: at,
                        reason: cause_text(cause),
                    },
                },
                None => Self::Broken {
                    endpoint: at,
                    reason: innermost(&other),
                },
            },
        }
    }

    fn of_certificates(endpoint: &Endpoint, error: &Error) -> Self {
        let reason = innermost(error);
        let directory = endpoint.certificates().unwrap_or(Path::new(""));
        let file = |name: &str| directory.join(name).display().to_string();
        let message = if ["UnknownIssuer", "BadSignature"]
            .iter()
            .any(|why| reason.contains(why))
        {
            let authority = file("ca.pem");
            format!("the certificate of Docker at `{endpoint}` is not signed by `{authority}`")
        } else if reason.contains(PEER) {
            format!("the certificate of Docker at `{endpoint}` is not valid for it")
        } else {
            let own = file("cert.pem");
            format!("Docker at `{endpoint}` wants another certificate than `{own}`")
        };
        Self::Certificate { message, reason }
    }

    fn of_status(status: u16, message: String) -> Self {
        match status {
            404 => Self::NotFound { message },
            409 => Self::Conflict { message },
            _ => Self::Refused { status, message },
        }
    }

    /// True for 404.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// True for 409.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }

    /// True when nobody answers, or not to us.
    #[must_use]
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Permission { .. }
                | Self::Deadline { .. }
                | Self::Unbounded { .. }
                | Self::Broken { .. }
                | Self::Certificate { .. }
        )
    }
}

/// How the TLS library begins what it says of the engine's certificate.
const PEER: &str = "invalid peer certificate";

/// A wrong certificate of the engine, or the engine's word that ours is wrong or missing.
fn is_of_certificates(error: &Error) -> bool {
    let reason = innermost(error);
    let is_alert = reason.contains("received fatal alert");
    let alerts = ["Certificate", "UnknownCA", "AccessDenied"];
    reason.contains(PEER) || (is_alert && alerts.iter().any(|alert| reason.contains(alert)))
}

/// `connection refused`, without the number that Rust adds.
fn cause_text(error: &std::io::Error) -> String {
    let text = words(&error.to_string());
    let text = text.split(" (os error").next().unwrap_or_default();
    text.to_lowercase()
}

type Cause = dyn std::error::Error + 'static;

fn chain(error: &Cause) -> impl Iterator<Item = &Cause> {
    std::iter::successors(Some(error), |error| error.source())
}

fn io_cause(error: &Error) -> Option<&std::io::Error> {
    chain(error).find_map(|cause| cause.downcast_ref())
}

/// Why no more was read.
fn bound(error: &Error) -> Option<Bound> {
    let mut causes = chain(error).filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes.find_map(|cause| cause.get_ref()?.downcast_ref().copied())
}

/// The engine's words, as far as a person reads them.
pub(super) fn words(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(WORDS) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text.to_string(),
    }
}

fn innermost(error: &Error) -> String {
    chain(error)
        .last()
        .map_or_else(String::new, |cause| words(&cause.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_of_an_engines_words_is_told_than_a_person_reads() {
        assert_eq!(words(" no such image\n"), "no such image");
        let long = "ä".repeat(1 << 20);
        assert_eq!(words(&long).chars().count(), WORDS + 2);
        let endpoint = Endpoint {
            address: crate::engine::endpoint::Address::Unix("/x".into()),
            source: "a test".into(),
        };
        let errors = [
            Error::DockerStreamError {
                error: long.clone(),
            },
            Error::DockerResponseServerError {
                status_code: 404,
                message: long.clone(),
            },
            Error::IOError {
                err: std::io::Error::other(long),
            },
        ];
        for error in errors {
            let shown = format!("{:?}", EngineError::of(&endpoint, error));
            assert!(shown.chars().count() < 2 * WORDS, "{}", shown.len());
        }
    }
}
