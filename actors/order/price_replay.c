/* Adds up a trace: what its entries say, and nothing else, is what a cart costs. */
#include "actors/order/price_internal.h"

static bool is_equal(const struct price_trace_entry *entry)
{
    if (entry->amount < 0 || entry->divisor < 0) return false;
    if (entry->divisor == 0) return true;
    if (entry->remainder >= entry->divisor || entry->remainder <= -entry->divisor) return false;
    return (__int128)entry->base * entry->factor ==
           (__int128)entry->amount * entry->divisor + entry->remainder;
}

/* The sums of the column that the entry is about; NULL: it is about none. */
static struct price_sums *sums_of(const struct price_request *request, struct price_replay *replay,
                                  const struct price_trace_entry *entry)
{
    if (entry->subject == PRICE_SUBJECT_LINE && entry->index < request->lines_count)
        return &replay->lines[entry->index];
    if (entry->subject == PRICE_SUBJECT_CONSIGNMENT && entry->index < request->consignments_count)
        return &replay->consignments[entry->index];
    return NULL;
}

static enum status take_off(struct price_sums *sums, bool is_line, int64_t amount)
{
    TRY(price_add_to(is_line ? &sums->discount : &sums->delivery_discount, amount));
    return price_add_to(&sums->vendor_borne, amount);
}

/* Statuses: OK, OUT_OF_RANGE, INVALID_VALUE. */
static enum status replay_entry(const struct price_trace_entry *entry, struct price_sums *sums)
{
    const bool is_line = entry->subject == PRICE_SUBJECT_LINE;
    switch (entry->rule) {
    case PRICE_RULE_GOODS:
        return price_add_to(&sums->goods, entry->amount);
    case PRICE_RULE_DELIVERY:
        return price_add_to(&sums->delivery, entry->amount);
    case PRICE_RULE_DISCOUNT:
        return take_off(sums, is_line, entry->amount);
    case PRICE_RULE_WITHDRAWAL:
        return take_off(sums, is_line, -entry->amount);
    case PRICE_RULE_BEARING:
        TRY(price_add_to(&sums->vendor_borne, -entry->amount));
        return price_add_to(&sums->market_borne, entry->amount);
    case PRICE_RULE_TAX_SHARE:
        return price_add_to(&sums->tax, entry->amount);
    case PRICE_RULE_EXEMPTION:
        return price_add_to(&sums->exempted, entry->amount);
    default: /* what was only looked at */
        return STATUS_OK;
    }
}

static enum status total_up(const struct price_request *request, struct price_sums *sums)
{
    const int64_t parts[] = { sums->goods,     -sums->discount,
                              sums->delivery,  -sums->delivery_discount,
                              -sums->exempted, request->prices_include_tax ? 0 : sums->tax };
    sums->total = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        TRY(price_add_to(&sums->total, parts[i]));
    return STATUS_OK;
}

static enum status add_sums(struct price_sums *sums, const struct price_sums *more)
{
    TRY(price_add_to(&sums->goods, more->goods));
    TRY(price_add_to(&sums->discount, more->discount));
    TRY(price_add_to(&sums->delivery, more->delivery));
    TRY(price_add_to(&sums->delivery_discount, more->delivery_discount));
    TRY(price_add_to(&sums->market_borne, more->market_borne));
    TRY(price_add_to(&sums->vendor_borne, more->vendor_borne));
    TRY(price_add_to(&sums->tax, more->tax));
    TRY(price_add_to(&sums->exempted, more->exempted));
    return price_add_to(&sums->total, more->total);
}

static enum status add_columns(const struct price_request *request, struct price_replay *replay)
{
    for (size_t i = 0; i < request->lines_count; i++) {
        TRY(total_up(request, &replay->lines[i]));
        TRY(add_sums(&replay->parts[request->lines[i].vendor], &replay->lines[i]));
    }
    for (size_t i = 0; i < request->consignments_count; i++) {
        TRY(total_up(request, &replay->consignments[i]));
        TRY(add_sums(&replay->parts[request->consignments[i].vendor], &replay->consignments[i]));
    }
    for (size_t i = 0; i < request->vendors_count; i++)
        TRY(add_sums(&replay->group, &replay->parts[i]));
    return STATUS_OK;
}

enum status price_replay(const struct price_request *request, const struct price_trace *trace,
                         struct arena *arena, struct price_replay *ret_replay)
{
    assert(request != NULL);
    assert(trace != NULL);
    struct price_replay replay = {
        .lines = arena_allocate_array(arena, request->lines_count, sizeof *replay.lines),
        .consignments =
            arena_allocate_array(arena, request->consignments_count, sizeof *replay.consignments),
        .parts = arena_allocate_array(arena, request->vendors_count, sizeof *replay.parts),
    };
    for (size_t i = 0; i < trace->count; i++) {
        const struct price_trace_entry *entry = &trace->entries[i];
        if (!is_equal(entry)) return STATUS_INVALID_VALUE;
        if (entry->subject == PRICE_SUBJECT_PART || entry->subject == PRICE_SUBJECT_PROMOTION)
            continue;
        struct price_sums *sums = sums_of(request, &replay, entry);
        if (sums == NULL) return STATUS_INVALID_VALUE;
        TRY(replay_entry(entry, sums));
    }
    TRY(add_columns(request, &replay));
    *ret_replay = replay;
    return STATUS_OK;
}
