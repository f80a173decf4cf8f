"""The inbox in the market as it fills and is read (N3), over streams that are resumed where they were lost."""
import time
import unittest

from live import Live, Watcher
from market import Market, wait_until
from people import approved_vendor, first_staff
from test_races import import_stock_of

SHOPPER, VENDOR = "/v1/notifications/events", "/v1/vendor/notifications/events"


def setUpModule():
    global market, staff, variant
    market = Market(settings=("--admin.second_factor=optional",)).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = first_staff(market)
    variant = import_stock_of(market, "told", 1, 1000)[0]


def buy(shopper):
    return shopper.checkout(shopper.add(shopper.cart(), variant)).json()


class Inbox(unittest.TestCase):
    def setUp(self):
        self.shopper = market.shopper(money=10000)

    def new_messages(self, live, count):
        return live.until(lambda events: len(events) >= count)

    def test_what_is_new_comes_with_the_number_of_unread_ones(self):
        live = Live(market, SHOPPER + "?from=now", self.shopper.headers())
        for number in (1, 2):
            buy(self.shopper)
            told = self.new_messages(live, number)[number - 1]
            self.assertEqual((told["event"], told["data"]["notification"]["kind"], told["data"]["unread_count"]),
                             ("inbox_change", "order_placed", number))
        listed = self.shopper.call("GET", "/v1/notifications", expect=200).json()
        self.assertEqual([entry["id"] for entry in listed["data"]][::-1],
                         [event["data"]["notification"]["id"] for event in live.events()])
        self.shopper.call("POST", f"/v1/notifications/{listed['data'][0]['id']}/read", expect=204)
        read = self.new_messages(live, 3)[2]["data"]
        self.assertIn("read_at", read["notification"])
        self.assertEqual((read["notification"]["id"], read["unread_count"]), (listed["data"][0]["id"], 1))
        self.shopper.call("POST", "/v1/notifications/read-all", expect=204)
        self.assertEqual(self.new_messages(live, 4)[3]["data"]["unread_count"], 0)
        live.cut()

    def test_who_comes_back_is_told_what_was_missed_and_nothing_else(self):
        live = Live(market, SHOPPER + "?from=now", self.shopper.headers())
        buy(self.shopper)
        last = self.new_messages(live, 1)[0]["id"]
        live.cut()
        for _ in range(3):
            buy(self.shopper)
        back = Live(market, SHOPPER + "?from=now", self.shopper.headers(), last=last)
        missed = [event["data"]["notification"]["id"] for event in self.new_messages(back, 3)]
        listed = self.shopper.call("GET", "/v1/notifications", expect=200).json()["data"]
        self.assertEqual(sorted(missed), sorted(entry["id"] for entry in listed[:3]))
        time.sleep(0.3)
        self.assertEqual(len(back.events()), 3)
        back.cut()

    def test_nobody_sees_the_inbox_of_another_and_it_ends_with_the_session(self):
        other = market.shopper(money=1000)
        live = Live(market, SHOPPER, self.shopper.headers())
        buy(other)
        buy(self.shopper)
        kinds = [event["data"]["notification"]["kind"] for event in
                 live.until(lambda events: any(e["data"]["notification"]["kind"] == "order_placed" for e in events))]
        self.assertEqual(kinds.count("order_placed"), 1)
        self.shopper.call("POST", "/v1/auth/logout", expect=204)
        self.assertEqual(live.ending(), "session_ended")
        self.assertEqual(Live(market, SHOPPER, {}).response.status, 401)
        self.assertEqual(Live(market, VENDOR, other.headers()).response.status, 401)

    def test_a_member_of_a_team_hears_of_an_order_at_once(self):
        vendor = approved_vendor(market, staff)
        category = staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]
        product = vendor.call("POST", "/v1/vendor/products",
                              {"name": "Thing", "description": "", "category_id": category, "stock": 10,
                               "price": {"amount": 100, "currency": "EUR"}}, expect=201).json()
        live = Watcher(market, VENDOR + "?from=now", vendor.headers())
        live.start()
        cart = self.shopper.add(self.shopper.cart(), product["variants"][0]["id"])
        self.shopper.checkout(cart)
        answered = time.monotonic()
        # What it heard of being approved may still come first.
        def told():
            return [event["id"] for event in live.live.events()
                    if event["data"]["notification"]["kind"] == "vendor_order_placed"]
        wait_until(lambda: any(event in live.times for event in told()), 20, "the order is told")
        self.assertEqual(len(told()), 1)
        took = live.times[told()[0]] - answered
        print(f"from the answer of the checkout to the inbox of the vendor: {took * 1000:.0f} ms")
        live.live.cut()


if __name__ == "__main__":
    unittest.main()
