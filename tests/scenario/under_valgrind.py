"""Runs a scenario with every program of ours under valgrind: under_valgrind.py BIN TEST_MODULE

Errors of memory and definite leaks count; each process writes a log of its own, PostgreSQL and tools are left alone."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = "*/postgresql/*,*/postgres,*/initdb,*/openssl,/bin/*,/usr/bin/*"
SECONDS_MAX = 550


def write_wrapper(place, program, logs):
    """The dispatcher `souk` starts all others, and valgrind follows them."""
    wrapper = place / "souk"
    # A proof by SCRAM takes a third of a second here, in the loop: with all readers of all domains the
    # watchdog gives up.
    wrapper.write_text("#!/bin/sh\n"
                       "if [ \"$1\" = up ]; then set -- \"$@\" --store.readers=1; fi\n"
                       f"exec valgrind --quiet --trace-children=yes '--trace-children-skip={SKIP}' "
                       "--leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite "
                       "--child-silent-after-fork=yes --num-callers=30 --max-stackframe=8388608 "
                       f"--log-file={logs}/%p.log {program} \"$@\"\n")
    wrapper.chmod(0o755)


def problems_in(logs):
    """Text of each log with a finding."""
    found = []
    for log in sorted(logs.glob("*.log")):
        text = log.read_text(errors="replace")
        if re.search(r"==\d+== +(Invalid|Conditional jump|Use of uninit|Syscall param|Mismatched|Process terminating|"
                     r"Source and destination|[\d,]+ (\([^)]*\) )?bytes in [\d,]+ blocks are definitely lost)", text):
            found.append(f"--- {log.name}\n{text[:20000]}")
    return found


def main():
    programs, module = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    place = pathlib.Path(tempfile.mkdtemp(prefix="souk-valgrind-"))
    logs = place / "logs"
    logs.mkdir()
    place.chmod(0o711)  # a market of root is a user of its own, who writes logs, too
    logs.chmod(0o1777)
    write_wrapper(place, programs / "souk", logs)
    environment = {**os.environ, "SOUK_BIN": str(place), "SOUK_VALGRIND": "1"}
    code = subprocess.run([sys.executable, "-B", "-m", "unittest", "-v", module], env=environment,
                          stdin=subprocess.DEVNULL, timeout=SECONDS_MAX).returncode
    checked = len(list(logs.glob("*.log")))
    found = problems_in(logs)
    print("\n".join(found))
    print(f"{checked} processes under valgrind, {len(found)} with findings; the scenario ended with {code}")
    shutil.rmtree(place, ignore_errors=True)
    return 1 if code or found or checked < 3 else 0


sys.exit(main())
