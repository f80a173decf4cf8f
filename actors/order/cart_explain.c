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

/* What the rule is about besides its subject; empty: nothing that has an id. */
static struct text object_id(const struct price_request *request,
                             const struct price_trace_entry *entry, struct arena *arena)
{
    switch (entry->rule) {
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

void cart_explain(const struct cart_quote *quote, struct arena *arena, struct order_cart *ret_cart)
{
    const struct price_trace *trace = &quote->result.trace;
    const bool is_cut = trace->count > CART_STEPS_MAX;
    const size_t count = is_cut ? CART_STEPS_MAX : trace->count;
    struct order_price_step *steps = arena_allocate_array(arena, count, sizeof *steps);
    for (size_t i = 0; i < count; i++) {
        const struct price_trace_entry *entry = &trace->entries[i];
        const struct text object = object_id(&quote->request, entry, arena);
        const bool has_division = entry->divisor != 0;
        steps[i] = (struct order_price_step){
            .rule = text_of(price_rule_names[entry->rule]),
            .text = text_of(price_rule_texts[entry->rule]),
            .code = text_of(price_reason_names[entry->reason]),
            .reason = text_of(price_reason_texts[entry->reason]),
            .subject = subject_name(entry->subject),
            .subject_id = subject_id(&quote->request, entry, arena),
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
    }
    ret_cart->explanation = steps;
    ret_cart->explanation_count = count;
    ret_cart->has_is_explanation_cut = is_cut;
    ret_cart->is_explanation_cut = is_cut;
}
