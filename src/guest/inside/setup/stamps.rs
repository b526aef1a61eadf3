//! Which steps succeeded with which inputs, kept in the container they were done in.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "/var/lib/dp/steps.json";

/// `template/step` -> hash of its inputs, and of what they became by the steps themselves, which may
/// write a lock file.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamps(BTreeMap<String, String>);

impl Stamps {
    /// What was noted; nothing when it cannot be read, so that steps are rather done again.
    pub fn read() -> Self {
        let text = std::fs::read(FILE).unwrap_or_default();
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
        let path = Path::new(FILE);
        let new = path.with_extension("new");
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(&new, serde_json::to_vec(self)?)?;
        std::fs::rename(new, path)
    }
}

fn key(template: &str, step: &str) -> String {
    format!("{template}/{step}")
}
