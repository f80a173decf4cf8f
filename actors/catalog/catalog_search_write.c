/* Writes one index: puts what was named by events as it is now, and commits it together with the
 * cursors of the events. */
#include "actors/catalog/catalog_search.h"

#include <string.h>

#include "runtime/log.h"

enum {
    ARENA_BYTES = 256 * 1024,
    COMMIT_LATEST_US = 2 * 1000 * 1000,  /* while there is much to put */
    CURSORS_EVERY_US = 60 * 1000 * 1000, /* of events that name nothing */
    NUMBER_BYTES = 8,
    NUMBER_BITS = 64,
};

/* All 64 of them, eight bytes each, the most significant first. */
static const struct text cursors_key = { "cursors", 7 };
/* Not empty: events that the cursors are past have asked for another index. */
static const struct text wish_key = { "wish", 4 };
static const struct text wish_value = { "1", 1 };

/* ---- opening ---- */

struct opening {
    const char *folder;
    const struct search_languages *languages;
    bool is_new;
    struct search_fault fault;
    struct search_writer *writer;
    enum status status;
};

static void do_open(void *argument)
{
    struct opening *opening = argument;
    opening->status = search_writer_open(opening->folder, opening->languages, opening->is_new,
                                         &opening->fault, &opening->writer);
}

enum status catalog_target_open(struct catalog_search *search, struct catalog_target *target,
                                bool is_new)
{
    assert(target->writer == NULL);
    struct opening opening = { .folder = target->folder,
                               .languages = &search->languages,
                               .is_new = is_new };
    const enum status status = service_offload(search->service, do_open, &opening);
    if (status == STATUS_OVERLOADED) return STATUS_UNAVAILABLE;
    if (opening.writer != NULL) target->writer = opening.writer;
    TRY(status);
    if (opening.status != STATUS_OK && opening.status != STATUS_NOT_FOUND)
        log_warning("search_index_not_opened", LOG_STATUS(opening.status),
                    LOG_STRING("why", opening.fault.text));
    return opening.status;
}

static void do_close(void *argument)
{
    struct search_writer **writer = argument;
    search_writer_destroy(writer);
}

void catalog_target_close(struct catalog_search *search, struct catalog_target *target)
{
    target->products_done = 0;
    target->vendors_done = target->categories_done = 0;
    target->walked_after = (struct uuid){ { 0 } };
    target->is_dirty = false;
    /* When the pool is full it is closed at the next try, or with the service. */
    IGNORE(service_offload(search->service, do_close, &target->writer));
}

static void clear_named(struct catalog_named *named)
{
    catalog_id_map_clear(&named->products);
    catalog_id_map_clear(&named->vendors);
    catalog_id_map_clear(&named->categories);
}

void catalog_target_clear(struct catalog_target *target)
{
    clear_named(&target->waiting);
    clear_named(&target->taken);
    catalog_id_map_clear(&target->sold);
    target->is_busy = false;
    target->products_done = 0;
    target->vendors_done = target->categories_done = 0;
    target->walked_after = (struct uuid){ { 0 } };
}

/* ---- work on the pool ---- */

/* What one piece of work does with a writer, in this order. */
struct writing {
    struct search_writer *writer;
    const struct search_document *documents;
    size_t documents_count;
    const struct uuid *gone; /* products */
    size_t gone_count;
    struct uuid closed;  /* a vendor; zero: none */
    struct text cursors; /* empty: nothing is committed */
    struct text wish;    /* set with the cursors */
    bool commits;
    enum status status;
};

static enum status write_all(const struct writing *writing)
{
    for (size_t i = 0; i < writing->documents_count; i++)
        TRY(search_writer_put(writing->writer, &writing->documents[i]));
    for (size_t i = 0; i < writing->gone_count; i++)
        TRY(search_writer_delete(writing->writer, writing->gone[i]));
    if (!uuid_is_zero(writing->closed))
        TRY(search_writer_delete_of_vendor(writing->writer, writing->closed));
    if (writing->cursors.length > 0)
        TRY(search_writer_set(writing->writer, cursors_key, writing->cursors));
    if (writing->cursors.length > 0)
        TRY(search_writer_set(writing->writer, wish_key, writing->wish));
    return writing->commits ? search_writer_commit(writing->writer) : STATUS_OK;
}

