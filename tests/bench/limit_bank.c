/* Limit line of checkouts by card: connections that each make the two calls of a checkout at a test
 * bank, with the fields that the market sends (actors/payment/stripe_write.c): a payment is created
 * and confirmed, then captured, with a key each, one after the other. Prints payments, seconds, and
 * milliseconds of the median and the 99th percentile. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, PAYMENTS_MAX = 100000, ANSWER_MAX = 64 * 1024, REQUEST_MAX = 2048 };
enum { ID_LENGTH = 27 /* pi_ and 24 characters */ };

struct payer {
    pthread_t thread;
    int socket, number, port;
    int64_t until_us;
    size_t count;
    const char *key;
    int32_t *took_us; /* of each payment */
    char answer[ANSWER_MAX];
};

static void give_up(const char *what)
{
    (void)fprintf(stderr, "limit_bank: %s\n", what);
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Reads until the length that the head says is there. */
static void read_answer(struct payer *payer)
{
    size_t length = 0;
    for (;;) {
        const ssize_t part =
            recv(payer->socket, payer->answer + length, ANSWER_MAX - 1 - length, 0);
        if (part <= 0) give_up("the bank hung up");
        length += (size_t)part;
        payer->answer[length] = '\0';
        const char *end = strstr(payer->answer, "\r\n\r\n");
        const char *size = strstr(payer->answer, "content-length: ");
        if (end == NULL || size == NULL) continue;
        const size_t body = strtoul(size + strlen("content-length: "), NULL, 10);
        if (length >= (size_t)(end - payer->answer) + 4 + body) return;
    }
}

static void ask(struct payer *payer, const char *path, const char *form, char step)
{
    char request[REQUEST_MAX];
    const int length =
        snprintf(request, sizeof request,
                 "POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\n"
                 "authorization: Bearer %s\r\nidempotency-key: %d-%zu-%c\r\n"
                 "content-type: application/x-www-form-urlencoded\r\n"
                 "content-length: %zu\r\n\r\n%s",
                 path, payer->key, payer->number, payer->count, step, strlen(form), form);
    if (length >= REQUEST_MAX || send(payer->socket, request, (size_t)length, 0) != length) {
        give_up("cannot send");
    }
    read_answer(payer);
    if (strncmp(payer->answer, "HTTP/1.1 200", 12) != 0) give_up(payer->answer);
}

static void pay(struct payer *payer)
{
    char path[128];
    ask(payer, "/v1/payment_intents",
        "amount=1999&currency=eur&capture_method=manual&confirm=true&payment_method=pm_ok"
        "&payment_method_types%5B0%5D=card&return_url=https%3A%2F%2Fshop.example%2Fpaid"
        "&description=og_01h455vb4pex5vsknk084sn02q"
        "&metadata%5Bsouk_payment%5D=pay_01h455vb4pex5vsknk084sn02q"
        "&expand%5B0%5D=latest_charge",
        'a');
    const char *id = strstr(payer->answer, "\"id\":\"pi_");
    if (id == NULL) give_up("no id");
    id += strlen("\"id\":\"");
    char intent[ID_LENGTH + 1];
    memcpy(intent, id, ID_LENGTH);
    intent[ID_LENGTH] = '\0';
    (void)snprintf(path, sizeof path, "/v1/payment_intents/%s/capture", intent);
    ask(payer, path, "amount_to_capture=1999&expand%5B0%5D=latest_charge", 'b');
}

static void *run(void *argument)
{
    struct payer *payer = argument;
    while (payer->count < PAYMENTS_MAX) {
        const int64_t start_us = now_us();
        if (start_us >= payer->until_us) break;
        pay(payer);
        payer->took_us[payer->count++] = (int32_t)(now_us() - start_us);
    }
    return NULL;
}

static void start(struct payer *payer)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons((uint16_t)payer->port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    const int on = 1;
    payer->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    payer->took_us = calloc(PAYMENTS_MAX, sizeof *payer->took_us);
    if (payer->took_us == NULL || payer->socket < 0 ||
        connect(payer->socket, (const struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(payer->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        pthread_create(&payer->thread, NULL, run, payer) != 0) {
        give_up("cannot start");
    }
}

static int compare(const void *a, const void *b)
{
    const int32_t first = *(const int32_t *)a, second = *(const int32_t *)b;
    return (first > second) - (first < second);
}

int main(int argc, char **argv)
{
    if (argc != 5) give_up("usage: limit_bank PORT KEY CONNECTIONS SECONDS");
    const long connections = strtol(argv[3], NULL, 10), seconds = strtol(argv[4], NULL, 10);
    if (connections < 1 || connections > CONNECTIONS_MAX || seconds < 1) give_up("out of range");
    static struct payer payers[CONNECTIONS_MAX];
    const int64_t start_us = now_us();
    for (int i = 0; i < connections; i++) {
        payers[i].number = i;
        payers[i].port = (int)strtol(argv[1], NULL, 10);
        payers[i].key = argv[2];
        payers[i].until_us = start_us + seconds * 1000000;
        start(&payers[i]);
    }
    size_t count = 0;
    int32_t *took_us = NULL;
    for (int i = 0; i < connections; i++) {
        pthread_join(payers[i].thread, NULL);
        took_us = realloc(took_us, (count + payers[i].count + 1) * sizeof *took_us);
        if (took_us == NULL) give_up("no memory");
        memcpy(took_us + count, payers[i].took_us, payers[i].count * sizeof *took_us);
        count += payers[i].count;
        close(payers[i].socket);
        free(payers[i].took_us);
    }
    if (count == 0) give_up("nothing was paid");
    qsort(took_us, count, sizeof *took_us, compare);
    printf("%zu %.3f %.2f %.2f\n", count, (double)(now_us() - start_us) / 1e6,
           took_us[count / 2] / 1e3, took_us[count * 99 / 100] / 1e3);
    free(took_us);
    return 0;
}
