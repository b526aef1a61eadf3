//! Attacks through the real binary with a real engine, one subject a file. Each is named for what
//! holds.

mod capabilities;
mod guests;
mod images;
mod network;
mod sockets;
