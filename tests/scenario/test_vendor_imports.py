"""Files that vendors hand in: what becomes of them, what is told of their lines, and nodes that die meanwhile."""
import random
import re
import unittest
import uuid

from market import Market, wait_until
from people import approved_vendor, first_staff

HEADER = "handle,name,category,price,quantity,sku\n"
ENDED = ("done", "failed", "cancelled")


def setUpModule():
    global market, staff, vendor, stranger
    market = Market(["--admin.second_factor=optional"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    staff.call("POST", "/v1/admin/categories", {"name": "Cups"}, expect=201)
    vendor, stranger = approved_vendor(market, staff), approved_vendor(market, staff)


def hand_in(text, query="", key=None, who=None, expect=202, content_type="text/csv; charset=utf-8"):
    data = text if isinstance(text, bytes) else text.encode()
    return (who or vendor).call("POST", "/v1/vendor/imports" + query, data, key=key, content_type=content_type,
                                expect=expect).json()


def look(job, who=None):
    return (who or vendor).call("GET", f"/v1/vendor/imports/{job['id']}", expect=200).json()


def is_ended(job):
    """False, too, while a node that died is not back."""
    response = vendor.call("GET", f"/v1/vendor/imports/{job['id']}")
    return response.status == 200 and response.json()["status"] in ENDED


def ended(job, timeout_s=60):
    wait_until(lambda: is_ended(job), timeout_s, "the import has ended")
    return look(job)


def counts(job):
    return tuple(job[name] for name in ("created", "changed", "unchanged", "refused"))


def problems(job, query=""):
    return vendor.call("GET", f"/v1/vendor/imports/{job['id']}/errors{query}", expect=200).json()


def rows(name, count, price=3):
    return HEADER + "".join(f"{name}-{i},{name} {i},Cups,{price},{i % 7},{name}-s{i}\n" for i in range(count))


def versions(name):
    """How many products there are of that name, and their greatest and least version."""
    row = market.sql("catalog", "SELECT count(*), coalesce(max(version), 0), coalesce(min(version), 0)"
                                f" FROM catalog.product WHERE handle LIKE '{name}-%'")[0]
    return tuple(map(int, row))


class Files(unittest.TestCase):
    def setUp(self):
        for person in (staff, vendor, stranger):
            person.reconnect()

    def test_a_file_is_sold_and_what_is_wrong_with_it_is_told(self):
        job = hand_in(HEADER + "tea,Tea cup,Cups,3.50,4,tea-1\nbad,,Cups,x,1,\nodd,Odd,Nowhere,1,1,\n")
        self.assertEqual(job["status"], "queued")
        job = ended(job)
        self.assertEqual((job["status"], counts(job), job["rows"]), ("done", (1, 0, 0, 2), 3))
        found = market.get("/v1/products?q=tea+cup")
        wait_until(lambda: market.get("/v1/products?q=tea+cup").json()["data"], 20, "shoppers find it")
        self.assertIn(found.status, (200, 503))
        told = problems(job)["data"]
        self.assertEqual({entry["line"] for entry in told}, {3, 4})
        page = problems(job, "?limit=1")
        self.assertTrue(page["has_more"])
        self.assertEqual(problems(job, f"?limit=100&after={page['next']}")["data"], told[1:])
        again = ended(hand_in(HEADER + "tea,Tea cup,Cups,3.50,4,tea-1\n"))
        self.assertEqual(counts(again), (0, 0, 1, 0))
        listed = vendor.call("GET", "/v1/vendor/imports?status=done", expect=200).json()["data"]
        self.assertEqual([entry["id"] for entry in listed[:2]], [again["id"], job["id"]])

    def test_a_dry_run_changes_nothing(self):
        job = ended(hand_in(rows("dry", 3), "?is_dry_run=true"))
        self.assertEqual((job["status"], counts(job), job["is_dry_run"]), ("done", (3, 0, 0, 0), True))
        self.assertEqual(versions("dry")[0], 0)

    def test_one_key_is_one_import(self):
        key = uuid.uuid4().hex
        first, second = hand_in(rows("once", 1), key=key), hand_in(rows("once", 1), key=key)
        self.assertEqual(first["id"], second["id"])
        data = rows("once", 1).encode()
        other = vendor.call("POST", "/v1/vendor/imports?is_dry_run=true", data, key=key, content_type="text/csv")
        self.assertEqual((other.status, other.code()), (422, "idempotency_key_reused"))
        ended(first)

    def test_what_has_ended_is_not_cancelled(self):
        job = ended(hand_in(rows("early", 1)))
        again = vendor.call("POST", f"/v1/vendor/imports/{job['id']}/cancel")
        self.assertEqual((again.status, again.code()), (409, "illegal_transition"))
        job = hand_in(rows("late", 400))
        cancelled = vendor.call("POST", f"/v1/vendor/imports/{job['id']}/cancel", expect=200).json()
        self.assertEqual(cancelled["status"], "cancelled")
        self.assertEqual(look(job)["version"], cancelled["version"])

    def test_imports_are_their_vendors(self):
        job = hand_in(rows("mine", 1))
        for path in ("", "/errors"):
            other = stranger.call("GET", f"/v1/vendor/imports/{job['id']}{path}")
            self.assertEqual((other.status, other.code()), (404, "not_found"))
        self.assertEqual(stranger.call("POST", f"/v1/vendor/imports/{job['id']}/cancel").status, 404)
        ended(job)
        server = vendor.with_key(["manage_products"])
        refused = server.call("POST", "/v1/vendor/imports", b"handle\n", content_type="text/csv")
        self.assertEqual((refused.status, refused.code()), (403, "forbidden"))
        reader = vendor.with_key(["view_vendor"])
        self.assertEqual(reader.call("POST", "/v1/vendor/imports", b"handle\n", content_type="text/csv").status, 403)
        self.assertEqual(look(job, reader)["id"], job["id"])

    def test_what_is_no_file_of_products_is_refused(self):
        self.assertEqual(hand_in(b"{}", content_type="application/json", expect=415)["code"], "unsupported_media_type")
        self.assertEqual(hand_in(b"x" * (1 << 20) + b"x", expect=413)["code"], "body_too_large")
        self.assertEqual(hand_in(b"", expect=422)["code"], "out_of_range")
        self.assertEqual(hand_in(rows("x", 1), "?currency=EUX", expect=422)["code"], "invalid_value")
        self.assertEqual(hand_in(rows("x", 1), "?map=Ref", expect=422)["code"], "invalid_value")
        self.assertEqual(hand_in(rows("x", 1), "?colour=red", expect=400)["code"], "unknown_parameter")
        self.assertEqual(hand_in(rows("x", 1), "?preset=excel", expect=400)["code"], "invalid_parameter")
        for junk in (b" ", b"\0" * 100, b"who,knows\n1,2\n", random.Random(1).randbytes(100_000)):
            job = ended(hand_in(junk))
            self.assertEqual((job["status"], job["failure"]), ("failed", "malformed"))

    def test_staff_reads_who_handed_it_in(self):
        job = ended(hand_in(rows("trail", 1)))
        entries = []

        def is_told():
            entries[:] = staff.call("GET", f"/v1/admin/audit?subject={job['id']}", expect=200).json()["data"]
            return entries
        wait_until(is_told, 20, "the trail has the import")
        self.assertEqual(entries[0]["action"], "catalog.start_import")
        self.assertNotIn("trail-0", str(entries[0]))


class Exports(unittest.TestCase):
    def setUp(self):
        for person in (staff, vendor, stranger):
            person.reconnect()

    def test_what_was_wrong_is_a_file_for_those_who_take_one(self):
        job = ended(hand_in(HEADER + "bad,,Cups,x,1,\nodd,Odd,Nowhere,1,1,\n"))
        path = f"/v1/vendor/imports/{job['id']}/errors"
        answer = vendor.call("GET", path + "?limit=1", accept="text/csv", expect=200)
        self.assertEqual(answer.headers["content-type"], "text/csv; charset=utf-8")
        self.assertEqual(answer.headers["content-disposition"], "attachment")
        lines = answer.body.decode().split("\r\n")
        self.assertEqual((lines[0], lines[1][:2]), ("line,column,kind,code,detail", "2,"))
        following = re.fullmatch(r'<(.+)>; rel="next"', answer.headers["link"])[1]
        second = vendor.call("GET", following, accept="text/csv", expect=200).body.decode().split("\r\n")
        self.assertIn(second[1][:2], ("2,", "3,"))
        both = vendor.call("GET", path, accept="text/csv, application/json", expect=200)
        self.assertEqual(both.headers["content-type"], "application/json")

    def test_an_export_of_many_pages_that_is_handed_in_again_changes_nothing(self):
        ended(hand_in(rows("page", 230), who=None))
        of_all = "SELECT md5(string_agg(id::text || version, ',' ORDER BY id)) FROM catalog.product"
        before = market.sql("catalog", of_all)
        path, files, products = "/v1/vendor/products/export", 0, 0
        while path:
            answer = vendor.call("GET", path, expect=200)
            job = ended(hand_in(answer.body), 120)
            self.assertEqual((job["status"], counts(job)), ("done", (0, 0, job["products"], 0)))
            files, products = files + 1, products + job["products"]
            link = answer.headers.get("link")
            path = re.fullmatch(r'<(.+)>; rel="next"', link)[1] if link else None
        self.assertGreater(files, 1)
        own = market.sql("catalog", "SELECT count(*) FROM catalog.product p JOIN catalog.vendor_copy v"
                         f" ON v.vendor_id = p.vendor_id WHERE p.status <> 5 AND v.name = '{vendor.name}'")
        self.assertEqual(products, int(own[0][0]))
        self.assertEqual(market.sql("catalog", of_all), before)
        stranger.call("GET", "/v1/vendor/products/export?format=shopify", expect=200)


class Bulk(unittest.TestCase):
    def setUp(self):
        for person in (staff, vendor, stranger):
            person.reconnect()
        tree = market.get("/v1/categories").json()["data"]
        self.wish = {"name": "Bulk", "description": "Many.", "category_id": tree[0]["id"],
                     "price": {"amount": 500, "currency": "EUR"}, "stock": 10}

    def make(self, who=None):
        return (who or vendor).call("POST", "/v1/vendor/products", self.wish, expect=201).json()

    def test_each_item_has_its_own_outcome_and_a_key_does_all_of_it_once(self):
        mine, hidden, theirs = self.make(), self.make(), self.make(stranger)
        body = {"items": [{"product_id": mine["id"], "price": {"amount": 700, "currency": "EUR"}, "stock": 4},
                          {"product_id": hidden["id"], "status": "hidden"},
                          {"product_id": theirs["id"], "stock": 0},
                          {"product_id": mine["id"], "stock": 9}]}
        key = uuid.uuid4().hex
        first = vendor.call("POST", "/v1/vendor/products/bulk", body, key=key, expect=200).json()
        self.assertEqual([item["outcome"] for item in first["data"]], ["ok", "ok", "refused", "refused"])
        self.assertEqual([item.get("code") for item in first["data"]], [None, None, "not_found", "invalid_value"])
        again = vendor.call("POST", "/v1/vendor/products/bulk", body, key=key, expect=200)
        self.assertEqual((again.json(), again.headers["idempotent-replayed"]), (first, "true"))
        after = vendor.call("GET", f"/v1/vendor/products/{mine['id']}", expect=200).json()
        self.assertEqual((after["price"]["amount"], after["variants"][0]["on_hand"], after["version"]), (700, 4, 2))
        self.assertEqual(market.get(f"/v1/products/{hidden['id']}").status, 404)

    def test_a_hundred_items_are_taken_and_one_more_is_refused(self):
        item = {"product_id": self.make()["id"], "stock": 1}
        full = vendor.call("POST", "/v1/vendor/products/bulk", {"items": [item] * 100}, expect=200).json()
        self.assertEqual((full["ok"], full["refused"]), (1, 99))
        self.assertEqual(vendor.call("POST", "/v1/vendor/products/bulk", {"items": [item] * 101}).status, 422)
        self.assertEqual(vendor.call("POST", "/v1/vendor/products/bulk", {"items": []}).status, 422)

    def test_staff_decides_about_many(self):
        mine = self.make()
        body = {"reason": "Not as described.", "items": [{"product_id": mine["id"], "decision": "hide"}]}
        done = staff.call("POST", "/v1/admin/products/bulk", body, expect=200).json()
        self.assertEqual((done["ok"], done["data"][0]["status"]), (1, "hidden"))
        again = staff.call("POST", "/v1/admin/products/bulk", body, expect=200).json()
        self.assertEqual((again["refused"], again["data"][0]["code"]), (1, "illegal_transition"))
        self.assertEqual(vendor.call("POST", "/v1/admin/products/bulk", body).status, 401)


class Deaths(unittest.TestCase):
    def setUp(self):
        for person in (staff, vendor, stranger):
            person.reconnect()

    def tearDown(self):
        wait_until(lambda: vendor.call("GET", "/v1/vendor/imports").status == 200, 60, "the node is back")

    def test_a_node_that_dies_at_a_step_does_each_product_once(self):
        for moment in ("before", "after"):
            with self.subTest(moment):
                name = "die" + moment
                point = f"catalog.advance_import.commit.{moment}"
                job = hand_in(rows(name, 60))
                wait_until(lambda: look(job)["created"] > 5, 30, "it has begun")
                staff.call("POST", "/v1/test/faults", {"point": point, "action": "kill"}, expect=204)
                done = ended(job, 90)
                self.assertEqual((done["status"], counts(done)), ("done", (60, 0, 0, 0)))
                self.assertEqual(versions(name), (60, 1, 1))

    def test_a_node_that_is_killed_anywhere_loses_and_repeats_nothing(self):
        job = hand_in(rows("kill", 300))
        for _ in range(3):
            before = look(job)["created"]
            wait_until(lambda: look(job)["created"] > before, 60, "it goes on")
            market.kill("souk-node")
            wait_until(lambda: vendor.call("GET", "/v1/vendor/imports").status == 200, 60, "the node is back")
        self.assertEqual(counts(ended(job, 120)), (300, 0, 0, 0))
        self.assertEqual(versions("kill"), (300, 1, 1))
        self.assertEqual(counts(ended(hand_in(rows("kill", 300)), 120)), (0, 0, 300, 0))
        self.assertEqual(market.sql("catalog", "SELECT count(*) FROM catalog.check_stock()")[0][0], "0")


if __name__ == "__main__":
    unittest.main()
