"""S-51: shoppers find what there is, count it by facets, and see within a moment what has changed, whatever happens to
the index beside the database: two nodes, kills in the middle of an import, files that are gone or spoilt."""
import collections
import csv
import datetime
import json
import os
import pathlib
import random
import shutil
import signal
import tempfile
import threading
import time
import unittest
import urllib.parse

from market import Market, wait_until
from people import approved_vendor, first_staff

SEED = 20261130
IS_LONG = "SOUK_LONG" in os.environ  # at the size of S-51
PRODUCTS, VENDORS, QUERIES = (100_000, 500, 50) if IS_LONG else (3000, 12, 500)
MADE_MEANWHILE = 1000 if IS_LONG else 20
GONE_S = 20  # how long a test waits for what should take less than a second
INDEXED_S = 1800 if IS_LONG else 120  # for a file of all products, and an index
FACET_VALUES_MAX = 50
BEGINNINGS = ("bar", "dok", "fim", "gul", "han", "jep", "kov", "lun")
ENDINGS = ("mip", "nar", "pod", "rux", "sib", "tok", "vam", "zel")
WORDS = [a + b for a in BEGINNINGS for b in ENDINGS]
CATEGORIES = ["Home", "Home > Kitchen", "Home > Kitchen > Cups", "Home > Beds", "Garden", "Garden > Tools", "Sports"]
SIZES, COLOURS = ("S", "M", "L"), ("Red", "Blue", "Green", "Black")
HEADER = ["Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name",
          "Option1 Value", "Option2 Name", "Option2 Value", "Variant SKU", "Variant Inventory Qty", "Variant Price",
          "Status"]
FACETS = "category,vendor,price,attributes,stock"
MEMBERS = """
[member.gateway-1]
kind = gateway
[member.node-1]
kind = node
shards = 0-31
[member.node-2]
kind = node
shards = 32-63
"""


def rows_of(chance, count, prefix="p"):
    """Products whose words are known to no language, so that only themselves find them."""
    for i in range(count):
        name = " ".join(chance.sample(WORDS, 3)).title()
        yield [f"{prefix}{i}", name, "<p>" + " ".join(chance.sample(WORDS, 2)) + "</p>",
               f"Seller {chance.randrange(VENDORS):02}", chance.choice(CATEGORIES), "", "", "true", "Size",
               chance.choice(SIZES), "Colour", chance.choice(COLOURS), f"{prefix.upper()}-{i:05}",
               str(chance.choice((0, 3, 50))), f"{chance.randrange(100, 20000) / 100:.2f}", "active"]


