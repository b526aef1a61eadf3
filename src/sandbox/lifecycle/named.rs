//! Which template each agent of a workspace file uses: where its source is, and the one name that it
//! has inside. Nothing is fetched.

use crate::files::Pins;
use crate::git::Remote;
use crate::workspace::{Runs, TemplateSource, WorkspaceFile};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A source, before it is fetched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    Directory(PathBuf),
    Git(Remote, Option<PathBuf>),
}

/// As a person calls it; a password is not shown.
impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Git(remote, _) => write!(f, "{remote}"),
        }
    }
}

/// An agent and the template that it uses.
pub(super) struct Used {
    /// Its key.
    pub(super) agent: String,
    /// The template's.
    pub(super) name: String,
    pub(super) origin: Origin,
}

/// The agents that use a template, in order; each source has one name. `pins` know where names
/// led when a person was asked.
pub(super) fn used(file: &WorkspaceFile, templates: &Path, pins: &Pins) -> Vec<Used> {
    let mut names: BTreeMap<Origin, String> = BTreeMap::new();
    let mut all = Vec::new();
    for agent in file.agents() {
        let Runs::Template(source) = &agent.runs else {
            continue;
        };
        let (name, origin) = named(file, &source.value, templates, pins);
        let name = names.get(&origin).cloned().unwrap_or_else(|| {
            let taken: Vec<&str> = names.values().map(String::as_str).collect();
            unique(&name, &taken)
        });
        names.insert(origin.clone(), name.clone());
        let agent = agent.key.value.clone();
        all.push(Used {
            agent,
            name,
            origin,
        });
    }
    all
}

/// The name that a source suggests, and where it is.
fn named(
    file: &WorkspaceFile,
    source: &TemplateSource,
    templates: &Path,
    pins: &Pins,
) -> (String, Origin) {
    match source {
        TemplateSource::Directory(path) => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (slug(&name), Origin::Directory(path.clone()))
        }
        TemplateSource::Git {
            url,
            reference,
            subdir,
        } => {
            let last = subdir.as_deref().and_then(Path::file_name);
            let name = last.map_or_else(
                || {
                    url.trim_end_matches('/')
                        .trim_end_matches(".git")
                        .rsplit(['/', ':'])
                        .next()
                },
                |name| name.to_str(),
            );
            let remote = Remote {
                url: url.clone(),
                reference: reference.clone(),
            };
            (
                slug(name.unwrap_or_default()),
                Origin::Git(remote, subdir.clone()),
            )
        }
        TemplateSource::Declared(name) => {
            let declared = file
                .templates
                .get(name)
                .map(|template| &template.source.value);
            match declared {
                Some(source) if !matches!(source, TemplateSource::Declared(_)) => {
                    (slug(name), named(file, source, templates, pins).1)
                }
                _ => (slug(name), Origin::Directory(file.directory.join(name))),
            }
        }
        TemplateSource::Named(name) => {
            let is_directory = |path: &Path| pins.is_directory(path);
            let found = file.named_template(name, templates, &is_directory);
            (slug(name), Origin::Directory(found.path().to_path_buf()))
        }
    }
}

/// A name that a directory may have everywhere.
fn slug(name: &str) -> String {
    let keep = |c: char| {
        if c.is_ascii_alphanumeric() || "_.-".contains(c) {
            c
        } else {
            '-'
        }
    };
    let slug: String = name.chars().take(63).map(keep).collect();
    match slug.trim_start_matches(['.', '-']) {
        "" => "template".into(),
        slug => slug.into(),
    }
}

fn unique(name: &str, taken: &[&str]) -> String {
    let mut candidates = (1..).map(|count| match count {
        1 => name.to_string(),
        count => format!("{name}-{count}"),
    });
    candidates
        .find(|name| !taken.contains(&name.as_str()))
        .expect("there is always a further number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_differ() {
        for (given, expected) in [
            ("a b", "a-b"),
            ("..", "template"),
            (".x", "x"),
            ("ok.1", "ok.1"),
        ] {
            assert_eq!(slug(given), expected);
        }
        assert_eq!(unique("a", &["a", "a-2"]), "a-3");
        assert_eq!(unique("b", &["a"]), "b");
    }
}
