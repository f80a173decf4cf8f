"""S-51: facet counts and totals are those of the rows, whatever is asked for: each filter by itself and with others,
products of several variants, sales, another currency. What the rows say is read by SQL once."""
import collections
import csv
import os
import pathlib
import random
import tempfile
import unittest
import urllib.parse

from market import Market, wait_until
from people import first_staff

SEED = int(os.environ.get("SOUK_SEED", "20261201"))
PRODUCTS, QUERIES = (6000, 500) if "SOUK_LONG" in os.environ else (1200, 60)
VENDORS = 9
CATEGORIES = ["Home", "Home > Kitchen", "Home > Kitchen > Cups", "Home > Beds", "Garden", "Garden > Tools"]
SIZES, COLOURS, MATERIALS = ("S", "M", "L"), ("Red", "Blue", "Green", "Black"), ("Oak", "Steel", "Wool")
WORDS = [a + b for a in ("bar", "dok", "fim", "gul", "jep", "kov") for b in ("mip", "nar", "pod", "rux", "tok", "zel")]
HEADER = ["handle", "name", "description", "vendor", "category", "option1_name", "option1_value", "option2_name",
          "option2_value", "sku", "quantity", "price", "sale_price", "price:USD", "attr:material"]
FACETS = ("category", "vendor", "price", "attributes", "stock", "rating", "sale")


def rows_of(chance, count):
    """Rows of products with one to four variants, of which some are out of stock, on sale, or not sold in dollars."""
    for i in range(count):
        first = [f"p{i}", " ".join(chance.sample(WORDS, 3)).title(), " ".join(chance.sample(WORDS, 2)),
                 f"Seller {chance.randrange(VENDORS)}", chance.choice(CATEGORIES)]
        pairs = chance.sample([(size, colour) for size in SIZES for colour in COLOURS], chance.choice((1, 1, 2, 3, 4)))
        for number, (size, colour) in enumerate(pairs):
            price = chance.randrange(200, 20000)
            sale = f"{price * 7 // 10 / 100:.2f}" if chance.random() < 0.2 else ""
            dollars = f"{chance.randrange(200, 20000) / 100:.2f}" if chance.random() < 0.4 else ""
            material = chance.choice((*MATERIALS, "")) if number == 0 and first[4].startswith("Home") else ""
            yield [*(first if number == 0 else [first[0], "", "", "", ""]), "Size", size, "Colour", colour,
                   f"P-{i}-{number}", str(chance.choice((0, 0, 3, 50))), f"{price / 100:.2f}", sale, dollars, material]


