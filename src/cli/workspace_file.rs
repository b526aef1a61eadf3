//! The workspace file as commands use it: found, read, checked against this machine, and approved.

use super::output::{self, note, warn};
use super::{Context, Error, Result, prompt};
use crate::config::Approvals;
use crate::files::Pins;
use crate::secrets;
use crate::workspace::find::FindError;
use crate::workspace::{
    Agent, Base, Machine, Place, Report, Request, Runs, WorkspaceFile, find, read,
};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file that can be used.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) file: WorkspaceFile,
    /// Links resolved.
    pub(super) path: PathBuf,
    /// It was found as a link, which is in the place where the next run looks.
    is_link: bool,
    /// Every path of it, as it was when it was first looked at: what is approved is what is used.
    pub(super) pins: Pins,
    /// The variables of its environment files, in order, once they were read.
    variables: OnceCell<Vec<BTreeMap<String, String>>>,
}

impl Loaded {
    /// The variables of its environment files, in order. They are read once: what was approved is
    /// what is used.
    pub(super) fn variables(&self) -> Result<&[BTreeMap<String, String>]> {
        if let Some(known) = self.variables.get() {
            return Ok(known);
        }
        let read = { self.file.env_files.iter() }
            .map(|path| secrets::read_pinned_env_file(path, self.pins.resolve(path)))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        Ok(self.variables.get_or_init(|| read))
    }
}

/// The file that is `given`, else the one of `directory` or above; `None` where there is none.
/// Its warnings are told.
pub(super) fn load(
    ctx: &Context,
    given: Option<&Path>,
    directory: &Path,
    is_quiet: bool,
) -> Result<Option<Loaded>> {
    let Some(path) = locate(ctx, given, directory)? else {
        return Ok(None);
    };
    let pins = Pins::default();
    let pinned = pins.resolve(&path);
    let pinned = pinned.map_err(|source| FindError::Unreadable {
        path: path.clone(),
        source,
    })?;
    let text = find::text_of(&path, &pinned)?;
    let (file, report) = report_of(ctx, &path, given, &text)?;
    if report.has_errors() {
        return Err(report.into());
    }
    if !report.mistakes.is_empty() && !is_quiet {
        output::note_report(&report);
    }
    Ok(Some(Loaded {
        file,
        is_link: path.is_symlink(),
        path: pinned.path().to_path_buf(),
        pins,
        variables: OnceCell::new(),
    }))
}

/// The file of `directory` or above as far as it can be read, mistakes and all: good for a look,
/// not for use. A link is not followed: nobody was asked where it leads.
pub(super) fn glance(ctx: &Context, directory: &Path) -> Option<WorkspaceFile> {
    let path = locate(ctx, None, directory).ok()??;
    if path.is_symlink() {
        return None;
    }
    let base = Base {
        directory: path.parent()?,
        home: Some(&ctx.paths().ok()?.home),
    };
    let text = find::text(&path).ok()?;
    Some(read(&path.display().to_string(), &text, base).report().0)
}

/// Where the file is.
pub(super) fn locate(
    ctx: &Context,
    given: Option<&Path>,
    directory: &Path,
) -> Result<Option<PathBuf>> {
    if let Some(path) = given {
        return Ok(Some(std::env::current_dir()?.join(path)));
    }
    // A directory that is not there is complained of elsewhere.
    let Ok(directory) = std::fs::canonicalize(directory) else {
        return Ok(None);
    };
    Ok(find::search(&directory, Some(&ctx.paths()?.home))?)
}

/// Reads a file and looks at this machine; `given` is how the person calls it.
pub(super) fn report(
    ctx: &Context,
    path: &Path,
    given: Option<&Path>,
) -> Result<(WorkspaceFile, Report)> {
    report_of(ctx, path, given, &find::text(path)?)
}

fn report_of(
    ctx: &Context,
    path: &Path,
    given: Option<&Path>,
    text: &str,
) -> Result<(WorkspaceFile, Report)> {
    let paths = ctx.paths()?;
    let here = std::env::current_dir()?;
    let shown = given.unwrap_or(path.strip_prefix(&here).unwrap_or(path));
    let base = Base {
        directory: path.parent().unwrap_or(&here),
        home: Some(&paths.home),
    };
    let catalogue = ctx.catalogue()?;
    let machine = Machine {
        look: &find::look,
        templates: Some(paths.templates()),
        agents: catalogue.iter().map(|agent| agent.name.clone()).collect(),
    };
    let reading = read(&shown.display().to_string(), text, base);
    Ok(reading.check(&machine).report())
}

