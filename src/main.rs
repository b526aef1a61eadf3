//! `dp`: parse, run, report.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    #[cfg(target_os = "linux")]
    if arguments.get(1).is_some_and(|word| word == "guest") {
        let words = arguments.iter().skip(2);
        let words: Vec<_> = words
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        return dp::guest::inside::main(&words);
    }
    let cli = match dp::cli::parse(arguments) {
        Ok(cli) => cli,
        Err(code) => return ExitCode::from(code),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the system gives an event queue to every process");
    let code = runtime.block_on(dp::cli::run(cli));
    // A thread may still wait for the terminal; nobody waits for it.
    runtime.shutdown_background();
    ExitCode::from(code)
}
