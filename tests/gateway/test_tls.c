/* Certificates: made once, for this machine only, and used only with their own key. */
#include "gateway/tls.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/cmocka.h"

static char directory[40], certificate[64], key[64];

static int make_directory(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/souk-test-tls-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(certificate, sizeof certificate, "%s/x.crt", directory);
    (void)snprintf(key, sizeof key, "%s/x.key", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    (void)unlink(certificate);
    (void)unlink(key);
    assert_int_equal(rmdir(directory), 0); /* nothing half-written is left */
    return 0;
}

static X509 *read_certificate(void)
{
    FILE *file = fopen(certificate, "r");
    assert_non_null(file);
    X509 *read = PEM_read_X509(file, NULL, NULL, NULL);
    (void)fclose(file);
    assert_non_null(read);
    return read;
}

static void a_made_certificate_serves(void **state)
{
    (void)state;
    SSL_CTX *context = NULL;
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    assert_int_equal(tls_context_new(certificate, key, &context), STATUS_OK);
    assert_int_equal(SSL_CTX_get_min_proto_version(context), TLS1_2_VERSION);
    assert_int_equal(SSL_CTX_get_max_early_data(context), 0);
    SSL_CTX_free(context);
}

static void a_made_certificate_is_for_this_machine_only(void **state)
{
    (void)state;
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    X509 *read = read_certificate();
    assert_int_equal(X509_check_host(read, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(read, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(read, "::1", 0), 1);
    assert_int_equal(X509_check_host(read, "shop.example", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ca(read), 0);
    X509_free(read);
}

static void only_the_owner_may_read_the_files(void **state)
{
    (void)state;
    struct stat about;
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    assert_int_equal(stat(key, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(stat(certificate, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void a_certificate_is_made_once(void **state)
{
    (void)state;
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    X509 *first = read_certificate();
    assert_int_equal(tls_certificate_make(certificate, key, 8), STATUS_OK);
    X509 *second = read_certificate();
    assert_int_equal(X509_cmp(first, second), 0);
    X509_free(first);
    X509_free(second);
}

static void without_its_key_it_is_made_anew(void **state)
{
    (void)state;
    SSL_CTX *context = NULL;
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    assert_int_equal(unlink(key), 0);
    assert_int_equal(tls_certificate_make(certificate, key, 8), STATUS_OK);
    assert_int_equal(tls_context_new(certificate, key, &context), STATUS_OK);
    SSL_CTX_free(context);
}

static void two_files_that_are_no_pair_are_kept_and_made_anew(void **state)
{
    (void)state;
    char aside[2][80];
    SSL_CTX *context = NULL;
    (void)snprintf(aside[0], sizeof aside[0], "%s.unfit", certificate);
    (void)snprintf(aside[1], sizeof aside[1], "%s.unfit", key);
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    assert_int_equal(truncate(certificate, 20), 0);
    assert_int_equal(tls_certificate_make(certificate, key, 8), STATUS_OK);
    assert_int_equal(tls_context_new(certificate, key, &context), STATUS_OK);
    SSL_CTX_free(context);
    assert_int_equal(unlink(aside[0]), 0);
    assert_int_equal(unlink(aside[1]), 0);
}

static void gateways_that_start_at_once_make_one_pair(void **state)
{
    (void)state;
    enum { ROUNDS = 40, GATEWAYS = 8 };
    for (int round = 0; round < ROUNDS; round++) {
        pid_t children[GATEWAYS];
        int gate[2];
        char none;
        assert_int_equal(pipe(gate), 0);
        for (uint64_t i = 0; i < GATEWAYS; i++) {
            children[i] = fork();
            assert_true(children[i] >= 0);
            if (children[i] != 0) continue;
            (void)close(gate[1]);
            (void)!read(gate[0], &none, 1); /* until all are there */
            _exit(tls_certificate_make(certificate, key, i + 1) == STATUS_OK ? 0 : 1);
        }
        (void)close(gate[1]);
        (void)close(gate[0]);
        for (size_t i = 0; i < GATEWAYS; i++) {
            int ended;
            assert_int_equal(waitpid(children[i], &ended, 0), children[i]);
            assert_int_equal(ended, 0);
        }
        SSL_CTX *context = NULL;
        assert_int_equal(tls_context_new(certificate, key, &context), STATUS_OK);
        SSL_CTX_free(context);
        assert_int_equal(unlink(certificate), 0);
        assert_int_equal(unlink(key), 0);
    }
}

static void a_place_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    assert_int_equal(tls_certificate_make("/nowhere/x.crt", "/nowhere/x.key", 7),
                     STATUS_UNAVAILABLE);
}

static void files_that_are_not_there_are_told(void **state)
{
    (void)state;
    SSL_CTX *context = NULL;
    assert_int_equal(tls_context_new(certificate, key, &context), STATUS_NOT_FOUND);
    assert_null(context);
}

static void a_key_that_is_another_certificates_is_refused(void **state)
{
    (void)state;
    char other[64];
    SSL_CTX *context = NULL;
    (void)snprintf(other, sizeof other, "%s/y.key", directory);
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    assert_int_equal(rename(key, other), 0);
    assert_int_equal(tls_certificate_make(certificate, key, 8), STATUS_OK);
    assert_int_equal(tls_context_new(certificate, other, &context), STATUS_CORRUPT);
    assert_null(context);
    assert_int_equal(unlink(other), 0);
}

static void what_is_no_certificate_is_refused(void **state)
{
    (void)state;
    SSL_CTX *context = NULL;
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    assert_int_equal(truncate(certificate, 20), 0);
    assert_int_equal(tls_context_new(certificate, key, &context), STATUS_CORRUPT);
    assert_null(context);
}

#define CLAIM(function) cmocka_unit_test_setup_teardown(function, make_directory, remove_directory)

/* Whether a client that agrees on keys by `groups` only gets a connection. */
static bool connects(const char *groups, int version)
{
    SSL_CTX *theirs = NULL, *ours = SSL_CTX_new(TLS_client_method());
    assert_int_equal(tls_certificate_make(certificate, key, 7), STATUS_OK);
    assert_int_equal(tls_context_new(certificate, key, &theirs), STATUS_OK);
    assert_int_equal(SSL_CTX_set1_groups_list(ours, groups), 1);
    assert_int_equal(SSL_CTX_set_min_proto_version(ours, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(ours, version), 1);
    SSL *server = SSL_new(theirs), *client = SSL_new(ours);
    BIO *server_end, *client_end;
    assert_int_equal(BIO_new_bio_pair(&server_end, 0, &client_end, 0), 1);
    SSL_set_bio(server, server_end, server_end);
    SSL_set_bio(client, client_end, client_end);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    bool is_done = false;
    for (int round = 0; round < 20 && !is_done; round++) {
        const bool is_ours = SSL_do_handshake(client) == 1;
        is_done = SSL_do_handshake(server) == 1 && is_ours;
    }
    SSL_free(server);
    SSL_free(client);
    SSL_CTX_free(theirs);
    SSL_CTX_free(ours);
    return is_done;
}

static void keys_are_agreed_on_by_cheap_groups(void **state)
{
    (void)state;
    assert_true(connects("X25519", TLS1_3_VERSION));
    assert_true(connects("P-256", TLS1_3_VERSION));
    assert_true(connects("P-256", TLS1_2_VERSION));
}

static void groups_that_cost_the_loop_much_are_refused(void **state)
{
    (void)state;
    assert_false(connects("ffdhe2048", TLS1_3_VERSION));
    assert_false(connects("ffdhe8192", TLS1_3_VERSION));
    assert_false(connects("X448", TLS1_3_VERSION));
    assert_false(connects("P-521", TLS1_3_VERSION));
    assert_false(connects("P-521", TLS1_2_VERSION));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CLAIM(a_made_certificate_serves),
        CLAIM(a_made_certificate_is_for_this_machine_only),
        CLAIM(only_the_owner_may_read_the_files),
        CLAIM(a_certificate_is_made_once),
        CLAIM(without_its_key_it_is_made_anew),
        CLAIM(two_files_that_are_no_pair_are_kept_and_made_anew),
        CLAIM(gateways_that_start_at_once_make_one_pair),
        CLAIM(a_place_that_cannot_be_written_is_told),
        CLAIM(files_that_are_not_there_are_told),
        CLAIM(a_key_that_is_another_certificates_is_refused),
        CLAIM(what_is_no_certificate_is_refused),
        CLAIM(keys_are_agreed_on_by_cheap_groups),
        CLAIM(groups_that_cost_the_loop_much_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
