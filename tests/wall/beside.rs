//! Root of a sandbox against the container of its Docker engine, which has a wider seccomp profile. A container of
//! the engine inside gives root of the sandbox what is open there, through a socket in the workspace.

use crate::support::{Dp, Ran, docker, wait_until};
use std::time::Duration;

/// Starting an engine on a busy machine.
const SLOW: Duration = Duration::from_secs(120);
/// What ends has a grace of eight seconds.
const SOON: Duration = Duration::from_secs(20);

/// Gives the root directory of the engine's container to whoever listens in the workspace, and ends the engine
/// when it is told to: the engine's process 1 starts another.
const GIVE: &str = r"
import array, os, socket, sys
way = socket.socket(socket.AF_UNIX)
way.connect(sys.argv[1] + '/x.sock')
top = os.open('/', os.O_RDONLY | os.O_DIRECTORY)
way.sendmsg([b'/'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [top]))])
way.recv(1)
for number in filter(str.isdigit, os.listdir('/proc')):
    try: name = open(f'/proc/{number}/cmdline', 'rb').read().split(b'\0')[0]
    except OSError: continue
    if name.endswith(b'dockerd'): os.kill(int(number), 9)
";

/// Takes it as root of the sandbox. What the engine's user executes first becomes a script whose interpreter belongs
/// to root and has the set-user bit; that starts a program whose file capabilities make anybody of it.
const TAKE: &str = r"
import array, os, socket, struct, subprocess, sys, time
here = os.getcwd()
os.mkdir('out'); os.chmod('out', 0o777); os.chmod(here, 0o755)
way = socket.socket(socket.AF_UNIX)
way.bind('x.sock'); os.chmod('x.sock', 0o777); way.listen()
run = ['docker', 'run', '--rm', '--privileged', '--pid=host', '-v', '/:/x', 'bb', 'chroot', '/x', 'python3', here + '/give.py', here]
subprocess.Popen(run)
visitor, _ = way.accept()
_, rights, _, _ = visitor.recvmsg(1, socket.CMSG_SPACE(4))
numbers = array.array('i'); numbers.frombytes(rights[0][2])
root = f'/proc/self/fd/{numbers[0]}'
python = os.path.realpath(sys.executable)
def put(name, content, mode):
    with open(root + name, 'wb') as file: file.write(content)
    os.chown(root + name, 0, 0); os.chmod(root + name, mode)
program = open(python, 'rb').read()
place = os.path.dirname(python)
put(place + '/rooted', program, 0o6755)
put(place + '/capable', program, 0o755)
users = struct.pack('<5I', 0x02000001, 1 << 6 | 1 << 7, 0, 0, 0)
os.setxattr(f'{root}{place}/capable', 'security.capability', users)
script = f'''#!{place}/rooted -I
import os, subprocess, sys
way = sys.argv[1] if sys.argv[1:] and not sys.argv[1].startswith('-') else 'bit'
for become in (lambda: os.setresgid(0, 0, 0), lambda: os.setresuid(0, 0, 0)):
    try: become()
    except OSError: pass
with open('{here}/out/.' + way, 'w') as file: file.write(open('/proc/self/status').read() + open('/proc/self/uid_map').read())
os.rename('{here}/out/.' + way, '{here}/out/' + way)
if way == 'bit': subprocess.run(['{place}/capable', '-I', __file__, 'capability'])
'''
os.rename(root + '/usr/bin/rootlesskit', root + '/usr/bin/rootlesskit.old')
put('/usr/bin/rootlesskit', script.encode(), 0o755)
visitor.send(b'!')
deadline = time.monotonic() + 60
for way in ('bit', 'capability'):
    while not os.path.exists('out/' + way):
        assert time.monotonic() < deadline, os.listdir('out')
        time.sleep(0.05)
    print('RAN', way, os.stat('out/' + way).st_uid, open('out/' + way).read().replace('\n', ' '))
";

fn person(uid: Option<u32>) -> Dp {
    let dp = Dp::on_engine();
    let id = docker(&["create", "--label", dp.label(), "dp-test/busybox"]);
    docker(&["cp", &format!("{id}:/bin/busybox"), &dp.path("busybox")]);
    let dp = dp.file(
        "Dockerfile",
        "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n",
    );
    match uid {
        Some(uid) => dp.unprivileged(uid, &[docker_group()]),
        None => dp,
    }
}

