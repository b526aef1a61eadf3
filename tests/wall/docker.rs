//! An agent with root inside, or with the Docker engine inside, against the kernel of the machine:
//! what lies open under `/proc` and `/sys` is global root's, so nobody may open it for writing.

use crate::support::{Dp, Ran, docker, wait_until};
use std::os::unix::fs::MetadataExt;
use std::time::Duration;

/// Starting an engine on a busy machine.
const SLOW: Duration = Duration::from_secs(120);

/// Prints what can be opened for writing of what belongs to the whole machine, and what can be
/// mounted to get there. Nothing is written. What belongs to a namespace of one's own is left out:
/// networks, and what the kernel keeps for each user, process and IPC namespace.
const PROBE: &str = r#"
    tried=0
    open() { tried=$((tried + 1)); { true >>"$1"; } 2>/dev/null && echo "OPEN $1"; }
    # What anybody may open: otherwise the probe would find nothing open for a reason of its own.
    { true >>/dev/null; } 2>/dev/null && echo "WRITES $1."
    for top in "" $ALSO; do
        for f in $(find $top/proc/sys $top/proc/irq $top/proc/bus $top/proc/fs $top/sys -type f 2>/dev/null); do
            case $f in
                */proc/sys/net/*|*/proc/sys/user/*|*/proc/sys/fs/mqueue/*|*/proc/sys/kernel/ns_last_pid) ;;
                */proc/sys/kernel/msg*|*/proc/sys/kernel/shm*|*/proc/sys/kernel/sem*|*/proc/sys/kernel/auto_msgmni) ;;
                */proc/sys/kernel/hostname|*/proc/sys/kernel/domainname|*/sys/devices/virtual/net/*) ;;
                *) open $f ;;
            esac
        done
        open $top/proc/sysrq-trigger
        open $top/proc/kcore
        for f in $(find $top/sys/fs/cgroup -name release_agent 2>/dev/null); do open $f; done
    done
    mkdir -p /tmp/probe 2>/dev/null
    for kind in proc sysfs; do
        mount -t $kind none /tmp/probe 2>/dev/null || continue
        for f in sys/kernel/core_pattern sysrq-trigger kernel/uevent_helper; do open /tmp/probe/$f; done
        umount /tmp/probe
    done
    # Every hierarchy of version 1, version 2, and what debuggers and registries of the kernel mount.
    hierarchies=$(awk 'NR > 1 { print "cgroup -o " $1 }' /proc/cgroups 2>/dev/null | tr ' ' ,)
    for kind in $hierarchies cgroup,-o,none,name=systemd cgroup2 debugfs tracefs securityfs bpf binfmt_misc; do
        mount -t $(echo $kind | tr , ' ') none /tmp/probe 2>/dev/null || continue
        echo "MOUNTED $kind"
        if [ $kind = binfmt_misc ]; then
            # Since Linux 6.7 each user namespace has a registry of its own; before, none but the first has one.
            echo "REGISTRY $(stat -c %d /tmp/probe) of $(awk '{ print $3; exit }' /proc/self/uid_map)"
        else
            for f in $(find /tmp/probe -type f 2>/dev/null); do open $f; done
        fi
        umount /tmp/probe
    done
    echo "PROBED $1. $tried"
"#;

/// Each of the accounts has looked at many files, and none has opened anything.
fn probed(ran: &Ran, accounts: &[&str]) {
    let said = ran.out();
    for account in accounts {
        assert!(
            said.contains(&format!("WRITES {account}.")),
            "{account}: {ran}"
        );
        let probed = format!("PROBED {account}. ");
        let tried = said.lines().find_map(|line| line.strip_prefix(&probed));
        let tried = tried.and_then(|tried| tried.parse().ok());
        assert!(
            tried.is_some_and(|tried: u32| tried > 100),
            "{account}: {tried:?}: {ran}"
        );
    }
    assert!(!said.contains("OPEN "), "{ran}");
    // The machine's own registry of programs, where it is mounted, is another one than any of theirs.
    let of_machine = std::fs::metadata("/proc/sys/fs/binfmt_misc").map(|found| found.dev());
    for registry in said
        .lines()
        .filter_map(|line| line.strip_prefix("REGISTRY "))
    {
        let (device, numbers) = registry.split_once(" of ").expect("two words");
        assert_ne!(
            numbers,
            u32::MAX.to_string(),
            "of the first namespace: {ran}"
        );
        if let Ok(of_machine) = of_machine {
            assert_ne!(device, of_machine.to_string(), "{ran}");
        }
    }
}

fn person(uid: Option<u32>) -> Dp {
    let dp = Dp::on_engine();
    let id = docker(&["create", "--label", dp.label(), "dp-test/busybox"]);
    docker(&["cp", &format!("{id}:/bin/busybox"), &dp.path("busybox")]);
    let dp = dp
        .file(
            "Dockerfile",
            "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n",
        )
        .file("probe.sh", PROBE);
    match uid {
        Some(uid) => dp.unprivileged(uid, &[docker_group()]),
        None => dp,
    }
}

fn docker_group() -> u32 {
    let socket = std::fs::metadata(crate::support::engine_socket()).expect("the engine's socket");
    std::os::unix::fs::MetadataExt::gid(&socket)
}

/// Every account that an agent has or becomes: itself, root by sudo, and root of namespaces that it
/// makes, as far as it may make them.
const ACCOUNTS: &str = "sh probe.sh itself; sudo -n sh probe.sh root; unshare -Urm sh probe.sh users; \
    unshare -Urmpf --mount-proc sh probe.sh processes; sudo -n unshare -mp sh probe.sh mounts; true";
/// Those that a sandbox lets anybody become. Docker's seccomp profile refuses the namespaces.
const OF_SANDBOX: [&str; 2] = ["itself", "root"];

fn shell(dp: &Dp, options: &[&str], script: &str) -> Ran {
    let words = [
        &["run", "--yes", "-t", "dp-test/debian"],
        options,
        &["shell", "-c", script],
    ];
    dp.spawn(words.concat()).wait_for(SLOW)
}

#[test]
fn nobody_in_a_sandbox_opens_the_kernel_for_writing() {
    for uid in [None, Some(1000)] {
        let options: [&[&str]; 3] = [&[], &["--dind"], &["--dind", "--user", "root"]];
        for options in options {
            let ran = shell(&person(uid), options, ACCOUNTS);
            probed(&ran, &OF_SANDBOX);
        }
        let of_file = person(uid).file("dp.yml", "docker: {user: root}\n");
        probed(&shell(&of_file, &[], ACCOUNTS), &OF_SANDBOX);
    }
}

/// As much as the engine inside gives a container.
const ALL: &str = "docker build -q -t bb . >/dev/null && docker run --rm --cap-add ALL \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
    --security-opt systempaths=unconfined --pid=host --net=host -v /:/x -v $PWD:/w -e HERE=$PWD -e ALSO=/x bb ";

#[test]
fn nobody_in_a_container_of_the_engine_inside_opens_the_kernel_for_writing() {
    for uid in [None, Some(1000)] {
        for options in [&["--dind"][..], &["--dind", "--user", "root"]] {
            let dp = person(uid);
            let nested = "unshare -rm sh /w/probe.sh users; chroot /x sh $HERE/probe.sh engine";
            let script = format!("{ALL} sh -c 'sh /w/probe.sh itself; {nested}; true'");
            probed(
                &shell(&dp, options, &script),
                &["itself", "users", "engine"],
            );
        }
    }
}

/// Opens whatever a container here can open or mount of the kernel's, and gives it to whoever
/// listens in the workspace. It runs with the programs of the engine's container.
const GIVE: &str = r"
import array, ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def attempt(what):
    try: return what()
    except (OSError, ValueError): return None
found = {'/proc': 3, '/sys': 4}
def add(name):
    opened = attempt(lambda: os.open(name, os.O_RDONLY | os.O_DIRECTORY))
    if opened is not None: found[name] = opened
for name in ['/proc', '/sys', '/proc/1/root', '/proc/1/cwd', '/sys/fs/cgroup', '/sys/kernel']: add(name)
attempt(lambda: os.unshare(os.CLONE_NEWNS))
for flags in [0, os.CLONE_NEWCGROUP, os.CLONE_NEWUSER | os.CLONE_NEWNS]:
    if flags: attempt(lambda: os.unshare(flags))
    for kind, data in [('proc', None), ('proc', b'subset=pid'), ('sysfs', None), ('cgroup2', None),
                       ('cgroup', b'memory'), ('cgroup', b'none,name=systemd'), ('debugfs', None),
                       ('tracefs', None), ('securityfs', None)]:
        place = f'/tmp/{flags}-{kind}-{data}'
        os.makedirs(place, exist_ok=True)
        if libc.mount(b'none', place.encode(), kind.encode(), 0, data) == 0:
            print('mounted', kind, data, flags)
            add(place)
way = socket.socket(socket.AF_UNIX)
way.connect(sys.argv[1] + '/x.sock')
for name, opened in found.items():
    way.sendmsg([name.encode().ljust(60)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [opened]))])
way.close()
";

/// Takes them as root of the sandbox, and tries to open for writing what belongs to the machine.
const TAKE: &str = r"
import array, os, socket, subprocess, sys
spaces = ('/sys/net/', '/sys/user/', '/sys/fs/mqueue/', '/sys/kernel/msg', '/sys/kernel/shm', '/sys/kernel/sem',
       '/sys/kernel/ns_last_pid', '/sys/kernel/auto_msgmni', '/sys/kernel/hostname', '/sys/kernel/domainname',
       '/devices/virtual/net/')
tried = 0
def opens(name, top):
    global tried
    tried += 1
    try: os.close(os.open(name, os.O_WRONLY | os.O_NONBLOCK, dir_fd=top))
    except OSError: return False
    return True
# What root may open of the sandbox's own does nothing, as in every container.
at_home = [os.open(name, os.O_RDONLY) for name in ('/proc', '/sys')]
def attempt(name, top):
    if opens(name, top) and not any(opens(name, own) for own in at_home): print('OPEN', given, name)
def is_of_root(number, top):
    try: return 'Uid:\t0\t' in open(os.open(number + '/status', os.O_RDONLY, dir_fd=top)).read()
    except OSError: return False
def walk(below, top):
    for path, directories, files, _ in os.fwalk(below, dir_fd=top, follow_symlinks=False):
        for name in files:
            full = os.path.join(path, name)
            if not any(part in '/' + full for part in spaces): attempt(full, top)
way = socket.socket(socket.AF_UNIX)
way.bind('x.sock'); os.chmod('x.sock', 0o777); way.listen()
for options in [[], ['--privileged'], ['--cap-add', 'ALL', '--security-opt', 'seccomp=unconfined', '--security-opt',
                'systempaths=unconfined', '--security-opt', 'apparmor=unconfined', '--pid=host', '--net=host']]:
    run = ['docker', 'run', '--rm', '-v', '/:/x', *options, 'bb', 'sh', '-c',
           f'exec 3</proc 4</sys; exec chroot /x python3 {os.getcwd()}/give.py {os.getcwd()}']
    container = subprocess.Popen(run)
    visitor, _ = way.accept()
    count = 0
    while True:
        said, rights, _, _ = visitor.recvmsg(60, socket.CMSG_SPACE(4))
        if not said: break
        given, numbers = said.decode().strip(), array.array('i')
        numbers.frombytes(rights[0][2])
        top = numbers[0]; count += 1
        for name in os.listdir(top):
            if name.isdigit() and is_of_root(name, top):
                for file in ('mem', 'root/proc/sys/kernel/core_pattern'):
                    if opens(f'{name}/{file}', top): print('OPEN', given, name, file)
            elif name == 'proc': walk('proc/sys', top)
            elif not name.isdigit() and name not in ('self', 'thread-self', 'net', 'tty'):
                attempt(name, top)
                if name in ('sys', 'irq', 'bus', 'fs', 'kernel', 'devices', 'memory', 'module', 'block'): walk(name, top)
                if 'cgroup' in given: walk('.', top)
        os.close(top)
    assert container.wait() == 0
    assert count >= 2, count
if opens('/dev/null', None): print('WRITES root.')
print('PROBED root.', tried)
";

/// The image of the engines: it has Python, and every engine that ran one has it.
fn python() -> String {
    shell(&person(None), &["--dind"], "docker version").ok();
    let found = docker(&[
        "images",
        "--format",
        "{{.Repository}}:{{.Tag}}",
        "dp-engine",
    ]);
    found.lines().next().expect("it was made").to_string()
}

#[test]
fn what_a_container_of_the_engine_inside_opens_is_no_way_to_the_kernel_for_root_of_the_sandbox() {
    let python = python();
    for uid in [None, Some(1000)] {
        let dp = person(uid).file("give.py", GIVE).file("take.py", TAKE);
        let script = "docker build -q -t bb . && exec python3 take.py";
        let words = [
            "run", "--yes", "-t", &python, "--dind", "--user", "root", "shell", "-c", script,
        ];
        probed(&dp.spawn(words).wait_for(SLOW), &["root"]);
    }
}

#[test]
fn a_setuid_program_in_the_workspace_makes_nobody_global_root() {
    let dp = person(Some(1000));
    let plant = "mkdir rooted && sudo -n cp busybox rooted/sh && sudo -n chmod 6755 rooted/sh";
    let script = format!("{plant} && {ALL} /w/rooted/sh /w/probe.sh setuid");
    probed(&shell(&dp, &["--dind"], &script), &["setuid"]);
}

/// Prints user and command line of every process, and whether root has a number in its user namespace.
const PROCESSES: &str = r#"
    for p in /proc/[0-9]*; do
        root=$(awk '$2 == 0 { print "ROOT" }' $p/uid_map)
        echo "$(sed -n 's/^Uid:[^0-9]*\([0-9]*\).*/\1/p' $p/status) $(tr '\0' ' ' < $p/cmdline) $root"
    done 2>/dev/null
