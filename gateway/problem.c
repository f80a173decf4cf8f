/* Problem details, written member by member: no tree of JSON values is built for a refusal. */
#include "gateway/problem.h"

#include "common_messages.h"
#include "messages/codec_json.h"

static void member_add(struct text_builder *out, const char *name, struct text value)
{
    text_builder_add(out, TEXT(",\""));
    text_builder_add(out, text_of(name));
    text_builder_add(out, TEXT("\":"));
    json_encode_text(value, out);
}

static void member_add_int(struct text_builder *out, const char *name, int64_t value)
{
    text_builder_add(out, TEXT(",\""));
    text_builder_add(out, text_of(name));
    text_builder_add(out, TEXT("\":"));
    text_builder_add_int(out, value);
}

static void item_begin(struct text_builder *out, size_t index, struct text pointer)
{
    text_builder_add(out, index == 0 ? TEXT("{\"pointer\":") : TEXT(",{\"pointer\":"));
    json_encode_text(pointer, out);
}

static void problem_add_faults(const struct field_faults *faults, struct text_builder *out)
{
    text_builder_add(out, TEXT(",\"errors\":["));
    for (size_t i = 0; i < faults->count; i++) {
        const struct field_fault *fault = &faults->entries[i];
        item_begin(out, i, text_of(fault->pointer));
        member_add(out, "code", text_of(status_name(fault->status)));
        member_add(out, "detail", text_of(fault->detail));
        text_builder_add_byte(out, '}');
    }
    text_builder_add_byte(out, ']');
}

static void problem_add_detail(const struct common_problem_detail *detail, struct text_builder *out)
{
    if (detail->has_detail) member_add(out, "detail", detail->detail);
    if (detail->errors_count == 0) return;
    text_builder_add(out, TEXT(",\"errors\":["));
    for (size_t i = 0; i < detail->errors_count; i++) {
        const struct common_problem_item *item = &detail->errors[i];
        item_begin(out, i, item->pointer);
        member_add(out, "code", item->code);
        if (item->has_detail) member_add(out, "detail", item->detail);
        if (item->has_requested) member_add_int(out, "requested", item->requested);
        if (item->has_available) member_add_int(out, "available", item->available);
        text_builder_add_byte(out, '}');
    }
    text_builder_add_byte(out, ']');
}

int problem_http_status(const struct problem *problem)
{
    assert(problem->status != STATUS_OK);
    return problem->http_status != 0 ? problem->http_status : status_http(problem->status);
}

void problem_write(const struct problem *problem, struct text instance, struct text request_id,
                   struct text_builder *out)
{
    assert(problem->status != STATUS_OK);
    assert(request_id.length > 0);
    const struct text code = text_of(status_name(problem->status));
    text_builder_add(out, TEXT("{\"type\":\"/problems/"));
    text_builder_add(out, code);
    text_builder_add_byte(out, '"');
    member_add(out, "title", text_of(status_title(problem->status)));
    member_add_int(out, "status", problem_http_status(problem));
    member_add(out, "instance", instance);
    member_add(out, "code", code);
    member_add(out, "request_id", request_id);
    if (problem->faults != NULL && problem->faults->count > 0) {
        member_add(out, "detail", text_of(problem->faults->entries[0].detail));
        problem_add_faults(problem->faults, out);
    }
    if (problem->detail != NULL) problem_add_detail(problem->detail, out);
    text_builder_add_byte(out, '}');
}

enum status problem_add_fault(struct field_faults *faults, struct text name, enum status status,
                              const char *detail)
{
    assert(status != STATUS_OK);
    struct field_path path = { .length = 0 };
    (void)field_path_push(&path, name);
    return field_faults_add(faults, &path, status, detail);
}
