/* One mail over SMTP: libcurl brings the connection as far as MAIL FROM, then envelope and message
 * are sent here, step by step as the server answers. */
#include <stdlib.h>
#include <string.h>

#include "runtime/log.h"
#include "runtime/transfer_internal.h"

enum {
    MESSAGE_LINE_MAX = 998, /* RFC 5322 2.1.1 */
    REPLY_BYTES_MAX = 16 * 1024,
    READ_BYTES = 1024
};

enum mail_step { MAIL_CONNECT, MAIL_FROM, MAIL_TO, MAIL_DATA, MAIL_MESSAGE };

struct mail_job {
    struct transfer_job job;
    const struct transfer_mail *mail;
    struct transfer_answer answer;
    enum mail_step step;
    uv_poll_t *poll; /* on the heap: libuv lets go of it later than we do */
    char command[TRANSFER_ADDRESS_MAX + 32];
    char *message; /* as it goes over the wire: dots stuffed, with its end */
    const char *out;
    size_t out_left;
    char line[TRANSFER_REPLY_MAX]; /* of the reply that comes */
    size_t line_length, reply_bytes;
};

/* ---- what is refused ---- */

static bool is_address(struct text address)
{
    if (address.length > TRANSFER_ADDRESS_MAX) return false;
    for (size_t i = 0; i < address.length; i++) {
        const char byte = address.data[i];
        if (byte <= ' ' || byte > '~' || byte == '<' || byte == '>') return false;
    }
    return true;
}

/* A stray CR or LF could end the message for one server and not for the next ("SMTP smuggling"). */
static bool is_message(struct text message)
{
    if (message.length == 0 || message.length > TRANSFER_REQUEST_MAX) return false;
    size_t line_length = 0;
    for (size_t i = 0; i < message.length; i++) {
        const char byte = message.data[i];
        if (byte == '\0' || byte == '\n') return false;
        if (byte != '\r') {
            if (++line_length > MESSAGE_LINE_MAX) return false;
            continue;
        }
        if (i + 1 == message.length || message.data[i + 1] != '\n') return false;
        i++;
        line_length = 0;
    }
    return line_length == 0;
}

static enum status check(const struct transfer_mail *mail)
{
    const bool is_fit = transfer_is_url(mail->url, TEXT("smtp://"), TEXT("smtps://")) &&
                        transfer_is_line(mail->user, TRANSFER_CREDENTIAL_MAX) &&
                        transfer_is_line(mail->password, TRANSFER_CREDENTIAL_MAX) &&
                        is_address(mail->from) && mail->to.length > 0 && is_address(mail->to) &&
                        is_message(mail->message);
    return is_fit ? STATUS_OK : STATUS_INVALID_VALUE;
}

/* ---- the answer ---- */

static void note_reply(struct transfer_answer *answer, struct text line)
{
    size_t length = 0;
    for (; length < line.length && length < sizeof answer->reply - 1; length++) {
        const char byte = line.data[length];
        answer->reply[length] = byte >= ' ' && byte <= '~' ? byte : '?';
    }
    answer->reply[length] = '\0';
}

static void finish(struct mail_job *self, enum transfer_outcome outcome)
{
    self->answer.outcome = outcome;
    self->answer.may_have_arrived = outcome == TRANSFER_TEMPORARY && self->answer.may_have_arrived;
    transfer_end(&self->job, STATUS_OK);
}

static void fail(struct mail_job *self, struct text why)
{
    self->answer.code = 0;
    note_reply(&self->answer, why);
    finish(self, TRANSFER_TEMPORARY);
}

static bool concerns_the_mail(int code)
{
    return code != 530 && code != 534 && code != 535 && code != 538; /* RFC 4954 */
}

/* ---- the dialogue ---- */

static void say(struct mail_job *self, const char *verb, struct text address)
{
    const int length = address.data == NULL
                           ? snprintf(self->command, sizeof self->command, "%s\r\n", verb)
                           : snprintf(self->command, sizeof self->command, "%s:<%.*s>\r\n", verb,
                                      (int)address.length, address.data);
    assert(length > 0);
    assert((size_t)length < sizeof self->command);
    self->out = self->command;
    self->out_left = (size_t)length;
}

/* RFC 5321 4.5.2: a line that begins with a dot gets another; a dot alone ends the message. */
static void say_message(struct mail_job *self)
{
    const struct text message = self->mail->message;
    size_t dots = 0;
    for (size_t i = 0; i < message.length; i++)
        dots += message.data[i] == '.' && (i == 0 || message.data[i - 1] == '\n');
    self->message = malloc(message.length + dots + 3);
    if (self->message == NULL) abort();
    size_t length = 0;
    for (size_t i = 0; i < message.length; i++) {
        if (message.data[i] == '.' && (i == 0 || message.data[i - 1] == '\n'))
            self->message[length++] = '.';
        self->message[length++] = message.data[i];
    }
    memcpy(self->message + length, ".\r\n", 3);
    self->out = self->message;
    self->out_left = length + 3;
}

