//! What text may do to a terminal: words are cleaned of everything that a terminal obeys, logs are
//! drawn as lines of text.
//!
//! All of it is pure. The bytes of a session are the agent's own: they are watched, so that what was
//! switched on can be switched off, and never changed.

mod answers;
mod drawn;
mod invisible;
mod modes;
mod row;
mod screen;
pub mod silent;
mod style;
pub mod words;

pub use answers::Answers;
pub use drawn::Drawn;
pub use invisible::is_invisible;
pub use modes::Modes;
