//! Who the agent is inside: `auto`, `root`, `UID` or `UID:GID`.

use super::UnitError;

/// The person who runs `dp`.
pub const AUTO: &str = "auto";

/// The user and group; `None` for `auto`, the person who runs `dp`.
///
/// # Errors
/// [`UnitError`] for anything that is none of the four forms.
pub fn check(user: &str) -> Result<Option<String>, UnitError> {
    match user {
        AUTO => Ok(None),
        _ if parse(user).is_some() => Ok(Some(user.to_string())),
        _ => Err(UnitError {
            given: user.to_string(),
            expected: "a user: `auto`, `root`, `UID` or `UID:GID`",
        }),
    }
}

/// The numbers of `root`, `UID` or `UID:GID`.
#[must_use]
pub fn parse(user: &str) -> Option<(u32, u32)> {
    if user == "root" {
        return Some((0, 0));
    }
    let (uid, gid) = user.split_once(':').unwrap_or((user, user));
    Some((uid.parse().ok()?, gid.parse().ok()?))
}
