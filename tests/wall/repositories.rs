//! An agent attacks the other repositories of the person: it writes `.git` of its workspace to be
//! given one of them, and writes into the one that it shares what git on the host would run.

use crate::support::{Dp, Ran, docker};
use std::fs;
use std::path::Path;

const ANN: &str = "[user]\nname = Ann\nemail = ann@example.org\n";

/// What makes an image inside, of a program that lies in the workspace.
const IMAGE: &str = "FROM scratch\nCOPY busybox /bin/busybox\n\
    RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]\n";
/// Files of the private directory that lead git elsewhere.
const STEERING: [&str; 3] = [
    "worktrees/tree/commondir",
    "worktrees/tree/gitdir",
    "worktrees/tree/config.worktree",
];

fn git(dp: &Dp, words: &[&str]) -> Ran {
    dp.run_other("git", words)
}

fn inside(dp: &Dp, script: &str) -> Ran {
    dp.run(["run", "-t", "dp-test/debian", "shell", "-c", script])
}

/// A repository with two commits, and beside it a linked worktree on the branch `side`.
fn worktree() -> Dp {
    let dp = Dp::on_engine().home_file(".gitconfig", ANN);
    git(&dp, &["init", "--quiet", "--initial-branch", "main"]).ok();
    for message in ["first", "second"] {
        git(&dp, &["commit", "--quiet", "--allow-empty", "-m", message]).ok();
    }
    for tree in ["tree", "other"] {
        let path = format!("../{tree}");
        git(&dp, &["worktree", "add", "--quiet", &path, "-b", tree]).ok();
    }
    dp.at("../tree")
}

/// Every file below a directory, with its text.
fn content(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(content(&path));
        } else {
            all.push((
                path.display().to_string(),
                fs::read(&path).unwrap_or_default(),
            ));
        }
    }
    all.sort();
    all
}

#[test]
fn a_git_directory_that_names_a_foreign_repository_gets_nothing_of_it() {
    let dp = worktree().at("../plain");
    let foreign = fs::canonicalize(dp.path("../app/.git")).expect("it is there");
    let writes: [&str; 4] = [
        "mkdir .git; echo FOREIGN > .git/commondir; echo . > .git/gitdir; \
         echo 'ref: refs/heads/main' > .git/HEAD",
        "echo 'gitdir: FOREIGN' > .git",
        "ln -s FOREIGN .git",
        "mkdir -p x/worktrees/y; cd x/worktrees/y; echo FOREIGN > commondir; echo ref: x > HEAD; \
         echo HERE/.git > gitdir; echo gitdir: HERE/x/worktrees/y > HERE/.git",
    ];
    let here = fs::canonicalize(dp.here()).expect("it is there");
    for write in writes {
        let script = write
            .replace("FOREIGN", &foreign.display().to_string())
            .replace("HERE", &here.display().to_string());
        dp.run_other("sh", ["-c", &script]).ok();
        let script = format!("ls {0} && touch {0}/hooks/post-commit", foreign.display());
        let ran = inside(&dp, &script);
        assert_ne!(ran.code, 0, "{write}: {ran}");
        assert!(!foreign.join("hooks/post-commit").exists(), "{write}");
        let mounts = dp
            .run(["--format", "json", "sandbox", "inspect", "."])
            .json();
        let mounts = mounts["mounts"].to_string();
        assert!(!mounts.contains(&foreign.display().to_string()), "{mounts}");
        dp.run(["sandbox", "rm", "--force", "."]).ok();
        dp.run_other("sh", ["-c", "rm -rf .git x"]).ok();
    }
}

