//! Who the agent is inside: `auto`, `root`, `UID` or `UID:GID`.

use super::UnitError;

/// The person who runs `dp`.
pub const AUTO: &str = "auto";

/// The largest number that a user or a group may have.
const LAST: u32 = u32::MAX - 1;

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
            expected: if is_beyond(user) {
                "a user: numbers end at 4294967294"
            } else {
                "a user: `auto`, `root`, `UID` or `UID:GID`"
            },
        }),
    }
}

/// Numbers, but no user's.
fn is_beyond(user: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (uid, gid) = user.split_once(':').unwrap_or((user, "0"));
    is_number(uid) && is_number(gid)
}

/// The last number means nobody to the kernel.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number <= LAST)
}

/// The numbers of `root`, `UID` or `UID:GID`.
#[must_use]
pub fn parse(user: &str) -> Option<(u32, u32)> {
    if user == "root" {
        return Some((0, 0));
    }
    let (uid, gid) = user.split_once(':').unwrap_or((user, user));
    Some((number(uid)?, number(gid)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_the_kernel_ends_them() {
        let table = [
            ("4294967294", Some((4_294_967_294, 4_294_967_294))),
            ("4294967295", None),
            ("0:4294967295", None),
            ("4294967295:0", None),
            ("4294967296", None),
            ("root", Some((0, 0))),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), expected, "{text}");
            assert_eq!(check(text).is_ok(), expected.is_some(), "{text}");
        }
    }
}
