#!/usr/bin/env bash
# backup.sh LIBRARY STATE FOLDER   writes FOLDER/counterpoint-<time>.tar.gz and prints its name
#
# Saved are the library and what members and moderators made. The index is left out: it can be built again.
# The bot may go on running: the members' database is copied by SQLite itself, whole at one moment.
set -euo pipefail
umask 077

if [ "$#" -ne 3 ]; then
    echo "usage: $0 LIBRARY STATE FOLDER" >&2
    exit 2
fi
library=$1 state=$2 folder=$3
[ -d "$library" ] || { echo "there is no library at $library" >&2; exit 1; }

mkdir -p "$folder"
scratch=$(mktemp -d "$folder/.backup-XXXXXX")
trap 'rm -rf "$scratch"' EXIT

mkdir "$scratch/library" "$scratch/state"
tar -C "$library" --exclude=./.counterpoint --exclude='./.adding-*' -cf - . | tar -C "$scratch/library" -xf -
if [ -f "$state/community.db" ]; then
    "${PYTHON:-python3}" - "$state/community.db" "$scratch/state/community.db" <<'PY'
import contextlib
import sqlite3
import sys

with (
    contextlib.closing(sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)) as live,
    contextlib.closing(sqlite3.connect(sys.argv[2])) as copy,
):
    live.backup(copy)
    assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
PY
fi

name="$folder/counterpoint-$(date -u +%Y%m%dT%H%M%SZ).tar.gz"
tar -C "$scratch" -czf "$scratch/whole.tar.gz" library state
mv "$scratch/whole.tar.gz" "$name"
echo "$name"
