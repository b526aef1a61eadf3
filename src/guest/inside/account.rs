//! Makes the sandbox's user resolve: `passwd`, `group`, `shadow`, `sudoers.d`, and a home of its own.
//!
//! The text of each file is made by a pure function. Nothing that a mount brought is changed,
//! except the top of the volumes that `dp` itself gave.

use super::beneath::{self, Links};
use super::{command, system_file};
use crate::guest::MOST_NAMES;
use crate::guest::message::{Account, Boot};
use rustix::fs::{AtFlags, FileType, Gid, Mode, OFlags, Uid};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

/// Applies `boot`; what cannot be done is told in words, and the sandbox starts all the same.
pub fn set_up(boot: &Boot) -> Vec<String> {
    let account = &boot.account;
    let steps = [
        ("the user", write_names(account)),
        ("the volumes", own_volumes(boot)),
        ("the home directory", make_home(boot)),
    ];
    steps
        .into_iter()
        .filter_map(|(what, outcome)| Some(format!("{what}: {}", outcome.err()?)))
        .collect()
}

/// Makes the account resolve by its name and number.
///
/// # Errors
/// When a file cannot be written.
pub fn write_names(account: &Account) -> io::Result<()> {
    let edit = |path: &str, mode: u32, new: &dyn Fn(&str) -> String| {
        let old = system_file::read(Path::new(path));
        system_file::write(Path::new(path), new(&old).as_bytes(), mode)
    };
    edit("/etc/passwd", 0o644, &|old| {
        passwd(old, account, command::shell())
    })?;
    edit("/etc/group", 0o644, &|old| group(old, account))?;
    if account.uid == 0 {
        return Ok(());
    }
    edit("/etc/shadow", 0o640, &|old| shadow(old, account))?;
    if ["/etc/sudoers.d", "/etc/sudoers"]
        .iter()
        .any(|path| beneath::is_there(Path::new(path)))
    {
        let rule = format!("{} ALL=(ALL:ALL) NOPASSWD:ALL\n", account.name);
        system_file::write(Path::new("/etc/sudoers.d/dp"), rule.as_bytes(), 0o440)?;
    }
    Ok(())
}

/// Makes sure that the engine can read who is who when it starts this container again: root inside may
/// have left a pipe there, or more than the engine's machine has room for.
pub fn leave_in_order() {
    for (path, least) in [
        ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"),
        ("/etc/group", "root:x:0:\n"),
    ] {
        // What fails here fails for the engine, too: there is nothing that it could open.
        let _there = system_file::settle(Path::new(path), least.as_bytes(), MOST_NAMES);
    }
}

/// The account's line goes first, so that its number resolves to its name.
fn passwd(old: &str, account: &Account, shell: &str) -> String {
    let number = account.uid.to_string();
    if account.uid == 0 && old.lines().any(|line| line.split(':').nth(2) == Some("0")) {
        return old.to_string();
    }
    let Account {
        name, gid, home, ..
    } = account;
    let line = format!("{name}:x:{number}:{gid}::{home}:{shell}\n");
    let root = if old.is_empty() && account.uid != 0 {
        "root:x:0:0:root:/root:/bin/sh\n"
    } else {
        ""
    };
    line + root + &without(old, name)
}

fn group(old: &str, account: &Account) -> String {
    let mut text = without(old, &format!("dp-{}", account.gid));
    let has = |text: &str, gid: u32| {
        let number = gid.to_string();
        text.lines()
            .any(|line| line.split(':').nth(2) == Some(&number))
    };
    if !has(&text, account.gid) {
        let name = if text
            .lines()
            .any(|line| line.split(':').next() == Some(&account.name))
        {
            format!("dp-{}", account.gid)
        } else {
            account.name.clone()
        };
        text = format!("{name}:x:{}:\n{text}", account.gid);
    }
    for gid in &account.groups {
        if has(&text, *gid) {
            text = with_member(&text, *gid, &account.name);
        } else {
            text.push_str(&format!("dp-{gid}:x:{gid}:{}\n", account.name));
        }
    }
    text
}

fn with_member(text: &str, gid: u32, name: &str) -> String {
    let number = gid.to_string();
    let mut out = String::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        out.push_str(line);
        if fields.len() == 4 && fields[2] == number && !fields[3].split(',').any(|m| m == name) {
            out.push_str(if fields[3].is_empty() { "" } else { "," });
            out.push_str(name);
        }
        out.push('\n');
    }
    out
}

/// No password, and no expiry: sudo asks for an account that is in order.
fn shadow(old: &str, account: &Account) -> String {
    without(old, &account.name) + &format!("{}:*:19000:0:99999:7:::\n", account.name)
}

/// Gives the account `ranges` (first, count) of numbers for the users of its containers.
///
/// # Errors
/// When the files cannot be written.
pub fn give_subordinate_ids(account: &Account, ranges: &[(u32, u32)]) -> io::Result<()> {
    for path in ["/etc/subuid", "/etc/subgid"] {
        let old = system_file::read(Path::new(path));
        let new = subordinate(&old, &account.name, ranges);
        system_file::write(Path::new(path), new.as_bytes(), 0o644)?;
    }
    Ok(())
}

/// The first of 65536 usual numbers for the users of containers, clear of the account's own.
pub fn first_subordinate(own: u32) -> u32 {
    const COUNT: u32 = 65_536;
    let usual = 100_000;
    if (usual..usual + COUNT).contains(&own) {
        usual + COUNT
    } else {
        usual
    }
}

fn subordinate(old: &str, name: &str, ranges: &[(u32, u32)]) -> String {
    let lines = ranges.iter();
    let lines = lines.map(|(first, count)| format!("{name}:{first}:{count}\n"));
    without(old, name) + &lines.collect::<String>()
}

