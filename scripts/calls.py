"""Who calls whom in compiled code, function by function, for checks that follow calls."""
import functools
import pathlib
import re
import subprocess

FOLDERS = ("messages", "runtime", "storage", "actors", "gateway")
FUNCTION = re.compile(r"^[0-9a-f]+ <([^>]+)>:$")
CALL = re.compile(r"\b(?:call|jmp|j[a-z]{1,3})\s+[0-9a-f]+ <([^>+]+)(?:\+0x[0-9a-f]+)?>")
RELOCATION = re.compile(r"\bR_\w+_(?:PLT32|PC32|GOTPCREL\w*|REX_GOTPCRELX|CALL26|JUMP26)\s+([A-Za-z_][\w.]*)")


def objects(build):
    """Source without ending -> object file, of everything but tests."""
    found = {}
    for built in sorted(build.rglob("*.c.o")):
        folder, _, inside = str(built.relative_to(build)).partition("/CMakeFiles/")
        if folder.split("/")[0] in FOLDERS:
            found[f"{folder}/{inside.partition('.dir/')[2][:-len('.c.o')]}"] = built
    return found


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=120).stdout


def symbols_of(built_files):
    """(global functions -> object file, names of data)"""
    functions, data = {}, set()
    for line in run("nm", "--print-file-name", *built_files).splitlines() if built_files else []:
        place, _, rest = line.partition(":")
        words = rest.split()
        if len(words) < 3:
            continue
        if words[-2] in "rRdDbBvV":
            data.add(words[-1])
        elif words[-2] in "TW":
            functions[words[-1]] = pathlib.Path(place)
    return functions, data


@functools.lru_cache(maxsize=None)
def calls_of(built):
    """Function -> names that it calls or refers to."""
    table, name, called = {}, None, None
    for line in [*run("objdump", "-dr", "--no-show-raw-insn", built).splitlines(), ""]:
        start, found = FUNCTION.match(line), RELOCATION.search(line)
        # Before it is linked, a call that leaves the file looks like one of whatever stands behind it.
        target = found[1] if found else called
        if name is not None and target not in (None, name):
            table[name].add(target)
        if start:
            name = start[1]
            table.setdefault(name, set())
        call = CALL.search(line)
        called = call[1] if call and not found else None
    return table
