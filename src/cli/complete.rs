//! What completion scripts ask for: names, quickly, and nothing at all when they cannot be had.
//!
//! A script calls `dp __place` with the words between `dp` and the cursor, and is told in a word what
//! may stand there; `dp __complete` with the same words prints the names that may. Both are decided
//! here, for every shell alike, by what the command line calls its values.

mod names;

use super::output::{Color, Format, raw};
use super::{Cli, Command, Context, Global, Result, image, sandbox};
use crate::labels;
use crate::sandbox::Existing;
use clap::Arg;
use names::Kind;
use std::ffi::OsString;
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

/// Not commands that clap knows: the scripts would offer them.
const NAMES: &str = "__complete";
const PLACE: &str = "__place";
/// A person who pressed Tab does not wait longer.
const PATIENCE: Duration = Duration::from_millis(400);

/// What may stand at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Commands and options, which the script knows itself.
    Words,
    /// What `dp __complete` prints.
    Names,
    /// Files, and what `dp __complete` prints.
    Files,
    /// Directories, and what `dp __complete` prints.
    Directories,
    /// Words of an agent or a command inside: no options of ours, but maybe files.
    Arguments,
    /// What nobody can know, such as a name to be given.
    Nothing,
}

impl Place {
    fn word(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Names => "names",
            Self::Files => "files",
            Self::Directories => "directories",
            Self::Arguments => "arguments",
            Self::Nothing => "nothing",
        }
    }
}

/// What a script asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// As the help calls it, such as `SANDBOX`.
    value: Option<String>,
    /// The last word of the command that takes it, such as `logs`.
    verb: String,
    place: Place,
    engine: Option<String>,
    /// The script wants to know the place, not the names.
    asks_for_place: bool,
}

impl Wanted {
    fn new(value: Option<String>, place: Place, engine: Option<String>) -> Self {
        Self {
            value,
            verb: String::new(),
            place,
            engine,
            asks_for_place: false,
        }
    }
}

/// The command line is a script's question; it never fails.
pub(super) fn question(arguments: &[OsString]) -> Option<Cli> {
    let asked = arguments.get(1)?;
    if asked != NAMES && asked != PLACE {
        return None;
    }
    let words = arguments.iter().skip(2).map(|word| word.to_string_lossy());
    let mut wanted = wanted(words.map(String::from));
    wanted.asks_for_place = asked == PLACE;
    let engine = wanted.engine.clone();
    Some(Cli {
        global: Global {
            engine: engine.or_else(|| std::env::var("DP_ENGINE").ok()),
            format: Format::Table,
            color: Color::Never,
            no_input: true,
        },
        command: Command::Complete(wanted),
    })
}

/// What stands after the last of the words.
fn wanted(words: impl Iterator<Item = String>) -> Wanted {
    let mut root = super::command();
    root.build();
    let mut command = &root;
    let wanted = follow(words, &mut command);
    Wanted {
        verb: command.get_name().to_string(),
        ..wanted
    }
}

/// Follows the words through the command line.
fn follow(words: impl Iterator<Item = String>, command: &mut &clap::Command) -> Wanted {
    let mut engine = None;
    let mut position = 0;
    let mut words = words.peekable();
    while let Some(word) = words.next() {
        if let Some(option) = option_with_value(command, &word) {
            // Bash takes `--engine=x` apart.
            words.next_if(|next| next == "=");
            match words.next() {
                Some(value) if option.get_id() == "engine" => engine = Some(value),
                Some(_) => {}
                None => return Wanted::new(value_of(option), place_of(option), engine),
            }
        } else if let Some(given) = word.strip_prefix("--engine=") {
            engine = Some(given.to_string());
        } else if word.starts_with('-') {
            // An option that is complete.
        } else if let Some(subcommand) = command.find_subcommand(&word) {
            *command = subcommand;
        } else if positional(command, position).is_some_and(Arg::is_trailing_var_arg_set) {
            // What follows the name of an agent is the agent's own.
            return Wanted::new(None, Place::Arguments, engine);
        } else {
            position += 1;
        }
    }
    let next = positional(command, position);
    let place = match next {
        Some(arg) => place_of(arg),
        None if command.has_subcommands() => Place::Words,
        None => Place::Nothing,
    };
    Wanted::new(next.and_then(value_of), place, engine)
}

