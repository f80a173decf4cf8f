"""What a market that died leaves behind does not keep the next one out: a postmaster that hangs without its supervisor,
a lock file that names a process which has nothing to do with it."""
import os
import signal
import subprocess
import time
import unittest

from market import Market, wait_until

HANGS_AFTER_S = (0.3, 0.5, 0.7)
UP_S = 60


def backends_of(postmaster):
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                parent = int(stat.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{entry}/cmdline", "rb") as command:
                name = command.read().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ValueError, IndexError):
            continue
        if parent == postmaster and "souk_" in name:
            found.append(int(entry))
    return found


def ends(pid):
    try:
        os.kill(pid, 0)
        return False
    except ProcessLookupError:
        return True


class Leftovers(unittest.TestCase):
    def test_a_postmaster_whose_supervisor_died_with_a_backend(self):
        with Market() as market:
            for delay_s in HANGS_AFTER_S:
                with self.subTest(delay_s=delay_s):
                    postmaster = market.children()["postgres"][0]
                    os.kill(backends_of(postmaster)[0], signal.SIGKILL)
                    time.sleep(delay_s)
                    market.process.kill()
                    market.process.wait()
                    market.start(wait=False)
                    market.wait_ready(UP_S)
                    wait_until(lambda: ends(postmaster), UP_S, "the orphan is gone")
                    self.assertNotEqual(market.children()["postgres"], [postmaster])

    def test_a_lock_file_that_names_a_stranger(self):
        with Market() as market:
            path = market.data_dir / "postgres" / "postmaster.pid"
            lines = path.read_text().splitlines(keepends=True)
            market.stop()
            stranger = subprocess.Popen(["sleep", "1000"])
            try:
                path.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
                market.start(wait=False)
                market.wait_ready(UP_S)
                self.assertIsNone(stranger.poll())
                self.assertIn("stale_postmaster_pid_removed", market.log_path.read_text())
            finally:
                stranger.kill()
                stranger.wait()


if __name__ == "__main__":
    unittest.main()
