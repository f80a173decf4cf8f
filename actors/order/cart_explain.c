/* The explanation of a cart's price, in the words of the contract. */
#include "actors/order/cart_show.h"

#include "runtime/arena.h"

static struct text id_text(const char *prefix, struct uuid id, struct arena *arena)
{
    char text[ID_TEXT_MAX + 1];
    (void)id_format(prefix, id, text);
    return text_format(arena, "%s", text);
}

static struct text subject_name(enum price_subject subject)
{
    static const char *const names[] = { [PRICE_SUBJECT_LINE] = "line",
                                         [PRICE_SUBJECT_CONSIGNMENT] = "consignment",
                                         [PRICE_SUBJECT_PART] = "part",
                                         [PRICE_SUBJECT_PROMOTION] = "promotion" };
    return text_of(names[subject]);
}

static struct text subject_id(const struct price_request *request,
                              const struct price_trace_entry *entry, struct arena *arena)
{
    switch (entry->subject) {
    case PRICE_SUBJECT_LINE:
        return id_text("lin", request->lines[entry->index].id, arena);
    case PRICE_SUBJECT_CONSIGNMENT:
        return id_text("spr", request->consignments[entry->index].id, arena);
    case PRICE_SUBJECT_PART:
        return id_text("ven", request->vendors[entry->index], arena);
    case PRICE_SUBJECT_PROMOTION:
        break;
    }
    return id_text("prm", request->promotions[entry->index].id, arena);
}

enum { OF_SEVERAL = 0xffff }; /* the object of a sum */

/* What the rule is about besides its subject; empty: nothing that has an id. */
static struct text object_id(const struct price_request *request,
                             const struct price_trace_entry *entry, struct arena *arena)
{
    if (entry->object == OF_SEVERAL) return TEXT("");
    switch (entry->rule) {
    case PRICE_RULE_GROUP_PRICE:
        return id_text("plt", request->lines[entry->index].group_prices[entry->object].list_id,
                       arena);
    case PRICE_RULE_DISCOUNT:
    case PRICE_RULE_WITHDRAWAL:
    case PRICE_RULE_BEARING:
        return id_text("prm", request->promotions[entry->object].id, arena);
    case PRICE_RULE_METHOD:
    case PRICE_RULE_DELIVERY:
        return id_text("shm", request->consignments[entry->index].methods[entry->object].id, arena);
    case PRICE_RULE_TAX:
    case PRICE_RULE_TAX_SHARE:
    case PRICE_RULE_EXEMPTION:
        return id_text("txr", request->rates[entry->object].id, arena);
    default:
        return TEXT("");
    }
}

/* Which sentences were said already. */
struct said {
    bool rules[PRICE_RULE_COUNT], reasons[PRICE_REASON_COUNT];
};

static struct order_price_step describe(const struct price_request *request,
                                        const struct price_trace_entry *entry, struct said *said,
                                        struct arena *arena)
{
    const struct text object = object_id(request, entry, arena);
    const bool has_division = entry->divisor != 0;
    const struct order_price_step step = {
        .rule = text_of(price_rule_names[entry->rule]),
        .has_text = !said->rules[entry->rule],
        .text = text_of(price_rule_texts[entry->rule]),
        .code = text_of(price_reason_names[entry->reason]),
        .has_reason = !said->reasons[entry->reason],
        .reason = text_of(price_reason_texts[entry->reason]),
        .subject = subject_name(entry->subject),
        .subject_id = subject_id(request, entry, arena),
        .has_object_id = object.length > 0,
        .object_id = object,
        .base = entry->base,
        .has_factor = has_division,
        .factor = entry->factor,
        .has_divisor = has_division,
        .divisor = entry->divisor,
        .amount = entry->amount,
        .has_remainder = has_division,
        .remainder = entry->remainder,
    };
    said->rules[entry->rule] = said->reasons[entry->reason] = true;
    return step;
}

/* What comes before the trace: the list price of a line, made net. */
static struct order_price_step describe_net(const struct cart_quote *quote, size_t line,
                                            struct said *said, struct arena *arena)
{
    const struct cart_net *net = &quote->nets[line];
    const struct price_trace_entry entry = { .rule = PRICE_RULE_NET_PRICE,
                                             .reason = PRICE_REASON_EXEMPT,
                                             .subject = PRICE_SUBJECT_LINE,
                                             .index = (unsigned)line,
                                             .base = net->gross,
                                             .factor = PRICE_PPM,
                                             .divisor = net->divisor,
                                             .amount = net->net,
                                             .remainder = net->remainder };
    return describe(&quote->request, &entry, said, arena);
}

