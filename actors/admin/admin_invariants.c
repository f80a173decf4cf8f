/* Whether everything adds up: what each domain says of its own rows, whether two domains that know
 * the same sum agree on it, and whether the audit trail has what was decided. */
#include <string.h>

#include "actors/admin/admin_audit_store.h"
#include "actors/admin/admin_card_check.h"
#include "actors/host/all_domains.h"
#include "admin_handlers.h"
#include "host_messages.h"

enum { CHECKS_MAX = 64, FIGURES_MAX = 1000, VIOLATIONS_MAX = 20 };

/* What the domains have said so far. */
struct gathering {
    struct arena *arena;
    struct admin_check checks[CHECKS_MAX];
    size_t checks_count;
    struct {
        enum domain domain;
        struct host_figure figure;
    } figures[FIGURES_MAX];
    size_t figures_count;
    const struct host_invariants *said[DOMAIN_LIMIT]; /* NULL: the domain has said nothing */
    int64_t open_processes;
};

static void take_check(struct gathering *all, const struct host_check *said)
{
    if (all->checks_count == CHECKS_MAX) return;
    struct admin_violation *violations =
        arena_allocate_array(all->arena, said->violations_count, sizeof *violations);
    for (size_t i = 0; i < said->violations_count; i++)
        violations[i] = (struct admin_violation){ .rule = said->violations[i].rule,
                                                  .subject = said->violations[i].subject };
    all->checks[all->checks_count++] = (struct admin_check){
        .name = said->name,
        .covers = said->covers,
        .is_ok = said->is_finished && said->violations_count == 0,
        .is_finished = said->is_finished,
        .compared = said->compared,
        .violations = violations,
        .violations_count = said->violations_count,
    };
}

/* Each domain has one database, so one node's word is enough. */
static int64_t take_domain(void *context, enum domain domain, const void *reply)
{
    struct gathering *all = context;
    const struct host_invariants *said = reply;
    for (size_t i = 0; i < said->checks_count; i++)
        take_check(all, &said->checks[i]);
    for (size_t i = 0; i < said->figures_count && all->figures_count < FIGURES_MAX; i++) {
        all->figures[all->figures_count].domain = domain;
        all->figures[all->figures_count++].figure = said->figures[i];
    }
    all->said[domain] = said;
    all->open_processes += said->open_processes;
    return SHARD_COUNT - 1;
}

/* ---- what two domains know ---- */

static const struct host_figure *find_figure(const struct gathering *all, enum domain domain,
                                             const struct host_figure *like)
{
    for (size_t i = 0; i < all->figures_count; i++)
        if (all->figures[i].domain == domain &&
            text_equals(all->figures[i].figure.name, like->name) &&
            text_equals(all->figures[i].figure.currency, like->currency))
            return &all->figures[i].figure;
    return NULL;
}

static struct admin_violation describe(struct arena *arena, const struct host_figure *mine,
                                       const struct host_figure *theirs)
{
    static const struct host_figure nothing = { .count = 0 };
    if (theirs == NULL) theirs = &nothing;
    return (struct admin_violation){
        .rule = TEXT("two domains come to different sums"),
        .subject = text_format(arena, "%.*s: %lld of %lld here, %lld of %lld there",
                               (int)mine->currency.length, mine->currency.data,
                               (long long)mine->count, (long long)mine->amount,
                               (long long)theirs->count, (long long)theirs->amount),
    };
}

/* What two domains must come to alike. */
struct shared_sum {
    const char *name, *check, *covers;
    enum domain one, other;
};

static const struct shared_sum shared_sums[] = {
    { "purchases", "order.purchases",
      "I4 each group that was paid from a wallet is one purchase in the ledger, of the same amount",
      DOMAIN_ORDER, DOMAIN_WALLET },
    { "refunds", "order.refunds",
      "I4 whatever went back of an order into a wallet is one refund in the ledger, of the same "
      "amount",
      DOMAIN_ORDER, DOMAIN_WALLET },
};

/* Adds what the one says and the other does not. */
static void compare_one_way(const struct gathering *all, struct text name, enum domain one,
                            enum domain other, struct admin_check *check,
                            struct admin_violation *violations, size_t most)
{
    for (size_t i = 0; i < all->figures_count; i++) {
        const struct host_figure *mine = &all->figures[i].figure;
        if (all->figures[i].domain != one || !text_equals(mine->name, name)) continue;
        const struct host_figure *theirs = find_figure(all, other, mine);
        check->compared += mine->count;
        const bool is_same =
            theirs != NULL && theirs->count == mine->count && theirs->amount == mine->amount;
        if (!is_same && check->violations_count < most)
            violations[check->violations_count++] = describe(all->arena, mine, theirs);
    }
}

