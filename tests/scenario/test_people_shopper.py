"""A shopper's proofs and rights: address and password by token, second factor, keys for servers, export, erasure."""
import base64
import hashlib
import hmac
import json
import re
import struct
import time
import unittest
import uuid
from urllib.parse import quote

from market import Market, PASSWORD, ROOT, Shopper, Staff, wait_until

ADDRESS = {"name": "Ada", "line1": "1 Main St", "city": "London", "country": "GB"}
DEMO = ROOT / "scripts" / "demo" / "products.csv"


def setUpModule():
    global market
    market = Market(["--admin.second_factor=optional"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def uuid_of(typed):
    value = 0
    for character in typed.split("_")[1]:
        value = value << 5 | "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    return str(uuid.UUID(int=value))


def message(address, kind):
    """The newest message of that kind to an address; waits for it."""
    found = []

    def is_there():
        answer = market.get(f"/v1/test/outbox?recipient={quote(address)}&channel=email&limit=100")
        found[:] = [mail for mail in answer.json()["data"] if mail["kind"] == kind]
        return bool(found)

    wait_until(is_there, 15, f"{kind} reaches {address}")
    return max(found, key=lambda mail: mail["created_at"])


def token(address, kind):
    """The one-time token that the newest message of that kind carries."""
    return re.search(r"tic_[0-9a-z]{26}\.[0-9A-Za-z_-]{43}", message(address, kind)["text"])[0]


def anonymous(method, path, body):
    """Status and what the answer says, without what differs from request to request."""
    connection = market.connect()
    try:
        response = connection.request(method, path, {"content-type": "application/json"}, json.dumps(body).encode())
    finally:
        connection.close()
    problem = response.json() if response.body else {}
    for name in ("request_id", "instance"):
        problem.pop(name, None)
    return response.status, problem


def newcomer():
    name = "m" + uuid.uuid4().hex[:12]
    return {"email": f"{name}@example.com", "username": name, "password": PASSWORD}


def code_of(secret, step_offset=0):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + step_offset), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7fffffff) % 1000000:06d}"


def login(shopper, password=PASSWORD, **more):
    return shopper.call("POST", "/v1/auth/login", {"email": shopper.email, "password": password, **more})


def enrol(shopper):
    """A second factor in force; answers its secret and the recovery codes."""
    enrolment = shopper.call("POST", "/v1/me/otp", {"current_password": PASSWORD}, expect=200).json()
    assert enrolment["uri"].startswith("otpauth://totp/"), enrolment
    codes = shopper.call("POST", "/v1/me/otp/confirm", {"code": code_of(enrolment["secret"], -1)}, expect=200).json()
    return enrolment["secret"], codes["codes"]


class Address(unittest.TestCase):
    def test_a_token_verifies_once_and_used_and_unknown_ones_are_answered_alike(self):
        shopper = market.shopper()
        self.assertFalse(shopper.call("GET", "/v1/me", expect=200).json()["is_email_verified"])
        sent = token(shopper.email, "verify_email")
        shopper.call("POST", "/v1/auth/verify-email", {"token": sent}, expect=204)
        self.assertTrue(shopper.call("GET", "/v1/me", expect=200).json()["is_email_verified"])
        used = anonymous("POST", "/v1/auth/verify-email", {"token": sent})
        self.assertEqual((used[0], used[1]["code"]), (422, "invalid_ticket"))
        forged = sent[:-3] + ("aaa" if sent[-3:] != "aaa" else "bbb")
        for other in (forged, sent.split(".")[0], "tic_", "x" * 128):
            self.assertEqual(anonymous("POST", "/v1/auth/verify-email", {"token": other}), used, other)
        again = shopper.call("POST", "/v1/me/verification")
        self.assertEqual((again.status, again.code()), (409, "illegal_transition"))

    def test_a_new_address_counts_when_its_token_comes_back(self):
        shopper = market.shopper()
        old, new = shopper.email, f"new.{shopper.name}@example.org"
        wrong = shopper.call("POST", "/v1/me/email", {"email": new, "current_password": "wrong horse"})
        self.assertEqual((wrong.status, wrong.code()), (422, "wrong_password"))
        for bad in ("a@b", "a b@example.com", "a@@example.com", "@example.com", "a@example.com\n.org", shopper.email,
                    "a@exa\u202emple.com"):
            refused = shopper.call("POST", "/v1/me/email", {"email": bad, "current_password": PASSWORD})
            self.assertEqual((refused.status, [error["pointer"] for error in refused.json().get("errors", [])]),
                             (422, ["/email"]), (bad, refused.body))
        shopper.call("POST", "/v1/me/email", {"email": new.upper(), "current_password": PASSWORD}, expect=202)
        self.assertEqual(login(shopper).status, 200)
        self.assertEqual(anonymous("POST", "/v1/auth/verify-email", {"token": token(new, "change_email")})[0], 204)
        self.assertEqual(message(old, "email_changed")["to"], old)
        me = shopper.call("GET", "/v1/me", expect=200).json()
        self.assertEqual((me["id"], me["email"], me["is_email_verified"]), (shopper.user["id"], new, True))
        self.assertEqual(login(shopper).code(), "invalid_credentials")
        shopper.email = new
        shopper.login()

    def test_an_address_that_is_somebodys_is_refused_to_who_reads_its_mail_only(self):
        shopper, other = market.shopper(), market.shopper()
        shopper.call("POST", "/v1/me/email", {"email": other.email, "current_password": PASSWORD}, expect=202)
        status, problem = anonymous("POST", "/v1/auth/verify-email", {"token": token(other.email, "change_email")})
        self.assertEqual((status, problem["code"]), (409, "email_taken"))


