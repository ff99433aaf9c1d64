#!/bin/bash
# Build the wheel and the source archive, install each into a fresh environment and try it there: nothing of the source
# tree, of git or of the network may be needed. Expects .venv (make install).
#
#   scripts/test_package.sh [--download] [--keep DIR]
#
#   --download   install the dependencies too, from the package index (some 500 MB); without it the fresh environments
#                see the packages of .venv, and only scl_fem is new
#   --keep DIR   leave wheel and archive in DIR
set -Eeuo pipefail
cd "$(dirname "$0")/.."

download=
keep=
while (($#)); do
    case $1 in
    --download) download=1 && shift ;;
    --keep) keep=$2 && shift 2 ;;
    *) echo "error: unknown option $1" >&2 && exit 2 ;;
    esac
done

python=$PWD/.venv/bin/python
libraries=$PWD/.venv/lib
constraints=$PWD/constraints.txt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'echo "package: FAILED in line $LINENO"' ERR
# Another environment's packages must not leak in.
unset PYTHONPATH PYTHONHOME
export OMP_NUM_THREADS=1 MPLBACKEND=Agg PYVISTA_OFF_SCREEN=true
pip() { # the environment's Python, then pip's arguments
    "$1" -m pip --disable-pip-version-check "${@:2}"
}

# In a copy, so that no build products stay here: what git knows of, as it is now.
mkdir "$scratch/source" "$scratch/dist"
git ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=- --ignore-failed-read | tar -x -C "$scratch/source"
commit=$(git rev-parse HEAD)

echo "== wheel and source archive"
(
    cd "$scratch/source"
    # setup.py asks git, which is told where its folder is; a copy of a work tree has none of its own
    GIT_DIR=$(git -C "$OLDPWD" rev-parse --absolute-git-dir) GIT_WORK_TREE=$OLDPWD
    export GIT_DIR GIT_WORK_TREE
    touch .git
    "$python" - "$scratch/dist" <<'PY'
import sys

from setuptools import build_meta

folder = sys.argv[1]  # setuptools puts its own words there
build_meta.build_sdist(folder)
build_meta.build_wheel(folder)
PY
) >"$scratch/build.log" 2>&1 || {
    tail -n 30 "$scratch/build.log"
    exit 1
}
ls -l "$scratch/dist"

try() { # a name, what to install
    local name=$1 package=$2 new=$scratch/$1/bin/python work=$scratch/work_$1
    echo "== $name"
    "$python" -m venv "$scratch/$name"
    if [[ $download ]]; then
        pip "$new" install -qq --constraint "$constraints" setuptools
        pip "$new" install -qq --constraint "$constraints" --no-build-isolation "$package"
    else
        # After its own packages in the search path, and without what an editable install has put there.
        "$python" -c 'import site; print(site.getsitepackages()[0])' >"$("$new" -c 'import site; print(site.getsitepackages()[0])')/of_the_venv.pth"
        pip "$new" install -qq --no-deps --no-index --no-build-isolation "$package"
    fi
    # mpi4py looks for MPI in the environment that runs it
    [[ $download ]] || export LD_LIBRARY_PATH=$libraries
    mkdir "$work"
    cd "$work"
    local program=$scratch/$name/bin/scl-fem
    "$new" -c 'import scl_fem, sys; sys.exit(not scl_fem.__file__.startswith(sys.prefix))'
    [[ $("$program" --version) == "scl-fem $(sed -n 's/^version = "\(.*\)"/\1/p' "$scratch/source/pyproject.toml")" ]]
    "$program" info | grep -q "^commit *$commit"
    # Every case is there, and checks where it was put: meshes from files too.
    local cases=0 case
    for case in "$scratch"/source/cases/*.toml; do
        "$program" new "$(basename "$case" .toml)" >/dev/null
        cases=$((cases + 1))
    done
    [[ $("$program" new | sed '/^$/,$d' | wc -l) == "$cases" ]]
    "$program" check lvo_lagp_x2_file_2d.toml >/dev/null
    "$program" run lvo_lagp_x0.2_1d.toml -o out --quiet
    [[ -s out/summary.json && -s out/profiles.png ]]
    "$program" materials LAGP >/dev/null
    "$program" cite out >/dev/null
    "$program" completion bash | bash -n
    echo "$name: $cases cases, a run, materials, citations, completion: passed"
    cd "$OLDPWD"
}

try wheel "$scratch"/dist/*.whl
try archive "$scratch"/dist/*.tar.gz
if [[ $keep ]]; then
    mkdir -p "$keep"
    cp "$scratch"/dist/* "$keep"
    echo "in $keep:" && ls "$keep"
fi
