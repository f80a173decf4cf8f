/* The join of facts, the sum of them, and what is due. */
#include "actors/payment/payment_join.h"

/* ---- one fact ---- */

static bool is_of(enum payment_fact fact, enum payment_fact first, enum payment_fact last)
{
    return fact >= first && fact <= last;
}

static bool is_of_refund(enum payment_fact fact)
{
    return is_of(fact, PAYMENT_FACT_REFUND_PENDING, PAYMENT_FACT_REFUND_FAILED);
}

static bool is_of_dispute(enum payment_fact fact)
{
    return is_of(fact, PAYMENT_FACT_DISPUTE_OPEN, PAYMENT_FACT_DISPUTE_LOST);
}

/* Where nothing has moved, nothing can differ. */
static bool has_amount(enum payment_fact fact)
{
    return fact == PAYMENT_FACT_AUTHORISED || fact == PAYMENT_FACT_CAPTURED || is_of_refund(fact) ||
           is_of_dispute(fact);
}

static bool is_taken(const struct payment_expected *expected, int64_t amount)
{
    if (amount == expected->amount.amount) return true;
    for (size_t i = 0; i < expected->takes_count; i++)
        if (expected->takes[i] == amount) return true;
    return false;
}

static bool fits(const struct payment_expected *expected, const struct payment_provider_fact *said)
{
    if (!has_amount(said->fact)) return true;
    if (!text_equals_string(said->currency, expected->amount.currency)) return false;
    if (said->fact == PAYMENT_FACT_AUTHORISED) return said->amount == expected->amount.amount;
    if (said->fact == PAYMENT_FACT_CAPTURED) return is_taken(expected, said->amount);
    return said->amount >= 0 && said->amount <= expected->amount.amount;
}

struct payment_provider_fact payment_fact_judge(const struct payment_expected *expected,
                                                const struct payment_provider_fact *said)
{
    assert(expected != NULL);
    assert(said != NULL);
    struct payment_provider_fact fact = *said;
    if (!fits(expected, said)) fact.fact = PAYMENT_FACT_MISMATCH;
    return fact;
}

struct text payment_fact_reference(const struct payment_provider_fact *fact)
{
    assert(fact != NULL);
    return fact->has_reference ? fact->reference : (struct text){ 0 };
}

bool payment_fact_is_same(const struct payment_provider_fact *a,
                          const struct payment_provider_fact *b)
{
    assert(a != NULL);
    assert(b != NULL);
    return a->fact == b->fact && text_equals(a->ref, b->ref) &&
           text_equals(payment_fact_reference(a), payment_fact_reference(b));
}

/* Of two that say the same of one thing the later counts, by the provider's clock; of the same
 * moment any, as long as it is always the same one. */
static bool is_later(const struct payment_provider_fact *a, const struct payment_provider_fact *b)
{
    if (a->at_us != b->at_us) return a->at_us > b->at_us;
    const int by_source = text_compare(a->source, b->source);
    if (by_source != 0) return by_source > 0;
    const int by_code = text_compare(a->code, b->code);
    if (by_code != 0) return by_code > 0;
    return text_compare(a->currency, b->currency) > 0;
}

bool payment_fact_join(struct payment_provider_fact *kept, const struct payment_provider_fact *said)
{
    assert(payment_fact_is_same(kept, said));
    const struct payment_provider_fact before = *kept;
    if (is_later(said, kept)) *kept = *said;
    kept->amount = said->amount > before.amount ? said->amount : before.amount;
    return kept->amount != before.amount || kept->at_us != before.at_us ||
           !text_equals(kept->source, before.source) || !text_equals(kept->code, before.code) ||
           !text_equals(kept->currency, before.currency);
}

enum status payment_facts_add(struct payment_provider_fact *facts, size_t *count,
                              const struct payment_provider_fact *said, bool *ret_is_news,
                              size_t *ret_index)
{
    assert(facts != NULL);
    assert(count != NULL && *count <= PAYMENT_FACTS_MAX);
    assert(ret_is_news != NULL);
    size_t at = 0;
    while (at < *count && !payment_fact_is_same(&facts[at], said))
        at++;
    if (at == PAYMENT_FACTS_MAX) return STATUS_CONFLICT;
    if (at == *count) {
        facts[(*count)++] = *said;
        *ret_is_news = true;
    } else {
        *ret_is_news = payment_fact_join(&facts[at], said);
    }
    if (ret_index != NULL) *ret_index = at;
    return STATUS_OK;
}

