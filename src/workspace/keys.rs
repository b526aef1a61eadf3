//! Every key of the workspace file: one table, which reading, the schema and its descriptions follow.

use super::form::Class::{Asks, Data, Narrows, OfTemplate, Parts};
use super::form::{Class, Form, Key, Pattern, Table};
use super::requests::RequestKind;
use super::user_keys::{CONFIG, CONFIG_AGENT, CONFIG_STATE};

pub(super) const TEXT: Pattern = Pattern {
    says: "text",
    regex: "\\S",
    has_lines: false,
};
const PROSE: Pattern = Pattern {
    has_lines: true,
    ..TEXT
};
pub(super) const PATH: Pattern = Pattern {
    says: "a path",
    regex: "\\S",
    has_lines: false,
};
const TARGET: Pattern = Pattern {
    says: "an absolute path",
    regex: "^/",
    has_lines: false,
};
const SIZE: Pattern = Pattern {
    says: "a size such as `512m` or `8g`",
    regex: "^[0-9]+(\\.[0-9]+)? ?([bkmgtBKMGT]([iI]?[bB])?)?$",
    has_lines: false,
};
const CPUS: Pattern = Pattern {
    says: "a number of CPUs such as `2` or `1.5`",
    regex: "^[0-9]+(\\.[0-9]+)?$",
    has_lines: false,
};
const PORT: Pattern = Pattern {
    says: "a port such as `8080:80`",
    regex: "^(\\S*:)?[0-9]+(/(tcp|udp|sctp))?$",
    has_lines: false,
};
const NETWORK: Pattern = Pattern {
    says: "`bridge`, `host`, `none` or a network's name",
    regex: "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
    has_lines: false,
};
const RUNTIME: Pattern = Pattern {
    says: "a runtime's name",
    regex: "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
    has_lines: false,
};
const USER: Pattern = Pattern {
    says: "a user: `auto`, `root`, `UID` or `UID:GID`",
    regex: "^(auto|root|[0-9]+(:[0-9]+)?)$",
    has_lines: false,
};
pub(super) const VARIABLE: Pattern = Pattern {
    says: "a variable's name: letters, digits and `_`, no digit first",
    regex: "^(?!DP_|DSPATCH_)[A-Za-z_][A-Za-z0-9_]*$",
    has_lines: false,
};
pub(super) const FIELD: Pattern = Pattern {
    says: "a field's name",
    regex: "\\S",
    has_lines: false,
};
pub(super) const AGENT_KEY: Pattern = Pattern {
    says: "an agent's key: lower-case letters, digits, `_` and `-`, at most 63",
    regex: "^[a-z0-9][a-z0-9_-]{0,62}$",
    has_lines: false,
};
pub(super) const TEMPLATE_NAME: Pattern = Pattern {
    says: "a template's name: letters, digits, `_`, `.` and `-`, at most 63",
    regex: "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
    has_lines: false,
};

pub(super) const fn key(name: &'static str, class: Class, form: Form, about: &'static str) -> Key {
    Key {
        name,
        class,
        other: None,
        about,
        form,
        default: None,
    }
}

impl Key {
    const fn or(mut self, other: &'static str) -> Self {
        self.other = Some(other);
        self
    }

    const fn default(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }
}

/// Secrets by `{{apikey:NAME}}`, and variables.
const VARIABLES: Class = Asks(&[RequestKind::Secret, RequestKind::Variable]);
/// Programs that are not the catalogue's.
const PROGRAM: Class = Asks(&[RequestKind::Program]);

