//! Codes and tokens: what is used once, what is passed on, and what must never work again.

use std::{sync::Arc, time::Duration};

use accountd::proto::{self, OtpPurpose, verify_otp_request::Subject};
use rand::{RngExt as _, seq::IndexedRandom as _};

use super::{
    calls::Verdict,
    person::Person,
    world::{End, World},
};

/// Wrong guesses that a code takes.
const GUESSES: usize = 5;

const REUSED: End = End {
    invariant: "I9",
    why: "a refresh token was used again",
};

async fn verify(
    world: &World,
    node: usize,
    id: &str,
    code: &str,
) -> Option<Result<proto::VerifyOtpResponse, String>> {
    let message = proto::VerifyOtpRequest {
        subject: Some(Subject::AccountId(id.to_owned())),
        purpose: OtpPurpose::Activate.into(),
        code: code.to_owned(),
        request_id: world.request_id(),
        ..proto::VerifyOtpRequest::default()
    };
    world.insist(node, "VerifyOtp", &message, "").await
}

impl Person {
    /// Brings the activation code back, often after some wrong guesses, and sometimes twice at once.
    pub(super) async fn activate(&mut self, id: &str, code: &str) -> bool {
        let guesses = *[0, 0, 0, 1, 2, 6].choose(&mut self.chance).unwrap_or(&0);
        let mut evaluated = 0;
        let world = Arc::clone(&self.world);
        let mut wrong = code.to_owned();
        for _ in 0..guesses {
            wrong = Self::wrong(&wrong);
            match verify(&world, self.node(), id, &wrong).await {
                Some(Ok(_)) => self.broken("I3", "a wrong code works"),
                Some(Err(reason)) if reason == "CODE_INCORRECT" => {
                    evaluated += 1;
                    world.history.count("* wrong guesses evaluated");
                }
                Some(Err(_)) | None => {}
            }
        }
        if evaluated > GUESSES {
            self.broken("I4", format!("{evaluated} guesses at one code"));
        }
        let node = self.node();
        let answers = if self.doubles(3) {
            let (one, two) = tokio::join!(
                verify(&world, node, id, code),
                verify(&world, node + 1, id, code)
            );
            vec![one, two]
        } else {
            vec![verify(&world, node, id, code).await]
        };
        self.take_activation(answers, evaluated)
    }

    fn take_activation(
        &mut self,
        answers: Vec<Option<Result<proto::VerifyOtpResponse, String>>>,
        evaluated: usize,
    ) -> bool {
        let mut done = Vec::new();
        let mut refused = Vec::new();
        for answer in answers.into_iter().flatten() {
            match answer {
                Ok(answer) => done.push(answer),
                Err(reason) if reason.starts_with("CODE_") => {
                    self.note(format!("the code was refused: {reason}"));
                    refused.push(reason);
                }
                Err(reason) if reason == "ACCOUNT_NOT_FOUND" => {
                    self.broken("I6", "a registration is not there");
                }
                Err(reason) => self.broken("I11", format!("a right code is refused: {reason}")),
            }
        }
        // Where nothing fails, no store forgets a code.
        if self.world.is_calm && done.is_empty() && evaluated < GUESSES {
            self.broken("I11", format!("a right code is refused: {refused:?}"));
        }
        if done.len() > 1 {
            self.broken("I2", "a code was taken twice");
        }
        let Some(answer) = done.pop() else {
            return false;
        };
        if evaluated >= GUESSES {
            self.broken("I4", "a code works after all its guesses");
        }
        self.world.history.count("* codes used");
        self.open(answer.tokens.unwrap_or_default());
        true
    }

    /// Exchanges the refresh token in one of the ways in which clients do.
    pub(super) async fn refresh(&mut self, place: usize) {
        match self.chance.random_range(0..10) {
            0..3 => self.lose_answer(place).await,
            3..5 => self.exchange_twice(place).await,
            5 if self.sessions[place].refresh.len() > 2 => self.reuse(place).await,
            _ => self.exchange(place).await,
        }
    }

    fn refreshing(&self, place: usize) -> proto::RefreshRequest {
        let refresh_token = self.sessions[place].refresh.last().cloned();
        proto::RefreshRequest {
            refresh_token: refresh_token.unwrap_or_default(),
            ..proto::RefreshRequest::default()
        }
    }

    /// The live token moves the session on, however often it takes.
    pub(super) async fn exchange(&mut self, place: usize) {
        let mut message = self.refreshing(place);
        if self.one_in(2) {
            message.request_id = self.world.request_id();
        }
        let answer = self
            .insist::<_, proto::RefreshResponse>("Refresh", &message)
            .await;
        match answer {
            Some(Ok(answer)) => self.go_on(place, answer.tokens.unwrap_or_default()),
            Some(Err(reason)) => {
                // A token that nobody knows was acknowledged and is not there.
                let is_lost = reason == "REFRESH_TOKEN_INVALID";
                let invariant = if is_lost { "I6" } else { "I9" };
                let text = format!("a live session does not go on: {reason}");
                self.broken(invariant, text);
            }
            None => {}
        }
    }

