//! What a workspace file asks for, held against what a person allowed: the list as it is shown, the
//! question, and what is kept of the answer.

use super::file_change::FileChange;
use super::output::{note, note_folded, warn};
use super::workspace_file::{self, Loaded};
use super::{Context, Error, Result, prompt};
use crate::config::{Accepted, AcceptedText, Approvals};
use crate::sandbox::Existing;
use crate::values::text::{quoted, without_gaps};
use crate::workspace::{Place, Request, RequestKind};
use serde::Serialize;
use std::path::Path;

/// A request that goes on in another line is set in by so much.
const MARGIN: usize = 8;
/// More requests are counted below.
const IN_SIGHT: usize = 10;

/// So are requests that are as long as this together, in bytes.
const LONG: usize = 1000;

/// How a person is asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Manner {
    /// Every answer is yes.
    pub(super) says_yes: bool,
    /// Nothing is told but questions.
    pub(super) is_quiet: bool,
    /// The command line names an image: the file's is not used.
    pub(super) names_image: bool,
}

/// A request of a file, and whether somebody allowed it already.
#[derive(Debug, Serialize)]
pub(super) struct Asked {
    class: RequestKind,
    request: String,
    origin: String,
    pub(super) is_allowed: bool,
}

impl Asked {
    /// `image: run in the image "x" (dp.yml:3:5)`
    pub(super) fn line(&self) -> String {
        let line = format!("{} ({})", in_words(self.class, &self.request), self.origin);
        without_gaps(&line, 1)
    }

    /// The same with `+` when it is new, in one column with those that are not.
    fn marked(&self) -> String {
        let mark = if self.is_allowed { ' ' } else { '+' };
        format!("{mark} {}", self.line())
    }
}

/// `network: share this machine's network`
pub(super) fn in_words(class: RequestKind, request: &str) -> String {
    let class = serde_json::to_value(class).unwrap_or_default();
    format!("{}: {request}", class.as_str().unwrap_or_default())
}

/// Every request of a file, in its order.
pub(super) fn asked(ctx: &Context, loaded: &Loaded) -> Result<Vec<Asked>> {
    let approvals = Approvals::read(&ctx.paths()?.state)?;
    let requests = workspace_file::requests(ctx, loaded)?;
    Ok(list(loaded, &approvals, requests.iter()))
}

fn list<'a>(
    loaded: &Loaded,
    approvals: &Approvals,
    requests: impl Iterator<Item = &'a Request>,
) -> Vec<Asked> {
    let one = |request: &Request| Asked {
        class: request.kind,
        request: request.words.clone(),
        origin: loaded.file.locate(request.place),
        is_allowed: approvals.allows(&loaded.path, request),
    };
    requests.map(one).collect()
}

/// Looks whether a file that nobody accepted yet lies where agents can write: one of them may have
/// put it there. One call to the engine, and none for a file that was accepted once.
pub(super) async fn look_around(ctx: &Context, loaded: &Loaded) -> Result<()> {
    if loaded.writers.get().is_some() {
        return Ok(());
    }
    let state = &ctx.paths()?.state;
    let mut writers = Vec::new();
    if Accepted::of(state).text(&loaded.path)?.is_none() {
        let sandboxes = Existing::all(&ctx.engine()?).await?;
        let reaching = sandboxes.iter().filter(|it| can_write(it, &loaded.path));
        writers.extend(reaching.map(|sandbox| sandbox.name.to_string()));
        writers.sort();
    }
    let _first = loaded.writers.set(writers);
    Ok(())
}

/// The agents of a sandbox can write a file of this machine.
fn can_write(sandbox: &Existing, file: &Path) -> bool {
    let mut binds = { sandbox.mounts.iter() }.filter(|it| it.kind == "bind" && !it.read_only);
    let is_below = !sandbox.workspace.is_empty() && file.starts_with(&sandbox.workspace);
    is_below || binds.any(|it| file.starts_with(&it.source))
}

/// The request to obey a file that is new where agents can write.
pub(super) fn of_newcomer(loaded: &Loaded) -> Option<Request> {
    let writers = loaded.writers.get().filter(|writers| !writers.is_empty())?;
    let names: Vec<String> = writers.iter().map(|name| quoted(name)).collect();
    let words = format!(
        "be obeyed, though it is new where agents can write: those of {}",
        names.join(", ")
    );
    Some(Request::new(RequestKind::File, Place::default(), words))
}

