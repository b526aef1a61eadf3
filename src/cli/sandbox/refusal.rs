//! What is said when a plan is a refusal.

use super::super::Error;
use crate::sandbox::plan::Plan;
use crate::sandbox::{Difference, Existing, Origin};

/// The error for a plan that refuses.
pub(in crate::cli) fn refusal(plan: &Plan) -> Error {
    match plan {
        Plan::NameTaken(other) => {
            let message = format!("the name `{}` belongs to another sandbox", other.name);
            Error::refused("name-taken", message)
                .cause(format!(
                    "it runs `{}` in `{}`",
                    other.agent, other.workspace
                ))
                .hint("give another `--name`")
        }
        Plan::OfAnother(found) => {
            let message = format!("the sandbox `{}` is another person's", found.name);
            Error::refused("another-person", message)
                .cause(whose(found))
                .hint("`--name NAME` makes one of your own for this directory")
        }
        Plan::Refuse(found, differences) => {
            let message = format!("the sandbox `{}` was made with other options", found.name);
            Error::refused("differs", message)
                .details(lines(differences))
                .hint("`--recreate` makes it anew; the workspace and logins are kept")
                .hint(as_it_is(differences))
        }
        _ => Error::failed("contended", "the sandbox was changed by another command")
            .hint("run the same command again"),
    }
}

/// How to enter a sandbox that differs, by who asks for something else.
fn as_it_is(differences: &[Difference]) -> &'static str {
    let is_of_file =
        |one: &Difference| matches!(one.origin, Origin::File { .. } | Origin::Gone { .. });
    if differences.iter().all(is_of_file) {
        "put the file back as it was to enter it as it is"
    } else {
        "leave the options out to enter it as it is"
    }
}

/// `user 1000 made it`. The person's name is the system's, which a static program cannot ask.
fn whose(found: &Existing) -> String {
    let owner = found.owner.unwrap_or_default();
    format!("user {owner} made it, for `{}`", found.workspace)
}

/// `memory: 1g -> 2g`, a line each; `docker.memory: 1g -> 2g (dp.yml:3:11)` where a file says it.
pub(super) fn lines(differences: &[Difference]) -> impl Iterator<Item = String> + '_ {
    differences.iter().map(|one| {
        let Difference { old, new, .. } = one;
        let name = one.key.clone();
        let name = name.unwrap_or_else(|| one.setting.replace('_', "-"));
        let origin = match &one.origin {
            // It was just typed.
            Origin::Option(_) | Origin::Default => String::new(),
            origin => format!(" ({origin})"),
        };
        format!("{name}: {old} -> {new}{origin}")
    })
}