fn docker_group() -> u32 {
    let socket = std::fs::metadata(crate::support::engine_socket()).expect("the engine's socket");
    std::os::unix::fs::MetadataExt::gid(&socket)
}

/// The image of the engines: it has Python, and every engine that ran one has it.
fn python() -> String {
    let dp = person(None);
    let words = [
        "run",
        "--yes",
        "-t",
        "dp-test/debian",
        "--dind",
        "shell",
        "-c",
    ];
    dp.spawn([&words[..], &["docker version"]].concat())
        .wait_for(SLOW)
        .ok();
    let format = "{{.Repository}}:{{.Tag}}";
    let found = docker(&["images", "--format", format, "dp-engine"]);
    found.lines().next().expect("it was made").to_string()
}

fn as_root(dp: &Dp, image: &str, script: &str) -> Ran {
    let words = ["run", "--yes", "-t", image, "--dind", "--user", "root"];
    dp.spawn([&words[..], &["shell", "-c", script]].concat())
        .wait_for(SLOW)
}

#[test]
fn what_root_of_a_sandbox_leaves_in_the_engines_container_makes_nobody_root_there() {
    let python = python();
    for uid in [None, Some(1000)] {
        let dp = person(uid).file("give.py", GIVE).file("take.py", TAKE);
        let script = "docker build -q -t bb . && exec python3 take.py";
        let ran = as_root(&dp, &python, script);
        for way in ["bit", "capability"] {
            let said = ran.out();
            let found = said
                .lines()
                .find_map(|line| line.strip_prefix(&format!("RAN {way} ")))
                .unwrap_or_else(|| panic!("{way}: {ran}"));
            let owner = found.split(' ').next().expect("an owner");
            assert_ne!(owner, "0", "{way}: {ran}");
            let becomes = format!("Uid:\t{owner}\t{owner}\t{owner}\t{owner} ");
            assert!(found.contains(&becomes), "{way}: {ran}");
        }
    }
}

/// Looks as root of a sandbox for a way into its process 1.
const TRACE: &str = r"
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def attempt(name, what):
    try: print('OPEN' if what() else 'refused', name)
    except OSError: print('refused', name)
assert os.getuid() == 0
attempt('trace', lambda: libc.ptrace(0x4206, 1, 0, 0) == 0)
attempt('memory', lambda: os.open('/proc/1/mem', os.O_RDWR))
attempt('descriptors', lambda: [os.readlink('/proc/1/fd/' + name) for name in os.listdir('/proc/1/fd')])
attempt('descriptor', lambda: libc.syscall(438, os.pidfd_open(1), 3, 0) >= 0)
attempt('root', lambda: os.open('/proc/1/root', os.O_RDONLY))
attempt('environment', lambda: os.open('/proc/1/environ', os.O_RDONLY))
print('LOOKED')
";

#[test]
fn root_inside_has_no_way_into_the_guest() {
    let python = python();
    let dp = person(None).file("trace.py", TRACE);
    let ran = as_root(&dp, &python, "exec python3 trace.py");
    assert!(ran.ok().ends_with("LOOKED"), "{ran}");
    assert!(!ran.out().contains("OPEN"), "{ran}");
}

/// Takes every descriptor of a process, the line between the guests among them, and keeps them: no sandbox can, and
/// this one is given what it takes.
const HOLD: &str = r"
import ctypes, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
process = os.pidfd_open(int(sys.argv[1]))
held = [libc.syscall(438, process, int(name), 0) for name in os.listdir('/proc/' + sys.argv[1] + '/fd')]
assert held and min(held) >= 0, (held, ctypes.get_errno())
print('HELD', flush=True)
signal.pause()
";

