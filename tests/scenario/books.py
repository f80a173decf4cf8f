"""The bank's books held against ours: whose each charge, refund and dispute is, and what does not fit, in words."""
from collections import Counter

PAGES_MAX = 5000


def untyped(text):
    """The uuid in an id such as og_…, as PostgreSQL writes it."""
    digits = "0123456789abcdefghjkmnpqrstvwxyz"
    number = 0
    for letter in text.split("_", 1)[1]:
        number = number << 5 | digits.index(letter)
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def queue_of(staff):
    """All that waits for staff: (cause, subject, part) with bare ids; and who did not say what he has."""
    found, silent, after = set(), set(), ""
    for _ in range(PAGES_MAX):
        page = staff.call("GET", f"/v1/admin/queue?limit=50{after}", expect=200).json()
        silent.update(page.get("unanswered", []))
        for item in page["data"]:
            found.add((item["cause"], bare(item["subject"]), bare(item.get("part"))))
        if not page["has_more"]:
            return found, silent
        after = f"&after={page['next']}"
    raise AssertionError(f"the queue has no end: {len(found)} items on {PAGES_MAX} pages")


def bare(text):
    """Ids of the bank's events, say, stay as they are."""
    try:
        return untyped(text)
    except (AttributeError, IndexError, ValueError):
        return text


def payment_of(charge):
    """As we have written it beside the charge; None: a stranger's."""
    return bare(charge["metadata"].get("souk_payment"))


class Ours:
    """What our databases know of cards, by id."""

    def __init__(self, market):
        rows = market.sql("payment", "SELECT id, purpose, goal, charge, status, amount, captured, refunded, refunding, "
                                     "disputed, lost FROM payment.payment WHERE amount > 0")
        self.payments = {row[0]: Payment(*row[1:]) for row in rows}
        # By the bank's id of it.
        self.refunds = {row[0]: (row[1], row[2], int(row[3])) for row in market.sql(
            "payment", "SELECT ref, id, payment_id, amount FROM payment.refund WHERE state = 'taken'")}
        # What the market gives back by itself of what nobody wanted.
        self.own_refunds = {row[0]: row[1] for row in market.sql(
            "payment", "SELECT DISTINCT f.ref, f.payment_id FROM payment.fact f WHERE f.fact LIKE 'refund\\_%' AND "
                       "NOT EXISTS (SELECT FROM payment.refund r WHERE r.ref = f.ref)")}
        # What the bank has made beside a payment, by its id there; all of it goes back.
        self.strays = dict(market.sql("payment", "SELECT reference, payment_id FROM payment.stray"))
        self.groups = {row[0]: (int(row[1]), row[2] != "") for row in market.sql(
            "order", "SELECT id, card_amount, card_lost_at FROM \"order\".order_group "
                     "WHERE status = 'placed' AND card_amount > 0")}
        # Asked for at the card once more it is another refund of the payment's; what was never charged needs none.
        self.order_refunds = {row[0]: (row[1], int(row[2]), row[3], int(row[4])) for row in market.sql(
            "order", "SELECT r.id, o.group_id, r.card, CASE r.card_code WHEN 'not_captured' THEN 'needless' "
                     "ELSE r.card_state END, r.card_attempt FROM \"order\".order_refund r "
                     "JOIN \"order\".vendor_order o ON o.id = r.order_id WHERE r.card > 0")}
        # What had gone already, of each group, and closed refunds of it.
        self.closed = {row[0]: int(row[1]) for row in market.sql(
            "order", "SELECT o.group_id, sum(r.by_bank) FROM \"order\".order_refund r "
                     "JOIN \"order\".vendor_order o ON o.id = r.order_id WHERE r.by_bank > 0 GROUP BY o.group_id")}
        self.topups = {row[0]: (int(row[1]), row[2]) for row in market.sql(
            "wallet", "SELECT payment_id, amount, state FROM wallet.topup")}
        self.provider = {row[0]: -int(row[1]) for row in market.sql(
            "wallet", "SELECT currency, sum(amount) FROM wallet.posting WHERE account = 'provider' GROUP BY currency")}


