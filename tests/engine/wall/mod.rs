//! Attacks through the real binary, each with who attacks whom.

mod mounts;
mod repositories;
