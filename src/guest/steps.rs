//! Which steps a template has, by what it declares and by the files that are there: the same inside,
//! where they are run, and outside, where they are foretold. It reads the template's directory and
//! starts nothing.

use super::message::set_up::{SetUp, Template};
use crate::digest::sha256;
use crate::files;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The largest file whose content is looked at.
const LIMIT: u64 = 64 * 1024 * 1024;
/// Files that decide what is installed.
const MANIFESTS: [&str; 8] = [
    "pyproject.toml",
    "uv.lock",
    "requirements.txt",
    ".python-version",
    "package.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
];

/// One command to run in the template's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// As it is told to people.
    pub name: &'static str,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// How long it may take.
    pub deadline: Duration,
    /// What it makes in the directory: without it the step is not done, whatever was noted.
    product: Option<&'static str>,
}

/// A declared hook that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the hook {step} {why}")]
pub struct StepError {
    /// The step.
    pub step: &'static str,
    /// What is wrong with it, to follow its name.
    pub why: String,
}

impl Step {
    /// What it made is still there.
    #[must_use]
    pub fn is_intact(&self, directory: &Path) -> bool {
        self.product
            .is_none_or(|product| directory.join(product).exists())
    }
}

/// The steps of a template, in order.
///
/// # Errors
/// [`StepError`] for a declared hook that is not there or lies outside.
pub fn of(directory: &Path, template: &Template, limits: &SetUp) -> Result<Vec<Step>, StepError> {
    let hook = |step, declared: &Option<String>, usual| -> Result<Option<Step>, StepError> {
        let found = hook(directory, declared.as_deref(), usual);
        let found = found.map_err(|why| StepError { step, why })?;
        Ok(found.map(|script| Step {
            name: step,
            argv: vec!["bash".into(), script.to_string_lossy().into_owned()],
            deadline: Duration::from_secs(limits.hook_seconds),
            product: None,
        }))
    };
    let install = Duration::from_secs(limits.install_seconds);
    let before = hook("pre-install", &template.pre_install, "pre_install.sh")?;
    let after = hook("post-install", &template.post_install, "post_install.sh")?;
    let steps = before.into_iter();
    let steps = steps.chain(python(directory, install));
    let steps = steps.chain(node(directory, install));
    Ok(steps.chain(after).collect())
}

/// A hash over everything that decides what the steps do.
#[must_use]
pub fn inputs(directory: &Path, template: &Template) -> String {
    let declared = [&template.pre_install, &template.post_install];
    let declared = declared.into_iter().flatten().map(String::as_str);
    let usual = ["pre_install.sh", "post_install.sh"];
    let below = usual.map(|name| format!("scripts/{name}"));
    let files = MANIFESTS.into_iter().chain(usual).chain(declared);
    let files = files.chain(below.iter().map(String::as_str));
    let mut text = Vec::new();
    for file in files {
        if let Ok(content) = files::read(&directory.join(file), LIMIT) {
            text.extend(format!("{file} {}\n", content.len()).bytes());
            text.extend(content);
        }
    }
    sha256(text)
}

/// The script of a hook: the declared one, else one at a usual place.
fn hook(directory: &Path, declared: Option<&str>, usual: &str) -> Result<Option<PathBuf>, String> {
    let Some(declared) = declared else {
        let places = [format!("scripts/{usual}"), usual.to_string()];
        let mut places = places.iter().map(|place| directory.join(place));
        return Ok(places.find(|place| place.is_file()));
    };
    let script = std::fs::canonicalize(directory.join(declared))
        .map_err(|error| format!("has no script `{declared}`: {error}"))?;
    let root = std::fs::canonicalize(directory).map_err(|error| error.to_string())?;
    if script.starts_with(root) {
        Ok(Some(script))
    } else {
        Err(format!(
            "has a script outside of the template: `{declared}`"
        ))
    }
}

fn step(name: &'static str, line: &str, deadline: Duration, product: &'static str) -> Step {
    Step {
        name,
        argv: vec!["sh".into(), "-c".into(), line.into()],
        deadline,
        product: Some(product),
    }
}