/// The whole file.
pub(super) static FILE: Table = Table {
    name: "workspace",
    required: &[],
    one_of: &[],
    keys: &[
        key(
            "name",
            Data,
            Form::Text(&TEXT),
            "What the workspace is called. The directory's name without it.",
        ),
        key(
            "workspace_dir",
            Asks(&[RequestKind::WorkspaceDir]),
            Form::Text(&PATH),
            "The directory that the agents work on, at `/workspace` inside. `~` is your home; a relative path is below the file's directory, which it is without this key.",
        ),
        key(
            "env",
            VARIABLES,
            Form::Secret(&VARIABLE),
            "Environment variables of every agent. `{{apikey:NAME}}` anywhere in a value stands for a secret of `dp secret set NAME`.",
        ),
        key(
            "env_file",
            Asks(&[
                RequestKind::EnvFile,
                RequestKind::Secret,
                RequestKind::Variable,
            ]),
            Form::OneOrList(&Form::Text(&PATH)),
            "Files of environment variables: `NAME=VALUE`, `export ` allowed, `#` comments, single and double quotes.",
        ),
        key(
            "agents",
            Parts,
            Form::Map(&AGENT_KEY, &Form::Table(&AGENT)),
            "The agents, by keys of their own. A key is unique in the whole tree, which is at most 10 deep.",
        ),
        key(
            "templates",
            Parts,
            Form::Map(&TEMPLATE_NAME, &Form::Table(&TEMPLATE)),
            "Where the agents' templates come from, by name.",
        ),
        key(
            "mounts",
            Parts,
            Form::List(&Form::Table(&MOUNT)),
            "Further files and directories of this machine, inside.",
        ),
        key(
            "docker",
            Parts,
            Form::Table(&DOCKER),
            "The container: image, limits, network.",
        ),
    ],
};

pub(super) static AGENT: Table = Table {
    name: "agent",
    required: &[],
    one_of: &["template", "agent"],
    keys: &[
        key(
            "template",
            Asks(&[RequestKind::Template, RequestKind::Program]),
            Form::Text(&TEXT),
            "The template that it is made from: a name in `templates`, a path, a git URL (`#REF` or `/tree/REF` names a ref), or a name under `.dspatch/templates` or among your own templates.",
        ),
        key(
            "agent",
            Asks(&[RequestKind::Credentials]),
            Form::Text(&TEXT),
            "An agent of the catalogue instead of a template: `dp agents ls` lists them.",
        ),
        key(
            "command",
            PROGRAM,
            Form::List(&Form::Scalar),
            "Program and arguments in place of the template's or the catalogue's.",
        ),
        key(
            "args",
            PROGRAM,
            Form::List(&Form::Scalar),
            "Further arguments.",
        ),
        key(
            "env",
            VARIABLES,
            Form::Secret(&VARIABLE),
            "Environment variables of this agent, over those of the workspace.",
        ),
        key(
            "peers",
            Data,
            Form::List(&Form::Text(&AGENT_KEY)),
            "Keys of the agents that it may speak to.",
        ),
        key(
            "sub_agents",
            Parts,
            Form::Map(&AGENT_KEY, &Form::Table(&AGENT)),
            "The agents below it.",
        ),
        key(
            "auto_start",
            Data,
            Form::Flag,
            "Start it with the workspace. `true` for the agents at the root, `false` for those below.",
        ),
        key(
            "instances",
            Data,
            Form::Whole(1, 32),
            "So many processes of it.",
        )
        .default("1"),
    ],
};

pub(super) static TEMPLATE: Table = Table {
    name: "template",
    required: &["source"],
    one_of: &[],
    keys: &[
        key(
            "source",
            Asks(&[RequestKind::Template]),
            Form::Text(&TEXT),
            "A directory of this machine, or a git URL.",
        ),
        key(
            "ref",
            Asks(&[RequestKind::Template]),
            Form::Text(&TEXT),
            "Branch, tag or commit of a git source. Its default branch without this key.",
        ),
        key(
            "subdir",
            Asks(&[RequestKind::Template]),
            Form::Text(&PATH),
            "The template's directory within the source.",
        ),
    ],
};

pub(super) static MOUNT: Table = Table {
    name: "mount",
    required: &["host_path", "container_path"],
    one_of: &[],
    keys: &[
        key(
            "host_path",
            Asks(&[RequestKind::Mount]),
            Form::Text(&PATH),
            "A file or directory of this machine. `~` is your home; a relative path is below the file's directory. It must exist.",
        ),
        key(
            "container_path",
            Asks(&[RequestKind::Mount]),
            Form::Text(&TARGET),
            "Where it is inside: an absolute path.",
        ),
        key(
            "read_only",
            Asks(&[RequestKind::Mount]),
            Form::Flag,
            "Agents cannot change it.",
        )
        .default("true"),
    ],
};

