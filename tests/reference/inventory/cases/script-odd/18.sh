#!/bin/sh
[ "$1" = --list ] || { echo "{\"from\": \"$1 $2\"}"; exit; }
cat <<'END'
{"_meta": {"hostvars": {"lonely": {"x": 1}}}, "web": {"hosts": ["a"]}}
END
