/* Begins, moves and refunds returns. */
#include "actors/order/return.h"

enum status return_may_begin(const struct order_life *life, int64_t now_us)
{
    if (life->state == ORDER_STATE_VENDOR_ORDER_PARTIALLY_DELIVERED) return STATUS_OK;
    if (life->state == ORDER_STATE_VENDOR_ORDER_COMPLETED) return STATUS_RETURN_WINDOW_CLOSED;
    if (life->state != ORDER_STATE_VENDOR_ORDER_DELIVERED) return STATUS_ILLEGAL_TRANSITION;
    return now_us < life->returns_until_us ? STATUS_OK : STATUS_RETURN_WINDOW_CLOSED;
}

/* What open returns of the order have asked for, and what was exchanged, whose units are elsewhere
 * now; what was refunded, also of these, the order counts itself. */
static int64_t asked_for(const struct order_return *returns, size_t count, size_t line)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (returns[i].ended_at_us > 0 && returns[i].state != ORDER_STATE_RETURN_EXCHANGED)
            continue;
        for (size_t k = 0; k < returns[i].parts_count; k++)
            if (returns[i].parts[k].line == line)
                sum += returns[i].parts[k].quantity - returns[i].parts[k].given_back;
    }
    return sum;
}

int64_t return_units_left(const struct order_life *life, const struct order_return *returns,
                          size_t count, size_t line)
{
    const struct order_life_line *units = &life->lines[line];
    return units->counts.delivered - units->counts.returned - units->claimed -
           asked_for(returns, count, line);
}

static struct return_part *find_part(struct order_return *found, size_t line)
{
    for (size_t i = 0; i < found->parts_count; i++)
        if (found->parts[i].line == line) return &found->parts[i];
    return NULL;
}

struct shipment_refusal return_begin(struct order_life *life, const struct order_return *others,
                                     size_t others_count, const struct shipment_wish *wishes,
                                     size_t count, const struct order_terms *terms,
                                     struct order_return *made)
{
    assert(made->parts_count == 0);
    assert(count <= ORDER_LINES_MAX);
    if (count == 0) return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_EMPTY };
    for (size_t i = 0; i < count; i++) {
        struct shipment_refusal refusal = { .fault = SHIPMENT_FAULT_UNKNOWN, .index = i };
        size_t line;
        if (!order_life_find_line(life, wishes[i].line_id, &line)) return refusal;
        refusal.fault = SHIPMENT_FAULT_TWICE;
        if (find_part(made, line) != NULL) return refusal;
        refusal.fault = SHIPMENT_FAULT_TOO_MANY;
        refusal.left = return_units_left(life, others, others_count, line);
        assert(wishes[i].quantity >= 1);
        if (wishes[i].quantity > refusal.left) return refusal;
        made->parts[made->parts_count++] =
            (struct return_part){ .line = line, .quantity = wishes[i].quantity };
    }
    made->state = order_machine_start(ORDER_MACHINE_RETURN);
    made->requested_at_us = terms->now_us;
    order_life_hold(life);
    const enum status begun = return_pull(life, made, ORDER_TRIGGER_REQUEST, made->reason, terms);
    assert(begun == STATUS_OK);
    return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_NONE };
}

static void end(struct order_life *life, struct order_return *ended,
                const struct order_terms *terms)
{
    ended->ended_at_us = terms->now_us;
    ended->due_at_us = 0;
    order_life_let_go(life);
}

static bool is_over(enum order_state state)
{
    return order_machine_is_end(state) || state == ORDER_STATE_RETURN_EXCHANGED;
}

enum status return_pull(struct order_life *life, struct order_return *pulled,
                        enum order_trigger trigger, struct text note,
                        const struct order_terms *terms)
{
    struct order_change change = {
        .object_id = pulled->id, .trigger = trigger, .from = pulled->state, .note = note
    };
    TRY(order_machine_step(pulled->state, trigger, &change.to));
    order_life_note(life, &change);
    pulled->state = change.to;
    /* The goods have as long as the answer had, from the answer on. */
    if (change.to == ORDER_STATE_RETURN_REQUESTED || change.to == ORDER_STATE_RETURN_APPROVED)
        pulled->due_at_us = terms->now_us + terms->return_deadline_us;
    if (is_over(change.to) && change.to != change.from) end(life, pulled, terms);
    return STATUS_OK;
}

