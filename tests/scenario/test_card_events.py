"""Events at the webhook's door: forged, old, unknown, about strangers, half true, and in every order (tests/README.md,
S-15, S-11)."""
import hashlib
import hmac
import itertools
import json
import threading
import time
import unittest
import uuid

from cards import CardMarket, pay
from market import Shopper, wait_until
from people import first_staff
from test_card_checkout import filled, import_goods, TOTAL
import test_card_checkout

DOOR = "/v1/payments/webhooks/stripe"
OLD_S = 600


def setUpModule():
    global market, staff, next_secret
    market = CardMarket(settings=("--admin.second_factor=optional", "--payment.query_pause=3600",
                                  "--log.level=debug"))
    next_secret = market.secret("next_webhook_secret", "whsec_NobodySignsByThis")
    market.settings.append(f"--payment.stripe_next_webhook_secret_file={next_secret}")
    market.__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    test_card_checkout.market = market
    test_card_checkout.variants = import_goods()
    market.ask_bank("POST", "/test/deliveries/hold", {})  # only we speak


def signature(body, secret=None, at=None):
    at = int(time.time()) if at is None else at
    secret = secret or market.secret_file.read_text().strip()
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def event(kind, thing, event_id=None, at=None):
    return json.dumps({"id": event_id or "evt_" + uuid.uuid4().hex, "object": "event", "type": kind,
                       "api_version": "2026-08-26.dahlia", "livemode": False,
                       "created": int(time.time()) if at is None else at, "data": {"object": thing}}).encode()


def provider():
    """A connection on which nobody is signed in."""
    return Shopper(market, "p" + uuid.uuid4().hex[:12])


def tell(body, header=None, client=None):
    return (client or provider()).call("POST", DOOR, body, content_type="application/json",
                                       stripe_signature=header or signature(body))


def intent_of(group):
    """As the bank has it."""
    return next(one for one in market.ask_bank("GET", "/v1/payment_intents?limit=20")["data"]
                if one["metadata"].get("souk_payment") == group["payment"]["id"])


def waiting():
    """A shopper at the bank's page, and the group."""
    shopper = market.shopper()
    return shopper, pay(shopper, filled(shopper), method="pm_3ds", expect=202).json()


def causes():
    items = staff.call("GET", "/v1/admin/queue?limit=50", expect=200).json()["data"]
    return {(item["cause"], item["subject"]) for item in items}


