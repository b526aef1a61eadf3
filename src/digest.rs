//! SHA-256 in hex, as names and tags carry it.

use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// What the hash takes at once, in bytes.
const BLOCK: usize = 64;

/// The hash of `bytes`, 64 hex digits.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(bytes))
}

/// The hash of `text` by a key of at most 64 bytes (HMAC, RFC 2104): without the key nobody can tell
/// whether a guess of the text is right.
#[must_use]
pub fn keyed(key: &[u8], text: impl AsRef<[u8]>) -> String {
    let pad = |with: u8| -> Vec<u8> {
        let padded = key.iter().copied().chain(std::iter::repeat(0));
        padded.take(BLOCK).map(|byte| byte ^ with).collect()
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text);
    let outer = Sha256::new().chain_update(pad(0x5c));
    hex(&outer.chain_update(inner.finalize()).finalize())
}

/// The hash of everything that `reader` gives.
///
/// # Errors
/// The reader's.
pub fn sha256_of(mut reader: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}

/// Two lower-case digits a byte.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::keyed;

    #[test]
    fn a_keyed_hash_is_that_of_rfc_4231() {
        assert_eq!(
            keyed(&[0x0b; 20], "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            keyed(b"Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
