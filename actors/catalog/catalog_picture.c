/* Lists are made anew: what was loaded may be looked at by whoever wants to know what was before.
 */
#include "actors/catalog/catalog_picture.h"

enum { LIST_SIZE = 400 /* of a picture in a list, pixels */ };

static const int sizes[] = { 2048, 400, 160 };

static struct catalog_picture *copy_list(struct arena *arena, const struct catalog_item *item)
{
    struct catalog_picture *list =
        arena_allocate_array(arena, item->pictures_count + 1, sizeof *list);
    for (size_t i = 0; i < item->pictures_count; i++)
        list[i] = item->pictures[i];
    return list;
}

/* The place of one; as many as there are: it is none of them. */
static size_t place_of(const struct catalog_item *item, struct uuid id)
{
    size_t place = 0;
    while (place < item->pictures_count && !uuid_equals(item->pictures[place].id, id))
        place++;
    return place;
}

enum status catalog_picture_add(struct arena *arena, struct catalog_item *item,
                                const struct catalog_picture *picture)
{
    if (item->pictures_count + item->images_count >= CATALOG_PICTURES_MAX)
        return STATUS_TOO_MANY_PICTURES;
    struct catalog_picture *list = copy_list(arena, item);
    list[item->pictures_count] = *picture;
    item->pictures = list;
    item->pictures_count++;
    return STATUS_OK;
}

enum status catalog_picture_remove(struct arena *arena, struct catalog_item *item, struct uuid id)
{
    const size_t place = place_of(item, id);
    if (place == item->pictures_count) return STATUS_NOT_FOUND;
    struct catalog_picture *list = copy_list(arena, item);
    for (size_t i = place; i + 1 < item->pictures_count; i++)
        list[i] = list[i + 1];
    item->pictures = list;
    item->pictures_count--;
    return STATUS_OK;
}

enum status catalog_picture_describe(struct arena *arena, struct catalog_item *item, struct uuid id,
                                     struct text alt)
{
    const size_t place = place_of(item, id);
    if (place == item->pictures_count) return STATUS_NOT_FOUND;
    struct catalog_picture *list = copy_list(arena, item);
    list[place].alt = alt;
    item->pictures = list;
    return STATUS_OK;
}

enum status catalog_picture_order(struct arena *arena, struct catalog_item *item,
                                  const struct uuid *ids, size_t count)
{
    if (count != item->pictures_count) return STATUS_INVALID_VALUE;
    struct catalog_picture *list = copy_list(arena, item);
    for (size_t i = 0; i < count; i++) {
        const size_t place = place_of(item, ids[i]);
        if (place == item->pictures_count) return STATUS_INVALID_VALUE;
        for (size_t k = 0; k < i; k++)
            if (uuid_equals(ids[k], ids[i])) return STATUS_INVALID_VALUE;
        list[i] = item->pictures[place];
    }
    item->pictures = list;
    return STATUS_OK;
}

const struct catalog_picture *catalog_picture_find(const struct catalog_item *item, struct uuid id)
{
    const size_t place = place_of(item, id);
    return place < item->pictures_count ? &item->pictures[place] : NULL;
}

const struct catalog_picture *catalog_picture_find_file(const struct catalog_item *item,
                                                        struct text digest)
{
    for (size_t i = 0; i < item->pictures_count; i++)
        if (text_equals(item->pictures[i].digest, digest)) return &item->pictures[i];
    return NULL;
}

/* ---- what is shown ---- */

struct text catalog_picture_address(struct arena *arena, struct text digest, int size)
{
    assert(digest.length == CATALOG_PICTURE_DIGEST);
    return text_format(arena, "/media/%.*s/%d.webp", (int)digest.length, digest.data, size);
}

struct text catalog_picture_first(struct arena *arena, const struct catalog_item *item)
{
    if (item->pictures_count == 0) return TEXT("");
    return catalog_picture_address(arena, item->pictures[0].digest, LIST_SIZE);
}

const struct common_picture_size *catalog_picture_sizes(struct arena *arena, struct text digest,
                                                        size_t *ret_count)
{
    struct common_picture_size *list =
        arena_allocate_array(arena, ARRAY_LENGTH(sizes), sizeof *list);
    for (size_t i = 0; i < ARRAY_LENGTH(sizes); i++)
        list[i] =
            (struct common_picture_size){ .url = catalog_picture_address(arena, digest, sizes[i]),
                                          .max = sizes[i] };
    *ret_count = ARRAY_LENGTH(sizes);
    return list;
}

static struct common_shown_picture show(struct arena *arena, const struct catalog_picture *picture)
{
    struct common_shown_picture shown = {
        .has_id = true,
        .id = picture->id,
        .url = catalog_picture_address(arena, picture->digest, sizes[0]),
        .has_width = true,
        .width = picture->width,
        .has_height = true,
        .height = picture->height,
        .has_alt = picture->alt.length > 0,
        .alt = picture->alt,
    };
    shown.sizes = catalog_picture_sizes(arena, picture->digest, &shown.sizes_count);
    return shown;
}

const struct common_shown_picture *
catalog_picture_show(struct arena *arena, const struct catalog_item *item, size_t *ret_count)
{
    const size_t count = item->pictures_count + item->images_count;
    struct common_shown_picture *list = arena_allocate_array(arena, count, sizeof *list);
    for (size_t i = 0; i < item->pictures_count; i++)
        list[i] = show(arena, &item->pictures[i]);
    for (size_t i = 0; i < item->images_count; i++)
        list[item->pictures_count + i] = (struct common_shown_picture){ .url = item->images[i] };
    *ret_count = count;
    return list;
}

const struct text *catalog_picture_addresses(struct arena *arena, const struct catalog_item *item,
                                             size_t *ret_count)
{
    const size_t count = item->pictures_count + item->images_count;
    struct text *list = arena_allocate_array(arena, count, sizeof *list);
    for (size_t i = 0; i < item->pictures_count; i++)
        list[i] = catalog_picture_address(arena, item->pictures[i].digest, sizes[0]);
    for (size_t i = 0; i < item->images_count; i++)
        list[item->pictures_count + i] = item->images[i];
    *ret_count = count;
    return list;
}
