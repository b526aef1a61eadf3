//! What commands need and get on first use: directories, configuration, the engine.

use super::output::{self, Color, Format};
use super::{Error, Global, Result};
use crate::agents::Catalogue;
use crate::config::{Config, HashKey, Paths};
use crate::engine::endpoint::Surroundings;
use crate::engine::{Endpoint, Engine};
use crate::secrets::Store;
use crate::values::text::short_path;
use std::cell::OnceCell;
use std::io::IsTerminal;
use std::sync::Once;

/// One invocation.
pub struct Context {
    global: Global,
    paths: OnceCell<Paths>,
    config: OnceCell<Config>,
    hash_key: OnceCell<HashKey>,
}

impl Context {
    pub(super) fn new(global: Global) -> Self {
        let ctx = Self {
            global,
            paths: OnceCell::new(),
            config: OnceCell::new(),
            hash_key: OnceCell::new(),
        };
        output::speak(ctx.global.format);
        if let Some(colors) = ctx.colors() {
            console::set_colors_enabled(colors);
            console::set_colors_enabled_stderr(colors);
        }
        ctx
    }

    fn colors(&self) -> Option<bool> {
        match self.global.color {
            Color::Always => Some(true),
            Color::Never => Some(false),
            Color::Auto if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => {
                Some(false)
            }
            Color::Auto => None,
        }
    }

    /// How answers are written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.global.format
    }

    /// A question can be asked and answered; a program is not asked.
    #[must_use]
    pub fn may_ask(&self) -> bool {
        let is_for_people = self.global.format == Format::Table && !self.global.no_input;
        is_for_people && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Our own words may move on the screen.
    #[must_use]
    pub fn is_lively(&self) -> bool {
        std::io::stderr().is_terminal() && self.global.format == Format::Table
    }

    /// The user's directories.
    pub fn paths(&self) -> Result<&Paths> {
        if let Some(paths) = self.paths.get() {
            return Ok(paths);
        }
        let paths = Paths::of_user().ok_or_else(|| {
            Error::failed("no-home", "you have no home directory").hint("set `HOME`")
        })?;
        Ok(self.paths.get_or_init(|| paths))
    }

    /// The user's configuration.
    pub fn config(&self) -> Result<&Config> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = Config::read(&self.paths()?.config)?;
        Ok(self.config.get_or_init(|| config))
    }

    /// The key of the hashes of values that are not shown. Where the person's own cannot be had, one for
    /// this process takes its place, and what was approved by another one is asked for again.
    pub fn hash_key(&self) -> Result<&HashKey> {
        if let Some(key) = self.hash_key.get() {
            return Ok(key);
        }
        let state = &self.paths()?.state;
        let key = match HashKey::of(state) {
            Ok(key) => key,
            Err(error) => {
                let path = short_path(&HashKey::path(state));
                output::warn(&format!(
                    "the key in `{path}` cannot be used, so values that are not shown are asked for each time: {error}"
                ));
                HashKey::random()?
            }
        };
        Ok(self.hash_key.get_or_init(|| key))
    }

    /// All agents there are.
    pub fn catalogue(&self) -> Result<Catalogue> {
        Ok(Catalogue::new(&self.config()?.agents))
    }

    /// The user's secrets.
    pub fn secrets(&self) -> Result<Store> {
        Ok(Store::new(&self.paths()?.state))
    }

    /// Where the engine is, whether it answers or not.
    pub fn endpoint(&self) -> Result<Endpoint> {
        let surroundings = Surroundings::of_process(self.global.engine.clone());
        Ok(surroundings.resolve()?)
    }

    /// A connection to the engine; nothing is sent yet. One that others can read is warned of, once.
    pub fn engine(&self) -> Result<Engine> {
        static WARNED: Once = Once::new();
        let endpoint = self.endpoint()?;
        if endpoint.address.is_clear_beyond_this_machine() {
            WARNED.call_once(|| {
                output::warn(&format!(
                    "the connection to `{endpoint}` is not encrypted: whoever is on the way can take over the engine's machine"
                ));
            });
        }
        Ok(Engine::connect(endpoint)?)
    }

    /// The same without a word, for who must not say anything.
    pub fn silent_engine(&self) -> Result<Engine> {
        Ok(Engine::connect(self.endpoint()?)?)
    }
}