static void say_goodbye(struct mail_job *self)
{
    size_t sent;
    (void)curl_easy_send(self->job.easy, "QUIT\r\n", 6, &sent); /* nobody waits for the answer */
}

/* Goes on with the next step; false when there is none. */
static bool do_step(struct mail_job *self)
{
    switch (self->step) {
    case MAIL_CONNECT: {
        const struct text from = self->mail->from;
        say(self, "MAIL FROM", from.length > 0 ? from : TEXT(""));
        self->step = MAIL_FROM;
        return true;
    }
    case MAIL_FROM:
        say(self, "RCPT TO", self->mail->to);
        self->step = MAIL_TO;
        return true;
    case MAIL_TO:
        say(self, "DATA", (struct text){ 0 });
        self->step = MAIL_DATA;
        return true;
    case MAIL_DATA:
        say_message(self);
        self->step = MAIL_MESSAGE;
        return true;
    case MAIL_MESSAGE:
        break;
    }
    return false;
}

/* False when the job has ended. */
static bool on_reply(struct mail_job *self, int code)
{
    const struct text line = { self->line, self->line_length };
    self->answer.code = code;
    note_reply(&self->answer, line);
    if (code >= 400 && code < 600) {
        self->answer.may_have_arrived = false;
        say_goodbye(self);
        finish(self,
               code >= 500 && concerns_the_mail(code) ? TRANSFER_PERMANENT : TRANSFER_TEMPORARY);
        return false;
    }
    const bool is_expected = self->step == MAIL_DATA ? code == 354 : code >= 200 && code < 300;
    if (!is_expected || self->out_left > 0) {
        finish(self, TRANSFER_TEMPORARY);
        return false;
    }
    if (do_step(self)) return true;
    say_goodbye(self);
    finish(self, TRANSFER_ACCEPTED);
    return false;
}

/* False when the job has ended. */
static bool on_line(struct mail_job *self)
{
    const char *line = self->line;
    while (self->line_length > 0 && line[self->line_length - 1] == '\r')
        self->line_length--;
    int code = 0;
    for (size_t i = 0; i < 3; i++) {
        if (i >= self->line_length || line[i] < '0' || line[i] > '9') {
            fail(self, TEXT("no reply of SMTP"));
            return false;
        }
        code = code * 10 + (line[i] - '0');
    }
    if (self->line_length > 3 && line[3] == '-') return true; /* more lines of this reply */
    self->reply_bytes = 0;
    return on_reply(self, code);
}

/* Takes what the server says; false when the job has ended. */
static bool read_replies(struct mail_job *self)
{
    for (;;) {
        char bytes[READ_BYTES];
        size_t count = 0;
        const CURLcode result = curl_easy_recv(self->job.easy, bytes, sizeof bytes, &count);
        if (result == CURLE_AGAIN) return true;
        if (result != CURLE_OK || count == 0) {
            fail(self, TEXT("connection lost"));
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (++self->reply_bytes > REPLY_BYTES_MAX) {
                fail(self, TEXT("endless reply"));
                return false;
            }
            if (bytes[i] == '\n') {
                if (!on_line(self)) return false;
                self->line_length = 0;
            } else if (self->line_length < sizeof self->line) {
                self->line[self->line_length++] = bytes[i];
            }
        }
        if (self->out_left > 0) return true; /* our turn */
    }
}

/* Sends what is to be sent; false when the job has ended. */
static bool write_out(struct mail_job *self)
{
    while (self->out_left > 0) {
        size_t sent = 0;
        const CURLcode result = curl_easy_send(self->job.easy, self->out, self->out_left, &sent);
        if (result == CURLE_AGAIN) return true;
        if (result != CURLE_OK) {
            fail(self, TEXT("connection lost"));
            return false;
        }
        self->out += sent;
        self->out_left -= sent;
        /* The last byte may have been taken although its sending was reported as failed. */
        if (self->step == MAIL_MESSAGE && self->out_left == 0) self->answer.may_have_arrived = true;
    }
    return true;
}

static void on_poll(uv_poll_t *handle, int status, int events);