class ForgottenPassword(unittest.TestCase):
    def test_nobody_learns_which_addresses_are_known(self):
        shopper = market.shopper()
        known = anonymous("POST", "/v1/auth/password/forgot", {"email": shopper.email})
        self.assertEqual(known, (202, {}))
        for other in ("nobody.at.all@example.com", "no address", f" {shopper.email.upper()} "):
            self.assertEqual(anonymous("POST", "/v1/auth/password/forgot", {"email": other}), known, other)
        for _ in range(4):
            anonymous("POST", "/v1/auth/password/forgot", {"email": "nobody.at.all@example.com"})
            anonymous("POST", "/v1/auth/password/forgot", {"email": shopper.email})
        many = [anonymous("POST", "/v1/auth/password/forgot", {"email": email})
                for email in (shopper.email, "nobody.at.all@example.com")]
        self.assertEqual([status for status, _ in many], [429, 429])

    def test_no_more_messages_go_to_an_address_that_is_typed_in_many_ways_at_once(self):
        shopper = market.shopper()
        spellings = [f"{shopper.name[:i].upper()}{shopper.name[i:]}@EXAMPLE.com" for i in range(len(shopper.name))]
        requests = [("POST", "/v1/auth/password/forgot", {"content-type": "application/json"},
                     json.dumps({"email": email}).encode()) for email in spellings]
        answers = [answer.status for answer in shopper.connection.race(requests)]
        self.assertEqual((answers.count(202), answers.count(429)), (5, len(spellings) - 5), answers)

    def test_a_token_sets_one_password_however_often_it_is_sent_at_once(self):
        shopper = market.shopper()
        first = shopper.refresh_token
        anonymous("POST", "/v1/auth/password/forgot", {"email": shopper.email})
        sent = token(shopper.email, "reset_password")
        for weak in ("password1", shopper.email, "aaaaaaaaaa"):
            status, problem = anonymous("POST", "/v1/auth/password/reset", {"token": sent, "password": weak})
            self.assertEqual((status, problem["errors"][0]["pointer"]), (422, "/password"), weak)
        foreign = token(shopper.email, "verify_email")
        status, problem = anonymous("POST", "/v1/auth/password/reset", {"token": foreign, "password": "new horse 0"})
        self.assertEqual((status, problem["code"]), (422, "invalid_ticket"))
        requests = [("POST", "/v1/auth/password/reset", {"content-type": "application/json"},
                     json.dumps({"token": sent, "password": f"new horse {i}"}).encode()) for i in range(4)]
        answers = [answer.status for answer in shopper.connection.race(requests)]
        self.assertEqual(sorted(answers), [204, 422, 422, 422])
        self.assertEqual(shopper.call("POST", "/v1/auth/refresh", {"refresh_token": first}).status, 401)
        self.assertEqual(login(shopper).status, 401)
        self.assertEqual(login(shopper, f"new horse {answers.index(204)}").status, 200)


