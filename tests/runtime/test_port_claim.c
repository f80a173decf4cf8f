/* One market per address and port, and nobody beside it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/port_claim.h"
#include "tests/support/cmocka.h"

static const char ADDRESS[] = "127.0.0.1";

/* A socket that listens, as a gateway's does, on a port that the kernel chooses, or on that one. */
static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in name = { .sin_family = AF_INET,
                                .sin_port = htons(*port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof name;
    const int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&name, sizeof name), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    *port = ntohs(name.sin_port);
    return fd;
}

static void a_port_is_claimed_once(void **state)
{
    (void)state;
    int first = -1, second = -1, other = -1;
    assert_int_equal(port_claim(ADDRESS, 1, &first), STATUS_OK);
    assert_int_equal(port_claim(ADDRESS, 1, &second), STATUS_CONFLICT);
    assert_int_equal(second, -1);
    assert_int_equal(port_claim(ADDRESS, 11, &other), STATUS_OK);
    (void)close(other);
    assert_int_equal(port_claim("127.0.0.2", 1, &other), STATUS_OK);
    (void)close(other);
    (void)close(first);
    assert_int_equal(port_claim(ADDRESS, 1, &second), STATUS_OK);
    (void)close(second);
}

static void a_claim_ends_with_its_process(void **state)
{
    (void)state;
    int fd = -1, status = 0;
    const pid_t child = fork();
    if (child == 0) _exit(port_claim(ADDRESS, 2, &fd) == STATUS_OK ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(port_claim(ADDRESS, 2, &fd), STATUS_OK);
    (void)close(fd);
}

static void a_port_is_not_free_while_somebody_listens_even_if_it_could_be_shared(void **state)
{
    (void)state;
    uint16_t port = 0;
    const int first = listen_somewhere(&port);
    assert_false(port_is_free(ADDRESS, port));
    const int second = listen_somewhere(&port); /* what the kernel allows */
    (void)close(first);
    assert_false(port_is_free(ADDRESS, port));
    (void)close(second);
    assert_true(port_is_free(ADDRESS, port));
    assert_true(port_is_free(ADDRESS, port)); /* to look at it leaves nothing behind */
}

static void a_port_is_free_although_connections_have_just_ended(void **state)
{
    (void)state;
    uint16_t port = 0;
    const int listener = listen_somewhere(&port);
    struct sockaddr_in name = { .sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client, (const struct sockaddr *)&name, sizeof name), 0);
    const int server = accept(listener, NULL, NULL);
    char byte;
    (void)close(server); /* first, so that its end is the one that lingers */
    assert_int_equal(read(client, &byte, 1), 0);
    (void)close(client);
    (void)close(listener);
    assert_true(port_is_free(ADDRESS, port));
}

static void an_address_that_is_not_ours_is_not_free(void **state)
{
    (void)state;
    assert_false(port_is_free("192.0.2.1", 8443));
    assert_false(port_is_free("no address", 8443));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_port_is_claimed_once),
        cmocka_unit_test(a_claim_ends_with_its_process),
        cmocka_unit_test(a_port_is_not_free_while_somebody_listens_even_if_it_could_be_shared),
        cmocka_unit_test(a_port_is_free_although_connections_have_just_ended),
        cmocka_unit_test(an_address_that_is_not_ours_is_not_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
