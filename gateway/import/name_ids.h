/* Ids by name, remembered in bounded memory. When it is full everything is forgotten, and the
 * market is asked again: a file has few vendors and categories, so this is rare. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"

enum { NAME_IDS_MAX = 16384, NAME_IDS_BYTES_MAX = 4 << 20 };

struct name_ids;

struct name_ids *name_ids_new(void);
/* Clears the pointer, which may be NULL. */
void name_ids_destroy(struct name_ids **names);
/* True if the name is known; then ret_id is set. */
bool name_ids_find(const struct name_ids *names, struct text name, struct uuid *ret_id);
/* Remembers a copy of the name, or its new id. */
void name_ids_add(struct name_ids *names, struct text name, struct uuid id);
