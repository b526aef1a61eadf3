//! From text to the tree, in either format, with what may be secret hidden in the source.

use super::form::{Class, Table};
use super::mistake::{Mistake, Mistakes};
use super::node::{Node, Value};
use super::place::Place;
use super::shape::{self, Shape};
use super::source::{Format, Source};
use super::{LIMIT, keys, toml, yaml};

/// Where the text and the tree part.
#[derive(Debug, Clone, Copy)]
pub(super) enum Break {
    /// What follows this key in its line is not in the tree.
    Unread(Place),
    /// What stands in this line may be missing in the tree, or guessed.
    Guessed(Place),
}

/// A text that was read.
pub(super) struct Parsed {
    /// Empty where the text cannot be read.
    pub(super) root: Node,
    /// With everything hidden that may be secret.
    pub(super) source: Source,
    /// Where the text cannot be read.
    pub(super) broken: Mistakes,
    /// The lines of which the tree guesses.
    guessed: Vec<usize>,
}

impl Parsed {
    /// A mistake in such a line is about the guess.
    pub(super) fn is_guess(&self, mistake: &Mistake) -> bool {
        let line = self.source.line_of(mistake.place.start);
        self.guessed.contains(&line)
    }
}

/// The tree and the source; `mistakes` gets what is wrong with the shape.
pub(super) fn parse(
    name: &str,
    text: &str,
    table: &'static Table,
    mistakes: &mut Mistakes,
) -> Parsed {
    let mut broken = Mistakes::default();
    let fits = text.len() <= LIMIT;
    let mut source = Source::new(name, if fits { text } else { "" });
    if !fits {
        let message = "the file is larger than 1 MiB";
        broken.add(Mistake::error(Place::default(), message));
    }
    let (root, breaks) = tree(&source, &mut broken);
    let mut hidden = Vec::new();
    let mut shape = Shape {
        mistakes,
        hidden: &mut hidden,
        is_own: { table.keys.first() }.is_some_and(|key| matches!(key.class, Class::Own)),
    };
    shape::check(&root, table, &mut shape);
    for place in hidden {
        source.hide(place.start..place.end);
        hide_comment(&mut source, place);
    }
    let mut guessed = Vec::new();
    for part in breaks {
        match part {
            Break::Unread(key) if may_hold_secrets(&source) => hide_rest(&mut source, key.end),
            Break::Unread(_) => {}
            Break::Guessed(place) => {
                hide_broken(&mut source, place);
                guessed.push(source.line_of(place.start));
            }
        }
    }
    Parsed {
        root,
        source,
        broken,
        guessed,
    }
}

/// In the source's format; an empty tree where the text cannot be read at all.
fn tree(source: &Source, broken: &mut Mistakes) -> (Node, Vec<Break>) {
    if source.format == Format::Toml {
        return toml::parse(source, broken);
    }
    match yaml::parse(source, broken) {
        Ok(root) => (root, Vec::new()),
        Err(place) => {
            let empty = Node {
                value: Value::Null,
                place: Place::default(),
            };
            (empty, vec![Break::Guessed(place)])
        }
    }
}

/// The comment behind a secret may be the secret that it was before.
fn hide_comment(source: &mut Source, place: Place) {
    let line = source.line(source.line_of(place.end));
    let Some(rest) = source.text().get(place.end..line.end) else {
        return;
    };
    if let Some(at) = rest.find('#').filter(|at| rest[..*at].trim().is_empty()) {
        source.hide(place.end + at..line.end);
    }
}

/// From here to the end of the line.
fn hide_rest(source: &mut Source, start: usize) {
    let end = source.line(source.line_of(start)).end;
    source.hide(start.min(end)..end);
}

/// By the words in it, because its parts are not known.
fn may_hold_secrets(source: &Source) -> bool {
    let holds = |word: &str| {
        let is_other = |at: usize| source.text()[at + word.len()..].starts_with("_file");
        let mut found = source.text().match_indices(word);
        found.any(|(at, _)| !is_other(at))
    };
    ["env", "fields", "secret"].into_iter().any(holds)
}

/// Where the text cannot be read, nobody knows what is secret: of a file that may hold secrets only
/// a key of ours is shown, and what stands in front of it.
fn hide_broken(source: &mut Source, place: Place) {
    if !may_hold_secrets(source) {
        return;
    }
    let line = source.line(source.line_of(place.start));
    let text = &source.text()[line.clone()];
    let key = text.split([':', '=']).next().unwrap_or_default();
    let is_known = keys::is_key(key.trim().trim_start_matches("- "));
    let kept = if is_known {
        key.len()
    } else {
        text.len() - text.trim_start().len()
    };
    hide_rest(source, line.start + kept);
}
