/* Sends events to endpoints, several at once and in no certain order. What fails is planned again
 * by the bank. */
#pragma once

#include "runtime/fiber.h"
#include "runtime/transfer.h"

struct front;
struct webhooks;

enum { WEBHOOKS_UNDER_WAY_MAX = 8 };
#define WEBHOOK_TIMEOUT_US (5 * INT64_C(1000000))

struct webhooks *webhooks_new(struct front *front);
/* Whether anything is to be sent now. */
bool webhooks_have_work(const struct webhooks *webhooks);
/* Begins what may be under way at once. */
void webhooks_start_due(struct webhooks *webhooks);
/* Ends what is under way, which then counts as not tried. */
void webhooks_destroy(struct webhooks **webhooks);
