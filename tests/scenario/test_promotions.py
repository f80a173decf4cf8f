"""What staff and vendors do with promotions, over HTTP, and everything that may not stand in one."""
import concurrent.futures
import datetime
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff

ADMIN, OWN = "/v1/admin/promotions", "/v1/vendor/promotions"
TENTH = {"kind": "percent", "off_ppm": 100000}


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def in_hours(hours):
    then = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def a_code():
    return "C" + uuid.uuid4().hex[:12].upper()


def setUpModule():
    global market, staff, vendor, stranger
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendor, stranger = approved_vendor(market, staff), approved_vendor(market, staff)


def surfaces():
    """Who makes promotions, and where."""
    return (staff, ADMIN), (vendor, OWN)


def make(person, path, expect=201, key=None, **more):
    return person.call("POST", path, {"name": "Spring", "terms": TENTH, **more}, key=key, expect=expect)


class Promotions(unittest.TestCase):
    def tearDown(self):
        self.assertEqual(market.sql("order", 'SELECT * FROM "order".check_promotions()'), [])

    def test_a_promotion_is_made_listed_changed_and_archived(self):
        for person, path in surfaces():
            with self.subTest(path):
                code = a_code()
                answer = make(person, path, code=f"  {code.lower()} ")
                made = answer.json()
                one = f"{path}/{made['id']}"
                self.assertEqual((answer.headers["etag"][:3], made["status"]), ('"1.', "active"))
                self.assertEqual(made["code"], code.lower())
                self.assertEqual(made["bearer"], "vendor" if path == OWN else "market")
                self.assertEqual(made["owner"], "vendor" if path == OWN else "market")
                self.assertEqual(person.call("GET", one, expect=200).json(), made)
                self.assertEqual(person.call("GET", path, expect=200).json()["data"][0], made)
                terms = {"kind": "fixed", "amount": euros(500), "subtotal_min": euros(2000), "ends_at": in_hours(5),
                         "limit_total": 10, "limit_per_customer": 1}
                changed = person.call("PATCH", one, {"terms": terms, "status": "paused"}, if_match='"1"', expect=200)
                self.assertEqual(changed.headers["etag"][:3], '"2.')
                for name, value in terms.items():
                    self.assertEqual(changed.json()["terms"][name], value, name)
                self.assertNotIn("off_ppm", changed.json()["terms"])
                stale = person.call("PATCH", one, {"name": "Late"}, if_match='"1"')
                self.assertEqual((stale.status, stale.code()), (412, "precondition_failed"))
                self.assertEqual(person.call("PATCH", one, {}, expect=200).json()["version"], 2)
                person.call("DELETE", one, if_match='"1"', expect=412)
                person.call("DELETE", one, if_match='"2"', expect=204)
                self.assertEqual(person.call("GET", one, expect=200).json()["status"], "archived")
                again = person.call("DELETE", one)
                self.assertEqual((again.status, again.code()), (409, "illegal_transition"))
                self.assertNotIn(made["id"], [p["id"] for p in person.call("GET", path, expect=200).json()["data"]])
                archived = person.call("GET", path + "?status=archived", expect=200).json()["data"]
                self.assertEqual(archived[0]["id"], made["id"])
                self.assertEqual(make(person, path, code=code).json()["code"], code)

    def test_nobody_else_finds_a_vendors_promotion(self):
        made = make(vendor, OWN, status="paused").json()
        one = f"{OWN}/{made['id']}"
        for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
            answer = stranger.call(method, one, body)
            self.assertEqual((answer.status, answer.code()), (404, "not_found"), method)
        seen = stranger.call("GET", OWN + "?limit=100", expect=200).json()["data"]
        self.assertNotIn(made["id"], [p["id"] for p in seen])
        markets = make(staff, ADMIN, vendor_id=vendor.vendor["id"], status="paused").json()
        self.assertEqual(vendor.call("GET", f"{OWN}/{markets['id']}").status, 404)
        self.assertEqual(vendor.call("PATCH", f"{OWN}/{markets['id']}", {"terms": TENTH}).status, 404)
        self.assertNotIn(markets["id"], [p["id"] for p in vendor.call("GET", OWN, expect=200).json()["data"]])
        for somebody in (market.shopper(), vendor):
            self.assertEqual(somebody.call("GET", ADMIN).status, 401)
            self.assertEqual(make(somebody, ADMIN, expect=None).status, 401)
        # Staff sees it, may end it, and does not change what the vendor pays for.
        listed = staff.call("GET", f"{ADMIN}?vendor={vendor.vendor['id']}", expect=200).json()["data"]
        self.assertIn(made["id"], [p["id"] for p in listed])
        refused = staff.call("PATCH", f"{ADMIN}/{made['id']}", {"terms": TENTH})
        self.assertEqual((refused.status, refused.code()), (403, "forbidden"))
        staff.call("DELETE", f"{ADMIN}/{made['id']}", expect=204)
        self.assertEqual(vendor.call("GET", one, expect=200).json()["status"], "archived")

    def test_rights_are_those_that_are_said(self):
        clerk, reader = staff.with_key(["manage_orders"]), staff.with_key(["view_orders"])
        for person in (clerk, reader):
            self.assertEqual(make(person, ADMIN, expect=None).status, 403)
        reader.call("GET", ADMIN, expect=200)
        make(staff.with_key(["manage_market"]), ADMIN, status="paused")
        viewer = vendor.with_key(["view_vendor"])
        self.assertEqual(make(viewer, OWN, expect=None).status, 403)
        viewer.call("GET", OWN, expect=200)
        make(vendor.with_key(["manage_products"]), OWN, status="paused")

    def test_one_key_makes_one_promotion(self):
        key, code = uuid.uuid4().hex, a_code()
        first, again = (make(vendor, OWN, key=key, code=code).json() for _ in range(2))
        self.assertEqual(first, again)

    def test_pages_hold_each_promotion_once(self):
        seller = approved_vendor(market, staff)
        made = {make(seller, OWN, code=a_code()).json()["id"] for _ in range(5)}
        found, after = [], ""
        while True:
            page = seller.call("GET", f"{OWN}?limit=2{after}", expect=200).json()
            found += [p["id"] for p in page["data"]]
            if not page["has_more"]:
                break
            after = "&after=" + page["next"]
        self.assertEqual((sorted(found), len(found)), (sorted(made), 5))
        wrong = seller.call("GET", OWN + "?after=nowhere")
        self.assertEqual((wrong.status, wrong.code()), (400, "invalid_parameter"))

    def test_who_made_and_changed_it_is_in_the_audit_trail(self):
        made = make(staff, ADMIN, code=a_code()).json()
        staff.call("PATCH", f"{ADMIN}/{made['id']}", {"name": "Renamed"}, expect=200)
        staff.call("DELETE", f"{ADMIN}/{made['id']}", expect=204)

        def actions():
            rows = market.sql("admin", f"SELECT action FROM admin.audit_entry WHERE subject = '{made['id']}'")
            return sorted(row[0] for row in rows)
        wanted = ["order.archive_promotion", "order.change_promotion", "order.create_promotion"]
        wait_until(lambda: actions() == wanted, 10, "three entries")


