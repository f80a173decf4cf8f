"""What the generator refuses, and that it names file, message and field; and that its output is repeatable."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from messages import checks, emit_c, emit_docs, emit_tables, family as families, reader  # noqa: E402

FIELD = 'fields.id = { type = "id", prefix = "wid", doc = "Which." }\n'
HEAD = 'doc = "A domain."\nnumber = 3000\n'


def command(extra="", fields=FIELD, number=3001, key='key = "id"\n'):
    return f'[command.move]\ndoc = "Moves."\nnumber = {number}\n{key}{extra}{fields}'


def family(extra="", sample="sample.number = 1050\n", widget="widget.number = 3050\n", head=""):
    """Two domains that turn alike."""
    return (f'doc = "Alike."\ndomains = ["sample", "widget"]\n{head}'
            '[command.turn]\ndoc = "Turns."\nkey = "angle_name"\n'
            f'fields.angle_name = {{ type = "text", min = 1, doc = "How far." }}\n{extra}{sample}{widget}')


MAX = "sample.fields.angle_name.max = 8\nwidget.fields.angle_name.max = 9\n"


def generate(toml, out=None, alike=None, others=None):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name, text in (others or {}).items():
            (folder / name).write_text(text)
        if alike is not None:
            (folder / "alike.toml").write_text(alike)
        for source in [ROOT / "messages/status.toml", *(ROOT / "tests/messages/fixture").glob("*.toml")]:
            (folder / source.name).write_text(source.read_text())
        (folder / "widget.toml").write_text(toml)
        return subprocess.run([sys.executable, "-B", ROOT / "scripts/generate_messages.py", "--messages", folder,
                               "--out", out or folder / "out"], capture_output=True, text=True, check=False)


class Refusing(unittest.TestCase):
    def refused(self, toml, *words):
        result = generate(HEAD + toml)
        self.assertEqual(result.returncode, 1, result.stderr)
        for word in ("widget.toml", *words):
            self.assertIn(word, result.stderr)

    def accepted(self, toml):
        result = generate(HEAD + toml)
        self.assertEqual(result.returncode, 0, result.stderr)


class Refusals(Refusing):
    def test_a_plain_command_is_accepted(self):
        self.accepted(command())

    def test_a_field_without_doc_names_itself(self):
        self.refused(command(fields='fields.id = { type = "id", prefix = "wid" }\n'), "command.move", "field id", "doc")

    def test_a_text_without_bound(self):
        self.refused(command(fields=FIELD + 'fields.a = { type = "text", doc = "A." }\n'), "field a", "max")

    def test_a_map_without_text_bound(self):
        self.refused(command(fields=FIELD + 'fields.a = { type = "map", max = 3, doc = "A." }\n'), "text_max")

    def test_a_c_keyword(self):
        self.refused(command(fields=FIELD + 'fields.int = { type = "bool", doc = "A." }\n'), "word of C")

    def test_an_outage_and_503_go_together(self):
        self.refused('[error.stuck]\nhttp = 503\ntitle = "It is stuck."\n' + command(), "error.stuck", "outage")
        self.refused('[error.stuck]\nhttp = 409\noutage = true\ntitle = "It is stuck."\n' + command(), "outage")
        self.accepted('[error.stuck]\nhttp = 503\noutage = true\ntitle = "It is stuck."\n' + command())

    def test_an_unknown_key(self):
        self.refused(command(fields=FIELD + 'fields.a = { type = "bool", doc = "A.", maxx = 1 }\n'), "maxx")

    def test_an_unknown_type(self):
        self.refused(command(fields=FIELD + 'fields.a = { type = "float", doc = "A." }\n'), "float")

    def test_a_record_that_holds_itself(self):
        self.refused('[record.a]\ndoc = "A."\nfields.b = { type = "b", doc = "B." }\n'
                     '[record.b]\ndoc = "B."\nfields.a = { type = "a", doc = "A." }\n', "contains itself")

    def test_records_nested_too_deep(self):
        deep = "".join(f'[record.r{i}]\ndoc = "R."\nfields.r = {{ type = "r{i + 1}", doc = "R." }}\n' for i in range(8))
        self.refused(deep + '[record.r8]\ndoc = "R."\n', "deeper")

    def test_a_number_outside_the_thousand(self):
        self.refused(command(number=4001), "4001")

    def test_a_number_twice(self):
        self.refused(command() + command().replace("move", "push"), "3001", "command.push")

    def test_a_domain_number_twice(self):
        result = generate(HEAD.replace("3000", "1000"))
        self.assertEqual(result.returncode, 1)
        self.assertIn("1000", result.stderr)

    def test_a_node_command_with_http(self):
        self.refused(command('http = "POST /v1/widgets"\n'), "http")

    def test_a_path_parameter_that_is_no_field(self):
        self.refused(command('role = "store"\nhttp = "POST /v1/widgets/{nobody}"\n'), "nobody")

    def test_a_route_twice(self):
        self.refused(command('role = "store"\nhttp = "PATCH /v1/samples/{id}"\n'), "route is taken")

    def test_a_message_of_staff_without_permission(self):
        self.refused(command('role = "admin"\nhttp = "POST /v1/widgets"\n'), "permission")

    def test_a_permission_that_nobody_can_have(self):
        self.refused(command('role = "admin"\npermission = "fly"\nhttp = "POST /v1/widgets"\n'), "permission")

    def test_a_live_session_of_nobody(self):
        self.refused(command('role = "public"\nhttp = "POST /v1/widgets"\nlive_session = true\n'), "live_session")
        self.refused(command('live_session = true\n'), "command.move", "live_session")
        self.refused(command('role = "store"\nhttp = "POST /v1/widgets"\nlive_session = false\n'), "live_session")
        self.accepted(command('role = "store"\nhttp = "POST /v1/widgets"\nlive_session = true\n'))

    def test_a_reason_of_staff_by_one_rule(self):
        staff = 'role = "admin"\npermission = "own"\nhttp = "POST /v1/widgets/{id}"\n'
        account = 'fields.id = { type = "id", prefix = "usr", doc = "Whose." }\n'
        mandatory = 'fields.reason = { type = "text", min = 1, max = 9, doc = "Why." }\n'
        optional = 'fields.reason = { type = "text", max = 9, optional = true, doc = "Why." }\n'
        self.refused(command(staff, account), "takes a 'reason'")
        self.refused(command(staff, account + optional), "field reason", "mandatory")
        self.refused(command(staff + "gives_back = true\n", account + mandatory), "field reason", "gives_back")
        self.refused(command("gives_back = true\n"), "gives_back")

    def test_changes_by_staff_that_nobody_hears_of(self):
        self.refused(command('role = "admin"\npermission = "own"\nhttp = "POST /v1/widgets"\n'),
                     "action_was_audited")

    def test_a_stream_of_something_that_does_not_go_on(self):
        def stream(entry="sequence", kind="int", after="int", more="bool", keys="stream = true\n"):
            bound = {"int": "min = 1", "text": "max = 9", "bool": ""}
            def field(name, type_, tail=""):
                parts = [f'type = "{type_}"', *filter(None, (bound.get(type_), tail)), 'doc = "It."']
                return f"fields.{name} = {{ {', '.join(parts)} }}\n"
            return ('[record.change]\ndoc = "A change."\n' + field(entry, kind)
                    + '[reply.changes]\ndoc = "Changes."\n' + field("data", "change", "list = 9")
                    + field("has_more", more)
                    + '[query.list_changes]\ndoc = "Lists."\nnumber = 3002\nscope = "domain"\nrole = "public"\n'
                    'http = "GET /v1/changes"\nreply = "changes"\n' + keys + field("after", after, "optional = true"))
        self.accepted(stream())
        self.accepted(stream("cursor", "text", "text"))
        self.accepted(stream("place", keys=""))
        self.refused(stream("place"), "query.list_changes", "'sequence'")
        self.refused(stream("sequence", "text"), "'sequence'")
        self.refused(stream("cursor", "text", "int"), "'sequence'")
        self.refused(stream(after="bool"), "'after'")
        self.refused(stream(more="int"), "'has_more'")

    def test_a_tag_that_no_change_could_name(self):
        def read(etag):
            return ('[reply.thing]\ndoc = "A thing."\nfields.version = { type = "int", min = 0, doc = "It." }\n'
                    '[query.get_thing]\ndoc = "It."\nnumber = 3002\nscope = "domain"\nrole = "public"\n'
                    f'http = "GET /v1/thing"\nreply = "thing"\n{etag}')
        self.accepted(read('etag = "version"\n'))
        self.accepted(read('etag = "state"\n'))
        self.refused(read('etag = "body"\n'), "query.get_thing", "'version'")
        self.refused(read(""), "query.get_thing", "'version'")

    def test_what_is_under_way_is_read_where_its_reply_says(self):
        def move(extra, reply="thing"):
            return (f'[record.thing]\ndoc = "A thing."\n{FIELD}[record.other]\ndoc = "Nothing."\n'
                    'fields.name = { type = "text", max = 8, doc = "Name." }\n'
                    + command(f'role = "public"\nhttp = "POST /v1/things/{{id}}"\nreply = "{reply}"\n{extra}'))
        under_way = 'also = [202]\nlocation = "/v1/things/{id}"\n'
        self.accepted(move(under_way))
        self.refused(move('location = "/v1/things/{id}"\n'), "command.move", "202")
        self.refused(move('also = [202]\nlocation = "/v1/things"\n'), "command.move", "{id}")
        self.refused(move(under_way, "other"), "command.move", "id in the reply")

    def test_a_command_without_key(self):
        self.refused(command(key=""), "key")

    def test_a_key_that_is_no_id_or_text(self):
        self.refused(command(key='key = "a"\n', fields='fields.a = { type = "int", doc = "A." }\n'), "key")

    def test_a_key_form_of_something_that_is_no_text(self):
        self.refused(command('key_form = "email"\n'), "command.move", "'key_form' needs a text")

    def test_a_key_form_of_the_principal(self):
        route = 'role = "store"\nhttp = "POST /v1/widgets"\n'
        self.refused(command(route + 'key_form = "email"\n', key='key = "principal"\n'), "'key_form' needs a text")

    def test_an_unknown_key_form(self):
        self.refused(command('key_form = "lower"\n'), "key_form 'lower'")

    def test_a_query_without_scope(self):
        self.refused('[query.look]\ndoc = "Looks."\nnumber = 3002\n', "scope")

    def test_an_unknown_error(self):
        self.refused(command('errors = ["no_such_error"]\n'), "no_such_error")

    def test_an_error_that_differs_from_its_namesake(self):
        self.refused('[error.not_found]\nhttp = 404\ntitle = "Another."\n', "not_found")

    def test_an_unknown_reply(self):
        self.refused(command('reply = "nothing"\n'), "nothing")

    def test_bytes_on_the_public_surface(self):
        self.refused(command('role = "store"\nhttp = "POST /v1/widgets"\n',
                             FIELD + 'fields.a = { type = "bytes", max = 4, doc = "A." }\n'), "bytes")

    def test_an_unknown_consumer(self):
        self.refused('consumes = ["nobody.came"]\n', "nobody.came, which is no event")

    def test_a_command_is_not_consumed(self):
        self.refused('consumes = ["sample.make"]\n', "sample.make, which is no event")

    def test_own_events_are_not_consumed(self):
        self.refused('consumes = ["widget.moved"]\n[event.moved]\ndoc = "Moved."\nnumber = 3100\n', "its own events")

    def test_an_event_consumed_twice(self):
        self.refused('consumes = ["sample.sample_was_made", "sample.sample_was_made"]\n', "twice")

    def test_only_what_is_consumed_is_batched(self):
        self.refused('batches = ["sample.sample_was_made"]\n', "not in 'consumes'")

    def test_two_members_of_one_name(self):
        self.refused(command(fields=FIELD + 'fields.a = { type = "time", doc = "A." }\n'
                             'fields.a_us = { type = "int", doc = "A." }\n'), "a_us")

    def test_a_default_outside_the_limits(self):
        self.refused(command(fields=FIELD + 'fields.a = { type = "int", max = 3, optional = true, default = 4, '
                             'doc = "A." }\n'), "default")

    def test_an_unknown_rate(self):
        self.refused(command('role = "public"\nrate = "fast"\nhttp = "POST /v1/widgets"\n'), "rate 'fast'")

    def test_a_route_that_takes_a_password_is_counted_like_a_sign_in(self):
        route = 'role = "public"\nhttp = "POST /v1/widgets"\n'
        field = FIELD + 'fields.old_password = { type = "text", max = 9, secret = true, doc = "A." }\n'
        self.refused(command(route, fields=field), 'it needs rate = "auth"')
        self.accepted(command('rate = "auth"\n' + route, fields=field))
        self.accepted(command(fields=field))

    def test_a_rate_without_a_route(self):
        self.refused(command('rate = "auth"\n'), "'rate' needs 'http'")

    def test_an_end_of_a_session_that_nobody_has(self):
        self.refused(command('role = "public"\nends_session = true\nhttp = "POST /v1/widgets"\n'), "ends_session")

    def test_a_query_that_ends_a_session(self):
        self.refused('[query.look]\ndoc = "Looks."\nnumber = 3002\nscope = "domain"\nends_session = true\n',
                     "unknown key 'ends_session'")

    def test_broken_toml(self):
        self.refused("[[[", "widget.toml")


class Families(unittest.TestCase):
    """What several domains say alike."""

    def model(self, alike, toml=HEAD):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for source in [ROOT / "messages/status.toml", *(ROOT / "tests/messages/fixture").glob("*.toml")]:
                (folder / source.name).write_text(source.read_text())
            (folder / "widget.toml").write_text(toml)
            (folder / "alike.toml").write_text(alike)
            self.all = reader.read_model(folder)
            checks.check_model(self.all)
            families.share_bodies(self.all)
            return {message.full_name: message for message in self.all.messages()}

    def refused(self, alike, *words, toml=HEAD, file="alike.toml"):
        result = generate(toml, alike=alike)
        self.assertEqual(result.returncode, 1, result.stderr)
        for word in (file, *words):
            self.assertIn(word, result.stderr)

    JOINED = ('doc = "What any domain may have."\njoined_by = "keeps"\n[query.look]\ndoc = "Looks."\n'
              'scope = "domain"\nmandatory = true\n[event.seen]\ndoc = "Seen."\n')

    def test_a_domain_joins_by_a_table_of_its_own(self):
        messages = self.model(self.JOINED, HEAD + '[keeps]\nlook = { number = 3050 }\n')
        self.assertEqual(messages["widget.look"].number, 3050)
        self.assertNotIn("sample.look", messages)
        self.assertNotIn("widget.seen", messages)

    def test_who_joins_has_what_is_mandatory(self):
        self.refused(self.JOINED, "'look' is missing", file="widget.toml",
                     toml=HEAD + "[keeps]\nseen = { number = 3190 }\n")

    def test_who_joins_says_nothing_unknown(self):
        self.refused(self.JOINED, "unknown key 'hear'", file="widget.toml",
                     toml=HEAD + "[keeps]\nlook = { number = 3050 }\nhear = { number = 3051 }\n")

    def test_a_table_that_joins_nothing_is_unknown(self):
        self.refused(self.JOINED, "unknown key 'keep'", file="widget.toml",
                     toml=HEAD + "[keep]\nlook = { number = 3050 }\n")

    def test_events_of_one_name_have_one_handler(self):
        with tempfile.TemporaryDirectory() as out:
            toml = HEAD + "[keeps]\nlook = { number = 3050 }\nseen = { number = 3190 }\n"
            other = 'doc = "Hears."\nnumber = 4000\nconsumes = ["alike.seen"]\nbatches = ["alike.seen"]\n'
            result = generate(toml, out, self.JOINED, {"hearer.toml": other})
            self.assertEqual(result.returncode, 0, result.stderr)
            header = (pathlib.Path(out) / "hearer_handlers.h").read_text()
            self.assertIn("hearer_on_alike_seen(struct request *request,\n    const struct alike_seen *event)", header)
            table = (pathlib.Path(out) / "hearer_dispatch.c").read_text()
            self.assertIn("{ &widget_seen_message, on_alike_seen, true }", table)

    def test_what_domains_answer_with_becomes_one_reply(self):
        alike = self.JOINED.replace('mandatory = true', 'part_of = "sample.whole"')
        reply = '[reply.whole]\ndoc = "The whole."\n'
        with tempfile.TemporaryDirectory() as out:
            toml = HEAD + reply + '[keeps]\nlook = { number = 3050, part = "widgets" }\n'
            result = generate(toml, out, alike.replace("sample.whole", "widget.whole"))
            self.assertEqual(result.returncode, 0, result.stderr)
            source = (pathlib.Path(out) / "widget_messages.c").read_text()
            self.assertIn("case DOMAIN_WIDGET:\n        return &reply->widgets;", source)
        self.refused(alike, "there is no reply", toml=HEAD + '[keeps]\nlook = { number = 3050, part = "w" }\n')
        self.refused(alike.replace("sample.whole", "widget.whole"), "'part' must name the field",
                     toml=HEAD + reply + "[keeps]\nlook = { number = 3050 }\n")

    def test_each_domain_has_the_message_under_its_own_number(self):
        messages = self.model(family(MAX))
        self.assertEqual(messages["sample.turn"].number, 1050)
        self.assertEqual(messages["widget.turn"].number, 3050)

    def test_a_key_of_a_domain_wins_there_and_only_there(self):
        messages = self.model(family(MAX + 'widget.doc = "Turns widgets."\n'))
        self.assertEqual(messages["sample.turn"].doc, "Turns.")
        self.assertEqual(messages["widget.turn"].doc, "Turns widgets.")

    def test_a_key_of_a_field_wins_and_the_rest_of_the_field_stays(self):
        field = self.model(family(MAX))["widget.turn"].field("angle_name")
        self.assertEqual((field.min, field.max, field.doc), (1, 9, "How far."))

    def test_fields_of_one_domain_come_after_the_shared_ones(self):
        own = 'widget.fields.speed = { type = "int", doc = "How fast." }\n'
        messages = self.model(family(MAX + own))
        self.assertEqual([f.name for f in messages["widget.turn"].fields], ["angle_name", "speed"])
        self.assertEqual([f.name for f in messages["sample.turn"].fields], ["angle_name"])

    def test_an_account_is_whoever_may_sign_in_to_the_domain(self):
        head = '[account]\nsample = { role = "store" }\nwidget = { role = "operator" }\n'
        routes = 'role = "account"\nsample.http = "POST /v1/samples/turn"\n'
        messages = self.model(family(MAX + routes, head=head))
        self.assertEqual((messages["sample.turn"].role, messages["widget.turn"].role), ("store", "operator"))

    def test_a_domain_that_nobody_is(self):
        self.refused(family(MAX).replace('"widget"]', '"gadget"]').replace("widget.", "gadget."), "gadget")

    def test_a_message_of_one_domain(self):
        self.refused(family(MAX, widget="").replace("widget.fields.angle_name.max = 9\n", ""), "command.turn",
                     "describe it there")

    def test_a_message_without_number_names_its_domain(self):
        self.refused(family(MAX, widget=""), "command.turn of widget", "'number' is missing")

    def test_a_name_that_the_domain_has_already(self):
        self.refused(family(MAX), "'turn' is already a name in widget.toml",
                     toml=HEAD + command().replace("move", "turn"))

    def test_a_field_that_no_domain_completes(self):
        self.refused(family("sample.fields.angle_name.max = 8\n"), "command.turn of widget", "'max' is mandatory")

    def test_a_reply_that_nobody_gives(self):
        self.refused(family(MAX) + '[reply.turned]\ndoc = "Turned."\n', "reply.turned", "no message answers")

    def test_a_reply_is_of_the_domains_that_answer_with_it(self):
        reply = '[reply.turned]\ndoc = "Turned."\nwidget.fields.at = { type = "time", doc = "When." }\n'
        messages = self.model(family(MAX + 'reply = "turned"\n') + reply)
        self.assertEqual([f.name for f in messages["widget.turn"].reply.fields], ["at"])
        self.assertEqual(messages["sample.turn"].reply.fields, [])


    def test_the_same_members_are_one_struct_and_the_same_limits_one_schema(self):
        messages = self.model(family(MAX.replace("9", "8")))
        for name in ("sample.turn", "widget.turn"):
            self.assertEqual((messages[name].c_struct, messages[name].c_schema), ("alike_turn", "alike_turn"))

    def test_other_limits_are_another_schema_of_the_same_struct(self):
        messages = self.model(family(MAX))
        self.assertEqual({m.c_struct for m in (messages["sample.turn"], messages["widget.turn"])}, {"alike_turn"})
        self.assertEqual(messages["widget.turn"].c_schema, "widget_turn")

    def test_other_members_are_another_struct(self):
        messages = self.model(family(MAX + 'widget.fields.speed = { type = "int", doc = "How fast." }\n'))
        self.assertEqual(messages["sample.turn"].c_struct, "sample_turn")
        self.assertEqual(messages["widget.turn"].c_struct, "widget_turn")
        self.assertNotIn("alike_turn", emit_c.family_header(self.all, self.all.families[0]))

    def test_an_optional_field_is_another_member_than_a_mandatory_one(self):
        speed = 'fields.speed = { type = "int", doc = "How fast." }\n'
        messages = self.model(family(MAX + speed + "widget.fields.speed = { optional = true }\n"))
        self.assertEqual(messages["widget.turn"].c_struct, "widget_turn")


    def test_one_handler_serves_all_domains_and_each_lends_it_its_own(self):
        self.model(family(MAX + 'handler = "alike"\n'))
        self.assertIn("alike_handle_turn(struct request *request,",
                      emit_tables.family_handlers_header(self.all, self.all.families[0]))
        for domain in (d for d in self.all.domains if d.name != "other"):
            self.assertIn(f"return alike_handle_turn(request, &{domain.name}_alike, body);",
                          emit_tables.dispatch_source(self.all, domain))
            self.assertNotIn("handle_turn", emit_tables.handlers_header(self.all, domain))

    def test_a_handler_of_somebody_else(self):
        self.refused(family(MAX + 'handler = "widget"\n'), "command.turn of sample", "'handler'")

    def test_a_handler_of_a_single_domain_s_message(self):
        result = generate(HEAD + command('handler = "widget"\n'))
        self.assertIn("widget.toml: command.move: 'handler'", result.stderr)

    def test_one_handler_for_two_bodies(self):
        own = 'widget.fields.speed = { type = "int", doc = "How fast." }\n'
        self.refused(family(MAX + own + 'handler = "alike"\n'), "command.turn of sample", "one body")


class Output(unittest.TestCase):
    def test_output_is_repeatable_and_unchanged_files_stay(self):
        with tempfile.TemporaryDirectory() as out:
            out = pathlib.Path(out)
            self.assertEqual(generate(HEAD + command(), out).returncode, 0)
            first = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in out.rglob("*") if p.is_file()}
            self.assertEqual(generate(HEAD + command(), out).returncode, 0)
            again = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in out.rglob("*") if p.is_file()}
            self.assertEqual(first, again)


class Rates(unittest.TestCase):
    """Where secrets could be tried by somebody who is not signed in, the lower limit of rate holds."""

    def setUp(self):
        self.model = reader.read_model(ROOT / "messages")
        checks.check_model(self.model)

    def test_every_public_route_that_takes_a_secret_or_sends_one_counts_as_auth(self):
        slow = {m.full_name for m in self.model.routes() if m.rate == "auth"}
        needed = {m.full_name for m in self.model.routes()
                  if m.role == "public" and any(f.secret or f.name == "email" for f in m.fields)}
        self.assertIn("vendor.register_vendor", needed)
        self.assertLessEqual(needed, slow)

    def test_sessions_end_where_people_sign_out_or_go_and_nowhere_else(self):
        self.assertEqual({m.full_name for m in self.model.messages() if m.ends_session},
                         {"user.logout", "vendor.logout", "admin.logout", "user.erase_me"})


class Keys(unittest.TestCase):
    def test_whatever_goes_to_an_address_goes_to_its_normal_form(self):
        model = reader.read_model(ROOT / "messages")
        checks.check_model(model)
        keyed = [m for m in model.messages() if m.key == "email"]
        self.assertGreaterEqual(len(keyed), 10)
        self.assertEqual([m.full_name for m in keyed if m.key_form != "email"], [])


class Docs(unittest.TestCase):
    def test_the_page_tells_of_every_route_and_its_links_lead_somewhere(self):
        model = reader.read_model(ROOT / "messages")
        checks.check_model(model)
        page = emit_docs.docs_text(model, model.guide, True)
        for message in model.routes():
            self.assertIn(f"<h4><code>{message.method} {message.path}</code></h4>", page)
        anchors = re.findall(r' id="([^"]+)"', page)
        self.assertEqual(len(anchors), len(set(anchors)))
        self.assertLessEqual(set(re.findall(r'href="#([^"]+)"', page)), set(anchors))
        self.assertLessEqual(set(re.findall(r'href="/problems/([^"]+)"', page)), set(model.statuses))

    def test_the_page_lets_in_its_own_style_and_script_and_nothing_else(self):
        model = reader.read_model(ROOT / "messages")
        checks.check_model(model)
        page, policy = emit_docs.docs_text(model, model.guide, True), emit_docs.policy()
        for kind in ("style", "script"):
            texts = re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.DOTALL)
            self.assertEqual([f"{kind}-src {emit_docs.digest(text)}" in policy for text in texts], [True])
        self.assertIn("default-src 'none'", policy)
        self.assertIsNone(re.search(r" (on\w+|style)=", page), "nothing inline that the policy would stop")

    def test_the_guide_names_every_page_that_a_message_leads_to_with_a_token(self):
        model = reader.read_model(ROOT / "messages")
        notices = (ROOT / "actors/notification/notification_kind.def").read_text(encoding="utf-8")
        paths = set(re.findall(r'TOKEN, "([^"]+)"', notices))
        self.assertGreaterEqual(len(paths), 4)
        for path in paths:
            self.assertIn(f"/{path}?token=", model.guide)

    def test_words_are_escaped_and_backticks_are_code(self):
        self.assertEqual(emit_docs.words("a <b> & `c<d`"), "a &lt;b&gt; &amp; <code>c&lt;d</code>")


if __name__ == "__main__":
    unittest.main()
