//! The labels on everything that `dp` owns in an engine: what carries none of them is never touched.

use std::collections::BTreeMap;

/// `true` on everything of ours.
pub const MANAGED: &str = "dev.dp.managed";
/// What it is: [`Kind`].
pub const KIND: &str = "dev.dp.kind";
/// The release of `dp` that made it.
pub const VERSION: &str = "dev.dp.version";
/// The workspace's absolute path on the host.
pub const WORKSPACE: &str = "dev.dp.workspace";
/// The workspace's identifier, see [`crate::sandbox::workspace::WorkspaceId`].
pub const WORKSPACE_ID: &str = "dev.dp.workspace-id";
/// The agent.
pub const AGENT: &str = "dev.dp.agent";
/// The person: a numeric user of the host.
pub const OWNER: &str = "dev.dp.owner";
/// The effective settings of a sandbox as JSON, environment left out.
pub const SPEC: &str = "dev.dp.spec";
/// What the workspace file said of the settings when the sandbox was made, as JSON.
pub const FILE: &str = "dev.dp.file";
/// The image that a sandbox was made from, as a person calls it.
pub const IMAGE: &str = "dev.dp.image";
/// The command that made it.
pub const CREATED_BY: &str = "dev.dp.created-by";
/// What a platform calls a workspace that has no path here.
pub const KEY: &str = "dev.dp.key";
/// When a volume may be removed: RFC 3339, or seconds since 1970.
pub const EXPIRES: &str = "dev.dp.expires";
/// The hash of the inputs of an image.
pub const INPUTS: &str = "dev.dp.inputs";
/// The kinds of things that `dp` owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A container for a workspace and an agent.
    Sandbox,
    /// A volume that keeps a home.
    Home,
    /// A volume that keeps a checkout.
    Workspace,
    /// A volume that keeps an agent's login.
    Login,
    /// A Docker engine for a sandbox: its container, its image, the volume that keeps its data.
    Engine,
    /// A volume (or its helper container) that holds the guest's binary.
    Guest,
    /// The network of all sandboxes.
    Network,
    /// A throwaway of a health check.
    Probe,
    /// The base image.
    Base,
    /// An image with an agent on top.
    AgentLayer,
}

impl Kind {
    /// The value of the [`KIND`] label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Home => "home",
            Self::Workspace => "workspace",
            Self::Login => "login",
            Self::Engine => "engine",
            Self::Guest => "guest",
            Self::Network => "network",
            Self::Probe => "probe",
            Self::Base => "base",
            Self::AgentLayer => "agent",
        }
    }
}

/// A set of labels under construction.
#[must_use]
pub fn of(kind: Kind) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        (MANAGED.into(), "true".into()),
        (KIND.into(), kind.as_str().into()),
        (VERSION.into(), env!("CARGO_PKG_VERSION").into()),
    ]);
    // Tests mark what they make, so that they can remove it whatever happens.
    if let Ok(extra) = std::env::var("DP_LABEL")
        && let Some((key, value)) = extra.split_once('=')
    {
        labels.insert(key.into(), value.into());
    }
    labels
}

/// A filter for the engine: `key=value`.
#[must_use]
pub fn filter(key: &str, value: &str) -> String {
    format!("{key}={value}")
}

/// True for what carries our mark.
#[must_use]
pub fn is_ours(labels: &BTreeMap<String, String>) -> bool {
    labels.get(MANAGED).is_some_and(|value| value == "true")
}

/// True for what carries our mark and this kind.
#[must_use]
pub fn is(labels: &BTreeMap<String, String>, kind: Kind) -> bool {
    is_ours(labels) && labels.get(KIND).is_some_and(|value| value == kind.as_str())
}
