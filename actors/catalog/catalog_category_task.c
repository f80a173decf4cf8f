/* Products that follow their category. */
#include "actors/catalog/catalog_category_task.h"

#include "actors/catalog/catalog_category_edit_store.h"
#include "actors/catalog/catalog_news.h"
#include "catalog_handlers.h"

enum {
    TASKS_MAX = 8,   /* categories of one sweep */
    ROUNDS_MAX = 50, /* of each: 10,000 products */
};

/* A category that goes is taken away when nothing is in it any more; when somebody has put
 * categories below it meanwhile, it stays. */
static enum status finish(struct request *request, const struct catalog_category_task *task)
{
    bool is_empty;
    if (!task->is_again)
        catalog_category_edit_repeat_task(request, task->id);
    else if (uuid_is_zero(task->into))
        catalog_category_edit_end_task(request, task->id);
    if (uuid_is_zero(task->into)) return STATUS_OK;
    /* Search finds what has come by the listing of where it is now. */
    TRY(catalog_news_of_category(request, task->into));
    if (!task->is_again) return STATUS_OK;
    TRY(catalog_category_edit_is_empty(request, task->id, &is_empty));
    if (is_empty)
        catalog_category_edit_delete(request, task->id, task->into);
    else
        catalog_category_edit_end_task(request, task->id);
    return STATUS_OK;
}

enum status catalog_handle_advance_category(struct request *request,
                                            const struct catalog_advance_category *command,
                                            struct catalog_category_advanced *ret_reply)
{
    struct catalog_category_task task;
    const struct uuid *products;
    size_t count;
    const enum status status =
        catalog_category_edit_load_task(request, command->category_id, &task, &products, &count);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    TRY(status);
    ret_reply->has_more = count > 0;
    if (count == 0) return finish(request, &task);
    catalog_category_edit_align(request, &task, products, count);
    return STATUS_OK;
}

enum status catalog_category_sweep(struct request *request, unsigned shard_first,
                                   unsigned shard_last)
{
    struct uuid ids[TASKS_MAX];
    size_t count;
    TRY(catalog_category_edit_list_tasks(request, shard_first, shard_last, TASKS_MAX, ids, &count));
    for (size_t i = 0; i < count; i++) {
        const struct catalog_advance_category command = { .category_id = ids[i] };
        struct catalog_category_advanced reply = { .has_more = true };
        for (size_t round = 0; round < ROUNDS_MAX && reply.has_more; round++)
            TRY(request_ask(request, &catalog_advance_category_message, &command, &reply));
    }
    return STATUS_OK;
}
