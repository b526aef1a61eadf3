//! Secrets and environment: the keyring and its fallback file, `{{apikey:NAME}}`, environment
//! files.
//!
//! A value leaves this module only inside [`secrecy::SecretString`], or in the environment of the
//! one command that needs it.

mod env_file;
mod store;
mod template;

pub use env_file::{
    EnvFileError, parse as parse_env_file, read as read_env_file,
    read_pinned as read_pinned_env_file,
};
pub use store::{Place, SecretError, Store, check};
pub use template::{TemplateError, expand};
