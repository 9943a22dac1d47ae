//! Every metric, as operators read of it.

use super::{
    Kind, Metric, calls,
    label::{
        Check, Checked, Dependency, Dimension, HashOutcome, Issued, KvOperation, LIMIT,
        MailOutcome, PURPOSE, RPC_SYSTEM, Reloaded,
    },
    requests,
};

pub(super) const MARKS_RESTORED: Metric = Metric {
    name: "accountd_revocation_marks_restored_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Ended sessions whose mark was missing in the key-value store and was put back.",
    advice: "Should stay where it is. Beyond what `accountd_revocation_marks_missed_total` of all replicas explains, the \
             key-value store has forgotten: it was flushed or restarted empty, it evicts, or a replica took over that had \
             not caught up. Nothing revoked was accepted, since SQL decides. A single one may be a call that overtook the mark \
             of the logout that it met, or a process that died between the two. With `kv.kind` memory it rises after each \
             restart, which is as it should be. If the store has lost nothing, then SQL has: ask whether an older backup \
             was restored.",
};

pub(super) const MARKS_MISSED: Metric = Metric {
    name: "accountd_revocation_marks_missed_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Ended sessions whose mark could not be set, since the key-value store did not answer.",
    advice: "Rises with `accountd_kv_unanswered_total`. The sessions are ended all the same; each mark is put back by the \
             first call that needs it.",
};

pub(super) const REVOCATION_CHECKS: Metric = Metric {
    name: "accountd_revocation_checks_total",
    kind: Kind::Counter,
    labels: &[Check::DIMENSION],
    meaning: "Calls with a well-signed access token, by what told whether its session lives: `mark` is refused by a mark, \
              `sql` is decided by SQL after the key-value store had no mark, `held` is what was decided a moment ago, \
              `sql_alone` is decided by SQL while the key-value store gave no answer in time.",
    advice: "A growing share of `sql_alone` means that the key-value store is slow or away. A growing share of `mark` means \
             that clients go on with tokens of sessions that ended.",
};

pub(super) const KV_UNANSWERED: Metric = Metric {
    name: "accountd_kv_unanswered_total",
    kind: Kind::Counter,
    labels: &[KvOperation::DIMENSION],
    meaning: "Calls to Redis that got no answer in time, or none that can be trusted.",
    advice: "Look at Redis and the network to it. Codes are refused meanwhile; sessions go on from SQL. If only one \
             operation is concerned, something else writes to our keys.",
};

pub(super) const CODES_FORGOTTEN: Metric = Metric {
    name: "accountd_codes_forgotten_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Guesses at codes whose time was not over and that the key-value store had forgotten.",
    advice: "People are told to ask for another code. As with the marks put back, the key-value store has lost data.",
};

pub(super) const SQL_UNAVAILABLE: Metric = Metric {
    name: "accountd_sql_unavailable_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Statements of calls and of the delivery of mail that the database did not answer, or refused for now.",
    advice: "Calls are refused with `DEPENDENCY_UNAVAILABLE`. The log says what the driver said: the database is away, its \
             connections are used up (`store.max_connections`), or statements take too long.",
};

pub(super) const MAIL_LAG: Metric = Metric {
    name: "accountd_mail_outbox_lag_seconds",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "Age of the oldest letter in the outbox that is due; looked at every few seconds.",
    advice: "Seconds are normal, minutes are not: the relay is away, or too slow for what is sent. All replicas tell the \
             same. While SQL does not answer it stands still.",
};

pub(super) const MAIL_ATTEMPTS: Metric = Metric {
    name: "accountd_mail_attempts_total",
    kind: Kind::Counter,
    labels: &[MailOutcome::DIMENSION],
    meaning: "Letters taken out of the outbox, by what became of them: `sent`; put back since no letter leaves (`closed`), \
              since this one was refused for now (`later`), or since it may have left (`unsure`); given up since it was \
              refused for good (`never`), or since its time was over (`dropped`).",
    advice: "`closed` is about the relay, `later` and `never` about letters or addresses. `unsure` may mean copies. \
             `dropped` means that somebody has waited for a mail in vain.",
};

pub(super) const DEPENDENCY_UP: Metric = Metric {
    name: "accountd_dependency_up",
    kind: Kind::Gauge,
    labels: &[Dependency::DIMENSION],
    meaning: "Whether the dependency answered when it was last asked: 1 or 0. SQL counts only once its schema is this \
              version's.",
    advice: "0 for `sql`: nothing is served. 0 for `kv`: codes are refused. 0 for `mail`: letters wait. 0 for `pictures`: \
             pictures are refused.",
};

