//! An environment file that anybody may have written.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(variables) = dp::secrets::parse_env_file("file", text) {
        for (name, _) in variables {
            assert!(!name.is_empty() && !name.contains(char::is_whitespace));
        }
    }
});
