//! `make bench`: measures `dp` side by side with the docker CLI and the raw engine API, in one run on one engine,
//! prints the table and writes it to `bench/RESULTS.md`. What it makes carries a label and is removed at the end,
//! on Ctrl-C, and by the next run whatever happened.
//!
//! Owns the arguments and the order of the measurements; it knows nothing of `dp` but its command line and labels.

mod api;
mod bulk;
mod file;
mod machine;
mod race;
mod report;
mod rig;
mod work;

use report::{Report, Row};
use rig::Rig;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set by a signal: the measurement under way is the last.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What stopped a measurement, in words.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
/// The outcome of everything that may fail here.
pub type Result<T> = std::result::Result<T, Failure>;

const USAGE: &str = "usage: dp-bench --dp PATH [--check] [--only TEXT]

  --dp PATH     the release binary to measure
  --check       exit 1 when a budget is missed
  --only TEXT   only the work whose name contains TEXT; RESULTS.md stays as it is";

struct Arguments {
    dp: PathBuf,
    is_check: bool,
    only: Option<String>,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self> {
        let (mut dp, mut is_check, mut only) = (None, false, None);
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} wants a value\n{USAGE}"));
            match word.as_str() {
                "--dp" => dp = Some(PathBuf::from(value()?)),
                "--only" => only = Some(value()?),
                "--check" => is_check = true,
                _ => return Err(format!("{word} is not known here\n{USAGE}").into()),
            }
        }
        let dp = dp.ok_or(USAGE)?;
        let dp = dp
            .canonicalize()
            .map_err(|error| format!("{}: {error}", dp.display()))?;
        Ok(Self { dp, is_check, only })
    }
}

/// Fails after a signal, so that whoever measures stops between two samples.
pub fn go_on() -> Result<()> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        return Err("interrupted".into());
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        // Whatever it broke, the reason is the signal.
        Err(_) if INTERRUPTED.load(Ordering::Relaxed) => ExitCode::from(130),
        Err(failure) => {
            eprintln!("bench: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let arguments = Arguments::parse(std::env::args().skip(1))?;
    ctrlc::set_handler(|| {
        eprintln!("bench: stopping, and removing what was made");
        INTERRUPTED.store(true, Ordering::Relaxed);
    })?;
    let rig = Rig::new(arguments.dp)?;
    let mut report = Report::new(machine::describe(&rig)?, &rig);
    eprint!("{}", report.head());
    for (name, measure) in work::ALL {
        go_on()?;
        if arguments
            .only
            .as_ref()
            .is_some_and(|only| !name.contains(only))
        {
            continue;
        }
        eprintln!("bench: {name}");
        let rows: Vec<Row> = measure(&rig)?;
        for row in &rows {
            eprintln!("  {row}");
        }
        report.rows.extend(rows);
    }
    report.load_after = machine::load();
    drop(rig);
    println!("\n{}", report.table());
    if arguments.only.is_none() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
        std::fs::write(&path, report.markdown())?;
        eprintln!("bench: wrote {}", path.display());
    }
    let missed = report
        .rows
        .iter()
        .filter(|row| row.held() == Some(false))
        .count();
    if missed > 0 {
        println!("BUDGETS MISSED: {missed}");
    }
    let failed = missed > 0 && arguments.is_check;
    Ok(ExitCode::from(u8::from(failed)))
}
