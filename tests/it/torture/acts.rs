//! What a person does with an account, and what each answer must be.

mod account;
mod codes;
mod passwords;
mod pictures;
mod sessions;

use std::sync::{Arc, atomic::Ordering};

use accountd::proto;
use rand::RngExt as _;

use super::{
    person::Person,
    world::{Habit, World},
};

/// What everybody is in a realm that says nothing else.
const ROLE: &str = "USER";

impl Person {
    /// Does something.
    pub(super) async fn act(&mut self) {
        let Some(place) = self.any_session() else {
            return self.log_in(&self.password.clone()).await;
        };
        let draw = self.chance.random_range(0..100);
        match self.world.habit {
            Habit::Plain => match draw {
                0..40 => self.look(place).await,
                40..80 => self.rename(place).await,
                _ => self.exchange(place).await,
            },
            Habit::All => self.live_on(place, draw).await,
        }
    }

    async fn live_on(&mut self, place: usize, draw: u32) {
        let is_skewed = self.world.is_skewed.load(Ordering::SeqCst);
        if self.stale_code.is_some() && self.world.is_an_hour_late.load(Ordering::SeqCst) {
            return self.use_stale_code().await;
        }
        match draw {
            0..22 => self.look(place).await,
            22..37 => self.refresh(place).await,
            37..48 => self.check_dead().await,
            48..55 if self.sessions.len() < 6 => self.log_in(&self.password.clone()).await,
            55..59 => {
                let password = self.bad_password();
                self.log_in(&password).await;
            }
            59..64 => self.log_out(place).await,
            64..67 => self.list(place).await,
            _ if is_skewed => self.look(place).await,
            67..74 => self.rename(place).await,
            74..76 => self.change_username(place).await,
            76..78 => self.set_picture(place).await,
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
        let token = self.sessions[place].token();
        if !self.world.is_out_of_time(reason, &token) {
            self.broken("I6", format!("a live session is refused: {reason}"));
        }
        self.exchange(place).await;
    }

    async fn look(&mut self, place: usize) {
        match self.current(place).await {
            Some(Ok(account)) => self.compare(&account),
            Some(Err(reason)) => self.renew(place, &reason).await,
            None => {}
        }
    }

    /// What is told of the account is what was acknowledged last, and no more was given to it than that.
    pub(super) fn compare(&self, account: &proto::Account) {
        let found = (&account.id, &account.username, &account.full_name);
        if found != (&self.account_id, &self.name, &self.full_name) {
            let text = format!("an old or foreign account is told: {found:?}");
            self.broken("I6", text);
        }
        let picture = account.picture.as_ref().map(|picture| &picture.etag);
        if picture != self.picture.as_ref() {
            self.broken(
                "I6",
                format!("an old or foreign picture is told: {picture:?}"),
            );
        }
        let rights = (account.role.as_str(), account.state(), &account.email);
        if rights != (ROLE, proto::AccountState::Active, &self.email) {
            self.broken("I16", format!("nobody made the account this: {rights:?}"));
        }
    }

    /// Makes a call without a token, on any node, until it is decided. None when an invariant was broken before.
    pub(super) async fn insist<Q, A>(
        &mut self,
        method: &'static str,
        message: &Q,
    ) -> Option<Result<A, String>>
    where
        Q: prost::Message + Clone + 'static,
        A: prost::Message + Default + 'static,
    {
        let node = self.node();
        self.world.insist(node, method, message, "").await
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
        let (node, token) = (self.node(), self.sessions[place].token());
        let world: Arc<World> = Arc::clone(&self.world);
        match world.insist::<Q, A>(node, method, message, &token).await? {
            Err(reason) if reason.starts_with("TOKEN_") => {
                self.renew(place, &reason).await;
                None
            }
            decided => Some(decided),
        }
    }
}