pub(super) const REFRESH_REUSE: Metric = Metric {
    name: "accountd_refresh_reuse_total",
    kind: Kind::Counter,
    labels: &[],
    meaning: "Sessions that were ended since a refresh token was presented after its successor had been used.",
    advice: "One now and then is a client that keeps an old token. Many at once are stolen tokens, or a client that was \
             released with a fault.",
};

pub(super) const RATE_LIMITED: Metric = Metric {
    name: "accountd_rate_limited_total",
    kind: Kind::Counter,
    labels: &[LIMIT],
    meaning: "Calls that were refused by a limit of the section `[limits]`.",
    advice: "`login` and `account` rise when passwords are guessed, `address` and `realm` under a flood. If a proxy stands \
             in front, see that `grpc.trusted_proxies` names it: otherwise all callers share its address.",
};

pub(super) const CONFIG_RELOADS: Metric = Metric {
    name: "accountd_config_reloads_total",
    kind: Kind::Counter,
    labels: &[Reloaded::DIMENSION],
    meaning: "New readings of the configuration while the service runs, since its file had changed or SIGHUP came.",
    advice: "After `refused` the old settings go on; the log names every fault. Replicas whose \
             counts of `applied` differ may have different settings.",
};

pub(super) const CONFIG_READ: Metric = Metric {
    name: "accountd_config_last_reload_successful",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "1 when the configuration could be used at its last new reading, 0 when it was refused.",
    advice: "At 0 the old settings go on. A restart would fail, or is what the change wants: the log tells which.",
};

pub(super) const KEYS_READ: Metric = Metric {
    name: "accountd_keys_last_reload_successful",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "1 when the key directory could be used at its last reading, 0 when it could not; read every `keys.reload`.",
    advice: "At 0 the old keys go on, and what other replicas make with new ones is refused here. The log names the file.",
};

pub(super) const CALLS: Metric = Metric {
    name: "rpc_server_call_duration_seconds",
    kind: Kind::Histogram,
    labels: &[
        RPC_SYSTEM,
        Dimension {
            name: "rpc_method",
            values: &calls::METHODS,
        },
        Dimension {
            name: "rpc_response_status_code",
            values: &calls::CODES,
        },
        Dimension {
            name: "error_type",
            values: &calls::ERRORS,
        },
    ],
    meaning: "What calls of the gRPC services took until they were answered, streams until their end; REST is served by such \
              calls as well. Named after `rpc.server.call.duration` of OpenTelemetry. `_OTHER` is every method that there is not. A \
              call whose client has gone is `CANCELLED`. `error_type` is there only with the codes that are errors of the \
              server.",
    advice: "Alert on the share of lines with an `error_type`: all other codes are answers to what a caller did, a wrong \
             password for one. `RESOURCE_EXHAUSTED` is work refused by a limit or for want of room.",
};

pub(super) const CALLS_IN_FLIGHT: Metric = Metric {
    name: "accountd_calls_in_flight",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "Calls of the gRPC services that are not answered yet, those for REST among them.",
    advice: "Rises when something that calls wait for is slow: see the hashes and `accountd_dependency_up`.",
};

pub(super) const REQUESTS: Metric = Metric {
    name: "http_server_request_duration_seconds",
    kind: Kind::Histogram,
    labels: &[
        requests::DIALECT,
        requests::ROUTE,
        Dimension {
            name: "http_request_method",
            values: &requests::METHODS,
        },
        requests::STATUS,
        Dimension {
            name: "error_type",
            values: &[],
        },
        Dimension {
            name: "url_scheme",
            values: &["http"],
        },
    ],
    meaning: "What requests to the REST dialects took. Named after `http.server.request.duration` of OpenTelemetry. The route is \
              that of the dialect's document, never a path that a caller wrote; `_OTHER` is every path that it does not have. \
              `error_type` is there only from status 500 on, and repeats it.",
    advice: "The calls behind them are in `rpc_server_call_duration_seconds`; what is more here is the translation.",
};