/* Talks as far as it goes without waiting. */
static void talk(struct mail_job *self)
{
    do {
        if (!write_out(self)) return;
        const size_t left_before = self->out_left;
        if (!read_replies(self)) return;
        if (self->out_left == left_before) break; /* nothing new to say */
    } while (self->out_left > 0);
    const int events = UV_READABLE | (self->out_left > 0 ? UV_WRITABLE : 0);
    if (uv_poll_start(self->poll, events, on_poll) != 0) fail(self, TEXT("no poll"));
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    (void)events;
    struct mail_job *self = handle->data;
    if (status < 0)
        fail(self, TEXT("connection lost"));
    else
        talk(self);
}

/* ---- what libcurl does ---- */

static size_t on_server_line(char *data, size_t size, size_t count, void *context)
{
    struct mail_job *self = context;
    const struct text line = text_trim((struct text){ data, size * count });
    note_reply(&self->answer, line);
    return size * count;
}

static enum status prepare(struct transfer_job *job)
{
    static const long tls[] = {
        [TRANSFER_TLS_REQUIRED] = CURLUSESSL_ALL,
        [TRANSFER_TLS_OPPORTUNISTIC] = CURLUSESSL_TRY,
        [TRANSFER_TLS_NONE] = CURLUSESSL_NONE,
    };
    struct mail_job *self = CONTAINER_OF(job, struct mail_job, job);
    const struct transfer_mail *mail = self->mail;
    CURL *easy = job->easy;
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    (void)curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SASL_IR, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_USE_SSL, tls[mail->tls]);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_server_line);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, self);
    const bool is_set = transfer_set_text(easy, CURLOPT_URL, mail->url) &&
                        transfer_set_text(easy, CURLOPT_USERNAME, mail->user) &&
                        transfer_set_text(easy, CURLOPT_PASSWORD, mail->password);
    return is_set ? STATUS_OK : STATUS_UNAVAILABLE;
}

static void on_not_connected(struct mail_job *self, CURLcode result)
{
    long code = 0;
    (void)curl_easy_getinfo(self->job.easy, CURLINFO_RESPONSE_CODE, &code);
    log_warning("transfer_failed", LOG_STRING("reason", curl_easy_strerror(result)));
    /* Only greeting and EHLO; what comes later is about our credentials or about encryption. */
    const bool is_refused =
        result == CURLE_WEIRD_SERVER_REPLY || result == CURLE_REMOTE_ACCESS_DENIED;
    if (code < 400 || code > 599) {
        fail(self, text_of(curl_easy_strerror(result)));
        return;
    }
    self->answer.code = (int)code;
    finish(self, is_refused && code >= 500 && concerns_the_mail((int)code) ? TRANSFER_PERMANENT
                                                                           : TRANSFER_TEMPORARY);
}

static void on_done(struct transfer_job *job, CURLcode result)
{
    struct mail_job *self = CONTAINER_OF(job, struct mail_job, job);
    if (result != CURLE_OK) {
        on_not_connected(self, result);
        return;
    }
    curl_socket_t socket = CURL_SOCKET_BAD;
    (void)curl_easy_getinfo(job->easy, CURLINFO_ACTIVESOCKET, &socket);
    uv_poll_t *poll = calloc(1, sizeof *poll);
    if (poll == NULL) abort();
    if (socket == CURL_SOCKET_BAD ||
        uv_poll_init_socket(loop_uv(job->transfers->loop), poll, socket) != 0) {
        free(poll);
        fail(self, TEXT("connection lost"));
        return;
    }
    poll->data = self;
    self->poll = poll;
    (void)do_step(self);
    talk(self);
}

static void on_poll_closed(uv_handle_t *handle)
{
    free(handle);
}

static void release(struct transfer_job *job)
{
    struct mail_job *self = CONTAINER_OF(job, struct mail_job, job);
    if (self->poll != NULL) uv_close((uv_handle_t *)self->poll, on_poll_closed);
    self->poll = NULL;
    free(self->message);
    self->message = NULL;
}

static const struct transfer_protocol protocol_mail = { prepare, on_done, release };

enum status transfer_mail(struct transfers *transfers, const struct transfer_mail *mail,
                          struct transfer_answer *ret_answer)
{
    TRY(check(mail));
    struct mail_job self = {
        .job = { .protocol = &protocol_mail, .ca_file = mail->ca_file },
        .mail = mail,
    };
    const enum status status = transfer_run(transfers, &self.job, mail->deadline_us);
    if (status == STATUS_DEADLINE_EXCEEDED || status == STATUS_UNAVAILABLE) {
        self.answer.outcome = TRANSFER_TEMPORARY;
        self.answer.code = 0;
        note_reply(&self.answer, text_of(status_name(status)));
    } else {
        TRY(status);
    }
    *ret_answer = self.answer;
    return STATUS_OK;
}
