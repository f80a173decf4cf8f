/* What the files of the pricing function share: the state of one run. Pure. */
#pragma once

#include "actors/order/price.h"
#include "runtime/arena.h"

enum {
    PRICE_COLUMNS_MAX = PRICE_LINES_MAX + PRICE_CONSIGNMENTS_MAX,
    /* A vendor's part is taxed in pieces: lines, and of each delivery one for each class. */
    PRICE_PIECES_MAX = PRICE_LINES_MAX + PRICE_CONSIGNMENTS_MAX + PRICE_LINES_MAX
};

static_assert(PRICE_LINES_MAX <= 64, "a set of lines is 64 bits");
static_assert(PRICE_CONSIGNMENTS_MAX <= 64, "a set of consignments is 64 bits");

/* Lines and consignments alike have an amount from which promotions take and on which there is tax:
 * they are the columns of the tables below, the lines first. */
struct price_side {
    size_t first, count;
    const uint8_t *order; /* `count` indices, counted from `first`, by id */
};

/* One amount that is taxed, of a line or of (a share of) a delivery. */
struct price_piece {
    size_t column;
    unsigned tax_class;
    int64_t amount;
};

/* Room for one sharing: parallel arrays. */
struct price_sharing {
    size_t count;
    size_t columns[PRICE_PIECES_MAX];
    int64_t weights[PRICE_PIECES_MAX], amounts[PRICE_PIECES_MAX], remainders[PRICE_PIECES_MAX];
};

/* 12 KiB: in the arena. */
struct price_work {
    const struct price_request *request;
    struct arena *arena;

    /* By id, which is how ties are broken and nothing depends on the order of the request. */
    uint8_t line_order[PRICE_LINES_MAX], consignment_order[PRICE_CONSIGNMENTS_MAX];
    uint8_t rate_order[PRICE_RATES_MAX];
    uint8_t promotion_order[PRICE_PROMOTIONS_MAX]; /* by priority, then id */
    uint8_t cheapest_order[PRICE_LINES_MAX];       /* by the price of one, then id */
    uint64_t vendor_lines[PRICE_VENDORS_MAX];      /* sets */
    struct price_side lines, consignments;

    int64_t unit_amounts[PRICE_LINES_MAX];
    const struct price_group_price *group_prices[PRICE_LINES_MAX]; /* as in the results */
    size_t columns_count;
    int64_t amounts[PRICE_COLUMNS_MAX]; /* goods; delivery */
    int64_t left[PRICE_COLUMNS_MAX];    /* after the promotions that stand */
    int64_t exempted[PRICE_COLUMNS_MAX];

    uint64_t targets[PRICE_PROMOTIONS_MAX]; /* lines, or consignments: a set of its side */
    struct price_promotion_result *promotions;
    /* Tables of a row for each promotion or rate, columns_count wide. */
    int64_t *shares, *market_shares;
    int64_t *tax_amounts, *tax_bases;
    bool *is_taxed;

    struct price_consignment_result *consignment_results;
    struct price_problem *problems;
    size_t problems_count;

    struct price_piece pieces[PRICE_PIECES_MAX]; /* of the part that is being taxed */
    size_t pieces_count;
    struct price_sharing sharing;

    struct price_trace_entry *entries; /* NULL: nobody wants the trace */
    size_t entries_count, entries_max;
};

static inline bool price_set_has(uint64_t set, size_t index)
{
    return (set >> index & 1) != 0;
}

static inline int64_t *price_share_at(struct price_work *work, size_t promotion, size_t column)
{
    return &work->shares[promotion * work->columns_count + column];
}

static inline enum status price_add_to(int64_t *sum, int64_t amount)
{
    return __builtin_add_overflow(*sum, amount, sum) ? STATUS_OUT_OF_RANGE : STATUS_OK;
}

/* Notes what was looked at, if anybody wants to know. */
static inline void price_trace_add(struct price_work *work, const struct price_trace_entry *entry)
{
    if (work->entries == NULL) return;
    assert(work->entries_count < work->entries_max);
    work->entries[work->entries_count++] = *entry;
}

/* Notes what the shopper has to mend. */
static inline void price_add_problem(struct price_work *work, struct price_problem problem)
{
    assert(work->problems_count < PRICE_PROBLEMS_MAX);
    work->problems[work->problems_count++] = problem;
}

/* An entry whose subject is a column. */
struct price_trace_entry price_column_entry(const struct price_work *work, enum price_rule rule,
                                            size_t column, size_t object);

/* Whether every figure is within its limit. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status price_check_request(const struct price_request *request);
/* What one of each line costs, and its goods. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status price_goods(struct price_work *work);
/* Which promotions may take off, and from what. */
void price_judge_promotions(struct price_work *work);
/* Settles those on goods, or those on delivery. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status price_settle_promotions(struct price_work *work, bool is_delivery);
/* Who bears what of the shares that stand, and what became of the codes. Statuses: OK,
 * OUT_OF_RANGE. */
MUST_CHECK enum status price_bear_promotions(struct price_work *work);
void price_answer_codes(struct price_work *work);
/* What each consignment costs before promotions. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status price_deliveries(struct price_work *work);
/* Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status price_taxes(struct price_work *work);
/* Adds up the tables into the result. Statuses: OK, OUT_OF_RANGE. */
MUST_CHECK enum status price_sum_up(struct price_work *work, struct price_result *ret_result);