#[test]
fn nothing_that_git_runs_can_be_written_from_a_linked_worktree() {
    let dp = worktree();
    let common = fs::canonicalize(dp.path("../app/.git")).expect("it is there");
    git(&dp, &["config", "extensions.worktreeConfig", "true"]).ok();
    let guarded = |all: Vec<(String, Vec<u8>)>| -> Vec<(String, Vec<u8>)> {
        let free = ["objects", "refs", "logs", "worktrees/tree/"];
        let is_guarded = |path: &str| {
            let path = path.strip_prefix(&format!("{}/", common.display()));
            let path = path.expect("below it");
            STEERING.contains(&path) || !free.iter().any(|name| path.starts_with(name))
        };
        all.into_iter()
            .filter(|(path, _)| is_guarded(path))
            .collect()
    };
    let script = "cd COMMON; ls objects >&2; for name in hooks/post-commit config config.worktree commondir gitdir \
        info/attributes modules/x/config worktrees/other/config.worktree worktrees/other/HEAD \
        packed-refs HEAD worktrees/tree/commondir worktrees/tree/gitdir worktrees/tree/config.worktree \
        /.dp-git/config /.dp-git/commondir /.dp-git/hooks/x; do \
        mkdir -p $(dirname $name); rm -f $name; echo evil >> $name; mv HEAD $name; done 2>/dev/null; \
        rm -rf hooks config info worktrees/other; mkdir hooks; echo evil > hooks/x; true"
        .replace("COMMON", &common.display().to_string());
    inside(&dp, "true").ok();
    let before = guarded(content(&common));
    for name in STEERING {
        assert!(
            before.iter().any(|(path, _)| path.ends_with(name)),
            "{name}"
        );
    }
    inside(&dp, &script).ok();
    assert_eq!(guarded(content(&common)), before);
    // Git on the host replaces the file, with which the kernel would drop a mount over it.
    let app = dp.at("../app");
    git(&app, &["config", "a.b", "c"]).ok();
    let dp = app.at("../tree");
    let before = guarded(content(&common));
    inside(&dp, &script).ok();
    inside(
        &dp,
        "echo 'gitdir: /elsewhere' > .git; rm -f .git; echo x > /workspace/.git",
    );
    assert_eq!(guarded(content(&common)), before);
    assert!(common.join("hooks").is_dir(), "nothing was taken away");
    let entry = fs::read_to_string(dp.path(".git")).expect("a file");
    assert!(entry.contains("worktrees/tree"), "{entry}");
    assert_eq!(git(&dp, &["status", "--short"]).ok(), "");
}

/// A file may mount its own directory once more, where nothing else is.
#[test]
fn no_other_mount_is_a_way_to_the_file_that_leads_to_the_repository() {
    let file = "docker: {image: dp-test/debian, dind: false}\n\
        mounts: [{host_path: ., container_path: /srv/all, read_only: false}, \
        {host_path: ./.git, container_path: /srv/git, read_only: false}]\n";
    let dp = worktree().file("dp.yml", file);
    let before = fs::read_to_string(dp.path(".git")).expect("a file");
    let script = "mkdir -p .g; for file in .git /workspace/.git /srv/all/.git /srv/git; do \
        echo 'gitdir: .g' > $file; sudo sh -c \"echo 'gitdir: .g' > $file\"; sudo rm -f $file; sudo mv $file /tmp/; \
        sudo mv .g $file; sudo umount $file; sudo mount -o remount,rw,bind $file; done; touch tried";
    dp.run(["run", "shell", "-c", script]).ok();
    fs::remove_file(dp.path("tried")).expect("the script ran to its end");
    let after = fs::read_to_string(dp.path(".git"));
    assert_eq!(after.expect("a file"), before);
    git(&dp, &["status"]).ok();
}

