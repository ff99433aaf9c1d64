#!/bin/bash
# Test the container without a container engine: carry out the Dockerfile's own steps in a fresh Debian root made by
# debootstrap, then run the one-dimensional case there, serial and under mpirun, as a user that is not root.
#
#   scripts/test_container.sh [--ca FILE] [--keep]
#
#   --ca FILE   certificates that pip is to trust while building, for machines behind a proxy that has its own (the
#               variables of pip and of proxies are passed anyway)
#   --keep      leave the root in place, and say where
#
# Needs root, debootstrap, unshare and a package mirror; some 3 GB in ${TMPDIR:-/tmp}. It takes the files of the last
# commit, as a clone would.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ${1:-} != --inside ]]; then
    if ((EUID != 0)); then
        echo "error: needs root, for debootstrap and mount" >&2
        exit 1
    fi
    for tool in debootstrap unshare; do
        command -v "$tool" >/dev/null || {
            echo "error: $tool is missing (Debian, Ubuntu: apt-get install debootstrap util-linux)" >&2
            exit 1
        }
    done
    # In a mount namespace of its own nothing that is mounted below is seen outside, and all of it is gone with the
    # last process, however this ends.
    exec unshare --mount --propagation private "$0" --inside "$@"
fi
shift

keep=
certificates=
while (($#)); do
    case $1 in
    --ca) certificates=$2 && shift 2 ;;
    --keep) keep=1 && shift ;;
    *) echo "error: unknown option $1" >&2 && exit 1 ;;
    esac
done

scratch=$(mktemp -d)
root=$scratch/root
mkdir "$root" "$scratch/context"
mounted=()

finish() {
    status=$?
    trap - EXIT
    for ((i = ${#mounted[@]} - 1; i >= 0; i--)); do
        umount "${mounted[i]}" || umount --lazy "${mounted[i]}" || status=1
    done
    if [[ $keep ]]; then
        echo "kept: $root"
    else
        # Never into a file system that failed to be unmounted: it may be the host's.
        rm -rf --one-file-system "$scratch"
    fi
    ((status == 0)) && echo "container: passed" || echo "container: FAILED"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

mount_in() { # mount's arguments, then the place inside
    local place=$root${*: -1}
    mkdir -p "$place"
    mount "${@:1:$#-1}" "$place"
    mounted+=("$place")
}

# --- The Dockerfile -----------------------------------------------------------------------------------------------

# One instruction a line: comments dropped, continued lines joined.
instructions() {
    awk '/^[[:space:]]*#/ { next }
        { line = line $0 }
        sub(/\\$/, "", line) { next }
        line != "" { print line; line = "" }' Dockerfile
}

image_env=()   # "export NAME=value" lines; a value may use variables that came before, as in Docker
image_user=root
image_workdir=/
entrypoint=()

# Run a shell command inside, with a clean environment and what ENV has set so far.
inside() { # user, folder, command
    local user=$1 folder=$2 command=$3 passed=() name setup home
    # Only a build step may need a package index.
    if [[ $user == root ]]; then
        for name in $(compgen -e | grep -E '^PIP_|^(https?|no|all)_proxy$|^(HTTPS?|NO|ALL)_PROXY$'); do
            passed+=("$name=${!name}")
        done
        [[ -z $certificates ]] || passed+=("PIP_CERT=/run/certificates.crt")
    fi
    setup=$(printf '%s\n' "${image_env[@]}")
    # As Docker sets it: / for a user that the image does not know.
    home=$(awk -F : -v user="${user%%:*}" '$1 == user || $3 == user { print $6 }' "$root/etc/passwd")
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="${home:-/}" "${passed[@]}" \
        chroot --userspec="$user" "$root" /bin/sh -c "$setup
cd '$folder' && $command"
}

copy() { # sources, then the destination inside
    local destination=$root${*: -1} source
    mkdir -p "$destination"
    for source in "${@:1:$#-1}"; do
        if ! grep -qxF "!$source" .dockerignore; then
            echo "error: COPY $source: .dockerignore hides it" >&2
            return 1
        fi
        if [[ -d $scratch/context/$source ]]; then
            # Docker copies what a folder holds, not the folder.
            cp -a "$scratch/context/$source/." "$destination"
        else
            cp -a "$scratch/context/$source" "$destination"
        fi
    done
}

build() {
    local instruction arguments words
    while read -r instruction arguments <&3; do
        printf '\n== %s %s\n' "$instruction" "$arguments"
        case $instruction in
        FROM)
            local tag=${arguments#debian:}
            debootstrap --variant=minbase "${tag%-slim}" "$root" >"$scratch/debootstrap.log" || {
                tail "$scratch/debootstrap.log"
                return 1
            }
            mount_in -t proc proc /proc
            mount_in --bind /dev /dev
            # As large as Docker's, because MPI ranks talk through it.
            mount_in -t tmpfs -o size=64m tmpfs /dev/shm
            mount_in --bind -o ro /sys /sys
            cp -L /etc/resolv.conf "$root/etc/resolv.conf"
            # A name of the host has to resolve: Docker writes such a file too.
            printf '127.0.0.1 localhost %s\n' "$(uname -n)" >"$root/etc/hosts"
            [[ -z $certificates ]] || cp -L "$certificates" "$root/run/certificates.crt"
            ;;
        ENV)
            read -r -a words <<<"$arguments"
            image_env+=("${words[@]/#/export }")
            ;;
        RUN) inside "$image_user" "$image_workdir" "$arguments" ;;
        COPY)
            read -r -a words <<<"$arguments"
            copy "${words[@]}"
            ;;
        USER) image_user=$arguments ;;
        WORKDIR) image_workdir=$arguments ;;
        ENTRYPOINT)
            # The JSON form, without quotes inside its words
            arguments=${arguments//[\[\],\"]/ }
            read -r -a entrypoint <<<"$arguments"
            ;;
        *)
            echo "error: this script does not know $instruction" >&2
            return 1
            ;;
        esac
    done 3< <(instructions)
}

