/* The test bank, a program of its own, and the stage beside it. */
#include "tests/actors/payment/own_bank.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t bank_process;
static int bank_at;
static char data[] = "/tmp/souk-test-bank-XXXXXX";

static int free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    const int one = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(one >= 0);
    assert_int_equal(bind(one, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(one, (struct sockaddr *)&address, &length), 0);
    close(one);
    return ntohs(address.sin_port);
}

static int reach_bank(void)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)bank_at),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(connection >= 0);
    if (connect(connection, (const struct sockaddr *)&address, sizeof address) == 0)
        return connection;
    close(connection);
    return -1;
}

const char *ask_bank(const char *method, const char *path, const char *form)
{
    static char bytes[64 * 1024];
    const int connection = reach_bank();
    assert_true(connection >= 0);
    const int length = snprintf(bytes, sizeof bytes,
                                "%s %s HTTP/1.1\r\nHost: bank\r\nConnection: close\r\n"
                                "Authorization: Bearer " SECRET "\r\nContent-Length: %zu\r\n"
                                "Content-Type: application/x-www-form-urlencoded\r\n\r\n%s",
                                method, path, strlen(form), form);
    assert_int_equal(write(connection, bytes, (size_t)length), length);
    size_t got = 0;
    for (;;) {
        const ssize_t more = read(connection, bytes + got, sizeof bytes - 1 - got);
        if (more <= 0) break;
        got += (size_t)more;
    }
    bytes[got] = '\0';
    close(connection);
    return bytes;
}

int own_bank_open(const char *behind_s)
{
    char port[8];
    if (mkdtemp(data) == NULL) return -1;
    bank_at = free_port();
    (void)snprintf(port, sizeof port, "%d", bank_at);
    bank_process = fork();
    if (bank_process == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void)execl(TESTBANK, TESTBANK, "--test-mode", "--port", port, "--data", data, "--account",
                    SECRET, "--async-ms", "300", "--behind-s", behind_s, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < TRIES_MAX; i++) {
        const int connection = reach_bank();
        if (connection >= 0) {
            close(connection);
            payment_stage_open_at(bank_at);
            return 0;
        }
        (void)usleep(PAUSE_US);
    }
    return -1;
}

int own_bank_close(void **state)
{
    char journal[64];
    (void)payment_stage_close(state);
    (void)kill(bank_process, SIGTERM);
    (void)waitpid(bank_process, NULL, 0);
    (void)snprintf(journal, sizeof journal, "%s/journal", data);
    (void)unlink(journal);
    (void)rmdir(data);
    return 0;
}
