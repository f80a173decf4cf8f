/* The source's side of events: answers those who fetch, knows how far each reader has come, and
 * forgets what all are done with. */
#pragma once

#include "actors/host/host.h"

struct feed_source *feed_source_new(void);
void feed_source_destroy(struct feed_source **feed);
/* Answers host.fetch_events. WAITS. Statuses: OK, those of the codec and of feed_read(). */
MUST_CHECK enum status feed_source_answer(struct hosted *hosted, struct arena *arena,
                                          struct text body, int64_t deadline_us,
                                          struct text *ret_body);
/* Deletes events that every consumer and every named reader (storage/feed.h) is done with and that
 * are older than events.kept; a few, call again while *ret_deleted is FEED_TRIMMED_MAX. A consumer
 * that has not been heard of since this node started keeps everything; a named reader that was
 * silent for events.reader_lost keeps nothing. WAITS. Statuses as feed_trim(). */
MUST_CHECK enum status feed_source_trim(struct hosted *hosted, int64_t *ret_deleted);
