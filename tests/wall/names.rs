//! Root inside a sandbox attacks the engine, which looks up users in the sandbox's own files at each
//! start: a pipe there would hold it up for ever, a large file fill the memory of its machine.

use crate::support::{DEADLINE, Dp, Ran, docker};

const RUN: [&str; 6] = ["run", "-t", "dp-test/busybox", "shell", "-c", "echo done"];
const ATTACKS: [&str; 7] = [
    "rm /etc/passwd; mkfifo /etc/passwd",
    "rm /etc/group; mkfifo /etc/group",
    "mkfifo /pipe; ln -sf /pipe /etc/passwd",
    "mkdir /real; mkfifo /real/pipe; ln -s real/pipe /link; ln -sf ../link /etc/group",
    "ln -sf /dev/zero /etc/passwd",
    "rm /etc/group; mkdir /etc/group; touch /etc/group/full",
    "dd if=/dev/zero of=/etc/passwd bs=1048576 count=3",
];

fn attacked(attack: &str) -> Dp {
    let dp = Dp::on_engine();
    dp.run(RUN).ok();
    let words = ["sandbox", "exec", "-u", "0", ".", "sh", "-c", attack];
    dp.run(words).ok();
    dp
}

fn timely(dp: &Dp, words: &[&str]) -> Ran {
    let mut running = dp.spawn(words);
    assert!(running.ends_within(DEADLINE), "{words:?}");
    running.wait()
}

#[test]
fn nothing_in_the_place_of_the_users_holds_the_engine_up() {
    for attack in ATTACKS {
        let dp = attacked(attack);
        timely(&dp, &["sandbox", "exec", "-u", "nobody", ".", "true"]);
        timely(&dp, &["sandbox", "stop", "."]).ok();
        assert_eq!(timely(&dp, &RUN).ok(), "done", "{attack}");
        assert_eq!(
            timely(&dp, &["sandbox", "exec", "-u", "0", ".", "id", "-u"]).ok(),
            "0"
        );
    }
}

#[test]
fn a_sandbox_that_was_killed_is_looked_at_before_it_starts_again() {
    for attack in ATTACKS {
        let dp = attacked(attack);
        docker(&["kill", &dp.container()]);
        let ran = timely(&dp, &RUN);
        assert_eq!(ran.code, 125, "{attack}: {ran}");
        assert!(
            ran.err().contains("is not a small regular file"),
            "{attack}: {ran}"
        );
        let again = [&["run", "--recreate"], &RUN[1..]].concat();
        assert_eq!(timely(&dp, &again).ok(), "done", "{attack}");
    }
    let dp = attacked("true");
    docker(&["kill", &dp.container()]);
    assert_eq!(timely(&dp, &RUN).ok(), "done");
}
