//! The real binary with a home and a workspace of its own and a cleared environment.

use super::engine::{self, Way};
use super::forward::Forward;
use super::ran::Ran;
use super::running::Running;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A person with a home, a workspace, and `dp`.
pub struct Dp {
    root: TempDir,
    program: PathBuf,
    env: BTreeMap<OsString, OsString>,
    /// Words before the program, such as those of setpriv.
    wrapper: Vec<OsString>,
    here: PathBuf,
    label: Option<String>,
    forward: Option<Forward>,
    /// The volume of the guest, when it is ours alone.
    guest_volume: Option<String>,
    /// Workspace files are allowed whatever they ask for before they are used.
    trusts: bool,
}

impl Dp {
    /// Without an engine: `DOCKER_HOST` names a socket that is not there.
    #[must_use]
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("dp-").tempdir();
        let root = root.expect("a temporary directory");
        for name in ["home", "app"] {
            std::fs::create_dir(root.path().join(name)).expect("a directory");
        }
        let here = root.path().join("app");
        let no_engine = format!("unix://{}/no-engine.sock", root.path().display());
        let dp = Self {
            program: env!("CARGO_BIN_EXE_dp").into(),
            env: BTreeMap::new(),
            wrapper: Vec::new(),
            here,
            label: None,
            forward: None,
            guest_volume: None,
            trusts: false,
            root,
        };
        let home = dp.home();
        dp.env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env("DP_NO_KEYRING", "1")
            .env("DOCKER_HOST", no_engine)
    }

    /// With the real engine; what it makes carries a label and is removed in the end.
    ///
    /// # Panics
    /// When no engine answers.
    #[must_use]
    pub fn on_engine() -> Self {
        Self::on_engine_by(Way::Socket)
    }

    /// With the real engine, reached this way.
    ///
    /// # Panics
    /// When no engine answers.
    #[must_use]
    pub fn on_engine_by(way: Way) -> Self {
        super::base::ensure_engine();
        Self::on_prepared_engine(way)
    }

    /// With the real engine, whatever images it lacks.
    pub(super) fn on_engine_without_images() -> Self {
        Self::on_prepared_engine(Way::Socket)
    }

    fn on_prepared_engine(way: Way) -> Self {
        engine::ensure();
        let identity = "[user]\nname = Ann Example\nemail = ann@example.org\n";
        let mut dp = Self::new().home_file(".gitconfig", identity);
        let label = engine::label();
        dp = dp.env("DP_LABEL", &label);
        dp.label = Some(label);
        dp.trusts = true;
        match way {
            Way::Socket => dp.env(
                "DOCKER_HOST",
                format!("unix://{}", engine::engine_socket().display()),
            ),
            Way::Relay => {
                let forward = Forward::new();
                let address = forward.address();
                dp.forward = Some(forward);
                dp.env("DOCKER_HOST", address)
            }
        }
    }

    /// Has not written the workspace files: what they ask for is not allowed before.
    #[must_use]
    pub fn wary(mut self) -> Self {
        self.trusts = false;
        self
    }

    /// Sets a variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.as_ref().into(), value.as_ref().into());
        self
    }

    /// Takes a variable away.
    #[must_use]
    pub fn env_remove(mut self, name: &str) -> Self {
        self.env.remove(OsStr::new(name));
        self
    }

    /// Writes a file below the current directory.
    #[must_use]
    pub fn file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        write(&self.here.join(path), text.as_ref());
        self
    }

    /// Writes a file below the home.
    #[must_use]
    pub fn home_file(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        write(&self.home().join(path), text.as_ref());
        self
    }

    /// Writes the configuration.
    #[must_use]
    pub fn config(self, text: &str) -> Self {
        self.home_file(".config/dp/config.toml", text)
    }

    /// Works in a directory, made when it does not exist, below the first one.
    #[must_use]
    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.here = self.here.join(path);
        std::fs::create_dir_all(&self.here).expect("a directory");
        self
    }

    /// Runs another binary.
    #[must_use]
    pub fn program(mut self, program: PathBuf) -> Self {
        self.program = program;
        self
    }

    /// Runs a binary of another build ID: its guest is in no volume yet.
    ///
    /// # Panics
    /// When the binary has no build ID.
    #[must_use]
    pub fn of_another_build(mut self) -> Self {
        const NOTE: &[u8] = b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0";
        let mut binary = std::fs::read(&self.program).expect("the binary");
        let at = binary.windows(NOTE.len()).position(|window| window == NOTE);
        let at = at.expect("the linker writes a build ID") + NOTE.len();
        let id = dp::digest::sha256(self.root.path().as_os_str().as_encoded_bytes());
        let id = &id[..40];
        for (index, byte) in binary[at..at + 20].iter_mut().enumerate() {
            let digits = &id[index * 2..index * 2 + 2];
            *byte = u8::from_str_radix(digits, 16).expect("hex digits");
        }
        let program = self.root.path().join("dp-of-another-build");
        write_program(&program, &binary);
        self.program = program;
        self.guest_volume = Some(format!("dp-guest-{id}"));
        self
    }

    /// The volume of the guest of [`Self::of_another_build`].
    #[must_use]
    pub fn guest_volume(&self) -> &str {
        self.guest_volume
            .as_deref()
            .expect("it is of another build")
    }

    /// Gives everything to an unprivileged user and runs as that user, a member of `groups`.
    /// Somebody who is not root stays who they are.
    ///
    /// # Panics
    /// When the files cannot be given away.
    #[must_use]
    pub fn unprivileged(mut self, user: u32, groups: &[u32]) -> Self {
        if !rustix::process::geteuid().is_root() {
            return self;
        }
        let program = self.root.path().join("dp");
        // A copy that everyone may read.
        write_program(&program, &std::fs::read(&self.program).expect("the binary"));
        self.program = program;
        own_all(self.root.path(), user);
        let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
        let who = if groups.is_empty() {
            "--clear-groups".to_string()
        } else {
            format!("--groups={}", groups.join(","))
        };
        let (user, group) = (format!("--reuid={user}"), format!("--regid={user}"));
        self.wrapper = ["setpriv", &user, &group, &who]
            .map(OsString::from)
            .to_vec();
        self
    }

    /// Everything of this person.
    #[must_use]
    pub fn root(&self) -> &Path {
        self.root.path()
    }

    /// The home.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// The current directory.
    #[must_use]
    pub fn here(&self) -> &Path {
        &self.here
    }

    /// A path below the current directory, as text.
    #[must_use]
    pub fn path(&self, name: &str) -> String {
        let path = self.here.join(name);
        path.into_os_string().into_string().expect("UTF-8")
    }

    /// The label on everything that is made, `key=value`.
    ///
    /// # Panics
    /// Without an engine.
    #[must_use]
    pub fn label(&self) -> &str {
        self.label.as_deref().expect("there is an engine")
    }

    /// The way over TCP.
    ///
    /// # Panics
    /// When it is another one.
    #[must_use]
    pub fn forward(&self) -> &Forward {
        self.forward.as_ref().expect("it is by relay")
    }

    /// The command, not started.
    #[must_use]
    pub fn command<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Command {
        let arguments: Vec<OsString> = { arguments.into_iter() }
            .map(|argument| argument.as_ref().to_os_string())
            .collect();
        if self.trusts {
            self.trust(&arguments);
        }
        self.wrapped(self.program.as_os_str(), &arguments)
    }

    /// Allows the workspace file of a `run` or `create` that is to come, if there is one.
    fn trust(&self, arguments: &[OsString]) {
        let has = |words: &[&str]| {
            arguments
                .iter()
                .any(|given| words.iter().any(|it| given == it))
        };
        if !has(&["run", "create"]) || has(&["--dry-run", "--no-file"]) {
            return;
        }
        let after = |words: &[&str]| {
            let mut pairs = arguments.windows(2);
            pairs
                .find(|pair| words.iter().any(|word| pair[0] == *word))
                .map(|pair| &pair[1])
        };
        let words = [OsString::from("trust"), "--yes".into()];
        let file = after(&["-f", "--file"]).cloned();
        let mut command = self.wrapped(self.program.as_os_str(), words.into_iter().chain(file));
        // No engine is asked: a test may count what it is asked.
        command.env(
            "DOCKER_HOST",
            format!("unix://{}/no-engine", self.root.path().display()),
        );
        if let Some(directory) = after(&["-w", "--workspace"]) {
            command.current_dir(self.here.join(directory));
        }
        // A file that is wrong is told of by what follows.
        let _refused = command.output();
    }

    /// Another program, as the same person in the same place.
    #[must_use]
    pub fn other<I: IntoIterator<Item: AsRef<OsStr>>>(
        &self,
        program: impl AsRef<OsStr>,
        arguments: I,
    ) -> Command {
        self.wrapped(program.as_ref(), arguments)
    }

    fn wrapped<I: IntoIterator<Item: AsRef<OsStr>>>(
        &self,
        program: &OsStr,
        arguments: I,
    ) -> Command {
        let words = self.wrapper.iter().map(OsString::as_os_str);
        let mut words = words.chain(std::iter::once(program));
        let mut command = Command::new(words.next().expect("the program"));
        command.args(words).args(arguments);
        command.env_clear().envs(&self.env).current_dir(&self.here);
        command
    }

    /// Runs `dp` to its end with an empty standard input.
    pub fn run<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Ran {
        self.spawn(arguments).wait()
    }

    /// Runs `dp` to its end with this on its standard input.
    pub fn run_with<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I, input: &[u8]) -> Ran {
        let mut running = self.spawn(arguments);
        running.send(input);
        running.wait()
    }

    /// Starts `dp`.
    pub fn spawn<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Running {
        Running::spawn(self.command(arguments), self.names())
    }

    /// Runs another program to its end, as the same person in the same place.
    pub fn run_other<I: IntoIterator<Item: AsRef<OsStr>>>(
        &self,
        program: &str,
        arguments: I,
    ) -> Ran {
        Running::spawn(self.other(program, arguments), self.names()).wait()
    }

    fn names(&self) -> Vec<(String, &'static str)> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let root = self.root.path();
        let mut names = vec![
            (text(&self.program), "[DP]"),
            (text(&self.home()), "[HOME]"),
            (text(&root.join("app")), "[APP]"),
            (text(root), "[ROOT]"),
        ];
        names.sort_by_key(|(real, _)| std::cmp::Reverse(real.len()));
        names
    }
}

impl Drop for Dp {
    fn drop(&mut self) {
        if let Some(label) = &self.label {
            engine::remove_all(label, self.guest_volume.as_deref());
        }
    }
}

fn write(path: &Path, text: &[u8]) {
    let directory = path.parent().expect("a file is in a directory");
    std::fs::create_dir_all(directory).expect("a directory");
    std::fs::write(path, text).expect("a file");
}

/// Writes a program by another process: a descriptor of ours could be inherited by what another
/// test starts at this moment, and a program that is open for writing cannot be started.
fn write_program(path: &Path, binary: &[u8]) {
    let mut command = Command::new("sh");
    command
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(path);
    let mut child = command
        .stdin(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    let mut stdin = child.stdin.take().expect("it is open");
    stdin.write_all(binary).expect("it is taken");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
}

fn own_all(path: &Path, user: u32) {
    if std::fs::symlink_metadata(path)
        .expect("it is there")
        .is_dir()
    {
        for entry in std::fs::read_dir(path).expect("a directory") {
            own_all(&entry.expect("an entry").path(), user);
        }
    }
    std::os::unix::fs::lchown(path, Some(user), Some(user)).expect("root gives files away");
}