class Codes(unittest.TestCase):
    def test_a_code_is_taken_in_any_case_by_anybody(self):
        code = a_code()
        make(staff, ADMIN, code=code)
        for person, path in surfaces():
            for typed in (code, code.lower(), f" {code}\t"):
                answer = make(person, path, expect=409, code=typed)
                self.assertEqual((answer.code(), answer.json()["errors"][0]["pointer"]), ("code_taken", "/code"))

    def test_of_many_at_once_for_one_code_one_gets_it(self):
        code = a_code()
        servers = [one.with_key(["manage_products"]) for one in (vendor, stranger) for _ in range(4)]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(lambda server: make(server, OWN, expect=None, code=code).status, servers))
        self.assertEqual(statuses, [201] + [409] * 7)

    def test_look_alikes_and_odd_codes_are_refused(self):
        for typed in ("AB", "  AB  ", "A B C", "TEA!", "TÉA", "ТEA", "ＴＥＡ", "TEA\u200b", "\u00a0TEA",
                      "A" * 41, "<TEA>", "'TEA'", "TEA\n26"):
            for person, path in surfaces():
                answer = make(person, path, expect=None, code=typed)
                self.assertIn(answer.status, (400, 422), typed)
                self.assertIn("/code", [e["pointer"] for e in answer.json()["errors"]], typed)


