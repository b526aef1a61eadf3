//! `dp volumes` without an engine: command lines that are wrong are told before it is asked.

use crate::support::Dp;
use insta::assert_snapshot;

#[test]
fn an_age_without_a_unit() {
    assert_snapshot!(Dp::new().run(["volumes", "prune", "--older-than", "30"]), @"
    exit 2
    --- stderr
    error: `30` is not an age such as `30d` or `12h`
    ");
}

#[test]
fn what_is_dps_own_is_pruned_elsewhere() {
    assert_snapshot!(Dp::new().run(["volumes", "prune", "--kind", "guest"]), @"
    exit 2
    --- stderr
    error: volumes of the kind `guest` are `dp`'s own
      hint: `dp sandbox prune` removes those that are not needed any more
    ");
}

#[test]
fn a_filter_that_is_none() {
    assert_snapshot!(Dp::new().run(["volumes", "ls", "--filter", "driver=local"]), @"
    exit 2
    --- stderr
    error: `driver=local` is not a filter
      hint: write `name=PART`, `agent=NAME`, `label=KEY[=VALUE]`, `dangling=true` or `expired=true`
    ");
}

#[test]
fn names_are_asked_for() {
    for verb in ["rm", "inspect"] {
        let ran = Dp::new().run(["volumes", verb]);
        assert_eq!(ran.code, 2, "{ran}");
        assert!(ran.err().contains("<VOLUME>..."), "{ran}");
    }
}

#[test]
fn without_an_engine() {
    for verb in [&["ls"][..], &["rm", "a"], &["inspect", "a"], &["prune"]] {
        let ran = Dp::new().run([&["volumes"], verb].concat());
        assert_eq!(ran.code, 6, "{verb:?}: {ran}");
    }
}

#[test]
fn the_page_of_prune_says_what_stays() {
    let page = Dp::new().run(["volumes", "prune", "--help"]).ok();
    let begin = page.split("Options:").next().unwrap_or_default();
    assert_snapshot!(begin, @"
    Examples:
      dp volumes prune --dry-run             only say what would go
      dp volumes prune                       asks first
      dp volumes prune --older-than 30d -y   in a script
      dp volumes prune --expired             only what nobody has a right to any more

    Remove volumes that no container uses, and what is in them

    Homes and the data of engines inside go, and checkouts whose time is over: yours, and not what other
    people keep. A login goes only with `--kind login`, since whoever loses one has to log in anew
    everywhere; another checkout only with `--kind workspace`. What a container has, running or not,
    always stays.

    Usage: dp volumes prune [OPTIONS]
    ");
}
