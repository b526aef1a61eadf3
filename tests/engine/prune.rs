//! What `dp sandbox prune` takes away besides sandboxes, and what it leaves alone. Everybody's volumes
//! are on the same engine, so nothing is removed but what carries the test's own label.

use crate::sh;
use crate::support::{Dp, docker, engine_socket};
use dp::engine::endpoint::Address;
use dp::engine::{Endpoint, Engine};
use dp::volumes::Leftovers;
use jiff::{SignedDuration, Timestamp};

const LABELS: [&str; 4] = [
    "--label",
    "dev.dp.managed=true",
    "--label",
    "dev.dp.kind=guest",
];

/// A name that nothing else has. It must not look like a guest's: the tests of a build begin by
/// removing those of other builds.
fn name(dp: &Dp, end: &str) -> String {
    let number = dp.label().replace(|c: char| !c.is_ascii_digit(), "-");
    format!("dp-left{number}-{end}")
}

fn volume(dp: &Dp, end: &str) -> String {
    let name = name(dp, end);
    let label = ["--label", dp.label()];
    docker(&[&["volume", "create"], &LABELS[..], &label, &[&name]].concat());
    name
}

/// A container that never ran, as a delivery has it, or somebody's, without our labels.
fn container(dp: &Dp, volume: &str, labels: &[&str]) -> String {
    let name = format!("{volume}-container");
    let mount = format!("{volume}:/run/dp/bin");
    let words = ["create", "--name", &name, "--volume", &mount];
    let rest = ["--label", dp.label(), "dp-test/busybox", "true"];
    docker(&[&words[..], labels, &rest].concat());
    name
}

/// Calls the engine of all tests past `dp`.
pub fn on_engine<T>(work: impl AsyncFnOnce(&Engine) -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let engine = Engine::connect(Endpoint {
        address: Address::Unix(engine_socket()),
        source: "test".into(),
    });
    runtime.block_on(work(&engine.expect("an engine")))
}

/// Of what the test made, what will be left over in `hours`.
async fn leftovers(engine: &Engine, dp: &Dp, hours: i64) -> Leftovers {
    let label = dp.label();
    let volumes = engine.volumes(label).await.expect("volumes");
    let containers = engine.containers(&[label.into()]).await;
    let then = Timestamp::now() + SignedDuration::from_hours(hours);
    let mut found = Leftovers::new(&volumes, &containers.expect("containers"), None, then);
    found.guest_volumes.sort();
    found
}

#[test]
fn guests_that_nothing_uses_and_helpers_are_removed_when_they_are_old() {
    let dp = Dp::on_engine();
    let (alone, cut_off, used) = (volume(&dp, "a"), volume(&dp, "b"), volume(&dp, "c"));
    let helper = container(&dp, &cut_off, &LABELS);
    container(&dp, &used, &[]);
    let expected = Leftovers {
        guest_volumes: vec![alone, cut_off],
        guest_helpers: vec![helper],
    };
    on_engine(async |engine| {
        assert_eq!(leftovers(engine, &dp, 0).await, Leftovers::default());
        let found = leftovers(engine, &dp, 2).await;
        assert_eq!(found, expected);
        assert_eq!(found.remove(engine).await.expect("removed"), expected);
        assert_eq!(leftovers(engine, &dp, 2).await, Leftovers::default());
        engine.volume(&used).await.expect("it is there");
    });
}

#[test]
fn what_somebody_was_faster_with_is_left_out() {
    let dp = Dp::on_engine();
    let used = volume(&dp, "a");
    container(&dp, &used, &[]);
    let found = Leftovers {
        guest_volumes: vec![used.clone(), name(&dp, "gone")],
        guest_helpers: vec![name(&dp, "gone")],
    };
    on_engine(async |engine| {
        let removed = found.remove(engine).await.expect("nothing failed");
        assert_eq!(removed, Leftovers::default());
        engine.volume(&used).await.expect("it is there");
    });
}

#[test]
fn what_may_be_about_to_be_used_is_not_pruned() {
    let dp = Dp::on_engine();
    sh(&dp, "true").ok();
    let mounts = dp.inspect()["Mounts"].to_string();
    let fresh = volume(&dp, "a");
    let helper = container(&dp, &volume(&dp, "b"), &LABELS);
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let words = ["--format", "json", "sandbox", "prune", "--dry-run"];
    let found = dp.run(words).json();
    let volumes = found["guest_volumes"].as_array().expect("a list");
    let is_own = |name: &&str| mounts.contains(*name);
    let mut names = volumes.iter().map(|name| name.as_str().expect("a name"));
    assert_eq!(names.find(is_own), None, "its own build's");
    assert!(!found.to_string().contains(&fresh), "{found}");
    assert!(!found.to_string().contains(&helper), "{found}");
}
