/* Units of an order with which something is wrong: what may be claimed, what moves a claim, what is
 * granted, and what that does to the order. Pure. */
#pragma once

#include "actors/order/return.h"

struct claim_part {
    size_t line;               /* its place among the order's lines */
    int64_t quantity, granted; /* claimed; of it refunded or sent again */
    int64_t given_back;        /* of that: refunded, since its replacement sends it no more */
    int64_t declined;          /* of the quantity: what an answer left out, and nobody asks for */
};

enum claim_kind { CLAIM_DAMAGED, CLAIM_WRONG, CLAIM_MISSING, CLAIM_NOT_AS_DESCRIBED };

struct claim {
    struct uuid id;
    enum order_state state;
    enum claim_kind kind;
    struct text reason, answer, decision; /* the buyer's, the vendor's, staff's; may be empty */
    int64_t filed_at_us;
    int64_t due_at_us;                     /* when it is handed to staff; 0: never by itself */
    int64_t escalated_at_us;               /* 0: it was not */
    int64_t ended_at_us;                   /* 0: it is open */
    struct uuid refund_id, replacement_id; /* zero: there is none */
    struct claim_part parts[ORDER_LINES_MAX];
    size_t parts_count;
};

/* Counts in an order just loaded what its claims keep from being asked for again: units of open
 * ones, and those that were sent again. What was refunded, the order counts as returned. */
void claim_block(struct order_life *life, const struct claim *claims, size_t count);
/* Files a claim that has its id, kind and reason about units that count as delivered and that
 * neither another claim nor a return names. On a refusal both are scratch. */
struct shipment_refusal claim_begin(struct order_life *life, const struct order_return *returns,
                                    size_t returns_count, const struct shipment_wish *wishes,
                                    size_t count, const struct order_terms *terms,
                                    struct claim *made);
/* Pulls a trigger of the claim; `note` (may be empty) stands in its history. An order of which
 * nothing is open any more is completed when its time for returns is over. Statuses: OK,
 * ILLEGAL_TRANSITION (nothing has changed). */
MUST_CHECK enum status claim_pull(struct order_life *life, struct claim *pulled,
                                  enum order_trigger trigger, struct text note,
                                  const struct order_terms *terms);
/* Grants units of lines that the claim names, each once; no wishes: all of them that were not given
 * back or declined before. On a refusal the claim is scratch. */
struct shipment_refusal claim_grant(const struct order_life *life, struct claim *granted,
                                    const struct shipment_wish *wishes, size_t count);
/* Opens a claim again whose replacement is gone, about the units that this was to send: staff
 * decides, if it had decided before, else its vendor answers anew. What was given back of it stays
 * so. Statuses: as claim_pull(). */
MUST_CHECK enum status claim_reopen(struct order_life *life, struct claim *reopened,
                                    const struct order_terms *terms);
/* Refunds units, in the order of the life's lines, of a claim that was sent again, which its
 * replacement does not send any more, or that came back of it: the order counts them as returned.
 * Units are at most what was granted and not given back. Statuses: as claim_pull(). */
MUST_CHECK enum status claim_give_back(struct order_life *life, struct claim *replaced,
                                       const int64_t units[], const struct order_terms *terms);
/* Ends a claim by refunding what was granted: the order counts those units as returned, and none is
 * sold again. Statuses: as claim_pull(). */
MUST_CHECK enum status claim_refund(struct order_life *life, struct claim *refunded,
                                    const struct order_terms *terms,
                                    struct return_units *ret_units);
