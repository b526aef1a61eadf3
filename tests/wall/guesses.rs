//! Whoever reads what `dp` prints or keeps, such as a log of a build machine or a copy of the state
//! directory without its key, attacks a person's secrets by guessing: a hash tells whether a guess is
//! right, unless it is by a key that is the person's own.

use crate::support::{Dp, Pty};
use dp::digest::sha256;
use std::collections::HashSet;
use std::path::Path;

const SECRET: &str = "hunter2";
const FILE: &str = "env: {API_TOKEN: hunter2}\nenv_file: ../own/vars.env\nagents: {a: {agent: claude, env: {HTTPS_PROXY: \"http://me:hunter2@h\"}}}\n";

fn person() -> Dp {
    Dp::new()
        .wary()
        .file("../own/vars.env", "FROM_FILE=hunter2\n")
        .file("dp.yml", FILE)
}

/// The text of every file below a directory.
fn all(directory: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all(&path, files);
        } else {
            let text = std::fs::read(&path).expect("a file");
            files.push((path.display().to_string(), text));
        }
    }
}

/// The hashes that are shown.
fn hashes(text: &str) -> Vec<&str> {
    let parts = text.split("(hash ").skip(1);
    parts.filter_map(|part| part.get(..8)).collect()
}

#[test]
fn nothing_that_is_printed_or_kept_tells_whether_a_guess_is_right() {
    let dp = person();
    let ran = dp.run(["trust", "--yes"]);
    assert_eq!(ran.code, 0, "{ran}");
    let shown = ran.to_string();
    let guesses = ["hunter2", "http://me:hunter2@h"].map(|guess| sha256(guess)[..8].to_string());
    for guess in guesses.iter().map(String::as_str).chain([SECRET]) {
        assert!(!shown.contains(guess), "{ran}");
    }
    let mut files = Vec::new();
    all(&dp.home(), &mut files);
    let kept: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    for name in ["approvals.json", "accepted/", "hash-key"] {
        assert!(kept.iter().any(|path| path.contains(name)), "{kept:?}");
    }
    for (path, text) in &files {
        let text = String::from_utf8_lossy(text);
        for guess in guesses.iter().map(String::as_str).chain([SECRET]) {
            assert!(!text.contains(guess), "{path}: {text}");
        }
    }
    // The same for this person, and another one for the next.
    let again = dp.run(["trust", "--yes"]).to_string();
    assert_eq!(dp.run(["trust"]).code, 0);
    let other = person().run(["trust", "--yes"]).to_string();
    let (own, again, other) = (hashes(&shown), hashes(&again), hashes(&other));
    let count = |hashes: &[&str]| hashes.iter().collect::<HashSet<_>>().len();
    for hashes in [&own, &again, &other] {
        assert_eq!(count(hashes), 3, "{shown}");
    }
    assert!(again.iter().all(|hash| own.contains(hash)));
    assert!(other.iter().all(|hash| !own.contains(hash)));
}

#[test]
fn another_secret_is_asked_for_and_a_key_that_is_lost_allows_nothing() {
    let dp = person();
    dp.run(["trust", "--yes"]).ok();
    let other = FILE.replacen(SECRET, "hunter3", 1);
    let dp = dp.file("dp.yml", other);
    assert_eq!(dp.run(["trust"]).code, 4);
    let dp = dp.file("dp.yml", FILE);
    assert_eq!(dp.run(["trust"]).code, 0);
    let key = dp.home().join(".local/state/dp/hash-key");
    let kept = std::fs::read(&key).expect("the key");
    std::fs::remove_file(&key).expect("removed");
    let wrongs: [&dyn Fn(); 3] = [
        &|| std::fs::write(&key, "short").expect("a file"),
        &|| std::fs::create_dir(&key).expect("a directory"),
        &|| {
            let path = std::ffi::CString::new(key.display().to_string()).expect("a path");
            rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RUSR).expect("a pipe");
        },
    ];
    for wrong in wrongs {
        wrong();
        let ran = dp.run(["trust"]);
        assert_eq!(ran.code, 4, "{ran}");
        assert!(ran.err().contains("cannot be used"), "{ran}");
        let _gone = std::fs::remove_file(&key).or_else(|_| std::fs::remove_dir(&key));
    }
    std::fs::write(&key, kept).expect("the key");
    assert_eq!(dp.run(["trust"]).code, 0);
    // A change is still shown as one, without the secret.
    let dp = dp.file(
        "dp.yml",
        format!("name: x\n{FILE}").replace(SECRET, "hunter4"),
    );
    let mut pty = Pty::start(&dp, ["trust"], 50, 100);
    pty.expect("Allow it?");
    let seen = pty.seen();
    assert!(
        seen.contains("| + name: x") && !seen.contains("hunter"),
        "{seen}"
    );
    pty.send("n\r");
    pty.wait();
}

#[test]
fn a_guess_that_a_project_writes_beside_a_secret_has_another_hash() {
    // The same value in a person's file, and under many names and in many places of the project's.
    let guess = |name: &str| format!("{name}: hunter2");
    let names: Vec<String> = (0..20).map(|at| guess(&format!("G{at}_TOKEN"))).collect();
    let file = format!(
        "env_file: [../own/vars.env, ../own/more.env, guess.env]\n\
         env: {{{}, PIN_TOKEN: hunter2}}\n\
         agents: {{a: {{agent: claude, env: {{PIN_TOKEN: hunter2}}}}, b: {{agent: claude, env: {{PIN_TOKEN: hunter2}}}}}}\n",
        names.join(", ")
    );
    let dp = Dp::new()
        .wary()
        .file("../own/vars.env", "PIN_TOKEN=hunter2\nFROM_FILE=hunter2\n")
        .file("../own/more.env", "PIN_TOKEN=hunter2\n")
        .file("guess.env", "PIN_TOKEN=hunter2\n")
        .file("dp.yml", &file)
        .file("other/guess.env", "")
        .file("other/dp.yml", file.replace("../own", "../../own"));
    let asked = |dp: &Dp, path: &str| {
        let ran = dp.run(["trust", path]);
        assert_eq!(ran.code, 4, "{ran}");
        ran.to_string()
    };
    let shown = asked(&dp, "dp.yml");
    let all = hashes(&shown);
    assert_eq!(all.len(), 20 + 7, "{shown}");
    let own: HashSet<&str> = all.iter().copied().collect();
    assert_eq!(own.len(), all.len(), "{shown}");
    let again = asked(&dp, "dp.yml");
    assert_eq!(hashes(&again), all);
    // The variables of a person's file stay the same ones, but another file names them.
    let other = asked(&dp, "other/dp.yml");
    let other = hashes(&other);
    assert_eq!(other.len(), 20 + 6, "{shown}");
    assert!(other.iter().all(|hash| !own.contains(hash)), "{other:?}");
    // What a link led to in one run has another hash than a guess that it leads to in the next.
    let dp = dp.file(
        "dp.yml",
        "env_file: link.env\nagents: {a: {agent: claude}}\n",
    );
    let led = |to: &str| {
        let _none = std::fs::remove_file(dp.path("link.env"));
        std::os::unix::fs::symlink(to, dp.path("link.env")).expect("a link");
        let shown = asked(&dp, "dp.yml");
        let hashes = hashes(&shown);
        assert_eq!(hashes.len(), 1, "{shown}");
        hashes[0].to_string()
    };
    assert_ne!(led("../own/more.env"), led("guess.env"));
}
