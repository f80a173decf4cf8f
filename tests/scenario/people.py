"""Vendors and staff of a test market, signed in as they would be: applied, approved, invited by mail."""
import subprocess
import uuid

from market import PASSWORD, Shopper, wait_until


class Person(Shopper):
    """Somebody of any audience with a token and a connection of its own."""

    def __init__(self, market, name, surface):
        super().__init__(market, name)
        self.surface = surface  # "vendor" or "admin"

    def login(self, **more):
        answer = self.call("POST", f"/v1/{self.surface}/login",
                           {"email": self.email, "password": PASSWORD, **more}, expect=200).json()
        self.token, self.refresh_token = answer["access_token"], answer["refresh_token"]
        return answer

    def with_key(self, scopes):
        """Somebody who holds an API key with these scopes instead of a sign-in."""
        made = self.call("POST", f"/v1/{self.surface}/api-keys", {"name": "a server", "scopes": scopes},
                         expect=201).json()
        server = Person(self.market, self.name + "-server", self.surface)
        server.token = made["secret"]
        return server


def first_staff(market):
    """The owner that `souk admin create` makes; needs --admin.second_factor=optional."""
    owner = Person(market, "owner-" + uuid.uuid4().hex[:8], "admin")
    subprocess.run(market.command("admin", "create", "--email", owner.email, "--data-dir", str(market.data_dir)),
                   input=PASSWORD + "\n", check=True, capture_output=True, text=True, timeout=60)
    owner.login()
    return owner


def apply_as_vendor(market, name=None):
    vendor = Person(market, name or "v" + uuid.uuid4().hex[:10], "vendor")
    vendor.vendor = vendor.call("POST", "/v1/vendors",
                                {"name": vendor.name, "email": vendor.email, "password": PASSWORD}, expect=201).json()
    vendor.login()
    return vendor


def approved_vendor(market, staff, name=None):
    vendor = apply_as_vendor(market, name)
    staff.call("POST", f"/v1/admin/vendors/{vendor.vendor['id']}/approve", {}, expect=200)
    vendor.login()
    return vendor


def outbox(market, recipient, channel="email"):
    answer = market.get(f"/v1/test/outbox?recipient={recipient}&channel={channel}&limit=100")
    assert answer.status == 200, answer.body
    return answer.json()["data"]


def mailed_token(market, recipient, kind):
    """The one-time token in the newest message of that kind."""
    found = []

    def has_come():
        found[:] = [mail for mail in outbox(market, recipient) if mail["kind"] == kind]
        return bool(found)
    wait_until(has_come, 20, f"{kind} for {recipient}")
    newest = max(found, key=lambda mail: mail["created_at"])
    start = newest["text"].index("tic_")
    return newest["text"][start:].split()[0].split("&")[0].rstrip(".)>")
