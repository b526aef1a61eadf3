# The post-install hook: where tasks and answers lie.
mkdir -p /workspace/board
