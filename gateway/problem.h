/* Why a request is refused, and how that is written: problem details (RFC 9457; gateway/README.md,
 * Decisions: problems). Pure. */
#pragma once

#include "messages/validate.h"
#include "runtime/text.h"

struct common_problem_detail;

/* A problem's `type` is this and its code; there is a page for each (service.c). */
#define PROBLEM_PAGES "/problems/"

struct problem {
    enum status status;
    int http_status;                            /* 0: the status decides */
    const struct field_faults *faults;          /* what the codec found, or NULL */
    const struct common_problem_detail *detail; /* a domain's reasons, or NULL */
    enum field_place place;                     /* where what these point to stands */
    struct text allow;                          /* of METHOD_NOT_ALLOWED: the Allow header */
    struct text accepts; /* of UNSUPPORTED_MEDIA_TYPE: the Accept-Post header */
    struct text reason;  /* why, for people, where the gateway knows */
    int64_t maximum;     /* bytes that are taken of what was too large; 0: that is not why */
};

/* The HTTP status that the problem is answered with. */
int problem_http_status(const struct problem *problem);
/* Appends the problem as JSON. `instance` is the path of the request. */
void problem_write(const struct problem *problem, struct text instance, struct text request_id,
                   struct text_builder *out);
/* Notes what is wrong with a parameter or header of that name; `detail` must outlive the faults.
 * Returns `status`. */
enum status problem_add_fault(struct field_faults *faults, enum field_place place, struct text name,
                              enum status status, const char *detail);
