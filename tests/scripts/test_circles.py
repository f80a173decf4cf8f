"""What check_circles finds, in trees of compiled files, each of one line."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Circles(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.root = pathlib.Path(self.place.name)

    def compile(self, name, text, is_kept=True):
        folder, file = name.rsplit("/", 1)
        source, built = self.root / name, self.root / f"build/{folder}/CMakeFiles/souk_x.dir/{file}.o"
        for one in (source, built):
            one.parent.mkdir(parents=True, exist_ok=True)
        source.write_text(text)
        subprocess.run(["gcc", "-c", source, "-o", built], check=True, timeout=60)
        if not is_kept:
            source.unlink()

    def check(self):
        answer = subprocess.run([sys.executable, "-B", ROOT / "scripts/check_circles", self.root / "build", self.root],
                                capture_output=True, text=True, timeout=60)
        return answer.returncode, answer.stdout

    def test_calls_that_only_go_down_are_fine(self):
        self.compile("gateway/server.c", "void serve(void); void send(void); void f(void) { serve(); send(); }")
        self.compile("gateway/serve.c", "void send(void); void serve(void) { send(); }")
        self.compile("gateway/sending.c", "void send(void) {}")
        self.assertEqual(self.check(), (0, ""))

    def test_a_circle_of_three_files_is_told_with_who_calls_whom(self):
        self.compile("gateway/a.c", "void b(void); void a(void) { b(); }")
        self.compile("gateway/b.c", "void c(void); void b(void) { c(); }")
        self.compile("gateway/c.c", "void a(void); void c(void) { a(); }")
        code, text = self.check()
        self.assertEqual(code, 1)
        self.assertIn("gateway/a.c:1: calls in a circle with gateway/b.c, gateway/c.c\n", text)
        self.assertIn("    gateway/b.c calls gateway/c.c\n", text)

    def test_two_circles_are_two_problems(self):
        for one, other in (("a", "b"), ("c", "d")):
            self.compile(f"actors/order/{one}.c", f"void {other}(void); void {one}(void) {{ {other}(); }}")
            self.compile(f"actors/order/{other}.c", f"void {one}(void); void {other}(void) {{ {one}(); }}")
        code, text = self.check()
        self.assertEqual((code, text.count("calls in a circle")), (1, 2))

    def test_a_callback_is_not_a_call(self):
        self.compile("gateway/a.c", "void b(void (*f)(void)); static void on_b(void) {} void a(void) { b(on_b); }")
        self.compile("gateway/b.c", "void b(void (*f)(void)) { f(); }")
        self.assertEqual(self.check(), (0, ""))

    def test_functions_of_one_file_only_are_not_mixed_up_with_those_of_others(self):
        self.compile("gateway/a.c", "void b(void); static void f(void) {} void a(void) { f(); b(); }")
        self.compile("gateway/b.c", "void f(void); void b(void) { f(); }")
        self.compile("gateway/c.c", "void f(void) {}")
        self.assertEqual(self.check(), (0, ""))

    def test_the_bus_may_stay_a_circle(self):
        self.compile("runtime/bus.c", "void bus_ask(void); void bus(void) { bus_ask(); }")
        self.compile("runtime/bus_ask.c", "void bus(void); void bus_ask(void) { bus(); }")
        self.assertEqual(self.check(), (0, ""))

    def test_but_not_with_a_fourth_file(self):
        self.compile("runtime/bus.c", "void bus_ask(void); void bus(void) { bus_ask(); }")
        self.compile("runtime/bus_ask.c", "void link(void); void bus_ask(void) { link(); }")
        self.compile("runtime/link.c", "void bus(void); void link(void) { bus(); }")
        self.assertEqual(self.check()[0], 1)

    def test_objects_without_a_source_are_left_from_an_older_build(self):
        self.compile("gateway/a.c", "void b(void); void a(void) { b(); }")
        self.compile("gateway/b.c", "void a(void); void b(void) { a(); }", is_kept=False)
        self.assertEqual(self.check(), (0, ""))

    def test_a_folder_without_objects_is_not_called_clean(self):
        (self.root / "build").mkdir()
        code, text = self.check()
        self.assertEqual(code, 1)
        self.assertIn("nothing has been built here", text)


if __name__ == "__main__":
    unittest.main()
