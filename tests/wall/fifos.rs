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

/// Puts each of them at `place` and runs `words`: it ends at once, and says `said` of the three, in
/// their order. So whoever passes the file over without a look is found out.
fn assert_said(person: impl Fn(Dp) -> Dp, place: &str, words: &[&str], said: [&str; 3]) {
    for ((what, put), said) in IN_ITS_PLACE.into_iter().zip(said) {
        let dp = person(Dp::new());
        let path: PathBuf = dp.root().join(place);
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        let _old = std::fs::remove_file(&path);
        put(&path);
        let ran = dp.spawn(words).wait_for(AT_ONCE);
        let all = ran.out() + &ran.err();
        assert!(all.contains(said), "{what} as {place}: {words:?}: {ran}");
    }
}

/// A file that is read by its name, and refused with a reason.
const REFUSED: [&str; 3] = ["is no regular file", "is no regular file", "is larger than"];

#[test]
fn nothing_in_the_place_of_a_persons_own_file_is_waited_for() {
    let state = "home/.local/state/dp";
    let table: [(&str, &[&str]); 4] = [
        ("home/.config/dp/config.toml", &["agents", "ls"]),
        (&format!("{state}/approvals.json"), &["trust", "--list"]),
        (&format!("{state}/secret-names.json"), &["secret", "ls"]),
        (
            &format!("{state}/secrets.json"),
            &["secret", "set", "A", "--file", "/etc/hostname"],
        ),
    ];
    for (place, words) in table {
        assert_said(|dp| dp, place, words, REFUSED);
    }
    let secret = ["secret", "set", "A", "--file", "../secret"];
    let said = [REFUSED[0], REFUSED[1], "longer than 64 KiB"];
    assert_said(|dp| dp, "secret", &secret, said);
    // It may name another engine than the one at hand.
    let person = |dp: Dp| dp.env_remove("DOCKER_HOST");
    let place = "home/.docker/config.json";
    for words in [&["doctor"][..], &["sandbox", "ls"]] {
        assert_said(person, place, words, REFUSED);
    }
    // Nobody asks for a context where the engine is named.
    let named = |dp: Dp| person(dp).env("DOCKER_CONTEXT", "default");
    assert_said(named, place, &["config", "show"], ["known socket"; 3]);
}

#[test]
fn nothing_in_the_place_of_a_docker_contexts_file_is_waited_for() {
    let meta = format!("home/.docker/contexts/meta/{}/meta.json", sha256("far"));
    let person = |dp: Dp| dp.env_remove("DOCKER_HOST").env("DOCKER_CONTEXT", "far");
    assert_said(person, &meta, &["sandbox", "ls"], REFUSED);
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
        let place = format!("certificates/{name}");
        let said = REFUSED.map(|why| format!("{name}`: {why}"));
        let said = [&said[0], &said[1], &said[2]].map(String::as_str);
        assert_said(person, &place, &["sandbox", "ls"], said);
    }
}

#[test]
fn nothing_in_the_place_of_a_bundle_or_a_guest_is_waited_for() {
    let words = |options: &[&str]| -> Vec<String> {
        let run = ["run", "-t", "dp-test/busybox"];
        let words = [&run[..], options, &["shell", "-c", "echo ran"]].concat();
        words.into_iter().map(str::to_string).collect()
    };
    for (variable, options, is_new) in [
        ("SSL_CERT_FILE", &["--ca-certificates", "host"][..], false),
        ("DP_GUEST", &[], true),
    ] {
        for (what, put) in IN_ITS_PLACE {
            let dp = Dp::on_engine();
            let file = dp.root().join("file");
            put(&file);
            // Of a build whose guest was never delivered: it is read to be sent.
            let dp = if is_new { dp.of_another_build() } else { dp };
            let dp = dp.env(variable, &file);
            let ran = dp.spawn(words(options)).wait_for(AT_ONCE);
            // It is passed over: the system's bundle and the running program are there as well.
            assert_eq!(ran.out(), "ran\n", "{what} as {variable}: {ran}");
        }
    }
}

#[test]
fn nothing_in_the_place_of_a_projects_file_is_waited_for() {
    // What is no file is no workspace file, unless it is named.
    let found = [
        "no workspace file here",
        "no workspace file here",
        "is larger than 1 MiB",
    ];
    let named = ["is no file", "is no file", "is larger than 1 MiB"];
    for name in ["dp.yml", "dp.toml"] {
        let place = format!("app/{name}");
        assert_said(|dp| dp, &place, &["config", "check"], found);
        assert_said(|dp| dp, &place, &["config", "check", name], named);
        for words in [&["run", "-f", name, "shell"][..], &["trust", name]] {
            assert_said(|dp| dp, &place, words, named);
        }
        // Completion says nothing of it, and ends.
        assert_said(|dp| dp, &place, &["__complete", "run", ""], [""; 3]);
    }
    assert_said(
        |dp| dp,
        "app/dp.yml",
        &["run", "shell"],
        ["Docker", "Docker", found[2]],
    );
}
