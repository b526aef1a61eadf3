//! Every key of `config.toml`, in the manner of `keys`.

use super::form::{Class, Form, Key, Table};
use super::keys::{self, AGENT_KEY, FIELD, PATH, TEXT, VARIABLE};

/// A key of the person's own file.
const fn key(name: &'static str, form: Form, about: &'static str) -> Key {
    keys::key(name, Class::Own, form, about)
}

/// `config.toml`.
pub(super) static CONFIG: Table = Table {
    name: "config",
    required: &[],
    one_of: &[],
    keys: &[
        key(
            "default_agent",
            Form::Text(&TEXT),
            "The agent of a `dp run` that names none.",
        ),
        key(
            "credentials",
            Form::Choice(&["sandbox", "workspace", "host", "none"]),
            "Where logins come from.",
        ),
        key(
            "detach_keys",
            Form::Text(&TEXT),
            "The keys that leave a session running.",
        ),
        key(
            "trust_host_ca",
            Form::Flag,
            "Add this machine's certificate authorities.",
        ),
        key(
            "image",
            Form::Text(&TEXT),
            "An image in place of the built-in one.",
        ),
        key(
            "build_args",
            Form::Map(&FIELD, &Form::Text(&TEXT)),
            "Build arguments of the built-in image.",
        ),
        key(
            "agents",
            Form::Map(&AGENT_KEY, &Form::Table(&CONFIG_AGENT)),
            "Own agents, and changes to built-in ones.",
        ),
        key(
            "timeouts",
            Form::Table(&CONFIG_TIMEOUTS),
            "How long the steps of a workspace file's templates may take, in seconds.",
        ),
        key(
            "secrets",
            Form::Secret(&VARIABLE),
            "Variable = name of a secret, for every agent.",
        ),
    ],
};

pub(super) static CONFIG_AGENT: Table = Table {
    name: "config_agent",
    required: &[],
    one_of: &[],
    keys: &[
        key("description", Form::Text(&TEXT), "One line about it."),
        key(
            "command",
            Form::List(&Form::Text(&TEXT)),
            "Program and fixed arguments.",
        ),
        key(
            "alternatives",
            Form::List(&Form::Text(&TEXT)),
            "Programs to try when it is missing.",
        ),
        key(
            "bypass",
            Form::List(&Form::Text(&TEXT)),
            "Arguments to act without asking.",
        ),
        key(
            "subcommands",
            Form::List(&Form::Text(&TEXT)),
            "Its commands without `bypass`.",
        ),
        key("env", Form::Secret(&VARIABLE), "Its environment."),
        key(
            "install",
            Form::Text(&TEXT),
            "A shell command that installs it.",
        ),
        key(
            "requires",
            Form::List(&Form::Text(&TEXT)),
            "What `install` needs.",
        ),
        key(
            "version",
            Form::List(&Form::Text(&TEXT)),
            "Prints its version.",
        ),
        key(
            "state",
            Form::Table(&CONFIG_STATE),
            "Where it keeps its login.",
        ),
        key(
            "host_files",
            Form::List(&Form::Text(&PATH)),
            "Files of the home with its login.",
        ),
        key(
            "api_keys",
            Form::List(&Form::Text(&VARIABLE)),
            "Variables with an API key.",
        ),
        key(
            "login",
            Form::Text(&TEXT),
            "How a person logs in for the first time.",
        ),
    ],
};

pub(super) static CONFIG_TIMEOUTS: Table = Table {
    name: "config_timeouts",
    required: &[],
    one_of: &[],
    keys: &[
        key("clone", SECONDS, "Cloning a template; 300 otherwise."),
        key("hook", SECONDS, "A hook; 300 otherwise."),
        key(
            "install",
            SECONDS,
            "Installing dependencies; 600 otherwise.",
        ),
    ],
};

const SECONDS: Form = Form::Whole(1, 86_400);

pub(super) static CONFIG_STATE: Table = Table {
    name: "config_state",
    required: &["directory"],
    one_of: &[],
    keys: &[
        key("directory", Form::Text(&PATH), "Below the home."),
        key(
            "variable",
            Form::Text(&VARIABLE),
            "The variable that names it.",
        ),
        key(
            "hostname",
            Form::Text(&TEXT),
            "The hostname of its sandboxes.",
        ),
    ],
};
