//! `dp volumes inspect`.

use super::super::listing::size;
use super::super::output::{Answer, Page};
use super::super::{Context, Result, moment};
use super::complete;
use crate::labels;
use crate::values::text::word;
use crate::volumes::{self, Usage, User, Volume};
use clap::Args;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

/// Show everything about volumes
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp volumes inspect dp-login-1000-claude\n  \
    dp volumes inspect --format json dp-login-1000-claude dp-login-1000-codex  an array, in this order")]
pub(in crate::cli) struct InspectArgs {
    /// Names, as `dp volumes ls` prints them
    #[arg(required = true, value_name = "VOLUME")]
    volumes: Vec<String>,
}

/// All that were asked for.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Inspected {
    volumes: Vec<Described>,
    #[serde(skip)]
    now: Timestamp,
}

/// What a list shows, and the rest.
#[derive(Serialize)]
struct Described {
    #[serde(flatten)]
    volume: Volume,
    /// Who uses it, with identifier and state.
    containers: Vec<User>,
    driver: String,
    mountpoint: String,
    labels: BTreeMap<String, String>,
}

pub(super) async fn run(ctx: &Context, args: &InspectArgs) -> Result<Inspected> {
    let engine = ctx.engine()?;
    let mut found = volumes::select(&engine, &args.volumes).await?;
    let usage = Usage::measure(&engine, &found, true).await;
    let now = Timestamp::now();
    complete(&mut found, usage, now);
    let describe = |volume: Volume| Described {
        containers: volume.used_by.clone(),
        driver: volume.driver.clone(),
        mountpoint: volume.mountpoint.clone(),
        labels: volume.labels.clone(),
        volume,
    };
    Ok(Inspected {
        volumes: found.into_iter().map(describe).collect(),
        now,
    })
}

impl Answer for Inspected {
    fn human(&self, out: &mut Page) -> io::Result<()> {
        for (at, described) in self.volumes.iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            described.human(out, self.now)?;
        }
        Ok(())
    }
}

impl Described {
    fn human(&self, out: &mut Page, now: Timestamp) -> io::Result<()> {
        let volume = &self.volume;
        let mut line = |title: &str, text: &str| writeln!(out, "{title:<11}{text}");
        line("name", &volume.name)?;
        line("kind", &volume.kind)?;
        let owners = [
            ("workspace", &volume.workspace),
            ("key", &volume.key),
            ("agent", &volume.agent),
        ];
        for (title, owner) in owners {
            owner
                .as_ref()
                .map_or(Ok(()), |owner| line(title, &word(owner)))?;
        }
        let bytes = |bytes| format!("{} ({bytes} bytes)", size(bytes));
        line("size", &volume.size.map_or_else(|| "unknown".into(), bytes))?;
        for user in &self.containers {
            line("used by", &format!("{} ({})", user.name, user.state))?;
        }
        let times = [
            ("created", volume.created),
            ("last used", volume.last_used),
            ("expires", volume.expires),
        ];
        for (title, time) in times {
            let words = |time| format!("{time:.0} ({})", moment::words(time, now));
            time.map_or(Ok(()), |time| line(title, &words(time)))?;
        }
        line("driver", &self.driver)?;
        line("directory", &word(&self.mountpoint))?;
        if let Some(version) = self.labels.get(labels::VERSION) {
            line("made by", &format!("dp {version}"))?;
        }
        let mut labels = self.labels.iter();
        labels.try_for_each(|(key, value)| line("label", &format!("{}={}", word(key), word(value))))
    }
}
