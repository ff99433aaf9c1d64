#!/bin/bash
# The test suite: the serial part, then tests/parallel under mpirun on 2 and 3 ranks. Every part runs even if one
# before it failed; the exit status tells whether all passed. Expects .venv (make install).
#
#   scripts/test.sh [--all]      --all: the slow tests too
set -uo pipefail
cd "$(dirname "$0")/.." || exit

workers=${WORKERS:-2}
# A hang under mpirun must fail, not block: each test has a limit, and so has the whole.
parallel_test_limit=120
parallel_limit=1200
serial=(-m "not slow and not mpi")
parallel=(-m "not slow")
if [[ ${1:-} == --all ]]; then
    serial=(-m "not mpi")
    parallel=()
    parallel_test_limit=900
    parallel_limit=3600
fi

export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}
export MPLBACKEND=${MPLBACKEND:-Agg}
export PYVISTA_OFF_SCREEN=${PYVISTA_OFF_SCREEN:-true}
export VTK_DEFAULT_OPENGL_WINDOW=${VTK_DEFAULT_OPENGL_WINDOW:-vtkEGLRenderWindow}

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
summary=()
failed=0

note() { # name, exit status
    if (($2 == 0)); then
        summary+=("$1: passed")
    else
        summary+=("$1: FAILED (exit status $2)")
        failed=1
    fi
}

echo "== serial, $workers processes"
.venv/bin/python -m pytest -n "$workers" --ignore=tests/parallel "${serial[@]}"
note "serial" $?

# All ranks run pytest and would all print: only rank 0 keeps the terminal, the others write into a file that is shown
# when something failed. The cache plugin is off because all ranks would write the same files.
# shellcheck disable=SC2016 # expanded on each rank, not here
rank_shell='rank=${PMI_RANK:-${OMPI_COMM_WORLD_RANK:-0}}
    if [ "$rank" = 0 ]; then exec "$@"; else exec "$@" >"$0.$rank" 2>&1; fi'
for ranks in 2 3; do
    echo "== mpirun -n $ranks"
    # In the foreground, so that Ctrl-C reaches it too.
    # The thread method ends the process even if it hangs in a C library, and then mpirun ends the other ranks.
    timeout --foreground --kill-after=10 "$parallel_limit" \
        .venv/bin/mpirun -n "$ranks" /bin/sh -c "$rank_shell" "$logs/$ranks" \
        .venv/bin/python -m pytest -x -p no:cacheprovider -p no:xdist \
        --timeout="$parallel_test_limit" --timeout-method=thread "${parallel[@]}" tests/parallel
    status=$?
    note "mpirun -n $ranks" $status
    if ((status != 0)); then
        ((status == 124)) && echo "stopped after $parallel_limit s"
        for log in "$logs/$ranks".*; do
            [[ -e $log ]] && echo "-- rank ${log##*.}" && tail -n 60 "$log"
        done
    fi
done

echo "== summary"
printf '%s\n' "${summary[@]}"
exit $failed
