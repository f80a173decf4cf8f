/* Finds processes by the names of their sockets: NAME-INCARNATION.control. */
#include "storage/listeners.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "runtime/arena.h"
#include "runtime/metrics.h"

enum { FILES_MAX = 4096, INCARNATION_DIGITS = 16 };

/* True if somebody accepts connections there; of a process that is gone the socket's file stays. */
static bool is_alive(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof address.sun_path) return false;
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    const bool is_accepted =
        connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 || errno == EAGAIN;
    (void)close(fd);
    return is_accepted;
}

/* Of "NAME-INCARNATION.control"; 0 of any other name. */
static uint64_t incarnation_in(const char *file)
{
    const char *suffix = strrchr(file, '.');
    if (suffix == NULL || strcmp(suffix, ".control") != 0) return 0;
    if (suffix - file < INCARNATION_DIGITS + 2) return 0;
    const char *digits = suffix - INCARNATION_DIGITS;
    if (digits[-1] != '-' || strspn(digits, "0123456789abcdef") != INCARNATION_DIGITS) return 0;
    return strtoull(digits, NULL, 16);
}

static void ask(struct listener *listener)
{
    /* Version 0 says nothing and asks for a JOIN. */
    static const struct members nobody;
    struct arena *arena = arena_new(1024);
    const struct envelope envelope = { .kind = ENVELOPE_SNAPSHOT,
                                       .body = members_encode(arena, &nobody) };
    if (outbox_add(&listener->outbox, &envelope) != STATUS_OK)
        metric_add(METRIC_ENVELOPES_DROPPED, 1);
    arena_destroy(&arena);
}

static void look_at(struct listeners *listeners, const char *run_dir, const char *file,
                    struct net *net, const struct frame_header *header)
{
    char path[MEMBER_ENDPOINT_MAX], endpoint[MEMBER_ENDPOINT_MAX + 8];
    const uint64_t incarnation = incarnation_in(file);
    if (incarnation == 0 || listeners->count >= MEMBERS_MAX) return;
    const int length = snprintf(path, sizeof path, "%s/%s", run_dir, file);
    if (length < 0 || length >= (int)sizeof path) return;
    if (!is_alive(path)) {
        (void)unlink(path);
        return;
    }
    (void)snprintf(endpoint, sizeof endpoint, "ipc://%s", path);
    struct listener *listener = &listeners->list[listeners->count++];
    listener->incarnation = incarnation;
    listeners->left++;
    outbox_init(&listener->outbox, net, endpoint, header);
    ask(listener);
}

void listeners_ask(struct listeners *listeners, const char *run_dir, struct net *net,
                   const struct frame_header *header)
{
    assert(listeners != NULL);
    assert(run_dir != NULL);
    DIR *directory = opendir(run_dir);
    if (directory == NULL) return;
    const struct dirent *entry;
    for (size_t i = 0; i < FILES_MAX && (entry = readdir(directory)) != NULL; i++)
        look_at(listeners, run_dir, entry->d_name, net, header);
    (void)closedir(directory);
}

bool listeners_flush(struct listeners *listeners)
{
    bool is_blocked = false;
    for (size_t i = 0; i < listeners->count; i++) {
        if (listeners->list[i].incarnation == 0) continue;
        outbox_flush(&listeners->list[i].outbox);
        is_blocked = is_blocked || outbox_is_blocked(&listeners->list[i].outbox);
    }
    return is_blocked;
}

static void forget(struct listeners *listeners, struct listener *listener)
{
    assert(listeners->left > 0);
    outbox_clear(&listener->outbox);
    listener->incarnation = 0;
    listeners->left--;
}

void listeners_answered(struct listeners *listeners, uint64_t incarnation)
{
    assert(incarnation != 0);
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->list[i].incarnation == incarnation) forget(listeners, &listeners->list[i]);
}

void listeners_give_up(struct listeners *listeners)
{
    assert(listeners != NULL);
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->list[i].incarnation != 0) forget(listeners, &listeners->list[i]);
}
