"""The README's "Follow one request" is true of the compiled code: each file once, downward."""
import functools
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(sys.argv.pop(1) if len(sys.argv) > 1 else ROOT / "build" / "gcc").resolve()
FOLDERS = ("runtime", "messages", "storage", "actors", "gateway")

# Where a call goes through a pointer or to another process, who puts the pointer there: it names both ends.
HOPS = {
    ("gateway/serve.c", "runtime/bus_ask.c"): "gateway/main.c",            # the backend that the server asks
    ("runtime/bus_ask.c", "actors/host/receive.c"): "actors/host/node.c",  # who gets requests of the bus
    ("actors/host/dispatch.c", "actors/order/order_actor.c"): "actors/order/__/__/generated/order_dispatch.c",
}
# Calls that go upward all the same, with their reason.
UPWARD = {
    ("actors/host/receive.c", "runtime/bus_ask.c"): "what is refused is answered at once",
    ("actors/host/dispatch.c", "runtime/actor.c"): "early release: the key's next message may start",
}
HANDLER = "order_handle_add_line"


@functools.lru_cache(maxsize=None)
def objects():
    found = {}
    for folder in FOLDERS:
        for built in sorted((BUILD / folder).rglob("*.c.o")):
            inside, _, name = built.relative_to(BUILD).as_posix().partition("/CMakeFiles/")
            found[f"{inside}/{name.partition('.dir/')[2][:-len('.o')]}"] = built
    return found


@functools.lru_cache(maxsize=None)
def symbols(option):
    """Source -> names that its object file defines, or wants."""
    sources = {str(built): source for source, built in objects().items()}
    answer = subprocess.run(["nm", "-A", "-P", "-g", option, *sources], check=True, capture_output=True, text=True,
                            timeout=60)
    names = {source: set() for source in sources.values()}
    for line in answer.stdout.splitlines():
        file, name = line.split(": ", 1)
        names[sources[file]].add(name.split()[0])
    return names


@functools.lru_cache(maxsize=None)
def calls():
    owners = {name: source for source, names in symbols("--defined-only").items() for name in names}
    return {source: {owners[name] for name in names if name in owners} - {source}
            for source, names in symbols("--undefined-only").items()}


def called_by(source):
    return calls()[source]


def reaches(source, target, listed):
    """Whether calls lead from one to the other through files that the list leaves out."""
    seen, todo = set(), [source]
    while todo:
        for called in called_by(todo.pop()) - seen:
            if called == target:
                return True
            seen.add(called)
            if called not in listed:
                todo.append(called)
    return False


class OneRequest(unittest.TestCase):
    def setUp(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        section = text.partition("## Follow one request")[2].partition("\n## ")[0]
        self.files = re.findall(r"^    (\S+\.c)\s", section, re.MULTILINE)
        self.route = re.search(r"\b(POST|GET|PATCH|PUT|DELETE) (/v1/\S+?)[,.;]?\s", section)

    def test_every_file_is_there_and_has_been_built(self):
        self.assertGreater(len(self.files), 10)
        for file in self.files:
            self.assertIn(file, objects())

    def test_only_the_store_stands_twice_to_load_and_to_save(self):
        twice = {file for file in self.files if self.files.count(file) > 1}
        self.assertEqual(twice, {"actors/order/cart_store.c"})

    def test_the_route_is_that_of_the_handler(self):
        self.assertIsNotNone(self.route)
        toml = (ROOT / "messages/order.toml").read_text(encoding="utf-8")
        message = HANDLER.removeprefix("order_handle_")
        section = toml.partition(f"[command.{message}]")[2].partition("\n[")[0]
        self.assertIn(f'"{self.route[1]} {self.route[2]}"', section)
        self.assertIn(HANDLER, symbols("--defined-only")["actors/order/order_actor.c"])

    def test_each_file_is_reached_from_those_before_it(self):
        for place, file in enumerate(self.files[1:], 1):
            if file in self.files[:place]:
                continue
            before = self.files[:place]
            is_reached = any(reaches(other, file, set(self.files)) or (other, file) in HOPS for other in before)
            self.assertTrue(is_reached, f"nothing before it leads to {file}")

    def test_no_file_calls_one_that_stands_before_it(self):
        first = {file: place for place, file in reversed(list(enumerate(self.files)))}
        for file, place in first.items():
            upward = {other for other in called_by(file)
                      if other in first and first[other] < place and (file, other) not in UPWARD}
            self.assertEqual(upward, set(), f"{file} calls upward")

    def test_hops_through_pointers_are_put_there_by_whom_the_list_says(self):
        for (_, target), setter in HOPS.items():
            self.assertIn(target, called_by(setter), f"{setter} does not know {target}")


if __name__ == "__main__":
    unittest.main()
