#!/bin/sh
# Make .venv ready for use: find a Python, install the pinned wheels and the project, check the system's libraries.
# Does nothing, and takes no time, when that was done before and nothing it depends on has changed since.
#
#   scripts/bootstrap.sh
#
#   PYTHON=/path/to/python3   use this Python and no other
#   NO_APT=1                  never call apt-get, only say what is missing
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"
# Another environment's packages must not leak into this one.
unset PYTHONPATH PYTHONHOME
venv_python=$root/.venv/bin/python
stamp=.venv/.installed
system_stamp=.venv/.system-checked
rejected= # what was tried and why it does not do, for the message at the end

say() { printf '%s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# The path is part of the key: the scripts in .venv/bin carry it, so a copied or moved tree is installed again.
key() { printf '%s ' "$root" && cat pyproject.toml constraints.txt scripts/bootstrap.sh | cksum; }

may_apt() { [ -z "${NO_APT:-}" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; }

apt_install() {
    say "Installing with apt-get: $*"
    # A stale list is no reason to stop: the package may still be there.
    DEBIAN_FRONTEND=noninteractive apt-get update -qq || say "(apt-get update failed; going on with the lists at hand)"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# --- A Python -----------------------------------------------------------------------------------------------------

# Say what is wrong with a Python ("ok" when nothing is). Only running it tells: pyenv's shims exist and still fail.
judge() {
    "$1" - 2>/dev/null <<'PY' || printf 'does not run\n'
import os
import sys

if not (3, 12) <= sys.version_info[:2] < (3, 15):
    print("is version %d.%d" % sys.version_info[:2])
    sys.exit()
import sysconfig

# The wheels are made for CPython with its lock.
if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
    print("is not the usual CPython")
elif not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    print("has no headers (Python.h)")
else:
    try:
        import ensurepip
        import venv
    except ImportError:
        print("has no venv or ensurepip")
    else:
        print("ok")
PY
}

# Take a Python as $python if it will do, else remember why not.
accept() {
    [ -x "$1" ] || return 1
    verdict=$(judge "$1")
    if [ "$verdict" = ok ]; then
        # Not that of an active environment, which may be the very .venv that is to be replaced.
        python=$("$1" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))')
        return 0
    fi
    case $rejected in
    *"  $1 "*) ;;
    *)
        rejected="$rejected  $1 $verdict
"
        ;;
    esac
    return 1
}

# Look for an executable in every folder of PATH, not only the first that has it: that one may be a dead shim.
accept_on_path() {
    old_ifs=$IFS
    IFS=:
    for folder in $PATH; do
        if accept "$folder/$1"; then
            IFS=$old_ifs
            return 0
        fi
    done
    IFS=$old_ifs
    return 1
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12; do
        accept_on_path "$name" && return 0
    done
    pyenv_root=${PYENV_ROOT:-${HOME:-}/.pyenv}
    uv_root=${UV_PYTHON_INSTALL_DIR:-${XDG_DATA_HOME:-${HOME:-}/.local/share}/uv/python}
    for version in 3.14 3.13 3.12; do
        for candidate in "$pyenv_root/versions/$version".*/bin/python3 "$uv_root/cpython-$version".*/bin/python3; do
            accept "$candidate" && return 0
        done
    done
    return 1
}

# As root on Debian or Ubuntu: complete the system's Python, or install it where it is new enough.
apt_python() {
    for version in 3.14 3.13 3.12; do
        if [ -x "/usr/bin/python$version" ]; then
            apt_install "python$version-venv" "python$version-dev" && accept "/usr/bin/python$version" && return 0
        fi
    done
    apt-get update -qq || true
    case $(apt-cache policy python3 2>/dev/null | sed -n 's/^ *Candidate: //p') in
    3.1[234].*) apt_install python3 python3-venv python3-dev && accept /usr/bin/python3 ;;
    *) return 1 ;;
    esac
}

no_python() {
    {
        say "error: no usable Python found. Needed: CPython 3.12, 3.13 or 3.14 with venv and its headers (Python.h)."
        if [ -n "$rejected" ]; then
            say "What was found and does not do:"
            printf '%s' "$rejected"
        fi
        say "Ways to get one:"
        say "  Debian 13, Ubuntu 24.04 or newer:  sudo apt-get install python3 python3-venv python3-dev"
        say "  Fedora:                            sudo dnf install python3 python3-devel"
        say "  pyenv:                             pyenv install 3.13"
        say "  uv:                                uv python install 3.13"
        say "or name one yourself:  make install PYTHON=/path/to/python3"
    } >&2
    exit 1
}

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        named=$(command -v "$PYTHON") || die "PYTHON=$PYTHON: no such program"
        accept "$named" || die "PYTHON=$PYTHON $(judge "$named"); needed: CPython 3.12, 3.13 or 3.14 with venv and headers"
        return
    fi
    find_python && return
    if may_apt; then
        apt_python && return
    fi
    # Last, because it downloads an interpreter, which may not be wanted or possible.
    if command -v uv >/dev/null; then
        say "No Python from 3.12 to 3.14 with headers here: asking uv for one"
        if uv python install 3.13; then
            find_python && return
        fi
    fi
    no_python
}

