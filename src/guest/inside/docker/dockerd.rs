//! An engine that starts when it is wanted for the first time.

use super::super::process::Processes;
use super::supervisor::{self, Manner, Supervisor};
use crate::guest::message::Account;
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::Instant;

/// How long it may take to start.
const START: Duration = Duration::from_secs(70);
const POLL: Duration = Duration::from_millis(20);

/// The engine of this container.
pub struct Dockerd {
    manner: Manner,
    account: Account,
    processes: Rc<Processes>,
    started: RefCell<Option<Rc<Supervisor>>>,
}

impl Dockerd {
    /// One that runs so, as this account, among these processes. Nothing is started.
    pub fn new(manner: Manner, account: Account, processes: &Rc<Processes>) -> Rc<Self> {
        Rc::new(Self {
            manner,
            account,
            processes: Rc::clone(processes),
            started: RefCell::default(),
        })
    }

    /// Connects to it, once it answers.
    ///
    /// # Errors
    /// Why it does not answer, in words.
    pub async fn connect(&self) -> Result<UnixStream, String> {
        let deadline = Instant::now() + START;
        loop {
            match self.supervisor().wait(START).await {
                Ok(true) => {}
                Ok(false) => return Err("the Docker engine inside did not start in time".into()),
                Err(why) => {
                    // Whoever asks next has another try.
                    *self.started.borrow_mut() = None;
                    return Err(why);
                }
            }
            match supervisor::connect(&self.manner, &self.account).await {
                Ok(stream) => return Ok(stream),
                // It has just ended, and is started again.
                Err(error) if is_away(&error) && Instant::now() < deadline => {
                    tokio::time::sleep(POLL).await;
                }
                Err(error) => {
                    return Err(format!("the Docker engine inside does not answer: {error}"));
                }
            }
        }
    }

    fn supervisor(&self) -> Rc<Supervisor> {
        let start = || Supervisor::start(&self.manner, &self.account, &self.processes);
        Rc::clone(self.started.borrow_mut().get_or_insert_with(start))
    }
}

/// Nobody listens there now. Any other error is no matter of time: an agent put something else there.
fn is_away(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
    )
}
