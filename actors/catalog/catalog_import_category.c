/* Imports: categories as files give them. Repeating an import changes nothing. */
#include "actors/catalog/catalog_category_store.h"
#include "actors/catalog/catalog_import.h"
#include "actors/catalog/catalog_slugs.h"
#include "catalog_handlers.h"
#include "messages/normal_form.h"
#include "runtime/plain_text.h"

static enum status split_path(struct request *request, struct text text,
                              struct catalog_path *ret_path)
{
    struct arena *arena = request_arena(request);
    bool is_good = catalog_path_split(arena, normal_form(arena, text), ret_path) == STATUS_OK;
    for (size_t i = 0; is_good && i < ret_path->levels; i++)
        is_good = plain_text_is_name(ret_path->names[i]);
    if (is_good) return STATUS_OK;
    return request_refuse(
        request, "/path", STATUS_INVALID_VALUE,
        "A path is 1 to 15 names of 1 to 200 visible characters, joined by ' > '.");
}

/* The path of a category below its parent, which may be written in another way. */
static enum status join_path(struct request *request, const struct catalog_category_row *parent,
                             struct text name, struct catalog_path *ret_path)
{
    return split_path(request,
                      text_format(request_arena(request), "%.*s > %.*s", (int)parent->path.length,
                                  parent->path.data, (int)name.length, name.data),
                      ret_path);
}

enum status catalog_import_find_category(struct request *request, struct text text,
                                         struct uuid *ret_category_id)
{
    struct arena *arena = request_arena(request);
    struct catalog_path *path = arena_allocate(arena, sizeof *path);
    struct catalog_category_row *row = arena_allocate(arena, sizeof *row);
    if (catalog_path_split(arena, normal_form(arena, text), path) != STATUS_OK)
        return STATUS_NOT_FOUND;
    TRY(catalog_category_store_find(request, path->paths[path->levels - 1], row));
    *ret_category_id = row->id;
    return STATUS_OK;
}

/* Makes the last level below its parent, which must exist, unless it exists itself. */
static enum status make_category(struct request *request, struct catalog_path *path,
                                 struct catalog_category_imported *ret_reply)
{
    struct catalog_category_row row;
    const size_t levels = path->levels;
    const enum status status = catalog_category_store_find(request, path->paths[levels - 1], &row);
    if (status == STATUS_OK) {
        *ret_reply = (struct catalog_category_imported){ .category_id = row.id };
        return STATUS_OK;
    }
    if (status != STATUS_NOT_FOUND) return status;
    if (levels > 1) {
        const enum status parent =
            catalog_category_store_find(request, path->paths[levels - 2], &row);
        if (parent == STATUS_NOT_FOUND)
            return request_refuse(request, "/path", STATUS_INVALID_VALUE,
                                  "The parent does not exist.");
        TRY(parent);
        TRY(join_path(request, &row, path->names[levels - 1], path));
    }
    const struct uuid id = request_new_id(request);
    struct text slug;
    bool is_new;
    TRY(slug_book_choose(request, &catalog_category_slugs, id, path->names[levels - 1], &slug,
                         &is_new));
    catalog_category_store_insert(request, id, slug, path, levels > 1 ? &row : NULL);
    *ret_reply = (struct catalog_category_imported){ .category_id = id, .is_created = true };
    return STATUS_OK;
}

/* Each category has an actor of its own, keyed by its path. So this one makes the last level only
 * and asks the actors of those above, from the root down, to make theirs. */
enum status catalog_handle_import_category(struct request *request,
                                           const struct catalog_import_category *command,
                                           struct catalog_category_imported *ret_reply)
{
    struct catalog_path *path = arena_allocate(request_arena(request), sizeof *path);
    size_t levels;
    TRY(split_path(request, command->path, path));
    TRY(catalog_category_store_count_levels(request, path, &levels));
    if (command->has_is_dry_run && command->is_dry_run && levels < path->levels) {
        *ret_reply = (struct catalog_category_imported){ .category_id = request_new_id(request),
                                                         .is_created = true };
        return STATUS_OK;
    }
    for (; levels + 1 < path->levels; levels++) {
        const struct catalog_make_category parent = { .path = path->paths[levels] };
        struct catalog_category_imported reply;
        TRY(request_ask(request, &catalog_make_category_message, &parent, &reply));
    }
    return make_category(request, path, ret_reply);
}

enum status catalog_handle_make_category(struct request *request,
                                         const struct catalog_make_category *command,
                                         struct catalog_category_imported *ret_reply)
{
    struct catalog_path *path = arena_allocate(request_arena(request), sizeof *path);
    TRY(split_path(request, command->path, path));
    return make_category(request, path, ret_reply);
}

enum status catalog_handle_open_import(struct request *request,
                                       const struct catalog_open_import *query,
                                       struct catalog_import_opened *ret_reply)
{
    (void)query;
    ret_reply->started_at_us = request_now_us(request);
    return STATUS_OK;
}
