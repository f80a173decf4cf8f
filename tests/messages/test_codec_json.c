/* What the JSON reader takes and refuses, the names it gives to faults, and what the writer writes.
 */
#include <string.h>

#include "common_messages.h"
#include "messages/codec_json.h"
#include "sample_messages.h"
#include "tests/support/cmocka.h"

static struct arena *arena;
static struct field_faults faults;

static int begin(void **state)
{
    (void)state;
    arena = arena_new(64 << 10);
    memset(&faults, 0, sizeof faults);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_destroy(&arena);
    return 0;
}

static enum status decode_change(const char *json)
{
    struct sample_change_sample change = { 0 };
    memset(&faults, 0, sizeof faults);
    return json_decode(&sample_change_sample_schema, text_of(json), arena, &change, &faults);
}

static enum status decode_make(const char *json)
{
    struct sample_make_sample make = { 0 };
    memset(&faults, 0, sizeof faults);
    return json_decode(&sample_make_sample_schema, text_of(json), arena, &make, &faults);
}

static void assert_fault(size_t index, const char *pointer, enum status status)
{
    assert_true(index < faults.count);
    assert_string_equal(faults.entries[index].pointer, pointer);
    assert_int_equal(faults.entries[index].status, status);
    assert_non_null(faults.entries[index].detail);
}

static void a_body_fills_its_struct_and_leaves_path_and_header_alone(void **state)
{
    (void)state;
    struct sample_change_sample change = { .id = { .bytes = { 5 } }, .versions_count = 3 };
    const struct text body = TEXT("{\"name\":\"h\\u00e9\",\"options\":{\"a\":\"b\"}}");
    assert_int_equal(json_decode(&sample_change_sample_schema, body, arena, &change, &faults),
                     STATUS_OK);
    assert_true(text_equals_string(change.name, "h\xc3\xa9"));
    assert_int_equal(change.options_count, 1);
    assert_true(text_equals_string(change.options[0].name, "a"));
    assert_int_equal(change.id.bytes[0], 5);
    assert_int_equal(change.versions_count, 3);
}

static void path_and_header_fields_are_unknown_in_the_body(void **state)
{
    (void)state;
    assert_int_equal(decode_change("{\"name\":\"xy\",\"id\":\"x\",\"version\":1}"),
                     STATUS_UNKNOWN_FIELD);
    assert_fault(0, "/id", STATUS_UNKNOWN_FIELD);
    assert_fault(1, "/version", STATUS_UNKNOWN_FIELD);
}

static void every_fault_is_named(void **state)
{
    (void)state;
    assert_int_equal(decode_change("{\"name\":\"x\",\"options\":{\"a/b~\":1},\"more\":null}"),
                     STATUS_OUT_OF_RANGE);
    assert_int_equal(faults.count, 3);
    assert_fault(0, "/name", STATUS_OUT_OF_RANGE);
    assert_fault(1, "/options/a~1b~0", STATUS_WRONG_TYPE);
    assert_fault(2, "/more", STATUS_UNKNOWN_FIELD);
}

static void a_whole_number_may_have_a_point(void **state)
{
    (void)state;
    assert_int_equal(decode_make("{\"outer\":{\"inner\":{\"value\":-3.0}}}"), STATUS_OK);
}

static void nested_faults_have_full_pointers(void **state)
{
    (void)state;
    assert_int_equal(decode_make("{\"outer\":{\"inner\":{\"value\":1.5},\"points\":[{\"x\":1},"
                                 "{\"x\":11},{}]}}"),
                     STATUS_WRONG_TYPE);
    assert_fault(0, "/outer/inner/value", STATUS_WRONG_TYPE);
    assert_fault(1, "/outer/points/1/x", STATUS_OUT_OF_RANGE);
    assert_fault(2, "/outer/points/2/x", STATUS_MISSING_FIELD);
}