static void do_write(void *argument)
{
    struct writing *writing = argument;
    writing->status = write_all(writing);
}

static enum status write_on_pool(struct catalog_search *search, struct catalog_target *target,
                                 struct writing *writing)
{
    writing->writer = target->writer;
    const enum status status = service_offload(search->service, do_write, writing);
    if (status == STATUS_OVERLOADED) return STATUS_UNAVAILABLE;
    TRY(status);
    if (writing->status != STATUS_OK)
        log_warning("search_index_not_written", LOG_STATUS(writing->status),
                    LOG_STRING("why", search_writer_fault(target->writer)));
    return writing->status;
}

/* ---- commits ---- */

/* What the commit has is not left out by hand any more, soon. */
static void let_go(struct catalog_search *search, struct catalog_id_map *left_out,
                   const struct catalog_id_map *waiting)
{
    const int64_t now_us = service_now_us(search->service);
    struct catalog_id_slot slot;
    int64_t unused;
    for (size_t position = 0; catalog_id_map_next(left_out, &position, &slot);) {
        const bool is_done =
            slot.value == CATALOG_SEARCH_FOR_NOW && !catalog_id_map_find(waiting, slot.id, &unused);
        if (is_done) left_out->slots[position - 1].value = now_us + CATALOG_SEARCH_ANSWERED_US;
    }
    catalog_id_map_drop_below(left_out, now_us);
}

static struct text pack_cursors(struct arena *arena, const uint64_t cursors[SHARD_COUNT])
{
    char *bytes = arena_allocate(arena, CATALOG_SEARCH_CURSORS_BYTES);
    for (size_t i = 0; i < CATALOG_SEARCH_CURSORS_BYTES; i++) {
        const unsigned shift = NUMBER_BITS - 8 * (unsigned)(i % NUMBER_BYTES + 1);
        bytes[i] = (char)(cursors[i / NUMBER_BYTES] >> shift & 0xff);
    }
    return (struct text){ bytes, CATALOG_SEARCH_CURSORS_BYTES };
}

/* The index that is being built fulfils what was wished for before it was begun, but for itself
 * only: until it takes its place, the other one says that it is still to come. */
static bool has_wish(const struct catalog_search *search, const struct catalog_target *target)
{
    return search->wants_rebuild || (search->is_rebuilding && target == &search->current);
}

enum status catalog_target_commit(struct catalog_search *search, struct catalog_target *target,
                                  const uint64_t cursors[SHARD_COUNT])
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(CATALOG_SEARCH_CURSORS_BYTES);
    struct writing writing = { .cursors = pack_cursors(arena, cursors), .commits = true };
    if (has_wish(search, target)) writing.wish = wish_value;
    TRY(service_fault_point(search->service, "commit", "before"));
    TRY(write_on_pool(search, target, &writing));
    TRY(service_fault_point(search->service, "commit", "after"));
    memcpy(target->kept, cursors, sizeof target->kept);
    target->is_dirty = false;
    target->committed_us = service_now_us(search->service);
    if (target == &search->current) search->commits++;
    return STATUS_OK;
}

struct reading {
    struct search_writer *writer;
    struct arena *arena;
    struct text cursors, wish;
    enum status status;
};

static void do_read(void *argument)
{
    struct reading *reading = argument;
    reading->status =
        search_writer_get(reading->writer, reading->arena, cursors_key, &reading->cursors);
    if (reading->status == STATUS_OK)
        reading->status =
            search_writer_get(reading->writer, reading->arena, wish_key, &reading->wish);
}

enum status catalog_target_read_cursors(struct catalog_search *search,
                                        struct catalog_target *target, bool *ret_has_wish)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(CATALOG_SEARCH_CURSORS_BYTES);
    struct reading reading = { .writer = target->writer, .arena = arena };
    const enum status status = service_offload(search->service, do_read, &reading);
    if (status == STATUS_OVERLOADED) return STATUS_UNAVAILABLE;
    TRY(status);
    TRY(reading.status);
    if (reading.cursors.length != CATALOG_SEARCH_CURSORS_BYTES) return STATUS_CORRUPT;
    *ret_has_wish = reading.wish.length > 0;
    for (size_t shard = 0; shard < SHARD_COUNT; shard++) {
        uint64_t number = 0;
        for (size_t i = 0; i < NUMBER_BYTES; i++)
            number = number << 8 | (uint8_t)reading.cursors.data[NUMBER_BYTES * shard + i];
        target->kept[shard] = number;
    }
    return STATUS_OK;
}

