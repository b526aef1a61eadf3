//! The proof that a sandbox mounts what it should: `dp` pins every source before the start, and the
//! fresh guest says what is mounted before anything else runs.
//!
//! What the guest says counts where PID 1 is the guest: see `anchor`. A target that leads elsewhere by a
//! link is refused, since an agent can make links, too.
//!
//! The engine opens a source by its path, at the start and as root. An agent in another sandbox of
//! the same directory can put a link in its place in that moment. The numbers of device and inode
//! tell what the engine has opened. They mean nothing on another kernel: there, no source may lie
//! where a sandbox that runs could have changed it.

use super::anchor::{self, Footing};
use super::apply::ApplyError;
use super::channel;
use super::existing::Existing;
use super::spec::ENGINE_SOCKET;
use crate::engine::Engine;
use crate::engine::containers::MountRow;
use crate::files::{Pinned, Pins};
use crate::guest::SOCKET_DIR;
use crate::guest::client::{Client, ClientError};
use crate::guest::message::mounts::{MountSeen, MountsSeen, Place};
use crate::guest::message::{Reply, Request};
use std::collections::BTreeSet;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A guest listens sooner.
const SILENCE: Duration = Duration::from_millis(250);

/// A sandbox mounts something else than it should.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum Moved {
    /// A component of the source is a link by now.
    #[error("`{place}`, which is mounted in the sandbox `{sandbox}`, leads to `{}` now", leads_to.display())]
    Link {
        /// The sandbox.
        sandbox: String,
        /// The source of the mount.
        place: String,
        /// Links resolved.
        leads_to: PathBuf,
    },
    /// The engine mounted something else.
    #[error("`{place}` was replaced while the sandbox `{sandbox}` was started")]
    Replaced {
        /// The sandbox.
        sandbox: String,
        /// The source of the mount.
        place: String,
    },
    /// A link inside led the engine to another place than the target.
    #[error(
        "`{target}` in the sandbox `{sandbox}` leads to `{path}`, where something was mounted now"
    )]
    Led {
        /// The sandbox.
        sandbox: String,
        /// The target of the mount.
        target: String,
        /// Where it is mounted.
        path: String,
    },
    /// Who could disturb the start cannot be paused for it.
    #[error(
        "the sandbox `{sandbox}` is not started: the engine cannot pause the sandbox `{writer}`, whose agent could disturb the start"
    )]
    Restless {
        /// The sandbox.
        sandbox: String,
        /// The other one.
        writer: String,
    },
    /// Something lies over the guest's binary.
    #[error("the sandbox `{sandbox}` may have been started with another program than `dp`")]
    Foreign {
        /// The sandbox.
        sandbox: String,
    },
    /// Nobody can tell, since the source cannot be looked at, or the engine is on another machine.
    #[error("`{place}`, which is mounted in the sandbox `{sandbox}`, may have been replaced")]
    Reachable {
        /// The sandbox.
        sandbox: String,
        /// The source of the mount.
        place: String,
        /// The sandbox whose agent can change what is there.
        writer: String,
        /// Why it cannot be looked at, where that is the reason.
        unseen: Option<String>,
    },
}

/// A mount of a sandbox, and what its source was before the start.
#[derive(Debug)]
pub(super) struct Expected {
    source: String,
    target: String,
    /// The source is a path of the engine's machine.
    is_bind: bool,
    /// `None` for a source that is not on this machine, or no path.
    pinned: Option<Pinned>,
}

/// Pins the sources of a sandbox that is about to be started. What `pins` has already stays as it
/// was when a person agreed to it; it must still be there.
///
/// # Errors
/// [`Moved::Link`], [`Moved::Replaced`].
pub(super) fn pin(sandbox: &Existing, pins: &Pins) -> Result<Vec<Expected>, Moved> {
    let mounts = sandbox.mounts.iter();
    mounts.map(|mount| expect(sandbox, mount, pins)).collect()
}