def setUpModule():
    global market
    market = Market(["--market.currencies=USD"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    home = staff.call("POST", "/v1/admin/categories", {"name": "Home"}, expect=201).json()
    staff.call("POST", f"/v1/admin/categories/{home['id']}/attributes",
               {"key": "material", "name": "Material", "type": "choice", "choices": list(MATERIALS),
                "is_filterable": True}, expect=201)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o711)
        path = pathlib.Path(folder) / "goods.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADER, *rows_of(random.Random(SEED), PRODUCTS)])
        market.import_products(path)
    wait_until(lambda: (page := ask("facets=stock&limit=1")) and page["total"] == PRODUCTS, 600, "all are found")


def ask(query):
    answer = market.get(f"/v1/products?{query}")
    assert answer.status in (200, 503), (query, answer.body)
    return answer.json() if answer.status == 200 else None


class Goods:
    """What the rows say, in one currency."""

    def __init__(self, currency):
        self.rows = {}
        where = {"EUR": ("JOIN catalog.product r ON r.id = p.id", "true"),
                 "USD": ("JOIN catalog.product_currency r ON r.product_id = p.id AND r.currency = 'USD'",
                         "EXISTS (SELECT FROM catalog.variant_price x WHERE x.variant_id = k.variant_id"
                         " AND x.currency = 'USD')")}
        join, is_sold = where[currency]
        for line in market.sql("catalog", f"""
                SELECT p.id, lower(concat_ws(' ', p.name, p.description, v.name, c.path)), v.name, c.path,
                       r.price_amount, coalesce(r.sale_amount, -1),
                       (SELECT bool_or(k.on_hand > k.held) FROM catalog.stock k
                        WHERE k.product_id = p.id AND k.is_active AND {is_sold}),
                       (SELECT string_agg(array_to_string(w.options, '='), ';') FROM catalog.stock k
                        JOIN catalog.variant w ON w.id = k.variant_id WHERE k.product_id = p.id AND k.is_active),
                       array_to_string(p.attributes, '=')
                FROM catalog.product p JOIN catalog.vendor_copy v ON v.vendor_id = p.vendor_id AND v.is_open
                JOIN catalog.category c ON c.id = p.category_id {join} WHERE p.is_listed"""):
            self.add(*line)
        self.categories = {one["path"]: one["id"] for one in market.get("/v1/categories").json()["data"]}
        self.vendors = {one["name"]: one["id"] for one in ask("facets=vendor")["facets"]["vendors"]}

    def add(self, ident, words, vendor, path, price, sale, stock, options, attributes):
        names = path.split(" > ")
        said = attributes.split("=")
        said = {"Material": said[1]} if said[0] == "material" else {}
        variants = []
        for variant in options.split(";"):
            parts = variant.split("=")
            variants.append({**dict(zip(parts[::2], parts[1::2])), **said})
        self.rows[ident] = {
            "words": set(words.replace(">", " ").split()), "vendor": vendor, "stock": stock == "t",
            "categories": {" > ".join(names[:i + 1]) for i in range(len(names))}, "variants": variants,
            "is_on_sale": int(sale) >= 0, "price": int(sale) if int(sale) >= 0 else int(price)}


class Question:
    """Filters, as a query string and as claims about a row; those of attributes are about one variant."""

    def __init__(self, chance, goods, currency):
        self.query = {} if currency == "EUR" and chance.random() < 0.8 else {"currency": currency}
        self.claims, self.attributes = {}, {}
        row = chance.choice(sorted(goods.rows.items()))[1]  # there is something to find, or no words are asked for
        is_sure = chance.random() < 0.7

        def pick(known, others):
            return known if is_sure else chance.choice(others)
        if is_sure and chance.random() < 0.6:
            words = chance.sample(sorted(row["words"] & set(WORDS)), chance.choice((1, 1, 2)))
            self.add("words", {"q": " ".join(words)}, lambda one: set(words) <= one["words"])
        if chance.random() < 0.4:
            path = pick(chance.choice(sorted(row["categories"])), CATEGORIES)
            self.add("category", {"category": goods.categories[path]}, lambda one: path in one["categories"])
        if chance.random() < 0.3:
            name = pick(row["vendor"], sorted(goods.vendors))
            self.add("vendor", {"vendor": goods.vendors[name]}, lambda one: one["vendor"] == name)
        if chance.random() < 0.4:
            low = max(0, pick(row["price"], range(100, 15000)) - chance.randrange(2000))
            high = pick(row["price"], range(low, 18000)) + chance.randrange(3000)
            self.add("price", {"min_price": low, "max_price": high}, lambda one: low <= one["price"] <= high)
        if chance.random() < 0.3:
            wanted = pick(row["stock"], (True, False))
            self.add("stock", {"in_stock": str(wanted).lower()}, lambda one: one["stock"] == wanted)
        if chance.random() < 0.3:
            sale = pick(row["is_on_sale"], (True, False))
            self.add("sale", {"on_sale": str(sale).lower()}, lambda one: one["is_on_sale"] == sale)
        self.ask_for_attributes(chance, chance.choice(row["variants"]), is_sure)

    def ask_for_attributes(self, chance, variant, is_sure):
        for name, values in (("Size", SIZES), ("Colour", COLOURS), ("Material", MATERIALS)):
            if chance.random() < 0.25 and (not is_sure or name in variant):
                self.attributes[name] = {variant[name] if is_sure else values[0], *chance.sample(values, 1)}
        pairs = [f"{name}:{value}" for name, values in self.attributes.items() for value in sorted(values)]
        if pairs:
            self.query["attributes"] = ",".join(pairs)

    def add(self, name, query, claim):
        self.query.update(query)
        self.claims[name] = claim

    def has(self, row, without=None, also=()):
        """True if the row passes all filters but one; of an attribute, with a variant that is also like this."""
        return (all(name == without or claim(row) for name, claim in self.claims.items())
                and any(all(variant.get(name) == value for name, value in also)
                        and all(name == without or variant.get(name) in values
                                for name, values in self.attributes.items()) for variant in row["variants"]))

    def rows(self, goods, without=None):
        return [row for row in goods.rows.values() if self.has(row, without)]


class Facets(unittest.TestCase):
    def test_random_questions_are_counted_as_the_rows_count(self):
        chance = random.Random(SEED)
        print(f"SOUK_SEED={SEED}")
        goods = {currency: Goods(currency) for currency in ("EUR", "USD")}
        self.assertEqual(len(goods["EUR"].rows), PRODUCTS)
        self.assertTrue(0 < len(goods["USD"].rows) < PRODUCTS)
        asked, found = collections.Counter(), 0
        for _ in range(QUERIES):
            currency = chance.choice(("EUR", "EUR", "USD"))
            question = Question(chance, goods[currency], currency)
            query = urllib.parse.urlencode(question.query)
            asked.update(list(question.query))
            with self.subTest(query=query):
                page = ask(f"{query}&facets={','.join(FACETS)}&limit=1")
                rows = question.rows(goods[currency])
                found += bool(rows)
                self.assertTrue(page["is_total_exact"])
                self.assertEqual((page["total"], page.get("is_relaxed", False), page.get("is_corrected", False)),
                                 (len(rows), False, False))
                self.compare(page["facets"], goods[currency], question)
        print(f"asked for: {dict(asked)}; {found} of {QUERIES} found something")
        self.assertTrue(all(asked[name] > QUERIES // 25 for name in ("q", "category", "vendor", "min_price", "in_stock",
                                                                      "on_sale", "attributes", "currency")), asked)
        self.assertGreater(found, QUERIES // 2)

    def compare(self, facets, goods, question):
        count = collections.Counter
        by_id = {ident: path for path, ident in goods.categories.items()}
        self.assertEqual({by_id[one["id"]]: one["count"] for one in facets["categories"]},
                         count(path for row in question.rows(goods, "category") for path in row["categories"]))
        self.assertEqual({one["name"]: one["count"] for one in facets["vendors"]},
                         count(row["vendor"] for row in question.rows(goods, "vendor")))
        self.assertEqual(facets["in_stock"], sum(row["stock"] for row in question.rows(goods, "stock")))
        self.assertEqual(facets["on_sale"], sum(row["is_on_sale"] for row in question.rows(goods, "sale")))
        self.assertEqual(facets["ratings"], [], "nobody is rated yet")
        self.compare_attributes(facets, goods, question)
        prices = [row["price"] for row in question.rows(goods, "price")]
        for area in facets["prices"]:
            self.assertEqual(area["count"], sum(area["from"] <= price < area.get("to", price + 1) for price in prices))
        self.assertEqual(sum(area["count"] for area in facets["prices"]), len(prices))

    def compare_attributes(self, facets, goods, question):
        found = {facet["name"]: {one["value"]: one["count"] for one in facet["values"]}
                 for facet in facets["attributes"]}
        for name, values in (("Size", SIZES), ("Colour", COLOURS), ("Material", MATERIALS)):
            wanted = {value: sum(question.has(row, name, [(name, value)]) for row in goods.rows.values())
                      for value in values}
            self.assertEqual(found.get(name, {}), {value: number for value, number in wanted.items() if number}, name)

    def test_rating_filters_leave_out_what_nobody_has_rated(self):
        for stars in (1, 5):
            page = ask(f"rating_min={stars}&facets=rating,stock&limit=1")
            self.assertEqual((page["total"], page["facets"]["ratings"], page["facets"]["in_stock"]), (0, [], 0))


if __name__ == "__main__":
    unittest.main()
