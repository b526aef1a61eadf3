//! `dspatch.agent.yml`: what a template says of itself, typed.

use super::fields::Fields;
use super::git_source::parse_subdir;
use super::keys::MANIFEST;
use super::mistake::{Mistake, Mistakes, Report};
use super::place::Placed;
use super::syntax;
use crate::values::variable;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The names that the file may have.
pub const MANIFEST_NAMES: [&str; 2] = ["dspatch.agent.yml", "dspatch.agent.yaml"];

/// What a template says of itself; every part has its default, so a directory without the file is a
/// template as well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The program below the template's directory.
    pub entry_point: String,
    /// Program and arguments instead of the entry point; never empty when there.
    pub command: Option<Vec<String>>,
    /// Script below the template's directory.
    pub pre_install: Option<String>,
    /// See `pre_install`.
    pub post_install: Option<String>,
    /// Base64 values by name, handed on as they are.
    pub fields: BTreeMap<String, String>,
    /// Variables that must be set and not empty; no others are handed on when any is named.
    pub required_env: Vec<String>,
    /// Paths inside that something must be mounted at.
    pub required_mounts: Vec<String>,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            entry_point: "agent.py".into(),
            command: None,
            pre_install: None,
            post_install: None,
            fields: BTreeMap::new(),
            required_env: Vec::new(),
            required_mounts: Vec::new(),
        }
    }
}

impl Manifest {
    /// Reads the text of a file that messages call `name`.
    ///
    /// # Errors
    /// A [`Report`] of everything that is wrong with it.
    pub fn read(name: &str, text: &str) -> Result<Self, Report> {
        let mut mistakes = Mistakes::default();
        let parsed = syntax::parse(name, text, &MANIFEST, &mut mistakes);
        let fields = Fields::new(&parsed.root, &MANIFEST);
        let mut reader = Reader {
            mistakes: &mut mistakes,
        };
        let manifest = reader.manifest(&fields);
        mistakes.retain(|mistake| !parsed.is_guess(mistake));
        mistakes.append(parsed.broken);
        let report = mistakes.report(Arc::new(parsed.source));
        if report.has_errors() {
            Err(report)
        } else {
            Ok(manifest)
        }
    }
}

struct Reader<'a> {
    mistakes: &'a mut Mistakes,
}

impl Reader<'_> {
    fn manifest(&mut self, fields: &Fields<'_>) -> Manifest {
        let usual = Manifest::default();
        Manifest {
            entry_point: self
                .below(fields, "entry_point")
                .unwrap_or(usual.entry_point),
            command: self.command(fields),
            pre_install: self.below(fields, "pre_install"),
            post_install: self.below(fields, "post_install"),
            fields: self.fields(fields),
            required_env: self.variables(fields),
            required_mounts: self.mounts(fields),
        }
    }

    fn error(&mut self, at: &Placed<&str>, problem: &str) {
        let message = format!("`{}` {problem}", at.value);
        self.mistakes.add(Mistake::error(at.place, message));
    }

    /// A path that stays below the template.
    fn below(&mut self, fields: &Fields<'_>, name: &str) -> Option<String> {
        let given = fields.text(name)?;
        match parse_subdir(&given) {
            Ok(path) if path.as_os_str().is_empty() => {
                self.error(&given, "names no file");
                None
            }
            Ok(path) => path.into_os_string().into_string().ok(),
            Err(_) => {
                self.error(&given, "leaves the template");
                None
            }
        }
    }

    fn command(&mut self, fields: &Fields<'_>) -> Option<Vec<String>> {
        let entry = fields.entry("command")?;
        let words = fields.texts("command");
        let is_line = words.len() == 1 && entry.node.value.scalar().is_some();
        let words: Vec<String> = words.iter().map(|word| word.value.to_string()).collect();
        if words.first().is_none_or(|word| word.trim().is_empty()) {
            let mistake = Mistake::error(entry.place, "`command` names no program");
            self.mistakes.add(mistake);
            return None;
        }
        if is_line {
            let line = words.into_iter().next().unwrap_or_default();
            return Some(vec!["sh".into(), "-c".into(), line]);
        }
        Some(words)
    }

    fn fields(&mut self, fields: &Fields<'_>) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        for entry in fields.map("fields") {
            let Some(value) = entry.node.value.scalar() else {
                continue;
            };
            if is_base64(value) {
                values.insert(entry.key.clone(), value.to_string());
            } else {
                // The value may be secret.
                let message = format!("the value of `fields.{}` is no Base64", entry.key);
                self.mistakes.add(Mistake::error(entry.place, message));
            }
        }
        values
    }

    fn variables(&mut self, fields: &Fields<'_>) -> Vec<String> {
        let mut names = Vec::new();
        for name in fields.texts("required_env") {
            if variable::is_name(&name) {
                names.push(name.value.to_string());
            } else {
                self.error(&name, "is no variable's name");
            }
        }
        names
    }

    fn mounts(&mut self, fields: &Fields<'_>) -> Vec<String> {
        let mut paths = Vec::new();
        for path in fields.texts("required_mounts") {
            if path.starts_with('/') {
                paths.push(path.value.to_string());
            } else {
                self.error(&path, "is no absolute path");
            }
        }
        paths
    }
}

/// Groups of four, the last one maybe filled up, in the usual or the URL's alphabet.
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    text.len().is_multiple_of(4) && text.len() - body.len() <= 2 && body.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(text: &str) -> Vec<String> {
        match Manifest::read("dspatch.agent.yml", text) {
            Ok(_) => Vec::new(),
            Err(report) => {
                let mistakes = report.mistakes.iter();
                mistakes.map(|mistake| mistake.message.clone()).collect()
            }
        }
    }

    #[test]
    fn a_whole_one_is_read() {
        let text = "name: a\ndescription: |\n  b\n  c\nentry_point: ./src/main.ts\ncommand: node x\n\
            pre_install: hooks/a.sh\nfields: {k: dGV4dA==}\nrequired_env: [A]\n\
            required_mounts: [/data]\nreadme: README.md\n";
        let read = Manifest::read("dspatch.agent.yml", text).expect("right");
        assert_eq!(read.entry_point, "src/main.ts");
        assert_eq!(read.command.expect("one"), ["sh", "-c", "node x"]);
        assert_eq!(read.pre_install.as_deref(), Some("hooks/a.sh"));
        assert_eq!(read.fields["k"], "dGV4dA==");
        assert_eq!(
            (read.required_env.len(), read.required_mounts.len()),
            (1, 1)
        );
    }

    #[test]
    fn every_mistake_is_named() {
        let table = [
            ("", "there is no `name`"),
            ("name: a", "there is no `description`"),
            ("nam: a", "there is no key `nam`"),
            ("entry_point: ../x", "`../x` leaves the template"),
            ("pre_install: /etc/x", "`/etc/x` leaves the template"),
            ("command: []", "`command` names no program"),
            (
                "fields: {k: \"a b\"}",
                "the value of `fields.k` is no Base64",
            ),
            ("required_env: [1A]", "`1A` is no variable's name"),
            ("required_mounts: [data]", "`data` is no absolute path"),
            (
                "required_mounts: [\"/a\\u001b[2K\"]",
                "`required_mounts[0]` holds a control character",
            ),
            (
                "entry_point: \"a\\u202eb\"",
                "`entry_point` holds a mark of the direction of writing",
            ),
        ];
        for (text, expected) in table {
            assert!(
                messages(text).contains(&expected.to_string()),
                "{text}: {:?}",
                messages(text)
            );
        }
    }
}
