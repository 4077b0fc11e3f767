#!/bin/sh
# One backup into a folder of its own. Object files are shared with the backup before.
set -eu
umask 077
studyhub=${STUDYHUB:-/opt/studyhub/.venv/bin/studyhub}
instance=${STUDYHUB_INSTANCE:-/var/lib/studyhub/instance}
backups=${BACKUPS:-/srv/studyhub-backups}
days=${KEYSTORE_DAYS:-30}

# First, and whatever comes after: from an old keystore people could be restored who were erased.
find "$backups" -mindepth 2 -maxdepth 2 -name 'keystore.*' -mtime "+$days" -delete

before=$(find "$backups" -mindepth 1 -maxdepth 1 -type d -name '20*Z' | sort | tail -n 1)
now=$(date -u +%Y-%m-%dT%H%M%SZ)
exec "$studyhub" --instance "$instance" backup "$backups/$now" ${before:+--earlier "$before"}
