//! The guest makes templates ready: hooks and installations that fail, hang, leave something behind
//! or are interrupted, and what is told of them.

use crate::guest::socket;
use crate::support::{DEADLINE, Dp, docker, wait_until, with_base};
use dp::guest::client::{Client, ClientError};
use dp::guest::message::set_up::{SetUp, StepReport, StepState, Template};
use dp::guest::message::{FailureCode, Reply, Request};
use dp::images::authorities::VARIABLES;
use std::os::unix::net::UnixStream;

/// The certificate authorities inside.
const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// A person whose sandbox runs, of the image that has bash.
fn with_bash() -> Dp {
    let dp = Dp::on_engine();
    dp.run(["run", "-t", "dp-test/debian", "shell", "-c", "true"])
        .ok();
    dp
}

/// Runs a script as root inside and gives what it says.
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

/// Begins a set-up.
fn begin(dp: &Dp, set_up: &SetUp) -> Client {
    let mut client = client(dp);
    let asked = client.send(&Request::SetUp(set_up.clone()));
    asked.expect("the guest listens");
    client
}

fn carry_out(dp: &Dp, set_up: &SetUp) -> (Vec<StepReport>, Option<ClientError>) {
    hear_all(&mut begin(dp, set_up))
}

/// A set-up that succeeds.
#[track_caller]
fn succeed(dp: &Dp, set_up: &SetUp) -> Vec<StepReport> {
    let (told, error) = carry_out(dp, set_up);
    assert!(error.is_none(), "{told:?} {error:?}");
    told
}

/// A set-up whose only step fails: why, and the last lines of its log.
#[track_caller]
fn fail(dp: &Dp, set_up: &SetUp) -> String {
    let (mut told, error) = carry_out(dp, set_up);
    let Some(ClientError::Refused(failure)) = error else {
        panic!("{told:?} {error:?}");
    };
    assert_eq!(failure.code, FailureCode::StepFailed, "{failure}");
    let last = told.pop().expect("it is told");
    assert_eq!(last.state, StepState::Failed, "{last:?}");
    assert!(
        failure.message.contains(&format!("`{}`", last.step)),
        "{failure}"
    );
    assert!(
        failure.message.contains(&format!("`{}`", last.template)),
        "{failure}"
    );
    last.detail
}

/// Whether a program of this name runs inside.
fn runs(dp: &Dp, name: &str) -> bool {
    inside(dp, &format!("pgrep -x {name} || echo none")) != "none"
}

fn named((name, state): (&str, StepState)) -> (String, StepState) {
    (name.to_string(), state)
}

/// `template/step` and how it ended.
fn outcomes(told: &[StepReport]) -> Vec<(String, StepState)> {
    let name = |report: &StepReport| format!("{}/{}", report.template, report.step);
    let outcomes = told.iter();
    outcomes
        .map(|report| (name(report), report.state))
        .collect()
}

#[test]
fn a_hook_finds_docker_and_waits_for_its_start() {
    let dp = Dp::on_engine();
    let words = [
        "run",
        "-t",
        "dp-test/debian",
        "--dind",
        "shell",
        "-c",
        "true",
    ];
    dp.run(words).ok();
    dp.run(["sandbox", "start", "."]).ok();
    let hook = "set -e; echo $DOCKER_HOST; docker version > out";
    put(&dp, "one", "pre_install.sh", hook);
    let (told, error) = carry_out(&dp, &of(&["one"]));
    assert!(error.is_none(), "{error:?}");
    let done = named(("one/pre-install", StepState::Done));
    assert_eq!(outcomes(&told).last(), Some(&done));
    let out = inside(&dp, "cat /agents/one/out");
    assert!(out.contains("rootlesskit"), "{out}");
}

