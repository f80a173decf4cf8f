"""What the checks refuse, in small trees of their own."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Checks(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.root = pathlib.Path(self.place.name)
        for name in ("wallet", "order", "common"):
            self.write(f"messages/{name}.toml", "")

    def write(self, name, text):
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def check(self, script):
        answer = subprocess.run([sys.executable, "-B", ROOT / "scripts" / script, self.root], capture_output=True,
                                text=True, timeout=60)
        return answer.returncode, answer.stdout

    def refused_include(self, file, header):
        self.write(file, f'/* A file. */\n#include "{header}"\n')
        code, text = self.check("check_layers")
        self.assertEqual(code, 1, text)
        self.assertIn(f"{file}:2: ", text)

    def test_a_domain_does_not_know_another(self):
        self.refused_include("actors/wallet/wallet.c", "actors/order/order.h")

    def test_the_gateway_does_not_know_domains_and_storage(self):
        self.refused_include("gateway/server.c", "actors/wallet/wallet.h")
        self.refused_include("gateway/route.c", "storage/database.h")

    def test_the_runtime_knows_nothing_above_it(self):
        self.refused_include("runtime/bus.c", "messages/schema.h")
        self.refused_include("runtime/bus.c", "wallet_messages.h")

    def test_handlers_belong_to_their_domain(self):
        self.refused_include("actors/order/order_actor.c", "wallet_handlers.h")

    def test_identity_knows_no_domain_and_only_domains_know_it(self):
        self.refused_include("actors/identity/identity_session.c", "actors/order/order.h")
        self.refused_include("actors/identity/identity_session.c", "order_messages.h")
        self.refused_include("actors/host/dispatch.c", "actors/identity/identity_session.h")

    def test_includes_are_rooted(self):
        self.refused_include("storage/feed.c", "database.h")

    def test_what_stands_below_may_be_included(self):
        names = ("actors/wallet/wallet.h", "actors/host/request.h", "actors/identity/identity_token.h",
                 "storage/database.h", "runtime/text.h",
                 "wallet_handlers.h", "order_messages.h", "status.h")
        self.write("actors/wallet/wallet_actor.c", "".join(f'#include "{name}"\n' for name in names))
        self.assertEqual(self.check("check_layers"), (0, ""))


    def test_item_40_sql_that_is_put_together_at_run_time_is_found(self):
        for line in ('.sql = text_format(arena, "SELECT %s", name),', ".sql = sql,", '.sql = "SELECT 1" + words,',
                     '.sql = NAMED_SQL(words),', 'PQexec(connection, "SELECT 1");'):
            self.write("actors/wallet/wallet_store.c", line + "\n")
            code, text = self.check("check_sql")
            self.assertEqual(code, 1, line)
            self.assertIn("actors/wallet/wallet_store.c:1: ", text)

    def test_static_sql_is_taken(self):
        self.write("actors/wallet/wallet_store.c", '.sql = "SELECT " COLUMNS_SQL IN_SQL("$1")\n " WHERE a = \\"b\\"",\n')
        self.assertEqual(self.check("check_sql"), (0, ""))


class Style(unittest.TestCase):
    """Of the files of one call each, since the checks of a tree share it."""

    def setUp(self):
        sys.argv = ["check_style"]
        self.problems = []
        self.module = {"__name__": "check_style", "__file__": str(ROOT / "scripts" / "check_style")}
        source = (ROOT / "scripts" / "check_style").read_text().replace("sys.exit(main())", "")
        exec(compile(source, "check_style", "exec"), self.module)

    def problems_of(self, text, name="x.c"):
        self.module["problems"].clear()
        self.module["check_c"](self.module["ROOT"] / name, text)
        return [text for _, _, text in self.module["problems"]]

    def test_banned_functions_are_found_but_not_in_comments_and_texts(self):
        self.assertEqual(self.problems_of("/* strcpy(a) */\nint x = f(\"strcpy(b)\"); // strcpy(c)\n"), [])
        self.assertEqual(self.problems_of("/* A. */\nint x = strcpy(a, b);\n"), ["strcpy() is banned"])
        self.assertEqual(self.problems_of("/* A. */\nint x = my_strcpy(a, b);\n"), [])

    def test_functions_have_at_most_70_lines(self):
        def function(lines):
            return "/* A. */\nstatic void f(void)\n{\n" + "    g();\n" * (lines - 3) + "}\n"
        self.assertEqual(self.problems_of(function(70)), [])
        self.assertEqual(len(self.problems_of(function(71))), 1)

    def test_purpose_and_pragma(self):
        self.assertEqual(len(self.problems_of("int x;\n")), 1)
        self.assertEqual(len(self.problems_of("/* A. */\nint x;\n", "x.h")), 1)

    def test_goto_and_typedef(self):
        self.assertEqual(len(self.problems_of("/* A. */\n    goto end;\n")), 1)
        self.assertEqual(len(self.problems_of("/* A. */\ntypedef struct x x;\n")), 1)


if __name__ == "__main__":
    unittest.main()
