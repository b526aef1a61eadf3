//! Root inside a sandbox attacks the network and the devices of the machine with what Docker gives
//! to every container.

use crate::support::Dp;

fn root(dp: &Dp, words: &[&str], script: &str) -> crate::support::Ran {
    let run = ["run", "-t", "dp-test/busybox", "--user", "root"];
    dp.run([&run[..], words, &["shell", "-c", script]].concat())
}

#[test]
fn nobody_inside_makes_devices_or_opens_raw_sockets() {
    let dp = Dp::on_engine();
    let bits = "grep CapBnd /proc/self/status | cut -f2";
    let set = u64::from_str_radix(root(&dp, &[], bits).ok().trim(), 16).expect("a mask");
    let (net_raw, mknod, audit_write) = (1 << 13, 1 << 27, 1 << 29);
    assert_eq!(set & (net_raw | mknod), 0, "{set:x}");
    assert_ne!(
        set & audit_write,
        0,
        "su and sudo of some distributions need it"
    );
    let ran = root(&dp, &[], "mknod /dev/sda b 8 0");
    assert_ne!(ran.code, 0, "{ran}");
}

#[test]
fn everybody_inside_may_ping_without_a_raw_socket() {
    let dp = Dp::on_engine();
    let echo = "use Socket; socket(S, AF_INET, SOCK_DGRAM, 1) or die $!; print 'may ping'";
    let run = [
        "run",
        "-t",
        "dp-test/debian",
        "--user",
        "1234:1234",
        "shell",
        "-c",
        "perl -e \"$0\"",
        echo,
    ];
    assert_eq!(dp.run(run).out(), "may ping");
}

#[test]
fn a_capability_is_there_for_whoever_types_it() {
    let dp = Dp::on_engine();
    let asked = ["--cap-add", "mknod"];
    let ran = root(&dp, &asked, "mknod /tmp/null c 1 3 && echo made");
    assert_eq!(ran.out(), "made\n", "{ran}");
    // It is kept, and told.
    let inspected = dp.run(["sandbox", "inspect"]).ok();
    assert!(inspected.contains("MKNOD"), "{inspected}");
    let ran = root(&dp, &["--cap-add", "NET_RAW"], "true");
    assert_eq!(ran.code, 125, "{ran}");
    assert!(ran.err().contains("cap-add: MKNOD -> NET_RAW"), "{ran}");
}
