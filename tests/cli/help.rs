//! `--help` at every level, and `--version`.

use crate::support::Dp;
use insta::assert_snapshot;

#[test]
fn the_version_is_one_line() {
    assert_snapshot!(Dp::new().run(["--version"]), @"
    exit 0
    --- stdout
    dp 0.1.0
    ");
    assert_eq!(
        Dp::new().run(["-V"]).out(),
        Dp::new().run(["--version"]).out()
    );
}

#[test]
fn the_first_page() {
    assert_snapshot!(Dp::new().run(["--help"]), @"
    exit 0
    --- stdout
    Run coding agents in Docker containers on an engine you control

    Usage: dp [OPTIONS] <COMMAND>

    Commands:
      run          Run an agent in a sandbox for this directory (short for `dp sandbox run`)
      sandbox      Run agents in sandboxes, and see to the sandboxes
      agents       List and describe the agents
      image        Build and list the images that sandboxes are made from
      volumes      See to what is kept between runs
      secret       Keep API keys, and give them to agents without writing them down
      config       Show the configuration, check and begin a workspace file
      trust        Allow a workspace file what it asks for beyond its own directory
      doctor       Check everything that sandboxes need
      completions  Print the completion script of a shell
      man          Write the manual pages into a directory

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Global options:
          --engine <ADDRESS>
              The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds
              it]

          --format <FORMAT>
              How answers are written

              Possible values:
              - table: For people
              - json:  For programs: one JSON document
              
              [default: table]

          --color <WHEN>
              When to use colour

              Possible values:
              - auto:   On a terminal, unless `NO_COLOR` is set
              - always: Always
              - never:  Never
              
              [default: auto]

          --no-input
              Never ask a question: fail, and say which option answers it

    Start with `dp run claude` in a project directory; `dp run shell` looks around inside.
    `dp COMMAND --help` tells more about each command.
    ");
}

#[test]
fn the_sandbox_page() {
    assert_snapshot!(Dp::new().run(["sandbox", "--help"]), @"
    exit 0
    --- stdout
    Run agents in sandboxes, and see to the sandboxes

    Usage: dp sandbox [OPTIONS] <COMMAND>

    Commands:
      run      Run an agent in a sandbox for this directory
      create   Create and start a sandbox without running an agent in it
      attach   Come back to an agent that runs
      ls       List sandboxes [alias: list]
      ps       List the agents and commands of a sandbox
      inspect  Show everything about a sandbox
      exec     Run a command in a sandbox that runs
      shell    Open a shell in a sandbox that runs
      logs     Print what an agent wrote
      stop     Stop sandboxes, or single agents in them; everything is kept but what runs
      start    Start sandboxes that were stopped, or single agents in them
      restart  Stop sandboxes and start them again, or single agents in them
      rm       Remove sandboxes; workspaces, logins and volumes are kept [alias: remove]
      prune    Remove sandboxes that are stopped, or whose workspace is gone
      cp       Copy files between this machine and a sandbox
      ports    List the published ports of a sandbox

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Global options:
          --engine <ADDRESS>
              The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds
              it]

          --format <FORMAT>
              How answers are written

              Possible values:
              - table: For people
              - json:  For programs: one JSON document
              
              [default: table]

          --color <WHEN>
              When to use colour

              Possible values:
              - auto:   On a terminal, unless `NO_COLOR` is set
              - always: Always
              - never:  Never
              
              [default: auto]

          --no-input
              Never ask a question: fail, and say which option answers it
    ");
}

#[test]
fn the_page_of_run_begins_with_what_it_does_and_examples() {
    let page = Dp::new().run(["run", "--help"]).ok();
    let begins = page
        .find("Run an agent in a sandbox for this directory")
        .expect("what it does");
    let examples = page.find("Examples:\n").expect("examples");
    let usage = page.find("Usage: dp sandbox run").expect("usage");
    let options = page.find("--workspace <DIR>").expect("options");
    assert!(begins.max(examples) < usage && usage < options, "{page}");
}

#[test]
fn without_a_command_the_first_page_is_shown_as_a_usage_error() {
    let ran = Dp::new().run([""; 0]);
    assert_eq!(ran.code, 2);
    assert_eq!(ran.err(), Dp::new().run(["-h"]).out());
}

#[test]
fn every_command_has_help_with_a_description() {
    let dp = Dp::new();
    let mut seen = 0;
    let mut pages = vec![(Vec::<String>::new(), dp::cli::command())];
    while let Some((path, command)) = pages.pop() {
        for sub in command.get_subcommands() {
            let path = [path.as_slice(), &[sub.get_name().to_string()]].concat();
            pages.push((path, sub.clone()));
        }
        for option in ["--help", "-h"] {
            let ran = dp.run(path.iter().map(String::as_str).chain([option]));
            let page = ran.ok();
            assert!(ran.stderr.is_empty(), "{path:?}: {ran}");
            assert!(page.contains("Usage: dp"), "{path:?}: {page}");
            let about = command
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default();
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                about.len() > 10 && words(&page).contains(&words(&about)),
                "{path:?}: {page}"
            );
            assert!(!about.ends_with('.'), "{path:?}: {about}");
            let wide = page.lines().find(|line| line.chars().count() > 100);
            assert_eq!(wide, None, "{path:?}");
        }
        seen += 1;
    }
    assert!(seen > 30, "these are all commands: {seen}");
}

#[test]
fn every_option_and_argument_is_described() {
    let mut commands = vec![dp::cli::command()];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands().cloned());
        for argument in command
            .get_arguments()
            .filter(|argument| !argument.is_hide_set())
        {
            let help = argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(
                help.len() > 2,
                "{} {}",
                command.get_name(),
                argument.get_id()
            );
        }
    }
}
