//! Attacks through the real binary on a real engine; each file says who attacks whom.

mod asks;
mod copies;
mod labels;
mod logins;
mod logs;
mod mounts;
mod repositories;
mod sessions;
