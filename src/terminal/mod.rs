//! What text may do to a terminal: words are cleaned of everything that a terminal obeys, logs are
//! drawn as lines of text.
//!
//! All of it is pure. The bytes of a session are not its business: a session is the agent's own.

mod drawn;
mod row;
mod screen;
mod style;
pub mod words;

pub use drawn::Drawn;