class SecondFactor(unittest.TestCase):
    def test_signing_in_takes_a_code_that_works_once(self):
        shopper = market.shopper()
        self.assertEqual(shopper.call("GET", "/v1/me/otp", expect=200).json()["is_enabled"], False)
        secret, codes = enrol(shopper)
        self.assertEqual(shopper.call("GET", "/v1/me/otp", expect=200).json(),
                         {"is_enabled": True, "recovery_codes_left": 10})
        without = login(shopper)
        self.assertEqual((without.status, without.code()), (401, "otp_required"))
        self.assertEqual(login(shopper, "wrong horse", otp=codes[0]).code(), "invalid_credentials")
        body = json.dumps({"email": shopper.email, "password": PASSWORD, "otp": codes[1]}).encode()
        request = ("POST", "/v1/auth/login", {"content-type": "application/json"}, body)
        answers = sorted(answer.status for answer in shopper.connection.race([request] * 3))
        self.assertEqual(answers, [200, 422, 422])
        code = code_of(secret, 1)
        self.assertEqual(login(shopper, otp=code).status, 200)
        replayed = login(shopper, otp=code)
        self.assertEqual((replayed.status, replayed.code()), (422, "wrong_otp"))

    def test_malformed_codes_are_wrong_codes_and_too_many_lock(self):
        shopper = market.shopper()
        secret, codes = enrol(shopper)
        for wrong in ("12345", "1234567", "\u0661\u0662\u0663\u0664\u0665\u0666", "x" * 64, "' OR 1=1"):
            answer = login(shopper, otp=wrong)
            self.assertEqual((answer.status, answer.code()), (422, "wrong_otp"), wrong)
        locked = login(shopper, otp=codes[0])
        self.assertEqual((locked.status, locked.code()), (429, "too_many_requests"))
        self.assertEqual(locked.headers["retry-after"], str(locked.json()["errors"][0]["available"]))
        for wrong in ("", 123456, None):
            self.assertIn(login(shopper, otp=wrong).status, (400, 422))

    def test_it_ends_with_password_and_code(self):
        shopper = market.shopper()
        _, codes = enrol(shopper)
        again = shopper.call("POST", "/v1/me/otp", {"current_password": PASSWORD})
        self.assertEqual((again.status, again.code()), (409, "illegal_transition"))
        fresh = shopper.call("POST", "/v1/me/otp/recovery-codes", {"code": codes[0]}, expect=200).json()["codes"]
        self.assertEqual((len(fresh), set(fresh) & set(codes)), (10, set()))
        old = shopper.call("POST", "/v1/me/otp/disable", {"current_password": PASSWORD, "code": codes[1]})
        self.assertEqual(old.code(), "wrong_otp")
        shopper.call("POST", "/v1/me/otp/disable", {"current_password": PASSWORD, "code": fresh[0]}, expect=204)
        shopper.login()


