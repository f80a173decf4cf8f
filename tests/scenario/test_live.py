"""Live streams: the story of an order as it happens, resumed where it was lost (tests/README.md, S-27)."""
import random
import time
import unittest
import uuid

from live import Forgetful, Live, Watcher
from market import Market, wait_until
from people import approved_vendor, first_staff

CLIENTS = 200


def setUpModule():
    global market, staff, vendor, other, variant
    market = Market(settings=("--market.acceptance=required", "--market.offline_payment=allowed",
                              "--admin.second_factor=optional", "--gateway.streams_each_max=300")).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    vendor, other = (approved_vendor(market, staff) for _ in range(2))
    category = staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]
    product = vendor.call("POST", "/v1/vendor/products",
                          {"name": "Thing", "description": "", "category_id": category, "stock": 1000,
                           "price": {"amount": 10, "currency": "EUR"}}, expect=201).json()
    variant = product["variants"][0]["id"]


def bought(shopper, quantity=3):
    cart = shopper.add(shopper.cart(), variant, quantity)
    return shopper.checkout(cart).json()["orders"][0]


def path_of(surface, order):
    return f"/v1{surface}/orders/{order['id']}/events"


def act(order, *more, body=None, expect=200):
    return vendor.call("POST", "/".join(("/v1/vendor/orders", order["id"], *more)), body, expect=expect).json()


def send(order, quantity):
    body = {"lines": [{"line_id": order["lines"][0]["id"], "quantity": quantity}], "carrier": "Post"}
    parcel = act(order, "shipments", body=body, expect=201)
    return act(order, "shipments", parcel["id"], "hand-over")


def report(order, parcel, status):
    now = market.get("/v1/test/clock").json()["now"]
    act(order, "shipments", parcel["id"], "events", body={"status": status, "at": now}, expect=201)


def listed(person, surface, order):
    return person.call("GET", path_of(surface, order) + "?limit=100", expect=200).json()["data"]


def story(order):
    """Two parcels, and what carriers say of them in the wrong order."""
    act(order, "accept")
    first, second = send(order, 1), send(order, 2)
    report(order, second, "delivered")
    report(order, second, "in_transit")
    report(order, first, "out_for_delivery")
    report(order, first, "delivered")


