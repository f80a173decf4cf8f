/* One step per byte, since the bytes may come one by one. */
#include "gateway/preface.h"

#include <string.h>

static const char wanted[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
static const char version[] = "HTTP/";

enum { METHOD_LENGTH = 4 /* of "PRI ", which no other protocol begins with */ };

/* What RFC 9112, section 3 calls a request line: method, target and version, of which only the
 * version's name matters here. An empty line before it may be skipped (section 2.2). */
static enum preface_verdict read_request_line(struct preface *preface, char c)
{
    if (!preface->has_begun && (c == '\r' || c == '\n')) return PREFACE_UNDECIDED;
    preface->has_begun = true;
    if ((unsigned char)c < ' ' || c == '\x7f') return PREFACE_WRONG; /* the line's end, too */
    if (c == ' ') {
        if (!preface->is_in_space) preface->spaces++;
        preface->is_in_space = true;
        return PREFACE_UNDECIDED;
    }
    preface->is_in_space = false;
    if (preface->spaces < 2) return PREFACE_UNDECIDED;
    if (preface->spaces > 2 || c != version[preface->matched]) return PREFACE_WRONG;
    return version[++preface->matched] == '\0' ? PREFACE_GOOD : PREFACE_UNDECIDED;
}

static enum preface_verdict read_byte(struct preface *preface, char c)
{
    if (preface->is_request_line) return read_request_line(preface, c);
    if (c == wanted[preface->matched])
        return wanted[++preface->matched] == '\0' ? PREFACE_GOOD : PREFACE_UNDECIDED;
    if (preface->matched >= METHOD_LENGTH) return PREFACE_WRONG;
    /* The letters that were the preface's are those of another method. */
    preface->is_request_line = true;
    preface->has_begun = preface->matched > 0;
    preface->matched = 0;
    return read_request_line(preface, c);
}

enum preface_verdict preface_read(struct preface *preface, struct text bytes)
{
    for (size_t i = 0; i < bytes.length && preface->verdict == PREFACE_UNDECIDED; i++)
        preface->verdict = read_byte(preface, bytes.data[i]);
    return preface->verdict;
}
