//! What a person does with an account, and what each answer must be.

use std::sync::{Arc, atomic::Ordering};

use accountd::proto::{self, OtpPurpose};
use rand::{RngExt as _, seq::IteratorRandom as _};

use super::{
    person::Person,
    world::{Dead, Verdict},
};

impl Person {
    /// Does something.
    pub(super) async fn act(&mut self) {
        let is_skewed = self.world.is_skewed.load(Ordering::SeqCst);
        if self.stale_code.is_some() && self.world.is_an_hour_late.load(Ordering::SeqCst) {
            return self.use_stale_code().await;
        }
        let draw = self.chance.random_range(0..100);
        let Some(place) = self.any_session() else {
            return self.log_in(&self.password.clone()).await;
        };
        match draw {
            0..24 => self.look(place).await,
            24..40 => self.refresh(place).await,
            40..52 => self.check_dead().await,
            52..60 if self.sessions.len() < 6 => self.log_in(&self.password.clone()).await,
            60..64 => {
                let password = self.bad_password();
                self.log_in(&password).await;
            }
            64..69 => self.log_out(place).await,
            _ if is_skewed => self.look(place).await,
            69..78 => self.rename(place).await,
            78..82 => self.change_password(place).await,
            82..85 => self.reset_password().await,
            85..88 => self.revoke(place).await,
            88..91 => self.revoke_foreign(place).await,
            91..94 => self.register_taken().await,
            94..96 if self.stale_code.is_none() => self.forget_a_code().await,
            96..98 if self.one_in(4) => self.use_up_the_codes().await,
            98..100 => self.delete(place).await,
            _ => self.look(place).await,
        }
    }

    /// A token that has run out is no broken promise: the session goes on with its refresh token.
    async fn renew(&mut self, place: usize, reason: &str) {
        let was_skewed = self.world.was_skewed.load(Ordering::SeqCst);
        match reason {
            "TOKEN_EXPIRED" => {}
            "TOKEN_INVALID" if was_skewed => {}
            _ => self.broken("I9", format!("a live session is refused: {reason}")),
        }
        self.exchange(place).await;
    }

    async fn look(&mut self, place: usize) {
        match self.current(place).await {
            Some(Ok(account)) => {
                let found = (&account.id, &account.username, &account.full_name);
                if found != (&self.account_id, &self.name, &self.full_name) {
                    self.broken(
                        "I6",
                        format!("an old or foreign account is told: {found:?}"),
                    );
                }
            }
            Some(Err(reason)) => self.renew(place, &reason).await,
            None => {}
        }
    }

    /// Makes a change that an access token is needed for. None when nothing was decided, or the token had run out.
    async fn change<Q, A>(
        &mut self,
        place: usize,
        method: &'static str,
        message: &Q,
    ) -> Option<Result<A, String>>
    where
        Q: prost::Message + Clone + 'static,
        A: prost::Message + Default + 'static,
    {
        let (node, token) = (self.node(), self.sessions[place].access.clone());
        let world = Arc::clone(&self.world);
        match world.insist::<Q, A>(node, method, message, &token).await? {
            Err(reason) if reason.starts_with("TOKEN_") => {
                self.renew(place, &reason).await;
                None
            }
            decided => Some(decided),
        }
    }

    async fn rename(&mut self, place: usize) {
        let full_name = format!("Name {}", self.world.number());
        let message = proto::UpdateRequest {
            full_name: full_name.clone(),
            request_id: self.world.request_id(),
            ..proto::UpdateRequest::default()
        };
        match self
            .change::<_, proto::UpdateResponse>(place, "Update", &message)
            .await
        {
            Some(Ok(_)) => {
                self.note(format!("is called {full_name:?}"));
                self.full_name = full_name;
            }
            Some(Err(reason)) => self.broken("I11", format!("a new name is refused: {reason}")),
            None => {}
        }
    }

    /// Changes the password, while somebody logs in with the old one.
    async fn change_password(&mut self, place: usize) {
        let (old, new) = (self.password.clone(), self.new_password());
        let message = proto::UpdateRequest {
            password: new.clone(),
            current_password: old.clone(),
            request_id: self.world.request_id(),
            ..proto::UpdateRequest::default()
        };
        let (node, session) = (self.node(), self.sessions[place].clone());
        let world = Arc::clone(&self.world);
        let login = proto::LoginRequest {
            identifier: Some(proto::login_request::Identifier::Username(
                self.name.clone(),
            )),
            password: old.clone(),
            request_id: self.world.request_id(),
            ..proto::LoginRequest::default()
        };
        let late = self.chance.random_range(0..80);
        let meanwhile = async {
            tokio::time::sleep(std::time::Duration::from_millis(late)).await;
            let answer = world.insist::<_, proto::LoginResponse>(node + 1, "Login", &login, "");
            answer.await
        };
        let (changed, opened) = tokio::join!(
            world.insist::<_, proto::UpdateResponse>(node, "Update", &message, &session.access),
            meanwhile
        );
        let opened = opened.and_then(Result::ok);
        match changed {
            Some(Ok(_)) => {
                self.note(format!("password is {new:?}"));
                self.former_passwords.push(old);
                self.password = new;
                self.close_others(Some(&session.id), "password changed");
                if let Some(tokens) = opened.and_then(|answer| answer.tokens) {
                    self.world.bury(Dead {
                        access: tokens.access_token,
                        refresh: tokens.refresh_token,
                        why: "opened with the old password",
                    });
                }
                self.check_dead_at(None).await;
            }
            Some(Err(reason)) if reason.starts_with("TOKEN_") => {
                if let Some(tokens) = opened.and_then(|answer| answer.tokens) {
                    self.open(tokens);
                }
                self.renew(place, &reason).await;
            }
            Some(Err(reason)) => self.broken("I11", format!("a new password is refused: {reason}")),
            None => {}
        }
    }

