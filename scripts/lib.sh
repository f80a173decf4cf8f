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

# configure FOLDER [-D...]: prepares a build folder; quiet unless it fails.
configure() {
    local folder=$1
    shift
    mkdir -p "$folder"
    if ! timeout --foreground 300 cmake -S "$souk_root" -B "$folder" -G Ninja \
        -DPython3_EXECUTABLE="$souk_python" "$@" >"$folder/configure.log" 2>&1; then
        tail -n 40 "$folder/configure.log" >&2
        return 1
    fi
}

# build FOLDER [TARGET...]: builds; shows the end of the log when that fails.
build() {
    local folder=$1
    shift
    if ! timeout --foreground 1200 ninja -C "$folder" "$@" >"$folder/build.log" 2>&1; then
        tail -n 80 "$folder/build.log" >&2
        return 1
    fi
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
