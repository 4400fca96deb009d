#!/bin/sh
echo '{"db": ["c"]}'
