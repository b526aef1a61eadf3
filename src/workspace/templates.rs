//! The `templates` section.

use super::fields::Fields;
use super::file::{Template, TemplateSource};
use super::git_source;
use super::keys::{TEMPLATE, TEMPLATE_NAME};
use super::mistake::Mistake;
use super::node::Entry;
use super::place::Placed;
use super::reader::Reader;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Templates by name; where they come from is not looked at.
pub(super) fn read(entries: &[Entry], reader: &mut Reader<'_>) -> BTreeMap<String, Template> {
    let mut templates = BTreeMap::new();
    for entry in entries {
        if !is_template_name(&entry.key) {
            let message = format!("`{}` is no name of a template", entry.key);
            let mistake = Mistake::error(entry.place, message);
            reader.mistakes.add(mistake.label(TEMPLATE_NAME.says));
        }
        let fields = Fields::new(&entry.node, &TEMPLATE);
        let reference = reference(&fields, &entry.key, reader);
        let subdir = subdir(&fields, reader);
        if let Some(source) = source(&fields, &entry.key, reader) {
            let source = source.map(|source| refine(source, reference, subdir, reader));
            let place = entry.place;
            let template = Template { source, place };
            templates.entry(entry.key.clone()).or_insert(template);
        }
    }
    templates
}

fn reference<'a>(
    fields: &Fields<'a>,
    name: &str,
    reader: &mut Reader<'_>,
) -> Option<Placed<&'a str>> {
    let given = fields.text("ref")?;
    if let Some(problem) = git_source::objection_to_reference(&given) {
        reader.error(given.place, format!("`templates.{name}` {problem}"));
    }
    Some(given)
}

fn subdir(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Placed<PathBuf>> {
    let given = fields.text("subdir")?;
    match git_source::parse_subdir(&given) {
        Ok(below) => Some(Placed::new(below, given.place)),
        Err(problem) => {
            reader.error(given.place, format!("`{}` {problem}", given.value));
            None
        }
    }
}

/// A bare name is a directory here. The text is no part of a message: it may hold a password.
fn source(
    fields: &Fields<'_>,
    name: &str,
    reader: &mut Reader<'_>,
) -> Option<Placed<TemplateSource>> {
    let text = reader.text(fields, "source")?;
    let source = match git_source::parse(&text, &reader.base) {
        Ok(Some(source)) => Ok(source),
        Ok(None) => reader.base.resolve(&text).map(TemplateSource::Directory),
        Err(problem) => Err(problem),
    };
    match source {
        Ok(source) => Some(Placed::new(source, text.place)),
        Err(problem) => {
            let message = format!("the source of `templates.{name}` {problem}");
            reader.error(text.place, message);
            None
        }
    }
}

/// A source with the ref and the directory that stand beside it.
fn refine(
    source: TemplateSource,
    given: Option<Placed<&str>>,
    below: Option<Placed<PathBuf>>,
    reader: &mut Reader<'_>,
) -> TemplateSource {
    let mut complain = |place, message: &str, label: &str| {
        reader
            .mistakes
            .add(Mistake::error(place, message).label(label));
    };
    let twice = "already given in the source";
    match source {
        TemplateSource::Git {
            url,
            reference,
            subdir,
        } => {
            if let (Some(given), Some(_)) = (&given, &reference) {
                complain(given.place, "the ref is given twice", twice);
            }
            if let (Some(below), Some(_)) = (&below, &subdir) {
                complain(below.place, "the directory is given twice", twice);
            }
            TemplateSource::Git {
                url,
                reference: reference.or(given.map(|given| given.value.to_string())),
                subdir: subdir.or(below.map(|below| below.value)),
            }
        }
        TemplateSource::Directory(path) => {
            if let Some(given) = given {
                let label = "only a git source has one";
                complain(given.place, "a directory has no `ref`", label);
            }
            TemplateSource::Directory(match below {
                Some(below) => path.join(below.value),
                None => path,
            })
        }
        other => other,
    }
}

/// Letters, digits, `_`, `.` and `-`, at most 63, a letter or digit first.
fn is_template_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(is_plain)
}
