"""Life of an account: where it is signed in."""
import unittest

from market import Market


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


if __name__ == "__main__":
    unittest.main()
