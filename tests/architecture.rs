//! The shape of the source: arrows between modules point down, the engine's library and the
//! printing macros stay in their places, files open with what they own and stay short.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[path = "architecture/paths.rs"]
mod paths;

/// The modules from the top down; a module reaches its own layer and those below.
const LAYERS: [&[&str]; 6] = [
    &["cli"],
    &["operator", "platform"],
    &["sandbox"],
    &[
        "agents",
        "channel",
        "config",
        "git",
        "guest",
        "images",
        "secrets",
        "volumes",
        "workspace",
    ],
    &["engine"],
    &["digest", "files", "labels", "terminal", "values"],
];
/// Modules that reach less than their layer allows, and all that they reach.
const RESERVED: [(&str, &[&str]); 4] = [
    ("agents", &[]),
    ("guest", &["digest", "files", "labels", "terminal"]),
    (
        "workspace",
        &["digest", "files", "labels", "terminal", "values"],
    ),
    ("channel", &["digest", "labels"]),
];
/// Arrows that their layers would allow.
const FORBIDDEN: [(&str, &str); 1] = [("platform", "engine")];
/// The only files that print.
const PRINTERS: [&str; 1] = ["guest/inside/mod.rs"];
/// The only files that hold a standard stream or a terminal, and why.
const WRITERS: [(&str, &str); 9] = [
    (
        "cli/output.rs",
        "writes pages, which are clean, and JSON, which is escaped",
    ),
    ("cli/output/page.rs", "asks how wide a terminal is"),
    (
        "cli/progress.rs",
        "moves words that `output::moving` cleaned",
    ),
    ("cli/prompt/tty.rs", "asks questions that are clean"),
    (
        "sandbox/session/streams.rs",
        "copies the bytes of a session, and writes lines that were drawn",
    ),
    ("sandbox/session/terminal.rs", "restores the terminal"),
    (
        "sandbox/session/input.rs",
        "asks the terminal a last question, and reads it",
    ),
    ("guest/inside/mod.rs", "writes the container's log"),
    ("guest/inside/relay.rs", "carries frames"),
];
const LONGEST: usize = 600;

struct Source {
    /// Below `src`.
    path: PathBuf,
    text: String,
}

impl Source {
    fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut directories = vec![root.clone()];
        let mut sources = Vec::new();
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).expect("a directory of sources") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    directories.push(path);
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    sources.push(Self {
                        text: std::fs::read_to_string(&path).expect("text"),
                        path: path.strip_prefix(&root).expect("below it").to_path_buf(),
                    });
                }
            }
        }
        assert!(sources.len() > 50, "these are all sources");
        sources
    }

    /// The module path: `["cli", "sandbox", "run"]`.
    fn module(&self) -> Vec<String> {
        let path = self.path.with_extension("");
        let mut names: Vec<String> = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        if names.last().is_some_and(|last| last == "mod") {
            names.pop();
        }
        names
    }

    fn code(&self) -> String {
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        self.text
            .lines()
            .filter(is_code)
            .fold(String::new(), |text, line| text + line + "\n")
    }
}

/// The top-level modules that `code` of the module at `depth` names.
fn reached(code: &str, depth: usize) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        found.extend(heads(&code[at + "crate::".len()..]));
    }
    let chain = "super::".repeat(depth);
    for (at, _) in code.match_indices(&chain).filter(|_| depth > 0) {
        found.extend(heads(&code[at + chain.len()..]));
    }
    found
}

/// The first name of a path, or the first names of a group `{a::b, c}`.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let text = text.trim_start();
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![name(path)];
    };
    let mut names = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' if depth == 0 => {
                names.push(name(&group[start..]));
                start = at + 1;
            }
            '}' if depth == 0 => {
                names.push(name(&group[start..]));
                break;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Why an arrow may not be; `None` when it may.
fn objection(from: &str, to: &str) -> Option<&'static str> {
    let reserved = RESERVED.iter().find(|(module, _)| *module == from);
    match (layer(from), layer(to)) {
        (None, _) | (_, None) => Some("is of a module that has no layer yet: give it one"),
        (Some(upper), Some(lower)) if lower < upper => Some("points up"),
        _ if FORBIDDEN.contains(&(from, to)) => Some("is forbidden"),
        _ if reserved.is_some_and(|(_, reach)| !reach.contains(&to)) => {
            Some("is from a module that keeps to itself")
        }
        _ => None,
    }
}

