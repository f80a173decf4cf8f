"""Rates of tax: staff enters them, and what was in force stays as it was."""
import datetime
import unittest

from market import Market, wait_until

PATH = "/v1/admin/tax-rates"


def setUpModule():
    global market, staff
    market = Market().__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)
    staff = market.staff()


def days_from_now(days):
    time = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def add(expect=201, **fields):
    body = {"name": "VAT", "country": "DE", "tax_class": "standard", "rate_ppm": 190000, **fields}
    return staff.call("POST", PATH, {k: v for k, v in body.items() if v is not None}, expect=expect)


class TaxRates(unittest.TestCase):
    def test_a_rate_is_entered_read_and_listed_by_country(self):
        rate = add(country="AT", rate_ppm=200000).json()
        answer = staff.call("GET", f"{PATH}/{rate['id']}", expect=200)
        self.assertEqual(answer.json(), rate)
        self.assertEqual(answer.headers["etag"], '"1"')
        add(country="CH", rate_ppm=81000)
        listed = staff.call("GET", f"{PATH}?country=AT", expect=200).json()
        self.assertEqual(listed["data"], [rate])
        self.assertEqual(staff.call("GET", f"{PATH}?country=FR", expect=200).json()["data"], [])

    def test_pages_go_from_the_newest_to_the_oldest_without_a_gap(self):
        ids = [add(country="US", region=region, name="Sales tax", rate_ppm=72500).json()["id"]
               for region in ("CA", "NY", "TX", "WA", "NV")]
        found, after = [], ""
        while True:
            page = staff.call("GET", f"{PATH}?country=US&limit=2{after}", expect=200).json()
            found += [rate["id"] for rate in page["data"]]
            if not page["has_more"]:
                break
            after = f"&after={page['next']}"
        self.assertEqual(found, ids[::-1])

    def test_what_was_in_force_is_ended_and_not_changed(self):
        rate = add(country="FR", rate_ppm=196000).json()
        path, tag = f"{PATH}/{rate['id']}", {"if_match": '"1"'}
        for body, pointer in (({"rate_ppm": 200000}, "/rate_ppm"), ({"starts_at": days_from_now(1)}, "/starts_at"),
                              ({"ends_at": days_from_now(-1)}, "/ends_at")):
            answer = staff.call("PATCH", path, body, expect=409, **tag).json()
            self.assertEqual((answer["code"], answer["errors"][0]["pointer"]), ("tax_rate_in_force", pointer))
        self.assertEqual(staff.call("DELETE", path, expect=409).code(), "tax_rate_in_force")
        changed = staff.call("PATCH", path, {"ends_at": days_from_now(30)}, expect=200, **tag).json()
        self.assertEqual(changed["version"], 2)
        staff.call("PATCH", path, {"name": "TVA"}, expect=412, **tag)
        self.assertEqual(staff.call("GET", path, expect=200).json(), changed)
        add(country="FR", rate_ppm=200000, starts_at=changed["ends_at"])

    def test_a_rate_of_the_future_changes_and_goes(self):
        rate = add(country="IT", starts_at=days_from_now(10)).json()
        path = f"{PATH}/{rate['id']}"
        self.assertEqual(staff.call("PATCH", path, {"rate_ppm": 220000}, expect=200).json()["rate_ppm"], 220000)
        staff.call("DELETE", path, expect=204)
        staff.call("GET", path, expect=404)

    def test_the_same_rate_twice_is_refused(self):
        add(country="ES", starts_at=days_from_now(5))
        again = add(country="ES", starts_at=staff.call("GET", f"{PATH}?country=ES").json()["data"][0]["starts_at"],
                    expect=409)
        self.assertEqual(again.code(), "tax_rate_exists")

    def test_what_makes_no_sense_is_refused_by_its_field(self):
        wrong = [({"country": "XX"}, "/country"), ({"country": "de"}, "/country"), ({"country": "DEU"}, "/country"),
                 ({"country": None, "region": "BY"}, "/region"), ({"region": "b-y"}, "/region"),
                 ({"rate_ppm": -1}, "/rate_ppm"), ({"rate_ppm": 1000001}, "/rate_ppm"),
                 ({"rate_ppm": 1.5}, "/rate_ppm"),
                 ({"name": "\u200b"}, "/name"), ({"tax_class": "luxury"}, "/tax_class"),
                 ({"starts_at": days_from_now(2), "ends_at": days_from_now(1)}, "/ends_at")]
        for fields, pointer in wrong:
            with self.subTest(fields=fields):
                answer = add(expect=None, **fields)
                self.assertIn(answer.status, (400, 422), answer.body)
                self.assertEqual(answer.json()["errors"][0]["pointer"], pointer)

    def test_nothing_and_all_are_rates_too(self):
        add(country="GI", rate_ppm=0, tax_class="zero")
        add(country="GI", rate_ppm=1000000)

    def test_only_staff_with_the_right_enters_rates_and_shoppers_see_none(self):
        market.shopper().call("GET", PATH, expect=401)
        connection = market.connect()
        self.addCleanup(connection.close)
        self.assertEqual(connection.request("GET", PATH).status, 401)

    def test_who_entered_a_rate_stands_in_the_audit_trail(self):
        rate = add(country="PT").json()
        path = f"/v1/admin/audit?subject={rate['id']}"
        wait_until(lambda: staff.call("GET", path, expect=200).json()["data"], 10, "the entry has come")
        entries = staff.call("GET", path, expect=200).json()["data"]
        self.assertEqual([entry["action"] for entry in entries], ["order.add_tax_rate"])


if __name__ == "__main__":
    unittest.main()