/* What gave way is moved back. */
static bool moves(const struct price_trace_entry *entry)
{
    return entry->amount != 0 &&
           (entry->reason == PRICE_REASON_APPLIED || entry->rule == PRICE_RULE_WITHDRAWAL);
}

/* ---- a long trace ---- */

/* The vendor whose part an entry is about; false: it is about a promotion as a whole. */
static bool find_vendor(const struct price_request *request, const struct price_trace_entry *entry,
                        size_t *ret_vendor)
{
    switch (entry->subject) {
    case PRICE_SUBJECT_LINE:
        *ret_vendor = request->lines[entry->index].vendor;
        return true;
    case PRICE_SUBJECT_CONSIGNMENT:
        *ret_vendor = request->consignments[entry->index].vendor;
        return true;
    case PRICE_SUBJECT_PART:
        *ret_vendor = entry->index;
        return true;
    case PRICE_SUBJECT_PROMOTION:
        break;
    }
    return false;
}

/* Prices of one and of ways of sending are no amounts of an order. */
static bool is_summed(const struct price_trace_entry *entry)
{
    return moves(entry) && entry->rule != PRICE_RULE_LIST_PRICE &&
           entry->rule != PRICE_RULE_SALE_PRICE && entry->rule != PRICE_RULE_TIER_PRICE &&
           entry->rule != PRICE_RULE_GROUP_PRICE && entry->rule != PRICE_RULE_METHOD;
}

/* A sum for each vendor and rule: of 50 vendors and 13 rules fewer than CART_STEPS_MAX. */
static size_t sum_up(const struct price_request *request, const struct price_trace *trace,
                     struct arena *arena, struct price_trace_entry *ret_entries)
{
    int64_t *sums =
        arena_allocate_array(arena, (size_t)PRICE_VENDORS_MAX * PRICE_RULE_COUNT, sizeof *sums);
    size_t count = 0, vendor;
    for (size_t i = 0; i < trace->count; i++) {
        const struct price_trace_entry *entry = &trace->entries[i];
        if (is_summed(entry) && find_vendor(request, entry, &vendor))
            sums[vendor * PRICE_RULE_COUNT + entry->rule] += entry->amount;
    }
    for (size_t v = 0; v < request->vendors_count; v++)
        for (size_t rule = 0; rule < PRICE_RULE_COUNT; rule++) {
            const int64_t sum = sums[v * PRICE_RULE_COUNT + rule];
            if (sum == 0 || count == CART_STEPS_MAX) continue;
            ret_entries[count++] = (struct price_trace_entry){ .rule = (enum price_rule)rule,
                                                               .reason = PRICE_REASON_APPLIED,
                                                               .subject = PRICE_SUBJECT_PART,
                                                               .index = (unsigned)v,
                                                               .object = OF_SEVERAL,
                                                               .base = sum,
                                                               .amount = sum };
        }
    return count;
}

/* What is told of a trace that does not fit. */
static size_t choose_entries(const struct price_request *request, const struct price_trace *trace,
                             struct arena *arena, struct price_trace_entry *ret_entries)
{
    size_t count = 0;
    for (size_t i = 0; i < trace->count; i++) {
        if (!moves(&trace->entries[i])) continue;
        if (count == CART_STEPS_MAX) return sum_up(request, trace, arena, ret_entries);
        ret_entries[count++] = trace->entries[i];
    }
    return count;
}

void cart_explain(const struct cart_quote *quote, struct arena *arena, struct order_cart *ret_cart)
{
    static_assert(PRICE_VENDORS_MAX * (PRICE_RULE_COUNT - 5) + CART_LINES_MAX <= CART_STEPS_MAX,
                  "sums fit");
    const struct price_trace *trace = &quote->result.trace;
    const struct price_trace_entry *entries = trace->entries;
    const bool is_cut = trace->count > CART_STEPS_MAX;
    size_t count = trace->count;
    if (is_cut) {
        struct price_trace_entry *chosen =
            arena_allocate_array(arena, CART_STEPS_MAX, sizeof *chosen);
        count = choose_entries(&quote->request, trace, arena, chosen);
        entries = chosen;
    }
    const size_t nets_count = quote->nets == NULL ? 0 : quote->request.lines_count;
    struct order_price_step *steps = arena_allocate_array(arena, nets_count + count, sizeof *steps);
    struct said said = { .rules = { false } };
    for (size_t i = 0; i < nets_count; i++)
        steps[i] = describe_net(quote, i, &said, arena);
    for (size_t i = 0; i < count; i++)
        steps[nets_count + i] = describe(&quote->request, &entries[i], &said, arena);
    ret_cart->explanation = steps;
    ret_cart->explanation_count = nets_count + count;
    ret_cart->has_is_explanation_cut = is_cut;
    ret_cart->is_explanation_cut = is_cut;
}
