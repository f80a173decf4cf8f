/* The provider of the tests. */
#include "tests/actors/payment/fake_bank.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 8192, ANSWERS_MAX = 16 };

struct bank {
    int listener;
    int port;
    pthread_t thread;
    pthread_mutex_t lock;
    bool is_closing;
    struct bank_answer answers[ANSWERS_MAX];
    size_t answers_count, answered;
    struct bank_request requests[BANK_REQUESTS_MAX];
    size_t requests_count;
    struct bank_answer pages[ANSWERS_MAX];
    size_t pages_count, pages_read;
    char report_path[256];
};

static void copy_field(const char *head, const char *name, char *ret_value, size_t size)
{
    const char *at = strcasestr(head, name);
    ret_value[0] = '\0';
    if (at == NULL) return;
    at += strlen(name);
    const size_t length = strcspn(at, "\r\n");
    (void)snprintf(ret_value, size, "%.*s", (int)length, at);
}

/* Reads one request; false: there is none. */
static bool read_request(int connection, struct bank_request *request)
{
    static char bytes[HEAD_MAX + 1];
    size_t length = 0;
    char *end = NULL;
    while (end == NULL && length < HEAD_MAX) {
        const ssize_t got = read(connection, bytes + length, HEAD_MAX - length);
        if (got <= 0) return false;
        length += (size_t)got;
        bytes[length] = '\0';
        end = strstr(bytes, "\r\n\r\n");
    }
    if (end == NULL) return false;
    char size_text[16];
    copy_field(bytes, "\r\nContent-Length: ", size_text, sizeof size_text);
    copy_field(bytes, "\r\nIdempotency-Key: ", request->key, sizeof request->key);
    const size_t body_length = strtoul(size_text, NULL, 10);
    const size_t begin = (size_t)(end + 4 - bytes);
    while (length < begin + body_length && length < HEAD_MAX) {
        const ssize_t got = read(connection, bytes + length, HEAD_MAX - length);
        if (got <= 0) return false;
        length += (size_t)got;
        bytes[length] = '\0';
    }
    (void)snprintf(request->body, sizeof request->body, "%s", bytes + begin);
    return sscanf(bytes, "%7s %255s", request->method, request->path) == 2;
}

static struct bank_answer next_page(struct bank *bank, const struct bank_request *request)
{
    struct bank_answer answer = { 500, "{}" };
    pthread_mutex_lock(&bank->lock);
    const size_t at = bank->pages_read++;
    if (bank->pages_count > 0)
        answer = bank->pages[at < bank->pages_count ? at : bank->pages_count - 1];
    (void)snprintf(bank->report_path, sizeof bank->report_path, "%s", request->path);
    pthread_mutex_unlock(&bank->lock);
    return answer;
}

static struct bank_answer next_answer(struct bank *bank, const struct bank_request *request)
{
    static const char report[] = "/v1/balance_transactions";
    if (strncmp(request->path, report, sizeof report - 1) == 0) return next_page(bank, request);
    pthread_mutex_lock(&bank->lock);
    if (bank->requests_count < BANK_REQUESTS_MAX) bank->requests[bank->requests_count++] = *request;
    struct bank_answer answer = { 500, "{}" };
    if (bank->answers_count > 0) answer = bank->answers[bank->answered];
    if (bank->answered + 1 < bank->answers_count) bank->answered++;
    pthread_mutex_unlock(&bank->lock);
    return answer;
}

static void serve(struct bank *bank, int connection)
{
    struct bank_request request = { .method = "" };
    if (!read_request(connection, &request)) return;
    const struct bank_answer answer = next_answer(bank, &request);
    if (answer.code == 0) return;
    char head[256];
    const int length = snprintf(head, sizeof head,
                                "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
                                "Connection: close\r\nContent-Length: %zu\r\n\r\n",
                                answer.code, strlen(answer.body));
    if (write(connection, head, (size_t)length) < 0) return;
    if (write(connection, answer.body, strlen(answer.body)) < 0) return;
}

static void *run(void *argument)
{
    struct bank *bank = argument;
    for (;;) {
        const int connection = accept(bank->listener, NULL, NULL);
        pthread_mutex_lock(&bank->lock);
        const bool is_closing = bank->is_closing;
        pthread_mutex_unlock(&bank->lock);
        if (is_closing || connection < 0) {
            if (connection >= 0) close(connection);
            return NULL;
        }
        serve(bank, connection);
        close(connection);
    }
}

struct bank *bank_open(void)
{
    struct bank *bank = calloc(1, sizeof *bank);
    assert(bank != NULL);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    bank->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert(bank->listener >= 0);
    if (bind(bank->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(bank->listener, 16) != 0 ||
        getsockname(bank->listener, (struct sockaddr *)&address, &length) != 0)
        abort();
    bank->port = ntohs(address.sin_port);
    pthread_mutex_init(&bank->lock, NULL);
    if (pthread_create(&bank->thread, NULL, run, bank) != 0) abort();
    return bank;
}

void bank_close(struct bank **bank)
{
    struct bank *closing = *bank;
    pthread_mutex_lock(&closing->lock);
    closing->is_closing = true;
    pthread_mutex_unlock(&closing->lock);
    shutdown(closing->listener, SHUT_RDWR);
    pthread_join(closing->thread, NULL);
    close(closing->listener);
    pthread_mutex_destroy(&closing->lock);
    free(closing);
    *bank = NULL;
}

int bank_port(const struct bank *bank)
{
    return bank->port;
}

void bank_lay_out(struct bank *bank, const struct bank_answer *answers, size_t count)
{
    assert(count <= ANSWERS_MAX);
    pthread_mutex_lock(&bank->lock);
    memcpy(bank->answers, answers, count * sizeof *answers);
    bank->answers_count = count;
    bank->answered = bank->requests_count = 0;
    pthread_mutex_unlock(&bank->lock);
}

void bank_lay_out_report(struct bank *bank, const struct bank_answer *answers, size_t count)
{
    assert(count <= ANSWERS_MAX);
    pthread_mutex_lock(&bank->lock);
    memcpy(bank->pages, answers, count * sizeof *answers);
    bank->pages_count = count;
    bank->pages_read = 0;
    pthread_mutex_unlock(&bank->lock);
}

size_t bank_reports(struct bank *bank, char ret_path[256])
{
    pthread_mutex_lock(&bank->lock);
    const size_t count = bank->pages_read;
    memcpy(ret_path, bank->report_path, sizeof bank->report_path);
    pthread_mutex_unlock(&bank->lock);
    return count;
}

size_t bank_requests(struct bank *bank)
{
    pthread_mutex_lock(&bank->lock);
    const size_t count = bank->requests_count;
    pthread_mutex_unlock(&bank->lock);
    return count;
}

const struct bank_request *bank_request_at(struct bank *bank, size_t number)
{
    pthread_mutex_lock(&bank->lock);
    assert(number < bank->requests_count);
    const struct bank_request *request = &bank->requests[number];
    pthread_mutex_unlock(&bank->lock);
    return request;
}
