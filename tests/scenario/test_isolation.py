"""Every operation of /openapi.json, called by those who must not (tests/README.md, S-43; tests/SECURITY.md, items 29,
31 and 32)."""
import json
import pathlib
import unittest
import uuid

import drawn
from crawl import read_operations
from cards import CardMarket
from market import PASSWORD, wait_until
from oidc_provider import Provider
from people import approved_vendor, first_staff

PRODUCTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo" / "products.csv"
ADDRESS = {"name": "Isolde Private", "line1": "7 Hidden Lane", "city": "Leeds", "postal_code": "LS1 1AA",
           "country": "GB"}
NOWHERE = "01" + "0" * 24  # an id that nothing has
# Ids that everybody may know; what belongs to one vendor only is private on the vendor's surface.
PUBLIC = {"store": {"prd", "var", "cat", "ven"}, "vendor": {"cat"}, "admin": set()}
EXTRAS = {"role": "owner", "status": "approved", "price": {"amount": 1, "currency": "EUR"}, "is_admin": True,
          "vendor_id": "ven_" + NOWHERE, "user_id": "usr_" + NOWHERE, "rights": 1, "version": 1, "is_listed": True}


def setUpModule():
    global market, staff, people, provider
    provider = Provider("souk", "", "https://shop.example/back", is_basic=False)
    unittest.addModuleCleanup(provider.stop)
    market = CardMarket(["--admin.second_factor=optional", *provider.settings("acme")]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    market.import_products(PRODUCTS)
    staff = first_staff(market)
    people = {"store": (Shop(), Shop()), "vendor": (Stall(), Stall())}


class Shop:
    """A shopper with one of everything, the ids by their prefix."""

    def __init__(self):
        self.person = shopper = market.shopper(money=100000)
        product = json.loads(market.get("/v1/products?in_stock=true&limit=1").body)["data"][0]
        variant = json.loads(market.get(f"/v1/products/{product['id']}").body)["variants"][0]
        address = shopper.call("POST", "/v1/me/addresses", ADDRESS, expect=201).json()
        bought = shopper.add(shopper.cart(), variant["id"])
        group = shopper.checkout(bought).json()
        cart = shopper.add(shopper.cart(), variant["id"])
        key = shopper.call("POST", "/v1/me/api-keys", {"name": "mine", "scopes": ["account"]}, expect=201).json()
        session = shopper.call("GET", "/v1/me/sessions", expect=200).json()["data"][0]
        self.ids = {"usr": shopper.user["id"], "adr": address["id"], "ses": session["id"], "crt": cart["id"],
                    cart["id"].split("_")[0]: cart["id"], "lin": cart["lines"][0]["id"], "og": group["id"],
                    "ord": group["orders"][0]["id"], "shp": "shp_" + NOWHERE, "ret": "ret_" + NOWHERE,
                    "clm": "clm_" + NOWHERE, "pic": "pic_" + NOWHERE,
                    "edt": self.propose(group["orders"][0]),
                    "key": key["id"], "var": variant["id"], "prd": product["id"],
                    "ven": product["vendor"]["id"], "cat": product["category"]["id"],
                    "idn": self.link()["id"], "pay": self.top_up()["id"], "crd": self.keep_card()["id"]}
        inbox = shopper.call("GET", "/v1/notifications", expect=200).json()["data"]
        self.ids["ntf"] = inbox[0]["id"] if inbox else "ntf_" + NOWHERE
        self.secrets = [shopper.email, shopper.name, ADDRESS["line1"], shopper.user["id"]]

    def top_up(self):
        return self.person.call("POST", "/v1/wallet/topups", {"amount": {"amount": 500, "currency": "EUR"},
                                                              "payment_method": "pm_ok"},
                                expect=201, key=uuid.uuid4().hex).json()

    def keep_card(self):
        return self.person.call("POST", "/v1/payment-methods/cards", {"payment_method": "pm_ok"}, expect=201,
                                key=uuid.uuid4().hex).json()

    @staticmethod
    def propose(order):
        """An edit of it that waits for the shopper."""
        return staff.call("POST", f"/v1/admin/orders/{order['id']}/edits",
                          {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}], "reason": "More."},
                          expect=201).json()["id"]

    def link(self):
        path = "/v1/me/identities/acme/"
        begun = self.person.call("POST", path + "begin", {"redirect_uri": provider.redirect_uri,
                                                          "current_password": PASSWORD}, expect=200).json()
        arrival = provider.sign_in(begun["authorization_url"], {"sub": uuid.uuid4().hex})
        return self.person.call("POST", path + "complete", {**arrival, "redirect_uri": provider.redirect_uri},
                                expect=200).json()

    def everything(self):
        read = self.person.call
        return [read("GET", path, expect=200).json() for path in
                ("/v1/me", "/v1/me/addresses", "/v1/me/identities", "/v1/me/api-keys", "/v1/wallet", "/v1/orders",
                 "/v1/cart", "/v1/me/notification-preferences", f"/v1/orders/{self.ids['ord']}",
                 f"/v1/orders/{self.ids['ord']}/edits")]


