/* What goes wrong on the way, as a test asked for it: the next calls of an operation are answered
 * badly. Kept in memory only: a restart ends all faults. */
#pragma once

#include "runtime/base.h"
#include "runtime/text.h"
#include "tests/testbank/http.h"

enum { FAULTS_MAX = 32, FAULT_OPERATION_MAX = 64, FAULT_COUNT_MAX = 100000 };

enum fault_kind {
    FAULT_NONE,
    FAULT_ERROR,    /* 500 */
    FAULT_TOO_MANY, /* 429 */
    FAULT_GARBAGE,
    FAULT_HALF,
    FAULT_REDIRECT,
    FAULT_NOTHING,
    FAULT_CLOSE,
    FAULT_KINDS
};

struct fault {
    char operation[FAULT_OPERATION_MAX]; /* "*": any of the API */
    enum fault_kind kind;
    bool does_work; /* the call is executed, and only its answer is lost */
    int64_t left;
};

struct faults {
    struct fault faults[FAULTS_MAX];
    size_t count;
};

/* FAULT_NONE: there is no such kind. */
enum fault_kind fault_kind_of(struct text name);
const char *fault_kind_name(enum fault_kind kind);
/* Statuses: OK, OVERLOADED (FAULTS_MAX wait). */
MUST_CHECK enum status faults_add(struct faults *faults, const struct fault *fault);
/* Takes one use of the oldest fault of the operation; FAULT_NONE: there is none. */
struct fault faults_take(struct faults *faults, const char *operation);
/* /test/faults: POST adds one (operation, kind, count, does_work), GET lists them, DELETE takes all
 * away. The answer is in the request's arena. */
struct http_reply faults_answer(struct faults *faults, const struct http_request *request);
