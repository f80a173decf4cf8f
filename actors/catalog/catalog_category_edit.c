/* What staff does with categories: makes them, moves, renames, arranges, merges, takes away. */
#include <string.h>

#include "actors/catalog/catalog_category_edit_store.h"
#include "actors/catalog/catalog_edit.h"
#include "actors/catalog/catalog_news.h"
#include "actors/catalog/catalog_slugs.h"
#include "actors/catalog/catalog_tree.h"
#include "catalog_handlers.h"
#include "messages/codec_json.h"
#include "messages/normal_form.h"
#include "runtime/plain_text.h"

enum { BEFORE_MAX = 2000 }; /* bytes of what the audit entry says of the category before */

/* The path of a name below a parent. A name with " > " in it would be split into two levels, so the
 * last level must be the name again. */
static enum status make_path(struct request *request, struct text wish, struct text parent_path,
                             struct catalog_path *ret_path)
{
    struct arena *arena = request_arena(request);
    const struct text name = normal_form(arena, text_trim(wish));
    const struct text full = parent_path.length == 0
                                 ? name
                                 : text_format(arena, "%.*s > %.*s", (int)parent_path.length,
                                               parent_path.data, (int)name.length, name.data);
    if (!plain_text_is_name(name) || catalog_path_split(arena, full, ret_path) != STATUS_OK ||
        !text_equals(ret_path->names[ret_path->levels - 1], name))
        return request_refuse(
            request, "/name", STATUS_INVALID_VALUE,
            "A name is visible characters without ' > ', at most 15 levels deep.");
    return STATUS_OK;
}

/* Another category, of the field `pointer`. */
static enum status find_other(struct request *request, const char *pointer, struct uuid id,
                              struct catalog_category_row *ret_category)
{
    const enum status status = catalog_category_store_get(request, id, ret_category);
    if (status != STATUS_NOT_FOUND) return status;
    return request_refuse(request, pointer, STATUS_INVALID_VALUE, "There is no such category.");
}

/* ---- making one ---- */

enum status catalog_handle_create_category(struct request *request,
                                           const struct catalog_create_category *command,
                                           struct catalog_category *ret_reply)
{
    struct arena *arena = request_arena(request);
    struct catalog_path *path = arena_allocate(arena, sizeof *path);
    struct catalog_category_row parent = { .path = { 0 } }, known;
    if (command->has_parent_id) TRY(find_other(request, "/parent_id", command->parent_id, &parent));
    TRY(make_path(request, command->name, parent.path, path));
    const size_t depth = path->levels - 1;
    const enum status status = catalog_category_store_find(request, path->paths[depth], &known);
    if (status == STATUS_OK) return request_refuse(request, "/name", STATUS_CATEGORY_EXISTS, NULL);
    if (status != STATUS_NOT_FOUND) return status;
    const struct uuid id = request_new_root_id(request);
    struct text slug;
    bool is_new;
    TRY(slug_book_choose(request, &catalog_category_slugs, id, path->names[depth], &slug, &is_new));
    catalog_category_store_insert(request, id, slug, path, command->has_parent_id ? &parent : NULL);
    request_audit(request, "cat", id, (struct text){ 0 });
    request_set_http_status(request, 201);
    *ret_reply = (struct catalog_category){
        .id = id,
        .name = path->names[depth],
        .slug = slug,
        .path = path->paths[depth],
        .has_parent_id = command->has_parent_id,
        .parent_id = command->parent_id,
        .depth = (int64_t)depth,
    };
    return STATUS_OK;
}

/* ---- changing one ---- */

static void note_before(struct request *request, const struct catalog_category_edit *category)
{
    struct text_builder json;
    text_builder_init(&json, request_arena(request), BEFORE_MAX);
    text_builder_add(&json, TEXT("{\"path\":"));
    json_encode_text(category->path, &json);
    text_builder_add(&json, TEXT(",\"position\":"));
    text_builder_add_int(&json, category->position);
    text_builder_add(&json, TEXT("}"));
    request_audit(request, "cat", category->id,
                  json.is_full ? (struct text){ 0 } : text_builder_view(&json));
}

