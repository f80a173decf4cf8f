/* The address book: at most USER_ADDRESSES_MAX addresses, exactly one of them the default. */
#include "actors/user/user_address_store.h"
#include "user_handlers.h"

/* Makes an address the default of the book. The one that was the default changes as well, so it
 * gets a new version, too. */
static void make_default(struct request *request, struct user_book *book, struct uuid address_id)
{
    if (book->has_default) user_address_touch(request, book->default_id);
    book->has_default = true;
    book->default_id = address_id;
}

static enum status normalise(struct request *request, struct user_address *address)
{
    const char *why;
    const char *pointer = user_address_normalise(address, &why);
    return pointer == NULL ? STATUS_OK
                           : request_refuse(request, pointer, STATUS_INVALID_VALUE, why);
}

enum status user_handle_add_address(struct request *request, const struct user_add_address *command,
                                    struct user_address *ret_reply)
{
    struct user_address address = {
        .id = request_new_id(request), /* in the shard of the user */
        .name = command->name,
        .line1 = command->line1,
        .has_line2 = command->has_line2,
        .line2 = command->line2,
        .city = command->city,
        .has_postal_code = command->has_postal_code,
        .postal_code = command->postal_code,
        .has_region = command->has_region,
        .region = command->region,
        .country = command->country,
        .has_phone = command->has_phone,
        .phone = command->phone,
        .version = 1,
    };
    TRY(normalise(request, &address));

    struct user_book book;
    TRY(user_address_load_book(request, request_principal(request)->id, address.id, &book));
    if (book.count >= USER_ADDRESSES_MAX)
        return request_refuse_full(request, "", STATUS_ADDRESS_BOOK_FULL, USER_ADDRESSES_MAX, NULL);
    address.is_default = !book.has_default || (command->has_is_default && command->is_default);
    user_address_add(request, &address, book.user_id);
    if (address.is_default) make_default(request, &book, address.id);
    user_address_save_book(request, &book);
    *ret_reply = address;
    return STATUS_OK;
}

static enum status find_for_change(struct request *request, struct uuid address_id,
                                   struct versions versions, struct user_address *ret_address)
{
    struct user_address address;
    TRY(user_address_find(request, address_id, request_principal(request)->id, &address));
    if (!versions_have(versions, address.version)) return STATUS_PRECONDITION_FAILED;
    *ret_address = address;
    return STATUS_OK;
}

enum status user_handle_change_address(struct request *request,
                                       const struct user_change_address *command,
                                       struct user_address *ret_reply)
{
    struct user_address address;
    TRY(find_for_change(request, command->address_id, VERSIONS_OF(command), &address));
    user_address_change(&address, command);
    TRY(normalise(request, &address));
    if (command->has_is_default && !command->is_default && address.is_default)
        return request_refuse(request, "/is_default", STATUS_INVALID_VALUE,
                              "The default cannot be unmade: make another address the default.");

    address.version++;
    user_address_save(request, &address);
    if (command->has_is_default && command->is_default && !address.is_default) {
        struct user_book book;
        TRY(user_address_load_book(request, request_principal(request)->id, address.id, &book));
        make_default(request, &book, address.id);
        user_address_save_book(request, &book);
        address.is_default = true;
    }
    *ret_reply = address;
    return STATUS_OK;
}

enum status user_handle_remove_address(struct request *request,
                                       const struct user_remove_address *command)
{
    struct user_address address;
    TRY(find_for_change(request, command->address_id, VERSIONS_OF(command), &address));
    struct user_book book;
    TRY(user_address_load_book(request, request_principal(request)->id, address.id, &book));
    if (book.has_default && uuid_equals(book.default_id, address.id)) {
        book.has_default = book.has_newest_other;
        book.default_id = book.newest_other_id;
        if (book.has_default) user_address_touch(request, book.default_id);
    }
    /* The book is saved first: a foreign key keeps the row while the account names it as the
     * default. */
    user_address_save_book(request, &book);
    user_address_remove(request, &address);
    return STATUS_OK;
}

enum status user_handle_list_addresses(struct request *request,
                                       const struct user_list_addresses *query,
                                       struct user_addresses *ret_reply)
{
    (void)query;
    return user_address_list(request, request_principal(request)->id, &ret_reply->data,
                             &ret_reply->data_count);
}

enum status user_handle_get_address(struct request *request, const struct user_get_address *query,
                                    struct user_address *ret_reply)
{
    return user_address_find(request, query->address_id, request_principal(request)->id, ret_reply);
}
