/* Rows of the audit trail: added and read, never changed. Nothing but SQL and its mapping. */
#pragma once

#include "actors/host/list_place.h"
#include "admin_messages.h"
#include "common_messages.h"

/* Queues an entry under a new id. */
void admin_audit_store_add(struct request *request, const struct common_audit_entry *entry);
/* Those of `request_ids` that no entry has, at most `limit`. WAITS; statuses of request_query(). */
MUST_CHECK enum status admin_audit_store_find_missing(struct request *request,
                                                      const struct text *request_ids, size_t count,
                                                      int64_t limit, struct text **ret_missing,
                                                      size_t *ret_count);
/* Entries that the query's filters let through, behind the place, the newest first; at most
 * `limit`. WAITS; statuses of request_query(). */
MUST_CHECK enum status admin_audit_store_list(struct request *request,
                                              const struct admin_list_audit *query,
                                              const struct list_place *place, int64_t limit,
                                              struct admin_audit_record **ret_records,
                                              size_t *ret_count);