/// What the value of an option, or a word in its place, may be.
fn place_of(arg: &Arg) -> Place {
    match value_of(arg).as_deref() {
        _ if !arg.get_possible_values().is_empty() => Place::Words,
        Some("AGENT" | "KEY" | "PROCESS" | "SECRET" | "IMAGE" | "VOLUME") => Place::Names,
        Some("DIR" | "DIRECTORY" | "SANDBOX") => Place::Directories,
        Some("FILE" | "MOUNT" | "FROM" | "TO") => Place::Files,
        _ => Place::Nothing,
    }
}

/// The option that takes the next word as its value.
fn option_with_value<'a>(command: &'a clap::Command, word: &str) -> Option<&'a Arg> {
    let takers = command
        .get_opts()
        .filter(|option| option.get_action().takes_values());
    let takers: Vec<&Arg> = takers.collect();
    let find = |is_it: &dyn Fn(&Arg) -> bool| takers.iter().find(|arg| is_it(arg)).copied();
    if let Some(long) = word.strip_prefix("--") {
        return find(&|option| option.get_long() == Some(long));
    }
    // The first of the letters that takes a value takes the rest of the word, if there is one.
    let letters = word.strip_prefix('-')?;
    let (end, taker) = letters.char_indices().find_map(|(at, letter)| {
        let taker = find(&|option| option.get_short() == Some(letter))?;
        Some((at + letter.len_utf8(), taker))
    })?;
    (end == letters.len()).then_some(taker)
}

/// What stands at a place among the words that are no options.
fn positional(command: &clap::Command, position: usize) -> Option<&Arg> {
    let all: Vec<&Arg> = command.get_positionals().collect();
    all.get(position).copied().or_else(|| {
        let last = all.last()?;
        let values = last.get_num_args()?;
        (values.max_values() > 1).then_some(*last)
    })
}

fn value_of(arg: &Arg) -> Option<String> {
    let name = arg.get_value_names()?.first()?;
    name.split(' ').next().map(str::to_string)
}

