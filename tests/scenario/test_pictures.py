"""Pictures of products: uploaded, decoded in a process of their own, kept, shown, and deleted when nobody uses them."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import threading
import time
import unittest
import uuid

import drawn
from market import Market, wait_until
from people import approved_vendor, first_staff

PRODUCTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "demo" / "products.csv"
SIZES = [2048, 400, 160]


def setUpModule():
    global market, vendor, stranger, category
    market = Market(["--pictures.sweep_every=1", "--pictures.decoders=2", "--pictures.queue=4"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    market.import_products(PRODUCTS)
    staff = first_staff(market)
    vendor, stranger = approved_vendor(market, staff), approved_vendor(market, staff)
    category = market.get("/v1/categories").json()["data"][0]["id"]
    wait_until(lambda: market.get(f"/v1/products/{make()['id']}").status == 200, 20, "the vendor is open")


def make(**more):
    body = {"name": "Lamp " + uuid.uuid4().hex[:8], "description": "Brass.", "category_id": category,
            "price": {"amount": 1000, "currency": "EUR"}, "stock": 50, **more}
    return vendor.call("POST", "/v1/vendor/products", body, expect=201).json()


class Answer:
    def __init__(self, answer):
        self.status, self.body = answer.status, answer.read()
        self.headers = {name.lower(): value for name, value in answer.getheaders()}

    def json(self):
        return json.loads(self.body)


def send(path, body, kind="image/png", who=None, method="POST", **headers):
    """Over HTTP/1.1."""
    connection = http.client.HTTPConnection("127.0.0.1", market.port + 1, timeout=60)
    headers = {"Content-Type": kind, "Authorization": f"Bearer {(who or vendor).token}", **headers}
    connection.request(method, path, body, headers)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def pictures_of(product):
    return f"/v1/vendor/products/{product['id']}/pictures"


def upload(product, body, **more):
    return send(pictures_of(product), body, **more)


def seen(product):
    return market.get(f"/v1/products/{product['id']}").json()


def seen_by_vendor(product):
    return vendor.call("GET", f"/v1/vendor/products/{product['id']}", expect=200).json()


def media(path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", market.port + 1, timeout=20)
    connection.request(method, path, headers=headers)
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


def advance(hours):
    vendor.call("POST", "/v1/test/clock", {"advance": hours * 3600}, expect=200)


def files():
    return sorted(p.name for p in (market.data_dir / "pictures" / "public").rglob("*.webp"))


class Uploads(unittest.TestCase):
    def test_a_picture_is_taken_and_shown_in_its_sizes(self):
        product = make(images=["https://cdn.example.com/far.jpg"])
        answer = upload(product, drawn.png(3000, 1500))
        self.assertEqual(answer.status, 201, answer.body)
        taken = answer.json()
        self.assertEqual((taken["width"], taken["height"]), (3000, 1500))
        self.assertEqual([size["max"] for size in taken["sizes"]], SIZES)
        shown = seen(product)
        self.assertEqual(shown["images"], [taken["url"], "https://cdn.example.com/far.jpg"])
        self.assertEqual(shown["pictures"][0]["url"], taken["url"])
        self.assertEqual(shown["pictures"][0]["width"], 3000)
        self.assertEqual(shown["pictures"][1], {"url": "https://cdn.example.com/far.jpg", "sizes": []})
        for size in taken["sizes"]:
            got = media(size["url"])
            self.assertEqual(got.status, 200)
            self.assertEqual(got.headers["content-type"], "image/webp")
            self.assertEqual(got.headers["cache-control"], "public, max-age=31536000, immutable")
            self.assertEqual(got.headers["x-content-type-options"], "nosniff")
            self.assertTrue(got.body.startswith(b"RIFF"))
            head = media(size["url"], "HEAD")
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertEqual(head.headers["content-length"], str(len(got.body)))
            same = media(size["url"], **{"If-None-Match": got.headers["etag"]})
            self.assertEqual((same.status, same.body), (304, b""))
        listed = market.get(f"/v1/products?vendor={vendor.vendor['id']}&limit=100").json()["data"]
        row = next(row for row in listed if row["id"] == product["id"])
        self.assertEqual(row["image"], taken["sizes"][1]["url"])

    def test_a_picture_is_taken_over_http2(self):
        product = make()
        path = market.data_dir / "one.png"
        path.write_bytes(drawn.noise_png(5_000_000, seed=3))
        told = subprocess.run(
            ["curl", "-sS", "--http2-prior-knowledge", "-H", "Content-Type: image/png", "-H",
             f"Authorization: Bearer {vendor.token}", "--data-binary", f"@{path}",
             "-w", "\n%{http_code} %{http_version}",
             f"http://127.0.0.1:{market.port + 1}{pictures_of(product)}"],
            capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertTrue(told.endswith("\n201 2"), told)
        self.assertEqual(seen(product)["pictures"][0]["width"], 1000)

    def test_the_bytes_decide_what_it_is(self):
        product = make()
        self.assertEqual(upload(product, drawn.png(seed=3), kind="image/jpeg").status, 201)
        self.assertEqual(upload(product, drawn.gif(), kind="image/webp").status, 201)

    def test_words_order_and_removal(self):
        product = make()
        first, second = (upload(product, drawn.png(seed=seed)).json() for seed in (11, 12))
        path = f"{pictures_of(product)}/{second['id']}"
        changed = vendor.call("PATCH", path, {"alt": "A blue lamp"}, expect=200).json()
        self.assertEqual(changed["alt"], "A blue lamp")
        vendor.call("PUT", pictures_of(product), {"picture_ids": [second["id"], first["id"]]}, expect=200)
        self.assertEqual([p["id"] for p in seen(product)["pictures"]], [second["id"], first["id"]])
        self.assertEqual(seen(product)["pictures"][0]["alt"], "A blue lamp")
        vendor.call("PUT", pictures_of(product), {"picture_ids": [second["id"]]}, expect=422)
        vendor.call("PUT", pictures_of(product), {"picture_ids": [second["id"], second["id"]]}, expect=422)
        vendor.call("DELETE", path, expect=204)
        vendor.call("DELETE", path, expect=404)
        self.assertEqual([p["id"] for p in seen(product)["pictures"]], [first["id"]])

    def test_links_and_uploads_do_not_touch_each_other(self):
        product = make(images=["https://cdn.example.com/a.jpg"])
        upload(product, drawn.png(seed=21))
        vendor.call("PATCH", f"/v1/vendor/products/{product['id']}", {"remove_images": True}, expect=200)
        self.assertEqual(len(seen(product)["pictures"]), 1)

    def test_a_repeat_under_its_key_is_answered_as_the_first_was(self):
        product = make()
        key = {"Idempotency-Key": uuid.uuid4().hex}
        first = upload(product, drawn.png(seed=31), **key)
        again = upload(product, drawn.png(seed=31), **key)
        other = upload(product, drawn.png(seed=32), **key)
        self.assertEqual((first.status, again.status, other.status), (201, 201, 422))
        self.assertEqual(again.headers["idempotent-replayed"], "true")
        self.assertEqual(other.json()["code"], "idempotency_key_reused")

    def test_two_uploads_of_the_same_bytes_at_once_are_one_picture(self):
        product, got = make(), []
        bytes_ = drawn.png(900, 700, seed=41)
        threads = [threading.Thread(target=lambda: got.append(upload(product, bytes_))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(answer.status for answer in got), [200, 201])
        self.assertEqual(len(seen(product)["pictures"]), 1)


class Refusals(unittest.TestCase):
    def refused(self, body, status, code, **more):
        product = make()
        answer = upload(product, body, **more)
        self.assertEqual((answer.status, answer.json()["code"]), (status, code))
        self.assertEqual(seen(product)["pictures"], [])

    def test_bombs_are_refused_before_they_are_unpacked(self):
        self.refused(drawn.bomb(), 422, "picture_too_large")
        self.refused(drawn.gif(65535, 65535), 422, "picture_too_large", kind="image/gif")

    def test_what_is_broken_or_cut_short_is_refused(self):
        self.refused(drawn.png(400, 300)[:200], 422, "picture_unreadable")
        self.refused(b"\xff\xd8\xff" + os.urandom(500), 422, "picture_unreadable", kind="image/jpeg")
        self.refused(b"RIFF\x20\0\0\0WEBPVP8 " + os.urandom(100), 422, "picture_unreadable", kind="image/webp")

    def test_what_is_no_picture_is_refused(self):
        self.refused(b"", 415, "unsupported_media_type")
        self.refused(b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media_type")
        self.refused(b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media_type", kind="image/svg+xml")
        self.refused(b"PK\x03\x04" + bytes(100), 415, "unsupported_media_type", kind="image/png")
        self.refused(drawn.png(), 415, "unsupported_media_type", kind="application/json")

    def test_a_file_that_is_two_things_becomes_a_picture_and_nothing_else(self):
        product = make()
        taken = upload(product, drawn.gif(tail=b"alert('GIF89a=1');PK\x03\x04"), kind="image/gif").json()
        for size in taken["sizes"]:
            self.assertNotIn(b"alert", media(size["url"]).body)

    def test_too_many_bytes_are_413(self):
        self.refused(drawn.png() + bytes(10 * 2 ** 20), 413, "body_too_large")

    def test_the_twenty_first_is_refused(self):
        product = make(images=[f"https://cdn.example.com/{n}.jpg" for n in range(19)])
        self.assertEqual(upload(product, drawn.png(seed=51)).status, 201)
        answer = upload(product, drawn.png(seed=52))
        self.assertEqual((answer.status, answer.json()["code"]), (409, "too_many_pictures"))

    def test_a_product_of_another_vendor_is_not_found(self):
        product = make()
        self.assertEqual(upload(product, drawn.png(seed=61), who=stranger).status, 404)
        self.assertEqual(upload(product, drawn.png(seed=61), who=market.shopper("nosy")).status, 401)
        taken = upload(product, drawn.png(seed=62)).json()
        stranger.call("PATCH", f"{pictures_of(product)}/{taken['id']}", {"alt": "mine"}, expect=404)
        stranger.call("DELETE", f"{pictures_of(product)}/{taken['id']}", expect=404)

    def test_paths_of_media_lead_nowhere_else(self):
        digest = "0" * 64
        for path in (f"/media/{digest}/400.webp", f"/media/{digest}/401.webp", f"/media/{digest}/400.png",
                     "/media/../keys/gateway.key", "/media/..%2f..%2fkeys/400.webp", f"/media/{digest[:-1]}g/400.webp",
                     f"/media/{digest}/../400.webp", f"/media/{digest.upper()[:-1]}A/400.webp", "/media/", "/media//",
                     f"/media/{digest}/400.webp/", f"/media/{digest}"):
            self.assertEqual(media(path).status, 404, path)
        self.assertEqual(media(f"/media/{digest}/400.webp", "DELETE").status, 405)


class Leftovers(unittest.TestCase):
    def test_files_go_a_day_after_nobody_uses_them_and_never_before(self):
        product, other = make(), make()
        lonely, shared = drawn.png(seed=71), drawn.png(seed=72)
        first, second = upload(product, lonely).json(), upload(product, shared).json()
        upload(other, shared)
        for picture in (first, second):
            vendor.call("DELETE", f"{pictures_of(product)}/{picture['id']}", expect=204)
        time.sleep(2.5)     # a sweep or two
        self.assertEqual(media(first["url"]).status, 200)
        advance(25)
        wait_until(lambda: media(first["url"]).status == 404, 30, "the lonely picture is gone")
        self.assertEqual(media(second["url"]).status, 200)
        self.assertEqual(seen(other)["pictures"][0]["url"], second["url"])
        wait_until(lambda: not market.sql("catalog", "SELECT 1 FROM catalog.picture_file WHERE is_going"), 20,
                   "it is forgotten")
        again = upload(product, lonely)
        self.assertEqual(again.status, 201)
        self.assertEqual(media(again.json()["url"]).status, 200)

    def test_what_was_uploaded_for_nobody_goes_too(self):
        product, before = make(), files()
        self.assertEqual(upload(product, drawn.png(seed=81), who=stranger).status, 404)
        self.assertEqual(len(files()), len(before) + len(SIZES))
        advance(25)
        wait_until(lambda: len(files()) <= len(before), 30, "its files are gone")

    def test_a_gateway_that_is_killed_in_the_middle_leaves_no_reference(self):
        product = make()
        body = drawn.noise_png(6 * 2 ** 20)
        thread = threading.Thread(target=lambda: self.quietly(product, body))
        thread.start()
        wait_until(self.is_decoding, 30, "it is being decoded")
        market.kill("souk-gateway")
        thread.join()
        market.wait_ready()
        self.assertEqual(seen(product)["pictures"], [])
        for row in market.sql("catalog", "SELECT encode(digest, 'hex') FROM catalog.product_picture"):
            self.assertEqual(media(f"/media/{row[0]}/400.webp").status, 200)
        self.assertEqual(upload(product, drawn.png(seed=91)).status, 201)

    def quietly(self, product, body):
        try:
            upload(product, body)
        except (OSError, http.client.HTTPException):
            pass

    def is_decoding(self):
        return bool(decoders())


def decoders():
    """Process ids of souk-picture below our gateway."""
    found, gateways = [], market.children().get("souk-gateway", [])
    for entry in pathlib.Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            name = pathlib.Path((entry / "cmdline").read_bytes().split(b"\0")[0].decode()).name
        except (OSError, IndexError, ValueError):
            continue
        if name == "souk-picture" and parent in gateways:
            found.append(int(entry.name))
    return found


class Load(unittest.TestCase):
    def test_a_decoder_that_is_killed_is_told_and_nothing_else_happens(self):
        product, got = make(), []
        body = drawn.noise_png(6 * 2 ** 20, seed=5)
        thread = threading.Thread(target=lambda: got.append(upload(product, body)))
        thread.start()
        wait_until(decoders, 30, "it is being decoded")
        for pid in decoders():
            os.kill(pid, signal.SIGKILL)
        thread.join()
        self.assertEqual((got[0].status, got[0].json()["code"]), (422, "picture_unreadable"))
        self.assertEqual(upload(product, drawn.png(seed=95)).status, 201)

    def test_a_client_that_leaves_takes_its_decoder_with_it(self):
        product = make()
        path = market.data_dir / "large.png"
        path.write_bytes(drawn.png(6000, 6000))
        with subprocess.Popen(
                ["curl", "-sS", "--http2-prior-knowledge", "-H", "Content-Type: image/png", "-H",
                 f"Authorization: Bearer {vendor.token}", "--data-binary", f"@{path}",
                 f"http://127.0.0.1:{market.port + 1}{pictures_of(product)}"], stdout=subprocess.DEVNULL) as client:
            wait_until(decoders, 30, "it is being decoded")
            client.kill()
        wait_until(lambda: not decoders(), 10, "the decoder is gone")
        self.assertEqual(upload(product, drawn.png(seed=96)).status, 201)
        self.assertEqual([p["width"] for p in seen_by_vendor(product)["pictures"]], [60])

    def test_fifty_at_once_are_taken_or_told_to_come_again_in_bounded_memory(self):
        product, got = make(), []
        body = drawn.noise_png(10_000_000, seed=7)

        def one():
            try:
                got.append(upload(product, body))
            except (OSError, http.client.HTTPException) as error:
                got.append(error)
        threads = [threading.Thread(target=one) for _ in range(50)]
        for thread in threads:
            thread.start()
        peak, limit = 0, 900 * 2 ** 20
        gateway = market.children()["souk-gateway"][0]
        while any(thread.is_alive() for thread in threads):
            status = pathlib.Path(f"/proc/{gateway}/status").read_text()
            peak = max(peak, int(status.split("VmRSS:")[1].split()[0]) * 1024)
            time.sleep(0.1)
        told = [answer.status if isinstance(answer, Answer) else "cut" for answer in got]
        print(f"50 uploads of 10 MB: {({kind: told.count(kind) for kind in set(told)})}, gateway {peak >> 20} MiB")
        self.assertLess(peak, limit)
        self.assertTrue(set(told) <= {200, 201, 503, "cut"}, told)
        for answer in got:
            if isinstance(answer, Answer) and answer.status == 503:
                self.assertIn("retry-after", answer.headers)
        self.assertEqual(upload(product, body).status, 200 if 201 in told else 201)


if __name__ == "__main__":
    unittest.main()
