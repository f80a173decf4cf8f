/* Claims about proofs that are checked and counted: passwords, codes, one-time tokens; against a
 * scratch database. */
#include "actors/identity/identity_proof.h"

#include "actors/host/mail_token.h"
#include "actors/identity/identity_second_factor.h"
#include "tests/actors/identity/lender.h"
#include "tests/support/cmocka.h"
#include "user_messages.h"

static const struct uuid nobody;
static const int64_t minute_us = 60 * 1000000LL;

/* One attempt, and what comes of it. */
struct attempt {
    const struct identity_domain *domain;
    struct text address, secret;
    bool is_forgetting; /* what went wrong before, as a domain does after it */
    struct identity_person person;
    struct identity_guard guard;
    struct identity_second_factor factor;
};

static enum status do_sign_in(struct request *request, void *context)
{
    struct attempt *a = context;
    const struct identity_sign_in sign_in = { .address = a->address, .password = a->secret };
    TRY(identity_check_sign_in(request, a->domain, &sign_in, &a->person, &a->guard));
    if (a->is_forgetting) identity_guard_forget(request, &a->guard);
    return STATUS_OK;
}

static enum status sign_in(const char *address, const char *password)
{
    struct attempt a = { .domain = stage_lent,
                         .address = text_of(address),
                         .secret = text_of(password) };
    const enum status status = lender_run(nobody, do_sign_in, &a);
    if (status == STATUS_OK) assert_true(uuid_equals(a.person.id, lender.person.id));
    return status;
}

static enum status do_check_password(struct request *request, void *context)
{
    struct attempt *a = context;
    return identity_check_password(request, a->domain, &lender.person, a->secret, "/old");
}

static enum status check_password(const char *password)
{
    struct attempt a = { .domain = stage_lent, .secret = text_of(password) };
    return lender_run(nobody, do_check_password, &a);
}

static enum status do_check_factor(struct request *request, void *context)
{
    struct attempt *a = context;
    return identity_check_factor(request, a->domain, lender.person.id, a->secret, "/otp",
                                 &a->factor);
}

static const char *failures_kept(void)
{
    return stage_cell("SELECT count(*) FROM identity.failures");
}

