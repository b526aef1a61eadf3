//! The system calls of the engine's container: what Docker allows every container, and the calls that
//! make namespaces and mounts, which an engine without root needs in its own user namespace.

use serde_json::{Value, json};

/// Names of system calls of every architecture, separated by white space. What is not named here,
/// newer calls included, is refused.
const ALLOWED: &str = include_str!("../../../images/engine/syscalls");
/// Calls that programs do without when the kernel does not have them: the keyrings and new mount
/// calls of the kernel, memory policies, io_uring, and the call whose flags no profile can look at.
const ABSENT: [&str; 18] = [
    "add_key",
    "clone3",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "get_mempolicy",
    "io_uring_setup",
    "keyctl",
    "mbind",
    "mount_setattr",
    "move_mount",
    "name_to_handle_at",
    "open_tree",
    "process_madvise",
    "quotactl",
    "request_key",
    "set_mempolicy",
];
const EPERM: u32 = 1;
const ENOSYS: u32 = 38;
/// The personalities that change nothing but the name of the machine and how memory is laid out.
const PERSONALITIES: [u32; 5] = [0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];
/// The families of sockets: unix, IPv4, IPv6, netlink, packets. The kernel looks at 32 bits of them.
const FAMILIES: [u32; 5] = [1, 2, 10, 16, 17];
const WHOLE: u32 = u32::MAX;
/// The calls whose first argument says which namespaces are made.
const NAMESPACES: [&str; 2] = ["clone", "unshare"];
/// A namespace of control groups: whoever makes one may mount their hierarchies, whose files are
/// global root's, and give what is open in them to the sandbox.
const CLONE_NEWCGROUP: u32 = 0x0200_0000;

/// The profile as the engine takes it: JSON.
pub(super) fn profile() -> String {
    let allowed: Vec<&str> = ALLOWED.split_whitespace().collect();
    let mut calls = vec![
        json!({ "names": allowed, "action": "SCMP_ACT_ALLOW" }),
        json!({ "names": ABSENT, "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS }),
    ];
    calls.extend(FAMILIES.map(|family| {
        json!({
            "names": ["socket"],
            "action": "SCMP_ACT_ALLOW",
            "args": [{ "index": 0, "value": WHOLE, "valueTwo": family, "op": "SCMP_CMP_MASKED_EQ" }],
        })
    }));
    calls.push(json!({
        "names": NAMESPACES,
        "action": "SCMP_ACT_ALLOW",
        "args": [{ "index": 0, "value": CLONE_NEWCGROUP, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ" }],
    }));
    calls.extend(PERSONALITIES.map(|value| allow_if("personality", "SCMP_CMP_EQ", value)));
    let profile = json!({
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM,
        "archMap": [
            { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
            { "architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"] },
        ],
        "syscalls": calls,
    });
    profile.to_string()
}

/// Allows a call whose first argument compares so with `value`.
fn allow_if(name: &str, comparison: &str, value: u32) -> Value {
    json!({
        "names": [name],
        "action": "SCMP_ACT_ALLOW",
        "args": [{ "index": 0, "value": value, "op": comparison }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_the_kernel_itself_is_not_allowed() {
        let allowed: Vec<&str> = ALLOWED.split_whitespace().collect();
        let refused = [
            "bpf",
            "init_module",
            "finit_module",
            "delete_module",
            "kexec_load",
            "kexec_file_load",
            "open_by_handle_at",
            "perf_event_open",
            "reboot",
            "settimeofday",
            "swapon",
            "syslog",
            "userfaultfd",
            "iopl",
            "ioperm",
            "acct",
            "fanotify_init",
        ];
        for name in refused.iter().chain(&ABSENT).chain(&NAMESPACES) {
            assert!(!allowed.contains(name), "{name}");
        }
        for name in ["mount", "umount2", "pivot_root", "setns"] {
            assert!(allowed.contains(&name), "{name}");
        }
        let mut sorted = allowed.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(allowed.len(), sorted.len(), "each once");
    }
}