class Stall:
    """A vendor's owner with one of everything."""

    def __init__(self, vendor=None):
        self.person = vendor = vendor or approved_vendor(market, staff)
        category = json.loads(market.get("/v1/categories").body)["data"][0]["id"]
        product = vendor.call("POST", "/v1/vendor/products", {
            "name": "Secret sauce " + uuid.uuid4().hex[:6], "description": "Hidden.", "category_id": category,
            "price": {"amount": 500, "currency": "EUR"}}, expect=201).json()
        method = vendor.call("POST", "/v1/vendor/shipping-methods", {
            "name": "Post", "kind": "flat", "price": {"amount": 300, "currency": "EUR"}}, expect=201).json()
        location = vendor.call("POST", "/v1/vendor/stock-locations", {"name": "Secret cellar"}, expect=201).json()
        promotion = vendor.call("POST", "/v1/vendor/promotions", {
            "name": "Secret sale", "terms": {"kind": "percent", "off_ppm": 1}}, expect=201).json()
        group = staff.call("POST", "/v1/admin/customer-groups", {"name": uuid.uuid4().hex[:12]}, expect=201).json()
        prices = vendor.call("POST", "/v1/vendor/price-lists", {
            "name": "Secret prices", "group_ids": [group["id"]], "currency": "EUR"}, expect=201).json()
        guest = uuid.uuid4().hex[:10] + "@example.com"
        vendor.call("POST", "/v1/vendor/members", {"email": guest, "role": "editor"}, expect=202)
        invitation = vendor.call("GET", "/v1/vendor/invitations", expect=200).json()["data"][0]
        key = vendor.call("POST", "/v1/vendor/api-keys", {"name": "mine", "scopes": ["view_vendor"]}, expect=201).json()
        member = vendor.call("GET", "/v1/vendor/me", expect=200).json()
        session = vendor.call("GET", "/v1/vendor/me/sessions", expect=200).json()["data"][0]
        job = vendor.call("POST", "/v1/vendor/imports", b"handle,name\nsecret,Secret\n", content_type="text/csv",
                          expect=202).json()["id"]
        wait_until(lambda: vendor.call("GET", f"/v1/vendor/imports/{job}").json()["status"] == "failed", 20,
                   "the file of a few columns was read")
        picture = vendor.call("POST", f"/v1/vendor/products/{product['id']}/pictures", drawn.png(), expect=201,
                              **{"content-type": "image/png"}).json()
        self.ids = {"job": job, "pic": picture["id"], "ven": vendor.vendor["id"], "prd": product["id"],
                    "var": product["variants"][0]["id"],
                    method["id"].split("_")[0]: method["id"], "spr": method["profile_id"], "mbr": member["id"],
                    "loc": location["id"], "ses": session["id"],
                    invitation["id"].split("_")[0]: invitation["id"], "key": key["id"], "cat": category,
                    "prm": promotion["id"], "plt": prices["id"],
                    "ord": "ord_" + NOWHERE, "shp": "shp_" + NOWHERE, "ret": "ret_" + NOWHERE,
                    "rfd": "rfd_" + NOWHERE, "clm": "clm_" + NOWHERE, "edt": "edt_" + NOWHERE,
                    "ntf": "ntf_" + NOWHERE}
        self.secrets = [vendor.email, guest, vendor.vendor["id"]]

    def everything(self):
        read = self.person.call
        return [read("GET", path, expect=200).json() for path in
                ("/v1/vendor", "/v1/vendor/members", "/v1/vendor/invitations", "/v1/vendor/products",
                 "/v1/vendor/shipping-methods", "/v1/vendor/shipping-profiles", "/v1/vendor/promotions",
                 "/v1/vendor/price-lists", "/v1/vendor/api-keys", "/v1/vendor/imports", "/v1/vendor/stock-locations")]


def ask(person, operation, path, body, **headers):
    key = uuid.uuid4().hex if operation.needs_key else None
    if operation.raw_type is not None:
        headers["content-type"] = operation.raw_type
    return person.call(operation.method, path, body, key, **headers)