"#;

#[test]
fn nobody_but_the_guest_is_global_root_in_the_engines_container() {
    for (uid, user) in [(None, "root"), (Some(1000), "auto"), (Some(1000), "root")] {
        let dp = person(uid);
        shell(&dp, &["--dind", "--user", user], "docker version").ok();
        let inspected = dp
            .run(["--format", "json", "sandbox", "inspect", "."])
            .json();
        let id = inspected["engine"]["id"].as_str().expect("an engine");
        // As nobody, so that whoever looks is not among them.
        let all = docker(&["exec", "--user", "65534", id, "sh", "-c", PROCESSES]);
        let roots = all.lines().filter(|line| line.starts_with("0 "));
        let roots: Vec<&str> = roots.collect();
        assert!(
            matches!(roots[..], [guest] if guest.contains("guest engine")),
            "{all}"
        );
        // In a namespace where root has no number, nobody becomes root.
        // Whoever looks is not meant, nor what has just ended.
        let is_there = |line: &&str| !line.starts_with("65534 ") && !line.starts_with(' ');
        let can_become = |line: &&str| line.ends_with(" ROOT") && is_there(line);
        let found: Vec<&str> = all.lines().filter(can_become).collect();
        assert_eq!(found, roots, "{all}");
        assert!(
            all.contains("dockerd") && all.contains("slirp4netns"),
            "{all}"
        );
        let rooting = "find / -xdev -type f -perm /6000; getcap -r / 2>/dev/null";
        let found = docker(&["exec", id, "sh", "-c", rooting]);
        assert_eq!(found, "");
    }
}

