//! The account itself: its names, and its end.

use std::sync::Arc;

use accountd::proto;

use super::super::{
    calls::Verdict,
    person::Person,
    world::{End, Gone},
};

const DELETED: End = End {
    invariant: "I7",
    why: "account deleted",
};

impl Person {
    pub(super) async fn rename(&mut self, place: usize) {
        let full_name = format!("Name {}", self.world.number());
        let message = proto::UpdateRequest {
            full_name: full_name.clone(),
            request_id: self.world.request_id(),
            ..proto::UpdateRequest::default()
        };
        if self.is_renamed(place, &message).await {
            self.note(format!("is called {full_name:?}"));
            self.full_name = full_name;
        }
    }

    /// Whether a new name was taken; it is never refused.
    async fn is_renamed(&mut self, place: usize, message: &proto::UpdateRequest) -> bool {
        let answer = self
            .change::<_, proto::UpdateResponse>(place, "Update", message)
            .await;
        if let Some(Err(reason)) = &answer {
            self.broken("I11", format!("a new name is refused: {reason}"));
        }
        answer.is_some_and(|decided| decided.is_ok())
    }

    /// Registers the same address or the same name in another spelling.
    pub(super) async fn register_taken(&mut self) {
        let (address, name) = (self.email.clone(), self.name.to_uppercase());
        let fresh = format!("user{}", self.world.number());
        let (username, email, right) = if self.one_in(3) {
            (name, format!("{fresh}@example.com"), "USERNAME_TAKEN")
        } else {
            let email = address.replace("example.com", "EXAMPLE.com");
            (fresh, email, "EMAIL_TAKEN")
        };
        let message = proto::RegisterRequest {
            username,
            email,
            password: self.new_password(),
            request_id: self.world.request_id(),
            ..proto::RegisterRequest::default()
        };
        let answer = self
            .insist::<_, proto::RegisterResponse>("Register", &message)
            .await;
        match answer {
            Some(Ok(_)) => self.broken("I5", "a name or an address has two accounts"),
            Some(Err(reason)) if reason == right => {}
            Some(Err(reason)) => {
                self.broken("I5", format!("{right} is told as {reason}"));
            }
            None => {}
        }
    }

    pub(super) async fn delete(&mut self, place: usize) {
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
                self.close_others(None, DELETED);
                self.check_buried().await;
                let gone = self.give_up_name(Some(self.account_id.clone()));
                self.must_be_nobody(&gone).await;
                self.begin_anew();
            }
            Some(Err(reason)) => self.broken("I11", format!("a deletion is refused: {reason}")),
            None => {}
        }
    }

    /// A name that nobody has lets nobody in, and is told as such.
    pub(in super::super) async fn must_be_nobody(&mut self, gone: &Gone) {
        let message = proto::LoginRequest {
            identifier: Some(proto::login_request::Identifier::Username(
                gone.name.clone(),
            )),
            password: gone.password.clone(),
            ..proto::LoginRequest::default()
        };
        let id = format!("Login-{}", self.world.number());
        let node = self.node();
        let world = Arc::clone(&self.world);
        let answer = world.ask::<_, proto::LoginResponse>(node, "Login", &message, id);
        let name = &gone.name;
        match answer.await {
            Verdict::Done(_) => {
                let text = format!("{name}, which nobody has, lets somebody in");
                self.broken("I7", text);
            }
            Verdict::Refused(reason) if reason == "ACCOUNT_NOT_FOUND" => {
                world.history.count("* names of nobody checked");
            }
            Verdict::Refused(reason) => {
                let text = format!("{name}, which nobody has, is told as {reason}");
                self.broken("I7", text);
            }
            Verdict::Unknown => {}
        }
    }

    /// Takes another name; the one before is nobody's then.
    pub(super) async fn change_username(&mut self, place: usize) {
        let name = format!("user{}", self.world.number());
        let message = proto::UpdateRequest {
            username: name.clone(),
            request_id: self.world.request_id(),
            ..proto::UpdateRequest::default()
        };
        if self.is_renamed(place, &message).await {
            let gone = self.give_up_name(None);
            self.note(format!("{} is {name} from now on", self.name));
            self.name = name;
            self.must_be_nobody(&gone).await;
        }
    }
}
