"""The texts of messages: a language is a value of enum.locale and a folder, and both are checked against each other."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "actors" / "notification" / "templates"


class Templates(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        shutil.copytree(TEMPLATES, self.place / "templates")

    def compile(self):
        return subprocess.run([sys.executable, "-B", ROOT / "scripts/compile_templates.py", "--out", self.place / "x.c",
                               "--templates", self.place / "templates"], capture_output=True, text=True, timeout=60)

    def refused(self, *words):
        answer = self.compile()
        self.assertEqual(answer.returncode, 1)
        for word in words:
            self.assertIn(word, answer.stderr)

    def test_the_default_language_comes_first(self):
        self.assertEqual(self.compile().returncode, 0)
        text = (self.place / "x.c").read_text()
        self.assertLess(text.index('.name = "en"'), text.index('.name = "de"'))

    def test_a_folder_that_is_no_language_is_refused(self):
        shutil.copytree(self.place / "templates" / "en", self.place / "templates" / "fr")
        self.refused("'fr'", "enum.locale")

    def test_a_language_without_folder_is_refused(self):
        shutil.rmtree(self.place / "templates" / "de")
        self.refused("'de'", "enum.locale")

    def test_a_text_that_is_missing_is_refused(self):
        (self.place / "templates" / "de" / "order_placed.txt").unlink()
        self.refused("order_placed.txt", "is missing")

    def test_a_language_that_does_not_say_how_amounts_are_written_is_refused(self):
        file = self.place / "templates" / "de" / "_money.txt"
        file.write_text("1234,50 EUR\n1\n")
        self.refused("_money.txt", "marks")
        file.unlink()
        self.refused("_money.txt", "is missing")

    def test_a_value_that_nobody_gives_is_refused(self):
        file = self.place / "templates" / "de" / "order_placed.txt"
        file.write_text(file.read_text().replace("{{", "{{x", 1))
        self.refused("order_placed.txt", "nobody gives")


if __name__ == "__main__":
    unittest.main()
