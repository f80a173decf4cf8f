/* Claims about the audit trail: what is found, in which order, and that it stays. */
#include "tests/actors/admin/admin_story.h"

static void record(int64_t at_us, const char *action, const char *principal, const char *actor,
                   const char *subject, const char *request_id)
{
    const struct admin_record_entry command = {
        .place = text_of(request_id),
        .entry = { .at_us = at_us,
                   .request_id = text_of(request_id),
                   .action = text_of(action),
                   .principal = text_of(principal),
                   .has_actor = actor != NULL,
                   .actor = text_of(actor),
                   .subject = text_of(subject),
                   .has_before = true,
                   .before = TEXT("{\"a\":1}"),
                   .request = TEXT("{}") },
    };
    assert_int_equal(direct_call(market, NULL, &admin_record_entry_message, &command, NULL),
                     STATUS_OK);
}

static int fill(void **state)
{
    (void)story_open(state);
    record(1000, "vendor.approve", "adm_one", NULL, "ven_a", "req-1");
    record(2000, "vendor.suspend", "adm_one", NULL, "ven_a", "req-2");
    record(3000, "user.change_me", "usr_x", "adm_one", "usr_x", "req-3");
    record(3000, "catalog.change", "ven_a", "mbr_m", "prd_p", "req-3");
    record(4000, "vendor.suspend", "adm_two", NULL, "ven_b", "req-4");
    return 0;
}

static struct admin_audit_page list(const struct admin_list_audit *query)
{
    struct admin_audit_page page;
    assert_int_equal(direct_call(market, NULL, &admin_list_audit_message, query, &page), STATUS_OK);
    return page;
}

static size_t count(const struct admin_list_audit *query)
{
    return list(query).data_count;
}

static void newest_comes_first(void **state)
{
    (void)state;
    const struct admin_list_audit all = { 0 };
    const struct admin_audit_page page = list(&all);
    assert_int_equal(page.data_count, 5);
    assert_text_equal(page.data[0].request_id, TEXT("req-4"));
    assert_text_equal(page.data[4].request_id, TEXT("req-1"));
    assert_false(page.has_more);
    assert_text_equal(page.data[0].before, TEXT("{\"a\":1}"));
}

static void each_filter_lets_through_what_it_names(void **state)
{
    (void)state;
    const struct admin_list_audit of_principal = { .has_principal = true,
                                                   .principal = TEXT("adm_one") };
    const struct admin_list_audit of_actor = { .has_actor = true, .actor = TEXT("adm_one") };
    const struct admin_list_audit of_subject = { .has_subject = true, .subject = TEXT("ven_a") };
    const struct admin_list_audit of_action = { .has_action = true,
                                                .action = TEXT("vendor.suspend") };
    const struct admin_list_audit of_request = { .has_request_id = true,
                                                 .request_id = TEXT("req-3") };
    const struct admin_list_audit of_two = { .has_action = true,
                                             .action = TEXT("vendor.suspend"),
                                             .has_subject = true,
                                             .subject = TEXT("ven_a") };
    const struct admin_list_audit of_nobody = { .has_actor = true, .actor = TEXT("' OR 1=1 --") };
    assert_int_equal(count(&of_principal), 2);
    assert_int_equal(count(&of_actor), 3); /* his own, and what he did in the shopper's name */
    assert_int_equal(count(&of_subject), 2);
    assert_int_equal(count(&of_action), 2);
    assert_int_equal(count(&of_request), 2);
    assert_int_equal(count(&of_two), 1);
    assert_int_equal(count(&of_nobody), 0);
}

static void time_is_from_the_first_to_before_the_second(void **state)
{
    (void)state;
    const struct admin_list_audit between = {
        .has_from = true, .from_us = 2000, .has_to = true, .to_us = 4000
    };
    assert_int_equal(count(&between), 3);
    const struct admin_list_audit until = { .has_to = true, .to_us = 2000 };
    assert_int_equal(count(&until), 1);
}

static void pages_show_each_entry_once(void **state)
{
    (void)state;
    struct admin_list_audit query = { .has_limit = true, .limit = 2 };
    size_t seen = 0;
    for (int i = 0; i < 3; i++) {
        const struct admin_audit_page page = list(&query);
        seen += page.data_count;
        assert_int_equal(page.has_more, i < 2);
        query.has_after = page.has_next;
        query.after = page.next;
    }
    assert_int_equal(seen, 5);
    query = (struct admin_list_audit){ .has_after = true, .after = TEXT("*") };
    assert_int_equal(direct_call(market, NULL, &admin_list_audit_message, &query, NULL),
                     STATUS_INVALID_PARAMETER);
}

/* How many entries of that action there are in somebody's name. */
static size_t count_of(const struct admin_staff *staff, const char *action)
{
    char id[ID_TEXT_MAX + 1];
    const struct admin_list_audit query = { .has_principal = true,
                                            .principal = { id, id_format("adm", staff->id, id) },
                                            .has_action = true,
                                            .action = text_of(action) };
    return count(&query);
}

