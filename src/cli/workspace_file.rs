//! The workspace file as commands use it: found, read, checked against this machine, and what it
//! asks for. Whether that is allowed is `approval`'s.

use super::output::{self, note};
use super::{Context, Error, Result, approval};
use crate::agents::Definition;
use crate::config::{self, Approvals};
use crate::files::Pins;
use crate::secrets;
use crate::values::text::{quoted_path, visible};
use crate::workspace::find::FindError;
use crate::workspace::{
    Base, Circumstances, Credentials, Machine, Place, Report, Request, RequestKind, WorkspaceFile,
    find, read,
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
    /// The sandboxes whose agents can write it, when it is new; once they were looked for.
    pub(super) writers: OnceCell<Vec<String>>,
    /// Where the command line says that logins come from, when it does.
    pub(super) credentials: OnceCell<config::Credentials>,
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
        writers: OnceCell::new(),
        credentials: OnceCell::new(),
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
    Some(
        read(&visible(&path.display().to_string()), &text, base)
            .report()
            .0,
    )
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
    let reading = read(&visible(&shown.display().to_string()), text, base);
    Ok(reading.check(&machine).report())
}

/// What the file asks for beyond its directory; first of all to be obeyed, when it is somebody
/// else's, whoever may write to a directory above could have put it there, a link, which cannot
/// be kept from agents as a file can, or new where agents can write.
pub(super) fn requests(ctx: &Context, loaded: &Loaded) -> Result<Vec<Request>> {
    let real = |path: &Path| loaded.pins.real(path);
    let first = of_itself(&loaded.path, loaded.is_link).into_iter();
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
    let asked = loaded.file.requests(&Circumstances {
        real: &real,
        variables: loaded.variables()?,
        template: &template,
        is_known: &|name| definition(name).is_some(),
        has_keys: &has_keys,
        keeps: &keeps,
        image: config.image.as_deref(),
        credentials: config.credentials.and_then(of_file),
    });
    Ok(first.chain(asked).collect())
}

/// The directory that the file of `directory` or above leads to, as far as it was allowed: what
/// nobody allowed leads nowhere. It is told then.
pub(super) fn leads_to(ctx: &Context, directory: &Path) -> Option<(WorkspaceFile, PathBuf)> {
    let path = locate(ctx, None, directory).ok()??;
    let file = glance(ctx, directory)?;
    let elsewhere = file.workspace_dir.as_ref()?.value.clone();
    let real_path = real(&path);
    let mut requests = of_itself(&real_path, path.is_symlink());
    requests.extend(file.request_elsewhere(&real));
    let approvals = Approvals::read(&ctx.paths().ok()?.state).ok()?;
    if requests
        .iter()
        .all(|request| approvals.allows(&real_path, request))
    {
        return Some((file, elsewhere));
    }
    note(&format!(
        "`{}` names another directory, which nobody has allowed: {} counts; `dp trust` asks you",
        file.source.name,
        quoted_path(directory)
    ));
    None
}

/// Where a path leads.
fn real(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
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

/// Why a file at `path`, links resolved, is not to be obeyed unasked whatever it says.
fn of_itself(path: &Path, is_link: bool) -> Vec<Request> {
    let foreign =
        stranger(path).map(|owner| format!("be obeyed, though it belongs to the user {owner}"));
    let link = is_link
        .then(|| "be obeyed, though it is a link, which agents can lead elsewhere".to_string());
    let words = foreign.into_iter().chain(link);
    words
        .map(|words| Request::new(RequestKind::File, Place::default(), words))
        .collect()
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

/// There is no workspace file.
pub(super) fn missing() -> Error {
    Error::not_found(
        "no-workspace-file",
        "there is no workspace file here or above",
    )
    .hint("`dp config init` writes one to begin with")
}
