//! The one module that writes to standard output and standard error: answers, errors, notes.
//!
//! Words may come from a file, an image, an engine or a guest. Nothing that a terminal would obey
//! gets through: people get lines of a [`Page`], programs get JSON that is escaped.

mod page;
mod table;

pub(super) use page::{Page, Tone};
pub(super) use table::table;

use super::{Context, Error, Result};
use crate::sandbox::session::Form;
use crate::terminal::words;
use crate::values::text::{folded, without_gaps};
use crate::workspace::Report;
use console::Term;
use rustix::event::{PollFd, PollFlags, Timespec};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// A program reads what we say: like colours, that holds for the whole process.
static IS_FOR_PROGRAMS: AtomicBool = AtomicBool::new(false);

/// So many spaces beside each other are no gap in a sentence; more of them are shown as escapes.
const GAP: usize = 1;
/// The same in the last lines of a program, which may have columns.
const GAP_OF_LOGS: usize = 8;

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For programs: one JSON document
    Json,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What a command has to say, for people; for programs it is serialized.
pub(super) trait Answer: Serialize {
    /// Writes it for people.
    fn human(&self, out: &mut Page) -> io::Result<()>;
}

/// Writes an answer in the format that was asked for.
pub(super) fn answer(ctx: &Context, answer: &impl Answer) -> Result<u8> {
    let text = match ctx.format() {
        Format::Json => serde_json::to_string_pretty(answer)
            .map(|text| words::json(&text).into_owned() + "\n")
            .map_err(io::Error::from),
        Format::Table => page(answer).map(Page::into_text),
    };
    let mut out = io::stdout().lock();
    finish(text.and_then(|text| out.write_all(text.as_bytes()).and_then(|()| out.flush())))
}

/// What an answer says to people on standard output.
fn page(answer: &impl Answer) -> io::Result<Page> {
    let mut page = Page::of(&Term::stdout(), console::colors_enabled());
    answer.human(&mut page)?;
    Ok(page)
}

/// An answer that stands on the terminal until a better one takes its place.
pub(super) struct Draft {
    term: Term,
    lines: usize,
}

impl Draft {
    /// Shows an answer that is not complete yet; `None` where it could not be taken back: not on a
    /// terminal, not for programs, not when it is higher than the screen.
    pub(super) fn show(ctx: &Context, answer: &impl Answer) -> Option<Self> {
        let term = Term::stdout();
        if !term.is_term() || ctx.format() == Format::Json {
            return None;
        }
        let text = page(answer).ok()?.into_text();
        let (height, width) = term.size();
        let lines = text.lines().map(|line| {
            let columns = console::measure_text_width(line).max(1);
            columns.div_ceil(usize::from(width).max(1))
        });
        let lines = lines.sum();
        if lines >= usize::from(height) {
            return None;
        }
        term.write_str(&text).ok()?;
        Some(Self { term, lines })
    }

    /// Takes it away again.
    pub(super) fn clear(self) {
        // A terminal that is gone shows neither.
        let _gone = self.term.clear_last_lines(self.lines);
    }
}

/// Writes bytes that a program made for programs (completions, a manual page).
pub(super) fn raw(bytes: &[u8]) -> Result<u8> {
    let mut out = io::stdout().lock();
    finish(out.write_all(bytes).and_then(|()| out.flush()))
}

/// Writes a piece of such bytes; `false` when the reader has had enough.
pub(super) fn piece(bytes: &[u8]) -> Result<bool> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        written => finish(written).map(|_| true),
    }
}

/// A reader that went away has had enough.
fn finish(written: io::Result<()>) -> Result<u8> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        Err(error) => Err(Error::failed("stdout", "cannot write the answer").cause(error)),
        Ok(()) => Ok(0),
    }
}

/// From now on, speaks to whoever reads this format.
pub(super) fn speak(format: Format) {
    IS_FOR_PROGRAMS.store(format == Format::Json, Ordering::Relaxed);
}

fn is_for_programs() -> bool {
    IS_FOR_PROGRAMS.load(Ordering::Relaxed)
}

/// A line of the conversation, on standard error; a program takes no part in it.
pub(super) fn note(text: &str) {
    if !is_for_programs() {
        say(|out| out.line(&without_gaps(text, GAP)));
    }
}

/// The same of a line that strangers wrote a part of: on a terminal it is folded here, and goes on set
/// in by `margin` columns.
pub(super) fn note_folded(text: &str, margin: usize) {
    let term = Term::stderr();
    let width = if term.is_term() {
        usize::from(term.size().1)
    } else {
        usize::MAX
    };
    if !is_for_programs() {
        let lines = folded(&words::line(text), width, margin);
        say(|out| lines.lines().for_each(|line| out.line(line)));
    }
}

