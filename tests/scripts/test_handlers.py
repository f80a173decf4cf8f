"""What check_handlers finds, in a tree of compiled files with messages of their own."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WRITE = "int request_write(void);\n"


class Handlers(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.root = pathlib.Path(self.place.name)
        (self.root / "messages").mkdir()
        (self.root / "messages/shop.toml").write_text('consumes = ["bank.was_paid", "bank.was_told"]\n'
                                                      'batches = ["bank.was_told"]\n[query.look]\n[command.change]\n')

    def compile(self, name, text):
        source = self.root / f"actors/shop/{name}.c"
        built = self.root / f"build/actors/shop/CMakeFiles/x.dir/{name}.c.o"
        for one in (source, built):
            one.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(WRITE + text)
        subprocess.run(["gcc", "-O1", "-c", source, "-o", built], check=True, timeout=60)

    def check(self):
        answer = subprocess.run([sys.executable, "-B", ROOT / "scripts/check_handlers", self.root / "build", self.root],
                                capture_output=True, text=True, timeout=60)
        return answer.returncode, answer.stdout

    def test_commands_and_batches_may_write(self):
        self.compile("shop", "int shop_handle_change(void) { return request_write() + 1; }\n"
                             "int shop_on_bank_was_told(void) { return request_write() + 1; }\n"
                             "int shop_handle_look(void) { return 1; }\n")
        self.assertEqual(self.check(), (0, ""))

    def test_an_event_that_writes_two_files_away_is_told_with_its_way(self):
        self.compile("shop", "int keep(void);\nint shop_on_bank_was_paid(void) { return keep() + 1; }\n")
        self.compile("store", "int keep(void) { return request_write() + 1; }\n")
        code, text = self.check()
        self.assertEqual(code, 1)
        self.assertIn("shop_on_bank_was_paid() has no unit, and writes: keep -> request_write", text)

    def test_a_query_that_writes_is_told(self):
        self.compile("shop", "int shop_handle_look(void) { return request_write() + 1; }\n")
        self.assertEqual(self.check()[0], 1)

    def test_a_call_that_leaves_the_file_is_not_taken_for_one_of_what_stands_behind_it(self):
        self.compile("shop", "int away(void) __attribute__((noreturn));\nint shop_handle_look(void) { away(); }\n"
                             "int shop_handle_change(void) { return request_write() + 1; }\n")
        self.assertEqual(self.check(), (0, ""))


unittest.main()
