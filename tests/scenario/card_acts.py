"""What shoppers, vendors, staff and banks do with cards, drawn from a seed: each act is repeated under its key until it
has an end, over whatever outage, and what was heard of it is kept for the comparison."""
import http.client
import random
import threading
import time
import uuid
from collections import Counter

import h2.exceptions

from cards import BACK, days_from_now, leave
from market import PASSWORD

ENDS_WITHIN_S = 240
PURSE = 100_000_00
ORDERS_KEPT = 12  # of each client, to do something with
METHODS = {"pm_ok": 20, "pm_3ds": 16, "pm_decline": 3, "pm_insufficient": 2, "pm_slow": 3, "pm_async": 4,
           "pm_async_failed": 2, "pm_timeout_captured": 2, "pm_timeout_failed": 1, "pm_dispute": 2,
           "pm_refund_later": 6, "pm_refund_fails": 4}
NEVER_PAY = ("pm_decline", "pm_insufficient", "pm_async_failed", "pm_timeout_failed")
# The last: outages have taken longer than the checkout may, and all of it was undone.
REFUSALS = ("payment_failed", "checkout_expired", "insufficient_funds", "not_completed")
AT_THE_BANK = {"approve": 10, "refuse": 3, "cancel": 3, "late": 1, "abandon": 1}
LOST = (OSError, TimeoutError, h2.exceptions.ProtocolError)


def euros(amount):
    return {"amount": amount, "currency": "EUR"}


def draw(rng, weights):
    return rng.choices(list(weights), list(weights.values()))[0]


class Stopped(Exception):
    """The long run is over while an act had no end; only when it is given up."""


class Desk:
    """Somebody's sign-in that many clients share; who is told that it is over signs in anew."""

    def __init__(self, person):
        self.person, self.lock = person, threading.Lock()

    def token(self):
        return self.person.token

    def renew(self, old):
        with self.lock:
            if self.person.token != old:
                return
            self.person.reconnect()
            try:
                self.person.login()
            except AssertionError as refused:
                raise ConnectionError("not now") from refused


class Heard:
    """What answers have promised."""

    def __init__(self):
        self.placed, self.abandoned, self.topups = set(), set(), set()
        self.units, self.refunds = Counter(), Counter()  # cancelled units by line, refunds of staff by order
        self.credited = set()


