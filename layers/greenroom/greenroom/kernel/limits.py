"""Every limit and deadline of the product, each with its reason.

Those in ``Limits`` can be set in the environment under their own name (a script may shorten
a deadline); the constants above it follow from AWS or from a wire format and cannot.
"""

from greenroom.kernel.variables import Group, flag, number, whole

# Bodies, in bytes. Checked before anything is parsed.
BODY_JSON_MAX = 256 * 1024  # the largest honest JSON body (a résumé) is a tenth of this
BODY_LEVELS_MAX = 100  # of a body that is read loosely; honest metadata has five
BODY_SDP_MAX = 32 * 1024  # Chromium's largest offer seen is 3 KB
BODY_EXCHANGE_MAX = 96 * 1024  # JSON around an SDP of 32 KB, escaped
BODY_WEBHOOK_MAX = 256 * 1024  # Stripe's and Clerk's largest events are some 20 KB
BODY_TRANSCRIPT_MAX = 4 * 1024 * 1024  # two hours of speech are 2 MB; Lambda takes 6 MB

# SDP, in lines and characters.
SDP_LINES_MAX = 1000
SDP_LINE_CHARS_MAX = 4096
SDP_CANDIDATES_MAX = 128
SDP_ANSWER_MAX = 64 * 1024

# Lists.
PAGE_DEFAULT = 20
PAGE_MAX = 100
CURSOR_CHARS_MAX = 2048

# The table.
TRANSACTION_STEPS_MAX = 100  # DynamoDB: at most 100 actions in one transaction
TRANSACTION_BYTES_MAX = 4 * 1024 * 1024  # DynamoDB: at most 4 MB in one transaction
STORE_BUDGET_S = 5.0  # origin 003: five seconds of database, then 503
STORE_CONNECT_TIMEOUT_S = 1.0
STORE_READ_TIMEOUT_S = 1.5  # two silent tries and a pause stay inside the budget
CONFLICT_PAUSE_S = 0.025  # first ceiling of the full jitter; doubles a try
CONFLICT_PAUSE_MAX_S = 0.4
TURNS_MAX = 20  # how often in a row one piece of work may be overtaken; some 1.5 s of pauses
TURN_PAUSE_S = 0.01  # ceiling of the first pause between two turns; doubles a turn
TURN_PAUSE_MAX_S = 0.2
INDEX_SHARDS = 8  # partitions of the work index: 8 x 1000 writes a second

# Ids and headers.
IDEMPOTENCY_KEY_CHARS_MAX = 255  # Stripe's limit, which clients already know
ERRORS_TOLD_MAX = 20  # fields named in one refusal
TOLD_CHARS_MAX = 200  # of a field's name, which is the client's text

# Clerk. Source: Clerk's session tokens live 60 s.
TOKEN_LEEWAY_S = 5
JWKS_REFETCH_PAUSE_S = 60  # an unknown kid asks Clerk again at most once a minute
JWKS_TIMEOUT_S = 3.0
JWKS_FRESH_S = 3600  # Clerk rotates keys rarely; an unknown kid asks earlier
JWKS_STALE_S = 86_400  # how long known keys outlive a Clerk that does not answer
JWKS_RETRY_PAUSE_S = 5  # between attempts while Clerk does not answer
JWKS_BYTES_MAX = 256 * 1024  # a genuine document has 2 KB
JWKS_KEYS_MAX = 100
TOKEN_CHARS_MAX = 8192  # browsers keep cookies under 4 KB, and Clerk's token is one
USER_CACHE_S = 30  # origin 003: may reject early or render, never admit or debit
RECORDS_REMEMBERED_MAX = 200  # of people with their profiles, some of which hold a résumé
PEOPLE_REMEMBERED_MAX = 5000  # names of people, 1 KB each
SECRETS_CACHE_S = 300
SECRETS_RETRY_PAUSE_S = 10  # between attempts while Secrets Manager does not answer
SECRETS_TIMEOUT_S = 2.0

# Webhooks.
WEBHOOK_TOLERANCE_S = 300  # Stripe and Svix: five minutes; we hold it both ways
WEBHOOK_HEADER_CHARS_MAX = 4096  # a genuine header with two signatures has some 180
WEBHOOK_SIGNATURES_MAX = 16  # in one header; a rotation sends two

