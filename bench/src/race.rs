//! Takes samples of several contenders in turn, so that whatever else the machine does hits all of them alike.

use crate::{Result, go_on};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One contender: does its work once and says how long that took. What it does outside of that time does not count.
pub type Lane<'a> = Box<dyn FnMut() -> Result<Duration> + 'a>;

/// The usual number of samples.
pub const RUNS: usize = 21;
/// For work that takes about a second.
pub const HEAVY_RUNS: usize = 5;

/// The contenders of one piece of work.
pub struct Lanes<'a> {
    /// `dp`, in one or more ways.
    pub dp: Vec<Lane<'a>>,
    /// Every docker CLI, in the order of [`crate::rig::Rig::dockers`].
    pub dockers: Vec<Lane<'a>>,
    /// The engine's API, or whatever else the floor is.
    pub raw: Option<Lane<'a>>,
}

/// A median for each lane, in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Medians {
    /// Of each way of `dp`.
    pub dp: Vec<f64>,
    /// Of each docker CLI.
    pub dockers: Vec<f64>,
    /// Of the floor.
    pub raw: Option<f64>,
}

impl Lanes<'_> {
    /// Runs them in turn: `warm_ups` rounds for nothing, then `runs` that count. Every round begins with another lane,
    /// so that none always follows the same one.
    pub fn race(self, warm_ups: usize, runs: usize) -> Result<Medians> {
        let has_raw = self.raw.is_some();
        let ways = self.dp.len();
        let mut lanes: Vec<Lane<'_>> = self
            .dp
            .into_iter()
            .chain(self.dockers)
            .chain(self.raw)
            .collect();
        let mut samples = vec![Vec::with_capacity(runs); lanes.len()];
        for round in 0..warm_ups + runs {
            for turn in 0..lanes.len() {
                go_on()?;
                let lane = (round + turn) % lanes.len();
                let took = lanes[lane]()?;
                if round >= warm_ups {
                    samples[lane].push(took.as_secs_f64() * 1000.0);
                }
            }
        }
        let mut medians: Vec<f64> = samples.into_iter().map(median).collect();
        let raw = has_raw.then(|| medians.pop()).flatten();
        let dockers = medians.split_off(ways);
        Ok(Medians {
            dp: medians,
            dockers,
            raw,
        })
    }
}

/// The middle value.
fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    let middle = samples.len() / 2;
    if samples.len() % 2 == 1 {
        samples[middle]
    } else {
        f64::midpoint(samples[middle - 1], samples[middle])
    }
}

/// A lane that only runs a program.
pub fn lane<'a>(mut command: Command) -> Lane<'a> {
    Box::new(move || time(&mut command))
}

/// Times a program from its start to its end, without a terminal and without input. Failing is an error with its words.
pub fn time(command: &mut Command) -> Result<Duration> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let began = Instant::now();
    let output = command.output()?;
    let took = began.elapsed();
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{}", output.status, words.trim()).into());
    }
    Ok(took)
}

/// Times anything else.
pub fn time_of(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        for (samples, middle) in [
            (vec![3.0], 3.0),
            (vec![9.0, 1.0, 2.0], 2.0),
            (vec![4.0, 1.0, 2.0, 8.0], 3.0),
        ] {
            assert!((median(samples) - middle).abs() < f64::EPSILON);
        }
    }
}
