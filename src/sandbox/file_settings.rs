//! What a workspace file says of the container, as settings. Pure but for the links that it resolves.

use super::inner_engine::InnerEngine;
use super::mount::MountSetting;
use super::origins::{Origin, Origins};
use super::settings::Settings;
use super::spec::WORKSPACE_TARGET;
use crate::config::Credentials;
use crate::files::Pins;
use crate::values::port;
use crate::workspace::{self, Dind, Docker, Place, Placed, WorkspaceFile};
use std::path::Path;

/// The settings of `file`, which lies at `path` (links resolved), for `workspace`, which may be
/// another directory than the file's own. Where it says nothing of a Docker
/// engine inside, the image decides, which is known later.
#[must_use]
pub fn of(file: &WorkspaceFile, path: &Path, workspace: &Path, pins: &Pins) -> Settings {
    let docker = &file.docker;
    let ports: Vec<String> = docker.ports.iter().map(|port| port::format(port)).collect();
    let mounts = mounts(file, path, workspace, pins);
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
            workspace::Credentials::Workspace => Credentials::Workspace,
            workspace::Credentials::None => Credentials::None,
        }),
        dind: inner_engine(docker),
        home_persistence: docker.home_persistence.as_ref().map(|flag| flag.value),
        home_size: docker.home_size.as_ref().map(|size| size.value),
        runtime: docker.runtime.as_ref().map(|runtime| runtime.value.clone()),
        ..Settings::default()
    }
}

/// Where `file`, which lies at `path`, says each of the `settings` that [`of`] made of it.
#[must_use]
pub fn origins(file: &WorkspaceFile, path: &Path, settings: &Settings) -> Origins {
    let name = &file.source.name;
    let mut origins = Origins::of_file(name);
    let line = |setting: &str, place: Option<Place>| {
        let key = key(setting)?;
        let key = match key.strip_prefix("docker.") {
            Some(below) => format!("docker.{}", file.docker.spelled(below)),
            None => key,
        };
        let place = place.map_or_else(|| name.clone(), |place| file.locate(place));
        Some(Origin::File { key, place })
    };
    for (setting, place) in places(file) {
        if place.is_some() || setting == "mounts" {
            let origin = line(setting, place).unwrap_or_default();
            origins.set(setting, origin);
        }
    }
    for mount in settings.mounts.iter().flatten() {
        let asked = { file.mounts.iter() }.find(|asked| *asked.container_path == mount.target);
        let origin = asked.and_then(|asked| line("mounts", Some(asked.host_path.place)));
        let own = || (Path::new(&mount.source) == path).then_some(Origin::Purpose("file itself"));
        let origin = origin.or_else(own).unwrap_or_default();
        origins.set_mount(&mount.target, origin);
    }
    for port in &file.docker.ports {
        let origin = line("ports", Some(port.place)).unwrap_or_default();
        origins.set_port(&port::format(port), origin);
    }
    origins
}

/// The key of a workspace file that says a setting; `None` where none does.
#[must_use]
pub fn key(setting: &str) -> Option<String> {
    let below = match setting {
        "docker_socket" | "host_ca" => return None,
        "workdir" => return Some("workspace_dir".into()),
        "mounts" => return Some("mounts".into()),
        "network" => "network_mode",
        other => other,
    };
    Some(format!("docker.{below}"))
}

