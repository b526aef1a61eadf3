# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_dp_global_optspecs
    string join \n engine= format= color= no-input h/help V/version
end

function __fish_dp_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_dp_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_dp_using_subcommand
    set -l cmd (__fish_dp_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c dp -n "__fish_dp_needs_command" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_needs_command" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_needs_command" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_needs_command" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_needs_command" -s V -l version -d 'Print version'
complete -c dp -n "__fish_dp_needs_command" -f -a "run" -d 'Run an agent in a sandbox for this directory (short for `dp sandbox run`)'
complete -c dp -n "__fish_dp_needs_command" -f -a "sandbox" -d 'Run agents in sandboxes, and see to the sandboxes'
complete -c dp -n "__fish_dp_needs_command" -f -a "agents" -d 'List and describe the agents'
complete -c dp -n "__fish_dp_needs_command" -f -a "image" -d 'Build and list the images that sandboxes are made from'
complete -c dp -n "__fish_dp_needs_command" -f -a "volumes" -d 'See to what is kept between runs'
complete -c dp -n "__fish_dp_needs_command" -f -a "secret" -d 'Keep API keys, and give them to agents without writing them down'
complete -c dp -n "__fish_dp_needs_command" -f -a "config" -d 'Show the configuration, check and begin a workspace file'
complete -c dp -n "__fish_dp_needs_command" -f -a "trust" -d 'Allow a workspace file what it asks for beyond its own directory'
complete -c dp -n "__fish_dp_needs_command" -f -a "doctor" -d 'Check everything that sandboxes need'
complete -c dp -n "__fish_dp_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c dp -n "__fish_dp_needs_command" -f -a "man" -d 'Write the manual pages into a directory'
complete -c dp -n "__fish_dp_using_subcommand run" -s w -l workspace -d 'Directory that the agent works on [default: the workspace file\'s, else `.`]' -r -f -a "(__fish_complete_directories)"
complete -c dp -n "__fish_dp_using_subcommand run" -s f -l file -d 'Workspace file [default: the one of the directory, or above]' -r -F
complete -c dp -n "__fish_dp_using_subcommand run" -l name -d 'Name of the sandbox [default: AGENT-DIRECTORY-ID]' -r
complete -c dp -n "__fish_dp_using_subcommand run" -s t -l template -d 'Image to use instead of the built-in one; the agent is added when it lacks it' -r
complete -c dp -n "__fish_dp_using_subcommand run" -s v -l volume -d 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l add-workspace -d 'Mount a further workspace at its own path, `DIR[:ro]` (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand run" -s p -l publish -d 'Publish a port, on loopback unless an IP is given (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l credentials -d 'Where the agent\'s login comes from' -r -f -a "sandbox\t'A volume that every sandbox of the agent shares'
workspace\t'A volume that the agent\'s sandboxes of this workspace share'
host\t'The host\'s own login files, read-only'
none\t'Nothing'"
complete -c dp -n "__fish_dp_using_subcommand run" -l dind -d 'Run a Docker engine inside' -r -f -a "auto\t'Rootless'
rootless\t'Beside the sandbox, in a user namespace, without any added privilege'
sysbox\t'In the sandbox, by the runtime `sysbox-runc`; the image needs an engine'
privileged\t'In the sandbox, which is privileged: the agent can become root of this machine'"
complete -c dp -n "__fish_dp_using_subcommand run" -l memory -d 'Limit of memory, such as `8g`' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l cpus -d 'Limit of CPUs, such as `2` or `1.5`' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l pids-limit -d 'Limit of processes [default: 4096]' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l shm-size -d 'Size of /dev/shm, such as `1g`' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l cap-add -d 'Give the sandbox a capability that Docker gives to containers and `dp` does not (repeatable)' -r -f -a "MKNOD\t'Make device files'
NET_RAW\t'Open raw and packet sockets'"
complete -c dp -n "__fish_dp_using_subcommand run" -l network -d 'Network: `bridge`, `host`, `none` or a network\'s name' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l user -d 'Who the agent is inside: `auto` (you), `root`, `UID` or `UID:GID`' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l ca-certificates -d 'Add certificate authorities to images and sandbox' -r -f -a "host\t'Those that this machine trusts'
none\t'None'"
complete -c dp -n "__fish_dp_using_subcommand run" -l pull -d 'When to ask a registry for images' -r -f -a "always\t'Each time'
missing\t'When they are not there'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand run" -s e -l env -d 'Environment variable, `NAME=VALUE` or `NAME` to take it from here (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l env-file -d 'File of environment variables (repeatable)' -r -F
complete -c dp -n "__fish_dp_using_subcommand run" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand run" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand run" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand run" -l no-file -d 'Use no workspace file'
complete -c dp -n "__fish_dp_using_subcommand run" -l mount-docker-socket -d 'Give the agent this machine\'s Docker engine, and with it this machine'
complete -c dp -n "__fish_dp_using_subcommand run" -l no-dind -d 'No Docker engine inside'
complete -c dp -n "__fish_dp_using_subcommand run" -l gpu -d 'Give the sandbox all GPUs'
complete -c dp -n "__fish_dp_using_subcommand run" -l keep-going -d 'Go on when a step of a template fails or an agent cannot be started'
complete -c dp -n "__fish_dp_using_subcommand run" -l recreate -d 'Make the sandbox anew when it exists; the workspace and logins are kept'
complete -c dp -n "__fish_dp_using_subcommand run" -l force -d 'Allow your home, what is above it or a directory of the whole machine as the workspace, and `--recreate` to end what runs'
complete -c dp -n "__fish_dp_using_subcommand run" -s y -l yes -d 'Answer yes to every question'
complete -c dp -n "__fish_dp_using_subcommand run" -s q -l quiet -d 'Say nothing but what the agent says'
complete -c dp -n "__fish_dp_using_subcommand run" -s d -l detach -l detached -d 'Print the sandbox\'s ID and run no agent, or those of the workspace file in the background'
complete -c dp -n "__fish_dp_using_subcommand run" -l rm -d 'Remove the sandbox afterwards'
complete -c dp -n "__fish_dp_using_subcommand run" -l stop -d 'Stop the sandbox afterwards'
complete -c dp -n "__fish_dp_using_subcommand run" -l dry-run -d 'Say what would be done and do nothing'
complete -c dp -n "__fish_dp_using_subcommand run" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "run" -d 'Run an agent in a sandbox for this directory'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "create" -d 'Create and start a sandbox without running an agent in it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "attach" -d 'Come back to an agent that runs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "ls" -d 'List sandboxes'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "list" -d 'List sandboxes'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "ps" -d 'List the agents and commands of a sandbox'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "inspect" -d 'Show everything about a sandbox'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "exec" -d 'Run a command in a sandbox that runs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "shell" -d 'Open a shell in a sandbox that runs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "logs" -d 'Print what an agent wrote'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "stop" -d 'Stop sandboxes, or single agents in them; everything is kept but what runs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "start" -d 'Start sandboxes that were stopped, or single agents in them'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "restart" -d 'Stop sandboxes and start them again, or single agents in them'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "rm" -d 'Remove sandboxes; workspaces, logins and volumes are kept'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "remove" -d 'Remove sandboxes; workspaces, logins and volumes are kept'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "prune" -d 'Remove sandboxes that are stopped, or whose workspace is gone'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "cp" -d 'Copy files between this machine and a sandbox'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and not __fish_seen_subcommand_from run create attach ls list ps inspect exec shell logs stop start restart rm remove prune cp ports" -f -a "ports" -d 'List the published ports of a sandbox'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s w -l workspace -d 'Directory that the agent works on [default: the workspace file\'s, else `.`]' -r -f -a "(__fish_complete_directories)"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s f -l file -d 'Workspace file [default: the one of the directory, or above]' -r -F
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l name -d 'Name of the sandbox [default: AGENT-DIRECTORY-ID]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s t -l template -d 'Image to use instead of the built-in one; the agent is added when it lacks it' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s v -l volume -d 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l add-workspace -d 'Mount a further workspace at its own path, `DIR[:ro]` (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s p -l publish -d 'Publish a port, on loopback unless an IP is given (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l credentials -d 'Where the agent\'s login comes from' -r -f -a "sandbox\t'A volume that every sandbox of the agent shares'
workspace\t'A volume that the agent\'s sandboxes of this workspace share'
host\t'The host\'s own login files, read-only'
none\t'Nothing'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l dind -d 'Run a Docker engine inside' -r -f -a "auto\t'Rootless'
rootless\t'Beside the sandbox, in a user namespace, without any added privilege'
sysbox\t'In the sandbox, by the runtime `sysbox-runc`; the image needs an engine'
privileged\t'In the sandbox, which is privileged: the agent can become root of this machine'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l memory -d 'Limit of memory, such as `8g`' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l cpus -d 'Limit of CPUs, such as `2` or `1.5`' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l pids-limit -d 'Limit of processes [default: 4096]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l shm-size -d 'Size of /dev/shm, such as `1g`' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l cap-add -d 'Give the sandbox a capability that Docker gives to containers and `dp` does not (repeatable)' -r -f -a "MKNOD\t'Make device files'
NET_RAW\t'Open raw and packet sockets'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l network -d 'Network: `bridge`, `host`, `none` or a network\'s name' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l user -d 'Who the agent is inside: `auto` (you), `root`, `UID` or `UID:GID`' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l ca-certificates -d 'Add certificate authorities to images and sandbox' -r -f -a "host\t'Those that this machine trusts'
none\t'None'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l pull -d 'When to ask a registry for images' -r -f -a "always\t'Each time'
missing\t'When they are not there'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s e -l env -d 'Environment variable, `NAME=VALUE` or `NAME` to take it from here (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l env-file -d 'File of environment variables (repeatable)' -r -F
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l no-file -d 'Use no workspace file'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l mount-docker-socket -d 'Give the agent this machine\'s Docker engine, and with it this machine'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l no-dind -d 'No Docker engine inside'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l gpu -d 'Give the sandbox all GPUs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l keep-going -d 'Go on when a step of a template fails or an agent cannot be started'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l recreate -d 'Make the sandbox anew when it exists; the workspace and logins are kept'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l force -d 'Allow your home, what is above it or a directory of the whole machine as the workspace, and `--recreate` to end what runs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s y -l yes -d 'Answer yes to every question'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Say nothing but what the agent says'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s d -l detach -l detached -d 'Print the sandbox\'s ID and run no agent, or those of the workspace file in the background'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l rm -d 'Remove the sandbox afterwards'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l stop -d 'Stop the sandbox afterwards'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l dry-run -d 'Say what would be done and do nothing'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -s w -l workspace -d 'Directory that the agent works on [default: the workspace file\'s, else `.`]' -r -f -a "(__fish_complete_directories)"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -s f -l file -d 'Workspace file [default: the one of the directory, or above]' -r -F
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l name -d 'Name of the sandbox [default: AGENT-DIRECTORY-ID]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -s t -l template -d 'Image to use instead of the built-in one; the agent is added when it lacks it' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -s v -l volume -d 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l add-workspace -d 'Mount a further workspace at its own path, `DIR[:ro]` (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -s p -l publish -d 'Publish a port, on loopback unless an IP is given (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l credentials -d 'Where the agent\'s login comes from' -r -f -a "sandbox\t'A volume that every sandbox of the agent shares'
workspace\t'A volume that the agent\'s sandboxes of this workspace share'
host\t'The host\'s own login files, read-only'
none\t'Nothing'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l dind -d 'Run a Docker engine inside' -r -f -a "auto\t'Rootless'
rootless\t'Beside the sandbox, in a user namespace, without any added privilege'
sysbox\t'In the sandbox, by the runtime `sysbox-runc`; the image needs an engine'
privileged\t'In the sandbox, which is privileged: the agent can become root of this machine'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l memory -d 'Limit of memory, such as `8g`' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l cpus -d 'Limit of CPUs, such as `2` or `1.5`' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l pids-limit -d 'Limit of processes [default: 4096]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l shm-size -d 'Size of /dev/shm, such as `1g`' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l cap-add -d 'Give the sandbox a capability that Docker gives to containers and `dp` does not (repeatable)' -r -f -a "MKNOD\t'Make device files'
NET_RAW\t'Open raw and packet sockets'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l network -d 'Network: `bridge`, `host`, `none` or a network\'s name' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l user -d 'Who the agent is inside: `auto` (you), `root`, `UID` or `UID:GID`' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l ca-certificates -d 'Add certificate authorities to images and sandbox' -r -f -a "host\t'Those that this machine trusts'
none\t'None'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l pull -d 'When to ask a registry for images' -r -f -a "always\t'Each time'
missing\t'When they are not there'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l no-file -d 'Use no workspace file'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l mount-docker-socket -d 'Give the agent this machine\'s Docker engine, and with it this machine'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l no-dind -d 'No Docker engine inside'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l gpu -d 'Give the sandbox all GPUs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l keep-going -d 'Go on when a step of a template fails or an agent cannot be started'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l recreate -d 'Make the sandbox anew when it exists; the workspace and logins are kept'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l force -d 'Allow your home, what is above it or a directory of the whole machine as the workspace, and `--recreate` to end what runs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer yes to every question'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Say nothing but what the agent says'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l dry-run -d 'Say what would be done and do nothing'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from attach" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from attach" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from attach" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from attach" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from attach" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ls" -l agent -d 'Only sandboxes of this agent' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ls" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ls" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ls" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ls" -l running -d 'Only sandboxes that run'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from list" -l agent -d 'Only sandboxes of this agent' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from list" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from list" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from list" -l running -d 'Only sandboxes that run'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ps" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ps" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ps" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ps" -s a -l all -d 'Also earlier runs of an agent, steps that made templates ready, and the Docker engine inside'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ps" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ps" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from inspect" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from inspect" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from inspect" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from inspect" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -s e -l env -d 'Environment variable, `NAME=VALUE` or `NAME` (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -s w -l workdir -d 'Directory inside to start in [default: where you are in the workspace]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -s u -l user -d 'User inside: a name, `UID` or `UID:GID` [default: the agent]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -s d -l detach -d 'Leave the command running and return at once'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from exec" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from shell" -s u -l user -d 'User inside: a name, `UID` or `UID:GID` [default: the agent]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from shell" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from shell" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from shell" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from shell" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from shell" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from logs" -s n -l tail -d 'Only this many lines from the end, of each agent' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from logs" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from logs" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from logs" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Go on with what is written from now'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from logs" -l raw -d 'Print the bytes as they were written: a terminal obeys every sequence in them'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from logs" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from stop" -l agent -d 'Only this agent, or this instance of one, and not the sandbox (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from stop" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from stop" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from stop" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from stop" -l all -d 'All sandboxes of yours that run'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from stop" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from start" -l agent -d 'Only this agent, or this instance of one, and not the sandbox (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from start" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from start" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from start" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from start" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from restart" -l agent -d 'Only this agent, or this instance of one, and not the sandbox (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from restart" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from restart" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from restart" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from restart" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -s f -l force -d 'Also remove one that runs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -l volumes -d 'Also remove what the workspace keeps in volumes of its own: its home, and the images and data of the Docker engine inside; logins stay'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -l all -d 'All sandboxes of yours'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -s f -l force -d 'Also remove one that runs'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -l volumes -d 'Also remove what the workspace keeps in volumes of its own: its home, and the images and data of the Docker engine inside; logins stay'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -l all -d 'All sandboxes of yours'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from prune" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from prune" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from prune" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from prune" -l orphans -d 'Only sandboxes whose workspace no longer exists'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from prune" -l dry-run -d 'Say what would be removed and remove nothing'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from cp" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from cp" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from cp" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from cp" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from cp" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ports" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ports" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ports" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ports" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand sandbox; and __fish_seen_subcommand_from ports" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand agents; and not __fish_seen_subcommand_from ls list show" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand agents; and not __fish_seen_subcommand_from ls list show" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand agents; and not __fish_seen_subcommand_from ls list show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand agents; and not __fish_seen_subcommand_from ls list show" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand agents; and not __fish_seen_subcommand_from ls list show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand agents; and not __fish_seen_subcommand_from ls list show" -f -a "ls" -d 'List the agents'
complete -c dp -n "__fish_dp_using_subcommand agents; and not __fish_seen_subcommand_from ls list show" -f -a "list" -d 'List the agents'
complete -c dp -n "__fish_dp_using_subcommand agents; and not __fish_seen_subcommand_from ls list show" -f -a "show" -d 'Show what an agent is made of'
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from ls" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from ls" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from ls" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from list" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from list" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from show" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from show" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand agents; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -f -a "ls" -d 'List images'
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -f -a "list" -d 'List images'
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -f -a "build" -d 'Build the base image, the image of the Docker engine beside sandboxes, and the layers of the named agents'
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -f -a "rm" -d 'Remove images that no sandbox uses'
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -f -a "remove" -d 'Remove images that no sandbox uses'
complete -c dp -n "__fish_dp_using_subcommand image; and not __fish_seen_subcommand_from ls list build rm remove prune" -f -a "prune" -d 'Remove images that no sandbox uses and no run would'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from ls" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from ls" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from ls" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from list" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from list" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -l ca-certificates -d 'Add the certificate authorities of this machine' -r -f -a "host\t''
none\t''"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -l build-arg -d 'Build argument of the base image, `NAME=VALUE` (repeatable)' -r
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -l pull -d 'Ask the registry for newer upstream images'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -l no-cache -d 'Build every step again'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -s q -l quiet -d 'Say nothing but the names, with `--format json` as an array of strings'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from rm" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from rm" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from rm" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from remove" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from remove" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from prune" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from prune" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from prune" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from prune" -s a -l all -d 'Also the images that the next run would use'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand image; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -f -a "ls" -d 'List volumes'
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -f -a "list" -d 'List volumes'
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -f -a "inspect" -d 'Show everything about volumes'
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -f -a "rm" -d 'Remove volumes and what is in them'
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -f -a "remove" -d 'Remove volumes and what is in them'
complete -c dp -n "__fish_dp_using_subcommand volumes; and not __fish_seen_subcommand_from ls list inspect rm remove prune" -f -a "prune" -d 'Remove volumes that no container uses, and what is in them'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -l kind -d 'Only volumes of this kind (repeatable)' -r -f -a "home\t'What sandboxes of a workspace keep in their home'
workspace\t'A checkout that a platform\'s sandboxes work on'
login\t'An agent\'s login, shared by all its sandboxes'
engine\t'Images and data of a Docker engine inside a sandbox'
guest\t'The part of `dp` that runs inside, `dp`\'s own'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -s w -l workspace -d 'Only volumes of the workspace in this directory, or of this key' -r -f -a "(__fish_complete_directories)"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -l filter -d 'Only volumes of which this is true (repeatable): `name=PART`, `agent=NAME`, `label=KEY[=VALUE]`, `dangling=true`, `expired=true`, or `false`' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -s a -l all -d 'Also those that hold `dp`\'s own part inside sandboxes'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -l no-size -d 'Do not ask for sizes, which takes long on a large disk'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -l kind -d 'Only volumes of this kind (repeatable)' -r -f -a "home\t'What sandboxes of a workspace keep in their home'
workspace\t'A checkout that a platform\'s sandboxes work on'
login\t'An agent\'s login, shared by all its sandboxes'
engine\t'Images and data of a Docker engine inside a sandbox'
guest\t'The part of `dp` that runs inside, `dp`\'s own'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -s w -l workspace -d 'Only volumes of the workspace in this directory, or of this key' -r -f -a "(__fish_complete_directories)"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -l filter -d 'Only volumes of which this is true (repeatable): `name=PART`, `agent=NAME`, `label=KEY[=VALUE]`, `dangling=true`, `expired=true`, or `false`' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -s a -l all -d 'Also those that hold `dp`\'s own part inside sandboxes'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -l no-size -d 'Do not ask for sizes, which takes long on a large disk'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from inspect" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from inspect" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from inspect" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from inspect" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from rm" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from rm" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from rm" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from rm" -s f -s y -l force -l yes -d 'Do not ask; what is in use stays refused'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from remove" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from remove" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from remove" -s f -s y -l force -l yes -d 'Do not ask; what is in use stays refused'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -l older-than -d 'Only volumes that were made longer ago, such as `30d`, `2w` or `12h`: when one that no container has was used last, no engine knows' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -l kind -d 'Only volumes of this kind' -r -f -a "home\t'What sandboxes of a workspace keep in their home'
workspace\t'A checkout that a platform\'s sandboxes work on'
login\t'An agent\'s login, shared by all its sandboxes'
engine\t'Images and data of a Docker engine inside a sandbox'
guest\t'The part of `dp` that runs inside, `dp`\'s own'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -l expired -d 'Only volumes whose time is over'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -l dry-run -d 'Say what would be removed and remove nothing'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -s y -l yes -d 'Do not ask'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand volumes; and __fish_seen_subcommand_from prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -f -a "set" -d 'Keep a secret: typed at a prompt, or read from standard input or a file'
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -f -a "ls" -d 'List the names of secrets'
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -f -a "list" -d 'List the names of secrets'
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -f -a "rm" -d 'Forget secrets'
complete -c dp -n "__fish_dp_using_subcommand secret; and not __fish_seen_subcommand_from set ls list rm remove" -f -a "remove" -d 'Forget secrets'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from set" -l file -d 'Read it from this file' -r -F
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from set" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from set" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from set" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from ls" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from ls" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from ls" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from ls" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from ls" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from ls" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from list" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from list" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from list" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print names only: one a line, or with `--format json` an array of strings'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from rm" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from rm" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from rm" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from rm" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from remove" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from remove" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from remove" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from remove" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand secret; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -f -a "show" -d 'Show every setting and where its value comes from'
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -f -a "check" -d 'Find every mistake in a workspace file'
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -f -a "init" -d 'Write a commented workspace file here, with its schema for editors'
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -f -a "schema" -d 'Print the JSON schema of the workspace file, for editors'
complete -c dp -n "__fish_dp_using_subcommand config; and not __fish_seen_subcommand_from show check init schema path" -f -a "path" -d 'Print where the configuration and the state are'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from show" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from show" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from check" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from check" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from check" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from init" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from init" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from init" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from init" -l toml -d 'Write TOML in place of YAML'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from schema" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from schema" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from schema" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from schema" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from path" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from path" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand trust" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand trust" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand trust" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand trust" -l list -d 'List what was allowed'
complete -c dp -n "__fish_dp_using_subcommand trust" -l revoke -d 'Take back what was allowed'
complete -c dp -n "__fish_dp_using_subcommand trust" -s y -l yes -d 'Allow it without a question, and print what is allowed'
complete -c dp -n "__fish_dp_using_subcommand trust" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand trust" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand doctor" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand doctor" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand doctor" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand doctor" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand completions" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand completions" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand completions" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand completions" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dp -n "__fish_dp_using_subcommand man" -l engine -d 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]' -r
complete -c dp -n "__fish_dp_using_subcommand man" -l format -d 'How answers are written' -r -f -a "table\t'For people'
json\t'For programs: one JSON document'"
complete -c dp -n "__fish_dp_using_subcommand man" -l color -d 'When to use colour' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c dp -n "__fish_dp_using_subcommand man" -l no-input -d 'Never ask a question: fail, and say which option answers it'
complete -c dp -n "__fish_dp_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'

function __fish_dp_words
    set -l words (commandline -opc)
    set -e words[1]
    string join \n -- $words
end

function __fish_dp_at
    set -l words (__fish_dp_words)
    if not set -q __fish_dp_place; or test "$words" != "$__fish_dp_asked"
        set -g __fish_dp_asked "$words"
        set -g __fish_dp_place (command dp __place $words 2>/dev/null)
    end
    contains -- "$__fish_dp_place" $argv
end

functions -q __fish_dp_using_subcommand_anywhere
and functions -e __fish_dp_using_subcommand_anywhere
functions -c __fish_dp_using_subcommand __fish_dp_using_subcommand_anywhere

# What follows the name of an agent is the agent's own.
function __fish_dp_using_subcommand
    __fish_dp_at arguments
    and return 1
    __fish_dp_using_subcommand_anywhere $argv
end

complete -c dp -f
complete -c dp -n '__fish_dp_at files arguments' -F
complete -c dp -n '__fish_dp_at directories' -a '(__fish_complete_directories (commandline -ct))'
complete -c dp -n 'not string match -q -- "-*" (commandline -ct)' -a '(command dp __complete (__fish_dp_words) 2>/dev/null)'
