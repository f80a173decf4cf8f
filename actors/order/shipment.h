/* A parcel: units of an order's lines on their way, what moves it, and what that does to the order.
 * Pure. */
#pragma once

#include "actors/order/order_life.h"

enum {
    SHIPMENT_REPORTS_MAX = 100,           /* of a carrier about one parcel */
    SHIPMENT_AHEAD_US = 300 * 1000 * 1000 /* how far a carrier's clock may be ahead of ours */
};

struct shipment_part {
    size_t line; /* its place among the order's lines */
    int64_t quantity;
};

struct shipment {
    struct uuid id;
    enum order_state state;
    int64_t version;                                    /* grows with each change */
    struct text carrier, tracking_number, tracking_url; /* the last two may be empty */
    int64_t created_at_us;
    int64_t handed_over_at_us, delivered_at_us; /* 0: not yet */
    int64_t due_at_us;      /* when it is taken for delivered; 0: never by itself */
    bool has_carrier_state; /* what the carrier said last, by its own time */
    enum order_state carrier_state;
    int64_t carrier_at_us;
    int64_t reports_count;
    struct shipment_part parts[ORDER_LINES_MAX];
    size_t parts_count;
};

/* What a parcel is asked to hold. */
struct shipment_wish {
    struct uuid line_id;
    int64_t quantity;
};

/* Why a wish is refused; `index` is the wish. */
enum shipment_fault {
    SHIPMENT_FAULT_NONE,
    SHIPMENT_FAULT_EMPTY,   /* no wishes at all */
    SHIPMENT_FAULT_UNKNOWN, /* no line of the order */
    SHIPMENT_FAULT_TWICE,   /* a line stands there twice */
    SHIPMENT_FAULT_TOO_MANY /* more units than are left; `left` says how many */
};
struct shipment_refusal {
    enum shipment_fault fault;
    size_t index;
    int64_t left;
};

/* True for an address that may be shown as a link: http or https, without white space, controls,
 * quotes and the like. */
bool shipment_url_is_good(struct text url);
/* Finds units that are in no parcel and not cancelled, of lines that wishes name, each once: the
 * place of each wish's line. */
struct shipment_refusal shipment_find_units(const struct order_life *life,
                                            const struct shipment_wish *wishes, size_t count,
                                            size_t ret_lines[ORDER_LINES_MAX]);
/* Puts units into a parcel that is unpacked, and otherwise filled in: it begins. On a refusal both
 * are scratch. */
struct shipment_refusal shipment_pack(struct order_life *life, struct shipment *shipment,
                                      const struct shipment_wish *wishes, size_t count,
                                      const struct order_terms *terms);
/* Pulls a trigger of the parcel, and what follows for the order. Statuses: OK, ILLEGAL_TRANSITION
 * (of the parcel: nothing has changed; of the order: both are scratch). */
MUST_CHECK enum status shipment_pull(struct order_life *life, struct shipment *shipment,
                                     enum order_trigger trigger, const struct order_terms *terms);

/* What a carrier says. */
struct shipment_report {
    enum order_trigger trigger; /* what has happened */
    int64_t at_us;              /* when, by the carrier */
    struct text note;
};
/* Takes a report of a parcel that was handed over: it moves the parcel forward, or is kept as late
 * when it is about something earlier than what is known. Statuses: OK, ILLEGAL_TRANSITION (it is
 * still with the vendor, or was called off). */
MUST_CHECK enum status shipment_take_report(struct order_life *life, struct shipment *shipment,
                                            const struct shipment_report *report,
                                            const struct order_terms *terms);