/* ---- products ---- */

static bool is_among(struct uuid id, const struct search_document *documents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (uuid_equals(documents[i].id, id)) return true;
    }
    return false;
}

/* A product that is visible again is shown, unless an event says otherwise by now. Whichever index
 * has it first: the other one would not hear of it after a swap. */
static void show_again(struct catalog_search *search, const struct catalog_target *target,
                       const struct writing *writing)
{
    int64_t is_hidden;
    for (size_t i = 0; i < writing->documents_count; i++) {
        const struct uuid id = writing->documents[i].id;
        if (!catalog_id_map_find(&target->waiting.products, id, &is_hidden))
            catalog_id_map_remove(&search->hidden, id);
    }
}

enum status catalog_target_put(struct catalog_search *search, struct catalog_target *target,
                               const struct uuid *ids, size_t count)
{
    assert(count <= CATALOG_SEARCH_BATCH_MAX);
    if (count == 0) return STATUS_OK;
    CLEANUP(arena_destroy) struct arena *arena = arena_new(ARENA_BYTES);
    const struct catalog_search_source source = catalog_search_source(search, arena);
    struct search_document *documents = arena_allocate_array(arena, count, sizeof *documents);
    struct uuid *gone = arena_allocate_array(arena, count, sizeof *gone);
    struct writing writing = { .documents = documents, .gone = gone };
    TRY(catalog_search_store_load(&source, ids, count, documents, &writing.documents_count));
    for (size_t i = 0; i < count; i++) {
        if (!is_among(ids[i], documents, writing.documents_count))
            gone[writing.gone_count++] = ids[i];
    }
    target->is_dirty = true;
    TRY(service_fault_point(search->service, "put", "before"));
    TRY(write_on_pool(search, target, &writing));
    TRY(service_fault_point(search->service, "put", "after"));
    show_again(search, target, &writing);
    return STATUS_OK;
}

/* ---- what was taken ---- */

static bool is_sold_due(const struct catalog_search *search, const struct catalog_target *target)
{
    return target->sold.count > 0 &&
           service_now_us(search->service) >= target->sold_us + CATALOG_SEARCH_SOLD_EVERY_US;
}

/* As far as there is room; what waits already says more. */
static void take_sold(struct catalog_target *target)
{
    struct catalog_id_map rest = { .max = target->sold.max };
    struct catalog_id_slot slot;
    int64_t unused;
    for (size_t position = 0; catalog_id_map_next(&target->sold, &position, &slot);) {
        if (catalog_id_map_find(&target->waiting.products, slot.id, &unused) ||
            catalog_id_map_put(&target->waiting.products, slot.id, 0))
            continue;
        const bool has_room = catalog_id_map_put(&rest, slot.id, 0);
        assert(has_room);
    }
    catalog_id_map_clear(&target->sold);
    target->sold = rest;
}

static void take(struct catalog_search *search, struct catalog_target *target)
{
    const size_t products_max = target->waiting.products.max;
    const size_t vendors_max = target->waiting.vendors.max;
    const size_t categories_max = target->waiting.categories.max;
    assert(catalog_named_count(&target->taken) == 0);
    if (is_sold_due(search, target)) take_sold(target);
    target->taken = target->waiting;
    target->waiting = (struct catalog_named){ .products.max = products_max,
                                              .vendors.max = vendors_max,
                                              .categories.max = categories_max };
    target->products_done = 0;
    target->vendors_done = target->categories_done = 0;
    target->is_busy = true;
    /* The cursors stay before events whose products wait, so that these are read again after a
     * kill. */
    memcpy(target->taken_through, target->sold.count == 0 ? search->seen : target->kept,
           sizeof target->taken_through);
}

static enum status put_products(struct catalog_search *search, struct catalog_target *target)
{
    struct uuid ids[CATALOG_SEARCH_BATCH_MAX];
    size_t count = 0, position = target->products_done;
    struct catalog_id_slot slot;
    while (count < CATALOG_SEARCH_BATCH_MAX &&
           catalog_id_map_next(&target->taken.products, &position, &slot))
        ids[count++] = slot.id;
    TRY(catalog_target_put(search, target, ids, count));
    target->products_done = position;
    return STATUS_OK;
}

