//! What the numbers were measured on: machine, versions, load.

use crate::Result;
use crate::rig::Rig;
use std::path::Path;
use std::process::Command;

/// A field of `/proc/PROCESS/status`, such as `VmHWM`, in MiB.
pub fn memory(process: u64, field: &str) -> Result<f64> {
    let path = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    Ok(kibibytes(&text, field).ok_or_else(|| format!("{path} has no {field}"))? / 1024.0)
}

fn kibibytes(text: &str, field: &str) -> Option<f64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The load of the last minute: the numbers are worth less where it is not near nothing before.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or("?").to_string()
}

fn said(command: &mut Command) -> Option<String> {
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_string()).filter(|text| !text.is_empty())
}

/// Lines of what and which.
pub fn describe(rig: &Rig) -> Result<Vec<(&'static str, String)>> {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let gibibytes = kibibytes(&meminfo, "MemTotal").unwrap_or_default() / 1024.0 / 1024.0;
    let engine = rig.api.get("/version")?;
    let word = |key: &str| engine[key].as_str().unwrap_or("?").to_string();
    let cgroup = if Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
        2
    } else {
        1
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let git = |words: &[&str]| said(Command::new("git").arg("-C").arg(here).args(words));
    let mut dp = said(&mut rig.command(&rig.dp, &["--version"])).unwrap_or_default();
    if let Some(revision) = git(&["rev-parse", "--short", "HEAD"]) {
        let changed = git(&["status", "--porcelain", "--", "../src", "../Cargo.toml"]);
        let end = if changed.is_some() {
            " and changes"
        } else {
            ""
        };
        dp = format!("{dp} ({revision}{end})");
    }
    let dockers: Vec<String> = rig
        .dockers
        .iter()
        .map(|docker| format!("{} ({})", docker.version, docker.path.display()))
        .collect();
    Ok(vec![
        (
            "date",
            said(Command::new("date").arg("+%F")).unwrap_or_default(),
        ),
        (
            "machine",
            format!(
                "{cores} x {}, {gibibytes:.0} GiB",
                model.map_or("?", |(_, name)| name)
            ),
        ),
        (
            "kernel",
            format!("{}, cgroup v{cgroup}", word("KernelVersion")),
        ),
        (
            "engine",
            format!("Docker {} (API {})", word("Version"), word("ApiVersion")),
        ),
        ("docker CLI", dockers.join(", ")),
        ("dp", dp),
        ("load before", load()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_whole() {
        let text = "VmHWM2:\t1 kB\nVmHWM:\t  2048 kB\n";
        assert_eq!(kibibytes(text, "VmHWM"), Some(2048.0));
        assert_eq!(kibibytes(text, "VmRSS"), None);
    }
}
