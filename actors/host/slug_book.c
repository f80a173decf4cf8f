/* Slugs that lead to one thing each. */
#include "actors/host/slug_book.h"

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
        const struct text cut = slug_of_text(arena, name, book->max - tails[i] - 1);
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
        if (is_among(candidates[i], taken, taken_count)) continue;
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
