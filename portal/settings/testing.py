"""The test suite: real PostgreSQL and Redis of its own, quick password hashing, demo mode on."""

from portal.settings.base import *  # noqa: F403

SECRET_KEY = "only-for-tests-7c1f0f2b8d3e4a5968b7c6d5e4f3a2b1c0d9e8f7"  # noqa: S105
PAYMENT_SANDBOX_SECRET = "only-for-tests-cashier-5f4e3d2c1b0a99887766554433221100"  # noqa: S105
VOUCHER_KEY = "only-for-tests-cards-0f1e2d3c4b5a69788796a5b4c3d2e1f0"
DOCUMENT_KEYS = ["only-for-tests-documents-9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d"]
DOCUMENT_HASH_KEY = "only-for-tests-document-hashes-1f2e3d4c5b6a79880f1e2d3c4b5a6978"
BANK = "sandbox"
BANK_TIMEOUT = 0.0
DEMO_MODE = True
REST_CLIENTS_WITHOUT_KEYS = ["conformance-kit"]
STAFF_SECOND_FACTOR = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Tests that ask for many codes are about something else; those of the work before them say how many are free.
SIGN_IN_CODES_WITHOUT_WORK = SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS = 1_000
SIGN_IN_WORK_ROUNDS, SIGN_IN_WORK_TRIES = 1, 5
