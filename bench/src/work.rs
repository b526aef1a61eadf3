//! The pieces of work, each with the budget that it must keep.

use crate::Result;
use crate::api::{Api, text};
use crate::bulk::{self, TOTAL, through_engine, through_program};
use crate::file;
use crate::machine::memory;
use crate::race::{HEAVY_RUNS, Lane, Lanes, RUNS, lane, time, time_of};
use crate::report::{Budget, Row, absolute, ratio};
use crate::rig::{Rig, Sandbox};
use serde_json::{Value, json};
use std::cell::Cell;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A measurement.
pub type Measure = fn(&Rig) -> Result<Vec<Row>>;

/// All, in the order of the report.
pub const ALL: &[(&str, Measure)] = &[
    ("version", version),
    ("commands in a running sandbox", commands),
    ("create, start, run", create),
    ("1 GiB", gibibyte),
    ("list 500", list),
    ("volumes", volumes),
    ("check a file", file::check),
    ("second run", file::second_run),
    ("copy in", file::copy_in),
    ("memory", idle_memory),
    ("size", size),
];

const WARM_UPS: usize = 3;
const MANY: usize = 500;
/// Bytes in a MiB.
const MEBIBYTE: f64 = 1024.0 * 1024.0;

fn version(rig: &Rig) -> Result<Vec<Row>> {
    let words = ["--version"];
    let medians = Lanes {
        dp: vec![lane(rig.command(&rig.dp, &words))],
        dockers: rig.docker(&words).into_iter().map(lane).collect(),
        raw: Some(lane(rig.command(Path::new("true"), &[]))),
    }
    .race(WARM_UPS, RUNS * 3)?;
    let budget = Budget {
        absolute: Some(3.0),
        ratio: Some(0.3),
    };
    Ok(vec![Row::time("`dp --version`", &medians, 0, budget)])
}

fn commands(rig: &Rig) -> Result<Vec<Row>> {
    let workspace = rig.workspace("commands")?;
    let sandbox = rig.sandbox(&workspace, "true")?;
    let medians = Lanes {
        dp: vec![
            lane(rig.dp_in(&workspace, &["sandbox", "exec", &sandbox.name, "true"])),
            lane(rig.dp_in(&workspace, &["sandbox", "run", "true"])),
        ],
        dockers: rig
            .docker(&["exec", &sandbox.id, "true"])
            .into_iter()
            .map(lane)
            .collect(),
        raw: Some(Box::new(|| {
            time_of(|| {
                rig.api
                    .exec(&sandbox.id, &["true"], false)?
                    .read(|_| Ok(()))
            })
        })),
    }
    .race(WARM_UPS, RUNS)?;
    rig.remove_containers()?;
    Ok(vec![
        Row::time(
            "`dp sandbox exec S true`, `docker exec`",
            &medians,
            0,
            ratio(0.15),
        ),
        Row::time(
            "`dp sandbox run` into a running sandbox, `docker exec`",
            &medians,
            1,
            ratio(0.25),
        ),
    ])
}

fn create(rig: &Rig) -> Result<Vec<Row>> {
    let workspace = rig.workspace("create")?;
    let model = rig.sandbox(&workspace, "true")?;
    rig.remove(&model.id)?;
    let name = format!("dp-bench-{}", std::process::id());
    let words = model.twin_words(rig.label(), &name, &["true"]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let removing = |mut command: Command, name: String| -> Lane<'_> {
        Box::new(move || {
            let took = time(&mut command)?;
            rig.remove(&name)?;
            Ok(took)
        })
    };
    let docker = |command| removing(command, name.clone());
    let medians = Lanes {
        dp: vec![removing(
            rig.dp_in(&workspace, &["run", "--quiet", "true"]),
            format!("dp-{}", model.name),
        )],
        dockers: rig.docker(&words).into_iter().map(docker).collect(),
        raw: Some(Box::new(|| {
            let twin = model.twin(rig.label(), &["true"]);
            let took = time_of(|| raw_run(&rig.api, &name, &twin))?;
            rig.remove(&name)?;
            Ok(took)
        })),
    }
    .race(WARM_UPS, RUNS)?;
    rig.remove_containers()?;
    Ok(vec![Row::time(
        "create, start and run the agent, `docker run`",
        &medians,
        0,
        ratio(0.95),
    )])
}

