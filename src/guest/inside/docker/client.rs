//! The `docker` command for images that have none: the one of the engine's image, from a volume
//! that the sandbox mounts read-only. It brings its own libraries, so it runs in any image.

use super::super::{command, complain};
use crate::guest::DOCKER_CLIENT_DIR;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Where it goes when the image looks for programs there, and otherwise to the first place of its
/// search path.
const USUAL: &str = "/usr/local/bin";

/// Links the client into the search path, where the image has none of its own.
pub fn provide() {
    let path = command::search_path();
    if command::find("docker", &path, Path::new("/")).is_ok() {
        return;
    }
    if let Err(error) = link(directory(&path)) {
        complain(&format!("no `docker` command: {error}"));
    }
}

fn directory(path: &str) -> &Path {
    let mut places = path.split(':').filter(|place| place.starts_with('/'));
    let first = places.clone().next().unwrap_or(USUAL);
    Path::new(places.find(|place| *place == USUAL).unwrap_or(first))
}

fn link(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    match symlink(
        format!("{DOCKER_CLIENT_DIR}/docker"),
        directory.join("docker"),
    ) {
        // Linked at an earlier start, when the volume was still empty.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_the_image_looks_at() {
        let table = [
            ("/usr/sbin:/usr/local/bin:/bin", "/usr/local/bin"),
            (".:/bin:/sbin", "/bin"),
            ("", "/usr/local/bin"),
        ];
        for (path, expected) in table {
            assert_eq!(directory(path), Path::new(expected), "{path}");
        }
    }
}
