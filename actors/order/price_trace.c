/* The explanation: its words, its bound, its entries. */
#include "actors/order/price_internal.h"

const char *const price_rule_names[PRICE_RULE_COUNT] = {
#define PRICE_RULE(rule, name, text) [PRICE_RULE_##rule] = (name),
#include "actors/order/price_words.def"
};
const char *const price_rule_texts[PRICE_RULE_COUNT] = {
#define PRICE_RULE(rule, name, text) [PRICE_RULE_##rule] = (text),
#include "actors/order/price_words.def"
};
const char *const price_reason_names[PRICE_REASON_COUNT] = {
#define PRICE_REASON(reason, name, text) [PRICE_REASON_##reason] = (name),
#include "actors/order/price_words.def"
};
const char *const price_reason_texts[PRICE_REASON_COUNT] = {
#define PRICE_REASON(reason, name, text) [PRICE_REASON_##reason] = (text),
#include "actors/order/price_words.def"
};
const char *const price_problem_names[PRICE_PROBLEM_COUNT] = {
#define PRICE_PROBLEM(problem, name, text) [PRICE_PROBLEM_##problem] = (name),
#include "actors/order/price_words.def"
};
const char *const price_problem_texts[PRICE_PROBLEM_COUNT] = {
#define PRICE_PROBLEM(problem, name, text) [PRICE_PROBLEM_##problem] = (text),
#include "actors/order/price_words.def"
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* What each rule can be looked at: prices of a line; verdict, cap, bearer and three entries for
 * each share of a promotion; methods and the one that is taken; taxes of parts, and their shares.
 */
size_t price_trace_bound(const struct price_request *request)
{
    const size_t lines = request->lines_count, consignments = request->consignments_count;
    const size_t pieces = lines + consignments + lines;
    size_t bound = lines * 3;
    for (size_t i = 0; i < lines; i++)
        bound += request->lines[i].tiers_count + request->lines[i].group_prices_count;
    bound += request->promotions_count * (3 + 3 * larger(lines, consignments));
    for (size_t i = 0; i < consignments; i++)
        bound += request->consignments[i].methods_count + 1;
    bound += lines; /* deliveries split by the classes of their goods */
    bound += request->vendors_count * request->rates_count * 2 + pieces * 2;
    bound += request->rates_count * (lines + consignments);
    return bound;
}

struct price_trace_entry price_column_entry(const struct price_work *work, enum price_rule rule,
                                            size_t column, size_t object)
{
    assert(column < work->columns_count);
    const bool is_line = column < work->consignments.first;
    return (struct price_trace_entry){
        .rule = rule,
        .subject = is_line ? PRICE_SUBJECT_LINE : PRICE_SUBJECT_CONSIGNMENT,
        .index = (unsigned)(is_line ? column : column - work->consignments.first),
        .object = (unsigned)object,
    };
}
