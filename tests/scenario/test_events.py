"""Events that cannot be consumed beside events that can, while the node is killed: nobody is told twice, nobody is
forgotten, and what was set aside waits for the operator."""
import subprocess
import time
import unittest

from market import Market, wait_until

SHOPPERS = 12
KILLS = 3
NOTICE = 1190  # user.notice_was_raised


def setUpModule():
    global market
    market = Market(settings=("--events.attempts=2",)).__enter__()
    unittest.addModuleCleanup(market.__exit__, None, None, None)


def events(*words):
    return subprocess.run(market.command("events", *words, "--data-dir", str(market.data_dir)), capture_output=True,
                          text=True, timeout=60)


def parked():
    answer = events("parked")
    assert answer.returncode == 0, answer.stderr
    return [line.split() for line in answer.stdout.splitlines()]


def poison_every_shard():
    """Notices whose body nobody can read, at the end of each shard."""
    market.sql("user", f"""
        WITH f AS (UPDATE host.shard_fence SET next_seq = next_seq + 1 RETURNING shard, next_seq - 1 AS seq)
        INSERT INTO host.outbox (shard, seq, msg_id, number, key, body, at)
        SELECT f.shard, f.seq, gen_random_uuid(), {NOTICE}, gen_random_uuid(), 'poison', 1 FROM f""")


def mails():
    """How many messages there are per shopper, of the kind that each gets once."""
    rows = market.sql("notification", """SELECT recipient_id, count(*) FROM notification.message
                                         WHERE kind = 'verify_email' AND channel = 'email' GROUP BY 1""")
    return sorted(int(row[1]) for row in rows)


def kill_node():
    """Until the next one answers."""
    gone = market.kill("souk-node")
    wait_until(lambda: market.children().get("souk-node", [gone]) != [gone], 30, "the next node starts")
    wait_until(lambda: events("parked").returncode == 0, 30, "the next node answers")
    wait_until(is_selling, 30, "the gateway has found it")


def is_selling():
    return market.get("/v1/products").status == 200


class Events(unittest.TestCase):
    def test_poison_is_set_aside_and_everything_else_arrives_once(self):
        shoppers = [market.shopper()]
        wait_until(lambda: mails() == [1], 20, "the first mail")
        poison_every_shard()
        for turn in range(KILLS):
            for _ in range(SHOPPERS // KILLS):
                shoppers.append(market.shopper())
            time.sleep(0.1 * turn)
            kill_node()
        wait_until(lambda: mails() == [1] * len(shoppers), 30, "every shopper is told")
        wait_until(lambda: len(parked()) == 64, 30, "64 events are set aside")
        self.assertEqual({(line[0], line[2], line[4]) for line in parked()},
                         {("notification", "user.notice_was_raised", "2")})

        # Nothing of it is repeated by another start.
        kill_node()
        last = market.shopper()
        wait_until(lambda: mails() == [1] * (len(shoppers) + 1), 20, f"{last.email} is told")
        self.assertEqual(len(parked()), 64)

    def test_z_the_operator_settles_what_was_set_aside(self):
        lines = parked()
        event = lines[0][1]
        refused = events("replay", "notification", event)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""), refused.stderr)
        self.assertEqual([line[4] for line in parked() if line[1] == event], ["3"])
        self.assertEqual(events("discard", "notification", event).returncode, 0)
        self.assertEqual(events("discard", "notification", event).returncode, 1)
        self.assertEqual(len(parked()), len(lines) - 1)
        self.assertEqual(events("discard", "notification", "all").returncode, 0)
        self.assertEqual(parked(), [])
        self.assertEqual(events("replay", "nobody", "all").returncode, 2)
        late = events("late")
        self.assertEqual((late.returncode, late.stdout), (0, ""), late.stderr)


if __name__ == "__main__":
    unittest.main()
