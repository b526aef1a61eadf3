//! PID 1 of the engine's container: waits for somebody who wants Docker, starts the engine then, and
//! ends with the sandbox. Nothing of the agent's runs here but inside the engine's user namespace.

use super::dockerd::Dockerd;
use super::ids::Ids;
use super::life::Life;
use super::supervisor::Manner;
use super::{DATA, GREETING, LINE, connect, copy, proof, refusal};
use crate::guest::inside::process::Processes;
use crate::guest::inside::{account, boot, memory};
use crate::guest::message::{Door, EngineBoot};
use rustix::process::DumpableBehavior;
use std::io;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::task::LocalSet;
use tokio::time::{Instant, timeout};

/// How long the sandbox may take to open its door.
const DOOR: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// Runs until the sandbox ends, or until it is told to end.
///
/// # Errors
/// When the boot text cannot be read, when something that is mounted is not what was meant, or when
/// the sandbox's door does not open.
pub fn run(boot: &str) -> io::Result<()> {
    let boot: EngineBoot = serde_json::from_str(boot)?;
    // Root of the sandbox is the same user of this machine, and may be given a way to our `/proc`.
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // Before anything else: an agent may have led a mount elsewhere while this container started.
    proof::prove(&boot)?;
    let ids = Ids::of(&boot.account)?;
    account::write_names(&ids.account)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    LocalSet::new().block_on(&runtime, serve(boot, ids))
}

async fn serve(boot: EngineBoot, ids: Ids) -> io::Result<()> {
    let mut children = signal(SignalKind::child())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (mut line, life) = tokio::select! {
        line = arrive(&boot.door) => line?,
        _ = terminate.recv() => return Ok(()),
        _ = interrupt.recv() => return Ok(()),
    };
    let numbers = ids.numbers()?;
    let processes = Processes::apart(ids.account.clone(), "/".into(), numbers);
    processes.gate.open();
    let manner = Manner::Rootless(ids.ranges);
    let dockerd = Dockerd::new(manner, ids.account, &processes);
    let door = Rc::new(boot.door);
    let stirred = Rc::<Notify>::default();
    tokio::task::spawn_local(memory::give_back(Rc::clone(&stirred)));
    stirred.notify_one();
    let mut wanted = [0; 64];
    loop {
        tokio::select! {
            _ = children.recv() => processes.reap(),
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            // The sandbox has ended, whoever holds the other end of the line.
            () = life.ended() => break,
            read = line.read(&mut wanted) => match read {
                Ok(count @ 1..) => for _ in 0..count {
                    let (dockerd, door) = (Rc::clone(&dockerd), Rc::clone(&door));
                    let stirred = Rc::clone(&stirred);
                    tokio::task::spawn_local(async move {
                        bring(dockerd, door).await;
                        stirred.notify_one();
                    });
                },
                // The sandbox has ended.
                _ => break,
            },
        }
    }
    boot::end_all(&processes, &mut children).await;
    Ok(())
}

/// The line to the sandbox's PID 1, which may not listen yet, and how long that lives.
async fn arrive(door: &Door) -> io::Result<(UnixStream, Life)> {
    let deadline = Instant::now() + DOOR;
    loop {
        match line(door).await {
            Ok(arrived) => return Ok(arrived),
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => tokio::time::sleep(POLL).await,
        }
    }
}

async fn line(door: &Door) -> io::Result<(UnixStream, Life)> {
    let line = connect(door, LINE).await?;
    let life = timeout(GREETING, Life::take(&line)).await??;
    Ok((line, life))
}

/// Brings one connection to the door.
async fn bring(dockerd: Rc<Dockerd>, door: Rc<Door>) {
    let connected = dockerd.connect().await;
    let Ok(program) = connect(&door, DATA).await else {
        return;
    };
    match connected {
        Ok(dockerd) => copy(program, dockerd).await,
        Err(why) => refusal::answer(program, &why).await,
    }
}
