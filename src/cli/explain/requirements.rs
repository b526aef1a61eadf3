//! What an engine cannot give to a sandbox, in words.

use super::super::Error;
use super::{list, near};
use crate::sandbox::requirements::RequirementError;

impl From<RequirementError> for Error {
    fn from(error: RequirementError) -> Self {
        let message = error.to_string();
        match error {
            RequirementError::Gpu => Self::failed("no-gpu", message)
                .cause("it has no runtime `nvidia`, and no GPU among its CDI devices")
                .hint("install NVIDIA's driver and `nvidia-container-toolkit`, run `sudo nvidia-ctk runtime configure --runtime=docker`, and restart Docker; other makers' tools describe their GPUs as CDI devices")
                .hint("or do without: no `--gpu`, no `gpu` in the workspace file"),
            RequirementError::Runtime { name, known } => Self::not_found("no-runtime", message)
                .cause(format!("it has {}", list(&known)))
                .hint(match near(&name, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "install it and name it under `runtimes` in the engine's `/etc/docker/daemon.json`".into(),
                }),
            RequirementError::Network { name, known } => {
                let shown = Self::not_found("no-network", message)
                    .cause(format!("it has {}", list(&known)));
                let shown = match near(&name, &known) {
                    Some(near) => shown.hint(format!("did you mean `{near}`?")),
                    None => shown,
                };
                shown.hint(format!("`docker network create {name}` makes it"))
            }
            RequirementError::Engine(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: impl Into<Error>) -> String {
        let error: Error = error.into();
        let lines = error.cause.iter().map(|cause| format!("cause: {cause}"));
        let lines = lines.chain(error.hints.iter().map(|hint| format!("hint: {hint}")));
        let lines: Vec<String> = lines.collect();
        format!("{} {}\n{}", error.code, error.message, lines.join("\n"))
    }

    #[test]
    fn a_runtime_that_is_not_there() {
        let lacking = |name: &str| RequirementError::Runtime {
            name: name.into(),
            known: vec!["runc".into(), "runsc".into()],
        };
        insta::assert_snapshot!(told(lacking("kata")), @r"
        no-runtime the engine has no runtime `kata`
        cause: it has `runc` and `runsc`
        hint: install it and name it under `runtimes` in the engine's `/etc/docker/daemon.json`
        ");
        insta::assert_snapshot!(told(lacking("runs")), @r"
        no-runtime the engine has no runtime `runs`
        cause: it has `runc` and `runsc`
        hint: did you mean `runsc`?
        ");
    }
}
