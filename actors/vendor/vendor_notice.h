/* What people of a vendor's team are told. */
#pragma once

#include "actors/vendor/vendor_store.h"

struct vendor_notice {
    enum common_notice_kind kind;
    const struct vendor *vendor;
    struct uuid member_id; /* zero: owners and managers */
    struct uuid ticket_id; /* zero: none */
    struct text reason;    /* may be empty */
    struct text role;      /* may be empty */
    struct text inviter;   /* may be empty */
    struct text key_name;  /* may be empty */
    bool is_nameless;      /* without the name of the vendor */
};

/* Queues the notice with the facts `vendor` (its name), `reason`, `role`, `inviter` and
 * `key_name`; a ticket's is for the ticket's address. Statuses: those of request_publish(). */
MUST_CHECK enum status vendor_raise_notice(struct request *request,
                                           const struct vendor_notice *notice);
