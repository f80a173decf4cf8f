/* What the files of transfers share. */
#pragma once

#include <curl/curl.h>

#include "runtime/transfer.h"

struct transfer_job;

/* What differs between protocols; called on the loop's stack. */
struct transfer_protocol {
    /* Sets what libcurl is to do. Statuses: OK, UNAVAILABLE. */
    enum status (*prepare)(struct transfer_job *job);
    /* libcurl is done; ends the job, now or later. */
    void (*on_done)(struct transfer_job *job, CURLcode result);
    /* Lets go of what the protocol holds, before the easy handle is closed. */
    void (*release)(struct transfer_job *job);
};

/* One transfer, on the stack of the fiber that waits for it. */
struct transfer_job {
    const struct transfer_protocol *protocol;
    const char *ca_file;
    struct transfers *transfers;
    struct transfer_job *next; /* waiting behind this one */
    bool is_running;
    CURL *easy;
    struct curl_slist *headers;
    struct timer deadline;
    struct completion completion;
};

struct transfers {
    struct loop *loop;
    struct fibers *fibers;
    CURLM *multi; /* NULL until the first transfer */
    struct transfer_job *running[TRANSFERS_MAX];
    struct transfer_job *first, *last; /* waiting */
    size_t running_count, waiting_count;
    struct timer start; /* begins what waits, on the loop's stack */
    struct timer curl;  /* when libcurl wants to be called */
    bool is_stopping;
};

/* Queues, and waits until transfer_end(). WAITS. */
MUST_CHECK enum status transfer_run(struct transfers *transfers, struct transfer_job *job,
                                    int64_t deadline_us);
/* Ends a job wherever it is; the waiter runs inside this call and the job is gone. */
void transfer_end(struct transfer_job *job, enum status status);

/* Joins libcurl and the loop. Statuses: OK, UNAVAILABLE. */
MUST_CHECK enum status transfers_open_curl(struct transfers *transfers);
void transfers_close_curl(struct transfers *transfers);
/* Makes the easy handle, with what all protocols have alike, and hands it to libcurl. */
MUST_CHECK enum status transfer_begin(struct transfer_job *job);
void transfer_close_easy(struct transfer_job *job);
/* Sets a text option; false when libcurl refuses it. An empty text sets nothing. */
bool transfer_set_text(CURL *easy, CURLoption option, struct text text);

/* True if the text is at most `length_max` bytes without control characters. */
bool transfer_is_line(struct text text, size_t length_max);
bool transfer_is_url(struct text url, struct text scheme, struct text scheme_tls);
