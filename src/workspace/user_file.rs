//! `config.toml`: everything that is wrong with a person's own file, by the means of this module.
//! Its values are read by `config`, which may trust them after this.

use super::agents::is_agent_key;
use super::fields::Fields;
use super::git_source::parse_subdir;
use super::keys::AGENT_KEY;
use super::mistake::{Mistake, Mistakes, Report, nearest};
use super::node::{Entry, Value};
use super::place::{Place, Placed};
use super::reader::{Base, Reader};
use super::shape::Path as At;
use super::syntax;
use super::user_keys::{CONFIG, CONFIG_AGENT, CONFIG_STATE};
use crate::values::{DetachKeys, placeholder, variable};
use std::path::Path;
use std::sync::Arc;

/// Checks the text of a file that messages call `name`; `built_in` are the agents that there are
/// without it.
///
/// # Errors
/// A [`Report`] of everything that is wrong with it.
pub fn check_user_file(name: &str, text: &str, built_in: &[&str]) -> Result<(), Report> {
    let mut mistakes = Mistakes::default();
    let parsed = syntax::parse(name, text, &CONFIG, &mut mistakes);
    let base = Base {
        directory: Path::new("/"),
        home: None,
    };
    let mut reader = Reader {
        base,
        mistakes: &mut mistakes,
    };
    let mut check = Check {
        reader: &mut reader,
        built_in,
    };
    check.file(&Fields::new(&parsed.root, &CONFIG));
    mistakes.retain(|mistake| !parsed.is_guess(mistake));
    mistakes.append(parsed.broken);
    let report = mistakes.report(Arc::new(parsed.source));
    if report.has_errors() {
        Err(report)
    } else {
        Ok(())
    }
}

struct Check<'a, 'b> {
    reader: &'a mut Reader<'b>,
    built_in: &'a [&'a str],
}

impl Check<'_, '_> {
    fn file(&mut self, fields: &Fields<'_>) {
        let agents = fields.map("agents");
        if let Some(name) = self.reader.text(fields, "default_agent") {
            self.default_agent(&name, agents);
        }
        if let Some(keys) = fields.text("detach_keys")
            && let Err(error) = keys.parse::<DetachKeys>()
        {
            self.reader.error(keys.place, error.to_string());
        }
        self.reader.text(fields, "image");
        self.only_text(fields.map("secrets"));
        for entry in fields.map("secrets") {
            self.variable(&entry.key, entry.place);
            self.secret(entry);
        }
        for entry in agents {
            self.agent(entry);
        }
    }

    fn default_agent(&mut self, name: &Placed<String>, own: &[Entry]) {
        let known = || { own.iter().map(|entry| &*entry.key) }.chain(self.built_in.iter().copied());
        if known().any(|known| known == name.value) {
            return;
        }
        let message = format!("there is no agent `{}`", name.value);
        let mistake = Mistake::error(name.place, message);
        let mistake = match nearest(&name.value, known()) {
            None => mistake.hint("`dp agents ls` lists them"),
            near => mistake.meant(near),
        };
        self.reader.mistakes.add(mistake);
    }

    fn variable(&mut self, name: &str, place: Place) {
        if !variable::is_name(name) {
            let message = format!("`{name}` is no variable's name");
            self.reader.error(place, message);
        } else if variable::is_reserved(name) {
            let message = format!("the variable `{name}` is reserved");
            self.reader.error(place, message);
        }
    }

    /// Numbers and truth values have to be quoted in this file.
    fn only_text(&mut self, entries: &[Entry]) {
        let is_other = |entry: &&Entry| {
            let value = &entry.node.value;
            value.scalar().is_some() && !matches!(value, Value::Text(_))
        };
        for entry in entries.iter().filter(is_other) {
            let message = format!("the value of `{}` should be text", entry.key);
            let mistake = Mistake::error(entry.node.place, message);
            self.reader.mistakes.add(mistake.hint("write it in quotes"));
        }
    }

    /// The value may be the secret itself, so it is not part of the message.
    fn secret(&mut self, entry: &Entry) {
        if let Value::Text(name) = &entry.node.value
            && !placeholder::is_secret_name(name)
        {
            let message = format!("`secrets.{}` is no name of a secret", entry.key);
            let mistake = Mistake::error(entry.node.place, message)
                .label("a name has letters, digits, `_`, `-` and `.`")
                .hint("`dp secret set NAME` keeps the secret itself");
            self.reader.mistakes.add(mistake);
        }
    }

    fn agent(&mut self, entry: &Entry) {
        let name = &entry.key;
        if !is_agent_key(name) {
            let message = format!("`{name}` is no agent's name");
            let mistake = Mistake::error(entry.place, message).label(AGENT_KEY.says);
            self.reader.mistakes.add(mistake);
        }
        let fields = Fields::new(&entry.node, &CONFIG_AGENT);
        self.command(&fields, entry);
        let root = At::Key(&At::Root, "agents");
        let env = fields.map("env");
        self.reader
            .environment(env, At::Key(&At::Key(&root, name), "env"));
        self.only_text(env);
        for name in fields.texts("api_keys") {
            self.variable(name.value, name.place);
        }
        for path in fields.texts("host_files") {
            self.below_home(path);
        }
        if let Some(state) = fields.entry("state") {
            let fields = Fields::new(&state.node, &CONFIG_STATE);
            if let Some(path) = fields.text("directory") {
                self.below_home(path);
            }
            if let Some(name) = fields.text("variable") {
                self.variable(name.value, name.place);
            }
        }
    }

