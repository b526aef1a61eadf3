//! The proof that the engine's container mounts what it should. The host has pinned every source; an
//! agent may have put a link in its place while this container was started.

use super::super::mounts;
use crate::guest::message::EngineBoot;
use crate::guest::message::mounts::{MountSeen, MountsSeen, Place};
use std::collections::BTreeSet;
use std::io;

/// Compares what is mounted with what `boot` says.
///
/// # Errors
/// The first place that is wrong, or that may be and cannot be compared.
pub fn prove(boot: &EngineBoot) -> io::Result<()> {
    let targets: Vec<String> = { boot.places.iter() }
        .map(|place| place.target.clone())
        .collect();
    match wrong(boot, &mounts::look(&targets, false)) {
        None => Ok(()),
        Some(place) => Err(io::Error::other(format!(
            "what is mounted at `{}` is not known to be what was meant",
            place.target
        ))),
    }
}

fn wrong<'a>(boot: &'a EngineBoot, found: &MountsSeen) -> Option<&'a Place> {
    let is_same_kernel = found.kernel == boot.kernel && !boot.kernel.is_empty();
    let mut mounts = BTreeSet::new();
    let mut pairs = boot.places.iter().zip(&found.seen);
    let wrong = pairs.find(|(place, seen)| match (place.identity, seen) {
        (Some(identity), Some(seen)) if is_same_kernel => {
            !is_right(identity, seen)
                || !seen.is_at(&place.target)
                || (seen.mount != 0 && !mounts.insert(seen.mount))
        }
        (Some(_), None) => true,
        (_, Some(seen)) if !seen.is_at(&place.target) => true,
        _ => place.is_exposed,
    });
    wrong.map(|(place, _)| place)
}

fn is_right(identity: (u64, u64), seen: &MountSeen) -> bool {
    seen.is_root != Some(false) && identity == (seen.device, seen.inode)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::message::{Account, Door};

    fn boot(identity: Option<(u64, u64)>, is_exposed: bool) -> EngineBoot {
        EngineBoot {
            account: Account {
                name: "agent".into(),
                uid: 1,
                gid: 1,
                home: "/home/agent".into(),
                groups: Vec::new(),
            },
            door: Door {
                name: String::new(),
                token: String::new(),
            },
            kernel: "k".into(),
            places: vec![Place {
                target: "/w".into(),
                identity,
                is_exposed,
            }],
        }
    }

    #[test]
    fn what_an_agent_can_exchange_must_be_proven() {
        let at = |path: &str, inode, is_root| MountSeen {
            device: 1,
            inode,
            mount: 7,
            is_root,
            path: path.into(),
        };
        let seen = |inode, is_root| at("/w", inode, is_root);
        let elsewhere = at("/usr/bin", 2, Some(true));
        let same = Some((1, 2));
        let table = [
            ("k", same, true, Some(seen(2, Some(true))), true),
            ("k", same, true, Some(seen(2, None)), true),
            ("k", same, false, Some(seen(3, Some(true))), false),
            ("k", same, true, Some(seen(2, Some(false))), false),
            ("k", same, false, None, false),
            ("other", same, true, Some(seen(2, Some(true))), false),
            ("other", same, false, Some(seen(3, Some(true))), true),
            ("k", None, true, Some(seen(2, Some(true))), false),
            ("k", None, false, Some(seen(2, Some(true))), true),
            ("k", same, false, Some(elsewhere.clone()), false),
            ("other", same, false, Some(elsewhere), false),
        ];
        for (kernel, identity, is_exposed, seen, is_right) in table {
            let boot = boot(identity, is_exposed);
            let found = MountsSeen {
                kernel: kernel.into(),
                is_confirmed: false,
                seen: vec![seen],
            };
            assert_eq!(
                wrong(&boot, &found).is_none(),
                is_right,
                "{boot:?} {found:?}"
            );
        }
    }
}
