"""Vendors: applying, approval, the team and its roles, closed windows, shipping methods, API keys, and what is
refused to everybody else."""
import base64
import datetime
import hashlib
import hmac
import re
import struct
import time
import unittest
import urllib.parse
import uuid

from market import Market, PASSWORD, Shopper, wait_until


def setUpModule():
    global market, staff
    market = Market(["--admin.second_factor=optional", "--vendor.leave_delay=1"]).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = market.staff()


def draw(letter):
    return letter + uuid.uuid4().hex[:12]


def refused(response):
    return response.status, response.code()


def one_time_code(secret, ahead=0):
    """RFC 6238 as an app computes it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at:at + 4], 'big') & 0x7fffffff) % 1000000:06d}"


def instant(seconds):
    """RFC 3339, so far from now."""
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def letters(recipient, kind):
    query = urllib.parse.urlencode({"recipient": recipient, "channel": "email"})
    return [mail for mail in market.get(f"/v1/test/outbox?{query}").json()["data"] if mail["kind"] == kind]


def token_for(recipient, kind):
    wait_until(lambda: letters(recipient, kind), 20, f"{kind} is sent")
    return re.search(r"token=(\S+)", letters(recipient, kind)[0]["text"])[1]


class Member(Shopper):
    """Somebody of a vendor's team."""

    def sign_in(self, **more):
        answer = self.call("POST", "/v1/vendor/login", {"email": self.email, "password": PASSWORD, **more})
        if answer.status == 200:
            self.take(answer.json())
        return answer

    def take(self, answer):
        self.token, self.refresh_token = answer["access_token"], answer["refresh_token"]
        self.member, self.vendor = answer["member"], answer["vendor"]

    def refresh(self):
        return self.call("POST", "/v1/vendor/refresh", {"refresh_token": self.refresh_token})

    def invite(self, role, email=None):
        """Somebody new of that role, signed in."""
        other = Member(market, draw("m"))
        self.call("POST", "/v1/vendor/members", {"email": other.email, "role": role}, expect=202)
        body = {"token": token_for(other.email, "member_invited"), "name": "Eve", "password": PASSWORD}
        other.call("POST", "/v1/vendor/invitations/accept", body, expect=201)
        assert other.sign_in().status == 200
        return other


def desk():
    """Staff, on a connection that was not idle too long."""
    staff.reconnect()
    return staff


def act(vendor_id, what, reason="because", by=None, expect=200):
    return (by or desk()).call("POST", f"/v1/admin/vendors/{vendor_id}/{what}", {"reason": reason}, expect=expect)


def applicant():
    owner = Member(market, draw("v"))
    owner.id = owner.call("POST", "/v1/vendors", {"name": owner.name, "email": owner.email, "password": PASSWORD},
                          expect=201).json()["id"]
    assert owner.sign_in().status == 200
    return owner


def approved():
    owner = applicant()
    act(owner.id, "approve")
    assert owner.sign_in().status == 200
    return owner


def is_open_in_catalogue(name):
    rows = market.sql("catalog", f"SELECT is_open FROM catalog.vendor_copy WHERE name = '{name}'")
    return rows[0][0] == "t" if rows else None


def vendor_status(vendor_id):
    return desk().call("GET", f"/v1/admin/vendors/{vendor_id}", expect=200).json()["vendor"]["status"]


