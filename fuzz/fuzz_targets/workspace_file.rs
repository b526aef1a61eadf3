//! A workspace file that anybody may have written, in both formats.
#![no_main]

use dp::workspace::{Base, Severity, read};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|text: &str| {
    let base = Base {
        directory: Path::new("/work"),
        home: Some(Path::new("/home/ann")),
    };
    for name in ["dp.yml", "dp.toml"] {
        let (file, report) = read(name, text, base).report();
        let shown = report.render(false, 80);
        assert_eq!(shown.is_empty(), report.mistakes.is_empty());
        for mistake in &report.mistakes {
            assert!(mistake.place.start <= mistake.place.end);
            assert!(mistake.place.start <= text.len());
        }
        assert_eq!(report.has_errors(), report.more > 0 || report.count(Severity::Error) > 0);
        for agent in file.agents() {
            assert!(agent.depth <= 10 && (1..=32).contains(&agent.instances));
        }
    }
});
