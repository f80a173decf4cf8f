/* Where the files of pictures are kept, by name: a folder, or a store that speaks S3. Names are
 * made here and nowhere else, so no path comes from outside. */
#pragma once

#include "gateway/picture/picture_decoder.h"
#include "runtime/offload.h"
#include "runtime/transfer.h"

struct picture_store;

enum {
    PICTURE_NAME_MAX = 96,
    PICTURE_DIGEST_TEXT = 2 * PICTURE_DIGEST_BYTES, /* lower-case hexadecimal digits */
};

/* Everybody's are read by whoever knows their address, others through a route that asks who it is.
 */
enum picture_area { PICTURE_AREA_PUBLIC, PICTURE_AREA_PRIVATE };

/* One file: of which picture, in which of picture_sizes. */
struct picture_file {
    enum picture_area area;
    struct text digest; /* PICTURE_DIGEST_TEXT digits */
    int size;
};

/* True for the digits of a digest, and for one of picture_sizes. */
bool picture_is_digest(struct text text);
bool picture_is_size(int64_t size);
/* "public/ab/abcd...-400.webp", ended by NUL. */
void picture_file_name(const struct picture_file *file, char ret_name[PICTURE_NAME_MAX]);

/* The functions of a store. All WAIT, for a bounded time. */
struct picture_store_kind {
    enum status (*put)(struct picture_store *store, const char *name, struct text bytes);
    enum status (*get)(struct picture_store *store, const char *name, struct arena *arena,
                       struct text *ret_bytes);
    enum status (*remove)(struct picture_store *store, const char *name);
    void (*destroy)(struct picture_store *store);
};

/* What every kind of store begins with. */
struct picture_store {
    const struct picture_store_kind *kind;
};

/* Keeps the file for good: when OK is said it is there after a loss of power. Writes over one that
 * is there, which has the same bytes. WAITS. Statuses: OK, UNAVAILABLE, OVERLOADED, STOPPING. */
MUST_CHECK enum status picture_store_put(struct picture_store *store,
                                         const struct picture_file *file, struct text bytes);
/* WAITS. Statuses: OK, NOT_FOUND, UNAVAILABLE, OVERLOADED, STOPPING. */
MUST_CHECK enum status picture_store_get(struct picture_store *store,
                                         const struct picture_file *file, struct arena *arena,
                                         struct text *ret_bytes);
/* One that is not there is gone, too. WAITS. Statuses: OK, UNAVAILABLE, OVERLOADED, STOPPING. */
MUST_CHECK enum status picture_store_remove(struct picture_store *store,
                                            const struct picture_file *file);
/* Nothing may be under way. NULL is fine. */
void picture_store_destroy(struct picture_store **store);

/* A folder, which is made when it is missing; files that a process left half written there a day
 * ago are deleted. `offload` does what may wait for the disk. Statuses: OK, UNAVAILABLE (the folder
 * cannot be made or written to). */
MUST_CHECK enum status picture_store_folder_new(const char *path, struct offload *offload,
                                                struct picture_store **ret_store);

/* A bucket of a store that speaks S3, by paths (https://host/bucket/name). Everything is the
 * caller's and must outlive the store. */
struct picture_s3 {
    struct transfers *transfers;
    struct loop *loop;
    struct text endpoint; /* http:// or https://, without a slash at its end */
    struct text bucket, region;
    struct text key_id, secret;
    int64_t time_max_us; /* of one file */
};
/* Statuses: OK, INVALID_VALUE (no such endpoint, bucket or region can be). */
MUST_CHECK enum status picture_store_s3_new(const struct picture_s3 *s3,
                                            struct picture_store **ret_store);