class Applying(unittest.TestCase):
    def test_an_applicant_becomes_a_vendor_that_everybody_sees(self):
        owner = applicant()
        self.assertEqual(owner.vendor["status"], "applied")
        self.assertEqual(owner.member["permissions"], ["view_vendor", "manage_profile", "manage_team"])
        self.assertEqual(market.get(f"/v1/vendors/{owner.id}").status, 404)
        self.assertEqual(refused(owner.call("GET", "/v1/vendor/api-keys")), (403, "forbidden"))
        token = token_for(owner.email, "verify_email")
        Member(market, "nobody").call("POST", "/v1/vendor/verify-email", {"token": token}, expect=204)
        self.assertTrue(owner.call("GET", "/v1/vendor/me", expect=200).json()["is_email_verified"])
        act(owner.id, "approve")
        wait_until(lambda: letters(owner.email, "vendor_approved"), 20, "the vendor is told")
        self.assertEqual(market.get(f"/v1/vendors/{owner.id}").json()["name"], owner.name)
        owner.take(owner.refresh().json())
        owner.call("GET", "/v1/vendor/api-keys", expect=200)
        detail = desk().call("GET", f"/v1/admin/vendors/{owner.id}", expect=200).json()
        self.assertEqual([(e.get("from"), e["to"]) for e in detail["history"]],
                         [("applied", "approved"), (None, "applied")])

    def test_what_is_no_application_is_refused_with_its_place(self):
        good = {"name": draw("n"), "email": f"{draw('e')}@example.com", "password": PASSWORD}
        for field, value, status in (("name", "  ", 422), ("name", "a\u202eb", 422), ("name", "a\u200bb", 422),
                                     ("name", "x" * 201, 422), ("email", "nobody", 422), ("password", "password", 422),
                                     ("locale", "xx", 422), ("description", "a\u0007b", 422)):
            response = market_call("POST", "/v1/vendors", {**good, field: value})
            self.assertEqual(response.status, status, (field, value, response.body))
        for body in ({**good, "status": "approved"}, {**good, "id": "ven_x"}, {**good, "role": "owner"}):
            self.assertEqual(market_call("POST", "/v1/vendors", body).code(), "unknown_field")
        market_call("POST", "/v1/vendors", good, expect=201)
        again = market_call("POST", "/v1/vendors", {**good, "name": good["name"].upper()})
        self.assertEqual(refused(again), (409, "vendor_name_taken"))
        again = market_call("POST", "/v1/vendors", {**good, "name": draw("n")})
        self.assertEqual(refused(again), (409, "email_taken"))

    def test_what_the_machine_does_not_allow_is_said(self):
        owner = applicant()
        response = act(owner.id, "suspend", expect=409)
        self.assertEqual(response.code(), "illegal_transition")
        self.assertIn("applied; allowed: approve, reject", response.json()["errors"][0]["detail"])
        act(owner.id, "reject")
        self.assertEqual(owner.call("POST", "/v1/vendor/apply", {}, expect=200).json()["status"], "applied")
        self.assertEqual(desk().call("POST", f"/v1/admin/vendors/{owner.id}/reject", {}).status, 422)

    def test_a_suspension_is_heard_at_once_and_a_termination_is_for_good(self):
        owner = approved()
        wait_until(lambda: is_open_in_catalogue(owner.name), 20, "the catalogue sells")
        act(owner.id, "suspend")
        self.assertEqual(owner.refresh().status, 401)
        wait_until(lambda: is_open_in_catalogue(owner.name) is False, 20, "the catalogue does not sell")
        wait_until(lambda: owner.call("GET", "/v1/vendor").status == 401, 60, "gateways have heard of it")
        owner.sign_in()
        self.assertEqual(owner.member["permissions"], ["view_vendor", "manage_profile", "manage_team",
                                                         "manage_stock", "view_orders", "manage_orders"])
        act(owner.id, "reinstate")
        wait_until(lambda: is_open_in_catalogue(owner.name), 20, "the catalogue sells again")
        desk().step_up()
        leaving = act(owner.id, "terminate").json()
        self.assertEqual(leaving["status"], "terminating")
        detail = desk().call("GET", f"/v1/admin/vendors/{owner.id}", expect=200).json()
        self.assertEqual((detail["open_orders"], detail["open_checkouts"]), (0, 0))
        wait_until(lambda: is_open_in_catalogue(owner.name) is False, 20, "the catalogue does not sell")
        wait_until(lambda: vendor_status(owner.id) == "terminated", 30, "nothing keeps it any more")
        self.assertEqual(refused(owner.sign_in()), (403, "account_blocked"))
        wrong = owner.call("POST", "/v1/vendor/login", {"email": owner.email, "password": "wrong horse"})
        self.assertEqual(refused(wrong), (401, "invalid_credentials"))
        self.assertEqual(market.get(f"/v1/vendors/{owner.id}").status, 404)

    def test_the_operator_of_a_vendor_is_no_staff_and_staff_is_audited(self):
        owner, shopper = approved(), market.shopper()
        for other in (owner, shopper):
            self.assertEqual(other.call("GET", "/v1/admin/vendors").status, 401)
            self.assertEqual(act(owner.id, "suspend", by=other, expect=401).status, 401)
        self.assertEqual(shopper.call("GET", "/v1/vendor").status, 401)
        act(owner.id, "suspend", reason="late parcels")

        def entries():
            query = f"/v1/admin/audit?subject={owner.id}&action=vendor.suspend_vendor"
            return desk().call("GET", query, expect=200).json()["data"]
        wait_until(entries, 20, "the audit has it")
        self.assertEqual(entries()[0]["reason"], "late parcels")
        self.assertIn("approved", str(entries()[0]["before"]))


