"""Building again does nothing, in whatever order scripts configure, and one at a time."""
import fcntl
import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RELEASE = ("-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_C_COMPILER=gcc", "-DSOUK_TESTS=OFF")


class Build(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name) / "build"

    def lib(self, script, *words, timeout_s=120):
        """Runs a line with the functions that scripts share."""
        environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
        return subprocess.run(["bash", "-c", f"set -euo pipefail; source scripts/lib.sh; {script}", "test_build",
                               str(self.folder), *words], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=timeout_s, env=environment)

    def must(self, *words, **options):
        answer = self.lib(*words, **options)
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        return answer

    def ninja(self, *words):
        answer = subprocess.run(["ninja", "-C", self.folder, *words], capture_output=True, text=True, timeout=120)
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        return answer.stdout

    def test_a_second_configure_compiles_nothing_anew(self):
        self.must('configure "$@"', *RELEASE)
        first = self.ninja("-t", "commands")
        self.must('configure "$@"', *RELEASE)
        self.assertEqual(self.ninja("-t", "commands").splitlines(), first.splitlines())

    def test_a_second_build_does_nothing(self):
        for _ in range(2):
            self.must('configure "$@"', *RELEASE)
            self.must('build "$1" souk_status')
        self.assertIn("no work to do", self.ninja("souk_status"))

    def test_the_benchmark_is_built_in_a_folder_that_was_configured_for_running(self):
        self.must('configure "$@"', *RELEASE)
        self.assertIn("limit_checkout", self.ninja("-t", "commands", "bench"))

    def test_whoever_builds_second_says_so_and_waits(self):
        self.folder.mkdir()
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            answer = self.lib('lock_seconds_max=1; lock_build "$1"')
            self.assertNotEqual(answer.returncode, 0)
            self.assertIn("another command builds in", answer.stderr)
        answer = self.must('lock_build "$1"')
        self.assertEqual(answer.stderr, "")

    def test_a_build_that_fails_shows_why(self):
        self.folder.mkdir()
        (self.folder / "build.ninja").write_text("rule no\n command = echo this is why && false\nbuild all: no\n")
        answer = self.lib('build "$1"')
        self.assertEqual(answer.returncode, 1)
        self.assertIn("this is why", answer.stderr)

    def test_nothing_but_a_terminal_is_told_how_far_it_is(self):
        self.folder.mkdir()
        (self.folder / "build.ninja").write_text("rule yes\n command = true\nbuild all: yes\n")
        self.assertEqual(self.must('build "$1"').stdout, "")
        shown = self.must('script -qec "TERM=vt100 bash -c \'source scripts/lib.sh; build $1\'" /dev/null').stdout
        self.assertIn("building 1 of 1", shown)


if __name__ == "__main__":
    unittest.main()
