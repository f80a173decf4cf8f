/* Packs, moves and follows parcels. */
#include "actors/order/shipment.h"

bool shipment_url_is_good(struct text url)
{
    if (!text_starts_with(url, TEXT("https://")) && !text_starts_with(url, TEXT("http://")))
        return false;
    for (size_t i = 0; i < url.length; i++) {
        const unsigned char byte = (unsigned char)url.data[i];
        if (byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '\'' || byte == '<' ||
            byte == '>' || byte == '\\' || byte == '`')
            return false;
    }
    return true;
}

static void move_units(struct order_life *life, const struct shipment *shipment)
{
    for (size_t i = 0; i < shipment->parts_count; i++) {
        const struct shipment_part *part = &shipment->parts[i];
        assert(part->line < life->lines_count);
        struct order_life_line *line = &life->lines[part->line];
        if (shipment->state == ORDER_STATE_SHIPMENT_CANCELLED ||
            shipment->state == ORDER_STATE_SHIPMENT_TAKEN_BACK)
            line->packed -= part->quantity;
        if (shipment->state == ORDER_STATE_SHIPMENT_HANDED_OVER)
            line->counts.shipped += part->quantity;
        if (shipment->state == ORDER_STATE_SHIPMENT_DELIVERED)
            line->counts.delivered += part->quantity;
        if (shipment->state == ORDER_STATE_SHIPMENT_TAKEN_BACK)
            line->counts.shipped -= part->quantity;
    }
}

static void set_times(struct shipment *shipment, const struct order_terms *terms)
{
    if (shipment->state == ORDER_STATE_SHIPMENT_HANDED_OVER) {
        shipment->handed_over_at_us = terms->now_us;
        shipment->due_at_us = terms->now_us + terms->delivered_after_us;
    }
    if (shipment->state == ORDER_STATE_SHIPMENT_DELIVERED)
        shipment->delivered_at_us = terms->now_us;
    /* A parcel that something has happened to is not delivered by mere time. */
    if (shipment->state == ORDER_STATE_SHIPMENT_EXCEPTION ||
        shipment->state == ORDER_STATE_SHIPMENT_RETURNED_TO_SENDER ||
        order_machine_is_end(shipment->state))
        shipment->due_at_us = 0;
    else if (shipment->handed_over_at_us > 0)
        shipment->due_at_us = shipment->handed_over_at_us + terms->delivered_after_us;
}

/* The step with its row of history, which `change` describes otherwise. */
static enum status step(struct order_life *life, struct shipment *shipment,
                        struct order_change change, const struct order_terms *terms)
{
    TRY(order_machine_step(shipment->state, change.trigger, &change.to));
    const enum order_progress before = order_life_progress(life);
    change.object_id = shipment->id;
    change.from = shipment->state;
    order_life_note(life, &change);
    shipment->state = change.to;
    shipment->version++;
    set_times(shipment, terms);
    move_units(life, shipment);
    return order_life_follow(life, before, terms);
}

enum status shipment_pull(struct order_life *life, struct shipment *shipment,
                          enum order_trigger trigger, const struct order_terms *terms)
{
    return step(life, shipment, (struct order_change){ .trigger = trigger }, terms);
}

/* ---- packing ---- */

static bool find_line(const struct order_life *life, struct uuid line_id, size_t *ret_line)
{
    for (size_t i = 0; i < life->lines_count; i++) {
        if (!uuid_equals(life->lines[i].id, line_id)) continue;
        *ret_line = i;
        return true;
    }
    return false;
}

static bool is_among(const size_t lines[], size_t count, size_t line)
{
    for (size_t i = 0; i < count; i++)
        if (lines[i] == line) return true;
    return false;
}

