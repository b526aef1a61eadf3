//! Files that run with the rights of somebody else, in words: what a sandbox may have left.

use super::output;
use super::{Error, Result};
use crate::files::{Bounds, Means, Privileged, Unseen, privileged_files};
use crate::values::text::{short_path, word};
use std::path::{Path, PathBuf};

/// Looks for such files at and below these paths, without holding up whoever waits for a signal.
pub(super) async fn look(paths: Vec<PathBuf>) -> Result<Privileged> {
    let work = tokio::task::spawn_blocking(move || privileged_files(&paths, Bounds::default()));
    work.await
        .map_err(|error| Error::failed("search", "the search for files stopped").cause(error))
}

/// Warns of such files at and below these paths, which sandboxes could write.
pub(super) async fn warn(paths: Vec<PathBuf>) -> Result<()> {
    let found = look(paths).await?;
    if found.count > 0 {
        let files = files(&found, None);
        let remedies = remedies(&found).join(", ");
        output::warn(&format!(
            "the sandbox may have left {files}; do not run what you do not know; {remedies}"
        ));
    }
    if let Some(unseen) = &found.unseen {
        output::warn(&incomplete(unseen));
    }
    Ok(())
}

/// Which there are; those in the directory `here` without its path.
pub(super) fn files(found: &Privileged, here: Option<&Path>) -> String {
    let shown = |path: &Path| {
        let below = here.and_then(|here| path.strip_prefix(here).ok());
        name(below.unwrap_or(path))
    };
    let mut names: Vec<String> = found.paths.iter().map(|(path, _)| shown(path)).collect();
    names.sort();
    let more = found.count - found.paths.len();
    if more > 0 {
        names.push(format!("and {more} more"));
    }
    let (count, names) = (found.count, names.join(", "));
    let noun = if count == 1 { "file" } else { "files" };
    format!("{count} {noun} with the rights of somebody else: {names}")
}

/// A path in a list of them: of one that is no plain word everything is shown that could make it look
/// like two.
fn name(path: &Path) -> String {
    let short = short_path(path);
    let shown = word(&short);
    if shown == short {
        format!("`{short}`")
    } else {
        shown
    }
}

/// The commands that take the rights away, `PATH` standing for a file.
pub(super) fn remedies(found: &Privileged) -> Vec<String> {
    let table = [
        (Means::Bit, "chmod a-s PATH` removes the bit"),
        (Means::Capability, "setcap -r PATH` removes the rights"),
        (Means::Device, "rm PATH` removes the device"),
    ];
    let is_root = rustix::process::geteuid().is_root();
    let start = if is_root { "`" } else { "`sudo " };
    let has = |wanted| found.paths.iter().any(|(_, means)| *means == wanted);
    { table.into_iter() }
        .filter(|(means, _)| has(*means))
        .map(|(_, remedy)| format!("{start}{remedy}"))
        .collect()
}

/// Why a part was not searched.
pub(super) fn incomplete(unseen: &Unseen) -> String {
    let what = "set-user-ID bits";
    match unseen {
        Unseen::TooMuch => {
            format!("not everything was searched for {what}: there are too many files")
        }
        Unseen::Closed(path) => format!(
            "not everything was searched for {what}: you may not read {}",
            name(path)
        ),
        Unseen::TooDeep(path) => format!(
            "not everything was searched for {what}: the path of {} is too long for the system",
            name(path)
        ),
        Unseen::Unreadable(path, reason) => format!(
            "not everything was searched for {what}: {} cannot be read: {reason}",
            name(path)
        ),
        Unseen::Elsewhere(path) => format!(
            "not everything was searched for {what}: {} is on another filesystem",
            name(path)
        ),
    }
}
