//! The shape of a file against the table of keys: unknown and double keys, missing ones, values of the
//! wrong type. It also says what of the text may not be shown.
//!
//! It must not know what values mean; whoever reads them may trust their types.

use super::form::{Form, MOST, Table};
use super::keys::{DOCKER, FILE};
use super::mistake::{Mistake, Mistakes, nearest};
use super::node::{Entry, Node, Value};
use super::place::Place;
use super::toml::duplicate;
use crate::values::text::is_deceptive;
use crate::values::url::may_have_password;
use std::collections::HashSet;
use std::fmt;

/// The way to a value: `agents.lead.env.A`, `mounts[1].host_path`.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Self::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// What the walk finds.
pub(super) struct Shape<'a> {
    pub(super) mistakes: &'a mut Mistakes,
    /// What may be secret.
    pub(super) hidden: &'a mut Vec<Place>,
    /// The person wrote the file: its texts deceive nobody.
    pub(super) is_own: bool,
}

/// Checks a whole file.
pub(super) fn check(root: &Node, table: &'static Table, shape: &mut Shape<'_>) {
    match &root.value {
        Value::Map(entries) => shape.table(entries, table, root.place, Path::Root),
        Value::Null => shape.table(&[], table, root.place, Path::Root),
        other => {
            root.scalars(&mut |place| shape.hidden.push(place));
            let message = format!("a {} file is a map of keys", table.name);
            let mistake = Mistake::error(root.place, message);
            shape
                .mistakes
                .add(mistake.label(format!("this is {}", other.kind())));
        }
    }
}

