//! Disks that are full: the state directory's, and those inside.

use crate::sh;
use crate::support::{Dp, Ran};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of 64 KiB and few files, until it is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` for somebody who may not mount.
    fn new(directory: PathBuf) -> Option<Self> {
        std::fs::create_dir_all(&directory).expect("a directory");
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let options = "size=64k,nr_inodes=16,mode=0777";
        let words = ["-t", "tmpfs", "-o", options, "dp-test"];
        let mounted = Command::new("mount").args(words).arg(&directory).status();
        assert!(mounted.expect("mount is installed").success());
        Some(Self(directory))
    }

    /// No byte and no file more; the names of what fills it.
    fn fill(&self) -> Vec<PathBuf> {
        let name = |number: usize| self.0.join(format!("filler-{number}"));
        let mut made = Vec::new();
        while std::fs::write(name(made.len()), vec![0; 32 * 1024]).is_ok()
            || name(made.len()).exists()
        {
            made.push(name(made.len()));
        }
        made
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let words = ["-l".as_ref(), self.0.as_os_str()];
        let gone = Command::new("umount").args(words).status();
        assert!(std::thread::panicking() || gone.is_ok_and(|status| status.success()));
    }
}

/// A directory that can be made to refuse everything new; who may not mount takes the permission
/// away instead.
struct Directory {
    path: PathBuf,
    disk: Option<SmallDisk>,
    fillers: Vec<PathBuf>,
}

impl Directory {
    fn new(path: PathBuf) -> Self {
        Self {
            disk: SmallDisk::new(path.clone()),
            fillers: Vec::new(),
            path,
        }
    }

    fn close(&mut self) {
        match &self.disk {
            Some(disk) => self.fillers = disk.fill(),
            None => permit(&self.path, 0o500),
        }
    }

    fn open(&mut self) {
        for file in self.fillers.drain(..) {
            std::fs::remove_file(file).expect("a filler");
        }
        permit(&self.path, 0o700);
    }
}

fn permit(directory: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(directory, mode).expect("it is ours");
}

/// A failure of this exit code that names the state directory and why.
fn assert_no_room(ran: &Ran, code: i32) {
    let why = ["No space left on device", "Permission denied"];
    let said = ran.err();
    assert_eq!((ran.code, ran.out()), (code, String::new()), "{ran}");
    assert!(said.contains("error: cannot use the "), "{ran}");
    assert!(said.contains("state"), "{ran}");
    assert!(
        why.iter()
            .any(|why| said.contains(&format!("  cause: {why}"))),
        "{ran}"
    );
}

#[test]
fn a_state_directory_without_room_is_a_clear_error_that_loses_nothing() {
    let dp = Dp::on_engine();
    let mut state = Directory::new(dp.home().join(".local/state/dp"));
    dp.run_with(["secret", "set", "FIRST"], b"1\n").ok();
    let kept =
        || std::fs::read(dp.home().join(".local/state/dp/secrets.json")).expect("it is there");
    let before = kept();
    state.close();
    assert_no_room(&sh(&dp, "echo in"), 125);
    assert_eq!(dp.containers(), [""; 0], "nothing is left");
    assert_no_room(&dp.run_with(["secret", "set", "SECOND"], b"2\n"), 1);
    assert_eq!(kept(), before);
    assert_eq!(dp.run(["secret", "ls", "-q"]).ok(), "FIRST");
    state.open();
    assert_eq!(sh(&dp, "echo in").ok(), "in");
    dp.run_with(["secret", "set", "SECOND"], b"2\n").ok();
    // It is mounted in there.
    dp.run(["sandbox", "rm", "--force", "."]).ok();
}

#[test]
fn a_full_disk_inside_is_the_agents_error_and_nothing_else() {
    let dp = Dp::on_engine();
    let script = "cat /dev/zero > /dev/shm/fill; echo code $?; echo kept > kept";
    let words = [
        "run",
        "--shm-size",
        "1m",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
    ];
    let ran = dp.run(words.iter().copied().chain([script]));
    assert_eq!((ran.code, ran.out().as_str()), (0, "code 1\n"), "{ran}");
    assert!(ran.err().contains("No space left on device"), "{ran}");
    let ran = dp.run(["run", "shell", "-c", "cat kept; wc -c < /dev/shm/fill"]);
    assert_eq!(ran.ok(), "kept\n1048576");
}

#[test]
fn a_log_without_room_takes_nothing_from_the_agent() {
    let dp = Dp::on_engine();
    let logs = dp.root().join("logs");
    let mut disk = Directory::new(logs.clone());
    disk.close();
    let mount = format!("{}:/var/log/dp", logs.display());
    let script = "seq 1 100000; echo done >&2";
    let words = [
        "run",
        "-v",
        &mount,
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        script,
    ];
    let ran = dp.run(words);
    let out = ran.ok();
    assert_eq!(
        (out.lines().count(), out.lines().last()),
        (100_000, Some("100000"))
    );
    assert!(ran.err().contains("done"), "{}", ran.err());
    assert_eq!(dp.run(["sandbox", "exec", ".", "echo", "in"]).ok(), "in");
    let again = ["run", "shell", "-c", "echo again"];
    assert_eq!(dp.run(again).ok(), "again");
    let has_room = disk.disk.is_none();
    assert!(has_room || !logs.join("shell.log").exists());
    // It is mounted in there.
    dp.run(["sandbox", "rm", "--force", "."]).ok();
}