/// Prints the answer. Names are looked for in a thread that nobody waits for: a file system, a
/// keyring or an engine that does not answer does not hold a person who pressed Tab.
pub(super) fn run(global: Global, wanted: &Wanted) -> Result<u8> {
    if wanted.asks_for_place {
        return raw(format!("{}\n", wanted.place.word()).as_bytes());
    }
    let end = Instant::now() + PATIENCE;
    let (found, finds) = mpsc::channel();
    let asked = wanted.clone();
    std::thread::spawn(move || look(global, &asked, &found));
    let mut names: Vec<String> = Vec::new();
    while let Ok(more) = finds.recv_timeout(end.saturating_duration_since(Instant::now())) {
        for name in more {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let lines: Vec<String> = names.into_iter().map(|name| name + "\n").collect();
    raw(lines.concat().as_bytes())
}

/// Finds what may stand there: first what is near, then what an engine has to tell.
fn look(global: Global, wanted: &Wanted, found: &Sender<Vec<String>>) {
    let ctx = Context::new(global);
    // Whoever asked may have gone on without an answer.
    let _late = found.send(Kind::Agent.only(agents_here(&ctx, wanted)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else { return };
    if let Some(kind) = kind(wanted)
        && let Ok(texts) = runtime.block_on(all(&ctx, kind))
    {
        let _late = found.send(kind.only(texts));
    }
}

/// The agents of this directory's workspace file, where one of them may stand.
fn agents_here(ctx: &Context, wanted: &Wanted) -> Vec<String> {
    let may_stand = match wanted.value.as_deref() {
        Some("KEY" | "PROCESS") => true,
        Some("AGENT") => ["run", "create", "logs"].contains(&&*wanted.verb),
        // A word that stands alone may be an agent.
        Some("SANDBOX") => ["attach", "logs"].contains(&&*wanted.verb),
        _ => false,
    };
    if may_stand {
        sandbox::file_keys(ctx)
    } else {
        Vec::new()
    }
}

/// What is looked for that has nothing to do with this directory.
fn kind(wanted: &Wanted) -> Option<Kind> {
    match wanted.value.as_deref()? {
        "AGENT" if wanted.verb != "logs" => Some(Kind::Agent),
        "SECRET" => Some(Kind::Secret),
        "SANDBOX" | "FROM" | "TO" => Some(Kind::Sandbox),
        "IMAGE" => Some(Kind::Image),
        "VOLUME" => Some(Kind::Volume),
        _ => None,
    }
}

/// Everything of a kind, valid as a name or not.
async fn all(ctx: &Context, kind: Kind) -> Result<Vec<String>> {
    Ok(match kind {
        Kind::Agent => {
            let catalogue = ctx.catalogue()?;
            catalogue.iter().map(|agent| agent.name.clone()).collect()
        }
        Kind::Secret => ctx.secrets()?.read_names()?.into_keys().collect(),
        Kind::Sandbox => {
            let all = Existing::all(&ctx.silent_engine()?).await?;
            all.iter().map(|found| found.name.to_string()).collect()
        }
        Kind::Image => {
            let all = image::images(&ctx.silent_engine()?).await?;
            all.into_iter().map(|image| image.name).collect()
        }
        Kind::Volume => {
            let label = labels::filter(labels::MANAGED, "true");
            let all = ctx.silent_engine()?.volumes(&label).await?.into_iter();
            // Nobody types the name of what is `dp`'s own.
            all.filter(|volume| !labels::is(&volume.labels, labels::Kind::Guest))
                .map(|volume| volume.name)
                .collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Wanted {
        wanted(line.split_whitespace().map(str::to_string))
    }

    #[test]
    fn what_may_stand_after_the_words() {
        let table = [
            ("", Place::Words),
            ("volumes", Place::Words),
            ("run --pull", Place::Words),
            ("completions", Place::Words),
            ("run", Place::Names),
            ("secret rm A", Place::Names),
            ("run -w", Place::Directories),
            ("run --add-workspace", Place::Directories),
            ("run --env-file", Place::Files),
            ("run -v", Place::Files),
            ("sandbox cp", Place::Files),
            ("config check", Place::Files),
            ("man", Place::Directories),
            ("run claude", Place::Arguments),
            ("run claude -p", Place::Arguments),
            ("sandbox exec a", Place::Arguments),
            ("run --name", Place::Nothing),
            ("config show", Place::Nothing),
            ("secret set", Place::Nothing),
            ("sandbox rm", Place::Directories),
            ("sandbox stop --agent", Place::Names),
            ("sandbox attach .", Place::Names),
        ];
        for (line, expected) in table {
            assert_eq!(asked(line).place, expected, "{line}");
        }
    }

    fn value(line: &str) -> Option<String> {
        asked(line).value
    }

    #[test]
    fn what_stands_after_the_words() {
        let table = [
            ("", None),
            ("run", Some("AGENT")),
            ("run --rm", Some("AGENT")),
            ("run -q --memory 2g -e A=1", Some("AGENT")),
            ("run -qe A=1", Some("AGENT")),
            ("run -eA=1", Some("AGENT")),
            ("run --memory = 2g", Some("AGENT")),
            ("run claude", None),
            ("run claude -p", None),
            ("run --memory", Some("SIZE")),
            ("sandbox", None),
            ("--engine tcp://a:1 --no-input sandbox run", Some("AGENT")),
            ("sandbox ls --agent", Some("AGENT")),
            ("sandbox rm", Some("SANDBOX")),
            ("sandbox remove a b", Some("SANDBOX")),
            ("sandbox exec", Some("SANDBOX")),
            ("sandbox exec a", None),
            ("sandbox logs -n 1", Some("SANDBOX")),
            ("sandbox logs a", Some("AGENT")),
            ("sandbox inspect a", None),
            ("sandbox restart --agent", Some("KEY")),
            ("sandbox restart --agent lead", Some("SANDBOX")),
            ("sandbox attach a", Some("PROCESS")),
            ("agents show", Some("AGENT")),
            ("image build claude", Some("AGENT")),
            ("image rm", Some("IMAGE")),
            ("secret rm", Some("SECRET")),
            ("volumes inspect", Some("VOLUME")),
            ("volumes rm -f a", Some("VOLUME")),
            ("volumes prune --kind", Some("KIND")),
            ("config show", None),
        ];
        for (line, expected) in table {
            assert_eq!(value(line).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn the_engine_of_the_words_is_asked() {
        for line in ["--engine tcp://a:1 run", "run --engine=tcp://a:1"] {
            let wanted = wanted(line.split(' ').map(str::to_string));
            assert_eq!(wanted.engine.as_deref(), Some("tcp://a:1"), "{line}");
        }
    }
}
