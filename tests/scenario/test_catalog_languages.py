"""A catalogue in two languages, over HTTP: what is answered, what is kept, what is found."""
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff

PRICE = {"amount": 500, "currency": "EUR"}


def setUpModule():
    global market, staff, vendor, root
    market = Market(["--market.product_approval=false", "--market.languages=en,de",
                     "--gateway.answers_kept=16"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendor = approved_vendor(market, staff)
    root = staff.call("POST", "/v1/admin/categories", {"name": "Chairs"}, expect=201).json()
    wait_until(lambda: market.get("/v1/products?facets=stock").status == 200, 60, "search answers")


def read(path, language=None):
    return market.get(path, {"accept-language": language} if language else None)


class Languages(unittest.TestCase):
    def setUp(self):
        for person in (staff, vendor):
            person.reconnect()

    def make(self, name):
        body = {"name": name, "description": "Of oak.", "category_id": root["id"], "price": PRICE, "stock": 5}
        return vendor.call("POST", "/v1/vendor/products", body, expect=201).json()

    def translate(self, product, **texts):
        return vendor.call("PUT", f"/v1/vendor/products/{product['id']}/translations/de", texts, expect=200).json()

    def test_kept_answers_keep_languages_apart_and_hear_of_changes(self):
        made = self.make("Rocking chair")
        path = f"/v1/products/{made['id']}"
        self.translate(made, name="Schaukelstuhl")
        for _ in range(3):
            english, german = read(path), read(path, "de-AT;q=0.9, fr")
            self.assertEqual((english.json()["name"], german.json()["name"]), ("Rocking chair", "Schaukelstuhl"))
            self.assertEqual((english.headers["content-language"], german.headers["content-language"]), ("en", "de"))
            self.assertIn("accept-language", german.headers["vary"].lower())
            self.assertIn("accept-language", english.headers["vary"].lower())
            self.assertNotEqual(english.headers["etag"], german.headers["etag"])
        self.assertEqual(read(path, "xx-YYYY, *;q=0.5").json()["name"], "Rocking chair")
        self.assertEqual(read(path, "a" * 5000).json()["name"], "Rocking chair")
        for language, status in (("de", 304), ("en", 200)):
            headers = {"accept-language": language, "if-none-match": german.headers["etag"]}
            self.assertEqual(market.get(path, headers).status, status)
        self.translate(made, name="Wippstuhl")
        wait_until(lambda: read(path, "de").json()["name"] == "Wippstuhl", 5, "a kept answer hears of a translation")
        vendor.call("DELETE", f"/v1/vendor/products/{made['id']}/translations/de", expect=204)
        wait_until(lambda: read(path, "de").json()["name"] == "Rocking chair", 5, "and of its end")

    def test_a_cart_speaks_the_language_of_each_request_and_the_order_keeps_the_buyers(self):
        made = self.make("Deck chair")
        self.translate(made, name="Liegestuhl")
        german = {"accept-language": "de-AT, en;q=0.5"}
        shopper = market.shopper(money=10_000)

        def names(path, **more):
            return [line["name"] for line in shopper.call("GET", path, expect=200, **more).json()["lines"]]
        cart = shopper.cart()
        lines = f"/v1/carts/{cart['id']}/lines"
        wish = {"variant_id": made["variants"][0]["id"], "quantity": 1}
        added = shopper.call("POST", lines, wish, expect=201, **german).json()
        self.assertEqual(added["lines"][0]["name"], "Liegestuhl")
        self.assertEqual(names("/v1/cart"), ["Deck chair"])
        self.assertEqual(names(f"/v1/carts/{cart['id']}", **german), ["Liegestuhl"])
        put_aside = shopper.call("POST", "/v1/saved-items", wish, expect=201, **german).json()
        self.assertEqual(put_aside["name"], "Liegestuhl")
        for headers, name in (({}, "Deck chair"), (german, "Liegestuhl")):
            saved = shopper.call("GET", "/v1/saved-items", expect=200, **headers).json()["data"]
            self.assertEqual([item["name"] for item in saved], [name])
        more = shopper.call("PATCH", f"{lines}/{added['lines'][0]['id']}", {"quantity": 2}, expect=200).json()
        self.assertEqual(more["lines"][0]["name"], "Deck chair")
        body = {"expected_total": more["totals"]["total"], "payment": {"wallet": more["totals"]["total"]}}
        group = shopper.call("POST", f"/v1/carts/{cart['id']}/checkout", body, key=uuid.uuid4().hex, expect=201,
                             **german).json()
        order = group["orders"][0]
        self.assertEqual(order["lines"][0]["name"], "Liegestuhl")
        self.assertEqual(names(f"/v1/orders/{order['id']}"), ["Liegestuhl"], "a snapshot is in one language")
        self.assertEqual(names(f"/v1/orders/{order['id']}", **{"accept-language": "en"}), ["Liegestuhl"])
        other = self.make("Footstool")
        self.translate(other, name="Fußbank")
        shopper.call("PATCH", "/v1/me", {"locale": "de"}, expect=200)
        more = {"variants": [{"variant_id": other["variants"][0]["id"], "quantity": 1}], "reason": "As asked."}
        edit = vendor.call("POST", f"/v1/vendor/orders/{order['id']}/edits", more, key=uuid.uuid4().hex, expect=201)
        self.assertEqual([line["name"] for line in edit.json()["goods"]], ["Fußbank"], "the buyer is to agree to it")

    def test_search_finds_words_of_every_language_and_answers_in_the_readers(self):
        made = self.make("Garden swing")
        self.translate(made, name="Hollywoodschaukel", description="Aus Buchen gebaut.")

        def found(query, language=None):
            page = read(f"/v1/products?q={query}", language).json()
            return [hit["name"] for hit in page.get("data", []) if hit["id"] == made["id"]]
        wait_until(lambda: found("hollywoodschaukel"), 10, "the word of a translation is found")
        self.assertEqual(found("hollywoodschaukel"), ["Garden swing"])
        self.assertEqual(found("buche", "de"), ["Hollywoodschaukel"])
        self.assertEqual(found("swings", "de"), ["Hollywoodschaukel"])

    def test_categories_and_addresses_speak_the_language_and_slugs_stay(self):
        made = self.make("Stool")
        self.translate(made, name="Hocker")
        staff.call("PUT", f"/v1/admin/categories/{root['id']}/translations/de", {"name": "Stühle"}, expect=204)
        listed = staff.call("GET", f"/v1/admin/categories/{root['id']}/translations", expect=200).json()["data"]
        self.assertEqual(listed, [{"language": "de", "name": "Stühle"}])
        by_slug = read(f"/v1/products/by-slug/{made['slug']}", "de").json()
        self.assertEqual((by_slug["name"], by_slug["slug"], by_slug["category"]["path"]),
                         ("Hocker", made["slug"], "Stühle"))

        def tree(language=None):
            return [c["name"] for c in read("/v1/categories", language).json()["data"]]
        wait_until(lambda: tree("de") == ["Stühle"], 5, "the tree")
        self.assertEqual(tree(), ["Chairs"])
        self.assertEqual(read(f"/v1/categories/{root['id']}", "de").json()["path"], "Stühle")
        wait_until(lambda: made["id"] in [hit["id"] for hit in read("/v1/products?q=st%C3%BChle").json()["data"]], 10,
                   "what is in a category is found by its name in another language")

        def facets():
            return [c["name"] for c in read("/v1/products?facets=category", "de").json()["facets"]["categories"]]
        wait_until(lambda: facets() == ["Stühle"], 10, "facets")


if __name__ == "__main__":
    unittest.main()
