//! `dp man`.

use super::output::note;
use super::{Context, Result};
use clap::Args;
use std::path::PathBuf;

/// Write the manual pages into a directory
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Directory, made when it does not exist
    directory: PathBuf,
}

pub(super) fn run(_: &Context, args: &ManArgs) -> Result<u8> {
    fs_err::create_dir_all(&args.directory)?;
    for (name, page) in pages()? {
        fs_err::write(args.directory.join(name), page)?;
    }
    note(&format!(
        "wrote the manual pages to {}",
        args.directory.display()
    ));
    Ok(0)
}

/// Every page: its file name and its text.
pub fn pages() -> Result<Vec<(String, Vec<u8>)>> {
    let mut command = super::command();
    command.build();
    let mut pages = Vec::new();
    collect(&command, "dp", &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let mut page = Vec::new();
    let shown = command
        .clone()
        .name(name.to_string())
        .display_name(name.to_string());
    clap_mangen::Man::new(shown)
        .date("")
        .source(format!("dp {}", env!("CARGO_PKG_VERSION")))
        .render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages)?;
    }
    Ok(())
}
