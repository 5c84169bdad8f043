#!/usr/bin/env bash
# Makes the demo installation when there is none, and serves it. Called by `make run`, which sets
# LAWLAB_DATA and LAWLAB_PORT.
set -euo pipefail
cd "$(dirname "$0")/../.."

database=$LAWLAB_DATA/lawlab.sqlite
if [ -n "${LAWLAB_DATABASE_URL:-}" ]; then
  made=$LAWLAB_DATA/lawlab.toml
else
  made=$database
fi

if [ ! -e "$made" ]; then
  # Half a demo would be taken for a whole one at the next start.
  trap 'rm -f "$made" "$made-wal" "$made-shm"' EXIT
  .venv/bin/lawlab init --demo
  trap - EXIT
fi
exec .venv/bin/lawlab serve