fn expect(sandbox: &Existing, mount: &MountRow, pins: &Pins) -> Result<Expected, Moved> {
    let source = Path::new(&mount.source);
    if mount.kind != "bind" {
        return Ok(Expected {
            source: mount.source.clone(),
            target: mount.target.clone(),
            is_bind: false,
            pinned: None,
        });
    }
    // Those two are where we say, link or not, and no agent can write beside them.
    let is_own = mount.target == SOCKET_DIR || mount.target == ENGINE_SOCKET;
    let pinned = if is_own {
        Pinned::resolve(source)
    } else {
        pins.at(source)
    };
    if pinned.is_err()
        && !is_own
        && let Ok(leads_to) = std::fs::canonicalize(source)
        && leads_to != source
    {
        return Err(Moved::Link {
            sandbox: sandbox.name.to_string(),
            place: mount.source.clone(),
            leads_to,
        });
    }
    let pinned = pinned.ok();
    if let Some(pinned) = pinned.as_ref().filter(|_| !is_own)
        && Pinned::at(source).ok().as_ref() != Some(pinned)
    {
        // A person has agreed to something else than what is there now.
        return Err(Moved::Replaced {
            sandbox: sandbox.name.to_string(),
            place: mount.source.clone(),
        });
    }
    Ok(Expected {
        source: mount.source.clone(),
        target: mount.target.clone(),
        is_bind: true,
        pinned,
    })
}

/// Asks the guest of a sandbox that was started just now what is mounted, and gives it the word to
/// go on. Where something is wrong the sandbox is ended.
///
/// # Errors
/// [`ApplyError`]: `Moved`, and whatever keeps the guest from being asked.
pub(super) async fn prove(
    engine: &Engine,
    sandbox: &Existing,
    expected: &[Expected],
) -> Result<(), ApplyError> {
    let mut opening = std::pin::pin!(channel::open(engine, sandbox, true));
    let stream = if let Ok(opened) = tokio::time::timeout(SILENCE, &mut opening).await {
        opened?
    } else {
        // Another program need not listen at all.
        stand(engine, sandbox, None).await?;
        opening.await?
    };
    stand(engine, sandbox, Some(&stream)).await?;
    let (client, found) = ask(stream, expected).await?;
    if found.is_confirmed {
        return Ok(());
    }
    confirm(engine, sandbox, expected, client, &found).await
}