/// Everything that an agent can do to make git take `/TREE/fake` for the common directory, or its
/// own text for the configuration: in place, by a rename, by a link, with the directory taken away.
const LEADS_ASIDE: &str = "cd PRIVATE; cp -r COMMON/objects COMMON/refs TREE/fake; \
    printf 'ref: refs/heads/tree\\n' > TREE/fake/HEAD; \
    printf '[core]\\nrepositoryformatversion = 0\\nfsmonitor = \"touch TREE/pwned; true\"\\n' > TREE/fake/config; \
    cp TREE/fake/config TREE/fake/config.worktree; echo TREE/fake > TREE/fake/commondir; \
    echo TREE/fake/.git > TREE/fake/gitdir; \
    for name in commondir gitdir config.worktree; do \
    cat TREE/fake/$name > $name; sudo cp TREE/fake/$name $name; cp --remove-destination TREE/fake/$name $name; \
    sudo mv TREE/fake/$name $name; rm -f $name; sudo rm -f $name; ln -sf TREE/fake/$name $name; \
    sudo umount $name; sudo mount -o remount,rw,bind $name; done; \
    sudo mv PRIVATE COMMON/worktrees/away; mkdir -p COMMON/modules/x; \
    touch TREE/tried";

#[test]
fn git_on_the_host_runs_nothing_that_an_agent_left_in_a_linked_worktree() {
    for has_config in [false, true] {
        let dp = worktree();
        let common = fs::canonicalize(dp.path("../app/.git")).expect("it is there");
        let private = common.join("worktrees/tree");
        let here = fs::canonicalize(dp.here()).expect("it is there");
        if has_config {
            git(&dp, &["config", "extensions.worktreeConfig", "true"]).ok();
            git(&dp, &["config", "--worktree", "a.b", "c"]).ok();
        }
        fs::create_dir(dp.path("fake")).expect("a directory");
        let script = LEADS_ASIDE
            .replace("PRIVATE", &private.display().to_string())
            .replace("COMMON", &common.display().to_string())
            .replace("TREE", &here.display().to_string());
        inside(&dp, &script).ok();
        fs::remove_file(dp.path("tried")).expect("the script ran to its end");
        fs::write(dp.path("new"), "").expect("a file");
        for line in [
            "status",
            "add new",
            "commit -m x",
            "fetch .",
            "log -1",
            "worktree list",
            "gc",
            "rev-parse HEAD",
        ] {
            git(&dp, &line.split(' ').collect::<Vec<_>>()).ok();
        }
        fs::remove_dir_all(dp.path("fake")).expect("ours");
        let app = dp.at("../app");
        for line in [
            "status",
            "fetch .",
            "gc",
            "worktree list",
            "worktree prune",
            "worktree repair",
            "worktree remove tree",
        ] {
            git(&app, &line.split(' ').collect::<Vec<_>>()).ok();
            let is_removed = line == "worktree remove tree";
            assert_ne!(here.exists(), is_removed, "{line}");
            assert!(!here.join("pwned").exists(), "{line}");
        }
    }
}

#[test]
fn the_engine_inside_does_not_open_what_steers_git_either() {
    let dp = worktree();
    let id = docker(&["create", "--label", dp.label(), "dp-test/busybox"]);
    docker(&["cp", &format!("{id}:/bin/busybox"), &dp.path("busybox")]);
    let dp = dp.file("Dockerfile", IMAGE);
    let private = fs::canonicalize(dp.path("../app/.git/worktrees/tree")).expect("it is there");
    let free = "--cap-add ALL --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        --security-opt systempaths=unconfined --net=host";
    let evil = "for n in commondir gitdir config.worktree; do echo evil > $0/$n; umount -l $0/$n; \
        mount -o remount,rw,bind $0/$n; echo evil > $0/$n; rm -f $0/$n; echo evil > $0/new; \
        mv $0/new $0/$n; done; echo tried >> $0/tried";
    let script = "chmod a+rwx PRIVATE; docker build -q -t bb . >/dev/null || exit 9; \
        for more in '' ,bind-nonrecursive=true ,bind-propagation=private ,bind-propagation=rshared; do \
        docker run --rm FREE --mount type=bind,src=PRIVATE,dst=/x$more bb sh -c 'EVIL' /x; done; \
        docker run --rm FREE --pid=host -v /:/x bb sh -c 'EVIL' /xPRIVATE; \
        docker run --rm FREE --pid=host -v /:/x bb unshare -m sh -c 'EVIL' /xPRIVATE; true"
        .replace("EVIL", evil)
        .replace("FREE", free)
        .replace("PRIVATE", &private.display().to_string());
    let words = [
        "run",
        "--yes",
        "-t",
        "dp-test/debian",
        "--dind",
        "shell",
        "-c",
        &script,
    ];
    let ran = dp
        .spawn(words)
        .wait_for(std::time::Duration::from_secs(120));
    assert_eq!(ran.code, 0, "{ran}");
    let tried = fs::read_to_string(private.join("tried"));
    let tried = tried.unwrap_or_else(|_| panic!("it was not tried: {ran}"));
    assert!(tried.lines().count() >= 3, "{tried} {ran}");
    let text = |name: &str| fs::read_to_string(private.join(name)).expect("it is there");
    assert_eq!(text("commondir"), "../..\n");
    assert!(
        text("gitdir").ends_with("/tree/.git\n"),
        "{}",
        text("gitdir")
    );
    assert_eq!(text("config.worktree"), "");
}

