/* Hands letters over to the other side, and tells what it said without telling to whom. */
#include "actors/notification/notification_transport.h"

#include <string.h>
#include <strings.h>

#include "actors/notification/mail_message.h"
#include "actors/notification/sms_message.h"
#include "runtime/secret.h"

static struct text setting(const struct request *request, enum setting name)
{
    return text_of(config_text(request_config(request), name));
}

static bool is_set(const struct request *request, enum setting name)
{
    return setting(request, name).length > 0;
}

bool notification_captures(const struct request *request)
{
    return config_bool(request_config(request), SETTING_NOTIFICATION_CAPTURE) ||
           config_bool(request_config(request), SETTING_TEST_MODE);
}

static bool has_transport(const struct request *request, enum notification_channel channel)
{
    return is_set(request, channel == NOTIFICATION_CHANNEL_EMAIL ? SETTING_NOTIFICATION_SMTP_URL
                                                                 : SETTING_NOTIFICATION_SMS_URL);
}

bool notification_only_captures(const struct request *request, enum notification_channel channel)
{
    return notification_captures(request) && !has_transport(request, channel);
}

bool notification_can_send(const struct request *request, enum notification_channel channel)
{
    return channel == NOTIFICATION_CHANNEL_IN_APP || notification_captures(request) ||
           has_transport(request, channel);
}

bool notification_address_is_good(enum notification_channel channel, struct text address)
{
    return channel == NOTIFICATION_CHANNEL_EMAIL ? mail_address_is_valid(address)
                                                 : sms_number_is_valid(address);
}

struct text notification_message_id(struct request *request, const struct notification_row *row)
{
    char id[ID_TEXT_MAX + 1];
    (void)id_format("ntf", row->id, id);
    if (row->channel != NOTIFICATION_CHANNEL_EMAIL)
        return text_format(request_arena(request), "%s", id);
    const char *from = config_text(request_config(request), SETTING_NOTIFICATION_MAIL_FROM);
    const char *at = strrchr(from, '@');
    return text_format(request_arena(request), "<%s@%s>", id, at == NULL ? "localhost" : at + 1);
}

static struct text read_secret(struct request *request, enum setting path)
{
    struct text secret = { 0 };
    if (is_set(request, path))
        /* Without its secret the other side refuses us, which is told as its words. */
        IGNORE(secret_read_line(request_arena(request), config_text(request_config(request), path),
                                &secret));
    return secret;
}

/* The other side's words without the address, which servers like to repeat: rows hold no addresses.
 */
static struct text hide_address(struct request *request, struct text words, struct text address)
{
    struct text_builder hidden;
    text_builder_init(&hidden, request_arena(request), NOTIFICATION_ERROR_MAX);
    for (size_t i = 0; i < words.length;) {
        const bool is_address = address.length > 0 && words.length - i >= address.length &&
                                strncasecmp(words.data + i, address.data, address.length) == 0;
        if (is_address)
            text_builder_add(&hidden, TEXT("(address)"));
        else
            text_builder_add_byte(&hidden, words.data[i]);
        i += is_address ? address.length : 1;
    }
    return text_builder_view(&hidden);
}

static enum notification_outcome outcome_of(enum transfer_outcome outcome)
{
    switch (outcome) {
    case TRANSFER_ACCEPTED:
        return NOTIFICATION_SENT;
    case TRANSFER_PERMANENT:
        return NOTIFICATION_REFUSED;
    case TRANSFER_TEMPORARY:
        break;
    }
    return NOTIFICATION_FAILED;
}

/* A status of our own as a result: what is wrong with the letter itself stays wrong. */
static enum status fail(struct notification_result *ret_result, enum status status)
{
    assert(status != STATUS_OK);
    if (status == STATUS_STOPPING) return status;
    const bool is_final = status == STATUS_INVALID_VALUE || status == STATUS_OUT_OF_RANGE;
    *ret_result = (struct notification_result){
        .outcome = is_final ? NOTIFICATION_REFUSED : NOTIFICATION_FAILED,
        .error = text_of(status_name(status)),
    };
    return STATUS_OK;
}

