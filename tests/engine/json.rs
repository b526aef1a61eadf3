//! What programs read: JSON on both streams.

use crate::support::Dp;

/// Standard error of a program's run: every line is a document.
fn conversation(text: &str) -> Vec<serde_json::Value> {
    let read =
        |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {text}"));
    text.lines().map(read).collect()
}

#[test]
fn standard_error_has_one_document_a_line_and_no_progress() {
    let dp = Dp::on_engine();
    let network = ["--network", "none", "-p", "3000"];
    let words = ["run", "--format", "json"].into_iter().chain(network);
    let ran = dp.run(words.chain(["-t", "dp-test/there-is-none", "shell"]));
    assert_eq!((ran.code, ran.out()), (125, String::new()), "{ran}");
    let said = conversation(&ran.err());
    let [warning, error] = said.as_slice() else {
        panic!("a warning and an error: {ran}");
    };
    assert_eq!(
        warning["warning"]["message"],
        "with the network `none` no port is published"
    );
    assert_eq!(error["error"]["code"], "pull-failed");
    assert!(
        dp.run(["run", "-t", "dp-test/there-is-none", "shell"])
            .err()
            .contains("pulling")
    );
}
