//! What an engine cannot give to a sandbox, in words.

use super::super::Error;
use super::engine::clean;
use super::{did_you_mean, list, near};
use crate::sandbox::Moved;
use crate::sandbox::guarded::Guarded;
use crate::sandbox::mount_points::MountPointError;
use crate::sandbox::network::{NAME, NetworkError};
use crate::sandbox::requirements::RequirementError;
use crate::values::Memory;
use crate::values::target::objection;
use crate::volumes::ClaimError;

impl From<RequirementError> for Error {
    fn from(error: RequirementError) -> Self {
        let message = error.to_string();
        match error {
            RequirementError::Gpu => Self::failed("no-gpu", message)
                .cause("it has no runtime `nvidia`, and no GPU among its CDI devices")
                .hint("install NVIDIA's driver and `nvidia-container-toolkit`, run `sudo nvidia-ctk runtime configure --runtime=docker`, and restart Docker; other makers' tools describe their GPUs as CDI devices")
                .hint("or do without: no `--gpu`, no `gpu` in the workspace file"),
            RequirementError::Runtime { name, known } => Self::not_found("no-runtime", message)
                .cause(format!("it has {}", list(&known)))
                .hint(match near(&name, &known) {
                    Some(near) => did_you_mean(near),
                    None => "install it and name it under `runtimes` in the engine's `/etc/docker/daemon.json`".into(),
                }),
            RequirementError::Network { name, known } => {
                let shown = Self::not_found("no-network", message)
                    .cause(format!("it has {}", list(&known)));
                let shown = match near(&name, &known) {
                    Some(near) => shown.hint(did_you_mean(near)),
                    None => shown,
                };
                shown.hint(format!("`docker network create {name}` makes it"))
            }
            RequirementError::Engine(error) => error.into(),
        }
    }
}

impl From<NetworkError> for Error {
    fn from(error: NetworkError) -> Self {
        let message = error.to_string();
        let other = "`--network NAME` puts a sandbox into another network";
        match error {
            NetworkError::Foreign => Self::refused("name-taken", message)
                .cause("sandboxes do not reach each other in the network that `dp` makes")
                .hint(format!(
                    "`docker network inspect {NAME}` shows it; once nobody needs it, `docker network rm {NAME}` removes it"
                ))
                .hint(other),
            NetworkError::Refused { reason } => Self::failed("no-network", message)
                .cause(clean(&reason))
                .hint("`docker network prune` removes networks that nothing uses")
                .hint(other),
            NetworkError::Engine(error) => error.into(),
        }
    }
}

impl From<Guarded> for Error {
    fn from(error: Guarded) -> Self {
        let message = error.to_string();
        match error {
            Guarded::Socket { .. } => Self::refused("engine-socket", message)
                .hint("`--mount-docker-socket` is the option that gives it"),
            Guarded::Unsearched { .. } => Self::refused("engine-socket", message)
                .cause("the socket has more than one name, and some directories were not looked at")
                .hint("remove the other names of the socket: `find / -xdev -samefile` with its path lists them"),
            Guarded::Own { .. } => Self::refused("own-directory", message)
                .cause("an agent there could allow itself everything")
                .hint("name a directory that does not hold it"),
        }
    }
}

impl From<MountPointError> for Error {
    fn from(error: MountPointError) -> Self {
        let shown = Self::refused("mount-point", error.to_string());
        match error {
            MountPointError::Link { .. } => shown
                .cause("the engine would follow the link inside, and make files as root where it leads")
                .hint("remove the link, or mount at a path without links"),
            MountPointError::Kind { .. } => {
                shown.hint("move it away, or mount at another path")
            }
            MountPointError::Unmade { reason, .. } => shown
                .cause(reason)
                .hint("make it yourself, with the owner that it should have; or mount at another path"),
            MountPointError::Volume { target, .. } => {
                let shown = shown
                    .cause("the engine would make a directory there, as root, and hide what is in it");
                let shown = match objection(&target) {
                    None => shown.hint(format!("`-v DIRECTORY:{target}` mounts a directory of yours there instead")),
                    Some(_) => shown,
                };
                shown.hint("use an image without this `VOLUME`")
            }
        }
    }
}

