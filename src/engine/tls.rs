//! TLS to an engine: its certificate is verified by the authority in a directory and those of this
//! machine, and it is shown ours where there is one.

use bollard::errors::Error;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};

/// Connects with the certificates `ca.pem`, `cert.pem` and `key.pem` of `directory`. The caller has seen
/// that they are small regular files, where they are there.
pub(super) fn connector(directory: &Path) -> Result<HttpsConnector<HttpConnector>, Error> {
    let builder = ClientConfig::builder().with_root_certificates(authorities(directory)?);
    let config = match own(directory) {
        Some((chain, key)) => {
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|_| Error::CertPathError {
                    path: directory.join("key.pem"),
                })?
        }
        None => builder.with_no_client_auth(),
    };
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    Ok(HttpsConnector::from((tcp, config)))
}

fn authorities(directory: &Path) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    // Where this machine has none, there is still the engine's own.
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let path = directory.join("ca.pem");
    store.add_parsable_certificates(certificates(&path).ok_or(Error::CertParseError { path })?);
    Ok(store)
}

/// What is shown to an engine that wants to know who comes.
fn own(directory: &Path) -> Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = certificates(&directory.join("cert.pem"))?;
    let key = PrivateKeyDer::from_pem_file(directory.join("key.pem")).ok()?;
    Some((chain, key))
}

fn certificates(path: &PathBuf) -> Option<Vec<CertificateDer<'static>>> {
    let found = CertificateDer::pem_file_iter(path).ok()?;
    found.collect::<Result<Vec<_>, _>>().ok()
}