static void the_list_of_faults_is_bounded(void **state)
{
    (void)state;
    struct text_builder body;
    text_builder_init(&body, arena, 4096);
    text_builder_add(&body, TEXT("{\"name\":\"xy\""));
    for (int i = 0; i < 2 * FIELD_FAULTS_MAX; i++)
        text_builder_add(&body, text_format(arena, ",\"u%d\":1", i));
    text_builder_add(&body, TEXT("}"));
    struct sample_change_sample change = { 0 };
    assert_int_equal(json_decode(&sample_change_sample_schema, text_builder_view(&body), arena,
                                 &change, &faults),
                     STATUS_UNKNOWN_FIELD);
    assert_int_equal(faults.count, FIELD_FAULTS_MAX);
}

static void a_long_pointer_is_cut(void **state)
{
    (void)state;
    char body[700];
    memset(body, 'x', sizeof body);
    memcpy(body, "{\"", 2);
    memcpy(body + sizeof body - 5, "\":1}", 5);
    assert_int_equal(decode_change(body), STATUS_UNKNOWN_FIELD);
    assert_int_equal(strlen(faults.entries[0].pointer), FIELD_POINTER_MAX - 1);
}

static void lists_and_maps_over_their_bound_are_refused(void **state)
{
    (void)state;
    assert_int_equal(decode_change("{\"name\":\"xy\",\"options\":{\"a\":\"\",\"b\":\"\",\"c\":\"\","
                                   "\"d\":\"\"}}"),
                     STATUS_OUT_OF_RANGE);
    assert_fault(0, "/options", STATUS_OUT_OF_RANGE);
    assert_int_equal(decode_make("{\"outer\":{\"inner\":{\"value\":1},\"points\":[{},{},{},{}]}}"),
                     STATUS_OUT_OF_RANGE);
    assert_fault(0, "/outer/points", STATUS_OUT_OF_RANGE);
}

static void what_is_not_strict_json_is_refused(void **state)
{
    (void)state;
    assert_int_equal(decode_change("{"), STATUS_INVALID_JSON);
    assert_int_equal(decode_change("{} {}"), STATUS_INVALID_JSON);
    assert_int_equal(decode_change("{\"name\":\"xy\",}"), STATUS_INVALID_JSON);
    assert_int_equal(decode_change("{\"name\":\"\xff\xfe\"}"), STATUS_INVALID_JSON);
    assert_int_equal(decode_change("{\"name\":\"\\ud800\"}"), STATUS_INVALID_JSON);
    assert_int_equal(decode_change("\"name\""), STATUS_INVALID_JSON);
    assert_int_equal(decode_change("[]"), STATUS_WRONG_TYPE);
    assert_int_equal(decode_change("{\"name\":\"xy\",\"name\":\"xy\"}"), STATUS_DUPLICATE_FIELD);
    assert_int_equal(decode_change("{\"name\":99999999999999999999}"), STATUS_OUT_OF_RANGE);
    assert_int_equal(decode_change("{\"name\":null}"), STATUS_WRONG_TYPE);
}

static void what_stands_twice_is_named_wherever_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *body, *pointer;
    } cases[] = {
        { "{\"name\":\"xy\",\"name\":\"xy\"}", "/name" },
        { "{\"name\":\"xy\",\"options\":{\"a\":\"1\",\"b\":\"2\",\"a\":\"3\"}}", "/options/a" },
        { "{\"a\":[1,{\"b\":\"}\\\",[\"},{\"c\":[[],[]],\"d\":{},\"c\":1}]}", "/a/2/c" },
        { "{\"a\":{\"b\":{\"c\":1}},\"a\":2}", "/a" },
        { "{\"a/b~\":1,\"a/b~\":2}", "/a~1b~0" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        assert_int_equal(decode_change(cases[i].body), STATUS_DUPLICATE_FIELD);
        assert_fault(0, cases[i].pointer, STATUS_DUPLICATE_FIELD);
    }
    assert_int_equal(decode_change("{\"a\":[0,{\"n\":99999999999999999999}]}"),
                     STATUS_OUT_OF_RANGE);
    assert_fault(0, "/a/1/n", STATUS_OUT_OF_RANGE);
}

