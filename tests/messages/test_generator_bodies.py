"""What the generator says of bodies that are not JSON, and what it refuses of them."""

import unittest

from test_generator import FIELD, HEAD, Refusing, command, generate


class Bodies(Refusing):
    def raw(self, takes='takes = ["text/csv"]\n', file='fields.file = { type = "bytes", max = 1048576, doc = "It." }\n',
            more="", method="POST", body="raw"):
        route = f'http = "{method} /v1/widgets/{{id}}/file"\nrole = "store"\nbody = "{body}"\n'
        return command(extra=route + takes + more, fields=FIELD + file)

    def test_a_raw_body_is_one_field_of_bytes(self):
        self.accepted(self.raw())
        self.refused(self.raw(file=""), "one field")
        self.refused(self.raw(file='fields.file = { type = "text", max = 9, example = "a", doc = "It." }\n'), "bytes")
        two = ('fields.file = { type = "bytes", max = 9, doc = "It." }\n'
               'fields.note = { type = "text", max = 9, optional = true, doc = "More." }\n')
        self.refused(self.raw(file=two), "one field")
        self.refused(self.raw(file='fields.file = { type = "bytes", max = 9, optional = true, doc = "It." }\n'),
                     "mandatory")

    def test_a_raw_body_says_what_it_takes(self):
        self.refused(self.raw(takes=""), "takes")
        self.refused(self.raw(takes='takes = ["csv"]\n'), "no media type")
        self.refused(self.raw(takes='takes = ["text/csv", "text/csv"]\n'), "twice")
        self.refused(self.raw(method="PATCH"), "POST")
        self.refused(self.raw(body="soup"), "body")
        self.refused(command(extra='http = "POST /v1/widgets/{id}"\nrole = "store"\ntakes = ["text/csv"]\n'),
                     "not JSON")

    def test_a_raw_body_fits_the_bus(self):
        self.refused(self.raw(file='fields.file = { type = "bytes", max = 1048577, doc = "It." }\n'), "1048576")
        self.refused(self.raw(more="body_max = 10\n"), "'max' of its field")

    def test_beside_a_raw_body_the_query_string_gives_plain_values_that_may_be_left_out(self):
        def beside(field):
            return self.raw(file='fields.file = { type = "bytes", max = 9, doc = "It." }\n' + field)
        self.accepted(beside('fields.note = { type = "text", max = 9, optional = true, query = true, doc = "M." }\n'))
        self.refused(beside('fields.note = { type = "text", max = 9, query = true, doc = "M." }\n'), "left out")
        self.refused(beside('fields.note = { type = "money", optional = true, query = true, doc = "M." }\n'), "plain")
        self.refused(command(extra='http = "POST /v1/widgets/{id}"\nrole = "store"\n', fields=FIELD
                             + 'fields.note = { type = "text", max = 9, optional = true, query = true, doc = "I." }\n'),
                     "raw body")

    def test_what_may_be_answered_as_a_file_has_a_text_for_it(self):
        def listed(reply, more=""):
            return (f'[reply.page]\ndoc = "A page."\n{reply}'
                    '[query.list_widgets]\ndoc = "Lists."\nnumber = 3101\nscope = "domain"\nreply = "page"\n'
                    f'http = "GET /v1/widgets"\nrole = "public"\nfile = "text/csv"\n{more}')
        text = 'fields.file = { type = "text", max = 9, doc = "It." }\n'
        self.accepted(listed(text))
        self.refused(listed('fields.data = { type = "text", max = 9, doc = "It." }\n'), "text 'file'")
        self.refused(listed('fields.file = { type = "int", doc = "It." }\n'), "text 'file'")
        self.refused(listed(text, 'cache = true\n'), "plain GET")

    def test_a_picture_becomes_what_the_gateway_says_of_it(self):
        self.refused(self.raw(body="picture", more="body_max = 10\n"), "field file", "common.picture")
        guest = self.raw(body="picture", more="body_max = 10\n").replace('role = "store"', 'role = "store_optional"')
        self.refused(guest, "signed in")

    def test_a_picture_is_answered_by_whoever_names_one(self):
        query = ('[reply.moved]\ndoc = "Moved."\nfields.note = { type = "text", max = 9, doc = "It." }\n'
                 '[query.show]\ndoc = "Shows."\nnumber = 3002\nscope = "domain"\nrole = "public"\nreply = "moved"\n'
                 'http = "GET /v1/widgets/{id}/picture"\nanswers = "picture"\n' + FIELD)
        self.refused(query, "query.show", "common.picture_file")
        self.refused(query.replace('"picture"\n', '"soup"\n'), "'answers'")

    def test_bytes_beside_a_raw_body_stay_inside(self):
        answered = ('[reply.moved]\ndoc = "Moved."\nfields.bytes = { type = "bytes", max = 9, doc = "It." }\n'
                    + self.raw(more='reply = "moved"\n'))
        self.refused(answered, "public surface")


if __name__ == "__main__":
    unittest.main()
