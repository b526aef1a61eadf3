//! What root inside left in the directory that a sandbox shares with `dp`: removed, and said.

use super::super::output::warn;
use crate::sandbox::{Existing, sockets};

/// Removes it, whenever somebody has to do with the sandbox.
pub(super) fn clear(sandbox: &Existing) {
    let person = rustix::process::getuid().as_raw();
    let Some(directory) = sandbox.socket_directory() else {
        return;
    };
    if sandbox.is_of_another(person) {
        return;
    }
    let strays = sockets::clear(directory);
    let name = &sandbox.name;
    if strays.removed > 0 {
        warn(&format!(
            "root of the sandbox `{name}` wrote into the directory of its socket: {} removed",
            match strays.removed {
                1 => "1 file was".into(),
                count => format!("{count} files were"),
            }
        ));
    }
    if strays.is_left {
        warn(&format!(
            "root of the sandbox `{name}` wrote into the directory of its socket: `dp` cannot remove everything in `{}`",
            directory.display()
        ));
    }
}

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
