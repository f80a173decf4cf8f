"""A stamped domain builds without a warning and passes its tests, in a copy of the tree."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("runtime", "messages", "storage", "actors", "gateway", "scripts", "tests")
TESTS = ("test_review", "test_review_store", "test_review_actor")


class NewActor(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.tree = pathlib.Path(place.name) / "souk"
        self.tree.mkdir()
        for folder in FOLDERS:
            shutil.copytree(ROOT / folder, self.tree / folder, ignore=shutil.ignore_patterns("__pycache__", "build"))
        shutil.copy(ROOT / "CMakeLists.txt", self.tree)

    def run_in_tree(self, *words, timeout_s=60):
        return subprocess.run(words, cwd=self.tree, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout_s)

    def must(self, *words, timeout_s=60):
        answer = self.run_in_tree(*words, timeout_s=timeout_s)
        self.assertEqual(answer.returncode, 0, f"{words}\n{answer.stdout[-4000:]}\n{answer.stderr[-4000:]}")

    def new_actor(self, *words):
        return self.run_in_tree(sys.executable, "-B", "scripts/new_actor", *words)

    def test_a_stamped_domain_passes_its_tests_at_once(self):
        self.assertEqual(self.new_actor("review").returncode, 0)
        self.must(sys.executable, "-B", "scripts/check_layers", str(self.tree))
        self.must("cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", timeout_s=120)
        self.must("ninja", "-C", "build", *TESTS, timeout_s=420)
        for test in TESTS:
            self.must(str(self.tree / "build" / "tests" / test), timeout_s=120)

    def test_bad_names_and_numbers_change_nothing(self):
        refused = ((), ("wallet",), ("two-words",), ("enum",), ("review", "5000"), ("review", "1234"), ("review", "x"))
        for words in refused:
            self.assertEqual(self.new_actor(*words).returncode, 64, words)
        self.assertFalse((self.tree / "messages" / "review.toml").exists())


if __name__ == "__main__":
    unittest.main()
