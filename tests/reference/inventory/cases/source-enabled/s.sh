#!/bin/sh
echo '{"web": ["c"]}'
