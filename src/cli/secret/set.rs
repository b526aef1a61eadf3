//! `dp secret set`.

use super::super::output::{Answer, Page};
use super::super::{Context, Error, Result, typed};
use crate::files::{Pins, ReadError, open_file};
use crate::secrets::{self, Place};
use clap::Args;
use secrecy::SecretString;
use serde::Serialize;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

/// The longest secret.
const LIMIT: u64 = 64 * 1024;

/// Keep a secret: typed at a prompt, or read from standard input or a file
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp secret set ANTHROPIC_API_KEY             asks for it\n  \
    pass show anthropic | dp secret set ANTHROPIC_API_KEY\n\n\
    An agent gets a secret that is called like one of its variables (`dp agents show`); \
    `-e NAME={{apikey:SECRET}}` gives any other.")]
pub(in crate::cli) struct SetArgs {
    /// Name of the secret
    name: String,
    /// Read it from this file
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: Option<PathBuf>,
}

/// What was kept where.
#[derive(Serialize)]
pub(super) struct Kept {
    name: String,
    place: Place,
}

pub(super) fn run(ctx: &Context, args: SetArgs) -> Result<Kept> {
    // Nobody should type a secret for nothing.
    secrets::check(&args.name)?;
    let value = read(ctx, &args)?;
    let store = ctx.secrets()?;
    let place = super::off_thread(|| store.set(&args.name, &value))?;
    Ok(Kept {
        name: args.name,
        place,
    })
}

fn read(ctx: &Context, args: &SetArgs) -> Result<SecretString> {
    let mut text = String::new();
    let outcome = match &args.file {
        Some(file) => {
            // One that is too long is told below.
            let read = match typed::file(&typed::of(ctx, &Pins::default()), file)? {
                Some(found) => found.and_then(|found| match found.read(LIMIT) {
                    Err(ReadError::TooLarge { .. }) => Ok(0),
                    read => read?.as_slice().read_to_string(&mut text),
                }),
                None => open_file(file)
                    .map_err(io::Error::from)
                    .and_then(|file| file.take(LIMIT + 1).read_to_string(&mut text)),
            };
            read.map_err(|error| named(file, &error))
        }
        None if io::stdin().is_terminal() => {
            if !ctx.may_ask() {
                return Err(Error::usage("no-value", "no secret was given")
                    .hint("pipe it in, or name a file with `--file`"));
            }
            text = super::super::prompt::secret(&args.name)?;
            Ok(text.len())
        }
        None => io::stdin().take(LIMIT + 1).read_to_string(&mut text),
    };
    outcome.map_err(|error| Error::failed("no-value", "cannot read the secret").cause(error))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.len() as u64 > LIMIT {
        let message = "the secret is empty or longer than 64 KiB";
        return Err(
            Error::usage("no-value", message).hint("pipe it in, or name a file with `--file`")
        );
    }
    Ok(text.to_string().into())
}

fn named(file: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("`{}`: {error}", file.display()))
}

impl Answer for Kept {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        match self.place {
            Place::Keyring => writeln!(out, "kept {} in the keyring", self.name),
            Place::File => writeln!(
                out,
                "kept {} in a file that only you can read, as there is no keyring here",
                self.name
            ),
        }
    }
}
