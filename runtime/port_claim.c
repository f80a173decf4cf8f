/* Claims are names of abstract Unix sockets: they end with their process, whatever becomes of it,
 * and are known as far as the ports themselves. */
#include "runtime/port_claim.h"

#include <errno.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum status port_claim(const char *address, uint16_t port, int *ret_fd)
{
    assert(address != NULL);
    assert(ret_fd != NULL);
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    const int length = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "souk/%s/%u", address,
                                (unsigned)port);
    if (length < 0 || length >= (int)sizeof name.sun_path - 1) return STATUS_UNAVAILABLE;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return STATUS_UNAVAILABLE;
    const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
    if (bind(fd, (const struct sockaddr *)&name, size) != 0) {
        const enum status status = errno == EADDRINUSE ? STATUS_CONFLICT : STATUS_UNAVAILABLE;
        (void)close(fd);
        return status;
    }
    *ret_fd = fd;
    return STATUS_OK;
}

bool port_is_free(const char *address, uint16_t port)
{
    assert(address != NULL);
    const struct addrinfo wanted = { .ai_family = AF_UNSPEC,
                                     .ai_socktype = SOCK_STREAM,
                                     .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *found = NULL;
    char service[8];
    const int on = 1;
    (void)snprintf(service, sizeof service, "%u", (unsigned)port);
    if (getaddrinfo(address, service, &wanted, &found) != 0) return false;
    const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Without SO_REUSEPORT nobody's listening socket is shared; with SO_REUSEADDR connections that
     * have ended are not in the way. */
    const bool is_free = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                         bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 1) == 0;
    if (fd >= 0) (void)close(fd);
    freeaddrinfo(found);
    return is_free;
}
