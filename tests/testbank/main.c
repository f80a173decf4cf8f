/* souk-testbank: a card gateway for tests and demonstrations; it moves no money. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/log.h"
#include "tests/testbank/front.h"
#include "tests/testbank/webhooks.h"

enum { EXIT_USAGE = 64, EXIT_NO = 70, PATH_BYTES_MAX = 1024, MILLISECONDS_MAX = 3600 * 1000,
       BEHIND_S_MAX = 30 * 86400 };
static const char key_prefix[] = "sk_test_";

struct options {
    const char *data, *public_url;
    const char *keys[ACCOUNTS_MAX];
    size_t keys_count;
    int64_t port, async_ms, slow_ms, dispute_ms, retry_ms, behind_s;
    bool is_for_tests, wants_help;
};

static const char help[] =
    "souk-testbank --test-mode --port PORT --data DIR --account sk_test_... [--account ...]\n"
    "A card gateway for tests and demonstrations: speaks a part of Stripe's API on 127.0.0.1 and\n"
    "moves no money. Its state is DIR/journal, and survives kill -9.\n"
    "  --test-mode        wanted: without it the program does not start\n"
    "  --port N           where it listens, on 127.0.0.1 only\n"
    "  --data DIR         its folder; made when it is missing\n"
    "  --account KEY      the secret key of an account (sk_test_...); up to 8\n"
    "  --public-url URL   what browsers reach it by (http://127.0.0.1:PORT)\n"
    "  --async-ms N       how long a card that is processed later takes (2000)\n"
    "  --slow-ms N        how long a slow card's answer takes (3000)\n"
    "  --dispute-ms N     how long after a capture a dispute opens (500)\n"
    "  --retry-ms N       before an event is sent again; doubled each time (1000)\n"
    "  --behind-s N       how far its clock is behind the real one (0): for days that are over\n"
    "  --help             this\n";

static const struct option long_options[] = {
    { "test-mode", no_argument, NULL, 't' },
    { "port", required_argument, NULL, 'p' },
    { "data", required_argument, NULL, 'd' },
    { "account", required_argument, NULL, 'k' },
    { "public-url", required_argument, NULL, 'u' },
    { "async-ms", required_argument, NULL, 'a' },
    { "slow-ms", required_argument, NULL, 's' },
    { "dispute-ms", required_argument, NULL, 'x' },
    { "retry-ms", required_argument, NULL, 'r' },
    { "behind-s", required_argument, NULL, 'b' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static bool read_number(const char *text, int64_t min, int64_t max, int64_t *ret_value)
{
    int64_t value;
    if (text_parse_int(text_of(text), &value) != STATUS_OK || value < min || value > max) {
        (void)fprintf(stderr, "souk-testbank: not a number from %lld to %lld: %s\n", (long long)min,
                      (long long)max, text);
        return false;
    }
    *ret_value = value;
    return true;
}

static bool read_key(struct options *options, const char *key)
{
    if (strncmp(key, key_prefix, sizeof key_prefix - 1) != 0 || strlen(key) > ACCOUNT_KEY_MAX ||
        strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
            strlen(key) ||
        options->keys_count == ACCOUNTS_MAX) {
        (void)fprintf(stderr, "souk-testbank: up to %d accounts, each of a key sk_test_...\n",
                      ACCOUNTS_MAX);
        return false;
    }
    options->keys[options->keys_count++] = key;
    return true;
}

static bool read_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case 't':
        options->is_for_tests = true;
        return true;
    case 'p':
        return read_number(value, 1, 65535, &options->port);
    case 'd':
        options->data = value;
        return true;
    case 'k':
        return read_key(options, value);
    case 'u':
        options->public_url = value;
        return strlen(value) < URL_MAX / 2;
    case 'a':
        return read_number(value, 0, MILLISECONDS_MAX, &options->async_ms);
    case 's':
        return read_number(value, 0, MILLISECONDS_MAX, &options->slow_ms);
    case 'x':
        return read_number(value, 0, MILLISECONDS_MAX, &options->dispute_ms);
    case 'r':
        return read_number(value, 1, MILLISECONDS_MAX, &options->retry_ms);
    case 'b':
        return read_number(value, 0, BEHIND_S_MAX, &options->behind_s);
    case 'h':
        options->wants_help = true;
        return true;
    default:
        return false;
    }
}

static bool read_options(struct options *options, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (!read_option(options, option, optarg)) return false;
    }
    if (options->wants_help) return true;
    if (!options->is_for_tests) {
        (void)fputs("souk-testbank: this is no bank. It starts for tests only: --test-mode\n",
                    stderr);
        return false;
    }
    if (optind < argc || options->port == 0 || options->data == NULL || options->keys_count == 0) {
        (void)fputs(help, stderr);
        return false;
    }
    return true;
}

static void on_stop(void *context)
{
    loop_stop(context);
}

static struct command start_of(struct front *front, const struct options *options, char *url,
                               size_t url_size, uint8_t seed[32])
{
    struct rng *rng = loop_rng(front->loop);
    rng->fill(rng->context, seed, 32);
    (void)snprintf(url, url_size, "http://127.0.0.1:%d", (int)options->port);
    struct command start = {
        .kind = COMMAND_START,
        .settings = { .async_us = options->async_ms * 1000,
                      .slow_us = options->slow_ms * 1000,
                      .dispute_us = options->dispute_ms * 1000,
                      .retry_us = options->retry_ms * 1000 },
        .seed = { (const char *)seed, 32 },
        .public_url = text_of(options->public_url != NULL ? options->public_url : url),
    };
    for (size_t i = 0; i < options->keys_count; i++)
        start.keys[i] = text_of(options->keys[i]);
    return start;
}

static bool begin(struct front *front, struct loop *loop, const struct options *options)
{
    char path[PATH_BYTES_MAX], url[64];
    uint8_t seed[32];
    if (mkdir(options->data, 0700) != 0 && errno != EEXIST) return false;
    if (snprintf(path, sizeof path, "%s/journal", options->data) >= (int)sizeof path) return false;
    const enum status status = front_open(front, loop, path);
    if (status != STATUS_OK) {
        log_event(LOG_ERROR, "journal_refused", LOG_STATUS(status), LOG_STRING("path", path));
        return false;
    }
    front->behind_us = options->behind_s * SECONDS_US;
    struct command start = start_of(front, options, url, sizeof url, seed);
    if (front_start(front, &start) != STATUS_OK) return false;
    front->webhooks = webhooks_new(front);
    front->http = http_server_new(loop, front_on_request, front);
    if (http_server_listen(front->http, (int)options->port) != STATUS_OK) {
        log_event(LOG_ERROR, "port_refused", LOG_INT("port", options->port));
        return false;
    }
    log_event(LOG_INFO, "bank_opened", LOG_INT("port", options->port),
              LOG_INT("records", journal_records(front->journal)),
              LOG_INT("torn_bytes", journal_torn_bytes(front->journal)));
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {
        .async_ms = 2000,
        .slow_ms = 3000,
        .dispute_ms = 500,
        .retry_ms = 1000,
    };
    if (!read_options(&options, argc, argv)) return EXIT_USAGE;
    if (options.wants_help) return fputs(help, stdout) < 0;
    log_open("souk-testbank", LOG_INFO);
    struct loop *loop = loop_new();
    static struct front front; /* large, and the only one */
    front.loop = loop;
    const bool has_begun = begin(&front, loop, &options);
    if (has_begun) {
        loop_on_stop_signal(loop, on_stop, loop);
        loop_on_turn_end(loop, front_on_turn_end, &front);
        loop_wake(loop);
        loop_run(loop);
    }
    http_server_destroy(&front.http);
    webhooks_destroy(&front.webhooks);
    front_close(&front);
    loop_destroy(&loop);
    return has_begun ? EXIT_SUCCESS : EXIT_NO;
}
