//! Which workspace a path stands for where a workspace file says that agents work elsewhere: the
//! sandboxes of a directory know nothing of files. A file leads only where a person allowed it to.

use super::super::{Context, Result, workspace_file};
use crate::sandbox::Existing;
use crate::sandbox::existing::Selector;
use std::path::Path;

/// What a selector stands for, as `dp run` there would have it. The directory itself counts where
/// it has sandboxes and the file lies above it. One call more than for other selectors, and only
/// where a file says so.
pub(super) async fn meant(ctx: &Context, selector: &Selector) -> Result<Selector> {
    let given = || Ok(selector.clone());
    let Selector::Path(path) = selector else {
        return given();
    };
    let Ok(directory) = std::fs::canonicalize(path) else {
        return given();
    };
    let Some((file, elsewhere)) = workspace_file::leads_to(ctx, path) else {
        return given();
    };
    if std::fs::canonicalize(&elsewhere).is_ok_and(|real| directory.starts_with(real)) {
        return given();
    }
    let engine = ctx.engine()?;
    let is_above = directory != file.directory;
    if is_above && has_sandboxes(&engine, &directory).await? {
        return given();
    }
    if has_sandboxes(&engine, &elsewhere).await? {
        return Ok(Selector::Path(elsewhere));
    }
    given()
}

/// The same, of several.
pub(super) async fn all_meant(ctx: &Context, selectors: &[Selector]) -> Result<Vec<Selector>> {
    let mut all = Vec::new();
    for selector in selectors {
        all.push(meant(ctx, selector).await?);
    }
    Ok(all)
}

async fn has_sandboxes(engine: &crate::engine::Engine, directory: &Path) -> Result<bool> {
    Ok(!Existing::of_directory(engine, directory).await?.is_empty())
}
