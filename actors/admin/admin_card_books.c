/* I5 and I8 across domains. Sums would be too little: a charge of nothing and an order without a
 * charge may be of the same amount. So it is done payment by payment, some at a time. */
#include "actors/admin/admin_card_books.h"

#include "messages/values.h"

/* ---- one payment ---- */

static const struct common_card_book nothing;

/* What was given back at the provider itself is of no refund, and closes one, as what a bank has
 * taken does: orders have closed all of the former, and not more than both. */
static bool is_back_as_said(const struct common_card_book *payment,
                            const struct common_card_book *order)
{
    const int64_t outside = payment->refunded - order->refunded;
    return outside >= 0 && outside <= order->lost && order->lost - outside <= payment->lost;
}

/* Orders say what they sold; a payment that is under way, or waits for a person, may still come to
 * it, and so may an order. */
static const char *find_fault_of_order(const struct common_card_book *payment,
                                       const struct common_card_book *order)
{
    const bool is_open = payment->is_open || order->is_open;
    const int64_t gone = payment->refunded + payment->refunding + payment->disputed;
    if (order->captured == 0)
        return is_open || gone >= payment->captured
                   ? NULL
                   : "a captured payment is of no placed group, has not gone back and waits for "
                     "nobody";
    if (is_open) return NULL;
    if (payment->captured == 0) return "a placed group's card part was not captured";
    if (payment->captured != order->captured || !text_equals(payment->currency, order->currency))
        return "what was captured is not the card part of its group";
    if (payment->refunding > 0 || order->refunding > 0) return NULL;
    return is_back_as_said(payment, order) ? NULL
                                           : "what went back to a card is not what its orders say";
}

static const char *find_fault_of_ledger(const struct common_card_book *payment,
                                        const struct common_card_book *ledger)
{
    if (payment->captured > 0 && ledger->captured > 0 && payment->is_topup != ledger->is_topup)
        return "the ledger takes a top-up for an order, or an order for a top-up";
    if (payment->captured > 0 && ledger->captured > 0 &&
        !text_equals(payment->currency, ledger->currency))
        return "the ledger has a payment in another currency";
    return payment->captured == ledger->captured && payment->refunded == ledger->refunded &&
                   payment->disputed == ledger->disputed
               ? NULL
               : "what was captured, went back and was disputed is not what the ledger has";
}

const char *admin_card_fault(const struct admin_card_view *view, int64_t settled_before_us)
{
    const struct common_card_book *payment = view->payment != NULL ? view->payment : &nothing;
    const struct common_card_book *order = view->order != NULL ? view->order : &nothing;
    const struct common_card_book *ledger = view->ledger != NULL ? view->ledger : &nothing;
    if (payment->changed_at_us >= settled_before_us) return NULL;
    const char *fault = find_fault_of_ledger(payment, ledger);
    if (fault != NULL) return fault;
    if (!payment->is_topup) return find_fault_of_order(payment, order);
    return order->captured > 0 ? "a top-up pays a group" : NULL;
}

/* ---- a page ---- */

static bool is_cut(const struct common_card_books *books, size_t limit)
{
    return books->books_count >= limit;
}

static void shorten(const struct common_card_books *books, size_t limit, bool *is_short,
                    struct uuid *last)
{
    if (!is_cut(books, limit)) return;
    const struct uuid end = books->books[books->books_count - 1].id;
    if (!*is_short || uuid_compare(end, *last) < 0) *last = end;
    *is_short = true;
}

/* The next one, if it has that id, or all that are left are behind it. */
static const struct common_card_book *take(const struct common_card_books *books, size_t *place,
                                           struct uuid id)
{
    if (*place == books->books_count || !uuid_equals(books->books[*place].id, id)) return NULL;
    return &books->books[(*place)++];
}

static void find_least(const struct common_card_books *books, size_t place, bool *has,
                       struct uuid *least)
{
    if (place == books->books_count) return;
    const struct uuid id = books->books[place].id;
    if (!*has || uuid_compare(id, *least) < 0) *least = id;
    *has = true;
}

static struct admin_violation describe(const struct admin_card_view *view, struct uuid id,
                                       const char *fault, struct arena *arena)
{
    char typed[ID_TEXT_MAX + 1];
    const struct common_card_book *payment = view->payment != NULL ? view->payment : &nothing;
    const struct common_card_book *order = view->order != NULL ? view->order : &nothing;
    const struct common_card_book *ledger = view->ledger != NULL ? view->ledger : &nothing;
    (void)id_format("pay", id, typed);
    return (struct admin_violation){
        .rule = text_of(fault),
        .subject = text_format(
            arena,
            "%s: captured/refunded/disputed %lld/%lld/%lld, order %lld/%lld, ledger "
            "%lld/%lld/%lld",
            typed, (long long)payment->captured, (long long)payment->refunded,
            (long long)payment->disputed, (long long)order->captured, (long long)order->refunded,
            (long long)ledger->captured, (long long)ledger->refunded, (long long)ledger->disputed),
    };
}

void admin_card_compare(const struct admin_card_pages *pages, int64_t settled_before_us,
                        struct arena *arena, size_t most,
                        struct admin_compared_card_books *ret_compared)
{
    size_t payment = 0, order = 0, ledger = 0, found = 0;
    struct admin_violation *violations = arena_allocate_array(arena, most, sizeof *violations);
    *ret_compared = (struct admin_compared_card_books){ .violations = violations };
    shorten(&pages->payments, pages->limit, &ret_compared->has_last, &ret_compared->last);
    shorten(&pages->orders, pages->limit, &ret_compared->has_last, &ret_compared->last);
    shorten(&pages->ledger, pages->limit, &ret_compared->has_last, &ret_compared->last);
    for (;;) {
        bool has = false;
        struct uuid id = { { 0 } };
        find_least(&pages->payments, payment, &has, &id);
        find_least(&pages->orders, order, &has, &id);
        find_least(&pages->ledger, ledger, &has, &id);
        if (!has || (ret_compared->has_last && uuid_compare(id, ret_compared->last) > 0)) break;
        const struct admin_card_view view = { take(&pages->payments, &payment, id),
                                              take(&pages->orders, &order, id),
                                              take(&pages->ledger, &ledger, id) };
        const char *fault = admin_card_fault(&view, settled_before_us);
        ret_compared->compared++;
        if (fault != NULL && found < most) violations[found++] = describe(&view, id, fault, arena);
    }
    ret_compared->violations_count = found;
}
