//! From the words of a request to something that can be started: the program's path, the
//! environment, the directory and the user, each checked so that a failure names the right one.

use super::spawn::Identity;
use super::{beneath, kept};
use crate::files;
use crate::guest::message::{Account, Failure, FailureCode, Start};
use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where programs are looked for when the image names no `PATH`.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A request that can be carried out.
pub struct Command {
    pub program: PathBuf,
    pub env: BTreeMap<String, String>,
    pub cwd: PathBuf,
    pub identity: Identity,
}

pub fn failure(code: FailureCode, message: impl Into<String>) -> Failure {
    Failure {
        code,
        message: message.into(),
    }
}

/// Resolves `start` for the sandbox's `account`.
///
/// # Errors
/// [`Failure`] with the code that says which part cannot be had.
pub fn resolve(start: &Start, account: &Account, workdir: &str) -> Result<Command, Failure> {
    let name = start
        .argv
        .first()
        .filter(|name| !name.is_empty())
        .ok_or_else(|| failure(FailureCode::NotFound, "no command was given"))?;
    let account = match &start.user {
        Some(user) => parse_user(user)?,
        None => account.clone(),
    };
    let mut env = base_environment(&account);
    if start.tty.is_some() {
        env.entry("TERM".into()).or_insert_with(|| "xterm".into());
    }
    env.extend(kept::read());
    env.extend(start.env.clone());
    let cwd = PathBuf::from(start.cwd.as_deref().unwrap_or(workdir));
    if !cwd.is_dir() {
        let shown = cwd.display();
        return Err(failure(
            FailureCode::NoDirectory,
            format!("the working directory `{shown}` does not exist in the sandbox"),
        ));
    }
    let path = env.get("PATH").map_or(DEFAULT_PATH, String::as_str);
    let program = find(name, path, &cwd)?;
    // A rootless engine maps its users by a program that is more than the account.
    let is_engine = start.key.as_deref() == Some(crate::guest::INNER_ENGINE_KEY);
    let may_gain_privileges = account.uid == 0 || is_engine || look_for_sudo();
    Ok(Command {
        program,
        env,
        cwd,
        identity: Identity {
            uid: account.uid,
            gid: account.gid,
            groups: [&[account.gid], account.groups.as_slice()].concat(),
            may_gain_privileges,
            apart: None,
        },
    })
}

/// Whether the image has a sudo that makes root of its users: decided before anything runs, from the
/// image's own file, and by no request's `PATH`.
pub fn look_for_sudo() -> bool {
    static HAS_SUDO: OnceLock<bool> = OnceLock::new();
    *HAS_SUDO.get_or_init(|| {
        const SET_USER: u32 = 0o4000;
        let own = beneath::place(Path::new("/usr/bin/sudo"));
        let file = own.and_then(|(directory, name)| {
            beneath::regular(directory.as_fd(), name.as_os_str())?.metadata()
        });
        file.is_ok_and(|file| file.uid() == 0 && file.permissions().mode() & SET_USER != 0)
    })
}

/// The image's environment and the account's, before what a request adds.
fn base_environment(account: &Account) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
        .collect();
    env.entry("PATH".into())
        .or_insert_with(|| DEFAULT_PATH.into());
    env.insert("HOME".into(), account.home.clone());
    env.insert("USER".into(), account.name.clone());
    env.insert("LOGNAME".into(), account.name.clone());
    env.insert("SHELL".into(), shell().into());
    env
}

/// Where the image looks for programs.
pub fn search_path() -> String {
    std::env::var("PATH").unwrap_or_else(|_| DEFAULT_PATH.into())
}

/// The image's bash, else its sh, else nothing that exists.
pub fn shell() -> &'static str {
    ["/bin/bash", "/usr/bin/bash", "/bin/sh"]
        .into_iter()
        .find(|path| is_executable(Path::new(path)))
        .unwrap_or("/sbin/nologin")
}

