"""A test program's first argument says which of its tests run: tests/scripts/test_filter.py BUILD_FOLDER"""
import pathlib
import subprocess
import sys
import unittest

PROGRAM = pathlib.Path(sys.argv.pop(1)).resolve() / "tests" / "test_wallet"


def run(*arguments):
    answer = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
    told = answer.stdout + answer.stderr
    return answer.returncode, told, [line.split()[-1] for line in told.splitlines() if line.startswith("[ RUN ")]


class Filter(unittest.TestCase):
    def test_without_a_filter_all_tests_run(self):
        code, _, names = run()
        self.assertEqual(code, 0)
        self.assertTrue(any(not name.startswith("hold_") for name in names))

    def test_a_pattern_runs_what_it_matches(self):
        code, _, names = run("hold_*")
        self.assertEqual(code, 0)
        self.assertGreater(len(names), 1)
        self.assertTrue(all(name.startswith("hold_") for name in names), names)

    def test_a_whole_name_runs_one_test(self):
        first = run()[2][0]
        self.assertEqual(run(first)[2], [first])

    def test_a_pattern_that_matches_nothing_fails(self):
        code, told, names = run("hold")
        self.assertNotEqual(code, 0)
        self.assertEqual(names, [])
        self.assertIn("no test is named 'hold'", told)


if __name__ == "__main__":
    unittest.main()