def market_call(method, path, body, expect=None):
    guest = Shopper(market, "guest")
    try:
        return guest.call(method, path, body, expect=expect)
    finally:
        market.shoppers.remove(guest)
        guest.connection.close()


class Team(unittest.TestCase):
    def test_roles_open_their_own_doors_only(self):
        owner = approved()
        editor, accountant = owner.invite("editor"), owner.invite("accountant")
        for member in (editor, accountant):
            member.call("GET", "/v1/vendor", expect=200)
            self.assertEqual(refused(member.call("GET", "/v1/vendor/members")), (403, "forbidden"))
            self.assertEqual(member.call("PATCH", "/v1/vendor", {"description": "x"}).status, 403)
            self.assertEqual(member.call("POST", "/v1/vendor/members",
                                         {"email": "x@example.com", "role": "owner"}).status, 403)
        self.assertEqual(len(owner.call("GET", "/v1/vendor/members", expect=200).json()["data"]), 3)

    def test_a_removed_member_is_out_within_a_minute(self):
        owner = approved()
        editor = owner.invite("editor")
        owner.call("DELETE", f"/v1/vendor/members/{editor.member['id']}", expect=204)
        self.assertEqual(editor.refresh().status, 401)
        self.assertEqual(editor.call("GET", "/v1/vendor/me").status, 401)
        wait_until(lambda: editor.call("GET", "/v1/vendor").status == 401, 60, "the access token is refused")
        self.assertEqual(refused(editor.sign_in()), (401, "invalid_credentials"))

    def test_the_last_owner_stays_and_a_manager_makes_none(self):
        owner = approved()
        manager = owner.invite("manager")
        path = f"/v1/vendor/members/{owner.member['id']}"
        self.assertEqual(refused(owner.call("DELETE", path)), (409, "last_owner"))
        self.assertEqual(refused(owner.call("PATCH", path, {"role": "editor"})), (409, "last_owner"))
        self.assertEqual(refused(manager.call("DELETE", path)), (403, "forbidden"))
        mine = f"/v1/vendor/members/{manager.member['id']}"
        self.assertEqual(refused(manager.call("PATCH", mine, {"role": "owner"})), (403, "forbidden"))

    def test_two_owners_who_remove_each_other_leave_one(self):
        owner = approved()
        second = owner.invite("owner")
        requests = [("DELETE", f"/v1/vendor/members/{there.member['id']}", here.headers(), None)
                    for here, there in ((owner, second), (second, owner))]
        answers = owner.connection.race(requests)
        self.assertLessEqual([answer.status for answer in answers].count(204), 1)
        left = market.sql("vendor", "SELECT count(*) FROM vendor.member m JOIN vendor.vendor v ON v.id = m.vendor_id"
                                    f" WHERE v.name = '{owner.name}' AND m.role = 0")
        self.assertEqual(left, [["1"]])

    def test_an_invitation_is_for_one_and_once(self):
        owner, email = approved(), f"{draw('i')}@example.com"
        made = owner.call("POST", "/v1/vendor/members", {"email": email, "role": "editor"}, expect=202).json()
        token = token_for(email, "member_invited")
        body = {"token": token, "name": "Eve", "password": PASSWORD}
        for bad in (token[:-1], token + "A", "tic_nothing", "x" * 128):
            self.assertEqual(refused(market_call("POST", "/v1/vendor/invitations/accept", {**body, "token": bad})),
                             (422, "invalid_ticket"))
        self.assertEqual(market_call("POST", "/v1/vendor/password/reset",
                                     {"token": token, "password": PASSWORD}).code(), "invalid_ticket")
        listed = owner.call("GET", "/v1/vendor/invitations", expect=200).json()["data"]
        self.assertEqual([i["id"] for i in listed], [made["id"]])
        foreign = approved().call("DELETE", f"/v1/vendor/invitations/{made['id']}")
        self.assertEqual(foreign.status, 404)
        guests = [Shopper(market, "guest") for _ in range(2)]
        answers = [guest.call("POST", "/v1/vendor/invitations/accept", body).status for guest in guests]
        self.assertEqual(sorted(answers), [201, 422])

    def test_second_factor_and_step_up(self):
        owner = approved()
        secret = owner.call("POST", "/v1/vendor/me/otp", {"current_password": PASSWORD}, expect=200).json()["secret"]
        codes = owner.call("POST", "/v1/vendor/me/otp/confirm", {"code": one_time_code(secret)},
                           expect=200).json()["codes"]
        self.assertEqual(refused(owner.sign_in()), (401, "otp_required"))
        for wrong in ("000000", "banana", "\u0660\u0661\u0662", "1" * 33):
            self.assertIn(owner.sign_in(otp=wrong).status, (401, 422))
        body = {"email": owner.email, "password": PASSWORD, "otp": codes[0]}
        guests = [Shopper(market, "guest") for _ in range(4)]
        answers = [guest.call("POST", "/v1/vendor/login", body).status for guest in guests]
        self.assertEqual(answers.count(200), 1, answers)
        self.assertEqual(owner.sign_in(otp=codes[1]).status, 200)
        self.assertEqual(refused(owner.call("POST", "/v1/vendor/step-up", {"password": PASSWORD})),
                         (422, "missing_field"))
        stepped = owner.call("POST", "/v1/vendor/step-up", {"otp": codes[2]}, expect=200).json()
        owner.token = stepped["access_token"]
        owner.call("GET", "/v1/vendor", expect=200)

    def test_known_and_unknown_addresses_are_answered_alike(self):
        owner = approved()
        answers = []
        for email in (owner.email, f"{draw('u')}@example.com"):
            login = market_call("POST", "/v1/vendor/login", {"email": email, "password": "wrong horse"})
            forgot = market_call("POST", "/v1/vendor/password/forgot", {"email": email})
            answers.append((login.status, login.code(), forgot.status, forgot.body))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][2], 202)
        token = token_for(owner.email, "reset_password")
        market_call("POST", "/v1/vendor/password/reset", {"token": token, "password": "battery staple 9"}, expect=204)
        self.assertEqual(owner.refresh().status, 401)
        market_call("POST", "/v1/vendor/login", {"email": owner.email, "password": "battery staple 9"}, expect=200)


