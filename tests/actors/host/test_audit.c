/* Who leaves an audit entry, and what it says. */
#include <string.h>

#include "actors/host/audit.h"
#include "messages/codec_msgpack.h"
#include "storage/unit_private.h"
#include "tests/actors/host/request_stage.h"
#include "tests/support/cmocka.h"
#include "user_messages.h"
#include "vendor_messages.h"

static struct request_stage stage;
static struct request *request;
static struct common_audit_entry recorded;
static size_t recorded_count;

static int set_up(void **state)
{
    (void)state;
    request_stage_open(&stage);
    request = &stage.request;
    recorded_count = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    request_stage_close(&stage);
    return 0;
}

static void record(struct request *from, const struct common_audit_entry *entry)
{
    (void)from;
    recorded = *entry;
    recorded_count++;
}

static size_t entries_of(const struct message *message, const void *body)
{
    assert_int_equal(audit_add(request, message, body), STATUS_OK);
    return request->unit == NULL ? 0 : request->unit->events_count;
}

/* The entry that the suspension of a vendor leaves. */
static struct common_audit_entry entry_of_suspension(struct text reason)
{
    const struct vendor_suspend_vendor command = { .vendor_id = stage.envelope.key,
                                                   .reason = reason };
    struct told_action_was_audited event;
    assert_int_equal(entries_of(&vendor_suspend_vendor_message, &command), 1);
    assert_int_equal(msgpack_decode(vendor_action_was_audited_message.body,
                                    request->unit->events[0].body, stage.arena, &event),
                     STATUS_OK);
    return event.entry;
}

static struct text id_of(const char *prefix, struct uuid id)
{
    char *text = arena_allocate(stage.arena, ID_TEXT_MAX + 1);
    return (struct text){ text, id_format(prefix, id, text) };
}

/* ---- who ---- */

static void what_staff_does_is_audited(void **state)
{
    (void)state;
    const struct vendor_suspend_vendor command = { .reason = TEXT("fraud") };
    assert_int_equal(vendor_suspend_vendor_message.role, ROLE_ADMIN);
    assert_int_equal(entries_of(&vendor_suspend_vendor_message, &command), 1);
}

static void what_staff_reads_is_not(void **state)
{
    (void)state;
    const struct vendor_get_vendor query = { 0 };
    assert_int_equal(vendor_get_vendor_message.kind, MESSAGE_QUERY);
    assert_int_equal(entries_of(&vendor_get_vendor_message, &query), 0);
}

static void what_a_public_command_does_is_not(void **state)
{
    (void)state;
    struct message message = vendor_suspend_vendor_message;
    const struct vendor_suspend_vendor command = { .reason = TEXT("fraud") };
    message.role = ROLE_PUBLIC;
    assert_int_equal(entries_of(&message, &command), 0);
}

static void shoppers_own_command_leaves_nothing(void **state)
{
    (void)state;
    struct message message = vendor_suspend_vendor_message;
    const struct vendor_suspend_vendor command = { .reason = TEXT("fraud") };
    message.role = ROLE_STORE;
    stage.envelope.principal.kind = PRINCIPAL_SHOPPER;
    assert_int_equal(entries_of(&message, &command), 0);
}

static void staff_in_a_shoppers_name_leaves_an_entry(void **state)
{
    (void)state;
    struct message message = vendor_suspend_vendor_message;
    const struct vendor_suspend_vendor command = { .reason = TEXT("fraud") };
    message.role = ROLE_STORE;
    stage.envelope.principal.kind = PRINCIPAL_SHOPPER;
    stage.envelope.principal.actor.bytes[0] = 3;
    assert_int_equal(entries_of(&message, &command), 1);
}