/// Writes lines to standard error.
fn say(write: impl FnOnce(&mut Page)) {
    let mut page = Page::of(&Term::stderr(), console::colors_enabled_stderr());
    write(&mut page);
    let mut err = io::stderr().lock();
    // Without a standard error there is nobody to tell.
    let _closed = err.write_all(page.into_text().as_bytes());
}

/// A document for programs, on standard error.
fn say_json(document: &serde_json::Value) {
    let text = words::json(&document.to_string()).into_owned() + "\n";
    let _closed = io::stderr().lock().write_all(text.as_bytes());
}

/// A line that the person should not miss, nor the program.
pub(super) fn warn(text: &str) {
    if is_for_programs() {
        return say_json(&serde_json::json!({ "warning": { "message": text } }));
    }
    say(|out| {
        out.toned(&[
            (Tone::Yellow, "warning:"),
            (Tone::Plain, " "),
            (Tone::Plain, &without_gaps(text, GAP)),
        ]);
    });
}

/// What is wrong with a file that can be used all the same.
pub(super) fn note_report(report: &Report) {
    if !is_for_programs() {
        say(|out| out.report(report));
    }
}

/// How what agents wrote is printed on standard output.
pub(super) fn form_of_logs(is_raw: bool) -> Form {
    if is_raw {
        return Form::Raw;
    }
    Form::Text {
        is_coloured: console::colors_enabled(),
    }
}

/// Words that move on the screen: one line, and nothing in it that a terminal obeys.
pub(super) fn moving(text: &str) -> String {
    words::cell(text.trim()).into_owned()
}

/// Reports a failure and answers its exit code.
pub fn report(ctx: &Context, error: &Error) -> u8 {
    match ctx.format() {
        Format::Json => say_json(&serde_json::json!({ "error": error })),
        Format::Table => say(|out| write_error(out, error)),
    }
    error.exit_code()
}

/// Reports a failure past everybody who may hold standard error, where that takes it at once: the
/// process ends now.
pub(super) fn last_words(error: &Error) {
    let text = if is_for_programs() {
        serde_json::json!({ "error": error }).to_string()
    } else {
        format!("error: {}", error.message)
    };
    let stderr = rustix::stdio::stderr();
    let mut fds = [PollFd::new(&stderr, PollFlags::OUT)];
    let now = Timespec::default();
    if rustix::event::poll(&mut fds, Some(&now)).is_ok_and(|ready| ready > 0) {
        // There is nobody left to tell.
        let _gone = rustix::io::write(stderr, format!("{text}\n").as_bytes());
    }
}

fn write_error(out: &mut Page, error: &Error) {
    if let Some(report) = &error.report {
        return out.report(report);
    }
    let mut line = |indent: &str, tone, title: &str, text: &str| {
        out.toned(&[
            (Tone::Plain, indent),
            (tone, title),
            (Tone::Plain, " "),
            (Tone::Plain, text),
        ]);
    };
    let words = |text: &str| without_gaps(text, GAP);
    line("", Tone::Red, "error:", &words(&error.message));
    for text in &error.details {
        line("  ", Tone::Dim, "|", &without_gaps(text, GAP_OF_LOGS));
    }
    if let Some(cause) = &error.cause {
        line("  ", Tone::Bold, "cause:", &words(cause));
    }
    for hint in &error.hints {
        line("  ", Tone::Cyan, "hint:", &words(hint));
    }
}

/// Prints what clap has to say, help and version included, and answers the exit code.
pub(super) fn usage(error: &clap::Error, is_session: bool, wants_json: bool) -> u8 {
    if error.exit_code() == 0 || !wants_json {
        let text = error.render();
        let (text, to_stderr) = match error.use_stderr() {
            true if console::colors_enabled_stderr() => (text.ansi().to_string(), true),
            false if console::colors_enabled() => (text.ansi().to_string(), false),
            to_stderr => (text.to_string(), to_stderr),
        };
        let text = words::coloured(&text);
        // A closed pipe is a quiet exit.
        let _closed = if to_stderr {
            io::stderr().lock().write_all(text.as_bytes())
        } else {
            io::stdout().lock().write_all(text.as_bytes())
        };
    } else {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default();
        let message = message.trim_start_matches("error: ").to_string();
        let error = Error::usage("usage", message).hint("`--help` tells how it is written");
        say_json(&serde_json::json!({ "error": error }));
    }
    match error.exit_code() {
        0 => 0,
        _ if is_session => 125,
        _ => super::Kind::Usage.exit_code(),
    }
}
