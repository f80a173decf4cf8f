/* The rules of coming and going. */
#include "storage/member_table.h"

#include <stdio.h>
#include <string.h>

void member_table_init(struct member_table *table, const struct members *configured,
                       uint64_t version)
{
    assert(table != NULL);
    assert(configured->count <= MEMBERS_MAX);
    *table = (struct member_table){ .members = { .version = version } };
    for (size_t i = 0; i < configured->count; i++) {
        const struct member *from = &configured->list[i];
        if (from->kind != MEMBER_NODE && from->kind != MEMBER_GATEWAY) continue;
        struct member *member = &table->members.list[table->members.count++];
        *member = *from;
        member->incarnation = 0;
        member->is_ready = false;
    }
    table->configured_count = table->members.count;
}

/* ---- coming ---- */

static bool is_socket_in(const char *endpoint, const char *run_dir, const char *name)
{
    char prefix[MEMBER_ENDPOINT_MAX + 1];
    const int length = snprintf(prefix, sizeof prefix, "ipc://%s/%s-", run_dir, name);
    if (length < 0 || length >= (int)sizeof prefix) return false;
    return strncmp(endpoint, prefix, (size_t)length) == 0 && strchr(endpoint + length, '/') == NULL;
}

bool member_has_sockets_in(const struct member *member, const char *run_dir)
{
    assert(member != NULL);
    assert(run_dir != NULL);
    return is_socket_in(member->data_endpoint, run_dir, member->name) &&
           is_socket_in(member->control_endpoint, run_dir, member->name);
}

/* A place for a client that is new here; MEMBERS_MAX when there are too many. */
static size_t add_client(struct member_table *table, const struct member *joined)
{
    struct members *members = &table->members;
    /* Its name must not be one that a node or a gateway may be given later. */
    if (strncmp(joined->name, "client-", 7) != 0) return MEMBERS_MAX;
    if (members->count >= MEMBERS_MAX) return MEMBERS_MAX;
    if (members->count - table->configured_count >= MEMBER_CLIENTS_MAX) return MEMBERS_MAX;
    struct member *member = &members->list[members->count];
    *member = (struct member){ .kind = MEMBER_CLIENT };
    memcpy(member->name, joined->name, sizeof member->name);
    return members->count++;
}

static size_t place_of(struct member_table *table, const struct member *joined)
{
    for (size_t i = 0; i < table->members.count; i++) {
        const struct member *member = &table->members.list[i];
        if (strcmp(member->name, joined->name) == 0)
            return member->kind == joined->kind ? i : MEMBERS_MAX;
    }
    return joined->kind == MEMBER_CLIENT ? add_client(table, joined) : MEMBERS_MAX;
}

enum member_joining member_table_join(struct member_table *table, const struct member *joined,
                                      int64_t now_us, size_t *ret_place)
{
    assert(table != NULL);
    assert(joined != NULL);
    assert(joined->incarnation != 0);
    const size_t place = place_of(table, joined);
    if (place == MEMBERS_MAX) return MEMBER_REFUSED;
    struct member *member = &table->members.list[place];
    if (joined->incarnation < member->incarnation) return MEMBER_OUTDATED;
    const bool is_reborn = joined->incarnation != member->incarnation;
    const bool is_repeated = !is_reborn && joined->is_ready == member->is_ready;
    table->lives[place] = (struct member_life){ .heard_us = now_us, .joined_us = now_us };
    *ret_place = place;
    if (is_repeated) return MEMBER_REPEATED;
    *member = *joined;
    table->is_changed = true;
    return is_reborn ? MEMBER_REBORN : MEMBER_CHANGED;
}

size_t member_table_find(const struct member_table *table, struct text name, uint64_t incarnation)
{
    assert(table != NULL);
    for (size_t i = 0; i < table->members.count; i++) {
        const struct member *member = &table->members.list[i];
        if (member->incarnation == incarnation && text_equals_string(name, member->name)) return i;
    }
    return MEMBERS_MAX;
}

void member_table_hear(struct member_table *table, struct text name, uint64_t incarnation,
                       int64_t now_us)
{
    assert(table != NULL);
    const size_t place = member_table_find(table, name, incarnation);
    if (place != MEMBERS_MAX) table->lives[place].heard_us = now_us;
}

/* ---- going ---- */

void member_table_forgive(struct member_table *table, int64_t absence_us)
{
    assert(table != NULL);
    assert(absence_us >= 0);
    for (size_t i = 0; i < table->members.count; i++) {
        table->lives[i].heard_us += absence_us;
        table->lives[i].joined_us += absence_us;
    }
}

/* A client answers for itself alone, so only its JOINs count: they say that it still wants the
 * market. */
static bool is_dead(const struct member *member, const struct member_life *life, int64_t now_us)
{
    if (member->incarnation == 0) return false;
    if (member->kind == MEMBER_CLIENT) return now_us - life->joined_us >= MEMBER_CLIENT_DEAD_US;
    return now_us - life->heard_us >= MEMBER_DEAD_US;
}

size_t member_table_find_dead(const struct member_table *table, size_t end, int64_t now_us)
{
    assert(table != NULL);
    const size_t count = table->members.count;
    for (size_t i = end < count ? end : count; i > 0; i--)
        if (is_dead(&table->members.list[i - 1], &table->lives[i - 1], now_us)) return i - 1;
    return MEMBERS_MAX;
}

static size_t drop_client(struct member_table *table, size_t place)
{
    struct members *members = &table->members;
    const size_t last = --members->count;
    members->list[place] = members->list[last];
    table->lives[place] = table->lives[last];
    members->list[last] = (struct member){ 0 };
    table->lives[last] = (struct member_life){ 0 };
    return last;
}

size_t member_table_bury(struct member_table *table, size_t place)
{
    assert(table != NULL);
    assert(place < table->members.count);
    struct member *member = &table->members.list[place];
    table->is_changed = true;
    if (member->kind == MEMBER_CLIENT) return drop_client(table, place);
    member->incarnation = 0;
    member->is_ready = false;
    return place;
}

bool member_table_renew(struct member_table *table)
{
    assert(table != NULL);
    if (!table->is_changed) return false;
    table->members.version++;
    table->is_changed = false;
    return true;
}
