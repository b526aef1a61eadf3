//! Tests of where a repository is, with repositories that git made and that an attacker spoiled.

use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

/// `main` with a submodule `main/sub`, a linked worktree `tree`, and `apart`, whose git
/// directory was put elsewhere; `plain` is for the attacker.
struct Scene {
    root: PathBuf,
    _directory: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let root = fs::canonicalize(directory.path()).expect("a path");
        let script = "git init -q lib && cd lib && git commit -qm x --allow-empty && cd .. \
            && git init -q main && cd main && git -c protocol.file.allow=always submodule -q add ../lib sub \
            && git commit -qm x && mkdir -p a/b sub/below && git worktree add -q ../tree \
            && mkdir ../tree/a && git init -q --separate-git-dir ../apart.git ../apart \
            && git init -q --bare bare.git && mkdir ../plain";
        let made = Command::new("sh")
            .args(["-c", script])
            .current_dir(&root)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "A")))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "a@b")))
            .output()
            .expect("a shell");
        assert!(made.status.success(), "{made:?}");
        Self {
            root,
            _directory: directory,
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn of(&self, path: &str) -> Repository {
        Repository::of(&self.at(path), &[])
    }

    fn linked(&self) -> Linked {
        Linked {
            common: self.at("main/.git"),
            private: self.at("main/.git/worktrees/tree"),
            shared: vec!["objects", "refs", "logs"],
            kept: vec!["hooks", "info", "worktrees"],
        }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
}

#[test]
fn every_kind_of_working_tree() {
    let scene = Scene::new();
    let at = |path: &str| scene.at(path);
    let table = [
        ("main", Repository::Within),
        ("plain", Repository::Within),
        ("main/bare.git", Repository::Within),
        ("main/.git", Repository::Within),
        ("main/a/b", Repository::Above(at("main"))),
        (
            "main/sub",
            Repository::Submodule(at("main/.git/modules/sub")),
        ),
        ("main/sub/below", Repository::Above(at("main/sub"))),
        ("tree", Repository::Linked(scene.linked())),
        ("tree/a", Repository::Above(at("tree"))),
        ("apart", Repository::Unproven(at("apart.git"))),
    ];
    for (path, expected) in table {
        assert_eq!(scene.of(path), expected, "{path}");
    }
}

#[test]
fn nothing_in_the_workspace_leads_to_somebody_elses_repository() {
    let scene = Scene::new();
    let places = [
        "main/.git",
        "main/.git/worktrees/tree",
        "main/.git/modules/sub",
    ];
    for place in places {
        let place = scene.at(place);
        scene.write("plain/.git", &format!("gitdir: {}\n", place.display()));
        assert_eq!(scene.of("plain"), Repository::Unproven(place.clone()));
        fs::remove_file(scene.at("plain/.git")).expect("removed");
        symlink(&place, scene.at("plain/.git")).expect("a link");
        assert_eq!(scene.of("plain"), Repository::Unproven(place.clone()));
        fs::remove_file(scene.at("plain/.git")).expect("removed");
        // A directory of the agent's own that says everything that was believed before.
        scene.write("plain/.git/commondir", &format!("{}\n", place.display()));
        scene.write("plain/.git/gitdir", ".\n");
        scene.write("plain/.git/HEAD", "ref: refs/heads/main\n");
        scene.write("plain/.git/config", "[core]\n\tworktree = ..\n");
        assert_eq!(scene.of("plain"), Repository::Unproven(place));
        fs::remove_dir_all(scene.at("plain/.git")).expect("removed");
    }
    // A file that leads to such a directory, in the workspace or in another writable place.
    let common = scene.at("main/.git");
    for place in ["plain/x/worktrees/y", "other/worktrees/y"] {
        scene.write(&format!("{place}/commondir"), &common.display().to_string());
        scene.write(&format!("{place}/HEAD"), "ref: refs/heads/main\n");
        let entry = scene.at("plain/.git").display().to_string();
        scene.write(&format!("{place}/gitdir"), &entry);
        scene.write(
            "plain/.git",
            &format!("gitdir: {}", scene.at(place).display()),
        );
        let found = scene.of("plain");
        let is_refused = matches!(found, Repository::Within | Repository::Unproven(_));
        assert!(is_refused, "{place}: {found:?}");
    }
    scene.write("plain/.git", "gitdir: /etc\n");
    assert_eq!(scene.of("plain"), Repository::Within);
}

#[test]
fn what_an_agent_can_write_proves_nothing() {
    let scene = Scene::new();
    let tree = scene.at("tree");
    for writable in ["main", "main/.git", ""] {
        let found = Repository::of(&tree, &[scene.at(writable)]);
        assert!(
            matches!(found, Repository::Unproven(_)),
            "{writable}: {found:?}"
        );
        let found = Repository::of(&scene.at("main/sub"), &[scene.at(writable)]);
        assert!(
            matches!(found, Repository::Unproven(_)),
            "{writable}: {found:?}"
        );
    }
    let beside = Repository::of(&tree, &[scene.at("plain"), scene.at("mai")]);
    assert_eq!(beside, Repository::Linked(scene.linked()));
}

#[test]
fn whoever_can_write_the_proof_alone_can_forge_it() {
    let scene = Scene::new();
    let is_kept = |workspace: &str, written: &str| {
        let found = scene.of(workspace);
        found
            .clone()
            .unless_forged(&scene.at(workspace), &[scene.at(written)])
            == found
    };
    let table = [
        ("tree", "main", true),
        ("tree", "main/.git", true),
        ("tree", "main/.git/worktrees", false),
        ("tree", "main/.git/worktrees/tree", false),
        ("tree", "main/.git/worktrees/tree/gitdir", false),
        ("tree", "main/.git/worktrees/other", true),
        ("tree", "main/.git/objects", true),
        ("tree", "plain", true),
        ("main/sub", "main", true),
        ("main/sub", "main/.gitmodules", false),
        ("main/sub", "main/.git/modules/sub", true),
        ("main/sub", "main/.git/modules/sub/config", false),
        ("main/sub", "main/a", true),
        ("main", "main/.git", true),
    ];
    for (workspace, written, expected) in table {
        assert_eq!(
            is_kept(workspace, written),
            expected,
            "{workspace} {written}"
        );
    }
}

#[test]
fn a_shape_that_is_not_gits_is_not_believed() {
    let scene = Scene::new();
    let spoil: [(&str, &str, &str); 5] = [
        ("tree", "main/.git/worktrees/tree/commondir", "/etc\n"),
        ("tree", "main/.git/worktrees/tree/gitdir", "/plain/.git\n"),
        (
            "main/sub",
            "main/.gitmodules",
            "[submodule \"sub\"]\npath = a\n",
        ),
        (
            "main/sub",
            "main/.gitmodules",
            "[submodule \"other\"]\npath = sub\n",
        ),
        (
            "main/sub",
            "main/.git/modules/sub/config",
            "[core]\nworktree = /\n",
        ),
    ];
    for name in Linked::STEERING {
        // An agent put a link there before this was guarded.
        let path = scene.at("main/.git/worktrees/tree").join(name);
        let before = fs::read(&path).ok();
        let away = scene.at("plain/away");
        fs::write(&away, before.clone().unwrap_or_default()).expect("a file");
        let _there = fs::remove_file(&path);
        symlink(&away, &path).expect("a link");
        let found = scene.of("tree");
        assert!(
            matches!(found, Repository::Unproven(_)),
            "{name}: {found:?}"
        );
        fs::remove_file(&path).expect("removed");
        if let Some(before) = before {
            fs::write(&path, before).expect("as it was");
        }
    }
    for (workspace, path, text) in spoil {
        let before = fs::read(scene.at(path)).expect("git's own");
        scene.write(path, text);
        let found = scene.of(workspace);
        assert!(
            matches!(found, Repository::Unproven(_)),
            "{path}: {found:?}"
        );
        fs::write(scene.at(path), before).expect("as it was");
        assert!(!matches!(scene.of(workspace), Repository::Unproven(_)));
    }
}

#[test]
fn what_steers_git_is_there_to_be_guarded_and_nothing_is_written_over() {
    let scene = Scene::new();
    let linked = scene.linked();
    let config = linked.private.join("config.worktree");
    let text = || fs::read_to_string(&config).expect("a file");
    linked.complete().expect("made");
    assert_eq!(text(), "");
    assert!(matches!(scene.of("tree"), Repository::Linked(_)));
    fs::write(&config, "[a]\nb = c\n").expect("a file");
    linked.complete().expect("there");
    assert_eq!(text(), "[a]\nb = c\n");
    // A link that leads nowhere yet.
    fs::remove_file(&config).expect("removed");
    symlink(scene.at("plain/new"), &config).expect("a link");
    linked.complete().expect("left");
    assert!(!scene.at("plain/new").exists());
    fs::remove_dir_all(&linked.private).expect("removed");
    symlink(scene.at("plain"), &linked.private).expect("a link");
    assert!(linked.complete().is_err());
    assert!(!scene.at("plain/config.worktree").exists());
}

#[test]
fn no_file_of_git_hangs_or_fills_the_memory() {
    let scene = Scene::new();
    let spoil = [
        ("plain", "plain/.git"),
        ("plain", "plain/.git/commondir"),
        ("tree", "tree/.git"),
        ("tree", "main/.git/worktrees/tree/commondir"),
        ("tree", "main/.git/worktrees/tree/gitdir"),
        ("main/sub", "main/.gitmodules"),
        ("main/sub", "main/.git/modules/sub/config"),
    ];
    let pipe = |path: &Path| {
        let mode = rustix::fs::Mode::RUSR;
        rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0)
            .expect("a pipe");
    };
    let sparse = |path: &Path| {
        let made = fs::File::create(path).and_then(|file| file.set_len(1 << 40));
        made.expect("a file");
    };
    let makers: [&dyn Fn(&Path); 2] = [&pipe, &sparse];
    for (workspace, path) in spoil {
        for make in makers {
            let path = scene.at(path);
            let away = scene.at("away");
            let had = fs::rename(&path, &away).is_ok();
            fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            make(&path);
            let found = scene.of(workspace);
            let is_refused = matches!(found, Repository::Within | Repository::Unproven(_));
            assert!(is_refused, "{path:?}: {found:?}");
            fs::remove_file(&path).expect("ours");
            if had {
                fs::rename(&away, &path).expect("as it was");
            }
        }
    }
}
