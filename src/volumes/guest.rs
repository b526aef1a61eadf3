//! Delivery of the guest: a volume that holds its binary, filled once for each build of `dp`.
//!
//! A helper container, never started, is the way in, and its fixed name is the lock. The archive
//! unpacks the binary under another name and links the right one to it last, so that a fill which
//! was cut off leaves no half binary behind.

use super::ownership;
use crate::digest::{hex, sha256_of};
use crate::engine::containers::{NewContainer, NewMount};
use crate::engine::{Engine, EngineError};
use crate::files::open_file;
use crate::guest::BINARY_DIR;
use crate::labels::{self, Kind};
use bytes::Bytes;
use futures_util::stream;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

/// How long another fill may take before it is taken for dead.
const LOCK: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(50);
const CHUNK: usize = 256 * 1024;

/// The executable that is delivered into sandboxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestBinary {
    /// On this machine.
    pub path: PathBuf,
    /// Names the build, in hex.
    pub build: String,
}

/// Why there is no guest to deliver.
#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    /// The running binary cannot serve and no other was found.
    #[error("there is no guest for this engine: a static Linux program for `{architecture}`")]
    Missing {
        /// What the engine runs, in Go's words.
        architecture: String,
        /// Where one was looked for.
        tried: Vec<PathBuf>,
    },
    /// The binary cannot be read.
    #[error("cannot read the guest `{path}`")]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The name of the helper belongs to a container that is not ours.
    #[error(
        "the container name of the guest's helper is taken by a container that `dp` did not make"
    )]
    Taken,
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl GuestBinary {
    /// Finds it: `DP_GUEST`, the running executable, or `dp-guest-linux-<arch>` beside it.
    ///
    /// # Errors
    /// [`GuestError::Missing`] with the places.
    pub fn find(architecture: &str) -> Result<Self, GuestError> {
        let own = std::env::current_exe().unwrap_or_default();
        let beside = own.with_file_name(format!("dp-guest-linux-{architecture}"));
        let named = std::env::var_os("DP_GUEST").map(PathBuf::from);
        let tried: Vec<PathBuf> = named.into_iter().chain([own, beside]).collect();
        for path in &tried {
            let unreadable = |source| GuestError::Unreadable {
                path: path.clone(),
                source,
            };
            let Ok(mut file) = open_file(path) else {
                continue;
            };
            let mut head = vec![0; 4096];
            let length = file.read(&mut head).map_err(unreadable)?;
            head.truncate(length);
            if !is_static_program(&head, architecture) {
                continue;
            }
            let build = match build_id(&head) {
                Some(id) => id,
                None => hash(path).map_err(unreadable)?,
            };
            return Ok(Self {
                path: path.clone(),
                build,
            });
        }
        Err(GuestError::Missing {
            architecture: architecture.to_string(),
            tried,
        })
    }
}

fn hash(path: &Path) -> io::Result<String> {
    Ok(sha256_of(open_file(path)?)?[..40].to_string())
}

/// The ELF program headers (64-bit, little endian): type, offset, size.
fn segments(head: &[u8]) -> impl Iterator<Item = (u32, usize, usize)> + '_ {
    let word = |at: usize| Some(u64::from_le_bytes(*head.get(at..)?.first_chunk()?));
    let half = |at: usize| Some(u16::from_le_bytes(*head.get(at..)?.first_chunk()?));
    let start = word(32).unwrap_or(0);
    let size = half(54).unwrap_or(0);
    let count = half(56).unwrap_or(0);
    (0..u64::from(count)).filter_map(move |index| {
        let at = usize::try_from(start.checked_add(index * u64::from(size))?).ok()?;
        let kind = u32::from_le_bytes(*head.get(at..)?.first_chunk()?);
        let offset = usize::try_from(word(at + 8)?).ok()?;
        Some((kind, offset, usize::try_from(word(at + 32)?).ok()?))
    })
}

/// A 64-bit ELF program of this architecture that needs no interpreter.
fn is_static_program(head: &[u8], architecture: &str) -> bool {
    const INTERPRETER: u32 = 3;
    let machine = match architecture {
        "amd64" => 62u16,
        "arm64" => 183,
        _ => return false,
    };
    head.starts_with(b"\x7fELF\x02\x01")
        && head.get(18..20) == Some(&machine.to_le_bytes())
        && !segments(head).any(|(kind, ..)| kind == INTERPRETER)
}

/// The linker's build ID, when it lies in the first page.
fn build_id(head: &[u8]) -> Option<String> {
    const NOTE: u32 = 4;
    const GNU_BUILD_ID: [u8; 16] = *b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0";
    segments(head)
        .filter(|(kind, ..)| *kind == NOTE)
        .filter_map(|(_, offset, size)| head.get(offset..offset.checked_add(size)?))
        .find_map(|notes| {
            let at = notes
                .windows(16)
                .position(|window| window == GNU_BUILD_ID)?;
            Some(hex(notes.get(at + 16..at + 36)?))
        })
}

