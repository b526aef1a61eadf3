//! The `docker` command for images that have none: the one of the engine's image, from a volume
//! that the sandbox mounts read-only. It brings its own libraries, so it runs in any image.

use super::super::{beneath, command, complain};
use crate::guest::DOCKER_CLIENT_DIR;
use std::path::Path;

/// Where it goes when the image looks for programs there, and otherwise to the first place of its
/// search path that is the image's own.
const USUAL: &str = "/usr/local/bin";

/// Links the client into the search path, where the image has none of its own.
pub fn provide() {
    let path = command::search_path();
    if command::find("docker", &path, Path::new("/")).is_ok() {
        return;
    }
    let target = format!("{DOCKER_CLIENT_DIR}/docker");
    // An image's link may lead one of them to a mount.
    let linked = |place: &Path| beneath::link(&place.join("docker"), &target);
    let mut tried = places(&path).into_iter().map(linked);
    let first = tried.next();
    if let Some(Err(error)) = first
        && !tried.any(|linked| linked.is_ok())
    {
        complain(&format!("no `docker` command: {error}"));
    }
}

/// Where it may go, the best first.
fn places(path: &str) -> Vec<&Path> {
    let places = path.split(':').filter(|place| place.starts_with('/'));
    let mut places: Vec<&Path> = places.map(Path::new).collect();
    if places.is_empty() {
        places.push(Path::new(USUAL));
    }
    // The sort keeps the order of the others.
    places.sort_by_key(|place| *place != Path::new(USUAL));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_the_image_looks_at() {
        let table: [(&str, &[&str]); 3] = [
            (
                "/usr/sbin:/usr/local/bin:/bin",
                &["/usr/local/bin", "/usr/sbin", "/bin"],
            ),
            (".:/bin:/sbin", &["/bin", "/sbin"]),
            ("", &["/usr/local/bin"]),
        ];
        for (path, expected) in table {
            let expected: Vec<&Path> = expected.iter().map(Path::new).collect();
            assert_eq!(places(path), expected, "{path}");
        }
    }
}
