/* Claims about one-time tickets, against a scratch database. */
#include "actors/identity/identity_ticket.h"

#include <string.h>

#include "actors/host/mail_token.h"
#include "tests/actors/identity/identity_stage.h"
#include "tests/support/cmocka.h"

static const struct uuid nobody;
static const int64_t hour_us = 3600 * 1000000LL;

struct ticket_case {
    struct uuid account_id, person_id, id;
    enum identity_ticket_purpose purpose;
    struct text email, token;
    enum domain domain;
    struct identity_ticket ticket;
};

static enum status do_open(struct request *request, void *context)
{
    struct ticket_case *c = context;
    c->id =
        identity_ticket_open(request, c->purpose, c->account_id, c->person_id, c->email, hour_us);
    c->token = mail_token_make(request, c->domain, c->id);
    return STATUS_OK;
}

static enum status do_use(struct request *request, void *context)
{
    struct ticket_case *c = context;
    struct uuid id;
    TRY(mail_token_read(request, c->domain, c->token, &id));
    return identity_ticket_use(request, id, c->purpose, &c->ticket);
}

static enum status do_find(struct request *request, void *context)
{
    struct ticket_case *c = context;
    return identity_ticket_find(request, c->id, c->purpose, &c->ticket);
}

static enum status do_void(struct request *request, void *context)
{
    identity_tickets_void(request, ((struct ticket_case *)context)->person_id);
    return STATUS_OK;
}

static enum status run(struct ticket_case *c, enum status (*work)(struct request *, void *))
{
    return stage_run(c->account_id, nobody, work, c);
}

static struct ticket_case open_ticket(enum identity_ticket_purpose purpose)
{
    struct ticket_case c = { .account_id = stage_draw_account(),
                             .person_id = stage_draw_account(),
                             .purpose = purpose,
                             .email = TEXT("ada@example.com"),
                             .domain = DOMAIN_USER };
    assert_int_equal(run(&c, do_open), STATUS_OK);
    return c;
}

static void ticket_works_once_and_says_whose_it_is(void **state)
{
    (void)state;
    struct ticket_case c = open_ticket(IDENTITY_TICKET_CHANGE_EMAIL);
    assert_int_equal(uuid_shard(c.id), uuid_shard(c.account_id));
    assert_int_equal(run(&c, do_find), STATUS_OK);
    assert_int_equal(run(&c, do_use), STATUS_OK);
    assert_true(uuid_equals(c.ticket.account_id, c.account_id));
    assert_true(uuid_equals(c.ticket.person_id, c.person_id));
    assert_text_equal(c.ticket.email, c.email);
    assert_int_equal(c.ticket.expires_us - c.ticket.created_us, hour_us);
    assert_int_equal(run(&c, do_use), STATUS_INVALID_TICKET);
    assert_string_equal(direct_last_fault(stage_market).pointer, "/token");
    assert_int_equal(run(&c, do_find), STATUS_INVALID_TICKET);
}

static void ticket_needs_no_address(void **state)
{
    (void)state;
    struct ticket_case c = { .account_id = stage_draw_account(),
                             .person_id = stage_draw_account(),
                             .purpose = IDENTITY_TICKET_RESET_PASSWORD,
                             .domain = DOMAIN_USER };
    assert_int_equal(run(&c, do_open), STATUS_OK);
    assert_int_equal(run(&c, do_use), STATUS_OK);
    assert_int_equal(c.ticket.email.length, 0);
}

static void ticket_expires(void **state)
{
    (void)state;
    struct ticket_case c = open_ticket(IDENTITY_TICKET_RESET_PASSWORD);
    direct_advance(stage_market, hour_us - 1);
    assert_int_equal(run(&c, do_find), STATUS_OK);
    direct_advance(stage_market, 1);
    assert_int_equal(run(&c, do_use), STATUS_INVALID_TICKET);
}

static void ticket_is_for_one_purpose(void **state)
{
    (void)state;
    struct ticket_case c = open_ticket(IDENTITY_TICKET_VERIFY_EMAIL);
    c.purpose = IDENTITY_TICKET_RESET_PASSWORD;
    assert_int_equal(run(&c, do_use), STATUS_INVALID_TICKET);
    c.purpose = IDENTITY_TICKET_VERIFY_EMAIL;
    assert_int_equal(run(&c, do_use), STATUS_OK);
}