/// The name of Go's architecture for this machine.
#[must_use]
pub fn own_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Fills `volume` with the guest. `image` is any image that is there: its helper never runs.
///
/// # Errors
/// [`GuestError`].
pub async fn fill(
    engine: &Engine,
    binary: &GuestBinary,
    volume: &str,
    image: &str,
) -> Result<(), GuestError> {
    let helper = match engine.create_container(helper(volume, image)).await {
        Ok(helper) => helper,
        Err(error) if error.is_conflict() => match others_fill(engine, volume).await? {
            None => return Ok(()),
            Some(helper) => helper,
        },
        Err(error) => return Err(error.into()),
    };
    // What is whole is not written again: somebody may be starting it at this moment.
    let sent = match engine.file_mode(&helper, crate::guest::BINARY).await {
        Ok(Some(_)) => Ok(()),
        _ => match send(engine, binary, &helper).await {
            // Whoever was taken for dead was slow, has filled it and removed the helper; if not,
            // the start of the sandbox says so.
            Err(GuestError::Engine(error)) if error.is_not_found() => Ok(()),
            sent => sent,
        },
    };
    // The volume is what matters: a helper that stays is taken over by whoever fills next.
    let _left = engine.remove_container(&helper).await;
    sent
}

/// Somebody else fills it: waits until the helper is gone. One that stays was left behind by a
/// `dp` that died, and is used in its place: filling twice does no harm.
async fn others_fill(engine: &Engine, volume: &str) -> Result<Option<String>, GuestError> {
    let deadline = Instant::now() + LOCK;
    loop {
        match engine.container(volume).await {
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
            Ok(other) if !ownership::is_helper(&other) => return Err(GuestError::Taken),
            Ok(other) if Instant::now() > deadline => return Ok(Some(other.id)),
            Ok(_) => tokio::time::sleep(POLL).await,
        }
    }
}

fn helper(volume: &str, image: &str) -> NewContainer {
    NewContainer {
        name: volume.to_string(),
        image: image.to_string(),
        entrypoint: vec![crate::guest::BINARY.into()],
        labels: labels::of(Kind::Guest),
        mounts: vec![NewMount::Volume {
            name: volume.to_string(),
            target: BINARY_DIR.into(),
            read_only: false,
            labels: labels::of(Kind::Guest),
            size: None,
        }],
        network: Some("none".into()),
        ..NewContainer::default()
    }
}

async fn send(engine: &Engine, binary: &GuestBinary, helper: &str) -> Result<(), GuestError> {
    let unreadable = |source| GuestError::Unreadable {
        path: binary.path.clone(),
        source,
    };
    let file = open_file(&binary.path).map_err(|error| unreadable(error.into()))?;
    let size = file.metadata().map_err(unreadable)?.len();
    let (head, tail) = archive_around(size).map_err(unreadable)?;
    let chunks = std::iter::once(Ok(head))
        .chain(chunks(file))
        .chain(std::iter::once(Ok(tail)));
    Ok(engine
        .put_archive(helper, BINARY_DIR, stream::iter(chunks))
        .await?)
}

/// What stands in the archive before and after the binary: its header, and the link to it.
fn archive_around(size: u64) -> io::Result<(Bytes, Bytes)> {
    let mut header = tar::Header::new_gnu();
    header.set_path("dp.new")?;
    header.set_size(size);
    header.set_mode(0o755);
    header.set_cksum();
    let padding = usize::try_from(size.next_multiple_of(512) - size).unwrap_or(0);
    let mut archive = tar::Builder::new(vec![0; padding]);
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Link);
    link.set_size(0);
    link.set_mode(0o755);
    archive.append_link(&mut link, "dp", "dp.new")?;
    Ok((
        Bytes::copy_from_slice(header.as_bytes()),
        archive.into_inner()?.into(),
    ))
}

fn chunks(mut file: File) -> impl Iterator<Item = io::Result<Bytes>> + Send {
    std::iter::from_fn(move || {
        let mut buffer = vec![0; CHUNK];
        match file.read(&mut buffer) {
            Ok(0) => None,
            Ok(count) => {
                buffer.truncate(count);
                Some(Ok(buffer.into()))
            }
            Err(error) => Some(Err(error)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_binary_of_this_machine_is_recognised() {
        let mut file = File::open(std::env::current_exe().expect("a path")).expect("a file");
        let mut head = vec![0; 4096];
        file.read_exact(&mut head).expect("more than a page");
        assert!(is_static_program(&head, own_architecture()));
        assert!(!is_static_program(&head, "riscv64"));
        assert_eq!(build_id(&head).map(|id| id.len()), Some(40));
    }

    #[test]
    fn other_files_are_no_guest() {
        for head in [&b""[..], b"#!/bin/sh\n", b"\x7fELF\x02\x01", &[0xff; 4096]] {
            assert!(!is_static_program(head, "amd64"));
            assert_eq!(build_id(head), None);
        }
    }
}
