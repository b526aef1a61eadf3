//! Which option each value comes from.

use super::SandboxOptions;
use crate::config::Config;
use crate::sandbox::{MountSetting, Origin, Origins, Settings};

impl SandboxOptions {
    /// Where `settings` come from; `mounts` are theirs, with the option of each.
    pub(super) fn origins(
        &self,
        config: &Config,
        settings: &Settings,
        mounts: &[(MountSetting, &'static str)],
    ) -> Origins {
        let mut origins = Origins::default();
        for (name, _) in settings.shown() {
            let is_configured = match name.as_str() {
                "host_ca" => self.ca_certificates.is_none() && config.trust_host_ca.is_some(),
                _ => false,
            };
            let origin = match option(&name) {
                _ if is_configured => Origin::Configuration,
                Some("--dind") if self.no_dind => Origin::Option("--no-dind"),
                Some(option) => Origin::Option(option),
                None => Origin::Default,
            };
            origins.set(&name, origin);
        }
        if self.name.is_some() {
            origins.set("name", Origin::Option("--name"));
        }
        for (mount, option) in mounts {
            origins.set_mount(&mount.target, Origin::Option(option));
        }
        for port in settings.ports.iter().flatten() {
            origins.set_port(port, Origin::Option("--publish"));
        }
        origins
    }
}

/// The option that asks for a setting; `None` for what only a file can ask for.
fn option(setting: &str) -> Option<&'static str> {
    Some(match setting {
        "image" => "--template",
        "user" => "--user",
        "mounts" => "--volume",
        "ports" => "--publish",
        "memory" => "--memory",
        "cpus" => "--cpus",
        "pids_limit" => "--pids-limit",
        "shm_size" => "--shm-size",
        "gpu" => "--gpu",
        "cap_add" => "--cap-add",
        "network" => "--network",
        "credentials" => "--credentials",
        "docker_socket" => "--mount-docker-socket",
        "dind" => "--dind",
        "host_ca" => "--ca-certificates",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Pins, Typed};
    use clap::{Args, Command, FromArgMatches};

    fn options(line: &str) -> (Settings, Origins) {
        let command = SandboxOptions::augment_args(Command::new("dp").no_binary_name(true));
        let matches = command.get_matches_from(line.split_whitespace());
        let options = SandboxOptions::from_arg_matches(&matches).expect("options");
        let config: Config = toml::from_str("credentials = \"none\"").expect("configured");
        let paths = ["/tmp", "/"].map(std::path::Path::new);
        let typed = Typed::new(&Pins::default(), Some(paths[1]), &[]);
        options
            .asked(&config, paths[0], paths[1], &typed)
            .expect("settings")
    }

    #[test]
    fn every_setting_that_an_option_asks_for_names_the_option() {
        let line = "--template i --user root --volume /tmp:/a --add-workspace /usr --publish 80 \
            --memory 1g --cpus 1 --pids-limit 99 --shm-size 1m --gpu --cap-add NET_RAW --network none \
            --credentials host --mount-docker-socket --dind --ca-certificates host --name n";
        let (settings, origins) = options(line);
        for (name, _) in settings.shown() {
            let origin = origins.of(&name).to_string();
            assert!(line.contains(&origin), "{name} {origin}");
        }
        assert_eq!(settings.shown().len(), 15, "all that options ask for");
        assert_eq!(origins.of_mount("/usr"), Origin::Option("--add-workspace"));
        assert_eq!(origins.of_mount("/a"), Origin::Option("--volume"));
        let port = &settings.ports.expect("ports")[0];
        assert_eq!(origins.of_port(port), Origin::Option("--publish"));
        assert_eq!(origins.of("name"), Origin::Option("--name"));
        let (_, origins) = options("--no-dind");
        assert_eq!(origins.of("dind"), Origin::Option("--no-dind"));
        assert_eq!(origins.of("memory"), Origin::Default);
    }
}
