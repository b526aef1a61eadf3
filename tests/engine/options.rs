//! What the options of `run` come to in the engine and inside.

use crate::sh;
use crate::support::{DEADLINE, Dp, Ran, docker, engine_socket, wait_until};
use insta::assert_snapshot;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn run(dp: &Dp, options: &[&str], script: &str) -> Ran {
    let words = [
        &["run", "-t", "dp-test/busybox"],
        options,
        &["shell", "-c", script],
    ];
    dp.run(words.concat())
}

#[test]
fn a_sandbox_is_hardened_without_being_asked() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let host = dp.inspect()["HostConfig"].take();
    assert_eq!(host["PidsLimit"], 4096);
    assert_eq!(host["Privileged"], false);
    assert_eq!(host["CapAdd"], serde_json::Value::Null);
    assert_ne!(host["NetworkMode"], "host");
    assert!(
        host["Binds"].is_null(),
        "mounts, which never make a directory of the host"
    );
    let options = host["SecurityOpt"].to_string();
    assert!(!options.contains("unconfined"), "{options}");
    let status = sh(&dp, "grep -E 'NoNewPrivs|Seccomp:' /proc/self/status").ok();
    assert!(
        status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"),
        "{status}"
    );
    assert_eq!(
        sh(&dp, "ls /var/run/docker.sock 2>/dev/null; true").ok(),
        ""
    );
    assert_eq!(
        sh(&dp, "touch /.dp/bin/x 2>&1").code,
        1,
        "the guest's binary is read-only"
    );
}

#[test]
fn a_published_port_is_on_loopback_and_reachable() {
    let dp = Dp::on_engine().file("index.html", "served from inside\n");
    dp.run(["run", "-d", "-p", "8080", "-t", "dp-test/busybox", "shell"])
        .ok();
    let server = [
        "sandbox",
        "exec",
        "-d",
        ".",
        "httpd",
        "-f",
        "-p",
        "8080",
        "-h",
        "/workspace",
    ];
    dp.run(server).ok();
    let ports = dp.run(["--format", "json", "sandbox", "ports", "."]).json();
    assert_eq!(
        (&ports[0]["ip"], &ports[0]["container"]),
        (&"127.0.0.1".into(), &8080.into())
    );
    let port = ports[0]["host"]
        .as_u64()
        .and_then(|port| u16::try_from(port).ok())
        .expect("a port");
    let mut answer = String::new();
    wait_until("the server answers", DEADLINE, || {
        answer.clear();
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
            return false;
        };
        let asked = stream.write_all(b"GET /index.html HTTP/1.0\r\n\r\n");
        asked
            .and_then(|()| stream.read_to_string(&mut answer))
            .is_ok_and(|count| count > 0)
    });
    assert!(answer.ends_with("served from inside\n"), "{answer}");
    let table = dp.run(["sandbox", "ports", "."]).ok();
    assert!(
        table.contains(&format!("8080/tcp  127.0.0.1:{port}")),
        "{table}"
    );
    // The same request again is no difference, another one is.
    assert_eq!(run(&dp, &["-p", "8080"], "true").code, 0);
    let ran = run(&dp, &["-p", "8081"], "true");
    assert!(ran.err().contains("| ports: "), "{ran}");
}

#[test]
fn a_port_that_is_in_use_leaves_no_container_behind() {
    let dp = Dp::on_engine();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let ran = run(&dp, &["-p", &format!("{port}:80")], "true");
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("cannot be started"), "{ran}");
    assert!(
        ran.err()
            .contains("another program or sandbox has the port"),
        "{ran}"
    );
    assert_eq!(dp.containers(), [""; 0]);
    drop(taken);
    assert_eq!(run(&dp, &["-p", &format!("{port}:80")], "true").code, 0);
}

