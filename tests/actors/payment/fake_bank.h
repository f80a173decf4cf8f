/* A provider for tests: a thread that takes one request after the other on loopback, remembers it,
 * and answers what the test has laid out. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { BANK_REQUESTS_MAX = 64, BANK_BODY_MAX = 2048 };

struct bank_request {
    char method[8], path[256], key[64], body[BANK_BODY_MAX];
};

/* code 0: the connection is closed without a word. */
struct bank_answer {
    int code;
    const char *body;
};

struct bank;
struct bank *bank_open(void);
void bank_close(struct bank **bank);
int bank_port(const struct bank *bank);
/* What comes next, in order; after the last one, each request gets the last one again. */
void bank_lay_out(struct bank *bank, const struct bank_answer *answers, size_t count);
/* The same of its report: what is asked of /v1/balance_transactions is answered so, and by nothing
 * else; it does not count among the requests. */
void bank_lay_out_report(struct bank *bank, const struct bank_answer *answers, size_t count);
/* How often it was asked for since, and the path of the last time. */
size_t bank_reports(struct bank *bank, char ret_path[256]);
/* Requests since it was laid out, and the one of that number. */
size_t bank_requests(struct bank *bank);
const struct bank_request *bank_request_at(struct bank *bank, size_t number);
