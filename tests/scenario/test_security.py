"""Items of tests/SECURITY.md that are about the whole market, each by its number."""
import json
import pathlib
import unittest
import uuid

from market import Market, PASSWORD
from people import first_staff

PRODUCTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo" / "products.csv"


def setUpModule():
    global market
    market = Market(["--admin.second_factor=optional", "--gateway.access_log=-"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    market.import_products(PRODUCTS)


class Answers(unittest.TestCase):
    def told(self, answer):
        """What a client can tell answers apart by."""
        try:
            body = answer.json()
        except ValueError:
            body = None
        if isinstance(body, dict):
            for name in ("request_id", "instance"):
                body.pop(name, None)
        headers = {name for name in answer.headers if not name.startswith("ratelimit")}
        return answer.status, body, headers

    def test_item_23_known_and_unknown_addresses_are_answered_alike(self):
        known = market.shopper()
        guest = market.shopper()
        guest.token = None
        unknown = f"{uuid.uuid4().hex}@example.com"
        for path, body in (("/v1/auth/login", {"password": "not the password"}), ("/v1/auth/password/forgot", {}),
                           ("/v1/vendor/login", {"password": "not the password"}), ("/v1/vendor/password/forgot", {}),
                           ("/v1/admin/login", {"password": "not the password"}), ("/v1/admin/password/forgot", {})):
            with self.subTest(path):
                answers = [self.told(guest.call("POST", path, {"email": email, **body}))
                           for email in (known.email, unknown)]
                self.assertEqual(answers[0], answers[1])
                self.assertLess(answers[0][0], 500)

    def test_item_23_the_lock_of_an_unknown_address_looks_like_that_of_a_known_one(self):
        known, guest = market.shopper(), market.shopper()
        guest.token = None
        seen = []
        for email in (known.email, f"{uuid.uuid4().hex}@example.com"):
            answers = [guest.call("POST", "/v1/auth/login", {"email": email, "password": "wrong password"})
                       for _ in range(12)]
            seen.append([(a.status, a.code()) for a in answers])
            self.assertIn("retry-after", answers[-1].headers)
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0][-1], (429, "too_many_requests"))

    def test_item_22_passwords_are_long_and_uncommon_and_nothing_else(self):
        guest = market.shopper()
        guest.token = None
        surfaces = (("/v1/auth/register", lambda name: {"username": name}),
                    ("/v1/vendors", lambda name: {"name": name}))
        for path, more in surfaces:
            for password, status, code in (("short77", 422, "out_of_range"),
                                           ("Password123", 422, "password_too_common"),
                                           ("aaaaaaaaaaaa", 422, "password_too_common"),
                                           ("all small letters here", 201, None)):
                name = "p" + uuid.uuid4().hex[:12]
                body = {"email": f"{name}@example.com", "password": password, **more(name)}
                with self.subTest(path, password=password):
                    answer = guest.call("POST", path, body)
                    self.assertEqual((answer.status, answer.code() if status >= 400 else None), (status, code))

    def test_item_28_no_cookie_is_ever_set_or_believed(self):
        shopper = market.shopper()
        answers = [shopper.call("POST", "/v1/auth/login", {"email": shopper.email, "password": PASSWORD}),
                   shopper.call("GET", "/v1/me"), market.get("/v1/products"), market.get("/openapi.json")]
        for answer in answers:
            self.assertEqual(answer.status, 200)
            self.assertNotIn("set-cookie", answer.headers)
        token, shopper.token = shopper.token, None
        answer = shopper.call("GET", "/v1/me", cookie=f"access_token={token}; session={token}")
        self.assertEqual(answer.status, 401)


class Data(unittest.TestCase):
    def test_item_41_a_domains_role_reaches_its_own_database_only(self):
        domains = sorted(file.name for file in (market.data_dir / "keys" / "database").iterdir()
                         if file.name not in ("superuser", "cluster"))
        self.assertGreaterEqual(len(domains), 7)
        for domain in domains:
            rows = market.sql(domain, "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
                                      " FROM pg_roles WHERE rolname = current_user")
            self.assertEqual(rows, [["f"] * 5], domain)
            allowed = market.sql(domain, "SELECT datname FROM pg_database WHERE NOT datistemplate AND"
                                         " has_database_privilege(current_user, oid, 'CONNECT') ORDER BY 1")
            self.assertEqual([row[0] for row in allowed if row[0].startswith("souk_")], [f"souk_{domain}"])
            methods = market.sql(domain, "SELECT current_setting('password_encryption')")
            self.assertEqual(methods, [["scram-sha-256"]])

    def test_item_42_personal_data_and_secrets_are_in_no_log(self):
        canary = "canary" + uuid.uuid4().hex[:10]
        shopper = market.shopper(canary + "name", money=100000)
        secret = canary + " secret phrase"
        shopper.call("POST", "/v1/me/addresses", {
            "name": canary + "person", "line1": canary + "street", "city": "Leeds", "country": "GB",
            "phone": "+44 20 5550 0199"}, expect=201)
        shopper.call("PATCH", "/v1/me", {"phone": "+442055500199"}, expect=200)
        shopper.call("POST", "/v1/me/password", {"current_password": PASSWORD, "new_password": secret}, expect=204)
        for body in ({"email": shopper.email, "password": secret + "x"}, {"email": canary + "@", "password": secret},
                     b'{"email": "' + canary.encode() + b'@example.com", "password": '):
            shopper.call("POST", "/v1/auth/login", body)
        shopper.call("POST", "/v1/auth/password/forgot", {"email": shopper.email})
        shopper.call("GET", f"/v1/products?q={canary}words")
        product = market.get("/v1/products?in_stock=true&limit=1").json()["data"][0]
        variant = market.get(f"/v1/products/{product['id']}").json()["variants"][0]
        shopper.checkout(shopper.add(shopper.cart(), variant["id"]))
        token = shopper.token
        market.kill("souk-node")
        market.wait_ready()
        logs = market.log_path.read_text(errors="replace")
        self.assertGreater(len(logs), 1000)
        for word in (canary, "5550 0199", "55500199", PASSWORD, token, shopper.refresh_token):
            self.assertNotIn(word, logs, "a log has personal data or a secret")


if __name__ == "__main__":
    unittest.main()
