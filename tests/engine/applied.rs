//! What is asked is what `dp` shows, what the engine has, and what the kernel enforces.

use crate::support::{Dp, Ran};
use serde_json::{Value, json};

const MEMORY: u64 = 512 << 20;
const SHARED: u64 = 32 << 20;

/// Prints what the kernel has, by either version of control groups.
const MEASURE: &str = r"
cd /sys/fs/cgroup
if [ -f memory.max ]; then
    cat memory.max pids.max; cat cpu.max
else
    cat memory/memory.limit_in_bytes pids/pids.max
    echo $(cat cpu/cpu.cfs_quota_us) $(cat cpu/cpu.cfs_period_us)
fi
df -k /dev/shm | awk 'NR == 2 { print $2 }'
echo $(id -u):$(id -g)
touch /mnt/rw/made && echo made
touch /mnt/ro/made 2>/dev/null || echo closed
";

fn run(dp: &Dp, options: &[&str], script: &str) -> Ran {
    let words = ["run", "-t", "dp-test/busybox"];
    dp.run([&words[..], options, &["shell", "-c", script]].concat())
}

fn shown(dp: &Dp) -> Value {
    let words = ["--format", "json", "sandbox", "inspect", "."];
    dp.run(words).json()
}

/// The mounts as the engine has them, in the words of `dp`, in order.
fn mounts_of_engine(inspected: &Value) -> Vec<Value> {
    let mounts = inspected["Mounts"].as_array().expect("a list").iter();
    let mounts = mounts.map(|mount| {
        let is_volume = mount["Type"] == "volume";
        json!({
            "kind": mount["Type"],
            "source": mount[if is_volume { "Name" } else { "Source" }],
            "target": mount["Destination"],
            "read_only": mount["RW"] == json!(false),
        })
    });
    sorted(mounts.collect())
}

fn sorted(mut mounts: Vec<Value>) -> Vec<Value> {
    mounts.sort_by_key(ToString::to_string);
    mounts
}

/// What `dp` shows of mounts and ports is what the engine has.
fn assert_as_engine(dp: &Dp) -> (Value, Value) {
    let (shown, inspected) = (shown(dp), dp.inspect());
    let mounts = shown["mounts"].as_array().expect("a list").clone();
    assert_eq!(sorted(mounts), mounts_of_engine(&inspected));
    let mut ports = Vec::new();
    let bound = inspected["NetworkSettings"]["Ports"].as_object();
    for (port, bindings) in bound.into_iter().flatten() {
        for binding in bindings.as_array().into_iter().flatten() {
            let text = |key: &str| binding[key].as_str().expect("text").to_string();
            ports.push(format!("{}:{}:{port}", text("HostIp"), text("HostPort")));
        }
    }
    let listed = shown["ports"].as_array().expect("a list").iter();
    let listed: Vec<String> = listed
        .map(|port| {
            let (ip, protocol) = (&port["ip"], &port["protocol"]);
            let (ip, protocol) = (ip.as_str(), protocol.as_str());
            let (ip, protocol) = (ip.expect("text"), protocol.expect("text"));
            format!("{ip}:{}:{}/{protocol}", port["host"], port["container"])
        })
        .collect();
    assert_eq!(listed, ports, "{inspected}");
    (shown, inspected)
}

#[test]
fn what_is_asked_is_what_the_engine_and_the_kernel_have() {
    let dp = Dp::on_engine().file("../data/x", "");
    let data = std::fs::canonicalize(dp.path("../data")).expect("a path");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(&data, open).expect("open to all");
    let options = [
        ["--memory", "512m"],
        ["--cpus", "1.5"],
        ["--pids-limit", "99"],
        ["--shm-size", "32m"],
        ["--publish", "8080"],
        ["--user", "1234:2345"],
        ["--volume", "../data:/mnt/rw"],
        ["--volume", "../data:/mnt/ro:ro"],
    ];
    let ran = run(&dp, &options.concat(), MEASURE);
    let expected = [
        &MEMORY.to_string(),
        "99",
        "150000 100000",
        &(SHARED / 1024).to_string(),
        "1234:2345",
        "made",
        "closed",
    ];
    assert_eq!(ran.ok().lines().collect::<Vec<_>>(), expected);
    let (shown, inspected) = assert_as_engine(&dp);
    let has = &inspected["HostConfig"];
    let settings = &shown["settings"];
    let same = [
        (&settings["memory"], &has["Memory"], json!(MEMORY)),
        (&settings["cpus"], &has["NanoCpus"], json!(1_500_000_000)),
        (&settings["pids_limit"], &has["PidsLimit"], json!(99)),
        (&settings["shm_size"], &has["ShmSize"], json!(SHARED)),
    ];
    for (shown, has, expected) in same {
        assert_eq!((shown, has), (&expected, &expected));
    }
    assert_eq!(settings["user"], "1234:2345");
    assert_eq!(shown["ports"][0]["container"], 8080);
    for (target, read_only) in [("/mnt/rw", false), ("/mnt/ro", true)] {
        let mount = json!({
            "kind": "bind", "source": data, "target": target, "read_only": read_only,
        });
        let mounts = shown["mounts"].as_array().expect("a list");
        assert!(mounts.contains(&mount), "{shown}");
    }
}

#[test]
fn no_network_is_none_for_the_engine_as_well() {
    let dp = Dp::on_engine();
    let ran = run(&dp, &["--network", "none"], "ls /sys/class/net");
    assert_eq!(ran.ok(), "lo");
    let (shown, inspected) = assert_as_engine(&dp);
    assert_eq!(shown["settings"]["network"], "none");
    assert_eq!(inspected["HostConfig"]["NetworkMode"], "none");
}

#[test]
fn what_nobody_asks_for_is_the_default() {
    let dp = Dp::on_engine();
    run(&dp, &[], "true").ok();
    let (shown, inspected) = assert_as_engine(&dp);
    let expected = json!({
        "image": "dp-test/busybox",
        "pids_limit": 4096,
        "credentials": "sandbox",
        "user": shown["settings"]["user"],
    });
    assert_eq!(shown["settings"], expected);
    let has = &inspected["HostConfig"];
    assert_eq!((&has["Memory"], &has["NanoCpus"]), (&json!(0), &json!(0)));
    let requests = has["DeviceRequests"].as_array();
    assert!(requests.is_none_or(Vec::is_empty), "{has}");
}
