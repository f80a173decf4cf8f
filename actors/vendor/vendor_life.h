/* What several handlers do with a vendor. */
#pragma once

#include "actors/vendor/vendor_checklist.h"
#include "actors/vendor/vendor_notice.h"

enum { VENDOR_SWEEP_MAX = 32 };

/* Queues the changed vendor as its next version, and tells everybody when it opened or closed, or
 * when `is_worth_telling` (name, status). Statuses: those of request_publish(). */
MUST_CHECK enum status vendor_save_and_announce(struct request *request, struct vendor *vendor,
                                                bool is_worth_telling);
/* Moves a vendor by an act: new status, history, announcement; queues it all. Statuses: OK,
 * ILLEGAL_TRANSITION (with what is allowed), those of request_publish(). */
MUST_CHECK enum status vendor_move(struct request *request, struct vendor *vendor,
                                   enum vendor_act act, struct text reason);
/* What the setting vendor.checklist asks of it. WAITS. Statuses: OK, CHECKLIST_INCOMPLETE (the
 * setting has a word that is none), those of request_query(). */
MUST_CHECK enum status vendor_load_checklist(struct request *request, const struct vendor *vendor,
                                             struct vendor_checklist_result *ret_result);
/* The actor of the request as text, for the history. */
struct text vendor_actor_text(struct request *request);
/* Looks for vendors that the clock opens or closes. WAITS. */
MUST_CHECK enum status vendor_opening_sweep(struct request *request, unsigned shard_first,
                                            unsigned shard_last);
