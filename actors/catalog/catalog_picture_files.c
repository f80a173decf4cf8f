/* What gateways ask about files of pictures: when they may be written, which may go. */
#include "actors/catalog/catalog_picture_store.h"
#include "catalog_handlers.h"

enum status catalog_handle_note_picture(struct request *request,
                                        const struct pictures_note_picture *command)
{
    return picture_files_note(request, &catalog_picture_files, command->digest);
}

enum status catalog_handle_retire_pictures(struct request *request,
                                           const struct pictures_retire_pictures *command,
                                           struct common_retired_pictures *ret_reply)
{
    return picture_files_sweep(request, &catalog_picture_files, command->gone, command->gone_count,
                               ret_reply);
}
