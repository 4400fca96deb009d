#!/bin/sh
echo "$0" >where
sleep 60
