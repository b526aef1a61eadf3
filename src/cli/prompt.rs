//! Questions, asked only on a terminal.

use super::{Error, Kind, Result};
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Select};

/// A Ctrl-C at a question is an answer: it must not end us before the cursor is back.
fn catch_interrupt() {
    use tokio::signal::unix::{SignalKind, signal};
    drop(signal(SignalKind::interrupt()));
}

/// Yes or no; no is the default.
pub(super) fn confirm(question: &str) -> Result<bool> {
    catch_interrupt();
    Confirm::with_theme(&ColorfulTheme::default())
        .with_prompt(question)
        .default(false)
        .interact_opt()
        .map_err(broken)?
        .ok_or_else(interrupted)
}

/// One of several.
pub(super) fn choose(question: &str, items: &[String]) -> Result<usize> {
    catch_interrupt();
    Select::with_theme(&ColorfulTheme::default())
        .with_prompt(question)
        .items(items)
        .default(0)
        .interact_opt()
        .map_err(broken)?
        .ok_or_else(interrupted)
}

fn broken(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(source) = error;
    match source.kind() {
        std::io::ErrorKind::Interrupted => interrupted(),
        _ => Error::failed("prompt", "cannot ask").cause(source),
    }
}

fn interrupted() -> Error {
    let _no_terminal = console::Term::stderr().show_cursor();
    Error::new(
        Kind::Interrupted,
        "interrupted",
        "interrupted; nothing was changed",
    )
    .exiting(130)
}
