//! Attacks through the real binary, each with who attacks whom.

mod copies;
mod mounts;
mod repositories;
