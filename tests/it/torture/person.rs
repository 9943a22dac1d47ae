//! One person with one account after another, and what must be true of it: nobody else acts on it, so every call that
//! is decided has one right answer.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use accountd::proto::{self, OtpPurpose, login_request::Identifier};
use rand::{RngExt as _, SeedableRng as _, rngs::SmallRng, seq::IndexedRandom as _};
use tokio::time::{Instant, sleep};

use super::world::{Dead, Verdict, World};

/// How long a letter is waited for before another is asked for.
const LETTER: Duration = Duration::from_secs(5);

/// One login.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) access: String,
    /// All refresh tokens that it has had, the live one last.
    pub(super) refresh: Vec<String>,
}

/// A person and what they know of their account.
pub(super) struct Person {
    pub(super) world: Arc<World>,
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
    /// A code that was never used.
    pub(super) stale_code: Option<String>,
}

impl Person {
    pub(super) fn new(world: Arc<World>, seed: u64, number: u64) -> Self {
        Self {
            chance: SmallRng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(number)),
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
            stale_code: None,
        }
    }

    /// Lives until the run is over.
    pub(super) async fn live(mut self) -> Self {
        while !self.world.history.is_over() {
            let world = Arc::clone(&self.world);
            let gate = world.gate.read().await;
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

    /// A live session of this person, by its place.
    pub(super) fn any_session(&mut self) -> Option<usize> {
        (!self.sessions.is_empty()).then(|| self.chance.random_range(0..self.sessions.len()))
    }

    pub(super) fn new_password(&mut self) -> String {
        format!("correct horse {}", self.world.number())
    }

    /// Another six digits.
    pub(super) fn wrong(code: &str) -> String {
        crate::support::client::wrong(code)
    }

    /// Takes the tokens of a fresh session.
    pub(super) fn open(&mut self, tokens: proto::Tokens) {
        self.note(format!("session {} is open", tokens.session_id));
        let mut board = self.world.sessions.lock().unwrap();
        let of_person = board.entry(self.who.clone()).or_default();
        of_person.insert(tokens.session_id.clone());
        drop(board);
        self.sessions.push(Session {
            id: tokens.session_id,
            access: tokens.access_token,
            refresh: vec![tokens.refresh_token],
        });
    }

    /// A session has ended, and its tokens must never work again.
    pub(super) fn close(&mut self, place: usize, why: &'static str) {
        let session = self.sessions.swap_remove(place);
        self.note(format!("session {} is over: {why}", session.id));
        let mut board = self.world.sessions.lock().unwrap();
        if let Some(of_person) = board.get_mut(&self.who) {
            of_person.remove(&session.id);
        }
        drop(board);
        self.world.bury(Dead {
            access: session.access,
            refresh: session.refresh.last().cloned().unwrap_or_default(),
            why,
        });
    }

    /// All sessions but one have ended.
    pub(super) fn close_others(&mut self, spared: Option<&str>, why: &'static str) {
        while let Some(place) = self
            .sessions
            .iter()
            .position(|session| Some(session.id.as_str()) != spared)
        {
            self.close(place, why);
        }
    }

    /// Forgets the account and everything of it, to begin anew under another name.
    pub(super) fn begin_anew(&mut self) {
        self.account_id.clear();
        self.former_passwords.clear();
        self.full_name.clear();
        self.issued.clear();
        self.stale_code = None;
        self.sessions.clear();
    }

    /// Registers and activates.
    async fn join(&mut self) {
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
                if !self.ask_again(OtpPurpose::Activate).await {
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
        let answers = if self.one_in(4) {
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
        while since.elapsed() < LETTER && !self.world.history.is_over() {
            let mut letters = self.world.post.letters_to(&self.email);
            letters.retain(|letter| letter.code.is_some());
            // Ids are in the order of time, and copies have the same.
            letters.sort_by(|one, other| one.id.cmp(&other.id));
            letters.dedup_by(|one, other| one.id == other.id);
            if letters.len() >= self.issued.values().sum() {
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
        let node = self.node();
        let world = Arc::clone(&self.world);
        let answer = world
            .insist::<_, proto::ResendOtpResponse>(node, "ResendOtp", &message, "")
            .await;
        match answer {
            Some(Ok(_)) => {
                self.was_issued(purpose);
                true
            }
            Some(Err(reason)) => {
                if reason != "CODE_QUOTA_EXCEEDED" {
                    self.broken("I11", format!("another code is refused: {reason}"));
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
        let node = self.node();
        let world = Arc::clone(&self.world);
        let answer = world
            .insist::<_, proto::LoginResponse>(node, "Login", &message, "")
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
        former.unwrap_or_else(|| String::from("never a password of anybody"))
    }

    /// What a call with a live session's token was told; none when nothing was decided.
    pub(super) async fn current(&mut self, place: usize) -> Option<Result<proto::Account, String>> {
        let (node, token) = (self.node(), self.sessions[place].access.clone());
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