/// What the file asks for beyond its directory; first of all to be obeyed, when it is somebody
/// else's, whoever may write to a directory above could have put it there, or a link, which cannot
/// be kept from agents as a file can.
pub(super) fn requests(ctx: &Context, loaded: &Loaded) -> Result<Vec<Request>> {
    let real = |path: &Path| loaded.pins.real(path);
    let foreign = stranger(&loaded.path)
        .map(|owner| format!("be obeyed, though it belongs to the user {owner}"));
    let link = { loaded.is_link }
        .then(|| "be obeyed, though it is a link, which agents can lead elsewhere".to_string());
    let first = foreign.into_iter().chain(link).map(|words| Request {
        words,
        place: Place::default(),
    });
    let asked = loaded.file.requests(&real, loaded.variables()?);
    Ok(first.chain(asked).chain(lent(ctx, &loaded.file)?).collect())
}

/// The same, each with whether somebody allowed it already.
pub(super) fn allowed(ctx: &Context, loaded: &Loaded) -> Result<Vec<(Request, bool)>> {
    let approvals = Approvals::read(&ctx.paths()?.state)?;
    let requests = requests(ctx, loaded)?.into_iter();
    let with_answer = requests.map(|request| {
        let is_allowed = approvals.allows(&loaded.path, std::slice::from_ref(&request.words));
        (request, is_allowed)
    });
    Ok(with_answer.collect())
}

/// The logins and keys that a person keeps for agents of the catalogue, where programs of the file's
/// own run beside them or in their place: they can read them.
fn lent(ctx: &Context, file: &WorkspaceFile) -> Result<Vec<Request>> {
    let is_own = |agent: &Agent| matches!(agent.runs, Runs::Template(_)) || agent.command.is_some();
    let mut requests: Vec<Request> = Vec::new();
    if !file.agents().iter().any(is_own) {
        return Ok(requests);
    }
    let catalogue = ctx.catalogue()?;
    for agent in file.agents() {
        let Runs::Catalogue(name) = &agent.runs else {
            continue;
        };
        let program = &catalogue.find(name)?.definition;
        let words = format!(
            "let its own programs use your login and keys of {}",
            name.value
        );
        let is_new = requests.iter().all(|request| request.words != words);
        if is_new && (program.state.is_some() || !program.api_keys.is_empty()) {
            let place = name.place;
            requests.push(Request { words, place });
        }
    }
    Ok(requests)
}

/// The owner of a file that belongs neither to us, nor to whoever became root by sudo, nor to root.
fn stranger(path: &Path) -> Option<u32> {
    let owner = std::fs::metadata(path).ok()?.uid();
    let is_sudoer = || {
        let user = std::env::var("SUDO_UID").ok();
        rustix::process::geteuid().is_root()
            && user.and_then(|user| user.parse().ok()) == Some(owner)
    };
    let is_known = owner == 0 || owner == rustix::process::geteuid().as_raw() || is_sudoer();
    (!is_known).then_some(owner)
}

/// Makes sure that a person agreed to everything that the file asks for: before, by `--yes`, or
/// now on a terminal.
pub(super) fn approve(ctx: &Context, loaded: &Loaded, says_yes: bool) -> Result<()> {
    let requests = requests(ctx, loaded)?;
    let words: Vec<String> = requests
        .iter()
        .map(|request| request.words.clone())
        .collect();
    let mut approvals = Approvals::read(&ctx.paths()?.state)?;
    if approvals.allows(&loaded.path, &words) {
        return Ok(());
    }
    if !says_yes {
        let name = &loaded.file.source.name;
        if !ctx.may_ask() {
            return Err(unapproved(&loaded.file, &requests));
        }
        warn(&format!("`{name}` asks for more than its own directory:"));
        lines(&loaded.file, &requests).for_each(|line| note(&format!("  {line}")));
        if !prompt::confirm("Allow it? It is asked again when something new is on the list.")? {
            return Err(unapproved(&loaded.file, &requests));
        }
    }
    Ok(approvals.grant(&loaded.path, &words)?)
}

/// `mount /srv at /srv (dp.yml:3:5)`, a line each.
pub(super) fn lines<'a>(
    file: &'a WorkspaceFile,
    requests: &'a [Request],
) -> impl Iterator<Item = String> + 'a {
    let line = |request: &'a Request| format!("{} ({})", request.words, file.locate(request.place));
    requests.iter().map(line)
}

fn unapproved(file: &WorkspaceFile, requests: &[Request]) -> Error {
    let message = format!(
        "`{}` asks for more than its own directory, and nobody has allowed it",
        file.source.name
    );
    Error::refused("needs-approval", message)
        .details(lines(file, requests))
        .hint("`dp trust` in a terminal asks you; `--yes` allows it, now and later")
}

/// There is no workspace file.
pub(super) fn missing() -> Error {
    Error::not_found(
        "no-workspace-file",
        "there is no workspace file here or above",
    )
    .hint("`dp config init` writes one to begin with")
}