/// The same for a sandbox that runs already, which costs one message: whoever started it may have
/// been ended before it gave its word. An older guest, and one
/// that goes away, is left to whoever wants something of it.
///
/// # Errors
/// As [`prove`].
pub(super) async fn finish(
    engine: &Engine,
    sandbox: &Existing,
    pins: &Pins,
) -> Result<(), ApplyError> {
    let stream = match channel::direct(engine, sandbox) {
        Some(stream) => stream,
        // Somebody else than `dp` may have started it.
        None => match channel::near(engine, sandbox).await {
            Some(stream) => stream,
            None => return Ok(()),
        },
    };
    stand(engine, sandbox, Some(&stream)).await?;
    let pinned = pin(sandbox, pins);
    match ask(stream, pinned.as_deref().unwrap_or_default()).await {
        Ok((client, found)) if !found.is_confirmed => {
            let expected = match pinned {
                Ok(expected) => expected,
                Err(moved) => return end(engine, sandbox, moved).await,
            };
            confirm(engine, sandbox, &expected, client, &found).await
        }
        // Whoever says nothing now says nothing later: one wait is enough.
        Err(error @ ClientError::Deadline) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Makes sure that it is the guest who will answer. Whatever it is ends with the sandbox otherwise.
async fn stand(
    engine: &Engine,
    sandbox: &Existing,
    stream: Option<&UnixStream>,
) -> Result<(), ApplyError> {
    match anchor::look(engine, sandbox, stream).await? {
        Footing::Ours | Footing::Unknown => Ok(()),
        Footing::Foreign => {
            let sandbox_name = sandbox.name.to_string();
            end(
                engine,
                sandbox,
                Moved::Foreign {
                    sandbox: sandbox_name,
                },
            )
            .await
        }
    }
}

async fn ask(
    stream: UnixStream,
    expected: &[Expected],
) -> Result<(Client, MountsSeen), ClientError> {
    let targets = expected.iter().map(|mount| mount.target.clone()).collect();
    let work = tokio::task::spawn_blocking(move || {
        let mut client = Client::new(stream)?;
        match client.call(&Request::Mounts { targets })? {
            Reply::Mounts(found) => Ok((client, found)),
            _ => Err(ClientError::Garbage("no mounts".into())),
        }
    });
    work.await
        .unwrap_or_else(|error| Err(std::io::Error::other(error).into()))
}

async fn confirm(
    engine: &Engine,
    sandbox: &Existing,
    expected: &[Expected],
    mut client: Client,
    found: &MountsSeen,
) -> Result<(), ApplyError> {
    let judged = match judge(sandbox, expected, found, &own_kernel()) {
        Ok(doubtful) if doubtful.is_empty() => Ok(()),
        Ok(doubtful) => among_others(engine, sandbox, &doubtful).await?,
        Err(moved) => Err(moved),
    };
    if let Err(moved) = judged {
        return end(engine, sandbox, moved).await;
    }
    let said = tokio::task::spawn_blocking(move || client.call(&Request::Confirm)).await;
    said.unwrap_or_else(|error| Err(std::io::Error::other(error).into()))?;
    Ok(())
}

/// What a sandbox mounts by mistake must not stay open to whoever finds a way in.
async fn end(engine: &Engine, sandbox: &Existing, moved: Moved) -> Result<(), ApplyError> {
    let _ended = engine.stop_container(&sandbox.id, 0).await;
    Err(moved.into())
}

/// What the container of the sandbox's engine is to prove of those of its mounts that it shares with
/// the sandbox, pinned now. Whoever could write above a source now can exchange it until it starts.
///
/// # Errors
/// [`Moved::Link`].
pub(super) fn places<'a>(
    sandbox: &Existing,
    shared: impl Iterator<Item = &'a MountRow>,
) -> Result<Vec<Place>, Moved> {
    let places = shared.map(|mount| {
        let expected = expect(sandbox, mount, &Pins::default())?;
        let identity = expected.pinned.map(|pinned| pinned.identity());
        Ok(Place {
            target: expected.target,
            identity: identity.map(|own| (own.device, own.inode)),
            is_exposed: writes_above(sandbox, Path::new(&mount.source)),
        })
    });
    places.collect()
}

pub(super) fn own_kernel() -> String {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    text.unwrap_or_default().trim().to_string()
}

/// Compares what was pinned with what is mounted. Answers what cannot be compared.
fn judge<'a>(
    sandbox: &Existing,
    expected: &'a [Expected],
    found: &MountsSeen,
    kernel: &str,
) -> Result<Vec<&'a Expected>, Moved> {
    let doubtful = if found.kernel == kernel && !kernel.is_empty() {
        compare(sandbox, expected, found)?
    } else {
        expected.iter().filter(|mount| mount.is_bind).collect()
    };
    for (mount, seen) in expected.iter().zip(&found.seen) {
        if let Some(seen) = seen.as_ref().filter(|seen| !seen.is_at(&mount.target)) {
            return Err(Moved::Led {
                sandbox: sandbox.name.to_string(),
                target: mount.target.clone(),
                path: seen.path.clone(),
            });
        }
    }
    Ok(doubtful)
}

