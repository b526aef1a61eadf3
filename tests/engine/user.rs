//! An unprivileged person: what is made inside belongs to them, and they are somebody inside.

use crate::support::{Dp, Ran, engine_socket};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

const USER: u32 = 4242;

/// A member of the group that may use the engine.
fn person() -> Dp {
    let socket = std::fs::metadata(engine_socket()).expect("the engine's socket");
    Dp::on_engine()
        .file("theirs.txt", "theirs")
        .unprivileged(USER, &[socket.gid()])
}

fn user() -> u32 {
    let own = rustix::process::getuid();
    if own.is_root() { USER } else { own.as_raw() }
}

fn run(dp: &Dp, script: &str) -> Ran {
    dp.run(["run", "-t", "dp-test/debian", "shell", "-c", script])
}

fn owner(path: impl AsRef<Path>) -> (u32, u32) {
    let metadata = std::fs::symlink_metadata(path).expect("it is there");
    (metadata.uid(), metadata.gid())
}

#[test]
fn what_is_made_inside_belongs_to_the_person() {
    let dp = person();
    let script = "echo x > made; mkdir -p deep/er; echo y > /workspace/deep/er/file; ln -s x link; \
                  stat -c %U:%u theirs.txt";
    assert_eq!(run(&dp, script).ok(), format!("agent:{}", user()));
    for name in ["made", "deep", "deep/er/file", "link", "theirs.txt"] {
        assert_eq!(owner(dp.path(name)).0, user(), "{name}");
    }
    std::fs::write(dp.path("made"), "").expect("it is an ordinary file");
}

#[test]
fn the_person_is_agent_with_a_home_and_sudo() {
    let dp = person();
    let script = "id -un; id -u; whoami; echo $HOME $USER $LOGNAME $SHELL; cd ~ && pwd && touch x && ls x; \
                  stat -c %U:%a .; getent passwd agent | cut -d: -f6; sudo -n id -u; sudo -n -u agent id -un";
    let user = user();
    let home = "/home/agent";
    let expected = format!(
        "agent\n{user}\nagent\n{home} agent agent /bin/bash\n{home}\nx\nagent:750\n{home}\n0\nagent"
    );
    assert_eq!(run(&dp, script).ok(), expected);
    assert_eq!(
        run(&dp, "ls -A ~ | grep -c bashrc").ok(),
        "1",
        "the image's skeleton"
    );
}

#[test]
fn nothing_on_the_host_changes_its_owner() {
    let dp = person();
    std::fs::create_dir(dp.path("roots")).expect("a directory");
    std::fs::write(dp.path("roots/file"), "").expect("a file");
    let before: Vec<_> = ["", "theirs.txt", "roots", "roots/file"]
        .map(|name| owner(dp.path(name)))
        .into();
    run(&dp, "true").ok();
    dp.run(["sandbox", "stop", "."]).ok();
    run(&dp, "true").ok();
    let after: Vec<_> = ["", "theirs.txt", "roots", "roots/file"]
        .map(|name| owner(dp.path(name)))
        .into();
    assert_eq!(before, after);
}

#[test]
fn what_belongs_to_root_stays_closed() {
    let dp = person();
    let ran = run(&dp, "cat /etc/shadow; ls /.dp; echo x > /etc/x; kill -9 1");
    assert_eq!(ran.out(), "", "{ran}");
    assert_eq!(ran.err().matches("ermi").count(), 4, "{ran}");
}

#[test]
fn an_image_without_sudo_gains_no_privileges() {
    let dp = person();
    let words = ["run", "-t", "dp-test/busybox", "shell", "-c"];
    let script = "id -un; id -u; grep NoNewPrivs /proc/self/status; touch made; echo $HOME";
    let ran = dp.run(words.iter().chain(&[script]));
    assert_eq!(
        ran.ok(),
        format!("agent\n{}\nNoNewPrivs:\t1\n/home/agent", user())
    );
    assert_eq!(owner(dp.path("made")).0, user());
}

