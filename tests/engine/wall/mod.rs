//! Attacks by the real binary on a real engine; each file says who attacks whom.

mod asks;
mod labels;
mod logins;
