#!/bin/sh
# What ctq_add_model refuses, in which words, and what it waits for: run.sh BUILD_TREE
set -eu
folder=$(cd "$(dirname "$0")" && pwd)
work=$1/consumers/add_model
there=tool.sh # any file
status=0
configure() { # configure CALL [CMAKE_ARGUMENT...]
    call=$1
    shift
    rm -rf "$work"
    mkdir -p "$work/made"
    cmake -S "$folder" -B "$work/build" -DCTQ_ROOT="$folder/../../.." -DCTQ_TOOL="$folder/tool.sh" -DCALL="$call" "$@" \
        >"$work/log" 2>&1
}
failed() {
    echo "ctq_add_model(kws $call): $1:"
    cat "$work/log"
    status=1
}
refuses() { # refuses TEXT CALL [CMAKE_ARGUMENT...]
    text=$1
    shift
    if configure "$@"; then
        failed "is not refused"
    elif ! tr -s ' \n' '  ' <"$work/log" | grep -qF "ctq: ctq_add_model$text"; then # CMake breaks the line
        failed "its text is not: ctq: ctq_add_model$text"
    fi
}
takes() { # takes CALL: and makes the header
    configure "$1" && cmake --build "$work/build" >>"$work/log" 2>&1 || failed "is not taken"
}

keywords="(kws): MODEL, CALIBRATION and ARGS are its keywords, not"
to_args="put options of the tool after ARGS"
to_name="name the file, or what makes it as OUTPUT or BYPRODUCTS of a rule"
refuses "(kws): MODEL is required; add MODEL and an ONNX file" "CALIBRATION $there"
refuses "$keywords RULE; $to_args" "MODEL $there CALIBRATION $there RULE int16x8"
refuses "$keywords RULE int16x8; $to_args" "MODEL $there RULE int16x8"
refuses "(kws): MODEL must be a file, $folder/none.onnx is none; $to_name" "MODEL none.onnx CALIBRATION $there"
refuses "(kws): MODEL must be a file, $folder is none; $to_name" "MODEL ."
refuses "(kws): CALIBRATION must be a file, $folder/none.npy is none; $to_name" "MODEL $there CALIBRATION $there x=none.npy"
refuses "(kws): CTQ_TOOL must be a file, $folder/none is none; set CTQ_TOOL to a ctq built for this machine" \
    "MODEL $there" -DCTQ_TOOL="$folder/none"
refuses ": a tool is required; set CTQ_TOOL to a ctq built for this machine" "MODEL $there" -DCTQ_TOOL= -DCTQ_TOOL_ON_PATH=

takes "MODEL $there CALIBRATION x=$there ARGS --rule NODE=RULE --exclude CONV"
takes "MODEL \${made}/here.onnx CALIBRATION $there"
takes "MODEL \${made}/below.onnx"
takes "MODEL \${CMAKE_BINARY_DIR}/untold.onnx"
exit $status
