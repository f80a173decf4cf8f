/* Files, moves, grants and refunds claims. */
#include "actors/order/claim.h"

static int64_t asked_for(const struct claim_part *part)
{
    return part->quantity - part->declined;
}

void claim_block(struct order_life *life, const struct claim *claims, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct claim *claim = &claims[i];
        if (claim->ended_at_us > 0 && claim->state != ORDER_STATE_CLAIM_RESOLVED_REPLACEMENT)
            continue;
        for (size_t k = 0; k < claim->parts_count; k++)
            life->lines[claim->parts[k].line].claimed +=
                (claim->ended_at_us > 0 ? claim->parts[k].granted : asked_for(&claim->parts[k])) -
                claim->parts[k].given_back;
    }
}

static struct claim_part *find_part(struct claim *claim, size_t line)
{
    for (size_t i = 0; i < claim->parts_count; i++)
        if (claim->parts[i].line == line) return &claim->parts[i];
    return NULL;
}

struct shipment_refusal claim_begin(struct order_life *life, const struct order_return *returns,
                                    size_t returns_count, const struct shipment_wish *wishes,
                                    size_t count, const struct order_terms *terms,
                                    struct claim *made)
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
        refusal.left = return_units_left(life, returns, returns_count, line);
        assert(wishes[i].quantity >= 1);
        if (wishes[i].quantity > refusal.left) return refusal;
        made->parts[made->parts_count++] =
            (struct claim_part){ .line = line, .quantity = wishes[i].quantity };
    }
    made->state = order_machine_start(ORDER_MACHINE_CLAIM);
    made->filed_at_us = terms->now_us;
    order_life_hold(life);
    const enum status filed = claim_pull(life, made, ORDER_TRIGGER_FILE, made->reason, terms);
    assert(filed == STATUS_OK);
    return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_NONE };
}

static bool is_over(enum order_state state)
{
    return order_machine_is_end(state) || state == ORDER_STATE_CLAIM_RESOLVED_REPLACEMENT;
}

enum status claim_pull(struct order_life *life, struct claim *pulled, enum order_trigger trigger,
                       struct text note, const struct order_terms *terms)
{
    struct order_change change = {
        .object_id = pulled->id, .trigger = trigger, .from = pulled->state, .note = note
    };
    TRY(order_machine_step(pulled->state, trigger, &change.to));
    order_life_note(life, &change);
    pulled->state = change.to;
    /* Each has as long: the vendor to answer, then the buyer to hand a no on. */
    const bool is_waiting =
        change.to == ORDER_STATE_CLAIM_OPEN || change.to == ORDER_STATE_CLAIM_VENDOR_RESPONSE;
    pulled->due_at_us = is_waiting ? terms->now_us + terms->claim_deadline_us : 0;
    if (change.to == ORDER_STATE_CLAIM_ESCALATED) pulled->escalated_at_us = terms->now_us;
    if (!is_over(change.to) || change.to == change.from) return STATUS_OK;
    pulled->ended_at_us = terms->now_us;
    order_life_let_go(life);
    return STATUS_OK;
}

struct shipment_refusal claim_grant(const struct order_life *life, struct claim *granted,
                                    const struct shipment_wish *wishes, size_t count)
{
    for (size_t i = 0; i < granted->parts_count; i++)
        granted->parts[i].granted =
            count == 0 ? asked_for(&granted->parts[i]) : granted->parts[i].given_back;
    for (size_t i = 0; i < count; i++) {
        struct shipment_refusal refusal = { .fault = SHIPMENT_FAULT_UNKNOWN, .index = i };
        size_t line;
        if (!order_life_find_line(life, wishes[i].line_id, &line)) return refusal;
        struct claim_part *part = find_part(granted, line);
        if (part == NULL) return refusal;
        refusal.fault = SHIPMENT_FAULT_TWICE;
        if (part->granted > part->given_back) return refusal;
        refusal.fault = SHIPMENT_FAULT_TOO_MANY;
        refusal.left = asked_for(part) - part->given_back;
        assert(wishes[i].quantity >= 1);
        if (wishes[i].quantity > refusal.left) return refusal;
        part->granted = part->given_back + wishes[i].quantity;
    }
    return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_NONE };
}

enum status claim_reopen(struct order_life *life, struct claim *reopened,
                         const struct order_terms *terms)
{
    TRY(claim_pull(life, reopened,
                   reopened->escalated_at_us > 0 ? ORDER_TRIGGER_ESCALATE : ORDER_TRIGGER_REOPEN,
                   TEXT(""), terms));
    for (size_t i = 0; i < reopened->parts_count; i++) {
        struct claim_part *part = &reopened->parts[i];
        part->declined = part->quantity - part->granted;
        part->granted = part->given_back;
    }
    reopened->replacement_id = (struct uuid){ 0 };
    reopened->ended_at_us = 0;
    order_life_hold(life);
    return STATUS_OK;
}

enum status claim_give_back(struct order_life *life, struct claim *replaced, const int64_t units[],
                            const struct order_terms *terms)
{
    const enum order_progress before = order_life_progress(life);
    TRY(claim_pull(life, replaced, ORDER_TRIGGER_GRANT_REFUND, TEXT(""), terms));
    for (size_t i = 0; i < replaced->parts_count; i++) {
        struct claim_part *part = &replaced->parts[i];
        assert(units[part->line] >= 0);
        assert(part->given_back + units[part->line] <= part->granted);
        part->given_back += units[part->line];
        life->lines[part->line].counts.returned += units[part->line];
    }
    return order_life_follow(life, before, terms);
}

enum status claim_refund(struct order_life *life, struct claim *refunded,
                         const struct order_terms *terms, struct return_units *ret_units)
{
    const enum order_progress before = order_life_progress(life);
    struct return_units units = { 0 };
    TRY(claim_pull(life, refunded, ORDER_TRIGGER_GRANT_REFUND, TEXT(""), terms));
    for (size_t i = 0; i < refunded->parts_count; i++) {
        const struct claim_part *part = &refunded->parts[i];
        const int64_t left = part->granted - part->given_back;
        life->lines[part->line].counts.returned += left;
        units.returned[part->line] = left;
    }
    units.is_whole = order_life_is_all_back(life);
    *ret_units = units;
    return order_life_follow(life, before, terms);
}
