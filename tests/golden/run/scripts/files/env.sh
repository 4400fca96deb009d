#!/usr/bin/env sh
echo env "$@"
