#!/usr/bin/env bash
# restore.sh ARCHIVE LIBRARY STATE   brings back what backup.sh saved; run it while the bot is stopped
#
# What is there already is moved aside, never deleted. Afterwards: counterpoint index && counterpoint doctor
set -euo pipefail
umask 027

if [ "$#" -ne 3 ]; then
    echo "usage: $0 ARCHIVE LIBRARY STATE" >&2
    exit 2
fi
archive=$1 library=$2 state=$3
tar -tzf "$archive" library state >/dev/null || { echo "$archive is no backup of Counterpoint" >&2; exit 1; }

mkdir -p "$library" "$state"
aside=".before-restore-$(date -u +%Y%m%dT%H%M%SZ)"
scratch=$(mktemp -d "$library/.restoring-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
tar -C "$scratch" --no-same-owner -xzf "$archive" library state

mkdir "$library/$aside"
# Hidden folders stay: the derived files of a library without a state folder of its own are among them.
find "$library" -mindepth 1 -maxdepth 1 ! -name '.*' -exec mv -t "$library/$aside" {} +
find "$scratch/library" -mindepth 1 -maxdepth 1 ! -name '.*' -exec mv -t "$library" {} +
if [ -f "$scratch/state/community.db" ]; then
    mkdir "$state/$aside"
    for file in community.db community.db-wal community.db-shm; do
        [ ! -e "$state/$file" ] || mv "$state/$file" "$state/$aside/"
    done
    mv "$scratch/state/community.db" "$state/community.db"
fi
echo "restored; what was there before lies in $library/$aside"
