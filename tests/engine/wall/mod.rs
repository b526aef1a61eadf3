//! Attacks on the wall between a sandbox, a project and the person, each by the real binary.

mod logs;
mod sessions;
