/* The membership snapshot as bytes, look-ups in it, and the key files that let a process into the
 * mesh. */
#include "runtime/members.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/arena.h"
#include "runtime/wire.h"

enum {
    MEMBER_FIELDS = 9,
    MEMBER_BYTES_MAX = 320,
    MEMBERS_FIELDS = 3,
    MEMBERS_FORMAT = 1,
    SHARD_LAST = 63,
    KEY_BYTES = 32,
    KEY_PATH_MAX = 512,
    KEYS_WAIT_TRIES = 100,
    KEYS_WAIT_US = 100000,
};

static_assert(MEMBER_BYTES_MAX >= MEMBER_NAME_MAX + 2 * MEMBER_ENDPOINT_MAX + 32, "a member fits");

/* ---- bytes ---- */

static void member_put(struct wire_writer *wire, const struct member *member)
{
    wire_put_array(wire, MEMBER_FIELDS);
    wire_put_text(wire, text_of(member->name));
    wire_put_uint(wire, member->kind);
    wire_put_uint(wire, member->incarnation);
    wire_put_text(wire, text_of(member->data_endpoint));
    wire_put_text(wire, text_of(member->control_endpoint));
    wire_put_uint(wire, member->domains);
    wire_put_uint(wire, member->shard_first);
    wire_put_uint(wire, member->shard_last);
    wire_put_bool(wire, member->is_ready);
}

static void member_read_string(struct wire_reader *wire, char *ret_string, size_t max)
{
    const struct text text = wire_read_text(wire, max);
    if (text.length > 0 && memchr(text.data, 0, text.length) != NULL) {
        wire->is_bad = true;
        return;
    }
    if (text.length > 0) memcpy(ret_string, text.data, text.length);
    ret_string[text.length] = '\0';
}

static void member_read(struct wire_reader *wire, struct member *member)
{
    *member = (struct member){ 0 };
    wire_read_array(wire, MEMBER_FIELDS);
    member_read_string(wire, member->name, MEMBER_NAME_MAX);
    member->kind = (enum member_kind)wire_read_uint(wire, MEMBER_CLIENT);
    member->incarnation = wire_read_uint(wire, UINT64_MAX);
    member_read_string(wire, member->data_endpoint, MEMBER_ENDPOINT_MAX);
    member_read_string(wire, member->control_endpoint, MEMBER_ENDPOINT_MAX);
    member->domains = (uint32_t)wire_read_uint(wire, UINT32_MAX);
    member->shard_first = (uint8_t)wire_read_uint(wire, SHARD_LAST);
    member->shard_last = (uint8_t)wire_read_uint(wire, SHARD_LAST);
    member->is_ready = wire_read_bool(wire);
    if (member->name[0] == '\0' || member->kind == 0) wire->is_bad = true;
}

struct text members_encode(struct arena *arena, const struct members *members)
{
    assert(arena != NULL);
    assert(members != NULL);
    assert(members->count <= MEMBERS_MAX);
    const size_t capacity = 32 + members->count * MEMBER_BYTES_MAX;
    struct wire_writer wire = { .data = arena_allocate(arena, capacity), .capacity = capacity };
    wire_put_array(&wire, MEMBERS_FIELDS);
    wire_put_uint(&wire, MEMBERS_FORMAT);
    wire_put_uint(&wire, members->version);
    wire_put_uint(&wire, members->count);
    for (size_t i = 0; i < members->count; i++)
        member_put(&wire, &members->list[i]);
    assert(!wire.is_full);
    return (struct text){ wire.data, wire.length };
}

enum status members_decode(struct text bytes, struct members *ret_members)
{
    assert(ret_members != NULL);
    /* Checked as a whole before anything is touched: a reader and one member are small, a list is
     * not. */
    for (int pass = 0; pass < 2; pass++) {
        struct wire_reader wire = { .data = (const unsigned char *)bytes.data,
                                    .length = bytes.length };
        wire_read_array(&wire, MEMBERS_FIELDS);
        if (wire_read_uint(&wire, UINT8_MAX) != MEMBERS_FORMAT) return STATUS_CORRUPT;
        const uint64_t version = wire_read_uint(&wire, UINT64_MAX);
        const size_t count = (size_t)wire_read_uint(&wire, MEMBERS_MAX);
        for (size_t i = 0; i < count && !wire.is_bad; i++) {
            struct member member;
            member_read(&wire, &member);
            if (pass == 1) ret_members->list[i] = member;
        }
        if (wire.is_bad || wire.position != wire.length) return STATUS_CORRUPT;
        if (pass == 0) continue;
        ret_members->version = version;
        ret_members->count = count;
    }
    return STATUS_OK;
}

struct text member_encode(struct arena *arena, const struct member *member)
{
    assert(arena != NULL);
    assert(member != NULL);
    struct wire_writer wire = { .data = arena_allocate(arena, MEMBER_BYTES_MAX),
                                .capacity = MEMBER_BYTES_MAX };
    member_put(&wire, member);
    assert(!wire.is_full);
    return (struct text){ wire.data, wire.length };
}

