/* Rules of a payment. */
#include "actors/payment/payment.h"

#include <string.h>

enum status payment_want(struct payment *payment, struct money amount)
{
    assert(payment != NULL);
    if (payment->goal == PAYMENT_GOAL_RELEASE) return STATUS_ILLEGAL_TRANSITION;
    if (!money_same_currency(amount, payment->amount)) return STATUS_INVALID_VALUE;
    if (amount.amount < 1 || amount.amount > payment->amount.amount) return STATUS_OUT_OF_RANGE;
    if (payment->goal == PAYMENT_GOAL_TAKE)
        return payment->take == amount.amount ? STATUS_OK : STATUS_ILLEGAL_TRANSITION;
    payment->goal = PAYMENT_GOAL_TAKE;
    payment->take = amount.amount;
    return STATUS_OK;
}

enum status payment_cancel(struct payment *payment)
{
    assert(payment != NULL);
    const enum payment_status status = payment_standing(payment);
    if (payment->goal == PAYMENT_GOAL_RELEASE) return STATUS_OK;
    const bool is_taken =
        payment->goal == PAYMENT_GOAL_TAKE && payment->purpose != PAYMENT_PURPOSE_TOPUP;
    if (status == PAYMENT_STATUS_AUTHORISED || status == PAYMENT_STATUS_CAPTURED || is_taken)
        return STATUS_ILLEGAL_TRANSITION;
    payment_let_go(payment);
    return STATUS_OK;
}

void payment_let_go(struct payment *payment)
{
    assert(payment != NULL);
    payment->goal = PAYMENT_GOAL_RELEASE;
}

int64_t payment_remaining(const struct payment *payment)
{
    const struct payment_sum sum = payment_sum(payment);
    const int64_t left = payment_refundable(&sum) - payment->refunds_asked;
    return left > 0 ? left : 0;
}

/* What was let go is given back by itself, to the last cent. */
enum status payment_ask_refund(struct payment *payment, struct uuid refund_id, struct money amount)
{
    assert(payment != NULL);
    if (!money_same_currency(amount, payment->amount)) return STATUS_INVALID_VALUE;
    if (payment->goal == PAYMENT_GOAL_RELEASE || amount.amount > payment_remaining(payment))
        return STATUS_REFUND_EXCEEDS_CAPTURED;
    payment->refunds_asked += amount.amount;
    if (payment->next_refund_amount > 0) return STATUS_OK;
    payment->next_refund_amount = amount.amount;
    payment->next_refund_id = refund_id;
    return STATUS_OK;
}

/* What was taken once stays expected, though the payment may have been let go since. */
static struct payment_provider_fact judge(const struct payment *payment,
                                          const struct payment_provider_fact *said)
{
    const struct payment_expected expected = { .amount = payment->amount,
                                               .takes = &payment->take,
                                               .takes_count = payment->take > 0 ? 1 : 0 };
    return payment_fact_judge(&expected, said);
}

static bool hear_fact(struct payment *payment, const struct payment_provider_fact *said)
{
    struct payment_provider_fact fact = judge(payment, said);
    size_t index;
    bool is_news = false;
    if (payment_facts_add(payment->facts, &payment->facts_count, &fact, &is_news, &index) !=
        STATUS_OK) {
        /* The last entry gives way: of so many refunds and disputes nobody keeps count. */
        index = PAYMENT_FACTS_MAX - 1;
        fact.fact = PAYMENT_FACT_MISMATCH;
        is_news = payment->facts[index].fact != PAYMENT_FACT_MISMATCH;
        if (is_news) payment->facts[index] = fact;
    }
    payment->is_news[index] |= is_news;
    return is_news;
}

static bool hear_text(struct text *kept, struct text said)
{
    if (said.length == 0 || text_equals(*kept, said)) return false;
    *kept = said;
    return true;
}