struct shipment_refusal shipment_find_units(const struct order_life *life,
                                            const struct shipment_wish *wishes, size_t count,
                                            size_t ret_lines[ORDER_LINES_MAX])
{
    assert(count <= ORDER_LINES_MAX);
    if (count == 0) return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_EMPTY };
    for (size_t i = 0; i < count; i++) {
        struct shipment_refusal refusal = { .fault = SHIPMENT_FAULT_UNKNOWN, .index = i };
        if (!find_line(life, wishes[i].line_id, &ret_lines[i])) return refusal;
        refusal.fault = SHIPMENT_FAULT_TWICE;
        if (is_among(ret_lines, i, ret_lines[i])) return refusal;
        const struct order_life_line *line = &life->lines[ret_lines[i]];
        refusal.fault = SHIPMENT_FAULT_TOO_MANY;
        refusal.left = line->counts.ordered - line->counts.cancelled - line->packed;
        assert(wishes[i].quantity >= 1);
        if (wishes[i].quantity > refusal.left) return refusal;
    }
    return (struct shipment_refusal){ .fault = SHIPMENT_FAULT_NONE };
}

struct shipment_refusal shipment_pack(struct order_life *life, struct shipment *shipment,
                                      const struct shipment_wish *wishes, size_t count,
                                      const struct order_terms *terms)
{
    assert(shipment->parts_count == 0);
    assert(shipment->state == ORDER_STATE_SHIPMENT_UNPACKED);
    size_t lines[ORDER_LINES_MAX];
    const struct shipment_refusal refusal = shipment_find_units(life, wishes, count, lines);
    if (refusal.fault != SHIPMENT_FAULT_NONE) return refusal;
    for (size_t i = 0; i < count; i++) {
        life->lines[lines[i]].packed += wishes[i].quantity;
        shipment->parts[shipment->parts_count++] =
            (struct shipment_part){ .line = lines[i], .quantity = wishes[i].quantity };
    }
    life->shipments_count++;
    const enum status packed = shipment_pull(life, shipment, ORDER_TRIGGER_PACK, terms);
    assert(packed == STATUS_OK);
    return refusal;
}

/* ---- carriers ---- */

static enum order_state state_of(enum order_trigger trigger)
{
    switch (trigger) {
    case ORDER_TRIGGER_TRANSIT:
        return ORDER_STATE_SHIPMENT_IN_TRANSIT;
    case ORDER_TRIGGER_GO_OUT:
        return ORDER_STATE_SHIPMENT_OUT_FOR_DELIVERY;
    case ORDER_TRIGGER_DELIVER:
        return ORDER_STATE_SHIPMENT_DELIVERED;
    case ORDER_TRIGGER_RETURN_TO_SENDER:
        return ORDER_STATE_SHIPMENT_RETURNED_TO_SENDER;
    default:
        assert(trigger == ORDER_TRIGGER_REPORT_EXCEPTION);
        return ORDER_STATE_SHIPMENT_EXCEPTION;
    }
}

enum status shipment_take_report(struct order_life *life, struct shipment *shipment,
                                 const struct shipment_report *report,
                                 const struct order_terms *terms)
{
    if (shipment->handed_over_at_us == 0) return STATUS_ILLEGAL_TRANSITION;
    assert(shipment->reports_count < SHIPMENT_REPORTS_MAX);
    const bool is_old = shipment->has_carrier_state && report->at_us < shipment->carrier_at_us;
    struct order_change change = { .trigger = report->trigger,
                                   .has_reported_at = true,
                                   .reported_at_us = report->at_us,
                                   .note = report->note };
    shipment->reports_count++;
    if (!is_old) {
        shipment->has_carrier_state = true;
        shipment->carrier_state = state_of(report->trigger);
        shipment->carrier_at_us = report->at_us;
    }
    enum order_state to;
    if (!is_old && order_machine_step(shipment->state, report->trigger, &to) == STATUS_OK)
        return step(life, shipment, change, terms);
    change.object_id = shipment->id;
    change.from = change.to = shipment->state;
    change.is_late = true;
    order_life_note(life, &change);
    shipment->version++;
    return STATUS_OK;
}
