//! The workspace file as commands use it: found, read, checked against this machine, and what it
//! asks for. Whether that is allowed is `approval`'s.

use super::output::{self, note};
use super::{Context, Error, Result, approval};
use crate::agents::Definition;
use crate::config::{self, Approvals};
use crate::files::{Pinned, Pins, Typed, TypedError};
use crate::secrets;
use crate::values::text::{quoted_path, short_path, visible};
use crate::workspace::find::FindError;
use crate::workspace::{
    Base, Circumstances, Credentials, Machine, Place, Report, Request, RequestKind, WorkspaceFile,
    find, read,
};
use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// The variables of all environment files of a workspace file together: each may be a request.
const VARIABLES: usize = 2000;

/// A file that can be used.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) file: WorkspaceFile,
    /// Where it is: links of the directory resolved, and the file itself as it was found. Of a link
    /// it is the link, since what a file means depends on where it stands.
    pub(super) path: PathBuf,
    pinned: Pinned,
    /// It was found as a link, which is in the place where the next run looks.
    is_link: bool,
    /// Every path of it, as it was when it was first looked at: what is approved is what is used.
    pub(super) pins: Pins,
    /// The variables of its environment files, in order, once they were read.
    variables: OnceCell<Vec<BTreeMap<String, String>>>,
    /// The sandboxes whose agents can write it, when it is new; once they were looked for.
    pub(super) writers: OnceCell<Vec<String>>,
    /// Where the command line says that logins come from, when it does.
    pub(super) credentials: OnceCell<config::Credentials>,
    /// The command line gives the agents of the file something: a variable, a mount, a device.
    pub(super) gives: OnceCell<bool>,
}

impl Loaded {
    /// The variables of its environment files, in order. They are read once: what was approved is
    /// what is used.
    pub(super) fn variables(&self) -> Result<&[BTreeMap<String, String>]> {
        if let Some(known) = self.variables.get() {
            return Ok(known);
        }
        let (mut read, mut count) = (Vec::new(), 0);
        for path in &self.file.env_files {
            let variables = secrets::read_pinned_env_file(path, self.pins.resolve(path))?;
            count += variables.len();
            if count > VARIABLES {
                return Err(too_many(&self.file.locate(path.place), path));
            }
            read.push(variables);
        }
        Ok(self.variables.get_or_init(|| read))
    }
}

/// The file that is `given`, else the one of `directory` or above; `None` where there is none.
/// Its warnings are told.
pub(super) fn load(
    ctx: &Context,
    given: Option<&Path>,
    directory: &Path,
    typed: &Typed,
    pins: &Pins,
    is_quiet: bool,
) -> Result<Option<Loaded>> {
    if let Some(given) = given {
        check_way(typed, given)?;
    }
    let Some(path) = locate(ctx, given, directory, pins)? else {
        return Ok(None);
    };
    let pinned = pinned(pins, &path)?;
    let (file, report) = report_of(ctx, &path, given, (pins, &pinned))?;
    if report.has_errors() {
        return Err(report.into());
    }
    if !report.mistakes.is_empty() && !is_quiet {
        output::note_report(&report);
    }
    Ok(Some(Loaded {
        file,
        is_link: is_link(pins, &path, &pinned),
        path: place(pins, &path, &pinned),
        pinned,
        pins: pins.clone(),
        variables: OnceCell::new(),
        writers: OnceCell::new(),
        credentials: OnceCell::new(),
        gives: OnceCell::new(),
    }))
}

/// The file of `directory` or above as far as it can be read, mistakes and all: good for a look,
/// not for use. A link is not followed: nobody was asked where it leads.
pub(super) fn glance(ctx: &Context, directory: &Path) -> Option<WorkspaceFile> {
    Some(glimpse(ctx, directory, &Pins::default())?.0)
}

/// The same, and the file itself.
fn glimpse(ctx: &Context, directory: &Path, pins: &Pins) -> Option<(WorkspaceFile, Pinned)> {
    let path = locate(ctx, None, directory, pins).ok()??;
    let pinned = pins.resolve(&path).ok()?;
    if is_link(pins, &path, &pinned) {
        return None;
    }
    let base = Base {
        directory: path.parent()?,
        home: Some(&ctx.paths().ok()?.home),
    };
    let text = find::text_of(&path, &pinned).ok()?;
    let reading = read(&visible(&path.display().to_string()), &text, base);
    Some((reading.report().0, pinned))
}