class BadInput(unittest.TestCase):
    def assert_refused(self, wish, code, pointer, method="POST", path=""):
        for person, surface in surfaces():
            answer = person.call(method, surface + path, wish)
            errors = answer.json().get("errors", [])
            self.assertIn(answer.status, (400, 422), (wish, answer.body))
            self.assertEqual((answer.code(), errors[0]["pointer"]), (code, pointer), (wish, answer.body))
            self.assertTrue(errors[0]["detail"], wish)

    def test_contradictory_terms_are_refused_with_their_place(self):
        for terms, code, name in (
                ({"kind": "percent"}, "missing_field", "off_ppm"),
                ({"kind": "percent", "off_ppm": 0}, "out_of_range", "off_ppm"),
                ({"kind": "percent", "off_ppm": -1}, "out_of_range", "off_ppm"),
                ({"kind": "percent", "off_ppm": 1000001}, "out_of_range", "off_ppm"),
                ({"kind": "percent", "off_ppm": 10.5}, "wrong_type", "off_ppm"),
                ({"kind": "percent", "off_ppm": "10"}, "wrong_type", "off_ppm"),
                ({"kind": "percent", "off_ppm": 1, "amount": euros(1)}, "invalid_value", "amount"),
                ({"kind": "fixed"}, "missing_field", "amount"),
                ({"kind": "fixed", "amount": euros(0)}, "out_of_range", "amount"),
                ({"kind": "fixed", "amount": euros(-5)}, "out_of_range", "amount"),
                ({"kind": "fixed", "amount": euros(2 ** 62)}, "out_of_range", "amount"),
                ({"kind": "fixed", "amount": {"amount": 5, "currency": "XQX"}}, "invalid_value", "amount"),
                ({"kind": "fixed", "amount": euros(5), "cap": euros(5)}, "invalid_value", "cap"),
                ({"kind": "fixed", "amount": euros(5), "off_ppm": 5}, "invalid_value", "off_ppm"),
                ({"kind": "free_delivery", "off_ppm": 5}, "invalid_value", "off_ppm"),
                ({"kind": "free_delivery", "buy_quantity": 5}, "invalid_value", "buy_quantity"),
                ({"kind": "buy_x_get_y", "get_quantity": 1}, "missing_field", "buy_quantity"),
                ({"kind": "buy_x_get_y", "buy_quantity": 1}, "missing_field", "get_quantity"),
                ({"kind": "buy_x_get_y", "buy_quantity": 0, "get_quantity": 1}, "out_of_range", "buy_quantity"),
                ({"kind": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 2 ** 31}, "out_of_range", "get_quantity"),
                ({**TENTH, "subtotal_min": euros(5), "cap": {"amount": 1, "currency": "USD"}}, "invalid_value", "cap"),
                ({**TENTH, "ends_at": in_hours(-1)}, "invalid_value", "ends_at"),
                ({**TENTH, "starts_at": in_hours(2), "ends_at": in_hours(1)}, "invalid_value", "ends_at"),
                ({**TENTH, "ends_at": "tomorrow"}, "invalid_value", "ends_at"),
                ({**TENTH, "limit_total": 0}, "out_of_range", "limit_total"),
                ({**TENTH, "limit_per_customer": -1}, "out_of_range", "limit_per_customer"),
                ({**TENTH, "limit_total": 1, "limit_per_customer": 2}, "invalid_value", "limit_per_customer"),
                ({**TENTH, "quantity_min": 0}, "out_of_range", "quantity_min"),
                ({**TENTH, "priority": 1001}, "out_of_range", "priority"),
                ({**TENTH, "target": {"product_ids": ["prd_" + "0" * 26], "category_id": "cat_" + "0" * 26}},
                 "invalid_value", "target"),
                ({**TENTH, "colour": "red"}, "unknown_field", "colour")):
            with self.subTest(terms):
                self.assert_refused({"name": "Spring", "terms": terms}, code, "/terms/" + name)

    def test_ids_of_another_form_are_refused(self):
        for terms, pointer in (
                ({"target": {"product_ids": ["cat_" + "0" * 26]}}, "/terms/target/product_ids/0"),
                ({"target": {"product_ids": ["prd_0"]}}, "/terms/target/product_ids/0"),
                ({"qualifying": {"category_id": "prd_" + "0" * 26}}, "/terms/qualifying/category_id"),
                ({"qualifying": {"category_id": 7}}, "/terms/qualifying/category_id"),
                ({"group_ids": ["usr_" + "0" * 26]}, "/terms/group_ids/0")):
            with self.subTest(terms):
                for person, path in surfaces():
                    answer = make(person, path, expect=None, terms={**TENTH, **terms})
                    self.assertIn(answer.status, (400, 422))
                    self.assertEqual(answer.json()["errors"][0]["pointer"], pointer, answer.body)

    def test_what_is_not_there_is_refused(self):
        category = staff.call("POST", "/v1/admin/categories", {"name": "Sold"}, expect=201).json()["id"]
        wish = {"name": "Mug", "description": "", "category_id": category, "stock": 1, "price": euros(500)}
        mine, theirs = (seller.call("POST", "/v1/vendor/products", wish, expect=201).json()["id"]
                        for seller in (vendor, stranger))
        unknown = "0" * 26
        for person, path, terms, pointer in (
                (staff, ADMIN, {"target": {"product_ids": [mine, "prd_" + unknown]}}, "/terms/target/product_ids/1"),
                (staff, ADMIN, {"qualifying": {"category_id": "cat_" + unknown}}, "/terms/qualifying/category_id"),
                (vendor, OWN, {"target": {"product_ids": [theirs]}}, "/terms/target/product_ids/0"),
                (vendor, OWN, {"target": {"category_id": "cat_" + unknown}}, "/terms/target/category_id")):
            answer = make(person, path, expect=422, terms={**TENTH, **terms})
            self.assertEqual((answer.code(), answer.json()["errors"][0]["pointer"]), ("invalid_value", pointer))
        answer = make(staff, ADMIN, expect=422, vendor_id="ven_" + unknown)
        self.assertEqual(answer.json()["errors"][0]["pointer"], "/vendor_id")
        for person, path, products in ((staff, ADMIN, [mine, theirs]), (vendor, OWN, [mine])):
            target = {"target": {"product_ids": products}, "qualifying": {"category_id": category}}
            made = make(person, path, status="paused", terms={**TENTH, **target}).json()
            self.assertEqual(made["terms"]["target"]["product_ids"], products)

    def test_lists_have_an_end(self):
        for terms, pointer in (({"target": {"product_ids": ["prd_" + "0" * 26] * 101}}, "/terms/target/product_ids"),
                               ({"group_ids": ["cgr_" + "0" * 26] * 17}, "/terms/group_ids")):
            for person, path in surfaces():
                answer = make(person, path, expect=None, terms={**TENTH, **terms})
                self.assertIn(answer.status, (400, 422))
                self.assertEqual(answer.json()["errors"][0]["pointer"], pointer, answer.body)

    def test_names_and_status_are_what_they_may_be(self):
        self.assert_refused({"name": "   ", "terms": TENTH}, "invalid_value", "/name")
        self.assert_refused({"name": "Sale\u202e", "terms": TENTH}, "invalid_value", "/name")
        self.assert_refused({"name": "x" * 101, "terms": TENTH}, "out_of_range", "/name")
        self.assert_refused({"terms": TENTH}, "missing_field", "/name")
        self.assert_refused({"name": "Spring"}, "missing_field", "/terms")
        self.assert_refused({"name": "Spring", "terms": TENTH, "status": "archived"}, "invalid_value", "/status")

    def test_who_pays_is_said_by_staff_only_and_without_contradiction(self):
        for wish, code, pointer in (({"bearer": "shared"}, "missing_field", "/market_ppm"),
                                    ({"bearer": "vendor", "market_ppm": 5}, "invalid_value", "/market_ppm"),
                                    ({"bearer": "shared", "market_ppm": 1000000}, "out_of_range", "/market_ppm"),
                                    ({"bearer": "nobody"}, "invalid_value", "/bearer"),
                                    ({"vendor_id": "usr_" + "0" * 26}, "invalid_value", "/vendor_id")):
            answer = make(staff, ADMIN, expect=None, **wish)
            self.assertIn(answer.status, (400, 422), wish)
            self.assertEqual(answer.json()["errors"][0]["pointer"], pointer, answer.body)
        for field, value in (("bearer", "market"), ("market_ppm", 1), ("vendor_id", stranger.vendor["id"]),
                             ("owner", "market"), ("held", 0), ("used", 0), ("version", 1)):
            answer = make(vendor, OWN, expect=None, **{field: value})
            self.assertEqual((answer.status, answer.code()), (400, "unknown_field"), field)

    def test_the_twenty_first_automatic_one_is_refused(self):
        crowded = approved_vendor(market, staff)
        made = [make(crowded, OWN).json()["id"] for _ in range(20)]
        for status, expect in (("active", 422), ("paused", 201)):
            answer = make(crowded, OWN, expect=expect, status=status)
        self.assertEqual(crowded.call("PATCH", f"{OWN}/{answer.json()['id']}", {"status": "active"}).code(),
                         "too_many_automatic_promotions")
        crowded.call("DELETE", f"{OWN}/{made[0]}", expect=204)
        crowded.call("PATCH", f"{OWN}/{answer.json()['id']}", {"status": "active"}, expect=200)


if __name__ == "__main__":
    unittest.main()
