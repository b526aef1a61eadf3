//! The program inside a sandbox: PID 1, which starts, supervises and reaps every process.
//!
//! One thread, one event loop; state is shared by `Rc` and never locked. Memory is bounded: each
//! process keeps at most [`output::RETAINED`] bytes, each connection one frame and one window of
//! standard input. It must not know the engine or the person's terminal.

mod account;
mod authorities;
mod beneath;
mod boot;
mod command;
mod connection;
mod contents;
mod docker;
mod ends;
mod git_identity;
mod journal;
mod kept;
mod memory;
mod mounts;
mod output;
mod proc;
mod process;
mod relay;
mod replay;
mod reply;
mod repository;
mod setup;
mod socket;
mod spawn;
mod stdin;
mod supervision;
mod system_file;
mod tail;
mod writer;

use super::NOT_FOUND;
use std::io;
use std::process::ExitCode;

/// Runs `dp guest init BOOT` (PID 1 of a sandbox), `dp guest engine BOOT` (PID 1 of the container of
/// its Docker engine), `dp guest relay` or `dp guest runtime DIRECTORY` (before `runc`); `arguments` begin after `guest`.
#[must_use]
pub fn main(arguments: &[String]) -> ExitCode {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["init", boot] => boot::run(boot),
        ["engine", boot] => docker::engine::run(boot),
        ["relay"] => relay::run(),
        ["runtime", own, arguments @ ..] => docker::runtime::run(own, arguments),
        ["pack", path] => contents::pack(path, io::stdout()),
        ["put", directory, uid, gid] => put(directory, uid, gid),
        ["is-directory", path] => contents::expect_directory(path),
        ["unpack", directory, uid, gid, mark] => unpack(directory, uid, gid, mark),
        _ => Err(io::Error::other(
            "`dp guest` is started by `dp` inside a sandbox",
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => NOT_FOUND.into(),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn put(directory: &str, uid: &str, gid: &str) -> io::Result<()> {
    contents::put(io::stdin(), directory, number(uid)?, number(gid)?)
}

fn number(text: &str) -> io::Result<u32> {
    text.parse().map_err(io::Error::other)
}

fn unpack(directory: &str, uid: &str, gid: &str, mark: &str) -> io::Result<()> {
    let (uid, gid) = (number(uid)?, number(gid)?);
    let directory = std::path::Path::new(directory);
    setup::sources::forget(directory)?;
    let pinned = beneath::directory(directory)?;
    setup::unpack::run(io::stdin(), &proc::path_of(&pinned), uid, gid)?;
    setup::sources::note(directory, mark)
}

/// A line for the engine's log of this container: never a secret, never the agent's words.
#[expect(clippy::print_stderr, reason = "PID 1 has no other place to speak")]
fn complain(line: &str) {
    eprintln!("dp guest: {line}");
}