/// Creates, starts and waits, as `docker run` does.
fn raw_run(api: &Api, name: &str, twin: &Value) -> Result<()> {
    api.post(&format!("/containers/create?name={name}"), twin)?;
    api.post(&format!("/containers/{name}/start"), &Value::Null)?;
    let ended = api.post(&format!("/containers/{name}/wait"), &Value::Null)?;
    if ended["StatusCode"] != 0 {
        return Err(format!("the raw container ended with {ended}").into());
    }
    Ok(())
}

fn gibibyte(rig: &Rig) -> Result<Vec<Row>> {
    debug_assert_eq!(TOTAL, 1 << 30, "the rows are named after it");
    let workspace = rig.workspace("gibibyte")?;
    let sandbox = rig.sandbox(&workspace, "cat")?;
    let peaks: Vec<Cell<f64>> = (0..2 + rig.dockers.len()).map(|_| Cell::new(0.0)).collect();
    let pass = |peak: usize, mut command: Command| -> Lane<'_> {
        let peak = &peaks[peak];
        Box::new(move || {
            let pass = through_program(&mut command)?;
            peak.set(peak.get().max(pass.peak));
            Ok(pass.took)
        })
    };
    let dockers = rig.docker(&["exec", "-i", &sandbox.id, "cat"]);
    let dockers = dockers.into_iter().enumerate();
    let medians = Lanes {
        dp: vec![
            pass(
                0,
                rig.dp_in(&workspace, &["sandbox", "exec", &sandbox.name, "cat"]),
            ),
            pass(1, rig.dp_in(&workspace, &["run", "--quiet", "cat"])),
        ],
        dockers: dockers
            .map(|(index, command)| pass(2 + index, command))
            .collect(),
        raw: Some(Box::new(|| {
            time_of(|| through_engine(rig.api.exec(&sandbox.id, &["cat"], true)?))
        })),
    }
    .race(1, HEAVY_RUNS)?;
    let guest = memory(sandbox.process()?, "VmHWM")?;
    rig.remove_containers()?;
    let most = peaks[0].get().max(peaks[1].get());
    let of_docker = peaks[2..].iter().map(Cell::get).collect();
    Ok(vec![
        Row::time(
            "1 GiB in and out of `dp sandbox exec`, `docker exec -i`",
            &medians,
            0,
            ratio(1.0),
        ),
        Row::time(
            "1 GiB in and out of `dp run`, `docker exec -i`",
            &medians,
            1,
            ratio(1.0),
        ),
        Row::size(
            "memory of `dp` after that 1 GiB",
            most,
            of_docker,
            absolute(20.0),
        ),
        Row::size(
            "peak memory of the guest after all that",
            guest,
            Vec::new(),
            Budget::default(),
        ),
    ])
}

fn list(rig: &Rig) -> Result<Vec<Row>> {
    let workspace = rig.workspace("list")?;
    let model = rig.sandbox(&workspace, "true")?;
    for number in 0..MANY {
        crate::go_on()?;
        stopped_sandbox(rig, &model, number)?;
    }
    let medians = Lanes {
        dp: vec![lane(rig.command(&rig.dp, &["sandbox", "ls"]))],
        dockers: rig.docker(&["ps", "-a"]).into_iter().map(lane).collect(),
        raw: Some(Box::new(|| {
            time_of(|| rig.api.get("/containers/json?all=1").map(drop))
        })),
    }
    .race(WARM_UPS, RUNS)?;
    rig.remove_containers()?;
    Ok(vec![Row::time(
        "`dp sandbox ls` with 500 sandboxes, `docker ps -a`",
        &medians,
        0,
        ratio(0.5),
    )])
}