impl Shape<'_> {
    /// `at` is where to point when something is missing: the key of the table.
    fn node(&mut self, node: &Node, form: &'static Form, at: Place, path: Path<'_>) {
        if !form.fits(&node.value) {
            return self.wrong(node, form, at, path);
        }
        if !self.is_within_bounds(node, form, at, path) {
            return;
        }
        match (form, &node.value) {
            (Form::Table(table), Value::Map(entries)) => self.table(entries, table, at, path),
            (Form::Table(table), _) if !table.required.is_empty() || !table.one_of.is_empty() => {
                self.table(&[], table, at, path);
            }
            (Form::Map(_, of), Value::Map(entries)) => self.map(entries, of, path),
            (Form::Secret(_), Value::Map(entries)) => {
                node.scalars(&mut |place| self.hidden.push(place));
                self.map(entries, &Form::Scalar, path);
            }
            (Form::List(of) | Form::OneOrList(of), Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.node(item, of, item.place, Path::Item(&path, index));
                }
            }
            (_, Value::Text(text)) => {
                if may_have_password(text) {
                    self.hidden.push(node.place);
                }
                match form {
                    Form::Scalar | Form::OneOrList(Form::Scalar) => {}
                    Form::Text(pattern) if pattern.has_lines => {
                        let text = text.replace(['\n', '\r', '\t'], " ");
                        self.plain(&text, node.place, &format!("`{path}`"));
                    }
                    _ => self.plain(text, node.place, &format!("`{path}`")),
                }
            }
            _ => {}
        }
    }

    /// It has no more entries than anybody reads. What has more is not looked at, and not shown.
    fn is_within_bounds(&mut self, node: &Node, form: &Form, at: Place, path: Path<'_>) -> bool {
        let count = match &node.value {
            Value::List(items) => items.len(),
            // What is no key of ours is a mistake of its own.
            Value::Map(entries) if !matches!(form, Form::Table(_)) => entries.len(),
            _ => 0,
        };
        if count <= MOST || self.is_own {
            return true;
        }
        node.scalars(&mut |place| self.hidden.push(place));
        let mistake = Mistake::error(at, format!("`{path}` has more than {MOST} entries"));
        self.mistakes
            .add(mistake.label(format!("these are {count}")));
        false
    }

    /// Paths, URLs, refs and names are shown to people: nothing in them moves a cursor or turns the
    /// direction of writing. Values of variables, arguments and commands may hold anything.
    fn plain(&mut self, text: &str, place: Place, what: &str) {
        let odd = text.chars().find(|c| is_deceptive(*c));
        if let Some(odd) = odd.filter(|_| !self.is_own) {
            let kind = match odd {
                '\u{2028}' | '\u{2029}' => "a separator of lines",
                odd if odd.is_control() => "a control character",
                _ => "a mark of the direction of writing",
            };
            let message = format!("{what} holds {kind}");
            let code = format!("U+{:04X}", u32::from(odd));
            self.mistakes
                .add(Mistake::error(place, message).label(code));
        }
    }

    fn wrong(&mut self, node: &Node, form: &Form, at: Place, path: Path<'_>) {
        let has_parts = matches!(node.value, Value::Map(_) | Value::List(_) | Value::Null);
        let place = if has_parts { at } else { node.place };
        let mistake = Mistake::error(place, format!("`{path}` should be {}", form.says()));
        let may_be_secret = matches!(
            form,
            Form::Secret(_) | Form::Scalar | Form::Map(..) | Form::Table(_)
        );
        if has_parts || may_be_secret {
            node.scalars(&mut |place| self.hidden.push(place));
        }
        let mistake = match &node.value {
            Value::Text(_) if matches!(form, Form::Choice(_)) => mistake,
            Value::Number(_) if matches!(form, Form::Whole(..)) => mistake,
            value => mistake.label(format!("this is {}", value.kind())),
        };
        self.mistakes.add(hinted(mistake, form, &node.value));
    }

    fn map(&mut self, entries: &[Entry], of: &'static Form, path: Path<'_>) {
        self.duplicates(entries);
        for entry in entries {
            self.plain(&entry.key, entry.place, "a name");
            let path = Path::Key(&path, &entry.key);
            self.node(&entry.node, of, entry.place, path);
        }
    }

    fn duplicates(&mut self, entries: &[Entry]) {
        let mut seen = HashSet::new();
        for entry in entries {
            if !seen.insert(&entry.key) {
                self.mistakes.add(duplicate(&entry.key, entry.place));
            }
        }
    }

    fn table(&mut self, entries: &[Entry], table: &'static Table, at: Place, path: Path<'_>) {
        self.duplicates(entries);
        self.spellings(entries, table);
        for entry in entries {
            match table.key(&entry.key) {
                Some(key) => {
                    let path = Path::Key(&path, &entry.key);
                    self.node(&entry.node, &key.form, entry.place, path);
                }
                None => self.unknown(entry, table),
            }
        }
        let has = |name: &&&str| entries.iter().any(|entry| entry.key == **name);
        for name in table.required.iter().filter(|name| !has(name)) {
            let message = match path {
                Path::Root => format!("there is no `{name}`"),
                _ => format!("`{path}` has no `{name}`"),
            };
            self.mistakes.add(Mistake::error(at, message));
        }
        let [one, other] = table.one_of else {
            return;
        };
        let message = match table.one_of.iter().filter(has).count() {
            0 => format!("`{path}` has neither `{one}` nor `{other}`"),
            2 => format!("`{path}` has both `{one}` and `{other}`"),
            _ => return,
        };
        self.mistakes
            .add(Mistake::error(at, message).hint("give one of them"));
    }

    /// Both spellings of one key.
    fn spellings(&mut self, entries: &[Entry], table: &Table) {
        for key in table.keys {
            let Some(other) = key.other else {
                continue;
            };
            let first = |name: &str| entries.iter().find(|entry| entry.key == name);
            let (Some(one), Some(two)) = (first(key.name), first(other)) else {
                continue;
            };
            let later = if one.place > two.place { one } else { two };
            let message = format!("`{}` and `{other}` are the same", key.name);
            let mistake = Mistake::error(later.place, message).label("already given above");
            self.mistakes.add(mistake.hint("give one of them"));
        }
    }

    fn unknown(&mut self, entry: &Entry, table: &Table) {
        entry.node.scalars(&mut |place| self.hidden.push(place));
        let mistake = Mistake::error(entry.place, format!("there is no key `{}`", entry.key));
        let wants_hint = self.mistakes.is_short();
        let near = |table: &Table| {
            let near = wants_hint.then(|| nearest(&entry.key, table.names()));
            near.flatten()
        };
        let mistake = match near(table) {
            Some(near) => mistake.meant(Some(near)),
            None if table.name == FILE.name => {
                let near = near(&DOCKER).map(|near| format!("docker.{near}"));
                mistake.meant(near.as_deref())
            }
            None if table.name == DOCKER.name && FILE.key(&entry.key).is_some() => mistake.hint(
                format!("`{}` belongs beside `docker`, not into it", entry.key),
            ),
            None => mistake,
        };
        self.mistakes.add(mistake);
    }
}

fn hinted(mistake: Mistake, form: &Form, value: &Value) -> Mistake {
    let Value::Text(text) = value else {
        return mistake;
    };
    match form {
        Form::Flag | Form::FlagOr(_) if ["yes", "on", "y"].contains(&&*text.to_lowercase()) => {
            mistake.hint("write `true`, without quotes")
        }
        Form::Flag | Form::FlagOr(_) if ["no", "off", "n"].contains(&&*text.to_lowercase()) => {
            mistake.hint("write `false`, without quotes")
        }
        Form::Choice(_) if text == "host" => {
            mistake.hint("only the command line may share your logins: `--credentials host`")
        }
        Form::FlagOr(words) | Form::Choice(words) => {
            mistake.meant(nearest(text, words.iter().copied()))
        }
        _ => mistake,
    }
}