def write_file(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def setUpModule():
    global market, folder, staff
    folder = pathlib.Path(tempfile.mkdtemp(prefix="souk-search-"))
    folder.chmod(0o711)
    unittest.addModuleCleanup(shutil.rmtree, folder, True)
    (folder / "market.ini").write_text(MEMBERS)
    (folder / "market.ini").chmod(0o644)
    market = Market(settings=(f"--config={folder / 'market.ini'}",)).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    path = write_file(folder / "goods.csv", rows_of(random.Random(SEED), PRODUCTS))
    market.import_products(path, timeout_s=INDEXED_S)
    wait_until(lambda: all(page and page["total"] == PRODUCTS for page in on_both("facets=stock&limit=1")), INDEXED_S,
               "both nodes find all products")


def ask(query):
    """A page; None while there is no index, or no node."""
    answer = market.get(f"/v1/products?{query}")
    if answer.status == 503:
        assert answer.code() in ("search_is_building", "unavailable"), answer.body
        assert "retry-after" in answer.headers
        return None
    assert answer.status == 200, (query, answer.body)
    return answer.json()


def found_count(query):
    page = ask(query)
    return None if page is None else page["total"]


def on_both(query):
    """What the nodes answer: domain questions go to either."""
    return [ask(query) for _ in range(12)]


def folder_of(node):
    return market.data_dir / "search" / node / "current"


def wait_gone(path, what):
    """How long it takes until nobody finds it."""
    started = time.monotonic()
    wait_until(lambda: not any(page is None or page["data"] for page in on_both(path)), GONE_S, what)
    print(f"{what}: gone after {time.monotonic() - started:.2f} s", flush=True)


class Goods:
    """What the rows say, once, for counting by hand."""

    def __init__(self):
        self.rows = []
        for line in market.sql("catalog", """
                SELECT p.id, lower(p.name || ' ' || p.description || ' ' || v.name || ' ' || p.category_path), v.name,
                       p.category_path, p.price_amount,
                       bool_or(k.on_hand > k.held), string_agg(DISTINCT array_to_string(w.options, '='), ';')
                FROM catalog.product p JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id AND v.is_open
                JOIN catalog.stock k ON k.product_id = p.id AND k.is_active
                JOIN catalog.variant w ON w.id = k.variant_id
                WHERE p.is_listed GROUP BY p.id, v.name"""):
            names = line[3].split(" > ")
            options = line[6].split("=")
            self.rows.append({"words": set(line[1].replace(">", " ").split()), "vendor": line[2],
                              "categories": {" > ".join(names[:i + 1]) for i in range(len(names))},
                              "price": int(line[4]), "stock": line[5] == "t",
                              "attributes": dict(zip(options[::2], options[1::2]))})
        self.vendors = dict((name, ident) for ident, name in market.sql(
            "catalog", "SELECT vendor_id, name FROM catalog.vendor_copy"))
        self.categories = {category["path"]: category["id"]
                           for category in market.get("/v1/categories").json()["data"]}
        self.vendor_ids = {value["name"]: value["id"] for value in ask("facets=vendor")["facets"]["vendors"]}

    def passing(self, wanted, without=None):
        """Rows that pass all filters but one."""
        def passes(row):
            return all(name == without or claim(row) for name, claim in wanted.items())
        return [row for row in self.rows if passes(row)]


class Facets(unittest.TestCase):
    def random_query(self, chance, goods):
        """A query string, and the same as claims about a row."""
        words, wanted = [], {}
        if chance.random() < 0.6:
            words = chance.sample(WORDS, chance.choice((1, 1, 2)))
            wanted["words"] = lambda row: set(words) <= row["words"]
        query = {"q": " ".join(words)} if words else {}
        if chance.random() < 0.3:
            query["category"] = goods.categories[path := chance.choice(CATEGORIES)]
            wanted["category"] = lambda row: path in row["categories"]
        if chance.random() < 0.3:
            query["vendor"] = goods.vendor_ids[name := chance.choice(sorted(goods.vendor_ids))]
            wanted["vendor"] = lambda row: row["vendor"] == name
        if chance.random() < 0.3:
            low = chance.randrange(100, 15000)
            query.update(min_price=low, max_price=low + 5000)
            wanted["price"] = lambda row: low <= row["price"] <= low + 5000
        if chance.random() < 0.3:
            query["in_stock"] = "true"
            wanted["stock"] = lambda row: row["stock"]
        if chance.random() < 0.3:
            sizes = chance.sample(SIZES, 2)
            query["attributes"] = ",".join(f"Size:{size}" for size in sizes)
            wanted["Size"] = lambda row: row["attributes"].get("Size") in sizes
        return urllib.parse.urlencode(query), wanted

    def test_counts_are_those_of_the_rows(self):
        chance, goods, compared = random.Random(SEED), Goods(), 0
        self.assertGreaterEqual(len(goods.rows), PRODUCTS)
        for _ in range(QUERIES):
            query, wanted = self.random_query(chance, goods)
            page = ask(f"{query}&facets={FACETS}&limit=1")
            rows = goods.passing(wanted)
            if not rows and "words" in wanted:  # then words are left out or corrected, which says so
                self.assertTrue(page["total"] == 0 or page["is_relaxed"] or page["is_corrected"], query)
                continue
            compared += 1
            with self.subTest(query=query):
                self.assertTrue(page["is_total_exact"])
                self.assertEqual(page["total"], len(rows))
                self.compare(page["facets"], goods, wanted)
        self.assertGreater(compared, QUERIES // 2)

    def compare(self, facets, goods, wanted):
        count = collections.Counter
        by_path = {ident: path for path, ident in goods.categories.items()}
        self.assertEqual({by_path[value["id"]]: value["count"] for value in facets["categories"]},
                         count(path for row in goods.passing(wanted, "category") for path in row["categories"]))
        told = {value["name"]: value["count"] for value in facets["vendors"]}
        sellers = count(row["vendor"] for row in goods.passing(wanted, "vendor"))
        self.assertEqual(told, {name: sellers[name] for name in told} if len(sellers) > FACET_VALUES_MAX else sellers)
        self.assertEqual(sorted(told.values(), reverse=True),
                         sorted(sellers.values(), reverse=True)[:FACET_VALUES_MAX], "those that have most are told")
        self.assertEqual(facets["in_stock"], sum(row["stock"] for row in goods.passing(wanted, "stock")))
        found = {facet["name"]: {value["value"]: value["count"] for value in facet["values"]}
                 for facet in facets["attributes"]}
        for name in ("Size", "Colour"):
            self.assertEqual(found.get(name, {}), count(row["attributes"][name] for row in goods.passing(wanted, name)
                                                          if name in row["attributes"]))
        prices = [row["price"] for row in goods.passing(wanted, "price")]
        for area in facets["prices"]:
            self.assertEqual(area["count"],
                             sum(area["from"] <= price < area.get("to", price + 1) for price in prices))
        self.assertEqual(sum(area["count"] for area in facets["prices"]), len(prices))


class Nodes(unittest.TestCase):
    def test_two_nodes_answer_alike(self):
        chance = random.Random(SEED + 1)
        self.assertTrue(folder_of("node-1").is_dir() and folder_of("node-2").is_dir())
        self.assertEqual(market.sql("catalog", "SELECT count(*) FROM host.reader"), [["2"]])
        for sort in ("relevance", "newest", "price", "-price", "popular"):
            word = chance.choice(WORDS)
            pages = on_both(f"q={word}&sort={sort}&facets={FACETS}&limit=50")
            self.assertGreater(pages[0]["total"], 0)
            for page in pages[1:]:
                self.assertEqual(page, pages[0])

    def test_walking_by_pages_meets_each_product_once_while_others_are_made(self):
        seen, after, made = [], "", 0
        vendor = approved_vendor(market, staff)
        category = market.get("/v1/categories").json()["data"][0]["id"]
        before = {row["id"] for row in self.walk("q=seller&sort=newest&limit=100")}
        while True:
            page = ask(f"q=seller&sort=newest&limit=100{after}")
            seen += [row["id"] for row in page["data"]]
            if made < MADE_MEANWHILE:
                for _ in range(max(1, MADE_MEANWHILE * 100 // PRODUCTS)):
                    vendor.call("POST", "/v1/vendor/products",
                                {"name": f"Seller of more {made}", "description": "", "category_id": category,
                                 "price": {"amount": 100, "currency": "EUR"}}, expect=201)
                    made += 1
            if not page["has_more"]:
                break
            after = "&after=" + page["next"]
        self.assertEqual(len(seen), len(set(seen)), "a product came twice")
        self.assertLessEqual(before, set(seen), "a product was passed over")

    def walk(self, query):
        after = ""
        while True:
            page = ask(query + after)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = "&after=" + page["next"]


class Changes(unittest.TestCase):
    """What shoppers may not see any more is gone; times are told, that it goes is claimed."""

    @classmethod
    def setUpClass(cls):
        cls.vendor = approved_vendor(market, staff)
        cls.category = market.get("/v1/categories").json()["data"][0]["id"]

    def make(self, name):
        product = self.vendor.call("POST", "/v1/vendor/products",
                                   {"name": name, "description": "One of a kind.", "category_id": self.category,
                                    "price": {"amount": 500, "currency": "EUR"}, "stock": 5}, expect=201).json()
        word = urllib.parse.quote(name)
        wait_until(lambda: all(page and [row["id"] for row in page["data"]] == [product["id"]]
                               for page in on_both(f"q={word}")), GONE_S, f"{name} is found")
        return product, f"q={word}"

    def suggested(self, text):
        return [row["text"] for row in market.get(f"/v1/search/suggestions?q={text}").json()["data"]]

    def test_hidden_by_its_vendor(self):
        product, query = self.make("Quixotry")
        self.assertIn("Quixotry", self.suggested("quixo"))
        self.vendor.call("POST", f"/v1/vendor/products/{product['id']}/hide", {}, expect=200)
        wait_gone(query, "hidden")
        self.assertNotIn("Quixotry", self.suggested("quixo"))

    def test_hidden_by_staff(self):
        product, query = self.make("Zephyrean")
        staff.call("POST", f"/v1/admin/products/{product['id']}/hide", {"reason": "A complaint."}, expect=200)
        wait_gone(query, "hidden by staff")
        staff.call("POST", f"/v1/admin/products/{product['id']}/restore", {}, expect=200)
        wait_until(lambda: all(page["data"] for page in on_both(query)), GONE_S, "it is back")

    def test_deleted(self):
        product, query = self.make("Ominoform")
        self.vendor.call("DELETE", f"/v1/vendor/products/{product['id']}", expect=204)
        wait_gone(query, "deleted")

    def test_of_a_vendor_that_is_suspended(self):
        vendor = approved_vendor(market, staff)
        vendor, self.vendor = self.vendor, vendor
        try:
            _, query = self.make("Kyanitic")
            path = f"/v1/admin/vendors/{self.vendor.vendor['id']}"
            staff.call("POST", f"{path}/suspend", {"reason": "A complaint."}, expect=200)
            wait_gone(query, "suspended")
            staff.call("POST", f"{path}/reinstate", {}, expect=200)
            wait_until(lambda: all(page["data"] for page in on_both(query)), GONE_S, "it is back")
        finally:
            self.vendor = vendor

    def test_price_and_sale_are_those_of_now(self):
        product, query = self.make("Wobbegong")
        path = f"/v1/vendor/products/{product['id']}/variants/{product['variants'][0]['id']}"
        self.vendor.call("PATCH", path, {"prices": [{"amount": 900, "currency": "EUR"}],
                                         "sales": [{"price": {"amount": 700, "currency": "EUR"}}]}, expect=200)
        wait_until(lambda: all(page["data"][0].get("sale_price", {}).get("amount") == 700
                               for page in on_both(query)), GONE_S, "the sale is seen")
        self.assertEqual(found_count(query + "&on_sale=true&max_price=800"), 1)
        self.assertEqual(found_count(query + "&on_sale=false"), 0)

    def test_sale_by_the_clock_is_found_when_it_begins_and_not_when_it_has_ended(self):
        product, query = self.make("Timewrasse")
        path = f"/v1/vendor/products/{product['id']}/variants/{product['variants'][0]['id']}"
        price = {"price": {"amount": 300, "currency": "EUR"}}
        for what, count in (("starts_at", 1), ("ends_at", 0)):
            moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
            self.vendor.call("PATCH", path, {"sales": [{**price, what: moment.isoformat()}]}, expect=200)
            wait_until(lambda: all(page["total"] == count for page in on_both(query + "&on_sale=true&max_price=400")),
                       GONE_S, f"{count} on sale")
            late = datetime.datetime.now(datetime.timezone.utc) - moment
            print(f"{what}: seen after {late.total_seconds():.2f} s", flush=True)

    def test_staff_words_and_places(self):
        first, _ = self.make("Sneakersly")
        second, _ = self.make("Brogue sneakersly")
        made = staff.call("POST", "/v1/admin/search/synonyms", {"word": "trainerly", "synonyms": ["sneakersly"]},
                          expect=201).json()
        wait_until(lambda: all(page["total"] == 2 for page in on_both("q=trainerly")), GONE_S, "the synonym is known")
        pin = staff.call("POST", "/v1/admin/search/pins",
                         {"q": "Sneakersly", "product_id": second["id"], "effect": "pin"}, expect=201).json()
        wait_until(lambda: all(page["data"][0]["id"] == second["id"] for page in on_both("q=sneakersly")), GONE_S,
                   "the pin is known")
        staff.call("DELETE", f"/v1/admin/search/pins/{pin['id']}", expect=204)
        wait_until(lambda: all(page["data"][0]["id"] == first["id"] for page in on_both("q=sneakersly")), GONE_S,
                   "the pin is gone")
        staff.call("DELETE", f"/v1/admin/search/synonyms/{made['id']}", expect=204)

    def test_searches_that_found_nothing_are_told_to_staff(self):
        for query in ("q=Xyzzyplugh", "q=anna%40example.com"):
            ask(query)

        def is_told():
            rows = staff.call("GET", "/v1/admin/search/zero-results", expect=200).json()["data"]
            return "xyzzyplugh" in [row["q"] for row in rows]
        wait_until(is_told, 60, "what was not found is told")
        rows = staff.call("GET", "/v1/admin/search/zero-results", expect=200).json()["data"]
        self.assertFalse([row for row in rows if "anna" in row["q"]])


class BadInput(unittest.TestCase):
    def test_signs_of_query_languages_are_plain_text(self):
        for text in ('"', "(", "AND", "NOT red", "name:red", "ba*", "-bar", "+bar", "bar~2", "a OR b", "[1 TO 2]", "\\",
                     "💡", "'; DROP TABLE", "%", "_", "?", "é", "\u202e", "a", "的"):
            self.assertIsNotNone(ask("q=" + urllib.parse.quote(text)), text)
            self.assertEqual(market.get("/v1/search/suggestions?q=" + urllib.parse.quote(text)).status, 200, text)

    def test_what_is_no_text_or_too_long_is_refused(self):
        for query in ("q=" + "a" * 201, "q=%00", "q=a%00b", "q=%ED%A0%80", "q=%FF", "q=", "facets=nothing", "sort=best",
                      "attributes=Size", "attributes=%3AM", "rating_min=6", "rating_min=0", "on_sale=maybe",
                      "q=a&after=AAAA", "sort=relevance"):
            self.assertEqual(market.get(f"/v1/products?{query}").status, 400, query)
        # 10,000 characters are more than an address may have.
        self.assertIn(market.get("/v1/products?q=" + "a" * 10_000).status, (400, 414))
        self.assertEqual(market.get("/v1/search/suggestions?q=" + "a" * 201).status, 400)
        self.assertEqual(market.get("/v1/search/suggestions").status, 422)

    def test_many_values_of_an_attribute_stay_a_bounded_answer(self):
        page = ask("facets=attributes&limit=1")
        self.assertLessEqual(max(len(facet["values"]) for facet in page["facets"]["attributes"]), FACET_VALUES_MAX)


class Disasters(unittest.TestCase):
    """The order of the claims is that of their names."""

    def kill_nodes(self):
        """And waits until others have taken their place."""
        before = market.children()["souk-node"]
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(set(market.children().get("souk-node", ())) - set(before)) == len(before), 60,
                   "both nodes are started again")
        market.wait_ready()

    def test_1_kills_in_the_middle_of_an_import_lose_nothing(self):
        path = write_file(folder / "more.csv", rows_of(random.Random(SEED + 2), 2000, "k"))
        before = found_count("facets=stock")
        chance = random.Random(SEED)
        importing = threading.Thread(target=lambda: market.import_products(path, check=False))
        importing.start()
        for _ in range(2):  # more than five ends of a child in 30 s are a failure to its supervisor
            time.sleep(chance.uniform(0.2, 0.8))
            self.kill_nodes()
        importing.join()
        market.import_products(path)
        wait_until(lambda: all(page and page["total"] == before + 2000 for page in on_both("facets=stock&limit=1")),
                   INDEXED_S, "all that was imported is found")
        Facets("test_counts_are_those_of_the_rows").compare(ask(f"facets={FACETS}")["facets"], Goods(), {})

    def test_2_folder_that_is_deleted_in_use_is_made_anew(self):
        before = found_count("facets=stock")
        shutil.rmtree(folder_of("node-1"))
        until = time.monotonic() + INDEXED_S / 2
        while time.monotonic() < until and not folder_of("node-1").is_dir():
            self.assertEqual(market.get("/v1/products?limit=1").status, 200)
            time.sleep(0.05)
        wait_until(lambda: all(page and page["total"] == before for page in on_both("facets=stock&limit=1")), INDEXED_S,
                   "both nodes find everything again")

    def test_3_folder_that_is_spoilt_before_the_start_is_made_anew(self):
        before = found_count("facets=stock")
        market.stop()
        for file in folder_of("node-1").iterdir():
            file.write_bytes(random.Random(SEED).randbytes(10_000))
        shutil.rmtree(folder_of("node-2"))
        market.start()
        self.assertEqual(market.get("/v1/products?limit=1").status, 200)
        wait_until(lambda: all(page and page["total"] == before for page in on_both("facets=stock&limit=1")), INDEXED_S,
                   "both nodes find everything again")

    def test_4_staff_may_want_a_new_index(self):
        before = [folder_of(node).stat().st_ino for node in ("node-1", "node-2")]
        count = found_count("facets=stock")
        staff.reconnect()
        staff.login()
        staff.call("POST", "/v1/admin/search/rebuild", {}, expect=202)

        def is_new():
            page = ask("facets=stock&limit=1")
            self.assertIsNotNone(page, "the old index answers until the new one does")
            self.assertEqual(page["total"], count)
            return all(folder_of(node).is_dir() and folder_of(node).stat().st_ino != number
                       for node, number in zip(("node-1", "node-2"), before))
        wait_until(is_new, INDEXED_S, "both nodes have a new index")


    def test_5_node_that_dies_at_any_step_of_indexing_goes_on_where_it_was(self):
        staff.reconnect()
        staff.login()
        vendor = approved_vendor(market, staff)
        category = market.get("/v1/categories").json()["data"][0]["id"]
        points = [f"catalog.search.{step}.{moment}" for step in ("read", "put", "commit", "swap")
                  for moment in ("before", "after")]
        for i, point in enumerate(points):
            with self.subTest(point=point):
                began = time.monotonic()
                before = set(market.children()["souk-node"])
                for who in (vendor, staff):
                    who.reconnect()
                # A node may have died of the last point a second time, when it began its index again.
                fault = json.dumps({"point": point, "action": "kill", "times": 1}).encode()
                wait_until(lambda: vendor.send("POST", "/v1/test/faults", {
                    **vendor.headers(), "content-type": "application/json"}, fault).status == 204, 30, "a fault is set")
                if "swap" in point:
                    staff.call("POST", "/v1/admin/search/rebuild", {})
                # None is a form of another in any language, nor near to it: each finds itself alone.
                name = ("Abrakolt", "Bimstorp", "Czytrunk", "Dravuum", "Ekliptox", "Fjordagk", "Gnumpitz", "Hjolmar")[i]
                body = json.dumps({"name": name, "description": "", "category_id": category, "stock": 1,
                                   "price": {"amount": 100, "currency": "EUR"}}).encode()
                headers = {**vendor.headers(), "content-type": "application/json", "idempotency-key": name}

                # One may die of what came before it, before it is made; the other needs it to have something to do.
                def make():
                    vendor.reconnect()
                    return vendor.send("POST", "/v1/vendor/products", headers, body).status == 201
                is_made = make()

                def have_died():
                    nonlocal is_made
                    is_made = is_made or make()
                    return not before & set(market.children().get("souk-node", ()))
                wait_until(have_died, INDEXED_S / 2, "both nodes died")
                market.wait_ready()
                wait_until(lambda: is_made or make(), 30, "it is made")
                wait_until(lambda: all(page and page["total"] == 1 for page in on_both(f"q={name}")), 60,
                           f"{name} is found")
                # More than five ends of a child in 30 s are a failure to its supervisor.
                time.sleep(max(0, 8 - (time.monotonic() - began)))


if __name__ == "__main__":
    unittest.main()