pub(super) static DOCKER: Table = Table {
    name: "docker",
    required: &[],
    one_of: &[],
    keys: &[
        key(
            "image", Asks(&[RequestKind::Image]),
            Form::Text(&TEXT),
            "Any image in place of the built-in one. Agents are added when it lacks them.",
        ),
        key("memory", Narrows, Form::Quantity(&SIZE), "Limit of memory.").or("memory_limit"),
        key("cpus", Narrows, Form::Quantity(&CPUS), "Limit of CPUs.").or("cpu_limit"),
        key(
            "network_mode", Asks(&[RequestKind::Network]),
            Form::Text(&NETWORK),
            "`bridge`, `host`, `none`, or the name of a network.",
        )
        .default("\"bridge\""),
        key(
            "ports", Asks(&[RequestKind::Port]),
            Form::List(&Form::Quantity(&PORT)),
            "Published ports, `[IP:]HOST:CONTAINER[/PROTO]`. On loopback unless an address is given.",
        ),
        key("gpu", Asks(&[RequestKind::Gpu]), Form::Flag, "Give the container all GPUs.").default("false"),
        key(
            "home_persistence", Asks(&[RequestKind::Home]),
            Form::Flag,
            "Keep the agents' home between runs, in a volume.",
        )
        .default("false"),
        key(
            "home_size", Narrows,
            Form::Quantity(&SIZE),
            "How large the kept home may grow.",
        ),
        key(
            "dind", Asks(&[RequestKind::Docker]),
            Form::FlagOr(&["privileged", "rootless", "sysbox"]),
            "A Docker engine for containers of the agents' own, beside the sandbox. On without this key.",
        ),
        key(
            "user", Asks(&[RequestKind::User]),
            Form::Quantity(&USER),
            "Who the agents are inside: `auto` (you), `root`, `UID` or `UID:GID`.",
        )
        .default("\"auto\""),
        key(
            "pids_limit", Asks(&[RequestKind::Processes]),
            Form::Whole(16, 4_194_304),
            "Limit of processes.",
        )
        .default("4096"),
        key(
            "shm_size", Narrows,
            Form::Quantity(&SIZE),
            "Size of `/dev/shm`.",
        ),
        key(
            "runtime", Asks(&[RequestKind::Runtime]),
            Form::Text(&RUNTIME),
            "A runtime of the engine, such as `runsc`.",
        ),
        key(
            "credentials", Asks(&[RequestKind::Credentials]),
            Form::Choice(&["sandbox", "workspace", "none"]),
            "Where logins come from: `sandbox` is a volume that all sandboxes of an agent share, `workspace` one that those of this directory share. `host` is for the command line only.",
        )
        .default("\"sandbox\""),
    ],
};

/// A template's own file.
pub(super) static MANIFEST: Table = Table {
    name: "template",
    required: &["name", "description"],
    one_of: &[],
    keys: &[
        key("name", Data, Form::Text(&TEXT), "What the template is called."),
        key("description", Data, Form::Text(&PROSE), "What it does, in a sentence."),
        key(
            "entry_point", OfTemplate,
            Form::Text(&PATH),
            "The program, below the template's directory: `.py` runs with Python, `.js`, `.mjs` and `.ts` with Node.js, anything else by itself.",
        )
        .default("\"agent.py\""),
        key(
            "command", OfTemplate,
            Form::OneOrList(&Form::Scalar),
            "Program and arguments instead of the entry point; a single text is for the shell.",
        ),
        key("readme", Data, Form::Text(&PATH), "Its description at length."),
        key(
            "pre_install", OfTemplate,
            Form::Text(&PATH),
            "Script to run before dependencies are installed. `scripts/pre_install.sh` without it.",
        ),
        key(
            "post_install", OfTemplate,
            Form::Text(&PATH),
            "Script to run after dependencies are installed. `scripts/post_install.sh` without it.",
        ),
        key(
            "fields", Data,
            Form::Secret(&FIELD),
            "Values for the agent, in Base64, as `DSPATCH_FIELD_NAME`.",
        ),
        key(
            "required_env", Narrows,
            Form::List(&Form::Text(&VARIABLE)),
            "Variables that must be set. With any named here, the agent gets no others of the workspace.",
        ),
        key(
            "required_mounts", Narrows,
            Form::List(&Form::Text(&PATH)),
            "Paths inside that something must be mounted at.",
        ),
    ],
};

/// True for the name of any key of ours.
pub(super) fn is_key(name: &str) -> bool {
    let files = [&FILE, &AGENT, &TEMPLATE, &MOUNT, &DOCKER, &MANIFEST];
    let own = [&CONFIG, &CONFIG_AGENT, &CONFIG_STATE];
    { files.iter().chain(&own) }.any(|table| table.key(name).is_some())
}
