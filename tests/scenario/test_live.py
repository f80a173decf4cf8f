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


def finish(test, clients, count):
    """Lets clients run until each has seen so much."""
    for client in clients:
        client.goal = count
    for client in clients:
        client.join(120)
        test.assertIsNone(client.error)
        test.assertFalse(client.is_alive())
    print(f"\n{len(clients)} clients, {sum(client.streams for client in clients)} streams")


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
        order = bought(shopper)
        clients = [Forgetful(market, path_of("", order), shopper.headers(), random.Random(i)) for i in range(CLIENTS)]
        for client in clients:
            client.start()
        story(order)
        whole = listed(shopper, "", order)
        finish(self, clients, len(whole))
        for client in clients:
            self.assertEqual(client.seen, whole)

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


class Lists(unittest.TestCase):
    """Streams over many orders, which lie in many shards."""
    people = ("/orders/events", "/vendor/orders/events", "/admin/orders/events")

    def follow(self, who, path):
        live = Live(market, f"/v1{path}?from=now", who.headers())
        self.assertEqual(live.response.status, 200)
        return live

    def test_shoppers_vendors_and_staff_follow_all_of_their_orders(self):
        shopper, stranger = market.shopper(money=1000), market.shopper(money=1000)
        own, sold, every, others, foreign = [
            self.follow(who, path) for who, path in zip((shopper, vendor, staff, stranger, other),
                                                        (*self.people, self.people[0], self.people[1]))]
        orders = [bought(shopper) for _ in range(3)]
        strange = bought(stranger)
        for order in orders:
            story(order)
        for person, live, seen in ((shopper, own, orders), (vendor, sold, [*orders, strange]),
                                   (staff, every, [*orders, strange]), (stranger, others, [strange])):
            surface = {shopper: "", vendor: "/vendor", staff: "/admin", stranger: ""}[person]
            histories = {order["id"]: listed(person, surface, order) for order in seen}
            count = sum(len(history) for history in histories.values())
            events = live.until(lambda events, n=count: len(events) >= n)
            self.assertEqual(len(events), count)
            for order in seen:
                told = [event["data"] for event in events if event["data"]["order_id"] == order["id"]]
                self.assertEqual([change["event"] for change in told], histories[order["id"]])
                self.assertEqual({change["number"] for change in told}, {order["number"]})
            self.assertTrue(all(event["id"] == event["data"]["cursor"] for event in events))
        half = own.events()[len(own.events()) // 2]
        again = Live(market, "/v1/orders/events?from=now", shopper.headers(), last=half["id"])
        missed = own.events()[len(own.events()) // 2 + 1:]
        self.assertEqual(again.until(lambda events: len(events) >= len(missed)), missed)
        self.assertEqual(foreign.events(), [])
        for live in (own, sold, every, others, foreign, again):
            live.cut()

    def test_who_has_seen_nothing_yet_comes_back_to_where_it_began(self):
        shopper = market.shopper(money=1000)
        bought(shopper)
        first = self.follow(shopper, self.people[0])
        while b"id: " not in first.response.body:
            first.connection._receive()
        place = first.response.body.decode().split("id: ")[1].split("\n")[0]
        first.cut()
        self.assertEqual(first.events(), [])
        order = bought(shopper)
        again = Live(market, "/v1/orders/events?from=now", shopper.headers(), last=place)
        events = again.until(lambda events: len(events) >= 2)
        self.assertEqual({event["data"]["order_id"] for event in events}, {order["id"]})
        again.cut()

    def test_lists_go_on_and_take_no_place_of_another(self):
        shopper = market.shopper(money=1000)
        orders = [bought(shopper) for _ in range(4)]
        found, path = [], "/v1/orders/events?limit=3"
        while True:
            page = shopper.call("GET", path, expect=200).json()
            found += page["data"]
            path = f"/v1/orders/events?limit=3&after={page['next']}"
            if not page["has_more"]:
                break
        self.assertEqual({change["order_id"] for change in found}, {order["id"] for order in orders})
        self.assertEqual(shopper.call("GET", path, expect=200).json()["data"], [])
        behind = shopper.call("GET", f"/v1/orders/events?after={found[1]['cursor']}", expect=200).json()["data"]
        self.assertEqual(behind, found[2:])
        after = f"?after={found[1]['cursor']}"
        for who, elsewhere in ((vendor, self.people[1]), (staff, self.people[2])):
            refused = who.call("GET", f"/v1{elsewhere}{after}", expect=400)
            self.assertEqual(refused.code(), "invalid_parameter")

    def test_clients_of_a_list_that_are_cut_at_random_miss_nothing(self):
        shoppers = [market.shopper(money=1000) for _ in range(4)]
        path = "/v1/admin/orders/events?from=now"
        start = staff.call("GET", path, expect=200).json()["next"]
        clients = [Forgetful(market, path, staff.headers(), random.Random(i), start) for i in range(40)]
        for client in clients:
            client.start()
        orders = [bought(shopper) for shopper in shoppers for _ in range(2)]
        for order in orders:
            act(order, "accept")
            send(order, 1)
        whole = staff.call("GET", f"{path}&limit=100&after={start}", expect=200).json()["data"]
        finish(self, clients, len(whole))
        wanted = sorted((change["order_id"], change["event"]["sequence"]) for change in whole)
        for client in clients:
            seen = [(change["order_id"], change["event"]["sequence"]) for change in client.seen]
            self.assertEqual(sorted(seen), wanted)
            for order in orders:
                steps = [sequence for name, sequence in seen if name == order["id"]]
                self.assertEqual(steps, sorted(steps))


class Wakes(unittest.TestCase):
    FOLLOWERS = 20

    @staticmethod
    def asked():
        lines = market.get("/metrics").body.decode().splitlines()
        return next(int(float(line.split()[-1])) for line in lines if line.startswith("souk_http_stream_asks_total"))

    def test_what_somebody_buys_wakes_nobody_elses_stream(self):
        """Streams are also looked at every 5 s, all at once here: the quietest of some tries counts."""
        followers = [market.shopper() for _ in range(self.FOLLOWERS)]
        lives = [Live(market, "/v1/orders/events?from=now", shopper.headers()) for shopper in followers]
        buyer = market.shopper(money=1000)
        own = Live(market, "/v1/orders/events?from=now", buyer.headers())
        grown = []
        for _ in range(6):
            before = self.asked()
            order = bought(buyer, 1)
            own.until(lambda events, id_=order["id"]: any(e["data"]["order_id"] == id_ for e in events))
            time.sleep(0.2)
            grown.append(self.asked() - before)
        self.assertLess(min(grown), self.FOLLOWERS // 2, grown)
        self.assertTrue(all(live.events() == [] for live in lives))
        for live in (*lives, own):
            live.cut()


if __name__ == "__main__":
    unittest.main()
