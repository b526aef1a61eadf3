//! Attacks through the real binary on a real engine; each file says who attacks whom.

mod anchor;
mod asks;
mod capabilities;
mod copies;
mod guests;
mod images;
mod labels;
mod logins;
mod logs;
mod mounts;
mod network;
mod repositories;
mod sessions;
mod sockets;
