/* How a file of separated values is written: its characters and its separator. */
#pragma once

#include "messages/product_file/encoding.h"

struct file_form {
    enum encoding encoding;
    char separator;      /* ',', ';', '|' or a tabulator */
    uint64_t start;      /* byte of the file at which the header's line begins */
    uint64_t start_line; /* on which it begins, from 1 */
};

/* Recognises the form: the separator is the one that a line "sep=;" in front of the header names,
 * as spreadsheets write it; else the one that stands most often in the header, outside of quotes.
 * `said`: how its characters are written, or ENCODING_UNSAID. May read the whole file. Statuses: OK
 * and those of the source. */
MUST_CHECK enum status file_form_recognise(const struct byte_source *source, int said,
                                           struct file_form *ret_form);
/* For people: "UTF-8, separated by ','". */
const char *file_form_name(const struct file_form *form);