# --- Compiler and libraries ---------------------------------------------------------------------------------------

# FFCx compiles each form when it is first used, so a C compiler has to find libc's and Python's headers.
compiles() {
    folder=$(mktemp -d)
    cc=$("$venv_python" -c 'import os, sysconfig; print(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")')
    include=$("$venv_python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    printf '#include <Python.h>\n#include <math.h>\nint main_(void) { return 0; }\n' >"$folder/a.c"
    result=0
    # shellcheck disable=SC2086 # CC may carry options
    $cc -shared -fPIC -I"$include" "$folder/a.c" -o "$folder/a.so" >"$folder/log" 2>&1 || {
        result=1
        compiler_says="$cc: $(head -n 3 "$folder/log")"
    }
    rm -rf "$folder"
    return $result
}

check_compiler() {
    compiles && return
    if may_apt; then
        apt_install gcc libc6-dev && compiles && return
    fi
    die "no working C compiler, which DOLFINx needs at run time. ($compiler_says)
Debian and Ubuntu:  sudo apt-get install gcc libc6-dev"
}

# Debian's names of the packages whose libraries are missing: those that gmsh's library is linked to, and the two that
# VTK loads when it draws (without libEGL it crashes instead of raising an error).
missing_libraries() {
    "$venv_python" - <<'PY'
import ctypes

packages = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLU.so.1": "libglu1-mesa",
    "libX11.so.6": "libx11-6",
    "libXcursor.so.1": "libxcursor1",
    "libXext.so.6": "libxext6",
    "libXfixes.so.3": "libxfixes3",
    "libXft.so.2": "libxft2",
    "libXinerama.so.1": "libxinerama1",
    "libXrender.so.1": "libxrender1",
    "libfontconfig.so.1": "libfontconfig1",
    "libgomp.so.1": "libgomp1",
}
missing = []
for library, package in packages.items():
    try:
        ctypes.CDLL(library)
    except OSError:
        missing.append(package)
print(" ".join(missing))
PY
}

check_libraries() {
    missing=$(missing_libraries)
    if [ -n "$missing" ] && may_apt; then
        # shellcheck disable=SC2086 # a list of words
        apt_install $missing || say "(apt-get install failed)"
        missing=$(missing_libraries)
    fi
    if [ -z "$missing" ]; then
        : >"$system_stamp"
        return
    fi
    # Not fatal: one-dimensional cases run without them. Not stamped either: the next call looks again.
    {
        say "warning: libraries are missing that gmsh (meshes in 2D and 3D) and VTK (figures) need. Debian and Ubuntu:"
        say "  sudo apt-get install --no-install-recommends $missing"
    } >&2
}

# --- The environment ----------------------------------------------------------------------------------------------

pip_install() {
    "$venv_python" -m pip install -qq --disable-pip-version-check --constraint constraints.txt "$@" || die "pip failed (see above).
The DOLFINx wheel on PyPI is for Linux on x86_64 with glibc 2.34 or newer (this is $(uname -sm)); elsewhere use conda
(environment.yml) or the container (Dockerfile)."
}

install() {
    # An environment made by hand or for older pins is kept if its Python will do.
    if [ -x "$venv_python" ] && [ "$(judge "$venv_python")" = ok ] &&
        [ "$("$venv_python" -c 'import sys; print(sys.prefix)')" = "$root/.venv" ] &&
        grep -qsF "$root/.venv/" .venv/bin/pip; then
        say "Updating .venv"
    else
        choose_python
        say "Making .venv with $python ($("$python" -c 'import platform; print(platform.python_version())'))"
        "$python" -m venv --clear .venv
    fi
    check_compiler
    say "Installing the pinned packages (some 500 MB to download the first time)"
    # setuptools first, to build the project in .venv itself: an isolated build would fetch another, unpinned one.
    pip_install setuptools
    pip_install --no-build-isolation --editable '.[dev]'
    "$venv_python" -c 'import dolfinx_solver, dolfinx' || die "DOLFINx was installed and cannot be imported (see above)"
    rm -f "$system_stamp"
    key >"$stamp"
    say "Done: .venv/bin/scl-fem"
}

# Two calls at once in one tree: the second waits for the first.
if command -v flock >/dev/null; then
    exec 9<"$root/scripts/bootstrap.sh"
    flock 9
fi
if [ ! -x "$venv_python" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$(key)" ]; then install; fi
[ -e "$system_stamp" ] || check_libraries
