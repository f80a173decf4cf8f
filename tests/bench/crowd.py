"""Whose requests the costs are measured with: a shopper who has bought a hundred times, with a full cart and a full
address book; the vendor of it all; and staff of a market with a hundred of whatever it lists."""
import http.client
import json
import subprocess
import uuid

from market import id_text

MANY = 100  # rows of the largest page
ADDRESSES = 50
CART_LINES = 50
AUTH = {"shopper": "/v1/auth/login", "vendor": "/v1/vendor/login", "staff": "/v1/admin/login"}


def call(port, method, path, token="", body=None, key=""):
    """One request on a connection of its own; the status, and the answer, parsed where it is JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"authorization": f"Bearer {token}"} if token else {}
    if key:
        headers["idempotency-key"] = key
    if body is not None:
        headers["content-type"] = "application/json"
        body = body if isinstance(body, str) else json.dumps(body)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        text = response.read().decode()
        return response.status, json.loads(text) if text.startswith("{") else {}
    finally:
        connection.close()


class Person:
    def __init__(self, bench, kind, email):
        self.bench, self.kind, self.email, self.token = bench, kind, email, ""

    def log_in(self):
        """Tokens live for 15 minutes."""
        self.token = self.call("POST", AUTH[self.kind], {"email": self.email, "password": self.bench.password},
                               key="")["access_token"]
        return self

    def call(self, method, path, body=None, key=""):
        status, answer = call(self.bench.market.clear_port, method, path, self.token, body, key)
        if not 200 <= status < 300:
            raise SystemExit(f"{method} {path}: {status} {json.dumps(answer)[:600]}")
        return answer


class Crowd:
    def __init__(self, bench):
        self.bench, self.market = bench, bench.market
        bench.register(MANY)
        self.staff = self.make_staff()
        self.vendor = self.make_vendor()
        self.shopper = Person(bench, "shopper", bench.shoppers[0][0]).log_in()
        for i in range(ADDRESSES):
            self.shopper.call("POST", "/v1/me/addresses", {"name": "Ada Example", "line1": f"Long Road {i}",
                                                           "city": "Berlin", "postal_code": "10115", "country": "DE"})
        self.buy()
        self.make_rules()
        self.cart = self.fill_cart()
        bench.settle(self.market.processes())

    def make_staff(self):
        email = f"staff-{uuid.uuid4().hex[:8]}@example.com"
        subprocess.run([self.market.programs / "souk", "admin", "create", "--email", email, "--data-dir",
                        str(self.market.data_dir)], input=self.bench.password + "\n", text=True, check=True,
                       capture_output=True, timeout=60)
        return Person(self.bench, "staff", email).log_in()

    def make_vendor(self):
        name = "vendor-" + uuid.uuid4().hex[:8]
        vendor = Person(self.bench, "vendor", f"{name}@example.com")
        made = vendor.call("POST", "/v1/vendors", {"name": name, "email": vendor.email,
                                                   "password": self.bench.password})
        self.staff.call("POST", f"/v1/admin/vendors/{made['id']}/approve", {})
        return vendor.log_in()

    def buy(self):
        """A hundred checkouts, one after the other: a shopper has one cart."""
        category = self.shopper.call("GET", "/v1/categories")["data"][0]["id"]
        product = self.vendor.call("POST", "/v1/vendor/products",
                                   {"name": "Thing", "description": "", "category_id": category, "stock": 1000000,
                                    "price": {"amount": 100, "currency": "EUR"}})
        line = {"variant_id": product["variants"][0]["id"], "quantity": 1}
        for _ in range(MANY):
            cart = self.shopper.call("POST", "/v1/carts", {})
            total = self.shopper.call("POST", f"/v1/carts/{cart['id']}/lines", line)["totals"]["total"]
            self.shopper.call("POST", f"/v1/carts/{cart['id']}/checkout",
                              {"expected_total": total, "payment": {"wallet": total}}, uuid.uuid4().hex)

    def make_rules(self):
        """Promotions that carts do not get without a code, and rates of tax that begin in years."""
        terms = {"kind": "percent", "off_ppm": 100000}
        for i in range(MANY):
            for person, path in ((self.staff, "/v1/admin/promotions"), (self.vendor, "/v1/vendor/promotions")):
                person.call("POST", path, {"name": f"Tenth {i}", "code": f"{person.kind}-{i}", "terms": terms})
            self.staff.call("POST", "/v1/admin/tax-rates",
                            {"name": f"VAT {i}", "country": "DE", "tax_class": "standard", "rate_ppm": 190000,
                             "starts_at": "2090-01-01T00:00:00Z"})

    def fill_cart(self):
        rows = self.market.sql("catalog", f"""SELECT k.variant_id FROM catalog.stock k
            WHERE k.is_active AND k.on_hand > 100000 ORDER BY md5(k.variant_id::text) LIMIT {CART_LINES}""")
        cart = self.shopper.call("POST", "/v1/carts", {})
        for row in rows:
            cart = self.shopper.call("POST", f"/v1/carts/{cart['id']}/lines",
                                     {"variant_id": id_text("var", row[0]), "quantity": 1})
        if len(cart["lines"]) != CART_LINES:
            raise SystemExit(f"a cart of {len(cart['lines'])} lines")
        return cart