/* What was known of another one does not count for this. */
static bool choose_live(struct payment *payment)
{
    const struct text live = payment_live_of(payment->facts, payment->facts_count, payment->own);
    if (text_equals(live, payment->reference)) return false;
    payment->reference = live;
    payment->has_moved = true;
    payment->charge = payment->next_url = (struct text){ 0 };
    return true;
}

/* An attempt that is refused leaves a charge behind, too: the one that set something aside, or took
 * it, is the payment's. */
static bool has_paid(const struct payment_provider_news *news)
{
    for (size_t i = 0; i < news->facts_count; i++)
        if (news->facts[i].fact == PAYMENT_FACT_AUTHORISED ||
            news->facts[i].fact == PAYMENT_FACT_CAPTURED)
            return true;
    return false;
}

bool payment_hear(struct payment *payment, const struct payment_provider_news *news)
{
    assert(payment != NULL);
    assert(news != NULL);
    bool is_news = false;
    for (size_t i = 0; i < news->facts_count; i++) {
        struct payment_provider_fact fact = news->facts[i];
        fact.has_reference = news->reference.length > 0;
        fact.reference = news->reference;
        is_news |= hear_fact(payment, &fact);
    }
    is_news |= choose_live(payment);
    if (news->reference.length > 0 && !text_equals(news->reference, payment->reference))
        return is_news;
    if (payment->charge.length == 0 || has_paid(news))
        is_news |= hear_text(&payment->charge, news->charge);
    if (payment->next_url.length == 0) is_news |= hear_text(&payment->next_url, news->next_url);
    return is_news;
}

void payment_own(struct payment *payment, struct text reference)
{
    assert(payment != NULL);
    if (payment->own.length > 0 || reference.length == 0) return;
    payment->own = reference;
    (void)choose_live(payment);
}

void payment_hear_refusal(struct payment *payment, struct text source, struct text code,
                          int64_t now_us)
{
    const struct payment_provider_fact refusal = { .fact = PAYMENT_FACT_FAILED,
                                                   .currency = text_of(payment->amount.currency),
                                                   .at_us = now_us,
                                                   .source = source,
                                                   .code = code };
    (void)hear_fact(payment, &refusal);
}

struct payment_sum payment_sum(const struct payment *payment)
{
    assert(payment != NULL);
    return payment_sum_of(payment->facts, payment->facts_count, payment->reference);
}

bool payment_has_mismatch(const struct payment *payment)
{
    assert(payment != NULL);
    for (size_t i = 0; i < payment->facts_count; i++)
        if (payment->facts[i].fact == PAYMENT_FACT_MISMATCH) return true;
    return false;
}

/* ---- what is due ---- */

static bool is_due_of_ours(const struct payment *payment, const struct payment_plan *plan,
                           struct payment_due *ret_due)
{
    const struct payment_sum sum = payment_sum(payment);
    struct payment_due due = { .reference = payment->reference };
    if (!payment_next(plan, &sum, &due.operation, &due.amount)) return false;
    /* What the provider has never taken there is nothing of to void; should it tell of it after
     * all, it tells its id of it, too. */
    if (due.operation == PAYMENT_OPERATION_VOID && payment->reference.length == 0) return false;
    *ret_due = due;
    return true;
}

/* It is let go as a payment that nobody wants any more. Where its amount is not ours nobody knows
 * how much goes back, so that is a person's. */
static bool is_due_of_stray(const struct payment *payment, size_t at, struct payment_due *ret_due)
{
    const struct payment_plan plan = { .goal = PAYMENT_GOAL_RELEASE, .is_tried = true };
    struct payment_due due = { .reference = payment_fact_reference(&payment->facts[at]) };
    const struct payment_sum sum =
        payment_sum_of(payment->facts, payment->facts_count, due.reference);
    if (sum.has_mismatch || !payment_next(&plan, &sum, &due.operation, &due.amount)) return false;
    *ret_due = due;
    return true;
}

static size_t next_stray(const struct payment *payment, size_t from)
{
    return payment_next_stray(payment->facts, payment->facts_count, payment->reference, from);
}

