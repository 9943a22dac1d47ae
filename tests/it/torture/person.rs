//! One person with one account after another, and what must be true of it: nobody else acts on it, so every call that
//! is decided has one right answer.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use accountd::proto::{self, OtpPurpose, login_request::Identifier};
use rand::{RngExt as _, rngs::SmallRng, seq::IndexedRandom as _};
use tokio::time::{Instant, sleep};

use super::{
    calls::Verdict,
    chance::draws,
    logs,
    session::Session,
    world::{Gone, Habit, World},
};

/// How long a letter is waited for before another is asked for.
const LETTER: Duration = Duration::from_secs(5);
/// The same while others are held up by it.
const HURRY: Duration = Duration::from_secs(1);

/// A person and what they know of their account.
pub(super) struct Person {
    pub(super) world: Arc<World>,
    number: u64,
    acts: u64,
    pub(super) chance: SmallRng,
    pub(super) who: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) password: String,
    pub(super) former_passwords: Vec<String>,
    pub(super) full_name: String,
    pub(super) account_id: String,
    pub(super) sessions: Vec<Session>,
    /// Codes that were sent to the address, by what for.
    pub(super) issued: BTreeMap<i32, usize>,
    /// What the picture is known by, if there is one.
    pub(super) picture: Option<String>,
    /// A code that was never used.
    pub(super) stale_code: Option<String>,
    /// The numbers of tokens that were ended and not tried since.
    pub(super) buried: Vec<usize>,
}

impl Person {
    pub(super) fn new(world: Arc<World>, number: u64) -> Self {
        Self {
            number,
            acts: 0,
            chance: draws(world.seed, number, 0),
            who: format!("person {number}"),
            world,
            name: String::new(),
            email: String::new(),
            password: String::new(),
            former_passwords: Vec::new(),
            full_name: String::new(),
            account_id: String::new(),
            sessions: Vec::new(),
            issued: BTreeMap::new(),
            picture: None,
            stale_code: None,
            buried: Vec::new(),
        }
    }

    /// Lives until the run is over.
    pub(super) async fn live(mut self) -> Self {
        while !self.world.history.is_over() {
            let world = Arc::clone(&self.world);
            let gate = world.gate.read().await;
            self.acts += 1;
            self.chance = draws(world.seed, self.number, self.acts);
            if self.account_id.is_empty() {
                // Letters are put in order by the time of the clock that they were written by.
                if world.is_skewed.load(Ordering::SeqCst) {
                    drop(gate);
                    sleep(Duration::from_millis(20)).await;
                    continue;
                }
                self.join().await;
            } else {
                self.act().await;
            }
            drop(gate);
        }
        self
    }

    /// How long a letter is waited for as things are.
    fn patience(&self) -> Duration {
        if self.world.history.is_over() {
            Duration::ZERO
        } else if self.world.is_pausing.load(Ordering::SeqCst) {
            HURRY
        } else {
            LETTER
        }
    }

    pub(super) fn note(&self, what: impl Into<String>) {
        self.world.history.note(&self.who, what.into());
    }

    /// Writes a broken invariant down.
    pub(super) fn broken(&self, invariant: &str, what: impl AsRef<str>) {
        let who = &self.who;
        self.world.history.break_off(
            who,
            invariant,
            &format!("{} of {}", what.as_ref(), self.name),
        );
    }

    pub(super) fn node(&mut self) -> usize {
        self.chance.random_range(0..self.world.nodes())
    }

    pub(super) fn one_in(&mut self, many: u32) -> bool {
        self.chance.random_range(0..many) == 0
    }

    /// Whether two calls are made at once, which one in so many is.
    pub(super) fn doubles(&mut self, many: u32) -> bool {
        self.one_in(many) && self.world.habit == Habit::All
    }

    /// A live session of this person, by its place.
    pub(super) fn any_session(&mut self) -> Option<usize> {
        (!self.sessions.is_empty()).then(|| self.chance.random_range(0..self.sessions.len()))
    }

    pub(super) fn new_password(&mut self) -> String {
        format!("{} {}", logs::PASSWORD, self.world.number())
    }

    /// Another six digits.
    pub(super) fn wrong(code: &str) -> String {
        crate::support::client::wrong(code)
    }

    /// Writes down that nobody has the name any more.
    pub(super) fn give_up_name(&self, account_id: Option<String>) -> Gone {
        let gone = Gone {
            account_id,
            name: self.name.clone(),
            password: self.password.clone(),
        };
        self.world.gone.lock().unwrap().push(gone.clone());
        gone
    }

    /// Forgets the account and everything of it, to begin anew under another name.
    pub(super) fn begin_anew(&mut self) {
        self.account_id.clear();
        self.former_passwords.clear();
        self.full_name.clear();
        self.issued.clear();
        self.picture = None;
        self.stale_code = None;
        self.sessions.clear();
    }

    /// Registers and activates.
    async fn join(&mut self) {
        self.begin_anew();
        let number = self.world.number();
        self.name = format!("user{number}");
        self.email = format!("{}@example.com", self.name);
        self.password = self.new_password();
        let message = proto::RegisterRequest {
            username: self.name.clone(),
            email: self.email.clone(),
            password: self.password.clone(),
            request_id: self.world.request_id(),
            ..proto::RegisterRequest::default()
        };
        let Some(id) = self.register(&message).await else {
            return;
        };
        self.was_issued(OtpPurpose::Activate);
        while !self.world.history.is_over() {
            let Some(code) = self.code().await else {
                // Who is to pause begins anew with another name.
                let must_pause = self.world.is_pausing.load(Ordering::SeqCst);
                if must_pause || !self.ask_again(OtpPurpose::Activate).await {
                    return;
                }
                continue;
            };
            if self.activate(&id, &code).await {
                self.account_id = id;
                return;
            }
            if !self.ask_again(OtpPurpose::Activate).await {
                return;
            }
        }
    }

