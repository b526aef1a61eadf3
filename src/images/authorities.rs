//! The host's certificate authorities: offices that inspect TLS need them inside.

use crate::digest::sha256;
use crate::files::read_small_text;
use std::path::{Path, PathBuf};

/// A PEM bundle and its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorities {
    /// The file it came from.
    pub path: PathBuf,
    /// All certificates.
    pub pem: String,
    /// SHA-256 in hex.
    pub hash: String,
}

/// More than any bundle holds, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// Where systems keep their bundle.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/etc/openssl/cert.pem",
];

/// Variables that programs look at, each naming a bundle, and the system's bundle inside.
pub const VARIABLES: [&str; 6] = [
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "PIP_CERT",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
];

/// Reads the host's bundle: `SSL_CERT_FILE`, else the system's.
#[must_use]
pub fn of_host() -> Option<Authorities> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    named
        .into_iter()
        .chain(BUNDLES.iter().map(PathBuf::from))
        .find_map(|path| read(&path))
}

fn read(path: &Path) -> Option<Authorities> {
    let pem = read_small_text(path, LIMIT).ok()?;
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        return None;
    }
    let hash = sha256(&pem);
    Some(Authorities {
        path: path.to_path_buf(),
        pem,
        hash,
    })
}