class Crawl(unittest.TestCase):
    def setUp(self):
        self.operations = read_operations(market)

    def of(self, audience):
        return [o for o in self.operations if o.audience == audience and not o.is_optional]

    def test_the_crawler_finds_every_surface(self):
        for audience in ("store", "vendor", "admin", None):
            self.assertGreater(len([o for o in self.operations if o.audience == audience]), 5, audience)

    def test_item_29_anonymous_is_unauthenticated_everywhere(self):
        nobody = market.shopper()
        nobody.token = None
        for audience in ("store", "vendor", "admin"):
            ids = people[audience][0].ids if audience in people else {}
            for operation in self.of(audience):
                with self.subTest(operation):
                    answer = ask(nobody, operation, operation.fill(ids), operation.body(ids))
                    self.assertEqual(answer.status, 401, answer.body)

    def test_item_29_a_token_of_another_audience_is_unauthenticated_everywhere(self):
        holders = {"store": people["store"][1].person, "vendor": people["vendor"][1].person, "admin": staff}
        for audience in holders:
            ids = people[audience][0].ids if audience in people else {}
            for operation in self.of(audience):
                for other in (h for a, h in holders.items() if a != audience):
                    with self.subTest(operation, other=other.name):
                        answer = ask(other, operation, operation.fill(ids), operation.body(ids))
                        self.assertEqual(answer.status, 401, answer.body)

    def test_item_29_what_belongs_to_somebody_else_is_not_found(self):
        for audience, (owner, other) in people.items():
            before = owner.everything()
            crawled = 0
            for operation in self.operations:
                private = set(operation.prefixes()) - PUBLIC[audience]
                if operation.audience != audience or not private:
                    continue
                missing = set(operation.prefixes()) - owner.ids.keys()
                self.assertEqual(missing, set(), f"{operation}: the crawler has no id of this kind")
                crawled += 1
                with self.subTest(operation):
                    answer = ask(other.person, operation, operation.fill(owner.ids), operation.body(owner.ids))
                    self.assertEqual(answer.status, 404, answer.body)
                    told = json.loads(answer.body)
                    told.pop("instance", None)
                    for secret in owner.secrets:
                        self.assertNotIn(secret, json.dumps(told))
            self.assertGreater(crawled, 5, audience)
            self.assertEqual(owner.everything(), before, f"the crawl has changed what belongs to the {audience}")

    def test_item_29_what_is_open_to_guests_is_not_found_without_the_right_token(self):
        """Carts and orders of shoppers and of guests, for nobody, for another guest, and for somebody else."""
        nobody, guest = market.shopper(), market.shopper()
        nobody.token = guest.token = None
        owner = people["store"][0]
        cart = guest.call("POST", "/v1/carts", {}, expect=201).json()
        tokens = [{}, {"x_cart_token": cart["token"], "x_order_token": cart["token"]},
                  {"x_cart_token": "tic_" + NOWHERE, "x_order_token": "tic_" + NOWHERE + ".x"}]
        before = owner.everything()
        crawled = 0
        for operation in (o for o in self.operations if o.is_optional):
            private = set(operation.prefixes()) - PUBLIC["store"]
            if not private:
                continue
            crawled += 1
            body = operation.body(owner.ids)
            for headers in tokens:
                with self.subTest(operation, headers=headers):
                    answer = ask(nobody, operation, operation.fill(owner.ids), body, **headers)
                    self.assertEqual(answer.status, 404, answer.body)
            if "cart" in private:
                with self.subTest(operation, cart="a guest's"):
                    ids = {**owner.ids, "cart": cart["id"]}
                    for person in (nobody, people["store"][1].person):
                        answer = ask(person, operation, operation.fill(ids), body, **tokens[2])
                        self.assertEqual(answer.status, 404, answer.body)
        self.assertGreater(crawled, 6)
        self.assertEqual(owner.everything(), before, "the crawl has changed what belongs to the shopper")

    def test_item_29_ids_of_others_in_bodies_are_not_found(self):
        """Valid bodies of one's own objects that name somebody else's."""
        owner, other = people["vendor"]
        product = other.ids["prd"]
        for method, path, body in (
                ("PATCH", f"/v1/vendor/products/{product}/variants/{owner.ids['var']}", {"sku": "mine now"}),
                ("DELETE", f"/v1/vendor/products/{product}/variants/{owner.ids['var']}", None)):
            with self.subTest(path):
                self.assertEqual(other.person.call(method, path, body).status, 404)

    def test_item_32_staff_without_the_permission_is_forbidden_everywhere(self):
        scoped = {"view_users": staff.with_key(["view_users"]), "view_audit": staff.with_key(["view_audit"])}
        stranger = {"adm": "adm_" + NOWHERE}
        for operation in self.of("admin"):
            holder = scoped["view_audit" if operation.permission == "view_users" else "view_users"]
            with self.subTest(operation):
                answer = ask(holder, operation, operation.fill(stranger), operation.body(stranger))
                self.assertEqual(answer.status, 403, answer.body)

    def test_item_32_members_and_keys_without_the_permission_are_forbidden_everywhere(self):
        owner = people["vendor"][0]
        scoped = {scope: owner.person.with_key([scope]) for scope in ("view_vendor", "view_money")}
        for operation in self.of("vendor"):
            holder = scoped["view_money" if "view_vendor" in operation.permission.split(" or ") else "view_vendor"]
            with self.subTest(operation):
                answer = ask(holder, operation, operation.fill(owner.ids), operation.body(owner.ids))
                self.assertEqual(answer.status, 403, answer.body)

    def test_item_29_what_does_not_exist_is_not_found_by_staff_either(self):
        for operation in self.of("admin"):
            if not operation.prefixes():
                continue
            ids = {prefix: prefix + "_" + NOWHERE for prefix in operation.prefixes()}
            with self.subTest(operation):
                answer = ask(staff, operation, operation.fill(ids), operation.body(ids))
                self.assertEqual(answer.status, 404, answer.body)

    def test_item_31_fields_that_a_body_does_not_have_are_refused_everywhere(self):
        holders = {"store": people["store"][0], "vendor": people["vendor"][0]}
        for operation in self.operations:
            schema = operation.body_schema
            if schema is None:
                continue
            holder = holders.get(operation.audience)
            ids = holder.ids if holder else {}
            person = staff if operation.audience == "admin" else (holder or people["store"][0]).person
            for name, value in EXTRAS.items():
                if name in operation.resolve(schema)["properties"]:
                    continue
                with self.subTest(operation, field=name):
                    answer = ask(person, operation, operation.fill(ids), {**operation.body(ids), name: value})
                    self.assertEqual((answer.status, answer.code()), (400, "unknown_field"), answer.body)
                    self.assertIn("/" + name, [e["pointer"] for e in answer.json()["errors"]])

    def test_every_change_by_a_team_or_staff_has_one_audit_entry_of_its_request(self):
        """tests/README.md, I12, for whatever the least body of an operation changes."""
        owners = {"vendor": approved_vendor(market, staff), "admin": staff}
        changed = {}
        for audience, person in owners.items():
            stall = Stall(person) if audience == "vendor" else None
            shop, victim = market.shopper(), Stall()  # blocked and suspended, among other things
            users = {"usr": shop.user["id"], "ven": victim.ids["ven"], "prd": victim.ids["prd"]}
            for operation in self.of(audience):
                if operation.method == "GET" or operation.path.endswith("/logout"):
                    continue
                ids = stall.ids if stall else users
                name = "req-" + uuid.uuid4().hex
                answer = ask(person, operation, operation.fill(ids), operation.body(ids), x_request_id=name)
                if answer.status < 300:
                    changed[name] = operation
        self.assertGreater(len(changed), 15, changed)

        def entries():
            names = ", ".join(f"'{name}'" for name in changed)
            return {row[0]: int(row[1]) for row in market.sql(
                "admin", f"SELECT request_id, count(*) FROM admin.audit_entry WHERE request_id IN ({names})"
                         " GROUP BY request_id")}
        # With their least bodies these change nothing: the same role, no holiday, nothing unread.
        silent = ("PATCH /v1/admin/me", "PATCH /v1/vendor/members/{member_id}",
                  "PATCH /v1/vendor/products/{product_id}", "PATCH /v1/vendor/promotions/{promotion_id}",
                  "POST /v1/vendor/reopen", "POST /v1/vendor/notifications/read-all")
        told = {n: o for n, o in changed.items() if str(o) not in silent}
        try:
            wait_until(lambda: told.keys() <= entries().keys(), 10, "all entries")
        except TimeoutError:
            self.fail(f"no entry: {sorted(str(told[n]) for n in told.keys() - entries().keys())}")
        self.assertEqual(set(entries().values()), {1})

    def test_no_operation_fails_on_its_least_body(self):
        """Whatever is answered to the owner: it is never our fault."""
        last = {"store": market.shopper(), "vendor": approved_vendor(market, staff)}
        for operation in self.operations:
            person = staff if operation.audience == "admin" else last.get(operation.audience, last["store"])
            ids = people[operation.audience][0].ids if operation.audience in people else people["store"][0].ids
            if operation.path.endswith("/logout") or (operation.method, operation.path) == ("DELETE", "/v1/me"):
                continue
            with self.subTest(operation):
                answer = ask(person, operation, operation.fill({**ids, **{
                    p: p + "_" + NOWHERE for p in operation.prefixes()}}), operation.body(ids))
                self.assertLess(answer.status, 500, answer.body)


if __name__ == "__main__":
    unittest.main()
