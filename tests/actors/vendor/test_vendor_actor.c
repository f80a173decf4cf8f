/* Claims about vendors, through a node and PostgreSQL. */
#include <string.h>

#include "tests/support/cmocka.h"

#include "actors/vendor/vendor.h"
#include "tests/support/node_stage.h"

static const struct uuid nobody;
static struct stage *stage_of_all;

struct story {
    void (*tell)(struct stage *stage, void *context);
};
#define STORY(name)                                                                                \
    {                                                                                              \
#name, tell, NULL, NULL, &(struct story)                                                   \
        {                                                                                          \
            name                                                                                   \
        }                                                                                          \
    }

static void tell(void **state)
{
    const struct story *story = *state;
    stage_run(stage_of_all, story->tell, NULL);
}

static struct vendor_vendor_imported import(struct stage *stage, const char *name)
{
    const struct vendor_import_vendor command = { .name = text_of(name) };
    struct vendor_vendor_imported reply;
    assert_int_equal(stage_ask(stage, nobody, &vendor_import_vendor_message, &command, &reply),
                     STATUS_OK);
    return reply;
}

static void an_imported_vendor_is_public(struct stage *stage, void *context)
{
    (void)context;
    const struct vendor_vendor_imported made = import(stage, "  Oak & Ash ");
    assert_true(made.is_created);
    const struct vendor_get_profile query = { .vendor_id = made.vendor_id };
    struct vendor_profile profile;
    assert_int_equal(stage_ask(stage, nobody, &vendor_get_profile_message, &query, &profile),
                     STATUS_OK);
    assert_true(text_equals_string(profile.name, "Oak & Ash"));
    assert_true(text_equals_string(profile.slug, "oak-ash"));
    assert_false(profile.has_description);
}

static void a_second_import_of_a_name_makes_nothing(struct stage *stage, void *context)
{
    (void)context;
    const struct vendor_vendor_imported first = import(stage, "Twice");
    const struct vendor_vendor_imported second = import(stage, "Twice ");
    assert_false(second.is_created);
    assert_true(uuid_equals(first.vendor_id, second.vendor_id));
}

static void names_that_differ_in_case_or_normal_form_are_one_vendor(struct stage *stage,
                                                                    void *context)
{
    (void)context;
    static const char *const again[] = { "OLD M\xC3\x9CHLE", "old  mu\xCC\x88hle",
                                         " Old\xC2\xA0M\xC3\xBChle " };
    const struct vendor_vendor_imported first = import(stage, "Old M\xC3\xBChle");
    assert_true(first.is_created);
    for (size_t i = 0; i < ARRAY_LENGTH(again); i++) {
        const struct vendor_vendor_imported reply = import(stage, again[i]);
        assert_false(reply.is_created);
        assert_true(uuid_equals(reply.vendor_id, first.vendor_id));
    }
    assert_true(import(stage, "Old Muhle").is_created);
}

static void a_dry_run_makes_no_vendor(struct stage *stage, void *context)
{
    (void)context;
    const struct vendor_import_vendor command = { .name = TEXT("Dry Dock"),
                                                  .has_is_dry_run = true,
                                                  .is_dry_run = true };
    struct vendor_vendor_imported reply;
    assert_int_equal(stage_ask(stage, nobody, &vendor_import_vendor_message, &command, &reply),
                     STATUS_OK);
    assert_true(reply.is_created);
    assert_true(import(stage, "Dry Dock").is_created);
}

static void a_name_of_blanks_is_refused(struct stage *stage, void *context)
{
    (void)context;
    const struct vendor_import_vendor command = { .name = TEXT("   ") };
    struct vendor_vendor_imported reply;
    assert_int_equal(stage_ask(stage, nobody, &vendor_import_vendor_message, &command, &reply),
                     STATUS_INVALID_VALUE);
}

static void an_import_announces_the_vendor(struct stage *stage, void *context)
{
    (void)context;
    const char *before =
        text_string(stage_arena(stage),
                    text_of(stage_sql(stage, "vendor", "SELECT count(*) FROM host.outbox")));
    (void)import(stage, "Announced");
    (void)import(stage, "Announced");
    int64_t count;
    assert_int_equal(text_parse_int(text_of(before), &count), STATUS_OK);
    const struct text after =
        text_of(stage_sql(stage, "vendor", "SELECT count(*) FROM host.outbox"));
    int64_t count_after;
    assert_int_equal(text_parse_int(after, &count_after), STATUS_OK);
    assert_int_equal(count_after, count + 1);
}

static void a_vendor_that_is_not_approved_is_not_found(struct stage *stage, void *context)
{
    (void)context;
    const struct vendor_vendor_imported made = import(stage, "Closed");
    (void)stage_sql(stage, "vendor", "UPDATE vendor.vendor SET status = 3 WHERE name = 'Closed'");
    const struct vendor_get_profile query = { .vendor_id = made.vendor_id };
    struct vendor_profile profile;
    assert_int_equal(stage_ask(stage, nobody, &vendor_get_profile_message, &query, &profile),
                     STATUS_NOT_FOUND);
}

static void profiles_are_listed_page_by_page_newest_first(struct stage *stage, void *context)
{
    (void)context;
    static const char *const names[] = { "Page 1", "Page 2", "Page 3" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        (void)import(stage, names[i]);
        stage_sleep(stage, 2000);
    }
    struct vendor_list_profiles query = { .has_limit = true, .limit = 2 };
    struct vendor_profile_page page;
    assert_int_equal(stage_ask(stage, nobody, &vendor_list_profiles_message, &query, &page),
                     STATUS_OK);
    assert_int_equal(page.data_count, 2);
    assert_true(page.has_more);
    assert_true(text_equals_string(page.data[0].name, "Page 3"));
    assert_true(text_equals_string(page.data[1].name, "Page 2"));
    query.has_after = true;
    query.after = page.next;
    assert_int_equal(stage_ask(stage, nobody, &vendor_list_profiles_message, &query, &page),
                     STATUS_OK);
    assert_true(text_equals_string(page.data[0].name, "Page 1"));
}

static void a_foreign_cursor_is_refused(struct stage *stage, void *context)
{
    (void)context;
    const struct vendor_list_profiles query = { .has_after = true, .after = TEXT("no cursor") };
    struct vendor_profile_page page;
    assert_int_equal(stage_ask(stage, nobody, &vendor_list_profiles_message, &query, &page),
                     STATUS_INVALID_PARAMETER);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "vendor" };
    (void)state;
    stage_of_all = stage_new(domains, 1);
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage_of_all);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(an_imported_vendor_is_public),
        STORY(a_second_import_of_a_name_makes_nothing),
        STORY(names_that_differ_in_case_or_normal_form_are_one_vendor),
        STORY(a_dry_run_makes_no_vendor),
        STORY(a_name_of_blanks_is_refused),
        STORY(an_import_announces_the_vendor),
        STORY(a_vendor_that_is_not_approved_is_not_found),
        STORY(profiles_are_listed_page_by_page_newest_first),
        STORY(a_foreign_cursor_is_refused),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
