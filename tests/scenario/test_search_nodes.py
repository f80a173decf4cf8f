"""S-51: two nodes with an index each answer alike, whatever is asked for, and neither loses anything when it is killed
at any moment of indexing, again and again."""
import os
import random
import re
import signal
import threading
import time
import unittest
import urllib.parse

import test_search as search
from market import wait_until
from test_search import SEED, WORDS, Facets, Goods, on_both, rows_of, write_file

KILLS = 30 if search.IS_LONG else 4
KILL_EVERY_S = 7  # more than five ends of a child in 30 s are a failure to its supervisor
FILE_PRODUCTS = 200
QUERIES, COPIES = 300, 6
SORTS = ("relevance", "newest", "price", "-price", "popular", "rating")


def setUpModule():
    search.setUpModule()
    global market
    market = search.market


def handled():
    """How many messages each node has handled."""
    text = market.get("/metrics").body.decode()
    found = re.findall(r'^souk_messages_total\{[^}]*"(node-\d)[^}]*\} (\d+)', text, re.M)
    return {node: int(count) for node, count in found}


def misspelt(word, chance):
    place = chance.randrange(1, len(word))
    return chance.choice((word[:place] + word[place + 1:], word[:place] + "q" + word[place:], word))


class Alike(unittest.TestCase):
    def asked(self, chance):
        """Queries with typos, beginnings of words, words that nothing has, and filters."""
        for number in range(QUERIES):
            words = [misspelt(word, chance) for word in chance.sample(WORDS, chance.choice((1, 1, 2, 3)))]
            if chance.random() < 0.2:
                words[-1] = words[-1][:4]
            query = {"q": " ".join(words), "sort": SORTS[number % len(SORTS)], "limit": chance.choice((5, 20, 50))}
            if chance.random() < 0.3:
                query["in_stock"] = "true"
            if chance.random() < 0.3:
                query.update(min_price=chance.randrange(5000), max_price=chance.randrange(5000, 20000))
            if chance.random() < 0.3:
                query["facets"] = search.FACETS
            yield urllib.parse.urlencode(query)

    def test_300_queries_in_every_order_and_their_suggestions(self):
        chance = random.Random(SEED + 3)
        # One answer settles whether a second one is another node's: so each is asked for several times.
        before, connection, found = handled(), market.connect(), 0
        self.assertEqual(set(before), {"node-1", "node-2"})
        for query in self.asked(chance):
            text = urllib.parse.quote(urllib.parse.parse_qs(query)["q"][0][:6].strip())
            for path in (f"/v1/products?{query}", f"/v1/search/suggestions?q={text}"):
                answers = [connection.request("GET", path) for _ in range(COPIES)]
                self.assertEqual({answer.status for answer in answers}, {200}, path)
                self.assertEqual(len({answer.body for answer in answers}), 1, path)
                found += bool(answers[0].json()["data"])
        connection.close()
        asked = {node: count - before[node] for node, count in handled().items()}
        print(f"asked {asked}; {found} of {2 * QUERIES} found something")
        self.assertGreater(min(asked.values()), QUERIES * 2 * COPIES // 4)
        self.assertGreater(found, QUERIES)


class Kills(unittest.TestCase):
    def import_on_and_on(self, chance):
        """New products, and those of the file before said anew, file after file; what is cut short comes again."""
        before = []
        while not self.is_over:
            new = list(rows_of(chance, FILE_PRODUCTS, f"r{self.files}x"))
            # Its handle, vendor and SKU say which product it is.
            changed = [[row[0], *other[1:3], row[3], *other[4:12], row[12], *other[13:]] for row, other in
                       zip(before, rows_of(chance, FILE_PRODUCTS))]
            path = write_file(search.folder / f"r{self.files}.csv", new + changed)
            while market.import_products(path, check=False).returncode != 0:
                time.sleep(0.2)
            before = new
            self.files += 1

    def test_one_node_or_the_other_is_killed_at_random_moments_of_indexing(self):
        chance = random.Random()
        total = search.found_count("facets=stock&limit=1")
        self.is_over, self.files = False, 0
        importing = threading.Thread(target=self.import_on_and_on, args=(random.Random(SEED + 4),))
        importing.start()
        try:
            for _ in range(KILLS):
                began = time.monotonic()
                time.sleep(chance.uniform(0, 2))
                known = set(market.children()["souk-node"])
                os.kill(chance.choice(sorted(known)), signal.SIGKILL)
                wait_until(lambda: len(set(market.children().get("souk-node", ())) - known) == 1, 60, "it is back")
                market.wait_ready()
                time.sleep(max(0, KILL_EVERY_S - (time.monotonic() - began)))
        finally:
            self.is_over = True
            importing.join()
        print(f"{KILLS} kills during {self.files} files")
        self.assertGreater(self.files, 1)
        wanted = total + self.files * FILE_PRODUCTS
        wait_until(lambda: all(page and page["total"] == wanted for page in on_both("facets=stock&limit=1")),
                   search.INDEXED_S, "all that was imported is found")
        goods = Goods()
        self.assertEqual(len(goods.rows), wanted)

        def is_said_anew():
            pages = on_both(f"facets={search.FACETS}&limit=1")
            return all(self.is_like(page["facets"], goods) for page in pages)
        wait_until(is_said_anew, search.INDEXED_S, "what was changed is found as it is")
        Facets("test_counts_are_those_of_the_rows").compare(search.ask(f"facets={search.FACETS}")["facets"], goods, {})

    def is_like(self, facets, goods):
        try:
            Facets("test_counts_are_those_of_the_rows").compare(facets, goods, {})
        except AssertionError:
            return False
        return True


if __name__ == "__main__":
    unittest.main()
