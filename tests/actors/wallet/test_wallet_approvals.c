/* Claims about money that one member of the staff may not move alone, against a scratch database:
 * from 1.00 on, corrections, credits and gift cards wait for another one. After each the ledger
 * must be whole. */
#include "tests/actors/wallet/wallet_story.h"

#include "admin_messages.h"
#include "user_messages.h"

#define DAY_US (24 * 60 * (int64_t)MINUTE_US)

enum { FROM = 100 };

static const uint64_t manages_money = UINT64_C(1) << ADMIN_PERMISSION_MANAGE_MONEY;
static struct principal ann, bob; /* both of the staff */
static struct uuid without_right; /* who has none any more */

static enum status answer_as_others(void *context, const struct message *message, const void *body,
                                    void *ret_reply)
{
    (void)context;
    if (message == &admin_get_staff_rights_message) {
        const struct admin_get_staff_rights *query = body;
        const bool is_gone = uuid_equals(query->staff_id, without_right);
        *(struct admin_staff_rights *)ret_reply =
            (struct admin_staff_rights){ .rights = is_gone ? 0 : (int64_t)manages_money };
        return STATUS_OK;
    }
    assert_ptr_equal(message, &user_get_shopper_standing_message);
    *(struct user_shopper_standing *)ret_reply =
        (struct user_shopper_standing){ .is_active = true };
    return STATUS_OK;
}

static int new_desk(void **state)
{
    empty_the_ledger();
    (void)direct_sql(market, "TRUNCATE host.approval");
    ann = (struct principal){ .kind = PRINCIPAL_ADMIN, .id = draw_id(), .rights = manages_money };
    bob = (struct principal){ .kind = PRINCIPAL_ADMIN, .id = draw_id(), .rights = manages_money };
    without_right = (struct uuid){ { 0 } };
    direct_set(market, "--market.refund_approval_from=100");
    direct_set(market, "--wallet.balance_max=0");
    return new_wallet(state);
}

static struct wallet_corrected correct(const struct principal *who, int64_t amount)
{
    const struct wallet_correct_wallet command = { .user_id = wallet_id,
                                                   .amount = money_make(amount, "EUR"),
                                                   .reason = TEXT("the parcel came late") };
    struct wallet_corrected reply;
    assert_int_equal(direct_call(market, who, &wallet_correct_wallet_message, &command, &reply),
                     STATUS_OK);
    assert_true(reply.has_approval != reply.has_balance);
    return reply;
}

static struct wallet_credited credit(const struct principal *who, int64_t amount)
{
    const struct wallet_credit_wallet command = { .user_id = wallet_id,
                                                  .amount = money_make(amount, "EUR"),
                                                  .has_expires_at = true,
                                                  .expires_at_us = direct_now_us(market) + DAY_US,
                                                  .reason = TEXT("sorry") };
    struct wallet_credited reply;
    assert_int_equal(direct_call(market, who, &wallet_credit_wallet_message, &command, &reply),
                     STATUS_OK);
    return reply;
}

static struct wallet_gift_cards_made make_cards(const struct principal *who, int64_t amount,
                                                int64_t count)
{
    const struct wallet_make_gift_cards command = { .amount = money_make(amount, "EUR"),
                                                    .count = count,
                                                    .reference = TEXT("Christmas"),
                                                    .reason = TEXT("sold at the desk") };
    struct wallet_gift_cards_made reply;
    assert_int_equal(direct_call(market, who, &wallet_make_gift_cards_message, &command, &reply),
                     STATUS_OK);
    return reply;
}

static enum status approve(const struct principal *who, struct uuid id,
                           struct wallet_approved *ret_reply)
{
    const struct approvals_approve_request command = { .approval_id = id,
                                                       .reason = TEXT("I saw it") };
    return direct_call(market, who, &wallet_approve_request_message, &command, ret_reply);
}

static enum status decline(const struct principal *who, struct uuid id,
                           struct common_approval *ret_reply)
{
    const struct approvals_decline_request command = { .approval_id = id,
                                                       .reason = TEXT("It did not") };
    return direct_call(market, who, &wallet_decline_request_message, &command, ret_reply);
}

static struct common_approvals listed(struct approvals_list_requests query)
{
    struct common_approvals page;
    assert_int_equal(direct_call(market, &ann, &wallet_list_requests_message, &query, &page),
                     STATUS_OK);
    return page;
}

static void assert_money_in_wallets(const char *amount)
{
    assert_text_equal(direct_sql(market, "SELECT coalesce(sum(balance), 0) FROM wallet.balance"),
                      text_of(amount));
}

/* ---- it waits ---- */