/* Somebody between us and the server could hide that it offers encryption, and would be told the
 * password in clear; so a password is told over TLS only. */
static enum transfer_tls tls_of(const struct request *request, bool has_password)
{
    /* In the order of the setting. */
    static const enum transfer_tls choices[] = { TRANSFER_TLS_NONE, TRANSFER_TLS_OPPORTUNISTIC,
                                                 TRANSFER_TLS_REQUIRED };
    if (has_password) return TRANSFER_TLS_REQUIRED;
    return choices[config_int(request_config(request), SETTING_NOTIFICATION_SMTP_TLS)];
}

/* NULL: the system's. */
static const char *ca_file_of(const struct request *request)
{
    const char *path = config_text(request_config(request), SETTING_NOTIFICATION_SMTP_CA_FILE);
    return path[0] == '\0' ? NULL : path;
}

/* Where a shopper chooses what he is told, for what he may choose (RFC 2369, section 3.2). */
static struct text choices_of(struct request *request, const struct notification_row *row)
{
    const bool is_chosen =
        row->audience == COMMON_AUDIENCE_STORE && !notification_kind_of(row->kind)->is_critical;
    if (!is_chosen) return (struct text){ .data = NULL };
    const struct text market = setting(request, SETTING_MARKET_URL);
    return text_format(request_arena(request), "%.*s/account/notifications", (int)market.length,
                       market.data);
}

static enum status write_mail(struct request *request, const struct notification_row *row,
                              const struct notification_letter *letter, struct text *ret_bytes)
{
    const struct mail_message mail = {
        .from = { .name = setting(request, SETTING_MARKET_NAME),
                  .address = setting(request, SETTING_NOTIFICATION_MAIL_FROM) },
        .to = { .name = letter->name, .address = letter->to },
        .subject = letter->subject,
        .message_id = letter->message_id,
        .date_us = row->created_us, /* so that each attempt sends the same bytes */
        .list_unsubscribe = choices_of(request, row),
        .text = letter->text,
        .html = letter->html,
    };
    return mail_message_write(request_arena(request), &mail, ret_bytes);
}

static enum status send_mail(struct request *request, const struct notification_row *row,
                             const struct notification_letter *letter,
                             struct notification_result *ret_result)
{
    struct text bytes;
    const enum status written = write_mail(request, row, letter, &bytes);
    if (written != STATUS_OK) return fail(ret_result, written);
    const struct text user = setting(request, SETTING_NOTIFICATION_SMTP_USER);
    const struct transfer_mail transfer = {
        .url = setting(request, SETTING_NOTIFICATION_SMTP_URL),
        .user = user,
        .password =
            user.length == 0 ? user : read_secret(request, SETTING_NOTIFICATION_SMTP_PASSWORD_FILE),
        .tls = tls_of(request, user.length > 0),
        .ca_file = ca_file_of(request),
        .from = setting(request, SETTING_NOTIFICATION_MAIL_FROM),
        .to = letter->to,
        .message = bytes,
    };
    struct transfer_answer *answer = arena_allocate(request_arena(request), sizeof *answer);
    const enum status status = request_transfer_mail(request, &transfer, answer);
    if (status != STATUS_OK) return fail(ret_result, status);
    *ret_result = (struct notification_result){ .outcome = outcome_of(answer->outcome) };
    if (ret_result->outcome != NOTIFICATION_SENT)
        ret_result->error = hide_address(request, text_of(answer->reply), letter->to);
    return STATUS_OK;
}

/* Where and what to post. Statuses: OK, INVALID_VALUE or OUT_OF_RANGE (the letter is at fault),
 * UNAVAILABLE (our own settings are: the message waits for better ones). */
