"""The golden OpenAPI document is sound in itself, and says what clients need to know."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Contract(unittest.TestCase):
    """The golden OpenAPI text is sound in itself."""

    def setUp(self):
        self.api = json.loads((ROOT / "tests/contract/openapi.json").read_text(encoding="utf-8"))

    def operations(self):
        return [operation for operations in self.api["paths"].values() for operation in operations.values()]

    def resolved(self, part):
        """What a reference leads to; anything else is itself."""
        if "$ref" not in part:
            return part
        found = self.api
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found

    def schemas_below(self, schema, seen):
        """The schema and all that it is made of, each component once."""
        yield schema
        for part in (*schema.get("properties", {}).values(), *filter(None, [schema.get("items")])):
            if part.get("$ref") in seen:
                continue
            seen.add(part.get("$ref"))
            yield from self.schemas_below(self.resolved(part), seen)

    def bodies(self, operation):
        for media in operation.get("requestBody", {}).get("content", {}).values():
            yield media

    def test_every_reference_leads_somewhere_and_every_component_is_used(self):
        used = set(re.findall(r'"\$ref": "(#/components/[^"]+)"', json.dumps(self.api)))
        for reference in used:
            self.resolved({"$ref": reference})
        for kind in ("schemas", "responses", "parameters", "headers"):
            for name in self.api["components"][kind]:
                self.assertTrue(f"#/components/{kind}/{name}" in used, f"nobody uses {kind}/{name}")

    def test_every_path_parameter_is_declared_and_mandatory(self):
        for path, operations in self.api["paths"].items():
            for operation in operations.values():
                given = [self.resolved(p) for p in operation.get("parameters", [])]
                names = {p["name"] for p in given if p["in"] == "path" and p["required"]}
                self.assertEqual(names, set(re.findall(r"{([^}]+)}", path)), path)

    def test_what_is_sent_is_closed_at_every_depth(self):
        for operation in self.operations():
            for media in self.bodies(operation):
                for schema in self.schemas_below(media["schema"], set()):
                    if schema.get("type") == "object" and "properties" in schema:
                        self.assertIs(schema["additionalProperties"], False, operation["operationId"])

    def test_what_is_answered_is_open_at_every_depth(self):
        for operation in self.operations():
            for answer in operation["responses"].values():
                for media in self.resolved(answer).get("content", {}).values():
                    for schema in self.schemas_below(self.resolved(media["schema"]), set()):
                        self.assertIsNot(schema.get("additionalProperties"), False, operation["operationId"])

    def test_a_post_honours_an_idempotency_key_or_says_that_it_refuses_it(self):
        for path, operations in self.api["paths"].items():
            if "post" not in operations:
                continue
            operation = operations["post"]
            takes = any(self.resolved(p)["name"] == "Idempotency-Key" for p in operation["parameters"])
            bad = json.dumps(self.resolved(operation["responses"]["400"]))
            self.assertTrue(takes or "idempotency_key_refused" in bad, path)

    def test_every_operation_says_how_it_refuses(self):
        for operation in self.operations():
            is_own = operation["operationId"].startswith("gateway.")  # of no domain, and it reads nothing
            wanted = {"429", "default"} if is_own else {"400", "404", "429", "503", "default"}
            self.assertLessEqual(wanted, set(operation["responses"]), operation["operationId"])

    def test_every_answer_names_the_common_headers(self):
        for response in self.api["components"]["responses"].values():
            self.assertLessEqual({"X-Request-Id", "RateLimit", "RateLimit-Policy"}, set(response["headers"]))

    def test_whatever_is_read_by_itself_has_an_entity_tag(self):
        """Lists have none but those that are cached; nor has what is put together once, for one who asks, nor what is
        not to be stored: private pictures."""
        once = {"user.export_me", "admin.get_clock", "admin.list_fault_points"}
        for operations in self.api["paths"].values():
            operation = operations.get("get")
            if operation is None or operation["operationId"] in once:
                continue
            answer = self.resolved(operation["responses"]["200"])
            if "application/json" not in answer["content"]:
                continue    # a file
            schema = self.resolved(answer["content"]["application/json"]["schema"])
            if "has_more" not in schema["properties"]:
                self.assertIn("ETag", answer["headers"], operation["operationId"])

    def test_an_example_of_a_body_is_one(self):
        for operation in self.operations():
            for media in self.bodies(operation):
                if "required" in media["schema"]:
                    self.assertIn("example", media, operation["operationId"])
                if "example" in media:
                    self.assert_fits(media["example"], media["schema"], operation["operationId"])

    def assert_fits(self, value, schema, where):
        schema = self.resolved(schema)
        if "enum" in schema:
            self.assertIn(value, schema["enum"], where)
        elif schema.get("type") == "object":
            properties = schema.get("properties", {})
            self.assertLessEqual(set(schema.get("required", [])), set(value), where)
            self.assertLessEqual(set(value), set(properties), where)
            for name, part in value.items():
                self.assert_fits(part, properties[name], f"{where}.{name}")
        elif schema.get("type") == "array":
            for part in value:
                self.assert_fits(part, schema["items"], where)
        elif schema.get("type") == "string":
            self.assertLessEqual(schema.get("minLength", 0), len(value), where)
            self.assertLessEqual(len(value), schema.get("maxLength", len(value)), where)
            self.assertRegex(value, schema.get("pattern", "^"), where)
        elif schema.get("type") == "integer":
            self.assertLessEqual(schema.get("minimum", value), value, where)
            self.assertLessEqual(value, schema.get("maximum", value), where)

    def test_headers_of_answers_are_those_of_refusals_too(self):
        """A stored refusal is given again, and staff in a shopper's name may be refused."""
        for operation in self.operations():
            answers = {http: self.resolved(told).get("headers", {}) for http, told in operation["responses"].items()}
            done = next(headers for http, headers in answers.items() if http.startswith("2"))
            for http, headers in answers.items():
                for name in {"Idempotent-Replayed", "Souk-Impersonated-By"} & set(done):
                    if http != "304":
                        self.assertIn(name, headers, f"{operation['operationId']} {http}")

    def test_no_answer_holds_json_of_no_type(self):
        for operation in self.operations():
            for answer in map(self.resolved, operation["responses"].values()):
                for media in answer.get("content", {}).values():
                    for schema in self.schemas_below(self.resolved(media["schema"]), set()):
                        for name, part in schema.get("properties", {}).items():
                            self.assertTrue({"type", "$ref", "enum", "allOf", "const"} & set(part), f"{name}: {part}")

    def test_tokens_can_be_verified_by_what_the_contract_says(self):
        keys = self.api["paths"]["/.well-known/souk-token-keys"]["get"]
        for claim in ("aud", "sub", "sid", "act", "rgt", "cnf", "exp"):
            self.assertIn(f"`{claim}`", keys["description"])
        self.assertIn("vendor: 0 view_vendor, 1 manage_profile", keys["description"])

    def test_if_match_is_a_list_of_tags_with_a_bound(self):
        told = [p for p in map(self.resolved, self.api["components"]["parameters"].values()) if p["name"] == "If-Match"]
        self.assertTrue(told)
        for parameter in told:
            self.assertIn("8 at most", parameter["description"])
            self.assertEqual(parameter["schema"]["type"], "string")

    def test_operation_ids_are_unique(self):
        names = [o["operationId"] for operations in self.api["paths"].values() for o in operations.values()]
        self.assertEqual(len(names), len(set(names)))


if __name__ == "__main__":
    unittest.main()