fn without(text: &str, name: &str) -> String {
    text.lines()
        .filter(|line| line.split(':').next() != Some(name))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// The home, filled from the image's skeleton when it was not the account's yet. One that the
/// person mounted is left alone.
fn make_home(boot: &Boot) -> io::Result<()> {
    let account = &boot.account;
    let path = Path::new(&account.home);
    let home = if boot.owned.contains(&account.home) {
        beneath::volume(path, &boot.owned, path)?.1
    } else {
        match beneath::directory(path) {
            Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => return Ok(()),
            found => found?,
        }
    };
    if account.uid == 0 {
        return Ok(());
    }
    let is_new = rustix::fs::fstat(&home)?.st_uid != account.uid;
    rustix::fs::fchmod(&home, Mode::from_raw_mode(0o750))?;
    if is_new {
        if let Ok(skeleton) = beneath::existing(Path::new("/etc/skel")) {
            copy_skeleton(skeleton.as_fd(), home.as_fd(), account)?;
        }
        // The directory last: an interrupted run is seen by its owner and done again.
        own(&home, account)?;
    }
    Ok(())
}

fn copy_skeleton(from: BorrowedFd<'_>, to: BorrowedFd<'_>, account: &Account) -> io::Result<()> {
    for entry in rustix::fs::Dir::read_from(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let name = OsStr::new(name.to_str().map_err(io::Error::other)?);
        let stat = rustix::fs::statat(from, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let is_there = rustix::fs::statat(to, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                let inner = beneath::make(from, name, Links::None)?;
                // Where a link or a mount stands in its place, that is somebody else's.
                let Ok(target) = beneath::make(to, name, Links::None) else {
                    continue;
                };
                copy_skeleton(inner.as_fd(), target.as_fd(), account)?;
                own(&target, account)?;
            }
            FileType::RegularFile if !is_there => {
                let mut old = beneath::regular(from, name)?;
                let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
                let mode = Mode::from_raw_mode(stat.st_mode & 0o777);
                let new = rustix::fs::openat(to, name, flags, mode)?;
                own(&new, account)?;
                io::copy(&mut old, &mut File::from(new))?;
            }
            FileType::Symlink if !is_there => {
                let target = rustix::fs::readlinkat(from, name, Vec::new())?;
                rustix::fs::symlinkat(target.as_c_str(), to, name)?;
                let (uid, gid) = (Uid::from_raw(account.uid), Gid::from_raw(account.gid));
                let flags = AtFlags::SYMLINK_NOFOLLOW;
                rustix::fs::chownat(to, name, Some(uid), Some(gid), flags)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gives the volumes of `dp` to the account, and the directories that lead there from its home.
fn own_volumes(boot: &Boot) -> io::Result<()> {
    let account = &boot.account;
    for directory in &boot.owned {
        let home = Path::new(&account.home);
        let (lead, volume) = beneath::volume(Path::new(directory), &boot.owned, home)?;
        for directory in lead {
            own(&directory, account)?;
        }
        if rustix::fs::fstat(&volume)?.st_uid != account.uid {
            beneath::own_below(volume.as_fd(), account.uid, account.gid)?;
            // The home's own comes last, once it is filled.
            if *directory != account.home || account.uid == 0 {
                own(&volume, account)?;
            }
        }
    }
    Ok(())
}

fn own(descriptor: &OwnedFd, account: &Account) -> io::Result<()> {
    let (uid, gid) = (Uid::from_raw(account.uid), Gid::from_raw(account.gid));
    Ok(rustix::fs::fchown(descriptor, Some(uid), Some(gid))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent() -> Account {
        Account {
            name: "agent".into(),
            uid: 1000,
            gid: 1000,
            home: "/home/agent".into(),
            groups: vec![998, 5],
        }
    }

    #[test]
    fn a_number_that_the_image_uses_resolves_to_the_agent() {
        let old = "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/bash\n";
        let new = passwd(old, &agent(), "/bin/bash");
        assert_eq!(
            new,
            format!("agent:x:1000:1000::/home/agent:/bin/bash\n{old}")
        );
        assert_eq!(passwd(&new, &agent(), "/bin/bash"), new, "and stays so");
    }

    #[test]
    fn an_image_without_users_gets_two() {
        assert_eq!(
            passwd("", &agent(), "/sbin/nologin"),
            "agent:x:1000:1000::/home/agent:/sbin/nologin\nroot:x:0:0:root:/root:/bin/sh\n"
        );
    }

    #[test]
    fn groups_are_added_once_and_joined() {
        let old = "root:x:0:\ntty:x:5:\nnode:x:1000:\n";
        let new = group(old, &agent());
        assert_eq!(
            new,
            "root:x:0:\ntty:x:5:agent\nnode:x:1000:\ndp-998:x:998:agent\n"
        );
        assert_eq!(group(&new, &agent()), new);
    }

    #[test]
    fn subordinate_numbers_are_clear_of_the_accounts_own() {
        assert_eq!(
            subordinate("old:1:2\nagent:7:8\n", "agent", &[(5, 6), (8, 9)]),
            "old:1:2\nagent:5:6\nagent:8:9\n"
        );
        assert_eq!(first_subordinate(1000), 100_000);
        assert_eq!(first_subordinate(100_500), 165_536);
    }

    #[test]
    fn a_taken_group_name_is_not_taken_twice() {
        let new = group("agent:x:7:\n", &agent());
        assert!(new.starts_with("dp-1000:x:1000:\nagent:x:7:\n"), "{new}");
        assert_eq!(group(&new, &agent()).matches("dp-1000").count(), 1);
    }
}
