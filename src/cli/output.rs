//! The one module that writes to standard output and standard error: answers, errors, notes.

use super::{Context, Error, Result};
use crate::workspace::Report;
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use console::{Term, style};
use rustix::event::{PollFd, PollFlags, Timespec};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// A program reads what we say: like colours, that holds for the whole process.
static IS_FOR_PROGRAMS: AtomicBool = AtomicBool::new(false);

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
    fn human(&self, out: &mut dyn Write) -> io::Result<()>;
}

/// Writes an answer in the format that was asked for.
pub(super) fn answer(ctx: &Context, answer: &impl Answer) -> Result<u8> {
    let mut out = io::stdout().lock();
    let written = match ctx.format() {
        Format::Json => serde_json::to_writer_pretty(&mut out, answer)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
        Format::Table => answer.human(&mut out),
    };
    finish(written.and_then(|()| out.flush()))
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
        let mut text = Vec::new();
        answer.human(&mut text).ok()?;
        let text = String::from_utf8(text).ok()?;
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
        line(text);
    }
}

fn line(text: &str) {
    let mut err = io::stderr().lock();
    // Without a standard error there is nobody to tell.
    let _closed = writeln!(err, "{text}");
}

/// A line that the person should not miss, nor the program.
pub(super) fn warn(text: &str) {
    if is_for_programs() {
        return line(&serde_json::json!({ "warning": { "message": text } }).to_string());
    }
    note(&format!(
        "{} {text}",
        style("warning:").for_stderr().yellow().bold()
    ));
}

/// Reports a failure and answers its exit code.
pub fn report(ctx: &Context, error: &Error) -> u8 {
    match ctx.format() {
        Format::Json => {
            let document = serde_json::json!({ "error": error });
            line(&document.to_string());
        }
        Format::Table => {
            let mut err = io::stderr().lock();
            let _closed = write_error(&mut err, error);
        }
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

/// Everything that is wrong with a file, for the stream that it goes to.
pub(super) fn diagnostics(report: &Report, is_stderr: bool) -> String {
    let (term, has_colours) = if is_stderr {
        (Term::stderr(), console::colors_enabled_stderr())
    } else {
        (Term::stdout(), console::colors_enabled())
    };
    let width = term
        .size_checked()
        .map_or(100, |(_, columns)| columns.into());
    report.render(has_colours, width)
}

fn write_error(out: &mut impl Write, error: &Error) -> io::Result<()> {
    if let Some(report) = &error.report {
        return out.write_all(diagnostics(report, true).as_bytes());
    }
    writeln!(
        out,
        "{} {}",
        style("error:").for_stderr().red().bold(),
        error.message
    )?;
    for line in &error.details {
        writeln!(out, "  {} {line}", style("|").for_stderr().dim())?;
    }
    if let Some(cause) = &error.cause {
        writeln!(out, "  {} {cause}", style("cause:").for_stderr().bold())?;
    }
    for hint in &error.hints {
        writeln!(
            out,
            "  {} {hint}",
            style("hint:").for_stderr().cyan().bold()
        )?;
    }
    Ok(())
}

/// Prints what clap has to say, help and version included, and answers the exit code.
pub(super) fn usage(error: &clap::Error, is_session: bool, wants_json: bool) -> u8 {
    if error.exit_code() == 0 || !wants_json {
        // A closed pipe is a quiet exit.
        let _closed = error.print();
    } else {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default();
        let message = message.trim_start_matches("error: ").to_string();
        let error = Error::usage("usage", message).hint("`--help` tells how it is written");
        line(&serde_json::json!({ "error": error }).to_string());
    }
    match error.exit_code() {
        0 => 0,
        _ if is_session => 125,
        _ => super::Kind::Usage.exit_code(),
    }
}

/// A table in the house style: no lines, upper-case head, two spaces between columns.
pub(super) fn table(out: &mut dyn Write, head: &[&str], rows: Vec<Vec<String>>) -> io::Result<()> {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(head.iter().map(|title| title.to_uppercase()));
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    for line in table.lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