# The provider.
PROVIDER_CONNECT_TIMEOUT_S = 3.0
MINT_TIMEOUT_S = 20.0  # origin 003
EXCHANGE_TIMEOUT_S = 15.0  # origin 003
HANGUP_TIMEOUT_S = 5.0
MODELS_TIMEOUT_S = 5.0
PROVIDER_REPLY_MAX = 1024 * 1024  # bytes; the list of models is the longest, some 50 KB
PROVIDER_SECRET_CHARS_MAX = 2048  # OpenAI's have some 70; gateways that wrap them a few hundred
PROVIDER_RETRY_AFTER_MAX_S = 60  # a longer pause than this is no use to a waiting person
STRIPE_TIMEOUT_S = 8.0  # Stripe's library waits 80 s by default
CHECKOUT_LIFE_S = 3600  # Stripe: 30 min to 24 h; after it another checkout may be begun
CHECKOUT_LIFE_MIN_S = 1860  # Stripe's 30 min, and a minute to get there
BOOKING_CHECKOUT_LIFE_S = 2400  # a seat is held for less; Stripe takes no shorter life than 30 min
STRIPE_EVENT_KEPT_S = 90 * 86_400  # raw events, for replay; Stripe itself keeps 30 days
SUBSCRIPTION_INVOICES_KEPT = 24  # two years of months; the newest period's count
INVOICE_PAYMENTS_MAX = 20  # of one invoice; Stripe lists ten
PAYMENT_METHODS_MAX = 100  # cards of a person; Stripe lists no more at once
WEBHOOK_ENDPOINTS_MAX = 100  # of one page; an account has 16 at most
STRIPE_RETRIES = 1  # two tries of 8 s and a pause stay inside the function's time
FUNCTION_TIMEOUT_S = 29.0  # API Gateway gives up at 30 s
REVERSAL_RESERVE_S = 3.0  # kept back of the function's time to give a credit back

MONITOR_FLUSH_S = 2.0  # how long an invocation that broke waits for Sentry to take its event
QUEUE_TIMEOUT_S = 1.0  # an announcement never holds a save up for long
QUEUE_TRIES = 2

# What is written beside an answer must not hold it up: the table has one budget, the queue for
# what the table did not take another.
HASTE_BUDGET_S = 0.4
HASTE_CONNECT_TIMEOUT_S = 0.1  # inside a region a connection takes a few milliseconds
HASTE_READ_TIMEOUT_S = 0.15  # and a transaction some 20; so there is time for a second try
HASTE_QUEUE_TIMEOUT_S = 0.2  # for a connection, and again for the answer: one try

# The usage log.
USAGE_LOG_KEPT_S = 400 * 86_400  # a year and a month: last year's bill can be explained
USAGE_LOG_SHARDS = 4  # of a tenant's day: 4 x 1000 write units a second
SERVICE_CHARS_MAX = 64
USAGE_DAYS_MAX = 92  # of one report: a quarter; of a hundred tenants some 30,000 sums
USAGE_SHARDS = 8  # of the whole platform's sums: some 50 transactions a second each

# The sweeper.
SWEEP_SHARD_MAX = 25  # of each shard in one minute's run; the next run takes the rest
REFUND_PAUSE_S = 300  # before a refund of ours that failed is tried again
REFUND_DISPUTED_PAUSE_S = 86_400  # a dispute holds a payment for weeks
REFUNDS_SWEEP_S = 20.0  # of the sweeper's 55 s; Stripe may need 17 s to fail once
SWEEP_LEASE_S = 60  # a sweep that died leaves its session to the next one

# Clerk's webhooks, and people who are deleted.
CLERK_EVENT_KEPT_S = 90 * 86_400  # Svix repeats for 28 hours, and a person may ask it to
CLERK_TRIES_MAX = 5  # of one message against others of the same person or organisation
CLERK_TIMEOUT_S = 8.0
ERASURE_RUNS_MAX = 40  # steps in one go; the next minute takes the rest
ERASURE_SESSIONS_MAX = 10  # sessions erased in one step
ERASURE_LISTED_MAX = 25  # rows taken out of lists in one step
ERASURE_SECOND_ROUND_S = 300  # tokens live 65 s, and no request or worker 150 s
EXPORT_PAGE_BYTES = 1024 * 1024  # then the page ends; one row may add half of that
ERASURE_PAUSE_S = 300  # before what failed is tried again

# Migrations.
MIGRATION_PAGE = 100  # rows read at once: at most as many keys are looked up in one request
MIGRATION_PER_S_DEFAULT = 50  # rows changed in a second: some 500 write units
MIGRATION_PER_S_MAX = 1000  # no single process writes as many
MIGRATION_LEASE_S = 120  # a run that died leaves its migration to the next one
MIGRATION_TRIES_MAX = 6  # how often one row's change may be overtaken
MIGRATION_NAMED_MAX = 100  # rows named in one answer; all are counted

