//! The author of a hostile project attacks a person's files by links: what is wrong with a file is shown
//! with its lines, on a terminal or in the log of a build machine, and a link makes it any file.

use crate::support::{Dp, Ran};
use std::os::unix::fs::symlink;

/// Files that a person may have, and the pieces of each that are nobody's business.
const SECRETS: [(&str, &[&str]); 8] = [
    (
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nAAAEb9HUNTER2q+/xy==\n-----END OPENSSH PRIVATE KEY-----\n",
        &["OPENSSH", "b3BlbnNz", "HUNTER2"],
    ),
    (
        "machine example.org\n  login ann\n  password hunter2\n",
        &["example.org", "login", "hunter2"],
    ),
    (
        "{\"auths\": {\"r.example.org\": {\"auth\": \"YW5uOmh1bnRlcjI=\"}}}\n",
        &["auths", "example", "YW5u"],
    ),
    (
        "root:$6$salt$hunter2:19000:0:::\nann:!:19000::::\n",
        &["$6$", "hunter2", "19000"],
    ),
    (
        "[default]\naws_secret_access_key = hunter2\n",
        &["[default]", "`default`", "aws_", "hunter2"],
    ),
    (
        "oauth: {token: hunter2}\nhunter3: [x\n",
        &["oauth", "hunter"],
    ),
    (
        "agent: {hunter2: 1}\nagnets: hunter2\nnam: hunter2\n",
        &["agnets", "hunter"],
    ),
    // What is only warned of.
    (
        "agents: {hunter2: {agent: shell}, hunter3: {agent: shell, peers: [hunter3]}}\n",
        &["hunter3\n", "peer", "[hunter3]"],
    ),
];

/// No piece of it is in what is said, on either stream.
fn assert_unsaid(ran: &Ran, pieces: &[&str], what: &str) {
    for piece in pieces {
        assert!(
            !format!("{}{}", ran.out(), ran.err()).contains(piece),
            "{what}: {piece}: {ran}"
        );
    }
}

#[test]
fn no_word_of_a_file_that_a_link_leads_to_is_printed() {
    let names = [
        "dp.toml",
        "dp.yml",
        "dspatch.workspace.yml",
        "sub/dp.yml",
        "sub/x.toml",
    ];
    for (text, pieces) in SECRETS {
        for name in names {
            let dp = Dp::new().home_file("secrets/own", text).file("own", text);
            let home = dp.home().join("secrets");
            for (target, is_above) in [
                (home.join("own"), false),
                ("own".into(), false),
                (home, true),
            ] {
                let link = match (name.split_once('/'), is_above) {
                    // The directory is the link, and what is in it a plain file.
                    (Some((directory, file)), true) => {
                        std::fs::copy(target.join("own"), target.join(file)).expect("a copy");
                        dp.path(directory)
                    }
                    (None, false) => dp.path(name),
                    _ => continue,
                };
                symlink(&target, &link).expect("a link");
                let mut said = 0;
                for words in [
                    "config check -- FILE",
                    "trust FILE",
                    "run -f FILE shell",
                    "run -f FILE --dry-run shell",
                    "run -f FILE --yes shell",
                    "sandbox stop --agent a",
                    "config check",
                    "trust",
                    "run shell",
                ] {
                    if is_above && !words.contains("FILE") {
                        continue;
                    }
                    for more in [&["--format", "json"][..], &["--color", "always"], &[]] {
                        let words = words
                            .split(' ')
                            .map(|it| if it == "FILE" { name } else { it });
                        let words: Vec<&str> = more.iter().copied().chain(words).collect();
                        let ran = dp.run(&words);
                        assert_unsaid(&ran, pieces, &format!("{name}: {words:?}"));
                        let ways = ["which is a link to", "leads out of"];
                        let text = ran.to_string();
                        said += usize::from(ways.iter().any(|way| text.contains(way)));
                    }
                }
                assert!(said >= 8, "{name}: {said}: {text}");
                std::fs::remove_file(&link).expect("removed");
            }
        }
    }
}

#[test]
fn no_word_of_a_file_that_a_link_of_a_template_leads_to_is_printed() {
    for (text, pieces) in &SECRETS[..7] {
        let dp = Dp::on_engine()
            .wary()
            .home_file("own", text)
            .file("t/.env", text)
            .file("t/agent.py", "")
            .file("dp.yml", "agents: {a: {template: ./t}}\n");
        for target in [dp.home().join("own"), ".env".into()] {
            for name in ["dspatch.agent.yml", "dspatch.agent.yaml"] {
                let link = dp.path(&format!("t/{name}"));
                symlink(&target, &link).expect("a link");
                for words in [
                    "config check",
                    "trust --yes",
                    "run --yes a",
                    "run --dry-run a",
                    "run --yes --format json a",
                ] {
                    let ran = dp.run(words.split(' '));
                    assert_unsaid(&ran, pieces, &format!("{name}: {words}"));
                    if words.starts_with("run --yes") {
                        assert_ne!(ran.code, 0, "{ran}");
                    }
                }
                std::fs::remove_file(&link).expect("removed");
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_file_of_the_project_itself_is_shown() {
    // The other side of the two above: the pieces would be seen.
    for (text, pieces) in SECRETS {
        let is_seen = ["dp.toml", "dp.yml"].into_iter().any(|name| {
            let ran = Dp::new().file(name, text).run(["config", "check"]);
            pieces.iter().any(|piece| ran.to_string().contains(piece))
        });
        assert!(is_seen, "{text}");
    }
}
