//! Names of variables that steer other people's programs: what is loaded, which interpreter reads
//! which file, where settings and certificates are, and which service gets the keys.

/// Whole names.
const NAMES: [&str; 54] = [
    "ALL_PROXY",
    "BROWSER",
    "CARGO",
    "CC",
    "CDPATH",
    "CFLAGS",
    "CLASSPATH",
    "CPATH",
    "CXX",
    "EDITOR",
    "ENV",
    "FPATH",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "GNUPGHOME",
    "GREP_OPTIONS",
    "GZIP",
    "HOME",
    "HOSTALIASES",
    "IFS",
    "JAVA_OPTIONS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "KUBECONFIG",
    "LDFLAGS",
    "LESS",
    "LESSCLOSE",
    "LESSKEY",
    "LESSOPEN",
    "LOCALDOMAIN",
    "LOCPATH",
    "LOGNAME",
    "MANPAGER",
    "NETRC",
    "NLSPATH",
    "PAGER",
    "PATH",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS4",
    "RES_OPTIONS",
    "SHELL",
    "SHELLOPTS",
    "TERMINFO",
    "TERMINFO_DIRS",
    "TMPDIR",
    "USER",
    "VIRTUAL_ENV",
    "VISUAL",
    "WGETRC",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];

/// What a name begins with.
const PREFIXES: [&str; 56] = [
    "AWS_CA_",
    "AWS_CONFIG_",
    "AWS_PROFILE",
    "AWS_SHARED_",
    "BASH",
    "BUNDLE_",
    "BUN_",
    "CARGO_",
    "CLOUD_ML_",
    "CONDA_",
    "CURL_",
    "DENO_",
    "DOCKER_",
    "DOTNET_",
    "DYLD_",
    "ELECTRON_",
    "FZF_",
    "GEM_",
    "GH_",
    "GITHUB_",
    "GIT_",
    "GODEBUG",
    "GOFLAGS",
    "GOOGLE_CLOUD_",
    "GOPROXY",
    "GPG_",
    "HTTPS_",
    "HTTP_",
    "LD_",
    "LUA_",
    "MAKE",
    "MALLOC_",
    "NODE_",
    "NPM_",
    "NVM_",
    "OPENSSL_",
    "OTEL_",
    "PERL",
    "PHP",
    "PIPX_",
    "PIP_",
    "PNPM_",
    "PYENV_",
    "PYTHON",
    "RBENV_",
    "RUBY",
    "RUST",
    "SSH_",
    "SSL_",
    "SUDO_",
    "TSX_",
    "TS_NODE_",
    "UV_",
    "VERTEX",
    "XDG_",
    "YARN_",
];

/// What a name holds.
const PARTS: [&str; 3] = ["_BASE_URL", "_ENDPOINT", "_PROXY"];

/// What a name ends with.
const SUFFIXES: [&str; 35] = [
    "_API_BASE",
    "_API_HOST",
    "_API_URL",
    "_ARGS",
    "_ASKPASS",
    "_BASE_URI",
    "_BUNDLE",
    "_CACERT",
    "_CA_CERT",
    "_CA_CERTS",
    "_CA_FILE",
    "_CA_PATH",
    "_CERTS",
    "_CMD",
    "_COMMAND",
    "_CONFIG",
    "_CONFIG_DIR",
    "_CONFIG_FILE",
    "_EDITOR",
    "_FLAGS",
    "_HEADERS",
    "_HOME",
    "_INDEX_URL",
    "_LOADER",
    "_MIRROR",
    "_OPTIONS",
    "_OPTS",
    "_PAGER",
    "_PATH",
    "_PLUGINS",
    "_PRELOAD",
    "_RC",
    "_REGISTRY",
    "_STARTUP",
    "_WRAPPER",
];

/// Words in a name that holds a secret.
const SECRETS: [&str; 8] = [
    "AUTH",
    "CREDENTIAL",
    "HEADER",
    "KEY",
    "PASS",
    "PWD",
    "SECRET",
    "TOKEN",
];

/// True for a variable that changes what programs load, read or speak to. Names are compared
/// without case: `http_proxy` counts as much as `HTTP_PROXY`. `vendors` are further beginnings, such
/// as `ANTHROPIC_`: what agents of the catalogue call their own variables.
#[must_use]
pub fn steers(name: &str, vendors: &[String]) -> bool {
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str())
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || PARTS.iter().any(|part| name.contains(part))
        || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        || vendors.iter().any(|vendor| name.starts_with(vendor))
}

/// True for a variable that is called like one with a secret: its value is shown to nobody.
#[must_use]
pub fn may_be_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRETS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loaders_interpreters_proxies_and_addresses() {
        let vendors = ["ANTHROPIC_".to_string(), "CODEX_".to_string()];
        for name in [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "NODE_OPTIONS",
            "NODE_PATH",
            "NODE_EXTRA_CA_CERTS",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "BASH_ENV",
            "BASHOPTS",
            "ENV",
            "PATH",
            "PERL5LIB",
            "PERL5OPT",
            "RUBYOPT",
            "RUBYLIB",
            "ANTHROPIC_BASE_URL",
            "OPENAI_API_BASE",
            "OPENAI_BASE_URL",
            "CODE_ASSIST_ENDPOINT",
            "HTTPS_PROXY",
            "http_proxy",
            "all_proxy",
            "NO_PROXY",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "SSL_CERT_FILE",
            "REQUESTS_CA_BUNDLE",
            "AWS_CA_BUNDLE",
            "CURL_CA_BUNDLE",
            "CODEX_HOME",
            "HOME",
            "XDG_CONFIG_HOME",
            "npm_config_registry",
            "GH_HOST",
            "SSH_AUTH_SOCK",
            "Ld_Preload",
            "DOCKER_HOST",
            "SHELL",
            "PAGER",
            "GCONV_PATH",
            "ANTHROPIC_CUSTOM_HEADERS",
            "GLOBAL_AGENT_HTTP_PROXY",
            "PROMPT_COMMAND",
            "RIPGREP_CONFIG_PATH",
            "OTEL_EXPORTER_OTLP_HEADERS",
            "MAKEFLAGS",
            "MAVEN_OPTS",
            "FZF_DEFAULT_COMMAND",
        ] {
            assert!(steers(name, &vendors), "{name}");
        }
        for name in [
            "LOG_LEVEL",
            "DATABASE_URL",
            "API_KEY",
            "DEBUG",
            "TOKEN",
            "PORT",
            "TZ",
        ] {
            assert!(!steers(name, &vendors), "{name}");
        }
        assert!(!steers("CODEX_MODEL", &[]));
        assert!(steers("CODEX_MODEL", &vendors));
    }

    #[test]
    fn secrets_by_their_names() {
        for name in ["GIT_TOKEN", "ANTHROPIC_API_KEY", "Git_Password", "X_AUTH_Y"] {
            assert!(may_be_secret(name), "{name}");
        }
        for name in ["ANTHROPIC_BASE_URL", "LD_PRELOAD", "PATH"] {
            assert!(!may_be_secret(name), "{name}");
        }
    }
}
