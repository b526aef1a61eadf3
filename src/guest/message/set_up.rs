//! Making the templates of a workspace ready to run: what is asked, and what is told on the way.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Runs the hooks and installs the dependencies of templates that lie below
/// [`crate::guest::TEMPLATES_DIR`] already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUp {
    /// In this order.
    pub templates: Vec<Template>,
    /// Go on with the next template when a step fails.
    #[serde(default)]
    pub keep_going: bool,
    /// The environment of every step, whatever its template.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// How long a hook may take, in seconds.
    pub hook_seconds: u64,
    /// How long an installation may take, in seconds.
    pub install_seconds: u64,
}

/// A template to make ready.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// The directory's name.
    pub name: String,
    /// Script below the directory; the usual places are searched without.
    #[serde(default)]
    pub pre_install: Option<String>,
    /// See `pre_install`.
    #[serde(default)]
    pub post_install: Option<String>,
    /// The environment of its own steps, over that of every step: what its agent will see. May
    /// hold secrets.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Another client's set-up is waited for; told again every few seconds.
    Waiting,
    /// It runs; told again every few seconds.
    Running,
    /// Nothing has changed since it last succeeded.
    Skipped,
    /// It succeeded.
    Done,
    /// It failed.
    #[serde(other)]
    Failed,
}

/// What is told of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReport {
    /// The template; empty for a wait.
    pub template: String,
    /// The step, such as `pre-install` or `npm ci`; empty for the wait for another client. A
    /// failed [`ENGINE_STEP`] fails nothing else: the steps run all the same.
    pub step: String,
    /// How far it has come.
    pub state: StepState,
    /// How long it took by now.
    #[serde(default)]
    pub milliseconds: u64,
    /// The key of its log, for [`super::Request::Logs`].
    #[serde(default)]
    pub log: String,
    /// Why it failed, and the last lines of its log; of a step that succeeded, what it left
    /// running and was ended.
    #[serde(default)]
    pub detail: String,
}
