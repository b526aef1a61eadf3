//! Says which directories of sandboxes' sockets could not be removed.

use super::super::output::warn;
use crate::sandbox::{Existing, sockets};

/// Says what is left of a sandbox that was removed.
pub(super) fn tell_left(sandbox: &Existing) {
    let is_left = |left: &&std::path::Path| sockets::is_own(left) && left.exists();
    if let Some(directory) = sandbox.socket_directory().filter(is_left) {
        warn_of_left(directory);
    }
}

/// Says that a directory stays.
pub(super) fn warn_of_left(directory: &std::path::Path) {
    warn(&format!(
        "cannot remove `{0}`, which root of a sandbox took over: `sudo rm -rf {0}` does",
        directory.display()
    ));
}
