#!/usr/bin/python3
"""How live streams of orders fare: SOUK_BIN=build/release/bin tests/bench/live.py [STREAMS]

Opens STREAMS (2,000) over HTTP/2, 100 a connection: half of them look at one order in as many ways as there are page
sizes (100), the others at 20 more orders, alike. Tells what an idle stream holds in the gateway, and how long it takes
from the answer of a change to the last client that looks at the order."""
import pathlib
import select
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "scenario"))
from market import Market  # noqa: E402
from people import approved_vendor, first_staff  # noqa: E402

STREAMS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
PER_CONNECTION, ORDERS = 100, 21
SETTINGS = ("--market.acceptance=required", "--gateway.streams_each_max=100000", "--gateway.streams_per_connection=100",
            "--gateway.connections_per_address=0", "--ttl.access_token=900")


def resident_kib(market):
    pid = market.children()["souk-gateway"][0]
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def open_streams(market, shopper, orders):
    connections, watchers = [], []
    for number in range(STREAMS):
        if number % PER_CONNECTION == 0:
            connections.append(market.connect())
        order = orders[0] if number % 2 == 0 else orders[1 + number // 2 % (ORDERS - 1)]
        limit = 1 + number // 2 // (1 if number % 2 == 0 else ORDERS - 1) % 100
        path = f"/v1/orders/{order['id']}/events?limit={limit}&after=2"
        stream = connections[-1].begin("GET", path, {**shopper.headers(), "accept": "text/event-stream"})
        watchers.append((connections[-1], stream, order["id"]))
        while not connections[-1].responses[stream].headers:
            connections[-1]._receive()
        assert connections[-1].responses[stream].status == 200, connections[-1].responses[stream].body
    return connections, watchers


def last_seen(connections, watchers, order, change, timeout_s=30):
    """Makes the change meanwhile; how long after its answer the last stream of the order has heard of it, in ms."""
    waiting = {key: len(connection.responses[stream].body) for key, (connection, stream, id_) in enumerate(watchers)
               if id_ == order["id"]}
    by_socket = {connection.socket: connection for connection in connections}
    answered = []
    thread = threading.Thread(target=lambda: (change(), answered.append(time.monotonic())))
    thread.start()
    until = time.monotonic() + timeout_s
    while waiting and time.monotonic() < until:
        for one in select.select(list(by_socket), [], [], 0.2)[0]:
            by_socket[one]._receive()
        waiting = {key: length for key, length in waiting.items()
                   if b"event:" not in watchers[key][0].responses[watchers[key][1]].body[length:]}
    now = time.monotonic()
    thread.join()
    assert not waiting, f"{len(waiting)} have heard nothing"
    return (now - answered[0]) * 1000


def main():
    with Market(SETTINGS) as market:
        staff = first_staff(market)
        vendor = approved_vendor(market, staff)
        category = staff.call("POST", "/v1/admin/categories", {"name": "Things"}, expect=201).json()["id"]
        made = vendor.call("POST", "/v1/vendor/products",
                           {"name": "Thing", "description": "", "category_id": category, "stock": 100000,
                            "price": {"amount": 1, "currency": "EUR"}}, expect=201).json()
        shopper = market.shopper(money=100000)
        orders = [shopper.checkout(shopper.add(shopper.cart(), made["variants"][0]["id"], 200)).json()["orders"][0]
                  for _ in range(ORDERS)]
        time.sleep(2)
        before = resident_kib(market)
        # Behind what has happened, the payment and the question to the vendor: nothing is sent until something does.
        connections, watchers = open_streams(market, shopper, orders)
        time.sleep(3)
        after = resident_kib(market)
        print(f"{STREAMS} idle streams on {len(connections)} connections: {(after - before) / STREAMS:.1f} KiB each")
        def act(order, what):
            return lambda: vendor.call("POST", f"/v1/vendor/orders/{order['id']}/{what}", expect=200)
        for what in ("accept", "process"):
            took = last_seen(connections, watchers, orders[0], act(orders[0], what))
            print(f"{what}: the last of {STREAMS // 2} clients of one order {took:.0f} ms after the answer")
        few = [last_seen(connections, watchers, order, act(order, "accept")) for order in orders[1:]]
        few.sort()
        print(f"accept: the last of {STREAMS // 2 // (ORDERS - 1)} clients of one of {ORDERS - 1} orders: median"
              f" {few[len(few) // 2]:.0f} ms, greatest {few[-1]:.0f} ms after the answer")


if __name__ == "__main__":
    main()