/// Every arrow between top-level modules, with a file that has it.
fn arrows() -> BTreeMap<(String, String), PathBuf> {
    let sources = Source::all();
    let modules: BTreeSet<String> = sources
        .iter()
        .filter_map(|source| source.module().first().cloned())
        .filter(|name| name != "lib" && name != "main")
        .collect();
    let mut arrows = BTreeMap::new();
    for source in &sources {
        let module = source.module();
        let Some(from) = module.first().filter(|from| modules.contains(*from)) else {
            continue;
        };
        for to in reached(&source.code(), module.len()) {
            if to != *from && modules.contains(&to) {
                arrows.insert((from.clone(), to), source.path.clone());
            }
        }
    }
    arrows
}

#[test]
fn references_are_found_in_all_their_forms() {
    let table: [(&str, usize, &[&str]); 7] = [
        ("use crate::engine::Engine;", 1, &["engine"]),
        (
            "use crate::{git, engine::{a, b::c}, cli};",
            2,
            &["cli", "engine", "git"],
        ),
        (
            "let x = crate::labels::of(crate::labels::KIND);",
            1,
            &["labels"],
        ),
        ("use super::super::guest::frame;", 2, &["guest"]),
        ("use super::super::output;", 3, &[]),
        ("pub(in crate::cli) struct X;", 2, &["cli"]),
        ("use tokio::net;", 0, &[]),
    ];
    for (code, depth, expected) in table {
        let found = reached(code, depth);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, expected, "{code}");
    }
}

#[test]
fn wrong_arrows_are_objected_to() {
    for (from, to) in [
        ("sandbox", "cli"),
        ("engine", "volumes"),
        ("guest", "engine"),
        ("agents", "config"),
        ("platform", "engine"),
        ("labels", "engine"),
        ("cli", "newcomer"),
    ] {
        assert!(objection(from, to).is_some(), "{from} -> {to}");
    }
    for (from, to) in [
        ("cli", "sandbox"),
        ("config", "agents"),
        ("volumes", "guest"),
    ] {
        assert_eq!(objection(from, to), None, "{from} -> {to}");
    }
}

