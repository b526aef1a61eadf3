//! What programs read: JSON on both streams.

use crate::support::{Dp, Ran, expect_documented};
use serde_json::Value;

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
    expect_documented("warning", &warning["warning"]);
    expect_documented("error", &error["error"]);
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

/// A command line that must succeed, with JSON.
fn json(dp: &Dp, line: &str) -> Value {
    let words = ["--format", "json"].into_iter().chain(line.split(' '));
    let ran: Ran = dp.run(words);
    ran.json()
}

#[test]
fn answers_about_sandboxes_have_the_documented_fields() {
    let dp = Dp::on_engine().file("given", "x");
    let run =
        "-t dp-test/busybox --memory 256m --cpus 1.5 -p 3000 --shm-size 8m --network bridge shell";
    let planned = json(&dp, &format!("run --dry-run {run}"));
    expect_documented("run --dry-run", &planned);
    expect_documented("mounts", &planned["mounts"]);
    expect_documented("planned ports", &planned["ports"]);
    expect_documented("planned agents", &planned["agents"]);
    expect_documented("processes", &planned["agents"][0]["processes"]);
    let created = json(&dp, &format!("run --detach {run}"));
    expect_documented("run --detach", &created);
    let name = created["name"].as_str().expect("text");
    expect_documented(
        "sandbox create",
        &json(&dp, &format!("sandbox create {run}")),
    );
    let listed = json(&dp, "sandbox ls");
    expect_documented("sandbox ls", &listed);
    let one = json(&dp, "sandbox inspect .");
    expect_documented("sandbox inspect", &one);
    expect_documented("settings", &one["settings"]);
    expect_documented("mounts", &one["mounts"]);
    expect_documented("sandbox ports", &one["ports"]);
    expect_documented("sandbox ports", &json(&dp, "sandbox ports ."));
    let copied = json(&dp, &format!("sandbox cp given {name}:/tmp/given"));
    expect_documented("sandbox cp", &copied);
    assert!(is_time(&one["created"]), "{one}");
    for line in ["stop .", "start .", "rm --force .", "prune --dry-run"] {
        let verb = line.split(' ').next().expect("a verb");
        let table = format!("sandbox {verb}");
        expect_documented(&table, &json(&dp, &format!("sandbox {line}")));
    }
}

#[test]
fn a_plan_of_a_team_has_the_documented_fields() {
    let text = "docker: {image: dp-test/busybox, memory: 1g, ports: [\"0.0.0.0::80\"]}\n\
        agents: {a: {template: ./a}, b: {template: \"https://git.invalid/x\"}}\n";
    let dp = Dp::on_engine().file("a/x", "").file("dp.yml", text);
    let planned = json(&dp, "run --dry-run --memory 2g");
    expect_documented("run --dry-run", &planned);
    expect_documented("file", &planned["file"]);
    expect_documented("requests", &planned["file"]["requests"]);
    expect_documented("templates", &planned["templates"]);
    expect_documented("planned agents", &planned["agents"]);
    expect_documented("processes", &planned["agents"][0]["processes"]);
    expect_documented("planned ports", &planned["ports"]);
    json(&dp, "sandbox create --yes shell");
    let planned = json(&dp, "run --dry-run --memory 2g shell");
    expect_documented("differences", &planned["differences"]);
    expect_documented("mounts", &planned["mounts"]);
}

#[test]
fn processes_have_the_documented_fields() {
    let dp = Dp::on_engine();
    let mut running = dp.spawn([
        "run",
        "-t",
        "dp-test/busybox",
        "shell",
        "-c",
        "echo in; read x",
    ]);
    running.expect("in");
    let processes = json(&dp, "sandbox ps .");
    expect_documented("sandbox ps", &processes);
    assert!(is_time(&processes[0]["started_at"]), "{processes}");
    running.send(b"x\n");
    running.wait().ok();
    let processes = json(&dp, "sandbox ps .");
    expect_documented("sandbox ps", &processes);
    assert!(is_time(&processes[0]["ended_at"]), "{processes}");
}

#[test]
fn images_and_volumes_have_the_documented_fields() {
    let dp = Dp::on_engine().config(
        "[agents.own]\ncommand = [\"own\"]\ninstall = \"cp /bin/true /usr/local/bin/own\"\n\
         version = [\"own\"]\nstate = { directory = \".own\" }\n",
    );
    dp.run(["run", "-t", "dp-test/debian", "own"]).ok();
    expect_documented("image ls", &json(&dp, "image ls"));
    let volumes = json(&dp, "volumes ls");
    expect_documented("volumes ls", &volumes);
    let is_login = |volume: &&Value| volume["kind"] == "login" && volume["agent"] == "own";
    let login = volumes.as_array().into_iter().flatten().find(is_login);
    assert!(
        login.is_some_and(|volume| is_time(&volume["created"])),
        "{volumes}"
    );
    dp.run(["sandbox", "rm", "--force", "."]).ok();
    let own = |image: &&Value| image["agent"] == "own";
    let images = json(&dp, "image ls");
    let image = images
        .as_array()
        .into_iter()
        .flatten()
        .find(own)
        .expect("its layer");
    let name = image["name"].as_str().expect("text");
    expect_documented("image rm", &json(&dp, &format!("image rm {name}")));
}

fn is_time(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    text.len() == "2026-01-02T03:04:05Z".len() && text.contains('T') && text.ends_with('Z')
}
