//! The author of a hostile project attacks the patience of a person: by a file that defines more of
//! something than anybody reads, and more than a machine gets through.

use crate::support::{DEADLINE, Dp};

#[test]
fn no_file_defines_more_than_anybody_reads() {
    let many = |count: usize, entry: &dyn Fn(usize) -> String| -> String {
        (0..count).map(entry).collect()
    };
    let files = [
        format!(
            "agents:\n{}",
            many(5_000, &|n| format!(
                "  a{n}: {{agent: claude, args: [x]}}\n"
            ))
        ),
        format!(
            "docker:\n  ports:\n{}",
            many(10_000, &|n| format!("  - {n}\n"))
        ),
        format!(
            "mounts:\n{}",
            many(4_000, &|n| format!(
                "  - {{host_path: /etc, container_path: /x{n}}}\n"
            ))
        ),
        format!("env:\n{}", many(10_000, &|n| format!("  LD_{n}: x\n"))),
        format!(
            "agents: {{a: {{agent: claude}}}}\nenv_file:\n{}",
            "  - own.env\n".repeat(900)
        ),
        format!(
            "agents:\n{}",
            many(200, &|n| format!(
                "  a{n}: {{agent: claude, args: [x], instances: 32}}\n"
            ))
        ),
    ];
    for file in files {
        let dp = Dp::new()
            .file("own.env", many(40_000, &|n| format!("A{n}=x\n")))
            .file("dp.yml", &file);
        for words in [&["trust"][..], &["config", "check"], &["run", "--dry-run"]] {
            let mut running = dp.spawn(words);
            assert!(running.ends_within(DEADLINE), "{}: {words:?}", &file[..40]);
            let ran = running.wait();
            assert!(
                ran.stderr.len() + ran.stdout.len() < 100_000,
                "{}",
                &file[..40]
            );
            if words[0] == "trust" {
                assert!(ran.err().contains("more than"), "{}: {ran}", &file[..40]);
            }
        }
    }
}
