//! Capabilities that Docker gives to every container and `dp` gives only to sandboxes that ask.

use serde::{Deserialize, Serialize};

/// One of them, as Linux calls it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Capability {
    /// Make device files
    Mknod,
    /// Open raw and packet sockets
    NetRaw,
}

impl Capability {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mknod, Self::NetRaw];

    /// As engines call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mknod => "MKNOD",
            Self::NetRaw => "NET_RAW",
        }
    }
}