enum status member_decode(struct text bytes, struct member *ret_member)
{
    assert(ret_member != NULL);
    struct wire_reader wire = { .data = (const unsigned char *)bytes.data, .length = bytes.length };
    struct member member;
    member_read(&wire, &member);
    if (wire.is_bad || wire.position != wire.length) return STATUS_CORRUPT;
    *ret_member = member;
    return STATUS_OK;
}

/* ---- look-ups ---- */

const struct member *members_owner(const struct members *members, unsigned domain, unsigned shard)
{
    assert(members != NULL);
    if (domain >= 32) return NULL;
    for (size_t i = 0; i < members->count; i++) {
        const struct member *member = &members->list[i];
        if (member->kind != MEMBER_NODE || member->incarnation == 0 || !member->is_ready) continue;
        if ((member->domains & (uint32_t)1 << domain) == 0) continue;
        if (shard >= member->shard_first && shard <= member->shard_last) return member;
    }
    return NULL;
}

const struct member *members_find(const struct members *members, struct text name)
{
    assert(members != NULL);
    for (size_t i = 0; i < members->count; i++)
        if (text_equals_string(name, members->list[i].name)) return &members->list[i];
    return NULL;
}

/* ---- keys ---- */

static bool key_path(const char *data_dir, const char *name, char ret_path[KEY_PATH_MAX])
{
    const int length = snprintf(ret_path, KEY_PATH_MAX, "%s/keys/%s.key", data_dir, name);
    return length > 0 && length < KEY_PATH_MAX;
}

static enum status key_load(const char *data_dir, const char *name, uint8_t ret_key[KEY_BYTES])
{
    char path[KEY_PATH_MAX];
    if (!key_path(data_dir, name, path)) return STATUS_NOT_FOUND;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return STATUS_NOT_FOUND;
    struct stat information;
    uint8_t bytes[KEY_BYTES + 1];
    const bool is_stat_read = fstat(fd, &information) == 0;
    const ssize_t length = read(fd, bytes, sizeof bytes);
    (void)close(fd);
    enum status status = STATUS_OK;
    if (!is_stat_read || (information.st_mode & 077) != 0)
        status = STATUS_FORBIDDEN;
    else if (length != KEY_BYTES)
        status = STATUS_CORRUPT;
    else
        memcpy(ret_key, bytes, KEY_BYTES);
    sodium_memzero(bytes, sizeof bytes);
    return status;
}

enum status mesh_keys_load(const char *data_dir, struct mesh_keys *ret_keys)
{
    assert(data_dir != NULL);
    assert(ret_keys != NULL);
    struct mesh_keys keys;
    TRY(key_load(data_dir, "mesh", keys.mesh));
    TRY(key_load(data_dir, "operator", keys.operator_));
    TRY(key_load(data_dir, "principal", keys.principal));
    *ret_keys = keys;
    sodium_memzero(&keys, sizeof keys);
    return STATUS_OK;
}

enum status mesh_keys_wait(const char *data_dir, struct mesh_keys *ret_keys)
{
    enum status status = mesh_keys_load(data_dir, ret_keys);
    for (unsigned i = 0; i < KEYS_WAIT_TRIES && status == STATUS_NOT_FOUND; i++) {
        (void)usleep(KEYS_WAIT_US);
        status = mesh_keys_load(data_dir, ret_keys);
    }
    return status;
}

/* Writes beside the final name and links it there, so that a reader never sees half a key and a key
 * that exists is never replaced. */
static enum status key_make(const char *data_dir, const char *name, const struct rng *rng)
{
    char path[KEY_PATH_MAX], fresh_path[KEY_PATH_MAX + 32];
    if (!key_path(data_dir, name, path)) return STATUS_UNAVAILABLE;
    if (access(path, F_OK) == 0) return STATUS_OK;
    (void)snprintf(fresh_path, sizeof fresh_path, "%s.%ld", path, (long)getpid());
    (void)unlink(fresh_path);
    const int fd = open(fresh_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return STATUS_UNAVAILABLE;
    uint8_t key[KEY_BYTES];
    rng->fill(rng->context, key, sizeof key);
    bool is_written = write(fd, key, sizeof key) == KEY_BYTES;
    sodium_memzero(key, sizeof key);
    is_written = fsync(fd) == 0 && is_written;
    is_written = close(fd) == 0 && is_written;
    if (is_written && link(fresh_path, path) != 0 && errno != EEXIST) is_written = false;
    (void)unlink(fresh_path);
    return is_written ? STATUS_OK : STATUS_UNAVAILABLE;
}

enum status mesh_keys_make(const char *data_dir, const struct rng *rng)
{
    assert(data_dir != NULL);
    assert(rng != NULL);
    char path[KEY_PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/keys", data_dir);
    if (length < 0 || length >= (int)sizeof path) return STATUS_UNAVAILABLE;
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return STATUS_UNAVAILABLE;
    TRY(key_make(data_dir, "mesh", rng));
    TRY(key_make(data_dir, "operator", rng));
    return key_make(data_dir, "principal", rng);
}