#[test]
fn the_hosts_network_is_given_when_asked_for() {
    let dp = Dp::on_engine();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let script = format!("nc -w 5 127.0.0.1 {port} </dev/null");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream.write_all(b"the host\n").expect("it listens");
    });
    assert_eq!(run(&dp, &["--network", "host"], &script).ok(), "the host");
    server.join().expect("it was reached");
}

#[test]
fn a_network_that_does_not_exist() {
    let dp = Dp::on_engine();
    let ran = lacking(&dp, &["--network", "no-such-network"]);
    let said = ran.err();
    assert!(
        said.starts_with("error: the engine has no network `no-such-network`\n  cause: it has "),
        "{ran}"
    );
    assert!(said.contains("`bridge`"), "{ran}");
    assert!(
        said.ends_with("  hint: `docker network create no-such-network` makes it\n"),
        "{ran}"
    );
    let ran = lacking(&dp, &["--network", "brigde"]);
    assert!(ran.err().contains("did you mean `bridge`?"), "{ran}");
    let planned = dp.run(["run", "--dry-run", "--network", "brigde", "shell"]);
    assert_eq!(planned.err(), ran.err());
}

/// A run that asks for what the engine lacks: told before anybody looks for the image.
fn lacking(dp: &Dp, options: &[&str]) -> Ran {
    let image = ["-t", "dp-test/none", "--pull", "never"];
    let words = [&["run"], &image[..], options, &["shell", "-c", "true"]];
    let ran = dp.run(words.concat());
    assert_eq!(ran.code, 125, "{ran}");
    assert_eq!(dp.containers(), [""; 0], "nothing is left behind");
    ran
}

#[test]
fn a_network_of_the_engine_by_name_and_by_id() {
    let dp = Dp::on_engine();
    let name = format!("dp-test-{}", std::process::id());
    let network = Network(docker(&[
        "network",
        "create",
        "--internal",
        "--label",
        dp.label(),
        &name,
    ]));
    let of_container = |dp: &Dp| dp.inspect()["NetworkSettings"]["Networks"].to_string();
    run(&dp, &["--network", &name], "true").ok();
    assert!(
        of_container(&dp).contains(&network.0),
        "{}",
        of_container(&dp)
    );
    let id = &network.0[..12];
    run(&dp, &["--network", id, "--recreate"], "true").ok();
    assert!(
        of_container(&dp).contains(&network.0),
        "{}",
        of_container(&dp)
    );
    dp.run(["sandbox", "rm", "--force", "."]).ok();
}

/// A network until it is dropped.
struct Network(String);

impl Drop for Network {
    fn drop(&mut self) {
        let words = ["network", "rm", &self.0];
        let _gone = std::process::Command::new("docker").args(words).output();
    }
}

