"""What shoppers who look around cost: pages that are kept and pages that are not, searches, and what has as many hits
in markets of any size. README.md says what each line is."""
import itertools
import json
import pathlib
import random
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from load import visits  # noqa: E402
from make_catalogue import DEBIAN  # noqa: E402
from make_market_set import RARE, rare_category, rare_sizes, rare_total, rare_word  # noqa: E402
from make_search_set import queries, rows_of  # noqa: E402
from market import id_text  # noqa: E402

FACETS = "category,vendor,price,attributes,stock"
ADDRESSES_MAX = 20_000  # of a line without a cache; each is asked for once before any is asked for again
ZIPF = 1.0
NO_CACHE = "--gateway.answers_kept=0"
# What a line is compared with; part of its rate that is wanted.
RATIOS = (("detail hot", "limit: h2o, ZeroMQ, echo", 1.0), ("listing hot", "limit: h2o, ZeroMQ, echo", 1.0),
          ("detail cold", "limit: h2o, ZeroMQ, SELECT", 0.6), ("listing cold", "limit: h2o, ZeroMQ, SELECT", 0.6))
ECHO, SELECT = ("limit: h2o, ZeroMQ, echo", "limit_echo", ["echo"]), ("limit: h2o, ZeroMQ, SELECT", "limit_select",
                                                                      ["select"])
PLAIN = ("limit: h2o, 200 bytes", "limit_h2o", [])


def zipf(things, random_):
    """Draws without end: the n-th of a shuffled list comes 1/n**s as often as the first."""
    things = random_.sample(things, len(things))
    weights = list(itertools.accumulate(1 / rank ** ZIPF for rank in range(1, len(things) + 1)))
    while True:
        yield from random_.choices(things, cum_weights=weights, k=1000)


class Browse:
    """The lines of a run (`bench`) that read only."""

    COLD = ("detail cold", "listing cold", "search, distinct queries", "search with facets", SELECT[0], PLAIN[0],
            *(line.format(size) for size in RARE for line in ("search, {} hits", "listing, {} products")))

    def __init__(self, bench, catalogue):
        self.bench, self.market, self.catalogue = bench, bench.market, catalogue
        self.random = random.Random(2)
        self.is_quick = bench.args.quick

    # --- what is asked for ---

    def make_paths(self):
        rows = self.market.sql("catalog", "SELECT id FROM catalog.product WHERE is_listed ORDER BY md5(id::text)")
        self.uuids = [row[0] for row in rows]
        self.details = [f"/v1/products/{id_text('prd', uuid)}" for uuid in self.uuids]
        self.fronts, self.listings = self.list_pages()
        asked = queries(list(rows_of(self.catalogue, DEBIAN)), 500 if self.is_quick else ADDRESSES_MAX)
        self.searches = [f"/v1/products?q={urllib.parse.quote(query)}" for query in asked]

    def list_pages(self):
        """First pages of categories, and these with the pages behind them, ten deep."""
        rows = self.market.sql("catalog", "SELECT category_id FROM catalog.listing GROUP BY 1"
                                          " ORDER BY md5(category_id::text) LIMIT 200")
        fronts = [f"/v1/products?category={id_text('cat', row[0])}" for row in rows]
        front, paths = fronts, list(fronts)
        for _ in range(10):
            answers = self.bench.ask([("GET", path, "", "", None) for path in front], (4, 4))
            front = [f"{path.split('&')[0]}&after={answer['next']}"
                     for path, answer in zip(front, answers) if answer["has_more"]]
            paths += front
            if not front:
                break
        self.random.shuffle(paths)
        return fronts, paths

    def rare_paths(self):
        """By line; each address was seen to have as many hits as its line says."""
        categories = {one["path"]: one["id"] for one in self.market.get_json("/v1/categories")["data"]}
        found = {}
        for size in rare_sizes(self.bench.args.products):
            numbers = range(rare_total(self.bench.args.products) // size)
            found[f"search, {size} hits"] = [f"/v1/products?q={rare_word(size, number)}" for number in numbers]
            found[f"listing, {size} products"] = [
                f"/v1/products?category={categories[rare_category(size, number)]}" for number in numbers]
            for path in found[f"search, {size} hits"] + found[f"listing, {size} products"]:
                total = self.market.get_json(f"{path}&facets=stock&limit=1")["total"]
                if total != size:
                    raise SystemExit(f"{path} has {total} hits, not {size}")
        return found

    # --- the lines ---

    def get(self, name, shape, paths, port=None, processes=None):
        """`paths` is an iterator of addresses without an end; calibrated by the first of them."""
        market = self.market
        port = port or market.clear_port
        if not self.bench.wants(name):
            return

        def take(count):
            return visits(self.bench.programs / "replay", port, shape, list(itertools.islice(paths, count)),
                          self.bench.work)
        count = max(512, int(take(512)["rate"] * self.bench.seconds))
        if name.endswith(" hot"):
            take(count)  # as a market is that has been up for a while
        before = market.counters() if processes is None else {}
        run = self.bench.measure(name, shape, lambda: take(count), processes)
        if processes is None:
            after = market.counters()
            found, missed = (after[one] - before[one] for one in ("answers_found", "answers_missed"))
            run["hit_rate"] = found / (found + missed) if found + missed > 0 else None

    def limit(self, line, shape):
        """Measured too when only lines are wanted that it stands beside."""
        name, program, hop = line
        if not self.bench.wants(name) and not any(self.bench.wants(ours) for ours, limit, _ in RATIOS if limit == name):
            return
        only, self.bench.args.only = self.bench.args.only, None
        try:
            with self.market.limit(self.bench.programs / program, hop, self.bench.work) as (port, processes):
                paths = itertools.cycle([f"/p/{one}" for one in self.uuids[:ADDRESSES_MAX]])
                self.get(name, shape, paths, port, processes)
        finally:
            self.bench.args.only = only

    def cold(self, shapes):
        """Without the gateway's answers: what a page costs whoever makes it."""
        lines = {"detail cold": self.details[:ADDRESSES_MAX], "listing cold": self.listings,
                 "search, distinct queries": self.searches,
                 "search with facets": [f"{path}&facets={FACETS}" for path in self.searches], **self.rare_paths()}
        lines = {name: itertools.cycle(paths) for name, paths in lines.items()}
        for _ in range(self.bench.rounds):
            for shape in shapes:
                for name, paths in lines.items():
                    self.get(name, shape, paths)
                self.limit(SELECT, shape)
                self.limit(PLAIN, shape)

    def hot(self, shapes):
        """As shoppers look: at few things often and at many things once."""
        lines = {"detail hot": zipf(self.details, self.random), "listing hot": zipf(self.listings, self.random)}
        for _ in range(self.bench.rounds):
            for shape in shapes:
                for name, paths in lines.items():
                    self.get(name, shape, paths)
                self.limit(ECHO, shape)

    def fill(self):
        """Everything that browsing fills is full: what the gateway keeps, and both readers of the index."""
        paths = self.details[:ADDRESSES_MAX] + self.listings + self.searches
        paths += [f"{path}&facets={FACETS}" for path in self.searches[:2000]]
        answer = visits(self.bench.programs / "replay", self.market.clear_port, (16, 4), paths, self.bench.work)
        if set(answer["statuses"]) != {"200"} or answer["failed"]:
            raise SystemExit(f"filling: {json.dumps(answer)[:500]}")
