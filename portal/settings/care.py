"""Customer care: enquiries and complaints."""

import environ

env = environ.Env()

# What customers are promised, in hours after they asked: a first answer, and the solution; complaints by themselves.
TICKET_ANSWER_HOURS = env.int("HALL_TICKET_ANSWER_HOURS", default=24)
TICKET_SOLVE_HOURS = env.int("HALL_TICKET_SOLVE_HOURS", default=7 * 24)
COMPLAINT_ANSWER_HOURS = env.int("HALL_COMPLAINT_ANSWER_HOURS", default=24)
COMPLAINT_SOLVE_HOURS = env.int("HALL_COMPLAINT_SOLVE_HOURS", default=72)
# A ticket that was said to be solved is closed after so many days without a word against it.
TICKET_CLOSE_AFTER_DAYS = env.int("HALL_TICKET_CLOSE_AFTER_DAYS", default=7)
# Tickets that an account may open in a day by itself; each sends a text.
TICKETS_PER_DAY = env.int("HALL_TICKETS_PER_DAY", default=10)
# How long the words of tickets are kept after their end; that there was a ticket is kept.
TICKET_KEEP_DAYS = env.int("HALL_TICKET_KEEP_DAYS", default=3 * 365)
