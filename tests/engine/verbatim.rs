//! The workspace files that d:spatch's documents show, letter by letter: each of them runs.

use crate::support::{Dp, with_base};
use std::path::Path;

const WORKSPACE: &str = "workspace_dir: /home/user/projects/my-app\n";

const HOME: &str = "docker:
  home_persistence: true
";

const MOUNTS: &str = "mounts:
  - host_path: ~/.ssh
    container_path: /root/.ssh
    read_only: true
  - host_path: ~/.config/gh
    container_path: /root/.config/gh
    read_only: true
";

const LIMITS: &str = "docker:
  network_mode: host
  ports:
    - \"8080:8080\"
  gpu: true
  memory: 8g
  cpus: 4
";

const NAME: &str = "dspatch.workspace.yml";

/// With the built-in image, and with it a Docker engine inside.
fn person(text: &str) -> Dp {
    with_base().file(NAME, text)
}

fn run(dp: &Dp, options: &[&str], script: &str) -> crate::support::Ran {
    let words = [
        &["run", "--ca-certificates", "host"],
        options,
        &["shell", "-ec", script],
    ];
    dp.spawn(words.concat())
        .wait_for(std::time::Duration::from_secs(120))
}

/// `/home/user/projects/my-app`, as far as it was not there, for as long as the test runs.
struct Made(Vec<&'static Path>);

impl Made {
    fn new() -> Self {
        let all = [
            "/home/user",
            "/home/user/projects",
            "/home/user/projects/my-app",
        ]
        .map(Path::new);
        let missing: Vec<_> = all.into_iter().filter(|path| !path.exists()).collect();
        for path in &missing {
            std::fs::create_dir(path)
                .expect("the tests of the document's own path are run by root");
        }
        Self(missing)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for path in self.0.iter().rev() {
            let _kept = std::fs::remove_dir(path);
        }
    }
}

#[test]
fn the_workspace_directory() {
    let _made = Made::new();
    let inside = Path::new("/home/user/projects/my-app/written-inside");
    let dp = person(WORKSPACE).wary();
    let refused = run(&dp, &[], "true");
    assert_eq!(refused.code, 125, "{refused}");
    assert!(
        refused
            .err()
            .contains("work on \"/home/user/projects/my-app\""),
        "{refused}"
    );
    // Docker inside is on: the image has it.
    let script = "pwd; id -u; docker info --format '{{.ServerVersion}}' >/dev/null; echo changed > written-inside";
    let ran = run(&dp, &["--yes"], script);
    assert_eq!(
        ran.ok(),
        format!("/workspace\n{}", rustix::process::getuid()),
        "{ran}"
    );
    assert_eq!(
        std::fs::read_to_string(inside).expect("it is outside as well"),
        "changed\n"
    );
    std::fs::write(inside, "outside\n").expect("a file");
    assert_eq!(
        run(&dp, &[], "cat /workspace/written-inside").ok(),
        "outside"
    );
    std::fs::remove_file(inside).expect("it is there");
}

#[test]
fn the_home_is_kept() {
    let dp = person(HOME);
    run(&dp, &[], "echo kept > ~/kept").ok();
    let ran = run(&dp, &["--recreate", "--yes"], "cat ~/kept");
    assert_eq!(ran.ok(), "kept", "{ran}");
}

#[test]
fn the_mounts_are_read_only() {
    let dp = person(MOUNTS)
        .wary()
        .home_file(".ssh/config", "Host example\n")
        .home_file(".config/gh/hosts.yml", "example: {}\n");
    let refused = run(&dp, &[], "true");
    assert!(
        refused
            .err()
            .contains("/.ssh\" at \"/root/.ssh\", read-only"),
        "{refused}"
    );
    let script = "cat /root/.ssh/config /root/.config/gh/hosts.yml; ! echo x >> /root/.ssh/config; ! touch /root/.config/gh/x";
    let ran = run(&dp, &["--yes", "--user", "root"], script);
    assert!(ran.ok().starts_with("Host example\nexample: {}"), "{ran}");
}

#[test]
fn limits_ports_and_the_hosts_network() {
    // This machine has no GPU: it says so, and nothing is made.
    let dp = person(LIMITS);
    let refused = run(&dp, &["--yes"], "true");
    assert_eq!(refused.code, 125, "{refused}");
    assert!(refused.err().contains("GPU"), "{refused}");
    assert!(dp.containers().is_empty());
    let dp = dp.file(NAME, LIMITS.replace("gpu: true", "gpu: false"));
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    let host = host.trim();
    let script = "docker info --format '{{.ServerVersion}}' >/dev/null; hostname";
    let ran = run(&dp, &["--yes"], script);
    assert_eq!(ran.ok(), host, "{ran}");
    assert!(
        ran.err()
            .contains("`ports` does nothing with `network_mode` `host`"),
        "{ran}"
    );
    let inspected = dp.inspect();
    let host = &inspected["HostConfig"];
    assert_eq!(host["NetworkMode"], "host", "{host}");
    assert_eq!(host["Memory"], 8_u64 << 30, "{host}");
    // No more than the machine has, which is no limit.
    let cpus = std::thread::available_parallelism()
        .expect("a number")
        .get()
        .min(4) as u64;
    assert_eq!(host["NanoCpus"], cpus * 1_000_000_000, "{host}");
    let inspected = dp
        .run(["--format", "json", "sandbox", "inspect", "."])
        .json();
    assert_eq!(inspected["settings"]["dind"], "rootless", "{inspected}");
    let applied = cpus * 1_000_000_000;
    assert_eq!(
        inspected["settings"]["cpus"], applied,
        "what is applied is shown"
    );
    // The file still says what it said: that is no difference.
    run(&dp, &[], "true").ok();
}