/// The same on one kernel, where numbers tell.
fn compare<'a>(
    sandbox: &Existing,
    expected: &'a [Expected],
    found: &MountsSeen,
) -> Result<Vec<&'a Expected>, Moved> {
    let mut doubtful = Vec::new();
    let mut mounts = BTreeSet::new();
    for (index, mount) in expected.iter().enumerate() {
        let seen = found.seen.get(index).and_then(Option::as_ref);
        // A source that an agent moves to where its target is would look right: it is no mount of
        // its own there, or it is the mount of another target.
        let is_own = seen.is_some_and(|seen| {
            seen.is_root != Some(false) && (seen.mount == 0 || mounts.insert(seen.mount))
        });
        match &mount.pinned {
            None if !mount.is_bind && !is_own => {
                return Err(Moved::Led {
                    sandbox: sandbox.name.to_string(),
                    target: mount.target.clone(),
                    path: seen.map(|seen| seen.path.clone()).unwrap_or_default(),
                });
            }
            Some(pinned) if !is_own || !seen.is_some_and(|seen| is_same(pinned, seen)) => {
                return Err(Moved::Replaced {
                    sandbox: sandbox.name.to_string(),
                    place: mount.source.clone(),
                });
            }
            None if mount.is_bind => doubtful.push(mount),
            _ => {}
        }
    }
    Ok(doubtful)
}

fn is_same(pinned: &Pinned, seen: &MountSeen) -> bool {
    let own = pinned.identity();
    own.device == seen.device && own.inode == seen.inode
}

/// Whether somebody else could have changed what cannot be compared.
async fn among_others(
    engine: &Engine,
    sandbox: &Existing,
    doubtful: &[&Expected],
) -> Result<Result<(), Moved>, crate::engine::EngineError> {
    let all = Existing::all(engine).await?;
    Ok(refuse_reachable(sandbox, doubtful, &all))
}

/// Refuses a source that lies below a directory which an agent can write, now or until a moment
/// ago; where the source cannot be looked at, also one of this sandbox's own.
fn refuse_reachable(
    sandbox: &Existing,
    doubtful: &[&Expected],
    all: &[Existing],
) -> Result<(), Moved> {
    for mount in doubtful {
        let source = Path::new(&mount.source);
        let is_writer = |other: &&Existing| {
            let counts = if other.id == sandbox.id {
                mount.pinned.is_none()
            } else {
                other.is_active() || other.status.contains("second")
            };
            counts && writes_above(other, source)
        };
        if let Some(writer) = all.iter().chain([sandbox]).find(is_writer) {
            return Err(Moved::Reachable {
                sandbox: sandbox.name.to_string(),
                place: mount.source.clone(),
                writer: writer.name.to_string(),
                unseen: unseen(mount),
            });
        }
    }
    Ok(())
}

/// Why a source that is on this machine cannot be looked at.
fn unseen(mount: &Expected) -> Option<String> {
    let error = Pinned::at(Path::new(&mount.source)).err()?;
    // Of a source on another machine there is nothing here.
    let is_elsewhere = error.kind() == std::io::ErrorKind::NotFound;
    (mount.pinned.is_none() && !is_elsewhere).then(|| error.to_string())
}