/* The trail is for ever, and what is typed there in a shopper's name is his. */
static void what_staff_types_in_a_shoppers_name_is_not_in_the_entry(void **state)
{
    (void)state;
    const struct user_add_address command = { .name = TEXT("Ada Lovelace"),
                                              .line1 = TEXT("12 St James's Square"),
                                              .city = TEXT("London"),
                                              .has_phone = true,
                                              .phone = TEXT("020 7946 0000"),
                                              .country = TEXT("GB") };
    stage.envelope.principal.kind = PRINCIPAL_SHOPPER;
    stage.envelope.principal.actor.bytes[0] = 3;
    stage.definition.record_audit = record;
    assert_int_equal(entries_of(&user_add_address_message, &command), 0);
    assert_int_equal(recorded_count, 1);
    assert_text_equal(recorded.action, TEXT("user.add_address"));
    assert_text_equal(recorded.request,
                      TEXT("{\"fields\":[\"name\",\"line1\",\"city\",\"country\",\"phone\"]}"));
}

static void handler_that_says_so_leaves_an_entry(void **state)
{
    (void)state;
    struct message message = vendor_suspend_vendor_message;
    const struct vendor_suspend_vendor command = { .reason = TEXT("fraud") };
    message.role = ROLE_PUBLIC;
    request_audit(request, "ven", stage.envelope.key, (struct text){ 0 });
    assert_int_equal(entries_of(&message, &command), 1);
}

static void domain_without_a_trail_leaves_none(void **state)
{
    (void)state;
    const struct vendor_suspend_vendor command = { .reason = TEXT("fraud") };
    stage.dispatch.audit = NULL;
    assert_int_equal(entries_of(&vendor_suspend_vendor_message, &command), 0);
}

static void domain_that_keeps_its_own_entries_publishes_none(void **state)
{
    (void)state;
    const struct vendor_suspend_vendor command = { .reason = TEXT("fraud") };
    stage.definition.record_audit = record;
    assert_int_equal(entries_of(&vendor_suspend_vendor_message, &command), 0);
    assert_int_equal(recorded_count, 1);
    assert_text_equal(recorded.action, TEXT("vendor.suspend_vendor"));
}

/* ---- what ---- */

static void entry_says_when_what_and_from_where(void **state)
{
    (void)state;
    const struct common_audit_entry entry = entry_of_suspension(TEXT("fraud"));
    assert_int_equal(entry.at_us, request_now_us(request));
    assert_text_equal(entry.action, TEXT("vendor.suspend_vendor"));
    assert_text_equal(entry.request_id, TEXT("req-7"));
    assert_true(entry.has_client);
    assert_text_equal(entry.client, TEXT("192.0.2.1"));
}

static void principal_is_named_by_its_public_id(void **state)
{
    (void)state;
    const struct common_audit_entry entry = entry_of_suspension(TEXT("fraud"));
    assert_text_equal(entry.principal, id_of("adm", stage.envelope.principal.id));
    assert_false(entry.has_actor);
}

static void member_of_a_team_is_named_beside_the_vendor(void **state)
{
    (void)state;
    stage.envelope.principal.kind = PRINCIPAL_VENDOR;
    stage.envelope.principal.actor.bytes[0] = 3;
    const struct common_audit_entry entry = entry_of_suspension(TEXT("fraud"));
    assert_text_equal(entry.principal, id_of("ven", stage.envelope.principal.id));
    assert_true(entry.has_actor);
    assert_text_equal(entry.actor, id_of("mbr", stage.envelope.principal.actor));
}

static void member_of_staff_is_named_beside_the_shopper(void **state)
{
    (void)state;
    stage.envelope.principal.kind = PRINCIPAL_SHOPPER;
    stage.envelope.principal.actor.bytes[0] = 3;
    const struct common_audit_entry entry = entry_of_suspension(TEXT("fraud"));
    assert_text_equal(entry.principal, id_of("usr", stage.envelope.principal.id));
    assert_text_equal(entry.actor, id_of("adm", stage.envelope.principal.actor));
}

