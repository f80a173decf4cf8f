/* Claims about places in lists, as clients carry them. */
#include "tests/actors/host/request_stage.h"

#include "tests/support/cmocka.h"

#include <string.h>

#include "actors/host/list_place.h"
#include "runtime/secret.h"

static struct request_stage stage;

static int open_stage(void **state)
{
    (void)state;
    request_stage_open(&stage);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    request_stage_close(&stage);
    return 0;
}

static void a_place_is_read_as_it_was_written(void **state)
{
    (void)state;
    const int64_t times[] = { 0, 1, 255, 256, REQUEST_STAGE_NOW_US, INT64_MAX };
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
        const struct uuid id = uuid_derive(stage.envelope.key, i);
        struct list_place place;
        const struct text text = list_place_write(stage.arena, times[i], id);
        assert_int_equal(text.length, 32);
        assert_int_equal(list_place_read(&stage.request, text, &place), STATUS_OK);
        assert_int_equal(place.at_us, times[i]);
        assert_true(uuid_equals(place.id, id));
    }
    assert_int_equal(stage.request.faults_count, 0);
}

/* Clients keep them over the start of a new version: the form stays. */
static void the_form_is_the_time_from_its_low_byte_and_the_id(void **state)
{
    (void)state;
    const uint8_t expected[24] = { 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, 0xaa };
    struct text bytes;
    const struct text text =
        list_place_write(stage.arena, INT64_C(0x0102030405060708), (struct uuid){ { 0xaa } });
    assert_int_equal(base64url_decode(stage.arena, text, &bytes), STATUS_OK);
    assert_int_equal(bytes.length, sizeof expected);
    assert_memory_equal(bytes.data, expected, sizeof expected);
}

static void what_is_no_place_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[25] = { 0 };
    const struct text wrong[] = {
        TEXT(""),
        TEXT("yesterday"),
        TEXT("****************************"),
        base64url_encode(stage.arena, (struct text){ (const char *)bytes, 23 }),
        base64url_encode(stage.arena, (struct text){ (const char *)bytes, 25 }),
    };
    struct list_place place;
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        request_stage_again(&stage);
        assert_int_equal(list_place_read(&stage.request, wrong[i], &place),
                         STATUS_INVALID_PARAMETER);
        assert_string_equal(stage.request.faults[0].pointer, "/after");
    }
    memset(bytes, 0xff, sizeof bytes); /* a time before the first one */
    request_stage_again(&stage);
    assert_int_equal(
        list_place_read(&stage.request,
                        base64url_encode(stage.arena, (struct text){ (const char *)bytes, 24 }),
                        &place),
        STATUS_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_place_is_read_as_it_was_written, open_stage, close_stage),
        cmocka_unit_test_setup_teardown(the_form_is_the_time_from_its_low_byte_and_the_id,
                                        open_stage, close_stage),
        cmocka_unit_test_setup_teardown(what_is_no_place_is_refused, open_stage, close_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