static void the_password_is_asked_for_under_any_spelling_of_the_address(void **state)
{
    (void)state;
    lender_draw(TEXT("ada@example.com"), "correct horse");
    assert_int_equal(sign_in("ada@example.com", "correct horse"), STATUS_OK);
    assert_int_equal(sign_in(" Ada@EXAMPLE.com", "correct horse"), STATUS_OK);
    assert_int_equal(sign_in("ADA@example.com ", "Correct horse"), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(lender.failures, 1);
    assert_int_equal(lender.failure_kind, IDENTITY_GUARD_SIGN_IN);
    assert_text_equal(lender.failure_subject, TEXT("ada@example.com"));
    assert_true(uuid_equals(lender.failure_person, lender.person.id));
}

static void an_unknown_address_is_refused_and_counted_like_a_wrong_password(void **state)
{
    (void)state;
    lender_draw(TEXT("bob@example.com"), "correct horse");
    static const char *const addresses[] = { "bob@example.com", "eve@example.com" };
    for (size_t i = 0; i < ARRAY_LENGTH(addresses); i++) {
        for (int guess = 0; guess < 10; guess++)
            assert_int_equal(sign_in(addresses[i], "wrong horse"), STATUS_INVALID_CREDENTIALS);
        assert_text_equal(lender.failure_subject, text_of(addresses[i]));
        assert_int_equal(sign_in(addresses[i], "wrong horse"), STATUS_TOO_MANY_REQUESTS);
        assert_int_equal(direct_last_fault(stage_market).available, 15 * 60);
    }
    assert_true(uuid_is_zero(lender.failure_person));
    /* A lock is not about the password: it holds for the right one, and for a while. */
    assert_int_equal(sign_in("bob@example.com", "correct horse"), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(lender.failures, 20);
    direct_advance(stage_market, 15 * minute_us);
    assert_int_equal(sign_in("bob@example.com", "correct horse"), STATUS_OK);
}

static void what_is_no_address_is_nobody_and_is_not_counted(void **state)
{
    (void)state;
    lender_draw(TEXT("carl@example.com"), "correct horse");
    const char *before = failures_kept();
    static const char *const none[] = { "", "carl", "carl@", "@example.com", "a b@example.com" };
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++)
        assert_int_equal(sign_in(none[i], "correct horse"), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(lender.failures, 0);
    assert_string_equal(failures_kept(), before);
}

static void no_password_is_right_where_none_was_set(void **state)
{
    (void)state;
    lender_draw(TEXT("dora@example.com"), "correct horse");
    lender.person.password_hash = TEXT("");
    assert_int_equal(sign_in("dora@example.com", ""), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(sign_in("dora@example.com", "correct horse"), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(check_password(""), STATUS_WRONG_PASSWORD);
}

static void a_sign_in_ends_the_count_of_what_went_wrong_before(void **state)
{
    (void)state;
    lender_draw(TEXT("emil@example.com"), "correct horse");
    for (int round = 0; round < 2; round++) {
        for (int guess = 0; guess < 9; guess++)
            assert_int_equal(sign_in("emil@example.com", "wrong horse"),
                             STATUS_INVALID_CREDENTIALS);
        struct attempt good = { .domain = stage_lent,
                                .address = TEXT("emil@example.com"),
                                .secret = TEXT("correct horse"),
                                .is_forgetting = true };
        assert_int_equal(lender_run(nobody, do_sign_in, &good), STATUS_OK);
        assert_true(good.guard.has_failures);
        assert_int_equal(lender_run(nobody, do_sign_in, &good), STATUS_OK);
        assert_false(good.guard.has_failures);
    }
}

static void a_failure_that_cannot_be_noted_says_so(void **state)
{
    (void)state;
    lender_draw(TEXT("fay@example.com"), "correct horse");
    lender.noting = STATUS_UNAVAILABLE;
    assert_int_equal(sign_in("fay@example.com", "wrong horse"), STATUS_UNAVAILABLE);
    assert_int_equal(check_password("wrong horse"), STATUS_UNAVAILABLE);
    assert_int_equal(sign_in("fay@example.com", "correct horse"), STATUS_OK);
}

static void a_domain_that_notes_nothing_counts_all_the_same(void **state)
{
    (void)state;
    lender_draw(TEXT("gus@example.com"), "correct horse");
    stage_lent = &lender_bare;
    for (int guess = 0; guess < 10; guess++)
        assert_int_equal(sign_in("gus@example.com", "wrong horse"), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(sign_in("gus@example.com", "wrong horse"), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(lender.failures, 0);
}

/* Neither way round: strangers who guess at the sign-in keep nobody from changing a password, and a
 * stolen token cannot be used to keep its owner from signing in. */
static void guesses_at_the_sign_in_and_of_who_is_signed_in_are_counted_apart(void **state)
{
    (void)state;
    lender_draw(TEXT("hal@example.com"), "correct horse");
    for (int guess = 0; guess < 10; guess++)
        assert_int_equal(sign_in("hal@example.com", "wrong horse"), STATUS_INVALID_CREDENTIALS);
    assert_int_equal(sign_in("hal@example.com", "correct horse"), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(check_password("correct horse"), STATUS_OK);
    for (int guess = 0; guess < 10; guess++) {
        assert_int_equal(check_password("wrong horse"), STATUS_WRONG_PASSWORD);
        assert_string_equal(direct_last_fault(stage_market).pointer, "/old");
    }
    assert_int_equal(lender.failure_kind, IDENTITY_GUARD_PRESENCE);
    assert_int_equal(check_password("correct horse"), STATUS_TOO_MANY_REQUESTS);
    direct_advance(stage_market, 15 * minute_us);
    assert_int_equal(sign_in("hal@example.com", "correct horse"), STATUS_OK);
    assert_int_equal(check_password("correct horse"), STATUS_OK);
}

static enum status do_enrol(struct request *request, void *context)
{
    return identity_otp_begin(request, lender.person.id, TEXT("Souk"), lender.person.email,
                              context);
}

static enum status do_confirm(struct request *request, void *context)
{
    struct common_recovery_codes codes;
    return identity_otp_confirm(request, lender.person.id, *(const struct text *)context, &codes);
}

static void wrong_codes_are_noted_by_person_and_a_missing_one_is_not(void **state)
{
    (void)state;
    lender_draw(TEXT("ida@example.com"), "correct horse");
    struct attempt a = { .domain = stage_lent };
    assert_int_equal(lender_run(nobody, do_check_factor, &a), STATUS_OK);
    assert_int_equal(a.factor.confirmed_us, 0); /* none is in force */

    struct common_otp_enrolment enrolment;
    assert_int_equal(lender_run(nobody, do_enrol, &enrolment), STATUS_OK);
    const struct text code = stage_app_code(enrolment.secret);
    assert_int_equal(lender_run(nobody, do_confirm, (void *)(uintptr_t)&code), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_check_factor, &a), STATUS_OTP_REQUIRED);
    assert_int_equal(lender.failures, 0);
    a.secret = TEXT("no code");
    assert_int_equal(lender_run(nobody, do_check_factor, &a), STATUS_WRONG_OTP);
    assert_string_equal(direct_last_fault(stage_market).pointer, "/otp");
    assert_int_equal(lender.failures, 1);
    assert_int_equal(lender.failure_kind, IDENTITY_GUARD_SECOND_FACTOR);
    assert_int_equal(lender.failure_subject.length, 16);
    assert_memory_equal(lender.failure_subject.data, lender.person.id.bytes, 16);
    direct_advance(stage_market, minute_us);
    a.secret = stage_app_code(enrolment.secret);
    assert_int_equal(lender_run(nobody, do_check_factor, &a), STATUS_OK);
    assert_int_equal(a.factor.confirmed_us, direct_now_us(stage_market));
    lender.noting = STATUS_UNAVAILABLE;
    a.secret = TEXT("no code");
    assert_int_equal(lender_run(nobody, do_check_factor, &a), STATUS_UNAVAILABLE);
}

/* ---- one-time tokens ---- */

struct token_case {
    enum domain domain; /* for whose messages the token is made */
    enum identity_ticket_purpose purpose, asked;
    struct text token;
    struct identity_ticket ticket;
};

static enum status do_open_ticket(struct request *request, void *context)
{
    struct token_case *c = context;
    const struct uuid id =
        identity_ticket_open(request, c->purpose, lender.person.account_id, lender.person.id,
                             lender.person.email, 60 * minute_us);
    c->token = mail_token_make(request, c->domain, id);
    return STATUS_OK;
}

static enum status do_check_ticket(struct request *request, void *context)
{
    struct token_case *c = context;
    return identity_check_ticket(request, c->token, c->asked, &c->ticket);
}

static void forget_all_failures(void)
{
    (void)direct_sql(stage_market, "DELETE FROM identity.failures");
}

static void a_token_is_good_for_what_it_was_sent_for(void **state)
{
    (void)state;
    lender_draw(TEXT("joe@example.com"), "correct horse");
    forget_all_failures();
    struct token_case c = { .domain = DOMAIN_USER,
                            .purpose = IDENTITY_TICKET_RESET_PASSWORD,
                            .asked = IDENTITY_TICKET_RESET_PASSWORD };
    assert_int_equal(lender_run(nobody, do_open_ticket, &c), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_check_ticket, &c), STATUS_OK);
    assert_true(uuid_equals(c.ticket.person_id, lender.person.id));
    assert_text_equal(c.ticket.email, lender.person.email);
    assert_string_equal(failures_kept(), "0");
    c.asked = IDENTITY_TICKET_VERIFY_EMAIL;
    assert_int_equal(lender_run(nobody, do_check_ticket, &c), STATUS_INVALID_TICKET);
    assert_string_equal(failures_kept(), "0"); /* it was sent to somebody, so it is no guess */
    c.domain = DOMAIN_VENDOR;
    c.asked = c.purpose;
    assert_int_equal(lender_run(nobody, do_open_ticket, &c), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_check_ticket, &c), STATUS_INVALID_TICKET);
    assert_string_equal(direct_last_fault(stage_market).pointer, "/token");
}

static void
guesses_of_tokens_are_refused_and_good_ones_behind_the_same_address_are_not(void **state)
{
    (void)state;
    lender_draw(TEXT("kim@example.com"), "correct horse");
    forget_all_failures();
    struct token_case good = { .domain = DOMAIN_USER,
                               .purpose = IDENTITY_TICKET_INVITE,
                               .asked = IDENTITY_TICKET_INVITE };
    struct token_case guess = { .asked = IDENTITY_TICKET_INVITE, .token = TEXT("tic_guess") };
    assert_int_equal(lender_run(nobody, do_open_ticket, &good), STATUS_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(lender_run(nobody, do_check_ticket, &guess), STATUS_INVALID_TICKET);
    assert_int_equal(lender_run(nobody, do_check_ticket, &guess), STATUS_TOO_MANY_REQUESTS);
    assert_int_equal(direct_last_fault(stage_market).available, 15 * 60);
    assert_int_equal(lender_run(nobody, do_check_ticket, &good), STATUS_OK);
    direct_advance(stage_market, 15 * minute_us);
    assert_int_equal(lender_run(nobody, do_check_ticket, &guess), STATUS_INVALID_TICKET);
}

/* ---- what is counted ---- */

static enum status do_mail(struct request *request, void *context)
{
    return identity_guard_mail(request, text_of(context));
}

struct lock_question {
    enum identity_guard_kind kind;
    struct text subject;
    bool is_locked;
};

static enum status do_ask_lock(struct request *request, void *context)
{
    struct lock_question *question = context;
    return identity_guard_is_locked(request, question->kind, question->subject,
                                    &question->is_locked);
}

static bool is_locked(enum identity_guard_kind kind, const char *subject)
{
    struct lock_question question = { .kind = kind, .subject = text_of(subject) };
    assert_int_equal(lender_run(nobody, do_ask_lock, &question), STATUS_OK);
    return question.is_locked;
}

static enum status do_lift(struct request *request, void *context)
{
    identity_guard_lift(request, IDENTITY_GUARD_SIGN_IN, text_of(context));
    return STATUS_OK;
}

static void a_lock_that_is_lifted_is_gone(void **state)
{
    (void)state;
    lender_draw(TEXT("sue@example.com"), "correct horse");
    for (int guess = 0; guess < 10; guess++)
        assert_int_equal(sign_in("sue@example.com", "wrong horse"), STATUS_INVALID_CREDENTIALS);
    char email[] = "sue@example.com";
    assert_true(is_locked(IDENTITY_GUARD_SIGN_IN, email));
    assert_int_equal(lender_run(nobody, do_lift, email), STATUS_OK);
    assert_int_equal(sign_in("sue@example.com", "correct horse"), STATUS_OK);
}

static void messages_to_an_address_are_limited_apart_from_its_sign_ins(void **state)
{
    (void)state;
    lender_draw(TEXT("lea@example.com"), "correct horse");
    char mail[] = "lea@example.com", other[] = "max@example.com";
    for (int i = 0; i < 5; i++)
        assert_int_equal(lender_run(nobody, do_mail, mail), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_mail, mail), STATUS_TOO_MANY_REQUESTS);
    assert_true(is_locked(IDENTITY_GUARD_RESET, mail));
    assert_false(is_locked(IDENTITY_GUARD_SIGN_IN, mail));
    assert_false(is_locked(IDENTITY_GUARD_RESET, other));
    assert_int_equal(sign_in("lea@example.com", "correct horse"), STATUS_OK);
    assert_int_equal(lender_run(nobody, do_mail, other), STATUS_OK);
    direct_advance(stage_market, 60 * minute_us);
    assert_false(is_locked(IDENTITY_GUARD_RESET, mail));
    assert_int_equal(lender_run(nobody, do_mail, mail), STATUS_OK);
}

static void a_digest_that_names_no_kind_is_not_counted(void **state)
{
    (void)state;
    const char *before = failures_kept();
    char digest[] = "A23456789012345678901234567890123456789012_";
    for (size_t i = 0; i < 4; i++) {
        struct identity_count_failure count = { .address_digest = text_of(digest) };
        digest[0] = "@Za-"[i];
        assert_int_equal(direct_call(stage_market, NULL, &user_count_failure_message, &count, NULL),
                         STATUS_INVALID_VALUE);
        const struct identity_forget_failures forget = { .address_digest = count.address_digest };
        assert_int_equal(
            direct_call(stage_market, NULL, &user_forget_failures_message, &forget, NULL),
            STATUS_INVALID_VALUE);
    }
    assert_string_equal(failures_kept(), before);
    digest[0] = 'D';
    const struct identity_count_failure count = { .address_digest = text_of(digest) };
    assert_int_equal(direct_call(stage_market, NULL, &user_count_failure_message, &count, NULL),
                     STATUS_OK);
    assert_string_not_equal(failures_kept(), before);
}

/* ---- a password that was proved elsewhere ---- */

static enum status do_prove(struct request *request, void *context)
{
    const struct text hash = TEXT("$argon2id$of-ada");
    const struct text proof = identity_prove_password(request, hash);
    (void)context;
    assert_true(identity_proof_holds(proof, hash));
    assert_false(identity_proof_holds(proof, TEXT("$argon2id$of-ada-after-a-change")));
    assert_false(identity_proof_holds(proof, TEXT("")));
    assert_false(identity_proof_holds((struct text){ proof.data, proof.length - 1 }, hash));
    assert_false(identity_proof_holds(TEXT(""), hash));
    return STATUS_OK;
}

static void a_proof_holds_for_the_hash_that_it_was_made_of_only(void **state)
{
    (void)state;
    assert_int_equal(stage_run(stage_draw_account(), nobody, do_prove, NULL), STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_password_is_asked_for_under_any_spelling_of_the_address),
        cmocka_unit_test(an_unknown_address_is_refused_and_counted_like_a_wrong_password),
        cmocka_unit_test(what_is_no_address_is_nobody_and_is_not_counted),
        cmocka_unit_test(no_password_is_right_where_none_was_set),
        cmocka_unit_test(a_sign_in_ends_the_count_of_what_went_wrong_before),
        cmocka_unit_test(a_failure_that_cannot_be_noted_says_so),
        cmocka_unit_test(a_domain_that_notes_nothing_counts_all_the_same),
        cmocka_unit_test(guesses_at_the_sign_in_and_of_who_is_signed_in_are_counted_apart),
        cmocka_unit_test(wrong_codes_are_noted_by_person_and_a_missing_one_is_not),
        cmocka_unit_test(a_token_is_good_for_what_it_was_sent_for),
        cmocka_unit_test(
            guesses_of_tokens_are_refused_and_good_ones_behind_the_same_address_are_not),
        cmocka_unit_test(a_lock_that_is_lifted_is_gone),
        cmocka_unit_test(messages_to_an_address_are_limited_apart_from_its_sign_ins),
        cmocka_unit_test(a_digest_that_names_no_kind_is_not_counted),
        cmocka_unit_test(a_proof_holds_for_the_hash_that_it_was_made_of_only),
    };
    return cmocka_run_group_tests(tests, stage_open, stage_close);
}
