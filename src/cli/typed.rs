//! The paths that a person types, and where links are not theirs: in projects, and where agents can
//! write.

use super::{Context, Result};
use crate::engine::Engine;
use crate::files::{LeadsOut, Pinned, Pins, Typed, TypedError};
use crate::sandbox::Existing;
use crate::workspace::find;
use std::io;
use std::path::Path;

/// The paths of one command, pinned in `pins`.
pub(super) fn of(ctx: &Context, pins: &Pins) -> Typed {
    let home = ctx.paths().ok().map(|paths| paths.home.as_path());
    // What makes a directory a project.
    let marks = [&find::NAMES[..], &[".git"]].concat();
    Typed::new(pins, home, &marks)
}

/// A file that a person typed to be read; `None` for one of the kernel, such as `/dev/stdin`, whose
/// links are no paths.
pub(super) fn file(typed: &Typed, path: &Path) -> Result<Option<io::Result<Pinned>>> {
    if path.starts_with("/dev") || path.starts_with("/proc") {
        return Ok(None);
    }
    match typed.resolve(path) {
        Ok(found) => Ok(Some(Ok(found))),
        Err(TypedError::Io(error)) => Ok(Some(Err(error))),
        Err(TypedError::LeadsOut(error)) => Err(error.into()),
    }
}

/// Where agents can write, those of every sandbox, no link led a path elsewhere. The engine is asked
/// only where there was a link.
pub(super) async fn prove(engine: &Engine, typed: &Typed) -> Result<()> {
    if typed.has_links() {
        stay_in(&Existing::all(engine).await?, typed)?;
    }
    Ok(())
}

/// The same by a listing of all sandboxes.
pub(super) fn stay_in(all: &[Existing], typed: &Typed) -> std::result::Result<(), LeadsOut> {
    let mut places = all.iter().flat_map(Existing::written);
    places.try_for_each(|place| typed.stay_in(place))
}