    fn go_on(&mut self, place: usize, tokens: proto::Tokens) {
        let session = &mut self.sessions[place];
        session.access.push(tokens.access_token);
        if session.refresh.last() != Some(&tokens.refresh_token) {
            session.refresh.push(tokens.refresh_token);
        }
    }

    /// The client goes away before the answer comes, and asks again with the token that it has.
    async fn lose_answer(&mut self, place: usize) {
        let message = self.refreshing(place);
        let wait = Duration::from_micros(self.chance.random_range(0..12_000));
        let (node, id) = (self.node(), format!("lost-{}", self.world.number()));
        let world = Arc::clone(&self.world);
        let call = world.call::<_, proto::RefreshResponse>(node, "Refresh", &message, "", &id);
        // What came in time counts as lost, too.
        drop(tokio::time::timeout(wait, call).await);
        self.exchange(place).await;
    }

    /// Two tabs refresh at the same instant.
    async fn exchange_twice(&mut self, place: usize) {
        let message = self.refreshing(place);
        let node = self.node();
        let world = Arc::clone(&self.world);
        let (one, two) = tokio::join!(
            world.insist::<_, proto::RefreshResponse>(node, "Refresh", &message, ""),
            world.insist::<_, proto::RefreshResponse>(node + 1, "Refresh", &message, "")
        );
        let mut tokens = Vec::new();
        for answer in [one, two].into_iter().flatten() {
            match answer {
                Ok(answer) => tokens.push(answer.tokens.unwrap_or_default()),
                Err(reason) => self.broken("I9", format!("a tab is logged out: {reason}")),
            }
        }
        if let [one, two] = tokens.as_slice()
            && one.refresh_token != two.refresh_token
        {
            self.broken("I9", "a session has two branches");
        }
        if let Some(tokens) = tokens.pop() {
            self.go_on(place, tokens);
        }
    }

    /// A thief comes with a token that has been used twice over.
    async fn reuse(&mut self, place: usize) {
        let session = &self.sessions[place];
        let old = session.refresh[session.refresh.len() - 3].clone();
        let message = proto::RefreshRequest {
            refresh_token: old,
            ..proto::RefreshRequest::default()
        };
        let answer = self
            .insist::<_, proto::RefreshResponse>("Refresh", &message)
            .await;
        match answer {
            Some(Ok(_)) => self.broken("I9", "an old refresh token works"),
            // Where the first answer was lost, the session is gone by the second.
            Some(Err(reason))
                if ["REFRESH_TOKEN_REUSED", "REFRESH_TOKEN_INVALID"].contains(&reason.as_str()) =>
            {
                self.close(place, REUSED);
                self.check_buried().await;
            }
            Some(Err(reason)) => self.broken("I9", format!("reuse is told as {reason}")),
            None => {}
        }
    }

    /// Tries tokens that were ended at any time before.
    pub(super) async fn check_dead(&mut self) {
        let count = self.world.dead.lock().unwrap().len();
        if count > 0 {
            let number = self.chance.random_range(0..count);
            self.check_dead_at(number).await;
        }
    }

    /// Tries the tokens that this person has just ended.
    pub(super) async fn check_buried(&mut self) {
        for number in std::mem::take(&mut self.buried) {
            self.check_dead_at(number).await;
        }
    }

    /// Tries the tokens with that number, on any node.
    pub(super) async fn check_dead_at(&mut self, number: usize) {
        let Some(dead) = self.world.dead.lock().unwrap().get(number).cloned() else {
            return;
        };
        let node = self.node();
        let world = Arc::clone(&self.world);
        let End { invariant, why } = dead.end;
        let id = format!("dead-{}", world.number());
        let message = proto::GetCurrentRequest::default();
        let answer = world
            .call::<_, proto::GetCurrentResponse>(node, "GetCurrent", &message, &dead.access, &id)
            .await;
        match answer {
            Verdict::Done(_) => self.broken(invariant, format!("a token works again: {why}")),
            Verdict::Refused(reason) => match reason.as_str() {
                "TOKEN_REVOKED" | "ACCOUNT_DELETED" => {
                    world.history.count("* revocations checked");
                }
                reason if world.is_out_of_time(reason, &dead.access) => {
                    world.history.count("* dead tokens past their time");
                }
                reason => self.broken(invariant, format!("a dead token is told as {reason}")),
            },
            Verdict::Unknown => {}
        }
        let Some(refresh_token) = dead.refresh else {
            return;
        };
        let message = proto::RefreshRequest {
            refresh_token,
            ..proto::RefreshRequest::default()
        };
        let answer = world
            .ask::<_, proto::RefreshResponse>(node, "Refresh", &message, id)
            .await;
        match answer {
            Verdict::Done(_) => self.broken(invariant, format!("a session goes on: {why}")),
            Verdict::Refused(reason) if reason == "REFRESH_TOKEN_INVALID" => {
                world.history.count("* revocations checked");
            }
            Verdict::Refused(reason) => {
                let text = format!("a dead refresh token is told as {reason}");
                self.broken(invariant, text);
            }
            Verdict::Unknown => {}
        }
    }
}
