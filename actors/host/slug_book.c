/* Slugs that lead to one thing each. */
#include "actors/host/slug_book.h"

#include <stdlib.h>

#include "actors/host/request_internal.h"
#include "runtime/slug.h"
#include "storage/columns.h"

enum {
    CANDIDATES = 3,
    TAIL_CHARACTERS = 10, /* of an id: 50 bits, its random end */
};
static_assert(SLUG_BOOK_KEPT_MAX == 20, "OFFSET 18: a retired one and a new one come");

/* The end of an id is made of letters and digits, so a cut name and it are a slug again. */
static void list_candidates(struct arena *arena, const struct slug_book *book, struct uuid subject,
                            struct text name, struct text ret_candidates[CANDIDATES])
{
    char id[ID_TEXT_MAX + 1];
    const size_t length = id_format(book->prefix, subject, id);
    const size_t begin = text_of(book->prefix).length + 1;
    const size_t tails[CANDIDATES] = { 0, TAIL_CHARACTERS, length - begin };
    ret_candidates[0] = slug_of_text(arena, name, book->max);
    for (size_t i = 1; i < CANDIDATES; i++) {
        const size_t room = book->max - tails[i] - 1;
        /* Folding a name costs more than all else here, and most fit as they are. */
        const struct text cut =
            ret_candidates[0].length <= room ? ret_candidates[0] : slug_of_text(arena, name, room);
        ret_candidates[i] =
            text_format(arena, "%.*s-%s", (int)cut.length, cut.data, id + length - tails[i]);
    }
}

static bool is_among(struct text slug, const struct text *slugs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equals(slugs[i], slug)) return true;
    }
    return false;
}

/* ---- claims ---- */

struct slug_claim {
    const struct slug_book *book;
    struct uuid subject;
    uint64_t digest; /* of the slug; another one of the same digest only looks taken */
    int64_t until_us;
};

/* The newest are kept. Nothing depends on them but how often units meet: the table's key decides.
 */
struct slug_claims {
    struct slug_claim claims[SLUG_BOOK_CLAIMS];
    size_t next;
};

/* FNV-1a. */
static uint64_t digest_of(struct text slug)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < slug.length; i++)
        digest = (digest ^ (unsigned char)slug.data[i]) * UINT64_C(0x100000001b3);
    return digest;
}

static bool is_claimed(const struct request *request, const struct slug_book *book,
                       struct uuid subject, struct text slug)
{
    const struct slug_claims *claims = request->hosted->slug_claims;
    if (claims == NULL) return false;
    const uint64_t digest = digest_of(slug);
    const int64_t now_us = request_real_us(request);
    for (size_t i = 0; i < SLUG_BOOK_CLAIMS; i++) {
        const struct slug_claim *claim = &claims->claims[i];
        if (claim->digest == digest && claim->book == book && claim->until_us > now_us &&
            !uuid_equals(claim->subject, subject))
            return true;
    }
    return false;
}

void slug_book_claim(struct request *request, const struct slug_book *book, struct uuid subject,
                     struct text slug)
{
    struct hosted *hosted = request->hosted;
    if (hosted->slug_claims == NULL) hosted->slug_claims = calloc(1, sizeof *hosted->slug_claims);
    struct slug_claims *claims = hosted->slug_claims;
    if (claims == NULL) abort();
    claims->claims[claims->next++ % SLUG_BOOK_CLAIMS] =
        (struct slug_claim){ .book = book,
                             .subject = subject,
                             .digest = digest_of(slug),
                             .until_us = request_real_us(request) + SLUG_BOOK_CLAIM_US };
}

void slug_claims_destroy(struct slug_claims **claims)
{
    free(*claims);
    *claims = NULL;
}

/* ---- choosing ---- */

enum status slug_book_choose(struct request *request, const struct slug_book *book,
                             struct uuid subject, struct text name, struct text *ret_slug,
                             bool *ret_is_new)
{
    assert(book->max >= SLUG_BOOK_MAX_LEAST);
    assert(name.length > 0);
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct text candidates[CANDIDATES];
    const struct text *taken;
    struct rows rows;
    list_candidates(arena, book, subject, name, candidates);
    param_uuid(params, arena, subject);
    param_text_array(params, arena, candidates, CANDIDATES);
    TRY(request_query_row(request, book->look, params, &rows));
    struct row row = rows_at(&rows, 0);
    (void)row_int(&row);
    const struct text current = row_text(&row);
    const size_t taken_count = row_text_array(&row, arena, &taken);
    *ret_is_new = !is_among(current, candidates, CANDIDATES);
    *ret_slug = current;
    if (!*ret_is_new) return STATUS_OK;
    for (size_t i = 0; i < CANDIDATES; i++) {
        if (is_among(candidates[i], taken, taken_count) ||
            is_claimed(request, book, subject, candidates[i]))
            continue;
        *ret_slug = candidates[i];
        return STATUS_OK;
    }
    return STATUS_CONFLICT;
}

void slug_book_give(struct request *request, const struct slug_book *book, struct uuid subject,
                    struct text slug, bool is_made)
{
    assert(slug.length > 0);
    struct arena *arena = request_arena(request);
    if (!is_made) param_uuid(request_write(request, book->retire), arena, subject);
    struct store_params *params = request_write(request, is_made ? book->make : book->take);
    param_text(params, arena, slug);
    param_uuid(params, arena, subject);
    param_int(params, arena, request_now_us(request));
    if (is_made) columns_of_row(params, arena);
}

enum status slug_book_find(struct request *request, const struct slug_book *book, struct text slug,
                           struct uuid *ret_subject)
{
    struct arena *arena = request_arena(request);
    struct store_params *params = arena_allocate(arena, sizeof *params);
    struct rows rows;
    if (slug.length == 0) return STATUS_NOT_FOUND;
    param_text(params, arena, slug_of_text(arena, slug, book->max));
    TRY(request_query(request, book->find, params, &rows));
    if (rows.count == 0) return STATUS_NOT_FOUND;
    struct row row = rows_at(&rows, 0);
    *ret_subject = row_uuid(&row);
    return STATUS_OK;
}