static void sign_ins_and_lockouts_of_staff_are_entries(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in signed_in, reply;
    assert_int_equal(login(staff.email, password, NULL, &signed_in), STATUS_OK);
    assert_int_equal(count_of(&staff, "admin.login"), 1);
    assert_int_equal(refresh(signed_in.refresh_token, &reply), STATUS_OK);
    direct_advance(market, INT64_C(3600) * 1000000);
    assert_int_equal(refresh(signed_in.refresh_token, &reply), STATUS_INVALID_REFRESH_TOKEN);
    assert_int_equal(count_of(&staff, "admin.revoke_session"), 1);
    for (int i = 0; i < 9; i++)
        assert_int_equal(login(staff.email, TEXT("wrong horse"), NULL, &reply),
                         STATUS_INVALID_CREDENTIALS);
    assert_int_equal(count_of(&staff, "admin.record_lockout"), 0);
    assert_int_equal(login(staff.email, TEXT("wrong horse"), NULL, &reply),
                     STATUS_INVALID_CREDENTIALS);
    for (int i = 0; i < 3; i++)
        assert_int_equal(login(staff.email, password, NULL, &reply), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(count_of(&staff, "admin.record_lockout"), 1);
    assert_int_equal(count_of(&staff, "admin.login"), 1);
}

static void lockout_of_a_second_factor_is_an_entry_and_one_of_nobody_is_none(void **state)
{
    (void)state;
    const struct admin_staff staff = create_owner();
    struct admin_signed_in signed_in, reply;
    struct common_recovery_codes codes;
    assert_int_equal(login(staff.email, password, NULL, &signed_in), STATUS_OK);
    const struct principal principal = principal_of(&signed_in);
    (void)enrol(&principal, &codes);
    const struct admin_list_audit of_lockouts = { .has_action = true,
                                                  .action = TEXT("admin.record_lockout") };
    const size_t before = count(&of_lockouts);
    enum status status = STATUS_OK;
    for (int i = 0; i < 20 && status != STATUS_TOO_MANY_REQUESTS; i++)
        status = login(staff.email, password, "000000", &reply);
    assert_int_equal(status, STATUS_TOO_MANY_REQUESTS);
    assert_true(direct_last_fault(market).has_amounts);
    assert_int_equal(count(&of_lockouts), before + 1);
    assert_int_equal(count_of(&staff, "admin.record_lockout"), 1);
    const struct text stranger = draw_email();
    for (int i = 0; i < 11; i++)
        status = login(stranger, password, NULL, &reply);
    assert_int_equal(status, STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(count(&of_lockouts), before + 1);
}

/* How many rows the domain's own role hits; "" when the statement is refused. */
static struct text hits_of_role(const char *statement, const char *table)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "WITH h AS (%s admin.%s %s RETURNING 1) SELECT count(*) FROM h",
                   statement, table, statement[0] == 'U' ? "SET action = 'x'" : "");
    return direct_sql_as_role(market, sql);
}

static void item_49_entries_can_be_neither_changed_nor_taken_away(void **state)
{
    (void)state;
    /* The same statements work on a table that nothing protects. */
    (void)direct_sql(market, "CREATE TABLE admin.unprotected AS SELECT * FROM admin.audit_entry");
    (void)direct_sql(market, "GRANT ALL ON admin.unprotected TO PUBLIC");
    assert_text_equal(hits_of_role("UPDATE", "unprotected"), TEXT("5"));
    assert_text_equal(hits_of_role("DELETE FROM", "unprotected"), TEXT("5"));

    assert_text_equal(hits_of_role("UPDATE", "audit_entry"), TEXT(""));
    assert_text_equal(hits_of_role("DELETE FROM", "audit_entry"), TEXT(""));
    (void)direct_sql_as_role(market, "TRUNCATE admin.audit_entry");
    (void)direct_sql_as_role(market, "ALTER TABLE admin.audit_entry DISABLE TRIGGER ALL");
    (void)direct_sql_as_role(market, "DROP TRIGGER audit_is_kept ON admin.audit_entry");
    assert_text_equal(hits_of_role("DELETE FROM", "audit_entry"), TEXT(""));
    assert_text_equal(
        direct_sql(market, "SELECT count(*) FROM admin.audit_entry WHERE action <> 'x'"),
        TEXT("5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(newest_comes_first),
        cmocka_unit_test(each_filter_lets_through_what_it_names),
        cmocka_unit_test(time_is_from_the_first_to_before_the_second),
        cmocka_unit_test(pages_show_each_entry_once),
        cmocka_unit_test(item_49_entries_can_be_neither_changed_nor_taken_away),
        cmocka_unit_test(sign_ins_and_lockouts_of_staff_are_entries),
        cmocka_unit_test(lockout_of_a_second_factor_is_an_entry_and_one_of_nobody_is_none),
    };
    return cmocka_run_group_tests(tests, fill, story_close);
}
