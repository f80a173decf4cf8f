/* Public reads that no domain is asked for a second time; and what ends that. */
#include <string.h>

#include "tests/gateway/fixture.h"

enum { ROOM = 1 << 20 };

static int setup(void **state)
{
    static struct fixture fixture;
    struct server_limits limits = server_limits_default();
    limits.answers_bytes_max = ROOM;
    memset(&fixture, 0, sizeof fixture);
    fixture_start(&fixture, &limits);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_stop(*state);
    return 0;
}

static struct answer look(struct fixture *fixture, const char *headers)
{
    return client_ask(fixture, "GET", fixture->thing_path, headers, "");
}

static void rename_thing(struct fixture *fixture, const char *name)
{
    fixture->thing.name = text_of(name);
}

/* Hints come by another thread's loop. */
static bool is_soon(struct fixture *fixture, const char *words)
{
    for (int tries = 0; tries < 500; tries++) {
        const struct answer answer = look(fixture, "");
        if (answer_contains(&answer, words)) return true;
    }
    return false;
}

static void a_second_look_asks_nobody(void **state)
{
    struct fixture *fixture = *state;
    const struct answer first = look(fixture, "");
    rename_thing(fixture, "Vase");
    const struct answer second = look(fixture, "");
    assert_int_equal(fixture->seen.asks, 1);
    assert_int_equal(second.status, 200);
    assert_text_equal(second.body, first.body);
    assert_text_equal(answer_header(&second, "etag"), answer_header(&first, "etag"));
    assert_text_equal(answer_header(&second, "cache-control"),
                      answer_header(&first, "cache-control"));
    assert_text_equal(answer_header(&second, "content-type"), TEXT("application/json"));
}

static void the_tag_of_a_kept_answer_gives_304_and_head_its_length(void **state)
{
    struct fixture *fixture = *state;
    const struct answer first = look(fixture, "");
    const struct text tag = answer_header(&first, "etag");
    const struct text header =
        text_format(fixture->arena, "If-None-Match: %.*s\r\n", (int)tag.length, tag.data);
    assert_int_equal(look(fixture, text_string(fixture->arena, header)).status, 304);
    const int socket = client_connect(fixture);
    client_send(socket, text_format(fixture->arena, "HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n",
                                    fixture->thing_path));
    const struct answer head = client_read(fixture, socket, true);
    assert_int_equal(head.status, 200);
    assert_text_equal(answer_header(&head, "content-length"),
                      answer_header(&first, "content-length"));
    assert_int_equal(fixture->seen.asks, 1);
    (void)close(socket);
}

static void a_hint_about_the_thing_makes_the_next_look_ask(void **state)
{
    struct fixture *fixture = *state;
    (void)look(fixture, "");
    rename_thing(fixture, "Vase");
    fixture_hint(fixture);
    assert_true(is_soon(fixture, "Vase"));
}

static void a_hint_about_another_thing_does_not(void **state)
{
    struct fixture *fixture = *state;
    (void)look(fixture, "");
    fixture_hint_about(fixture, (struct uuid){ { 7, 7, 7 } });
    for (int i = 0; i < 50; i++)
        (void)look(fixture, "");
    assert_int_equal(fixture->seen.asks, 1);
}

static void nothing_kept_is_said_while_hints_cannot_be_heard(void **state)
{
    struct fixture *fixture = *state;
    (void)look(fixture, "");
    fixture->is_deaf = true;
    rename_thing(fixture, "Vase");
    const struct answer answer = look(fixture, "");
    assert_true(answer_contains(&answer, "Vase"));
}

static void refusals_and_private_routes_are_not_kept(void **state)
{
    struct fixture *fixture = *state;
    fixture->script.status = STATUS_NOT_FOUND;
    assert_int_equal(look(fixture, "").status, 404);
    fixture->script.status = STATUS_OK;
    assert_int_equal(look(fixture, "").status, 200);
    assert_int_equal(client_ask(fixture, "GET", "/v1/things", "", "").status, 200);
    assert_int_equal(client_ask(fixture, "GET", "/v1/things", "", "").status, 200);
    assert_int_equal(fixture->seen.asks, 4);
}

static void each_way_to_ask_is_judged_for_itself(void **state)
{
    struct fixture *fixture = *state;
    (void)look(fixture, "");
    const struct text path = text_format(fixture->arena, "%s?nonsense=1", fixture->thing_path);
    const char *wrong = text_string(fixture->arena, path);
    assert_int_equal(client_ask(fixture, "GET", wrong, "", "").status, 400);
    assert_int_equal(client_ask(fixture, "GET", wrong, "", "").status, 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_second_look_asks_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(the_tag_of_a_kept_answer_gives_304_and_head_its_length,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_hint_about_the_thing_makes_the_next_look_ask, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_hint_about_another_thing_does_not, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_kept_is_said_while_hints_cannot_be_heard, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(refusals_and_private_routes_are_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(each_way_to_ask_is_judged_for_itself, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
