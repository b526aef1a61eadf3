//! Requests of the `docker` section.

use super::super::file::{Credentials, Dind, Docker, NetworkMode};
use super::super::place::Placed;
use super::{Asks, RequestKind};
use crate::values::text::quoted;
use crate::values::{PublishedPort, user};
use std::net::IpAddr;

/// Processes that a sandbox may have unasked.
const PROCESSES: u32 = 4096;

impl Asks<'_> {
    pub(super) fn container(&mut self) {
        let docker = &self.file.docker;
        self.image(docker);
        self.network(docker);
        for port in &docker.ports {
            self.add(RequestKind::Port, port.place, publish(port));
        }
        if let Some(gpu) = docker.gpu.as_ref().filter(|gpu| gpu.value) {
            self.add(RequestKind::Gpu, gpu.place, "use all GPUs of this machine");
        }
        self.inner_engine(docker);
        if let Some(user) = &docker.user
            && let Some(who) = user.value.as_deref()
        {
            self.add(RequestKind::User, user.place, be(who));
        }
        if let Some(runtime) = &docker.runtime {
            let words = format!("run by the engine's runtime {}", quoted(runtime));
            self.add(RequestKind::Runtime, runtime.place, words);
        }
        if let Some(limit) = docker.pids_limit.as_ref().filter(|it| it.value > PROCESSES) {
            let words = format!("run up to {} processes", limit.value);
            self.add(RequestKind::Processes, limit.place, words);
        }
        if let Some(home) = docker.home_persistence.as_ref().filter(|it| it.value) {
            let words = "keep the home, which all sandboxes of this directory then share: what is left \
                there can run for each of their agents, beside its logins and keys";
            self.add(RequestKind::Home, home.place, words);
        }
        self.credentials(docker);
    }

    fn image(&mut self, docker: &Docker) {
        if let Some(image) = &docker.image
            && self.given.image != Some(image.value.as_str())
        {
            let words = format!(
                "run in the image {}, whose programs then have your logins and keys",
                quoted(image)
            );
            self.add(RequestKind::Image, image.place, words);
        }
    }

    fn network(&mut self, docker: &Docker) {
        let Some(mode) = &docker.network_mode else {
            return;
        };
        let words = match &mode.value {
            NetworkMode::Host => "share this machine's network".to_string(),
            NetworkMode::Named(name) => {
                format!(
                    "join the engine's network {}, and who is there",
                    quoted(name)
                )
            }
            NetworkMode::Bridge | NetworkMode::None => return,
        };
        self.add(RequestKind::Network, mode.place, words);
    }

    fn inner_engine(&mut self, docker: &Docker) {
        let Some(dind) = &docker.dind else {
            return;
        };
        let words = match dind.value {
            Dind::Privileged => "run privileged, and so become root of this machine",
            Dind::Sysbox => "run by the runtime \"sysbox-runc\", with Docker inside as its root",
            Dind::Off | Dind::Auto | Dind::Rootless => return,
        };
        self.add(RequestKind::Docker, dind.place, words);
    }

    /// A file may give agents less of a person's logins, not more.
    fn credentials(&mut self, docker: &Docker) {
        let (Some(asked), Some(own)) = (&docker.credentials, self.given.credentials) else {
            return;
        };
        if asked.value > own {
            let shared = match asked.value {
                Credentials::Sandbox => "those that all sandboxes share",
                Credentials::Workspace | Credentials::None => "those of this directory",
            };
            let words = format!("use your logins, {shared}, though your configuration says {own}");
            self.add(RequestKind::Credentials, asked.place, words);
        }
    }
}

/// `publish 80/tcp at 127.0.0.1:8080, for this machine alone`
fn publish(port: &Placed<PublishedPort>) -> String {
    let inside = format!("{}/{}", port.container, port.protocol);
    let at = match port.host {
        Some(host) => format!("port {host}"),
        None => "a free port".into(),
    };
    let whom = match port.ip.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(ip) if ip.is_loopback() => format!("at {ip}, for this machine alone"),
        Ok(ip) if ip.is_unspecified() => {
            format!("at {ip}, for everyone who reaches this machine")
        }
        Ok(ip) => format!("at {ip}, for everyone who reaches that address"),
        Err(_) => format!(
            "at {}, for everyone who reaches that address",
            quoted(&port.ip)
        ),
    };
    format!("publish the port {inside} as {at} {whom}")
}

fn be(who: &str) -> String {
    match user::parse(who) {
        Some((0, 0)) => "be root inside, whose files in the workspace are root's".into(),
        Some((0, group)) => {
            format!(
                "be root with the group {group} inside, whose files in the workspace are root's"
            )
        }
        Some((uid, gid)) => format!("be the user {uid} with the group {gid} inside"),
        None => format!("be the user {} inside", quoted(who)),
    }
}