static void lengths_are_characters_as_the_contract_says(void **state)
{
    (void)state;
    /* Twenty characters of two bytes, or of four; twenty-one are too many. */
    assert_int_equal(
        decode_change("{\"name\":\""
                      "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
                      "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\"}"),
        STATUS_OK);
    assert_int_equal(decode_change("{\"name\":\"\xf0\x9f\x8d\xb5\xf0\x9f\x8d\xb5\"}"), STATUS_OK);
    assert_int_equal(
        decode_change("{\"name\":\""
                      "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"
                      "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9x\"}"),
        STATUS_OUT_OF_RANGE);
    assert_fault(0, "/name", STATUS_OUT_OF_RANGE);
    assert_true(faults.entries[0].limits.has_maximum);
    assert_int_equal(faults.entries[0].limits.maximum, 20);
    /* One character of four bytes is one of the two that are wanted. */
    assert_int_equal(decode_change("{\"name\":\"\xf0\x9f\x8d\xb5\"}"), STATUS_OUT_OF_RANGE);
}

static void null_takes_an_optional_text_away_and_nothing_else(void **state)
{
    (void)state;
    struct sample_note_sample note = { 0 };
    memset(&faults, 0, sizeof faults);
    assert_int_equal(
        json_decode(&sample_note_sample_schema, TEXT("{\"note\":null}"), arena, &note, &faults),
        STATUS_OK);
    assert_true(note.has_note && note.note.length == 0);
    assert_int_equal(
        json_decode(&sample_note_sample_schema, TEXT("{\"title\":null}"), arena, &note, &faults),
        STATUS_WRONG_TYPE);
    assert_fault(0, "/title", STATUS_WRONG_TYPE);
}

static void an_empty_body_reads_as_an_empty_object(void **state)
{
    (void)state;
    assert_int_equal(decode_change(""), STATUS_MISSING_FIELD);
    assert_fault(0, "/name", STATUS_MISSING_FIELD);
}

static void deep_and_wide_bodies_are_refused_before_they_are_parsed(void **state)
{
    (void)state;
    assert_int_equal(decode_change("[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]"), STATUS_INVALID_JSON);
    assert_int_equal(decode_change("{\"name\":\"[[[[[[[[[[[[[[[[[\"}"), STATUS_OK);
    static char wide[JSON_VALUES_MAX + 16];
    memset(wide, ',', sizeof wide - 1);
    assert_int_equal(decode_change(wide), STATUS_INVALID_JSON);
    assert_string_equal(faults.entries[0].detail, "The body is nested too deep or too long.");
}

static void fields_that_nobody_knows_are_named_but_not_thousands_of_them(void **state)
{
    (void)state;
    struct text_builder some, many;
    text_builder_init(&some, arena, 1024);
    text_builder_init(&many, arena, 65536);
    text_builder_add(&some, TEXT("{\"name\":\"xyz\""));
    text_builder_add(&many, TEXT("{\"name\":\"xyz\""));
    for (int64_t i = 0; i < 5000; i++) {
        const struct text field = text_format(arena, ",\"f%d\":1", (int)i);
        if (i < 30) text_builder_add(&some, field);
        text_builder_add(&many, field);
    }
    text_builder_add(&some, TEXT("}"));
    text_builder_add(&many, TEXT("}"));
    assert_int_equal(decode_change(text_string(arena, text_builder_view(&some))),
                     STATUS_UNKNOWN_FIELD);
    assert_int_equal(decode_change(text_string(arena, text_builder_view(&many))),
                     STATUS_INVALID_JSON);
}

static enum status decode_everything(const char *field)
{
    struct sample_everything *value = arena_allocate(arena, sizeof *value);
    memset(&faults, 0, sizeof faults);
    const struct text body = text_format(
        arena,
        "{\"flag\":true,\"small\":1,\"any\":2,\"id\":\"smp_00000000000000000000000000\","
        "\"name\":\"xy\",\"at\":\"2026-11-22T14:45:24Z\",\"color\":\"-blue\","
        "\"outer\":{\"inner\":{\"value\":1}},%s}",
        field);
    return json_decode(&sample_everything_schema, body, arena, value, &faults);
}

#define EITHER "\"either\":\"oth_00000000000000000000000000\","
#define PRICE "\"price\":{\"amount\":1,\"currency\":\"EUR\"},"
#define STATE "\"state\":\"live\""

