//! New passwords, and what an old one must not do any more.

use std::{sync::Arc, time::Duration};

use accountd::proto;
use rand::RngExt as _;

use super::super::{
    person::Person,
    world::{Dead, End},
};

const CHANGED: End = End {
    invariant: "I8",
    why: "password changed",
};
const RACED: End = End {
    invariant: "I8",
    why: "opened with the old password",
};
const RESET: End = End {
    invariant: "I8",
    why: "password reset",
};

impl Person {
    /// Changes the password, while somebody logs in with the old one.
    pub(super) async fn change_password(&mut self, place: usize) {
        let (old, new) = (self.password.clone(), self.new_password());
        let message = proto::UpdateRequest {
            password: new.clone(),
            current_password: old.clone(),
            request_id: self.world.request_id(),
            ..proto::UpdateRequest::default()
        };
        let (node, session) = (self.node(), self.sessions[place].clone());
        let token = session.token();
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
            tokio::time::sleep(Duration::from_millis(late)).await;
            let answer = world.insist::<_, proto::LoginResponse>(node + 1, "Login", &login, "");
            answer.await
        };
        let (changed, opened) = tokio::join!(
            world.insist::<_, proto::UpdateResponse>(node, "Update", &message, &token),
            meanwhile
        );
        let opened = opened.and_then(Result::ok);
        match changed {
            Some(Ok(_)) => {
                self.note(format!("password is {new:?}"));
                self.former_passwords.push(old);
                self.password = new;
                self.close_others(Some(&session.id), CHANGED);
                if let Some(tokens) = opened.and_then(|answer| answer.tokens) {
                    self.bury(Dead {
                        access: tokens.access_token,
                        refresh: Some(tokens.refresh_token),
                        end: RACED,
                    });
                }
                self.check_buried().await;
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

    pub(super) fn resetting(&self, code: &str, new: &str) -> proto::ResetPasswordRequest {
        proto::ResetPasswordRequest {
            email: self.email.clone(),
            code: code.to_owned(),
            new_password: new.to_owned(),
            request_id: self.world.request_id(),
            ..proto::ResetPasswordRequest::default()
        }
    }

    pub(super) async fn reset_password(&mut self) {
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
        let (answer, new) = if self.doubles(2) {
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
                self.close_others(None, RESET);
                world.history.count("* codes used");
                let never = self.new_password();
                let again = self.resetting(&code, &never);
                let answer = world
                    .insist::<_, proto::ResetPasswordResponse>(node, "ResetPassword", &again, "")
                    .await;
                if let Some(Ok(_)) = answer {
                    self.broken("I2", "a code works twice");
                }
            }
            // A store that was killed or emptied may have forgotten it.
            Some(Err(reason)) if reason.starts_with("CODE_") && !self.world.is_calm => {}
            Some(Err(reason)) => self.broken("I11", format!("a right code is refused: {reason}")),
            None => {}
        }
    }
}
