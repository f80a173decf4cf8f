/* Finished answers to public reads (routes with `cache = true`), in bounded memory, so that what
 * many ask for is read and written once. An answer about one thing is good until a hint names that
 * thing; a list, which anything may change and which may come from an index that follows a little
 * later, for ANSWER_CACHE_LIST_US. A domain may read before a change and answer after its hint: so
 * what counts is when an answer was asked for. */
#pragma once

#include "messages/values.h"
#include "runtime/arena.h"
#include "runtime/hint.h"
#include "runtime/text.h"

enum {
    ANSWER_CACHE_LIST_US = 300 * 1000,      /* changes show within a second */
    ANSWER_CACHE_AGE_US = 60 * 1000 * 1000, /* no answer is older, whatever is heard */
    ANSWER_CACHE_BODY_MAX = 256 * 1024,     /* bytes of an answer; longer ones are not kept */
    ANSWER_CACHE_KEY_MAX = 1024,            /* bytes of a target; longer ones are not kept */
    ANSWER_CACHE_ENTRY_BYTES = 256          /* what an entry is counted with beside its texts */
};

/* One answer. Its texts live until answer_cache_release(), even when the cache has dropped it. */
struct kept_answer {
    struct text body, tag;            /* of the plain answer */
    struct text packed[CODING_COUNT]; /* empty: not packed yet, or cannot be */
};

/* What an answer is about. */
struct answer_subject {
    unsigned domain;
    struct uuid id; /* zero: a list, about anything of the domain */
};

struct answer_cache;

/* `bytes_max` of all answers together; 0: nothing is kept. */
struct answer_cache *answer_cache_new(size_t bytes_max);
/* Clears the pointer, which may be NULL. No answer may be held. */
void answer_cache_destroy(struct answer_cache **cache);

/* The answer to a GET of this target, if there is a good one; held until it is released. NULL:
 * none. */
const struct kept_answer *answer_cache_find(struct answer_cache *cache, struct text target,
                                            int64_t now_us);
/* Keeps copies of the target, the body and its entity tag, in the place of what the target had.
 * `asked_us` is when the domain was asked, or before. */
void answer_cache_keep(struct answer_cache *cache, struct text target,
                       const struct answer_subject *subject, int64_t asked_us, struct text body,
                       struct text tag);
/* Adds a packed form, a copy, to an answer that has none in that coding. */
void answer_cache_keep_packed(struct answer_cache *cache, const struct kept_answer *answer,
                              enum coding coding, struct text packed);
void answer_cache_release(struct answer_cache *cache, const struct kept_answer *answer);

/* Something is new. */
void answer_cache_on_hint(struct answer_cache *cache, const struct hint *hint, int64_t now_us);
/* Nobody knows what is new: nothing that was asked for until now is good any more. */
void answer_cache_forget(struct answer_cache *cache, int64_t now_us);

/* What all answers take, held ones that were dropped not counted. */
size_t answer_cache_bytes(const struct answer_cache *cache);