    /// Asks for a code to reset the password. False when the day's are used up, and the person begins anew.
    async fn ask_to_reset(&mut self) -> bool {
        let message = proto::RequestOtpRequest {
            email: self.email.clone(),
            purpose: OtpPurpose::ResetPassword.into(),
            request_id: self.world.request_id(),
            ..proto::RequestOtpRequest::default()
        };
        let node = self.node();
        let world = Arc::clone(&self.world);
        match world
            .insist::<_, proto::RequestOtpResponse>(node, "RequestOtp", &message, "")
            .await
        {
            Some(Ok(_)) => {
                self.was_issued(OtpPurpose::ResetPassword);
                true
            }
            Some(Err(reason)) => {
                if reason != "CODE_QUOTA_EXCEEDED" {
                    self.broken("I11", format!("a code is refused: {reason}"));
                }
                self.note("no more codes today");
                self.begin_anew();
                false
            }
            None => false,
        }
    }

    /// A code to reset the password. None when it did not come, or the day's are used up.
    async fn reset_code(&mut self) -> Option<String> {
        if self.ask_to_reset().await {
            self.code().await
        } else {
            None
        }
    }

    async fn forget_a_code(&mut self) {
        self.stale_code = self.reset_code().await;
    }

    /// Asks for codes until there are no more.
    async fn use_up_the_codes(&mut self) {
        for _ in 0..=super::DAILY {
            if self.world.history.is_over() || !self.ask_to_reset().await {
                return;
            }
        }
        self.broken("I4", "no end of codes");
    }

    fn resetting(&self, code: &str, new: &str) -> proto::ResetPasswordRequest {
        proto::ResetPasswordRequest {
            email: self.email.clone(),
            code: code.to_owned(),
            new_password: new.to_owned(),
            request_id: self.world.request_id(),
            ..proto::ResetPasswordRequest::default()
        }
    }

    async fn reset_password(&mut self) {
        self.stale_code = None;
        let Some(code) = self.reset_code().await else {
            return;
        };
        let (new, other) = (self.new_password(), self.new_password());
        let message = self.resetting(&code, &new);
        let rival = self.resetting(&code, &other);
        let node = self.node();
        let world = Arc::clone(&self.world);
        let reset = |node, message| {
            world.insist::<_, proto::ResetPasswordResponse>(node, "ResetPassword", message, "")
        };
        let (answer, new) = if self.one_in(2) {
            let answers = tokio::join!(reset(node, &message), reset(node + 1, &rival));
            match answers {
                (Some(Ok(_)), Some(Ok(_))) => {
                    self.broken("I2", "a code was taken twice");
                    return;
                }
                (_, answer @ Some(Ok(_))) => (answer, other),
                (answer, _) => (answer, new),
            }
        } else {
            (reset(node, &message).await, new)
        };
        match answer {
            Some(Ok(_)) => {
                self.note(format!("password was reset to {new:?}"));
                let old = std::mem::replace(&mut self.password, new);
                self.former_passwords.push(old);
                self.close_others(None, "password reset");
                world.history.count("* codes used");
                let again = self.resetting(&code, "a password that never is");
                let answer = world
                    .insist::<_, proto::ResetPasswordResponse>(node, "ResetPassword", &again, "")
                    .await;
                if let Some(Ok(_)) = answer {
                    self.broken("I2", "a code works twice");
                }
            }
            // Redis may have forgotten it.
            Some(Err(reason)) if reason.starts_with("CODE_") => {}
            Some(Err(reason)) => self.broken("I11", format!("a right code is refused: {reason}")),
            None => {}
        }
    }

    /// A code that is past its end by every clock.
    async fn use_stale_code(&mut self) {
        let Some(code) = self.stale_code.take() else {
            return;
        };
        let message = self.resetting(&code, "a password that never is");
        let node = self.node();
        let world = Arc::clone(&self.world);
        let answer = world
            .insist::<_, proto::ResetPasswordResponse>(node, "ResetPassword", &message, "")
            .await;
        world.history.count("* expired codes tried");
        if let Some(Ok(_)) = answer {
            self.broken("I18", "a code works an hour later");
        }
    }