/// Makes sure that a person agreed to everything that the file asks for: before, by `--yes`, or
/// now on a terminal. What has changed in the file is told, and its text is kept.
pub(super) async fn approve(ctx: &Context, loaded: &Loaded, manner: Manner) -> Result<()> {
    look_around(ctx, loaded).await?;
    let state = &ctx.paths()?.state;
    let accepted = Accepted::of(state);
    let now = AcceptedText {
        hash: ctx.hash_key()?.hash(&[
            b"file",
            loaded.path.as_os_str().as_encoded_bytes(),
            loaded.file.source.text().as_bytes(),
        ]),
        shown: loaded.file.source.shown().to_string(),
    };
    let before = accepted.text(&loaded.path)?;
    let change = FileChange::between(before.as_ref(), &now);
    let requests = workspace_file::requests(ctx, loaded)?;
    let mut approvals = Approvals::read(state)?;
    let counts = |request: &Request| !(manner.names_image && request.kind == RequestKind::Image);
    let is_new = |request: &&Request| !approvals.allows(&loaded.path, request);
    let is_agreed = !requests
        .iter()
        .filter(|it| counts(it))
        .any(|it| is_new(&it));
    if !is_agreed && !manner.says_yes {
        let asked = list(loaded, &approvals, requests.iter());
        ask(ctx, loaded, &asked, change.as_ref())?;
    } else if let Some(change) = change.filter(|_| !manner.is_quiet) {
        change.tell(&loaded.file.source.name);
    }
    if !is_agreed {
        let agreed = |request: &&Request| counts(request) || !is_new(request);
        let agreed: Vec<&Request> = requests.iter().filter(agreed).collect();
        if manner.says_yes {
            tell_granted(loaded, &list(loaded, &approvals, agreed.iter().copied()));
        }
        approvals.grant(&loaded.path, agreed.into_iter())?;
    }
    if before.as_ref() != Some(&now) {
        accepted.keep(&loaded.path, &now)?;
    }
    Ok(())
}

/// Whoever says yes before there was a question sees what it would have been, also when nothing else
/// is told.
fn tell_granted(loaded: &Loaded, granted: &[Asked]) {
    let name = &loaded.file.source.name;
    note(&format!("`{name}` is allowed by `--yes`:"));
    show(granted);
}

/// One request a line; how many there are where the first ones may be out of sight.
fn show(asked: &[Asked]) {
    { asked.iter() }.for_each(|asked| note_folded(&format!("  {}", asked.marked()), MARGIN));
    let length: usize = asked.iter().map(|asked| asked.request.len()).sum();
    if asked.len() > IN_SIGHT || asked.len() > 1 && length > LONG {
        let mut counts: Vec<(RequestKind, usize)> = Vec::new();
        for asked in asked {
            match counts.iter_mut().find(|(class, _)| *class == asked.class) {
                Some((_, count)) => *count += 1,
                None => counts.push((asked.class, 1)),
            }
        }
        let counts: Vec<String> = { counts.into_iter() }
            .map(|(class, count)| in_words(class, &count.to_string()))
            .collect();
        note(&format!("{} requests ({})", asked.len(), counts.join(", ")));
    }
}

fn ask(ctx: &Context, loaded: &Loaded, asked: &[Asked], change: Option<&FileChange>) -> Result<()> {
    let name = &loaded.file.source.name;
    if !ctx.may_ask() {
        return Err(unapproved(name, asked, change));
    }
    if let Some(change) = change {
        change.tell(name);
    }
    warn(&format!("`{name}` asks for more than its own directory:"));
    show(asked);
    if prompt::confirm("Allow it? It is asked again when something new is on the list")? {
        return Ok(());
    }
    Err(unapproved(name, asked, None))
}

fn unapproved(name: &str, asked: &[Asked], change: Option<&FileChange>) -> Error {
    let message =
        format!("`{name}` asks for more than its own directory, and nobody has allowed it");
    let mut error = Error::refused("needs-approval", message)
        .details(asked.iter().map(Asked::marked))
        .hint("`dp trust` in a terminal asks you; `--yes` allows it, now and later");
    if let Some(change) = change {
        error = error.cause(format!("it has changed since it was accepted: {change}"));
    }
    error
}
