//! `dp` on a real terminal: a pseudo terminal of the kernel, as its controlling one.

use super::Dp;
use super::screen::Screen;
use super::wait::{code, wait_child};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A terminal and the `dp` on it. Dropped, `dp` is killed.
pub struct Pty {
    child: Child,
    screen: Option<Screen>,
    master: Option<Arc<OwnedFd>>,
    /// Keeps the terminal's modes when nobody else has it open.
    far: Option<File>,
    before: String,
}

impl Pty {
    /// Starts `dp` on a terminal of 24 lines and 80 columns.
    #[must_use]
    pub fn spawn<I: IntoIterator<Item: AsRef<OsStr>>>(dp: &Dp, arguments: I) -> Self {
        Self::start(dp, arguments, 24, 80)
    }

    /// Starts `dp` on a terminal of this size.
    #[must_use]
    pub fn start<I: IntoIterator<Item: AsRef<OsStr>>>(
        dp: &Dp,
        arguments: I,
        rows: u16,
        cols: u16,
    ) -> Self {
        Self::start_command(&dp.command(arguments), rows, cols)
    }

    /// Starts a command on a terminal of this size; its own standard streams are not used.
    ///
    /// # Panics
    /// When there is no terminal to be had.
    #[must_use]
    pub fn start_command(inner: &Command, rows: u16, cols: u16) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("a terminal");
        grantpt(&master).expect("a terminal of ours");
        unlockpt(&master).expect("a terminal of ours");
        let name = ptsname(&master, Vec::new()).expect("its name");
        let far = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(rustix::fs::OFlags::NOCTTY.bits().cast_signed())
            .open(OsStr::from_bytes(name.to_bytes()))
            .expect("its far end");
        set_size(&master, rows, cols);
        let before = modes(&master);
        // A session of its own, whose controlling terminal is standard input.
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(inner.get_program());
        command.args(inner.get_args()).env_clear();
        command.env("TERM", "xterm-256color");
        for (name, value) in inner.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        if let Some(here) = inner.get_current_dir() {
            command.current_dir(here);
        }
        let stream = || far.try_clone().expect("a copy");
        command.stdin(stream()).stdout(stream()).stderr(stream());
        let child = command.spawn().expect("setsid is installed");
        let master = Arc::new(master);
        Self {
            child,
            screen: Some(Screen::of(Arc::clone(&master))),
            master: Some(master),
            far: Some(far),
            before,
        }
    }

    fn master(&self) -> &OwnedFd {
        self.master.as_ref().expect("the terminal is there")
    }

    /// Types.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn send(&self, text: &str) {
        let mut bytes = text.as_bytes();
        while !bytes.is_empty() {
            let count = rustix::io::write(self.master(), bytes).expect("the terminal takes it");
            bytes = &bytes[count..];
        }
    }

    /// Waits for a text behind what was expected before.
    pub fn expect(&self, text: &str) {
        let screen = self.screen.as_ref().expect("the terminal is there");
        screen.expect(text, super::DEADLINE);
    }

    /// Everything that was on the screen so far.
    #[must_use]
    pub fn seen(&self) -> String {
        let screen = self.screen.as_ref().expect("the terminal is there");
        String::from_utf8_lossy(&screen.so_far()).into_owned()
    }

    /// Another size, which the kernel tells `dp` by a signal.
    pub fn resize(&self, rows: u16, cols: u16) {
        set_size(self.master(), rows, cols);
    }

    /// Every key goes on as it is: no lines, no echo, no signals.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        !termios(self.master()).local_modes.intersects(cooked)
    }

    /// Waits until what is typed is not shown by the terminal itself: somebody reads keys.
    pub fn expect_silence(&self) {
        super::wait_until("the terminal does not echo", super::DEADLINE, || {
            !termios(self.master())
                .local_modes
                .contains(LocalModes::ECHO)
        });
    }

    /// The modes are those from before `dp` was started.
    #[must_use]
    pub fn is_restored(&self) -> bool {
        modes(self.master()) == self.before
    }

    /// Signals `dp`.
    ///
    /// # Panics
    /// When it has ended.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// The reader is a thread, and may be a moment behind.
    fn read_rest(&self) {
        const MOMENT: Duration = Duration::from_millis(5);
        let (Some(master), Some(_reader)) = (&self.master, &self.screen) else {
            return;
        };
        let end = Instant::now() + super::DEADLINE;
        let is_unread = || {
            let mut ready = [PollFd::new(master, PollFlags::IN)];
            poll(&mut ready, Some(&Timespec::default())).is_ok_and(|count| count > 0)
        };
        while is_unread() && Instant::now() < end {
            std::thread::sleep(MOMENT);
        }
        std::thread::sleep(MOMENT);
    }

    /// Takes the terminal away, as a closed window does, and waits for the end of `dp`.
    pub fn hang_up(&mut self) -> i32 {
        self.screen = None;
        self.far = None;
        self.master = None;
        self.wait()
    }

    /// Waits for the end of `dp`, and until all that it wrote was read, and gives its exit code.
    ///
    /// # Panics
    /// When it does not end.
    pub fn wait(&mut self) -> i32 {
        match wait_child(&mut self.child, super::DEADLINE) {
            Some(status) => {
                self.read_rest();
                code(status)
            }
            None if self.screen.is_some() => panic!("it did not end: {:?}", self.seen()),
            None => panic!("it did not end"),
        }
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn termios(terminal: &OwnedFd) -> Termios {
    tcgetattr(terminal).expect("a terminal has modes")
}

fn modes(terminal: &OwnedFd) -> String {
    format!("{:?}", termios(terminal))
}

fn set_size(terminal: &OwnedFd, rows: u16, cols: u16) {
    let size = Winsize {
        ws_row: rows,
        ws_col: cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(terminal, size).expect("a terminal has a size");
}
