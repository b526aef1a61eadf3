//! What came of one run.

use std::fmt;

/// A run that has ended.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Byte for byte.
    pub stdout: Vec<u8>,
    /// Byte for byte.
    pub stderr: Vec<u8>,
    /// The exit code, or 128 and the signal.
    pub code: i32,
    /// What differs from run to run, and what stands for it in a snapshot; longest first.
    pub(super) names: Vec<(String, &'static str)>,
}

impl Ran {
    /// Standard output as text.
    #[must_use]
    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text.
    #[must_use]
    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Standard output without the newline at its end, of a run that must have succeeded.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn ok(&self) -> String {
        assert_eq!(self.code, 0, "{self}");
        self.out().trim_end_matches('\n').to_string()
    }

    /// Standard output as JSON, of a run that must have succeeded.
    ///
    /// # Panics
    /// When it did not, or wrote something else.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let text = self.ok();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn tidy(&self, bytes: &[u8]) -> String {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        for (real, name) in &self.names {
            text = text.replace(real, name);
        }
        without_milliseconds(&text)
    }
}

/// `12 ms` becomes `N ms`.
fn without_milliseconds(text: &str) -> String {
    let mut parts = text.split(" ms").peekable();
    let mut out = String::new();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let kept = part.trim_end_matches(|c: char| c.is_ascii_digit());
        if is_last || kept.len() == part.len() {
            out.push_str(part);
        } else {
            out.push_str(kept);
            out.push('N');
        }
        if !is_last {
            out.push_str(" ms");
        }
    }
    out
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}", self.code)?;
        for (title, bytes) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !bytes.is_empty() {
                write!(
                    f,
                    "\n--- {title}\n{}",
                    self.tidy(bytes).trim_end_matches('\n')
                )?;
            }
        }
        Ok(())
    }
}
