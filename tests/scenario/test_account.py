"""Life of an account: where it is signed in, its address book, its name and password, who guesses it."""
import json
import unittest

from market import Market, PASSWORD


def setUpModule():
    global market
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def refresh(shopper, token):
    return shopper.call("POST", "/v1/auth/refresh", {"refresh_token": token})


class Sessions(unittest.TestCase):
    def test_a_shopper_sees_and_ends_their_sessions_and_nobody_elses(self):
        shopper, other = market.shopper(), market.shopper()
        first = shopper.refresh_token
        shopper.login()
        sessions = shopper.call("GET", "/v1/me/sessions", expect=200).json()["data"]
        self.assertEqual([session["is_current"] for session in sessions].count(True), 1)
        self.assertEqual(len(sessions), 2)
        old = next(session["id"] for session in sessions if not session["is_current"])
        self.assertTrue(first.startswith(old))
        response = other.call("DELETE", f"/v1/me/sessions/{old}")
        self.assertEqual((response.status, response.code()), (404, "not_found"))
        shopper.call("DELETE", f"/v1/me/sessions/{old}", expect=204)
        self.assertEqual(refresh(shopper, first).code(), "invalid_refresh_token")
        self.assertEqual(refresh(shopper, shopper.refresh_token).status, 200)

    def test_signing_out_everywhere_else_keeps_this_session(self):
        shopper = market.shopper()
        tokens = [shopper.refresh_token]
        shopper.login()
        tokens.append(shopper.refresh_token)
        shopper.login()
        shopper.call("DELETE", "/v1/me/sessions", expect=204)
        self.assertEqual([refresh(shopper, token).status for token in tokens], [401, 401])
        sessions = shopper.call("GET", "/v1/me/sessions", expect=200).json()["data"]
        self.assertEqual([session["is_current"] for session in sessions], [True])
        self.assertEqual(refresh(shopper, shopper.refresh_token).status, 200)

    def test_sessions_need_a_sign_in(self):
        self.assertEqual(market.get("/v1/me/sessions").status, 401)


ADDRESS = {"name": "Ada L.", "line1": "1 Main Street", "city": "London", "postal_code": "N1 9GU", "country": "GB"}


class AddressBook(unittest.TestCase):
    def test_a_book_has_one_default_at_every_step(self):
        shopper = market.shopper()
        first = shopper.call("POST", "/v1/me/addresses", ADDRESS, expect=201)
        self.assertEqual(first.headers["etag"], '"1"')
        self.assertTrue(first.json()["is_default"])
        second = shopper.call("POST", "/v1/me/addresses", {**ADDRESS, "is_default": True}, expect=201).json()
        book = shopper.call("GET", "/v1/me/addresses", expect=200).json()["data"]
        self.assertEqual([a["id"] for a in book if a["is_default"]], [second["id"]])
        shopper.call("DELETE", f"/v1/me/addresses/{second['id']}", expect=204)
        book = shopper.call("GET", "/v1/me/addresses", expect=200).json()["data"]
        self.assertEqual([(a["id"], a["is_default"]) for a in book], [(first.json()["id"], True)])

    def test_a_stale_version_changes_nothing(self):
        shopper = market.shopper()
        made = shopper.call("POST", "/v1/me/addresses", ADDRESS, expect=201).json()
        path = f"/v1/me/addresses/{made['id']}"
        changed = shopper.call("PATCH", path, {"city": "Bath", "postal_code": ""}, if_match='"1"', expect=200)
        self.assertEqual(changed.headers["etag"], '"2"')
        self.assertNotIn("postal_code", changed.json())
        stale = shopper.call("PATCH", path, {"city": "York"}, if_match='"1"')
        self.assertEqual((stale.status, stale.code()), (412, "precondition_failed"))
        self.assertEqual(shopper.call("DELETE", path, if_match='"1"').status, 412)
        self.assertEqual(shopper.call("GET", path, expect=200).json()["city"], "Bath")
        self.assertEqual(shopper.call("GET", path, if_none_match='"2"').status, 304)

    def test_what_is_no_address_is_refused_with_its_place(self):
        shopper = market.shopper()
        for field, value in (("country", "XX"), ("country", "gb"), ("name", "a\r\nBcc: x@example.com"),
                             ("city", "\u202ekcab"), ("line1", "   "), ("phone", "no digits")):
            response = shopper.call("POST", "/v1/me/addresses", {**ADDRESS, field: value})
            self.assertEqual(response.status, 422, (field, response.body))
            self.assertEqual(response.json()["errors"][0]["pointer"], f"/{field}")
        for field, value in (("name", "x" * 121), ("country", "GBR"), ("line1", "")):
            self.assertEqual(shopper.call("POST", "/v1/me/addresses", {**ADDRESS, field: value}).status, 422)
        response = shopper.call("POST", "/v1/me/addresses", {**ADDRESS, "version": 7})
        self.assertEqual(response.code(), "unknown_field")
        self.assertEqual(shopper.call("GET", "/v1/me/addresses").json()["data"], [])

    def test_the_book_of_another_is_not_found(self):
        owner, other = market.shopper(), market.shopper()
        path = "/v1/me/addresses/" + owner.call("POST", "/v1/me/addresses", ADDRESS, expect=201).json()["id"]
        self.assertEqual(other.call("GET", path).status, 404)
        self.assertEqual(other.call("PATCH", path, {"city": "Bath"}).status, 404)
        self.assertEqual(other.call("DELETE", path).status, 404)
        owner.call("GET", path, expect=200)


