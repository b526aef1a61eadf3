//! What an environment may hold, so that every program can be started with it.

use std::collections::BTreeMap;

/// What Linux takes of one string, its end included.
const LONGEST: usize = 128 * 1024;
/// What all strings may have together: Linux takes 2 MiB with the usual stack, arguments included.
const ALL: usize = 1024 * 1024;

/// Says why no program could be started with `env`; the value of a variable is not repeated.
///
/// # Errors
/// In words.
pub fn check(env: &BTreeMap<String, String>) -> Result<(), String> {
    let mut all = 0;
    for (name, value) in env {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err("a variable has no valid name".into());
        }
        if value.contains('\0') {
            return Err(format!("the variable `{name}` holds a zero byte"));
        }
        let length = name.len() + value.len() + "=\0".len();
        if length > LONGEST {
            return Err(format!("the variable `{name}` is longer than 128 KiB"));
        }
        all += length;
    }
    if all > ALL {
        return Err("all variables together are longer than 1 MiB".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_program_starts_with_is_refused() {
        let one = |name: &str, value: String| BTreeMap::from([(name.to_string(), value)]);
        let table = [
            (one("A", "x".repeat(LONGEST - 3)), true),
            (one("A", "x".repeat(LONGEST - 2)), false),
            (one("A", "a\0b".into()), false),
            (one("A\0", String::new()), false),
            (one("A=B", String::new()), false),
            (one("", String::new()), false),
            (BTreeMap::new(), true),
        ];
        for (env, expected) in table {
            assert_eq!(check(&env).is_ok(), expected);
        }
        let many = |count: usize| {
            (0..count)
                .map(|number| (format!("A{number}"), "x".repeat(100_000)))
                .collect()
        };
        assert!(check(&many(10)).is_ok());
        assert!(check(&many(11)).is_err());
    }
}
