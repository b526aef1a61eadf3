//! The author of an image attacks the person who uses it: labels of the image are labels of its
//! containers, and say that those are sandboxes of `dp`, or that the image is.

use crate::support::{Dp, docker, on_engine};
use dp::volumes::Leftovers;
use jiff::{SignedDuration, Timestamp};

/// An image with labels of the author's choice, under a name of its own.
fn image(dp: &Dp, name: &str, labels: &[(&str, &str)]) -> String {
    let tag = format!("dp-test/wall-{name}-{}:latest", std::process::id());
    let mut text = String::from("FROM dp-test/busybox\n");
    for (key, value) in labels {
        text.push_str(&format!("LABEL dev.dp.{key}=\"{value}\"\n"));
    }
    // What a sandbox has that an image can have as well.
    text.push_str("VOLUME [\"/.dp/bin\", \"/.dp/s\"]\n");
    text.push_str("ENTRYPOINT [\"/.dp/bin/dp\", \"guest\", \"init\", \"{}\"]\n");
    let directory = dp.root().join(name);
    std::fs::create_dir_all(&directory).expect("a directory");
    std::fs::write(directory.join("Dockerfile"), text).expect("a file");
    let directory = directory.display().to_string();
    let words = ["build", "--quiet", "--label", dp.label(), "--tag", &tag];
    docker(&[&words[..], &[&directory]].concat());
    tag
}

fn sandbox_labels(dp: &Dp) -> Vec<(String, String)> {
    let here = dp
        .here()
        .canonicalize()
        .expect("a path")
        .display()
        .to_string();
    let id = dp::digest::sha256(&here)[..12].to_string();
    let owner = rustix::process::getuid().as_raw().to_string();
    [
        ("managed", "true".to_string()),
        ("kind", "sandbox".into()),
        ("version", "0.1.0".into()),
        ("workspace", here),
        ("workspace-id", id),
        ("agent", "shell".into()),
        ("owner", owner),
        ("spec", "{}".into()),
    ]
    .map(|(key, value)| (key.to_string(), value))
    .to_vec()
}

#[test]
fn a_container_of_an_image_with_our_labels_is_not_ours() {
    let dp = Dp::on_engine().wary();
    let labels = sandbox_labels(&dp);
    let labels: Vec<(&str, &str)> = { labels.iter() }
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    let tag = image(&dp, "container", &labels);
    let name = format!("dp-foreign-{}", std::process::id());
    let words = ["create", "--label", dp.label(), "--name", &name, &tag];
    let id = docker(&words).trim().to_string();
    let short = name.trim_start_matches("dp-");
    let listed = dp.run(["--format", "json", "sandbox", "ls"]).ok();
    assert!(!listed.contains(&id), "{listed}");
    for words in [
        &["sandbox", "rm", "--force", short][..],
        &["sandbox", "rm", "--force", &id[..12]],
        &["sandbox", "rm", "--force", "."],
        &["sandbox", "start", short],
        &["sandbox", "stop", "."],
        &["sandbox", "inspect", "."],
        &["sandbox", "exec", ".", "true"],
        &["sandbox", "logs", "."],
    ] {
        let ran = dp.run(words);
        assert!(
            ran.err().contains("there is no sandbox"),
            "{words:?}: {ran}"
        );
    }
    // A run makes a sandbox of its own.
    let script = ["run", "-t", "dp-test/busybox", "shell", "-c", "true"];
    dp.run(script).ok();
    let state = docker(&["inspect", "--format", "{{.State.Status}} {{.Name}}", &id]);
    assert_eq!(state.trim(), format!("created /{name}"));
    docker(&["rm", &id]);
    docker(&["rmi", &tag]);
}

#[test]
fn an_image_with_our_labels_is_not_ours_and_has_no_agent_by_them() {
    let dp = Dp::on_engine().wary();
    let tag = format!("dp-test/wall-own-{}:latest", std::process::id());
    let labels = [
        ("managed", "true"),
        ("kind", "agent"),
        ("agent", "shell"),
        ("inputs", tag.as_str()),
        ("engine", "false"),
    ];
    assert_eq!(image(&dp, "own", &labels), tag);
    let listed = dp.run(["--format", "json", "image", "ls"]).ok();
    assert!(!listed.contains(&tag), "{listed}");
    let ran = dp.run(["image", "rm", &tag]);
    assert!(ran.err().contains("is not an image of `dp`"), "{ran}");
    docker(&["image", "inspect", &tag]);
    docker(&["rmi", &tag]);
}

#[test]
fn a_helper_that_only_labels_make_is_left_alone() {
    let dp = Dp::on_engine().wary();
    let tag = image(&dp, "helper", &[("managed", "true"), ("kind", "guest")]);
    let name = format!("foreign-helper-{}", std::process::id());
    let words = ["create", "--label", dp.label(), "--name", &name, &tag];
    docker(&words);
    let found = on_engine(async |engine| {
        let containers = engine.containers(&[dp.label().into()]).await;
        let containers = containers.expect("containers");
        assert_eq!(containers.len(), 1);
        // A day from now it would be stale.
        let then = Timestamp::now() + SignedDuration::from_hours(24);
        Leftovers::new(&[], &containers, None, then)
    });
    assert_eq!(found, Leftovers::default());
    docker(&["rm", &name]);
    docker(&["rmi", &tag]);
}
