/* Names of files, and the way to whichever store there is. */
#include "gateway/picture/picture_store.h"

#include <stdio.h>

bool picture_is_digest(struct text text)
{
    if (text.length != PICTURE_DIGEST_TEXT) return false;
    for (size_t i = 0; i < text.length; i++) {
        const char c = text.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return true;
}

bool picture_is_size(int64_t size)
{
    for (size_t i = 0; i < PICTURE_SIZES; i++)
        if (picture_sizes[i] == size) return true;
    return false;
}

void picture_file_name(const struct picture_file *file, char ret_name[PICTURE_NAME_MAX])
{
    assert(picture_is_digest(file->digest));
    assert(picture_is_size(file->size));
    const char *area = file->area == PICTURE_AREA_PUBLIC ? "public" : "private";
    /* 256 folders, so that none has too many entries. */
    (void)snprintf(ret_name, PICTURE_NAME_MAX, "%s/%.2s/%.*s-%d.webp", area, file->digest.data,
                   (int)file->digest.length, file->digest.data, file->size);
}

enum status picture_store_put(struct picture_store *store, const struct picture_file *file,
                              struct text bytes)
{
    char name[PICTURE_NAME_MAX];
    picture_file_name(file, name);
    return store->kind->put(store, name, bytes);
}

enum status picture_store_get(struct picture_store *store, const struct picture_file *file,
                              struct arena *arena, struct text *ret_bytes)
{
    char name[PICTURE_NAME_MAX];
    picture_file_name(file, name);
    return store->kind->get(store, name, arena, ret_bytes);
}

enum status picture_store_remove(struct picture_store *store, const struct picture_file *file)
{
    char name[PICTURE_NAME_MAX];
    picture_file_name(file, name);
    return store->kind->remove(store, name);
}

void picture_store_destroy(struct picture_store **store)
{
    if (*store == NULL) return;
    (*store)->kind->destroy(*store);
    *store = NULL;
}