class Payment:
    def __init__(self, purpose, goal, charge, status, *sums):
        self.purpose, self.goal, self.charge, self.status = purpose, goal, charge, status
        self.amount, self.captured, self.refunded, self.refunding, self.disputed, self.lost = map(int, sums)


class Comparison:
    """Reads both sides once; `wrong` says what does not fit. `outside`: refunds that were made at the bank itself,
    by their ids there."""

    def __init__(self, market, staff, outside=()):
        self.outside = set(outside)
        self.books, self.ours, self.wrong = market.books(), Ours(market), []
        self.queue, silent = queue_of(staff)
        self.claim(not silent, "the queue does not say what waits in", sorted(silent))
        if self.books["is_cut"]:
            self.wrong.append("the bank's books are longer than what it shows")
        self.charges = {charge["id"]: charge for charge in self.books["charges"]}
        self.refund_sums, self.dispute_sums = Counter(), Counter()
        for one in self.books["refunds"]:
            self.refund_sums[one["charge"], one["status"]] += one["amount"]
        for one in self.books["disputes"]:
            if one["status"] != "won":
                self.dispute_sums[one["charge"], one["status"] == "lost"] += one["amount"]
        self.compare_charges()
        self.compare_what_we_took()
        self.compare_refunds()
        self.compare_orders()
        self.compare_ledger()

    def claim(self, holds, *told):
        if not holds:
            self.wrong.append(" ".join(str(one) for one in told))

    def is_queued(self, subject, *causes):
        """By its subject or part."""
        return any(cause in causes and subject in ids for cause, *ids in self.queue)

    def compare_charges(self):
        self.seen = {}
        for charge in self.books["charges"]:
            if not charge["approved"]:
                self.claim(charge["captured"] == 0, "declined and captured:", charge)
                continue
            payment_id = payment_of(charge)
            if charge["intent_status"] == "requires_capture":
                is_queued = self.is_queued(payment_id, "payment_not_taken", "payment_unknown")
                self.claim(is_queued, "still set aside:", charge)
                continue
            if charge["captured"] == 0:
                continue
            if self.ours.strays.get(charge["payment_intent"]) == payment_id is not None:
                self.claim(charge["captured"] == charge["refunded"] or
                           self.is_queued(payment_id, "payment_not_wanted", "payment_mismatch"),
                           "a second charge that is kept:", charge)
                continue
            payment = self.ours.payments.get(payment_id)
            if payment is None or payment.charge not in ("", charge["id"]):
                self.wrong.append(f"a charge of no payment: {charge}")
                continue
            self.claim(payment_id not in self.seen, "charged twice:", charge)
            self.seen[payment_id] = charge
            self.compare_sums(payment_id, payment, charge)
            self.compare_owner(payment_id, payment, charge)

    def compare_sums(self, payment_id, payment, charge):
        theirs = (charge["captured"], self.refunds_of(charge, "succeeded"), self.refunds_of(charge, "pending"),
                  self.disputes_of(charge, is_lost=False), self.disputes_of(charge, is_lost=True))
        ours = (payment.captured, payment.refunded, payment.refunding, payment.disputed, payment.lost)
        self.claim(ours == theirs, "captured, refunded, on their way, disputed, lost of", payment_id, "are", ours,
                   "and at the bank", theirs, charge["id"])

    def refunds_of(self, charge, status):
        return self.refund_sums[charge["id"], status]

    def disputes_of(self, charge, is_lost):
        return self.dispute_sums[charge["id"], is_lost]

    def compare_owner(self, payment_id, payment, charge):
        """Just one of: a placed group, a top-up that is credited, all given back, the operators' queue."""
        group, topup = self.ours.groups.get(payment_id), self.ours.topups.get(payment_id)
        if group is not None and not group[1]:
            self.claim(group == (charge["captured"], False) and topup is None, "the card's part of group", payment_id,
                       "is", group, "and at the bank", charge)
        elif topup is not None and topup[1] == "credited":
            self.claim(topup[0] == charge["captured"], "top-up", payment_id, "is", topup, "and at the bank", charge)
        else:
            gone = charge["refunded"] + self.disputes_of(charge, False) + self.disputes_of(charge, True)
            self.claim(charge["captured"] == gone or self.is_queued(payment_id, "payment_not_wanted", "payment_unknown",
                                                                    "payment_mismatch", "dispute_open",
                                                                    "card_without_order"),
                       "kept for nothing:", charge, "status", payment.status, "goal", payment.goal)

    def compare_what_we_took(self):
        for group, (amount, is_lost) in self.ours.groups.items():
            self.claim(is_lost or group in self.seen, "group", group, "is placed, and its card was not charged", amount)
        for topup, (amount, state) in self.ours.topups.items():
            self.claim(state != "credited" or topup in self.seen, "top-up", topup, "is credited and was not charged",
                       amount)
            self.claim(state != "pending" or topup in self.ours.payments, "top-up", topup,
                       "is pending without a payment")
        for payment_id, payment in self.ours.payments.items():
            self.claim(payment.captured == 0 or payment_id in self.seen, "payment", payment_id, "is captured here only")

    def compare_refunds(self):
        self.refund_status, self.given_outside = {}, Counter()
        for refund in self.books["refunds"]:
            payment_id = payment_of(self.charges[refund["charge"]])
            known = self.ours.refunds.get(refund["id"])
            if refund["id"] in self.outside:
                self.claim(known is None and refund["status"] == "succeeded", "not from outside:", refund)
                self.given_outside[payment_id] += refund["amount"]
                continue
            if known is None:
                is_own = self.ours.own_refunds.get(refund["id"]) == payment_id
                payment = self.ours.payments.get(payment_id)
                is_beside = self.charges[refund["charge"]]["payment_intent"] in self.ours.strays
                self.claim(is_own and payment is not None and (is_beside or payment.goal == "release"),
                           "a refund of nobody:", refund)
                continue
            self.claim(known[1:] == (payment_id, refund["amount"]), "refund", known, "is at the bank", refund)
            self.refund_status[known[0]] = refund["status"]
        missing = [one for ref, one in self.ours.refunds.items() if one[0] not in self.refund_status]
        self.claim(not missing, "refunds that the bank does not know:", missing)

    def compare_orders(self):
        """What orders say of their refunds to cards is what the bank says, and what failed waits for staff."""
        given = Counter()
        for refund_id, (group, amount, state, attempts) in self.ours.order_refunds.items():
            at_bank = self.refund_status.get(refund_id)  # of the first attempt
            if state == "succeeded" and attempts == 0:
                self.claim(at_bank == "succeeded", "refund", refund_id, "has succeeded here; at the bank", at_bank)
            else:
                self.claim(at_bank in (None, "failed", "canceled"), "refund", refund_id, "failed here; at the bank",
                           at_bank)
            if state == "succeeded":
                given[group] += amount
            elif state != "needless":
                self.claim(state == "failed", "refund", refund_id, "of group", group, "has no end:", state, at_bank)
                self.claim(self.is_queued(refund_id, "card_refund_failed"), "nobody is told of failed refund",
                           refund_id)
        for group in self.ours.groups:
            if group in self.seen:
                outside = self.given_outside[group]
                self.claim(self.ours.closed.get(group, 0) >= outside, "given back outside of group", group, outside,
                           "and closed", self.ours.closed.get(group, 0))
                at_bank = self.refunds_of(self.seen[group], "succeeded") - outside
                self.claim(given[group] == at_bank, "given back of group", group, given[group], "and at the bank",
                           at_bank)

    def compare_ledger(self):
        theirs = Counter()
        for movement in self.books["movements"]:
            theirs[movement["currency"].upper()] += movement["amount"]
        theirs, ours = ({currency: amount for currency, amount in side.items() if amount}
                        for side in (theirs, self.ours.provider))
        self.claim(ours == theirs, "the ledger's provider has", ours, "and at the bank", theirs)