#[test]
fn a_link_in_the_place_of_what_steers_git_is_not_mounted() {
    let dp = worktree();
    let private = fs::canonicalize(dp.path("../app/.git/worktrees/tree")).expect("it is there");
    fs::write(dp.home().join("key"), "private").expect("a file");
    for name in ["commondir", "gitdir", "config.worktree"] {
        let before = fs::read(private.join(name)).ok();
        let _there = fs::remove_file(private.join(name));
        std::os::unix::fs::symlink(dp.home().join("key"), private.join(name)).expect("a link");
        let script = format!("cat {0}/{name} || ls {0}", private.display());
        let ran = inside(&dp, &script);
        assert_ne!(ran.code, 0, "{name}: {ran}");
        assert!(!ran.out().contains("private"), "{name}: {ran}");
        fs::remove_file(private.join(name)).expect("the link");
        if let Some(before) = before {
            fs::write(private.join(name), before).expect("as it was");
        }
        assert_eq!(
            fs::read_to_string(dp.home().join("key")).expect("a file"),
            "private"
        );
        dp.run(["sandbox", "rm", "--force", "."]).ok();
    }
}

#[test]
fn an_agent_that_forges_a_worktree_for_another_sandbox_gives_it_nothing_that_it_has_not() {
    let dp = worktree();
    let common = fs::canonicalize(dp.path("../app/.git")).expect("it is there");
    let plain = dp.at("../plain");
    let here = fs::canonicalize(plain.here()).expect("it is there");
    fs::create_dir(common.join("worktrees/mine")).expect("a directory");
    // An agent that can write only below `worktrees`, by a mount of the person's.
    let mount = format!("{0}/worktrees/mine:/mine", common.display());
    let helper = plain.at("../helper");
    let script = format!(
        "cd /mine; echo ../.. > commondir; echo {}/.git > gitdir; echo ref: refs/heads/x > HEAD",
        here.display()
    );
    let words = [
        "run",
        "-t",
        "dp-test/debian",
        "-v",
        &mount,
        "shell",
        "-c",
        &script,
    ];
    helper.run(words).ok();
    let plain = helper.at("../plain");
    let entry = format!("gitdir: {}/worktrees/mine\n", common.display());
    fs::write(plain.path(".git"), entry).expect("a file");
    let ran = inside(&plain, &format!("ls {}", common.display()));
    assert_ne!(ran.code, 0, "{ran}");
    assert!(ran.err().contains("nothing of it is mounted"), "{ran}");
    let mounts = plain
        .run(["--format", "json", "sandbox", "inspect", "."])
        .json();
    let mounts = mounts["mounts"].to_string();
    assert!(!mounts.contains(&common.display().to_string()), "{mounts}");
    // With links in it, an agent that can write all of it gives nothing else either.
    let app = plain.at("../app").file("../private/key", "private");
    let private = fs::canonicalize(app.path("../private")).expect("it is there");
    let script = "cd .git; for name in logs lfs info; do rm -rf $name; ln -s PRIVATE $name; done"
        .replace("PRIVATE", &private.display().to_string());
    inside(&app, &script).ok();
    let tree = app.at("../tree");
    let script = format!(
        "cat {0}/*/key {1}/key; ls {0}/objects",
        common.display(),
        private.display()
    );
    let ran = inside(&tree, &script);
    assert!(!ran.out().contains("private"), "{ran}");
    assert!(ran.out().contains("pack"), "{ran}");
}

