//! Who commits. Reads only.
//!
//! An agent can write the configuration that git reads here: a file in it, or one that it includes,
//! may be a pipe. So the program has a deadline, and nothing of it stays.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long git may take; a few milliseconds are usual.
const DEADLINE: Duration = Duration::from_secs(3);
/// The most that is read of its answer.
const LIMIT: usize = 64 * 1024;

/// Who commits, as git itself would decide it in a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// `user.name`.
    pub name: Option<String>,
    /// `user.email`.
    pub email: Option<String>,
    /// Why git could not read the project's configuration, in its words: the rest is the person's.
    pub problem: Option<String>,
}

/// Asks the `git` program, which alone knows every kind of conditional include. Where it does not
/// answer in time for `workspace`, or cannot read the configuration there, it is asked without it; where there is no program, libgit2 reads
/// the person's own configuration.
#[must_use]
pub fn identity(workspace: &Path) -> Identity {
    let mut problem = None;
    let asked = ask(workspace, DEADLINE).or_else(|error| match error.kind() {
        io::ErrorKind::TimedOut => ask(Path::new("/"), DEADLINE),
        io::ErrorKind::InvalidData => {
            problem = Some(error.to_string());
            ask(Path::new("/"), DEADLINE)
        }
        _ => Err(error),
    });
    match asked {
        Ok(text) => Identity {
            problem,
            ..parse(&String::from_utf8_lossy(&text))
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => from_library().unwrap_or_default(),
        Err(_) => Identity::default(),
    }
}

/// `InvalidData` with the words of git when it cannot read the configuration.
fn ask(directory: &Path, deadline: Duration) -> io::Result<Vec<u8>> {
    let mut child = Command::new("git")
        .args(["--no-pager", "-C"])
        .arg(directory)
        .args(["config", "--null", "--get-regexp", r"^user\.(name|email)$"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Whatever it starts can be ended with it.
        .process_group(0)
        .spawn()?;
    let answer = { child.stdout.take() }.map_or(Ok(Vec::new()), |stdout| hear(stdout, deadline));
    let words = match (&answer, child.stderr.take()) {
        (Ok(_), Some(stderr)) => hear(stderr, deadline).unwrap_or_default(),
        _ => Vec::new(),
    };
    if let Ok(group) = i32::try_from(child.id())
        && let Some(group) = Pid::from_raw(group)
        && answer.is_err()
    {
        // One that ended meanwhile has no group any more: it is not waited for yet.
        let _gone = kill_process_group(group, Signal::KILL);
    }
    let status = child.wait()?;
    // 1 says that there is no such key.
    if answer.is_ok() && status.code().is_some_and(|code| code > 1) {
        let words = String::from_utf8_lossy(&words);
        let words = words.lines().next().unwrap_or("it does not say why");
        return Err(io::Error::new(io::ErrorKind::InvalidData, words));
    }
    answer
}

/// Everything up to the end of the stream.
fn hear(mut stdout: impl Read + AsFd, deadline: Duration) -> io::Result<Vec<u8>> {
    let end = Instant::now() + deadline;
    let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let left = Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        match poll(&mut [PollFd::new(&stdout, PollFlags::IN)], Some(&left)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error.into()),
        }
        let count = stdout.read(&mut buffer)?;
        heard.extend_from_slice(&buffer[..count]);
        if count == 0 {
            return Ok(heard);
        }
        if heard.len() > LIMIT {
            return Err(io::Error::other("git says too much"));
        }
    }
}

/// `key\nvalue\0…`: the last of each key wins.
fn parse(text: &str) -> Identity {
    let mut identity = Identity::default();
    for entry in text.split_terminator('\0') {
        let (key, value) = entry.split_once('\n').unwrap_or((entry, ""));
        let slot = match key {
            "user.name" => &mut identity.name,
            "user.email" => &mut identity.email,
            _ => continue,
        };
        *slot = Some(value.to_string());
    }
    identity
}

fn from_library() -> Result<Identity, git2::Error> {
    let config = git2::Config::open_default()?;
    Ok(Identity {
        name: config.get_string("user.name").ok(),
        email: config.get_string("user.email").ok(),
        problem: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_wins_and_newlines_stay() {
        let text = "user.name\nA\0user.email\na@b\0user.name\nB\nC\0";
        let identity = parse(text);
        assert_eq!(identity.name.as_deref(), Some("B\nC"));
        assert_eq!(identity.email.as_deref(), Some("a@b"));
        assert_eq!(parse(""), Identity::default());
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_told_from_none() {
        let root = tempfile::tempdir().expect("a directory");
        let git = |words: &[&str]| {
            let done = Command::new("git")
                .args(words)
                .current_dir(root.path())
                .status();
            assert!(done.expect("git").success());
        };
        git(&["init", "--quiet", "."]);
        assert_eq!(identity(root.path()).problem, None);
        std::fs::write(root.path().join(".git/config"), "[core\n").expect("a file");
        let found = identity(root.path());
        let problem = found.problem.expect("it cannot be read");
        assert!(problem.contains("bad config"), "{problem}");
        let own = identity(Path::new("/"));
        assert_eq!((found.name, found.email), (own.name, own.email));
    }

    #[test]
    fn a_configuration_that_never_ends_is_given_up() {
        let root = tempfile::tempdir().expect("a directory");
        let made = Command::new("git")
            .args(["init", "--quiet", "."])
            .current_dir(root.path())
            .status();
        assert!(made.expect("git").success());
        let pipe = root.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0)
            .expect("a pipe");
        let include = format!("[include]\npath = {}\n", pipe.display());
        std::fs::write(root.path().join(".git/config"), include).expect("a file");
        let asked = ask(root.path(), Duration::from_millis(300)).expect_err("it waits");
        assert_eq!(asked.kind(), io::ErrorKind::TimedOut);
        // Whoever opens it now would be heard by a git that was left behind.
        let flags = rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::NONBLOCK;
        let opened = rustix::fs::open(&pipe, flags, rustix::fs::Mode::empty());
        assert_eq!(
            opened.err(),
            Some(rustix::io::Errno::NXIO),
            "nobody reads it"
        );
        assert!(ask(Path::new("/"), DEADLINE).is_ok());
    }
}