# Experts.
OFFERS_MAX = 20  # experts asked in one wave: all their steps are one transaction with the taking
ONLINE_MAX = 100  # experts looked at for one wave
QUEUE_SHARD_MAX = 25  # rounds of each shard of the queue in one look
INBOX_MAX = 50  # offers in an expert's inbox: OFFER_S is short
EXPERT_ACTIVE_MAX = 20  # sessions that one expert may say to take at a time
EXPERT_ACTIVE_DEFAULT = 3
EXPERT_SKILLS_MAX = 30
ROUNDS_MAX = 20  # how often a session may be given back: then its expert can only cancel it
MATCH_TRIES_MAX = 6  # how often a decision about an expert may be overtaken

CHAT_TEXT_CHARS_MAX = 2000
CHAT_KEY_KEPT_S = 86_400  # as long as a client may repeat a message

# Intakes.
INTAKE_LIFE_S = 7 * 86_400  # an intake that became nothing is forgotten
INTAKE_TRIES_MAX = 6  # how often a decision about an intake may be overtaken
INTAKE_ANSWERS_BYTES_MAX = 8 * 1024
INTAKE_ANSWERS_DEPTH_MAX = 6

# Studios.
CLASS_MINUTES_MAX = 480  # all its buckets fit into one condition of the agenda
CLASS_AHEAD_DAYS_MAX = 730  # nobody plans classes for later than in two years
CAPACITY_MAX = 1000  # seats of one class: one counter takes some 50 bookings a second
WAITLIST_MAX = 500
CLASS_TEXT_CHARS_MAX = 2000
CLASSES_LISTED_MAX = 500  # of one month
LATE_CANCEL_MINUTES_DEFAULT = 720
WAITLIST_DEFAULT = 20
MINUTES_BEFORE_MAX = 43_200  # of notice, and of a late cancellation: thirty days
ORIGINS_MAX = 20  # sites on which a studio's widget stands
CLASS_CLEARED_MAX = 40  # bookings of a cancelled class that one request or sweep clears
CLASS_FILLED_MAX = 40  # seats that one request or sweep offers to a waitlist
CUSTOMER_NAME_CHARS_MAX = 120
CUSTOMER_NOTES_CHARS_MAX = 2000
CUSTOMER_TRIES_MAX = 8  # how often a change of a customer, or a joining, may be overtaken
CONVERSION_RESUMED_S = 60  # by the sweeper, if the request that began it has died
PHONE_CHARS_MAX = 40
EMAIL_CHARS_MAX = 254  # RFC 5321
PASS_USES_MAX = 10_000
PASS_KEY_KEPT_S = 86_400  # as long as a client may repeat the making of a pass
CLASS_TYPES_MAX = 20  # that one pass may be for
PASSES_MAX = 500  # of one customer, ever: their page is one query, and a weekly one lasts 10 years

# The public widget.
BODY_WIDGET_MAX = 8 * 1024  # a name, an e-mail and a phone number
WIDGET_LINK_AFTER_S = 7 * 86_400  # after its class, a booking's link shows it for a week

# Reconciliation.
EMPTY_MONTHS_MAX = 12  # a year in which nobody joined ends the round
RECONCILE_RESERVE_S = 10.0  # of the function's time: a page of people takes a few seconds

# Admins.
FIRST_MONTH = "2026-01"  # nobody can have joined before: the product is younger
COUNTED_ROWS_MAX = 2_000  # under one counter: a class of a thousand, with its waitlist
INVARIANTS_RESERVE_S = 5.0  # of the function's time: one person takes some 100 ms
STORY_ROWS_MAX = 300  # of one thing: the longest session seen has some forty
STORY_THINGS_MAX = 40  # that hang together; a session with its intake and payments has four
STORY_MONTHS_MAX = 24  # of AI use in one page of a person's story: a list each
STORY_STUDIOS_MAX = 2_000  # in which a booking is looked for: 20 reads, some 100 ms
REFERENCE_CHARS_MAX = 256  # Stripe: its ids have at most 255
DIRECTORY_TRIPS_MAX = 24  # lists read for one page of people: some 300 ms; the cursor goes on
ADJUSTMENT_CENTICREDITS_MAX = 100_000  # in one go; more is a slip of the finger
ADJUSTMENT_REASON_CHARS_MAX = 300  # the person reads it in their ledger
ACTOR_CHARS_MAX = 128  # Clerk's ids have some 32
DIRECTORY_QUERY_CHARS_MAX = EMAIL_CHARS_MAX  # nothing that is looked for is longer
# Errors of browsers.
BODY_CLIENT_ERROR_MAX = 32 * 1024  # the texts below, escaped
CLIENT_ERROR_MESSAGE_CHARS_MAX = 2000
CLIENT_ERROR_STACK_CHARS_MAX = 8000  # browsers keep ten frames, some fifty
CLIENT_ERROR_URL_CHARS_MAX = 2048
CLIENT_ERROR_WORD_CHARS_MAX = 512  # a user agent has some 120
CLIENT_ERROR_KEPT_S = 30 * 86_400