class Keys(unittest.TestCase):
    def test_keys_are_shown_once_listed_and_ended_by_their_owner(self):
        shopper, other = market.shopper(), market.shopper()
        verified = {"token": token(shopper.email, "verify_email")}  # no words of people go to a stranger's address
        shopper.call("POST", "/v1/auth/verify-email", verified, expect=204)
        wanted = {"name": "cron", "scopes": ["wallet", "account"]}
        made = shopper.call("POST", "/v1/me/api-keys", wanted, expect=201).json()
        self.assertTrue(made["secret"].startswith("sk_store_key_"))
        self.assertIn("Its name: cron\n", message(shopper.email, "api_key_made")["text"])
        listed = shopper.call("GET", "/v1/me/api-keys", expect=200)
        self.assertNotIn(made["secret"].split(".")[1], listed.body.decode())
        key = listed.json()["data"][0]
        self.assertEqual((key["id"], key["name"], sorted(key["scopes"])), (made["id"], "cron", ["account", "wallet"]))
        self.assertEqual(other.call("DELETE", f"/v1/me/api-keys/{made['id']}").status, 404)
        shopper.call("DELETE", f"/v1/me/api-keys/{made['id']}", expect=204)
        self.assertEqual(shopper.call("GET", "/v1/me/api-keys", expect=200).json()["data"], [])

    def test_what_is_no_key_is_refused(self):
        shopper = market.shopper()
        wanted = {"name": "k", "scopes": ["account"]}
        for body, pointer in (({"name": "a\u202eb", "scopes": ["account"]}, "/name"),
                              ({"name": "k", "scopes": []}, "/scopes"),
                              ({"name": "k", "scopes": ["account", "manage_users"]}, "/scopes/1"),
                              ({**wanted, "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at")):
            answer = shopper.call("POST", "/v1/me/api-keys", body)
            self.assertEqual((answer.status, answer.json()["errors"][0]["pointer"]), (422, pointer), body)


class Profile(unittest.TestCase):
    def test_language_and_telephone_are_changed_and_taken_away(self):
        shopper = market.shopper()
        self.assertEqual((shopper.user["locale"], "phone" in shopper.user), ("en", False))
        changed = shopper.call("PATCH", "/v1/me", {"locale": "de", "phone": "+4915112345678"}, expect=200).json()
        self.assertEqual((changed["locale"], changed["phone"]), ("de", "+4915112345678"))
        self.assertNotIn("phone", shopper.call("PATCH", "/v1/me", {"phone": ""}, expect=200).json())
        for body, pointer in (({"locale": "fr"}, "/locale"), ({"phone": "0151 12345678"}, "/phone"),
                              ({"phone": "+0"}, "/phone")):
            answer = shopper.call("PATCH", "/v1/me", body)
            self.assertEqual((answer.status, answer.json()["errors"][0]["pointer"]), (422, pointer), body)

    def test_nobody_gives_himself_what_is_not_his_to_give(self):
        shopper = market.shopper()
        for field, value in (("is_email_verified", True), ("status", "active"), ("id", shopper.user["id"]),
                             ("role", "admin"), ("email", "eve@example.com"),
                             ("created_at", "2020-01-01T00:00:00Z"), ("version", 1)):
            self.assertEqual(shopper.call("PATCH", "/v1/me", {field: value}).code(), "unknown_field")
            if field != "email":
                problem = anonymous("POST", "/v1/auth/register", {**newcomer(), field: value})[1]
                self.assertEqual(problem["code"], "unknown_field")

    def test_look_alike_names_and_weak_passwords_are_refused(self):
        body = newcomer()
        for field, value in (("username", "\u0430dmin"), ("username", "ad\u200bmin"),
                             ("username", "erased-" + "0" * 26), ("username", "\uff41dmin"),
                             ("password", "password123"), ("password", body["email"]),
                             ("locale", "xx"), ("email", "a@b"), ("email", "a\u200b@example.com ")):
            status, problem = anonymous("POST", "/v1/auth/register", {**body, field: value})
            self.assertEqual((status, [error["pointer"] for error in problem.get("errors", [])]), (422, [f"/{field}"]),
                             (value, problem))


def staff_member():
    staff = Staff(market, "o" + uuid.uuid4().hex[:12])
    market.create_staff(staff.email)
    staff.login()
    return staff


class OtherHands(unittest.TestCase):
    """tests/README.md, S-49, as far as it is about shoppers: staff, impersonation, servers."""

    def test_a_blocked_shopper_is_out_until_staff_lets_them_in(self):
        staff, shopper = staff_member(), market.shopper()
        path = f"/v1/admin/users/{shopper.user['id']}"
        self.assertEqual(shopper.call("POST", path + "/block", {"reason": "me"}).status, 401)
        for reason in (None, "", " ", "a\u0007b", "x" * 501):
            body = {} if reason is None else {"reason": reason}
            self.assertEqual(staff.call("POST", path + "/block", body).status, 422, reason)
        blocked = staff.call("POST", path + "/block", {"reason": "chargebacks"}, expect=200).json()
        self.assertEqual((blocked["email"], blocked["status"]), (shopper.email, "blocked"))
        again = staff.call("POST", path + "/block", {"reason": "chargebacks"})
        self.assertEqual((again.status, again.code()), (409, "illegal_transition"))
        self.assertEqual(login(shopper, "wrong horse").code(), "invalid_credentials")
        refused = login(shopper)
        self.assertEqual((refused.status, refused.code()), (403, "account_blocked"))
        refresh = shopper.call("POST", "/v1/auth/refresh", {"refresh_token": shopper.refresh_token})
        self.assertEqual((refresh.status, refresh.code()), (401, "invalid_refresh_token"))
        self.assertEqual(shopper.call("GET", "/v1/me").status, 401)
        self.assertEqual(shopper.call("PATCH", "/v1/me", {"locale": "de"}).status, 401)
        listed = staff.call("GET", f"/v1/admin/users?q={shopper.name}&status=blocked", expect=200).json()
        self.assertEqual(([user["id"] for user in listed["data"]], listed["has_more"]), ([shopper.user["id"]], False))
        staff.call("POST", path + "/unblock", {}, expect=200)  # what gives back needs no reason
        shopper.login()
        message(shopper.email, "account_unblocked")

    def test_an_impersonated_shopper_is_named_and_their_proofs_are_their_own(self):
        staff, shopper = staff_member(), market.shopper(money=500)
        path = f"/v1/admin/users/{shopper.user['id']}/impersonate"
        granted = staff.call("POST", path, {"reason": "ticket 7"}, expect=201).json()
        self.assertEqual((granted["user"]["id"], granted["token_type"]), (shopper.user["id"], "Bearer"))
        self.assertNotIn("refresh_token", granted)
        hand = Shopper(market, shopper.name)
        hand.token = granted["access_token"]
        looked = hand.call("GET", "/v1/me", expect=200)
        self.assertEqual(looked.headers["souk-impersonated-by"], staff.person["id"])
        self.assertNotIn("souk-impersonated-by", shopper.call("GET", "/v1/me", expect=200).headers)
        hand.call("PATCH", "/v1/me", {"locale": "de"}, expect=200)
        for method, where, body in (("GET", "/v1/me/export", None), ("GET", "/v1/me/sessions", None),
                                    ("GET", "/v1/me/otp", None), ("DELETE", "/v1/me", {}),
                                    ("POST", "/v1/me/password", {"current_password": "x", "new_password": "new horse"}),
                                    ("POST", "/v1/me/api-keys", {"name": "k", "scopes": ["account"]})):
            refused = hand.call(method, where, body)
            self.assertEqual((refused.status, refused.code()), (403, "impersonation_refused"), where)

        def actions():
            entries = staff.call("GET", f"/v1/admin/audit?subject={shopper.user['id']}", expect=200).json()["data"]
            return {(entry["action"], entry["principal"], entry["actor"]) for entry in entries}

        staff_id, user_id = staff.person["id"], shopper.user["id"]
        both = {("user.impersonate", staff_id, staff_id), ("user.change_me", user_id, staff_id)}
        wait_until(lambda: both <= actions(), 15, "the trail names both")

    def test_a_server_does_what_its_key_says_and_no_more(self):
        shopper = market.shopper(money=500)
        made = shopper.call("POST", "/v1/me/api-keys", {"name": "books", "scopes": ["wallet"]}, expect=201).json()
        server = Shopper(market, shopper.name)
        server.token = made["secret"]
        self.assertEqual(server.available(), 500)
        for method, where in (("GET", "/v1/me"), ("GET", "/v1/orders"), ("GET", "/v1/me/api-keys"),
                              ("DELETE", "/v1/me"), ("GET", "/v1/me/export")):
            refused = server.call(method, where)
            self.assertEqual((refused.status, refused.code()), (403, "forbidden"), where)
        shopper.call("DELETE", f"/v1/me/api-keys/{made['id']}", expect=204)
        wait_until(lambda: server.call("GET", "/v1/wallet").status == 401, 65, "the key is refused")


class Leaving(unittest.TestCase):
    """tests/README.md, S-50, as far as there are orders and wallets."""

    def test_everything_that_is_kept_can_be_taken_along(self):
        shopper = market.shopper(money=500)
        shopper.call("POST", "/v1/me/addresses", ADDRESS, expect=201)
        made = shopper.call("POST", "/v1/me/api-keys", {"name": "cron", "scopes": ["wallet"]}, expect=201).json()
        export = shopper.call("GET", "/v1/me/export", expect=200).json()
        self.assertEqual([(key["id"], key["name"]) for key in export["api_keys"]], [(made["id"], "cron")])
        self.assertNotIn(made["secret"].split(".")[1], json.dumps(export))
        self.assertEqual(export["account"]["email"], shopper.email)
        self.assertEqual([address["line1"] for address in export["addresses"]], ["1 Main St"])
        self.assertEqual(len(export["sessions"]), 1)
        self.assertEqual([t["amount"]["amount"] for t in export["wallet"]["transactions"]], [500])
        self.assertEqual((export["orders"]["orders"], export["orders"]["is_complete"]), ([], True))
        self.assertIsInstance(export["notifications"], (dict, list))

    def test_money_and_open_orders_keep_an_account_and_say_so(self):
        market.import_products(DEMO)
        shopper = market.shopper(money=100_000)
        product = None

        def is_sold():
            nonlocal product
            found = market.get("/v1/products?limit=100&in_stock=true").json()["data"]
            product = found[0] if found else None
            return product is not None

        wait_until(is_sold, 10, "there is something to buy")
        detail = market.get(f"/v1/products/{product['id']}").json()
        variant = next(v for v in detail["variants"] if v["available"] > 0)

        def is_added():
            return shopper.call("POST", f"/v1/carts/{shopper.cart()['id']}/lines",
                                {"variant_id": variant["id"], "quantity": 1}).status == 201

        wait_until(is_added, 10, "the catalogue has heard of the vendor")
        group = shopper.checkout(shopper.cart()).json()
        refused = shopper.call("DELETE", "/v1/me", {"current_password": PASSWORD})
        self.assertEqual((refused.status, refused.code()), (409, "erasure_blocked"))
        details = [error["detail"] for error in refused.json()["errors"]]
        self.assertEqual({error["code"] for error in refused.json()["errors"]}, {"erasure_blocked"})
        self.assertTrue(any("wallet holds" in detail for detail in details), details)
        self.assertTrue(any(group["orders"][0]["number"] in detail for detail in details), details)
        export = shopper.call("GET", "/v1/me/export", expect=200).json()
        self.assertEqual([order["id"] for order in export["orders"]["orders"]], [group["orders"][0]["id"]])
        self.assertEqual(login(shopper).status, 200)

    def test_an_erased_account_leaves_nothing_behind(self):
        shopper = market.shopper()
        shopper.call("PATCH", "/v1/me", {"phone": "+4915112345678"}, expect=200)
        shopper.call("POST", "/v1/me/addresses", ADDRESS, expect=201)
        shopper.call("POST", "/v1/me/api-keys", {"name": "Ada's own", "scopes": ["account"]}, expect=201)
        enrol(shopper)
        cart = shopper.cart()
        wrong = shopper.call("DELETE", "/v1/me", {"current_password": "wrong horse"})
        self.assertEqual((wrong.status, wrong.code()), (422, "wrong_password"))
        shopper.call("DELETE", "/v1/me", expect=204)
        id_ = uuid_of(shopper.user["id"])
        account = market.sql("user", "SELECT email, username, password_hash, status, phone IS NULL"
                             f" FROM \"user\".account WHERE id = '{id_}'")
        suffix = shopper.user["id"].split("_")[1]
        self.assertEqual(account, [[f"erased-{suffix}@invalid", f"erased-{suffix}", "", "erased", "t"]])
        for count in (f"\"user\".address WHERE user_id = '{id_}'", f"identity.otp WHERE person_id = '{id_}'",
                      f"identity.session WHERE account_id = '{id_}' AND (revoked_at IS NULL OR client <> '')",
                      f"identity.api_key WHERE account_id = '{id_}' AND (revoked_at IS NULL OR name <> '')",
                      f"identity.ticket WHERE account_id = '{id_}' AND used_at IS NULL"):
            self.assertEqual(market.sql("user", f"SELECT count(*) FROM {count}"), [["0"]], count)
        self.assertEqual(message(shopper.email, "account_erased")["to"], shopper.email)
        dump = market.sql("user", "SELECT count(*) FROM outbox WHERE position('" + shopper.email.encode().hex()
                          + "' IN encode(body, 'hex')) > 0")
        self.assertEqual(dump, [["0"]], "events name nobody")
        self.assertEqual(login(shopper).code(), "invalid_credentials")
        self.assertEqual(shopper.call("POST", "/v1/auth/refresh", {"refresh_token": shopper.refresh_token}).status, 401)
        carts = f"SELECT count(*) FROM \"order\".cart WHERE id = '{uuid_of(cart['id'])}'"
        wait_until(lambda: market.sql("order", carts) == [["0"]], 10, "the cart is forgotten")
        again = market.shopper(shopper.name)  # address and name are free again
        self.assertNotEqual(again.user["id"], shopper.user["id"])

    def test_an_old_session_needs_the_password(self):
        shopper = market.shopper()
        id_ = uuid_of(shopper.user["id"])
        market.sql("user", "UPDATE identity.session SET created_at = created_at - 601000000"
                   f" WHERE account_id = '{id_}'")
        refused = shopper.call("DELETE", "/v1/me")
        self.assertEqual((refused.status, refused.code()), (403, "step_up_required"))
        shopper.call("DELETE", "/v1/me", {"current_password": PASSWORD}, expect=204)


if __name__ == "__main__":
    unittest.main()