/// A sandbox like the model, of another workspace and never started.
fn stopped_sandbox(rig: &Rig, model: &Sandbox, number: usize) -> Result<()> {
    let mut body = model.twin(rig.label(), &[]);
    let mut labels = model.description["Config"]["Labels"].clone();
    labels["dev.dp.workspace"] = json!(format!("/home/developer/projects/project-{number}"));
    labels["dev.dp.workspace-id"] = json!(format!("{number:012x}"));
    body["Labels"] = labels;
    // As `dp` makes them: by the ID of the image.
    body["Image"] = model.description["Config"]["Image"].clone();
    body["WorkingDir"] = json!("/");
    body["Entrypoint"] = model.description["Config"]["Entrypoint"].clone();
    let name = format!("dp-true-project-{number}-{number:06x}");
    text(
        &rig.api
            .post(&format!("/containers/create?name={name}"), &body)?,
        "Id",
    )?;
    Ok(())
}

fn volumes(rig: &Rig) -> Result<Vec<Row>> {
    for number in 0..MANY {
        crate::go_on()?;
        volume(rig, number)?;
    }
    let race = |dp: &[&str], docker: &[&str], path: &str| {
        Lanes {
            dp: vec![lane(rig.command(&rig.dp, dp))],
            dockers: rig.docker(docker).into_iter().map(lane).collect(),
            raw: Some(Box::new(|| time_of(|| rig.api.get(path).map(drop)))),
        }
        .race(WARM_UPS, RUNS)
    };
    let listed = race(
        &["volumes", "ls", "--no-size"],
        &["volume", "ls"],
        "/volumes",
    )?;
    let sized = race(
        &["volumes", "ls"],
        &["system", "df", "-v"],
        "/system/df?type=volume",
    )?;
    rig.remove_volumes()?;
    Ok(vec![
        Row::time(
            "`dp volumes ls --no-size` with 500 volumes, `docker volume ls`",
            &listed,
            0,
            ratio(1.0),
        ),
        Row::time(
            "`dp volumes ls` with the sizes of 500 volumes, `docker system df -v`",
            &sized,
            0,
            ratio(1.0),
        ),
    ])
}

/// The home of a workspace, and nothing in it.
fn volume(rig: &Rig, number: usize) -> Result<()> {
    let (key, value) = rig.label().split_once('=').unwrap_or((rig.label(), ""));
    let workspace = format!("/home/developer/projects/project-{number}");
    let body = json!({
        "Name": format!("dp-home-bench{number:07x}"),
        "Labels": {
            key: value,
            "dev.dp.managed": "true",
            "dev.dp.kind": "home",
            "dev.dp.workspace": workspace,
            "dev.dp.workspace-id": format!("bench{number:07x}"),
        },
    });
    rig.api.post("/volumes/create", &body).map(drop)
}

fn idle_memory(rig: &Rig) -> Result<Vec<Row>> {
    let workspace = rig.workspace("memory")?;
    let sandbox = rig.sandbox(&workspace, "cat")?;
    // It gives back what it does not need a second after the last client.
    std::thread::sleep(Duration::from_secs(3));
    let guest = memory(sandbox.process()?, "VmRSS")?;
    let exec = bulk::idle(rig.dp_in(&workspace, &["sandbox", "exec", &sandbox.name, "cat"]))?;
    let run = bulk::idle(rig.dp_in(&workspace, &["run", "--quiet", "cat"]))?;
    let docker = rig
        .docker(&["exec", "-i", &sandbox.id, "cat"])
        .into_iter()
        .map(bulk::idle);
    let docker = docker.collect::<Result<Vec<f64>>>()?;
    rig.remove_containers()?;
    Ok(vec![
        Row::size(
            "memory of `dp` in an idle session",
            exec.max(run),
            docker,
            absolute(20.0),
        ),
        Row::size("memory of the idle guest", guest, Vec::new(), absolute(5.0)),
    ])
}

fn size(rig: &Rig) -> Result<Vec<Row>> {
    let size =
        |path: &Path| -> Result<f64> { Ok(std::fs::metadata(path)?.len() as f64 / MEBIBYTE) };
    let dockers = rig
        .dockers
        .iter()
        .map(|docker| size(&docker.path))
        .collect::<Result<Vec<f64>>>()?;
    Ok(vec![Row::size(
        "release binary",
        size(&rig.dp)?,
        dockers,
        absolute(25.0),
    )])
}