static bool is_complete(const struct order_return *received)
{
    for (size_t i = 0; i < received->parts_count; i++)
        if (received->parts[i].received < received->parts[i].quantity) return false;
    return true;
}

struct shipment_refusal return_receive(struct order_life *life, struct order_return *received,
                                       const struct return_receipt *receipts, size_t count,
                                       const struct order_terms *terms)
{
    if (count == 0) return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_EMPTY };
    for (size_t i = 0; i < count; i++) {
        struct shipment_refusal refusal = { .fault = SHIPMENT_FAULT_UNKNOWN, .index = i };
        size_t line;
        struct return_part *part;
        if (!order_life_find_line(life, receipts[i].line_id, &line)) return refusal;
        part = find_part(received, line);
        if (part == NULL) return refusal;
        refusal.fault = SHIPMENT_FAULT_TOO_MANY;
        refusal.left = part->quantity - part->received;
        assert(receipts[i].quantity >= 1);
        if (receipts[i].quantity > refusal.left) return refusal;
        part->received += receipts[i].quantity;
        if (receipts[i].is_restocked) part->restocked += receipts[i].quantity;
    }
    received->receipts_count += count;
    const enum status pulled =
        return_pull(life, received,
                    is_complete(received) ? ORDER_TRIGGER_RECEIVE_ALL : ORDER_TRIGGER_RECEIVE_PART,
                    TEXT(""), terms);
    assert(pulled == STATUS_OK);
    return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_NONE };
}

enum status return_reopen(struct order_life *life, struct order_return *reopened, int64_t due_at_us,
                          const struct order_terms *terms)
{
    TRY(return_pull(life, reopened, ORDER_TRIGGER_REOPEN, TEXT(""), terms));
    reopened->replacement_id = (struct uuid){ 0 };
    reopened->stock_is_back = true;
    reopened->ended_at_us = 0;
    reopened->due_at_us = due_at_us;
    order_life_hold(life);
    return STATUS_OK;
}

enum status return_give_back(struct order_life *life, struct order_return *exchanged,
                             const int64_t units[], const struct order_terms *terms)
{
    const enum order_progress before = order_life_progress(life);
    TRY(return_pull(life, exchanged, ORDER_TRIGGER_REFUND, TEXT(""), terms));
    for (size_t i = 0; i < exchanged->parts_count; i++) {
        struct return_part *part = &exchanged->parts[i];
        assert(units[part->line] >= 0);
        assert(part->given_back + units[part->line] <= part->received);
        part->given_back += units[part->line];
        life->lines[part->line].counts.returned += units[part->line];
    }
    return order_life_follow(life, before, terms);
}

bool return_is_whole(const struct order_life *life, const struct order_return *received)
{
    int64_t arrived[ORDER_LINES_MAX] = { 0 };
    for (size_t i = 0; i < received->parts_count; i++)
        arrived[received->parts[i].line] =
            received->parts[i].received - received->parts[i].given_back;
    for (size_t i = 0; i < life->lines_count; i++) {
        const struct order_line_counts *counts = &life->lines[i].counts;
        if (counts->returned + arrived[i] != counts->ordered - counts->cancelled) return false;
    }
    return true;
}

enum status return_refund(struct order_life *life, struct order_return *refunded,
                          const struct order_terms *terms, struct return_units *ret_units)
{
    const enum order_progress before = order_life_progress(life);
    struct return_units units = { .is_whole = return_is_whole(life, refunded) };
    TRY(return_pull(life, refunded, ORDER_TRIGGER_REFUND, TEXT(""), terms));
    for (size_t i = 0; i < refunded->parts_count; i++) {
        const struct return_part *part = &refunded->parts[i];
        const int64_t left = part->received - part->given_back;
        life->lines[part->line].counts.returned += left;
        units.returned[part->line] = left;
        units.restocked[part->line] = refunded->stock_is_back ? 0 : part->restocked;
    }
    *ret_units = units;
    return order_life_follow(life, before, terms);
}
