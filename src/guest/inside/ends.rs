//! What the guest holds of a process: one terminal, or pipes.

use super::spawn::Streams;
use super::spawn::descriptor::Descriptor;
use crate::guest::frame::Kind;
use std::rc::Rc;

/// Our ends of what a process reads and writes.
pub(super) struct Ends {
    /// What is written into its standard input.
    pub(super) sink: Option<Rc<Descriptor>>,
    pub(super) sources: Vec<(Kind, Rc<Descriptor>)>,
    pub(super) terminal: Option<Rc<Descriptor>>,
}

impl Ends {
    /// Makes them wait for the queue of events.
    ///
    /// # Errors
    /// The system's.
    pub(super) fn of(streams: Streams) -> std::io::Result<Self> {
        let end = |fd| Ok::<_, std::io::Error>(Rc::new(Descriptor::new(fd)?));
        match streams {
            Streams::Terminal(master) => {
                let master = end(master)?;
                Ok(Self {
                    sink: Some(Rc::clone(&master)),
                    sources: vec![(Kind::Stdout, Rc::clone(&master))],
                    terminal: Some(master),
                })
            }
            Streams::Pipes {
                stdin,
                stdout,
                stderr,
            } => Ok(Self {
                sink: stdin.map(end).transpose()?,
                sources: vec![(Kind::Stdout, end(stdout)?), (Kind::Stderr, end(stderr)?)],
                terminal: None,
            }),
        }
    }
}
