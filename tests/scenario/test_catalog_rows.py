"""What merchants expect of a catalogue, over HTTP, in one market: addresses that go on leading somewhere, barcodes, a
tree that moves under products, attributes, and the lowest price before a sale."""
import csv
import json
import pathlib
import tempfile
import time
import unittest
import urllib.parse

from market import Market, wait_until
from people import approved_vendor, first_staff

PRICE = {"amount": 500, "currency": "EUR"}
PRODUCTS = 1500


def setUpModule():
    global market, staff, vendor, root
    market = Market(["--market.product_approval=false"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendor = approved_vendor(market, staff)
    root = category("Furniture")
    wait_until(lambda: market.get("/v1/products?facets=stock").status == 200, 60, "search answers")


def category(name, parent=None):
    body = {"name": name, **({"parent_id": parent["id"]} if parent else {})}
    return staff.call("POST", "/v1/admin/categories", body, expect=201).json()


def change(which, expect=200, **body):
    return staff.call("PATCH", f"/v1/admin/categories/{which['id']}", body, expect=expect).json()


def make(name, where, expect=201, **more):
    body = {"name": name, "description": "Of oak.", "category_id": where["id"], "price": PRICE, "stock": 5, **more}
    return vendor.call("POST", "/v1/vendor/products", body, expect=expect).json()


def seen(path):
    answer = market.get(path)
    return answer.status, answer.json()


def total(query):
    status, page = seen(f"/v1/products?limit=1&facets=stock&{query}")
    return page["total"] if status == 200 else None


class Rows(unittest.TestCase):
    def setUp(self):
        for person in (staff, vendor):
            person.reconnect()

    def test_an_address_leads_to_its_product_category_and_vendor_after_a_rename(self):
        made = make("Käse & Brot Tisch", root)
        vendor.call("PATCH", f"/v1/vendor/products/{made['id']}", {"name": "卓"}, expect=200)
        for slug in ("kase-brot-tisch", "卓"):
            status, product = seen("/v1/products/by-slug/" + urllib.parse.quote(slug))
            self.assertEqual((status, product["id"], product["slug"]), (200, made["id"], "卓"))
        self.assertEqual(seen("/v1/products/by-slug/nothing")[0], 404)
        shelves = category("Shelves", root)
        change(shelves, name="Racks")
        status, detail = seen("/v1/categories/by-slug/shelves")
        self.assertEqual((status, detail["slug"], [crumb["name"] for crumb in detail["breadcrumbs"]]),
                         (200, "racks", ["Furniture", "Racks"]))
        old = vendor.call("GET", "/v1/vendor", expect=200).json()["slug"]
        vendor.call("PATCH", "/v1/vendor", {"name": "Renamed " + old, "seo_title": "Tables"}, expect=200)
        status, profile = seen(f"/v1/vendors/by-slug/{old}")
        self.assertEqual((status, profile["slug"], profile["seo_title"]), (200, "renamed-" + old, "Tables"))

    def test_a_barcode_is_found_and_a_wrong_one_refused(self):
        made = make("Scanned stool", root, barcode="4006381333931")
        wait_until(lambda: total("q=4006381333931") == 1, 20, "the barcode is found")
        self.assertEqual(seen(f"/v1/products/{made['id']}")[1]["variants"][0]["barcode"], "4006381333931")
        problem = make("Wrong", root, expect=422, barcode="4006381333930")
        self.assertEqual(problem["errors"][0]["pointer"], "/barcode")

    def test_products_follow_a_category_that_moves_and_one_that_is_merged(self):
        garden, house, tables = category("Garden"), category("House"), None
        tables = category("Tables", garden)
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder).chmod(0o755)
            file = pathlib.Path(folder) / "goods.csv"
            with open(file, "w", newline="", encoding="utf-8") as opened:
                csv.writer(opened).writerows([["handle", "name", "vendor", "category", "price", "quantity"]] + [
                    [f"t{i}", f"Table {i}", "Carpenter", "Garden > Tables", "9.00", "3"] for i in range(PRODUCTS)])
            market.import_products(file)
        wait_until(lambda: total(f"category={garden['id']}") == PRODUCTS, 60, "all are found")
        self.assertEqual(change(garden, 409, parent_id=tables["id"])["code"], "category_cycle")
        begun = time.monotonic()
        change(tables, parent_id=house["id"])
        took = time.monotonic() - begun
        page = market.get(f"/v1/products?category={tables['id']}&limit=1").json()
        self.assertEqual(page["data"][0]["category"]["path"], "House > Tables")
        wait_until(lambda: not market.get(f"/v1/products?category={garden['id']}").json()["data"], 60, "it is empty")
        wait_until(lambda: total(f"category={house['id']}") == PRODUCTS, 60, "all are found there")
        wait_until(lambda: total(f"category={garden['id']}") == 0, 60, "none is found here")
        print(f"\n{PRODUCTS} products moved; the answer took {took:.3f} s, all of it {time.monotonic() - begun:.1f} s")
        desks = category("Desks", house)
        staff.call("POST", f"/v1/admin/categories/{tables['id']}/merge", {"into_id": desks["id"]}, expect=202)
        self.assertNotIn(tables["id"], [one["id"] for one in market.get("/v1/categories").json()["data"]])
        wait_until(lambda: total(f"category={desks['id']}") == PRODUCTS, 60, "all are found in the other one")
        staff.call("POST", "/v1/test/clock", {"advance": "PT1M"})
        wait_until(lambda: seen(f"/v1/categories/{tables['id']}")[0] == 404, 30, "it is gone")
        self.assertEqual(seen("/v1/categories/by-slug/tables")[1]["id"], desks["id"])

    def test_products_say_and_are_found_by_what_their_category_asks(self):
        lamps = category("Lamps")
        path = f"/v1/admin/categories/{lamps['id']}/attributes"
        colour = {"key": "colour", "name": "Colour", "type": "choice", "choices": ["Red", "Blue"],
                  "is_required": True, "is_filterable": True}
        staff.call("POST", path, colour, expect=201)
        self.assertEqual(staff.call("POST", path, colour, expect=409).json()["code"], "attribute_exists")
        staff.call("POST", path, {"key": "watts", "name": "Power", "type": "number", "unit": "W"}, expect=201)
        for attributes, pointer in (({}, "/attributes/colour"), ({"colour": "green"}, "/attributes/colour"),
                                    ({"colour": "red", "watts": "NaN"}, "/attributes/watts"),
                                    ({"colour": "red", "height": "1"}, "/attributes/height")):
            problem = make("Lamp", lamps, expect=422, attributes=attributes)
            self.assertEqual(problem["errors"][0]["pointer"], pointer, problem)
        made = make("Lamp", lamps, attributes={"colour": "red", "watts": "07.50"})
        said = {one["key"]: one["value"] for one in seen(f"/v1/products/{made['id']}")[1]["attributes"]}
        self.assertEqual(said, {"colour": "Red", "watts": "7.5"})
        wait_until(lambda: total("attributes=colour:red") == 1, 20, "it is found by its colour")
        facets = seen(f"/v1/products?facets=attributes&category={lamps['id']}")[1]["facets"]["attributes"]
        self.assertEqual(facets, [{"name": "Colour", "values": [{"value": "Red", "count": 1}]}])

    def test_a_sale_says_the_lowest_price_of_the_30_days_before(self):
        made = make("Reduced chair", root)
        path = f"/v1/vendor/products/{made['id']}/variants/{made['variants'][0]['id']}"
        vendor.call("PATCH", path, {"prices": [{"amount": 900, "currency": "EUR"}]}, expect=200)
        vendor.call("PATCH", path, {"sales": [{"price": {"amount": 600, "currency": "EUR"}}]}, expect=200)
        product = seen(f"/v1/products/{made['id']}")[1]
        self.assertEqual(product["sale_price"]["amount"], 600)
        self.assertEqual(product["lowest_price_30_days"], PRICE)
        wait_until(lambda: total("q=reduced") == 1, 20, "it is found")
        row = seen("/v1/products?q=reduced")[1]["data"][0]
        self.assertEqual(json.dumps(row["lowest_price_30_days"]), json.dumps(PRICE))


if __name__ == "__main__":
    unittest.main()
