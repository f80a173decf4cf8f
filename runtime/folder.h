/* Folders that root makes, and what in them is given to the user that programs run as. Everything
 * goes by descriptors and never by a link, so that nobody who may write there leads root elsewhere.
 */
#pragma once

#include <sys/types.h>

#include "runtime/account.h"

/* Opens the folder `name` of the open folder `parent`; one that is missing is made with mode 0700.
 * It must be a folder, not a link to one, and our own. The caller closes the descriptor. Statuses:
 * OK, UNAVAILABLE (cannot be made or opened), FORBIDDEN (it is somebody else's). */
MUST_CHECK enum status folder_open(int parent, const char *name, int *ret_folder);
/* The same, whoever has it, if it is in a folder where only we may write. */
MUST_CHECK enum status folder_open_any(int parent, const char *name, int *ret_folder);
/* Gives files and sockets of that folder which are not yet the account's to it, but for the one of
 * the name `kept` (may be NULL). Links stay, of either kind: a file that has another name elsewhere
 * is not ours to give. Statuses: OK, UNAVAILABLE. */
MUST_CHECK enum status folder_hand_over(int folder, const struct account *account,
                                        const char *kept);
/* True if only this process's user and root may change what the folder of the file `path` contains
 * and what leads to it, and the path is whole: from the root on, without links. */
bool folder_is_ours(const char *path);
/* Gives the account an open file that is root's and has one name. False if it is no such file. */
bool folder_give_file(int file, const struct account *account);
/* Opens a file to append to, in a folder that is ours (as above), and makes it (0640) if it is
 * missing; the account, if there is one, becomes its owner. Gives -1 if it cannot. */
int folder_open_log(const char *path, const struct account *account);
