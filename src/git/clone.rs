//! Clones by the `git` program, so that the person's own credentials work.
//!
//! What is cloned is a stranger's: no hook, no filter and no submodule of it is run, and only the
//! transports of [`super::Remote`] are used.

use super::Remote;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, BufReader};
use tokio::process::Command;

/// How many of git's last lines are told when it fails.
const LAST_LINES: usize = 6;

/// Why a repository could not be cloned.
#[derive(Debug, thiserror::Error)]
pub enum CloneError {
    /// There is no `git`.
    #[error("there is no `git` on this machine")]
    NoGit,
    /// It took too long.
    #[error("cloning `{remote}` took longer than {seconds} s")]
    Deadline {
        /// Without its password.
        remote: String,
        /// What was allowed.
        seconds: u64,
    },
    /// The remote has no such branch, tag or commit.
    #[error("`{remote}` has no branch, tag or commit `{reference}`")]
    NoReference {
        /// Without its password.
        remote: String,
        /// As asked.
        reference: String,
    },
    /// Git failed.
    #[error("cannot clone `{remote}`")]
    Failed {
        /// Without its password.
        remote: String,
        /// Git's last words.
        words: String,
    },
    /// The system refused.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Clones one commit of `remote` into `directory`, which must be empty, telling git's lines as
/// they change. Answers the commit.
///
/// # Errors
/// [`CloneError`]; the directory then holds rubbish.
pub async fn clone(
    remote: &Remote,
    directory: &Path,
    deadline: Duration,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<String, CloneError> {
    let work = fetch(remote, directory, tell);
    match tokio::time::timeout(deadline, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(CloneError::Deadline {
            remote: remote.to_string(),
            seconds: deadline.as_secs(),
        }),
    }
}

async fn fetch(
    remote: &Remote,
    directory: &Path,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<String, CloneError> {
    let run = async |arguments: &[&str]| git(directory, arguments, tell).await;
    expect(remote, run(&["init", "--quiet"]).await?)?;
    let reference = remote.reference.as_deref().unwrap_or("HEAD");
    let shallow = [
        "fetch",
        "--progress",
        "--no-tags",
        "--depth",
        "1",
        "--",
        &remote.url,
        reference,
    ];
    let fetched = run(&shallow).await?;
    let wanted = if fetched.0.success() {
        "FETCH_HEAD"
    } else if is_commit(reference) && is_missing(&fetched.1) {
        // Not every server gives a commit by its number: then everything is fetched.
        let all = [
            "fetch",
            "--progress",
            "--",
            &remote.url,
            "+refs/*:refs/all/*",
        ];
        expect(remote, run(&all).await?)?;
        reference
    } else {
        return expect(remote, fetched).map(|()| String::new());
    };
    let checked_out = run(&["checkout", "--quiet", "--detach", wanted]).await?;
    if wanted == reference && !checked_out.0.success() {
        return Err(no_reference(remote, reference));
    }
    expect(remote, checked_out)?;
    let head = command(directory)
        .args(["rev-parse", "HEAD"])
        .output()
        .await?;
    Ok(String::from_utf8_lossy(&head.stdout).trim().to_string())
}

fn expect(remote: &Remote, (status, words): (ExitStatus, String)) -> Result<(), CloneError> {
    if status.success() {
        return Ok(());
    }
    match &remote.reference {
        Some(reference) if is_missing(&words) => Err(no_reference(remote, reference)),
        _ => Err(CloneError::Failed {
            remote: remote.to_string(),
            // Git repeats the URL, which may hold a password.
            words: words.replace(
                &remote.url,
                &Remote {
                    reference: None,
                    ..remote.clone()
                }
                .to_string(),
            ),
        }),
    }
}

fn no_reference(remote: &Remote, reference: &str) -> CloneError {
    let remote = Remote {
        reference: None,
        ..remote.clone()
    };
    CloneError::NoReference {
        remote: remote.to_string(),
        reference: reference.to_string(),
    }
}

/// Git's words (in the C locale) for a reference that the remote does not have, or will not give.
fn is_missing(words: &str) -> bool {
    [
        "couldn't find remote ref",
        "not our ref",
        "unadvertised object",
    ]
    .iter()
    .any(|known| words.contains(known))
}

fn is_commit(reference: &str) -> bool {
    (7..=64).contains(&reference.len()) && reference.chars().all(|c| c.is_ascii_hexdigit())
}

fn command(directory: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(directory)
        .args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
        ])
        .args([
            "-c",
            "submodule.recurse=false",
            "-c",
            "advice.detachedHead=false",
        ])
        .env("LC_ALL", "C")
        .env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_LFS_SKIP_SMUDGE", "1")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if std::env::var_os("GIT_SSH_COMMAND").is_none() && std::env::var_os("GIT_SSH").is_none() {
        // Nobody answers a question that is asked under a progress line.
        command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
    }
    command
}