static void operator_has_no_id(void **state)
{
    (void)state;
    stage.envelope.principal = (struct principal){ .kind = PRINCIPAL_OPERATOR };
    assert_text_equal(entry_of_suspension(TEXT("fraud")).principal, TEXT("operator"));
}

static void what_no_person_does_is_the_systems(void **state)
{
    (void)state;
    stage.envelope.principal = (struct principal){ .kind = PRINCIPAL_NODE };
    assert_text_equal(entry_of_suspension(TEXT("fraud")).principal, TEXT("system"));
}

static void subject_is_the_key_of_the_message(void **state)
{
    (void)state;
    assert_text_equal(entry_of_suspension(TEXT("fraud")).subject, id_of("ven", stage.envelope.key));
}

static void handler_knows_the_subject_better(void **state)
{
    (void)state;
    const struct uuid subject = { { 77 } };
    request_audit(request, "mbr", subject, TEXT("{\"role\":\"owner\"}"));
    const struct common_audit_entry entry = entry_of_suspension(TEXT("fraud"));
    assert_text_equal(entry.subject, id_of("mbr", subject));
    assert_true(entry.has_before);
    assert_text_equal(entry.before, TEXT("{\"role\":\"owner\"}"));
}

static void what_was_there_before_is_left_out_whole_when_it_is_too_long(void **state)
{
    (void)state;
    char *before = arena_allocate(stage.arena, 4001);
    memset(before, ' ', 4001);
    request_audit(request, "ven", stage.envelope.key, (struct text){ before, 4001 });
    assert_false(entry_of_suspension(TEXT("fraud")).has_before);
}

static void reason_is_the_field_of_that_name(void **state)
{
    (void)state;
    const struct common_audit_entry entry = entry_of_suspension(TEXT("fraud"));
    assert_true(entry.has_reason);
    assert_text_equal(entry.reason, TEXT("fraud"));
}

static void empty_reason_is_none(void **state)
{
    (void)state;
    assert_false(entry_of_suspension(TEXT("")).has_reason);
}

static void reason_is_cut_at_its_bound(void **state)
{
    (void)state;
    char *reason = arena_allocate(stage.arena, 600);
    memset(reason, 'x', 600);
    assert_int_equal(entry_of_suspension((struct text){ reason, 600 }).reason.length, 500);
}

static void request_is_kept_as_json(void **state)
{
    (void)state;
    const struct text request_json = entry_of_suspension(TEXT("fraud")).request;
    const char *json = text_string(stage.arena, request_json);
    assert_non_null(strstr(json, "\"reason\":\"fraud\""));
    assert_non_null(strstr(json, text_string(stage.arena, id_of("ven", stage.envelope.key))));
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(what_staff_does_is_audited),
        CLAIM(what_staff_reads_is_not),
        CLAIM(what_a_public_command_does_is_not),
        CLAIM(shoppers_own_command_leaves_nothing),
        CLAIM(staff_in_a_shoppers_name_leaves_an_entry),
        CLAIM(what_staff_types_in_a_shoppers_name_is_not_in_the_entry),
        CLAIM(handler_that_says_so_leaves_an_entry),
        CLAIM(domain_without_a_trail_leaves_none),
        CLAIM(domain_that_keeps_its_own_entries_publishes_none),
        CLAIM(entry_says_when_what_and_from_where),
        CLAIM(principal_is_named_by_its_public_id),
        CLAIM(member_of_a_team_is_named_beside_the_vendor),
        CLAIM(member_of_staff_is_named_beside_the_shopper),
        CLAIM(operator_has_no_id),
        CLAIM(what_no_person_does_is_the_systems),
        CLAIM(subject_is_the_key_of_the_message),
        CLAIM(handler_knows_the_subject_better),
        CLAIM(what_was_there_before_is_left_out_whole_when_it_is_too_long),
        CLAIM(reason_is_the_field_of_that_name),
        CLAIM(empty_reason_is_none),
        CLAIM(reason_is_cut_at_its_bound),
        CLAIM(request_is_kept_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
