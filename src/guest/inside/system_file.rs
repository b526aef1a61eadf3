//! Writes to files of the image's system, and only to those: a file that comes from a mount
//! belongs to somebody else and is never touched.

use super::beneath;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// More than any of them holds, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The text of a file; nothing where it is not there, or not the image's own.
pub fn read(path: &Path) -> String {
    let text = beneath::read(path, LIMIT).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

/// Replaces a file whole, keeping its mode (or `mode` when it is new).
///
/// # Errors
/// The system's, or `ReadOnlyFilesystem` for a path on a mount.
pub fn write(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    beneath::directory(path.parent().unwrap_or(Path::new("/")))?;
    // The place of what a link of the image names, so that the link stays one.
    let (directory, name) = beneath::place(path)?;
    let mut mode = mode;
    match beneath::regular(directory.as_fd(), name.as_os_str()) {
        Ok(mut old) => {
            let metadata = old.metadata()?;
            let mut text = Vec::new();
            if metadata.len() == content.len() as u64 {
                old.read_to_end(&mut text)?;
                if text == content {
                    return Ok(());
                }
            }
            mode = metadata.permissions().mode() & 0o7777;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut temporary = name.clone().into_os_string();
    temporary.push(".dp-new");
    // One of a guest that died.
    let _none = rustix::fs::unlinkat(&directory, &temporary, AtFlags::empty());
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let private = Mode::from_raw_mode(0o600);
    let mut new = File::from(rustix::fs::openat(&directory, &temporary, flags, private)?);
    new.write_all(content)?;
    new.set_permissions(Permissions::from_mode(mode))?;
    Ok(rustix::fs::renameat(
        &directory, &temporary, &directory, &name,
    )?)
}

/// Puts `least` in the place of what is no regular file, or one of more than `most` bytes. What was
/// there is kept beside it.
///
/// # Errors
/// The system's; `NotFound` where nothing is.
pub fn settle(path: &Path, least: &[u8], most: u64) -> io::Result<()> {
    let (directory, name) = beneath::place(path).or_else(|_| {
        // A link that leads off the image.
        let parent = beneath::existing(path.parent().unwrap_or(Path::new("/")))?;
        Ok::<_, io::Error>((parent, path.file_name().unwrap_or_default().into()))
    })?;
    let found = rustix::fs::statat(&directory, &name, AtFlags::SYMLINK_NOFOLLOW)?;
    let is_regular = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile;
    if is_regular && u64::try_from(found.st_size).is_ok_and(|size| size <= most) {
        return Ok(());
    }
    let mut aside = name.clone().into_os_string();
    aside.push(".dp-left");
    let moved = rustix::fs::renameat(&directory, &name, &directory, &aside);
    if moved.is_err() {
        rustix::fs::unlinkat(&directory, &name, AtFlags::empty())?;
    }
    write(path, least, 0o644)
}

/// Replaces what stands between our two marks, or appends it with the marks.
pub fn with_block(text: &str, block: &str) -> String {
    const BEGIN: &str = "# >>> dp >>>\n";
    const END: &str = "# <<< dp <<<\n";
    let (before, after) = match (text.find(BEGIN), text.find(END)) {
        (Some(begin), Some(end)) if begin < end => (&text[..begin], &text[end + END.len()..]),
        _ => (text, ""),
    };
    let gap = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    if block.is_empty() {
        return format!("{before}{after}");
    }
    format!("{before}{gap}{BEGIN}{block}{END}{after}")
}

/// The mount that `path` (absolute, without links) is on, by the text of `mountinfo`.
pub fn mount_point(mounts: &str, path: &Path) -> PathBuf {
    mounts
        .lines()
        .filter_map(|line| line.split(' ').nth(4))
        .map(|point| PathBuf::from(unescape(point)))
        .filter(|point| path.starts_with(point))
        .max_by_key(|point| point.components().count())
        .unwrap_or_else(|| PathBuf::from("/"))
}

/// The kernel writes space, tab, newline and backslash as three octal digits.
fn unescape(field: &str) -> String {
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .iter()
    .fold(field.to_string(), |text, (code, plain)| {
        text.replace(code, plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_mount_owns_a_path() {
        let mounts = "1 0 0:1 / / rw - overlay o rw\n2 1 0:2 / /etc/hosts rw - ext4 d rw\n\
                      3 1 0:3 / /home/a\\040b rw - ext4 d rw\n";
        let table = [
            ("/etc/passwd", "/"),
            ("/etc/hosts", "/etc/hosts"),
            ("/home/a b/x", "/home/a b"),
            ("/home/a", "/"),
        ];
        for (path, expected) in table {
            assert_eq!(mount_point(mounts, Path::new(path)), Path::new(expected));
        }
    }

    #[test]
    fn a_block_is_added_replaced_and_taken_away() {
        let once = with_block("[core]\n\tx = 1", "a\n");
        assert_eq!(once, "[core]\n\tx = 1\n# >>> dp >>>\na\n# <<< dp <<<\n");
        let twice = with_block(&format!("{once}tail\n"), "b\n");
        assert_eq!(
            twice,
            "[core]\n\tx = 1\n# >>> dp >>>\nb\n# <<< dp <<<\ntail\n"
        );
        assert_eq!(with_block(&once, ""), "[core]\n\tx = 1\n");
    }
}
