"""Files that are large, grow while they are read, or whose import is killed: memory stays bounded, nothing comes in
twice, and the next run goes on where the last one was. SOUK_LONG: a file of a gigabyte."""
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from market import BIN, Market, wait_until
from test_search import WORDS

FILE_BYTES = 1 << 30 if "SOUK_LONG" in os.environ else 24 << 20
DESCRIPTION = 18_000  # characters, nearly what one may have
KILLS = 20 if "SOUK_LONG" in os.environ else 4
KILLED_PRODUCTS = 100_000 if "SOUK_LONG" in os.environ else 20_000
COUNTS = re.compile(r"(\d+) products .*: (\d+) created, (\d+) updated, (\d+) unchanged, (\d+) bad")
HEADER = "handle,name,description,vendor,price,sku\n"


def setUpModule():
    global market, folder
    folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-files-"))
    folder.chmod(0o711)
    unittest.addModuleCleanup(shutil.rmtree, folder, True)
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def is_sanitized():
    return b"__asan_init" in (BIN / "souk-import").read_bytes()


def products(prefix):
    """Handles and versions of what has come in."""
    return dict(market.sql("catalog", f"SELECT handle, version FROM catalog.product WHERE handle LIKE '{prefix}-%'"))


def begin(path, *words):
    return subprocess.Popen(market.command("import", str(path), *words, "--data-dir", str(market.data_dir)),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def peak_mib(pid):
    """0 when the process has ended."""
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+) kB", text)
    return int(found[1]) / 1024 if found else 0


class Large(unittest.TestCase):
    def write(self, path):
        """Its descriptions are of some dozens of kinds; rows end where the size is reached."""
        chance, number = random.Random(1), 0
        texts = [" ".join(chance.choices(WORDS, k=DESCRIPTION // 7)) for _ in range(40)]
        with open(path, "w", encoding="utf-8") as file:
            file.write(HEADER)
            while file.tell() < FILE_BYTES:
                for _ in range(50):
                    file.write(f"big-{number},Thing {number},\"{texts[number % 40]}\",Big,1.00,BIG-{number}\n")
                    number += 1
        return number

    def test_a_large_file_comes_in_whole_in_bounded_memory(self):
        path = folder / "big.csv"
        count = self.write(path)
        began, peak = time.monotonic(), 0
        process = begin(path)
        while process.poll() is None:
            peak = max(peak, peak_mib(process.pid))
            time.sleep(0.05)
        out, err = process.communicate()
        took = time.monotonic() - began
        self.assertEqual(process.returncode, 0, err[-2000:])
        self.assertEqual(tuple(map(int, COUNTS.search(out).groups())), (count, count, 0, 0, 0))
        size = path.stat().st_size / (1 << 20)
        print(f"{size:.0f} MiB, {count} products in {took:.0f} s; the import took {peak:.0f} MiB")
        # 256 products under way and a buffer; ASan keeps what was freed for a while.
        self.assertLess(peak, 700 if is_sanitized() else 64)
        self.assertEqual(len(products("big")), count)
        path.unlink()


class Growing(unittest.TestCase):
    def test_a_file_that_grows_after_the_first_products_ends_before_its_last(self):
        path = folder / "grow.csv"
        path.write_text(HEADER + "".join(f"late-{i},G,,Try,1,LATE-{i}\n" for i in range(KILLED_PRODUCTS)))
        process = begin(path)
        wait_until(lambda: products("late") or process.poll() is not None, 60, "the first have come in")
        with open(path, "a") as file:
            file.write("late-x,G,,Try,1,LATE-X\n")
        _, err = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 2, err)
        self.assertIn("was changed while it was read", err)
        known = products("late")
        self.assertNotIn("late-x", known)
        self.assertLess(len(known), KILLED_PRODUCTS + 1)
        # The file as it is now is another one; what is known already is not written again.
        answer = market.import_products(path)
        self.assertEqual(int(COUNTS.search(answer.stdout)[1]), KILLED_PRODUCTS + 1)
        self.assertEqual(int(COUNTS.search(answer.stdout)[4]), len(known))
        self.assertEqual(set(products("late").values()), {"1"})


class Killed(unittest.TestCase):
    def test_an_import_that_is_killed_again_and_again_goes_on_and_makes_each_once(self):
        chance, path = random.Random(), folder / "killed.csv"
        path.write_text(HEADER + "".join(f"kill-{i},K {i},,Try,{1 + i % 90}.50,KILL-{i}\n"
                                         for i in range(KILLED_PRODUCTS)))
        behind, others = 0, self.states()
        for _ in range(KILLS):
            process = begin(path)
            goal = len(products("kill")) + chance.randrange(KILLED_PRODUCTS // (4 * KILLS))
            # How far it is stands on the disk every two seconds; the first run lives to write it.
            wait_until(lambda: process.poll() is not None or
                       len(products("kill")) > goal and self.states() - others, 120, "some come in")
            self.assertIsNone(process.poll(), "it is over before it was killed")
            process.send_signal(signal.SIGKILL)
            _, err = process.communicate()
            behind = self.went_on_behind(err, behind)
        known = len(products("kill"))
        answer = market.import_products(path)
        behind = self.went_on_behind(answer.stderr, behind)
        total, created, updated, unchanged, bad = map(int, COUNTS.search(answer.stdout).groups())
        print(f"killed {KILLS} times; {known} products were there, the last run went on behind {behind}")
        self.assertGreater(behind, 0)
        self.assertEqual((total, updated, bad), (KILLED_PRODUCTS, 0, 0))
        self.assertEqual(created + unchanged, KILLED_PRODUCTS)
        found = products("kill")
        self.assertEqual(len(found), KILLED_PRODUCTS)
        self.assertEqual(set(found.values()), {"1"}, "none is written twice")
        again = COUNTS.search(market.import_products(path).stdout)
        self.assertEqual(int(again[4]), KILLED_PRODUCTS, "and the file says what is there")

    def states(self):
        """Those that are written: what is beside them gets its name when it is whole."""
        place = market.data_dir / "import"
        return {path for path in place.iterdir() if path.suffix == ""} if place.exists() else set()

    def went_on_behind(self, said, before):
        """Behind how many products it said that it went on: never before the place where it was."""
        found = re.search(r"going on at line \d+, behind (\d+) products", said)
        behind = int(found[1]) if found else 0
        self.assertGreaterEqual(behind, before)
        return behind


if __name__ == "__main__":
    unittest.main()