# Diagnostics.
CONNECTION_TEST_S = 10.0  # all checks at once; the slowest, a model's list, has 5 s
TEST_ROUNDS_DEFAULT = 10  # of each operation in a test of the table
TEST_ROUNDS_MAX = 50  # 250 operations of some 5 ms
DIAGNOSTIC_RESERVE_S = 2 * STORE_BUDGET_S + 1.0  # one more operation, and cleaning up
FAILED_IN_A_ROW_MAX = 2  # operations of such a test; then the table is away
PROBE_KEPT_S = 3600  # rows of a test that died

# Interviews.
TRANSCRIPT_CHUNK_BYTES = 64 * 1024  # compressed; an item of DynamoDB holds 400 KB
TRANSCRIPT_CHUNKS_MAX = 80  # one transaction points at all of them; 4 MB of text make 64
TRANSCRIPT_MESSAGES_MAX = 20_000
MESSAGE_CHARS_MAX = 20_000
DETAIL_MESSAGES_BYTES = 1024 * 1024  # the first page of a long transcript

# Feedback.
FEEDBACK_TRANSCRIPT_CHARS_MAX = 96_000  # about 24,000 tokens of a 32,000 token window
FEEDBACK_TOKENS_MAX = 12_000  # feedback is 3,000; the rest is for models that reason
FEEDBACK_MIN_TURNS = 3  # fewer turns of the person: metrics only
FEEDBACK_SWEEP_MAX = 5  # of each shard in one minute's run: a job may take a minute and a half
FEEDBACK_SWEEP_ROUNDS_MAX = 100  # more of a shard, behind jobs that break the worker at once
FEEDBACK_BREAKS_MAX = 3  # then such a job is set aside as failed
FEEDBACK_BROKEN_PAUSE_S = 900  # until it is tried again: a deployment may have mended the worker

# The AI proxy's quotas.
QUOTA_UNITS_MAX = 1_000_000_000  # of one allowance or adjustment: far over what a tenant can use
RESERVATION_KEPT_S = 400 * 86_400  # as long as the usage log
ANSWER_KEPT_S = 86_400  # as long as a client may repeat a request
ANSWER_BYTES_MAX = 300 * 1024  # compressed; an item of DynamoDB holds 400 KB
DAILY_STARTS_MAX = 20  # so many starts are kept on a person
ADJUSTMENTS_LISTED_MAX = 100  # of one service in one month
QUOTA_TURNOVER_S = 120  # so old may an allowance be that a request has read: its time is 29 s
# The AI proxy.
BODY_AI_MAX = 2 * 1024 * 1024  # metadata of 1.5 MB, of which the log keeps 64 KB
AI_RESERVE_S = 4.0  # kept back of the function's time to settle a call and to log it
AI_PROMPT_CHARS_MAX = 24_000  # about 6,000 tokens
AI_DATA_BYTES_MAX = 64 * 1024  # about 20,000 tokens
AI_TEXT_CHARS_MAX = 4000  # of each other text of a request
AI_ANSWER_BYTES_MAX = 192 * 1024  # an exam of fifty questions is 60 KB; an item holds 400 KB
AI_TOKENS_MAX = 16_000  # fifty questions are 10,000; the rest is for models that reason
EXAM_QUESTIONS_MAX = 50
EXAM_QUESTIONS_DEFAULT = 10
EXAM_OPTIONS_MAX = 10
EXAM_POINTS_MAX = 1000
AI_SCHEMA_BYTES_MAX = 32 * 1024
AI_SCHEMA_LEVELS_MAX = 10  # OpenAI's strict mode; we count references and choices too
AI_SCHEMA_PARTS_MAX = 500  # with references followed: what an answer is checked against
AI_SCHEMA_CHOICES_MAX = 500  # OpenAI's strict mode takes 1000 values of enumerations
AI_SCHEMA_ITEMS_MAX = 1000
AI_SCHEMA_NAME_CHARS_MAX = 100

