//! What workspace files were allowed to ask for beyond their own directory: one file, written whole.

use crate::files;
use crate::workspace::{HIDDEN, Request, RequestKind};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The largest file that is read.
const LIMIT: u64 = 16 * 1024 * 1024;

/// The approvals of one person.
#[derive(Debug)]
pub struct Approvals {
    path: PathBuf,
    given: Given,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Given {
    /// By the place of the workspace file: links of its directory resolved, of a link the link itself.
    #[serde(default)]
    files: BTreeMap<PathBuf, Approval>,
}

/// What one file may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The requests that were approved, each as exactly as it was.
    #[serde(default)]
    allowed: BTreeMap<String, RequestKind>,
    /// When.
    pub at: jiff::Timestamp,
}

impl Approval {
    /// The requests that were approved, in words.
    pub fn requests(&self) -> impl Iterator<Item = (RequestKind, &str)> {
        let allowed = self.allowed.iter();
        allowed.map(|(exact, kind)| (*kind, exact.split(HIDDEN).next().unwrap_or_default()))
    }
}

impl Approvals {
    /// Reads `approvals.json` of a state directory; none is none given.
    ///
    /// # Errors
    /// The system's, or that the file is not what we write.
    pub fn read(state: &Path) -> io::Result<Self> {
        let path = state.join("approvals.json");
        let given = match files::read(&path, LIMIT) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.is_not_found() => Given::default(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { path, given })
    }

    /// `request` was approved for `file`.
    #[must_use]
    pub fn allows(&self, file: &Path, request: &Request) -> bool {
        let approval = self.given.files.get(file);
        approval.is_some_and(|given| given.allowed.contains_key(&request.exact))
    }

    /// Approves exactly `requests` for `file`. What may be given to its programs stays: a command that
    /// gives nothing does not ask for it.
    ///
    /// # Errors
    /// The system's; nothing is changed then.
    pub fn grant<'a>(
        &mut self,
        file: &Path,
        requests: impl Iterator<Item = &'a Request>,
    ) -> io::Result<()> {
        let before = self.given.files.remove(file);
        let before = before.into_iter().flat_map(|before| before.allowed);
        let kept = before.filter(|(_, kind)| *kind == RequestKind::Given);
        let new = requests.map(|request| (request.exact.clone(), request.kind));
        let approval = Approval {
            allowed: kept.chain(new).collect(),
            at: jiff::Timestamp::now(),
        };
        self.given.files.insert(file.to_path_buf(), approval);
        self.write()
    }

    /// Takes an approval back; false when there was none.
    ///
    /// # Errors
    /// The system's; nothing is changed then.
    pub fn revoke(&mut self, file: &Path) -> io::Result<bool> {
        let had = self.given.files.remove(file).is_some();
        if had {
            self.write()?;
        }
        Ok(had)
    }

    /// All that was given, by file.
    pub fn all(&self) -> impl Iterator<Item = (&Path, &Approval)> {
        let files = self.given.files.iter();
        files.map(|(path, approval)| (path.as_path(), approval))
    }

    fn write(&self) -> io::Result<()> {
        files::replace(&self.path, &serde_json::to_vec_pretty(&self.given)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Place;

    fn request(words: &str) -> Request {
        Request::new(RequestKind::Mount, Place::default(), words)
    }

    #[test]
    fn what_is_approved_is_allowed_and_nothing_else() {
        let state = tempfile::tempdir().expect("a directory");
        let file = Path::new("/team/dp.yml");
        let read = || Approvals::read(state.path()).expect("readable");
        assert!(!read().allows(file, &request("a")));
        let granted = [request("a"), request("b")];
        read().grant(file, granted.iter()).expect("written");
        assert!(read().allows(file, &request("b")));
        assert!(!read().allows(file, &request("c")));
        assert!(!read().allows(Path::new("/other/dp.yml"), &request("a")));
        assert_eq!(read().all().count(), 1);
        read().grant(file, granted[..1].iter()).expect("written");
        assert!(!read().allows(file, &request("b")));
        let given = Request::new(RequestKind::Given, Place::default(), "given");
        read().grant(file, [&given].into_iter()).expect("written");
        read().grant(file, granted.iter()).expect("written");
        assert!(read().allows(file, &given));
        assert!(read().revoke(file).expect("written"));
        assert!(!read().allows(file, &given));
        read().grant(file, granted.iter()).expect("written");
        assert!(read().revoke(file).expect("written"));
        assert!(!read().revoke(file).expect("nothing to do"));
        assert!(!read().allows(file, &request("a")));
    }

    #[test]
    fn what_words_do_not_show_is_approved_too_and_not_listed() {
        let state = tempfile::tempdir().expect("a directory");
        let file = Path::new("/team/dp.yml");
        let secret = |hash: &str| Request {
            exact: format!("set{HIDDEN}{hash}"),
            ..request("set")
        };
        let mut approvals = Approvals::read(state.path()).expect("readable");
        let granted = secret("one");
        approvals
            .grant(file, [&granted].into_iter())
            .expect("written");
        let read = Approvals::read(state.path()).expect("readable");
        assert!(read.allows(file, &granted));
        assert!(!read.allows(file, &secret("other")));
        assert!(!read.allows(file, &request("set")));
        let (_, approval) = read.all().next().expect("one");
        let listed: Vec<_> = approval.requests().collect();
        assert_eq!(listed, [(RequestKind::Mount, "set")]);
    }

    #[test]
    fn an_approval_of_an_older_form_allows_nothing() {
        let state = tempfile::tempdir().expect("a directory");
        let old = r#"{"files": {"/a": {"requests": ["a"], "at": "2026-01-01T00:00:00Z"}}}"#;
        std::fs::write(state.path().join("approvals.json"), old).expect("a file");
        let approvals = Approvals::read(state.path()).expect("readable");
        assert!(!approvals.allows(Path::new("/a"), &request("a")));
    }
}