bool payment_due_operation(const struct payment *payment, struct payment_due *ret_due)
{
    assert(payment != NULL);
    assert(ret_due != NULL);
    const struct payment_plan plan = { .goal = payment->goal,
                                       .amount = payment->amount.amount,
                                       .take = payment->take,
                                       .refund = payment->next_refund_amount,
                                       .is_tried =
                                           payment->is_tried || payment->reference.length > 0,
                                       .is_waiting = !uuid_is_zero(payment->operation_id) };
    if (payment->is_mark || plan.is_waiting) return false;
    if (is_due_of_ours(payment, &plan, ret_due)) return true;
    for (size_t at = next_stray(payment, 0); at < payment->facts_count;
         at = next_stray(payment, at + 1))
        if (is_due_of_stray(payment, at, ret_due)) return true;
    return false;
}

bool payment_is_settled(const struct payment *payment)
{
    const struct payment_sum sum = payment_sum(payment);
    if (payment->is_mark) return true;
    for (size_t at = next_stray(payment, 0); at < payment->facts_count;
         at = next_stray(payment, at + 1)) {
        const struct payment_sum other = payment_sum_of(
            payment->facts, payment->facts_count, payment_fact_reference(&payment->facts[at]));
        if (!payment_sum_is_over(&other)) return false;
    }
    if (!payment->is_tried && payment->reference.length == 0) return true;
    if (sum.status == PAYMENT_STATUS_FAILED && payment->reference.length == 0) return true;
    return payment_sum_is_over(&sum);
}

bool payment_is_pending(const struct payment *payment)
{
    const enum payment_status status = payment_sum(payment).status;
    return payment->reference.length > 0 &&
           (status == PAYMENT_STATUS_CREATED || status == PAYMENT_STATUS_REQUIRES_ACTION ||
            status == PAYMENT_STATUS_PROCESSING);
}

static struct money money_of(const struct payment *payment, int64_t amount)
{
    return money_make(amount, payment->amount.currency);
}

enum payment_status payment_standing(const struct payment *payment)
{
    return payment->is_mark ? PAYMENT_STATUS_VOIDED : payment_sum(payment).status;
}

struct payment_payment payment_show(const struct payment *payment)
{
    const struct payment_sum sum = payment_sum(payment);
    const bool is_shut =
        sum.status == PAYMENT_STATUS_FAILED && text_equals_string(sum.decline_code, PAYMENT_SHUT);
    const bool needs_shopper = sum.status == PAYMENT_STATUS_FAILED && payment->is_off_session &&
                               text_equals_string(sum.decline_code, "authentication_required");
    return (struct payment_payment){
        .id = payment->id,
        .status = payment_standing(payment),
        .purpose = payment->purpose,
        .amount = money_of(payment, payment->amount.amount),
        .authorised = money_of(payment, sum.authorised),
        .captured = money_of(payment, sum.captured),
        .refunded = money_of(payment, sum.refunded),
        .has_left = true,
        .left = money_of(payment, payment_remaining(payment)),
        .has_next_action =
            sum.status == PAYMENT_STATUS_REQUIRES_ACTION && payment->next_url.length > 0,
        .next_action = { .redirect_url = payment->next_url },
        .has_decline_code = (sum.status == PAYMENT_STATUS_FAILED ||
                             (sum.status == PAYMENT_STATUS_VOIDED && sum.authorised == 0)) &&
                            sum.decline_code.length > 0 && !is_shut,
        .decline_code = sum.decline_code,
        .has_needs_shopper = needs_shopper,
        .needs_shopper = needs_shopper,
        .has_is_unavailable = is_shut,
        .is_unavailable = is_shut,
        .has_is_let_go = payment->goal == PAYMENT_GOAL_RELEASE,
        .is_let_go = payment->goal == PAYMENT_GOAL_RELEASE,
        .version = payment->version,
        .created_at_us = payment->created_at_us,
        .updated_at_us = payment->updated_at_us,
    };
}
