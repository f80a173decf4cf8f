/* Faults on demand: tests let the work of a node end, fail or wait at named points, so that every
 * place at which a crash would matter is tried and not hoped for. In test mode only; elsewhere a
 * point costs one comparison.
 *
 * DOMAIN.SAGA.STEP.before .after .undo_before .undo_after   around each step of a long process
 * DOMAIN.COMMAND.commit.before .after                       around the commit of a command's unit
 * DOMAIN.SERVICE.STEP.before .after                         around steps of what a domain keeps
 * beside its database DOMAIN.transfer.http.before .after, DOMAIN.transfer.mail.before .after around
 * what is sent out
 *
 * "after" means that it has happened and nobody has heard of it yet. */
#pragma once

#include <string.h>

#include "actors/host/host.h"

enum { FAULT_PLANS_MAX = 32 };

/* For fault_point(): looks at the plans. WAITS when the fault is a delay. */
MUST_CHECK enum status fault_points_meet(struct hosted *hosted, const char *what, const char *part,
                                         const char *moment);

/* The work has come to a point. WAITS when a delay is set there. Statuses: OK, UNAVAILABLE (an
 * error is set there), STOPPING. Does not return when the process is to end there. */
static inline enum status fault_point(struct hosted *hosted, const char *what, const char *part,
                                      const char *moment)
{
    if (hosted->fault_plans == NULL) return STATUS_OK;
    return fault_points_meet(hosted, what, part, moment);
}

/* How a message is called within its domain. */
static inline const char *fault_name_of(const struct message *message)
{
    return strchr(message->name, '.') + 1;
}

/* Forgets every plan, when the node ends. */
void fault_points_destroy(struct hosted *hosted);

/* Answer host.set_fault and host.list_fault_points; see host_answers.h. Statuses: OK, INVALID_VALUE
 * (no such point), TOO_MANY_FAULTS, those of the codec. */
MUST_CHECK enum status fault_points_answer_set(struct hosted *hosted, struct arena *arena,
                                               struct text body, int64_t deadline_us,
                                               struct text *ret_body);
MUST_CHECK enum status fault_points_answer_list(struct hosted *hosted, struct arena *arena,
                                                struct text body, int64_t deadline_us,
                                                struct text *ret_body);
