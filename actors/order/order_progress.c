/* Derives where orders and groups stand from counters and sums. */
#include "actors/order/order_progress.h"

static bool are_possible(const struct order_line_counts *line)
{
    return line->ordered >= 1 && line->cancelled >= 0 && line->cancelled <= line->ordered &&
           line->shipped >= 0 && line->shipped <= line->ordered - line->cancelled &&
           line->delivered >= 0 && line->delivered <= line->shipped && line->returned >= 0 &&
           line->returned <= line->delivered;
}

/* The sums over all lines. Statuses: OK, INVALID_VALUE. */
static enum status sum_lines(const struct order_line_counts *lines, size_t count,
                             struct order_line_counts *ret_sum)
{
    struct order_line_counts sum = { .ordered = 0 };
    for (size_t i = 0; i < count; i++) {
        if (!are_possible(&lines[i])) return STATUS_INVALID_VALUE;
        /* No other sum can overflow when this one does not. */
        if (__builtin_add_overflow(sum.ordered, lines[i].ordered, &sum.ordered))
            return STATUS_INVALID_VALUE;
        sum.cancelled += lines[i].cancelled;
        sum.shipped += lines[i].shipped;
        sum.delivered += lines[i].delivered;
        sum.returned += lines[i].returned;
    }
    if (count == 0) return STATUS_INVALID_VALUE;
    *ret_sum = sum;
    return STATUS_OK;
}

static enum order_progress progress_of(const struct order_line_counts *sum)
{
    const int64_t wanted = sum->ordered - sum->cancelled;
    if (wanted == 0) return ORDER_PROGRESS_CANCELLED;
    if (sum->delivered == wanted) return ORDER_PROGRESS_DELIVERED;
    if (sum->delivered > 0) return ORDER_PROGRESS_PARTIALLY_DELIVERED;
    if (sum->shipped == wanted) return ORDER_PROGRESS_SHIPPED;
    return sum->shipped > 0 ? ORDER_PROGRESS_PARTIALLY_SHIPPED : ORDER_PROGRESS_NONE;
}

enum status order_progress_of(const struct order_line_counts *lines, size_t count,
                              enum order_progress *ret_progress)
{
    struct order_line_counts sum;
    TRY(sum_lines(lines, count, &sum));
    *ret_progress = progress_of(&sum);
    return STATUS_OK;
}

bool order_progress_trigger(enum order_progress before, enum order_progress now,
                            enum order_trigger *ret_trigger)
{
    if (now == before) return false;
    if (now < before) {
        *ret_trigger =
            now == ORDER_PROGRESS_NONE ? ORDER_TRIGGER_TAKE_BACK : ORDER_TRIGGER_TAKE_BACK_PART;
        return true;
    }
    switch (now) {
    case ORDER_PROGRESS_NONE:
        return false;
    case ORDER_PROGRESS_PARTIALLY_SHIPPED:
        *ret_trigger = ORDER_TRIGGER_SHIP_PART;
        return true;
    case ORDER_PROGRESS_SHIPPED:
        *ret_trigger = ORDER_TRIGGER_SHIP_ALL;
        return true;
    case ORDER_PROGRESS_PARTIALLY_DELIVERED:
        *ret_trigger = ORDER_TRIGGER_DELIVER_PART;
        return true;
    case ORDER_PROGRESS_DELIVERED:
        *ret_trigger = ORDER_TRIGGER_DELIVER_ALL;
        return true;
    case ORDER_PROGRESS_CANCELLED:
        *ret_trigger = ORDER_TRIGGER_CANCEL;
        return true;
    }
    return false;
}

enum status order_fulfilment_of(const struct order_line_counts *lines, size_t count,
                                enum order_fulfilment *ret_fulfilment)
{
    struct order_line_counts sum;
    TRY(sum_lines(lines, count, &sum));
    static const enum order_fulfilment of_progress[] = {
        [ORDER_PROGRESS_NONE] = ORDER_FULFILMENT_UNFULFILLED,
        [ORDER_PROGRESS_PARTIALLY_SHIPPED] = ORDER_FULFILMENT_PARTIAL,
        [ORDER_PROGRESS_SHIPPED] = ORDER_FULFILMENT_SHIPPED,
        [ORDER_PROGRESS_PARTIALLY_DELIVERED] = ORDER_FULFILMENT_PARTIAL,
        [ORDER_PROGRESS_DELIVERED] = ORDER_FULFILMENT_DELIVERED,
        [ORDER_PROGRESS_CANCELLED] = ORDER_FULFILMENT_CANCELLED
    };
    enum order_fulfilment fulfilment = of_progress[progress_of(&sum)];
    if (sum.returned > 0)
        fulfilment = sum.returned == sum.ordered - sum.cancelled ? ORDER_FULFILMENT_RETURNED
                                                                 : ORDER_FULFILMENT_MIXED;
    *ret_fulfilment = fulfilment;
    return STATUS_OK;
}

enum order_fulfilment order_group_fulfilment_of(const enum order_fulfilment *orders, size_t count)
{
    assert(orders != NULL);
    assert(count >= 1);
    bool is_same = true, is_mixed = false, is_idle = true, is_all_sent = true;
    for (size_t i = 0; i < count; i++) {
        const enum order_fulfilment order = orders[i];
        is_same &= order == orders[0];
        is_mixed |= order == ORDER_FULFILMENT_RETURNED || order == ORDER_FULFILMENT_MIXED;
        is_idle &= order == ORDER_FULFILMENT_UNFULFILLED || order == ORDER_FULFILMENT_CANCELLED;
        is_all_sent &= order == ORDER_FULFILMENT_SHIPPED || order == ORDER_FULFILMENT_DELIVERED;
    }
    if (is_same) return orders[0];
    if (is_mixed) return ORDER_FULFILMENT_MIXED;
    if (is_idle) return ORDER_FULFILMENT_UNFULFILLED;
    return is_all_sent ? ORDER_FULFILMENT_SHIPPED : ORDER_FULFILMENT_PARTIAL;
}

enum order_payment_summary order_payment_summary_of(const struct order_payment_sums *sums)
{
    assert(sums != NULL);
    if (sums->refunded > 0 && sums->failed > 0) return ORDER_PAYMENT_SUMMARY_REFUND_FAILED;
    if (sums->refunded > 0 && sums->pending > 0) return ORDER_PAYMENT_SUMMARY_REFUND_PENDING;
    if (sums->refunded > 0)
        return sums->refunded >= sums->paid ? ORDER_PAYMENT_SUMMARY_REFUNDED
                                            : ORDER_PAYMENT_SUMMARY_PARTIALLY_REFUNDED;
    if (sums->paid > sums->total) return ORDER_PAYMENT_SUMMARY_OVERCHARGED;
    if (sums->paid > 0 && sums->paid < sums->total) return ORDER_PAYMENT_SUMMARY_PARTIALLY_PAID;
    if (sums->paid == 0 && sums->is_voided) return ORDER_PAYMENT_SUMMARY_VOIDED;
    if (sums->paid == sums->total) return ORDER_PAYMENT_SUMMARY_PAID;
    return sums->authorised >= sums->total ? ORDER_PAYMENT_SUMMARY_AUTHORISED
                                           : ORDER_PAYMENT_SUMMARY_UNPAID;
}