/// Where the file says what, by setting.
fn places(file: &WorkspaceFile) -> [(&'static str, Option<Place>); 16] {
    fn of<T>(placed: Option<&Placed<T>>) -> Option<Place> {
        placed.map(|placed| placed.place)
    }
    let docker = &file.docker;
    [
        ("image", of(docker.image.as_ref())),
        ("user", of(docker.user.as_ref())),
        ("workdir", of(file.workspace_dir.as_ref())),
        (
            "mounts",
            { file.mounts.first() }.map(|mount| mount.host_path.place),
        ),
        ("ports", of(docker.ports.first())),
        ("memory", of(docker.memory.as_ref())),
        ("cpus", of(docker.cpus.as_ref())),
        ("pids_limit", of(docker.pids_limit.as_ref())),
        ("shm_size", of(docker.shm_size.as_ref())),
        ("gpu", of(docker.gpu.as_ref())),
        ("network", of(docker.network_mode.as_ref())),
        ("credentials", of(docker.credentials.as_ref())),
        ("dind", of(docker.dind.as_ref())),
        ("home_persistence", of(docker.home_persistence.as_ref())),
        ("home_size", of(docker.home_size.as_ref())),
        ("runtime", of(docker.runtime.as_ref())),
    ]
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
fn mounts(file: &WorkspaceFile, path: &Path, workspace: &Path, pins: &Pins) -> Vec<MountSetting> {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let asked: Vec<MountSetting> = { file.mounts.iter() }
        .map(|mount| {
            let source = pins.real(&mount.host_path);
            MountSetting {
                read_only: mount.read_only || source == path,
                source: text(&source),
                target: mount.container_path.value.clone(),
            }
        })
        .collect();
    let below = |directory: &Path| path.strip_prefix(directory).ok().map(Path::to_path_buf);
    let own =
        below(workspace).map(|below| [path.to_path_buf(), Path::new(WORKSPACE_TARGET).join(below)]);
    // A writable mount of the directory is another way to it.
    let others = { asked.iter() }
        .filter(|mount| !mount.read_only)
        .filter_map(|mount| Some(Path::new(&mount.target).join(below(Path::new(&mount.source))?)));
    let own = own.into_iter().flatten().chain(others);
    let own: Vec<MountSetting> = own
        .map(|target| MountSetting {
            source: text(path),
            target: text(&target),
            read_only: true,
        })
        .collect();
    let mut mounts = [asked, own].concat();
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
        of(
            &file,
            Path::new("/team/app/dp.yml"),
            &workspace,
            &Pins::default(),
        )
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
    fn every_setting_knows_its_key_and_its_line() {
        let base = Base {
            directory: Path::new("/team/app"),
            home: None,
        };
        let text = "workspace_dir: .\nmounts:\n  - {host_path: /srv/x, container_path: /x}\ndocker:\n  \
            image: i\n  memory_limit: 1g\n  cpus: 2\n  pids_limit: 100\n  shm_size: 64m\n  gpu: true\n  \
            network_mode: none\n  home_persistence: true\n  home_size: 2g\n  user: root\n  \
            runtime: runsc\n  credentials: none\n  dind: false\n  ports: [\"80:80\"]\n";
        let file = read("dp.yml", text, base).report().0;
        let path = Path::new("/team/app/dp.yml");
        let settings = of(&file, path, Path::new("/team/app"), &Pins::default());
        let origins = origins(&file, path, &settings);
        for (name, _) in settings.shown() {
            let origin = origins.of(&name);
            let place = origin.to_string();
            let line: usize = place
                .split(':')
                .nth(1)
                .and_then(|line| line.parse().ok())
                .expect(&name);
            let written = text.lines().nth(line - 1).expect("a line");
            let last = origin.key().and_then(|key| key.rsplit('.').next());
            let last = match last {
                Some("mounts") => "host_path",
                last => last.expect("a key"),
            };
            assert!(written.contains(&format!("{last}:")), "{name}: {written}");
        }
        assert_eq!(origins.of("memory").key(), Some("docker.memory_limit"));
        assert_eq!(origins.of_mount("/x").to_string(), "dp.yml:3:17");
        let own = origins.of_mount("/workspace/dp.yml");
        assert_eq!(own, Origin::Purpose("file itself"));
        let port = &settings.ports.expect("ports")[0];
        assert_eq!(origins.of_port(port).to_string(), "dp.yml:18:11");
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
        let text = "mounts: [{host_path: /team, container_path: /x, read_only: false}, \
            {host_path: dp.yml, container_path: /y, read_only: false}]";
        let third = "/team/app/dp.yml /x/app/dp.yml true";
        let fourth = "/team/app/dp.yml /y true";
        assert_eq!(shown(text), ["/team /x false", own, second, third, fourth]);
    }
}
