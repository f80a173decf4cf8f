/* The rules of vendors. */
#include "actors/vendor/vendor.h"

enum status vendor_admit(struct text name, struct uuid id, enum vendor_vendor_status status,
                         int64_t now_us, struct vendor *ret_vendor)
{
    assert(ret_vendor != NULL);
    const struct text trimmed = text_trim(name);
    if (trimmed.length == 0 || trimmed.length > VENDOR_NAME_MAX) return STATUS_INVALID_VALUE;
    *ret_vendor = (struct vendor){
        .id = id,
        .name = trimmed,
        .status = status,
        .created_at_us = now_us,
        .version = 1,
    };
    ret_vendor->is_announced_open = vendor_is_open(ret_vendor, now_us);
    return STATUS_OK;
}

/* ASCII only, as the index in the database does it, whose text has no language. */
void vendor_name_fold(struct text name, struct vendor_name_key *ret_key)
{
    assert(ret_key != NULL);
    assert(name.length <= VENDOR_NAME_MAX);
    ret_key->length = name.length;
    for (size_t i = 0; i < name.length; i++) {
        const char byte = name.data[i];
        ret_key->text[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
}

bool vendor_is_public(const struct vendor *vendor)
{
    assert(vendor != NULL);
    return vendor->status == VENDOR_VENDOR_STATUS_APPROVED;
}

/* ---- where it stands ---- */

const char *const vendor_act_names[VENDOR_ACT_COUNT] = {
    [VENDOR_ACT_APPLY] = "apply",         [VENDOR_ACT_APPROVE] = "approve",
    [VENDOR_ACT_REJECT] = "reject",       [VENDOR_ACT_SUSPEND] = "suspend",
    [VENDOR_ACT_REINSTATE] = "reinstate", [VENDOR_ACT_TERMINATE] = "terminate",
    [VENDOR_ACT_LEAVE] = "leave",
};

enum status vendor_status_after(enum vendor_act act, enum vendor_vendor_status from,
                                enum vendor_vendor_status *ret_to)
{
    assert(ret_to != NULL);
    static const struct {
        enum vendor_act act;
        enum vendor_vendor_status from, to;
    } transitions[] = {
        { VENDOR_ACT_APPLY, VENDOR_VENDOR_STATUS_REJECTED, VENDOR_VENDOR_STATUS_APPLIED },
        { VENDOR_ACT_APPROVE, VENDOR_VENDOR_STATUS_APPLIED, VENDOR_VENDOR_STATUS_APPROVED },
        { VENDOR_ACT_REJECT, VENDOR_VENDOR_STATUS_APPLIED, VENDOR_VENDOR_STATUS_REJECTED },
        { VENDOR_ACT_SUSPEND, VENDOR_VENDOR_STATUS_APPROVED, VENDOR_VENDOR_STATUS_SUSPENDED },
        { VENDOR_ACT_REINSTATE, VENDOR_VENDOR_STATUS_SUSPENDED, VENDOR_VENDOR_STATUS_APPROVED },
        { VENDOR_ACT_TERMINATE, VENDOR_VENDOR_STATUS_APPROVED, VENDOR_VENDOR_STATUS_TERMINATING },
        { VENDOR_ACT_TERMINATE, VENDOR_VENDOR_STATUS_SUSPENDED, VENDOR_VENDOR_STATUS_TERMINATING },
        { VENDOR_ACT_LEAVE, VENDOR_VENDOR_STATUS_TERMINATING, VENDOR_VENDOR_STATUS_TERMINATED },
    };
    /* A list of pairs, so that a reader sees at once which acts lead where. */
    for (size_t i = 0; i < ARRAY_LENGTH(transitions); i++) {
        if (transitions[i].act != act || transitions[i].from != from) continue;
        *ret_to = transitions[i].to;
        return STATUS_OK;
    }
    return STATUS_ILLEGAL_TRANSITION;
}

bool vendor_can_leave(int64_t open_orders, int64_t open_checkouts)
{
    return open_orders == 0 && open_checkouts == 0;
}

/* ---- when it is open ---- */

/* The end does not belong to the holiday, so that the day after begins without a gap. */
bool vendor_is_on_holiday(const struct vendor *vendor, int64_t now_us)
{
    return vendor->has_window && vendor->closed_from_us <= now_us && now_us < vendor->closed_to_us;
}

bool vendor_is_open(const struct vendor *vendor, int64_t now_us)
{
    assert(vendor != NULL);
    return vendor->status == VENDOR_VENDOR_STATUS_APPROVED && !vendor_is_on_holiday(vendor, now_us);
}

int64_t vendor_due_us(const struct vendor *vendor, int64_t now_us)
{
    assert(vendor != NULL);
    if (!vendor->has_window) return 0;
    if (now_us < vendor->closed_from_us) return vendor->closed_from_us;
    return now_us < vendor->closed_to_us ? vendor->closed_to_us : 0;
}

enum status vendor_close(struct vendor *vendor, int64_t from_us, int64_t to_us, int64_t now_us)
{
    assert(vendor != NULL);
    if (to_us <= from_us || to_us <= now_us) return STATUS_INVALID_VALUE;
    vendor->has_window = true;
    vendor->closed_from_us = from_us;
    vendor->closed_to_us = to_us;
    return STATUS_OK;
}