#[test]
fn a_hook_that_fails_stops_the_rest_and_is_run_again() {
    let dp = with_bash();
    let hook = "seq 1 30; echo why >&2; [ -e fixed ] || exit 3";
    put(&dp, "one", "pre_install.sh", hook);
    put(&dp, "one", "post_install.sh", "echo after");
    put(&dp, "two", "pre_install.sh", "true");
    let both = of(&["one", "two"]);
    let detail = fail(&dp, &both);
    assert!(
        detail.starts_with("failed with exit code 3\n20\n"),
        "{detail}"
    );
    assert!(detail.ends_with("30\nwhy"), "{detail}");
    let (told, error) = carry_out(
        &dp,
        &SetUp {
            keep_going: true,
            ..both.clone()
        },
    );
    assert!(error.is_none(), "{error:?}");
    let expected = [
        ("one/pre-install", StepState::Failed),
        ("two/pre-install", StepState::Done),
    ];
    assert_eq!(outcomes(&told), expected.map(named));
    inside(&dp, "touch /agents/one/fixed");
    let expected = [
        ("one/pre-install", StepState::Done),
        ("one/post-install", StepState::Done),
        ("two/pre-install", StepState::Skipped),
    ];
    assert_eq!(outcomes(&succeed(&dp, &both)), expected.map(named));
}

#[test]
fn a_hook_that_hangs_is_ended_with_all_that_it_started() {
    let dp = with_bash();
    let hook = "trap '' TERM; echo begun; timeout 1000 tail -f /dev/null & sleep 1000";
    put(&dp, "one", "pre_install.sh", hook);
    let short = SetUp {
        hook_seconds: 1,
        ..of(&["one"])
    };
    let detail = fail(&dp, &short);
    assert!(
        detail.starts_with("took longer than 1 s\nbegun"),
        "{detail}"
    );
    assert!(!runs(&dp, "tail") && !runs(&dp, "sleep") && !runs(&dp, "timeout"));
}

#[test]
fn what_a_hook_leaves_running_is_ended_and_that_is_told() {
    let dp = with_bash();
    // It holds the hook's output, and never stops writing.
    put(
        &dp,
        "one",
        "pre_install.sh",
        "yes & nohup tail -f /dev/null & until pgrep -x tail && pgrep -x yes; do sleep 0.05; done",
    );
    let begun = std::time::Instant::now();
    let told = succeed(&dp, &of(&["one"]));
    assert!(begun.elapsed() < DEADLINE / 2, "nobody waited for it");
    assert_eq!(told[0].detail, "what still ran was ended: `tail`, `yes`");
    assert!(!runs(&dp, "tail") && !runs(&dp, "yes"));
    let log = dp
        .run(["sandbox", "logs", ".", &told[0].log, "--tail", "1"])
        .ok();
    assert_eq!(log, "dp: what still ran was ended: `tail`, `yes`");
    // A daemon has left on purpose.
    put(
        &dp,
        "two",
        "pre_install.sh",
        "setsid tail -f /dev/null & until pgrep -x tail; do sleep 0.05; done",
    );
    assert_eq!(succeed(&dp, &of(&["two"]))[0].detail, "");
    assert!(runs(&dp, "tail"));
}

#[test]
fn a_client_that_goes_away_takes_its_step_with_it_and_the_next_runs_it() {
    let dp = with_bash();
    let hook = "echo x >> count; [ -e go ] || timeout 1000 tail -f /dev/null";
    put(&dp, "one", "pre_install.sh", hook);
    let mut client = begin(&dp, &of(&["one"]));
    hear(&mut client, StepState::Running);
    wait_until("it runs", DEADLINE, || runs(&dp, "tail"));
    drop(client);
    wait_until("it is ended", DEADLINE, || {
        !runs(&dp, "tail") && !runs(&dp, "bash")
    });
    inside(&dp, "touch /agents/one/go");
    let done = named(("one/pre-install", StepState::Done));
    assert_eq!(outcomes(&succeed(&dp, &of(&["one"]))), [done]);
    assert_eq!(inside(&dp, "cat /agents/one/count"), "x\nx");
}

