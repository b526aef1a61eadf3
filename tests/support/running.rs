//! A run that goes on, with pipes for its standard streams.

use super::ran::Ran;
use super::screen::Screen;
use super::wait::{code, wait_child};
use rustix::process::{Pid, Signal, kill_process};
use std::io::Write;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

/// A run. Dropped, it is killed.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<Screen>,
    stderr: Option<Screen>,
    names: Vec<(String, &'static str)>,
}

impl Running {
    pub(super) fn spawn(mut command: Command, names: Vec<(String, &'static str)>) -> Self {
        let command = command.stdin(Stdio::piped());
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        Self {
            stdin: child.stdin.take(),
            stdout: child.stdout.take().map(Screen::of),
            stderr: child.stderr.take().map(Screen::of),
            child,
            names,
        }
    }

    /// Writes to its standard input; a closed one is no error.
    pub fn send(&mut self, bytes: &[u8]) {
        if let Some(stdin) = &mut self.stdin {
            let _closed = stdin.write_all(bytes).and_then(|()| stdin.flush());
        }
    }

    /// Its standard input ends.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Closes our end of its standard output.
    pub fn close_stdout(&mut self) {
        self.stdout = None;
    }

    /// Waits for a text on its standard output.
    pub fn expect(&self, text: &str) {
        let stdout = self.stdout.as_ref().expect("it is open");
        stdout.expect(text, super::DEADLINE);
    }

    /// Waits for a text on its standard error.
    pub fn expect_err(&self, text: &str) {
        let stderr = self.stderr.as_ref().expect("it is open");
        stderr.expect(text, super::DEADLINE);
    }

    /// Its process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Signals it.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it runs");
    }

    /// Signals it if it still runs.
    pub fn try_signal(&self, signal: Signal) {
        let _gone = kill_process(self.pid(), signal);
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Whether it ends in this time.
    pub fn ends_within(&mut self, deadline: Duration) -> bool {
        wait_child(&mut self.child, deadline).is_some()
    }

    /// Waits for its end, its standard input closed.
    pub fn wait(self) -> Ran {
        self.wait_for(super::DEADLINE)
    }

    /// Waits for its end, its standard input closed.
    ///
    /// # Panics
    /// When it has not ended by then.
    pub fn wait_for(mut self, deadline: Duration) -> Ran {
        self.stdin = None;
        let Some(status) = wait_child(&mut self.child, deadline) else {
            let so_far = |screen: &Option<Screen>| {
                let bytes = screen.as_ref().map(Screen::so_far).unwrap_or_default();
                String::from_utf8_lossy(&bytes).into_owned()
            };
            panic!(
                "it did not end within {deadline:?}; stdout {:?}, stderr {:?}",
                so_far(&self.stdout),
                so_far(&self.stderr)
            );
        };
        Ran {
            stdout: self.stdout.take().map(Screen::complete).unwrap_or_default(),
            stderr: self.stderr.take().map(Screen::complete).unwrap_or_default(),
            code: code(status),
            names: std::mem::take(&mut self.names),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