pub(super) const HASH_WAIT: Metric = Metric {
    name: "accountd_hash_wait_seconds",
    kind: Kind::Histogram,
    labels: &[],
    meaning: "How long passwords waited for a thread that hashes them.",
    advice: "Should be short beside `accountd_hash_run_seconds`. If it is not, more is asked than the cores can do: add \
             replicas, or see in `rpc_server_call_duration_seconds` who asks.",
};

pub(super) const HASH_RUN: Metric = Metric {
    name: "accountd_hash_run_seconds",
    kind: Kind::Histogram,
    labels: &[],
    meaning: "How long a thread hashed a password.",
    advice: "A matter of `passwords.memory_kib` and `passwords.passes`. If it grows by itself, other work takes the cores.",
};

pub(super) const HASHES: Metric = Metric {
    name: "accountd_hashes_total",
    kind: Kind::Counter,
    labels: &[HashOutcome::DIMENSION],
    meaning: "Passwords that were to be hashed: `executed`; `skipped` since the caller had gone; `refused` since the queue was \
              full or the caller's deadline would have passed.",
    advice: "`refused` is told to callers as `OVERLOADED`: overload, or a flood of logins.",
};

pub(super) const HASH_SLOTS: Metric = Metric {
    name: "accountd_hash_slots",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "Threads that hash passwords (`passwords.threads`).",
    advice: "The bound of `accountd_hash_slots_in_use`.",
};

pub(super) const HASH_SLOTS_IN_USE: Metric = Metric {
    name: "accountd_hash_slots_in_use",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "Passwords that are being hashed.",
    advice: "All of `accountd_hash_slots` for minutes means that logins are bound by hashing.",
};

pub(super) const HASH_QUEUE: Metric = Metric {
    name: "accountd_hash_queue_length",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "Passwords that wait for a thread.",
    advice: "At `passwords.queue` callers are refused.",
};

pub(super) const CODES_ISSUED: Metric = Metric {
    name: "accountd_codes_issued_total",
    kind: Kind::Counter,
    labels: &[PURPOSE, Issued::DIMENSION],
    meaning: "Codes that were asked for: `mailed`; `unmailed` since nobody may have it, which a stranger is not told; `reused` \
              since the one before still serves; refused since that one is too young (`too_soon`) or since the budget of the \
              address is used up (`quota`). Counted before the commit of the change that they belong to, so that one which \
              is begun anew counts twice.",
    advice: "Many `unmailed` are somebody who tries out addresses. See `accountd_mail_attempts_total` for whether the mails have \
             left.",
};

pub(super) const CODES_CHECKED: Metric = Metric {
    name: "accountd_codes_checked_total",
    kind: Kind::Counter,
    labels: &[PURPOSE, Checked::DIMENSION],
    meaning: "Codes that were brought back, by what they were found to be, whatever the realm tells its callers.",
    advice: "Many `incorrect` and `exhausted` are somebody who guesses. Many `expired` are mails that come too late. The share of \
             `right` among `accountd_codes_issued_total` is how many arrive.",
};

pub(super) const BUILD_INFO: Metric = Metric {
    name: "accountd_build_info",
    kind: Kind::Gauge,
    labels: &[Dimension {
        name: "version",
        values: &[],
    }],
    meaning: "Always 1; the label has the version.",
    advice: "Says which version a replica runs.",
};

pub(super) const STARTED: Metric = Metric {
    name: "process_start_time_seconds",
    kind: Kind::Gauge,
    labels: &[],
    meaning: "When the process started, in seconds since 1970.",
    advice: "A step is a restart: counters begin at 0 again.",
};

/// Every metric there is.
pub const ALL: [Metric; 27] = [
    CALLS,
    CALLS_IN_FLIGHT,
    REQUESTS,
    HASH_WAIT,
    HASH_RUN,
    HASHES,
    HASH_SLOTS,
    HASH_SLOTS_IN_USE,
    HASH_QUEUE,
    CODES_ISSUED,
    CODES_CHECKED,
    MARKS_RESTORED,
    MARKS_MISSED,
    REVOCATION_CHECKS,
    KV_UNANSWERED,
    CODES_FORGOTTEN,
    SQL_UNAVAILABLE,
    MAIL_LAG,
    MAIL_ATTEMPTS,
    DEPENDENCY_UP,
    REFRESH_REUSE,
    RATE_LIMITED,
    CONFIG_RELOADS,
    CONFIG_READ,
    KEYS_READ,
    BUILD_INFO,
    STARTED,
];
