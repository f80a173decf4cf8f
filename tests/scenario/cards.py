"""A market that takes cards at a test bank of its own, what shoppers do with cards there, and both sides' books."""
import contextlib
import json
import pathlib
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import h2.exceptions

from bank import KEY, Bank
from books import Comparison
from market import Market, wait_until

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EVENTS = pathlib.Path(__file__).parents[2] / "actors" / "payment" / "stripe_events.txt"
BACK = "https://shop.example/paid"
SETTLE_S = 60
FOLLOW_S = 15
ENDS_WITHIN_S = 60
LOST = (OSError, TimeoutError, h2.exceptions.ProtocolError)

UNSETTLED = (
    ("processes of orders", "order", "count(*) FROM host.saga WHERE NOT is_done"),
    ("processes of payments", "payment", "count(*) FROM host.saga WHERE NOT is_done"),
    ("payments", "payment", "count(*) FROM payment.payment WHERE operation_id IS NOT NULL OR "
                            "(goal = 'release' AND due_at IS NOT NULL)"),
    ("second payments", "payment", "count(*) FROM payment.stray WHERE status NOT IN ('voided', 'auth_expired') AND "
                                   "(captured = 0 OR returned < captured)"),
    ("holds", "wallet", "count(*) FROM wallet.hold WHERE state = 'pending'"),
    ("units held", "catalog", "coalesce(sum(held), 0) FROM catalog.stock"),
    ("refunds", "order", "count(*) FROM \"order\".order_refund WHERE card_state IN ('requested', 'pending')"))


class CardMarket(Market):
    """with CardMarket() as market: … market.bank; both end with it. `bank`: more options of the bank's program."""

    def __init__(self, settings=(), bank=(), **more):
        super().__init__(settings, **more)
        self.bank = Bank(*bank)
        self.reader = None
        self.secret_file = self.secret("webhook_secret", "whsec_nobody")  # until the bank has told its own
        self.settings += ["--market.pending_cards_max=0", "--books.settled_after=1", "--payment.provider=stripe",
                          f"--payment.stripe_url=http://127.0.0.1:{self.bank.port}",
                          f"--payment.stripe_key_file={self.secret('stripe_key', KEY)}",
                          f"--payment.stripe_webhook_secret_file={self.secret_file}"]

    def secret(self, name, text):
        file = self.data_dir / name
        file.write_text(text + "\n")
        file.chmod(0o644)  # the market runs as another user
        return file

    def __enter__(self):
        self.bank.start()
        try:
            super().__enter__()
            # Nothing but these: each of the stories says that they suffice.
            hook = [("url", f"http://127.0.0.1:{self.port + 1}/v1/payments/webhooks/stripe"),
                    *(("enabled_events[]", name) for name in EVENTS.read_text().split())]
            self.secret(self.secret_file.name, self.ask_bank("POST", "/v1/webhook_endpoints", hook)["secret"])
        except BaseException:
            self.bank.__exit__()
            raise
        return self

    def __exit__(self, *what):
        try:
            super().__exit__(*what)
        finally:
            self.bank.__exit__()

    # --- the bank ---

    def ask_bank(self, method, path, form=None):
        body = None if form is None else urllib.parse.urlencode(form).encode()
        code, answer = self.bank.ask(method, path, body, FORM if body is not None else None)
        if code != 200:
            raise AssertionError(f"{method} {path}: {code}: {answer}")
        return json.loads(answer) if answer else None

    def books(self):
        return self.ask_bank("GET", "/test/books")

    def at_the_bank(self, group, outcome="approve"):
        """The shopper does as his bank's page asks; returns where it sends him."""
        return leave(group["payment"]["next_action"]["redirect_url"], outcome)

    # --- ours ---

    def verify(self):
        done = subprocess.run(self.command("verify", "--data-dir", str(self.data_dir)), capture_output=True, text=True,
                              timeout=SETTLE_S)
        return done.returncode, done.stdout + done.stderr

    def settle_cards(self, timeout_s=SETTLE_S):
        """Until no process of orders or payments is open, nothing is held, and refunds to cards have an end."""
        try:
            wait_until(lambda: not self.unsettled(), timeout_s, "everything that was set aside is taken or given back")
        except TimeoutError as late:
            raise TimeoutError(f"{late}: {self.unsettled()}") from late

    def unsettled(self):
        """What of these there is still some of, and how much."""
        counts = {name: int(self.sql(domain, "SELECT " + what)[0][0]) for name, domain, what in UNSETTLED}
        return {name: count for name, count in counts.items() if count}

    def clerk(self):
        """A member of the staff who reads the queue; signed in anew, since stories may be long."""
        if self.reader is None:
            self.reader = self.staff()
        self.reader.reconnect()
        self.reader.login()
        return self.reader

    def check_books(self, test, timeout_s=FOLLOW_S, outside=()):
        """Every charge, refund and dispute of the bank is one of ours, of just its amount, and the other way round
        (books.py), but for refunds that were made at the bank itself; the ledger follows by events, so it has a
        moment."""
        clerk, found = self.clerk(), []

        def agrees():
            found[:] = Comparison(self, clerk, outside).wrong
            code, told = (0, "") if found else self.verify()  # the market's own comparison
            found.extend([told] if code else [])
            return not found
        with contextlib.suppress(TimeoutError):
            wait_until(agrees, timeout_s, "both books say the same")
        test.assertEqual(found, [])