class Client(threading.Thread):
    def __init__(self, number, stage):
        super().__init__(daemon=True)
        self.rng = random.Random(f"{stage.seed} client {number}")
        self.stage, self.market, self.number = stage, stage.market, number
        self.heard, self.counts, self.problems = Heard(), Counter(), []
        self.shoppers, self.orders, self.card = 0, [], None
        self.connection = None
        self.used_at = 0

    def run(self):
        try:
            self.begin_as_somebody()
            while self.stage.take_turn():
                act = draw(self.rng, self.ACTS)
                self.doing = act
                getattr(self, act)()
        except Exception as problem:  # shown by the test
            self.problems.append(f"client {self.number}, {self.doing}: {problem!r}")

    # --- talking ---

    def once(self, token, method, path, body, key):
        if self.connection is None or time.monotonic() - self.used_at > 5:
            self.hang_up()
            self.connection = self.market.connect(timeout_s=15)
        self.used_at = time.monotonic()
        headers = {"authorization": f"Bearer {token}"} if token else {}
        if key:
            headers["idempotency-key"] = key
        data = None
        if body is not None:
            headers["content-type"] = "application/json"
            data = self.stage.json(body)
        return self.connection.request(method, path, headers, data)

    def hang_up(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def ask(self, method, path, body=None, key=None, desk=None, on_202=None):
        """The end of it. on_202: what is done on the way; None: 202 is no end, it is asked again."""
        until, seen = time.monotonic() + ENDS_WITHIN_S, "nothing"
        while time.monotonic() < until:
            token = (desk or self.desk).token() if desk is not False else None
            try:
                answer = self.once(token, method, path, body, key)
                seen = f"{answer.status} {answer.body[:300]}"
                if answer.status in (401, 403) and desk is not False:
                    (desk or self.desk).renew(token)
                elif answer.status == 202:
                    if on_202 is not None and on_202(answer.json()):
                        return answer
                elif answer.status and answer.status < 500 and answer.code() not in ("request_in_progress",):
                    return answer
            except LOST as problem:
                seen = repr(problem)
                self.hang_up()
            time.sleep(0.05 + self.rng.random() * 0.1)
        raise Stopped(f"no end of {method} {path} under {key} within {ENDS_WITHIN_S} s: {seen}")

    def expect(self, answer, *statuses):
        if answer.status not in statuses:
            raise AssertionError(f"{answer.status} instead of {statuses}: {answer.body[:600]}")
        if answer.status >= 400:
            self.counts[f"{self.doing}: {answer.code()}"] += 1
        return answer.json() if answer.body else None

    def key(self):
        return f"{self.number}-{self.rng.getrandbits(96):x}"

    # --- who it is ---

    def begin_as_somebody(self):
        self.doing = "register"
        name = f"s{uuid.uuid4().hex[:12]}"
        self.shoppers += 1
        account = {"email": f"{name}@example.com", "username": name, "password": PASSWORD}
        answer = self.ask("POST", "/v1/auth/register", account, desk=False)
        person = SharedShopper(self, account)
        if answer.status == 201:
            person.take(answer.json())
        else:
            person.login()
        self.desk, self.user_id, self.orders, self.card = Desk(person), person.user["id"], [], None
        wallet = self.ask("POST", f"/v1/admin/wallets/{self.user_id}/corrections",
                          {"amount": euros(PURSE), "reason": "To spend."}, self.key(), self.stage.staff)
        self.expect(wallet, 201)

    # --- buying ---

    def buy(self):
        kept = 1 if self.card else 0
        way = draw(self.rng, {"wallet": 3, "card": 6, "both": 3, "door and card": 1, "kept card": kept})
        self.checkout(way, self.card if way == "kept card" else draw(self.rng, METHODS))

    def filled_cart(self):
        cart = self.expect(self.ask("POST", "/v1/carts", {}), 200, 201)
        if not cart["lines"] or self.rng.random() < 0.2:
            for variant in self.rng.sample(self.stage.variants, self.rng.randint(1, len(self.stage.variants))):
                body = {"variant_id": variant, "quantity": self.rng.randint(1, 3)}
                answer = self.ask("POST", f"/v1/carts/{cart['id']}/lines", body)
                cart = self.expect(answer, 201)
        if not cart["coupons"] and self.rng.random() < 0.2:
            answer = self.ask("POST", f"/v1/carts/{cart['id']}/coupons", {"code": self.stage.code})
            cart = self.expect(answer, 200)
        return cart

    def checkout(self, way, method):
        cart = self.filled_cart()
        total = cart["totals"]["total"]["amount"]
        some = self.rng.randint(1, total - 60) if total > 100 else 0
        wallet = {"wallet": total, "both": some}.get(way, 0)
        payment = {"wallet": euros(wallet)} if wallet else {}
        if way == "door and card" and some:
            payment["on_delivery"] = euros(some)
        if wallet < total:
            payment["card"] = {"payment_method": method, "return_url": BACK}
        body = {"expected_total": euros(total), "payment": payment}
        visit = Visit(self, draw(self.rng, AT_THE_BANK))
        answer = self.ask("POST", f"/v1/carts/{cart['id']}/checkout", body, self.key(), on_202=visit.go)
        if visit.is_over:
            self.heard.abandoned.add(visit.group_id)
            self.counts[f"left at the bank: {visit.outcome}"] += 1
            self.begin_as_somebody()  # the cart is not his for a while
            return
        group = self.expect(answer, 201, 409, 422)
        if answer.status != 201:
            if answer.code() not in REFUSALS:
                raise AssertionError(f"{answer.status}: {answer.body[:600]}")
            return
        if wallet < total and (method in NEVER_PAY or visit.outcome_that_was == "refuse"):
            raise AssertionError(f"placed with {method}: {group}")
        if group["id"] in self.heard.placed:
            raise AssertionError(f"two keys have placed one group: {group['id']}")
        self.heard.placed.add(group["id"])
        self.counts[f"placed by {way}"] += 1
        # What clients do later names orders and lines, and how many units are left of them.
        self.orders += [{"id": order["id"], "group": group["id"], "vendor": order["vendor"]["id"],
                         "total": order["totals"]["total"]["amount"],
                         "lines": {line["id"]: line["quantity"] for line in order["lines"]}}
                        for order in group["orders"]]
        del self.orders[:-ORDERS_KEPT]

    def top_up(self):
        method, visit = draw(self.rng, METHODS), Visit(self, draw(self.rng, AT_THE_BANK))
        body = {"amount": euros(self.rng.randint(100, 5000)), "payment_method": method, "return_url": BACK}
        answer = self.ask("POST", "/v1/wallet/topups", body, self.key(), on_202=lambda _: True)
        payment = self.expect(answer, 201, 202)
        self.heard.topups.add(payment["id"])
        self.counts[f"top-up: {payment['status']}"] += 1
        if payment["status"] in ("authorised", "captured"):
            self.heard.credited.add(payment["id"])
            if method in NEVER_PAY:
                raise AssertionError(f"topped up with {method}: {payment}")
        elif payment["status"] == "requires_action" and visit.outcome in ("approve", "refuse", "late"):
            visit.press("refuse" if visit.outcome == "refuse" else "approve", payment)
            if self.rng.random() < 0.5:
                self.ask("POST", f"/v1/payments/{payment['id']}/confirm", {}, on_202=lambda _: True)

    # --- what is kept and given ---

    def keep_card(self):
        """Or forgets the one that is there."""
        if self.card is None:
            body = {"payment_method": "pm_ok", "return_url": BACK}
            card = self.ask("POST", "/v1/payment-methods/cards", body, self.key())
            self.card = self.expect(card, 201)["id"]
            self.counts["kept cards"] += 1
            return
        self.expect(self.ask("DELETE", f"/v1/me/cards/{self.card}"), 204, 404)
        self.card = None
        self.counts["forgotten cards"] += 1

    def credit(self):
        """Money that expires one day, or a gift card's, beside what the wallet has."""
        if self.rng.random() < 0.5:
            body = {"amount": euros(self.rng.randint(1, 900)), "reason": "Spring", "expires_at": days_from_now(30)}
            path = f"/v1/admin/wallets/{self.user_id}/credits"
            self.expect(self.ask("POST", path, body, self.key(), self.stage.staff), 201)
        else:
            body = {"amount": euros(self.rng.randint(1, 900)), "count": 1, "reference": "Gift", "reason": "Sold"}
            answer = self.ask("POST", "/v1/admin/gift-cards", body, self.key(), self.stage.staff)
            code = self.expect(answer, 201)["codes"][0]
            self.expect(self.ask("POST", "/v1/wallet/gift-cards", {"code": code}, self.key()), 201)
        self.counts["credits"] += 1

    # --- giving back ---

    def some_order(self):
        return self.rng.choice(self.orders) if self.orders else None

    def by_whom(self, order):
        """The path before /orders, and who goes it."""
        who = draw(self.rng, {"shopper": 3, "vendor": 2, "staff": 2})
        return {"shopper": ("/v1", self.desk), "vendor": ("/v1/vendor", self.stage.vendors[order["vendor"]]),
                "staff": ("/v1/admin", self.stage.staff)}[who]

    def cancel_order(self, order=None):
        order = order or self.some_order()
        if order is None:
            return
        path, desk = self.by_whom(order)
        answer = self.ask("POST", f"{path}/orders/{order['id']}/cancel", {"reason": "No."}, self.key(), desk)
        self.expect(answer, 200, 409)
        left = sum(order["lines"].values())
        if (answer.status == 200) != (left > 0):
            raise AssertionError(f"{left} units were left: {answer.status} {answer.body[:300]}")
        for line, quantity in order["lines"].items():
            self.heard.units[line] += quantity
            order["lines"][line] = 0

    def cancel_group(self):
        order = self.some_order()
        for one in [one for one in self.orders if order is not None and one["group"] == order["group"]]:
            if sum(one["lines"].values()):
                self.cancel_order(one)

    def cancel_units(self):
        order = self.some_order()
        lines = order and [line for line, left in order["lines"].items() if left]
        if not lines:
            return
        chosen = {line: self.rng.randint(1, order["lines"][line])
                  for line in self.rng.sample(lines, self.rng.randint(1, len(lines)))}
        path, desk = self.by_whom(order)
        answer = self.ask("POST", f"{path}/orders/{order['id']}/cancellations",
                          {"lines": [{"line_id": line, "quantity": number} for line, number in chosen.items()],
                           "reason": "Fewer."}, self.key(), desk)
        self.expect(answer, 201)
        for line, number in chosen.items():
            order["lines"][line] -= number
            self.heard.units[line] += number

    def refund(self):
        order = self.some_order()
        if order is None:
            return
        amount = self.rng.randint(1, max(1, order["total"] // 2))
        body = {"reason": "Sorry.", "amount": euros(amount)}
        wish = self.rng.random()
        if wish < 0.3:
            body = {"reason": "Sorry.", "lines": [{"line_id": self.rng.choice(list(order["lines"])), "quantity": 1}]}
        elif wish < 0.7 and amount > 2:
            first = self.rng.randint(1, amount - 1)
            ways = self.rng.sample(["original", "wallet", "manual"], 2)
            body["destinations"] = [{"destination": ways[0], "amount": euros(first)},
                                    {"destination": ways[1], "amount": euros(amount - first)}]
        elif wish < 0.8:
            body["destinations"] = [{"destination": "wallet", "amount": euros(amount)}]
        answer = self.ask("POST", f"/v1/admin/orders/{order['id']}/refunds", body, self.key(), self.stage.staff)
        self.expect(answer, 201, 409, 422)
        if answer.status == 201:
            self.heard.refunds[order["id"]] += 1
            self.counts["refunds of staff"] += 1

    def redirect(self):
        page = self.ask("GET", "/v1/admin/refunds?state=failed&limit=20", desk=self.stage.staff)
        failed = self.expect(page, 200)["data"]
        if failed:
            body = {"destination": self.rng.choice(["wallet", "wallet", "manual", "original"]),
                    "reason": "The card was closed."}
            answer = self.ask("POST", f"/v1/admin/refunds/{self.rng.choice(failed)['id']}/redirect", body, self.key(),
                              self.stage.staff)
            self.expect(answer, 200, 409, 422)  # 422: a bank holds it
            self.counts["redirected"] += answer.status == 200

    # --- what banks do by themselves ---

    def at_bank(self, method, path, form=None):
        try:
            return self.market.ask_bank(method, path, form)
        except (OSError, AssertionError, http.client.HTTPException, ValueError):
            return None  # it is down, that has an end already, or half of the answer or garbage has come

    def dispute(self):
        charges = (self.at_bank("GET", "/v1/charges?limit=30") or {"data": []})["data"]
        charges = [one["id"] for one in charges if one["captured"] and not one["refunded"]]
        if charges and self.at_bank("POST", f"/test/charges/{self.rng.choice(charges)}/dispute", {}):
            self.counts["disputes"] += 1

    def judge(self):
        disputes = (self.at_bank("GET", "/v1/disputes?limit=20") or {"data": []})["data"]
        open_ones = [one["id"] for one in disputes if one["status"] not in ("won", "lost")]
        end = self.rng.choice(["win", "lose"])
        if open_ones and self.at_bank("POST", f"/test/disputes/{self.rng.choice(open_ones)}/{end}", {}):
            self.counts[f"disputes: {end}"] += 1

    def lose_refund(self):
        refunds = (self.at_bank("GET", "/v1/refunds?limit=20") or {"data": []})["data"]
        refunds = [one["id"] for one in refunds if one["status"] == "succeeded"]
        if refunds and self.at_bank("POST", f"/test/refunds/{self.rng.choice(refunds)}/fail", {}):
            self.counts["refunds that came back"] += 1

    ACTS = {"buy": 60, "top_up": 10, "cancel_order": 6, "cancel_group": 3, "cancel_units": 8, "refund": 8,
            "redirect": 3, "keep_card": 2, "credit": 3, "dispute": 1.5, "judge": 1.5, "lose_refund": 0.5}


class SharedShopper:
    """A sign-in that is made anew by its client."""

    def __init__(self, client, account):
        self.client, self.account, self.token = client, account, None

    def take(self, answer):
        self.token, self.user = answer["access_token"], answer["user"]

    def reconnect(self):
        self.client.hang_up()

    def login(self):
        body = {"email": self.account["email"], "password": PASSWORD}
        answer = self.client.ask("POST", "/v1/auth/login", body, desk=False)
        self.take(self.client.expect(answer, 200))


class Visit:
    """What a shopper does who is sent to his bank: once, whatever he is told afterwards."""

    def __init__(self, client, outcome):
        self.client, self.outcome = client, outcome
        self.is_over, self.outcome_that_was, self.group_id = False, None, None

    def go(self, group):
        """True when nothing more will come of it for this shopper."""
        payment = group.get("payment")  # none: no card is in it, or the card's turn has not come
        if self.outcome_that_was is not None or payment is None or payment["status"] != "requires_action":
            return self.is_over
        self.outcome_that_was, self.group_id = self.outcome, group["id"]
        if self.outcome in ("approve", "refuse"):
            self.press(self.outcome, payment)
        elif self.outcome == "cancel":
            self.client.ask("POST", f"/v1/order-groups/{group['id']}/cancel", {})
        else:
            self.is_over = True
            if self.outcome == "late":
                self.client.stage.later(self.press, "approve", payment)
        return self.is_over

    def press(self, button, payment):
        """Until the bank has taken it: it may be down for a moment. False: the page is closed."""
        until = time.monotonic() + ENDS_WITHIN_S
        while time.monotonic() < until:
            try:
                leave(payment["next_action"]["redirect_url"], button)
                return True
            except OSError as problem:
                if getattr(problem, "code", 500) < 500:
                    return False
            time.sleep(0.2)
        return False