#[test]
fn gpus_that_the_engine_does_not_have_leave_no_container_behind() {
    let dp = Dp::on_engine();
    let given = docker(&["info", "--format", "{{json .}}"]);
    if given.contains("nvidia") || given.contains("/gpu=") {
        return; // It has.
    }
    assert_snapshot!(lacking(&dp, &["--gpu"]), @r"
    exit 125
    --- stderr
    error: the engine has no GPU for a container
      cause: it has no runtime `nvidia`, and no GPU among its CDI devices
      hint: install NVIDIA's driver and `nvidia-container-toolkit`, run `sudo nvidia-ctk runtime configure --runtime=docker`, and restart Docker; other makers' tools describe their GPUs as CDI devices
      hint: or do without: no `--gpu`, no `gpu` in the workspace file
    ");
    // One that is there is entered and not asked about: it is told apart as any difference.
    run(&dp, &[], "true").ok();
    let ran = run(&dp, &["--gpu"], "true");
    assert!(ran.err().contains("| gpu: default -> true"), "{ran}");
    // Made anew it would have none, so it stays as it is.
    let id = dp.container();
    let ran = run(&dp, &["--gpu", "--recreate"], "true");
    assert!(ran.err().contains("no GPU for a container"), "{ran}");
    assert_eq!(dp.container(), id);
    assert_eq!(dp.inspect()["State"]["Running"], true);
}

#[test]
fn mounts_are_where_they_are_asked_for_and_as_closed() {
    let dp = Dp::on_engine()
        .file("../data/x", "1")
        .file("../one.txt", "2")
        .home_file("inner/y", "3");
    let options = [
        "-v",
        "../data:/mnt/rw",
        "-v",
        "../data:/mnt/ro:ro",
        "-v",
        "../data:/mnt/readonly:readonly",
        "-v",
        "../one.txt:/etc/one.txt",
        "-v",
        "~/inner:/mnt/home",
    ];
    let script = "cat /mnt/rw/x /mnt/ro/x /etc/one.txt /mnt/home/y; echo; echo new > /mnt/rw/made; \
                  for place in ro readonly; do touch /mnt/$place/z 2>&1 | grep -o 'Read-only.*'; done";
    let ran = run(&dp, &options, script);
    let closed = "Read-only file system";
    assert_eq!(ran.ok(), format!("1123\n{closed}\n{closed}"));
    assert_eq!(
        std::fs::read(dp.path("../data/made")).expect("made inside"),
        b"new\n"
    );
    // The order of options is no difference, and neither is leaving them out.
    let (volumes, rest) = options.split_at(2);
    assert_eq!(run(&dp, &[rest, volumes].concat(), "true").code, 0);
    assert_eq!(run(&dp, &[], "true").code, 0);
    let ran = run(&dp, &["-v", "../data:/mnt/ro"], "true");
    assert!(ran.err().contains("| mounts: "), "{ran}");
}

#[test]
fn a_further_workspace_is_at_its_own_path() {
    let dp = Dp::on_engine().file("../lib/x", "1").file("../docs/y", "2");
    let (lib, docs) = (dp.path("../lib"), dp.path("../docs"));
    let docs = std::fs::canonicalize(docs).expect("a path");
    let lib = std::fs::canonicalize(lib).expect("a path");
    let (lib, docs) = (lib.display(), docs.display());
    let script =
        format!("cat {lib}/x {docs}/y; touch {lib}/z; touch {docs}/z 2>/dev/null || echo closed");
    let ran = run(
        &dp,
        &["--add-workspace", "../lib", "--add-workspace", "../docs:ro"],
        &script,
    );
    assert_eq!(ran.ok(), "12closed");
}

#[test]
fn the_engines_socket_is_given_with_a_warning() {
    let dp = Dp::on_engine();
    let ran = run(
        &dp,
        &["--mount-docker-socket"],
        "test -S /var/run/docker.sock && echo there",
    );
    assert_eq!(ran.ok(), "there");
    assert!(
        ran.err()
            .contains("warning: the agent gets this machine's Docker engine"),
        "{ran}"
    );
    let mounts = dp.inspect()["Mounts"].take();
    let mounts = mounts.as_array().expect("a list");
    let socket = mounts
        .iter()
        .find(|mount| mount["Destination"] == "/var/run/docker.sock");
    let real = std::fs::canonicalize(engine_socket()).expect("it is there");
    assert_eq!(
        socket.map(|mount| &mount["Source"]),
        Some(&real.to_string_lossy().as_ref().into())
    );
    let ran = run(&dp, &["--mount-docker-socket", "--quiet"], "true");
    assert_eq!(ran.err(), "");
}

#[test]
fn quiet_says_nothing_of_its_own() {
    let dp = Dp::on_engine().home_file(".gitconfig", "");
    let ran = sh(&dp, "echo out");
    assert!(ran.err().contains("git does not know you"), "{ran}");
    let ran = run(&dp, &["--quiet"], "echo out; echo err >&2");
    assert_eq!((ran.out(), ran.err()), ("out\n".into(), "err\n".into()));
}

#[test]
fn more_cpus_than_there_are_are_refused_to_who_types_them() {
    let dp = Dp::on_engine();
    let ran = dp.run([
        "run",
        "-t",
        "dp-test/busybox",
        "--cpus",
        "9999",
        "shell",
        "-c",
        "true",
    ]);
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("CPUs available"), "{ran}");
    assert_eq!(dp.containers(), [""; 0]);
}