    /// Registers, sometimes twice at once under one request id.
    async fn register(&mut self, message: &proto::RegisterRequest) -> Option<String> {
        let node = self.node();
        let world = Arc::clone(&self.world);
        let attempt =
            |node| world.insist::<_, proto::RegisterResponse>(node, "Register", message, "");
        let answers = if self.doubles(4) {
            let (one, two) = tokio::join!(attempt(node), attempt(node + 1));
            vec![one?, two?]
        } else {
            vec![attempt(node).await?]
        };
        let mut ids = Vec::new();
        for answer in answers {
            match answer {
                Ok(answer) => ids.push(answer.account.unwrap_or_default().id),
                Err(reason) => {
                    self.broken("I10", format!("a new registration is refused: {reason}"));
                    return None;
                }
            }
        }
        ids.dedup();
        if ids.len() > 1 {
            self.broken("I10", format!("one request made two accounts: {ids:?}"));
        }
        self.note(format!("registered as {}", ids[0]));
        ids.pop()
    }

    /// The newest code, once all that were asked for have come; none when that takes long.
    pub(super) async fn code(&mut self) -> Option<String> {
        let since = Instant::now();
        while since.elapsed() < self.patience() {
            let mut letters = self.world.post.letters_to(&self.email);
            letters.retain(|letter| letter.code.is_some());
            // Ids are in the order of time, and copies have the same.
            letters.sort_by(|one, other| one.id.cmp(&other.id));
            letters.dedup_by(|one, other| one.id == other.id);
            let come = letters.len() + self.world.excused(&self.email);
            if come >= self.issued.values().sum() {
                return letters.pop()?.code;
            }
            sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// Asks for another code. False when the day's are used up, and the person begins anew.
    pub(super) async fn ask_again(&mut self, purpose: OtpPurpose) -> bool {
        use proto::resend_otp_request::Subject;
        let message = proto::ResendOtpRequest {
            subject: Some(Subject::Email(self.email.clone())),
            purpose: purpose.into(),
            request_id: self.world.request_id(),
            ..proto::ResendOtpRequest::default()
        };
        let answer = self
            .insist::<_, proto::ResendOtpResponse>("ResendOtp", &message)
            .await;
        match answer {
            Some(Ok(_)) => {
                self.was_issued(purpose);
                true
            }
            Some(Err(reason)) => {
                match reason.as_str() {
                    "CODE_QUOTA_EXCEEDED" => {}
                    "ACCOUNT_NOT_FOUND" => self.broken("I6", "a registration is not there"),
                    _ => self.broken("I11", format!("another code is refused: {reason}")),
                }
                self.note("no more codes today");
                self.begin_anew();
                false
            }
            None => false,
        }
    }

    /// Counts a code that was sent: no more than ten go to one address and purpose in a day.
    pub(super) fn was_issued(&mut self, purpose: OtpPurpose) {
        let issued = self.issued.entry(purpose.into()).or_default();
        *issued += 1;
        let issued = *issued;
        self.note(format!(
            "code number {issued} for {purpose:?} is on its way"
        ));
        self.world.expect_letter(&self.email);
        if issued > super::DAILY {
            self.broken("I4", format!("{issued} codes in a day"));
        }
    }

    /// Logs in; the right password works, and no other.
    pub(super) async fn log_in(&mut self, password: &str) {
        let is_right = password == self.password;
        let message = proto::LoginRequest {
            identifier: Some(if self.one_in(2) {
                Identifier::Username(self.name.clone())
            } else {
                Identifier::Email(self.email.clone())
            }),
            password: password.to_owned(),
            request_id: self.world.request_id(),
            ..proto::LoginRequest::default()
        };
        let answer = self
            .insist::<_, proto::LoginResponse>("Login", &message)
            .await;
        match answer {
            Some(Ok(answer)) if is_right => self.open(answer.tokens.unwrap_or_default()),
            Some(Ok(_)) => self.broken("I8", "a former or wrong password works"),
            Some(Err(reason)) if is_right => {
                self.broken("I11", format!("the right password is refused: {reason}"));
            }
            Some(Err(reason)) if reason == "WRONG_PASSWORD" => {}
            Some(Err(reason)) => {
                self.broken("I11", format!("a wrong password is told as {reason}"));
            }
            None => {}
        }
    }

    /// A password that must not work.
    pub(super) fn bad_password(&mut self) -> String {
        let former = self.former_passwords.choose(&mut self.chance).cloned();
        former.unwrap_or_else(|| format!("{} of nobody", logs::PASSWORD))
    }

    /// What a call with a live session's token was told; none when nothing was decided.
    pub(super) async fn current(&mut self, place: usize) -> Option<Result<proto::Account, String>> {
        let (node, token) = (self.node(), self.sessions[place].token());
        let message = proto::GetCurrentRequest::default();
        let id = format!("GetCurrent-{}", self.world.number());
        let world = Arc::clone(&self.world);
        match world
            .call::<_, proto::GetCurrentResponse>(node, "GetCurrent", &message, &token, &id)
            .await
        {
            Verdict::Done(answer) => Some(Ok(answer.account.unwrap_or_default())),
            Verdict::Refused(reason) => Some(Err(reason)),
            Verdict::Unknown => None,
        }
    }
}