/* ---- all of them ---- */

static enum payment_status status_of(enum payment_fact fact)
{
    static const enum payment_status statuses[PAYMENT_FACT_COUNT] = {
        [PAYMENT_FACT_REQUIRES_ACTION] = PAYMENT_STATUS_REQUIRES_ACTION,
        [PAYMENT_FACT_PROCESSING] = PAYMENT_STATUS_PROCESSING,
        [PAYMENT_FACT_FAILED] = PAYMENT_STATUS_FAILED,
        [PAYMENT_FACT_AUTHORISED] = PAYMENT_STATUS_AUTHORISED,
        [PAYMENT_FACT_VOIDED] = PAYMENT_STATUS_VOIDED,
        [PAYMENT_FACT_AUTH_EXPIRED] = PAYMENT_STATUS_AUTH_EXPIRED,
        [PAYMENT_FACT_CAPTURED] = PAYMENT_STATUS_CAPTURED,
        /* Money that comes back or is held was taken before, though nobody has told yet. */
        [PAYMENT_FACT_REFUND_PENDING] = PAYMENT_STATUS_CREATED,
    };
    return statuses[fact];
}

/* True if another fact says more of the same refund or dispute: what came of it, or, of two ends,
 * the later one. */
static bool is_outdone(const struct payment_provider_fact *facts, size_t count, size_t at)
{
    const struct payment_provider_fact *one = &facts[at];
    const bool is_dispute = is_of_dispute(one->fact);
    for (size_t i = 0; i < count; i++) {
        const struct payment_provider_fact *other = &facts[i];
        const bool is_kin = is_dispute ? is_of_dispute(other->fact) : is_of_refund(other->fact);
        if (i == at || !is_kin || !text_equals(other->ref, one->ref)) continue;
        const bool are_ends = is_dispute && one->fact != PAYMENT_FACT_DISPUTE_OPEN &&
                              other->fact != PAYMENT_FACT_DISPUTE_OPEN;
        const bool is_tie = are_ends && other->at_us == one->at_us;
        if (are_ends && !is_tie ? other->at_us > one->at_us : other->fact > one->fact) return true;
    }
    return false;
}

static void add_refund(struct payment_sum *sum, const struct payment_provider_fact *fact)
{
    if (fact->fact == PAYMENT_FACT_REFUND_SUCCEEDED) sum->refunded += fact->amount;
    if (fact->fact == PAYMENT_FACT_REFUND_PENDING) sum->refunding += fact->amount;
}

static void add_dispute(struct payment_sum *sum, const struct payment_provider_fact *fact)
{
    if (fact->fact == PAYMENT_FACT_DISPUTE_OPEN) sum->disputed += fact->amount;
    if (fact->fact == PAYMENT_FACT_DISPUTE_LOST) sum->lost += fact->amount;
}

static bool is_about(const struct payment_provider_fact *fact, struct text reference)
{
    const struct text named = payment_fact_reference(fact);
    return named.length == 0 || text_equals(named, reference);
}

struct payment_sum payment_sum_of(const struct payment_provider_fact *facts, size_t count,
                                  struct text reference)
{
    assert(facts != NULL || count == 0);
    assert(count <= PAYMENT_FACTS_MAX);
    struct payment_sum sum = { .status = PAYMENT_STATUS_CREATED };
    for (size_t i = 0; i < count; i++) {
        const struct payment_provider_fact *fact = &facts[i];
        if (!is_about(fact, reference)) continue;
        if (fact->fact == PAYMENT_FACT_MISMATCH) sum.has_mismatch = true;
        if (status_of(fact->fact) > sum.status) sum.status = status_of(fact->fact);
        if (fact->fact == PAYMENT_FACT_AUTHORISED) sum.authorised = fact->amount;
        if (fact->fact == PAYMENT_FACT_CAPTURED) sum.captured = fact->amount;
        if (fact->fact == PAYMENT_FACT_FAILED) sum.decline_code = fact->code;
        if (is_of_refund(fact->fact) && !is_outdone(facts, count, i)) add_refund(&sum, fact);
        if (is_of_dispute(fact->fact) && !is_outdone(facts, count, i)) add_dispute(&sum, fact);
    }
    return sum;
}