static enum status delete_vendor(struct catalog_search *search, struct catalog_target *target,
                                 struct uuid vendor)
{
    struct writing writing = { .closed = vendor };
    target->is_dirty = true;
    return write_on_pool(search, target, &writing);
}

/* One page of the vendor's products, or all of a closed one at once. */
static enum status put_vendor(struct catalog_search *search, struct catalog_target *target)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(CATALOG_SEARCH_CURSORS_BYTES);
    const struct catalog_search_source source = catalog_search_source(search, arena);
    struct uuid ids[CATALOG_SEARCH_BATCH_MAX];
    size_t count = 0, position = target->vendors_done;
    struct catalog_id_slot slot;
    bool is_open;
    if (!catalog_id_map_next(&target->taken.vendors, &position, &slot)) {
        target->vendors_done = position;
        return STATUS_OK;
    }
    TRY(catalog_search_store_open(&source, &slot.id, 1, &is_open));
    if (!is_open) {
        TRY(delete_vendor(search, target, slot.id));
    } else {
        TRY(catalog_search_store_walk(&source, slot.id, target->walked_after, ids, &count));
        TRY(catalog_target_put(search, target, ids, count));
    }
    const bool is_done = !is_open || count < CATALOG_SEARCH_BATCH_MAX;
    target->walked_after = is_done ? (struct uuid){ { 0 } } : ids[count - 1];
    if (is_done) target->vendors_done = position;
    return STATUS_OK;
}

/* One page of the products in the category and below it. */
static enum status put_category(struct catalog_search *search, struct catalog_target *target)
{
    CLEANUP(arena_destroy) struct arena *arena = arena_new(CATALOG_SEARCH_CURSORS_BYTES);
    const struct catalog_search_source source = catalog_search_source(search, arena);
    struct uuid ids[CATALOG_SEARCH_BATCH_MAX];
    size_t count = 0, position = target->categories_done;
    struct catalog_id_slot slot;
    if (!catalog_id_map_next(&target->taken.categories, &position, &slot)) {
        target->categories_done = position;
        return STATUS_OK;
    }
    TRY(catalog_search_store_walk_category(&source, slot.id, target->walked_after, ids, &count));
    TRY(catalog_target_put(search, target, ids, count));
    const bool is_done = count < CATALOG_SEARCH_BATCH_MAX;
    target->walked_after = is_done ? (struct uuid){ { 0 } } : ids[count - 1];
    if (is_done) target->categories_done = position;
    return STATUS_OK;
}

static enum status finish(struct catalog_search *search, struct catalog_target *target)
{
    TRY(catalog_target_commit(search, target, target->taken_through));
    clear_named(&target->taken);
    target->is_busy = false;
    if (target != &search->current) return STATUS_OK;
    let_go(search, &search->hidden, &target->waiting.products);
    let_go(search, &search->closed, &target->waiting.vendors);
    return STATUS_OK;
}

bool catalog_target_is_due(const struct catalog_search *search, const struct catalog_target *target)
{
    if (target->is_busy) return true;
    const bool is_named = catalog_named_count(&target->waiting) > 0 || is_sold_due(search, target);
    const bool is_behind = memcmp(target->kept, search->seen, sizeof target->kept) != 0;
    const int64_t since_us = service_now_us(search->service) - target->committed_us;
    return (is_named && since_us >= CATALOG_SEARCH_COMMIT_EVERY_US) ||
           (is_behind && since_us >= CURSORS_EVERY_US);
}

enum status catalog_target_step(struct catalog_search *search, struct catalog_target *target)
{
    assert(target->writer != NULL);
    if (!target->is_busy) take(search, target);
    if (target->products_done < target->taken.products.capacity)
        TRY(put_products(search, target));
    else if (target->vendors_done < target->taken.vendors.capacity)
        TRY(put_vendor(search, target));
    else if (target->categories_done < target->taken.categories.capacity)
        TRY(put_category(search, target));
    else
        return finish(search, target);
    const bool is_late = service_now_us(search->service) >= target->committed_us + COMMIT_LATEST_US;
    return is_late && target->is_dirty ? catalog_target_commit(search, target, target->kept)
                                       : STATUS_OK;
}