static void values_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_int_equal(decode_everything(EITHER PRICE STATE), STATUS_OK);
    assert_int_equal(decode_everything(EITHER PRICE "\"state\":\"gone\""), STATUS_INVALID_VALUE);
    assert_fault(0, "/state", STATUS_INVALID_VALUE);
    assert_int_equal(
        decode_everything("\"either\":\"xxx_00000000000000000000000000\"," PRICE STATE),
        STATUS_INVALID_VALUE);
    assert_fault(0, "/either", STATUS_INVALID_VALUE);
    assert_int_equal(decode_everything(EITHER PRICE STATE ",\"maybe_at\":\"yesterday\""),
                     STATUS_INVALID_VALUE);
    assert_fault(0, "/maybe_at", STATUS_INVALID_VALUE);
}

static void money_is_an_amount_and_a_currency(void **state)
{
    (void)state;
    assert_int_equal(decode_everything(EITHER STATE ",\"price\":{\"amount\":1}"),
                     STATUS_MISSING_FIELD);
    assert_fault(0, "/price", STATUS_MISSING_FIELD);
    assert_int_equal(
        decode_everything(EITHER STATE ",\"price\":{\"amount\":1.5,\"currency\":\"EUR\"}"),
        STATUS_WRONG_TYPE);
    assert_fault(0, "/price/amount", STATUS_WRONG_TYPE);
    assert_int_equal(
        decode_everything(EITHER STATE ",\"price\":{\"amount\":1,\"currency\":\"EEE\"}"),
        STATUS_INVALID_VALUE);
    assert_int_equal(
        decode_everything(EITHER STATE ",\"price\":{\"amount\":-1,\"currency\":\"EUR\"}"),
        STATUS_OUT_OF_RANGE);
    assert_fault(0, "/price", STATUS_OUT_OF_RANGE);
    assert_int_equal(
        decode_everything(EITHER STATE ",\"price\":{\"amount\":1,\"currency\":\"EUR\",\"x\":1}"),
        STATUS_UNKNOWN_FIELD);
    assert_fault(0, "/price/x", STATUS_UNKNOWN_FIELD);
}

static struct text encode_text(struct text text)
{
    struct text_builder out;
    text_builder_init(&out, arena, 4096);
    json_encode_text(text, &out);
    return text_builder_view(&out);
}

static void strings_are_escaped(void **state)
{
    (void)state;
    assert_true(text_equals_string(encode_text(TEXT("a\"b\\c\n\r\t\x01/")),
                                   "\"a\\\"b\\\\c\\n\\r\\t\\u0001/\""));
    assert_true(text_equals_string(encode_text(TEXT("\xe2\x80\xa8\xf0\x9f\x98\x80")),
                                   "\"\xe2\x80\xa8\xf0\x9f\x98\x80\""));
    assert_true(
        text_equals_string(encode_text(TEXT("a\xff\xc3")), "\"a\xef\xbf\xbd\xef\xbf\xbd\""));
    assert_true(text_equals_string(encode_text(TEXT("")), "\"\""));
}

static void structs_are_written_compactly(void **state)
{
    (void)state;
    const struct common_point points[] = { { .x = -10, .has_label = true, .label = TEXT("p") },
                                           { .x = 0 } };
    const struct sample_outer outer = { .inner = { .value = INT64_MIN },
                                        .points = points,
                                        .points_count = 2 };
    struct text_builder out;
    text_builder_init(&out, arena, 4096);
    json_encode(&sample_outer_schema, &outer, &out);
    assert_true(text_equals_string(text_builder_view(&out),
                                   "{\"inner\":{\"value\":-9223372036854775808},"
                                   "\"points\":[{\"x\":-10,\"label\":\"p\"},{\"x\":0}]}"));
    text_builder_init(&out, arena, 4096);
    json_encode(&empty_schema, &(struct empty){ 0 }, &out);
    assert_true(text_equals_string(text_builder_view(&out), "{}"));
}

static const struct field *field_of(const struct schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->fields_count; i++)
        if (strcmp(schema->fields[i].name, name) == 0) return &schema->fields[i];
    fail();
    return NULL;
}

