//! Files of the host, opened so that what stands in their place cannot block or flood `dp`.

pub mod regular;

pub use regular::{open_regular, read_small, read_small_text};
