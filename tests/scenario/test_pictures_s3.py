"""Pictures in a store that speaks S3: signed requests, a store that fails or hangs, and one that everybody may read."""
import concurrent.futures
import pathlib
import tempfile
import time
import unittest

import drawn
import s3_server
import test_pictures as pictures
from market import Market, wait_until
from people import approved_vendor, first_staff

UPLOADS = 24


def setUpModule():
    global market, store
    store = s3_server.Store()
    unittest.addModuleCleanup(store.close)
    secret = pathlib.Path(tempfile.mkdtemp()) / "secret"
    secret.write_text(s3_server.SECRET + "\n")
    secret.parent.chmod(0o755)
    secret.chmod(0o644)
    market = pictures.market = Market([
        "--pictures.sweep_every=1", f"--pictures.s3_endpoint=http://127.0.0.1:{store.server_address[1]}",
        f"--pictures.s3_bucket={s3_server.BUCKET}", f"--pictures.s3_region={s3_server.REGION}",
        f"--pictures.s3_key_id={s3_server.KEY_ID}", f"--pictures.s3_secret_file={secret}",
        "--pictures.s3_timeout=2"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    market.import_products(pictures.PRODUCTS)
    pictures.vendor = approved_vendor(market, first_staff(market))
    pictures.category = market.get("/v1/categories").json()["data"][0]["id"]


class Bucket(unittest.TestCase):
    def setUp(self):
        store.mood = "good"
        store.go_on.clear()

    def tearDown(self):
        store.mood = "good"
        store.go_on.set()

    def test_a_picture_is_kept_read_and_deleted_by_signed_requests(self):
        product = pictures.make()
        taken = pictures.upload(product, drawn.png(seed=1))
        self.assertEqual(taken.status, 201, taken.body)
        self.assertEqual(store.refused, [])
        mine = [name for name in store.objects if taken.json()["digest"] in name]
        self.assertEqual(len(mine), 3)
        self.assertTrue(all(name.startswith("public/") for name in mine))
        got = pictures.media(taken.json()["sizes"][1]["url"])
        self.assertEqual((got.status, got.body), (200, store.objects[next(n for n in mine if "-400" in n)]))
        self.assertEqual(pictures.media(f"/media/{'0' * 64}/400.webp").status, 404)
        path = f"{pictures.pictures_of(product)}/{taken.json()['id']}"
        pictures.vendor.call("DELETE", path, expect=204)
        pictures.advance(25)
        wait_until(lambda: not set(mine) & set(store.objects), 30, "its objects are deleted")
        self.assertEqual(store.refused, [])
        self.assertFalse((market.data_dir / "pictures").exists() and
                         any((market.data_dir / "pictures").rglob("*.webp")))

    def test_a_store_that_fails_makes_an_upload_fail_and_nothing_else(self):
        product = pictures.make()
        store.mood = "broken"
        answer = pictures.upload(product, drawn.png(seed=2))
        self.assertEqual((answer.status, answer.json()["code"]), (503, "unavailable"))
        self.assertIn("retry-after", answer.headers)
        self.assertEqual(pictures.seen_by_vendor(product)["pictures"], [])
        store.mood = "good"
        self.assertEqual(pictures.upload(product, drawn.png(seed=2)).status, 201)

    def test_a_store_that_hangs_hinders_nobody(self):
        product = pictures.make()
        taken = pictures.upload(product, drawn.png(seed=3)).json()
        self.assertIn("url", taken)
        store.mood = "hanging"
        began = time.monotonic()
        answer = pictures.upload(product, drawn.png(seed=4))
        self.assertEqual(answer.status, 503)
        self.assertEqual(pictures.media(taken["url"]).status, 503)
        self.assertEqual(market.get("/v1/categories").status, 200)
        self.assertLess(time.monotonic() - began, 30)      # of its 60

    def shop_around(self, shopper):
        """What others do, once each; all of it must be answered as ever."""
        self.assertEqual(market.get("/v1/categories").status, 200)
        product = market.get("/v1/products?limit=1").json()["data"][0]
        variant = market.get(f"/v1/products/{product['id']}").json()["variants"][0]["id"]
        self.assertEqual(market.get("/v1/products?q=lamp").status, 200)
        shopper.checkout(shopper.add(shopper.cart(), variant))
        pictures.make()

    def test_many_uploads_and_reads_that_hang_at_once_hinder_nobody(self):
        """Rounds count that begin and end while requests hang in the store; its clients give up after 2 s each."""
        products = [pictures.make() for _ in range(UPLOADS)]
        kept = pictures.upload(pictures.make(), drawn.png(seed=5)).json()["url"]
        shopper = market.shopper(money=1_000_000)
        self.shop_around(shopper)
        store.mood = "hanging"
        with concurrent.futures.ThreadPoolExecutor(2 * UPLOADS) as pool:
            uploads = [pool.submit(pictures.upload, product, drawn.png(seed=100 + number))
                       for number, product in enumerate(products)]
            reads = [pool.submit(pictures.media, kept) for _ in range(UPLOADS)]
            wait_until(lambda: store.hanging > 1, 20, "requests hang")
            rounds, slowest_s = 0, 0.0
            while not all(one.done() for one in uploads):
                is_hanging, began = store.hanging > 0, time.monotonic()
                self.shop_around(shopper)
                slowest_s = max(slowest_s, time.monotonic() - began)
                rounds += is_hanging and not all(one.done() for one in uploads)
            refused = [one.result() for one in (*uploads, *reads)]
        print(f"{rounds} rounds of others while requests hung, the slowest took {slowest_s:.2f} s", flush=True)
        self.assertGreater(rounds, 1)
        for answer in refused:
            self.assertEqual(answer.status, 503)
            self.assertIn("retry-after", answer.headers)
        self.assertTrue(all(pictures.seen_by_vendor(product)["pictures"] == [] for product in products))
        store.mood = "good"
        store.go_on.set()
        self.assertEqual(pictures.upload(products[0], drawn.png(seed=100)).status, 201)
        self.assertEqual(pictures.media(kept).status, 200)


if __name__ == "__main__":
    unittest.main()
