//! Sends the log of an agent to a client, and what is added to it while the client stays.

use super::beneath;
use super::command::failure;
use super::reply;
use crate::guest::frame::{self, Kind};
use crate::guest::log;
use crate::guest::message::{FailureCode, Reply};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::unix::OwnedWriteHalf;

/// How often a followed log is looked at.
const FOLLOW: Duration = Duration::from_millis(100);
/// What is sent of a file at most: whoever is root inside may have made it larger.
const LIMIT: u64 = 2 * log::ROTATE_AT;
/// The largest piece of a log in one frame.
const LOG_CHUNK: usize = 64 * 1024;

/// Sends the log before the last rotation, the current one, and, when following, what is added.
pub(super) async fn send(
    write: &mut OwnedWriteHalf,
    key: &str,
    tail: Option<usize>,
    follow: bool,
) -> io::Result<()> {
    let [older, current] = log::paths(key);
    let Ok(file) = open(&current) else {
        let message = format!("there is no log of `{key}` yet");
        return reply::send(
            write,
            &Reply::Failed(failure(FailureCode::NoProcess, message)),
        )
        .await;
    };
    let mut text = beneath::read(&older, LIMIT).unwrap_or_default();
    (&file).take(LIMIT).read_to_end(&mut text)?;
    for chunk in log::last_lines(&text, tail).chunks(LOG_CHUNK) {
        write
            .write_all(&frame::header(Kind::Stdout, chunk.len()))
            .await?;
        write.write_all(chunk).await?;
    }
    drop(text);
    if follow {
        go_on(write, file, &current).await?;
    }
    reply::send(write, &Reply::Done).await
}

/// Sends what is added, until the client goes.
async fn go_on(write: &mut OwnedWriteHalf, mut file: File, path: &Path) -> io::Result<()> {
    let mut buffer = vec![0; LOG_CHUNK];
    loop {
        let count = file.read(&mut buffer)?;
        if count > 0 {
            write.write_all(&frame::header(Kind::Stdout, count)).await?;
            write.write_all(&buffer[..count]).await?;
            continue;
        }
        if was_rotated(&file, path) {
            file = open(path)?;
            continue;
        }
        tokio::time::sleep(FOLLOW).await;
        // An empty frame finds out whether anyone still listens.
        write.write_all(&frame::header(Kind::Stdout, 0)).await?;
    }
}

fn open(path: &Path) -> io::Result<File> {
    let (directory, name) = beneath::place(path)?;
    beneath::regular(directory.as_fd(), name.as_os_str())
}

fn was_rotated(file: &File, path: &Path) -> bool {
    let named = open(path).and_then(|named| named.metadata());
    match (file.metadata(), named) {
        (Ok(open), Ok(named)) => open.ino() != named.ino(),
        _ => false,
    }
}
