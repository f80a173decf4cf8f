/* Starts souk-picture for each picture, gives it the file, takes what it writes: a few at once, a
 * few more in a queue, each for a bounded time. */
#pragma once

#include "gateway/picture/picture_frame.h"
#include "runtime/arena.h"
#include "runtime/fiber.h"
#include "runtime/loop.h"

struct picture_decoder;
struct picture_job;

enum { PICTURE_DIGEST_BYTES = 32 };

struct picture_decoder_options {
    struct loop *loop;
    struct fibers *fibers;
    const char *program; /* path of souk-picture; must outlive the decoder */
    size_t at_once_max, queue_max;
    int64_t time_max_us; /* of one picture, once it is its turn */
};

struct picture_decoder *picture_decoder_new(const struct picture_decoder_options *options);
/* Nothing may be under way; turns the loop until its handles are closed. */
void picture_decoder_destroy(struct picture_decoder **decoder);
/* True while a picture is being decoded, or waits to be, or a process has not quite gone. */
bool picture_decoder_is_busy(const struct picture_decoder *decoder);

/* One picture. `bytes` are the caller's, and `job` his place: while it is not NULL the picture is
 * being decoded, and picture_decoder_cancel() must be called before the bytes go. */
struct picture_wish {
    struct text bytes;
    struct picture_job **job;
};
struct picture_made {
    uint8_t digest[PICTURE_DIGEST_BYTES]; /* BLAKE2b-256 of the bytes */
    struct picture_frame frame;           /* its files are in the arena */
};

/* Decodes it and makes what is shown of it. WAITS. Statuses: OK, UNSUPPORTED_MEDIA_TYPE,
 * PICTURE_UNREADABLE, PICTURE_TOO_LARGE, OVERLOADED (the queue is full), UNAVAILABLE (the program
 * cannot run, or was cancelled), STOPPING. */
MUST_CHECK enum status picture_decode(struct picture_decoder *decoder, struct picture_wish wish,
                                      struct arena *arena, struct picture_made *ret_made);
/* Ends the process; its picture_decode() answers UNAVAILABLE. Nothing of the bytes is read any more
 * when this returns. */
void picture_decoder_cancel(struct picture_job *job);
