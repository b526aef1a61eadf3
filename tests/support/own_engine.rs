//! An engine of a test's own, to be stopped, killed and started again: a second dockerd of the
//! installed release (or `DP_TEST_DOCKERD`), in namespaces of its own that end with the test.

use super::running::Running;
use super::wait::wait_until;
use super::{DEADLINE, Dp, docker};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The first process of the namespace: it reaps, does as it is told, and ends with its input. With
/// it ends everything that was started here, wherever it hid.
const INIT: &str = r#"
while read -r word rest; do
    if [[ $word == start ]]; then
        $DP_TEST_DOCKERD $rest >> "$0" 2>&1 &
        engine=$!
    else
        kill -s "$word" "$engine"
        wait "$engine"
        echo ended
    fi
done
"#;

/// A dockerd, without a network. Dropped, it is gone with everything in it.
pub struct OwnEngine {
    directory: TempDir,
    init: Option<Running>,
    options: String,
}

impl OwnEngine {
    /// Starts one with more options and the small test image in it. Needs root, or sudo without a
    /// password.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn new(options: &str) -> Self {
        let directory = tempfile::Builder::new().prefix("dp-engine-").tempdir();
        let directory = directory.expect("a temporary directory");
        let log = directory.path().join("log");
        let dockerd = std::env::var("DP_TEST_DOCKERD").unwrap_or_else(|_| "dockerd".into());
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = as_root("env");
        command.arg(format!("PATH={path}:/usr/sbin:/sbin"));
        command.arg(format!("DP_TEST_DOCKERD={dockerd}"));
        // A network of its own is a must: a dockerd without a bridge removes `docker0`.
        command.args(["unshare", "--net", "--pid", "--fork", "--kill-child"]);
        command.args(["--mount", "--mount-proc", "bash", "-c", INIT]);
        command.arg(log);
        let mut engine = Self {
            init: Some(Running::spawn(command, Vec::new())),
            options: options.to_string(),
            directory,
        };
        engine.start();
        engine.load("dp-test/busybox");
        engine
    }

    fn path(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        path.into_os_string().into_string().expect("UTF-8")
    }

    fn tell(&mut self, line: &str) {
        let init = self.init.as_mut().expect("it runs until it is dropped");
        init.send(format!("{line}\n").as_bytes());
    }

    /// Its name, and that of the control group of all its containers.
    fn name(&self) -> String {
        let name = self.directory.path().file_name();
        name.expect("a name").to_string_lossy().into_owned()
    }

    /// Starts it and waits until it answers.
    ///
    /// # Panics
    /// When it does not.
    pub fn start(&mut self) {
        let line = format!(
            "start --host unix://{} --data-root {} --exec-root {} --pidfile {} \
             --bridge none --iptables=false --ip6tables=false \
             --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent {} {}",
            self.socket().display(),
            self.path("data"),
            self.path("exec"),
            self.path("pid"),
            self.name(),
            self.options
        );
        self.tell(&line);
        let log = self.path("log");
        let what = format!("dockerd answers; its log is {log}");
        wait_until(&what, DEADLINE, || self.answers());
    }

    fn answers(&self) -> bool {
        let ping = || -> std::io::Result<String> {
            let mut stream = UnixStream::connect(self.socket())?;
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.write_all(b"GET /_ping HTTP/1.0\r\nHost: x\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        ping().is_ok_and(|answer| answer.contains(" 200 "))
    }

    /// Sends it a signal, such as `TERM`, and waits until it has ended.
    pub fn end(&mut self, signal: &str) {
        self.tell(signal);
        let init = self.init.as_ref().expect("it runs until it is dropped");
        init.expect("ended\n");
    }

    /// Where it listens.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("docker.sock")
    }

    /// A person with this engine.
    #[must_use]
    pub fn person(&self) -> Dp {
        let identity = "[user]\nname = Ann Example\nemail = ann@example.org\n";
        let address = format!("unix://{}", self.socket().display());
        let dp = Dp::new().home_file(".gitconfig", identity);
        dp.env("DOCKER_HOST", address)
    }

    /// Copies an image from the engine of the other tests.
    fn load(&self, image: &str) {
        let archive = self.path("image.tar");
        docker(&["save", "--output", &archive, image]);
        let address = format!("unix://{}", self.socket().display());
        docker(&["--host", &address, "load", "--quiet", "--input", &archive]);
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        if let Some(mut init) = self.init.take() {
            init.close_stdin();
            let _ended = init.ends_within(DEADLINE);
        }
        // Control groups outlive the processes that were in them.
        let groups = format!("*/{}*", self.name());
        let find = ["/sys/fs/cgroup", "-depth", "-type", "d", "-path", &groups];
        run(as_root("find")
            .args(find)
            .args(["-exec", "rmdir", "{}", "+"]));
        let directory = self.directory.path();
        run(as_root("rm")
            .args(["-rf", "--one-file-system"])
            .arg(directory));
    }
}

fn run(command: &mut Command) {
    let _tried = command.stderr(Stdio::null()).status();
}

fn as_root(program: impl AsRef<OsStr>) -> Command {
    if rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", "--"]).arg(program);
    command
}
