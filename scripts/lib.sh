# What scripts/run and scripts/test share; sourced after `set -euo pipefail`.

souk_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Debian's own Python: another one may come first on PATH and lack Debian's modules.
souk_python=/usr/bin/python3

say() { printf '%s\n' "$*"; }
complain() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
give_up() {
    complain "$*"
    exit 1
}

# On a terminal what goes on is told in one line that changes; elsewhere there is none.
shows_progress() { [[ -t 1 && ${TERM:-dumb} != dumb ]]; }
# progress TEXT: replaces the line; without TEXT it goes away.
progress() {
    shows_progress || return 0
    if (($# > 0)); then printf '\r\033[K  %.76s' "$*"; else printf '\r\033[K'; fi
}

# Two builds at once in one folder break each other's archives, so a folder is built by one at a time. The lock lasts
# until the shell that holds it ends; what is started under it must not outlive that shell.
lock_seconds_max=1800
locked_folder=''
lock_build() {
    [[ $locked_folder != "$1" ]] || return 0
    mkdir -p "$1"
    exec {build_lock}>"$1/lock"
    if ! flock -n "$build_lock"; then
        complain "another command builds in $1: waiting for it"
        flock -w "$lock_seconds_max" "$build_lock" || {
            complain "it does not end within $lock_seconds_max s"
            return 1
        }
    fi
    locked_folder=$1
}

# configure FOLDER [-D...]: prepares a build folder; quiet unless it fails.
configure() {
    local folder=$1
    shift
    lock_build "$folder" || return 1
    progress "configuring"
    if ! timeout --foreground 300 cmake -S "$souk_root" -B "$folder" -G Ninja \
        -DPython3_EXECUTABLE="$souk_python" "$@" >"$folder/configure.log" 2>&1; then
        progress
        tail -n 40 "$folder/configure.log" >&2
        return 1
    fi
    progress
}

# Reads ninja's output, keeps it in LOG and shows how far it is.
show_build() {
    local line
    while IFS= read -r line; do
        printf '%s\n' "$line"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] && progress "building ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}" >&3
    done 3>&1 >"$1"
    progress
}

# build FOLDER [TARGET...]: builds; shows the end of the log when that fails.
build() {
    local folder=$1 code=0
    shift
    lock_build "$folder" || return 1
    timeout --foreground 1200 ninja -C "$folder" "$@" 2>&1 | show_build "$folder/build.log" || code=$?
    ((code == 0)) || tail -n 80 "$folder/build.log" >&2
    return "$code"
}

# build_release [TARGET...]: what a market runs with, in build/; every script that wants it configures it, so that they
# may come in any order.
build_release() {
    configure "$souk_root/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER=gcc -DSOUK_TESTS=OFF || return 1
    build "$souk_root/build" "$@"
}

# A shell that was started with a signal ignored (by `&` in a script, by nohup) can never trap it: start it again
# without.
require_signals() {
    local ignored
    ignored=$(sed -n 's/^SigIgn:[[:space:]]*//p' /proc/$$/status)
    # INT is bit 1, TERM bit 14.
    ((16#$ignored & 0x4002)) || return 0
    [[ -z ${SOUK_SIGNALS_RESET:-} ]] || return 0
    SOUK_SIGNALS_RESET=1 exec env --default-signal=INT,TERM "$0" "$@"
}
