/* What operators ask about long processes that are past their deadline. */
#pragma once

#include "actors/host/host.h"

/* Answers host.list_late_sagas with an encoded body. WAITS. Statuses: OK, those of the codec and of
 * saga_store_late(). */
MUST_CHECK enum status late_sagas_answer(struct hosted *hosted, struct arena *arena,
                                         struct text body, int64_t deadline_us,
                                         struct text *ret_body);
/* The id of a saga as operators see it: 32 hexadecimal digits. */
struct text late_sagas_id_text(struct arena *arena, struct uuid id);
