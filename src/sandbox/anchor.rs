//! Whether the kernel of this machine says that PID 1 of a sandbox is our guest.
//!
//! The engine follows links inside a sandbox to the places where it mounts something, and an agent can
//! make links: in the sandbox's own files before it is stopped, in the workspace at any time. So a
//! mount can come to lie over the guest's binary, and then PID 1 is a program of the agent's, which
//! lies when it is asked. The list of mounts in `/proc` is the kernel's own word. Nobody in a sandbox
//! can change it, since that takes a capability that sandboxes do not have.

use super::existing::Existing;
use crate::engine::{Engine, EngineError};
use crate::guest::{ANCHOR, BINARY_DIR, SOCKET_DIR};
use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Runtimes whose containers are processes of this kernel, with the mounts that they see.
const PLAIN: [&str; 6] = [
    "crun",
    "io.containerd.runc.v2",
    "nvidia",
    "runc",
    "sysbox-runc",
    "youki",
];

/// What is known of PID 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Footing {
    /// It was started from the volume of the guest, and from nowhere else.
    Ours,
    /// It may be any program.
    Foreign,
    /// The processes of the sandbox are not this kernel's, or cannot be seen.
    Unknown,
}

/// Looks at the process behind a connection to the guest, or else at the one that the engine names,
/// which costs a call.
///
/// # Errors
/// [`EngineError`].
pub(super) async fn look(
    engine: &Engine,
    sandbox: &Existing,
    stream: Option<&UnixStream>,
) -> Result<Footing, EngineError> {
    let peer = stream.and_then(|stream| peer(stream).ok().flatten());
    let mounts = match peer.and_then(|process| mounts_of(&sandbox.id, process)) {
        Some(mounts) => Some(mounts),
        None => match engine.container(&sandbox.id).await {
            Ok(row) => mounts_of(&sandbox.id, row.process),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        },
    };
    match mounts {
        Some(mounts) if is_ours(&mounts) => Ok(Footing::Ours),
        Some(_) if is_plain(engine, sandbox).await? => Ok(Footing::Foreign),
        _ => Ok(Footing::Unknown),
    }
}

/// The process that listens at the other end; `None` where its number means nothing here.
fn peer(stream: &UnixStream) -> io::Result<Option<i32>> {
    let other = stream.try_clone()?;
    // Both are one open file.
    other.set_nonblocking(true)?;
    let peer = tokio::net::UnixStream::from_std(other)?.peer_cred();
    stream.set_nonblocking(false)?;
    Ok(peer?.pid())
}

/// The list of mounts of a process, which must be one of the container with this ID.
fn mounts_of(container: &str, process: i32) -> Option<String> {
    let directory = Path::new("/proc").join(process.to_string());
    let is_in_it = || {
        let groups = std::fs::read_to_string(directory.join("cgroup")).unwrap_or_default();
        container.len() == 64 && groups.contains(container)
    };
    let mounts = is_in_it().then(|| std::fs::read_to_string(directory.join("mountinfo")));
    // Its number may have become another process's.
    mounts?.ok().filter(|_| is_in_it())
}

async fn is_plain(engine: &Engine, sandbox: &Existing) -> Result<bool, EngineError> {
    let runtime = match &sandbox.settings.runtime {
        Some(runtime) => Some(runtime.clone()),
        None => engine.facilities().await?.default_runtime,
    };
    Ok(runtime.is_none_or(|runtime| PLAIN.contains(&runtime.as_str())))
}

/// A line of `mountinfo`.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    id: &'a str,
    parent: &'a str,
    device: &'a str,
    source: &'a Path,
    point: &'a str,
    kind: &'a str,
}

impl<'a> Line<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (mount, source) = text.split_once(" - ")?;
        let mut fields = mount.split(' ');
        Some(Self {
            id: fields.next()?,
            parent: fields.next()?,
            device: fields.next()?,
            source: Path::new(fields.next()?),
            point: fields.next()?,
            kind: source.split(' ').next()?,
        })
    }
}

/// The anchor lies in the root of the sandbox, nothing lies over it, and nothing in it is a stranger.
/// Then the engine has mounted the guest's volume where it was told: a fresh file system in memory has
/// no links. The mount of `/proc`, which the runtime makes first, tells the root of the sandbox from
/// a directory that a program took for its root.
fn is_ours(mounts: &str) -> bool {
    let mut lines: Vec<Line<'_>> = mounts.lines().filter_map(Line::of).collect();
    leave_out_hidden(&mut lines);
    let only = |point: &str| {
        let mut found = lines.iter().filter(|line| line.point == point);
        found.next().filter(|_| found.next().is_none())
    };
    let is_child = |point: &str, parent: &Line<'_>, kind: &str| {
        only(point)
            .filter(|line| line.parent == parent.id && (kind.is_empty() || line.kind == kind))
    };
    let Some(root) = only("/") else {
        return false;
    };
    let Some(anchor) = is_child(ANCHOR, root, "tmpfs") else {
        return false;
    };
    // What is mounted at the root of the sandbox becomes the root: a directory of the host's, then.
    let is_of =
        |line: &Line<'_>| root.device == line.device && root.source.starts_with(line.source);
    // What the host has mounted below a directory comes along with it, sandboxes of the whole machine's
    // included, and is nothing that was mounted here.
    let came_along = |line: &Line<'_>| {
        let mut above = lines.iter().filter(|above| above.id == line.parent);
        above.any(|above| above.point != "/")
    };
    let is_mounted = lines
        .iter()
        .any(|line| line.id != root.id && is_of(line) && !came_along(line));
    let is_within = |line: &&Line<'_>| Path::new(line.point).starts_with(ANCHOR);
    let is_known = |line: &Line<'_>| match line.point {
        ANCHOR => true,
        BINARY_DIR | SOCKET_DIR => is_child(line.point, anchor, "").is_some(),
        _ => false,
    };
    !is_mounted
        && is_child("/proc", root, "proc").is_some()
        && is_child(BINARY_DIR, anchor, "").is_some()
        && lines.iter().filter(is_within).all(is_known)
}

