/* Sets up OpenSSL 3 for libh2o, and makes the certificate of a first start. */
#include "gateway/tls.h"

#include <fcntl.h>
#include <h2o.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/log.h"

enum { CERTIFICATE_DAYS = 825, FILE_PATH_MAX = 1024, LOCK_TRIES = 500, LOCK_WAIT_US = 10000 };

enum status tls_context_new(const char *certificate_path, const char *key_path,
                            SSL_CTX **ret_context)
{
    assert(ret_context != NULL);
    if (access(certificate_path, R_OK) != 0 || access(key_path, R_OK) != 0) return STATUS_NOT_FOUND;
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) abort();
    static const unsigned char session_context[] = "souk";
    (void)SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_NO_RENEGOTIATION);
    /* 34 KiB less for each connection that is idle; there may be thousands. */
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    const bool is_set =
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
        /* Of the groups that OpenSSL would accept, ffdhe8192 costs the loop 138 ms per handshake,
         * for a hello of 1.2 KB (measured); every client has one of these two, which are cheap. */
        SSL_CTX_set1_groups_list(context, "X25519:P-256") == 1 &&
        SSL_CTX_set_session_id_context(context, session_context, sizeof session_context - 1) == 1 &&
        SSL_CTX_set_max_early_data(context, 0) == 1 &&
        SSL_CTX_use_certificate_chain_file(context, certificate_path) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(context) == 1;
    if (!is_set) {
        SSL_CTX_free(context);
        ERR_clear_error(); /* else it is taken for one of the next connection that fails */
        return STATUS_CORRUPT;
    }
    h2o_ssl_register_alpn_protocols(context, h2o_http2_alpn_protocols);
    *ret_context = context;
    return STATUS_OK;
}

static bool certificate_add_extension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    if (extension == NULL) return false;
    const bool is_added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

static bool certificate_fill(X509 *certificate, EVP_PKEY *key, uint64_t serial)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    const unsigned char *common_name = (const unsigned char *)"localhost";
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * CERTIFICATE_DAYS) != NULL &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
           certificate_add_extension(certificate, NID_subject_alt_name,
                                     "DNS:localhost,IP:127.0.0.1,IP:::1") &&
           certificate_add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           certificate_add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           certificate_add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* Writes a file beside the real one and renames it, so that a half-written file is never read.
 * Writes the key if there is one, else the certificate. */
static bool file_write(const char *path, X509 *certificate, EVP_PKEY *key)
{
    assert(key != NULL || certificate != NULL);
    char temporary[FILE_PATH_MAX];
    const int length = snprintf(temporary, sizeof temporary, "%s.%d", path, (int)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary) return false;
    const int descriptor =
        open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return false;
    FILE *file = fdopen(descriptor, "w");
    if (file == NULL) {
        (void)close(descriptor);
        return false;
    }
    bool is_written = key != NULL ? PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1
                                  : PEM_write_X509(file, certificate) == 1;
    is_written = fclose(file) == 0 && is_written;
    if (is_written && rename(temporary, path) == 0) return true;
    (void)unlink(temporary);
    return false;
}

/* Locks the folder of a file until the descriptor is closed: -1 if that cannot be had in time. */
static int folder_lock(const char *file_path)
{
    char folder[FILE_PATH_MAX];
    const int length = snprintf(folder, sizeof folder, "%s", file_path);
    if (length < 0 || (size_t)length >= sizeof folder) return -1;
    char *slash = strrchr(folder, '/');
    assert(slash != NULL && slash != folder);
    *slash = '\0';
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
        (void)usleep(LOCK_WAIT_US);
    }
    (void)close(descriptor);
    return -1;
}

/* Two files that are no pair serve nobody; they are kept, as somebody may have put them there. */
static bool file_set_aside(const char *path)
{
    char aside[FILE_PATH_MAX];
    const int length = snprintf(aside, sizeof aside, "%s.unfit", path);
    if (length < 0 || (size_t)length >= sizeof aside) return false;
    return rename(path, aside) == 0;
}

static bool pair_is_unfit(const char *certificate_path, const char *key_path)
{
    SSL_CTX *context = NULL;
    const enum status status = tls_context_new(certificate_path, key_path, &context);
    if (status == STATUS_OK) SSL_CTX_free(context);
    return status == STATUS_CORRUPT;
}

static bool pair_write(const char *certificate_path, const char *key_path, uint64_t serial)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    const bool is_made =
        key != NULL && certificate != NULL && certificate_fill(certificate, key, serial) &&
        file_write(key_path, NULL, key) && file_write(certificate_path, certificate, NULL);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return is_made;
}

enum status tls_certificate_make(const char *certificate_path, const char *key_path,
                                 uint64_t serial)
{
    const int lock = folder_lock(key_path);
    if (lock < 0) return STATUS_UNAVAILABLE;
    bool is_there = access(certificate_path, F_OK) == 0 && access(key_path, F_OK) == 0;
    if (is_there && pair_is_unfit(certificate_path, key_path)) {
        log_warning("certificate_made_anew", LOG_STRING("unfit", certificate_path));
        is_there = !file_set_aside(certificate_path) || !file_set_aside(key_path);
    }
    const bool is_made = is_there || pair_write(certificate_path, key_path, serial);
    (void)close(lock);
    return is_made ? STATUS_OK : STATUS_UNAVAILABLE;
}
