//! What the test programs share: the real binary in a world of its own, the engine beside it and
//! one to be ended, a pseudo terminal, a proxy with faults, a way over TCP, and waiting with an end.

#![allow(
    dead_code,
    unused_imports,
    reason = "each test program uses its own part"
)]

mod base;
mod documented;
mod dp;
mod engine;
mod forward;
mod hostile;
mod own_engine;
mod proxy;
mod pty;
mod ran;
mod running;
mod screen;
mod wait;

pub use base::with_base;
pub use documented::{expect_documented, page as documented_page};
pub use dp::Dp;
pub use engine::{Way, docker, engine_socket, on_engine};
pub use forward::Forward;
pub use hostile::{SEQUENCES, obeyed};
pub use own_engine::OwnEngine;
pub use proxy::{Fault, Proxy};
pub use pty::Pty;
pub use ran::Ran;
pub use running::Running;
pub use wait::{DEADLINE, wait_until};