static void what_is_much_waits_and_another_one_makes_it(void **state)
{
    (void)state;
    struct wallet_approved done;
    const struct common_approval asked = correct(&bob, FROM).approval;
    assert_money_in_wallets("0");
    assert_int_equal(direct_events(market, wallet_action_was_audited_message.number), 1);
    assert_int_equal(asked.state, COMMON_APPROVAL_STATE_OPEN);
    assert_text_equal(asked.action, TEXT("wallet.correct_wallet"));
    assert_text_equal(asked.reason, TEXT("the parcel came late"));
    assert_int_equal(asked.amount.amount, FROM);
    assert_true(uuid_equals(asked.requested_by, bob.id));
    assert_int_equal(approve(&bob, asked.id, &done), STATUS_OWN_REQUEST);
    assert_money_in_wallets("0");
    assert_int_equal(approve(&ann, asked.id, &done), STATUS_OK);
    assert_int_equal(done.balance.amount, FROM);
    assert_int_equal(done.approval.state, COMMON_APPROVAL_STATE_APPROVED);
    assert_true(uuid_equals(done.approval.decided_by, ann.id));
    assert_eur(FROM, 0);
    assert_int_equal(approve(&ann, asked.id, &done), STATUS_APPROVAL_ENDED);
    assert_eur(FROM, 0);
}

/* The ledger names who has asked; the trail and the row name who has approved. */
static void the_ledger_says_whose_doing_it_was(void **state)
{
    (void)state;
    struct wallet_approved done;
    struct told_action_was_audited audited;
    char sql[200], id[33];
    assert_int_equal(approve(&ann, correct(&bob, FROM).approval.id, &done), STATUS_OK);
    write_hex(bob.id, id);
    (void)snprintf(sql, sizeof sql,
                   "SELECT count(*) FROM wallet.transaction WHERE staff_id = '%s' AND amount = 100",
                   id);
    assert_text_equal(direct_sql(market, sql), TEXT("1"));
    direct_last_event(market, &wallet_action_was_audited_message, &audited);
    assert_text_equal(audited.entry.action, TEXT("wallet.approve_request"));
    assert_true(text_starts_with(audited.entry.principal, TEXT("adm_")));
    assert_true(text_starts_with(audited.entry.subject, TEXT("usr_")));
}

static void an_entry_of_what_waits_does_not_read_as_if_it_were_done(void **state)
{
    (void)state;
    struct told_action_was_audited audited;
    (void)correct(&bob, FROM);
    direct_last_event(market, &wallet_action_was_audited_message, &audited);
    assert_text_equal(audited.entry.action, TEXT("wallet.correct_wallet"));
    assert_true(text_starts_with(audited.entry.before, TEXT("{\"waits_for\":\"apv_")));
}

static void what_is_taken_out_waits_too(void **state)
{
    (void)state;
    struct wallet_approved done;
    assert_int_equal(grant(500, "EUR"), STATUS_OK);
    const struct common_approval asked = correct(&bob, -FROM).approval;
    assert_eur(500, 0);
    /* Whoever decides sees which way it goes. */
    const struct uuid given = correct(&bob, FROM).approval.id,
                      dropped = correct(&bob, -FROM - 1).approval.id;
    const struct common_approvals open =
        listed((struct approvals_list_requests){ .has_limit = false });
    assert_int_equal(open.data_count, 3);
    for (size_t i = 0; i < open.data_count; i++)
        assert_int_equal(open.data[i].is_taken, !uuid_equals(open.data[i].id, given));
    struct common_approval declined;
    assert_true(asked.is_taken);
    assert_int_equal(asked.amount.amount, FROM);
    assert_int_equal(decline(&ann, dropped, &declined), STATUS_OK);
    assert_true(declined.is_taken);
    assert_int_equal(approve(&ann, asked.id, &done), STATUS_OK);
    assert_true(done.approval.is_taken);
    assert_eur(500 - FROM, 0);
}

static void a_credit_and_gift_cards_wait_too(void **state)
{
    (void)state;
    struct wallet_approved done;
    const struct wallet_credited asked = credit(&bob, FROM);
    assert_true(asked.has_approval && !asked.has_balance);
    assert_int_equal(approve(&ann, asked.approval.id, &done), STATUS_OK);
    assert_true(done.has_expires_at);
    assert_eur(FROM, 0);
    const struct wallet_gift_cards_made cards = make_cards(&bob, FROM / 2, 2);
    assert_true(cards.has_approval);
    assert_int_equal(cards.codes_count + cards.data_count, 0);
    assert_text_equal(direct_sql(market, "SELECT count(*) FROM wallet.gift_card"), TEXT("0"));
    assert_int_equal(approve(&ann, cards.approval.id, &done), STATUS_OK);
    assert_int_equal(done.codes_count, 2);
    assert_true(uuid_equals(done.cards[0].made_by, bob.id));
    const struct principal shopper = { .kind = PRINCIPAL_SHOPPER, .id = wallet_id };
    const struct wallet_redeem_gift_card redeem = { .code = done.codes[1] };
    struct wallet_gift_card_redeemed redeemed;
    assert_int_equal(
        direct_call(market, &shopper, &wallet_redeem_gift_card_message, &redeem, &redeemed),
        STATUS_OK);
    assert_int_equal(redeemed.balance.amount, FROM + FROM / 2);
}