/// What a file's path leads to, links followed.
fn pinned(pins: &Pins, path: &Path) -> Result<Pinned> {
    let found = pins.resolve(path);
    Ok(found.map_err(|source| FindError::Unreadable {
        path: path.to_path_buf(),
        source,
    })?)
}

/// Where a file was found, the links of its directory resolved.
fn place(pins: &Pins, path: &Path, pinned: &Pinned) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(above), Some(name)) => pins.real(above).join(name),
        _ => pinned.path().to_path_buf(),
    }
}

/// The last component of a path was a link when `pinned` was found by it.
fn is_link(pins: &Pins, path: &Path, pinned: &Pinned) -> bool {
    place(pins, path, pinned) != pinned.path()
}

/// The directory of a file that a person typed is where they say. The file itself may be a link: that is
/// asked about.
pub(super) fn check_way(typed: &Typed, given: &Path) -> Result<()> {
    let above = given.parent().filter(|above| !above.as_os_str().is_empty());
    match above.map(|above| typed.resolve(above)) {
        Some(Err(TypedError::LeadsOut(error))) => Err(error.into()),
        // A file that is not there is complained of elsewhere.
        _ => Ok(()),
    }
}

/// Where the file is.
pub(super) fn locate(
    ctx: &Context,
    given: Option<&Path>,
    directory: &Path,
    pins: &Pins,
) -> Result<Option<PathBuf>> {
    if let Some(path) = given {
        return Ok(Some(std::env::current_dir()?.join(path)));
    }
    // A directory that is not there is complained of elsewhere.
    let Ok(directory) = pins.resolve(directory) else {
        return Ok(None);
    };
    Ok(find::search(directory.path(), Some(&ctx.paths()?.home))?)
}

/// Reads a file and looks at this machine; `given` is how the person calls it.
pub(super) fn report(
    ctx: &Context,
    path: &Path,
    given: Option<&Path>,
) -> Result<(WorkspaceFile, Report)> {
    let pins = Pins::default();
    report_of(ctx, path, given, (&pins, &pinned(&pins, path)?))
}

/// The same of a file that was found. What is wrong with one that a link led to is told without a word
/// of it.
fn report_of(
    ctx: &Context,
    path: &Path,
    given: Option<&Path>,
    (pins, pinned): (&Pins, &Pinned),
) -> Result<(WorkspaceFile, Report)> {
    let text = find::text_of(path, pinned)?;
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
    let reading = read(&visible(&shown.display().to_string()), &text, base);
    let (file, report) = reading.check(&machine).report();
    if is_link(pins, path, pinned) || given.is_some_and(|it| leaves(it, &pins.real(&here), pinned))
    {
        return Ok((file, report.of_linked(pinned.path())));
    }
    Ok((file, report))
}

/// What is given as a path below the directory `here` is elsewhere, by a link on the way.
fn leaves(given: &Path, here: &Path, pinned: &Pinned) -> bool {
    let is_below =
        { given.components() }.all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    is_below && !pinned.path().starts_with(here)
}

/// What the file asks for beyond its directory; first of all to be obeyed, when it is somebody
/// else's, whoever may write to a directory above could have put it there, a link, which cannot
/// be kept from agents as a file can, or new where agents can write.
pub(super) fn requests(ctx: &Context, loaded: &Loaded) -> Result<Vec<Request>> {
    let real = |path: &Path| loaded.pins.real(path);
    let first = of_itself(&loaded.pinned, loaded.is_link).into_iter();
    let first = first.chain(approval::of_newcomer(loaded));
    let config = ctx.config()?;
    let catalogue = ctx.catalogue()?;
    let kept = ctx.secrets()?.read_names()?;
    let definition = |name: &str| catalogue.find(name).ok().map(|agent| &agent.definition);
    let has_keys = |name: &str| {
        !config.secrets.is_empty() || definition(name).is_some_and(Definition::keeps_something)
    };
    // The command line may give logins where the file asks for none.
    let given = loaded.credentials.get().copied();
    let keeps = |name: &str, asked: Option<Credentials>| {
        let of_file = asked != Some(Credentials::None);
        let gives_logins = given.map_or(of_file, |given| given != config::Credentials::None);
        let has_secret = |key: &str| kept.contains_key(key);
        definition(name).is_some_and(|it| it.keeps(gives_logins, &has_secret))
    };
    let templates = ctx.paths()?.templates();
    let is_directory = |path: &Path| loaded.pins.is_directory(path);
    let template = |name: &str| loaded.file.named_template(name, &templates, &is_directory);
    let unhashed = Cell::new(None);
    let path = loaded.path.as_os_str().as_encoded_bytes();
    let circumstances = Circumstances {
        real: &real,
        variables: loaded.variables()?,
        template: &template,
        is_known: &|name| definition(name).is_some(),
        has_keys: &has_keys,
        keeps: &keeps,
        hash: &|parts| match ctx.hash_key() {
            Ok(key) => key.hash(&[&[b"variable".as_slice(), path], parts].concat()),
            Err(error) => {
                unhashed.set(Some(error));
                String::new()
            }
        },
        image: config.image.as_deref(),
        credentials: config.credentials.and_then(of_file),
    };
    let asked = loaded.file.requests(&circumstances).into_iter();
    let typed = loaded.gives.get().copied().unwrap_or_default();
    let typed = typed.then(|| loaded.file.requests_of_given(&circumstances));
    match unhashed.take() {
        Some(error) => Err(error),
        None => Ok(first
            .chain(asked)
            .chain(typed.into_iter().flatten())
            .collect()),
    }
}