def days_from_now(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 24 * 3600))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def leave(url, outcome):
    """Presses a button of the bank's page; where it sends the shopper, who does not go there."""
    request = urllib.request.Request(url, data=urllib.parse.urlencode({"outcome": outcome}).encode(), headers=FORM)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=20) as answer:
            return answer.headers.get("Location")
    except urllib.error.HTTPError as answer:
        with contextlib.closing(answer):
            if answer.code not in (302, 303):
                raise
            return answer.headers["Location"]


def by_card(cart, method="pm_ok", wallet=0, **more):
    """The body of a checkout: so much from the wallet, the rest by card."""
    total = cart["totals"]["total"]
    payment = {"card": {"payment_method": method, "return_url": BACK}, **more}
    if wallet:
        payment["wallet"] = {"amount": wallet, "currency": total["currency"]}
    return {"expected_total": total, "payment": payment}


def pay(shopper, cart, method="pm_ok", wallet=0, key=None, expect=None, body=None, **headers):
    return shopper.call("POST", f"/v1/carts/{cart['id']}/checkout", body or by_card(cart, method, wallet),
                        key=key or uuid.uuid4().hex, expect=expect, **headers)


def insist(person, method, path, body=None, key=None, within_s=ENDS_WITHIN_S, ends=(), **headers):
    """Asks with the same key until there is an end, as a client does that has heard nothing, or that it takes time.
    `ends`: what else than a refusal is one; by default, what is not 202."""
    until, seen = time.monotonic() + within_s, "nothing"
    while time.monotonic() < until:
        try:
            answer = person.call(method, path, body, key=key, **headers)
            seen = f"{answer.status} {answer.body[:300]}"
            is_known = answer.status < 500 and answer.code() != "request_in_progress"
            if is_known and (answer.status in ends if ends and answer.status < 400 else answer.status != 202):
                return answer
        except LOST as problem:
            seen = repr(problem)
        time.sleep(0.1)
        with contextlib.suppress(*LOST):
            person.reconnect()
    raise AssertionError(f"no end of {method} {path} within {within_s} s: {seen}")


def group_of(shopper, group, **headers):
    return shopper.call("GET", f"/v1/order-groups/{group['id']}", expect=200, **headers).json()


def wait_for_end(shopper, group, timeout_s=20, **headers):
    """The group as it is when it is no longer pending."""
    seen = {}

    def has_ended():
        seen["group"] = group_of(shopper, group, **headers)
        return seen["group"]["status"] != "pending"
    wait_until(has_ended, timeout_s, "the checkout has an end")
    return seen["group"]
