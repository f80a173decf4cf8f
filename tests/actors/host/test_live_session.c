/* Claims about tokens whose sessions have ended a moment ago, of which no gateway knows yet: what
 * cannot be taken back is refused to them at once, by a crawl over all messages
 * (tests/SECURITY.md, item 26). */
#include <string.h>

#include "admin_messages.h"
#include "catalog_messages.h"
#include "messages/schema.h"
#include "notification_messages.h"
#include "order_messages.h"
#include "tests/messages/sample.h"
#include "tests/support/cmocka.h"
#include "tests/support/node_stage.h"
#include "user_messages.h"
#include "vendor_messages.h"

enum { SHARD = 7, WAIT_US = 5 * 1000 * 1000, CRAWLED_MIN = 60 };

static struct stage *stage_of_all;

static struct principal principal_of(struct stage *stage, enum principal_kind kind)
{
    return (struct principal){ .kind = kind,
                               .id = stage_new_id(stage, SHARD),
                               .session = stage_new_id(stage, SHARD),
                               .actor = kind == PRINCIPAL_VENDOR ? stage_new_id(stage, SHARD)
                                                                 : (struct uuid){ { 0 } },
                               .rights = UINT64_MAX,
                               .confirmed_us = stage_now_us(stage) };
}

static const char *keeper_of(enum principal_kind kind)
{
    if (kind == PRINCIPAL_VENDOR) return "vendor";
    return kind == PRINCIPAL_ADMIN ? "admin" : "user";
}