JOB_TITLE_DEFAULT = "Software Engineer"


class Limits(Group):
    """Prices, deadlines and allowances that a deployment may set."""

    initial_centicredits: int = whole(300)  # welcome grant (origin 003)
    minimum_centicredits: int = whole(50)  # words the 403 (origin 003)
    interview_centicredits: int = whole(100)  # the debit (origin 003)

    connect_window_s: int = whole(180, at_least=1)  # no answered exchange by then: given back
    expert_window_s: int = whole(1800, at_least=1)  # no expert has come by then: given back
    connect_failed_window_s: int = whole(60, at_least=1)  # how long connect-failed counts
    connect_failed_per_day: int = whole(3, at_most=3)  # give-backs by report a day
    starts_per_hour: int = whole(20, at_least=1, at_most=20)  # starts a person in any hour
    mints_per_session: int = whole(5, at_least=1)  # tokens a session, the first included
    token_ttl_s: int = whole(600, at_least=10, at_most=7200)  # asked of the provider (GA)
    session_max_s: int = whole(3600, at_least=1, at_most=3600)  # the provider's own cap is 60 min
    session_grace_s: int = whole(900)  # binds on, and asks for a hang-up
    exchange_claim_s: int = whole(20, at_least=1)  # a dead exchange frees its claim
    orphan_chunks_s: int = whole(86_400, at_least=60)  # life of chunks that nobody points at

    offer_s: int = whole(45, at_least=1)  # an expert who is silent for so long is skipped
    offer_rounds: int = whole(5, at_least=1, at_most=50)  # waves of the plan's last step
    preferred_s: int = whole(45, at_least=1)  # the preferred expert is asked alone so long
    specialists_s: int = whole(60, at_least=1)  # then the specialists alone
    workshop_s: int = whole(120, at_least=1)  # hybrid: the workshop is asked alone so long
    # A paid session that no expert served is refunded unless redeemed.
    unserved_refund_s: int = whole(86_400)

    booking_hold_s: int = whole(900, at_least=1)  # a seat waits for its card payment so long
    waitlist_offer_s: int = whole(1800, at_least=1)  # then the next on the waitlist is asked
    # So close to the start, whoever comes first has a free seat.
    waitlist_cutoff_s: int = whole(3600)
    check_in_opens_s: int = whole(1800)  # attendance is noted from then before
    check_in_closes_s: int = whole(604_800)  # and may be corrected for 7 days
    no_show_after_s: int = whole(7200)  # after a class's end: who was not checked in did not come

    # Bookings through a widget from one address in an hour.
    widget_per_address: int = whole(10, at_least=1)
    # And from all addresses: more than any studio has in an hour.
    widget_per_organization: int = whole(300, at_least=1)

    # Late news and failed cards end no subscription for 3 days.
    subscription_grace_s: int = whole(259_200)
    # A period whose money went back in full opens nothing.
    subscription_refund_ends_premium: bool = flag(default=True)
    # A period opens nothing while its money is disputed, or lost.
    subscription_dispute_suspends_premium: bool = flag(default=True)

    ai_tenant_units: int = whole(500)  # a month, of a tenant, by service
    ai_member_units: int = whole(200)  # a month, of one person in a tenant
    ai_person_units: int = whole(20)  # a month, of a person alone
    ai_reservation_s: int = whole(300, at_least=1)  # then its call has crashed: given back
    # Between two marks of a webhook in a container; 0: no marks.
    webhook_mark_pause_s: int = whole(15)

    # Errors of browsers from one address in an hour: ours send 20 a page.
    client_errors_per_address: int = whole(30, at_least=1)
    # And from all addresses: by then the log says what is wrong.
    client_errors_in_all: int = whole(1000, at_least=1)

    breaker_failures: int = whole(5)  # so many calls in a row that find nobody: fail fast; 0: never
    breaker_pause_s: int = whole(15, at_least=1)  # then one call tries again

    feedback_lease_s: int = whole(300, at_least=1)  # a dead worker frees its job
    feedback_attempts: int = whole(3, at_least=1)  # then failed, until the owner retries
    feedback_backoff_s: int = whole(60)  # first pause; 1, 5, 15 minutes
    ai_timeout_s: float = number(22, above=0, at_most=22)  # one call for a person who waits
    # Begun only where the worker's function has that time left (120 s, template.yaml).
    feedback_timeout_s: int = whole(90, at_least=1, at_most=110)  # one call of the LLM
