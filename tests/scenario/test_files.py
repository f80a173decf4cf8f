"""Merchants' files: what comes in, what two of them at once do, and what goes out and in again."""
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import unittest
import uuid

from market import Market
from people import approved_vendor, first_staff

PRODUCTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo" / "products.csv"
COUNTS = re.compile(r"(\d+) created, (\d+) updated, (\d+) unchanged, (\d+) bad")


def setUpModule():
    global market, vendor
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    market.import_products(PRODUCTS)
    vendor = approved_vendor(market, first_staff(market))


def counts(answer):
    """Created, updated, unchanged, bad."""
    return tuple(map(int, COUNTS.search(answer.stdout).groups()))


def written(text, encoding="utf-8"):
    file = tempfile.NamedTemporaryFile(suffix=".csv")
    file.write(text.encode(encoding))
    file.flush()
    return file


def bring(text, *words, check=True, encoding="utf-8"):
    with written(text, encoding) as file:
        return market.import_products(file.name, *words, check=check)


def export(*words, check=True):
    return subprocess.run(market.command("export", *words, "--data-dir", str(market.data_dir)), check=check,
                          capture_output=True, timeout=300)


def prices(name):
    """Of the products whose handle begins so, by handle."""
    return dict(market.sql("catalog", "SELECT handle, price_amount FROM catalog.product"
                           f" WHERE handle LIKE '{name}-%' AND status <> 5"))


