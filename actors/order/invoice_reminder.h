/* Buyers are reminded of invoices that are due. */
#pragma once

#include "actors/host/request.h"

/* Reminds of those that are due, by the actor of each checkout. WAITS. Statuses: those of
 * request_query() and request_ask(). */
MUST_CHECK enum status invoice_reminder_sweep(struct request *request, unsigned shard_first,
                                              unsigned shard_last);
