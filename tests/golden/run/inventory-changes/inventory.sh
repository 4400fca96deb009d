#!/bin/sh
# Answers differently, and in another order, once there is a file `flag`.
if [ -e flag ]; then
    echo '{"web": {"hosts": ["new", "a", "b"]}, "all": {"vars": {"ansible_connection": "local"}}}'
else
    echo '{"web": {"hosts": ["a", "b", "c"]}, "all": {"vars": {"ansible_connection": "local"}}}'
fi