static enum status decode_parameter(const char *name, const char *raw,
                                    struct sample_find_samples *find)
{
    memset(&faults, 0, sizeof faults);
    return json_decode_text(field_of(&sample_find_samples_schema, name), text_of(raw), arena, find,
                            &faults);
}

static void parameters_are_read_by_their_type(void **state)
{
    (void)state;
    struct sample_find_samples find = { 0 };
    assert_int_equal(decode_parameter("limit", "100", &find), STATUS_OK);
    assert_true(find.has_limit && find.limit == 100);
    assert_int_equal(decode_parameter("states", "live,draft", &find), STATUS_OK);
    assert_int_equal(find.states_count, 2);
    assert_int_equal(find.states[0], SAMPLE_STATE_LIVE);
    assert_int_equal(decode_parameter("since", "1970-01-01T00:00:01Z", &find), STATUS_OK);
    assert_true(find.has_since && find.since_us == 1000000);
    assert_int_equal(decode_parameter("only_live", "true", &find), STATUS_OK);
    assert_true(find.only_live);
    assert_int_equal(decode_parameter("owner", "smp_7zzzzzzzzzzzzzzzzzzzzzzzzz", &find), STATUS_OK);
    assert_true(find.has_owner && find.owner.bytes[15] == 0xff);
}

static void u0000_is_called_what_it_is_where_it_stands(void **state)
{
    (void)state;
    assert_int_equal(decode_change("{\"name\":\"a\\u0000x\"}"), STATUS_INVALID_VALUE);
    assert_fault(0, "/name", STATUS_INVALID_VALUE);
    assert_string_equal(faults.entries[0].detail, FIELD_HAS_NUL);
    assert_int_equal(decode_change("{\"name\":\"xy\",\"options\":{\"a\":\"\\u0000\"}}"),
                     STATUS_INVALID_VALUE);
    assert_fault(0, "/options/a", STATUS_INVALID_VALUE);
    assert_int_equal(decode_change("{\"na\\u0000me\":\"xy\"}"), STATUS_INVALID_VALUE);
    assert_string_equal(faults.entries[0].detail, FIELD_HAS_NUL);
    memset(&faults, 0, sizeof faults);
    struct sample_change_sample change = { .name = { "a\0b", 3 } };
    const struct field *name = field_of(&sample_change_sample_schema, "name");
    assert_int_equal(json_decode_text(name, change.name, arena, &change, &faults),
                     STATUS_INVALID_VALUE);
    assert_string_equal(faults.entries[0].detail, FIELD_HAS_NUL);
}

static void parameters_that_do_not_fit_are_refused_by_name(void **state)
{
    (void)state;
    struct sample_find_samples find = { 0 };
    assert_int_equal(decode_parameter("limit", "101", &find), STATUS_OUT_OF_RANGE);
    assert_fault(0, "/limit", STATUS_OUT_OF_RANGE);
    assert_int_equal(decode_parameter("limit", "1x", &find), STATUS_INVALID_VALUE);
    assert_fault(0, "/limit", STATUS_INVALID_VALUE);
    assert_int_equal(decode_parameter("limit", "", &find), STATUS_INVALID_VALUE);
    assert_int_equal(decode_parameter("states", "live,", &find), STATUS_INVALID_VALUE);
    assert_int_equal(decode_parameter("states", "live,live,live", &find), STATUS_OUT_OF_RANGE);
    static const char *const untrue[] = { "2", "01", "yes", "TRUE", "" };
    for (size_t i = 0; i < ARRAY_LENGTH(untrue); i++) {
        assert_int_equal(decode_parameter("only_live", untrue[i], &find), STATUS_INVALID_VALUE);
        assert_fault(0, "/only_live", STATUS_INVALID_VALUE);
        const struct field *allowed = faults.entries[0].limits.allowed;
        assert_non_null(allowed);
        assert_int_equal(allowed->enum_count, 2);
        assert_string_equal(allowed->enum_names[0], "false");
        assert_string_equal(allowed->enum_names[1], "true");
    }
    assert_int_equal(decode_parameter("owner", "oth_00000000000000000000000000", &find),
                     STATUS_INVALID_VALUE);
}

