//! The guest makes templates ready: hooks and installations that fail, hang, leave something behind
//! or are interrupted, and what is told of them.

use crate::guest::socket;
use crate::support::{DEADLINE, Dp, docker, with_base};
use dp::guest::client::{Client, ClientError};
use dp::guest::message::set_up::{ENGINE_STEP, SetUp, StepReport, StepState, Template};
use dp::guest::message::{Reply, Request};
use std::os::unix::net::UnixStream;

/// Runs a script as root inside and gives what it says. Past `dp`, which waits for an engine inside.
fn inside(dp: &Dp, script: &str) -> String {
    docker(&["exec", &dp.container(), "sh", "-c", script])
}

/// Puts a file into the template `name` inside.
fn put(dp: &Dp, name: &str, file: &str, text: &str) {
    let source = dp.root().join("put");
    std::fs::write(&source, text).expect("a file");
    inside(dp, &format!("mkdir -p /agents/{name}"));
    let target = format!("{}:/agents/{name}/{file}", dp.container());
    docker(&["cp", &source.to_string_lossy(), &target]);
}

fn client(dp: &Dp) -> Client {
    let stream = UnixStream::connect(socket(dp)).expect("the guest listens");
    Client::new(stream).expect("it is there")
}

/// A set-up of these templates in which nothing may take long.
fn of(names: &[&str]) -> SetUp {
    let template = |name: &&str| Template {
        name: (*name).into(),
        ..Template::default()
    };
    SetUp {
        templates: names.iter().map(template).collect(),
        hook_seconds: 60,
        install_seconds: 60,
        ..SetUp::default()
    }
}

/// What is told next; an error is the end of a set-up that failed, `None` of one that did not.
fn next(client: &mut Client) -> Result<Option<StepReport>, ClientError> {
    match client.answer()? {
        Reply::Step(report) => Ok(Some(report)),
        Reply::Done => Ok(None),
        other => panic!("nothing else is told: {other:?}"),
    }
}

/// Hears a set-up until something of this state is told.
fn hear(client: &mut Client, state: StepState) -> StepReport {
    loop {
        let told = next(client).expect("it goes on").expect("it has not ended");
        if told.state == state {
            return told;
        }
    }
}

/// Hears a set-up to its end: all that was told but that steps run on, and the error.
fn hear_all(client: &mut Client) -> (Vec<StepReport>, Option<ClientError>) {
    let mut told = Vec::new();
    loop {
        match next(client) {
            Ok(Some(report)) if report.state == StepState::Running => {}
            Ok(Some(report)) => told.push(report),
            Ok(None) => return (told, None),
            Err(error) => return (told, Some(error)),
        }
    }
}

fn carry_out(dp: &Dp, set_up: &SetUp) -> (Vec<StepReport>, Option<ClientError>) {
    let mut client = client(dp);
    let asked = client.send(&Request::SetUp(set_up.clone()));
    asked.expect("the guest listens");
    hear_all(&mut client)
}

/// `template/step` and how it ended.
fn outcomes(told: &[StepReport]) -> Vec<(String, StepState)> {
    let name = |report: &StepReport| format!("{}/{}", report.template, report.step);
    let outcomes = told.iter();
    outcomes
        .map(|report| (name(report), report.state))
        .collect()
}

/// Puts a program in the place of the engine's that waits for a word before it begins, or fails.
const OBEDIENT_ENGINE: &str = r#"set -e
    engine=$(command -v dockerd)
    mv $engine $engine.real
    printf '%s\n' '#!/bin/sh' \
        'until [ -e /tmp/go ]; do [ ! -e /tmp/fail ] || exit 1; sleep 0.1; done' \
        'exec dockerd.real "$@"' > $engine
    chmod 755 $engine
    pkill -9 -x dockerd"#;
/// Waits until that program waits.
const ENGINE_BEGINS: &str =
    "timeout 30 sh -c 'until pgrep -fx \"/bin/sh .*/dockerd .*\"; do sleep 0.1; done'";

#[test]
fn the_engine_inside_is_waited_for_before_the_first_step_that_runs() {
    let dp = with_base();
    let words = ["run", "--ca-certificates", "host", "--dind", "shell", "-c"];
    dp.spawn(words.into_iter().chain(["true"]))
        .wait_for(4 * DEADLINE)
        .ok();
    // From here on an engine begins when it is told to, and how.
    inside(&dp, OBEDIENT_ENGINE);
    let hook = "set -e; echo $DOCKER_HOST; docker version > out";
    put(&dp, "one", "pre_install.sh", hook);
    inside(&dp, ENGINE_BEGINS);
    let mut first = client(&dp);
    let asked = first.send(&Request::SetUp(of(&["one"])));
    asked.expect("the guest listens");
    let waiting = hear(&mut first, StepState::Waiting);
    assert_eq!(
        (waiting.template.as_str(), waiting.step.as_str()),
        ("", ENGINE_STEP)
    );
    inside(&dp, "touch /tmp/go");
    let (told, error) = hear_all(&mut first);
    let told: Vec<_> = told
        .into_iter()
        .filter(|report| report.state != StepState::Waiting)
        .collect();
    assert!(error.is_none(), "{told:?} {error:?}");
    let done = StepState::Done;
    let expected = [("/docker", done), ("one/pre-install", done)];
    let expected = expected.map(|(name, state)| (name.to_string(), state));
    assert_eq!(outcomes(&told), expected);

    // Without a step to run nobody waits for it, and where it fails a step runs all the same.
    inside(&dp, "rm /tmp/go; pkill -9 -x dockerd.real");
    inside(&dp, ENGINE_BEGINS);
    let (told, error) = carry_out(&dp, &of(&["one"]));
    assert!(error.is_none(), "{error:?}");
    let expected = ("one/pre-install".to_string(), StepState::Skipped);
    assert_eq!(outcomes(&told), [expected]);
    inside(&dp, "touch /tmp/fail");
    put(&dp, "two", "pre_install.sh", "echo here");
    let (told, error) = carry_out(&dp, &of(&["two"]));
    assert!(error.is_none(), "{error:?}");
    let told: Vec<_> = told
        .into_iter()
        .filter(|report| report.state != StepState::Waiting)
        .collect();
    let expected = [("/docker", StepState::Failed), ("two/pre-install", done)];
    let expected = expected.map(|(name, state)| (name.to_string(), state));
    assert_eq!(outcomes(&told), expected);
    assert!(
        told[0].detail.contains("ended before it answered"),
        "{told:?}"
    );
}