static enum status open_category(struct request *request, struct uuid id, struct versions versions,
                                 struct catalog_category_edit *ret_category)
{
    TRY(catalog_category_edit_load(request, id, ret_category));
    if (!versions_have(versions, ret_category->version)) return STATUS_PRECONDITION_FAILED;
    note_before(request, ret_category);
    return STATUS_OK;
}

/* A change on its way: what the category was, what it becomes, and what stands above it then. */
struct change {
    struct catalog_category_edit before, after;
    struct catalog_category_row parent; /* without a path at the root */
    bool is_moved, is_renamed, is_slug_new;
};

static enum status read_parent(struct request *request,
                               const struct catalog_change_category *command, struct change *change)
{
    struct catalog_category_edit *after = &change->after;
    const bool to_root = command->has_to_root && command->to_root;
    if (to_root && command->has_parent_id)
        return request_refuse(request, "/to_root", STATUS_INVALID_VALUE,
                              "A category goes below another one or to the root.");
    if (to_root) after->has_parent = false;
    if (command->has_parent_id) {
        after->has_parent = true;
        after->parent_id = command->parent_id;
    }
    change->is_moved =
        after->has_parent != change->before.has_parent ||
        (after->has_parent && !uuid_equals(after->parent_id, change->before.parent_id));
    if (!after->has_parent) return STATUS_OK;
    return find_other(request, "/parent_id", after->parent_id, &change->parent);
}

/* The new path: it must be free, and fit all that is below. */
static enum status read_path(struct request *request, struct change *change)
{
    struct arena *arena = request_arena(request);
    const struct catalog_category_edit *before = &change->before;
    struct catalog_path *path = arena_allocate(arena, sizeof *path);
    struct catalog_category_row known;
    const struct catalog_tree_move move = {
        .category = before->id,
        .above = change->parent.ancestors,
        .above_count = change->parent.ancestors_count,
        .levels = before->levels,
    };
    const enum status cycle = catalog_tree_check_move(&move);
    if (cycle != STATUS_OK) return request_refuse(request, "/parent_id", cycle, NULL);
    TRY(make_path(request, change->after.name, change->parent.path, path));
    change->after.name = path->names[path->levels - 1];
    change->after.path = path->paths[path->levels - 1];
    struct catalog_tree_move longest = move;
    longest.path_characters =
        before->path_characters - before->own_characters + text_characters(change->after.path);
    const enum status length = catalog_tree_check_move(&longest);
    if (length != STATUS_OK)
        return request_refuse(request, change->is_moved ? "/parent_id" : "/name", length, NULL);
    const enum status found = catalog_category_store_find(request, change->after.path, &known);
    if (found == STATUS_NOT_FOUND || (found == STATUS_OK && uuid_equals(known.id, before->id)))
        return STATUS_OK;
    TRY(found);
    return request_refuse(request, "/name", STATUS_CATEGORY_EXISTS, NULL);
}

static enum status read_change(struct request *request,
                               const struct catalog_change_category *command, struct change *change)
{
    struct catalog_category_edit *after = &change->after;
    *after = change->before;
    TRY(read_parent(request, command, change));
    if (command->has_name) after->name = command->name;
    if (command->has_seo_title)
        TRY(catalog_edit_set_seo(request, "seo_title", command->seo_title, &after->seo_title));
    if (command->has_seo_description)
        TRY(catalog_edit_set_seo(request, "seo_description", command->seo_description,
                                 &after->seo_description));
    if (change->is_moved || command->has_name) TRY(read_path(request, change));
    change->is_renamed = !text_equals(after->name, change->before.name);
    if (!change->is_renamed) return STATUS_OK;
    return slug_book_choose(request, &catalog_category_slugs, after->id, after->name, &after->slug,
                            &change->is_slug_new);
}

