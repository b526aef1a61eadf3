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
/// and the cursor to `dp __place` and `dp __complete`.
#[must_use]
pub fn script(shell: Shell) -> String {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut shown(&super::command()), "dp", &mut out);
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

/// The command line without hidden options, which the generators would offer.
fn shown(command: &clap::Command) -> clap::Command {
    let about = command.get_about().cloned();
    let mut new = clap::Command::new(command.get_name().to_string())
        .about(about.unwrap_or_default())
        .visible_aliases(command.get_visible_aliases().map(str::to_string))
        .disable_help_subcommand(true)
        .args(command.get_arguments().filter(|arg| !arg.is_hide_set()))
        .subcommands(command.get_subcommands().map(shown));
    if let Some(long) = command.get_long_about() {
        new = new.long_about(long.clone());
    }
    if let Some(version) = command.get_version() {
        new = new.version(version.to_string());
    }
    new
}

/// What the script of clap offers is taken where commands and options may stand, and nothing of it
/// that is no such word: it would also offer files, unquoted. Bash takes words apart at `:` and `=`,
/// so the line is read anew, and what stands before a `:` is not repeated. Bash evaluates what
/// `compgen -W` is given, so words are compared one by one, and each is quoted with `%q`.
const BASH: &str = r#"
_dp_offer() {
    local word="$1" cut="$2" names="$3" name quoted
    COMPREPLY=()
    while IFS= read -r name; do
        [[ -n "$name" && "$name" == "$word"* ]] || continue
        printf -v quoted '%q' "${name#"$cut"}"
        COMPREPLY+=("$quoted")
    done <<< "$names"
}

_dp_names() {
    local IFS=$' \t\n'
    local line="${COMP_LINE:0:COMP_POINT}"
    local word="${line##*[[:space:]]}" place cut= names= name
    local -a before
    read -ra before <<< "${line%"$word"}"
    if [[ "$word" == --*=* ]]; then
        before+=("${word%%=*}")
        word="${word#*=}"
    fi
    place=$(command dp __place "${before[@]:1}" 2>/dev/null)
    COMPREPLY=()
    if [[ "$place" == words || ( "$word" == -* && "$place" != arguments ) ]]; then
        _dp "$@"
        for name in "${COMPREPLY[@]}"; do
            if [[ "$name" =~ ^[a-z0-9-]+$ && ( "$word" == -* || "$name" != -* ) ]]; then
                names+="$name"$'\n'
            fi
        done
        _dp_offer "$word" "" "$names"
    else
        if [[ "$word" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
            cut="${word%"${word##*:}"}"
        fi
        _dp_offer "$word" "$cut" "$(command dp __complete "${before[@]:1}" 2>/dev/null)"
        case "$place" in
            names | nothing) compopt +o default +o bashdefault ;;
            directories) compopt +o default +o bashdefault -o dirnames ;;
        esac
    fi
}
complete -F _dp_names -o nosort -o bashdefault -o default dp 2>/dev/null || complete -F _dp_names dp
"#;

/// Zsh evaluates no word of an array that is quoted, and `compadd` without `-Q` quotes what it
/// inserts. How the generated script ends: zsh may be calling it for the first key, or sourcing it.
const ZSH_END: &str = r#"if [ "$funcstack[1]" = "_dp" ]; then
    _dp "$@"
else
    compdef _dp dp
fi
"#;

const ZSH: &str = r#"_dp_names() {
    local place="$(command dp __place "${(@)words[2,CURRENT-1]}" 2>/dev/null)"
    local -a names
    if [[ "$place" == words || ( "$PREFIX" == -* && "$place" != arguments ) ]]; then
        _dp "$@"
        return
    fi
    names=("${(@f)$(command dp __complete "${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
    names=("${(@)names:#}")
    (( $#names )) && compadd -- "${(@)names}"
    case "$place" in
        files|arguments) _files ;;
        directories) _files -/ ;;
    esac
}

if [ "$funcstack[1]" = "_dp" ]; then
    compdef _dp_names dp
    _dp_names "$@"
else
    compdef _dp_names dp
fi
"#;

/// The place is asked for once a key: fish asks for each option of the script.
const FISH: &str = r#"
function __fish_dp_words
    set -l words (commandline -opc)
    set -e words[1]
    string join \n -- $words
end

function __fish_dp_at
    set -l words (__fish_dp_words)
    if not set -q __fish_dp_place; or test "$words" != "$__fish_dp_asked"
        set -g __fish_dp_asked "$words"
        set -g __fish_dp_place (command dp __place $words 2>/dev/null)
    end
    contains -- "$__fish_dp_place" $argv
end

functions -q __fish_dp_using_subcommand_anywhere
and functions -e __fish_dp_using_subcommand_anywhere
functions -c __fish_dp_using_subcommand __fish_dp_using_subcommand_anywhere

# What follows the name of an agent is the agent's own.
function __fish_dp_using_subcommand
    __fish_dp_at arguments
    and return 1
    __fish_dp_using_subcommand_anywhere $argv
end

complete -c dp -f
complete -c dp -n '__fish_dp_at files arguments' -F
complete -c dp -n '__fish_dp_at directories' -a '(__fish_complete_directories (commandline -ct))'
complete -c dp -n 'not string match -q -- "-*" (commandline -ct)' -a '(command dp __complete (__fish_dp_words) 2>/dev/null)'
"#;

const FOUND: &str = "    $completions.Where{";

/// PowerShell inserts the first argument of a result as it is, so it is quoted here.
const POWERSHELL: &str = r#"    if (-not "$wordToComplete".StartsWith('-')) {
        $before = @(
            $commandElements | Select-Object -Skip 1 |
                Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
                ForEach-Object { if ($_ -is [StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } }
        )
        $completions += @(
            & dp __complete @before 2>$null |
                Where-Object { $_ } |
                ForEach-Object {
                    $quoted = if ($_ -cmatch '\A[A-Za-z0-9_][A-Za-z0-9_./:-]*\z') { $_ } else { "'" + [CodeGeneration]::EscapeSingleQuotedStringContent($_) + "'" }
                    [CompletionResult]::new($quoted, $_, [CompletionResultType]::ParameterValue, $_)
                }
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

    #[test]
    fn no_script_hands_a_name_to_what_evaluates_it() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
            let script = script(shell);
            let own = &script[script.find("dp __").unwrap_or(0)..];
            for evaluator in [
                "eval",
                "Invoke-Expression",
                "iex ",
                "compgen -W \"$(",
                "COMPREPLY=($(compgen -W \"${",
            ] {
                assert!(!own.contains(evaluator), "{shell}: {evaluator}");
            }
        }
        let elvish = script(Shell::Elvish);
        assert!(!elvish.contains("dp __"), "it offers no names");
    }

    #[test]
    fn power_shell_inserts_names_only_in_quotes() {
        let script = script(Shell::PowerShell);
        // What is inserted is the first argument; those of clap are literals.
        let inserted: Vec<&str> = { script.split("[CompletionResult]::new(").skip(1) }
            .filter_map(|call| call.split(',').next())
            .filter(|first| !first.starts_with('\''))
            .collect();
        assert_eq!(inserted, ["$quoted"]);
        assert!(script.contains("using namespace System.Management.Automation.Language"));
        let quoted = "$quoted = if ($_ -cmatch '\\A[A-Za-z0-9_][A-Za-z0-9_./:-]*\\z') { $_ } \
                      else { \"'\" + [CodeGeneration]::EscapeSingleQuotedStringContent($_) + \"'\" }";
        assert!(script.contains(quoted));
    }
}