static void entity_tags_fill_a_list_of_versions(void **state)
{
    (void)state;
    struct sample_change_sample change = { 0 };
    const struct field *versions = field_of(&sample_change_sample_schema, "versions");
    assert_int_equal(json_decode_text(versions, TEXT("*"), arena, &change, &faults), STATUS_OK);
    assert_int_equal(change.versions_count, 0);
    assert_int_equal(
        json_decode_text(versions, TEXT("\"9\", W/\"7\",\"7\""), arena, &change, &faults),
        STATUS_OK);
    assert_int_equal(change.versions_count, 3);
    assert_int_equal(change.versions[0], 9);
    assert_int_equal(change.versions[1], 0);
    assert_int_equal(change.versions[2], 7);
    assert_int_equal(json_decode_text(versions, TEXT("\"7-zstd\", \"-br\", \"7-gzip-br\""),
                                      arena, &change, &faults),
                     STATUS_OK);
    assert_int_equal(change.versions[0], 7); /* the packed answer of that version */
    assert_int_equal(change.versions[1], 0);
    assert_int_equal(change.versions[2], 0);
    const struct text shown = TEXT("\"7.aZ-_\", \"8.aZ-gzip\", \"7.\""); /* with a digest */
    assert_int_equal(json_decode_text(versions, shown, arena, &change, &faults), STATUS_OK);
    assert_memory_equal(change.versions, ((int64_t[]){ 7, 8, 0 }), 3 * sizeof(int64_t));
    assert_int_equal(json_decode_text(versions, TEXT("7"), arena, &change, &faults),
                     STATUS_INVALID_VALUE);
    assert_fault(0, "/If-Match", STATUS_INVALID_VALUE);
}

static void absent_parameters_get_their_defaults(void **state)
{
    (void)state;
    struct sample_find_samples find = { 0 };
    assert_int_equal(json_complete(&sample_find_samples_schema, 0, false, arena, &find, &faults),
                     STATUS_OK);
    assert_true(find.has_limit && find.limit == 20);
    assert_true(find.has_only_live && !find.only_live);
    assert_false(find.has_owner);
    struct sample_change_sample change = { 0 };
    assert_int_equal(json_complete(&sample_change_sample_schema, 0, true, arena, &change, &faults),
                     STATUS_MISSING_FIELD);
    assert_int_equal(faults.count, 1);
    assert_fault(0, "/id", STATUS_MISSING_FIELD);
    assert_int_equal(json_complete(&sample_change_sample_schema, 1, true, arena, &change, NULL),
                     STATUS_OK);
}

#define TESTED(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TESTED(a_body_fills_its_struct_and_leaves_path_and_header_alone),
        TESTED(path_and_header_fields_are_unknown_in_the_body),
        TESTED(every_fault_is_named),
        TESTED(a_whole_number_may_have_a_point),
        TESTED(nested_faults_have_full_pointers),
        TESTED(the_list_of_faults_is_bounded),
        TESTED(a_long_pointer_is_cut),
        TESTED(lists_and_maps_over_their_bound_are_refused),
        TESTED(what_is_not_strict_json_is_refused),
        TESTED(what_stands_twice_is_named_wherever_it_stands),
        TESTED(u0000_is_called_what_it_is_where_it_stands),
        TESTED(lengths_are_characters_as_the_contract_says),
        TESTED(null_takes_an_optional_text_away_and_nothing_else),
        TESTED(an_empty_body_reads_as_an_empty_object),
        TESTED(deep_and_wide_bodies_are_refused_before_they_are_parsed),
        TESTED(fields_that_nobody_knows_are_named_but_not_thousands_of_them),
        TESTED(values_that_are_none_are_refused),
        TESTED(money_is_an_amount_and_a_currency),
        TESTED(strings_are_escaped),
        TESTED(structs_are_written_compactly),
        TESTED(parameters_are_read_by_their_type),
        TESTED(parameters_that_do_not_fit_are_refused_by_name),
        TESTED(entity_tags_fill_a_list_of_versions),
        TESTED(absent_parameters_get_their_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
