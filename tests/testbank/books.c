/* The bank's books as one document, for whoever compares them with his own from outside. */
#include "tests/testbank/control.h"
#include "tests/testbank/money.h"
#include "tests/testbank/render.h"

enum { BOOK_LINES_MAX = 200 * 1000 };

static void add(json_t *lines, json_t *line)
{
    (void)json_array_append_new(lines, line);
}

static json_t *charge_line(const struct charge *charge)
{
    const struct payment none = { .amount = charge->amount };
    const struct payment *payment = charge->decline == NULL ? &charge->intent->payment : &none;
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:o}", "id", charge->object.id,
                     "payment_intent", charge->intent->object.id, "intent_status",
                     payment_state_name(charge->intent->payment.state), "currency",
                     charge->intent->currency, "amount", (json_int_t)charge->amount, "authorised",
                     (json_int_t)payment->authorised, "captured", (json_int_t)payment->captured,
                     "refunded", (json_int_t)payment->refunded, "approved",
                     (int)(charge->decline == NULL), "metadata",
                     render_metadata(&charge->intent->metadata));
}

static json_t *refund_line(const struct refund *refund)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:s}", "id", refund->object.id, "charge",
                     refund->charge->object.id, "status", refund_status_name(refund->status),
                     "amount", (json_int_t)refund->amount, "currency",
                     refund->charge->intent->currency);
}

static json_t *dispute_line(const struct dispute *dispute)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:s}", "id", dispute->object.id, "charge",
                     dispute->charge->object.id, "status", dispute_status_name(dispute), "amount",
                     (json_int_t)dispute->amount, "currency", dispute->charge->intent->currency);
}

static json_t *movement_line(const struct balance *balance)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "id", balance->object.id, "type",
                     balance->type, "category", balance->category, "source", balance->source,
                     "amount", (json_int_t)balance->amount, "fee", (json_int_t)balance->fee,
                     "currency", balance->currency);
}

static json_t *line_of(const struct object *object)
{
    const void *it = object;
    switch (object->kind) {
    case OBJECT_CHARGE:
        return charge_line(it);
    case OBJECT_REFUND:
        return refund_line(it);
    case OBJECT_DISPUTE:
        return dispute_line(it);
    default:
        return movement_line(it);
    }
}

/* By currency: what the account has, which is the sum of its movements less their fees. */
static json_t *balances_of(const struct call *call)
{
    json_t *balances = json_object();
    const struct list *all = &call->bank->objects[OBJECT_BALANCE];
    for (size_t i = 0; i < all->count; i++) {
        const struct balance *one = all->items[i];
        if (one->object.account != call->account) continue;
        const json_int_t before = json_integer_value(json_object_get(balances, one->currency));
        (void)json_object_set_new(balances, one->currency,
                                  json_integer(before + one->amount - one->fee));
    }
    return balances;
}

json_t *control_books(struct call *call)
{
    static const struct {
        enum object_kind kind;
        const char *name;
    } books[] = {
        { OBJECT_CHARGE, "charges" },
        { OBJECT_REFUND, "refunds" },
        { OBJECT_DISPUTE, "disputes" },
        { OBJECT_BALANCE, "movements" },
    };
    size_t count = 0;
    json_t *answer = json_pack("{s:s, s:o}", "object", "books", "balances", balances_of(call));
    for (size_t book = 0; book < ARRAY_LENGTH(books); book++) {
        json_t *lines = json_array();
        const struct list *all = &call->bank->objects[books[book].kind];
        for (size_t i = 0; i < all->count && count < BOOK_LINES_MAX; i++) {
            const struct object *object = all->items[i];
            if (object->account != call->account) continue;
            add(lines, line_of(object));
            count++;
        }
        (void)json_object_set_new(answer, books[book].name, lines);
    }
    (void)json_object_set_new(answer, "is_cut", json_boolean(count == BOOK_LINES_MAX));
    return answer;
}
