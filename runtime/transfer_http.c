/* One request over HTTP: what is sent is checked first, what comes back is bounded. */
#include <stdlib.h>
#include <string.h>

#include "runtime/log.h"
#include "runtime/transfer_internal.h"

struct http_job {
    struct transfer_job job;
    const struct transfer_http *http;
    struct text_builder body;
    struct transfer_answer *answer;
};

/* ---- what is refused ---- */

/* RFC 9110 5.6.2. */
static bool is_token(struct text name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    if (name.length == 0) return false;
    for (size_t i = 0; i < name.length; i++) {
        const char byte = name.data[i];
        const char lower = (char)(byte | 0x20);
        const bool is_alphanumeric = (lower >= 'a' && lower <= 'z') || (byte >= '0' && byte <= '9');
        if (!is_alphanumeric && memchr(others, byte, sizeof others - 1) == NULL) return false;
    }
    return true;
}

static bool has_body(const struct transfer_http *http)
{
    return http->method == TRANSFER_POST || http->method == TRANSFER_PUT;
}

static size_t body_max_of(const struct transfer_http *http)
{
    return http->method == TRANSFER_PUT ? TRANSFER_OBJECT_MAX : TRANSFER_REQUEST_MAX;
}

static size_t answer_max_of(const struct transfer_http *http)
{
    return http->answer_max > 0 ? http->answer_max : TRANSFER_BODY_MAX;
}

static enum status check(const struct transfer_http *http)
{
    if (!transfer_is_url(http->url, TEXT("http://"), TEXT("https://")) ||
        http->body.length > body_max_of(http) || http->answer_max > TRANSFER_OBJECT_MAX ||
        !transfer_is_line(http->signed_for, TRANSFER_HEADER_MAX) ||
        !transfer_is_line(http->content_type, TRANSFER_HEADER_MAX) ||
        !transfer_is_line(http->user, TRANSFER_CREDENTIAL_MAX) ||
        !transfer_is_line(http->password, TRANSFER_CREDENTIAL_MAX) ||
        http->headers_count > TRANSFER_HEADERS_MAX || http->timeout_us < 0 ||
        (!has_body(http) && http->body.length > 0))
        return STATUS_INVALID_VALUE;
    /* RFC 7617: a colon ends the user. */
    if (http->user.length > 0 && memchr(http->user.data, ':', http->user.length) != NULL)
        return STATUS_INVALID_VALUE;
    for (size_t i = 0; i < http->headers_count; i++) {
        const struct transfer_header *header = &http->headers[i];
        if (!is_token(header->name) || !transfer_is_line(header->value, TRANSFER_HEADER_MAX) ||
            header->name.length + header->value.length > TRANSFER_HEADER_MAX)
            return STATUS_INVALID_VALUE;
    }
    return STATUS_OK;
}

/* ---- on the loop's stack ---- */

static size_t on_body(char *data, size_t size, size_t count, void *context)
{
    struct http_job *self = context;
    text_builder_add(&self->body, (struct text){ data, size * count });
    return self->body.is_full ? 0 : size * count;
}

static void add_header(struct transfer_job *job, struct text name, struct text value)
{
    char line[TRANSFER_HEADER_MAX + 8];
    /* libcurl leaves out a header without a value unless a semicolon ends its name. */
    (void)snprintf(line, sizeof line, "%.*s%s%.*s", (int)name.length, name.data,
                   value.length > 0 ? ": " : ";", (int)value.length, value.data);
    struct curl_slist *list = curl_slist_append(job->headers, line);
    if (list == NULL) abort();
    job->headers = list;
}

static void set_method(CURL *easy, const struct transfer_http *http)
{
    if (http->method == TRANSFER_PUT) (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PUT");
    if (http->method == TRANSFER_DELETE)
        (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
    if (!has_body(http)) {
        (void)curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
        return;
    }
    (void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)http->body.length);
    (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, http->body.length > 0 ? http->body.data : "");
}

static enum status prepare(struct transfer_job *job)
{
    struct http_job *self = CONTAINER_OF(job, struct http_job, job);
    const struct transfer_http *http = self->http;
    CURL *easy = job->easy;
    if (http->content_type.length > 0) add_header(job, TEXT("Content-Type"), http->content_type);
    for (size_t i = 0; i < http->headers_count; i++)
        add_header(job, http->headers[i].name, http->headers[i].value);
    /* Do not ask first; but libcurl 7.88 would sign that header, too, though it is not sent. */
    if (http->signed_for.length == 0) {
        struct curl_slist *list = curl_slist_append(job->headers, "Expect:");
        if (list == NULL) abort();
        job->headers = list;
    }
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, job->headers);
    set_method(easy, http);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, self);
    (void)curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)answer_max_of(http));
    (void)curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    const bool is_set = transfer_set_text(easy, CURLOPT_URL, http->url) &&
                        transfer_set_text(easy, CURLOPT_USERNAME, http->user) &&
                        transfer_set_text(easy, CURLOPT_PASSWORD, http->password) &&
                        transfer_set_text(easy, CURLOPT_AWS_SIGV4, http->signed_for);
    return is_set ? STATUS_OK : STATUS_UNAVAILABLE;
}

static enum transfer_outcome outcome_of(int code)
{
    if (code >= 200 && code < 300) return TRANSFER_ACCEPTED;
    const bool is_temporary = code >= 500 || code == 408 || code == 425 || code == 429;
    return is_temporary ? TRANSFER_TEMPORARY : TRANSFER_PERMANENT;
}

static enum status status_of(const struct http_job *self, CURLcode result)
{
    if (self->body.is_full || result == CURLE_FILESIZE_EXCEEDED) return STATUS_BODY_TOO_LARGE;
    if (result == CURLE_OPERATION_TIMEDOUT) return STATUS_DEADLINE_EXCEEDED;
    return STATUS_UNAVAILABLE;
}

static void on_done(struct transfer_job *job, CURLcode result)
{
    struct http_job *self = CONTAINER_OF(job, struct http_job, job);
    if (result != CURLE_OK) {
        log_warning("transfer_failed", LOG_STRING("reason", curl_easy_strerror(result)));
        transfer_end(job, status_of(self, result));
        return;
    }
    long code = 0;
    (void)curl_easy_getinfo(job->easy, CURLINFO_RESPONSE_CODE, &code);
    *self->answer = (struct transfer_answer){
        .outcome = outcome_of((int)code),
        .code = (int)code,
        .body = text_builder_view(&self->body),
    };
    transfer_end(job, STATUS_OK);
}

static void release(struct transfer_job *job)
{
    (void)job;
}

static const struct transfer_protocol protocol_http = { prepare, on_done, release };

static int64_t deadline_of(const struct transfers *transfers, const struct transfer_http *http)
{
    if (http->timeout_us == 0 || http->timeout_us > TRANSFER_TIME_MAX_US) return http->deadline_us;
    const int64_t latest_us = loop_now_us(transfers->loop) + http->timeout_us;
    return latest_us < http->deadline_us ? latest_us : http->deadline_us;
}

enum status transfer_http(struct transfers *transfers, const struct transfer_http *http,
                          struct arena *arena, struct transfer_answer *ret_answer)
{
    TRY(check(http));
    struct http_job self = {
        .job = { .protocol = &protocol_http, .ca_file = http->ca_file },
        .http = http,
        .answer = ret_answer,
    };
    text_builder_init(&self.body, arena, answer_max_of(http));
    return transfer_run(transfers, &self.job, deadline_of(transfers, http));
}