class Profile(unittest.TestCase):
    def test_a_profile_has_a_version_and_plain_texts(self):
        owner = approved()
        version = owner.call("GET", "/v1/vendor", expect=200).headers["etag"]
        changed = owner.call("PATCH", "/v1/vendor", {"description": "<b>Oak</b>\nand ash", "policies": "No returns.",
                                                     "logo_url": "https://cdn.example/l.png"}, if_match=version,
                             expect=200)
        stale = owner.call("PATCH", "/v1/vendor", {"description": "x"}, if_match=version)
        self.assertEqual(refused(stale), (412, "precondition_failed"))
        profile = market.get(f"/v1/vendors/{owner.id}").json()
        self.assertEqual((profile["description"], profile["is_on_holiday"]), ("<b>Oak</b>\nand ash", False))
        self.assertNotIn("contact_email", profile)
        for field, value in (("logo_url", "http://cdn.example/x"), ("banner_url", "javascript:alert(1)"),
                             ("contact_email", "nobody"), ("name", "\u202e"), ("name", "\u3000"),
                             ("closed_from", instant(60))):
            response = owner.call("PATCH", "/v1/vendor", {field: value})
            self.assertEqual(response.status, 422, (field, response.body))
        for field in ("status", "version", "slug", "is_open", "id"):
            self.assertEqual(owner.call("PATCH", "/v1/vendor", {field: "x"}).code(), "unknown_field")
        self.assertEqual(owner.call("GET", "/v1/vendor").headers["etag"], changed.headers["etag"])

    def test_a_closed_window_hides_what_is_sold_and_ends_by_the_clock(self):
        owner = approved()
        wait_until(lambda: is_open_in_catalogue(owner.name), 20, "the catalogue sells")
        owner.call("PATCH", "/v1/vendor", {"closed_from": instant(-5), "closed_to": instant(4)}, expect=200)
        wait_until(lambda: is_open_in_catalogue(owner.name) is False, 3, "closed at once")
        self.assertTrue(market.get(f"/v1/vendors/{owner.id}").json()["is_on_holiday"])
        wait_until(lambda: is_open_in_catalogue(owner.name), 20, "open again by the clock")
        owner.call("PATCH", "/v1/vendor", {"closed_from": instant(2), "closed_to": instant(600)}, expect=200)
        wait_until(lambda: is_open_in_catalogue(owner.name) is False, 20, "closed by the clock")
        self.assertTrue(owner.call("POST", "/v1/vendor/reopen", {}, expect=200).json()["is_open"])
        wait_until(lambda: is_open_in_catalogue(owner.name), 20, "open again by hand")

    def test_ways_of_sending_are_the_vendors_own(self):
        owner, other = approved(), approved()
        way = {"name": "Parcel", "kind": "free_above", "price": {"amount": 490, "currency": "EUR"},
               "free_above": {"amount": 5000, "currency": "EUR"}, "countries": ["DE", "AT"]}
        made = owner.call("POST", "/v1/vendor/shipping-methods", way, expect=201)
        path = f"/v1/vendor/shipping-methods/{made.json()['id']}"
        self.assertEqual(made.headers["etag"], '"1"')
        for method, body in (("GET", None), ("PATCH", {"name": "Mine"}), ("DELETE", None)):
            self.assertEqual(other.call(method, path, body).status, 404)
        changed = owner.call("PATCH", path, {"is_active": False}, if_match='"1"', expect=200).json()
        self.assertEqual((changed["is_active"], changed["countries"]), (False, ["DE", "AT"]))
        self.assertEqual(owner.call("DELETE", path, if_match='"1"').status, 412)
        for field, value in (("price", {"amount": -1, "currency": "EUR"}), ("countries", ["XX"]), ("kind", "drone"),
                             ("free_above", {"amount": 1, "currency": "USD"}), ("name", " "),
                             ("price", {"amount": 2 ** 63, "currency": "EUR"})):
            response = owner.call("POST", "/v1/vendor/shipping-methods", {**way, field: value})
            self.assertIn(response.status, (400, 422), (field, response.body))
        owner.call("DELETE", path, if_match='"2"', expect=204)