/* ---- in small parts ---- */

static void what_one_moves_in_a_day_counts_together_whatever_wallets_it_is_in(void **state)
{
    (void)state;
    assert_true(correct(&bob, 40).has_balance);
    wallet_id = draw_id();
    assert_false(credit(&bob, 40).has_approval);
    assert_false(make_cards(&bob, 19, 1).has_approval);
    wallet_id = draw_id();
    assert_true(correct(&bob, 1).has_approval);
    assert_true(credit(&bob, 1).has_approval);
    assert_true(make_cards(&bob, 1, 1).has_approval);
    assert_true(correct(&ann, FROM - 1).has_balance);
    direct_advance(market, DAY_US);
    assert_true(correct(&bob, FROM - 1).has_balance);
}

static void what_was_approved_counts_for_nobody(void **state)
{
    (void)state;
    struct wallet_approved done;
    assert_int_equal(approve(&ann, correct(&bob, FROM).approval.id, &done), STATUS_OK);
    assert_true(correct(&bob, FROM - 1).has_balance);
    assert_true(correct(&ann, FROM - 1).has_balance);
}

static void two_in_different_wallets_at_once_are_not_both_small(void **state)
{
    (void)state;
    direct_queue_units(market);
    assert_true(correct(&bob, 60).has_balance);
    wallet_id = draw_id();
    assert_true(correct(&bob, 60).has_balance);
    assert_int_equal(direct_commit_units(market), 1); /* a conflict: its handler runs again */
    direct_forget(market);
    assert_true(correct(&bob, 60).has_approval);
    assert_money_in_wallets("60");
}

/* ---- who may ---- */

static void what_somebody_asked_for_who_has_lost_his_right_is_not_made(void **state)
{
    (void)state;
    struct wallet_approved done;
    struct common_approval declined;
    const struct common_approval asked = correct(&bob, FROM).approval;
    without_right = bob.id;
    assert_int_equal(approve(&ann, asked.id, &done), STATUS_REQUESTER_LOST_RIGHT);
    assert_money_in_wallets("0");
    assert_int_equal(decline(&ann, asked.id, &declined), STATUS_OK);
}

static void an_approver_needs_the_right_himself(void **state)
{
    (void)state;
    struct wallet_approved done;
    struct common_approval declined;
    struct principal other = { .kind = PRINCIPAL_ADMIN,
                               .id = draw_id(),
                               .rights = UINT64_C(1) << ADMIN_PERMISSION_MANAGE_ORDERS };
    const struct common_approval asked = correct(&bob, FROM).approval;
    assert_int_equal(approve(&other, asked.id, &done), STATUS_FORBIDDEN);
    assert_int_equal(decline(&other, asked.id, &declined), STATUS_FORBIDDEN);
    assert_money_in_wallets("0");
}

/* ---- it is not made ---- */

static void what_was_declined_or_waited_too_long_is_not_made(void **state)
{
    (void)state;
    struct wallet_approved done;
    struct common_approval declined;
    const struct uuid first = correct(&bob, FROM).approval.id;
    assert_int_equal(decline(&bob, first, &declined), STATUS_OWN_REQUEST);
    assert_int_equal(decline(&ann, first, &declined), STATUS_OK);
    assert_int_equal(declined.state, COMMON_APPROVAL_STATE_DECLINED);
    assert_text_equal(declined.decision, TEXT("It did not"));
    assert_int_equal(approve(&ann, first, &done), STATUS_APPROVAL_ENDED);
    const struct uuid second = correct(&bob, FROM).approval.id;
    direct_advance(market, 8 * DAY_US);
    assert_int_equal(approve(&ann, second, &done), STATUS_APPROVAL_ENDED);
    assert_int_equal(approve(&ann, draw_id(), &done), STATUS_NOT_FOUND);
    assert_money_in_wallets("0");
}

static void what_cannot_be_done_any_more_is_refused_and_stays(void **state)
{
    (void)state;
    struct wallet_approved done;
    assert_int_equal(grant(FROM, "EUR"), STATUS_OK);
    const struct uuid asked = correct(&bob, -FROM).approval.id;
    assert_int_equal(hold(draw_id(), 1), STATUS_OK);
    assert_int_equal(approve(&ann, asked, &done), STATUS_INSUFFICIENT_FUNDS);
    assert_eur(FROM - 1, 1);
    const struct approvals_list_requests open = { .has_state = true,
                                                  .state = COMMON_APPROVAL_STATE_OPEN };
    assert_int_equal(listed(open).data_count, 1);
}

