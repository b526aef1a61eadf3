//! Which steps succeeded with which inputs, kept in the container they were done in.

use super::super::{beneath, system_file};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "/var/lib/dp/steps.json";
/// More than is ever noted, in bytes.
const LIMIT: u64 = 16 * 1024 * 1024;

/// `template/step` -> hash of its inputs, and of what they became by the steps themselves, which may
/// write a lock file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamps(BTreeMap<String, String>);

impl Stamps {
    /// What was noted; nothing when it cannot be read, so that steps are rather done again.
    pub fn read() -> Self {
        let text = beneath::read(Path::new(FILE), LIMIT).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    pub fn holds(&self, template: &str, step: &str, inputs: &str) -> bool {
        let noted = self.0.get(&key(template, step));
        noted.is_some_and(|noted| noted.split(' ').any(|hash| hash == inputs))
    }

    /// Notes a success. A note that cannot be written costs a repetition, nothing else.
    pub fn set(&mut self, template: &str, step: &str, inputs: &str) {
        self.0.insert(key(template, step), inputs.to_string());
        let _repeated = self.write();
    }

    /// Notes what the inputs of `steps` became when all of them had succeeded.
    pub fn add(&mut self, template: &str, steps: &[&str], inputs: &str) {
        for step in steps {
            if self.holds(template, step, inputs) {
                continue;
            }
            if let Some(noted) = self.0.get_mut(&key(template, step)) {
                *noted = format!("{noted} {inputs}");
            }
        }
        let _repeated = self.write();
    }

    fn write(&self) -> std::io::Result<()> {
        system_file::write(Path::new(FILE), &serde_json::to_vec(self)?, 0o644)
    }
}

fn key(template: &str, step: &str) -> String {
    format!("{template}/{step}")
}