class Events(unittest.TestCase):
    def placed(self, shopper, group):
        return shopper.call("GET", f"/v1/order-groups/{group['id']}", expect=200).json()["status"] == "placed"

    def test_1_what_is_not_signed_by_the_provider_now_is_refused_and_says_nothing(self):
        shopper, group = waiting()
        body = event("payment_intent.amount_capturable_updated", {**intent_of(group), "status": "requires_capture"})
        for header in (signature(body, "whsec_wrong"), signature(body, at=int(time.time()) - OLD_S),
                       signature(body + b" "), "t=1,v1=", "nonsense", "t=" + "9" * 30 + ",v1=00"):
            answer = tell(body, header)
            self.assertEqual((answer.status, answer.code()), (400, "signature_invalid"))
            self.assertNotIn(group["payment"]["id"].encode(), answer.body)
        self.assertFalse(self.placed(shopper, group))

    def test_2_what_is_about_nothing_is_taken_and_left_or_shown_to_staff(self):
        self.assertEqual(tell(event("product.created", {"id": "prod_1", "object": "product"})).status, 200)
        stranger = {"id": "pi_stranger", "object": "payment_intent", "amount": 1, "currency": "eur", "metadata": {},
                    "status": "succeeded", "amount_received": 1, "latest_charge": "ch_stranger"}
        body = event("payment_intent.succeeded", stranger, "evt_Stranger")
        for _ in range(2):
            self.assertEqual(tell(body).status, 200)
        self.assertIn(("provider_event_parked", "evt_Stranger"), causes())
        staff.call("POST", "/v1/admin/payments/events/evt_Stranger/discard", {"reason": "Another shop's."}, expect=204)
        self.assertNotIn(("provider_event_parked", "evt_Stranger"), causes())

    def test_3_a_cent_less_or_another_currency_places_nothing_and_waits_for_staff(self):
        for lie in ({"amount": TOTAL - 1, "amount_capturable": TOTAL - 1}, {"currency": "usd"}):
            shopper, group = waiting()
            true = {**intent_of(group), "status": "requires_capture", "amount_capturable": TOTAL, "next_action": None}
            body = event("payment_intent.amount_capturable_updated", {**true, **lie})
            self.assertEqual(tell(body).status, 200)
            wait_until(lambda: ("payment_mismatch", group["payment"]["id"]) in causes(), 10, "staff sees it")
            self.assertFalse(self.placed(shopper, group))
            staff.call("POST", f"/v1/admin/payments/{group['payment']['id']}/settle", {"reason": "A lie."}, expect=200)
            self.assertNotIn(("payment_mismatch", group["payment"]["id"]), causes())
            shopper.call("POST", f"/v1/order-groups/{group['id']}/cancel", {}, expect=200)

    def test_4_events_in_every_order_and_many_times_at_once_end_alike(self):
        ends = set()
        orders = list(itertools.permutations(range(4)))
        for order in orders[::5]:
            shopper, group = waiting()
            intent, now = intent_of(group), int(time.time())
            bodies = [event("payment_intent.requires_action", {**intent}, at=now - 3),
                      event("payment_intent.processing", {**intent, "status": "processing", "next_action": None},
                            at=now - 2),
                      event("payment_intent.payment_failed", {**intent, "status": "requires_payment_method",
                                                              "next_action": None}, at=now - 4),
                      event("payment_intent.amount_capturable_updated",
                            {**intent, "status": "requires_capture", "amount_capturable": TOTAL, "next_action": None},
                            at=now - 1)]
            clients = [provider() for _ in range(3)]
            threads = [threading.Thread(target=lambda one=client: [tell(bodies[i], client=one) for i in order])
                       for client in clients]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            standing = shopper.call("GET", f"/v1/payments/{group['payment']['id']}", expect=200).json()
            self.assertIn(standing["status"], ("authorised", "captured", "failed", "voided"))
            ends.add(standing["authorised"]["amount"])
        self.assertEqual(ends, {TOTAL})

    def second_payment(self, group, **more):
        """What the bank has made twice of one payment: a second one, which has the same written beside it."""
        return market.ask_bank("POST", "/v1/payment_intents", [
            ("amount", TOTAL), ("currency", "eur"), ("payment_method", "pm_ok"), ("confirm", "true"),
            ("payment_method_types[0]", "card"), ("metadata[souk_payment]", group["payment"]["id"]), *more.items()])

    def at_bank(self, intent):
        return market.ask_bank("GET", f"/v1/payment_intents/{intent['id']}")

    def test_6_a_second_payment_that_the_bank_made_of_one_is_let_go_and_says_nothing_of_ours(self):
        shopper = market.shopper()
        group = pay(shopper, filled(shopper), expect=201).json()
        ours = intent_of(group)
        held = self.second_payment(group, capture_method="manual")
        charged = self.second_payment(group)
        tell(event("payment_intent.canceled", {**held, "id": "pi_third", "status": "canceled"}))
        for second in (charged, held):
            self.assertEqual(tell(event("payment_intent." + second["status"], second)).status, 200)
        wait_until(lambda: self.at_bank(held)["status"] == "canceled", 20, "what was set aside twice is let go")
        wait_until(lambda: sum(one["amount"] for one in market.books()["refunds"]
                               if one["charge"] == charged["latest_charge"]) == TOTAL, 20, "the second goes back")
        self.assertEqual(self.at_bank(ours)["status"], "succeeded")
        self.assertTrue(self.placed(shopper, group))
        standing = shopper.call("GET", f"/v1/payments/{group['payment']['id']}", expect=200).json()
        self.assertEqual((standing["status"], standing["captured"]["amount"], standing["refunded"]["amount"]),
                         ("captured", TOTAL, 0))
        self.assertEqual(market.sql("payment", "SELECT * FROM payment.check_payments()"), [])

    def test_5_of_two_secrets_each_counts_while_one_takes_the_place_of_the_other(self):
        body = event("product.created", {"id": "prod_1", "object": "product"})
        old, new = market.secret_file.read_text().strip(), "whsec_" + uuid.uuid4().hex

        def codes():
            return [tell(body, signature(body, secret)).status for secret in (old, new)]
        self.addCleanup(market.secret, market.secret_file.name, old)
        self.assertEqual(codes(), [200, 400])
        market.secret(next_secret.name, new)
        self.assertEqual(codes(), [200, 200])
        # As Stripe signs meanwhile: by both.
        both = signature(body, "whsec_wrong") + "," + signature(body, new).split(",")[1]
        self.assertEqual(tell(body, both).status, 200)
        market.secret(market.secret_file.name, new)
        market.secret(next_secret.name, "whsec_NobodySignsByThis")
        self.assertEqual(codes(), [400, 200])

    def test_7_a_key_that_the_provider_refuses_declines_no_card_and_staff_hears_of_it(self):
        key_file = market.data_dir / "stripe_key"
        key = key_file.read_text().strip()
        self.addCleanup(market.secret, key_file.name, key)
        shopper = market.shopper()
        cart = filled(shopper)
        market.secret(key_file.name, "sk_test_OfSomebodyElse")
        answer = pay(shopper, cart, expect=422)
        self.assertEqual(answer.code(), "payment_method_unavailable")
        shut = next(subject for cause, subject in causes() if cause == "provider_shut")
        market.secret(key_file.name, key)

        def asked_in_vain():  # the safe action: asked again, it lets us in
            staff.call("POST", f"/v1/admin/payments/{shut}/ask", {}, expect=200)
            return "provider_shut" in {cause for cause, _ in causes()}
        wait_until(lambda: not asked_in_vain(), 10, "staff need not look any more")
        pay(shopper, cart, expect=201)

    def test_8_an_event_of_the_other_mode_counts_for_nothing(self):
        shopper, group = waiting()
        body = json.loads(event("payment_intent.amount_capturable_updated",
                                {**intent_of(group), "status": "requires_capture", "amount_capturable": TOTAL,
                                 "next_action": None}))
        self.assertEqual(tell(json.dumps({**body, "livemode": True}).encode()).status, 200)
        self.assertFalse(self.placed(shopper, group))
        self.assertIn(("provider_event_parked", body["id"]), causes())

    def test_9_no_log_has_a_key_or_a_secret(self):
        market.ask_bank("POST", "/test/faults", {"operation": "payment_intents.create", "kind": "garbage", "count": 2})
        shopper = market.shopper()
        pay(shopper, filled(shopper))
        body = event("product.created", {"id": "prod_1", "object": "product"})
        tell(body, signature(body, "whsec_wrong"))
        logs = [file for file in market.data_dir.rglob("*") if file.is_file() and "log" in file.name]
        self.assertIn(market.log_path, logs)
        told = {file: file.read_bytes() for file in logs}
        self.assertIn(b"provider_call_failed", told[market.log_path])
        for file, text in told.items():
            for secret in (b"sk_", b"rk_test", b"whsec_", b"Bearer"):
                self.assertNotIn(secret, text, file)
