/* The rules of the checklist. */
#include "actors/vendor/vendor_checklist.h"

#include <string.h>

static bool is_done(enum vendor_checklist_item item, const struct vendor *vendor,
                    const struct vendor_progress *progress)
{
    switch (item) {
    case VENDOR_CHECKLIST_ITEM_EMAIL:
        return progress->owners > 0 && progress->owners_with_email == progress->owners;
    case VENDOR_CHECKLIST_ITEM_PROFILE:
        return vendor->description.length > 0 && vendor->policies.length > 0 &&
               vendor->contact_email.length > 0;
    case VENDOR_CHECKLIST_ITEM_SHIPPING:
        return progress->active_shipping_methods > 0;
    case VENDOR_CHECKLIST_ITEM_SECOND_FACTOR:
        return progress->owners > 0 && progress->owners_with_second_factor == progress->owners;
    }
    return false;
}

/* A blank between commas is no mistake; an unknown word is, because the operator meant something by
 * it. */
static enum status mark_word(struct text word, bool ret_asked[VENDOR_CHECKLIST_ITEM_COUNT])
{
    if (word.length == 0) return STATUS_OK;
    for (size_t i = 0; i < VENDOR_CHECKLIST_ITEM_COUNT; i++) {
        if (!text_equals_string(word, vendor_checklist_item_names[i])) continue;
        ret_asked[i] = true;
        return STATUS_OK;
    }
    return STATUS_INVALID_VALUE;
}

enum status vendor_checklist_judge(struct text setting, const struct vendor *vendor,
                                   const struct vendor_progress *progress,
                                   struct vendor_checklist_result *ret_result)
{
    assert(vendor != NULL);
    assert(progress != NULL);
    assert(ret_result != NULL);
    bool asked[VENDOR_CHECKLIST_ITEM_COUNT] = { false };
    while (setting.length > 0) {
        const char *comma = memchr(setting.data, ',', setting.length);
        const size_t length = comma == NULL ? setting.length : (size_t)(comma - setting.data);
        TRY(mark_word(text_trim((struct text){ setting.data, length }), asked));
        const size_t skip = comma == NULL ? length : length + 1;
        setting = (struct text){ setting.data + skip, setting.length - skip };
    }
    struct vendor_checklist_result result = { .count = 0 };
    for (size_t i = 0; i < VENDOR_CHECKLIST_ITEM_COUNT; i++) {
        const enum vendor_checklist_item item = (enum vendor_checklist_item)i;
        if (!asked[i]) continue;
        result.items[result.count++] =
            (struct vendor_checklist_entry){ .code = item,
                                             .is_done = is_done(item, vendor, progress) };
    }
    *ret_result = result;
    return STATUS_OK;
}

const char *vendor_checklist_text(enum vendor_checklist_item item)
{
    switch (item) {
    case VENDOR_CHECKLIST_ITEM_EMAIL:
        return "Every owner's e-mail address must be proved.";
    case VENDOR_CHECKLIST_ITEM_PROFILE:
        return "Description, policies and contact e-mail must be there.";
    case VENDOR_CHECKLIST_ITEM_SHIPPING:
        return "At least one shipping method must be active.";
    case VENDOR_CHECKLIST_ITEM_SECOND_FACTOR:
        return "Every owner must have a second factor.";
    }
    return "";
}
