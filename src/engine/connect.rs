//! From an endpoint to a client.

use super::endpoint::Address;
use super::{CALL, Endpoint, EngineError, transport};
use crate::files;
use bollard::Docker;

pub fn connect(endpoint: &Endpoint) -> Result<Docker, EngineError> {
    expect_readable(endpoint)?;
    if let Address::Unix(path) = &endpoint.address
        && !path.exists()
    {
        return Err(EngineError::Unreachable {
            endpoint: endpoint.to_string(),
            reason: "there is no such socket".into(),
        });
    }
    let docker = transport::docker(endpoint, CALL.as_secs());
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