class NameAndPassword(unittest.TestCase):
    def test_a_name_is_changed_unless_somebody_has_it(self):
        shopper, other = market.shopper(), market.shopper()
        taken = shopper.call("PATCH", "/v1/me", {"username": other.name.upper()})
        self.assertEqual((taken.status, taken.code()), (409, "username_taken"))
        changed = shopper.call("PATCH", "/v1/me", {"username": shopper.name + "-x"}, expect=200).json()
        self.assertEqual(changed, shopper.call("GET", "/v1/me", expect=200).json())
        self.assertEqual(changed["username"], shopper.name + "-x")
        for body in ({"email": "eve@example.com"}, {"role": "admin"}, {"id": changed["id"]}):
            self.assertEqual(shopper.call("PATCH", "/v1/me", body).code(), "unknown_field")

    def test_a_new_password_needs_the_old_one_and_signs_out_everywhere_else(self):
        shopper = market.shopper()
        elsewhere = shopper.refresh_token
        shopper.login()
        change = {"current_password": "wrong horse", "new_password": "battery staple"}
        wrong = shopper.call("POST", "/v1/me/password", change)
        self.assertEqual((wrong.status, wrong.code()), (422, "wrong_password"))
        change["current_password"] = PASSWORD
        shopper.call("POST", "/v1/me/password", change, expect=204)
        self.assertEqual(refresh(shopper, elsewhere).status, 401)
        self.assertEqual(refresh(shopper, shopper.refresh_token).status, 200)
        old = shopper.call("POST", "/v1/auth/login", {"email": shopper.email, "password": PASSWORD})
        self.assertEqual((old.status, old.code()), (401, "invalid_credentials"))
        shopper.call("POST", "/v1/auth/login", {"email": shopper.email, "password": "battery staple"}, expect=200)


class Guessing(unittest.TestCase):
    def test_known_and_unknown_addresses_are_refused_and_locked_alike(self):
        shopper = market.shopper()
        unknown = market.shopper().connection  # a connection; the address below is nobody's

        def guess(connection, email, password="wrong horse"):
            body = json.dumps({"email": email, "password": password}).encode()
            response = connection.request("POST", "/v1/auth/login", {"content-type": "application/json"}, body)
            problem = response.json()
            for name in ("request_id", "instance"):
                problem.pop(name, None)
            wait = response.headers.get("retry-after")
            self.assertEqual(wait, str(problem["errors"][0]["available"]) if response.status == 429 else None)
            return response.status, problem

        for _ in range(10):
            known = guess(shopper.connection, shopper.email)
            self.assertEqual(known, guess(unknown, "nobody@example.com"))
            self.assertEqual((known[0], known[1]["code"]), (401, "invalid_credentials"))
        for email, password in ((shopper.email, PASSWORD), ("nobody@example.com", PASSWORD)):
            status, problem = guess(shopper.connection, email, password)
            self.assertEqual((status, problem["code"]), (429, "too_many_requests"))
            self.assertTrue(880 <= problem["errors"][0]["available"] <= 900, problem)

    def test_guesses_at_once_are_no_more_than_guesses_one_by_one(self):
        shopper = market.shopper()
        body = json.dumps({"email": shopper.email, "password": "wrong horse"}).encode()
        request = ("POST", "/v1/auth/login", {"content-type": "application/json"}, body)
        answers = [answer.status for answer in shopper.connection.race([request] * 30)]
        self.assertEqual((answers.count(401), answers.count(429)), (10, 20), answers)


if __name__ == "__main__":
    unittest.main()