#[test]
fn a_user_by_number() {
    let dp = Dp::on_engine();
    std::fs::set_permissions(
        dp.here(),
        std::os::unix::fs::PermissionsExt::from_mode(0o777),
    )
    .expect("open to all");
    let script = "id -u; id -g; id -un; echo $HOME; touch made; stat -c %u:%g made";
    let ran = run(&dp, &["--user", "1234:2345"], script);
    assert_eq!(ran.ok(), "1234\n2345\nagent\n/home/agent\n1234:2345");
    let dp = Dp::on_engine();
    assert_eq!(
        run(&dp, &["--user", "root"], "id -u; echo $HOME").ok(),
        "0\n/root"
    );
}

#[test]
fn logins_live_in_a_volume_of_the_agent_and_are_kept() {
    let agent = format!("probe{}", std::process::id());
    let text = format!(
        "[agents.{agent}]\ncommand = [\"sh\", \"-c\"]\n\
         state = {{ directory = \".probe\", variable = \"PROBE_HOME\", hostname = \"probe\" }}\n\
         host_files = [\".probe/key\"]\n"
    );
    let dp = Dp::on_engine()
        .config(&text)
        .home_file(".probe/key", "of the host");
    let image = "dp-test/busybox";
    let run = |dp: &Dp, options: &[&str], script: &str| {
        dp.run([&["run", "-t", image], options, &[&agent, script]].concat())
    };
    let script = "echo $PROBE_HOME; echo login > $PROBE_HOME/token; stat -c %u $PROBE_HOME";
    let uid = rustix::process::getuid().as_raw();
    let home = if uid == 0 { "/root" } else { "/home/agent" };
    assert_eq!(run(&dp, &[], script).ok(), format!("{home}/.probe\n{uid}"));
    let volume = format!("dp-login-{uid}-{agent}");
    let label = docker(&[
        "volume",
        "inspect",
        "--format",
        "{{index .Labels \"dev.dp.kind\"}}",
        &volume,
    ]);
    assert_eq!(label, "login");
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let dp = dp.at("another");
    assert_eq!(
        run(&dp, &[], "cat ~/.probe/token; hostname").ok(),
        "login\nprobe",
        "in another workspace too"
    );
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let script = "cat ~/.probe/key; ls ~/.probe; echo > ~/.probe/key";
    let ran = run(&dp, &["--credentials", "host"], script);
    assert_eq!(ran.out(), "of the hostkey\n");
    assert_ne!(ran.code, 0, "it is read-only");
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let script = "ls ~/.probe 2>/dev/null; echo ${PROBE_HOME-none}; hostname";
    let out = run(&dp, &["--credentials", "none"], script).ok();
    assert!(out.starts_with(&format!("none\n{agent}-another-")), "{out}");
    assert_eq!(
        std::fs::read_to_string(dp.home().join(".probe/key")).expect("a file"),
        "of the host"
    );
}

#[test]
fn the_hosts_authorities_are_added_to_the_sandbox() {
    let dp = Dp::on_engine();
    let pem = "-----BEGIN CERTIFICATE-----\nZHAgdGVzdCBhdXRob3JpdHk=\n-----END CERTIFICATE-----\n";
    let dp = dp.file("../ca.pem", pem);
    let bundle = dp.path("../ca.pem");
    let dp = dp.env("SSL_CERT_FILE", bundle);
    let script =
        "grep -c ZHAgdGVzdCBhdXRob3JpdHk /etc/ssl/certs/ca-certificates.crt; echo $SSL_CERT_FILE";
    let ran = run(&dp, &["--ca-certificates", "host"], script);
    assert_eq!(ran.ok(), "1\n/etc/ssl/certs/ca-certificates.crt");
    let ran = run(&dp, &["--ca-certificates", "host"], script);
    assert_eq!(ran.ok(), "1\n/etc/ssl/certs/ca-certificates.crt", "once");
    let ran = dp.run(["sandbox", "exec", ".", "sh", "-c", "echo $SSL_CERT_FILE"]);
    assert_eq!(ran.ok(), "/etc/ssl/certs/ca-certificates.crt");
}

