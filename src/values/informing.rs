//! Variables that only inform the program that gets them. Any other variable may steer what a
//! program loads, reads, runs or speaks to: nobody knows all of their names.
//!
//! A name is on the list when no value of its form makes a program open a file, run a program, speak
//! to an address or trust a directory. `CI` and `DEBUG` are not: agents trust a directory because of
//! `CI`, and open a debugger because of `DEBUG`. Neither is `TERM`, which names a file.

/// What values of a variable look like.
type Form = fn(&str) -> bool;

/// Every such variable, written as it is read: `no_color` is another one than `NO_COLOR`.
const NAMES: [(&str, Form); 27] = [
    // Colours: one word.
    ("CLICOLOR", is_word),
    ("CLICOLOR_FORCE", is_word),
    ("COLORTERM", is_word),
    ("FORCE_COLOR", is_word),
    ("NO_COLOR", is_word),
    // How much is logged. `RUST_LOG` names parts of the program: `codex=debug,h2=info`.
    ("LOG_LEVEL", is_word),
    ("RUST_BACKTRACE", is_word),
    ("RUST_LOG", is_filter),
    // Another value lets Node.js programs take the ways that are there for their authors.
    ("NODE_ENV", is_production),
    ("PORT", is_number),
    // The language and form of words. With a slash it would name a file.
    ("LANG", is_locale),
    ("LC_ADDRESS", is_locale),
    ("LC_ALL", is_locale),
    ("LC_COLLATE", is_locale),
    ("LC_CTYPE", is_locale),
    ("LC_IDENTIFICATION", is_locale),
    ("LC_MEASUREMENT", is_locale),
    ("LC_MESSAGES", is_locale),
    ("LC_MONETARY", is_locale),
    ("LC_NAME", is_locale),
    ("LC_NUMERIC", is_locale),
    ("LC_PAPER", is_locale),
    ("LC_TELEPHONE", is_locale),
    ("LC_TIME", is_locale),
    // A time zone by its short name: with a slash or a colon it would name a file.
    ("TZ", is_zone),
    ("COLUMNS", is_number),
    ("LINES", is_number),
];

/// What the name of a secret is, or ends with after `_`.
const SECRETS: [&str; 7] = [
    "KEY",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "SECRET",
    "TOKEN",
];

/// True for a variable that tells a program something, and makes no program do anything.
#[must_use]
pub fn informs(name: &str, value: &str) -> bool {
    { NAMES.iter() }.any(|(known, form)| *known == name && (value.is_empty() || form(value)))
}

/// True for a variable that is called like a secret: its value is shown to nobody. `GIT_ASKPASS`
/// names a program, `SSH_AUTH_SOCK` a socket, and `GIT_CONFIG_KEY_0` a setting.
#[must_use]
pub fn is_called_a_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    if matches!(name.as_str(), "MYSQL_PWD" | "PGPASSWORD") {
        return true;
    }
    { SECRETS.iter() }.any(|word| {
        let before = name.strip_suffix(word);
        before.is_some_and(|before| before.is_empty() || before.ends_with('_'))
    })
}

fn consists_of(value: &str, more: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    value.len() <= 128 && value.chars().all(is_plain)
}

fn is_word(value: &str) -> bool {
    consists_of(value, "_-")
}

fn is_filter(value: &str) -> bool {
    consists_of(value, "_-=,:")
}

fn is_production(value: &str) -> bool {
    value == "production"
}

fn is_number(value: &str) -> bool {
    value.len() <= 5 && value.chars().all(|c| c.is_ascii_digit())
}

fn is_locale(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic()) && consists_of(value, "._-@")
}

fn is_zone(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphabetic()) && consists_of(value, "_+-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_informs() {
        for (name, value) in [
            ("NO_COLOR", "1"),
            ("FORCE_COLOR", ""),
            ("COLORTERM", "truecolor"),
            ("LOG_LEVEL", "debug"),
            ("RUST_LOG", "codex=debug,h2::proto=info"),
            ("RUST_BACKTRACE", "full"),
            ("NODE_ENV", "production"),
            ("PORT", "8080"),
            ("LANG", "de_DE.UTF-8@euro"),
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
            ("TZ", "CET-1"),
        ] {
            assert!(informs(name, value), "{name}={value}");
        }
    }

    #[test]
    fn readme_names_every_one() {
        let readme = include_str!("../../README.md");
        for (name, _) in NAMES {
            let shown = if name.starts_with("LC_") {
                "LC_*"
            } else {
                name
            };
            assert!(
                readme.contains(&format!("`{shown}`")) || name == "NODE_ENV",
                "{name}"
            );
        }
        assert!(readme.contains("`NODE_ENV: production`"));
    }

    #[test]
    fn another_value_or_another_name_may_do_anything() {
        for (name, value) in [
            ("LANG", "../../workspace/x"),
            ("LC_ALL", ".."),
            ("LC_ALL", "/workspace"),
            ("LC_OTHER", "C"),
            ("LANGUAGE", "de"),
            ("TZ", "/workspace/x"),
            ("TZ", ":x"),
            ("TZ", "Europe/Berlin"),
            ("PORT", "tcp://evil"),
            ("PORT", "8080;x"),
            ("NODE_ENV", "development"),
            ("LOG_LEVEL", "debug x"),
            ("LOG_LEVEL", "$(x)"),
            ("RUST_LOG", "/x"),
            ("NO_COLOR", "1\n"),
            ("FORCE_COLOR", "\u{661}"),
            ("no_color", "1"),
            ("NO_COLOR ", "1"),
            ("CI", "true"),
            ("DEBUG", "1"),
            ("TERM", "xterm"),
            ("A", "b"),
            ("", ""),
        ] {
            assert!(!informs(name, value), "{name}={value}");
        }
        let long = "x".repeat(129);
        assert!(!informs("LOG_LEVEL", &long));
    }

    #[test]
    fn secrets_by_their_names() {
        for name in [
            "GIT_TOKEN",
            "ANTHROPIC_API_KEY",
            "Git_Password",
            "TOKEN",
            "AWS_SECRET",
            "PGPASSWORD",
            "DB_PASS",
        ] {
            assert!(is_called_a_secret(name), "{name}");
        }
        for name in [
            "ANTHROPIC_BASE_URL",
            "LD_PRELOAD",
            "PATH",
            "SSH_ASKPASS",
            "GIT_ASKPASS",
            "SUDO_ASKPASS",
            "GIT_CONFIG_KEY_0",
            "SSH_AUTH_SOCK",
            "LESSKEY",
            "OTEL_EXPORTER_OTLP_HEADERS",
            "TOKENIZERS",
            "KEYTIMEOUT",
            "AUTHOR",
        ] {
            assert!(!is_called_a_secret(name), "{name}");
        }
    }
}
