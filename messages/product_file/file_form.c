/* Looks at the first lines of a file, after its encoding is known. */
#include "messages/product_file/file_form.h"

#include <stdlib.h>
#include <string.h>

static const char separators[] = { ',', ';', '\t', '|' };

/* The first line of the text, without its end. */
static struct text first_line(struct text text)
{
    size_t length = 0;
    while (length < text.length && text.data[length] != '\n' && text.data[length] != '\r')
        length++;
    return (struct text){ text.data, length };
}

/* What ends the line: LF, CR, or CR and LF. */
static size_t line_end_length(struct text rest)
{
    if (rest.length > 1 && rest.data[0] == '\r' && rest.data[1] == '\n') return 2;
    return rest.length > 0 ? 1 : 0;
}

/* "sep=;": what it names, or 0. */
static char declared_separator(struct text line)
{
    static const char lead[] = "sep=";
    if (line.length != sizeof lead || !text_starts_with(line, text_of(lead))) return '\0';
    const char named = line.data[sizeof lead - 1];
    return memchr(separators, named, sizeof separators) == NULL ? '\0' : named;
}

static char commonest_separator(struct text line)
{
    size_t counts[sizeof separators] = { 0 };
    bool is_quoted = false;
    size_t best = 0;
    for (size_t i = 0; i < line.length; i++) {
        if (line.data[i] == '"') is_quoted = !is_quoted;
        const char *found = memchr(separators, line.data[i], sizeof separators);
        if (found != NULL && !is_quoted) counts[found - separators]++;
    }
    for (size_t k = 1; k < sizeof separators; k++)
        if (counts[k] > counts[best]) best = k;
    return separators[best];
}

static void read_head(struct text head, struct file_form *form)
{
    struct text line = first_line(head);
    while (line.length == 0 && head.length > 0) { /* lines of nothing in front */
        const size_t skipped = line_end_length(head);
        head = (struct text){ head.data + skipped, head.length - skipped };
        form->start +=
            encoding_bytes(form->encoding, (struct text){ head.data - skipped, skipped });
        form->start_line++;
        line = first_line(head);
    }
    const char declared = declared_separator(line);
    if (declared == '\0') {
        form->separator = commonest_separator(line);
        return;
    }
    const struct text rest = { head.data + line.length, head.length - line.length };
    const size_t length = line.length + line_end_length(rest);
    form->separator = declared;
    form->start += encoding_bytes(form->encoding, (struct text){ head.data, length });
    form->start_line++;
}

enum status file_form_recognise(const struct byte_source *source, int said,
                                struct file_form *ret_form)
{
    struct file_form form = { .start_line = 1 };
    TRY(encoding_recognise(source, said, &form.encoding, &form.start));
    struct encoding_chunk *chunk = calloc(1, sizeof *chunk);
    if (chunk == NULL) abort();
    /* A source may give a few bytes at a time, and a header is longer. */
    struct encoding_chunk *head = calloc(1, sizeof *head);
    if (head == NULL) abort();
    head->end = form.start;
    enum status status;
    do {
        status = encoding_read(source, form.encoding, head->end, chunk);
        if (status != STATUS_OK || chunk->length == 0 ||
            head->length + chunk->length > sizeof head->text)
            break;
        memcpy(head->text + head->length, chunk->text, chunk->length);
        head->length += chunk->length;
        head->end = chunk->end;
    } while (true);
    if (status == STATUS_OK) read_head((struct text){ head->text, head->length }, &form);
    free(chunk);
    free(head);
    if (status != STATUS_OK) return status;
    *ret_form = form;
    return STATUS_OK;
}

const char *file_form_name(const struct file_form *form)
{
    static const char *const names[][sizeof separators] = {
        [ENCODING_UTF8] = { "UTF-8, separated by commas", "UTF-8, separated by semicolons",
                            "UTF-8, separated by tabulators", "UTF-8, separated by bars" },
        [ENCODING_UTF16_LE] = { "UTF-16, separated by commas", "UTF-16, separated by semicolons",
                                "UTF-16, separated by tabulators", "UTF-16, separated by bars" },
        [ENCODING_UTF16_BE] = { "UTF-16, separated by commas", "UTF-16, separated by semicolons",
                                "UTF-16, separated by tabulators", "UTF-16, separated by bars" },
        [ENCODING_WINDOWS_1252] = { "Windows-1252, separated by commas",
                                    "Windows-1252, separated by semicolons",
                                    "Windows-1252, separated by tabulators",
                                    "Windows-1252, separated by bars" },
    };
    const char *found = memchr(separators, form->separator, sizeof separators);
    assert(found != NULL);
    return names[form->encoding][found - separators];
}
