"""Emits status.h, status.c, domains.h and domains.c: names that every layer may use."""

from .emit_c import NOTICE, c_string
from .model import DOMAIN_LIMIT

STATUS_TAIL = """
/* "insufficient_funds": the name on the wire and the code of a problem; never NULL. */
const char *status_name(enum status status);
/* The HTTP status that answers it. */
int status_http(enum status status);
/* One sentence for people. */
const char *status_title(enum status status);
/* What whoever gets it can do, in a sentence or two; the title where nothing more is known. */
const char *status_help(enum status status);
/* Which field of a request it is about, if the request has one of that name; NULL: none in particular. */
const char *status_field(enum status status);
/* True for statuses that say nothing about the outcome, and that pass by themselves: the same message may be sent again
 * under the same id. */
bool status_is_outage(enum status status);
/* Finds a status by its name; false, and ret_status untouched, when there is none. */
bool status_find(const char *name, size_t length, enum status *ret_status);

#ifdef __cplusplus
}
#endif
"""

STATUS_CODE = """
struct status_row {
    const char *name;
    size_t name_length;
    int http;
    bool is_outage;
    const char *title;
    const char *help;
    const char *field;
};

static const struct status_row rows[] = {
%s};

static const struct status_row *row_of(enum status status)
{
    const size_t index = (size_t)status;
    return &rows[index < STATUS_COUNT ? index : (size_t)STATUS_INTERNAL];
}

const char *status_name(enum status status)
{
    return row_of(status)->name;
}

int status_http(enum status status)
{
    return row_of(status)->http;
}

const char *status_title(enum status status)
{
    return row_of(status)->title;
}

const char *status_help(enum status status)
{
    return row_of(status)->help;
}

const char *status_field(enum status status)
{
    return row_of(status)->field;
}

bool status_is_outage(enum status status)
{
    return row_of(status)->is_outage;
}

bool status_find(const char *name, size_t length, enum status *ret_status)
{
    for (size_t i = 0; i < STATUS_COUNT; i++) {
        if (rows[i].name_length == length && memcmp(rows[i].name, name, length) == 0) {
            *ret_status = (enum status)i;
            return true;
        }
    }
    return false;
}
"""

DOMAIN_CODE = """
static const char *const names[DOMAIN_LIMIT] = {
%s};

const char *domain_name(enum domain domain)
{
    const size_t index = (size_t)domain;
    return index < DOMAIN_LIMIT && names[index] != NULL ? names[index] : "unknown";
}

bool domain_find(const char *name, size_t length, enum domain *ret_domain)
{
    for (size_t i = 0; i < DOMAIN_LIMIT; i++) {
        if (names[i] != NULL && strlen(names[i]) == length && memcmp(names[i], name, length) == 0) {
            *ret_domain = (enum domain)i;
            return true;
        }
    }
    return false;
}
"""

GUARD = "#pragma once\n\n#include <stdbool.h>\n#include <stddef.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"


def status_header(model):
    values = []
    for index, status in enumerate(model.statuses.values()):
        number = " = 0" if index == 0 else ""
        values.append(f"    {status.constant}{number}, /* {status.http} {status.title.replace('*/', '')} */\n")
    return (NOTICE.format("status.toml and [error.x]") + "/* Every outcome of a call. */\n" + GUARD
            + "enum status {\n" + "".join(values) + "};\n"
            + f"enum {{ STATUS_COUNT = {len(model.statuses)} }};\n" + STATUS_TAIL)


def status_source(model):
    rows = "".join(f"    {{ {c_string(s.name)}, {len(s.name)}, {s.http}, {'true' if s.is_outage else 'false'},"
                   f" {c_string(s.title)}, {c_string(s.help or s.title)},"
                   f" {c_string(s.field) if s.field else 'NULL'} }},\n" for s in model.statuses.values())
    return (NOTICE.format("status.toml and [error.x]") + "#include \"status.h\"\n\n#include <string.h>\n"
            + STATUS_CODE % rows)


def domains_header(model):
    values = "".join(f"    {d.constant} = {d.number // 1000}, /* {d.doc} */\n" for d in model.domains)
    return (NOTICE.format("messages") + "/* The domains: message numbers divided by 1000. */\n" + GUARD
            + f"enum domain {{\n{values}    DOMAIN_LIMIT = {DOMAIN_LIMIT} /* above every domain */\n}};\n\n"
            "/* \"wallet\"; \"unknown\" for a number that is no domain. */\n"
            "const char *domain_name(enum domain domain);\n"
            "/* Finds a domain by its name; false, and ret_domain untouched, when there is none. */\n"
            "bool domain_find(const char *name, size_t length, enum domain *ret_domain);\n\n"
            "#ifdef __cplusplus\n}\n#endif\n")


def domains_source(model):
    rows = "".join(f"    [{d.constant}] = {c_string(d.name)},\n" for d in model.domains)
    return (NOTICE.format("messages") + "#include \"domains.h\"\n\n#include <string.h>\n"
            + DOMAIN_CODE % (rows or "    NULL,\n"))