static void later_ticket_supersedes_those_of_its_purpose_only(void **state)
{
    (void)state;
    struct ticket_case first = open_ticket(IDENTITY_TICKET_RESET_PASSWORD), second = first,
                       other = first;
    other.purpose = IDENTITY_TICKET_VERIFY_EMAIL;
    assert_int_equal(run(&other, do_open), STATUS_OK);
    assert_int_equal(run(&second, do_open), STATUS_OK);
    assert_int_equal(run(&first, do_use), STATUS_INVALID_TICKET);
    assert_int_equal(run(&second, do_use), STATUS_OK);
    assert_int_equal(run(&other, do_use), STATUS_OK);
}

static void every_ticket_of_a_person_can_be_voided(void **state)
{
    (void)state;
    struct ticket_case c = open_ticket(IDENTITY_TICKET_RESET_PASSWORD);
    assert_int_equal(run(&c, do_void), STATUS_OK);
    assert_int_equal(run(&c, do_use), STATUS_INVALID_TICKET);
}

static void token_of_another_domain_or_ticket_is_refused(void **state)
{
    (void)state;
    struct ticket_case c = open_ticket(IDENTITY_TICKET_INVITE), other = c;
    other.domain = DOMAIN_VENDOR;
    assert_int_equal(run(&other, do_use), STATUS_INVALID_TICKET);
    const struct ticket_case third = open_ticket(IDENTITY_TICKET_INVITE);
    other = c;
    other.token = text_format(stage_arena, "%.30s%.44s", c.token.data, third.token.data + 30);
    assert_int_equal(run(&other, do_use), STATUS_INVALID_TICKET);
}

static void nonsense_is_no_token(void **state)
{
    (void)state;
    struct ticket_case c = open_ticket(IDENTITY_TICKET_INVITE);
    const struct text good = c.token;
    static const char *const wrong[] = { "",
                                         ".",
                                         "tic_",
                                         "nonsense",
                                         "tic_01h455vb4pex5vsknk084sn02q",
                                         "tic_01h455vb4pex5vsknk084sn02q.abc" };
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        c.token = text_of(wrong[i]);
        assert_int_equal(run(&c, do_use), STATUS_INVALID_TICKET);
    }
    for (size_t i = 0; i < good.length; i++) {
        char *changed = arena_copy(stage_arena, good.data, good.length);
        changed[i] = changed[i] == '7' ? '6' : '7';
        c.token = (struct text){ changed, good.length };
        assert_int_equal(run(&c, do_use), STATUS_INVALID_TICKET);
    }
    c.token = good;
    assert_int_equal(run(&c, do_use), STATUS_OK);
}

static void of_two_who_use_it_at_once_one_is_refused(void **state)
{
    (void)state;
    struct ticket_case c = open_ticket(IDENTITY_TICKET_RESET_PASSWORD);
    direct_queue_units(stage_market);
    assert_int_equal(run(&c, do_use), STATUS_OK);
    assert_int_equal(run(&c, do_use), STATUS_OK);
    assert_int_equal(direct_commit_units(stage_market), 1);
}

static void no_secret_is_stored(void **state)
{
    (void)state;
    const struct ticket_case c = open_ticket(IDENTITY_TICKET_RESET_PASSWORD);
    const char *sql = text_format(stage_arena,
                                  "SELECT count(*) FROM identity.ticket t"
                                  " WHERE strpos(t::text, '%.*s') > 0",
                                  43, c.token.data + 31)
                          .data;
    assert_string_equal(stage_cell(sql), "0");
}

static void expired_tickets_are_trimmed_a_day_later(void **state)
{
    (void)state;
    struct ticket_case c = open_ticket(IDENTITY_TICKET_RESET_PASSWORD);
    direct_advance(stage_market, 24 * hour_us);
    assert_int_equal(run(&c, stage_trim), STATUS_OK);
    assert_string_not_equal(stage_cell("SELECT count(*) FROM identity.ticket"), "0");
    direct_advance(stage_market, hour_us + 1);
    assert_int_equal(run(&c, stage_trim), STATUS_OK);
    assert_string_equal(stage_cell("SELECT count(*) FROM identity.ticket"), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticket_works_once_and_says_whose_it_is),
        cmocka_unit_test(ticket_needs_no_address),
        cmocka_unit_test(ticket_expires),
        cmocka_unit_test(ticket_is_for_one_purpose),
        cmocka_unit_test(later_ticket_supersedes_those_of_its_purpose_only),
        cmocka_unit_test(every_ticket_of_a_person_can_be_voided),
        cmocka_unit_test(token_of_another_domain_or_ticket_is_refused),
        cmocka_unit_test(nonsense_is_no_token),
        cmocka_unit_test(of_two_who_use_it_at_once_one_is_refused),
        cmocka_unit_test(no_secret_is_stored),
        cmocka_unit_test(expired_tickets_are_trimmed_a_day_later),
    };
    return cmocka_run_group_tests(tests, stage_open, stage_close);
}