/// Runs git and answers its status and last words, telling every line of its progress.
async fn git(
    directory: &Path,
    arguments: &[&str],
    tell: &(dyn Fn(&str) + Sync),
) -> Result<(ExitStatus, String), CloneError> {
    let mut command = command(directory);
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CloneError::NoGit,
        _ => error.into(),
    })?;
    let mut lines = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let mut stderr = BufReader::new(stderr);
        let mut line = Vec::new();
        loop {
            let byte = stderr.read_u8().await;
            // Progress overwrites its line.
            if matches!(byte, Ok(b'\n' | b'\r') | Err(_)) {
                let text = String::from_utf8_lossy(&line).trim().to_string();
                line.clear();
                if !text.is_empty() {
                    tell(&text);
                    lines.push(text);
                    if lines.len() > LAST_LINES {
                        lines.remove(0);
                    }
                }
            }
            match byte {
                Ok(b'\n' | b'\r') => {}
                // A line without an end is no reason to keep all of it.
                Ok(byte) if line.len() < 4096 => line.push(byte),
                Ok(_) => {}
                Err(_) => break,
            }
        }
    }
    Ok((child.wait().await?, lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command as Now;

    /// A repository with two commits, a branch, a tag, and a hook that must not run.
    fn repository(root: &Path) -> (String, String) {
        let script = "git init -q -b main . && git config user.name A && git config user.email a@b \
            && echo 1 > file && git add . && git commit -qm 1 && git tag v1 && git rev-parse HEAD \
            && echo 2 > file && git commit -qam 2 && git branch dev";
        let made = Now::new("sh")
            .args(["-c", script])
            .current_dir(root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("a shell");
        assert!(made.status.success(), "{made:?}");
        let first = String::from_utf8_lossy(&made.stdout).trim().to_string();
        (format!("file://{}", root.display()), first)
    }

    async fn cloned(url: &str, reference: Option<&str>) -> Result<String, CloneError> {
        let into = tempfile::tempdir().expect("a directory");
        let remote = Remote {
            url: url.into(),
            reference: reference.map(Into::into),
        };
        clone(&remote, into.path(), Duration::from_secs(60), &|_| {}).await?;
        Ok(std::fs::read_to_string(into.path().join("file")).expect("a file"))
    }

    #[tokio::test]
    async fn branches_tags_and_commits_are_cloned_and_unknown_ones_named() {
        let root = tempfile::tempdir().expect("a directory");
        let (url, first) = repository(root.path());
        let table = [
            (None, "2"),
            (Some("dev"), "2"),
            (Some("v1"), "1"),
            (Some(first.as_str()), "1"),
        ];
        for (reference, expected) in table {
            let text = cloned(&url, reference).await.expect("cloned");
            assert_eq!(text.trim(), expected, "{reference:?}");
        }
        for reference in ["nowhere", "0123456789012345678901234567890123456789"] {
            let error = cloned(&url, Some(reference)).await.expect_err("unknown");
            assert!(matches!(error, CloneError::NoReference { .. }), "{error:?}");
        }
        let error = cloned("file:///nowhere/at/all", None)
            .await
            .expect_err("missing");
        assert!(matches!(error, CloneError::Failed { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_remote_that_says_nothing_is_given_up() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("git://{}/x", listener.local_addr().expect("an address"));
        let into = tempfile::tempdir().expect("a directory");
        let remote = Remote {
            url,
            reference: None,
        };
        let cloned = clone(&remote, into.path(), Duration::from_millis(500), &|_| {}).await;
        assert!(
            matches!(cloned, Err(CloneError::Deadline { .. })),
            "{cloned:?}"
        );
    }
}