#[test]
fn of_two_set_ups_at_once_the_second_waits_and_has_nothing_left_to_do() {
    let dp = with_bash();
    let hook = "echo x >> count; until [ -e go ]; do sleep 0.05; done";
    put(&dp, "one", "pre_install.sh", hook);
    let mut first = begin(&dp, &of(&["one"]));
    hear(&mut first, StepState::Running);
    let mut second = begin(&dp, &of(&["one"]));
    let waiting = hear(&mut second, StepState::Waiting);
    assert_eq!((waiting.template.as_str(), waiting.step.as_str()), ("", ""));
    inside(&dp, "touch /agents/one/go");
    let (told, error) = hear_all(&mut first);
    assert!(error.is_none(), "{error:?}");
    assert_eq!(
        outcomes(&told),
        [named(("one/pre-install", StepState::Done))]
    );
    let skipped = hear(&mut second, StepState::Skipped);
    assert_eq!(skipped.step, "pre-install");
    assert!(next(&mut second).expect("it goes well").is_none());
    assert_eq!(inside(&dp, "cat /agents/one/count"), "x");
}

/// Real packages from their registries, into a home without room and then with it.
#[test]
fn an_installation_that_fails_half_way_is_made_good_by_the_next() {
    let dp = with_base();
    let words = [
        "run",
        "--ca-certificates",
        "host",
        "--shm-size",
        "1m",
        "shell",
        "-c",
        "true",
    ];
    dp.run(words).ok();
    let project = "[project]\nname = \"one\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n\
                   dependencies = [\"pygments==2.19.2\"]\n";
    put(&dp, "one", "pyproject.toml", project);
    put(
        &dp,
        "two",
        "package.json",
        "{\"dependencies\": {\"typescript\": \"5.9.2\"}}",
    );
    let authorities = VARIABLES.map(|name| (name.to_string(), BUNDLE.to_string()));
    let with_room = |names: &[&str]| SetUp {
        env: authorities.clone().into(),
        ..of(names)
    };
    let without_room = |names: &[&str]| {
        let mut set_up = with_room(names);
        set_up.env.insert("HOME".into(), "/dev/shm".into());
        set_up
    };
    for (name, step) in [("one", "uv sync"), ("two", "npm install")] {
        let (told, error) = carry_out(&dp, &without_room(&[name]));
        assert!(error.is_some(), "{told:?}");
        let last = told.last().expect("it is told");
        assert_eq!((last.step.as_str(), last.state), (step, StepState::Failed));
        let why = last.detail.to_lowercase();
        assert!(why.contains("no space left on device"), "{why}");
    }
    let both = with_room(&["one", "two"]);
    let expected = [
        ("one/uv sync", StepState::Done),
        ("two/npm install", StepState::Done),
    ];
    assert_eq!(outcomes(&succeed(&dp, &both)), expected.map(named));
    let works = "/agents/one/.venv/bin/python -c 'import pygments; print(pygments.__version__)' && \
                 node /agents/two/node_modules/typescript/bin/tsc --version";
    assert_eq!(inside(&dp, works), "2.19.2\nVersion 5.9.2");
}

#[test]
fn what_installations_write_themselves_is_nothing_new_and_what_others_change_is() {
    let dp = with_base();
    let words = ["run", "--ca-certificates", "host", "shell", "-c", "true"];
    dp.run(words).ok();
    let project = "[project]\nname = \"one\"\nversion = \"1\"\n";
    put(&dp, "one", "pyproject.toml", project);
    put(&dp, "one", "package.json", "{}");
    put(&dp, "one", "pre_install.sh", "true");
    let names = ["one/pre-install", "one/uv sync", "one/npm install"];
    let all = |state| names.map(|name| named((name, state)));
    let now = || outcomes(&succeed(&dp, &of(&["one"])));
    assert_eq!(now(), all(StepState::Done));
    assert_eq!(inside(&dp, "ls /agents/one/uv.lock"), "/agents/one/uv.lock");
    assert_eq!(now(), all(StepState::Skipped));
    inside(&dp, "echo '# by hand' >> /agents/one/uv.lock");
    assert_eq!(now(), all(StepState::Done));
    assert_eq!(now(), all(StepState::Skipped));
}