static const char *bare_id(struct uuid id, char text[33])
{
    for (size_t i = 0; i < sizeof id.bytes; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", id.bytes[i]);
    return text;
}

/* A session of the principal; `revoked_at` as SQL. */
static void open_session(struct stage *stage, const struct principal *principal,
                         const char *revoked_at)
{
    char sql[512], session[33], account[33], person[33];
    const struct uuid who = uuid_is_zero(principal->actor) ? principal->id : principal->actor;
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO identity.session (id, account_id, person_id, secret_hash,"
                   " created_at, rotated_at, expires_at, revoked_at) VALUES ('%s', '%s', '%s',"
                   " decode(repeat('00', 32), 'hex'), 1, 1, 9000000000000000, %s)",
                   bare_id(principal->session, session), bare_id(principal->id, account),
                   bare_id(who, person), revoked_at);
    (void)stage_sql(stage, keeper_of(principal->kind), sql);
}

static void make_key(struct stage *stage, const struct principal *principal, const char *revoked_at)
{
    char sql[512], key[33], account[33];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO identity.api_key (id, account_id, person_id, name, digest, rights,"
                   " created_at, revoked_at) VALUES ('%s', '%s', '%s', 'till',"
                   " decode(repeat('00', 32), 'hex'), 9223372036854775807, 1, %s)",
                   bare_id(principal->session, key), bare_id(principal->id, account),
                   bare_id(principal->id, account), revoked_at);
    (void)stage_sql(stage, keeper_of(principal->kind), sql);
}

static enum status say(struct stage *stage, const struct principal *principal,
                       const struct message *message, const void *body)
{
    struct envelope envelope, reply;
    unsigned shard = 0;
    stage_address(stage, principal->id, message, body, &envelope);
    stage_sign(stage, principal, &envelope);
    if (message_key_of(message, body, envelope_sender(principal, envelope.msg_id), &envelope.key,
                       &shard))
        envelope.shard = (uint8_t)shard;
    assert_int_equal(stage_send(stage, ROLE_STORE, &envelope, WAIT_US, &reply), STATUS_OK);
    return reply.status;
}

static enum principal_kind kind_of(enum message_role role)
{
    if (role == ROLE_VENDOR) return PRINCIPAL_VENDOR;
    return role == ROLE_ADMIN ? PRINCIPAL_ADMIN : PRINCIPAL_SHOPPER;
}

static void item_26_what_cannot_be_taken_back_asks_whether_the_session_is_open(struct stage *stage,
                                                                               void *context)
{
    (void)context;
    size_t crawled = 0;
    for (size_t i = 0; i < message_table_count; i++) {
        const struct message *message = message_table[i];
        if (!message->asks_session) continue;
        const struct principal gone = principal_of(stage, kind_of(message->role));
        open_session(stage, &gone, "1");
        const void *body = sample_make(message->body, SAMPLE_EXAMPLE, stage_arena(stage));
        const enum status status = say(stage, &gone, message, body);
        if (status != STATUS_UNAUTHENTICATED)
            print_error("%s: %s\n", message->name, status_name(status));
        assert_int_equal(status, STATUS_UNAUTHENTICATED);
        crawled++;
    }
    assert_true(crawled >= CRAWLED_MIN);
}

static void whose_session_is_open_is_heard(struct stage *stage, void *context)
{
    (void)context;
    const struct principal staff = principal_of(stage, PRINCIPAL_ADMIN);
    open_session(stage, &staff, "NULL");
    const struct catalog_create_category category = { .name = TEXT("Tea") };
    assert_int_equal(say(stage, &staff, &catalog_create_category_message, &category), STATUS_OK);
    const struct principal shopper = principal_of(stage, PRINCIPAL_SHOPPER);
    open_session(stage, &shopper, "NULL");
    const struct order_checkout checkout = { .cart_id = stage_new_id(stage, SHARD),
                                             .expected_total = money_make(100, "EUR") };
    assert_int_equal(say(stage, &shopper, &order_checkout_message, &checkout), STATUS_NOT_FOUND);
}

static void a_session_that_nobody_knows_is_none(struct stage *stage, void *context)
{
    (void)context;
    const struct principal staff = principal_of(stage, PRINCIPAL_ADMIN);
    const struct catalog_create_category category = { .name = TEXT("Coffee") };
    assert_int_equal(say(stage, &staff, &catalog_create_category_message, &category),
                     STATUS_UNAUTHENTICATED);
}

/* Whoever may pay as a guest has no session. */
static void guests_are_asked_for_no_session(struct stage *stage, void *context)
{
    (void)context;
    const struct order_checkout checkout = { .cart_id = stage_new_id(stage, SHARD),
                                             .expected_total = money_make(100, "EUR") };
    assert_int_equal(stage_ask(stage, (struct uuid){ { 0 } }, &order_checkout_message, &checkout,
                               NULL),
                     STATUS_NOT_FOUND);
}

static void an_api_key_that_has_ended_is_refused_as_a_session_is(struct stage *stage, void *context)
{
    (void)context;
    struct principal server = principal_of(stage, PRINCIPAL_SHOPPER);
    server.is_api_key = true;
    make_key(stage, &server, "1");
    const struct order_checkout checkout = { .cart_id = stage_new_id(stage, SHARD),
                                             .expected_total = money_make(100, "EUR") };
    assert_int_equal(say(stage, &server, &order_checkout_message, &checkout),
                     STATUS_UNAUTHENTICATED);
}

static void an_api_key_of_an_account_that_is_gone_is_refused(struct stage *stage, void *context)
{
    (void)context;
    struct principal server = principal_of(stage, PRINCIPAL_SHOPPER);
    server.is_api_key = true;
    make_key(stage, &server, "NULL");
    const struct order_checkout checkout = { .cart_id = stage_new_id(stage, SHARD),
                                             .expected_total = money_make(100, "EUR") };
    assert_int_equal(say(stage, &server, &order_checkout_message, &checkout),
                     STATUS_UNAUTHENTICATED);
}

/* By name, so that a line of TOML that is lost is seen. */
static void item_26_what_is_powerful_is_among_them(void **state)
{
    (void)state;
    static const struct message *const powerful[] = {
        &vendor_terminate_vendor_message,   &vendor_suspend_vendor_message,
        &vendor_approve_vendor_message,     &user_block_user_message,
        &user_send_reset_to_user_message,   &user_impersonate_message,
        &user_disable_otp_of_user_message,  &admin_invite_staff_message,
        &admin_change_staff_message,        &admin_make_api_key_message,
        &admin_withdraw_invitation_message, &catalog_block_product_message,
        &notification_replay_message_message, &vendor_invite_member_message,
        &vendor_remove_invitation_message,  &vendor_change_member_message,
        &vendor_remove_member_message,      &vendor_make_api_key_message,
        &vendor_revoke_api_key_message,     &vendor_change_password_message,
        &vendor_step_up_message,            &vendor_change_vendor_message,
        &user_erase_me_message,             &user_export_me_message,
        &user_change_password_message,      &user_change_email_message,
        &user_change_me_message,            &user_make_api_key_message,
        &user_revoke_api_key_message,       &user_begin_link_message,
        &user_complete_link_message,        &user_unlink_identity_message,
        &user_begin_otp_message,            &user_confirm_otp_message,
        &user_disable_otp_message,          &order_checkout_message,
        &order_claim_order_message,
    };
    for (size_t i = 0; i < ARRAY_LENGTH(powerful); i++)
        assert_true(powerful[i]->asks_session);
    assert_false(user_logout_message.asks_session);
    assert_false(admin_logout_message.asks_session);
    assert_false(order_add_line_message.asks_session);
}

static int open_stage(void **state)
{
    static const char *const domains[] = { "user",   "vendor",       "catalog", "order",
                                           "wallet", "payment", "notification", "admin" };
    (void)state;
    stage_of_all = stage_new(domains, ARRAY_LENGTH(domains));
    return 0;
}

static int close_stage(void **state)
{
    (void)state;
    stage_destroy(&stage_of_all);
    return 0;
}

#define STORY(name)                                                                                \
    static void run_##name(void **state)                                                           \
    {                                                                                              \
        (void)state;                                                                               \
        stage_run(stage_of_all, name, NULL);                                                       \
    }
STORY(item_26_what_cannot_be_taken_back_asks_whether_the_session_is_open)
STORY(whose_session_is_open_is_heard)
STORY(a_session_that_nobody_knows_is_none)
STORY(guests_are_asked_for_no_session)
STORY(an_api_key_that_has_ended_is_refused_as_a_session_is)
STORY(an_api_key_of_an_account_that_is_gone_is_refused)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(item_26_what_is_powerful_is_among_them),
        cmocka_unit_test(run_item_26_what_cannot_be_taken_back_asks_whether_the_session_is_open),
        cmocka_unit_test(run_whose_session_is_open_is_heard),
        cmocka_unit_test(run_a_session_that_nobody_knows_is_none),
        cmocka_unit_test(run_guests_are_asked_for_no_session),
        cmocka_unit_test(run_an_api_key_that_has_ended_is_refused_as_a_session_is),
        cmocka_unit_test(run_an_api_key_of_an_account_that_is_gone_is_refused),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}
