//! Finds what a workspace file wants inside a mount of the person's: it would cover what is there, and the
//! engine would make files and directories on this machine where the file was given nothing.

use super::inner_engine::InnerEngine;
use super::mount::MountSetting;
use super::origins::Origin;
use super::spec::Spec;
use crate::guest::INNER_ENGINE_DATA;
use std::path::Path;

/// Something of the file begins in a mount of the person's.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the workspace file wants something at `{target}`, in what you mount at `{}`", outer.target)]
pub struct Intrusion {
    /// The place of the file's.
    pub target: String,
    /// What it is, in words.
    pub claimant: String,
    /// `dp.yml:3:11`
    pub place: String,
    /// It is a mount, so that the person can ask for it instead.
    pub mount: Option<MountSetting>,
    /// The person's.
    pub outer: MountSetting,
    /// `--volume`
    pub option: String,
}

/// Something that the file wants at a place.
struct Wanted<'a> {
    target: &'a str,
    claimant: String,
    origin: Origin,
    mount: Option<&'a MountSetting>,
}

/// Checks everything that a file can have mounted. What the person asks for as well is theirs.
///
/// # Errors
/// [`Intrusion`], the first one.
pub fn check(spec: &Spec) -> Result<(), Box<Intrusion>> {
    let settings = spec.effective();
    let mounts = settings.mounts.as_deref().unwrap_or_default();
    for wanted in wanted(spec, mounts) {
        let Origin::File { place, .. } = &wanted.origin else {
            continue;
        };
        if let Some((outer, option)) = persons(spec, mounts, wanted.target) {
            return Err(Box::new(Intrusion {
                target: wanted.target.to_string(),
                claimant: wanted.claimant,
                place: place.clone(),
                mount: wanted.mount.cloned(),
                outer: outer.clone(),
                option: option.to_string(),
            }));
        }
    }
    Ok(())
}

/// Everything that may be the file's, with where it comes from.
fn wanted<'a>(spec: &'a Spec, mounts: &'a [MountSetting]) -> Vec<Wanted<'a>> {
    let settings = spec.effective();
    let mut wanted: Vec<Wanted<'_>> = { mounts.iter() }
        .map(|mount| Wanted {
            target: &mount.target,
            claimant: format!("the mount `{}`", mount.shown()),
            origin: spec.origins.of_mount(&mount.target),
            mount: Some(mount),
        })
        .collect();
    let mut claim = |target, claimant: &str, setting| {
        wanted.push(Wanted {
            target,
            claimant: claimant.to_string(),
            origin: spec.origins.of(setting),
            mount: None,
        });
    };
    if settings.home_persistence == Some(true) {
        let home = spec.account.home.as_str();
        claim(home, "the home that is kept", "home_persistence");
    }
    if settings.dind.is_some_and(InnerEngine::is_on) {
        let data = "the data of the Docker engine inside";
        claim(INNER_ENGINE_DATA, data, "dind");
    }
    wanted
}

/// The person's mount that `target` begins in, and what asks for it. The nearest one counts: what is mounted in the
/// workspace is in the workspace, wherever that is.
fn persons<'a>(
    spec: &Spec,
    mounts: &'a [MountSetting],
    target: &str,
) -> Option<(&'a MountSetting, Origin)> {
    let below = |outer: &str| {
        let rest = Path::new(target).strip_prefix(outer).ok()?;
        Some(rest.components().count()).filter(|depth| *depth > 0)
    };
    let around = mounts
        .iter()
        .filter_map(|mount| Some((below(&mount.target)?, mount)));
    let (depth, nearest) = around.min_by_key(|(depth, _)| *depth)?;
    if below(spec.workspace.path()).is_some_and(|of_workspace| of_workspace <= depth) {
        return None;
    }
    let origin = spec.origins.of_mount(&nearest.target);
    let is_persons = !matches!(origin, Origin::File { .. } | Origin::Purpose(_));
    is_persons.then_some((nearest, origin))
}