#[test]
fn the_environment_of_an_agent_may_name_secrets() {
    let agent = format!("keyed{}", std::process::id());
    let text = format!(
        "[agents.{agent}]\ncommand = [\"sh\", \"-c\"]\n\
         env = {{ PLAIN = \"p\", HIDDEN = \"x-{{{{apikey:KEYED}}}}\" }}\n"
    );
    let dp = Dp::on_engine().config(&text);
    let script = "echo $PLAIN ${HIDDEN-none}";
    let words = ["run", "-t", "dp-test/busybox", &agent, script];
    let ran = dp.run(words);
    assert!(ran.err().contains("no secret `KEYED`"), "{ran}");
    assert_eq!(dp.containers(), [""; 0], "it is found out in time");
    dp.run_with(["secret", "set", "KEYED"], b"s3cret").ok();
    assert_eq!(dp.run(words).ok(), "p x-s3cret");
    let ran = dp.run(["sandbox", "exec", ".", "sh", "-c", script]);
    assert_eq!(ran.ok(), "p none", "a command gets no secrets");
    assert!(!dp.inspect().to_string().contains("s3cret"));
}

#[test]
fn a_login_that_this_machine_does_not_have_is_missed() {
    let agent = format!("lost{}", std::process::id());
    let text = format!(
        "[agents.{agent}]\ncommand = [\"sh\", \"-c\"]\n\
         state = {{ directory = \".lost\", variable = \"LOST_HOME\" }}\n\
         host_files = [\".lost/one\", \".lost/two\"]\n"
    );
    let dp = Dp::on_engine().config(&text);
    let script = "echo ${LOST_HOME-none}";
    let words = ["run", "--credentials", "host", "-t", "dp-test/busybox"];
    let words = [&words[..], &[&agent, script]].concat();
    let ran = dp.run(&words);
    assert_eq!(ran.ok(), "none");
    let warning = format!("`{agent}` gets no login of this machine");
    assert!(ran.err().contains(&warning), "{ran}");
    assert!(
        ran.err().contains("`~/.lost/one` and no `~/.lost/two`"),
        "{ran}"
    );
    let exec = ["sandbox", "exec", ".", "sh", "-c", script];
    assert_eq!(dp.run(exec).ok(), "none");
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let dp = dp.home_file(".lost/two", "2");
    let ran = dp.run(&words);
    assert!(ran.ok().ends_with("/.lost"), "{ran}");
    assert!(!ran.err().contains("no login"), "{ran}");
}

#[test]
fn what_was_given_is_not_kept_against_a_no() {
    let dp = Dp::on_engine();
    let ca = dp.path("../ca.pem");
    let pem = "-----BEGIN CERTIFICATE-----\nZHA=\n-----END CERTIFICATE-----\n";
    let dp = dp.file("../ca.pem", pem).env("SSL_CERT_FILE", ca);
    run(&dp, &["--ca-certificates", "host"], "true").ok();
    let ran = run(&dp, &["--ca-certificates", "none"], "true");
    assert!(ran.err().contains("| host-ca: true -> false"), "{ran}");
}

#[test]
fn an_address_of_the_sixth_version_has_brackets() {
    let dp = Dp::on_engine();
    if TcpListener::bind("[::1]:0").is_err() {
        return; // This machine has none.
    }
    run(&dp, &["-p", "[::1]:9997"], "true").ok();
    let ports = dp.run(["sandbox", "ports", "."]).ok();
    assert!(ports.contains("9997/tcp  [::1]:"), "{ports}");
}