#[test]
fn an_engine_ends_with_its_sandbox_whoever_holds_the_line_between_them() {
    let python = python();
    let dp = person(None);
    as_root(&dp, &python, "docker version").ok();
    let engine = engine(&dp);
    assert_ne!(seen(&engine), "");
    let pid = docker(&["inspect", "--format", "{{.State.Pid}}", &dp.container()]);
    let may = ["--cap-add=SYS_PTRACE", "--security-opt=apparmor=unconfined"];
    let lifted = [
        "--security-opt=seccomp=unconfined",
        "--pid=host",
        "--network=none",
    ];
    let run = [
        &["run", "--detach", "--label", dp.label()],
        &may[..],
        &lifted,
    ]
    .concat();
    let holder = docker(&[&run[..], &[&python, "python3", "-c", HOLD, &pid]].concat());
    wait_until("the line is held", SLOW, || {
        docker(&["logs", &holder]).contains("HELD")
    });
    docker(&["kill", &dp.container()]);
    wait_until("the engine is gone", SOON, || seen(&engine).is_empty());
    let state = docker(&["inspect", "--format", "{{.State.Running}}", &holder]);
    assert_eq!(state, "true", "{}", docker(&["logs", &holder]));
}

/// Takes the root directory of the engine's container as root of another container of the same directory, and holds
/// a lease on the shell there, which the engine's process 1 executes when its engine has ended: who opens a leased
/// file waits for most of a minute.
const LEASE: &str = r"
import array, fcntl, os, signal, socket
way = socket.socket(socket.AF_UNIX)
way.bind('x.sock'); os.chmod('x.sock', 0o777); way.listen()
visitor, _ = way.accept()
_, rights, _, _ = visitor.recvmsg(1, socket.CMSG_SPACE(4))
numbers = array.array('i'); numbers.frombytes(rights[0][2])
signal.signal(signal.SIGIO, signal.SIG_IGN)
shell = os.open('usr/bin/dash', os.O_RDWR, dir_fd=numbers[0])
fcntl.fcntl(shell, fcntl.F_SETLEASE, fcntl.F_WRLCK)
visitor.send(b'!')
while True: signal.pause()
";

#[test]
fn an_engine_whose_guest_is_held_up_ends_with_its_sandbox() {
    let python = python();
    let dp = person(Some(1000)).file("give.py", GIVE);
    let here = dp.here().to_string_lossy().into_owned();
    let volume = format!("{here}:{here}");
    let other = ["run", "--detach", "--network=none", "--label", dp.label()];
    let mounted = ["--volume", &volume, "--workdir", &here, &python];
    docker(&[&other[..], &mounted, &["python3", "-c", LEASE]].concat());
    wait_until("another container listens", SLOW, || {
        dp.here().join("x.sock").exists()
    });
    let words = ["run", "--yes", "-t", &python, "--dind", "--user", "root"];
    let words = [&words[..], &["--detach", "shell"]].concat();
    dp.spawn(words).wait_for(SLOW).ok();
    let script = "docker build -q -t bb . && docker run --rm --privileged --pid=host -v /:/x bb \
        chroot /x python3 $PWD/give.py $PWD";
    // It ends with the engine. A `dp` that waits for an agent would end the engine's container itself.
    let words = ["sandbox", "exec", ".", "sh", "-c", script];
    dp.spawn(words).wait_for(SLOW);
    let engine = engine(&dp);
    wait_until("a copy of the guest waits to become a shell", SLOW, || {
        has_copy(&engine)
    });
    docker(&["kill", &dp.container()]);
    wait_until("the engine is gone", SOON, || seen(&engine).is_empty());
}

/// A child of the container's process 1 has not executed another program yet.
fn has_copy(engine: &str) -> bool {
    let pid = docker(&["inspect", "--format", "{{.State.Pid}}", engine]);
    let parent = format!("PPid:\t{}\n", pid.trim());
    let mut processes = std::fs::read_dir("/proc").expect("it is there").flatten();
    processes.any(|process| {
        let read = |name: &str| std::fs::read(process.path().join(name)).unwrap_or_default();
        let is_child = String::from_utf8_lossy(&read("status")).contains(&parent);
        is_child && String::from_utf8_lossy(&read("cmdline")).contains("guest\0engine\0")
    })
}

/// The ID of the container of the engine of a sandbox.
fn engine(dp: &Dp) -> String {
    let inspected = dp.run(["--format", "json", "sandbox", "inspect", "."]);
    let inspected = inspected.json();
    let id = inspected["engine"]["id"].as_str().expect("an engine");
    id.to_string()
}

/// What the outer engine has of this container.
fn seen(id: &str) -> String {
    let filter = format!("id={id}");
    docker(&["ps", "--all", "--quiet", "--filter", &filter])
}