fn python(directory: &Path, deadline: Duration) -> Option<Step> {
    let has = |name| directory.join(name).is_file();
    let step = |name, line| Some(step(name, line, deadline, ".venv"));
    if has("pyproject.toml") {
        step("uv sync", "exec uv sync --no-progress")
    } else if has("requirements.txt") {
        step(
            "uv pip install",
            "uv venv --allow-existing --no-progress .venv && \
             exec uv pip install --no-progress --python .venv -r requirements.txt",
        )
    } else {
        None
    }
}

fn node(directory: &Path, deadline: Duration) -> Option<Step> {
    let has = |name| directory.join(name).is_file();
    // A package without dependencies makes no directory: one that is there says that it was done.
    let step = |name, line: &str| {
        let line = format!("{line} && mkdir -p node_modules");
        Some(step(name, &line, deadline, "node_modules"))
    };
    if !has("package.json") {
        None
    } else if has("pnpm-lock.yaml") {
        step(
            "pnpm install",
            "pnpm install --frozen-lockfile --reporter append-only",
        )
    } else if has("yarn.lock") {
        step(
            "yarn install",
            "yarn install --frozen-lockfile --non-interactive",
        )
    } else if has("package-lock.json") {
        step("npm ci", "npm ci --no-audit --no-fund")
    } else {
        // A lock file would make another step of it the next time.
        step(
            "npm install",
            "npm install --no-audit --no-fund --no-package-lock",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(files: &[&str], template: &Template) -> Vec<&'static str> {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(directory.path().join("scripts")).expect("a directory");
        for file in files {
            std::fs::write(directory.path().join(file), "").expect("a file");
        }
        let steps = of(directory.path(), template, &SetUp::default()).expect("steps");
        steps.iter().map(|step| step.name).collect()
    }

    #[test]
    fn steps_follow_the_files() {
        let none = Template::default();
        let table: [(&[&str], &[&str]); 10] = [
            (&[], &[]),
            (&["pyproject.toml", "requirements.txt"], &["uv sync"]),
            (&["requirements.txt"], &["uv pip install"]),
            (&["package.json"], &["npm install"]),
            (&["package.json", "package-lock.json"], &["npm ci"]),
            (
                &["package.json", "yarn.lock", "package-lock.json"],
                &["yarn install"],
            ),
            (
                &["package.json", "pnpm-lock.yaml", "yarn.lock"],
                &["pnpm install"],
            ),
            (&["yarn.lock"], &[]),
            (
                &["scripts/pre_install.sh", "requirements.txt"],
                &["pre-install", "uv pip install"],
            ),
            (
                &["post_install.sh", "pyproject.toml", "package.json"],
                &["uv sync", "npm install", "post-install"],
            ),
        ];
        for (files, expected) in table {
            assert_eq!(names(files, &none), expected, "{files:?}");
        }
    }

    #[test]
    fn a_declared_hook_is_there_and_inside() {
        let directory = tempfile::tempdir().expect("a directory");
        let of = |hook: &str| {
            let template = Template {
                pre_install: Some(hook.into()),
                ..Template::default()
            };
            of(directory.path(), &template, &SetUp::default())
        };
        assert!(
            of("none.sh")
                .expect_err("missing")
                .why
                .contains("has no script `none.sh`")
        );
        assert!(
            of("/etc/passwd")
                .expect_err("outside")
                .why
                .contains("outside")
        );
        std::fs::write(directory.path().join("my.sh"), "").expect("a file");
        assert_eq!(of("my.sh").expect("there").len(), 1);
    }

    #[test]
    fn inputs_change_with_manifests_and_hooks_and_nothing_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let write = |name: &str, text: &str| {
            std::fs::write(directory.path().join(name), text).expect("a file");
        };
        let template = Template {
            post_install: Some("mine.sh".into()),
            ..Template::default()
        };
        let mut seen = vec![inputs(directory.path(), &template)];
        for (name, text) in [
            ("package.json", "{}"),
            ("package.json", "{ }"),
            ("mine.sh", "true"),
        ] {
            write(name, text);
            let now = inputs(directory.path(), &template);
            assert!(!seen.contains(&now), "{name}");
            seen.push(now);
        }
        write("agent.py", "pass");
        assert_eq!(seen.last(), Some(&inputs(directory.path(), &template)));
    }
}
