//! The host's certificate authorities inside, where an office inspects TLS.

use super::{beneath, system_file};
use crate::guest::message::Prepare;
use std::io;
use std::path::Path;

/// Where systems keep the bundle that their libraries read; the first is made when none is there.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
];

/// Adds the authorities to the system's bundle; true when the bundle itself must be sent first.
pub fn renew(prepare: &Prepare) -> io::Result<bool> {
    let Some(hash) = &prepare.authorities else {
        return Ok(false);
    };
    let path = BUNDLES
        .into_iter()
        .find(|path| beneath::is_there(Path::new(path)))
        .unwrap_or(BUNDLES[0]);
    let old = system_file::read(Path::new(path));
    let mark = format!("# {hash}\n");
    if old.contains(&mark) {
        return Ok(false);
    }
    let Some(pem) = &prepare.authorities_pem else {
        return Ok(true);
    };
    let block = format!("{mark}{}\n", pem.trim_end());
    let new = system_file::with_block(&old, &block);
    system_file::write(Path::new(path), new.as_bytes(), 0o644)?;
    Ok(false)
}