    async fn log_out(&mut self, place: usize) {
        let all = self.one_in(5);
        let message = proto::LogoutRequest {
            all_sessions: all,
            request_id: self.world.request_id(),
            ..proto::LogoutRequest::default()
        };
        match self
            .change::<_, proto::LogoutResponse>(place, "Logout", &message)
            .await
        {
            Some(Ok(_)) if all => self.close_others(None, "logged out everywhere"),
            Some(Ok(_)) => self.close(place, "logged out"),
            Some(Err(reason)) => self.broken("I11", format!("a logout is refused: {reason}")),
            None => return,
        }
        self.check_dead_at(None).await;
    }

    /// Ends another session of one's own.
    async fn revoke(&mut self, place: usize) {
        let other = (place + 1) % self.sessions.len();
        if other == place {
            return;
        }
        let message = proto::RevokeSessionRequest {
            session_id: self.sessions[other].id.clone(),
            request_id: self.world.request_id(),
        };
        match self
            .change::<_, proto::RevokeSessionResponse>(place, "RevokeSession", &message)
            .await
        {
            Some(Ok(_)) => {
                let ended = self
                    .sessions
                    .iter()
                    .position(|one| one.id == message.session_id);
                if let Some(ended) = ended {
                    self.close(ended, "revoked");
                }
                self.check_dead_at(None).await;
            }
            Some(Err(reason)) => self.broken("I11", format!("a revocation is refused: {reason}")),
            None => {}
        }
    }

    /// Tries to end a session of somebody else.
    async fn revoke_foreign(&mut self, place: usize) {
        let foreign = {
            let board = self.world.sessions.lock().unwrap();
            let others = board.iter().filter(|(who, _)| **who != self.who);
            others
                .flat_map(|(_, ids)| ids)
                .choose(&mut self.chance)
                .cloned()
        };
        let Some(session_id) = foreign else {
            return;
        };
        let message = proto::RevokeSessionRequest {
            session_id,
            request_id: self.world.request_id(),
        };
        match self
            .change::<_, proto::RevokeSessionResponse>(place, "RevokeSession", &message)
            .await
        {
            Some(Ok(_)) => self.broken("I14", "somebody else's session was ended"),
            Some(Err(reason)) if reason == "SESSION_NOT_FOUND" => {}
            Some(Err(reason)) => self.broken("I14", format!("it is told as {reason}")),
            None => {}
        }
    }

    /// Registers the same address in another spelling.
    async fn register_taken(&mut self) {
        let message = proto::RegisterRequest {
            username: format!("user{}", self.world.number()),
            email: self.email.replace("example.com", "EXAMPLE.com"),
            password: String::from("a password of a stranger"),
            request_id: self.world.request_id(),
            ..proto::RegisterRequest::default()
        };
        let node = self.node();
        let world = Arc::clone(&self.world);
        let answer = world
            .insist::<_, proto::RegisterResponse>(node, "Register", &message, "")
            .await;
        match answer {
            Some(Ok(_)) => self.broken("I5", "an address has two accounts"),
            Some(Err(reason)) if reason == "EMAIL_TAKEN" => {}
            Some(Err(reason)) => self.broken("I5", format!("a taken address is told as {reason}")),
            None => {}
        }
    }

    async fn delete(&mut self, place: usize) {
        let message = proto::DeleteRequest {
            current_password: self.password.clone(),
            request_id: self.world.request_id(),
            ..proto::DeleteRequest::default()
        };
        match self
            .change::<_, proto::DeleteResponse>(place, "Delete", &message)
            .await
        {
            Some(Ok(_)) => {
                self.close_others(None, "account deleted");
                self.check_dead_at(None).await;
                self.must_be_gone().await;
                self.begin_anew();
            }
            Some(Err(reason)) => self.broken("I11", format!("a deletion is refused: {reason}")),
            None => {}
        }
    }

    async fn must_be_gone(&mut self) {
        let message = proto::LoginRequest {
            identifier: Some(proto::login_request::Identifier::Username(
                self.name.clone(),
            )),
            password: self.password.clone(),
            ..proto::LoginRequest::default()
        };
        let id = format!("Login-{}", self.world.number());
        let node = self.node();
        let world = Arc::clone(&self.world);
        let answer = world.call::<_, proto::LoginResponse>(node, "Login", &message, "", &id);
        match answer.await {
            Verdict::Done(_) => self.broken("I7", "a deleted account lets somebody in"),
            Verdict::Refused(reason) if reason != "ACCOUNT_NOT_FOUND" => {
                self.broken("I7", format!("a deleted account is told as {reason}"));
            }
            Verdict::Refused(_) | Verdict::Unknown => {}
        }
    }
}