/* ---- of several payments of the provider's ---- */

static int weight_of(const struct payment_provider_fact *facts, size_t count, struct text reference)
{
    const enum payment_status status = payment_sum_of(facts, count, reference).status;
    if (status == PAYMENT_STATUS_CAPTURED) return 2;
    return status == PAYMENT_STATUS_AUTHORISED ? 1 : 0;
}

size_t payment_next_stray(const struct payment_provider_fact *facts, size_t count, struct text live,
                          size_t from)
{
    assert(facts != NULL || count == 0);
    for (size_t at = from; at < count; at++) {
        const struct text named = payment_fact_reference(&facts[at]);
        size_t first = 0;
        if (named.length == 0 || text_equals(named, live)) continue;
        while (!text_equals(payment_fact_reference(&facts[first]), named))
            first++;
        if (first == at) return at;
    }
    return count;
}

struct text payment_live_of(const struct payment_provider_fact *facts, size_t count,
                            struct text own)
{
    struct text live = own;
    int weight = own.length > 0 ? weight_of(facts, count, own) : 0;
    for (size_t at = payment_next_stray(facts, count, own, 0); at < count;
         at = payment_next_stray(facts, count, own, at + 1)) {
        const struct text other = payment_fact_reference(&facts[at]);
        const int its = weight_of(facts, count, other);
        const bool is_before =
            its == weight && its > 0 && !text_equals(live, own) && text_compare(other, live) < 0;
        if (its <= weight && !is_before) continue;
        live = other;
        weight = its;
    }
    return live;
}

int64_t payment_refundable(const struct payment_sum *sum)
{
    assert(sum != NULL);
    const int64_t left = sum->captured - sum->refunded - sum->refunding - sum->disputed - sum->lost;
    return left > 0 ? left : 0;
}

/* ---- what is due ---- */

bool payment_sum_is_over(const struct payment_sum *sum)
{
    assert(sum != NULL);
    if (sum->status == PAYMENT_STATUS_CAPTURED) return sum->refunded >= sum->captured;
    return sum->status == PAYMENT_STATUS_VOIDED || sum->status == PAYMENT_STATUS_AUTH_EXPIRED;
}

/* What is let go is closed at the provider, even after a refusal: who has the card's page open
 * could still pay there. */
static bool next_of_release(const struct payment_sum *sum, bool is_tried,
                            enum payment_operation *ret_operation, int64_t *ret_amount)
{
    switch (sum->status) {
    case PAYMENT_STATUS_CREATED:
        if (!is_tried) return false;
        break;
    case PAYMENT_STATUS_VOIDED:
    case PAYMENT_STATUS_AUTH_EXPIRED:
        return false;
    case PAYMENT_STATUS_CAPTURED:
        *ret_operation = PAYMENT_OPERATION_REFUND;
        *ret_amount = payment_refundable(sum);
        return *ret_amount > 0;
    default:
        break;
    }
    *ret_operation = PAYMENT_OPERATION_VOID;
    *ret_amount = 0;
    return true;
}

bool payment_next(const struct payment_plan *plan, const struct payment_sum *sum,
                  enum payment_operation *ret_operation, int64_t *ret_amount)
{
    assert(plan != NULL);
    assert(sum != NULL);
    assert(ret_operation != NULL && ret_amount != NULL);
    if (plan->is_waiting) return false;
    if (plan->goal == PAYMENT_GOAL_RELEASE)
        return next_of_release(sum, plan->is_tried, ret_operation, ret_amount);
    if (!plan->is_tried) {
        *ret_operation = PAYMENT_OPERATION_AUTHORISE;
        *ret_amount = plan->amount;
        return true;
    }
    if (plan->refund > 0 && sum->status == PAYMENT_STATUS_CAPTURED) {
        *ret_operation = PAYMENT_OPERATION_REFUND;
        *ret_amount = plan->refund;
        return true;
    }
    if (plan->goal == PAYMENT_GOAL_TAKE && sum->status == PAYMENT_STATUS_AUTHORISED) {
        *ret_operation = PAYMENT_OPERATION_CAPTURE;
        *ret_amount = plan->take;
        return true;
    }
    return false;
}