static enum status write_text(struct request *request, const struct notification_letter *letter,
                              struct text *ret_url, struct text *ret_form)
{
    struct arena *arena = request_arena(request);
    const struct sms_message sms = { .to = letter->to,
                                     .from = setting(request, SETTING_NOTIFICATION_SMS_FROM),
                                     .body = letter->text };
    if (!sms_sender_is_valid(sms.from)) return STATUS_UNAVAILABLE;
    TRY(sms_message_form(arena, &sms, ret_form));
    return sms_message_url(arena, setting(request, SETTING_NOTIFICATION_SMS_URL),
                           setting(request, SETTING_NOTIFICATION_SMS_ACCOUNT), ret_url) == STATUS_OK
               ? STATUS_OK
               : STATUS_UNAVAILABLE;
}

/* "HTTP 400, code 21211": the provider's own number says what HTTP cannot. */
static struct text refusal_of(struct arena *arena, const struct transfer_answer *answer)
{
    const struct text code = notification_find_code(answer->body);
    if (code.length == 0) return text_format(arena, "HTTP %d", answer->code);
    return text_format(arena, "HTTP %d, code %.*s", answer->code, (int)code.length, code.data);
}

static enum status send_text(struct request *request, const struct notification_letter *letter,
                             struct notification_result *ret_result)
{
    struct arena *arena = request_arena(request);
    const struct transfer_header name = { .name = TEXT("Idempotency-Key"),
                                          .value = letter->message_id };
    struct text form, url;
    enum status status = write_text(request, letter, &url, &form);
    if (status != STATUS_OK) return fail(ret_result, status);
    const struct transfer_http transfer = {
        .url = url,
        .content_type = TEXT("application/x-www-form-urlencoded"),
        .body = form,
        .user = setting(request, SETTING_NOTIFICATION_SMS_ACCOUNT),
        .password = read_secret(request, SETTING_NOTIFICATION_SMS_TOKEN_FILE),
        .headers = &name,
        .headers_count = 1,
    };
    struct transfer_answer *answer = arena_allocate(arena, sizeof *answer);
    status = request_transfer_http(request, &transfer, answer);
    if (status != STATUS_OK) return fail(ret_result, status);
    *ret_result = (struct notification_result){ .outcome = outcome_of(answer->outcome) };
    /* A refusal of our credentials says nothing of the message; transfer_mail() says so by itself.
     */
    if (answer->code == 401 || answer->code == 403) ret_result->outcome = NOTIFICATION_FAILED;
    if (ret_result->outcome == NOTIFICATION_SENT)
        ret_result->provider_id = notification_find_sid(answer->body);
    else
        ret_result->error = refusal_of(arena, answer);
    return STATUS_OK;
}

struct notification_capture notification_capture_of(struct request *request,
                                                    const struct notification_row *row,
                                                    const struct notification_letter *letter)
{
    return (struct notification_capture){
        .message = { .created_at_us = request_now_us(request),
                     .channel = row->channel,
                     .to = letter->to,
                     .subject = letter->subject,
                     .text = letter->text,
                     .notification_id = row->id,
                     .kind = row->kind,
                     .message_id = letter->message_id },
        .recipient_id = row->recipient_id,
    };
}

enum status notification_send(struct request *request, const struct notification_row *row,
                              const struct notification_letter *letter,
                              struct notification_result *ret_result)
{
    assert(row->channel != NOTIFICATION_CHANNEL_IN_APP);
    struct notification_result result = { .outcome = NOTIFICATION_NO_TRANSPORT };
    if (!has_transport(request, row->channel)) {
        if (notification_captures(request)) result.outcome = NOTIFICATION_SENT;
    } else if (row->channel == NOTIFICATION_CHANNEL_EMAIL) {
        TRY(send_mail(request, row, letter, &result));
    } else {
        TRY(send_text(request, letter, &result));
    }
    if (result.outcome == NOTIFICATION_SENT && notification_captures(request)) {
        const struct notification_capture capture = notification_capture_of(request, row, letter);
        notification_capture_store_add(request, &capture, 1);
    }
    *ret_result = result;
    return STATUS_OK;
}