/// An agent in `sandbox` can put something else in the place of `source`.
pub(super) fn writes_above(sandbox: &Existing, source: &Path) -> bool {
    let mut binds = { sandbox.mounts.iter() }.filter(|mount| mount.kind == "bind");
    binds.any(|mount| {
        let place = Path::new(&mount.source);
        !mount.read_only && source != place && source.starts_with(place)
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::sandbox;
    use super::*;

    fn seen(pinned: &Pinned, mount: u64, is_root: Option<bool>) -> MountSeen {
        let identity = pinned.identity();
        MountSeen {
            device: identity.device,
            inode: identity.inode,
            mount,
            is_root,
            path: pinned.path().display().to_string(),
        }
    }

    #[test]
    fn only_a_mount_of_its_own_of_the_same_thing_is_right() {
        let root = tempfile::tempdir().expect("a directory");
        let root = std::fs::canonicalize(root.path()).expect("a path");
        std::fs::create_dir(root.join("data")).expect("a directory");
        let [work, data] = ["", "data"].map(|name| Pinned::at(&root.join(name)).expect("there"));
        let [source, below] = [&work, &data].map(|pinned| pinned.path().display().to_string());
        let own = sandbox("a", "running", &[(&source, false), (&below, false)]);
        let expected = pin(&own, &Pins::default()).expect("no links");
        let first = Some(seen(&work, 1, Some(true)));
        let at_data = |seen| MountSeen {
            path: below.clone(),
            ..seen
        };
        let guest = Some(MountSeen {
            path: crate::guest::BINARY_DIR.into(),
            ..seen(&work, 9, Some(true))
        });
        let table = [
            ("right", Some(seen(&data, 2, Some(true))), true),
            ("right, before 5.8", Some(seen(&data, 2, None)), true),
            ("something else", Some(seen(&work, 2, Some(true))), false),
            ("nothing", None, false),
            (
                "moved to its target",
                Some(seen(&data, 3, Some(false))),
                false,
            ),
            ("the same, before 5.8", Some(seen(&data, 1, None)), false),
        ];
        for (what, second, is_right) in table {
            let found = MountsSeen {
                kernel: "k".into(),
                is_confirmed: false,
                // The last is the guest's volume.
                seen: vec![first.clone(), second.map(at_data), guest.clone()],
            };
            let judged = judge(&own, &expected, &found, "k");
            assert_eq!(
                judged.is_ok_and(|doubtful| doubtful.is_empty()),
                is_right,
                "{what}"
            );
            let elsewhere = judge(&own, &expected, &found, "other").expect("it cannot tell");
            assert_eq!(elsewhere.len(), 2, "{what}");
        }
    }

    #[test]
    fn no_mount_is_led_elsewhere_by_a_link_on_any_kernel() {
        let own = sandbox("a", "running", &[("/", true)]);
        let expected = pin(&own, &Pins::default()).expect("no links");
        let root = Pinned::resolve(Path::new("/")).expect("there");
        let guest = |path: &str, mount, is_root| MountSeen {
            path: path.into(),
            ..seen(&root, mount, is_root)
        };
        let table = [
            (guest(crate::guest::BINARY_DIR, 2, Some(true)), [true, true]),
            (guest("/workspace/bin", 2, Some(true)), [false, false]),
            // The mount of the volume went elsewhere.
            (
                guest(crate::guest::BINARY_DIR, 2, Some(false)),
                [false, true],
            ),
            (guest(crate::guest::BINARY_DIR, 1, None), [false, true]),
        ];
        for (guest, right) in table {
            let found = MountsSeen {
                kernel: "k".into(),
                is_confirmed: false,
                seen: vec![Some(seen(&root, 1, Some(true))), Some(guest)],
            };
            let judged =
                ["k", "other"].map(|kernel| judge(&own, &expected, &found, kernel).is_ok());
            assert_eq!(judged, right, "{found:?}");
        }
    }

    #[test]
    fn without_comparison_no_source_lies_where_an_agent_can_write() {
        let own = sandbox("own", "running", &[("/w", false), ("/w/data", false)]);
        let table = [
            (
                sandbox("a", "running", &[("/w", false)]),
                "running",
                Some("a"),
            ),
            (sandbox("a", "running", &[("/w", true)]), "read-only", None),
            (sandbox("a", "exited", &[("/w", false)]), "stopped", None),
            (sandbox("a", "running", &[("/w/da", false)]), "beside", None),
            (
                sandbox("a", "running", &[("/w/data", false)]),
                "the same",
                None,
            ),
        ];
        let pinned = Pinned::resolve(Path::new("/")).expect("there");
        let mut mount = Expected {
            source: "/w/data".into(),
            target: "/data".into(),
            is_bind: true,
            pinned: Some(pinned),
        };
        for (other, what, writer) in table {
            let refused = refuse_reachable(&own, &[&mount], &[other]).err();
            let found = refused.map(|moved| match moved {
                Moved::Reachable { writer, .. } => writer,
                other => panic!("{other}"),
            });
            assert_eq!(found.as_deref(), writer, "{what}");
        }
        let ended = Existing {
            status: "Exited (0) 3 seconds ago".into(),
            ..sandbox("a", "exited", &[("/w", false)])
        };
        assert!(
            refuse_reachable(&own, &[&mount], &[ended]).is_err(),
            "just now"
        );
        mount.pinned = None;
        assert!(
            refuse_reachable(&own, &[&mount], &[]).is_err(),
            "not to be looked at"
        );
    }
}
