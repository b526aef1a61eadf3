//! `dp completions`.

use super::output::raw;
use super::{Context, Result};
use clap::Args;
use clap_complete::Shell;

/// Print the completion script of a shell
#[derive(Debug, Args)]
#[command(before_long_help = "Examples:\n  \
    dp completions bash > ~/.local/share/bash-completion/completions/dp\n  \
    dp completions zsh > ~/.zfunc/_dp\n  \
    dp completions fish > ~/.config/fish/completions/dp.fish\n  \
    dp completions powershell > ~/dp.ps1        and `. ~/dp.ps1` in $PROFILE")]
pub(super) struct CompletionsArgs {
    /// Shell
    shell: Shell,
}

pub(super) fn run(_: &Context, args: &CompletionsArgs) -> Result<u8> {
    raw(script(args.shell).as_bytes())
}

/// The script, with names that are asked for at each key: each shell passes the words between `dp`
/// and the cursor to `dp __complete`.
#[must_use]
pub fn script(shell: Shell) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut super::command(), "dp", &mut out);
    let text = String::from_utf8_lossy(&out).into_owned();
    match shell {
        Shell::Bash => text + BASH,
        Shell::Zsh => text.replacen(ZSH_END, ZSH, 1),
        Shell::Fish => text + FISH,
        // A second completer would replace the first: the names go among what it has found.
        Shell::PowerShell => text.replacen(FOUND, &format!("{POWERSHELL}{FOUND}"), 1),
        _ => text,
    }
}

/// Where names may stand, options are offered only to who begins to type one.
const BASH: &str = r#"
_dp_names() {
    _dp "$@"
    local word="${COMP_WORDS[COMP_CWORD]}" names
    if [[ "$word" != -* ]]; then
        names=$(dp __complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
        if [[ -n "$names" ]]; then
            COMPREPLY=($(compgen -W "$names" -- "$word"))
        fi
    fi
}
complete -F _dp_names -o nosort -o bashdefault -o default dp 2>/dev/null || complete -F _dp_names dp
"#;

/// How the generated script ends: zsh may be calling it for the first key, or sourcing it.
const ZSH_END: &str = r#"if [ "$funcstack[1]" = "_dp" ]; then
    _dp "$@"
else
    compdef _dp dp
fi
"#;

const ZSH: &str = r#"_dp_names() {
    local -a names
    if [[ "$PREFIX" != -* ]]; then
        names=(${(f)"$(dp __complete ${words[2,CURRENT-1]} 2>/dev/null)"})
        (( $#names )) && compadd -- $names
    fi
    _dp "$@"
}

if [ "$funcstack[1]" = "_dp" ]; then
    compdef _dp_names dp
    _dp_names "$@"
else
    compdef _dp_names dp
fi
"#;

const FISH: &str = r#"
function __fish_dp_names
    set -l words (commandline -opc)
    set -e words[1]
    command dp __complete $words 2>/dev/null
end
complete -c dp -n 'not string match -q -- "-*" (commandline -ct)' -a '(__fish_dp_names)'
"#;

const FOUND: &str = "    $completions.Where{";

const POWERSHELL: &str = r#"    if (-not "$wordToComplete".StartsWith('-')) {
        $before = @(
            $commandElements | Select-Object -Skip 1 |
                Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
                ForEach-Object { if ($_ -is [StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } }
        )
        $completions += @(
            & dp __complete @before 2>$null |
                ForEach-Object { [CompletionResult]::new($_, $_, [CompletionResultType]::ParameterValue, $_) }
        )
    }

"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_asks_for_names() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
            let script = script(shell);
            assert_eq!(script.matches("dp __complete ").count(), 1, "{shell}");
        }
    }
}
