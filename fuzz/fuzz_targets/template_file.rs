//! What a template says of itself: a file that anybody may have written.
#![no_main]

use dp::workspace::Manifest;
use libfuzzer_sys::fuzz_target;
use std::path::{Component, Path};

fn is_below(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    !path.is_empty() && parts.all(|part| matches!(part, Component::Normal(_)))
}

fuzz_target!(|text: &str| {
    match Manifest::read("dspatch.agent.yml", text) {
        Ok(manifest) => {
            assert!(is_below(&manifest.entry_point));
            let hooks = [&manifest.pre_install, &manifest.post_install];
            assert!(hooks.into_iter().flatten().all(|hook| is_below(hook)));
            assert!(manifest.command.is_none_or(|words| !words.is_empty()));
            assert!(manifest.required_mounts.iter().all(|path| path.starts_with('/')));
        }
        Err(report) => {
            assert!(report.has_errors());
            assert!(!report.render(false, 80).is_empty());
            for mistake in &report.mistakes {
                assert!(mistake.place.start <= mistake.place.end);
                assert!(mistake.place.start <= text.len());
            }
        }
    }
});