class Orders(unittest.TestCase):
    def test_s_27_each_change_is_seen_and_only_what_was_missed_is_told_again(self):
        shopper = market.shopper(money=1000)
        order = bought(shopper)
        people = [(shopper, ""), (vendor, "/vendor"), (staff, "/admin")]
        streams = [Live(market, path_of(surface, order), who.headers()) for who, surface in people]
        for live in streams:
            self.assertEqual(live.response.headers["content-type"], "text/event-stream")
            self.assertEqual(live.response.headers["cache-control"], "no-store")
        begun = len(streams[0].until(lambda events: events))
        lost = Live(market, path_of("", order), shopper.headers())
        lost.until(lambda events: len(events) == begun)
        lost.cut()
        story(order)
        for (who, surface), live in zip(people, streams):
            entries = listed(who, surface, order)
            events = live.until(lambda events, n=len(entries): len(events) >= n)
            self.assertEqual([event["data"] for event in events], entries)
            self.assertEqual([event["id"] for event in events], [str(entry["sequence"]) for entry in entries])
            self.assertEqual({event["event"] for event in events}, {"order_event"})
        self.assertEqual(entries[-1]["to"], "delivered")
        self.assertEqual([entry["trigger"] for entry in entries if entry["is_late"]], ["transit"])
        again = Live(market, path_of("", order) + "?after=0", shopper.headers(), last=begun)
        missed = again.until(lambda events: len(events) >= len(entries) - begun)
        self.assertEqual([event["data"]["sequence"] for event in missed], list(range(begun + 1, len(entries) + 1)))
        for live in (*streams, again):
            live.cut()

    def test_clients_that_are_cut_at_random_miss_nothing(self):
        shopper = market.shopper(money=1000)
        order, seed = bought(shopper), 20261129
        last = len(listed(shopper, "", order)) + 11
        clients = [Forgetful(market, path_of("", order), shopper.headers(), random.Random(seed + i), last)
                   for i in range(CLIENTS)]
        for client in clients:
            client.start()
        story(order)
        whole = [entry["sequence"] for entry in listed(shopper, "", order)]
        self.assertGreaterEqual(len(whole), last)
        for client in clients:
            client.join(120)
            self.assertIsNone(client.error)
            self.assertEqual(client.seen[:last], whole[:last])
        print(f"\n{CLIENTS} clients, {sum(client.cuts for client in clients)} streams")

    def test_a_change_reaches_all_that_watch(self):
        shopper = market.shopper(money=1000)
        order = bought(shopper)
        watchers = [Watcher(market, path_of("", order), shopper.headers()) for _ in range(50)]
        for watcher in watchers:
            watcher.start()
        done, at = [], len(listed(shopper, "", order))
        for quantity in (None, 1, 1, 1):
            act(order, "accept") if quantity is None else send(order, quantity)
            done.append((str(len(listed(shopper, "", order))), time.monotonic()))
        wait_until(lambda: all(done[-1][0] in watcher.times for watcher in watchers), 20, "all have seen the last one")
        self.assertTrue(all(len(watcher.times) > at for watcher in watchers))
        late = sorted(max(watcher.times[name] for watcher in watchers) - answered for name, answered in done)
        print(f"\nfrom the answer to the last of {len(watchers)} clients: "
              + ", ".join(f"{each * 1000:.0f} ms" for each in late))
        for watcher in watchers:
            watcher.live.cut()

    def test_orders_of_others_are_no_stream(self):
        shopper, stranger = market.shopper(money=1000), market.shopper()
        order = bought(shopper)
        for who, surface in ((stranger, ""), (other, "/vendor")):
            live = Live(market, path_of(surface, order), who.headers())
            self.assertEqual((live.response.status, live.response.code()), (404, "not_found"))
        nobody = Live(market, path_of("", order), {})
        self.assertEqual(nobody.response.status, 404)
        wrong = Live(market, path_of("/vendor", order), shopper.headers())
        self.assertEqual(wrong.response.status, 401)
        bad = Live(market, path_of("", order), shopper.headers(), last="yesterday")
        self.assertEqual((bad.response.status, bad.response.code()), (400, "malformed"))

    def test_guests_follow_their_order_by_its_token(self):
        guest = market.shopper()
        guest.token = None
        cart = guest.call("POST", "/v1/carts", {}, expect=201).json()
        token = {"x_cart_token": cart["token"]}
        cart = guest.call("POST", f"/v1/carts/{cart['id']}/lines", {"variant_id": variant, "quantity": 3},
                          expect=201, **token).json()
        total = cart["totals"]["total"]
        group = guest.call("POST", f"/v1/carts/{cart['id']}/checkout",
                           {"expected_total": total, "payment": {"on_delivery": total},
                            "email": f"g{uuid.uuid4().hex[:8]}@example.com"}, uuid.uuid4().hex, expect=201,
                           **token).json()
        order = group["orders"][0]
        self.assertEqual(Live(market, path_of("", order), {"x-order-token": "wrong"}).response.status, 404)
        live = Live(market, path_of("", order), {"x-order-token": group["token"]})
        before = len(live.until(lambda events: events))
        act(order, "accept")
        self.assertEqual(live.until(lambda events: len(events) > before)[-1]["data"]["to"], "accepted")
        live.cut()

    def test_a_stream_ends_with_the_session_that_opened_it(self):
        shopper = market.shopper(money=1000)
        order = bought(shopper)
        live = Live(market, path_of("", order), shopper.headers())
        shopper.call("POST", "/v1/auth/logout", expect=204)
        self.assertEqual(live.ending(), "session_ended")
        live.connection.close()


if __name__ == "__main__":
    unittest.main()
