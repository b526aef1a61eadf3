//! From an endpoint to a client.

use super::endpoint::Address;
use super::{CALL, Endpoint, EngineError};
use crate::files;
use bollard::{API_DEFAULT_VERSION, Docker};

pub fn connect(endpoint: &Endpoint) -> Result<Docker, EngineError> {
    expect_readable(endpoint)?;
    let seconds = CALL.as_secs();
    let docker = match &endpoint.address {
        Address::Unix(path) => match path.to_str() {
            Some(path) => Docker::connect_with_unix(path, seconds, API_DEFAULT_VERSION),
            None => {
                return Err(EngineError::Unreachable {
                    endpoint: endpoint.to_string(),
                    reason: "the socket's path is not UTF-8".into(),
                });
            }
        },
        Address::Tcp {
            authority,
            certificates: None,
        } => Docker::connect_with_http(&format!("tcp://{authority}"), seconds, API_DEFAULT_VERSION),
        Address::Tcp {
            authority,
            certificates: Some(dir),
        } => Docker::connect_with_ssl(
            &format!("tcp://{authority}"),
            &dir.join("key.pem"),
            &dir.join("cert.pem"),
            &dir.join("ca.pem"),
            seconds,
            API_DEFAULT_VERSION,
        ),
    };
    docker.map_err(|error| EngineError::of(endpoint, error))
}

/// More than any certificate has, in bytes.
const LIMIT: u64 = 1024 * 1024;

/// The library reads the certificates itself. It would wait for a FIFO in the place of one, and take a
/// file without end into memory.
fn expect_readable(endpoint: &Endpoint) -> Result<(), EngineError> {
    let Address::Tcp {
        certificates: Some(directory),
        ..
    } = &endpoint.address
    else {
        return Ok(());
    };
    for name in ["ca.pem", "cert.pem", "key.pem"] {
        let path = directory.join(name);
        match files::read(&path, LIMIT) {
            Ok(_) => {}
            // Not every engine wants to know who comes.
            Err(error) if error.is_not_found() && name != "ca.pem" => {}
            Err(error) => {
                return Err(EngineError::Unreachable {
                    endpoint: endpoint.to_string(),
                    reason: format!("`{}`: {error}", path.display()),
                });
            }
        }
    }
    Ok(())
}
