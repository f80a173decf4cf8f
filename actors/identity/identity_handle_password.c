/* A password, changed by who knows it. */
#include "actors/identity/identity_api_key.h"
#include "actors/identity/identity_password.h"
#include "actors/identity/identity_proof.h"
#include "actors/identity/identity_session_store.h"
#include "identity_handlers.h"

/* This session stays: its owner has just shown that he knows the password. All others may be a
 * thief's, and so may the keys that were made in them. */
enum status identity_handle_change_password(struct request *request,
                                            const struct identity_domain *domain,
                                            const struct identity_change_password *command)
{
    struct identity_person person;
    struct text hash;
    TRY(domain->find_self(request, &person));
    /* What costs nothing comes first: a new password that is refused anyway makes nobody hash the
     * old one. */
    const struct text context[] = { person.email, person.name };
    TRY(identity_password_acceptable(request, "/new_password", command->new_password, context,
                                     ARRAY_LENGTH(context)));
    TRY(identity_check_password(request, domain, &person, command->current_password,
                                "/current_password"));
    TRY(identity_password_hash(request, command->new_password, &hash));
    domain->save_password(request, &person, hash);
    identity_sessions_end_of_person(request, person.account_id, person.id,
                                    request_principal(request)->session);
    identity_api_keys_revoke_of_person(request, person.account_id, person.id);
    return domain->tell(request, &person, COMMON_NOTICE_KIND_PASSWORD_CHANGED);
}
