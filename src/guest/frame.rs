//! The frames between `dp` and the guest: a length, a kind, a payload.
//!
//! `u32` little endian: bytes that follow (kind and payload); `u8`: kind; the payload. A frame of
//! more than [`MAX_PAYLOAD`] is refused before a byte of it is kept, so neither side can be made to
//! hold more than one frame of a stranger's.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// The largest payload of one frame, in bytes.
pub const MAX_PAYLOAD: usize = 1024 * 1024;
const HEADER: usize = 5;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JSON [`crate::guest::message::Request`], from the client.
    Request = 1,
    /// A JSON [`crate::guest::message::Reply`], from the guest.
    Reply = 2,
    /// Bytes for the process's standard input.
    Stdin = 3,
    /// Bytes of the process's standard output, or of its terminal.
    Stdout = 4,
    /// Bytes of the process's standard error.
    Stderr = 5,
}

impl Kind {
    fn parse(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Request,
            2 => Self::Reply,
            3 => Self::Stdin,
            4 => Self::Stdout,
            5 => Self::Stderr,
            _ => return None,
        })
    }
}

/// One frame, its payload not yet interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What the payload is.
    pub kind: Kind,
    /// The bytes, at most [`MAX_PAYLOAD`].
    pub payload: Bytes,
}

/// Why bytes are not a frame. The connection that sent them is of no further use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    /// The length is beyond [`MAX_PAYLOAD`].
    #[error("a frame of {0} bytes is larger than this protocol allows")]
    TooLarge(usize),
    /// The length leaves no room for a kind.
    #[error("a frame without a kind")]
    Empty,
    /// The kind is none of ours.
    #[error("a frame of the unknown kind {0}")]
    UnknownKind(u8),
}

/// Takes the first whole frame off `buffer`; `None` when more bytes are needed.
///
/// # Errors
/// [`FrameError`] when what stands there can never become a frame.
pub fn decode(buffer: &mut BytesMut) -> Result<Option<Frame>, FrameError> {
    let Some(header) = buffer.first_chunk::<HEADER>() else {
        return Ok(None);
    };
    let [a, b, c, d, kind] = *header;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    if length == 0 {
        return Err(FrameError::Empty);
    }
    if length - 1 > MAX_PAYLOAD {
        return Err(FrameError::TooLarge(length - 1));
    }
    let kind = Kind::parse(kind).ok_or(FrameError::UnknownKind(kind))?;
    if buffer.len() < HEADER + length - 1 {
        buffer.reserve(HEADER + length - 1 - buffer.len());
        return Ok(None);
    }
    buffer.advance(HEADER);
    let payload = buffer.split_to(length - 1).freeze();
    Ok(Some(Frame { kind, payload }))
}

/// The header of a frame whose payload of `length` bytes is written separately.
#[must_use]
pub fn header(kind: Kind, length: usize) -> [u8; HEADER] {
    debug_assert!(length <= MAX_PAYLOAD, "senders cut their payloads");
    let [a, b, c, d] = u32::try_from(length + 1).unwrap_or(u32::MAX).to_le_bytes();
    [a, b, c, d, kind as u8]
}

/// Appends a whole frame to `out`.
pub fn encode(kind: Kind, payload: &[u8], out: &mut BytesMut) {
    out.reserve(HEADER + payload.len());
    out.put_slice(&header(kind, payload.len()));
    out.put_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_frame_of_four_gigabytes_is_refused_at_its_header() {
        let mut buffer = BytesMut::from(&[0xff, 0xff, 0xff, 0xff, 4][..]);
        assert_eq!(
            decode(&mut buffer),
            Err(FrameError::TooLarge(u32::MAX as usize - 1))
        );
    }

    #[test]
    fn wrong_headers_are_errors_and_short_ones_wait() {
        type Case<'a> = (&'a [u8], Result<Option<Frame>, FrameError>);
        let table: [Case; 4] = [
            (&[0, 0, 0, 0, 1], Err(FrameError::Empty)),
            (&[1, 0, 0, 0, 9], Err(FrameError::UnknownKind(9))),
            (&[5, 0, 0], Ok(None)),
            (&[3, 0, 0, 0, 4, b'x'], Ok(None)),
        ];
        for (bytes, expected) in table {
            assert_eq!(decode(&mut BytesMut::from(bytes)), expected, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_however_it_is_cut(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8),
            cut in 1usize..50,
        ) {
            let mut wire = BytesMut::new();
            for payload in &payloads {
                encode(Kind::Stdin, payload, &mut wire);
            }
            let mut buffer = BytesMut::new();
            let mut seen = Vec::new();
            for chunk in wire.chunks(cut) {
                buffer.extend_from_slice(chunk);
                while let Some(frame) = decode(&mut buffer).expect("our own frames") {
                    seen.push(frame.payload.to_vec());
                }
            }
            prop_assert_eq!(seen, payloads);
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
            let mut buffer = BytesMut::from(&bytes[..]);
            while let Ok(Some(_)) = decode(&mut buffer) {}
        }
    }
}