/* Its new place and name are those of all that is below it, too. */
static void derive_ancestors(struct request *request, struct change *change)
{
    struct arena *arena = request_arena(request);
    struct catalog_category_edit *after = &change->after;
    const struct catalog_category_row *parent = &change->parent;
    const size_t above = parent->ancestors_count;
    struct uuid *ancestors = arena_allocate_array(arena, above + 1, sizeof *ancestors);
    struct text *crumbs = arena_allocate_array(arena, 2 * (above + 1), sizeof *crumbs);
    for (size_t i = 0; i < above; i++)
        ancestors[i] = parent->ancestors[i];
    ancestors[above] = after->id;
    for (size_t i = 0; i < parent->crumbs_count && i < 2 * above; i++)
        crumbs[i] = parent->crumbs[i];
    crumbs[2 * above] = after->name;
    crumbs[2 * above + 1] = after->slug;
    after->ancestors = ancestors;
    after->ancestors_count = above + 1;
    after->crumbs = crumbs;
    after->crumbs_count = 2 * (above + 1);
}

static enum status save_place(struct request *request, const struct change *change)
{
    const struct catalog_category_edit *before = &change->before, *after = &change->after;
    const struct catalog_category_shift shift = {
        .id = after->id,
        .with_itself = true,
        .old_path = before->path,
        .new_path = after->path,
        .deeper = (int64_t)after->ancestors_count - (int64_t)before->ancestors_count,
        .above = after->ancestors,
        .above_count = after->ancestors_count - 1,
        .dropped = before->ancestors_count - 1,
        .crumbs = after->crumbs,
        .crumbs_count = after->crumbs_count,
        .crumbs_dropped = 2 * before->ancestors_count,
    };
    catalog_category_edit_shift(request, &shift);
    if (change->is_moved)
        catalog_category_edit_begin_task(request, after->id, (struct uuid){ { 0 } },
                                         before->ancestors, before->ancestors_count - 1);
    return catalog_news_of_category(request, after->id);
}

/* Stands at its place among its siblings from now on, as do these. */
static enum status save_position(struct request *request, int64_t position, struct change *change)
{
    struct arena *arena = request_arena(request);
    const struct catalog_category_edit *after = &change->after;
    const struct uuid *siblings;
    size_t count, placed = 0;
    const struct uuid parent = after->has_parent ? after->parent_id : (struct uuid){ { 0 } };
    TRY(catalog_category_edit_siblings(request, parent, &siblings, &count));
    struct uuid *ids = arena_allocate_array(arena, count + 1, sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        if (placed == (size_t)position) ids[placed++] = after->id;
        if (!uuid_equals(siblings[i], after->id)) ids[placed++] = siblings[i];
    }
    bool is_placed = false;
    for (size_t i = 0; i < placed; i++)
        is_placed = is_placed || uuid_equals(ids[i], after->id);
    if (!is_placed) ids[placed++] = after->id;
    for (size_t i = 0; i < placed; i++) {
        if (uuid_equals(ids[i], after->id)) change->after.position = (int64_t)i;
    }
    catalog_category_edit_arrange(request, ids, placed);
    return STATUS_OK;
}

static struct catalog_category_detail describe(struct request *request,
                                               const struct catalog_category_edit *category)
{
    struct catalog_breadcrumb *crumbs =
        arena_allocate_array(request_arena(request), category->ancestors_count, sizeof *crumbs);
    for (size_t i = 0; i < category->ancestors_count && 2 * i + 1 < category->crumbs_count; i++)
        crumbs[i] = (struct catalog_breadcrumb){ .id = category->ancestors[i],
                                                 .name = category->crumbs[2 * i],
                                                 .slug = category->crumbs[2 * i + 1] };
    return (struct catalog_category_detail){
        .id = category->id,
        .name = category->name,
        .slug = category->slug,
        .path = category->path,
        .has_parent_id = category->has_parent,
        .parent_id = category->parent_id,
        .depth = (int64_t)category->ancestors_count - 1,
        .breadcrumbs = crumbs,
        .breadcrumbs_count = category->crumbs_count / 2,
        .has_seo_title = category->seo_title.length > 0,
        .seo_title = category->seo_title,
        .has_seo_description = category->seo_description.length > 0,
        .seo_description = category->seo_description,
        .position = category->position,
        .version = category->version,
    };
}