/// Leaves out what is mounted below the anchor's place in the file system that the anchor hides. The
/// engine does that for a moment, in a sandbox that runs as well, whenever somebody copies files or
/// looks at one. Nobody inside can reach it.
fn leave_out_hidden(lines: &mut Vec<Line<'_>>) {
    let root = { lines.iter() }.find(|line| line.point == "/");
    let Some(root) = root.map(|root| root.id) else {
        return;
    };
    if !lines.iter().any(|line| line.point == ANCHOR) {
        return;
    }
    lines.retain(|line| {
        let below = line.point.strip_prefix(ANCHOR);
        line.parent != root || !below.is_some_and(|below| below.starts_with('/'))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIGHT: &str = "\
156 75 0:61 / / rw,relatime master:4 - overlay overlay rw,lowerdir=/a - b
157 156 0:64 / /proc rw,nosuid - proc proc rw
158 156 0:65 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k
173 156 254:0 /home/ada/app /workspace rw,relatime - ext4 /dev/vda rw
174 156 0:70 / /.dp rw,noexec - tmpfs tmpfs rw,size=1024k
175 174 254:0 /var/lib/docker/volumes/dp-guest-1/_data /.dp/bin ro master:1 - ext4 /dev/vda rw
176 174 254:0 /home/ada/.local/state/dp/s/1 /.dp/s rw,relatime - ext4 /dev/vda rw
77 157 0:64 /sys /proc/sys ro,nosuid - proc proc rw
";

    #[test]
    fn nothing_may_lie_over_or_beside_what_is_ours() {
        assert!(is_ours(RIGHT));
        let without_socket = RIGHT.lines().filter(|line| !line.contains(" /.dp/s "));
        assert!(is_ours(&without_socket.collect::<Vec<_>>().join("\n")));
        // A forced workspace of the whole machine holds the roots of all its containers.
        let whole = "180 173 0:61 / /workspace/overlay/merged rw - overlay overlay rw";
        assert!(is_ours(&format!("{RIGHT}{whole}\n")));
        // The engine looks at a file of a sandbox that runs.
        let hidden = "180 156 254:0 /x /.dp/bin rw master:1 - ext4 d rw\n\
                      181 156 254:0 /y /.dp/s rw - ext4 d rw\n\
                      182 156 254:0 /home/ada/app /workspace rw - ext4 d rw\n";
        assert!(is_ours(&format!("{RIGHT}{hidden}")));
        assert!(!is_ours(&format!(
            "{}{hidden}",
            RIGHT.replace("174 156", "174 173")
        )));
        let more = [
            (
                "over the binary",
                "180 175 254:0 /x /.dp/bin rw - ext4 d rw",
            ),
            ("beside it", "180 174 254:0 /x /.dp/y rw - ext4 d rw"),
            ("in it", "180 175 254:0 /x /.dp/bin/x rw - ext4 d rw"),
            ("over the anchor", "180 174 254:0 /x /.dp rw - ext4 d rw"),
            ("over the root", "180 156 254:0 /x / rw - ext4 d rw"),
            ("over the socket", "180 176 254:0 /x /.dp/s rw - ext4 d rw"),
        ];
        for (what, line) in more {
            assert!(!is_ours(&format!("{RIGHT}{line}\n")), "{what}");
            assert!(!is_ours(&format!("{line}\n{RIGHT}")), "{what}");
        }
        let changes = [
            (
                "anchor led away",
                " /.dp rw,noexec",
                " /workspace/x rw,noexec",
            ),
            ("in the workspace", "174 156", "174 173"),
            (
                "the root of the workspace",
                "0:61 / / rw",
                "254:0 /home/ada/app/data / rw",
            ),
            (
                "no anchor",
                "- tmpfs tmpfs rw,size=1024k",
                "- ext4 /dev/vda rw",
            ),
            ("binary led away", " /.dp/bin ro", " /data/bin ro"),
            ("binary of another mount", "175 174", "175 173"),
            ("a root of its own", "157 156", "157 150"),
            ("no root", " / / rw", " / /old rw"),
            (
                "a mount that is no /proc",
                "- proc proc rw\n158",
                "- ext4 d rw\n158",
            ),
        ];
        for (what, old, new) in changes {
            assert!(RIGHT.contains(old), "{what}");
            assert!(!is_ours(&RIGHT.replace(old, new)), "{what}");
        }
        assert!(!is_ours(""));
    }

    #[test]
    fn only_a_process_of_the_container_is_looked_at() {
        let own = std::process::id().cast_signed();
        let id = "0123456789abcdef".repeat(4);
        assert_eq!(mounts_of(&id, own), None);
        assert_eq!(mounts_of("", own), None);
        assert_eq!(mounts_of(&id, -1), None);
    }
}
