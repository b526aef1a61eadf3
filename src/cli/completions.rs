//! `dp completions`.

use super::output::raw;
use super::{Context, Result};
use clap::Args;
use clap_complete::Shell;

/// Names that a completion asks `dp` for: the words before the cursor, and what may stand there.
const DYNAMIC: [(&str, &str); 4] = [
    ("run", "agents"),
    ("create", "agents"),
    ("show", "agents"),
    ("sandbox", "sandboxes"),
];

/// Print the completion script of a shell
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp completions bash > ~/.local/share/bash-completion/completions/dp\n  \
    dp completions zsh > ~/.zfunc/_dp\n  \
    dp completions fish > ~/.config/fish/completions/dp.fish")]
pub(super) struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

pub(super) fn run(_: &Context, args: &CompletionsArgs) -> Result<u8> {
    raw(script(args.shell).as_bytes())
}

/// The script, with names that are asked for at each key.
#[must_use]
pub fn script(shell: Shell) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "dp", &mut out);
    let mut text = String::from_utf8_lossy(&out).into_owned();
    match shell {
        Shell::Bash => text.push_str(BASH),
        Shell::Zsh => text.push_str(ZSH),
        Shell::Fish => {
            for (word, what) in DYNAMIC {
                text.push_str(&format!(
                    "complete -c dp -n '__fish_seen_subcommand_from {word}' -f -a '(dp __complete {what} 2>/dev/null)'\n"
                ));
            }
        }
        _ => {}
    }
    text
}

const BASH: &str = r#"
_dp_names() {
    _dp "$@"
    local what="" word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case "$word" in
            run|create|show) what=agents; break ;;
            attach|ps|inspect|exec|shell|logs|stop|start|rm|cp|ports) what=sandboxes; break ;;
        esac
    done
    if [[ -n "$what" && "${COMP_WORDS[COMP_CWORD]}" != -* ]]; then
        COMPREPLY+=($(compgen -W "$(dp __complete "$what" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
    fi
}
complete -F _dp_names -o nosort -o bashdefault -o default dp 2>/dev/null || complete -F _dp_names dp
"#;

const ZSH: &str = r#"
_dp_names() {
    local what="" word
    for word in ${words[2,CURRENT-1]}; do
        case "$word" in
            run|create|show) what=agents; break ;;
            attach|ps|inspect|exec|shell|logs|stop|start|rm|cp|ports) what=sandboxes; break ;;
        esac
    done
    _dp "$@"
    if [[ -n "$what" && "$PREFIX" != -* ]]; then
        local -a names
        names=(${(f)"$(dp __complete "$what" 2>/dev/null)"})
        compadd -- $names
    fi
}
compdef _dp_names dp
"#;
