"""What the processes of a market may do, and whose files they follow."""
import os
import pathlib
import unittest

from market import Market

PROGRAMS = ("postgres", "souk-agent", "souk-gateway", "souk-node")


def setUpModule():
    global market
    market = Market(settings=("--gateway.access_log=-",)).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def files_of(pid):
    """Paths of the files that a process has open."""
    found = set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            path = os.readlink(entry)
        except OSError:
            continue
        if path.startswith("/") and os.path.isfile(path):
            found.add(path)
    return found


class Privileges(unittest.TestCase):
    def pids(self, program):
        return market.children()[program]

    def test_every_child_is_confined(self):
        for program in PROGRAMS:
            for pid in self.pids(program):
                status = status_of(pid)
                self.assertEqual(status["NoNewPrivs"], "1", program)
                self.assertEqual(status["Seccomp"], "2", program)

    def test_the_database_is_the_last_that_the_kernel_ends(self):
        scores = [int(pathlib.Path(f"/proc/{self.pids(program)[0]}/oom_score_adj").read_text()) for program in PROGRAMS]
        self.assertEqual(sorted(set(scores)), [scores[0], scores[1], scores[3], scores[2]])
        own = int(pathlib.Path(f"/proc/{market.process.pid}/oom_score_adj").read_text())
        self.assertEqual(own, scores[0], "its supervisor stays as long")

    def test_nobody_opens_a_file_where_another_user_may_put_a_link(self):
        for pid in [market.process.pid, *(pid for pids in market.children().values() for pid in pids)]:
            user = int(status_of(pid)["Uid"].split()[1])
            for path in files_of(pid):
                if pathlib.Path(path).is_relative_to(market.data_dir):
                    folder = os.stat(os.path.dirname(path))
                    self.assertIn(folder.st_uid, (user, 0), f"{path} of process {pid}")

    def test_logs_of_an_older_release_change_hands(self):
        """There the whole folder was the database's."""
        folder = market.data_dir / "log"
        postgres = (folder / "postgres").stat()
        market.stop()
        os.chown(folder, postgres.st_uid, postgres.st_gid)
        market.start()
        self.assertEqual(folder.stat().st_uid, os.geteuid())
        self.assertEqual(folder.stat().st_mode & 0o022, 0)
        self.assertEqual((folder / "postgres").stat().st_uid, postgres.st_uid)


if __name__ == "__main__":
    unittest.main()
