//! The author of a project, or whoever writes to a directory that `dp` reads, attacks the person's
//! `dp`: a FIFO, a device or a file without end stands in the place of a file.

use crate::support::Dp;
use dp::digest::sha256;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Long before a person loses patience; nothing here waits for anybody.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Puts something in a file's place.
type Put = fn(&Path);

const IN_ITS_PLACE: [(&str, Put); 3] = [
    ("a FIFO", |path| {
        let made = Command::new("mkfifo").arg(path).status();
        assert!(made.expect("it is installed").success());
    }),
    ("a device without end", |path| {
        symlink("/dev/zero", path).expect("a link");
    }),
    ("a sparse file", |path| {
        let file = std::fs::File::create(path).expect("a file");
        file.set_len(1 << 40).expect("a size");
    }),
];

/// Puts each of them at `place` and runs `words`: it ends at once, whatever it says.
fn assert_ends(person: impl Fn(Dp) -> Dp, place: &str, words: &[&str]) {
    for (what, put) in IN_ITS_PLACE {
        let dp = person(Dp::new());
        let path: PathBuf = dp.root().join(place);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        let _old = std::fs::remove_file(&path);
        put(&path);
        let mut running = dp.spawn(words);
        assert!(running.ends_within(AT_ONCE), "{what} as {place}: {words:?}");
    }
}

#[test]
fn nothing_in_the_place_of_a_persons_own_file_is_waited_for() {
    let state = "home/.local/state/dp";
    let table: [(&str, &[&str]); 6] = [
        ("home/.config/dp/config.toml", &["agents", "ls"]),
        (&format!("{state}/approvals.json"), &["trust", "--list"]),
        (&format!("{state}/secret-names.json"), &["secret", "ls"]),
        (
            &format!("{state}/secrets.json"),
            &["secret", "set", "A", "--file", "/etc/hostname"],
        ),
        ("app/secret", &["secret", "set", "A", "--file", "secret"]),
        ("home/.docker/config.json", &["doctor"]),
    ];
    for (place, words) in table {
        let person = |dp: Dp| match place {
            "home/.docker/config.json" => dp.env_remove("DOCKER_HOST"),
            _ => dp,
        };
        assert_ends(person, place, words);
    }
}

#[test]
fn nothing_in_the_place_of_a_docker_contexts_file_is_waited_for() {
    let meta = format!("home/.docker/contexts/meta/{}/meta.json", sha256("far"));
    let person = |dp: Dp| dp.env_remove("DOCKER_HOST").env("DOCKER_CONTEXT", "far");
    assert_ends(person, &meta, &["sandbox", "ls"]);
    for name in ["ca.pem", "cert.pem", "key.pem"] {
        let person = |dp: Dp| {
            let certificates = dp.root().join("certificates");
            std::fs::create_dir_all(&certificates).expect("a directory");
            for name in ["ca.pem", "cert.pem", "key.pem"] {
                std::fs::write(certificates.join(name), "").expect("a file");
            }
            dp.env("DOCKER_HOST", "tcp://127.0.0.1:1")
                .env("DOCKER_TLS_VERIFY", "1")
                .env("DOCKER_CERT_PATH", certificates)
        };
        assert_ends(person, &format!("certificates/{name}"), &["sandbox", "ls"]);
    }
}

#[test]
fn nothing_in_the_place_of_a_bundle_or_a_guest_is_waited_for() {
    let named = |variable: &'static str| {
        move |dp: Dp| {
            let file = dp.root().join("file");
            dp.env(variable, file)
        }
    };
    let run = ["run", "--host-ca", "shell"];
    assert_ends(named("SSL_CERT_FILE"), "file", &run);
    assert_ends(named("DP_GUEST"), "file", &run);
}

#[test]
fn nothing_in_the_place_of_a_projects_file_is_waited_for() {
    let nothing = |dp: Dp| dp;
    assert_ends(nothing, "app/dp.yml", &["config", "check"]);
    assert_ends(nothing, "app/dp.toml", &["config", "check"]);
    assert_ends(nothing, "app/dp.yml", &["run", "shell"]);
    assert_ends(nothing, "app/dp.yml", &["__complete", "run", ""]);
}