#[test]
fn git_does_its_work_in_a_linked_worktree() {
    let dp = worktree();
    let script = "set -e; echo 1 > file; git add file; git commit --quiet -m one; \
        echo 2 > file; git stash --quiet; git stash pop --quiet; git commit --quiet -am two; \
        git checkout --quiet -b more; echo 3 > new; git add new; git commit --quiet -m three; \
        git checkout --quiet tree; git cherry-pick more >/dev/null; git reset --quiet --hard HEAD~1; \
        git commit --quiet --allow-empty -m four; git rebase --quiet more; \
        git branch --quiet -D more; git tag v1; git tag -d v1 >/dev/null; git merge --quiet main; \
        git worktree list | wc -l; git fsck --no-dangling; git status --short --branch";
    let ran = inside(&dp, script);
    assert_eq!(ran.ok(), "3\n## tree", "{ran}");
    let complaints = ran.err();
    let unexpected = { complaints.lines() }
        .filter(|line| line.contains("error") && !line.contains("lock config file"));
    assert_eq!(unexpected.count(), 0, "{ran}");
    let log = git(&dp, &["log", "--format=%s", "main..tree"]).ok();
    assert_eq!(log, "four\nthree\ntwo\none");
    let app = dp.at("../app");
    assert_eq!(git(&app, &["branch", "--list", "more"]).ok(), "");
    // What git on the host packs is seen inside, and cannot be hidden there.
    git(&app, &["pack-refs", "--all"]).ok();
    let dp = app.at("../tree");
    let ran = inside(
        &dp,
        "git branch --list main; git branch -D other main; git pack-refs --all; git gc",
    );
    assert!(ran.out().contains("main"), "{ran}");
    assert_ne!(ran.code, 0, "{ran}");
    let ran = inside(
        &dp,
        "git branch --list main; git commit --quiet --allow-empty -m five",
    );
    assert_eq!(ran.ok(), "+ main", "{ran}");
    // A guarded file that a person has removed since is there again.
    dp.run(["sandbox", "stop", "."]).ok();
    let config = dp.path("../app/.git/worktrees/tree/config.worktree");
    fs::remove_file(&config).expect("it was made");
    let ran = inside(&dp, &format!("echo evil > {config} || git status --short"));
    assert!(ran.err().contains("Read-only"), "{ran}");
    assert_eq!(fs::read_to_string(&config).expect("a file"), "", "{ran}");
    assert_eq!(git(&dp, &["log", "-1", "--format=%s", "tree"]).ok(), "five");
}

#[test]
fn no_file_in_the_place_of_gits_holds_dp_up() {
    let dp = Dp::on_engine();
    for make in [
        "mkfifo .git",
        "truncate -s 1500M .git",
        "mkdir .git; mkfifo .git/commondir .git/config .git/HEAD",
    ] {
        dp.run_other("sh", ["-c", make]).ok();
        let ran = dp.spawn(["run", "-t", "dp-test/busybox", "shell", "-c", "echo done"]);
        let ran = ran.wait_for(std::time::Duration::from_secs(30));
        assert_eq!(ran.ok(), "done", "{make}");
        dp.run_other("sh", ["-c", "rm -rf .git"]).ok();
    }
}
