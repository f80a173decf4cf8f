/* One pass over the lines. libh2o has parsed the head before, so only what it tolerates or drops
 * matters here. */
#include "gateway/http1_head.h"

#include <string.h>
#include <strings.h>

struct http1_head {
    size_t hosts, lengths, codings; /* how many fields of these names */
};

static bool is_name(struct text name, const char *expected)
{
    return name.length == strlen(expected) && strncasecmp(name.data, expected, name.length) == 0;
}

static bool is_token(struct text name)
{
    for (size_t i = 0; i < name.length; i++) {
        const char c = name.data[i];
        const bool is_alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alphanumeric && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) return false;
    }
    return name.length > 0;
}

static bool is_digits(struct text text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    }
    return text.length > 0;
}

static bool has_control(struct text line)
{
    return memchr(line.data, '\r', line.length) != NULL ||
           memchr(line.data, '\0', line.length) != NULL;
}

static enum status head_read_field(struct http1_head *head, struct text line)
{
    const char *colon = memchr(line.data, ':', line.length);
    if (colon == NULL || has_control(line)) return STATUS_MALFORMED;
    const struct text name = { line.data, (size_t)(colon - line.data) };
    const struct text value = text_trim((struct text){ colon + 1, line.length - name.length - 1 });
    if (!is_token(name))
        return STATUS_MALFORMED; /* also a folded line, which begins with a space */
    if (is_name(name, "host")) head->hosts++;
    if (is_name(name, "content-length")) {
        head->lengths++;
        if (!is_digits(value)) return STATUS_MALFORMED;
    }
    if (is_name(name, "transfer-encoding")) {
        head->codings++;
        if (!is_name(value, "chunked")) return STATUS_MALFORMED;
    }
    return STATUS_OK;
}

/* Removes the next line from the bytes; ret_line is without its CR LF. False: there is no complete
 * line, or it ends with LF alone. */
static bool line_next(struct text *bytes, struct text *ret_line)
{
    const char *end = memchr(bytes->data, '\n', bytes->length);
    if (end == NULL || end == bytes->data || end[-1] != '\r') return false;
    const size_t length = (size_t)(end - bytes->data) - 1;
    *ret_line = (struct text){ bytes->data, length };
    *bytes = (struct text){ end + 1, bytes->length - length - 2 };
    return true;
}

enum status http1_head_check(struct text bytes)
{
    struct http1_head head = { .hosts = 0 };
    struct text line;
    /* RFC 9112, section 2.2: an empty line before a request may be skipped. */
    if (text_starts_with(bytes, TEXT("\r\n")))
        bytes = (struct text){ bytes.data + 2, bytes.length - 2 };
    if (!line_next(&bytes, &line) || has_control(line)) return STATUS_MALFORMED;
    const size_t version_length = strlen("HTTP/1.x");
    const bool is_old = line.length > version_length && line.data[line.length - 1] == '0';
    for (;;) {
        if (!line_next(&bytes, &line)) return STATUS_MALFORMED;
        if (line.length == 0) break;
        TRY(head_read_field(&head, line));
    }
    if (head.hosts > 1 || (head.hosts == 0 && !is_old)) return STATUS_MALFORMED;
    if (head.lengths > 1 || head.codings > 1 || head.lengths + head.codings > 1)
        return STATUS_MALFORMED;
    /* HTTP/1.0 knows no codings: such a reader takes the body for the next request. */
    return head.codings == 1 && is_old ? STATUS_MALFORMED : STATUS_OK;
}