git archive HEAD | tar -x -C "$scratch/context"
build

# --- The tests ----------------------------------------------------------------------------------------------------

printf '\n== tests\n'
rm -f "$root/run/certificates.crt" # not part of the image

# The mounted folder of a user whose number the image does not know, as with docker run --user.
user=4321:4321
mkdir "$scratch/work"
cp "$scratch/context/cases/lvo_lagp_x0.2_1d.toml" "$scratch/work/case.toml"
chown -R "$user" "$scratch/work"
mount_in --bind "$scratch/work" "$image_workdir"

echo "image's user: $image_user, tests run as $user in $image_workdir"
[[ $image_user != root ]]
# Without what Debian's image for Docker does not keep
echo "size: $(du -sh --one-file-system --exclude=var/cache/apt --exclude=var/lib/apt/lists "$root" | cut -f 1)"
program=${entrypoint[*]}

check() { # name, command
    local start=$EPOCHREALTIME
    inside "$user" "$image_workdir" "$2"
    [[ -s $scratch/work/$1/summary.json ]] || {
        echo "error: no $1/summary.json" >&2
        return 1
    }
    printf '%s: %.1f s\n' "$1" "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
}
inside "$user" "$image_workdir" "$program info"
check serial "$program run case.toml -o serial"
check parallel "timeout 300 mpirun -n 2 $program run case.toml -o parallel"
# gmsh and figures by VTK, which lean on the image's libraries most
cp "$scratch/context/cases/lvo_lagp_x2_particle_2d.toml" "$scratch/work/particle.toml"
check particle "$program run particle.toml -o particle --quiet"
for figure in "$scratch"/work/{serial,parallel,particle}; do
    ls "$figure"/*.png
done
# And as the user that the image names
inside "$image_user" /tmp "$program run '$image_workdir/case.toml' -o /tmp/results" && [[ -s $root/tmp/results/summary.json ]]
