//! The engine beside `dp`: the docker CLI as a second opinion, and cleaning up by label.

use super::Dp;
use dp::engine::endpoint::Address;
use dp::engine::{Endpoint, Engine};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// How `dp` reaches the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Over the bound socket: the engine is on this kernel.
    Socket,
    /// Over an engine exec: the engine is reached by TCP.
    Relay,
}

/// The engine's socket: that of `DOCKER_HOST`, else the usual one.
#[must_use]
pub fn engine_socket() -> PathBuf {
    let named = std::env::var("DOCKER_HOST").unwrap_or_default();
    let path = named.strip_prefix("unix://").map(PathBuf::from);
    path.unwrap_or_else(|| "/var/run/docker.sock".into())
}

/// Calls the engine of all tests past `dp`.
///
/// # Panics
/// When it cannot be reached.
pub fn on_engine<T>(work: impl AsyncFnOnce(&Engine) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let engine = Engine::connect(Endpoint {
        address: Address::Unix(engine_socket()),
        source: "test".into(),
    });
    runtime.block_on(work(&engine.expect("an engine")))
}

/// Fails when no engine answers or the test images are not there: an engine test is never skipped.
pub(super) fn ensure() {
    static CHECKED: OnceLock<Result<(), String>> = OnceLock::new();
    let checked = CHECKED.get_or_init(|| {
        let images = ["dp-test/busybox", "dp-test/static", "dp-test/debian"];
        let arguments = ["image", "inspect", "--format", "{{.Id}}"];
        let output = call(&[&arguments[..], &images].concat());
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        forget_builds();
        output.status.success().then_some(()).ok_or(complaint)
    });
    if let Err(complaint) = checked {
        panic!("engine tests need an engine and `scripts/fixtures`: {complaint}");
    }
}

/// Removes the guests' volumes that the tests of earlier builds made and nothing uses.
fn forget_builds() {
    let arguments = ["volume", "ls", "--quiet", "--filter", "label=dev.dp.test"];
    let volumes = call(&arguments).stdout;
    let volumes = lines(&String::from_utf8_lossy(&volumes));
    for volume in volumes.iter().filter(|name| name.starts_with("dp-guest-")) {
        // The engine keeps what is in use.
        call(&["volume", "rm", volume]);
    }
}

/// A label that nothing else carries.
pub(super) fn label() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let since = since.expect("it is later than 1970").as_nanos();
    format!("dev.dp.test={}-{count}-{since}", std::process::id())
}

fn call(arguments: &[&str]) -> Output {
    Command::new("docker")
        .args(arguments)
        .output()
        .expect("the docker CLI is installed")
}

/// Runs the docker CLI and gives its standard output without the last newline.
///
/// # Panics
/// When it fails.
#[track_caller]
pub fn docker(arguments: &[&str]) -> String {
    let output = call(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docker {arguments:?}: {complaint}");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim_end_matches('\n').to_string()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_string).collect()
}

/// Removes everything that carries the label, and `own`. Other volumes of the guest stay: all tests
/// of a build share one.
pub(super) fn remove_all(label: &str, own: Option<&str>) {
    let filter = format!("label={label}");
    let list = |arguments: &[&str]| {
        let output = call(&[arguments, &["--quiet", "--filter", &filter]].concat());
        lines(&String::from_utf8_lossy(&output.stdout))
    };
    let remove = |arguments: &[&str], names: &[String]| {
        if !names.is_empty() {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            call(&[arguments, &names].concat());
        }
    };
    remove(&["rm", "--force", "--volumes"], &list(&["ps", "--all"]));
    let mut volumes = list(&["volume", "ls"]);
    // Others use them as well.
    volumes.retain(|name| !name.starts_with("dp-guest-") && !name.starts_with("dp-docker-"));
    volumes.extend(own.map(str::to_string));
    remove(&["volume", "rm", "--force"], &volumes);
    remove(&["image", "rm", "--force"], &list(&["images"]));
}

impl Dp {
    /// The IDs of the sandboxes that this test made.
    #[must_use]
    pub fn containers(&self) -> Vec<String> {
        let test = format!("label={}", self.label());
        let kind = "label=dev.dp.kind=sandbox";
        let arguments = ["ps", "--all", "--quiet", "--no-trunc"];
        let filters = ["--filter", &test, "--filter", kind];
        lines(&docker(&[&arguments[..], &filters].concat()))
    }

    /// The ID of the one sandbox that this test made.
    ///
    /// # Panics
    /// When there is another number of them.
    #[must_use]
    #[track_caller]
    pub fn container(&self) -> String {
        let all = self.containers();
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone()
    }

    /// What the engine says of the one sandbox.
    #[must_use]
    #[track_caller]
    pub fn inspect(&self) -> serde_json::Value {
        let text = docker(&["inspect", &self.container()]);
        let mut all: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        all[0].take()
    }
}