enum status catalog_handle_change_category(struct request *request,
                                           const struct catalog_change_category *command,
                                           struct catalog_category_detail *ret_reply)
{
    struct change *change = arena_allocate(request_arena(request), sizeof *change);
    struct catalog_category_edit *after = &change->after;
    TRY(open_category(request, command->category_id, VERSIONS_OF(command), &change->before));
    TRY(read_change(request, command, change));
    const bool is_elsewhere = change->is_moved || change->is_renamed;
    catalog_category_edit_lock(request, change->before.guard);
    if (is_elsewhere) {
        derive_ancestors(request, change);
        TRY(save_place(request, change));
    }
    catalog_category_edit_save(request, after);
    if (change->is_slug_new)
        slug_book_give(request, &catalog_category_slugs, after->id, after->slug, false);
    if (command->has_position) TRY(save_position(request, command->position, change));
    after->version++;
    *ret_reply = describe(request, after);
    return STATUS_OK;
}

/* ---- taking one away ---- */

enum status catalog_handle_remove_category(struct request *request,
                                           const struct catalog_remove_category *command)
{
    struct catalog_category_edit category;
    bool is_empty;
    TRY(open_category(request, command->category_id, VERSIONS_OF(command), &category));
    TRY(catalog_category_edit_is_empty(request, category.id, &is_empty));
    if (!is_empty) return request_refuse(request, "", STATUS_CATEGORY_NOT_EMPTY, NULL);
    catalog_category_edit_lock(request, category.guard);
    catalog_category_edit_delete(request, category.id, (struct uuid){ { 0 } });
    return STATUS_OK;
}

/* Everything below the category goes below `into`, and the category itself when its products have
 * gone. */
static void merge_below(struct request *request, const struct catalog_category_edit *category,
                        const struct catalog_category_row *into)
{
    const struct catalog_category_shift shift = {
        .id = category->id,
        .old_path = category->path,
        .new_path = into->path,
        .deeper = (int64_t)into->ancestors_count - (int64_t)category->ancestors_count,
        .above = into->ancestors,
        .above_count = into->ancestors_count,
        .dropped = category->ancestors_count,
        .crumbs = into->crumbs,
        .crumbs_count = into->crumbs_count,
        .crumbs_dropped = 2 * category->ancestors_count,
    };
    catalog_category_edit_adopt(request, category->id, into->id);
    catalog_category_edit_shift(request, &shift);
}

enum status catalog_handle_merge_category(struct request *request,
                                          const struct catalog_merge_category *command)
{
    struct catalog_category_edit category;
    struct catalog_category_row into;
    TRY(open_category(request, command->category_id, VERSIONS_OF(command), &category));
    TRY(find_other(request, "/into_id", command->into_id, &into));
    const struct catalog_tree_move move = {
        .category = category.id,
        .above = into.ancestors,
        .above_count = into.ancestors_count,
        .levels = category.levels > 1 ? category.levels - 1 : 1,
        .path_characters =
            category.levels > 1
                ? category.path_characters - category.own_characters + text_characters(into.path)
                : 0,
    };
    enum status status = catalog_tree_check_move(&move);
    if (status == STATUS_CATEGORY_TOO_DEEP && category.levels == 1) status = STATUS_OK;
    if (status != STATUS_OK) return request_refuse(request, "/into_id", status, NULL);
    catalog_category_edit_lock(request, category.guard);
    merge_below(request, &category, &into);
    catalog_category_edit_begin_task(request, category.id, into.id, category.ancestors,
                                     category.ancestors_count);
    request_set_http_status(request, 202);
    return catalog_news_of_category(request, category.id);
}