class Incoming(unittest.TestCase):
    def test_a_spreadsheet_of_another_country_is_read(self):
        text = ("Handle;Title;Vendor;Type;Published;Variant Price;Variant Inventory Qty;Image Src\r\n"
                "xl-1;Käsebrett;Müller;Küche;WAHR;1.234,50;3;https://img.example/1.jpg\r\n"
                "xl-1;;;;;;;https://img.example/2.jpg\r\n"
                "xl-2;Schüssel;MÜLLER;küche;wahr;9,90\r\n;;;;;;;\r\n")
        answer = bring(text, encoding="utf-16")
        self.assertEqual(counts(answer), (2, 0, 0, 0), answer.stderr)
        self.assertEqual(prices("xl"), {"xl-1": "123450", "xl-2": "990"})
        vendors = market.sql("vendor", "SELECT count(*) FROM vendor.vendor WHERE lower(name) = 'müller'")
        self.assertEqual(vendors, [["1"]])
        categories = market.sql("catalog", "SELECT path FROM catalog.category WHERE lower(path) = 'küche'")
        self.assertEqual(categories, [["Küche"]])

    def test_what_is_bad_is_told_at_its_line_and_the_rest_comes_in(self):
        answer = bring("Handle,Title,Vendor,Variant Price,Variant SKU,Image Src\n"
                       "bad-1,One,Try,1.00,DUP-1,\n"
                       "bad-2,\"Two,Try,1.00,,\n"
                       "bad-3,Three,Try,1.00,,http://img.example/1.jpg\n"
                       "bad-4,Four,Try,1.00,dup-1,\n"
                       "bad-5,Five,Try,1.00,,\n", check=False)
        self.assertEqual(answer.returncode, 1)
        self.assertEqual(counts(answer), (1, 0, 0, 4))
        for line in ("2: Variant SKU: 'DUP-1' stands on lines 2 and 5", "3: a quote is opened",
                     "4: Image Src: ", "5: Variant SKU: 'dup-1' stands on lines 2 and 5"):
            self.assertIn(f".csv:{line}", answer.stderr)
        self.assertEqual(prices("bad"), {"bad-5": "100"})

    def test_an_sku_of_another_product_is_told_at_the_line_of_its_variant(self):
        header = "handle,name,vendor,price,sku,option1_name,option1_value\n"
        bring(header + "sku-1,One,Try,1,TAKEN-1,,\n")
        answer = bring(header + "sku-2,Two,Try,1,FREE-1,Size,S\nsku-2,,,1,taken-1,,M\n", check=False)
        self.assertEqual(counts(answer), (0, 0, 0, 1))
        self.assertIn(".csv:3: product refused: sku_taken /variants/1/sku", answer.stderr)

    def test_a_dry_run_says_what_an_import_does_and_does_nothing(self):
        text = "handle,name,vendor,category,price\ndry-1,One,New Vendor,New > Place,1\ndry-2,Two,Try,Other,1\n"
        self.assertEqual(counts(bring(text, "--dry-run")), (2, 0, 0, 0))
        self.assertEqual(prices("dry"), {})
        self.assertEqual(market.sql("vendor", "SELECT 1 FROM vendor.vendor WHERE name = 'New Vendor'"), [])
        self.assertEqual(market.sql("catalog", "SELECT 1 FROM catalog.category WHERE path LIKE 'New%'"), [])
        self.assertEqual(counts(bring(text)), (2, 0, 0, 0))
        self.assertEqual(counts(bring(text, "--dry-run")), (0, 0, 2, 0))
        self.assertEqual(counts(bring(text.replace("Two,Try,Other,1", "Two,Try,Other,2"), "--dry-run")), (0, 1, 1, 0))
        self.assertEqual(prices("dry"), {"dry-1": "100", "dry-2": "100"})

    def test_what_is_no_file_is_refused_at_once(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            pipe = pathlib.Path(folder) / "pipe.csv"
            os.mkfifo(pipe, 0o644)
            for path in (pipe, folder, "/dev/null"):
                answer = subprocess.run(market.command("import", "--check", str(path)), capture_output=True, text=True,
                                        timeout=20)
                self.assertEqual(answer.returncode, 2, path)
                self.assertIn("is no regular file", answer.stderr)

    def test_columns_are_what_somebody_says(self):
        text = "Artikelnummer,Bezeichnung,Brutto\nmap-1,Eins,\"3,50\"\n"
        self.assertEqual(bring(text, "--vendor", "Try", check=False).returncode, 2)
        answer = bring(text, "--vendor", "Try", "--map", "Artikelnummer=handle", "--map", "Bezeichnung=name",
                       "--map=Brutto=price")
        self.assertEqual(counts(answer), (1, 0, 0, 0))
        self.assertEqual(prices("map"), {"map-1": "350"})

    def test_two_files_at_once_do_not_take_turns_with_a_product(self):
        count = 400

        def text(price):
            return "handle,name,vendor,price\n" + "".join(f"turn-{i},T,Try,{price}\n" for i in range(count))
        with written(text(1)) as one, written(text(2)) as two:
            running = [subprocess.Popen(market.command("import", file.name, "--data-dir", str(market.data_dir)),
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                       for file in (one, two)]
            said = [process.communicate(timeout=300) for process in running]
        found = [tuple(map(int, COUNTS.search(out).groups())) for out, _ in said]
        created, updated, unchanged, bad = map(sum, zip(*found))
        self.assertEqual((created, unchanged), (count, 0))
        # The second writer of a product began after the first had written it, or is refused.
        self.assertEqual(updated + bad, count)
        self.assertEqual(sum(err.count("imported_meanwhile") for _, err in said), bad)
        self.assertLessEqual(set(prices("turn").values()), {"100", "200"})
        versions = market.sql("catalog", "SELECT max(version) FROM catalog.product WHERE handle LIKE 'turn-%'")
        self.assertLessEqual(int(versions[0][0]), 2)

    def test_a_file_that_grows_while_it_is_read_is_refused(self):
        with written("handle,name,vendor,price\n" + "".join(f"grow-{i},G,Try,1\n" for i in range(20_000))) as file:
            is_done = threading.Event()

            def grow():
                while not is_done.wait(0.001):
                    file.write(b"grow-x,G,Try,1\n")
                    file.flush()
            writer = threading.Thread(target=grow)
            writer.start()
            try:
                answer = market.import_products(file.name, check=False)
            finally:
                is_done.set()
                writer.join()
        self.assertEqual(answer.returncode, 2, answer.stdout)
        self.assertIn("was changed while it was read", answer.stderr)
        self.assertEqual(prices("grow"), {})


class Outgoing(unittest.TestCase):
    def make(self, **more):
        category = market.get("/v1/categories").json()["data"][0]["id"]
        body = {"name": "Lamp " + uuid.uuid4().hex[:8], "description": " Two  spaces,\n\n\"quotes\" & a line ",
                "category_id": category, "price": {"amount": 1005, "currency": "EUR"}, "stock": 50, **more}
        body = {key: value for key, value in body.items() if value is not None}
        return vendor.call("POST", "/v1/vendor/products", body, expect=201).json()

    def state(self):
        return market.sql("catalog", "SELECT p.id, p.version, p.status, k.variant_id, k.on_hand, k.imported_quantity"
                          " FROM catalog.product p JOIN catalog.stock k ON k.product_id = p.id ORDER BY 1, 4")

    def test_what_was_exported_and_is_imported_changes_nothing(self):
        made = self.make()
        self.make(status="draft")
        self.make(price=None, stock=None, variants=[
            {"options": {"Size": "S, \"small\""}, "prices": [{"amount": 1, "currency": "EUR"}], "stock": 1,
             "sku": "OUT-" + uuid.uuid4().hex[:6], "tiers": [{"from_quantity": 2, "unit_price":
                                                              {"amount": 1, "currency": "EUR"}}]},
            {"options": {"Size": "M", "Colour": "Red"}, "stock": 2, "weight_grams": 120,
             "prices": [{"amount": 3000, "currency": "EUR"}, {"amount": 3300, "currency": "USD"}],
             "sales": [{"price": {"amount": 2500, "currency": "EUR"}}]}])
        self.make(images=[f"https://img.example/{i}.jpg" for i in range(5)])
        hidden = self.make()
        vendor.call("POST", f"/v1/vendor/products/{hidden['id']}/hide", expect=200)
        before = self.state()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "all.csv"
            export("--output", str(file))
            created, updated, unchanged, bad = counts(market.import_products(file))
            self.assertEqual((created, updated, bad), (0, 0, 0))
            self.assertEqual(unchanged, len({row[0] for row in before}))
            self.assertEqual(self.state(), before)
            # What was sold meanwhile stays sold: the file says that nothing else has changed.
            text = file.read_text(encoding="utf-8")
            variant = made["variants"][0]
            vendor.call("PUT", f"/v1/vendor/variants/{variant['id']}/stock", {"on_hand": 47}, expect=200)
            answer = bring(text.replace(made["name"], made["name"] + " II"))
            self.assertEqual(counts(answer)[:2], (0, 1))
            self.assertEqual(market.sql("catalog", "SELECT on_hand FROM catalog.stock k JOIN catalog.product p"
                                        f" ON p.id = k.product_id WHERE p.name = '{made['name']} II'"), [["47"]])

    def test_a_vendors_products_go_out_as_shopify_has_them(self):
        made = self.make(description="One line.")
        out = export("--vendor", vendor.vendor["name"].upper(), "--format", "shopify").stdout.decode()
        self.assertTrue(out.startswith("Title,URL handle,"))
        self.assertIn(made["name"], out)
        self.assertNotIn("Default Title,Default", out)
        with written(out) as file:
            self.assertEqual(counts(market.import_products(file.name))[0], 0)

    def test_a_vendor_that_nobody_knows_has_no_file(self):
        answer = export("--vendor", "Nobody at all", check=False)
        self.assertEqual(answer.returncode, 1)
        self.assertIn(b"not_found", answer.stderr)


if __name__ == "__main__":
    unittest.main()
