/* Faults that wait for their calls. */
#include "tests/testbank/faults.h"

#include <jansson.h>
#include <string.h>

#include "tests/testbank/form.h"
#include "tests/testbank/render.h"
#include "tests/testbank/routes.h"

static const char *const names[] = {
    [FAULT_NONE] = "none",       [FAULT_ERROR] = "error", [FAULT_TOO_MANY] = "too_many",
    [FAULT_GARBAGE] = "garbage", [FAULT_HALF] = "half",   [FAULT_REDIRECT] = "redirect",
    [FAULT_NOTHING] = "nothing", [FAULT_CLOSE] = "close",
};
static_assert(ARRAY_LENGTH(names) == FAULT_KINDS, "each kind has a name");

enum fault_kind fault_kind_of(struct text name)
{
    for (size_t kind = 1; kind < FAULT_KINDS; kind++) {
        if (text_equals_string(name, names[kind])) return (enum fault_kind)kind;
    }
    return FAULT_NONE;
}

const char *fault_kind_name(enum fault_kind kind)
{
    assert(kind < FAULT_KINDS);
    return names[kind];
}

enum status faults_add(struct faults *faults, const struct fault *fault)
{
    assert(fault->left > 0);
    if (faults->count == FAULTS_MAX) return STATUS_OVERLOADED;
    faults->faults[faults->count++] = *fault;
    return STATUS_OK;
}

struct fault faults_take(struct faults *faults, const char *operation)
{
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = &faults->faults[i];
        if (strcmp(fault->operation, "*") != 0 && strcmp(fault->operation, operation) != 0)
            continue;
        const struct fault taken = *fault;
        if (--fault->left == 0) {
            memmove(fault, fault + 1, (faults->count - i - 1) * sizeof *fault);
            faults->count--;
        }
        return taken;
    }
    return (struct fault){ .kind = FAULT_NONE };
}

static struct http_reply say(int code, struct text body)
{
    return (struct http_reply){ .code = code, .body = body, .content_type = "application/json" };
}

static struct http_reply list(const struct faults *faults, struct arena *arena)
{
    json_t *data = json_array();
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->faults[i];
        (void)json_array_append_new(
            data, json_pack("{s:s, s:s, s:b, s:I}", "operation", fault->operation, "kind",
                            fault_kind_name(fault->kind), "does_work", (int)fault->does_work,
                            "left", (json_int_t)fault->left));
    }
    json_t *whole = json_pack("{s:o}", "data", data);
    const struct text text = render_text(arena, whole);
    json_decref(whole);
    return say(200, text);
}

static bool read_fault(const struct form *form, struct fault *ret_fault)
{
    const struct text operation = form_find(form, "operation"), count = form_find(form, "count");
    const struct text work = form_find(form, "does_work");
    const bool is_any = text_equals(operation, TEXT("*"));
    struct fault fault = {
        .kind = fault_kind_of(form_find(form, "kind")),
        .does_work = text_equals(work, TEXT("true")),
        .left = 1,
    };
    if (fault.kind == FAULT_NONE || operation.length >= FAULT_OPERATION_MAX) return false;
    if (operation.data == NULL || (!is_any && !route_has_operation(operation))) return false;
    if (work.data != NULL && !fault.does_work && !text_equals(work, TEXT("false"))) return false;
    if (count.data != NULL && text_parse_int(count, &fault.left) != STATUS_OK) return false;
    if (fault.left < 1 || fault.left > FAULT_COUNT_MAX) return false;
    memcpy(fault.operation, operation.data, operation.length);
    *ret_fault = fault;
    return true;
}

struct http_reply faults_answer(struct faults *faults, const struct http_request *request)
{
    if (text_equals(request->method, TEXT("GET"))) return list(faults, request->arena);
    if (text_equals(request->method, TEXT("DELETE"))) {
        faults->count = 0;
        return list(faults, request->arena);
    }
    struct form form;
    struct fault fault;
    if (form_parse(request->arena, request->body, &form) != STATUS_OK ||
        !read_fault(&form, &fault) || faults_add(faults, &fault) != STATUS_OK) {
        return say(400,
                   TEXT("{\"error\":{\"type\":\"invalid_request_error\",\"message\":"
                        "\"operation, kind, count and does_work, and not too many of them\"}}"));
    }
    return list(faults, request->arena);
}