#[test]
fn arrows_between_modules_point_down() {
    let arrows = arrows();
    assert!(
        arrows.contains_key(&("cli".into(), "sandbox".into())),
        "arrows are found"
    );
    let wrong: Vec<String> = arrows
        .iter()
        .filter_map(|((from, to), file)| {
            let why = objection(from, to)?;
            Some(format!("{from} -> {to} {why} ({})", file.display()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_modules_reach_each_other_in_a_circle() {
    let arrows: BTreeSet<(String, String)> = arrows().into_keys().collect();
    let mut left: BTreeSet<String> = arrows.iter().map(|(from, _)| from.clone()).collect();
    while !left.is_empty() {
        let reaches_the_rest = |module: &String| {
            arrows
                .iter()
                .any(|(from, to)| from == module && left.contains(to))
        };
        let before = left.len();
        left = left
            .iter()
            .filter(|module| reaches_the_rest(module))
            .cloned()
            .collect();
        assert!(left.len() < before, "these reach each other: {left:?}");
    }
}

#[test]
fn only_the_engine_module_names_its_library() {
    for source in Source::all() {
        let is_engine = source.path.starts_with("engine");
        let names_it = source.code().contains("bollard");
        assert!(is_engine || !names_it, "{}", source.path.display());
    }
}

/// What the engine sends for as long as it likes; whoever reads it bounds it.
const STREAMS: [&str; 4] = [
    "logs",
    "create_image",
    "build_image",
    "download_from_container",
];

#[test]
fn every_call_of_the_engine_that_is_no_stream_has_a_deadline() {
    let mut calls = 0;
    for source in Source::all() {
        if !source.path.starts_with("engine") {
            continue;
        }
        let code = source.code();
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        for (at, _) in code.match_indices("docker.") {
            let name = code[at + "docker.".len()..].split('(').next();
            let name = name.unwrap_or_default();
            let is_field = !name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            let is_client = code[..at].ends_with("self.") || name == "ping";
            if is_field || !is_client || STREAMS.contains(&name) {
                continue;
            }
            let before = code[..at].trim_end_matches("self.");
            let path = source.path.display();
            assert!(before.ends_with("self.call("), "{path}: {name}");
            calls += 1;
        }
    }
    assert!(calls > 25, "these are the calls: {calls}");
}

#[test]
fn nothing_reaches_a_terminal_but_through_the_files_that_clean_it() {
    let ways = [
        "stdout()",
        "stderr()",
        "stdout;",
        "stderr;",
        "io::Stdout",
        "io::Stderr",
        "Term::",
        "Term}",
        "console::style",
        "style}",
        "indicatif",
        "dialoguer",
        "/dev/tty",
        "Stdio::inherit",
        "from_raw_fd",
    ];
    for source in Source::all() {
        // A question about a stream writes nothing.
        let code = source.code();
        let code = ["stdin()", "stdout()", "stderr()"]
            .iter()
            .fold(code, |code, stream| {
                code.replace(&format!("{stream}.is_terminal()"), "")
            });
        let found: Vec<&&str> = ways.iter().filter(|way| code.contains(**way)).collect();
        let may = WRITERS
            .iter()
            .any(|(path, _)| source.path == Path::new(path));
        assert!(
            may || found.is_empty(),
            "{}: {found:?}",
            source.path.display()
        );
    }
    // What is written for people is lines of a page, and a page lets nothing else in.
    for source in Source::all() {
        let path = &source.path;
        let is_page = path == Path::new("cli/output/page.rs");
        let raw = [
            "fn human(&self, out: &mut dyn",
            "self.text +=",
            "self.text.push",
        ];
        let found: Vec<&&str> = raw
            .iter()
            .filter(|way| source.code().contains(**way))
            .collect();
        assert!(
            is_page || !path.starts_with("cli") || found.is_empty(),
            "{}: {found:?}",
            path.display()
        );
    }
}

#[test]
fn only_one_file_prints() {
    let macros = ["println!", "print!", "eprintln!", "eprint!", "dbg!"];
    for source in Source::all() {
        let prints = macros.iter().any(|name| source.code().contains(name));
        let may = PRINTERS.iter().any(|path| source.path == Path::new(path));
        assert!(may || !prints, "{}", source.path.display());
    }
}

/// The only files of the guest that reach files by a path, links included, and why.
const BY_PATH: [(&str, &str); 6] = [
    (
        "guest/inside/docker/runtime.rs",
        "rewrites a container's description with the rights of the engine inside",
    ),
    (
        "guest/inside/beneath.rs",
        "asks for the real path of everything where the kernel has no `openat2`",
    ),
    (
        "guest/inside/proc.rs",
        "reads `/proc`, which the kernel mounts",
    ),
    (
        "guest/inside/socket.rs",
        "binds and connects by the path of a descriptor",
    ),
    (
        "guest/inside/relay.rs",
        "connects below `/.dp`, where nobody else may make names",
    ),
    (
        "guest/inside/setup/unpack.rs",
        "removes and writes with the rights of the account, below a descriptor",
    ),
];

/// What a program does with files by their paths. Descriptors, modes and times are values.
const WAYS: [&str; 25] = [
    "use std::fs;",
    "std::fs::read",
    "std::fs::write",
    "std::fs::create",
    "std::fs::remove",
    "std::fs::rename",
    "std::fs::copy",
    "std::fs::hard_link",
    "std::fs::set_permissions",
    "std::fs::canonicalize",
    "std::fs::OpenOptions",
    "std::fs::DirBuilder",
    "tokio::fs",
    "File::open",
    "File::create",
    "OpenOptions",
    "DirBuilder",
    "unix::fs::symlink",
    "unix::fs::chown",
    "unix::fs::lchown",
    "UnixListener::bind",
    "UnixStream::connect",
    "rustix::fs::symlink(",
    "rustix::fs::mkdir(",
    "rustix::fs::unlink(",
];

/// The ways of `code` that lead by a path, also where a group of names hides one of them.
fn ways_by_path(code: &str) -> Vec<String> {
    // An abstract socket has no path.
    let code = ["UnixListener::bind", "UnixStream::connect"]
        .iter()
        .fold(code.to_string(), |code, way| {
            code.replace(&format!("{way}(address(door))"), "")
        });
    let mut found: Vec<String> = { WAYS.iter() }
        .filter(|way| code.contains(**way))
        .map(ToString::to_string)
        .collect();
    let values = [
        "File",
        "Permissions",
        "Metadata",
        "MetadataExt",
        "PermissionsExt",
    ];
    for group in ["std::fs::{", "std::os::unix::fs::{"] {
        for after in code.split(group).skip(1) {
            let names = after.split('}').next().unwrap_or_default().split(',');
            let names = names.map(str::trim).filter(|name| !name.is_empty());
            let hidden = names.filter(|name| !values.contains(name));
            found.extend(hidden.map(|name| format!("{group}{name}")));
        }
    }
    found
}

#[test]
fn ways_by_path_are_found_in_all_their_forms() {
    for code in [
        "use std::fs;",
        "std::fs::read_to_string(path)",
        "use std::fs::{\n    File,\n    rename,\n};",
        "use std::os::unix::fs::{PermissionsExt, symlink};",
        "UnixStream::connect(SOCKET)",
    ] {
        assert!(!ways_by_path(code).is_empty(), "{code}");
    }
    for code in [
        "use std::fs::{File, Permissions};",
        "use rustix::fs::{AtFlags, Mode};",
        "UnixListener::bind(address(door))",
    ] {
        assert_eq!(ways_by_path(code), Vec::<String>::new(), "{code}");
    }
}

#[test]
fn pid_1_reaches_files_by_descriptors() {
    for source in Source::all() {
        let path = &source.path;
        if !path.starts_with("guest/inside") {
            continue;
        }
        let code = source.code();
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        let found = ways_by_path(code);
        let is_listed = BY_PATH.iter().any(|(listed, _)| path == Path::new(listed));
        // A file that needs its place on the list no more has lost it.
        assert_eq!(
            is_listed,
            !found.is_empty(),
            "{}: {found:?}",
            path.display()
        );
    }
}

#[test]
fn every_file_says_what_it_owns_and_stays_short() {
    for source in Source::all() {
        let path = source.path.display();
        assert!(
            source.text.starts_with("//! "),
            "{path} does not open with `//!`"
        );
        let lines = source.text.lines().count();
        assert!(lines <= LONGEST, "{path} has {lines} lines: split it");
    }
}

/// The names of tests in `tests/wall`, `file::name`.
fn attacks() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wall");
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(root).expect("the attacks") {
        let path = entry.expect("an entry").path();
        let file = path.file_stem().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(&path).expect("text");
        for after in text.split("#[test]\n").skip(1) {
            let name = after.trim_start().strip_prefix("fn ");
            let name = name.and_then(|rest| rest.split('(').next());
            names.insert(format!("{file}::{}", name.expect("a function")));
        }
    }
    names
}

#[test]
fn the_security_page_names_every_attack_and_no_other() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md");
    let page = std::fs::read_to_string(page).expect("text");
    let named = page.split('`').filter(|word| word.contains("::"));
    let named: BTreeSet<String> = named.map(str::to_string).collect();
    let attacks = attacks();
    let differing: Vec<&String> = named.symmetric_difference(&attacks).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}
