//! What metrics are split by: closed lists of words.

use ::metrics::Label;

/// A label, and every value that it can have.
#[derive(Clone, Copy, Debug)]
pub struct Dimension {
    /// Its name.
    pub name: &'static str,
    /// Its values; empty where they are known to the process but not here, as routes and versions are.
    pub values: &'static [&'static str],
}

/// Declares the values of a label as an enum.
macro_rules! dimension {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident in $label:literal {
            $( $(#[doc = $doc:literal])+ $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl $name {
            /// The label and all its values.
            pub const DIMENSION: Dimension = Dimension {
                name: $label,
                values: &[$($word),+],
            };

            /// The value.
            pub const fn word(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }

            /// The label with this value.
            pub(super) fn pairs(self) -> &'static [Label] {
                match self {
                    $( Self::$variant => {
                        static PAIRS: [Label; 1] = [Label::from_static_parts($label, $word)];
                        &PAIRS
                    } )+
                }
            }
        }
    };
}

dimension! {
    /// What told whether the session of an access token lives.
    pub enum Check in "path" {
        /// A mark in the key-value store refused it.
        Mark = "mark",
        /// The key-value store had no mark, so SQL decided.
        Sql = "sql",
        /// Nothing has changed since SQL decided a moment ago.
        Held = "held",
        /// The key-value store gave no answer in time, so SQL decided without it.
        SqlAlone = "sql_alone",
    }
}

dimension! {
    /// A call to the key-value store; the names are those of the methods of `backend::Kv`.
    pub enum KvOperation in "operation" {
        /// Asking whether it is there.
        Ping = "ping",
        /// Making a code live.
        PutCode = "put_code",
        /// Taking a guess.
        GuessCode = "guess_code",
        /// Giving a guess back.
        ReturnGuess = "return_guess",
        /// Looking whether guesses are left.
        IsSpent = "is_spent",
        /// Forgetting a code.
        DropCode = "drop_code",
        /// Telling of a change, and marking ended sessions.
        Announce = "announce",
        /// Putting a mark back.
        MarkIfMissing = "mark_if_missing",
        /// Looking for a mark and a stamp.
        Look = "look",
        /// Giving an account a stamp.
        Stamp = "stamp",
        /// Taking from a limit.
        Take = "take",
        /// Looking how much of a limit is used up.
        Used = "used",
        /// Filling a limit again.
        Forget = "forget",
        /// Claiming a request id.
        Claim = "claim",
        /// Giving up a request id.
        Release = "release",
    }
}

dimension! {
    /// What became of a letter that was taken out of the outbox.
    pub enum MailOutcome in "outcome" {
        /// It has left.
        Sent = "sent",
        /// Put back: no letter leaves at present.
        Closed = "closed",
        /// Put back: it was refused for now.
        Later = "later",
        /// Put back: it may have left.
        Unsure = "unsure",
        /// Given up: it was refused for good.
        Never = "never",
        /// Given up: its time was over.
        Dropped = "dropped",
    }
}

dimension! {
    /// What the service depends on.
    pub enum Dependency in "dependency" {
        /// The database.
        Sql = "sql",
        /// The key-value store.
        Kv = "kv",
        /// The mail relay, or the directory of mails.
        Mail = "mail",
        /// The store of pictures.
        Pictures = "pictures",
    }
}

dimension! {
    /// What became of a password that was to be hashed.
    pub enum HashOutcome in "outcome" {
        /// It was hashed.
        Executed = "executed",
        /// Its caller had gone before.
        Skipped = "skipped",
        /// Its caller was turned away.
        Refused = "refused",
    }
}

dimension! {
    /// What became of a new reading of the configuration.
    pub enum Reloaded in "outcome" {
        /// Something that acts without a restart has changed.
        Applied = "applied",
        /// Nothing has, but perhaps what needs a restart.
        Unchanged = "unchanged",
        /// It had a fault, and nothing was changed.
        Refused = "refused",
    }
}

dimension! {
    /// What became of the wish for a code.
    pub enum Issued in "outcome" {
        /// It goes out by mail.
        Mailed = "mailed",
        /// It exists, but goes to nobody.
        Unmailed = "unmailed",
        /// The one before still serves.
        Reused = "reused",
        /// Refused: the one before is too young.
        TooSoon = "too_soon",
        /// Refused: too many were sent.
        Quota = "quota",
    }
}

dimension! {
    /// What a code that was brought back was found to be.
    pub enum Checked in "outcome" {
        /// The right one.
        Right = "right",
        /// Another one.
        Incorrect = "incorrect",
        /// One whose time is over.
        Expired = "expired",
        /// None was issued, or it was used already.
        NotFound = "not_found",
        /// One that was guessed at too often.
        Exhausted = "exhausted",
    }
}

/// What a code proves, by the names of `mails::Purpose`.
pub(super) const PURPOSE: Dimension = Dimension {
    name: "purpose",
    values: &[
        "activate",
        "login",
        "prove_address",
        "change_email",
        "reset_password",
    ],
};

/// The system of the calls.
pub(super) const RPC_SYSTEM: Dimension = Dimension {
    name: "rpc_system_name",
    values: &["grpc"],
};

/// The limits, by the names that refusals give them.
pub(super) const LIMIT: Dimension = Dimension {
    name: "limit",
    values: &["address", "login", "account", "picture", "realm"],
};

/// Every combination of values; a single empty one where there are no labels.
pub(super) fn combinations(labels: &[Dimension]) -> Vec<Vec<Label>> {
    labels.iter().fold(vec![Vec::new()], |before, label| {
        let with = |value: &&'static str| {
            let own = [Label::from_static_parts(label.name, value)];
            before
                .iter()
                .map(|labels| [labels.as_slice(), &own].concat())
                .collect::<Vec<_>>()
        };
        label.values.iter().flat_map(with).collect()
    })
}