/// The directory of the inner engine's socket belongs to the account, and what PID 1 of the engine's
/// container connects to is another thing: a socket of root's in a mount that the agent may not use.
#[test]
fn a_link_in_the_place_of_the_engines_socket_leads_its_root_nowhere() {
    let dp = person(Some(1000)).file(".dockerignore", "roots.sock\n");
    let other = dp.here().join("roots.sock");
    let listener = std::os::unix::net::UnixListener::bind(&other).expect("a socket");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&other, mode).expect("a mode");
    listener.set_nonblocking(true).expect("a mode");
    let plant = "for s in $(find /x/run -name docker.sock -path '*dp-dockerd*'); do \
        rm -f $s && ln -s $HERE/roots.sock $s && echo PLANTED; done";
    let dp = dp.file("plant.sh", plant);
    let script = format!("{ALL} sh /w/plant.sh; docker version 2>&1; true");
    let ran = shell(&dp, &["--dind"], &script);
    assert!(ran.out().contains("PLANTED"), "{ran}");
    assert!(ran.out().contains("does not answer"), "{ran}");
    let arrived = listener.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(arrived, Err(std::io::ErrorKind::WouldBlock), "{ran}");
}

#[test]
fn a_sandbox_with_docker_keeps_what_docker_gives_every_container() {
    let dp = person(None);
    shell(&dp, &["--dind"], "true").ok();
    let with = dp.inspect()["HostConfig"].take();
    let plain = person(None);
    shell(&plain, &[], "true").ok();
    let without = plain.inspect()["HostConfig"].take();
    for key in [
        "CapAdd",
        "CapDrop",
        "Devices",
        "MaskedPaths",
        "ReadonlyPaths",
        "SecurityOpt",
        "Privileged",
        "PidMode",
        "IpcMode",
        "UsernsMode",
        "Runtime",
    ] {
        assert_eq!(with[key], without[key], "{key}");
    }
}

#[test]
fn an_engine_ends_with_its_sandbox_however_that_ends() {
    let dp = person(None);
    let engines = |dp: &Dp| {
        let filters = ["--filter", "label=dev.dp.kind=engine", "--filter"];
        let label = format!("label={}", dp.label());
        docker(&[&["ps", "--all", "--quiet"], &filters[..], &[&label]].concat())
    };
    let ends: [&dyn Fn(&Dp); 4] = [
        &|dp| drop(docker(&["kill", &dp.container()])),
        &|dp| drop(docker(&["stop", &dp.container()])),
        &|dp| drop(dp.run(["sandbox", "stop", "."]).ok()),
        &|dp| drop(dp.run(["sandbox", "rm", "--force", "."]).ok()),
    ];
    for end in ends {
        shell(&dp, &["--dind"], "docker version").ok();
        assert_eq!(engines(&dp).lines().count(), 1);
        end(&dp);
        wait_until("the engine is gone", SLOW, || engines(&dp).is_empty());
    }
}
