#!/bin/sh
# Says hello, and from where.
set -eu
printf 'hello from %s, as %s in %s\n' "$(hostname)" "$(id -un)" "$PWD"
