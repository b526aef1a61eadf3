//! Which agent a command is about.

use super::super::{Context, Error, Result, explain, prompt};
use crate::agents::Agent;

/// The agent of this name, else the user's default, else whichever the person chooses.
pub(super) fn choose(ctx: &Context, name: Option<String>) -> Result<Agent> {
    let catalogue = ctx.catalogue()?;
    if let Some(name) = name.or_else(|| ctx.config().ok()?.default_agent.clone()) {
        return Ok(catalogue.find(&name)?.clone());
    }
    let agents: Vec<&Agent> = catalogue.iter().collect();
    if !ctx.may_ask() {
        let names: Vec<String> = agents.iter().map(|agent| agent.name.clone()).collect();
        return Err(Error::usage("no-agent", "no agent was named")
            .cause(format!("the agents are {}", explain::list(&names)))
            .hint("`dp run claude`, or `default_agent = \"claude\"` in `config.toml`"));
    }
    let lines: Vec<String> = agents
        .iter()
        .map(|agent| format!("{:10} {}", agent.name, agent.definition.description))
        .collect();
    Ok(agents[prompt::choose("Which agent?", &lines)?].clone())
}