impl From<Moved> for Error {
    fn from(error: Moved) -> Self {
        let shown = Self::refused("mount-moved", error.to_string());
        match error {
            Moved::Link { sandbox, .. } => shown
                .cause("the engine would follow the link, which an agent may have put there")
                .hint(format!(
                    "put back what was there; or `dp sandbox rm {sandbox}`, and the next run mounts what is there now"
                )),
            Moved::Replaced { .. } => shown
                .cause("the engine mounted something else than what `dp` looked at; `dp` ended the sandbox before anything ran in it")
                .hint("an agent in another sandbox may have done that: `dp sandbox ls` shows which run"),
            Moved::Led { sandbox, .. } => shown
                .cause("a link inside leads there; an agent can make links, so that a mount covers something else")
                .hint(format!(
                    "`dp sandbox rm {sandbox}` if it ran before; where the image has the link, mount at the place that it leads to"
                )),
            Moved::Restless { writer, .. } => shown
                .cause("an agent can see to it that it is not paused; some engines cannot pause at all")
                .hint(format!("`dp sandbox stop {writer}`, and start it again afterwards")),
            Moved::Foreign { sandbox } => shown
                .cause("links inside lead what is mounted over `dp`'s own program, which an agent may have arranged; `dp` ended the sandbox")
                .hint(format!("`dp sandbox rm {sandbox}`, and the next run makes a new one")),
            Moved::Reachable { writer, place, unseen: Some(reason), .. } => shown
                .cause(format!("`dp` cannot look at it: {reason}"))
                .hint(format!(
                    "the agent in `{writer}` can write there; `ls -ld {place}` shows who may look, and `chmod` and `chown` give it back to you"
                )),
            Moved::Reachable { writer, .. } => shown
                .cause(format!(
                    "the agent in `{writer}` can write there, and `dp` cannot compare files with an engine on another machine"
                ))
                .hint(format!("`dp sandbox stop {writer}`, or mount a directory that no sandbox can write")),
        }
    }
}

impl From<ClaimError> for Error {
    fn from(error: ClaimError) -> Self {
        let message = error.to_string();
        match error {
            ClaimError::Foreign { volume } => Self::refused("name-taken", message)
                .hint(format!("`docker volume inspect {volume}` shows it; once nobody needs it, `docker volume rm {volume}` removes it")),
            ClaimError::OfAnother { .. } => Self::refused("another-person", message)
                .hint("`--name NAME` gives your sandbox another name, and volumes of its own"),
            ClaimError::Size { volume, has, asked } => Self::refused("volume-size", message)
                .cause(format!("{}; an engine does not change that, and {asked} is asked", held(has)))
                .hint(match has {
                    Some(has) => format!("`home_size: {has}` in the workspace file keeps it as it is"),
                    None => "without `home_size` in the workspace file it is kept as it is".into(),
                })
                .hint(format!("`dp volumes rm {volume}` removes it with all that is in it; the next run makes a new one")),
            ClaimError::Quota { reason, .. } => Self::failed("no-quota", message)
                .cause(clean(&reason))
                .hint("its directory must be on a disk with project quotas: XFS, mounted with `pquota`")
                .hint("without `home_size` in the workspace file the home may grow as large as the disk"),
            ClaimError::Engine(error) => error.into(),
        }
    }
}

fn held(size: Option<Memory>) -> String {
    match size {
        Some(size) => format!("it is held to {size}"),
        None => "it has no limit".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: impl Into<Error>) -> String {
        let error: Error = error.into();
        let lines = error.cause.iter().map(|cause| format!("cause: {cause}"));
        let lines = lines.chain(error.hints.iter().map(|hint| format!("hint: {hint}")));
        let lines: Vec<String> = lines.collect();
        format!("{} {}\n{}", error.code, error.message, lines.join("\n"))
    }

    #[test]
    fn a_runtime_that_is_not_there() {
        let lacking = |name: &str| RequirementError::Runtime {
            name: name.into(),
            known: vec!["runc".into(), "runsc".into()],
        };
        insta::assert_snapshot!(told(lacking("kata")), @r"
        no-runtime the engine has no runtime `kata`
        cause: it has `runc` and `runsc`
        hint: install it and name it under `runtimes` in the engine's `/etc/docker/daemon.json`
        ");
        insta::assert_snapshot!(told(lacking("runs")), @r"
        no-runtime the engine has no runtime `runs`
        cause: it has `runc` and `runsc`
        hint: did you mean `runsc`?
        ");
    }

    #[test]
    fn a_home_that_is_held_to_another_size_or_cannot_be() {
        let size = |text: &str| text.parse::<Memory>().expect("a size");
        let differs = |has: Option<&str>| ClaimError::Size {
            volume: "dp-home-0123".into(),
            has: has.map(size),
            asked: size("8g"),
        };
        insta::assert_snapshot!(told(differs(Some("4g"))), @r"
        volume-size the volume `dp-home-0123` was made with another size
        cause: it is held to 4g; an engine does not change that, and 8g is asked
        hint: `home_size: 4g` in the workspace file keeps it as it is
        hint: `dp volumes rm dp-home-0123` removes it with all that is in it; the next run makes a new one
        ");
        insta::assert_snapshot!(told(differs(None)), @r"
        volume-size the volume `dp-home-0123` was made with another size
        cause: it has no limit; an engine does not change that, and 8g is asked
        hint: without `home_size` in the workspace file it is kept as it is
        hint: `dp volumes rm dp-home-0123` removes it with all that is in it; the next run makes a new one
        ");
        let cannot = ClaimError::Quota {
            volume: "dp-home-0123".into(),
            asked: size("8g"),
            reason: "create dp-home-0123: quota size requested but no quota support".into(),
        };
        insta::assert_snapshot!(told(cannot), @r"
        no-quota the engine cannot hold the volume `dp-home-0123` to 8g
        cause: create dp-home-0123: quota size requested but no quota support
        hint: its directory must be on a disk with project quotas: XFS, mounted with `pquota`
        hint: without `home_size` in the workspace file the home may grow as large as the disk
        ");
    }
}
