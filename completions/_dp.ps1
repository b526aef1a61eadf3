
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'dp' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'dp'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'dp' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run an agent in a sandbox for this directory (short for `dp sandbox run`)')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run agents in sandboxes, and see to the sandboxes')
            [CompletionResult]::new('agents', 'agents', [CompletionResultType]::ParameterValue, 'List and describe the agents')
            [CompletionResult]::new('image', 'image', [CompletionResultType]::ParameterValue, 'Build and list the images that sandboxes are made from')
            [CompletionResult]::new('volumes', 'volumes', [CompletionResultType]::ParameterValue, 'See to what is kept between runs')
            [CompletionResult]::new('secret', 'secret', [CompletionResultType]::ParameterValue, 'Keep API keys, and give them to agents without writing them down')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show the configuration, check and begin a workspace file')
            [CompletionResult]::new('trust', 'trust', [CompletionResultType]::ParameterValue, 'Allow a workspace file what it asks for beyond its own directory')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check everything that sandboxes need')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Write the manual pages into a directory')
            break
        }
        'dp;run' {
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Directory that the agent works on [default: the workspace file''s, else `.`]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Directory that the agent works on [default: the workspace file''s, else `.`]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Workspace file [default: the one of the directory, or above]')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Workspace file [default: the one of the directory, or above]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the sandbox [default: AGENT-DIRECTORY-ID]')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Image to use instead of the built-in one; the agent is added when it lacks it')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Image to use instead of the built-in one; the agent is added when it lacks it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)')
            [CompletionResult]::new('--volume', '--volume', [CompletionResultType]::ParameterName, 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)')
            [CompletionResult]::new('--add-workspace', '--add-workspace', [CompletionResultType]::ParameterName, 'Mount a further workspace at its own path, `DIR[:ro]` (repeatable)')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Publish a port, on loopback unless an IP is given (repeatable)')
            [CompletionResult]::new('--publish', '--publish', [CompletionResultType]::ParameterName, 'Publish a port, on loopback unless an IP is given (repeatable)')
            [CompletionResult]::new('--credentials', '--credentials', [CompletionResultType]::ParameterName, 'Where the agent''s login comes from')
            [CompletionResult]::new('--dind', '--dind', [CompletionResultType]::ParameterName, 'Run a Docker engine inside')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Limit of memory, such as `8g`')
            [CompletionResult]::new('--cpus', '--cpus', [CompletionResultType]::ParameterName, 'Limit of CPUs, such as `2` or `1.5`')
            [CompletionResult]::new('--pids-limit', '--pids-limit', [CompletionResultType]::ParameterName, 'Limit of processes [default: 4096]')
            [CompletionResult]::new('--shm-size', '--shm-size', [CompletionResultType]::ParameterName, 'Size of /dev/shm, such as `1g`')
            [CompletionResult]::new('--cap-add', '--cap-add', [CompletionResultType]::ParameterName, 'Give the sandbox a capability that Docker gives to containers and `dp` does not (repeatable)')
            [CompletionResult]::new('--network', '--network', [CompletionResultType]::ParameterName, 'Network: `bridge`, `host`, `none` or a network''s name')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Who the agent is inside: `auto` (you), `root`, `UID` or `UID:GID`')
            [CompletionResult]::new('--ca-certificates', '--ca-certificates', [CompletionResultType]::ParameterName, 'Add certificate authorities to images and sandbox')
            [CompletionResult]::new('--pull', '--pull', [CompletionResultType]::ParameterName, 'When to ask a registry for images')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Environment variable, `NAME=VALUE` or `NAME` to take it from here (repeatable)')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Environment variable, `NAME=VALUE` or `NAME` to take it from here (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'File of environment variables (repeatable)')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-file', '--no-file', [CompletionResultType]::ParameterName, 'Use no workspace file')
            [CompletionResult]::new('--mount-docker-socket', '--mount-docker-socket', [CompletionResultType]::ParameterName, 'Give the agent this machine''s Docker engine, and with it this machine')
            [CompletionResult]::new('--no-dind', '--no-dind', [CompletionResultType]::ParameterName, 'No Docker engine inside')
            [CompletionResult]::new('--gpu', '--gpu', [CompletionResultType]::ParameterName, 'Give the sandbox all GPUs')
            [CompletionResult]::new('--keep-going', '--keep-going', [CompletionResultType]::ParameterName, 'Go on when a step of a template fails or an agent cannot be started')
            [CompletionResult]::new('--recreate', '--recreate', [CompletionResultType]::ParameterName, 'Make the sandbox anew when it exists; the workspace and logins are kept')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Allow your home, what is above it or a directory of the whole machine as the workspace, and `--recreate` to end what runs')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but what the agent says')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but what the agent says')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Print the sandbox''s ID and run no agent, or those of the workspace file in the background')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Print the sandbox''s ID and run no agent, or those of the workspace file in the background')
            [CompletionResult]::new('--detached', '--detached', [CompletionResultType]::ParameterName, 'Print the sandbox''s ID and run no agent, or those of the workspace file in the background')
            [CompletionResult]::new('--rm', '--rm', [CompletionResultType]::ParameterName, 'Remove the sandbox afterwards')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'Stop the sandbox afterwards')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done and do nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Run an agent in a sandbox for this directory')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create and start a sandbox without running an agent in it')
            [CompletionResult]::new('attach', 'attach', [CompletionResultType]::ParameterValue, 'Come back to an agent that runs')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List sandboxes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List sandboxes')
            [CompletionResult]::new('ps', 'ps', [CompletionResultType]::ParameterValue, 'List the agents and commands of a sandbox')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show everything about a sandbox')
            [CompletionResult]::new('exec', 'exec', [CompletionResultType]::ParameterValue, 'Run a command in a sandbox that runs')
            [CompletionResult]::new('shell', 'shell', [CompletionResultType]::ParameterValue, 'Open a shell in a sandbox that runs')
            [CompletionResult]::new('logs', 'logs', [CompletionResultType]::ParameterValue, 'Print what an agent wrote')
            [CompletionResult]::new('stop', 'stop', [CompletionResultType]::ParameterValue, 'Stop sandboxes, or single agents in them; everything is kept but what runs')
            [CompletionResult]::new('start', 'start', [CompletionResultType]::ParameterValue, 'Start sandboxes that were stopped, or single agents in them')
            [CompletionResult]::new('restart', 'restart', [CompletionResultType]::ParameterValue, 'Stop sandboxes and start them again, or single agents in them')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove sandboxes; workspaces, logins and volumes are kept')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove sandboxes; workspaces, logins and volumes are kept')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove sandboxes that are stopped, or whose workspace is gone')
            [CompletionResult]::new('cp', 'cp', [CompletionResultType]::ParameterValue, 'Copy files between this machine and a sandbox')
            [CompletionResult]::new('ports', 'ports', [CompletionResultType]::ParameterValue, 'List the published ports of a sandbox')
            break
        }
        'dp;sandbox;run' {
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Directory that the agent works on [default: the workspace file''s, else `.`]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Directory that the agent works on [default: the workspace file''s, else `.`]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Workspace file [default: the one of the directory, or above]')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Workspace file [default: the one of the directory, or above]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the sandbox [default: AGENT-DIRECTORY-ID]')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Image to use instead of the built-in one; the agent is added when it lacks it')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Image to use instead of the built-in one; the agent is added when it lacks it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)')
            [CompletionResult]::new('--volume', '--volume', [CompletionResultType]::ParameterName, 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)')
            [CompletionResult]::new('--add-workspace', '--add-workspace', [CompletionResultType]::ParameterName, 'Mount a further workspace at its own path, `DIR[:ro]` (repeatable)')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Publish a port, on loopback unless an IP is given (repeatable)')
            [CompletionResult]::new('--publish', '--publish', [CompletionResultType]::ParameterName, 'Publish a port, on loopback unless an IP is given (repeatable)')
            [CompletionResult]::new('--credentials', '--credentials', [CompletionResultType]::ParameterName, 'Where the agent''s login comes from')
            [CompletionResult]::new('--dind', '--dind', [CompletionResultType]::ParameterName, 'Run a Docker engine inside')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Limit of memory, such as `8g`')
            [CompletionResult]::new('--cpus', '--cpus', [CompletionResultType]::ParameterName, 'Limit of CPUs, such as `2` or `1.5`')
            [CompletionResult]::new('--pids-limit', '--pids-limit', [CompletionResultType]::ParameterName, 'Limit of processes [default: 4096]')
            [CompletionResult]::new('--shm-size', '--shm-size', [CompletionResultType]::ParameterName, 'Size of /dev/shm, such as `1g`')
            [CompletionResult]::new('--cap-add', '--cap-add', [CompletionResultType]::ParameterName, 'Give the sandbox a capability that Docker gives to containers and `dp` does not (repeatable)')
            [CompletionResult]::new('--network', '--network', [CompletionResultType]::ParameterName, 'Network: `bridge`, `host`, `none` or a network''s name')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Who the agent is inside: `auto` (you), `root`, `UID` or `UID:GID`')
            [CompletionResult]::new('--ca-certificates', '--ca-certificates', [CompletionResultType]::ParameterName, 'Add certificate authorities to images and sandbox')
            [CompletionResult]::new('--pull', '--pull', [CompletionResultType]::ParameterName, 'When to ask a registry for images')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Environment variable, `NAME=VALUE` or `NAME` to take it from here (repeatable)')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Environment variable, `NAME=VALUE` or `NAME` to take it from here (repeatable)')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'File of environment variables (repeatable)')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-file', '--no-file', [CompletionResultType]::ParameterName, 'Use no workspace file')
            [CompletionResult]::new('--mount-docker-socket', '--mount-docker-socket', [CompletionResultType]::ParameterName, 'Give the agent this machine''s Docker engine, and with it this machine')
            [CompletionResult]::new('--no-dind', '--no-dind', [CompletionResultType]::ParameterName, 'No Docker engine inside')
            [CompletionResult]::new('--gpu', '--gpu', [CompletionResultType]::ParameterName, 'Give the sandbox all GPUs')
            [CompletionResult]::new('--keep-going', '--keep-going', [CompletionResultType]::ParameterName, 'Go on when a step of a template fails or an agent cannot be started')
            [CompletionResult]::new('--recreate', '--recreate', [CompletionResultType]::ParameterName, 'Make the sandbox anew when it exists; the workspace and logins are kept')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Allow your home, what is above it or a directory of the whole machine as the workspace, and `--recreate` to end what runs')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but what the agent says')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but what the agent says')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Print the sandbox''s ID and run no agent, or those of the workspace file in the background')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Print the sandbox''s ID and run no agent, or those of the workspace file in the background')
            [CompletionResult]::new('--detached', '--detached', [CompletionResultType]::ParameterName, 'Print the sandbox''s ID and run no agent, or those of the workspace file in the background')
            [CompletionResult]::new('--rm', '--rm', [CompletionResultType]::ParameterName, 'Remove the sandbox afterwards')
            [CompletionResult]::new('--stop', '--stop', [CompletionResultType]::ParameterName, 'Stop the sandbox afterwards')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done and do nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;create' {
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Directory that the agent works on [default: the workspace file''s, else `.`]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Directory that the agent works on [default: the workspace file''s, else `.`]')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Workspace file [default: the one of the directory, or above]')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Workspace file [default: the one of the directory, or above]')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the sandbox [default: AGENT-DIRECTORY-ID]')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Image to use instead of the built-in one; the agent is added when it lacks it')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Image to use instead of the built-in one; the agent is added when it lacks it')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)')
            [CompletionResult]::new('--volume', '--volume', [CompletionResultType]::ParameterName, 'Mount a file or directory, `HOST:CONTAINER[:ro]` (repeatable)')
            [CompletionResult]::new('--add-workspace', '--add-workspace', [CompletionResultType]::ParameterName, 'Mount a further workspace at its own path, `DIR[:ro]` (repeatable)')
            [CompletionResult]::new('-p', '-p', [CompletionResultType]::ParameterName, 'Publish a port, on loopback unless an IP is given (repeatable)')
            [CompletionResult]::new('--publish', '--publish', [CompletionResultType]::ParameterName, 'Publish a port, on loopback unless an IP is given (repeatable)')
            [CompletionResult]::new('--credentials', '--credentials', [CompletionResultType]::ParameterName, 'Where the agent''s login comes from')
            [CompletionResult]::new('--dind', '--dind', [CompletionResultType]::ParameterName, 'Run a Docker engine inside')
            [CompletionResult]::new('--memory', '--memory', [CompletionResultType]::ParameterName, 'Limit of memory, such as `8g`')
            [CompletionResult]::new('--cpus', '--cpus', [CompletionResultType]::ParameterName, 'Limit of CPUs, such as `2` or `1.5`')
            [CompletionResult]::new('--pids-limit', '--pids-limit', [CompletionResultType]::ParameterName, 'Limit of processes [default: 4096]')
            [CompletionResult]::new('--shm-size', '--shm-size', [CompletionResultType]::ParameterName, 'Size of /dev/shm, such as `1g`')
            [CompletionResult]::new('--cap-add', '--cap-add', [CompletionResultType]::ParameterName, 'Give the sandbox a capability that Docker gives to containers and `dp` does not (repeatable)')
            [CompletionResult]::new('--network', '--network', [CompletionResultType]::ParameterName, 'Network: `bridge`, `host`, `none` or a network''s name')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Who the agent is inside: `auto` (you), `root`, `UID` or `UID:GID`')
            [CompletionResult]::new('--ca-certificates', '--ca-certificates', [CompletionResultType]::ParameterName, 'Add certificate authorities to images and sandbox')
            [CompletionResult]::new('--pull', '--pull', [CompletionResultType]::ParameterName, 'When to ask a registry for images')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-file', '--no-file', [CompletionResultType]::ParameterName, 'Use no workspace file')
            [CompletionResult]::new('--mount-docker-socket', '--mount-docker-socket', [CompletionResultType]::ParameterName, 'Give the agent this machine''s Docker engine, and with it this machine')
            [CompletionResult]::new('--no-dind', '--no-dind', [CompletionResultType]::ParameterName, 'No Docker engine inside')
            [CompletionResult]::new('--gpu', '--gpu', [CompletionResultType]::ParameterName, 'Give the sandbox all GPUs')
            [CompletionResult]::new('--keep-going', '--keep-going', [CompletionResultType]::ParameterName, 'Go on when a step of a template fails or an agent cannot be started')
            [CompletionResult]::new('--recreate', '--recreate', [CompletionResultType]::ParameterName, 'Make the sandbox anew when it exists; the workspace and logins are kept')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Allow your home, what is above it or a directory of the whole machine as the workspace, and `--recreate` to end what runs')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but what the agent says')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but what the agent says')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be done and do nothing')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;attach' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;ls' {
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'Only sandboxes of this agent')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--running', '--running', [CompletionResultType]::ParameterName, 'Only sandboxes that run')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;list' {
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'Only sandboxes of this agent')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--running', '--running', [CompletionResultType]::ParameterName, 'Only sandboxes that run')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;ps' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Also earlier runs of an agent, steps that made templates ready, and the Docker engine inside')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also earlier runs of an agent, steps that made templates ready, and the Docker engine inside')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;inspect' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;exec' {
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Environment variable, `NAME=VALUE` or `NAME` (repeatable)')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Environment variable, `NAME=VALUE` or `NAME` (repeatable)')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Directory inside to start in [default: where you are in the workspace]')
            [CompletionResult]::new('--workdir', '--workdir', [CompletionResultType]::ParameterName, 'Directory inside to start in [default: where you are in the workspace]')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'User inside: a name, `UID` or `UID:GID` [default: the agent]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'User inside: a name, `UID` or `UID:GID` [default: the agent]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Leave the command running and return at once')
            [CompletionResult]::new('--detach', '--detach', [CompletionResultType]::ParameterName, 'Leave the command running and return at once')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;shell' {
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'User inside: a name, `UID` or `UID:GID` [default: the agent]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'User inside: a name, `UID` or `UID:GID` [default: the agent]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;logs' {
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Only this many lines from the end, of each agent')
            [CompletionResult]::new('--tail', '--tail', [CompletionResultType]::ParameterName, 'Only this many lines from the end, of each agent')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Go on with what is written from now')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Go on with what is written from now')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print the bytes as they were written: a terminal obeys every sequence in them')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;stop' {
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'Only this agent, or this instance of one, and not the sandbox (repeatable)')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All sandboxes of yours that run')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;start' {
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'Only this agent, or this instance of one, and not the sandbox (repeatable)')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;restart' {
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'Only this agent, or this instance of one, and not the sandbox (repeatable)')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;rm' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Also remove one that runs')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also remove one that runs')
            [CompletionResult]::new('--volumes', '--volumes', [CompletionResultType]::ParameterName, 'Also remove what the workspace keeps in volumes of its own: its home, and the images and data of the Docker engine inside; logins stay')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All sandboxes of yours')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;remove' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Also remove one that runs')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Also remove one that runs')
            [CompletionResult]::new('--volumes', '--volumes', [CompletionResultType]::ParameterName, 'Also remove what the workspace keeps in volumes of its own: its home, and the images and data of the Docker engine inside; logins stay')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All sandboxes of yours')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;prune' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--orphans', '--orphans', [CompletionResultType]::ParameterName, 'Only sandboxes whose workspace no longer exists')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be removed and remove nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;cp' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;sandbox;ports' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;agents' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the agents')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the agents')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show what an agent is made of')
            break
        }
        'dp;agents;ls' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;agents;list' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;agents;show' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;image' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List images')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List images')
            [CompletionResult]::new('build', 'build', [CompletionResultType]::ParameterValue, 'Build the base image, the image of the Docker engine beside sandboxes, and the layers of the named agents')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove images that no sandbox uses')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove images that no sandbox uses')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove images that no sandbox uses and no run would')
            break
        }
        'dp;image;ls' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;image;list' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;image;build' {
            [CompletionResult]::new('--ca-certificates', '--ca-certificates', [CompletionResultType]::ParameterName, 'Add the certificate authorities of this machine')
            [CompletionResult]::new('--build-arg', '--build-arg', [CompletionResultType]::ParameterName, 'Build argument of the base image, `NAME=VALUE` (repeatable)')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--pull', '--pull', [CompletionResultType]::ParameterName, 'Ask the registry for newer upstream images')
            [CompletionResult]::new('--no-cache', '--no-cache', [CompletionResultType]::ParameterName, 'Build every step again')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the names, with `--format json` as an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the names, with `--format json` as an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;image;rm' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;image;remove' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;image;prune' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Also the images that the next run would use')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also the images that the next run would use')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;volumes' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List volumes')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List volumes')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Show everything about volumes')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Remove volumes and what is in them')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove volumes and what is in them')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove volumes that no container uses, and what is in them')
            break
        }
        'dp;volumes;ls' {
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Only volumes of this kind (repeatable)')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Only volumes of the workspace in this directory, or of this key')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Only volumes of the workspace in this directory, or of this key')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Only volumes of which this is true (repeatable): `name=PART`, `agent=NAME`, `label=KEY[=VALUE]`, `dangling=true`, `expired=true`, or `false`')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Also those that hold `dp`''s own part inside sandboxes')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also those that hold `dp`''s own part inside sandboxes')
            [CompletionResult]::new('--no-size', '--no-size', [CompletionResultType]::ParameterName, 'Do not ask for sizes, which takes long on a large disk')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;volumes;list' {
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Only volumes of this kind (repeatable)')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Only volumes of the workspace in this directory, or of this key')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'Only volumes of the workspace in this directory, or of this key')
            [CompletionResult]::new('--filter', '--filter', [CompletionResultType]::ParameterName, 'Only volumes of which this is true (repeatable): `name=PART`, `agent=NAME`, `label=KEY[=VALUE]`, `dangling=true`, `expired=true`, or `false`')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Also those that hold `dp`''s own part inside sandboxes')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Also those that hold `dp`''s own part inside sandboxes')
            [CompletionResult]::new('--no-size', '--no-size', [CompletionResultType]::ParameterName, 'Do not ask for sizes, which takes long on a large disk')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;volumes;inspect' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;volumes;rm' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Do not ask; what is in use stays refused')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask; what is in use stays refused')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do not ask; what is in use stays refused')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask; what is in use stays refused')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;volumes;remove' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Do not ask; what is in use stays refused')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask; what is in use stays refused')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Do not ask; what is in use stays refused')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask; what is in use stays refused')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;volumes;prune' {
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Only volumes that were made longer ago, such as `30d`, `2w` or `12h`: when one that no container has was used last, no engine knows')
            [CompletionResult]::new('--kind', '--kind', [CompletionResultType]::ParameterName, 'Only volumes of this kind')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--expired', '--expired', [CompletionResultType]::ParameterName, 'Only volumes whose time is over')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Say what would be removed and remove nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;secret' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Keep a secret: typed at a prompt, or read from standard input or a file')
            [CompletionResult]::new('ls', 'ls', [CompletionResultType]::ParameterValue, 'List the names of secrets')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the names of secrets')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget secrets')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Forget secrets')
            break
        }
        'dp;secret;set' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read it from this file')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;secret;ls' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;secret;list' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print names only: one a line, or with `--format json` an array of strings')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;secret;rm' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;secret;remove' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;config' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every setting and where its value comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find every mistake in a workspace file')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a commented workspace file here, with its schema for editors')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON schema of the workspace file, for editors')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the configuration and the state are')
            break
        }
        'dp;config;show' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;config;check' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;config;init' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--toml', '--toml', [CompletionResultType]::ParameterName, 'Write TOML in place of YAML')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;config;schema' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;config;path' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;trust' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List what was allowed')
            [CompletionResult]::new('--revoke', '--revoke', [CompletionResultType]::ParameterName, 'Take back what was allowed')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Allow it without a question, and print what is allowed')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Allow it without a question, and print what is allowed')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;doctor' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;completions' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'dp;man' {
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'The Docker engine: `unix:///path` or `tcp://host:port` [default: as the docker CLI finds it]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How answers are written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask a question: fail, and say which option answers it')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    if (-not "$wordToComplete".StartsWith('-')) {
        $before = @(
            $commandElements | Select-Object -Skip 1 |
                Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
                ForEach-Object { if ($_ -is [StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } }
        )
        $completions += @(
            & dp __complete @before 2>$null |
                Where-Object { $_ } |
                ForEach-Object {
                    $quoted = if ($_ -cmatch '\A[A-Za-z0-9_][A-Za-z0-9_./:-]*\z') { $_ } else { "'" + [CodeGeneration]::EscapeSingleQuotedStringContent($_) + "'" }
                    [CompletionResult]::new($quoted, $_, [CompletionResultType]::ParameterValue, $_)
                }
        )
    }

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