/* What is under way stands on one side only: then a difference says nothing. */
static void compare(struct gathering *all, const struct shared_sum *sum)
{
    if (all->checks_count == CHECKS_MAX) return;
    struct admin_check *check = &all->checks[all->checks_count++];
    struct admin_violation *violations =
        arena_allocate_array(all->arena, VIOLATIONS_MAX, sizeof *violations);
    *check = (struct admin_check){ .name = text_of(sum->check), .covers = text_of(sum->covers) };
    compare_one_way(all, text_of(sum->name), sum->one, sum->other, check, violations,
                    VIOLATIONS_MAX);
    const int64_t compared = check->compared;
    compare_one_way(all, text_of(sum->name), sum->other, sum->one, check, violations,
                    VIOLATIONS_MAX);
    check->compared = compared;
    check->violations = violations;
    check->is_finished = check->violations_count == 0 || all->open_processes == 0;
    if (!check->is_finished) check->violations_count = 0;
    check->is_ok = check->is_finished && check->violations_count == 0;
}

/* ---- card payments, one by one ---- */

static void check_cards(struct request *request, struct gathering *all)
{
    if (all->checks_count == CHECKS_MAX) return;
    struct admin_check *check = &all->checks[all->checks_count++];
    *check = (struct admin_check){
        .name = TEXT("payment.books"),
        .covers = TEXT("I5, I8 a captured payment is one placed group's card part, or a credited "
                       "top-up, or has gone back, or waits for staff; the ledger has the same; but "
                       "for what moved lately"),
    };
    check->is_finished = admin_card_check(request, VIOLATIONS_MAX, check);
    check->is_ok = check->is_finished && check->violations_count == 0;
}

/* ---- the audit trail ---- */

static enum status check_decisions(struct request *request, struct gathering *all,
                                   enum domain domain)
{
    struct text *missing;
    size_t count;
    const struct host_invariants *said = all->said[domain];
    if (said == NULL || !said->has_decisions || all->checks_count == CHECKS_MAX) return STATUS_OK;
    TRY(admin_audit_store_find_missing(request, said->decisions, said->decisions_count,
                                       VIOLATIONS_MAX, &missing, &count));
    struct admin_violation *violations =
        arena_allocate_array(all->arena, count, sizeof *violations);
    for (size_t i = 0; i < count; i++)
        violations[i] = (struct admin_violation){
            .rule = TEXT("what a vendor or staff has done is not in the audit trail"),
            .subject =
                text_format(all->arena, "request %.*s", (int)missing[i].length, missing[i].data),
        };
    all->checks[all->checks_count++] = (struct admin_check){
        .name = text_format(all->arena, "%s.decisions", domain_name(domain)),
        .covers = TEXT("I12 what vendors and staff have done, as the rows remember it, is in the "
                       "audit trail"),
        .is_ok = count == 0,
        .is_finished = true,
        .compared = (int64_t)said->decisions_count,
        .violations = violations,
        .violations_count = count,
    };
    return STATUS_OK;
}

static enum status check_all(struct request *request, struct admin_invariants *ret_reply)
{
    const struct host_check_invariants question = { 0 };
    struct gathering *all = arena_allocate(request_arena(request), sizeof *all);
    all->arena = request_arena(request);
    TRY(all_domains_ask(request, &host_check_invariants_message, &question, take_domain, all));
    for (size_t i = 0; i < ARRAY_LENGTH(shared_sums); i++)
        compare(all, &shared_sums[i]);
    check_cards(request, all);
    for (size_t domain = 0; domain < DOMAIN_LIMIT; domain++)
        TRY(check_decisions(request, all, (enum domain)domain));
    ret_reply->checks = all->checks;
    ret_reply->checks_count = all->checks_count;
    ret_reply->open_processes = all->open_processes;
    ret_reply->is_ok = true;
    for (size_t i = 0; i < all->checks_count; i++)
        ret_reply->is_ok = ret_reply->is_ok && all->checks[i].is_ok;
    return STATUS_OK;
}

enum status admin_handle_check_invariants(struct request *request,
                                          const struct admin_check_invariants *query,
                                          struct admin_invariants *ret_reply)
{
    (void)query; /* says nothing */
    return check_all(request, ret_reply);
}

enum status admin_handle_verify_market(struct request *request,
                                       const struct admin_verify_market *query,
                                       struct admin_invariants *ret_reply)
{
    (void)query; /* says nothing */
    return check_all(request, ret_reply);
}