static void only_so_many_of_ones_own_wait(void **state)
{
    (void)state;
    const struct wallet_correct_wallet command = { .user_id = wallet_id,
                                                   .amount = money_make(FROM, "EUR"),
                                                   .reason = TEXT("again") };
    struct wallet_corrected reply;
    for (int i = 0; i < 50; i++)
        (void)correct(&bob, FROM);
    assert_int_equal(direct_call(market, &bob, &wallet_correct_wallet_message, &command, &reply),
                     STATUS_TOO_MANY_APPROVALS);
    assert_true(correct(&ann, FROM).has_approval);
}

/* ---- looked at ---- */

static void pages_show_each_request_once_with_what_was_sent(void **state)
{
    (void)state;
    struct uuid seen[3];
    struct approvals_list_requests query = { .has_limit = true, .limit = 2 };
    for (int i = 0; i < 3; i++) {
        seen[i] = correct(&bob, FROM + i).approval.id;
        if (i == 0) direct_advance(market, MINUTE_US); /* the others are of one moment */
    }
    assert_true(correct(&bob, 1).has_balance); /* what is done alone is nobody's to decide */
    const struct common_approvals first = listed(query);
    assert_int_equal(first.data_count, 2);
    assert_true(first.has_more);
    assert_true(text_starts_with(first.data[0].request, TEXT("{\"user_id\":\"usr_")));
    query.has_after = true;
    query.after = first.next;
    const struct common_approvals second = listed(query);
    assert_int_equal(second.data_count, 1);
    assert_false(second.has_more);
    assert_true(uuid_equals(second.data[0].id, seen[0]));
    assert_false(uuid_equals(first.data[0].id, first.data[1].id));
    query =
        (struct approvals_list_requests){ .has_subject = true, .subject = second.data[0].subject };
    assert_int_equal(listed(query).data_count, 3);
    query.subject = TEXT("usr_nobody");
    assert_int_equal(listed(query).data_count, 0);
}

static void a_market_that_asks_for_nobody_is_as_before(void **state)
{
    (void)state;
    direct_set(market, "--market.refund_approval_from=0");
    assert_true(correct(&bob, 1000000).has_balance);
    assert_true(correct(&bob, 1000000).has_balance);
    assert_int_equal(listed((struct approvals_list_requests){ .has_limit = false }).data_count, 0);
}

/* Or a day's sum would begin at nothing when somebody sets it. */
static void what_was_moved_before_anybody_was_asked_for_counts_too(void **state)
{
    (void)state;
    direct_set(market, "--market.refund_approval_from=0");
    assert_true(correct(&bob, 40).has_balance);
    assert_false(credit(&bob, 40).has_approval);
    direct_set(market, "--market.refund_approval_from=100");
    assert_true(correct(&bob, 20).has_approval);
    assert_true(correct(&bob, 19).has_balance);
    assert_true(correct(&ann, FROM - 1).has_balance);
    direct_advance(market, DAY_US);
    assert_true(correct(&bob, FROM - 1).has_balance);
}

#define DESK_TEST(test) cmocka_unit_test_setup_teardown(test, new_desk, ledger_is_whole)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DESK_TEST(what_is_much_waits_and_another_one_makes_it),
        DESK_TEST(the_ledger_says_whose_doing_it_was),
        DESK_TEST(an_entry_of_what_waits_does_not_read_as_if_it_were_done),
        DESK_TEST(what_is_taken_out_waits_too),
        DESK_TEST(a_credit_and_gift_cards_wait_too),
        DESK_TEST(what_one_moves_in_a_day_counts_together_whatever_wallets_it_is_in),
        DESK_TEST(what_was_approved_counts_for_nobody),
        DESK_TEST(two_in_different_wallets_at_once_are_not_both_small),
        DESK_TEST(what_somebody_asked_for_who_has_lost_his_right_is_not_made),
        DESK_TEST(an_approver_needs_the_right_himself),
        DESK_TEST(what_was_declined_or_waited_too_long_is_not_made),
        DESK_TEST(what_cannot_be_done_any_more_is_refused_and_stays),
        DESK_TEST(only_so_many_of_ones_own_wait),
        DESK_TEST(pages_show_each_request_once_with_what_was_sent),
        DESK_TEST(a_market_that_asks_for_nobody_is_as_before),
        DESK_TEST(what_was_moved_before_anybody_was_asked_for_counts_too),
    };
    market = direct_market_new(&wallet_domain);
    direct_set_peer(market, answer_as_others, NULL);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    direct_market_destroy(&market);
    return failed;
}
