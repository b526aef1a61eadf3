//! Which workspace a path stands for where a workspace file says that agents work elsewhere: the
//! sandboxes of a directory know nothing of files. A file leads only where a person allowed it to.

use super::super::{Context, Result, typed, workspace_file};
use crate::engine::Engine;
use crate::files::{Pins, TypedError};
use crate::sandbox::Existing;
use crate::sandbox::existing::Selector;
use std::path::Path;

/// What a selector stands for, as `dp run` there would have it. The directory itself counts where
/// it has sandboxes and the file lies above it. One call more than for other selectors, and only
/// where a file says so. A path that is there is looked up once: what comes back has no links, and
/// nobody asks the file system where it leads again.
pub(super) async fn meant(ctx: &Context, selector: &Selector) -> Result<Selector> {
    let Selector::Path(given) = selector else {
        return Ok(selector.clone());
    };
    let pins = Pins::default();
    let real = |path: &Path, is_there| {
        Ok(Selector::Real {
            given: given.clone(),
            path: path.to_path_buf(),
            is_there,
        })
    };
    let typed = typed::of(ctx, &pins);
    let directory = match typed.resolve(given) {
        Ok(directory) => directory,
        Err(TypedError::LeadsOut(error)) => return Err(error.into()),
        // It may have been a workspace.
        Err(TypedError::Io(_)) => return real(&std::path::absolute(given)?, false),
    };
    if typed.has_links() {
        typed::prove(&ctx.engine()?, &typed).await?;
    }
    if !directory.is_directory() {
        return real(directory.path(), false);
    }
    let directory = directory.path();
    let itself = || real(directory, true);
    let Some((file, elsewhere)) = workspace_file::leads_to(ctx, given, &pins) else {
        return itself();
    };
    if directory.starts_with(&elsewhere) {
        return itself();
    }
    let engine = ctx.engine()?;
    let is_above = directory != file.directory;
    if is_above && has_sandboxes(&engine, directory).await? {
        return itself();
    }
    if has_sandboxes(&engine, &elsewhere).await? {
        return Ok(Selector::Real {
            given: elsewhere.clone(),
            path: elsewhere,
            is_there: true,
        });
    }
    itself()
}

/// The same, of several.
pub(super) async fn all_meant(ctx: &Context, selectors: &[Selector]) -> Result<Vec<Selector>> {
    let mut all = Vec::new();
    for selector in selectors {
        all.push(meant(ctx, selector).await?);
    }
    Ok(all)
}

/// There are sandboxes of a directory, whose path has no links.
async fn has_sandboxes(engine: &Engine, directory: &Path) -> Result<bool> {
    Ok(!Existing::of_directory(engine, directory).await?.is_empty())
}
