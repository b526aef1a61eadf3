//! No engine: where it was looked for, why it does not answer, what to do.

use crate::support::Dp;
use insta::assert_snapshot;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

#[test]
fn a_socket_that_is_not_there() {
    assert_snapshot!(Dp::new().run(["sandbox", "ls"]), @"
    exit 6
    --- stderr
    error: cannot reach Docker at `unix://[ROOT]/no-engine.sock`
      cause: there is no such socket
      hint: start Docker, or point `DOCKER_HOST` at a running one; `dp doctor` checks both
    ");
}

#[test]
fn the_same_in_a_session_is_125() {
    assert_snapshot!(Dp::new().run(["run", "shell"]), @"
    exit 125
    --- stderr
    error: cannot reach Docker at `unix://[ROOT]/no-engine.sock`
      cause: there is no such socket
      hint: start Docker, or point `DOCKER_HOST` at a running one; `dp doctor` checks both
    ");
}

#[test]
fn a_socket_that_nobody_listens_on() {
    let dp = Dp::new();
    let path = dp.root().join("no-engine.sock");
    drop(UnixListener::bind(path).expect("a socket"));
    assert_snapshot!(dp.run(["sandbox", "ls"]), @"
    exit 6
    --- stderr
    error: cannot reach Docker at `unix://[ROOT]/no-engine.sock`
      cause: connection refused
      hint: start Docker, or point `DOCKER_HOST` at a running one; `dp doctor` checks both
    ");
}

#[test]
fn a_socket_that_is_closed_to_this_user() {
    if !rustix::process::geteuid().is_root() {
        return; // The socket would be our own.
    }
    let dp = Dp::new().unprivileged(4242, &[]);
    let path = dp.root().join("no-engine.sock");
    let _listener = UnixListener::bind(&path).expect("a socket");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("closed");
    assert_snapshot!(dp.run(["sandbox", "ls"]), @"
    exit 6
    --- stderr
    error: no permission to use Docker at `unix://[ROOT]/no-engine.sock`
      cause: permission denied
      hint: add yourself to the group `docker` and log in again: `sudo usermod -aG docker $USER`
    ");
}

#[test]
fn something_that_is_no_socket() {
    let dp = Dp::new();
    std::fs::write(dp.root().join("no-engine.sock"), "").expect("a file");
    assert_snapshot!(dp.run(["sandbox", "ls"]), @"
    exit 6
    --- stderr
    error: cannot reach Docker at `unix://[ROOT]/no-engine.sock`
      cause: connection refused
      hint: start Docker, or point `DOCKER_HOST` at a running one; `dp doctor` checks both
    ");
}

#[test]
fn a_port_that_nobody_listens_on() {
    // Bound and not listening: the port is nobody else's, and it refuses.
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::STREAM,
        None,
    );
    let socket = socket.expect("a socket");
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    rustix::net::bind(&socket, &any).expect("a port");
    let address = rustix::net::getsockname(&socket).expect("its address");
    let address = std::net::SocketAddr::try_from(address).expect("an IP address");
    let engine = format!("tcp://{address}");
    let ran = Dp::new().run(["--engine", &engine, "sandbox", "ls"]);
    assert_eq!(ran.code, 6, "{ran}");
    let shown = ran.to_string().replace(&engine, "[ENGINE]");
    assert_snapshot!(shown, @"
    exit 6
    --- stderr
    error: cannot reach Docker at `[ENGINE]`
      cause: connection refused
      hint: start Docker, or point `DOCKER_HOST` at a running one; `dp doctor` checks both
    ");
}

#[test]
fn something_that_is_no_engine() {
    let dp = Dp::new();
    let listener = UnixListener::bind(dp.root().join("no-engine.sock")).expect("a socket");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let _gone = stream.write_all(b"220 mail.example.org ESMTP\r\n");
    });
    let ran = dp.run(["sandbox", "ls"]);
    server.join().expect("it answers once");
    assert_eq!(ran.code, 6, "{ran}");
    assert!(
        ran.err()
            .contains("error: the connection to Docker at `unix://"),
        "{ran}"
    );
    assert!(
        ran.err().contains("  cause: ") && ran.err().contains("  hint: "),
        "{ran}"
    );
}

#[test]
fn an_address_of_a_form_that_is_not_supported() {
    let dp = Dp::new().env("DOCKER_HOST", "npipe:////./pipe/docker_engine");
    assert_snapshot!(dp.run(["sandbox", "ls"]), @"
    exit 2
    --- stderr
    error: `npipe:////./pipe/docker_engine` is not an engine's address
      cause: it comes from DOCKER_HOST
      hint: write `unix:///path/to/docker.sock` or `tcp://host:port`
    ");
}

#[test]
fn an_engine_behind_ssh_is_to_be_forwarded_to_a_port() {
    let dp = Dp::new().env("DOCKER_HOST", "ssh://me@far");
    assert_snapshot!(dp.run(["sandbox", "ls"]), @"
    exit 2
    --- stderr
    error: `ssh://me@far` is not an engine's address
      cause: it comes from DOCKER_HOST
      hint: leave `ssh -L 2375:/var/run/docker.sock me@far` running, and then `DOCKER_HOST=tcp://127.0.0.1:2375`
    ");
    let ran = dp.run(["--engine", "ssh://me@far:2222/", "sandbox", "ls"]);
    assert!(
        ran.err()
            .contains("`ssh -L 2375:/var/run/docker.sock -p 2222 me@far`"),
        "{ran}"
    );
}

#[test]
fn garbage_for_an_address() {
    for garbage in ["nonsense", "unix://relative", "tcp://", "://", "unix://"] {
        let ran = Dp::new().env("DOCKER_HOST", garbage).run(["sandbox", "ls"]);
        assert_eq!(ran.code, 2, "{garbage}: {ran}");
        assert!(
            ran.err().contains("`DOCKER_HOST`") || ran.err().contains("DOCKER_HOST"),
            "{ran}"
        );
        let ran = Dp::new().run(["--engine", garbage, "sandbox", "ls"]);
        assert!(
            ran.err().contains("it comes from --engine"),
            "{garbage}: {ran}"
        );
        let dp = Dp::new().env("DP_ENGINE", garbage);
        let ran = dp.run(["sandbox", "ls"]);
        let said = ran.err();
        assert!(said.contains("it comes from DP_ENGINE"), "{garbage}: {ran}");
        let blank = Dp::new().env("DP_ENGINE", "").env("DOCKER_HOST", garbage);
        let ran = blank.run(["sandbox", "ls"]);
        assert!(ran.err().contains("from DOCKER_HOST"), "{garbage}: {ran}");
        let ran = dp.run(["--engine", "nothing", "sandbox", "ls"]);
        assert!(ran.err().contains("from --engine"), "{garbage}: {ran}");
    }
}

#[test]
fn a_docker_context_that_does_not_exist() {
    let dp = Dp::new()
        .env_remove("DOCKER_HOST")
        .env("DOCKER_CONTEXT", "work");
    assert_snapshot!(dp.run(["sandbox", "ls"]), @"
    exit 6
    --- stderr
    error: the docker context `work` does not exist
      hint: `docker context ls` lists them
    ");
}

#[test]
fn the_current_docker_context_that_cannot_be_read() {
    let dp = Dp::new().env_remove("DOCKER_HOST");
    let hash = dp::digest::sha256("work");
    let meta = format!(".docker/contexts/meta/{hash}/meta.json");
    let dp = dp
        .home_file(".docker/config.json", r#"{"currentContext":"work"}"#)
        .home_file(&meta, "{");
    assert_snapshot!(dp.run(["sandbox", "ls"]), @"
    exit 6
    --- stderr
    error: the docker context `work` cannot be read: EOF while parsing an object at line 1 column 1
      hint: `docker context ls` lists them
    ");
}

/// The docker CLI takes its default context then, which may be another engine.
#[test]
fn a_configuration_of_docker_that_cannot_be_read() {
    let dp = { Dp::new().env_remove("DOCKER_HOST") }.home_file(".docker/config.json", "{");
    assert_snapshot!(dp.run(["sandbox", "ls"]), @"
    exit 6
    --- stderr
    error: `[HOME]/.docker/config.json`, which may name a docker context, cannot be read
      cause: EOF while parsing an object at line 1 column 1
      hint: mend the file, or name the engine: `--engine`, `DOCKER_HOST`, or `DOCKER_CONTEXT=default`
    ");
    let dp = dp.home_file(".docker/config.json", r#"{"currentContext": 1}"#);
    assert!(dp.run(["sandbox", "ls"]).err().contains("invalid type"));
    for text in ["", "{}", r#"{"currentContext": "", "auths": {}}"#] {
        let dp = { Dp::new().env_remove("DOCKER_HOST") }.home_file(".docker/config.json", text);
        let ran = dp.run(["config", "show"]);
        assert!(!ran.err().contains("config.json"), "{ran}");
    }
    let dp = Dp::new().home_file(".docker/config.json", "{");
    let ran = dp.run(["sandbox", "ls"]);
    assert!(ran.err().contains("no-engine.sock"), "it is named: {ran}");
}

#[test]
fn a_configuration_of_docker_that_may_not_be_read() {
    if !rustix::process::geteuid().is_root() {
        return; // Nobody else to be.
    }
    let dp = { Dp::new().env_remove("DOCKER_HOST") }.home_file(".docker/config.json", "{}");
    let dp = dp.unprivileged(1234, &[]);
    let file = dp.home().join(".docker/config.json");
    std::os::unix::fs::lchown(&file, Some(0), Some(0)).expect("root gives files away");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, mode).expect("it is root's");
    let ran = dp.run(["sandbox", "ls"]);
    assert!(ran.err().contains("cause: Permission denied"), "{ran}");
}

#[test]
fn the_current_docker_context_names_the_engine() {
    let hash = dp::digest::sha256("work");
    let meta = r#"{"Name":"work","Endpoints":{"docker":{"Host":"unix:///nowhere/work.sock"}}}"#;
    let dp = Dp::new()
        .env_remove("DOCKER_HOST")
        .home_file(".docker/config.json", r#"{"currentContext":"work"}"#)
        .home_file(&format!(".docker/contexts/meta/{hash}/meta.json"), meta);
    let ran = dp.run(["sandbox", "ls"]);
    assert!(ran.err().contains("`unix:///nowhere/work.sock`"), "{ran}");
    let settings = dp.run(["--format", "json", "config", "show"]).json();
    let engine = settings
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["name"] == "engine");
    assert_eq!(
        engine.map(|one| &one["source"]),
        Some(&"docker context `work`".into())
    );
}

#[test]
fn doctor_says_what_fails_and_exits_1() {
    let ran = Dp::new().env("GIT_CONFIG_NOSYSTEM", "1").run(["doctor"]);
    assert_snapshot!(ran, @r#"
    exit 1
    --- stdout
    ok       config             the configuration is right (N ms)
    failed   docker-engine      cannot reach Docker at `unix://[ROOT]/no-engine.sock` (N ms)
               cause: there is no such socket
               hint: start Docker, or point `DOCKER_HOST` at a running one; `dp doctor` checks both
    ok       guest              the guest is [DP] (N ms)
    ok       state              [HOME]/.local/state/dp can be written (N ms)
    warning  git-identity       git does not know you here, so commits inside will fail (N ms)
               hint: git config --global user.name "Your Name", and user.email
    ok       privileged-files   no file below this directory has a set-user-ID bit (N ms)
    "#);
}

/// An engine that answers every call with this, on a port.
fn engine(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
                head.push(byte[0]);
            }
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            let _gone = stream.write_all(answer.as_bytes());
        }
    });
    format!("tcp://{address}")
}

#[test]
fn an_engine_that_fails() {
    let address = engine(
        "500 Internal Server Error",
        r#"{"message":"layer not known"}"#,
    );
    assert_snapshot!(Dp::new().run(["--engine", &address, "sandbox", "ls"]), @"
    exit 1
    --- stderr
    error: the Docker engine could not do it
      cause: layer not known
      hint: the engine's own log tells more: `journalctl -u docker`
    ");
}

#[test]
fn an_engine_that_answers_something_else() {
    let address = engine("200 OK", "{\"not\":\"a list\"}");
    let ran = Dp::new().run(["--engine", &address, "sandbox", "ls"]);
    assert!([1, 6].contains(&ran.code), "{ran}");
    assert!(
        ran.err().contains("error: ") && ran.err().contains("  cause: "),
        "{ran}"
    );
}

#[test]
fn an_engine_of_a_machine_that_there_is_no_guest_for() {
    let version = r#"{"Version":"28.0","ApiVersion":"1.48","Arch":"riscv64"}"#;
    let address = engine("200 OK", version);
    assert_snapshot!(Dp::new().run(["--engine", &address, "run", "shell"]), @"
    exit 125
    --- stderr
    error: there is no guest for this engine: a static Linux program for `riscv64`
      | looked at [DP]
      | looked at [DP]-guest-linux-riscv64
      hint: set `DP_GUEST` to a Linux build of `dp`, or put it beside the executable as `dp-guest-linux-ARCH`
    ");
}

#[test]
fn a_connection_that_others_can_read_is_warned_of_once() {
    let ran = Dp::new().run(["--engine", "tcp://engine.invalid:1", "sandbox", "ls"]);
    assert_eq!(ran.err().matches("is not encrypted").count(), 1, "{ran}");
    let ran = Dp::new().run(["--engine", "tcp://127.0.0.1:1", "sandbox", "ls"]);
    assert!(!ran.err().contains("is not encrypted"), "{ran}");
    let ran = Dp::new().env("DOCKER_HOST", "tcp://engine.invalid:1").run([
        "__complete",
        "sandbox",
        "stop",
        "",
    ]);
    assert_eq!(ran.err(), "", "{ran}");
}

/// An engine's TLS, as far as the greeting: what it answers then is no engine's.
struct Greeter {
    child: std::process::Child,
    address: String,
    /// Holds `ca.pem`, which signed the certificate, and no certificate for `dp`.
    directory: std::path::PathBuf,
}

impl Greeter {
    fn new(dp: &Dp, authority: &str) -> Self {
        let directory = dp.root().join("signed");
        std::fs::create_dir_all(&directory).expect("a directory");
        let file = |name: &str| directory.join(name).into_os_string();
        let openssl = |words: &[std::ffi::OsString]| {
            let mut command = std::process::Command::new("openssl");
            command.args(words).stdin(std::process::Stdio::null());
            command.stdout(std::process::Stdio::null());
            command.stderr(std::process::Stdio::null());
            command
        };
        let words = |text: &str| -> Vec<std::ffi::OsString> {
            text.split(' ')
                .map(|word| match word.strip_prefix('@') {
                    Some(name) => file(name),
                    None => word.into(),
                })
                .collect()
        };
        for line in [
            "req -x509 -newkey rsa:2048 -nodes -subj /CN=AUTHORITY -keyout @ca.key -out @ca.pem -days 2",
            "req -newkey rsa:2048 -nodes -subj /CN=engine -addext subjectAltName=IP:127.0.0.1 \
             -keyout @engine.key -out @engine.csr",
            "x509 -req -in @engine.csr -CA @ca.pem -CAkey @ca.key -CAcreateserial -days 2 \
             -copy_extensions copy -out @engine.pem",
        ] {
            let line = line.replace("AUTHORITY", authority);
            let made = openssl(&words(&line)).status();
            assert!(made.expect("openssl is installed").success(), "{line}");
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = port.local_addr().expect("an address").port();
        let serve =
            format!("s_server -accept 127.0.0.1:{port} -cert @engine.pem -key @engine.key -www");
        let child = openssl(&words(&serve)).spawn().expect("it is installed");
        crate::support::wait_until("it listens", crate::support::DEADLINE, || {
            std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        Self {
            child,
            address: format!("tcp://127.0.0.1:{port}"),
            directory,
        }
    }
}

impl Drop for Greeter {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// An engine's certificate is verified by `ca.pem`, also where there is no certificate for `dp`; a wrong
/// authority has words of its own.
#[test]
fn the_certificate_of_an_engine_is_verified_by_the_authority() {
    let dp = Dp::new();
    let greeter = Greeter::new(&dp, "authority");
    let strangers = [Dp::new(), Dp::new()];
    // One has the name of the right authority.
    let same = Greeter::new(&strangers[0], "authority");
    let other = Greeter::new(&strangers[1], "other");
    let foreign = [&same, &other].map(|stranger| {
        let directory = stranger.directory.join("alone");
        std::fs::create_dir_all(&directory).expect("a directory");
        let authority = stranger.directory.join("ca.pem");
        std::fs::copy(authority, directory.join("ca.pem")).expect("a file");
        directory
    });
    let directories = [&greeter.directory, &foreign[0], &foreign[1]];
    for (directory, is_right) in directories.into_iter().zip([true, false, false]) {
        let by_variable = Dp::new()
            .env("DOCKER_HOST", &greeter.address)
            .env("DOCKER_TLS_VERIFY", "1")
            .env("DOCKER_CERT_PATH", directory);
        let by_context = Dp::new()
            .env_remove("DOCKER_HOST")
            .env("DOCKER_CONTEXT", "far");
        let contexts = by_context.home().join(".docker/contexts");
        let hash = dp::digest::sha256("far");
        let tls = contexts.join("tls").join(&hash).join("docker");
        let meta = contexts.join("meta").join(&hash);
        std::fs::create_dir_all(&tls).expect("a directory");
        std::fs::create_dir_all(&meta).expect("a directory");
        std::fs::copy(directory.join("ca.pem"), tls.join("ca.pem")).expect("a file");
        let address = &greeter.address;
        let text = format!(r#"{{"Name":"far","Endpoints":{{"docker":{{"Host":"{address}"}}}}}}"#);
        std::fs::write(meta.join("meta.json"), text).expect("a file");
        for (dp, authority) in [
            (by_variable, directory.join("ca.pem")),
            (by_context, tls.join("ca.pem")),
        ] {
            let ran = dp.run(["sandbox", "ls"]);
            let error = ran.err();
            let untrusted = format!("the certificate of Docker at `{address}` is not signed by `");
            assert_eq!(error.contains(&untrusted), !is_right, "{ran}");
            assert_eq!(
                error.contains("ca.pem`"),
                !is_right,
                "{}: {ran}",
                authority.display()
            );
            assert_ne!(ran.code, 0, "it is no engine: {ran}");
            if !is_right {
                assert!(
                    error.contains("hint: the directory of `DOCKER_CERT_PATH`"),
                    "{ran}"
                );
                assert!(!error.contains("ended or was restarted"), "{ran}");
            }
        }
    }
}
