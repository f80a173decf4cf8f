"""What the checks refuse, in small trees of their own."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Tree(unittest.TestCase):
    """A small tree of its own."""

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


class Checks(Tree):
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

    def test_the_http_server_knows_no_tool_and_no_tool_knows_the_server(self):
        self.refused_include("gateway/serve.c", "gateway/command/client.h")
        self.refused_include("gateway/server.c", "gateway/import/importer.h")
        self.refused_include("gateway/command/client.c", "gateway/backend.h")
        self.refused_include("gateway/import/importer.c", "gateway/exchange.h")

    def test_the_import_knows_the_command_line_but_not_the_other_way_round(self):
        self.write("gateway/import/importer.c",
                   '#include "gateway/command/client.h"\n#include "gateway/import/importer.h"\n')
        self.assertEqual(self.check("check_layers"), (0, ""))
        self.refused_include("gateway/command/client.h", "gateway/import/importer.h")

    def test_a_new_folder_in_the_gateway_says_first_what_it_may_include(self):
        self.refused_include("gateway/pages/page.c", "gateway/pages/page.h")

    def test_files_of_products_are_read_into_messages_which_know_none(self):
        self.write("messages/product_file/product_reader.c",
                   '#include "messages/validate.h"\n#include "messages/product_file/csv.h"\n')
        self.assertEqual(self.check("check_layers"), (0, ""))
        self.refused_include("messages/validate.c", "messages/product_file/csv.h")
        self.refused_include("messages/product_file/csv.c", "gateway/import/importer.h")

    def test_the_runtime_knows_nothing_above_it(self):
        self.refused_include("runtime/bus.c", "messages/schema.h")
        self.refused_include("runtime/bus.c", "wallet_messages.h")

    def test_handlers_belong_to_their_domain(self):
        self.refused_include("actors/order/order_actor.c", "wallet_handlers.h")

    def test_identity_knows_no_domain_and_only_those_with_accounts_know_it(self):
        self.write("messages/identity.toml", "")
        self.refused_include("actors/identity/identity_session.c", "actors/order/order.h")
        self.refused_include("actors/identity/identity_session.c", "order_messages.h")
        self.refused_include("actors/host/dispatch.c", "actors/identity/identity_session.h")
        self.refused_include("actors/order/order_token.c", "actors/identity/identity_ticket.h")
        self.refused_include("actors/order/order_token.c", "identity_messages.h")

    def test_who_has_accounts_may_include_identity(self):
        self.write("messages/identity.toml", "")
        for name in ("user", "vendor", "admin"):
            self.write(f"actors/{name}/{name}.c",
                       '#include "actors/identity/identity_token.h"\n#include "identity_messages.h"\n')
        self.assertEqual(self.check("check_layers"), (0, ""))

    def test_includes_are_rooted(self):
        self.refused_include("storage/feed.c", "database.h")

    def test_what_stands_below_may_be_included(self):
        names = ("actors/wallet/wallet.h", "actors/host/request.h",
                 "storage/database.h", "runtime/text.h",
                 "wallet_handlers.h", "order_messages.h", "status.h")
        self.write("actors/wallet/wallet_actor.c", "".join(f'#include "{name}"\n' for name in names))
        self.assertEqual(self.check("check_layers"), (0, ""))


    def test_the_one_file_of_cxx_keeps_to_the_layers(self):
        self.refused_include("actors/catalog/search_index.cc", "gateway/server.h")

    def test_scripts_of_pages_import_nothing_of_another_folder(self):
        self.write("gateway/pages/cart.ts", '// The cart.\nimport { price } from "../../actors/order/price";\n')
        code, text = self.check("check_layers")
        self.assertEqual(code, 1, text)
        self.assertIn("gateway/pages/cart.ts:2: ", text)
        self.write("gateway/pages/cart.ts", 'import { h } from "preact";\nimport { price } from "../parts/price";\n')
        self.assertEqual(self.check("check_layers"), (0, ""))
    def test_item_40_sql_that_is_put_together_at_run_time_is_found(self):
        for line in ('.sql = text_format(arena, "SELECT %s", name),', ".sql = sql,", '.sql = "SELECT 1" + words,',
                     '.sql = NAMED_SQL(words),', 'PQexec(connection, "SELECT 1");'):
            self.write("actors/wallet/wallet_store.c", line + "\n")
            code, text = self.check("check_sql")
            self.assertEqual(code, 1, line)
            self.assertIn("actors/wallet/wallet_store.c:1: ", text)

    def test_item_40_cxx_is_read_as_well(self):
        self.write("actors/catalog/search_index.cc", ".sql = words,\n")
        self.assertEqual(self.check("check_sql")[0], 1)

    def test_item_40_scripts_have_no_sql(self):
        self.write("gateway/pages/cart.ts", "const rows = query(`SELECT id FROM cart WHERE id = ${id}`);\n")
        self.write("scripts/clean", "#!/usr/bin/env bash\npsql -c 'DELETE FROM cart '\n")
        code, text = self.check("check_sql")
        self.assertEqual(code, 1)
        self.assertIn("gateway/pages/cart.ts:1: ", text)
        self.assertIn("scripts/clean:2: ", text)

    def test_the_tables_of_another_schema_are_found(self):
        self.write("actors/wallet/wallet_store.c", '.sql = "SELECT id FROM identity.session",\n')
        code, text = self.check("check_sql")
        self.assertEqual(code, 1)
        self.assertIn("wallet_store.c:1: the tables of identity", text)
        self.write("actors/wallet/wallet_store.c", '.sql = "DELETE FROM \\"order\\".cart",\n')
        self.assertIn("the tables of order", self.check("check_sql")[1])
        self.write("actors/wallet/wallet_store.c", '.sql = "UPDATE wallet.hold SET x = 1",\n')
        self.assertEqual(self.check("check_sql"), (0, ""))

    def test_migrations_of_a_folder_are_numbered_without_a_gap_or_a_number_twice(self):
        self.write("actors/wallet/migrations/0001_wallet.sql", "SELECT 1;\n")
        self.write("actors/wallet/migrations/0002_more.sql", "SELECT 1;\n")
        self.assertEqual(self.check("check_sql")[0], 0)
        self.write("actors/wallet/migrations/0002_another.sql", "SELECT 1;\n")
        self.assertIn("0002_more.sql", self.check("check_sql")[1])

    def test_static_sql_is_accepted(self):
        self.write("actors/wallet/wallet_store.c",
                   '.sql = "SELECT " COLUMNS_SQL IN_SQL("$1")\n " WHERE a = \\"b\\"",\n')
        self.assertEqual(self.check("check_sql"), (0, ""))


class Readmes(Tree):
    """What READMEs and comments name is there."""

    README = "# gateway\n\n| file | what |\n|---|---|\n| `turn.h .c` | turns |\n\n- **One by one.** So.\n"

    def setUp(self):
        super().setUp()
        self.write("gateway/README.md", self.README)
        self.write("gateway/turn.c", "/* Turns. */\n")
        self.write("gateway/turn.h", "/* Turns (gateway/README.md, " "Decisions: one by one). */\n")

    def refused(self, *words):
        code, text = self.check("check_readmes")
        self.assertEqual(code, 1, text)
        for word in words:
            self.assertIn(word, text)

    def test_what_is_named_and_there_is_accepted(self):
        self.assertEqual(self.check("check_readmes"), (0, ""))

    def test_a_file_that_no_readme_names(self):
        self.write("gateway/other.c", "/* Else. */\n")
        self.refused("gateway/README.md:1: says nothing of other.c")

    def test_a_file_that_is_gone(self):
        (self.root / "gateway/turn.c").unlink()
        self.refused("gateway/README.md:5: there is no turn.c")

    def test_a_decision_that_nobody_took(self):
        self.write("gateway/turn.h", "/* Turns (gateway/README.md,\n * Decisions: two by\n * two). */\n")
        self.refused('gateway/README.md has no decision "two by two"')

    def test_a_test_that_holds_an_item_no_more(self):
        self.write("tests/SECURITY.md", "| 1 | x | `gateway/test_turn.c`: `turns_are_taken` |\n")
        self.write("tests/gateway/test_turn.c", "static void turns_are_given(void **state)\n")
        self.refused("tests/SECURITY.md:1: there is no test turns_are_taken")


class Purity(unittest.TestCase):
    """Of objects that are compiled here, in a tree of their own."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)

    def compile(self, folder, name, header, source):
        home = self.root / folder
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{name}.h").write_text(header)
        (home / f"{name}.c").write_text(source)
        built = self.root / "build" / folder / "CMakeFiles" / "x.dir" / f"{name}.c.o"
        built.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["gcc", "-O1", "-fPIE", "-c", home / f"{name}.c", "-o", built], check=True, timeout=60)

    def check(self):
        answer = subprocess.run([sys.executable, "-B", ROOT / "scripts/check_purity", self.root / "build", self.root],
                                capture_output=True, text=True, timeout=60)
        return answer.returncode, answer.stdout

    def test_a_clock_is_not_pure(self):
        self.compile("gateway", "turn", "/* Turns. Pure. */\n",
                     "#include <time.h>\nlong f(void);\nlong f(void) { return time(NULL) + 1; }\n")
        code, text = self.check()
        self.assertEqual(code, 1)
        self.assertIn("gateway/turn.h:1: says that it is pure, but f() calls time", text)

    def test_a_clock_behind_a_function_of_another_file_is_found(self):
        self.compile("runtime", "now", "/* The time. */\n",
                     "#include <time.h>\nlong now(void);\nlong now(void) { return time(NULL) + 1; }\n"
                     "int other(int x);\nint other(int x) { return x + 1; }\n")
        self.compile("actors/wallet", "wallet", "/* A wallet: pure. */\n",
                     "long now(void);\nlong g(void);\nlong g(void) { return now() + 1; }\n")
        self.assertIn("now() calls time", self.check()[1])
        self.compile("actors/wallet", "wallet", "/* A wallet: pure. */\n",
                     "int other(int x);\nint g(int x);\nint g(int x) { return other(x) + 1; }\n")
        self.assertEqual(self.check(), (0, ""))

    def test_rules_of_a_domain_own_no_memory(self):
        source = "#include <stdlib.h>\nvoid *f(void);\nvoid *f(void) { return malloc(3); }\n"
        self.compile("gateway", "list", "/* A list; pure. */\n", source)
        self.assertEqual(self.check(), (0, ""))
        self.compile("actors/wallet", "wallet", "/* A wallet; pure. */\n", source)
        self.assertIn("f() calls malloc", self.check()[1])

    def test_rules_of_a_domain_say_that_they_are_pure(self):
        self.compile("actors/wallet", "wallet", "/* A wallet. */\n", "int f(void);\nint f(void) { return 1; }\n")
        self.assertIn("actors/wallet/wallet.h:1: rules of a domain are pure", self.check()[1])

    def test_what_promises_nothing_may_do_anything(self):
        self.compile("gateway", "server", "/* Impure. */\n",
                     "#include <time.h>\nlong f(void);\nlong f(void) { return time(NULL) + 1; }\n")
        self.assertEqual(self.check(), (0, ""))


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

    def problems_of_file(self, name, text):
        self.module["problems"].clear()
        with tempfile.TemporaryDirectory(dir=ROOT) as place:
            file = pathlib.Path(place) / name
            file.write_text(text)
            self.module["check_file"](file)
        return [text for _, _, text in self.module["problems"]]

    def test_cxx_is_read_like_c(self):
        self.assertEqual(self.problems_of_file("x.cc", "/* A. */\nint x = strcpy(a, b);\n"), ["strcpy() is banned"])
        self.assertEqual(len(self.problems_of_file("x.cc", "int x;\n")), 1)

    def test_pages_put_no_markup_together(self):
        self.assertEqual(self.problems_of_file("x.ts", "// A.\nbox.innerHTML = name;\n"), ["innerHTML is banned"])
        self.assertEqual(self.problems_of_file("x.ts", "// A.\nbox.textContent = name;\n"), [])

    def test_shell_stops_at_what_fails(self):
        head = "#!/usr/bin/env bash\n# Does it.\n"
        self.assertEqual(self.problems_of_file("x.sh", head + "set -euo pipefail\n"), [])
        self.assertEqual(len(self.problems_of_file("x.sh", head + "rm x\n")), 1)
        long = "f() {\n" + "g\n" * 69 + "}\n"
        self.assertEqual(len(self.problems_of_file("x.sh", head + "set -euo pipefail\n" + long)), 1)

    def test_goto_and_typedef(self):
        self.assertEqual(len(self.problems_of("/* A. */\n    goto end;\n")), 1)
        self.assertEqual(len(self.problems_of("/* A. */\ntypedef struct x x;\n")), 1)


if __name__ == "__main__":
    unittest.main()