/// The directory that the file of `directory` or above leads to, as far as it was allowed, links
/// resolved: what nobody allowed leads nowhere. It is told then. What was looked at is in `pins`, and
/// nobody may look at those paths again.
pub(super) fn leads_to(
    ctx: &Context,
    directory: &Path,
    pins: &Pins,
) -> Option<(WorkspaceFile, PathBuf)> {
    let (file, pinned) = glimpse(ctx, directory, pins)?;
    let real = |path: &Path| pins.real(path);
    let elsewhere = real(&file.workspace_dir.as_ref()?.value);
    let mut requests = of_itself(&pinned, false);
    requests.extend(file.request_elsewhere(&real));
    let approvals = Approvals::read(&ctx.paths().ok()?.state).ok()?;
    let is_allowed = |request: &Request| approvals.allows(pinned.path(), request);
    if requests.iter().all(is_allowed) {
        return Some((file, elsewhere));
    }
    note(&format!(
        "`{}` names another directory, which nobody has allowed: {} counts; `dp trust` asks you",
        file.source.name,
        quoted_path(directory)
    ));
    None
}

/// What a person says of logins in the words that a file has for them.
fn of_file(own: config::Credentials) -> Option<Credentials> {
    match own {
        config::Credentials::Sandbox => Some(Credentials::Sandbox),
        config::Credentials::Workspace => Some(Credentials::Workspace),
        config::Credentials::None => Some(Credentials::None),
        // No file gives more.
        config::Credentials::Host => None,
    }
}

/// Why a file is not to be obeyed unasked whatever it says.
fn of_itself(file: &Pinned, is_link: bool) -> Vec<Request> {
    let foreign =
        stranger(file).map(|owner| format!("be obeyed, though it belongs to the user {owner}"));
    let link = is_link.then(|| {
        let target = quoted_path(file.path());
        format!("be obeyed, though it is a link to {target}, and agents can lead links elsewhere")
    });
    let words = foreign.into_iter().chain(link);
    words
        .map(|words| Request::new(RequestKind::File, Place::default(), words))
        .collect()
}

/// The owner of a file that belongs neither to us, nor to whoever became root by sudo, nor to root.
fn stranger(file: &Pinned) -> Option<u32> {
    let owner = file.owner();
    let is_sudoer = || {
        let user = std::env::var("SUDO_UID").ok();
        rustix::process::geteuid().is_root()
            && user.and_then(|user| user.parse().ok()) == Some(owner)
    };
    let is_known = owner == 0 || owner == rustix::process::geteuid().as_raw() || is_sudoer();
    (!is_known).then_some(owner)
}

/// The environment files have more variables than anybody reads.
fn too_many(place: &str, path: &Path) -> Error {
    let path = short_path(path);
    let message = format!("the environment files have more than {VARIABLES} variables together");
    Error::usage("env-file", message)
        .cause(format!("`{path}` in {place} is the one that is too much"))
}

/// There is no workspace file.
pub(super) fn missing() -> Error {
    Error::not_found(
        "no-workspace-file",
        "there is no workspace file here or above",
    )
    .hint("`dp config init` writes one to begin with")
}
