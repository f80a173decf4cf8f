/* What happens to a decoded message: an answer that was given before, or a run of its handler, its
 * unit, and the reply. */
#pragma once

#include "actors/host/job.h"

/* Makes the domain's actors, which run its commands: each is a struct job whose body is decoded. */
void dispatch_prepare_actors(struct hosted *hosted, size_t activations_max, size_t mailbox_max);
/* Runs a query, or a message that every domain answers (host_answers.h). Entry of its fiber;
 * `argument` is the job. WAITS. */
void dispatch_query(void *argument);
void dispatch_host_message(void *argument);