#[test]
fn an_image_with_one_program_knows_the_person_too() {
    let dp = person().home_file(
        ".config/dp/config.toml",
        "[agents.hello]\ncommand = [\"/hello\", \"0\"]\n",
    );
    let ran = dp.run(["run", "-t", "dp-test/static", "hello"]);
    assert!(ran.ok().contains(&format!("uid={}\n", user())), "{ran}");
}

#[test]
fn exec_and_cp_are_the_persons_and_root_when_asked() {
    let dp = person();
    run(&dp, "true").ok();
    assert_eq!(dp.run(["sandbox", "exec", ".", "id", "-un"]).ok(), "agent");
    assert_eq!(
        dp.run(["sandbox", "exec", "-u", "root", ".", "id", "-un"])
            .ok(),
        "root"
    );
    dp.run(["sandbox", "cp", "theirs.txt", ".:/tmp/"]).ok();
    let ran = dp.run([
        "sandbox",
        "exec",
        ".",
        "stat",
        "-c",
        "%U",
        "/tmp/theirs.txt",
    ]);
    assert_eq!(ran.ok(), "agent");
    dp.run([
        "sandbox",
        "exec",
        "-u",
        "root",
        ".",
        "sh",
        "-c",
        "echo secret > /tmp/roots",
    ])
    .ok();
    dp.run(["sandbox", "cp", ".:/tmp/roots", "."]).ok();
    assert_eq!(owner(dp.path("roots")).0, user());
}

#[test]
fn the_login_volume_belongs_to_the_person_from_the_start() {
    let agent = format!("login{}", std::process::id());
    let text = format!(
        "[agents.{agent}]\ncommand = [\"sh\", \"-c\"]\nstate = {{ directory = \".config/probe\" }}\n"
    );
    let dp = person().home_file(".config/dp/config.toml", text);
    let script =
        "echo x > ~/.config/probe/token; stat -c %U ~/.config ~/.config/probe; touch ~/.config/x";
    let ran = dp.run(["run", "-t", "dp-test/debian", &agent, script]);
    assert_eq!(ran.ok(), "agent\nagent");
}

#[test]
fn the_engines_socket_can_be_used_when_it_is_given() {
    let dp = person();
    let words = [
        "run",
        "--mount-docker-socket",
        "-t",
        "dp-test/debian",
        "shell",
        "-c",
    ];
    let script = "test -w /var/run/docker.sock && echo may";
    assert_eq!(dp.run(words.iter().chain(&[script])).ok(), "may");
}

#[test]
fn the_state_directory_is_the_persons_alone() {
    let dp = person();
    run(&dp, "true").ok();
    let state = dp.home().join(".local/state/dp");
    for directory in [state.clone(), state.join("s")] {
        let mode = std::fs::metadata(&directory)
            .expect("a directory")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{}", directory.display());
        assert_eq!(owner(&directory).0, user());
    }
}

#[test]
fn a_home_that_cannot_be_written_is_said_to_be() {
    if !rustix::process::getuid().is_root() {
        return; // Nobody to give it to.
    }
    let dp = person();
    std::os::unix::fs::chown(dp.home(), Some(0), Some(0)).expect("it is given away");
    let ran = run(&dp, "true");
    assert_eq!(ran.code, 125, "{ran}");
    assert!(
        ran.err().contains("cannot use the state directory of `dp`"),
        "{ran}"
    );
    assert!(
        ran.err().to_lowercase().contains("permission denied"),
        "{ran}"
    );
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn auto_is_another_user_where_the_sandbox_has_one() {
    let dp = Dp::on_engine();
    let run = |options: &[&str]| {
        let words = ["run", "-t", "dp-test/busybox"];
        dp.run([&words, options, &["shell", "-c", "id -u"]].concat())
    };
    assert_eq!(run(&["--user", "4242"]).ok(), "4242");
    let ran = run(&["--user", "auto"]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("| user: 4242:4242 -> "), "{ran}");
    let me = rustix::process::getuid().to_string();
    assert_eq!(run(&["--user", "auto", "--recreate"]).ok(), me);
    assert_eq!(run(&["--user", "auto"]).ok(), me);
}
