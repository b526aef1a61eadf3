//! Names of environment variables, and those that nobody but the platform may set: one list, used
//! everywhere.

const NAMES: [&str; 15] = [
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_SECRET",
    "AZURE_USERNAME",
    "AZURE_PASSWORD",
    "AZURE_TOKEN_CREDENTIALS",
    "IMDS_ENDPOINT",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_SESSION_NAME",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "DP",
    "DSPATCH",
];

const PREFIXES: [&str; 8] = [
    "AZURE_CLIENT_CERTIFICATE_",
    "IDENTITY_",
    "MSI_",
    "AWS_CONTAINER_",
    "GCE_METADATA_",
    "DP_",
    "DSPATCH_",
    "DISCO_PARROT_",
];

/// True for a name of the cloud identity set or of a prefix of our own, compared without case.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NAMES.contains(&name.as_str()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// `[A-Za-z_][A-Za-z0-9_]*`
#[must_use]
pub fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::is_reserved;

    #[test]
    fn names_and_prefixes_without_case() {
        for name in ["AZURE_CLIENT_ID", "azure_client_id", "Dp_X", "MSI_SECRET"] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["AZURE_REGION", "DPX", "PATH"] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