/// Looks for a command as `execvp` would, and says what is wrong with it.
///
/// # Errors
/// `NotFound`, or `NotExecutable` when a file of that name is there.
pub fn find(name: &str, path: &str, cwd: &Path) -> Result<PathBuf, Failure> {
    let mut present = None;
    let candidates: Vec<PathBuf> = if name.contains('/') {
        vec![cwd.join(name)]
    } else {
        path.split(':')
            .map(|dir| cwd.join(dir).join(name))
            .collect()
    };
    for candidate in candidates {
        if is_executable(&candidate) {
            return Ok(candidate);
        }
        if candidate.exists() {
            present = Some(candidate);
        }
    }
    Err(match present {
        Some(file) => failure(
            FailureCode::NotExecutable,
            format!("`{}` cannot be executed", file.display()),
        ),
        None => failure(
            FailureCode::NotFound,
            format!("there is no command `{name}` in the sandbox"),
        ),
    })
}

fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// The text of a file of names, also of one that is mounted; never waits.
fn names(path: &str) -> String {
    const LIMIT: u64 = 16 * 1024 * 1024;
    let text = files::read(Path::new(path), LIMIT).unwrap_or_default();
    String::from_utf8_lossy(&text).into_owned()
}

/// `name`, `uid`, `name:group` or `uid:gid`, looked up in the image's own files.
fn parse_user(user: &str) -> Result<Account, Failure> {
    let passwd = names("/etc/passwd");
    let group = names("/etc/group");
    account_of(user, &passwd, &group).ok_or_else(|| {
        failure(
            FailureCode::NoUser,
            format!("there is no user `{user}` in the sandbox"),
        )
    })
}

fn account_of(user: &str, passwd: &str, group: &str) -> Option<Account> {
    let (name, group_name) = match user.split_once(':') {
        Some((name, group)) => (name, Some(group)),
        None => (user, None),
    };
    let entry = passwd
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.len() >= 7 && (fields[0] == name || fields[2] == name));
    let (name, uid, gid, home) = match &entry {
        Some(fields) => (
            fields[0].to_string(),
            fields[2].parse().ok()?,
            fields[3].parse().ok()?,
            fields[5].to_string(),
        ),
        None => (name.to_string(), name.parse().ok()?, 0, "/".to_string()),
    };
    let gid = match group_name {
        None => gid,
        Some(wanted) => group
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.len() >= 3 && fields[0] == wanted)
            .map_or(wanted, |fields| fields[2])
            .parse()
            .ok()?,
    };
    let groups = group
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .filter(|fields| fields.len() == 4 && fields[3].split(',').any(|member| member == name))
        .filter_map(|fields| fields[2].parse().ok())
        .collect();
    Some(Account {
        name,
        uid,
        gid,
        home,
        groups,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/bash\nagent:x:1000:1000::/home/agent:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nagent:x:1000:\ndocker:x:998:agent,other\n";

    #[test]
    fn users_are_found_by_name_and_number() {
        let table = [
            ("root", Some((0, 0, vec![]))),
            ("agent", Some((1000, 1000, vec![998]))),
            ("1000", Some((1000, 1000, vec![998]))),
            ("agent:docker", Some((1000, 998, vec![998]))),
            ("4242", Some((4242, 0, vec![]))),
            ("4242:7", Some((4242, 7, vec![]))),
            ("nobody-here", None),
            ("agent:no-group", None),
        ];
        for (user, expected) in table {
            let got = account_of(user, PASSWD, GROUP).map(|a| (a.uid, a.gid, a.groups));
            assert_eq!(got, expected, "{user}");
        }
    }

    #[test]
    fn a_missing_command_and_one_without_the_bit_differ() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("data"), "x").expect("a file");
        let path = dir.path().to_string_lossy();
        let code = |name| {
            find(name, &path, Path::new("/"))
                .expect_err("neither runs")
                .code
        };
        assert_eq!(code("data"), FailureCode::NotExecutable);
        assert_eq!(code("nothing"), FailureCode::NotFound);
    }
}
