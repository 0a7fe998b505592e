"""What the door asks of a visitor: work before many codes, the service password for some orders."""

import environ

_env = environ.Env()

# So many codes a day of a number, and from an address, are sent for the asking. Before each further one the browser
# does a sum; one that does none waits for SIGN_IN_CODE_RESEND_AFTER_WITHOUT_WORK.
SIGN_IN_CODES_WITHOUT_WORK = _env.int("HALL_SIGN_IN_CODES_WITHOUT_WORK", default=2)
SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS = _env.int("HALL_SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS", default=2)
SIGN_IN_CODE_RESEND_AFTER_WITHOUT_WORK = _env.int("HALL_SIGN_IN_CODE_RESEND_AFTER_WITHOUT_WORK", default=300)
# How hard the sum is: a key is derived by so many rounds, and at most so many keys are tried. About a second on a cheap
# phone, half of that on a computer.
SIGN_IN_WORK_ROUNDS = _env.int("HALL_SIGN_IN_WORK_ROUNDS", default=2_000)
SIGN_IN_WORK_TRIES = _env.int("HALL_SIGN_IN_WORK_TRIES", default=400)
SIGN_IN_WORK_LIFETIME = _env.int("HALL_SIGN_IN_WORK_LIFETIME", default=900)

# Orders online that cost so much, or bind for a time, ask for the service password beside their code.
ORDER_NEEDS_PASSWORD_FROM_FEN = _env.int("HALL_ORDER_NEEDS_PASSWORD_FROM_FEN", default=300_00)
