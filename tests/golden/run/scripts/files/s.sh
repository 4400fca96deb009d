#!/bin/sh
echo "n=$#" "$@"; pwd; basename "$0"; echo err >&2; cat; exit "${RC:-0}"
