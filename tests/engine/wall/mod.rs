//! Attacks through the real binary on a real engine; each file says who attacks whom.

mod asks;
mod capabilities;
mod copies;
mod guests;
mod host;
mod images;
mod labels;
mod leftovers;
mod logins;
mod logs;
mod mounts;
mod network;
mod repositories;
mod sessions;
mod sockets;
