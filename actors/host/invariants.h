/* Whether a domain's rows add up: its checks (domain.h), run when somebody asks. */
#pragma once

#include "actors/host/host.h"

/* Answers host.check_invariants; see host_answers.h. A check that cannot be finished says so.
 * Statuses: OK, those of the codec. */
MUST_CHECK enum status invariants_answer(struct hosted *hosted, struct arena *arena,
                                         struct text body, int64_t deadline_us,
                                         struct text *ret_body);