class Keys(unittest.TestCase):
    def test_a_key_does_what_it_was_made_for(self):
        owner = approved()
        made = owner.call("POST", "/v1/vendor/api-keys", {"name": "ERP", "scopes": ["view_vendor"]}, expect=201).json()
        server = Member(market, draw("k"))
        server.token = made["secret"]
        self.assertEqual(server.call("GET", "/v1/vendor", expect=200).json()["id"], owner.id)
        self.assertEqual(server.call("GET", "/v1/vendor/members").status, 403)
        self.assertEqual(server.call("GET", "/v1/vendor/me").status, 403)
        self.assertEqual(owner.call("POST", "/v1/vendor/api-keys", {"name": "x", "scopes": ["fly"]}).status, 422)
        self.assertEqual(approved().call("DELETE", f"/v1/vendor/api-keys/{made['id']}").status, 404)
        owner.call("DELETE", f"/v1/vendor/api-keys/{made['id']}", expect=204)
        wait_until(lambda: server.call("GET", "/v1/vendor").status == 401, 60, "the key is refused")


class Checklist(unittest.TestCase):
    def test_what_is_missing_is_named_and_keeps_from_approval(self):
        with Market(["--admin.second_factor=optional", "--vendor.checklist=email,shipping"]) as strict:
            global market, staff
            kept = market, staff
            market, staff = strict, strict.staff()
            try:
                owner = applicant()
                response = act(owner.id, "approve", expect=409)
                self.assertEqual(response.code(), "checklist_incomplete")
                self.assertEqual([e["pointer"] for e in response.json()["errors"]], ["/email", "/shipping"])
                token = token_for(owner.email, "verify_email")
                owner.call("POST", "/v1/vendor/verify-email", {"token": token}, expect=204)
                owner.call("POST", "/v1/vendor/shipping-methods",
                           {"name": "Parcel", "kind": "flat", "price": {"amount": 490, "currency": "EUR"}}, expect=201)
                items = owner.call("GET", "/v1/vendor/checklist", expect=200).json()["items"]
                self.assertEqual([(i["code"], i["is_done"]) for i in items], [("email", True), ("shipping", True)])
                act(owner.id, "approve")
            finally:
                market, staff = kept


if __name__ == "__main__":
    unittest.main()