    /// An agent of the person's own has one; a built-in one keeps its own where none is given. One of
    /// a wrong type was complained of already.
    fn command(&mut self, fields: &Fields<'_>, agent: &Entry) {
        let Some(entry) = fields.entry("command") else {
            let is_given = matches!(&agent.node.value, Value::Map(entries)
                if entries.iter().any(|entry| entry.key == "command"));
            if !is_given && !self.built_in.contains(&&*agent.key) {
                let message = format!("the agent `{}` has no `command`", agent.key);
                let mistake = Mistake::error(agent.place, message);
                let hint = format!("`command = [\"{}\"]` names its program", agent.key);
                self.reader.mistakes.add(mistake.hint(hint));
            }
            return;
        };
        let words = fields.texts("command");
        if words.first().is_none_or(|word| word.trim().is_empty()) {
            let mistake = Mistake::error(entry.place, "`command` names no program");
            self.reader.mistakes.add(mistake);
        }
    }

    fn below_home(&mut self, path: Placed<&str>) {
        let is_below = parse_subdir(path.value).is_ok_and(|below| !below.as_os_str().is_empty());
        if !is_below {
            let message = format!("`{}` is no path below the home", path.value);
            self.reader.error(path.place, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check_user_file;

    fn messages(text: &str) -> Vec<String> {
        match check_user_file("config.toml", text, &["claude"]) {
            Ok(()) => Vec::new(),
            Err(report) => {
                let mistakes = report.mistakes.iter();
                mistakes.map(|mistake| mistake.message.clone()).collect()
            }
        }
    }

    #[test]
    fn right_files_have_no_mistake() {
        for text in [
            "",
            "default_agent = \"claude\"\ncredentials = \"host\"\ntrust_host_ca = true\n",
            "default_agent = \"mine\"\n[agents.mine]\ncommand = [\"mine\"]\n",
            "[agents.claude]\nbypass = []\ninstall = \"\"\n",
            "[agents.a]\ncommand = [\"a\"]\nenv = { A = \"1\" }\nstate = { directory = \".a/b\" }\n",
            "[secrets]\nGH_TOKEN = \"github\"\n[build_args]\nA = \"x:1\"\n",
        ] {
            assert_eq!(messages(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn every_mistake_is_named() {
        let agent = |line: &str| format!("[agents.mine]\ncommand = [\"mine\"]\n{line}\n");
        let table = [
            (
                "default_agent = \"claud\"".into(),
                "there is no agent `claud`",
            ),
            (
                "detach_keys = \"foo\"".into(),
                "`foo` is not a sequence of keys such as `ctrl-p,ctrl-q`",
            ),
            ("image = \" \"".into(), "`image` is empty"),
            (
                "credentials = \"hots\"".into(),
                "`credentials` should be `sandbox`, `workspace`, `host` or `none`",
            ),
            ("nonsense = 1".into(), "there is no key `nonsense`"),
            ("[secrets]\n1A = \"x\"".into(), "`1A` is no variable's name"),
            (
                "[secrets]\nDP_A = \"x\"".into(),
                "the variable `DP_A` is reserved",
            ),
            (
                "[secrets]\nA = \"x y\"".into(),
                "`secrets.A` is no name of a secret",
            ),
            ("[secrets]\nA = 1".into(), "the value of `A` should be text"),
            (
                agent("env = { A = true }"),
                "the value of `A` should be text",
            ),
            (
                "[agents.mine]\nbypass = []".into(),
                "the agent `mine` has no `command`",
            ),
            (
                "[agents.mine]\ncommand = []".into(),
                "`command` names no program",
            ),
            (
                "[agents.claude]\ncommand = [\"\"]".into(),
                "`command` names no program",
            ),
            (
                "[agents.\"a b\"]\ncommand = [\"a\"]".into(),
                "`a b` is no agent's name",
            ),
            (
                agent("env = { \"A B\" = \"x\" }"),
                "`A B` is no variable's name",
            ),
            (
                agent("env = { DSPATCH_X = \"x\" }"),
                "the variable `DSPATCH_X` is reserved",
            ),
            (agent("api_keys = [\"1\"]"), "`1` is no variable's name"),
            (
                agent("host_files = [\"/etc/x\"]"),
                "`/etc/x` is no path below the home",
            ),
            (
                agent("state = { directory = \"../x\" }"),
                "`../x` is no path below the home",
            ),
            (
                agent("state = { variable = \"A\" }"),
                "`agents.mine.state` has no `directory`",
            ),
            (
                agent("state = { directory = \"a\", variable = \"A-B\" }"),
                "`A-B` is no variable's name",
            ),
        ];
        for (text, expected) in table {
            assert_eq!(messages(&text), [expected], "{text}");
        }
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        let text =
            "[secrets]\nA = \"sk secret\"\n[agents.claude]\nenv = { \"B B\" = \"hidden\" }\n";
        let report = check_user_file("config.toml", text, &["claude"]).expect_err("two mistakes");
        let shown = report.render(false, 100);
        assert!(
            !shown.contains("sk secret") && !shown.contains("hidden"),
            "{shown}"
        );
        assert_eq!(report.mistakes.len(), 2, "{shown}");
    }
}
