#!/bin/sh
# Stands for the tool: tool.sh quantize MODEL ... -o HEADER makes an empty header of a model that is there.
set -eu
[ -f "$2" ]
while [ "$1" != -o ]; do shift; done
: >"$2"
