//! The committer's identity and trust in the workspace, as system-level git configuration.

use super::system_file;
use crate::guest::message::Prepare;
use std::io;
use std::path::Path;

const SYSTEM_CONFIG: &str = "/etc/gitconfig";

/// Renews our block of the system's git configuration; what the image put there stays.
pub fn write(prepare: &Prepare) -> io::Result<()> {
    let path = Path::new(SYSTEM_CONFIG);
    let old = system_file::read(path);
    let new = system_file::with_block(&old, &block(prepare));
    system_file::write(path, new.as_bytes(), 0o644)
}

fn block(prepare: &Prepare) -> String {
    let mut text = String::new();
    if prepare.git_name.is_some() || prepare.git_email.is_some() {
        text.push_str("[user]\n");
    }
    for (key, value) in [("name", &prepare.git_name), ("email", &prepare.git_email)] {
        if let Some(value) = value {
            text.push_str(&format!("\t{key} = {}\n", quoted(value)));
        }
    }
    // Everything inside belongs to one person, whatever numbers the files carry.
    text.push_str("[safe]\n\tdirectory = *\n");
    text
}

fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_would_end_a_line_or_a_string_are_escaped() {
        let prepare = Prepare {
            git_name: Some("Ann \"A\" O'Neil; # \\ x\n[core]".into()),
            ..Prepare::default()
        };
        assert_eq!(
            block(&prepare),
            "[user]\n\tname = \"Ann \\\"A\\\" O'Neil; # \\\\ x\\n[core]\"\n[safe]\n\tdirectory = *\n"
        );
    }
}
