//! What a workspace file says of the container, as settings. Pure but for the links that it resolves.

use super::inner_engine::InnerEngine;
use super::mount::MountSetting;
use super::settings::Settings;
use super::spec::WORKSPACE_TARGET;
use crate::config::Credentials;
use crate::values::port;
use crate::workspace::{self, Dind, Docker, WorkspaceFile};
use std::path::Path;

/// The settings of `file`, which lies at `path` (links resolved), for `workspace`, which may be
/// another directory than the file's own. Where it says nothing of a Docker
/// engine inside, the image decides, which is known later.
#[must_use]
pub fn of(file: &WorkspaceFile, path: &Path, workspace: &Path) -> Settings {
    let docker = &file.docker;
    let ports: Vec<String> = docker.ports.iter().map(|port| port::format(port)).collect();
    let mounts = mounts(file, path, workspace);
    Settings {
        image: docker.image.as_ref().map(|image| image.value.clone()),
        user: docker.user.as_ref().and_then(|user| user.value.clone()),
        workdir: { file.workspace_dir.as_ref() }.map(|_| WORKSPACE_TARGET.to_string()),
        mounts: Some(mounts),
        ports: (!ports.is_empty()).then_some(ports),
        memory: docker.memory.as_ref().map(|memory| memory.value),
        cpus: docker.cpus.as_ref().map(|cpus| cpus.value),
        pids_limit: { docker.pids_limit.as_ref() }.map(|limit| i64::from(limit.value)),
        shm_size: docker.shm_size.as_ref().map(|size| size.value),
        gpu: docker.gpu.as_ref().map(|gpu| gpu.value),
        network: docker.network_mode.as_ref().map(|mode| mode.to_string()),
        credentials: docker.credentials.as_ref().map(|mode| match mode.value {
            workspace::Credentials::Sandbox => Credentials::Sandbox,
            workspace::Credentials::None => Credentials::None,
        }),
        dind: inner_engine(docker),
        home_persistence: docker.home_persistence.as_ref().map(|flag| flag.value),
        home_size: docker.home_size.as_ref().map(|size| size.value),
        runtime: docker.runtime.as_ref().map(|runtime| runtime.value.clone()),
        ..Settings::default()
    }
}

fn inner_engine(docker: &Docker) -> Option<InnerEngine> {
    let asked = docker.dind.as_ref()?;
    Some(match asked.value {
        Dind::Off => InnerEngine::Off,
        Dind::Auto => InnerEngine::Auto,
        Dind::Rootless => InnerEngine::Rootless,
        Dind::Sysbox => InnerEngine::Sysbox,
        Dind::Privileged => InnerEngine::Privileged,
    })
}

/// The file's mounts, and the file itself, which no agent may change: it says what they may do.
fn mounts(file: &WorkspaceFile, path: &Path, workspace: &Path) -> Vec<MountSetting> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let asked = file.mounts.iter().map(|mount| MountSetting {
        source: text(&real(&mount.host_path)),
        target: mount.container_path.value.clone(),
        read_only: mount.read_only,
    });
    let own = path
        .strip_prefix(workspace)
        .ok()
        .map(|below| [path.to_path_buf(), Path::new(WORKSPACE_TARGET).join(below)]);
    let own = own.into_iter().flatten().map(|target| MountSetting {
        source: text(path),
        target: text(&target),
        read_only: true,
    });
    let mut mounts: Vec<MountSetting> = asked.chain(own).collect();
    mounts.sort();
    mounts.dedup();
    mounts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Base, read};

    fn settings(text: &str) -> Settings {
        let base = Base {
            directory: Path::new("/team/app"),
            home: None,
        };
        let file = read("dp.yml", text, base).finish().expect("right");
        let workspace = file.workspace_dir().to_path_buf();
        of(&file, Path::new("/team/app/dp.yml"), &workspace)
    }

    #[test]
    fn everything_is_taken_over() {
        let text = "docker: {image: i, memory: 1g, cpus: 2, pids_limit: 100, shm_size: 64m, gpu: true, \
            network_mode: none, home_persistence: true, home_size: 2g, user: root, runtime: runsc, \
            credentials: none, dind: false}\nworkspace_dir: .\n";
        let json: serde_json::Value =
            serde_json::from_str(&settings(text).to_json()).expect("JSON");
        let expected = serde_json::json!({
            "image": "i", "user": "root", "workdir": "/workspace", "memory": 1_u64 << 30, "cpus": 2_000_000_000_u64,
            "pids_limit": 100, "shm_size": 64 << 20, "gpu": true, "network": "none",
            "credentials": "none", "dind": "off", "home_persistence": true,
            "home_size": 2_u64 << 30, "runtime": "runsc",
            "mounts": json["mounts"],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn docker_inside_is_what_the_file_says() {
        let table = [
            ("", None),
            ("docker: {dind: true}", Some(InnerEngine::Auto)),
            ("docker: {dind: false}", Some(InnerEngine::Off)),
            ("docker: {dind: privileged}", Some(InnerEngine::Privileged)),
        ];
        for (text, expected) in table {
            assert_eq!(settings(text).dind, expected, "{text}");
        }
    }

    #[test]
    fn the_file_is_read_only_wherever_it_is_inside() {
        let shown = |text: &str| {
            let mounts = settings(text).mounts.expect("mounts").into_iter();
            mounts
                .map(|mount| format!("{} {} {}", mount.source, mount.target, mount.read_only))
                .collect::<Vec<_>>()
        };
        let own = "/team/app/dp.yml /team/app/dp.yml true";
        let second = "/team/app/dp.yml /workspace/dp.yml true";
        assert_eq!(shown(""), [own, second]);
        assert!(
            shown("workspace_dir: sub").is_empty(),
            "there it is not inside at all"
        );
        let text = "mounts: [{host_path: /srv/x, container_path: /x, read_only: false}]";
        assert_eq!(shown(text), ["/srv/x /x false", own, second]);
    }
}
