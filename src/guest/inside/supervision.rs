//! Agents on request: ended, and started again as they were.

use super::command::failure;
use super::process::{Process, Processes};
use crate::guest::message::{Failure, FailureCode, Start};
use std::rc::Rc;
use std::time::Duration;

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(8);
/// How long a killed process may take to be reaped.
const REAP: Duration = Duration::from_secs(2);
const SIGTERM: i32 = 15;
const SIGKILL: i32 = 9;

/// Ends an agent; one that has ended already is no error.
///
/// # Errors
/// `NoProcess` when it never ran.
pub async fn stop(processes: &Processes, key: &str) -> Result<(), Failure> {
    latest(processes, key)?;
    // A catalogue agent may run more than once.
    let running = processes.running(key);
    let ended = async || {
        for process in &running {
            process.exit().await;
        }
    };
    for (signal, patience) in [(SIGTERM, GRACE), (SIGKILL, REAP)] {
        for process in &running {
            process.signal(signal);
        }
        if tokio::time::timeout(patience, ended()).await.is_ok() {
            return Ok(());
        }
    }
    let message = format!("the agent `{key}` does not end");
    Err(failure(FailureCode::Other, message))
}

/// Starts an agent as it was started the last time.
///
/// # Errors
/// `NoProcess` when it never ran, and whatever a start can meet.
pub async fn restart(processes: &Rc<Processes>, key: &str) -> Result<u64, Failure> {
    // Nobody waits for this one, whoever waited for the last.
    let start = Start {
        detached: true,
        ..latest(processes, key)?.recipe()
    };
    stop(processes, key).await?;
    let (process, reader) = processes.start(start)?;
    drop(reader);
    Ok(process.id)
}

fn latest(processes: &Processes, key: &str) -> Result<Rc<Process>, Failure> {
    processes.of_key(key).ok_or_else(|| {
        let message = format!("the agent `{key}` has not run in the sandbox yet");
        failure(FailureCode::NoProcess, message)
    })
}
